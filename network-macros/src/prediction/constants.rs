//! Networks whose widths or depths are constants, which only the compiler knows: the theory looks
//! at a grid of values, and the compiler chooses what it said of the one that is there.

use super::words::Words;
use super::{Prediction, analysed};
use crate::model::{Network, Policy};
use crate::shape::{Shape, Size};
use network_flow::{Chain, Finding, Layer, Node, Theory, Width, chain};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::collections::BTreeMap;

/// Values that are looked at. Between two of them both must agree.
const COUNTS: &[usize] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 48, 64, 100,
];
const WIDTHS: &[usize] = &[8, 16, 32, 64, 128, 256, 512, 1024];
/// The same where two constants matter.
const FEW_COUNTS: &[usize] = &[1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
const FEW_WIDTHS: &[usize] = &[16, 64, 256];
/// Values of `G` that are nearer than this, in decades, are one.
const SAME: f64 = 0.1;

/// A constant, and the values that were looked at.
struct Axis {
    text: String,
    tokens: TokenStream,
    grid: &'static [usize],
    /// Repetitions of this count.
    counts: Vec<usize>,
    /// A width.
    width: Option<Width>,
}

/// A warning whose text depends on constants.
struct Choice {
    span: Span,
    texts: Vec<String>,
    /// One more than the index of its text at each place; 0 is silence.
    by_place: Vec<usize>,
}

/// What the theory says at all points of a grid.
pub(super) struct Cases {
    axes: Vec<Axis>,
    /// The first axis moves fastest.
    predictions: Vec<Prediction>,
}

impl Cases {
    /// Looks at a network that holds constants; `None` if they do not matter, or if there are more
    /// than two of them.
    pub(super) fn new(theory: &mut Theory, network: &Network, nodes: &[Node]) -> Option<Self> {
        let mut axes: Vec<Axis> = Vec::new();
        let fields = || network.blocks.iter().flat_map(|block| &block.fields);
        for field in fields() {
            let Some((_, Size::Symbolic { tokens, text })) = &field.repeated else {
                continue;
            };
            match axes.iter_mut().find(|axis| axis.text == *text) {
                Some(axis) => axis.counts.push(field.site),
                None => axes.push(Axis {
                    text: text.clone(),
                    tokens: tokens.clone(),
                    grid: COUNTS,
                    counts: vec![field.site],
                    width: None,
                }),
            }
        }
        if axes.is_empty() && symbols(nodes).is_empty() {
            return None;
        }
        // Widths matter where a variance mixes them with others.
        let probe = assigned(nodes, &axes, &vec![2; axes.len()]);
        let probe = analysed(theory, network, probe);
        let unknown = probe.analysis.as_ref()?.prediction.unknown;
        if unknown.is_some_and(|unknown| unknown.reason.contains("width")) {
            let sizes: Vec<&Size> = fields()
                .flat_map(|field| {
                    sizes(&field.input)
                        .into_iter()
                        .chain(sizes(&field.layer.output))
                })
                .collect();
            for width in symbols(nodes) {
                let size = sizes.iter().find(|size| size.width() == width)?;
                if let Size::Symbolic { tokens, text } = size {
                    axes.push(Axis {
                        text: text.clone(),
                        tokens: tokens.clone(),
                        grid: WIDTHS,
                        counts: Vec::new(),
                        width: Some(width),
                    });
                }
            }
        }
        if !(1..=2).contains(&axes.len()) {
            return None;
        }
        if let [a, b] = &mut axes[..] {
            for axis in [a, b] {
                let count = axis.width.is_none();
                axis.grid = if count { FEW_COUNTS } else { FEW_WIDTHS };
            }
        }
        let points: usize = axes.iter().map(|axis| axis.grid.len()).product();
        let predictions = (0..points).map(|point| {
            let mut rest = point;
            let values: Vec<usize> = axes
                .iter()
                .map(|axis| {
                    let value = axis.grid[rest % axis.grid.len()];
                    rest /= axis.grid.len();
                    value
                })
                .collect();
            analysed(theory, network, assigned(nodes, &axes, &values))
        });
        let predictions: Vec<Prediction> = predictions.collect();
        // Something else may stand in the theory's way.
        let silent = predictions.iter().all(|point| {
            point.analysis.as_ref().is_none_or(|analysis| {
                analysis.prediction.decades.is_none() && analysis.findings.is_empty()
            })
        });
        (!silent).then_some(Self { axes, predictions })
    }

    /// Places on an axis: below, at, between and above its values.
    fn places(&self) -> usize {
        self.axes
            .iter()
            .map(|axis| 2 * axis.grid.len() + 1)
            .product()
    }

    /// The place of the constants, as the compiler finds it.
    fn place(&self, krate: &TokenStream) -> TokenStream {
        let (mut sum, mut stride) = (quote!(0), 1_usize);
        for axis in &self.axes {
            let (tokens, grid) = (&axis.tokens, axis.grid);
            let grid = grid.iter().map(|value| Literal::usize_unsuffixed(*value));
            let factor = Literal::usize_unsuffixed(stride);
            sum = quote!(#sum + #factor * #krate::__private::place(&[#(#grid),*], #tokens));
            stride *= 2 * axis.grid.len() + 1;
        }
        sum
    }

    /// The points around a place, and where it lies if that is not one of them; `None` outside of
    /// the grid.
    fn around(&self, place: usize) -> Option<(Vec<usize>, String)> {
        let (mut rest, mut stride) = (place, 1);
        let (mut points, mut between) = (vec![0], Vec::new());
        for axis in &self.axes {
            let n = axis.grid.len();
            let own = rest % (2 * n + 1);
            rest /= 2 * n + 1;
            let ends = match own {
                odd if odd % 2 == 1 => vec![odd / 2],
                0 => return None,
                even if even == 2 * n => return None,
                even => {
                    let (low, high) = (axis.grid[even / 2 - 1], axis.grid[even / 2]);
                    between.push(format!("`{}` lies between {low} and {high}", axis.text));
                    vec![even / 2 - 1, even / 2]
                }
            };
            points = ends
                .iter()
                .flat_map(|end| points.iter().map(move |point| point + stride * end))
                .collect();
            stride *= n;
        }
        Some((points, between.join(", ")))
    }

    /// What is worth a warning at a place: what all points around it agree on, in the words of the
    /// one where it is least.
    fn loud<'a>(&'a self, network: &'a Network, place: usize) -> Vec<(&'a Finding, Words)> {
        let Some((points, between)) = self.around(place) else {
            return Vec::new();
        };
        let mut points = points.into_iter().map(|point| &self.predictions[point]);
        let Some(first) = points.next() else {
            return Vec::new();
        };
        let others: Vec<&Prediction> = points.collect();
        let mut all = Vec::new();
        for (finding, words) in first.loud(network) {
            let mut least = (finding, words);
            let agreed = others.iter().all(|other| {
                let found = other
                    .loud(network)
                    .find(|(_, words)| words.verdict == least.1.verdict);
                found.is_some_and(|found| {
                    if found.0.value.abs() < least.0.value.abs() {
                        least = found;
                    }
                    true
                })
            });
            if agreed {
                if !between.is_empty() {
                    least
                        .1
                        .note(&format!("{between}: this is for the better end"));
                }
                all.push(least);
            }
        }
        all
    }

    /// As [`Prediction::warnings`], where the compiler chooses; errors if the network is to deny.
    pub(super) fn warnings(&self, network: &Network, krate: &TokenStream) -> TokenStream {
        if network.policy == Policy::Allow {
            return TokenStream::new();
        }
        let mut warnings: BTreeMap<(&'static str, usize), Choice> = BTreeMap::new();
        for place in 0..self.places() {
            for (finding, words) in self.loud(network, place) {
                let Choice {
                    texts, by_place, ..
                } = warnings
                    .entry((words.verdict, finding.worst))
                    .or_insert_with(|| Choice {
                        span: super::span(finding, network),
                        texts: Vec::new(),
                        by_place: vec![0; self.places()],
                    });
                let known = texts.iter().position(|text| *text == words.details);
                by_place[place] = 1 + known.unwrap_or_else(|| {
                    texts.push(words.details);
                    texts.len() - 1
                });
            }
        }
        let place = self.place(krate);
        let all = warnings.into_iter().map(|((verdict, _), choice)| {
            let Choice {
                span,
                texts,
                by_place,
            } = choice;
            let by_place = by_place.into_iter().map(Literal::usize_unsuffixed);
            let chosen = quote!([#(#by_place),*][#place]);
            if network.policy == Policy::Deny {
                let texts = texts.iter().map(|text| format!("{verdict}: {text}"));
                return quote_spanned! {span=>
                    const _: () = {
                        let texts = ["", #(#texts),*];
                        if !texts[#chosen].is_empty() {
                            ::core::panic!("{}", texts[#chosen])
                        }
                    };
                };
            }
            let name = format_ident!("{}", verdict.replace(' ', "_"), span = span);
            let numbers = (1..).map(Literal::usize_unsuffixed);
            quote! {
                #[allow(non_upper_case_globals, dead_code)]
                const _: () = {
                    struct Constants<const TEXT: usize>;
                    impl Constants<0> {
                        const #name: () = ();
                    }
                    #(
                        impl Constants<#numbers> {
                            #[deprecated(note = #texts)]
                            const #name: () = ();
                        }
                    )*
                    Constants::<{ #chosen }>::#name
                };
            }
        });
        all.collect()
    }

    /// The constant `FLOW`: at the points what theory says there, between two what both say.
    pub(super) fn constant(&self, network: &Network, krate: &TokenStream) -> TokenStream {
        let flow = quote!(#krate::flow);
        let unknown = |why: &str| quote!(#flow::Prediction { unknown: ::core::option::Option::Some(#why), ..COMMON });
        let names: Vec<String> = self
            .axes
            .iter()
            .map(|axis| format!("`{}`", axis.text))
            .collect();
        let why = format!("{} is outside of what was looked at", names.join(" or "));
        // First the points themselves.
        let points = self.predictions.iter();
        let mut cases: Vec<TokenStream> = points
            .map(|point| point.own_constant(network, krate, &quote!(..COMMON)))
            .collect();
        let outside = cases.len();
        cases.push(unknown(&why));
        let by_place: Vec<Literal> = (0..self.places())
            .map(|place| {
                let Some((points, between)) = self.around(place) else {
                    return outside;
                };
                let decades = points.iter().map(|point| {
                    let analysis = self.predictions[*point].analysis.as_ref()?;
                    analysis.prediction.decades
                });
                let all: Option<Vec<f64>> = decades.collect();
                let all = all.unwrap_or_default();
                let low = all.iter().copied().fold(f64::INFINITY, f64::min);
                let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                if high - low > SAME {
                    let why = format!("{between}, and `G` between {low:+.1} and {high:+.1}");
                    cases.push(unknown(&why));
                    return cases.len() - 1;
                }
                points[0]
            })
            .map(Literal::usize_unsuffixed)
            .collect();
        let place = self.place(krate);
        let optimizer = network.optimizer.word();
        let (names, words) = super::names(network);
        quote! {
            {
                const COMMON: #flow::Prediction = #flow::Prediction {
                    optimizer: #optimizer,
                    names: #names,
                    words: #words,
                    ..#flow::Prediction::UNKNOWN
                };
                const CASES: &[#flow::Prediction] = &[#(#cases),*];
                CASES[[#(#by_place),*][#place]]
            }
        }
    }

    /// The gain of a layer with `init = auto`; outside of the grid that of its nearest point.
    pub(super) fn gain(&self, site: usize, krate: &TokenStream) -> TokenStream {
        let first = self.predictions.first();
        let mut last = first
            .and_then(|point| point.gains.get(&site))
            .copied()
            .unwrap_or(1.0);
        let gains: Vec<Literal> = (0..self.places())
            .map(|place| {
                let around = self.around(place);
                let point = around.as_ref().and_then(|(points, _)| points.first());
                let gain = point.and_then(|point| self.predictions[*point].gains.get(&site));
                last = gain.copied().unwrap_or(last);
                Literal::f64_unsuffixed(last)
            })
            .collect();
        let place = self.place(krate);
        quote!([#(#gains),*][#place])
    }
}

/// The nodes with these values for the constants.
fn assigned(nodes: &[Node], axes: &[Axis], values: &[usize]) -> Chain {
    let width = |width: Width| {
        let mut known = axes.iter().zip(values);
        let found = known.find(|(axis, _)| axis.width == Some(width));
        found.map_or(width, |(_, value)| Width::Known(*value))
    };
    let dense = |dense: &mut network_flow::Dense| {
        for size in [
            &mut dense.fan_in,
            &mut dense.fan_out,
            &mut dense.units_in,
            &mut dense.units_out,
        ] {
            *size = width(*size);
        }
    };
    let nodes = chain::rewrite(nodes, &mut |mut node| {
        let id = node.id;
        match &mut node.layer {
            Layer::Repeat { count, .. } => {
                let mut known = axes.iter().zip(values);
                if let Some((_, value)) = known.find(|(axis, _)| axis.counts.contains(&id)) {
                    *count = *value;
                }
            }
            Layer::Dense(layer) => dense(layer),
            Layer::Residual(residual) => residual.projection.iter_mut().for_each(dense),
            _ => {}
        }
        vec![node]
    });
    Chain::new(nodes)
}

/// The widths that are constants.
fn symbols(nodes: &[Node]) -> Vec<Width> {
    let mut all = Vec::new();
    let mut note = |dense: &network_flow::Dense| {
        for width in [dense.fan_in, dense.fan_out, dense.units_in, dense.units_out] {
            if width.known().is_none() && !all.contains(&width) {
                all.push(width);
            }
        }
    };
    chain::walk(nodes, &mut |node| match &node.layer {
        Layer::Dense(dense) => note(dense),
        Layer::Residual(residual) => residual.projection.iter().for_each(&mut note),
        _ => {}
    });
    all
}

fn sizes(shape: &Shape) -> Vec<&Size> {
    match shape {
        Shape::Vector(n) => vec![n],
        Shape::Image(sizes) => sizes.iter().collect(),
        Shape::Sequence(sizes) => sizes.iter().collect(),
    }
}
