//! Findings in words: what, how much, why, and what to change.

use super::evidence::{Cause, Observation};
use super::{Edit, Finding, GradientFlow, Kind, Rule, Tensor, edits};
use crate::flow::Severity;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// Puts an observation in words.
pub(super) fn finding(
    flow: &GradientFlow,
    rule: &Rule,
    observation: &Observation,
    severity: Severity,
    began: u64,
    step: u64,
) -> Finding {
    Finding {
        kind: rule.kind,
        severity,
        layer: observation.layer,
        layers: observation.layers(flow),
        value: observation.value,
        told: observation.value,
        threshold: rule.level(severity),
        quantity: rule.quantity,
        began,
        seen: step,
        ended: None,
        headline: headline(flow, observation),
        cause: cause(flow, observation),
        reason: rule.reason,
        edits: edits::edits(flow, observation),
    }
}

fn name(flow: &GradientFlow, layer: Option<usize>) -> String {
    match layer.and_then(|index| flow.layers.get(index)) {
        Some(layer) => format!("`{}` ({})", layer.name, layer.layer),
        None => format!("`{}`", flow.network),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn headline(flow: &GradientFlow, observation: &Observation) -> String {
    let name = name(flow, observation.layer);
    let value = observation.value;
    let (decades, are) = if value >= 99.0 {
        ("all".to_string(), "is")
    } else {
        (format!("{value:.1} decades"), "are")
    };
    match (observation.kind, observation.cause) {
        (Kind::NonFinite, _) => match flow.non_finite {
            Some(found) => {
                let sample = found
                    .sample
                    .map_or_else(String::new, |s| format!(", sample {s} of the batch"));
                format!(
                    "{name}: its {} is NaN or infinite from step {}{sample}",
                    found.tensor.as_str(),
                    found.step
                )
            }
            None => format!("{name}: a number is not finite"),
        },
        (Kind::Exploding, Cause::Time) => {
            format!(
                "gradient explodes through time: {name} multiplies it by 10^{value:.1} from its last step to its first"
            )
        }
        (Kind::Exploding, Cause::Jump) => {
            format!(
                "gradient explodes: its norm is {:.0} times its median",
                libm::exp10(value - 0.5)
            )
        }
        (Kind::Exploding, _) => {
            format!(
                "gradient explodes: it grows by {value:.1} decades between the last layer and the first, most at {name}"
            )
        }
        (Kind::Vanishing, Cause::Time) => {
            format!(
                "gradient vanishes through time: {name} loses {decades} from its last step to its first"
            )
        }
        (Kind::Vanishing, _) => {
            format!(
                "gradient vanishes: {decades} of its norm {are} lost between the last layer and the first, most at {name}"
            )
        }
        (Kind::Faint, _) => {
            format!(
                "signal and gradient are faint: {decades} of gradient norm {are} lost with the signal's own, most at {name}; ratios of weight gradients do not show it"
            )
        }
        (Kind::DyingRelu, _) => format!("{} of the units of {name} are dead", percent(value)),
        (Kind::Saturation, _) => {
            format!("{} of the outputs of {name} are saturated", percent(value))
        }
        (Kind::Collapse, _) => format!(
            "inputs collapse: from {name} on, different inputs look the same (cosine {value:.3})"
        ),
        (Kind::SmallUpdate, _) => format!(
            "updates are too small: 10^-{value:.1} of the weights in a step, least at {name}"
        ),
        (Kind::LargeUpdate, _) => format!(
            "updates are too large: {} of the weights in a step, most at {name}",
            percent(value)
        ),
        (Kind::NoSignal, _) => format!(
            "the loss stands still at {} of its start: no signal reaches {name}",
            percent(value)
        ),
        (Kind::BadStepSize, _) => format!(
            "the loss stands still at {} of its start: the step size does not fit",
            percent(value)
        ),
        (Kind::NoInformation, _) => format!(
            "the loss stands still at {} of its start, although gradients and steps are sound",
            percent(value)
        ),
        (Kind::Noise, _) => format!(
            "gradients are mostly noise: the loss jumps by {} from step to step and no longer falls",
            percent(value)
        ),
        (Kind::BatchNormHealing, _) => format!(
            "the explosion through batch norms is healing: {value:.1} decades less than at the start"
        ),
        (Kind::Unpredicted, Cause::Data) => {
            format!("the inputs have RMS {:.3}, not about 1", flow.input_rms)
        }
        (Kind::Unpredicted, Cause::Targets) => {
            let last = flow.last().and_then(|reading| reading.layers.last());
            let (pull, output) =
                last.map_or((0.0, 0.0), |layer| (layer.delta_rms, layer.activation.rms));
            format!(
                "the targets are far from 1: outputs of RMS {output:.2} are pulled at with {pull:.3e}"
            )
        }
        (Kind::Unpredicted, Cause::Derivative) => format!(
            "{name}: the derivative does not belong to the values: {} off",
            percent(0.05 * value)
        ),
        (Kind::Unpredicted, _) => format!(
            "{name}: the gradient's factor is {value:.1} standard deviations from the prediction"
        ),
    }
}

fn cause(flow: &GradientFlow, observation: &Observation) -> String {
    let word = observation
        .layer
        .and_then(|index| flow.layers.get(index))
        .map_or("", |layer| layer.word());
    let factor = observation
        .layer
        .and_then(|index| flow.last()?.layers.get(index)?.factor);
    let text = match (observation.kind, observation.cause) {
        (Kind::NonFinite, _) => match flow.non_finite.map(|found| found.tensor) {
            Some(Tensor::Activation) => {
                "an overflow, or a number outside of what its function takes"
            }
            Some(Tensor::Weight) => "a step that was too large, or a gradient that was not finite",
            _ => "a derivative that overflows, or does not exist where it was taken",
        },
        (Kind::Exploding | Kind::Vanishing, Cause::Time) => {
            "the recurrent weights act once for every time step"
        }
        (Kind::Exploding, Cause::Jump) => {
            "a step that left the region in which the loss was smooth"
        }
        (Kind::Vanishing | Kind::Exploding | Kind::Faint, _) => {
            return match factor {
                Some(factor) => format!(
                    "each such `{word}` multiplies the squared gradient norm by {factor:.2}"
                ),
                None => {
                    "the layers multiply the gradient's norm by less or more than one".to_string()
                }
            };
        }
        (Kind::DyingRelu, _) => {
            "a large step, or large negative biases, pushed the units to where they are zero for every input"
        }
        (Kind::Saturation, _) => "inputs or weights are too large for this activation",
        (Kind::Collapse, _) => "activations with a mean, layer after layer, without normalisation",
        (Kind::SmallUpdate, _) => "the learning rate is too small for these weights",
        (Kind::LargeUpdate | Kind::BadStepSize, _) => {
            "the learning rate does not fit these weights"
        }
        (Kind::NoSignal, _) => "the gradient, or the difference between inputs, is lost on the way",
        (Kind::NoInformation, _) => {
            "inputs say nothing of the targets: shuffled labels, wrong features, or a target that is noise"
        }
        (Kind::Noise, _) => "the batch is too small, or the learning rate too large for it",
        (Kind::BatchNormHealing, _) => {
            "batch norms without skips multiply the gradient by more than one, until training has moved the weights"
        }
        (Kind::Unpredicted, Cause::Data) => "the data is not standardised",
        (Kind::Unpredicted, Cause::Targets) => {
            "the targets are not standardised, or the loss is multiplied by something"
        }
        (Kind::Unpredicted, Cause::Derivative) => "a mistake in `Activation::derivative`",
        (Kind::Unpredicted, _) => {
            "weights that are not freshly initialised, inputs far from standardised, or a layer that is not what it was declared to be"
        }
    };
    text.to_string()
}

/// One line to print while training.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let loud = match self.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        match self.ended {
            Some(step) => write!(f, "over since step {step}: {}", self.headline),
            None => {
                write!(f, "{loud}: {} (since step {})", self.headline, self.began)?;
                write!(f, "\n  cause: {}", self.cause)?;
                for (index, edit) in self.edits.iter().take(3).enumerate() {
                    write!(
                        f,
                        "\n  {} {edit}",
                        if index == 0 { "help:" } else { "   or" }
                    )?;
                }
                Ok(())
            }
        }
    }
}

/// `` `sigmoid` -> `relu`, `init = he_normal`: G -5.1 -> 0.0 (+-0.2) ``
impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        // Not "-0.0".
        let round = |decades: f64| libm::round(10.0 * decades) / 10.0 + 0.0;
        if let (Some(before), Some(after)) = (self.before, self.after) {
            write!(f, ": G {:.1} -> {:.1}", round(before), round(after))?;
            if let Some(deviation) = self.deviation {
                write!(f, " (+-{:.1})", deviation.max(0.1))?;
            }
        }
        Ok(())
    }
}
