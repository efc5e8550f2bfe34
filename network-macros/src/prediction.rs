//! What the theory of signal propagation says of a network: warnings at the layers to
//! blame, the constant `FLOW`, and the gains of `init = auto`.

mod words;

use crate::errors::Errors;
use crate::model::{Network, Policy};
use crate::remedies;
use network_flow::{Analysis, Chain, Finding, Layer, Node, Remedy, Severity, Theory, chain};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashMap;
pub(crate) use words::remedy_text;
use words::{Words, short};

/// What the theory says, ready to be written.
#[derive(Default)]
pub(crate) struct Prediction {
    pub(crate) analysis: Option<Analysis>,
    /// The gains of layers with `init = auto`, by site.
    pub(crate) gains: HashMap<usize, f64>,
    /// One sentence for each activation that `init = auto` cannot balance.
    limits: Vec<String>,
    /// What a report proposes when the running network shows the trouble.
    pub(crate) menu: Vec<(TokenStream, Remedy)>,
}

/// Analyses a network.
pub(crate) fn predict(network: &Network) -> Prediction {
    let mut theory = Theory::new();
    let mut chain = Chain::new(network.nodes.clone());
    chain.optimizer = network.optimizer;
    let mut prediction = Prediction::default();
    let auto: Vec<usize> = network
        .blocks
        .iter()
        .flat_map(|block| &block.fields)
        .filter(|field| field.layer.auto)
        .map(|field| field.site)
        .collect();
    if !auto.is_empty() {
        prediction
            .gains
            .extend(auto.iter().map(|site| (*site, 1.0)));
        if let Ok(found) = theory.auto_init(&chain) {
            let wanted = found.gains.iter().filter(|(site, _)| auto.contains(site));
            prediction.gains.extend(wanted.copied());
            prediction.limits = found
                .limits
                .iter()
                .map(|limit| {
                    let word = &network.sites[limit.id].word;
                    format!(
                        "`init = auto` finds no gain that balances `{word}`: the best multiplies the squared norm by {}, and small errors by {}",
                        short(limit.chi),
                        short(limit.elasticity)
                    )
                })
                .collect();
            prediction.limits.dedup();
        }
        let gains = &prediction.gains;
        chain.nodes = chain::rewrite(&chain.nodes, &mut |mut node: Node| {
            if let (Some(gain), Layer::Dense(dense)) = (gains.get(&node.id), &mut node.layer) {
                dense.gain = *gain;
            }
            vec![node]
        });
    }
    prediction.analysis = theory.analyse(&chain).ok();
    if let Some(analysis) = &prediction.analysis {
        prediction.menu = remedies::menu(&mut theory, &chain, analysis);
    }
    prediction
}

impl Prediction {
    /// Under `#[gradient_flow(deny)]`: findings become errors.
    pub(crate) fn report(&self, network: &Network, errors: &mut Errors) {
        if network.policy == Policy::Deny {
            for (finding, words) in self.loud(network) {
                errors.report(network.sites[finding.worst].span, words.message(), "");
            }
        }
    }

    /// Under `#[gradient_flow(warn)]` and `note`: one compiler warning for each cause.
    ///
    /// Stable Rust has no warnings from macros; the use of a deprecated constant is one.
    pub(crate) fn warnings(&self, network: &Network) -> TokenStream {
        if !matches!(network.policy, Policy::Note | Policy::Warn) {
            return TokenStream::new();
        }
        self.loud(network)
            .map(|(finding, Words { verdict, details })| {
                let span = network.sites[finding.worst].span;
                let name = format_ident!("{}", verdict.replace(' ', "_"), span = span);
                quote! {
                    #[allow(non_upper_case_globals)]
                    const _: () = {
                        #[deprecated(note = #details)]
                        const #name: () = ();
                        #name
                    };
                }
            })
            .collect()
    }

    /// Findings worth a warning that the user did not silence.
    fn loud<'a>(&'a self, network: &'a Network) -> impl Iterator<Item = (&'a Finding, Words)> {
        let least = match network.policy {
            Policy::Note => Severity::Note,
            _ => Severity::Warn,
        };
        self.findings(network)
            .filter(move |(finding, _)| finding.severity >= least)
            .filter(|(finding, _)| !network.sites[finding.worst].allowed)
    }

    /// All findings, in words.
    fn findings<'a>(&'a self, network: &'a Network) -> impl Iterator<Item = (&'a Finding, Words)> {
        self.analysis.iter().flat_map(|analysis| {
            analysis.findings.iter().map(|finding| {
                let words = Words::new(finding, analysis, &network.sites, &self.limits);
                (finding, words)
            })
        })
    }

    /// The constant `FLOW`.
    pub(crate) fn constant(&self, network: &Network, krate: &TokenStream) -> TokenStream {
        let flow = quote!(#krate::flow);
        let optimizer = network.optimizer.word();
        let Some(analysis) = &self.analysis else {
            return quote!(#flow::Prediction { optimizer: #optimizer, ..#flow::Prediction::UNKNOWN });
        };
        let prediction = &analysis.prediction;
        let number = |number: Option<f64>| match number {
            Some(number) if number.is_finite() => {
                let literal = Literal::f64_unsuffixed(number.abs());
                let sign = number.is_sign_negative().then(|| quote!(-));
                quote!(::core::option::Option::Some(#sign #literal))
            }
            Some(number) if number < 0.0 => quote!(::core::option::Option::Some(f64::NEG_INFINITY)),
            _ => quote!(::core::option::Option::None),
        };
        let (decades, deviation) = (number(prediction.decades), number(prediction.deviation));
        let unknown = match &prediction.unknown {
            Some(unknown) => {
                let text = format!("`{}`: {}", network.sites[unknown.id].name, unknown.reason);
                quote!(::core::option::Option::Some(#text))
            }
            None => quote!(::core::option::Option::None),
        };
        let names = network.sites.iter().map(|site| &site.name);
        let words = network.sites.iter().map(|site| &site.word);
        let mut records = Vec::with_capacity(32 * prediction.layers.len());
        for layer in &prediction.layers {
            let trunk = u32::from(layer.trunk) << 31;
            records.extend((layer.id as u32 | trunk).to_le_bytes());
            let numbers = [
                layer.factor,
                layer.gradient,
                layer.second_moment,
                layer.mean,
                layer.cosine,
                layer.gradient_deviation.unwrap_or(f64::NAN),
                layer.forward_deviation.unwrap_or(f64::NAN),
            ];
            for number in numbers {
                records.extend((number as f32).to_le_bytes());
            }
        }
        let records = Literal::byte_string(&records);
        let findings = self.findings(network).map(|(finding, words)| {
            let severity = match finding.severity {
                Severity::Note => quote!(Note),
                Severity::Warn => quote!(Warning),
                Severity::Error => quote!(Error),
            };
            let (kind, text) = (words.verdict, words.message());
            let layer = &network.sites[finding.worst].name;
            quote! {
                #flow::Finding {
                    kind: #kind,
                    severity: #flow::Severity::#severity,
                    layer: #layer,
                    text: #text,
                }
            }
        });
        quote! {
            #flow::Prediction {
                decades: #decades,
                deviation: #deviation,
                unknown: #unknown,
                optimizer: #optimizer,
                findings: &[#(#findings),*],
                names: &[#(#names),*],
                words: &[#(#words),*],
                records: #records,
            }
        }
    }
}
