//! The loss and the gradient's norm by step, with the verdicts marked where they began.

use super::Figure;
use crate::format::count;
use crate::report::StepFlow;
use crate::report::renderings::html::chart::{Chart, Point, StepAxis};
use crate::report::renderings::html::scale::Scale;
use crate::report::renderings::html::view::View;
use crate::report::renderings::html::{escape, severity_class};
use core::fmt::Write;

pub(super) fn figure(view: &View<'_>) -> Figure {
    let axis = StepAxis::new(view.steps());
    let series = |number: &dyn Fn(&StepFlow) -> f64| -> Vec<Point> {
        let columns = view.fine_columns.iter();
        columns
            .map(|column| {
                let step = view.reading(*column).step;
                Point {
                    x: axis.at(step.step),
                    y: number(step),
                }
            })
            .collect()
    };
    let losses = series(&|step| step.loss);
    let scale = loss_scale(&losses);
    let mut chart = Chart::new(220, axis.ticks(), scale.ticks(5));
    (chart.x_name, chart.y_name) = ("step", "loss");
    chart.data = steps(view, &view.fine_columns);
    marks(view, axis, &mut chart);
    chart.line("strong", "loss", &losses, &scale);
    let mut body = chart.html();

    let before = series(&|step| step.gradient_norm);
    let after = series(&|step| step.clipped_norm);
    let clipped = before
        .iter()
        .zip(&after)
        .any(|(a, b)| a.y > b.y * (1.0 + 1e-4));
    let numbers = before.iter().chain(&after).map(|point| point.y);
    let scale = Scale::logarithmic_of(numbers);
    let mut chart = Chart::new(110, axis.ticks(), scale.ticks(4));
    (chart.x_name, chart.y_name) = ("step", "gradient norm");
    chart.data = steps(view, &view.fine_columns);
    if clipped {
        chart.line("pale", "before clipping", &before, &scale);
        chart.line("strong", "after clipping", &after, &scale);
    } else {
        chart.line("strong", "gradient norm", &before, &scale);
    }
    body.push_str(&chart.html());
    if clipped {
        body.push_str(
            "<p class=legend><span><i class=\"swatch pale\"></i>before clipping</span>\
             <span><i class=\"swatch strong\"></i>after clipping</span></p>",
        );
    }
    Figure {
        id: "loss",
        title: "Loss",
        caption: "Numbered lines stand where a verdict began; the numbers are those of the list \
                  above."
            .to_owned(),
        body,
        explanation: "The loss is the mean over the steps since the reading before. It should \
            fall, fast at first. A flat line says only that nothing is learned; the verdicts and \
            the figures below say why. The gradient's norm is that of all parameters together, \
            as it came from the backward pass and, where it was clipped, as the optimizer saw \
            it. A cross on the upper edge stands where a number was NaN or infinite.",
    }
}

/// Decades if the loss spans more than two of them.
fn loss_scale(losses: &[Point]) -> Scale {
    let finite = || losses.iter().map(|p| p.y).filter(|y| y.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    if low > 0.0 && high / low > 100.0 {
        Scale::logarithmic_of(finite())
    } else {
        Scale::linear_of(finite())
    }
}

/// Attributes that tell the script the steps of the columns.
pub(in crate::report::renderings::html) fn steps(view: &View<'_>, columns: &[usize]) -> String {
    let mut labels = String::new();
    for column in columns {
        if !labels.is_empty() {
            labels.push(' ');
        }
        labels.push_str(&count(view.reading(*column).step.step));
    }
    format!("data-kind=lines data-x-name=step data-x=\"{labels}\"")
}

/// A line for each verdict where it began, and its number on top; neighbours share one.
fn marks(view: &View<'_>, axis: StepAxis, chart: &mut Chart) {
    let mut marks: Vec<(f64, usize)> = (view.flow.findings.iter().enumerate())
        .map(|(index, finding)| (axis.at(finding.began), index))
        .collect();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
    for (at, index) in marks {
        match groups.last_mut() {
            Some((start, group)) if at - *start < 0.09 => group.push(index),
            _ => groups.push((at, vec![index])),
        }
    }
    for (at, mut group) in groups {
        group.sort_unstable();
        let Some(worst) = group
            .first()
            .and_then(|index| view.flow.findings.get(*index))
        else {
            continue;
        };
        let class = severity_class(worst);
        let x = (at * 1000.0).round();
        let _ = write!(
            chart.drawing,
            "<path class=\"mark {class}\" d=\"M{x} 0V1000\"/>"
        );
        let numbers = match group.as_slice() {
            [one] => (one + 1).to_string(),
            [one, two] => format!("{}, {}", one + 1, two + 1),
            [one, ..] => format!("{} +{}", one + 1, group.len() - 1),
            [] => continue,
        };
        let kinds: Vec<&str> = (group.iter())
            .filter_map(|index| Some(view.flow.findings.get(*index)?.kind.as_str()))
            .collect();
        let edge = match at {
            at if at < 0.06 => " first",
            at if at > 0.94 => " end",
            _ => "",
        };
        let _ = write!(
            chart.overlay,
            "<b class=\"badge {class}{edge}\" style=\"left:{:.1}%\" title=\"{}\">{numbers}</b>",
            at * 100.0,
            escape(&kinds.join("; "))
        );
    }
}
