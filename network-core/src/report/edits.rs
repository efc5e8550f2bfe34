//! What to change: edits for each finding, best first.

use super::evidence::{Cause, Observation};
use super::{Edit, GradientFlow, Kind, Replacement};
use crate::flow::{Change, Remedy};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The edits that are likely to cure.
pub(super) fn edits(flow: &GradientFlow, observation: &Observation) -> Vec<Edit> {
    let rate = flow.last().map_or(0.0, |last| last.step.learning_rate);
    let median = flow.median_gradient_norm().unwrap_or(1.0);
    let clip = format!("`clip = norm({median:.3})`, the median of the gradient's norm");
    match (observation.kind, observation.cause) {
        (Kind::NonFinite, _) => plain(&[&rate_text(rate / 10.0), &clip]),
        (Kind::Exploding, Cause::Time) => {
            plain(&[&clip, "`init = orthogonal`", "`lstm` or `gru` in its place"])
        }
        (Kind::Exploding, Cause::Jump) => plain(&[&clip, &rate_text(rate / 3.0)]),
        (Kind::Vanishing, Cause::Time) => {
            plain(&["`lstm(forget_bias = chrono)`", "`init = orthogonal`"])
        }
        (Kind::SmallUpdate, _) => {
            // To a thousandth of the weights in a step.
            plain(&[&rate_text(
                rate * libm::exp10(observation.value.min(6.0) - 3.0),
            )])
        }
        (Kind::LargeUpdate, _) => plain(&[&rate_text(rate * 1e-3 / observation.value)]),
        (Kind::BadStepSize, _) => {
            plain(&[&rate_text(flow.suggested_learning_rate().unwrap_or(rate))])
        }
        (Kind::Noise, _) => plain(&[
            &format!("a batch of {}", 4 * flow.batch.max(1)),
            &rate_text(rate / 4.0),
        ]),
        (Kind::NoInformation, _) => {
            plain(&["look at the data: print a few inputs beside their targets"])
        }
        (Kind::Unpredicted, Cause::Data) => {
            plain(&["`Standardization::fit(&data)`, which gives inputs mean 0 and variance 1"])
        }
        (Kind::Unpredicted, Cause::Derivative) => {
            plain(&["write `derivative` anew: `f'(x)`, not `f(x)`, of what `value` computes"])
        }
        (Kind::Unpredicted | Kind::BatchNormHealing, _) => Vec::new(),
        (Kind::DyingRelu, _) => {
            let mut edits = evaluated(flow, &[Change::Alive, Change::Norm]);
            edits.extend(plain(&[&rate_text(rate / 10.0)]));
            edits
        }
        (Kind::NoSignal | Kind::Collapse, _) if flow.is_recurrent(observation.layer) => {
            plain(&["`lstm(forget_bias = chrono)` or `gru` in its place"])
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

/// What the theory evaluated when the network was compiled, changes of the first kind first.
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
    let edits: Vec<Edit> = order.iter().flat_map(of).map(edit).collect();
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

fn rate_text(rate: f64) -> String {
    format!("learning rate {rate:.1e}")
}
