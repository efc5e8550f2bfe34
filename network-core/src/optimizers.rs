//! Optimizers: how a gradient changes the parameters.
//!
//! An [`Optimizer`] is a handful of hyperparameters, such as [`Adam`]. What it
//! remembers of earlier gradients lives in an [`OptimizerFor`] a network, never in a layer.
//! Each step is one pass over the parameters, with the formulas in the network's own scalar.

mod adam;
mod adam_w;
mod rms_prop;
mod sgd;
mod state;

pub use adam::Adam;
pub use adam_w::AdamW;
pub use rms_prop::RmsProp;
pub use sgd::Sgd;
pub use state::{Moments, OptimizerFor};

#[cfg(feature = "alloc")]
use crate::Layer;
use crate::hyperparameter::HyperparameterError;
use crate::kernels::SimdPath;
use crate::{ParameterKind, Scalar};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use bytemuck::{Pod, Zeroable};
use core::fmt::Debug;

/// The hyperparameters of an optimizer, and its formula.
///
/// To write one's own: say in `State` how many numbers it remembers for each
/// parameter, in [`Optimizer::rule`] what is the same for all parameters in a step,
/// and in [`Rule::update`] what happens to one parameter.
pub trait Optimizer: Copy + Debug + Zeroable {
    /// What it remembers: one gradient-shaped block for each moment, such as `[G; 2]`.
    /// Starts as zeros.
    type State<G: Pod>: Pod;
    /// One step's formula, its constants worked out.
    type Rule: Rule;

    /// The formula of step number `step`, counted from 1.
    fn rule(&self, step: u64) -> Self::Rule;

    /// How far a step goes.
    fn learning_rate(&self) -> f64;

    /// Changes how far a step goes: for schedules.
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// Whether every hyperparameter is in the range in which the formula means something.
    ///
    /// A step does not check: with hyperparameters out of range it computes what the formula says.
    ///
    /// # Errors
    ///
    /// The first hyperparameter that is out of range.
    fn validate(&self) -> Result<(), HyperparameterError>;

    /// This optimizer for a network, on the heap: see [`OptimizerFor`].
    #[cfg(feature = "alloc")]
    fn for_network<N: Layer>(self) -> Box<OptimizerFor<N, Self>> {
        OptimizerFor::boxed(self)
    }

    /// For the compiler to say what is missing: a step needs memory, see
    /// [`Optimizer::for_network`].
    #[doc(hidden)]
    fn step<N, G>(&mut self, _network: N, _gradient: G)
    where
        Self: HasMemory,
    {
    }
}

/// Nothing: see [`OptimizerFor`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no memory for a network's moments",
    label = "these are its hyperparameters alone",
    note = "help: make it once with `.for_network::<Net>()`, and call `step` on that"
)]
pub trait HasMemory {}

/// One step's formula, for one parameter after the other.
pub trait Rule {
    /// Changes one parameter; `value`, `gradient` and each of the `moments` are equally long.
    fn update<T: Scalar>(
        &self,
        path: SimdPath,
        kind: ParameterKind,
        value: &mut [T],
        gradient: &[T],
        moments: Moments<'_, T>,
    );
}
