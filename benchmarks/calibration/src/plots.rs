//! The plots of `docs/calibration`.

use crate::judgement::{Outcome, TRAINED, roc};
use crate::runs::Optimizer;
use network_examples::plot::{Axis, Chart, Mark, Series};
use std::error::Error;
use std::path::Path;

/// Writes all plots to a directory.
///
/// # Errors
/// If a file cannot be written.
pub fn write(directory: &Path, outcomes: &[Outcome]) -> Result<(), Box<dyn Error>> {
    let mut curves = Vec::new();
    for (colour, optimizer) in Optimizer::ALL.into_iter().enumerate() {
        let own: Vec<&Outcome> = outcomes
            .iter()
            .filter(|o| o.optimizer == optimizer)
            .collect();
        for (mark, name, points) in [
            (Mark::Line, "|G|", roc(&own, |o| o.decades())),
            (Mark::Cross, "verdict", roc(&own, |o| o.alarm())),
        ] {
            curves.push(Series {
                name: format!("{}, {name}", optimizer.name()),
                points,
                mark,
                colour,
            });
        }
        let chart = scatter(optimizer, &own);
        let name = format!("loss_{}.svg", optimizer.name().to_lowercase());
        std::fs::write(directory.join(name), chart.svg()?)?;
    }
    let chart = Chart {
        title: "Failed networks found against trained ones flagged".to_owned(),
        x: Axis::new("share of trained networks flagged").range(0.0..1.0),
        y: Axis::new("share of failed networks found").range(0.0..1.01),
        series: curves,
    };
    Ok(std::fs::write(directory.join("roc.svg"), chart.svg()?)?)
}

/// Final loss over `|G|`, by what was declared.
fn scatter(optimizer: Optimizer, outcomes: &[&Outcome]) -> Chart {
    const DECADES: f64 = 10.0;
    let mut series: Vec<Series> = ["plain", "norm, no skips", "skips", "dropout"]
        .into_iter()
        .enumerate()
        .map(|(colour, name)| Series {
            name: name.to_owned(),
            points: Vec::new(),
            mark: Mark::Dot,
            colour,
        })
        .collect();
    for outcome in outcomes {
        let declaration = &outcome.case.declaration;
        let family = match () {
            () if declaration.skip.is_some() => 2,
            () if declaration.norm.is_some() => 1,
            () if declaration.dropout.is_some() => 3,
            () => 0,
        };
        series[family]
            .points
            .push((outcome.decades().min(DECADES), outcome.loss.min(1.3)));
    }
    series.push(Series {
        name: "trained below".to_owned(),
        points: vec![(0.0, TRAINED), (DECADES, TRAINED)],
        mark: Mark::Line,
        colour: 6,
    });
    Chart {
        title: format!(
            "Loss after training with {}, over that of guessing",
            optimizer.name()
        ),
        x: Axis::new("|G|, decades; more than 10 at 10").range(-0.2..DECADES + 0.2),
        y: Axis::new("loss / ln 10; more than 1.3 at 1.3").range(-0.02..1.34),
        series,
    }
}
