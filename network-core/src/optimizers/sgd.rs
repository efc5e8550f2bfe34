//! `Sgd`: gradient descent with momentum.

use super::{Moments, Optimizer, Rule};
use crate::hyperparameter::{HyperparameterError, Range};
use crate::kernels::{self, SimdPath, Update};
use crate::{ParameterKind, Real, Scalar};
use bytemuck::{Pod, Zeroable};

/// Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013).
///
/// With gradient g, parameter p and velocity v:
///
/// ```text
/// g <- g + weight_decay p           (weights only)
/// v <- momentum v + (1 - dampening) g      (in the first step v <- g)
/// p <- p - learning_rate v                 (Nesterov: g + momentum v instead of v)
/// ```
///
/// As PyTorch's `SGD`, with all but the weights in a group without decay.
///
/// # Examples
///
/// ```
/// use network_core::optimizers::Sgd;
///
/// let sgd = Sgd { momentum: 0.9, nesterov: true, ..Sgd::new(0.1) };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
pub struct Sgd {
    /// How far a step goes.
    pub learning_rate: f64,
    /// How much of the velocity is kept; 0 for none.
    pub momentum: f64,
    /// How much of each gradient is kept from the velocity; 0 with Nesterov.
    pub dampening: f64,
    /// Whether to look ahead along the velocity.
    pub nesterov: bool,
    /// Pulls weights towards 0, as half its product with the squared norm added to the loss would.
    pub weight_decay: f64,
}

impl Sgd {
    /// Plain gradient descent.
    pub const fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0,
        }
    }

    /// With momentum, which is usually 0.9.
    pub const fn with_momentum(learning_rate: f64, momentum: f64) -> Self {
        Self {
            momentum,
            ..Self::new(learning_rate)
        }
    }
}

impl Optimizer for Sgd {
    type State<G: Pod> = G;
    type Rule = SgdRule;

    fn rule(&self, step: u64) -> SgdRule {
        SgdRule {
            sgd: *self,
            first: step == 1,
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
        Range::NonNegative.check("momentum", self.momentum)?;
        Range::NonNegative.check("weight_decay", self.weight_decay)?;
        Range::Fraction.check("dampening", self.dampening)?;
        if self.nesterov {
            Range::Positive.check("momentum", self.momentum)?;
            if self.dampening != 0.0 {
                return Err(HyperparameterError {
                    name: "dampening",
                    value: self.dampening,
                    expected: "0 with `nesterov`",
                });
            }
        }
        Ok(())
    }
}

/// One step of [`Sgd`].
#[derive(Clone, Copy, Debug)]
pub struct SgdRule {
    sgd: Sgd,
    first: bool,
}

impl Rule for SgdRule {
    fn update<T: Scalar>(
        &self,
        path: SimdPath,
        kind: ParameterKind,
        value: &mut [T],
        gradient: &[T],
        moments: Moments<'_, T>,
    ) {
        let Sgd {
            learning_rate,
            momentum,
            dampening,
            nesterov,
            weight_decay,
        } = self.sgd;
        let decay = if kind == ParameterKind::Weight {
            weight_decay
        } else {
            0.0
        };
        if momentum == 0.0 {
            return kernels::update(
                path,
                &Plain {
                    learning_rate,
                    decay,
                },
                value,
                gradient,
                [],
            );
        }
        let entry = Momentum {
            decay,
            kept: momentum,
            inflow: if self.first { 1.0 } else { 1.0 - dampening },
            // p moves by `along_velocity v + along_gradient g`.
            along_velocity: learning_rate * if nesterov { momentum } else { 1.0 },
            along_gradient: if nesterov { learning_rate } else { 0.0 },
        };
        kernels::update(path, &entry, value, gradient, moments.split::<1>());
    }
}

#[derive(Clone, Copy)]
struct Plain {
    learning_rate: f64,
    decay: f64,
}

impl Update<0> for Plain {
    #[inline(always)]
    fn call<R: Real>(&self, value: R, gradient: R, _: [R; 0]) -> (R, [R; 0]) {
        let gradient = R::from_f64(self.decay).mul_add(value, gradient);
        (
            R::from_f64(-self.learning_rate).mul_add(gradient, value),
            [],
        )
    }
}

#[derive(Clone, Copy)]
struct Momentum {
    decay: f64,
    kept: f64,
    inflow: f64,
    along_velocity: f64,
    along_gradient: f64,
}

impl Update<1> for Momentum {
    #[inline(always)]
    fn call<R: Real>(&self, value: R, gradient: R, [velocity]: [R; 1]) -> (R, [R; 1]) {
        let gradient = R::from_f64(self.decay).mul_add(value, gradient);
        let velocity =
            R::from_f64(self.kept).mul_add(velocity, R::from_f64(self.inflow) * gradient);
        let value = R::from_f64(-self.along_velocity).mul_add(velocity, value);
        (
            R::from_f64(-self.along_gradient).mul_add(gradient, value),
            [velocity],
        )
    }
}
