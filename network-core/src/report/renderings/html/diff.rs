//! The lines of a declaration that an edit changes, with some around them.

use super::escape;
use crate::report::renderings::diff::{Line, compare, dedent};
use core::fmt::Write;

/// Unchanged lines around a change.
const CONTEXT: usize = 1;

/// The changed lines with some around them, as HTML; empty if nothing changes.
pub(super) fn diff(old: &str, new: &str) -> String {
    let (old, new) = (dedent(old), dedent(new));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = compare(&old, &new);
    let changed: Vec<bool> = lines
        .iter()
        .map(|line| !matches!(line, Line::Kept(_)))
        .collect();
    let near = |index: usize| {
        let from = index.saturating_sub(CONTEXT);
        let to = (index + CONTEXT + 1).min(lines.len());
        changed[from..to].contains(&true)
    };
    let mut html = String::new();
    let mut gap = false;
    for (index, line) in lines.iter().enumerate() {
        if !near(index) {
            gap = true;
            continue;
        }
        if gap && !html.is_empty() {
            html.push_str("<span class=gap>⋯</span>");
        }
        gap = false;
        let (class, sign, text) = match line {
            Line::Kept(text) => ("kept", ' ', text),
            Line::Removed(text) => ("removed", '-', text),
            Line::Added(text) => ("added", '+', text),
        };
        let _ = write!(html, "<span class={class}>{sign} {}</span>", escape(text));
    }
    if html.is_empty() {
        html
    } else {
        format!("<pre class=diff>{html}</pre>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_lines_and_their_neighbours_are_shown() {
        let old = "a\nb\nc\nd\ne\nf\ng";
        let new = "a\nb\nc\nD\ne\nf\nh\ng";
        assert_eq!(
            diff(old, new),
            "<pre class=diff><span class=kept>  c</span><span class=removed>- d</span>\
             <span class=added>+ D</span><span class=kept>  e</span>\
             <span class=kept>  f</span><span class=added>+ h</span>\
             <span class=kept>  g</span></pre>"
        );
        assert_eq!(diff(old, old), "");
    }
}
