//! How the gradient decays from layer to layer, over the whole training.

use super::Figure;
use crate::format::{count, decades, digits};
use crate::report::html::chart::{Chart, StepAxis, name_ticks};
use crate::report::html::escape;
use crate::report::html::view::View;
use core::fmt::Write;

/// Colours on each side of the middle.
const SIDE: i32 = 8;
/// Colours, then "zero" and "not finite".
const CLASSES: usize = 2 * SIDE as usize + 3;
const ZERO: usize = CLASSES - 2;
const NOT_FINITE: usize = CLASSES - 1;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let (rows, columns) = (view.rows.len(), view.columns.len());
    if rows == 0 {
        return None;
    }
    let value = |row: usize, column: usize| {
        let relative = view.relative_delta(view.columns[column], view.rows[row]);
        relative.map(f64::log10)
    };
    let all = (0..rows).flat_map(|row| (0..columns).filter_map(move |column| value(row, column)));
    let largest = all
        .filter(|v| v.is_finite())
        .fold(0.0, |most: f64, v| most.max(v.abs()));
    // Whole decades, and not less than two: noise should not look like trouble.
    let span = largest.ceil().max(2.0);
    let class = |row: usize, column: usize| match value(row, column) {
        Some(f64::NEG_INFINITY) => ZERO,
        Some(v) if v.is_finite() => {
            let shade = (v / span * f64::from(SIDE)).round() as i32;
            (shade.clamp(-SIDE, SIDE) + SIDE) as usize
        }
        _ => NOT_FINITE,
    };

    let mut paths = vec![String::new(); CLASSES];
    let mut data = String::new();
    for row in 0..rows {
        let mut start = 0;
        for column in 1..=columns {
            if column == columns || class(row, column) != class(row, start) {
                let width = column - start;
                let _ = write!(
                    paths[class(row, start)],
                    "M{start} {row}h{width}v1h-{width}z"
                );
                start = column;
            }
        }
        let name = view.name(view.rows[row]);
        let numbers: Vec<String> = (0..columns)
            .map(|column| value(row, column).map_or_else(|| "-".to_owned(), decades))
            .collect();
        let _ = write!(
            data,
            "<g data-n=\"{}\" data-v=\"{}\"/>",
            escape(name),
            numbers.join(" ")
        );
    }
    let names: Vec<&str> = view.rows.iter().map(|row| view.name(*row)).collect();
    let height = (rows * 22).clamp(44, 420);
    let axis = StepAxis::new(view.steps());
    let mut chart = Chart {
        height,
        x_ticks: axis.ticks(),
        y_ticks: name_ticks(&names, height / 16),
        x_name: "step",
        view_box: Some((columns, rows)),
        ..Chart::default()
    };
    let steps: Vec<String> = (view.columns.iter())
        .map(|column| count(view.reading(*column).step.step))
        .collect();
    chart.data = format!(
        "data-kind=cells data-unit=\"decades against the last layer\" data-x-name=step \
         data-x=\"{}\"",
        steps.join(" ")
    );
    for (class, path) in paths
        .iter()
        .enumerate()
        .filter(|(_, path)| !path.is_empty())
    {
        let _ = write!(
            chart.drawing,
            "<path class=\"cell d{class}\" d=\"{path}\"/>"
        );
    }
    chart.drawing.push_str(&data);
    let has = |class: usize| !paths[class].is_empty();
    let mut body = chart.html();
    let _ = write!(
        body,
        "<p class=legend><span>{}</span><span class=strip>",
        decades(-span)
    );
    for class in 0..=2 * SIDE {
        let _ = write!(body, "<i class=\"c{class}\"></i>");
    }
    let _ = write!(
        body,
        "</span><span>{} decades against the last layer</span>",
        decades(span)
    );
    if has(ZERO) {
        let _ = write!(
            body,
            "<span><i class=\"swatch c{ZERO}\"></i>exactly zero</span>"
        );
    }
    if has(NOT_FINITE) {
        let _ = write!(
            body,
            "<span><i class=\"swatch c{NOT_FINITE}\"></i>not a finite number</span>"
        );
    }
    body.push_str("</p>");
    let shown = if rows < view.flow.layers.len() {
        " Layers without parameters are left out."
    } else {
        ""
    };
    Some(Figure {
        id: "gradient",
        title: "Gradient by layer and step",
        caption: format!(
            "How strong the gradient is at each layer, against the last one at the same step: \
             blue has faded, orange has grown, by up to {} decades.{shown}",
            digits(span)
        ),
        body,
        explanation: "Colour is log10 of the norm of delta (dL/d output of the layer, per \
            example) over that of the last layer at the same step. The backward pass runs \
            upward, from the last row to the first. Rows that turn blue toward the top: the \
            gradient vanishes, and early layers learn late or never. Rows that turn orange: it \
            explodes. One row where the colour jumps: that layer, or the one after it, is the \
            bottleneck. Within one decade all is well.",
    })
}
