//! What to change: edits for each finding, best first.

use super::evidence::{Cause, Observation};
use super::{Edit, GradientFlow, Kind};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The edits that are likely to cure.
pub(super) fn edits(flow: &GradientFlow, observation: &Observation) -> Vec<Edit> {
    let rate = flow.last().map_or(0.0, |last| last.step.learning_rate);
    let median = median_norm(flow);
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
        (Kind::BadStepSize, _) => plain(&[&step_size(flow, rate)]),
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
        (Kind::DyingRelu, _) => plain(&[
            "`leaky_relu(0.01)`",
            &rate_text(rate / 10.0),
            "`batch_norm` before it",
        ]),
        (
            Kind::Saturation
            | Kind::Collapse
            | Kind::NoSignal
            | Kind::Vanishing
            | Kind::Faint
            | Kind::Exploding,
            _,
        ) => plain(&["`batch_norm` before it"]),
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

/// The learning rate that moves weights by a thousandth in a step.
fn step_size(flow: &GradientFlow, rate: f64) -> String {
    let mut ratios: Vec<f64> = flow
        .last()
        .into_iter()
        .flat_map(|last| last.layers)
        .filter_map(|layer| Some(f64::from(layer.gradient?.update_ratio()?)))
        .filter(|ratio| *ratio > 0.0)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or(1e-3);
    rate_text(rate * (1e-3 / median).clamp(1e-4, 1e4))
}

/// The median of the gradient's norm over all readings.
fn median_norm(flow: &GradientFlow) -> f64 {
    let mut norms: Vec<f64> = flow
        .readings
        .iter()
        .map(|reading| reading.step.gradient_norm)
        .filter(|norm| norm.is_finite())
        .collect();
    norms.sort_by(f64::total_cmp);
    norms.get(norms.len() / 2).copied().unwrap_or(1.0)
}
