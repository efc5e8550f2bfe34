//! `RmsProp`: each entry's gradient divided by its recent size.

use super::{Moments, Optimizer, Rule};
use crate::hyperparameter::{HyperparameterError, Range};
use crate::kernels::{self, SimdPath, Update};
use crate::{ParameterKind, Real, Scalar};
use bytemuck::{Pod, Zeroable};

/// RMSprop (Hinton 2012), also with momentum, and centered (Graves 2013).
///
/// With gradient g and parameter p:
///
/// ```text
/// g <- g + weight_decay p                        (weights only)
/// v <- smoothing v + (1 - smoothing) g^2
/// a <- smoothing a + (1 - smoothing) g           (centered only; else a = 0)
/// u <- momentum u + g / (sqrt(v - a^2) + epsilon)
/// p <- p - learning_rate u
/// ```
///
/// As PyTorch's `RMSprop`, with all but the weights in a group without decay.
///
/// # Examples
///
/// ```
/// use network_core::optimizers::RmsProp;
///
/// let rms_prop = RmsProp { momentum: 0.9, ..RmsProp::new(1e-3) };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
pub struct RmsProp {
    /// How far a step goes.
    pub learning_rate: f64,
    /// How much of the mean squared gradient is kept; 0.99. PyTorch's `alpha`.
    #[doc(alias = "alpha")]
    pub smoothing: f64,
    /// Keeps the divisor from 0; 1e-8.
    pub epsilon: f64,
    /// How much of the last step's direction is kept; 0 for none.
    pub momentum: f64,
    /// Whether to divide by the standard deviation, not by the root mean square.
    pub centered: bool,
    /// Pulls weights towards 0, as half its product with the squared norm added to the loss would.
    pub weight_decay: f64,
}

impl RmsProp {
    /// With PyTorch's defaults for the rest.
    pub const fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            smoothing: 0.99,
            epsilon: 1e-8,
            momentum: 0.0,
            centered: false,
            weight_decay: 0.0,
        }
    }
}

impl Default for RmsProp {
    /// `learning_rate` is 0.01.
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Optimizer for RmsProp {
    /// v, u, a.
    type State<G: Pod> = [G; 3];
    type Rule = RmsPropRule;

    fn rule(&self, _step: u64) -> RmsPropRule {
        RmsPropRule(*self)
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    fn validate(&self) -> Result<(), HyperparameterError> {
        Range::NonNegative.check("learning_rate", self.learning_rate)?;
        Range::Decay.check("smoothing", self.smoothing)?;
        Range::NonNegative.check("epsilon", self.epsilon)?;
        Range::NonNegative.check("momentum", self.momentum)?;
        Range::NonNegative.check("weight_decay", self.weight_decay)
    }
}

/// One step of [`RmsProp`]: all that it needs are the hyperparameters.
#[derive(Clone, Copy, Debug)]
pub struct RmsPropRule(RmsProp);

impl Rule for RmsPropRule {
    fn update<T: Scalar>(
        &self,
        path: SimdPath,
        kind: ParameterKind,
        value: &mut [T],
        gradient: &[T],
        moments: Moments<'_, T>,
    ) {
        let mut entry = self.0;
        if kind != ParameterKind::Weight {
            entry.weight_decay = 0.0;
        }
        // Moments that are not needed are not touched.
        if entry.centered {
            kernels::update(path, &entry, value, gradient, moments.split::<3>());
        } else if entry.momentum != 0.0 {
            kernels::update(path, &entry, value, gradient, moments.split::<2>());
        } else {
            kernels::update(path, &entry, value, gradient, moments.split::<1>());
        }
    }
}

impl RmsProp {
    #[inline(always)]
    fn decayed<R: Real>(&self, value: R, gradient: R) -> R {
        R::from_f64(self.weight_decay).mul_add(value, gradient)
    }

    /// `smoothing mean + (1 - smoothing) x`.
    #[inline(always)]
    fn smoothed<R: Real>(&self, mean: R, x: R) -> R {
        R::from_f64(self.smoothing).mul_add(mean, R::from_f64(1.0 - self.smoothing) * x)
    }

    #[inline(always)]
    fn direction<R: Real>(&self, gradient: R, mean_square: R) -> R {
        gradient / (mean_square.sqrt() + R::from_f64(self.epsilon))
    }

    #[inline(always)]
    fn moved<R: Real>(&self, value: R, direction: R) -> R {
        R::from_f64(-self.learning_rate).mul_add(direction, value)
    }
}

impl Update<1> for RmsProp {
    #[inline(always)]
    fn call<R: Real>(&self, value: R, gradient: R, [v]: [R; 1]) -> (R, [R; 1]) {
        let gradient = self.decayed(value, gradient);
        let v = self.smoothed(v, gradient * gradient);
        (self.moved(value, self.direction(gradient, v)), [v])
    }
}

impl Update<2> for RmsProp {
    #[inline(always)]
    fn call<R: Real>(&self, value: R, gradient: R, [v, u]: [R; 2]) -> (R, [R; 2]) {
        let gradient = self.decayed(value, gradient);
        let v = self.smoothed(v, gradient * gradient);
        let u = R::from_f64(self.momentum).mul_add(u, self.direction(gradient, v));
        (self.moved(value, u), [v, u])
    }
}

impl Update<3> for RmsProp {
    #[inline(always)]
    fn call<R: Real>(&self, value: R, gradient: R, [v, u, a]: [R; 3]) -> (R, [R; 3]) {
        let gradient = self.decayed(value, gradient);
        let v = self.smoothed(v, gradient * gradient);
        let a = self.smoothed(a, gradient);
        // The variance is not negative, but its rounding may be.
        let variance = (v - a * a).max(R::ZERO);
        let u = R::from_f64(self.momentum).mul_add(u, self.direction(gradient, variance));
        (self.moved(value, u), [v, u, a])
    }
}
