//! What to change: edits for each finding, best first.

use super::evidence::{Cause, Observation};
use super::{Edit, Finding, GradientFlow, Kind, Replacement, Rule};
use crate::flow::{Change, Remedy};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Edits after which so many decades less of the gradient may be left are worth no more.
const TRUST: f64 = 0.5;

/// The edit for inputs of a wrong scale.
const SCALE: &str = "`data.standardize()?`, which gives inputs mean 0 and variance 1";

/// The edit for targets of a wrong scale.
const TARGETS: &str =
    "`data.standardize_targets()?`, and `target_standardization()` takes predictions back";

/// The edit for data of a wrong scale, if that is so.
fn data_to_mend(flow: &GradientFlow) -> Option<&'static str> {
    let targets = |finding: &Finding| {
        let edit = finding.edits.first().map(|edit| edit.text.as_str());
        finding.kind == Kind::Unpredicted && finding.is_trouble() && edit == Some(TARGETS)
    };
    if is_unscaled(flow) {
        Some(SCALE)
    } else {
        flow.findings.iter().any(targets).then_some(TARGETS)
    }
}

/// Whether the inputs' scale is as far off as is worth a warning; indices have none.
fn is_unscaled(flow: &GradientFlow) -> bool {
    let indices = flow
        .layers
        .first()
        .is_some_and(|layer| layer.word() == "embedding");
    let [_, warning, _] = Rule::of(Kind::Unpredicted).levels;
    let decades = libm::log10(f64::from(flow.input_rms));
    !indices && decades.is_finite() && libm::fabs(decades) >= 0.1 * warning
}

/// Whether data of a wrong scale explains it.
fn follows_from_data(kind: Kind, cause: Cause) -> bool {
    let other = matches!(
        kind,
        Kind::Unpredicted | Kind::NoInformation | Kind::Noise | Kind::BatchNormHealing
    );
    !other && !matches!(cause, Cause::Jump | Cause::Time)
}

/// The edits that are likely to cure.
pub(super) fn edits(flow: &GradientFlow, observation: &Observation) -> Vec<Edit> {
    let rate = flow.last().map_or(0.0, |last| last.step.learning_rate);
    let median = flow.median_gradient_norm().unwrap_or(1.0);
    let clip = format!("`.clip(Clip::Norm({median:.3}))`, the median of the gradient's norm");
    // What is done to a network of such data helps little, or harms.
    if let Some(edit) = data_to_mend(flow)
        && follows_from_data(observation.kind, observation.cause)
    {
        return plain(&[edit]);
    }
    match (observation.kind, observation.cause) {
        (Kind::NonFinite, _) => {
            let smaller = plain(&[&rate_text(rate / 10.0), &clip]);
            // What explodes by its declaration is cured there.
            if flow
                .prediction
                .decades
                .is_some_and(|decades| decades >= 1.0)
            {
                let mut edits = evaluated(
                    flow,
                    &[Change::Init, Change::Activation, Change::Norm, Change::Skip],
                );
                edits.extend(smaller);
                edits
            } else {
                smaller
            }
        }
        (Kind::Exploding, Cause::Time) => {
            let mut edits = plain(&[&clip]);
            edits.extend(cells(flow, observation));
            edits
        }
        (Kind::Exploding, Cause::Jump) => plain(&[&clip, &rate_text(rate / 3.0)]),
        (Kind::Vanishing, Cause::Time) => cells(flow, observation),
        // To a thousandth of the weights in a step.
        (Kind::SmallUpdate, _) => larger_rate(flow, rate, libm::exp10(observation.value - 3.0)),
        (Kind::LargeUpdate, _) => plain(&[&rate_text(rate * 1e-3 / observation.value)]),
        (Kind::BadStepSize, _) => match flow.suggested_learning_rate() {
            Some(better) if better < rate => plain(&[&rate_text(better)]),
            Some(better) => larger_rate(flow, rate, better / rate),
            None => larger_rate(flow, rate, 10.0),
        },
        (Kind::Noise, _) => plain(&[
            &format!("a batch of {}", 4 * flow.batch.max(1)),
            &rate_text(rate / 4.0),
        ]),
        (Kind::NoInformation, _) => {
            plain(&["look at the data: print a few inputs beside their targets"])
        }
        (Kind::Unpredicted, Cause::Data) => plain(&[SCALE]),
        (Kind::Unpredicted, Cause::Targets) => plain(&[TARGETS]),
        (Kind::Unpredicted, Cause::Derivative) => {
            plain(&["write `derivative` anew: `f'(x)`, not `f(x)`, of what `value` computes"])
        }
        (Kind::Unpredicted | Kind::BatchNormHealing, _) => Vec::new(),
        (Kind::DyingRelu, _) => {
            let mut edits = evaluated(flow, &[Change::Alive, Change::Norm]);
            edits.extend(plain(&[&rate_text(rate / 10.0)]));
            edits
        }
        (Kind::NoSignal | Kind::Collapse, _) if is_recurrent(flow, observation) => {
            cells(flow, observation)
        }
        (Kind::Saturation | Kind::Collapse | Kind::NoSignal, _) => evaluated(
            flow,
            &[Change::Norm, Change::Activation, Change::Skip, Change::Init],
        ),
        (Kind::Vanishing | Kind::Faint | Kind::Exploding, _) => evaluated(
            flow,
            &[Change::Activation, Change::Init, Change::Norm, Change::Skip],
        ),
    }
}

fn is_recurrent(flow: &GradientFlow, observation: &Observation) -> bool {
    let layer = observation.layer.and_then(|layer| flow.layers.get(layer));
    layer.is_some_and(|layer| !layer.times.is_empty())
}

/// Cells of as many units that remember for longer than the one that is blamed.
fn cells(flow: &GradientFlow, observation: &Observation) -> Vec<Edit> {
    let layer = observation.layer.and_then(|layer| flow.layers.get(layer));
    let (cell, arguments) = layer
        .and_then(|layer| layer.layer.split_once('('))
        .unwrap_or(("rnn", ".."));
    let units = arguments.split([',', ')']).next().unwrap_or("..");
    let gru = format!("`gru({units}, update_bias = chrono)`");
    let lstm = format!("`lstm({units}, forget_bias = chrono)`");
    match cell {
        "lstm" => plain(&[&lstm]),
        _ => plain(&[&gru, &lstm]),
    }
}

/// What the theory evaluated when the network was compiled: those that leave least of the trouble
/// first, and among those changes of the first kind.
fn evaluated(flow: &GradientFlow, order: &[Change]) -> Vec<Edit> {
    let before = flow.last().and_then(|last| flow.decades(last));
    let before = before.filter(|decades| decades.is_finite());
    let edit = |remedy: &Remedy| Edit {
        text: remedy.text.to_string(),
        replacements: (remedy.replacements.iter())
            .map(|(start, end, text)| Replacement {
                start: *start,
                end: *end,
                text: (*text).to_string(),
            })
            .collect(),
        before,
        after: remedy.decades,
        deviation: remedy.deviation,
    };
    let of = |change: &Change| {
        let change = *change;
        flow.remedies
            .iter()
            .filter(move |remedy| remedy.change == change && !remedy.replacements.is_empty())
    };
    let mut remedies: Vec<&Remedy> = order.iter().flat_map(of).collect();
    // Most trusted first: what is left of the gradient's decades, with the finite width's error.
    remedies.sort_by_key(|remedy| {
        let left = remedy.decades.map_or(1.0, libm::fabs);
        let most = left + 2.0 * remedy.deviation.unwrap_or(0.5);
        (most / TRUST) as u32
    });
    let mut edits: Vec<Edit> = remedies.into_iter().map(edit).collect();
    // What is written already is no cure.
    let source = &flow.declaration.source;
    edits.retain(|edit| flow.declaration.edited(&edit.replacements) != *source);
    if edits.is_empty() {
        plain(&["`batch_norm` before each activation"])
    } else {
        edits
    }
}

fn plain(texts: &[&str]) -> Vec<Edit> {
    let edit = |text: &&str| Edit {
        text: (*text).to_string(),
        replacements: Vec::new(),
        before: None,
        after: None,
        deviation: None,
    };
    texts.iter().map(edit).collect()
}

/// A learning rate so many times as large, as far as rates that are ever used go.
fn larger_rate(flow: &GradientFlow, rate: f64, times: f64) -> Vec<Edit> {
    let most = if flow.is_adaptive() { 0.01 } else { 1.0 };
    // A single reading does not carry further than three decades.
    let better = (rate * times.min(1e3)).min(most);
    if better > 1.5 * rate {
        plain(&[&rate_text(better)])
    } else {
        evaluated(flow, &[Change::Norm, Change::Init, Change::Activation])
    }
}

fn rate_text(rate: f64) -> String {
    format!("learning rate {rate:.1e}")
}
