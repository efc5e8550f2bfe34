//! What the theory of signal propagation says of a network: warnings at the layers to
//! blame, the constant `FLOW`, and the gains of `init = auto`.

use crate::errors::Errors;
use crate::model::{Network, Policy, Site};
use network_flow::{Analysis, Chain, Finding, Kind, Layer, Node, Severity, Theory, chain};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashMap;
use std::fmt::Write;

/// What the theory says, ready to be written.
#[derive(Default)]
pub(crate) struct Prediction {
    analysis: Option<Analysis>,
    /// The gains of layers with `init = auto`, by site.
    pub(crate) gains: HashMap<usize, f64>,
    /// One sentence for each activation that `init = auto` cannot balance.
    limits: Vec<String>,
}

/// Analyses a network.
pub(crate) fn predict(network: &Network) -> Prediction {
    let mut theory = Theory::new();
    let mut chain = Chain::new(network.nodes.clone());
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
                        "`init = auto` finds no gain that balances `{word}`: its best multiplies the squared norm by {:.2}, and small errors by {:.2}",
                        limit.chi, limit.elasticity
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
    prediction
}

impl Prediction {
    /// Under `#[gradient_flow(deny)]`: findings become errors.
    pub(crate) fn report(&self, network: &Network, errors: &mut Errors) {
        if network.policy == Policy::Deny {
            for finding in self.loud(network) {
                let text = self.describe(finding, &network.sites);
                errors.report(network.sites[finding.worst].span, text, "");
            }
        }
    }

    /// Under `#[gradient_flow(warn)]`: one compiler warning for each cause.
    ///
    /// Stable Rust has no warnings from macros; the use of a deprecated constant is one.
    pub(crate) fn warnings(&self, network: &Network) -> TokenStream {
        if network.policy != Policy::Warn {
            return TokenStream::new();
        }
        self.loud(network)
            .map(|finding| {
                let span = network.sites[finding.worst].span;
                let verdict = format_ident!("{}", constant(finding.kind), span = span);
                let text = format!("\n{}", self.describe(finding, &network.sites));
                quote! {
                    #[allow(non_upper_case_globals)]
                    const _: () = {
                        #[deprecated(note = #text)]
                        const #verdict: () = ();
                        #verdict
                    };
                }
            })
            .collect()
    }

    /// Findings worth a warning that the user did not silence.
    fn loud<'a>(&'a self, network: &'a Network) -> impl Iterator<Item = &'a Finding> {
        self.analysis
            .iter()
            .flat_map(|analysis| &analysis.findings)
            .filter(|finding| finding.severity >= Severity::Warn)
            .filter(|finding| !network.sites[finding.worst].allowed)
    }

    /// The constant `FLOW`.
    pub(crate) fn constant(&self, network: &Network, krate: &TokenStream) -> TokenStream {
        let flow = quote!(#krate::flow);
        let Some(analysis) = &self.analysis else {
            return quote!(#flow::Prediction::UNKNOWN);
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
        let mut records = Vec::with_capacity(24 * prediction.layers.len());
        for layer in &prediction.layers {
            records.extend((layer.id as u32).to_le_bytes());
            let numbers = [
                layer.factor,
                layer.gradient,
                layer.second_moment,
                layer.mean,
                layer.cosine,
            ];
            for number in numbers {
                records.extend((number as f32).to_le_bytes());
            }
        }
        let records = Literal::byte_string(&records);
        let findings = analysis.findings.iter().map(|finding| {
            let severity = match finding.severity {
                Severity::Note => quote!(Note),
                Severity::Warn => quote!(Warning),
                Severity::Error => quote!(Error),
            };
            let kind = constant(finding.kind).replace('_', " ");
            let layer = &network.sites[finding.worst].name;
            let text = self.describe(finding, &network.sites);
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
                names: &[#(#names),*],
                words: &[#(#words),*],
                records: #records,
            }
        }
    }

    /// A finding in words: what, how much, why, and edits that the theory has tried.
    fn describe(&self, finding: &Finding, sites: &[Site]) -> String {
        let mut text = headline(finding, sites);
        if let Some((count, factor)) = finding.per_layer {
            let word = &sites[finding.worst].word;
            let these = if count == 1 {
                "this".to_owned()
            } else {
                format!("each of these {count}")
            };
            let factor = short(factor);
            let _ = write!(
                text,
                "\n{these} `{word}` multiplies its squared norm by about {factor}"
            );
        }
        for limit in &self.limits {
            let _ = write!(text, "\n{limit}");
        }
        let remedies: Vec<String> = finding
            .remedies
            .iter()
            .take(3)
            .map(ToString::to_string)
            .collect();
        if !remedies.is_empty() {
            let _ = write!(text, "\nhelp: {}", remedies.join(";  or "));
        }
        text
    }
}

/// The first line of a finding.
fn headline(finding: &Finding, sites: &[Site]) -> String {
    let value = finding.value.abs();
    let interval = finding.deviation.map_or_else(String::new, |deviation| {
        format!(" (+-{:.1})", deviation.max(0.1))
    });
    let name = &sites[finding.worst].name;
    match finding.kind {
        Kind::NoGradient => {
            format!("no gradient arrives before `{name}`: its weights are all equal")
        }
        Kind::Vanishing => format!(
            "gradient will vanish: {value:.1} decades{interval} are lost between the last layer and the first"
        ),
        Kind::Exploding => format!(
            "gradient will explode: it grows by {value:.1} decades{interval} between the last layer and the first"
        ),
        Kind::BatchNormChain => format!(
            "gradient will explode: batch norms without skips make it grow by {value:.1} decades{interval}"
        ),
        Kind::ResidualGrowth => format!(
            "gradient will explode: residual blocks without norm or scale make it grow by {value:.1} decades{interval}"
        ),
        Kind::RecurrentMemory => {
            format!("`{name}` loses {value:.1} decades of gradient over its sequence")
        }
        Kind::Collapse => format!(
            "inputs collapse: the cosine between unrelated inputs is {:.3} at the last hidden layer",
            finding.value
        ),
        Kind::BornDead => format!(
            "layers may be born dead: with probability {:.2} one of them is silent for a given input",
            finding.value
        ),
        Kind::Saturation => {
            format!("`{name}` is saturated from the start: most units sit where it is flat")
        }
        Kind::InitMismatch => format!("the initialisation before `{name}` does not fit it"),
        Kind::Underflow => format!("gradients underflow `f32`: {value:.0} decades are lost"),
        Kind::BiasBeforeBatchNorm => {
            format!(
                "the bias of `{name}` has no effect: the batch norm after it subtracts it again"
            )
        }
        Kind::SoftmaxBeforeLoss => {
            "`softmax` stands before a loss that applies it itself".to_owned()
        }
        other => format!("{other:?}"),
    }
}

/// The name of the constant whose use is the warning: rustc prints it.
fn constant(kind: Kind) -> &'static str {
    match kind {
        Kind::NoGradient => "no_gradient_arrives",
        Kind::Vanishing => "gradient_will_vanish",
        Kind::Exploding | Kind::BatchNormChain | Kind::ResidualGrowth => "gradient_will_explode",
        Kind::RecurrentMemory => "memory_is_short",
        Kind::Collapse => "inputs_collapse",
        Kind::BornDead => "layers_born_dead",
        Kind::Saturation => "saturated_from_the_start",
        Kind::InitMismatch => "init_does_not_fit",
        Kind::Underflow => "gradients_underflow",
        Kind::BiasBeforeBatchNorm => "bias_without_effect",
        Kind::SoftmaxBeforeLoss => "softmax_twice",
        _ => "gradient_flow",
    }
}

/// Two significant digits.
fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let digits = (1.0 - number.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{number:.digits$}")
}
