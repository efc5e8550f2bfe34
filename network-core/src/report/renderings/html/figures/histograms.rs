//! How a layer's outputs and gradients are spread, and how that changes.

use super::Figure;
use crate::format::{count, digits, power_of_ten};
use crate::report::renderings::html::escape;
use crate::report::renderings::html::view::{View, evenly};
use crate::report::{Gradients, Histogram, LayerFlow};
use core::fmt::Write;

/// Layers that get a panel.
const LAYERS: usize = 12;
/// Ridges of a panel.
const RIDGES: usize = 9;
/// Size of a panel in its own units.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 160.0;
/// How high the fullest bin of a panel stands.
const PEAK: f64 = 56.0;

/// Edges of bins on an axis, and the bins.
type Curve<'a> = (Vec<f64>, &'a Histogram);

/// One curve: places on the axis and counts, of one reading.
struct Ridge {
    step: u64,
    edges: Vec<f64>,
    shares: Vec<f64>,
}

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let mut layers: Vec<usize> = evenly(view.rows.len(), LAYERS)
        .map(|i| view.rows[i])
        .collect();
    let blamed = view
        .flow
        .findings
        .iter()
        .filter_map(|finding| finding.layer);
    layers.extend(
        blamed
            .filter(|layer| *layer < view.flow.layers.len())
            .take(3),
    );
    layers.sort_unstable();
    layers.dedup();
    if layers.is_empty() {
        return None;
    }
    let mut body = "<div class=ridges>".to_owned();
    for layer in layers {
        let _ = write!(
            body,
            "<section><h4 title=\"{name}\">{name}</h4>",
            name = escape(view.name(layer))
        );
        body.push_str(&panel("outputs", &ridges(view, layer, activations), false));
        if view.flow.layers[layer].is_trained() {
            body.push_str(&panel("gradient", &ridges(view, layer, gradients), true));
        }
        body.push_str("</section>");
    }
    body.push_str("</div><p class=legend><span>first reading</span><span class=strip>");
    for ridge in 0..=10 {
        let _ = write!(body, "<i class=b{ridge}></i>");
    }
    body.push_str("</span><span>last reading</span></p>");
    Some(Figure {
        id: "histograms",
        title: "Outputs and gradients over time",
        caption: "For some layers, from back (first reading) to front (last)".to_owned()
            + ": on the left the outputs, on the right the size of the entries of dL/dW.",
        body,
        explanation: "Each ridge is a histogram at one step; later ones stand in front, in a \
            stronger colour. Outputs should keep their spread: ridges that narrow to a spike \
            have collapsed, ridges that run to both ends of a sigmoid or tanh are saturated. \
            Gradients are on a logarithmic axis that is the same in every panel; a hill that \
            drifts left from layer to layer, toward the first one, is a gradient that vanishes. \
            Readings with numbers that are not finite have no ridge.",
    })
}

fn ridges(view: &View<'_>, layer: usize, curve: fn(&LayerFlow) -> Option<Curve<'_>>) -> Vec<Ridge> {
    evenly(view.columns.len(), RIDGES)
        .filter_map(|index| {
            let column = view.columns[index];
            let (edges, histogram) = curve(view.layer(column, layer)?)?;
            let total = f64::from(histogram.total());
            let finite = edges.iter().all(|edge| edge.is_finite());
            (total > 0.0 && finite).then(|| Ridge {
                step: view.reading(column).step.step,
                edges,
                shares: histogram
                    .counts
                    .iter()
                    .map(|n| f64::from(*n) / total)
                    .collect(),
            })
        })
        .collect()
}

/// Bins between `mean - 4 deviation` and `mean + 4 deviation`.
#[expect(clippy::unnecessary_wraps, reason = "gradients may be missing")]
fn activations(flow: &LayerFlow) -> Option<Curve<'_>> {
    let (mean, deviation) = (
        f64::from(flow.activation.mean),
        f64::from(flow.activation.deviation),
    );
    let edge = |bin: usize| mean + deviation * (8.0 * bin as f64 / Histogram::BINS as f64 - 4.0);
    Some((
        (0..=Histogram::BINS).map(edge).collect(),
        &flow.activation.histogram,
    ))
}

/// Bins in powers of four.
fn gradients(flow: &LayerFlow) -> Option<Curve<'_>> {
    let gradient = flow.gradient.as_ref()?;
    let edges = (0..=Histogram::BINS).map(|bin| Gradients::edge(bin).log10());
    Some((edges.collect(), &gradient.histogram))
}

fn panel(name: &str, ridges: &[Ridge], logarithmic: bool) -> String {
    let mut html = format!("<div class=ridge><p class=axis>{name}</p>");
    if ridges.is_empty() {
        html.push_str("<p class=none>no finite numbers</p></div>");
        return html;
    }
    let occupied = |ridge: &Ridge| {
        let full = |bin: &usize| ridge.shares[*bin] > 0.0;
        let bins = 0..Histogram::BINS;
        let low = bins.clone().find(full).map_or(0.0, |bin| ridge.edges[bin]);
        let high = bins
            .rev()
            .find(full)
            .map_or(0.0, |bin| ridge.edges[bin + 1]);
        (low, high)
    };
    let (low, high) = if logarithmic {
        (-12.0, 4.0)
    } else {
        ridges
            .iter()
            .map(occupied)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| {
                (all.0.min(one.0), all.1.max(one.1))
            })
    };
    let (low, high) = if high > low {
        (low, high)
    } else {
        (low - 0.5, high + 0.5)
    };
    // Counts per width of bin, so that ridges of different spread have the same area.
    let density = |ridge: &Ridge, bin: usize| {
        let width = ridge.edges[bin + 1] - ridge.edges[bin];
        ridge.shares[bin] / width.max((high - low) * 1e-3)
    };
    let peak = (ridges.iter())
        .flat_map(|ridge| (0..Histogram::BINS).map(|bin| density(ridge, bin)))
        .fold(f64::MIN_POSITIVE, f64::max);
    let _ = write!(
        html,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=none role=img>"
    );
    let gap = (HEIGHT - PEAK - 6.0) / RIDGES as f64;
    for (index, ridge) in ridges.iter().enumerate() {
        let base = PEAK + gap * (RIDGES - ridges.len() + index + 1) as f64;
        let x = |edge: f64| ((edge - low) / (high - low)).clamp(0.0, 1.0) * WIDTH;
        let mut path = String::new();
        let full = |bin: &usize| ridge.shares[*bin] > 0.0;
        let first = (0..Histogram::BINS).find(full).unwrap_or(0);
        let last = (0..Histogram::BINS).rfind(full).unwrap_or(0);
        for bin in first..=last {
            let (left, right) = (x(ridge.edges[bin]), x(ridge.edges[bin + 1]));
            // Square root: bins with few entries stay visible.
            let height = PEAK * (density(ridge, bin) / peak).sqrt();
            if bin == first {
                let _ = write!(path, "M{left:.0} {base:.0}");
            }
            let (middle, top) = (f64::midpoint(left, right), base - height);
            let _ = write!(path, "L{middle:.0} {top:.0}");
            if bin == last {
                let _ = write!(path, "L{right:.0} {base:.0}");
            }
        }
        let shade = match ridges.len() {
            1 => 10,
            count => index * 10 / (count - 1),
        };
        let _ = write!(
            html,
            "<path class=\"hill h{shade}\" d=\"{path}\"><title>step {}</title></path>",
            count(ridge.step)
        );
    }
    let ends = if logarithmic {
        [power_of_ten(low as i32), power_of_ten(high as i32)]
    } else {
        [digits(low), digits(high)]
    };
    let _ = write!(
        html,
        "</svg><p class=ends><span>{}</span><span>{}</span></p></div>",
        ends[0], ends[1]
    );
    html
}
