//! How the gradient decays from layer to layer, over the whole training.

use super::Figure;
use crate::format::{count, decades, digits};
use crate::report::renderings::html::chart::{Chart, StepAxis, name_ticks};
use crate::report::renderings::html::escape;
use crate::report::renderings::html::view::View;
use core::fmt::Write;

/// Colours on each side of the middle.
const SIDE: i32 = 8;
/// Colours, then "zero" and "not finite".
const CLASSES: usize = 2 * SIDE as usize + 3;
const ZERO: usize = CLASSES - 2;
const NOT_FINITE: usize = CLASSES - 1;

/// Which of the colours that need a word are used.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::report::renderings::html) struct Special {
    zero: bool,
    not_finite: bool,
}

impl Special {
    pub(in crate::report::renderings::html) fn or(self, other: Self) -> Self {
        Self {
            zero: self.zero || other.zero,
            not_finite: self.not_finite || other.not_finite,
        }
    }
}

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let rows = view.rows.len();
    if rows == 0 {
        return None;
    }
    let span = span([view]);
    let height = (rows * 22).clamp(44, 420);
    let (mut chart, special) = chart(view, span, height);
    let names: Vec<&str> = view.rows.iter().map(|row| view.name(*row)).collect();
    chart.y_ticks = name_ticks(&names, height / 16);
    chart.x_name = "step";
    let body = chart.html() + &legend(span, special);
    let shown = if rows < view.flow.layers.len() {
        " Only layers with weights are shown."
    } else {
        ""
    };
    Some(Figure {
        id: "gradient",
        title: "Gradient by layer and step",
        caption: format!(
            "How strong the gradient is at each layer, against the last one at the same step: \
             blue has faded, orange has grown; the scale ends at {} decades.{shown}",
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

fn value(view: &View<'_>, row: usize, column: usize) -> Option<f64> {
    let relative = view.relative_delta(view.columns[column], view.rows[row]);
    relative.map(f64::log10)
}

/// Decades from the middle of the colours to their ends: whole ones, and not less than two, for
/// noise should not look like trouble.
pub(in crate::report::renderings::html) fn span<'a>(
    views: impl IntoIterator<Item = &'a View<'a>>,
) -> f64 {
    let mut largest = 2.0_f64;
    for view in views {
        for row in 0..view.rows.len() {
            for column in 0..view.columns.len() {
                let size = value(view, row, column).map_or(0.0, f64::abs);
                if size.is_finite() {
                    largest = largest.max(size);
                }
            }
        }
    }
    largest.ceil()
}

/// The cells, without names of layers.
pub(in crate::report::renderings::html) fn chart(
    view: &View<'_>,
    span: f64,
    height: usize,
) -> (Chart, Special) {
    let (rows, columns) = (view.rows.len(), view.columns.len());
    let class = |row: usize, column: usize| match value(view, row, column) {
        Some(f64::NEG_INFINITY) => ZERO,
        Some(v) if v.is_finite() => {
            let shade = (v / span * f64::from(SIDE)).round() as i32;
            (shade.clamp(-SIDE, SIDE) + SIDE) as usize
        }
        _ => NOT_FINITE,
    };
    // One path for each colour; neighbours of one colour in a row are one rectangle.
    let mut paths = vec![String::new(); CLASSES];
    let mut data = String::new();
    for row in 0..rows {
        let mut start = 0;
        for column in 1..=columns {
            if column == columns || class(row, column) != class(row, start) {
                let width = column - start;
                let path = &mut paths[class(row, start)];
                let _ = write!(path, "M{start} {row}h{width}v1h-{width}z");
                start = column;
            }
        }
        let numbers: Vec<String> = (0..columns)
            .map(|column| value(view, row, column).map_or_else(|| "-".to_owned(), decades))
            .collect();
        let _ = write!(
            data,
            "<g data-n=\"{}\" data-v=\"{}\"/>",
            escape(view.name(view.rows[row])),
            numbers.join(" ")
        );
    }
    let axis = StepAxis::new(view.steps());
    let mut chart = Chart {
        height,
        x_ticks: axis.ticks(),
        view_box: Some((columns.max(1), rows.max(1))),
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
    let special = Special {
        zero: !paths[ZERO].is_empty(),
        not_finite: !paths[NOT_FINITE].is_empty(),
    };
    (chart, special)
}

pub(in crate::report::renderings::html) fn legend(span: f64, special: Special) -> String {
    let mut html = format!("<p class=legend><span>{}<span class=strip>", decades(-span));
    for class in 0..=2 * SIDE {
        let _ = write!(html, "<i class=\"c{class}\"></i>");
    }
    let _ = write!(
        html,
        "</span>{} decades against the last layer</span>",
        decades(span)
    );
    let mut swatch = |class: usize, text: &str| {
        let _ = write!(html, "<span><i class=\"swatch c{class}\"></i>{text}</span>");
    };
    if special.zero {
        swatch(ZERO, "exactly zero");
    }
    if special.not_finite {
        swatch(NOT_FINITE, "not a finite number");
    }
    html.push_str("</p>");
    html
}
