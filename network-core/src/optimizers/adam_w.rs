//! `AdamW`: Adam with weight decay that stays out of the moments.

use super::adam::AdamRule;
use super::{Adam, Optimizer};
use crate::hyperparameter::HyperparameterError;
use bytemuck::{Pod, Zeroable};

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
///
/// Each step takes `learning_rate * weight_decay` of every weight away, then does what
/// [`Adam`] without decay does. Biases, slopes, and scales and shifts of
/// normalisations do not decay. As PyTorch's `AdamW`, with all but the weights in a
/// group without decay.
///
/// # Examples
///
/// ```
/// use network_core::optimizers::AdamW;
///
/// let adam_w = AdamW { weight_decay: 0.05, ..AdamW::new(1e-3) };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
pub struct AdamW {
    /// How far a step goes.
    pub learning_rate: f64,
    /// How much of the mean gradient is kept; 0.9.
    pub beta1: f64,
    /// How much of the mean squared gradient is kept; 0.999.
    pub beta2: f64,
    /// Keeps the divisor from 0; 1e-8.
    pub epsilon: f64,
    /// How much of a weight a step takes away, as a multiple of the learning rate; 0.01.
    pub weight_decay: f64,
}

impl AdamW {
    /// With PyTorch's defaults for the rest.
    pub const fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
        }
    }

    fn adam(&self) -> Adam {
        let Self {
            learning_rate,
            beta1,
            beta2,
            epsilon,
            weight_decay,
        } = *self;
        Adam {
            learning_rate,
            beta1,
            beta2,
            epsilon,
            weight_decay,
        }
    }
}

impl Default for AdamW {
    /// `learning_rate` is 1e-3.
    fn default() -> Self {
        Self::new(1e-3)
    }
}

impl Optimizer for AdamW {
    type State<G: Pod> = [G; 2];
    type Rule = AdamRule;

    fn rule(&self, step: u64) -> AdamRule {
        AdamRule::new(&self.adam(), step).with_shrinkage(self.learning_rate * self.weight_decay)
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    fn validate(&self) -> Result<(), HyperparameterError> {
        self.adam().validate()
    }
}
