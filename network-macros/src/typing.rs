//! Edits typed into a declaration: text that takes the place of ranges of its source.

use crate::source::{Place, Source};
use network_flow::{Edit, Remedy};

/// First byte, byte after the last, and the text that takes their place.
pub(crate) type Replacement = (usize, usize, String);

/// A remedy typed into the declaration; nothing if a part of it cannot be.
pub(crate) fn typed(source: &Source, remedy: &Remedy) -> Vec<Replacement> {
    let typed: Option<Vec<Vec<Replacement>>> =
        remedy.edits.iter().map(|edit| one(source, edit)).collect();
    let mut all = typed.unwrap_or_default().concat();
    // Of what is inserted at one place, a block opens around the rest.
    all.sort_by_key(|(start, end, text)| (*start, *end, !text.starts_with("residual")));
    all
}

fn one(source: &Source, edit: &Edit) -> Option<Vec<Replacement>> {
    let place = |node: &usize| source.places.get(*node)?.as_ref();
    let text = edit.to_string().replace('`', "");
    let call = |node: &usize| {
        let Place { start, end, .. } = place(node)?;
        Some((*start, *end, text.clone()))
    };
    let before = |nodes: &[usize], word: &str| {
        let insert = |node: &usize| place(node).map(|p| (p.start, p.start, format!("{word} -> ")));
        nodes.iter().map(insert).collect()
    };
    let changed = |node: &usize| {
        let Place { start, end, .. } = place(node)?;
        let written = source.text.get(*start..*end)?;
        Some((*start, *end, rewritten(written, edit)?))
    };
    match edit {
        Edit::Activation { nodes, .. } => nodes.iter().map(call).collect(),
        Edit::Init { .. } => inits(source, &text),
        Edit::BatchNorm { before: nodes } => before(nodes, "batch_norm"),
        Edit::LayerNorm { before: nodes } => before(nodes, "layer_norm"),
        Edit::Residual { around } => {
            let mut all = Vec::new();
            for (first, last) in around {
                let (first, last) = (place(first)?.start, place(last)?.body_end);
                all.push((first, first, "residual { ".to_owned()));
                all.push((last, last, " }".to_owned()));
            }
            Some(all)
        }
        Edit::Scale { nodes, .. } | Edit::RemoveBias { nodes } | Edit::Widen { nodes, .. } => {
            nodes.iter().map(changed).collect()
        }
        Edit::Chrono { node, .. } | Edit::Lstm { node } => Some(vec![changed(node)?]),
        Edit::RemoveSoftmax { node } => {
            let Place { start, end, .. } = place(node)?;
            let before = source.text.get(..*start)?.trim_end();
            let (start, mut end) = match before.strip_suffix("->") {
                Some(before) => (before.trim_end().len(), *end),
                None => (*start, *end),
            };
            // A statement of its own goes with its end.
            if !before.ends_with("->") && source.text.get(end..)?.starts_with(';') {
                end += 1;
            }
            Some(vec![(start, end, String::new())])
        }
        _ => None,
    }
}

/// A call, such as `dense(64)`, as it is written after an edit of its arguments.
pub(crate) fn rewritten(call: &str, edit: &Edit) -> Option<String> {
    let mut call = Written::read(call);
    match edit {
        Edit::Scale { to, .. } => call.set("scale", &to.to_string()),
        Edit::RemoveBias { .. } => call.set("bias", "false"),
        Edit::Widen { to, .. } => *call.arguments.first_mut()? = to.to_string(),
        Edit::Chrono { gate, .. } => {
            call.leave_out(&["bias"]);
            call.set(gate, "chrono");
        }
        Edit::Lstm { .. } => {
            "lstm".clone_into(&mut call.word);
            call.leave_out(&["bias", "activation", "recurrent_init"]);
            call.set("forget_bias", "chrono");
        }
        _ => return None,
    }
    Some(call.text())
}

/// A call in parts.
struct Written {
    word: String,
    arguments: Vec<String>,
}

impl Written {
    fn read(call: &str) -> Self {
        let (word, rest) = call.split_once('(').unwrap_or((call, ""));
        let rest = rest.trim_end().strip_suffix(')').unwrap_or(rest);
        let (mut arguments, mut depth, mut from) = (Vec::new(), 0, 0);
        for (at, c) in rest.char_indices() {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                ',' if depth == 0 => {
                    arguments.push(rest[from..at].trim().to_owned());
                    from = at + 1;
                }
                _ => {}
            }
        }
        arguments.push(rest[from..].trim().to_owned());
        arguments.retain(|argument| !argument.is_empty());
        Self {
            word: word.trim().to_owned(),
            arguments,
        }
    }

    fn leave_out(&mut self, names: &[&str]) {
        self.arguments.retain(|argument| {
            let name = argument.split_once('=').map(|(name, _)| name.trim());
            name.is_none_or(|name| !names.contains(&name))
        });
    }

    fn set(&mut self, name: &str, value: &str) {
        self.leave_out(&[name]);
        self.arguments.push(format!("{name} = {value}"));
    }

    fn text(&self) -> String {
        format!("{}({})", self.word, self.arguments.join(", "))
    }
}

/// Every `init = ..` that is written gives way to the new one.
fn inits(source: &Source, new: &str) -> Option<Vec<Replacement>> {
    let body = source.text.get(source.open..)?;
    let mut all = Vec::new();
    let mut set = false;
    for (at, _) in body.match_indices("init") {
        let start = source.open + at;
        let rest = &source.text[start..];
        let whole = !body[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let after = rest[4..].trim_start();
        if !whole || !after.starts_with('=') {
            continue;
        }
        let mut depth = 0;
        let length = rest.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth < 0 || c == ';' || (c == ',' && depth == 0)
        })?;
        let end = start + length;
        if rest[length..].starts_with(';') && !set {
            set = true;
            all.push((start, end, new.to_owned()));
        } else if rest[length..].starts_with(';') {
            all.push((start, end + 1, String::new()));
        } else {
            all.push((start, end, new.to_owned()));
        }
    }
    if !set {
        let indent: String = body.chars().take_while(|c| c.is_whitespace()).collect();
        let blank = if indent.is_empty() { " " } else { &indent };
        all.push((source.open, source.open, format!("{blank}{new};")));
    }
    Some(all)
}
