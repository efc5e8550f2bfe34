//! What an optimizer remembers of a network, and the walk over the parameters.

use super::{Optimizer, Rule};
use crate::gradient::{numbers, numbers_mut};
use crate::kernels::SimdPath;
use crate::network::FitsOnStack;
use crate::{Layer, Network, ParameterMut, Scalar, VisitorMut};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use bytemuck::Zeroable;
use core::fmt;
use core::ops::{Deref, DerefMut, Range};

/// An optimizer bound to a network (or to a single layer): hyperparameters, which
/// are read and set as its fields, and what it remembers of earlier gradients.
///
/// # Examples
///
/// ```
/// use network_core::prelude::*;
///
/// network! {
///     struct Line(1) -> 1 { head: dense(1); }
/// }
///
/// let (mut network, gradient) = (Line::boxed(1), Line::gradient());
/// let mut adam = Adam::new(1e-3).for_network::<Line>();
/// adam.step(&mut network, &gradient);
/// adam.learning_rate *= 0.5;
/// ```
#[derive(Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct OptimizerFor<N, O>
where
    N: Layer,
    O: Optimizer,
{
    optimizer: O,
    steps: u64,
    state: O::State<N::Gradient>,
}

impl<N: Network<Footprint: FitsOnStack>, O: Optimizer> OptimizerFor<N, O> {
    /// By value, for programs without a heap. Big networks are refused: use [`OptimizerFor::boxed`].
    pub fn new(optimizer: O) -> Self {
        const {
            assert!(
                size_of::<Self>() <= 256 * 1024,
                "what this optimizer remembers is too big for the stack: \
                 use `OptimizerFor::boxed(..)` or `.for_network::<..>()`"
            );
        }
        Self {
            optimizer,
            steps: 0,
            state: Zeroable::zeroed(),
        }
    }
}

impl<N: Layer, O: Optimizer> OptimizerFor<N, O> {
    /// On the heap, in place, whatever the network's size.
    #[cfg(feature = "alloc")]
    pub fn boxed(optimizer: O) -> Box<Self> {
        let mut this: Box<Self> = bytemuck::zeroed_box();
        this.optimizer = optimizer;
        this
    }

    /// Changes every trained parameter of `network` by one step. Allocates nothing.
    ///
    /// # Panics
    ///
    /// If the network's [`Layer::visit_mut`] does not show as many trained numbers
    /// as its gradient has: only a layer written wrongly can do that.
    pub fn step(&mut self, network: &mut N, gradient: &N::Gradient) {
        self.steps += 1;
        let gradient = numbers::<N::Scalar, _>(gradient);
        let mut walk = Walk {
            rule: self.optimizer.rule(self.steps),
            path: SimdPath::detect(),
            gradient,
            state: numbers_mut(&mut self.state),
            position: 0,
        };
        network.visit_mut(&mut walk);
        assert_eq!(
            walk.position,
            gradient.len(),
            "the network shows fewer trained numbers than its gradient has"
        );
    }

    /// How many steps were made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Forgets all gradients: the next step is the first.
    pub fn reset(&mut self) {
        self.steps = 0;
        self.state_mut().fill(Zeroable::zeroed());
    }

    /// What it remembers: for each moment one number per parameter, in the
    /// order of the gradient.
    pub fn state(&self) -> &[N::Scalar] {
        numbers(&self.state)
    }

    /// As [`OptimizerFor::state`], to change it, as when training is resumed.
    pub fn state_mut(&mut self) -> &mut [N::Scalar] {
        numbers_mut(&mut self.state)
    }

    /// Sets how many steps were made, as when training is resumed.
    pub fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }
}

impl<N: Layer, O: Optimizer> Deref for OptimizerFor<N, O> {
    type Target = O;

    fn deref(&self) -> &O {
        &self.optimizer
    }
}

impl<N: Layer, O: Optimizer> DerefMut for OptimizerFor<N, O> {
    fn deref_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }
}

impl<N: Layer, O: Optimizer> fmt::Debug for OptimizerFor<N, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptimizerFor")
            .field("optimizer", &self.optimizer)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

/// What is remembered of one parameter, to be taken apart into its moments.
#[derive(Debug)]
pub struct Moments<'a, T> {
    /// All moments of all parameters.
    state: &'a mut [T],
    /// How far one moment is from the next.
    stride: usize,
    /// Where the parameter is within each moment.
    range: Range<usize>,
}

impl<'a, T> Moments<'a, T> {
    /// The first `COUNT` moments, each as long as the parameter; those that
    /// [`Optimizer::State`] does not have are empty.
    pub fn split<const COUNT: usize>(self) -> [&'a mut [T]; COUNT] {
        // At least 1, since a chunk cannot be empty.
        let mut moments = self.state.chunks_exact_mut(self.stride.max(1));
        core::array::from_fn(|_| match moments.next() {
            Some(moment) => &mut moment[self.range.clone()],
            None => &mut [],
        })
    }
}

/// Shows the rule one parameter after the other, with its part of gradient and state.
struct Walk<'a, T, R> {
    rule: R,
    path: SimdPath,
    gradient: &'a [T],
    state: &'a mut [T],
    position: usize,
}

impl<T: Scalar, R: Rule> VisitorMut<T> for Walk<'_, T, R> {
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        if !parameter.kind.is_trained() {
            return;
        }
        let range = self.position..self.position + parameter.value.len();
        assert!(
            range.end <= self.gradient.len(),
            "the network shows more trained numbers than its gradient has: `{}` does not fit",
            parameter.name
        );
        self.position = range.end;
        self.rule.update(
            self.path,
            parameter.kind,
            parameter.value,
            &self.gradient[range.clone()],
            Moments {
                state: self.state,
                stride: self.gradient.len(),
                range,
            },
        );
    }
}
