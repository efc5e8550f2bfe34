//! Gradients through time: what is left after `steps` steps of a recurrent cell.

use crate::activation::{Activation, sigmoid};
use crate::moments::{MomentCache, Moments};
use crate::quadrature::Rule;

/// A recurrent layer over a sequence of known length.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent {
    /// Length of the sequence.
    pub steps: usize,
    /// Units of the hidden state.
    pub units: Option<usize>,
    /// The cell.
    pub cell: Cell,
}

/// The recurrent cells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// `h' = phi(W h + U x + b)` with the same `W` at every step.
    Rnn {
        /// `phi`
        activation: Activation,
        /// `g^2 = units * Var(W)`
        sigma_w2: f64,
        /// Variance that `U x + b` adds to the pre-activation.
        drive: f64,
        /// Whether `W` is orthogonal; the error bar of tied normal weights is far wider.
        orthogonal: bool,
    },
    /// Gated recurrent unit, `h' = (1 - z) h + z h~`, with this initial bias of the update gate.
    Gru {
        /// Bias of the update gate; negative remembers.
        update_bias: f64,
    },
    /// Long short-term memory with the initial bias of its forget gate.
    Lstm {
        /// Bias of the forget gate; positive remembers.
        forget: Forget,
    },
}

impl Cell {
    /// Returns the GRU whose update bias is the middle of the chrono rule's law for so many steps.
    pub fn chrono_gru(steps: usize) -> Self {
        Self::Gru {
            update_bias: -(0.5 * steps as f64).max(1.0).ln(),
        }
    }
}

/// The initial bias of a forget gate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forget {
    /// The same in every unit.
    Bias(f64),
    /// `ln u` with `u` uniform on `[1, steps - 1]`
    /// ([Tallec 2018](https://arxiv.org/abs/1804.11188)).
    Chrono,
}

/// What the theory says of a recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Length of the sequence.
    pub steps: usize,
    /// Decades of gradient norm between the last step and the first. For gated cells a lower
    /// bound: the path through the cell alone.
    pub decades: f64,
    /// Whether `decades` is only that bound.
    pub lower_bound: bool,
    /// Standard deviation of `decades`, where measured: about one decade at a hundred steps of
    /// tied normal weights in 128 units, hardly any for orthogonal ones.
    pub deviation: Option<f64>,
    /// Steps after which half of a cell's content is forgotten.
    pub half_life: Option<f64>,
    /// Second moment of the hidden state at the last step, for cells without gates.
    pub second_moment: Option<f64>,
}

impl Recurrent {
    /// Returns the memory of the layer.
    pub fn memory(&self, cache: &mut MomentCache) -> Memory {
        match &self.cell {
            Cell::Rnn {
                activation,
                sigma_w2,
                drive,
                orthogonal,
            } => self.plain(activation, *sigma_w2, *drive, *orthogonal, cache),
            Cell::Gru { update_bias } => self.gated(sigmoid(-update_bias)),
            Cell::Lstm {
                forget: Forget::Bias(bias),
            } => self.gated(sigmoid(*bias)),
            Cell::Lstm {
                forget: Forget::Chrono,
            } => self.chrono(),
        }
    }

    // q_t = g^2 E[phi^2] + drive, starting from an empty state; one factor
    // g^2 E[phi'(sqrt(q_t) Z)^2] for each step that the gradient crosses.
    fn plain(
        &self,
        activation: &Activation,
        sigma_w2: f64,
        drive: f64,
        orthogonal: bool,
        cache: &mut MomentCache,
    ) -> Memory {
        let mut q = drive;
        let mut decades = 0.0;
        let mut moments: Moments = cache.get(activation, q);
        for _ in 1..self.steps {
            q = (sigma_w2 * moments.second + drive).min(1e250);
            moments = cache.get(activation, q);
            decades += 0.5 * (sigma_w2 * moments.slope_second).log10();
        }
        let units = self.units.unwrap_or(128).max(1) as f64;
        let spread = if orthogonal { 0.05 } else { 1.0 };
        Memory {
            steps: self.steps,
            decades,
            lower_bound: false,
            deviation: Some(spread * (self.steps as f64 / 100.0 * 128.0 / units).sqrt()),
            half_life: None,
            second_moment: Some(moments.second),
        }
    }

    fn gated(&self, keep: f64) -> Memory {
        Memory {
            steps: self.steps,
            decades: self.steps as f64 * keep.log10(),
            lower_bound: true,
            deviation: None,
            half_life: Some(0.5_f64.ln() / keep.ln()),
            second_moment: None,
        }
    }

    // With f = u / (1 + u): E[f^(2 T)] over u uniform on [1, T - 1].
    fn chrono(&self) -> Memory {
        let steps = self.steps as f64;
        let high = (steps - 1.0).max(1.0);
        let rule = Rule::uniform(240);
        // The uniform law as a function of a normal variable.
        let mean = rule.expect(|z| {
            let u = 1.0 + (high - 1.0) * crate::special::normal_cdf(z);
            (u / (1.0 + u)).powf(2.0 * steps)
        });
        let middle = 0.5 * (1.0 + high);
        Memory {
            steps: self.steps,
            decades: 0.5 * mean.log10(),
            lower_bound: true,
            deviation: None,
            half_life: Some(0.5_f64.ln() / (middle / (1.0 + middle)).ln()),
            second_moment: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tanh(steps: usize, sigma_w2: f64) -> f64 {
        let cell = Cell::Rnn {
            activation: Activation::Tanh,
            sigma_w2,
            drive: 0.01,
            orthogonal: true,
        };
        Recurrent {
            steps,
            units: Some(128),
            cell,
        }
        .memory(&mut MomentCache::default())
        .decades
    }

    #[test]
    fn plain_cells_match_the_table() {
        let table = [
            (10, 1.0, -0.17),
            (50, 1.0, -1.30),
            (100, 1.0, -2.74),
            (100, 0.9, -6.08),
            (100, 1.5, 3.13),
        ];
        for (steps, g, expected) in table {
            assert!((tanh(steps, g * g) - expected).abs() < 0.005, "{steps} {g}");
        }
        let relu = Cell::Rnn {
            activation: Activation::Relu,
            sigma_w2: 1.0,
            drive: 0.01,
            orthogonal: false,
        };
        let memory = Recurrent {
            steps: 100,
            units: None,
            cell: relu,
        }
        .memory(&mut MomentCache::default());
        assert!((memory.decades + 14.9).abs() < 0.05);
        assert_eq!(memory.deviation.map(f64::round), Some(1.0));
    }

    #[test]
    fn gates_match_the_table() {
        let lstm = |steps, forget| {
            Recurrent {
                steps,
                units: None,
                cell: Cell::Lstm { forget },
            }
            .memory(&mut MomentCache::default())
        };
        let table = [
            (0.0, -0.301, 1.0),
            (1.0, -0.136, 2.2),
            (3.0, -0.0211, 14.0),
            (5.0, -0.0029, 103.0),
        ];
        for (bias, per_step, half_life) in table {
            let memory = lstm(100, Forget::Bias(bias));
            assert!((memory.decades / 100.0 - per_step).abs() < 6e-4, "{bias}");
            assert!(
                (memory.half_life.unwrap() / half_life - 1.0).abs() < 0.03,
                "{bias}"
            );
        }
        for steps in [10, 100, 200] {
            let decades = lstm(steps, Forget::Chrono).decades;
            assert!((-0.8..=-0.68).contains(&decades), "{steps}: {decades}");
        }
        let gru = Recurrent {
            steps: 100,
            units: None,
            cell: Cell::Gru { update_bias: -3.0 },
        };
        assert!((gru.memory(&mut MomentCache::default()).decades + 2.1).abs() < 0.05);
    }
}
