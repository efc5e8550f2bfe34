//! Edits that the theory has evaluated, as replacements in the declaration's text: what a report
//! proposes when a running network shows the trouble.

use crate::model::Site;
use crate::prediction::remedy_text;
use crate::source::Source;
use crate::typing::typed;
use network_flow::{
    Activation, Analysis, Chain, Edit, Finding, Kind, Layer, Remedy, Severity, Theory, chain,
};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Executed layers up to which a network without findings gets edits too: more would cost the
/// compiler tens of milliseconds for each network.
const MOST_LAYERS: usize = 2_500;

/// The constant `REMEDIES`.
pub(crate) fn constant(
    menu: &[(TokenStream, Remedy)],
    sites: &[Site],
    source: &Source,
    krate: &TokenStream,
) -> TokenStream {
    let rows = menu.iter().map(|(change, remedy)| {
        let text = remedy_text(remedy, sites);
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
