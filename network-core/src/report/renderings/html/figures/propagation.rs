//! How the signal goes forward and the gradient backward, as predicted and as measured.

use super::Figure;
use crate::format::{count, decades};
use crate::report::renderings::html::chart::{Chart, Point, UNITS, y_of};
use crate::report::renderings::html::escape;
use crate::report::renderings::html::scale::{Scale, Tick};
use crate::report::renderings::html::view::{View, evenly};
use core::fmt::Write;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let (first, last) = (*view.columns.first()?, *view.columns.last()?);
    if view.rows.is_empty() {
        return None;
    }
    let predicted = |row: usize| view.flow.layers.get(row)?.predicted;
    let has_prediction = view.rows.iter().any(|row| predicted(*row).is_some());

    let forward =
        |column: usize| move |row: usize| Some(f64::from(view.layer(column, row)?.activation.rms));
    let expected = |row: usize| Some(f64::from(predicted(row)?.activation_rms));
    let mut body = panel(
        view,
        "forward: RMS of outputs",
        &[
            ("expected", "predicted", &expected),
            ("pale", "measured at first", &forward(first)),
            ("strong", "measured at last", &forward(last)),
        ],
        None,
    );
    let backward = |column: usize| move |row: usize| view.relative_delta(column, row);
    let power = |sign: f64| {
        move |row: usize| {
            let flow = predicted(row)?;
            let decades = f64::from(flow.delta_decades) + 2.0 * sign * f64::from(flow.deviation);
            Some(10_f64.powf(decades))
        }
    };
    body.push_str(&panel(
        view,
        "backward: gradient norm against the last layer",
        &[
            ("expected", "predicted", &power(0.0)),
            ("pale", "measured at first", &backward(first)),
            ("strong", "measured at last", &backward(last)),
        ],
        has_prediction.then_some((&power(-1.0), &power(1.0))),
    ));
    body.push_str("<p class=legend>");
    if has_prediction {
        body.push_str(
            "<span><i class=\"swatch expected\"></i>predicted, with two standard deviations</span>",
        );
    }
    let step = |column: usize| count(view.reading(column).step.step);
    let _ = write!(
        body,
        "<span><i class=\"swatch pale\"></i>measured at step {}</span>",
        step(first)
    );
    if first != last {
        let _ = write!(
            body,
            "<span><i class=\"swatch strong\"></i>measured at step {}</span>",
            step(last)
        );
    }
    body.push_str("</p>");
    let mut caption = "From the first layer, left, to the last.".to_owned();
    let measured = view
        .flow
        .decades(view.reading(first))
        .filter(|g| g.is_finite());
    match (measured, view.flow.prediction.decades) {
        (Some(measured), Some(predicted)) => {
            let deviation = view.flow.prediction.deviation;
            let bar = deviation.map_or_else(String::new, |d| format!(" ± {d:.1}"));
            let _ = write!(
                caption,
                " G, the decades of gradient norm from first to last layer: predicted {}{bar}, \
                 measured {} at step {}.",
                decades(predicted),
                decades(measured),
                step(first)
            );
        }
        (Some(measured), None) => {
            let _ = write!(
                caption,
                " G, the decades of gradient norm from first to last layer: {} at step {}; not \
                 predicted ({}).",
                decades(measured),
                step(first),
                view.flow.prediction.unknown.unwrap_or("unknown")
            );
        }
        (None, _) => {}
    }
    Some(Figure {
        id: "propagation",
        title: "Signal propagation",
        caption,
        body,
        explanation: "Above, the root mean square of each layer's outputs; below, the norm of \
            the gradient at each layer over that at the last. The dashed line is what mean-field \
            theory says of the network as it is declared and initialised, before it was \
            trained, for inputs of mean 0 and variance 1; the band is what random weights of \
            these widths may do to it. Level lines carry signals to any depth; a straight slope \
            is a factor per layer. A measurement at step 0 far outside of the band points to \
            unscaled data or to a wrong derivative of a layer of your own.",
    })
}

type Numbers<'a> = &'a dyn Fn(usize) -> Option<f64>;

/// Lines over all layers, on a logarithmic axis; the first measured line only if it differs.
fn panel(
    view: &View<'_>,
    name: &'static str,
    lines: &[(&str, &str, Numbers<'_>)],
    band: Option<(Numbers<'_>, Numbers<'_>)>,
) -> String {
    let rows = &view.rows;
    let at = |index: usize| match rows.len() {
        1 => 0.5,
        count => index as f64 / (count - 1) as f64,
    };
    let ends = band.iter().flat_map(|(low, high)| [*low, *high]);
    let numbers = (lines.iter().map(|(_, _, number)| *number).chain(ends))
        .flat_map(|number| rows.iter().filter_map(move |row| number(*row)));
    let scale = Scale::logarithmic_of(numbers.chain([1.0]));
    let ticks = evenly(rows.len(), 6)
        .map(|index| Tick {
            at: at(index),
            label: (rows[index] + 1).to_string(),
        })
        .collect();
    let mut chart = Chart::new(150, ticks, scale.ticks(6));
    (chart.x_name, chart.y_name) = ("layer", name);
    let names: Vec<String> = rows.iter().map(|row| escape(view.name(*row))).collect();
    chart.data = format!("data-kind=lines data-x=\"{}\"", names.join(" "));
    if let Some((low, high)) = band {
        let place = |number: Numbers<'_>, index: usize| {
            let y = scale.at(number(rows[index])?)?;
            Some(format!("{} {}", (at(index) * UNITS).round(), y_of(y)))
        };
        let there = (0..rows.len()).filter_map(|index| place(high, index));
        let back = (0..rows.len()).rev().filter_map(|index| place(low, index));
        let outline: Vec<String> = there.chain(back).collect();
        if !outline.is_empty() {
            let _ = write!(
                chart.drawing,
                "<path class=band d=\"M{}z\"/>",
                outline.join("L")
            );
        }
    }
    for (class, name, number) in lines {
        let points: Vec<Point> = (rows.iter().enumerate())
            .filter_map(|(index, row)| {
                Some(Point {
                    x: at(index),
                    y: number(*row)?,
                })
            })
            .collect();
        chart.line(class, name, &points, &scale);
    }
    chart.html()
}
