//! How signal and gradient fare through the time steps of recurrent layers.

use super::Figure;
use crate::format::count;
use crate::report::TimeFlow;
use crate::report::renderings::html::chart::{Chart, Point};
use crate::report::renderings::html::escape;
use crate::report::renderings::html::scale::Scale;
use crate::report::renderings::html::view::{View, evenly};
use core::fmt::Write;

/// Recurrent layers that get a chart.
const LAYERS: usize = 6;
/// What is drawn of a time step.
type Number = fn(&TimeFlow) -> f32;
/// Points of a line.
const POINTS: usize = 300;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let (first, last) = (*view.columns.first()?, *view.columns.last()?);
    let recurrent: Vec<_> = (view.flow.layers.iter())
        .filter(|layer| !layer.times.is_empty())
        .collect();
    if recurrent.is_empty() {
        return None;
    }
    let mut body = String::new();
    for index in evenly(recurrent.len(), LAYERS) {
        let layer = recurrent[index];
        let _ = write!(body, "<h4>{}</h4>", escape(&layer.name));
        let points = |column: usize, number: Number| -> Vec<Point> {
            let times = view.reading(column).times.get(layer.times.clone());
            let times = times.unwrap_or_default();
            let most = times.len().saturating_sub(1).max(1) as f64;
            evenly(times.len(), POINTS)
                .map(|time| Point {
                    x: time as f64 / most,
                    y: f64::from(number(&times[time])),
                })
                .collect()
        };
        let labels: Vec<String> = evenly(layer.times.len(), POINTS)
            .map(|t| t.to_string())
            .collect();
        let axis = Scale::linear(0.0, layer.times.len().saturating_sub(1).max(1) as f64);
        let panels: [(&'static str, Number); 2] = [
            ("forward: RMS of the hidden state", |time| {
                time.activation_rms
            }),
            ("backward: RMS of dL/d hidden state", |time| time.delta_rms),
        ];
        for (name, number) in panels {
            let lines = [("pale", first), ("strong", last)];
            let lines = lines.map(|(class, column)| (class, column, points(column, number)));
            let numbers = lines
                .iter()
                .flat_map(|(_, _, line)| line.iter().map(|p| p.y));
            let scale = Scale::logarithmic_of(numbers);
            let mut chart = Chart::new(120, axis.ticks(6), scale.ticks(5));
            (chart.x_name, chart.y_name) = ("time step", name);
            chart.data = format!(
                "data-kind=lines data-x-name=\"time step\" data-x=\"{}\"",
                labels.join(" ")
            );
            for (class, column, line) in &lines {
                let step = view.reading(*column).step.step;
                chart.line(class, &format!("at step {}", count(step)), line, &scale);
            }
            body.push_str(&chart.html());
        }
    }
    let step = |column: usize| count(view.reading(column).step.step);
    let _ = write!(
        body,
        "<p class=legend><span><i class=\"swatch pale\"></i>at step {}</span>\
         <span><i class=\"swatch strong\"></i>at step {}</span></p>",
        step(first),
        step(last)
    );
    Some(Figure {
        id: "time",
        title: "Through time",
        caption: "How far back in the sequence the gradient reaches, for each recurrent layer."
            .to_owned(),
        body,
        explanation: "A recurrent layer is as deep as its sequence is long. Below, the gradient \
            at the hidden state of each time step: it runs from right to left. Where it has \
            fallen by two or three decades, earlier inputs no longer teach the layer anything; \
            where it rises to the left, it explodes, and wants clipping.",
    })
}
