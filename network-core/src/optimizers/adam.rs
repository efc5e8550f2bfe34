//! `Adam`: steps of about the same length for every parameter.

use super::{Moments, Optimizer, Rule};
use crate::hyperparameter::{HyperparameterError, Range};
use crate::kernels::{self, SimdPath, Update};
use crate::{ParameterKind, Real, Scalar};
use bytemuck::{Pod, Zeroable};

/// Adam (Kingma & Ba 2015).
///
/// With gradient g, parameter p and step number t:
///
/// ```text
/// g <- g + weight_decay p        (weights only)
/// m <- beta1 m + (1 - beta1) g
/// v <- beta2 v + (1 - beta2) g^2
/// p <- p - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
/// ```
///
/// As PyTorch's `Adam`, with all but the weights in a group without decay. For decay
/// that does not pass through the moments see [`AdamW`](super::AdamW).
///
/// # Examples
///
/// ```
/// use network_core::optimizers::Adam;
///
/// let adam = Adam { beta2: 0.99, ..Adam::new(1e-3) };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
pub struct Adam {
    /// How far a step goes.
    pub learning_rate: f64,
    /// How much of the mean gradient m is kept; 0.9.
    pub beta1: f64,
    /// How much of the mean squared gradient v is kept; 0.999.
    pub beta2: f64,
    /// Keeps the divisor from 0; 1e-8.
    pub epsilon: f64,
    /// Pulls weights towards 0, as half its product with the squared norm added to the loss would.
    pub weight_decay: f64,
}

impl Adam {
    /// With the paper's betas and epsilon.
    pub const fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
        }
    }
}

impl Default for Adam {
    /// `learning_rate` is 1e-3.
    fn default() -> Self {
        Self::new(1e-3)
    }
}

impl Optimizer for Adam {
    type State<G: Pod> = [G; 2];
    type Rule = AdamRule;

    fn rule(&self, step: u64) -> AdamRule {
        AdamRule {
            coupled_decay: self.weight_decay,
            ..AdamRule::new(self, step)
        }
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    fn validate(&self) -> Result<(), HyperparameterError> {
        Range::NonNegative.check("learning_rate", self.learning_rate)?;
        Range::Decay.check("beta1", self.beta1)?;
        Range::Decay.check("beta2", self.beta2)?;
        Range::NonNegative.check("epsilon", self.epsilon)?;
        Range::NonNegative.check("weight_decay", self.weight_decay)
    }
}

/// One step of [`Adam`] or [`AdamW`](super::AdamW), with the bias corrections worked out.
#[derive(Clone, Copy, Debug)]
pub struct AdamRule {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    /// `learning_rate / (1 - beta1^t)`.
    step_size: f64,
    /// `1 / sqrt(1 - beta2^t)`.
    correction: f64,
    /// Added to the gradient, times the weight.
    coupled_decay: f64,
    /// Part of each weight that is taken away.
    shrinkage: f64,
}

impl AdamRule {
    /// Without weight decay of either kind.
    pub(super) fn new(adam: &Adam, step: u64) -> Self {
        let Adam {
            learning_rate,
            beta1,
            beta2,
            epsilon,
            ..
        } = *adam;
        // 1 - beta^t.
        let complement = |beta: f64| 1.0 - libm::pow(beta, step as f64);
        Self {
            beta1,
            beta2,
            epsilon,
            step_size: learning_rate / complement(beta1),
            correction: 1.0 / libm::sqrt(complement(beta2)),
            coupled_decay: 0.0,
            shrinkage: 0.0,
        }
    }

    /// With decay that does not pass through the moments.
    pub(super) fn with_shrinkage(self, shrinkage: f64) -> Self {
        Self { shrinkage, ..self }
    }
}

impl Rule for AdamRule {
    fn update<T: Scalar>(
        &self,
        path: SimdPath,
        kind: ParameterKind,
        value: &mut [T],
        gradient: &[T],
        moments: Moments<'_, T>,
    ) {
        let mut entry = *self;
        if kind != ParameterKind::Weight {
            entry.coupled_decay = 0.0;
            entry.shrinkage = 0.0;
        }
        kernels::update(path, &entry, value, gradient, moments.split::<2>());
    }
}

impl Update<2> for AdamRule {
    #[inline(always)]
    fn call<R: Real>(&self, value: R, gradient: R, [m, v]: [R; 2]) -> (R, [R; 2]) {
        let gradient = R::from_f64(self.coupled_decay).mul_add(value, gradient);
        let m = R::from_f64(self.beta1).mul_add(m, R::from_f64(1.0 - self.beta1) * gradient);
        let squared = gradient * gradient;
        let v = R::from_f64(self.beta2).mul_add(v, R::from_f64(1.0 - self.beta2) * squared);
        // A whole step runs at the speed of the memory; the instruction would not.
        let divisor = v
            .quick_sqrt()
            .mul_add(R::from_f64(self.correction), R::from_f64(self.epsilon));
        let value = R::from_f64(-self.shrinkage).mul_add(value, value);
        (
            R::from_f64(-self.step_size).mul_add(m / divisor, value),
            [m, v],
        )
    }
}
