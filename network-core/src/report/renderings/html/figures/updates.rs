//! How much each layer's weights move in a step.

use super::{DEPTH_LEGEND, Figure, depth_class, steps};
use crate::report::LayerFlow;
use crate::report::renderings::html::chart::{Chart, Point, StepAxis};
use crate::report::renderings::html::scale::Scale;
use crate::report::renderings::html::view::{View, evenly};

/// Lines in a chart.
const LINES: usize = 60;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let ratio = |flow: &LayerFlow| Some(f64::from(flow.gradient?.update_ratio()?));
    let axis = StepAxis::new(view.steps());
    let mut lines: Vec<(usize, Vec<Point>)> = Vec::new();
    for row in &view.rows {
        let points: Vec<Point> = (view.columns.iter())
            .filter_map(|column| {
                Some(Point {
                    x: axis.at(view.reading(*column).step.step),
                    y: ratio(view.layer(*column, *row)?)?,
                })
            })
            .collect();
        if !points.is_empty() {
            lines.push((*row, points));
        }
    }
    if lines.is_empty() {
        return None;
    }
    let numbers = lines
        .iter()
        .flat_map(|(_, points)| points.iter().map(|p| p.y));
    let scale = Scale::logarithmic_of(numbers.chain([1e-4, 1e-2]));
    let mut chart = Chart::new(240, axis.ticks(), scale.ticks(7));
    (chart.x_name, chart.y_name) = ("step", "|update| / |weights|");
    chart.data = steps(view, &view.columns);
    if let Some(at) = scale.at(1e-3) {
        chart.level("target", at);
    }
    for index in evenly(lines.len(), LINES) {
        let (row, points) = &lines[index];
        let class = depth_class(index, lines.len());
        chart.line(&class, view.name(*row), points, &scale);
    }
    let mut body = chart.html();
    body.push_str(DEPTH_LEGEND);
    Some(Figure {
        id: "updates",
        title: "Update to weights",
        caption: "How far each step moves a layer's weights, as a share of their size. The \
                  dashed line at 10⁻³ is what sound training has."
            .to_owned(),
        body,
        explanation: "The norm of the update that was really applied (after momentum, Adam's \
            scaling, clipping and weight decay) over the norm of the weights, for each layer. \
            About 10⁻³ is sound; below 10⁻⁴ a layer hardly moves, above 10⁻¹ it cannot settle. \
            Lines that spread apart by depth show that layers learn at different speeds: early \
            layers far below late ones is the mark of a vanishing gradient under plain gradient \
            descent. Adam hides it here, for it divides by the gradient's size.",
    })
}
