//! Edits that the theory has evaluated, as replacements in the declaration's text: what a report
//! proposes when a running network shows the trouble.

use crate::source::{Place, Source};
use network_flow::{
    Activation, Analysis, Chain, Edit, Finding, Kind, Layer, Remedy, Severity, Theory, chain,
};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Executed layers up to which a network without findings gets edits too: more would cost the
/// compiler tens of milliseconds for each network.
const MOST_LAYERS: usize = 2_500;

/// Text that takes the place of a range.
type Replacement = (usize, usize, String);

/// The constant `REMEDIES`.
pub(crate) fn constant(
    menu: &[(TokenStream, Remedy)],
    source: &Source,
    krate: &TokenStream,
) -> TokenStream {
    let rows = menu.iter().map(|(change, remedy)| {
        let texts: Vec<String> = remedy.edits.iter().map(ToString::to_string).collect();
        let text = texts.join(" with ");
        let number = |number: Option<f64>| match number.filter(|number| number.is_finite()) {
            Some(number) => {
                let sign = number.is_sign_negative().then(|| quote!(-));
                let literal = Literal::f64_unsuffixed(number.abs());
                quote!(::core::option::Option::Some(#sign #literal))
            }
            None => quote!(::core::option::Option::None),
        };
        let (decades, deviation) = (number(remedy.decades), number(remedy.deviation));
        let replacements = typed(source, remedy).into_iter();
        let replacements = replacements.map(|(start, end, text)| quote!((#start, #end, #text)));
        quote! {
            #krate::flow::Remedy {
                change: #krate::flow::Change::#change,
                text: #text,
                decades: #decades,
                deviation: #deviation,
                replacements: &[#(#replacements),*],
            }
        }
    });
    quote! { const REMEDIES: &'static [#krate::flow::Remedy] = &[#(#rows),*]; }
}

/// Edits that balance the gradient, and those that keep units alive.
pub(crate) fn menu(
    theory: &mut Theory,
    chain: &Chain,
    analysis: &Analysis,
) -> Vec<(TokenStream, Remedy)> {
    let prediction = &analysis.prediction;
    let mut activations = Vec::new();
    let mut can_die = Vec::new();
    chain::walk(&chain.nodes, &mut |node| {
        if let Layer::Activation(activation) = &node.layer {
            activations.push(node.id);
            if matches!(activation, Activation::Relu | Activation::Relu6) {
                can_die.push(node.id);
            }
        }
    });
    if activations.is_empty() {
        return Vec::new();
    }
    let decades = prediction.decades.unwrap_or(0.0);
    let kind = if decades > 0.0 {
        Kind::Exploding
    } else {
        Kind::Vanishing
    };
    let mut wanted = vec![(kind, activations)];
    if !can_die.is_empty() {
        wanted.push((Kind::BornDead, can_die));
    }
    let mut menu = Vec::new();
    for (kind, nodes) in wanted {
        // What the compiler's warning says was evaluated already.
        let known = analysis
            .findings
            .iter()
            .find(|finding| finding.kind == kind);
        if let Some(known) = known.filter(|known| !known.remedies.is_empty()) {
            let remedies = known.remedies.iter();
            menu.extend(remedies.map(|remedy| (change(kind, remedy), remedy.clone())));
            continue;
        }
        // What theory finds fault with is searched anyway; the rest must not take long.
        if prediction.layers.len() > MOST_LAYERS {
            continue;
        }
        let finding = Finding {
            kind,
            severity: Severity::Warn,
            worst: nodes[0],
            nodes,
            value: decades,
            deviation: prediction.deviation,
            threshold: 0.0,
            per_layer: None,
            also: Vec::new(),
            remedies: Vec::new(),
        };
        for remedy in theory.remedies(chain, &finding) {
            // Wider layers die as well, later.
            let wider = remedy
                .edits
                .iter()
                .any(|edit| matches!(edit, Edit::Widen { .. }));
            if !wider {
                menu.push((change(kind, &remedy), remedy));
            }
        }
    }
    menu
}

/// What a remedy changes.
fn change(kind: Kind, remedy: &Remedy) -> TokenStream {
    let has = |wanted: fn(&Edit) -> bool| remedy.edits.iter().any(wanted);
    if kind == Kind::BornDead {
        quote!(Alive)
    } else if has(|edit| matches!(edit, Edit::Residual { .. } | Edit::Scale { .. })) {
        quote!(Skip)
    } else if has(|edit| matches!(edit, Edit::BatchNorm { .. } | Edit::LayerNorm { .. })) {
        quote!(Norm)
    } else if has(|edit| matches!(edit, Edit::Activation { .. })) {
        quote!(Activation)
    } else {
        quote!(Init)
    }
}

/// A remedy typed into the declaration; nothing if a part of it cannot be.
fn typed(source: &Source, remedy: &Remedy) -> Vec<Replacement> {
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
        Edit::Scale { nodes, .. } => {
            let scale = |node: &usize| {
                let place = place(node)?;
                // Other arguments would be lost.
                (place.end == place.word_end).then(|| (place.start, place.end, text.clone()))
            };
            nodes.iter().map(scale).collect()
        }
        _ => None,
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
