//! The static verdict beside the outcome: which networks fail, which were flagged, and how well
//! one tells the other.

use crate::networks::CALIBRATION;
use crate::runs::{Optimizer, Run};
use declarations::{Declaration, OUTPUTS};
use network_core::flow::{Prediction, Severity};

/// A network is trained if its loss ends below this share of that of guessing, `ln 10`.
pub const TRAINED: f64 = 0.5;

/// A declared network with what is predicted of it.
pub struct Case {
    pub declaration: Declaration,
    pub set: Set,
    /// The prediction, judged for gradient descent, for Adam and for RMSprop.
    flows: [Prediction; 3],
}

/// Which declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Those that the thresholds were chosen on.
    Calibration,
    /// Those that nothing was chosen on.
    Fresh,
}

impl Case {
    pub fn new(index: usize, declaration: Declaration, flows: [Prediction; 3]) -> Self {
        let set = if index < CALIBRATION {
            Set::Calibration
        } else {
            Set::Fresh
        };
        Self {
            declaration,
            set,
            flows,
        }
    }

    /// The prediction as it is judged for training with `optimizer`.
    pub fn flow(&self, optimizer: Optimizer) -> &Prediction {
        &self.flows[match optimizer {
            Optimizer::Sgd => 0,
            Optimizer::Adam | Optimizer::AdamW => 1,
            Optimizer::RmsProp => 2,
        }]
    }

    /// `G`.
    pub fn decades(&self) -> f64 {
        self.flows[0].decades.unwrap_or(0.0)
    }

    /// `|G|` less two standard deviations, at least 0.
    pub fn certain_decades(&self) -> f64 {
        let deviation = self.flows[0].deviation.unwrap_or(0.0);
        (self.decades().abs() - 2.0 * deviation).max(0.0)
    }

    /// The loudest finding.
    pub fn severity(&self, optimizer: Optimizer) -> Option<Severity> {
        self.flow(optimizer)
            .findings
            .iter()
            .map(|finding| finding.severity)
            .max()
    }
}

/// A network on a task: what became of it.
pub struct Outcome<'a> {
    pub case: &'a Case,
    pub task: &'static str,
    pub optimizer: Optimizer,
    /// Loss over that of guessing, at the best learning rate, the median over initialisations.
    pub loss: f64,
}

impl<'a> Outcome<'a> {
    /// The outcomes of all cases that have runs.
    pub fn all(cases: &'a [Case], runs: &[Run]) -> Vec<Self> {
        let mut all = Vec::new();
        for case in cases {
            for task in crate::tasks::NAMES {
                for optimizer in Optimizer::ALL {
                    let mut losses: Vec<f64> = runs
                        .iter()
                        .filter(|run| {
                            run.network == case.declaration.name
                                && run.task == task
                                && run.optimizer == optimizer
                        })
                        .map(Run::best)
                        .collect();
                    losses.sort_by(f64::total_cmp);
                    if let Some(median) = losses.get(losses.len() / 2) {
                        let loss = median / (OUTPUTS as f64).ln();
                        all.push(Self {
                            case,
                            task,
                            optimizer,
                            loss,
                        });
                    }
                }
            }
        }
        all
    }

    pub fn failed(&self) -> bool {
        self.loss >= TRAINED
    }

    /// `|G|`.
    pub fn decades(&self) -> f64 {
        self.case.decades().abs()
    }

    /// The whole verdict as one number: the severity first, then `|G|`.
    pub fn alarm(&self) -> f64 {
        let severity = self
            .case
            .severity(self.optimizer)
            .map_or(0, |s| 1 + s as u8);
        1e3 * f64::from(severity) + self.decades().min(999.0)
    }

    pub fn flagged(&self, from: Severity) -> bool {
        self.case
            .severity(self.optimizer)
            .is_some_and(|severity| severity >= from)
    }
}

/// Points of the ROC curve, from (0, 0) to (1, 1): for each threshold on `score` the share of
/// trained networks above it (false alarms) and that of failed ones (catches).
pub fn roc(outcomes: &[&Outcome], score: impl Fn(&Outcome) -> f64) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, bool)> = outcomes.iter().map(|o| (score(o), o.failed())).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let failed = all.iter().filter(|(_, failed)| *failed).count() as f64;
    let trained = all.len() as f64 - failed;
    let mut points = vec![(0.0, 0.0)];
    let (mut alarms, mut catches) = (0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let caught = tied.iter().filter(|(_, failed)| *failed).count() as f64;
        catches += caught;
        alarms += tied.len() as f64 - caught;
        points.push((alarms / trained, catches / failed));
    }
    points
}

/// The area under a ROC curve: the probability that a failed network scores above a trained one.
pub fn area(points: &[(f64, f64)]) -> f64 {
    points
        .windows(2)
        .map(|pair| (pair[1].0 - pair[0].0) * 0.5 * (pair[0].1 + pair[1].1))
        .sum()
}

/// How many of these hold.
pub fn count(outcomes: &[&Outcome], test: impl Fn(&Outcome) -> bool) -> usize {
    outcomes.iter().filter(|outcome| test(outcome)).count()
}

#[cfg(test)]
mod tests {
    use super::area;

    #[test]
    fn areas_of_known_curves() {
        assert_eq!(area(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]), 1.0);
        assert_eq!(area(&[(0.0, 0.0), (1.0, 1.0)]), 0.5);
        assert_eq!(
            area(&[(0.0, 0.0), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]),
            0.625
        );
    }
}
