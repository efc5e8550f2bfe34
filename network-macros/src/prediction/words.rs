//! Findings in words: what, how much, why, and edits that the theory has evaluated, as text
//! that can be typed.

use crate::model::Site;
use crate::typing::rewritten;
use network_flow::{Analysis, Edit, Finding, Kind, Remedy, Role};
use std::fmt::Write;

/// How many remedies are named.
const NAMED: usize = 3;

/// A finding in words.
pub(crate) struct Words {
    /// What is wrong, such as `gradient will vanish`.
    pub(crate) verdict: &'static str,
    /// How much, and where: the rest of the sentence, then why, then help.
    pub(crate) details: String,
}

impl Words {
    pub(super) fn new(
        finding: &Finding,
        analysis: &Analysis,
        sites: &[Site],
        limits: &[String],
    ) -> Self {
        let mut details = headline(finding, analysis, sites);
        if let Some((count, factor)) = finding.per_layer {
            let word = &sites[finding.worst].word;
            let these = match count {
                1 => "this".to_owned(),
                _ => format!("each of these {count}"),
            };
            let factor = short(factor);
            let whose = match finding.kind {
                Kind::InitMismatch => "the gradient's",
                _ => "its",
            };
            let _ = write!(
                details,
                "\n{these} `{word}` multiplies {whose} squared norm by about {factor}"
            );
        }
        for (index, limit) in limits.iter().enumerate() {
            if finding.kind.is_gradient() {
                let _ = write!(details, "\n`init = auto`: {limit}");
            } else if finding.kind == Kind::NoBalance {
                let _ = write!(details, "{}{limit}", if index == 0 { "" } else { "\n" });
            }
        }
        let remedies = finding.remedies.iter().take(NAMED).enumerate();
        let remedies: Vec<String> = remedies
            .map(|(index, remedy)| {
                let mut text = remedy_text(remedy, sites);
                if leaves_some_out(remedy, finding) {
                    text.push_str(" where the width stays");
                }
                if finding.kind.is_gradient() {
                    text.push_str(&effect(remedy, index == 0));
                }
                text
            })
            .collect();
        if !remedies.is_empty() {
            let separator = if finding.kind.is_gradient() {
                ";  or "
            } else {
                ", or "
            };
            let _ = write!(details, "\nhelp: {}", remedies.join(separator));
        }
        Self {
            verdict: verdict(finding.kind),
            details,
        }
    }

    /// Adds a line before the help.
    pub(super) fn note(&mut self, line: &str) {
        let at = self.details.find("\nhelp: ").unwrap_or(self.details.len());
        self.details.insert_str(at, &format!("\n{line}"));
    }

    /// The whole message.
    pub(crate) fn message(&self) -> String {
        format!("{}: {}", self.verdict, self.details)
    }
}

fn verdict(kind: Kind) -> &'static str {
    match kind {
        Kind::NoGradient => "no signal passes",
        Kind::Vanishing => "gradient will vanish",
        Kind::Exploding | Kind::BatchNormChain | Kind::ResidualGrowth => "gradient will explode",
        Kind::RecurrentMemory => "memory will be short",
        Kind::Collapse => "inputs will collapse",
        Kind::BornDead => "layer may be born dead",
        Kind::Saturation => "units start saturated",
        Kind::InitMismatch => "init does not fit",
        Kind::Underflow => "gradients will underflow",
        Kind::NoBalance => "auto finds no balance",
        Kind::BiasBeforeBatchNorm => "bias without effect",
        Kind::SoftmaxBeforeLoss => "softmax before the loss",
        _ => "gradient flow",
    }
}

/// What follows the verdict and a colon.
fn headline(finding: &Finding, analysis: &Analysis, sites: &[Site]) -> String {
    let value = finding.value.abs();
    let decades = match finding.deviation {
        Some(deviation) => format!("{value:.1} decades (+-{:.1})", deviation.max(0.1)),
        None => format!("{value:.1} decades"),
    };
    let name = &sites[finding.worst].name;
    let mut layers = analysis.prediction.layers.iter();
    let last = layers.rfind(|layer| layer.trunk && layer.role == Role::Dense);
    let last = last.map_or_else(
        || "the last layer".to_owned(),
        |last| format!("`{}`", sites[last.id].name),
    );
    match finding.kind {
        Kind::NoGradient => {
            format!("all weights of `{name}` start equal, so its units compute the same")
        }
        Kind::Vanishing => {
            let under = if finding.also.contains(&Kind::Underflow) {
                ", and squares underflow `f32`"
            } else {
                ""
            };
            format!("{decades} are lost between {last} and the first layer{under}")
        }
        Kind::Exploding => {
            let over = if finding.also.contains(&Kind::Underflow) {
                ", and squares overflow `f32`"
            } else {
                ""
            };
            format!("it grows by {decades} between {last} and the first layer{over}")
        }
        Kind::BatchNormChain => format!("batch norms without skips make it grow by {decades}"),
        Kind::ResidualGrowth => {
            format!("residual blocks without norm or scale make it grow by {decades}")
        }
        Kind::RecurrentMemory if half_life(finding, analysis).is_some() => {
            let (half_life, steps) = half_life(finding, analysis).unwrap_or_default();
            format!(
                "`{name}` forgets half of what it holds in {half_life:.1} of its {steps} steps: through its cell alone the gradient loses {decades}"
            )
        }
        Kind::RecurrentMemory if finding.value > 0.0 => {
            format!("the gradient of `{name}` grows by {decades} over its sequence")
        }
        Kind::RecurrentMemory => {
            format!("`{name}` loses {decades} of gradient over its sequence")
        }
        Kind::Collapse => format!(
            "the cosine between unrelated inputs is {:.3} at the last hidden layer",
            finding.value
        ),
        Kind::BornDead => format!(
            "for a given input, one of {} outputs nothing with probability {:.2}",
            match finding.nodes.len() {
                1 => format!("the copies of `{name}`"),
                n => format!("{n} narrow layers"),
            },
            finding.value.min(1.0)
        ),
        Kind::Saturation => format!("most units of `{name}` sit where it is flat"),
        Kind::InitMismatch => {
            let small = finding.per_layer.is_some_and(|(_, factor)| factor < 1.0);
            let small = if small { "small" } else { "large" };
            format!("the weights of `{name}` are too {small} for the activation before it")
        }
        Kind::NoBalance => String::new(),
        Kind::Underflow => format!("{value:.0} decades leave the range of `f32`"),
        Kind::BiasBeforeBatchNorm => {
            format!("the batch norm after `{name}` subtracts it again")
        }
        Kind::SoftmaxBeforeLoss => "`CrossEntropy` applies it itself".to_owned(),
        other => format!("{other:?}"),
    }
}

/// For cells with gates: after how many steps half is forgotten, and the steps of the sequence.
fn half_life(finding: &Finding, analysis: &Analysis) -> Option<(f64, usize)> {
    let mut memories = analysis.prediction.memories.iter();
    let (_, memory) = memories.find(|(id, _)| *id == finding.worst)?;
    Some((memory.half_life?, memory.steps))
}

/// A remedy as text that can be typed.
pub(crate) fn remedy_text(remedy: &Remedy, sites: &[Site]) -> String {
    if let [
        Edit::Residual { around },
        norm @ (Edit::LayerNorm { .. } | Edit::BatchNorm { .. }),
    ] = &remedy.edits[..]
    {
        let norm = match norm {
            Edit::LayerNorm { .. } => "layer_norm -> ",
            _ => "batch_norm -> ",
        };
        return skip_text(around, norm, sites);
    }
    let edits: Vec<String> = remedy
        .edits
        .iter()
        .map(|edit| edit_text(edit, sites))
        .collect();
    edits.join(" with ")
}

fn edit_text(edit: &Edit, sites: &[Site]) -> String {
    let declared = |nodes: &[usize]| nodes.first().map_or("", |node| &sites[*node].declared);
    let changed = |nodes: &[usize]| match rewritten(declared(nodes), edit) {
        Some(call) => format!("`{call}`"),
        None => edit.to_string(),
    };
    match edit {
        Edit::BatchNorm { before } => format!("`batch_norm -> {}`", declared(before)),
        Edit::LayerNorm { before } => format!("`layer_norm -> {}`", declared(before)),
        Edit::Residual { around } => skip_text(around, "", sites),
        Edit::Scale { nodes, .. } | Edit::RemoveBias { nodes } | Edit::Widen { nodes, .. } => {
            changed(nodes)
        }
        Edit::Chrono { node, .. } | Edit::Lstm { node } => changed(&[*node]),
        Edit::RemoveSoftmax { .. } => "leave it out".to_owned(),
        other => other.to_string(),
    }
}

/// `residual { .. }` around the first of the runs it is to go around.
fn skip_text(around: &[(usize, usize)], norm: &str, sites: &[Site]) -> String {
    let Some(&(first, last)) = around.first() else {
        return "`residual { .. }`".to_owned();
    };
    let ends = [&sites[first].declared, &sites[last].declared];
    let body = match last - first {
        0 => ends[0].clone(),
        1 => format!("{} -> {}", ends[0], ends[1]),
        2 => format!(
            "{} -> {} -> {}",
            ends[0],
            sites[first + 1].declared,
            ends[1]
        ),
        _ => format!("{} -> .. -> {}", ends[0], ends[1]),
    };
    format!("`residual {{ {norm}{body} }}`")
}

/// Whether a remedy's skips go around some of the layers that are to blame, but not around all,
/// since some change the width.
fn leaves_some_out(remedy: &Remedy, finding: &Finding) -> bool {
    remedy.edits.iter().any(|edit| match edit {
        Edit::Residual { around } => !finding.nodes.iter().all(|node| {
            around
                .iter()
                .any(|(first, last)| (first..=last).contains(&node))
        }),
        _ => false,
    })
}

/// What the theory expects of a remedy.
fn effect(remedy: &Remedy, interval: bool) -> String {
    let Some(decades) = remedy.decades else {
        return String::new();
    };
    // Not "-0.0".
    let rounded = (10.0 * decades).round() / 10.0 + 0.0;
    let sign = if rounded > 0.0 { "+" } else { "" };
    let interval = match remedy.deviation.filter(|_| interval) {
        Some(deviation) => format!(" (+-{:.1})", deviation.max(0.1)),
        None => String::new(),
    };
    format!(": {sign}{rounded:.1}{interval}")
}

/// Two significant digits.
pub(super) fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let digits = (1.0 - number.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{number:.digits$}")
}
