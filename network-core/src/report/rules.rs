//! The table of rules: from which number on something is wrong, for how long, and why there.

use super::Kind;
use crate::flow::Severity;

/// How many readings a verdict looks back on.
pub(super) const WINDOW: usize = 5;
/// An open finding gets better only below this share of its level.
pub(super) const HYSTERESIS: f64 = 0.8;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// What it judges.
    pub kind: Kind,
    /// From here on a note, a warning, an error; infinity for never.
    pub levels: [f64; 3],
    /// In how many of the last five readings.
    pub persistence: usize,
    /// Whether a warning needs a training in distress: one whose loss stands still or rises.
    /// Without distress it is a note.
    pub distress: bool,
    /// What the number is.
    pub quantity: &'static str,
    /// Why these levels.
    pub reason: &'static str,
}

impl Rule {
    /// The rule for a kind.
    pub fn of(kind: Kind) -> &'static Self {
        let found = RULES.iter().find(|rule| rule.kind == kind);
        found.unwrap_or(&RULES[0])
    }

    /// How loud a number is, for a finding that is already as loud as `open`.
    pub(super) fn severity(&self, value: f64, open: Option<Severity>) -> Option<Severity> {
        let passes = |level: f64, severity: Severity| {
            let held = open.is_some_and(|open| open >= severity);
            value >= if held { level * HYSTERESIS } else { level }
        };
        let [note, warning, error] = self.levels;
        if passes(error, Severity::Error) {
            Some(Severity::Error)
        } else if passes(warning, Severity::Warning) {
            Some(Severity::Warning)
        } else if passes(note, Severity::Note) {
            Some(Severity::Note)
        } else {
            None
        }
    }

    /// The level that a severity stands for.
    pub fn level(&self, severity: Severity) -> f64 {
        self.levels[severity as usize]
    }
}

const NEVER: f64 = f64::INFINITY;

/// The rules.
pub const RULES: [Rule; 15] = [
    Rule {
        kind: Kind::NonFinite,
        levels: [NEVER, NEVER, 1.0],
        persistence: 1,
        distress: false,
        quantity: "numbers that are not finite",
        reason: "nothing is learned from NaN",
    },
    Rule {
        kind: Kind::Exploding,
        levels: [1.0, 1.5, 2.0],
        persistence: 3,
        distress: true,
        quantity: "decades of gradient norm, last layer to first",
        reason: "plain networks at 1.6 decades diverged at learning rates that suited the rest",
    },
    Rule {
        kind: Kind::Vanishing,
        levels: [1.0, 1.5, 3.0],
        persistence: 3,
        distress: true,
        quantity: "decades of gradient norm lost, last layer to first",
        reason: "of 45 small networks none beyond 3 decades trained; between 1.5 and 3 some did",
    },
    Rule {
        kind: Kind::Faint,
        levels: [1.0, 1.5, 3.0],
        persistence: 3,
        distress: true,
        quantity: "decades of gradient norm lost, last layer to first, with the signal's own",
        reason: "weight gradients look alike in all layers, and yet nothing moves: a relu network of \
            ten layers with too small weights stood still at 3.5",
    },
    Rule {
        kind: Kind::DyingRelu,
        levels: [0.2, 0.5, 0.7],
        persistence: 3,
        distress: false,
        quantity: "share of units that were zero for every example of five readings",
        reason: "half of a layer's outputs being zero is normal, half of its units for good is not",
    },
    Rule {
        kind: Kind::Saturation,
        levels: [0.5, 0.5, 0.8],
        persistence: 3,
        distress: true,
        quantity: "share of outputs where the activation is nearly flat",
        reason: "where most are flat, most gradients stop",
    },
    Rule {
        kind: Kind::Collapse,
        levels: [0.99, 0.99, NEVER],
        persistence: 3,
        distress: true,
        quantity: "mean cosine between different inputs at the last hidden layer",
        reason: "sigmoid networks fail from the depth where it passes 0.99",
    },
    Rule {
        kind: Kind::SmallUpdate,
        levels: [4.0, 4.0, NEVER],
        persistence: 3,
        distress: true,
        quantity: "-log10 of |update| / |weights|, median over layers",
        reason: "sound training has about 3; at 4 a weight needs ten thousand steps to change",
    },
    Rule {
        kind: Kind::LargeUpdate,
        levels: [0.1, 0.1, 0.5],
        persistence: 1,
        distress: true,
        quantity: "|update| / |weights|, median over layers",
        reason: "sound training has about 1e-3; at 0.1 weights are replaced within ten steps",
    },
    Rule {
        kind: Kind::NoSignal,
        levels: [NEVER, 0.9, NEVER],
        persistence: 3,
        distress: false,
        quantity: "loss relative to that at the start",
        reason: "the loss stands still and the first layers receive next to nothing",
    },
    Rule {
        kind: Kind::BadStepSize,
        levels: [NEVER, 0.9, NEVER],
        persistence: 3,
        distress: false,
        quantity: "loss relative to that at the start",
        reason: "the loss stands still, gradients arrive, and updates are out of 3e-5 to 0.1 of \
            the weights",
    },
    Rule {
        kind: Kind::NoInformation,
        levels: [NEVER, 0.9, NEVER],
        persistence: 3,
        distress: false,
        quantity: "loss relative to that at the start",
        reason: "the loss stands still although gradients arrive and updates are sound",
    },
    Rule {
        kind: Kind::Noise,
        levels: [NEVER, 0.5, NEVER],
        persistence: 3,
        distress: false,
        quantity: "standard deviation of the loss from step to step, relative to its mean",
        reason: "successive gradients are unrelated (cosine below 0.1), and the loss no longer falls",
    },
    Rule {
        kind: Kind::BatchNormHealing,
        levels: [0.3, NEVER, NEVER],
        persistence: 1,
        distress: false,
        quantity: "decades of gradient norm healed since the first step",
        reason: "batch norms without skips explode at the start by theory; thirty layers went from \
            2.2 to 1.3 decades within 20 steps",
    },
    Rule {
        kind: Kind::Unpredicted,
        levels: [4.0, 8.0, NEVER],
        persistence: 1,
        distress: false,
        quantity: "standard deviations between measurement and prediction at the first step",
        reason: "four standard deviations happen to one layer in 16,000 by chance",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_row_with_rising_levels() {
        for rule in &RULES {
            assert_eq!(
                RULES.iter().filter(|other| other.kind == rule.kind).count(),
                1
            );
            // A verdict may skip a severity: something not finite is always an error.
            let levels = rule.levels.iter().filter(|level| **level != NEVER);
            assert!(levels.is_sorted(), "{:?}", rule.kind);
            assert!((1..=WINDOW).contains(&rule.persistence));
            assert!(!rule.reason.is_empty() && !rule.quantity.is_empty());
        }
    }

    #[test]
    fn an_open_finding_needs_more_to_close_than_to_stay_closed() {
        let rule = Rule::of(Kind::Vanishing);
        assert_eq!(rule.severity(1.4, None), Some(Severity::Note));
        assert_eq!(
            rule.severity(1.4, Some(Severity::Warning)),
            Some(Severity::Warning)
        );
        assert_eq!(
            rule.severity(1.1, Some(Severity::Warning)),
            Some(Severity::Note)
        );
        assert_eq!(rule.severity(0.7, Some(Severity::Error)), None);
    }
}
