//! What the theory of signal propagation says of a network: warnings at the layers to
//! blame, the constant `FLOW`, and the gains of `init = auto`.

mod constants;
mod words;

use crate::errors::Errors;
use crate::model::{Network, Policy};
use crate::remedies;
use crate::shape::Size;
use constants::Cases;
use network_flow::{Analysis, Chain, Finding, Kind, Layer, Node, Remedy, Severity, Theory, chain};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use std::collections::HashMap;
pub(crate) use words::remedy_text;
use words::{Words, short};

/// What the theory says, ready to be written.
#[derive(Default)]
pub(crate) struct Prediction {
    pub(crate) analysis: Option<Analysis>,
    /// The gains of layers with `init = auto`, by site.
    gains: HashMap<usize, f64>,
    /// One sentence for each activation that `init = auto` cannot balance.
    limits: Vec<String>,
    /// What a report proposes when the running network shows the trouble.
    pub(crate) menu: Vec<(TokenStream, Remedy)>,
    /// What it depends on, if constants decide.
    cases: Option<Cases>,
}

/// Analyses a network.
pub(crate) fn predict(network: &Network) -> Prediction {
    let mut theory = Theory::new();
    let cases = Cases::new(&mut theory, network, &network.nodes);
    let unknown_counts: Vec<usize> = network
        .blocks
        .iter()
        .flat_map(|block| &block.fields)
        .filter(|field| matches!(field.repeated, Some((_, Size::Symbolic { .. }))))
        .map(|field| field.site)
        .collect();
    let nodes = chain::rewrite(&network.nodes, &mut |mut node: Node| {
        if unknown_counts.contains(&node.id) {
            node.layer = Layer::Opaque;
        }
        vec![node]
    });
    let chain = Chain::new(nodes);
    let mut prediction = analysed(&mut theory, network, chain.clone());
    prediction.cases = cases;
    if let Some(analysis) = &prediction.analysis {
        let chain = Chain {
            optimizer: network.optimizer,
            ..chain
        };
        prediction.menu = remedies::menu(&mut theory, &chain, analysis);
    }
    prediction
}

/// What the theory says of a chain.
fn analysed(theory: &mut Theory, network: &Network, mut chain: Chain) -> Prediction {
    chain.optimizer = network.optimizer;
    let analysis = theory.analyse(&chain).ok();
    let auto = (0..network.sites.len()).filter(|site| network.sites[*site].auto.is_some());
    let mut prediction = Prediction {
        gains: auto.map(|site| (site, 1.0)).collect(),
        ..Prediction::default()
    };
    if let Some(analysis) = analysis {
        prediction.gains.extend(analysis.gains.iter().copied());
        let limits = analysis.limits.iter().map(|limit| {
            format!(
                "no gain balances `{}`: the best multiplies the squared norm by {}, and small errors by {}",
                network.sites[limit.id].word,
                short(limit.chi),
                short(limit.elasticity)
            )
        });
        prediction.limits = limits.collect();
        prediction.limits.dedup();
        prediction.analysis = Some(analysis);
    }
    prediction
}

/// The names and words of all sites, as slices.
fn names(network: &Network) -> (TokenStream, TokenStream) {
    let names = network.sites.iter().map(|site| &site.name);
    let words = network.sites.iter().map(|site| &site.word);
    (quote!(&[#(#names),*]), quote!(&[#(#words),*]))
}

/// Where a finding is shown: at the layer to blame, or at the `auto` that cannot do its work.
fn span(finding: &Finding, network: &Network) -> Span {
    let site = &network.sites[finding.worst];
    let mut before = network.sites[..finding.worst].iter().rev();
    let auto = before.find_map(|site| site.auto);
    match (finding.kind, auto) {
        (Kind::NoBalance, Some(auto)) => auto,
        _ => site.span,
    }
}

impl Prediction {
    /// Under `#[gradient_flow(deny)]`: findings become errors.
    pub(crate) fn report(&self, network: &Network, errors: &mut Errors) {
        if network.policy == Policy::Deny && self.cases.is_none() {
            for (finding, words) in self.loud(network) {
                errors.report(span(finding, network), words.message(), "");
            }
        }
    }

    /// Under `#[gradient_flow(warn)]` and `note`: one compiler warning for each cause.
    ///
    /// Stable Rust has no warnings from macros; the use of a deprecated constant is one.
    pub(crate) fn warnings(&self, network: &Network, krate: &TokenStream) -> TokenStream {
        if let Some(cases) = &self.cases {
            return cases.warnings(network, krate);
        }
        if !matches!(network.policy, Policy::Note | Policy::Warn) {
            return TokenStream::new();
        }
        self.loud(network)
            .map(|(finding, Words { verdict, details })| {
                let span = span(finding, network);
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

    /// The gain of a layer with `init = auto`.
    pub(crate) fn gain(&self, site: usize, krate: &TokenStream) -> Option<TokenStream> {
        let gain = self.gains.get(&site)?;
        Some(match &self.cases {
            Some(cases) => cases.gain(site, krate),
            None => Literal::f64_unsuffixed(*gain).into_token_stream(),
        })
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
        if let Some(cases) = &self.cases {
            return cases.constant(network, krate);
        }
        let optimizer = network.optimizer.word();
        let (names, words) = names(network);
        let common = quote! {
            optimizer: #optimizer,
            names: #names,
            words: #words,
        };
        self.own_constant(network, krate, &common)
    }

    /// A prediction with these `common` fields.
    fn own_constant(
        &self,
        network: &Network,
        krate: &TokenStream,
        common: &TokenStream,
    ) -> TokenStream {
        let flow = quote!(#krate::flow);
        let Some(analysis) = &self.analysis else {
            let optimizer = network.optimizer.word();
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
                findings: &[#(#findings),*],
                records: #records,
                #common
            }
        }
    }
}
