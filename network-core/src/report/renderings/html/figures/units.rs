//! Units that are dead, saturated or silent, layer by layer.

use super::Figure;
use crate::format::percent;
use crate::report::Activations;
use crate::report::renderings::html::chart::Chart;
use crate::report::renderings::html::escape;
use crate::report::renderings::html::scale::{Scale, Tick};
use crate::report::renderings::html::view::{View, evenly};
use core::fmt::Write;

/// Layers in a chart.
const BARS: usize = 200;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let last = *view.columns.last()?;
    let shares = |activation: &Activations| activation.dead.or(activation.saturated).is_some();
    let layers: Vec<usize> = (0..view.flow.layers.len())
        .filter(|index| {
            view.layer(last, *index)
                .is_some_and(|l| shares(&l.activation))
        })
        .collect();
    if layers.is_empty() {
        return None;
    }
    let kept: Vec<usize> = evenly(layers.len(), BARS)
        .map(|index| layers[index])
        .collect();
    let at = |index: usize| (index as f64 + 0.5) / kept.len() as f64;
    let ticks = evenly(kept.len(), 6).map(|index| Tick {
        at: at(index),
        label: (kept[index] + 1).to_string(),
    });
    let scale = Scale::linear(0.0, 1.0);
    let half = Tick {
        at: 0.5,
        label: "50 %".to_owned(),
    };
    let ends = [(0.0, "0"), (1.0, "100 %")].map(|(at, label)| Tick {
        at,
        label: label.to_owned(),
    });
    let mut chart = Chart::new(
        150,
        ticks.collect(),
        [half].into_iter().chain(ends).collect(),
    );
    (chart.x_name, chart.y_name) = ("layer", "share of units (dead) or entries (saturated)");
    let names: Vec<String> = kept.iter().map(|layer| escape(view.name(*layer))).collect();
    let mut rows = [("dead", Vec::new()), ("saturated", Vec::new())];
    let mut paths = [String::new(), String::new(), String::new()];
    let width = 1000.0 / kept.len() as f64;
    for (index, layer) in kept.iter().enumerate() {
        let most = (view.columns.iter())
            .filter_map(|column| {
                let activation = &view.layer(*column, *layer)?.activation;
                activation.dead.or(activation.saturated)
            })
            .filter(|share| share.is_finite())
            .fold(0.0_f32, f32::max);
        let Some(flow) = view.layer(last, *layer) else {
            continue;
        };
        let numbers = [flow.activation.dead, flow.activation.saturated];
        for (which, share) in numbers.into_iter().enumerate() {
            rows[which]
                .1
                .push(share.map_or_else(|| "-".to_owned(), |s| percent(s.into())));
            let Some(place) = share.and_then(|share| scale.at(share.into())) else {
                continue;
            };
            let left = width * index as f64 + 0.15 * width;
            let top = 1000.0 * (1.0 - place);
            let _ = write!(
                paths[which],
                "M{left:.1} 1000V{top:.0}h{:.1}V1000z",
                0.7 * width
            );
        }
        let left = width * index as f64 + 0.15 * width;
        let top = 1000.0 * (1.0 - f64::from(most).clamp(0.0, 1.0));
        let _ = write!(paths[2], "M{left:.1} {top:.0}h{:.1}", 0.7 * width);
    }
    let [dead, saturated, most] = paths;
    let _ = write!(
        chart.drawing,
        "<path class=\"bar dead\" d=\"{dead}\"/><path class=\"bar saturated\" d=\"{saturated}\"/>\
         <path class=most d=\"{most}\"/>"
    );
    for (name, values) in &rows {
        let values: Vec<String> = values
            .iter()
            .map(|value| value.replace(' ', "\u{a0}"))
            .collect();
        let _ = write!(
            chart.drawing,
            "<g data-n=\"{name}\" data-v=\"{}\"/>",
            values.join(" ")
        );
    }
    chart.data = format!("data-kind=bars data-x=\"{}\"", names.join(" "));
    let mut body = chart.html();
    body.push_str(
        "<p class=legend><span><i class=\"swatch dead\"></i>dead</span>\
         <span><i class=\"swatch saturated\"></i>saturated</span>\
         <span><i class=\"swatch most\"></i>the most in this training</span></p>",
    );
    Some(Figure {
        id: "units",
        title: "Dead and saturated units",
        caption: "At the last reading, for each layer that can die or saturate.".to_owned(),
        body,
        explanation: "A unit is dead if it was zero for every example of the last readings: it \
            gets no gradient and stays dead (that half of all outputs of a ReLU are zero is \
            normal, and not counted). An entry is saturated if its activation is nearly flat \
            there: the gradient that passes it is almost nothing. More than half of a layer is \
            trouble. The thin line is the largest share at any reading, for shares that healed.",
    })
}
