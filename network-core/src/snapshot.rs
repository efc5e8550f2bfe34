//! Copies of a network's numbers: to go back to them, or to mix them with another network's.

use crate::{Network, Parameter, ParameterMut, Scalar, Visitor, VisitorMut};
use alloc::vec::Vec;

/// All parameters, statistics and counts of a network at one time.
pub(crate) struct Snapshot<T> {
    values: Vec<T>,
    counts: Vec<u64>,
    step: u64,
}

impl<T: Scalar> Snapshot<T> {
    pub(crate) fn of<N: Network<Scalar = T>>(network: &N) -> Self {
        let mut snapshot = Self {
            values: Vec::new(),
            counts: Vec::new(),
            step: 0,
        };
        network.visit(&mut snapshot);
        snapshot
    }

    /// Copies the network as it is after `step`; allocates only the first time.
    pub(crate) fn take<N: Network<Scalar = T>>(&mut self, network: &N, step: u64) {
        self.values.clear();
        self.counts.clear();
        self.step = step;
        network.visit(self);
    }

    /// The step after which the network was so.
    pub(crate) fn step(&self) -> u64 {
        self.step
    }

    /// Makes the network what it was.
    pub(crate) fn restore<N: Network<Scalar = T>>(&self, network: &mut N) {
        self.mix(network, |_, kept| kept);
    }

    /// `p = (1 - share) * p + share * kept`; counts become those that were kept.
    pub(crate) fn blend<N: Network<Scalar = T>>(&self, network: &mut N, share: f64) {
        let (share, rest) = (T::from_f64(share), T::from_f64(1.0 - share));
        self.mix(network, |own, kept| rest * own + share * kept);
    }

    /// Makes of every number and the one that was kept a new one.
    fn mix<N: Network<Scalar = T>>(&self, network: &mut N, mixed: impl Fn(T, T) -> T) {
        network.visit_mut(&mut Mix {
            values: &self.values,
            counts: &self.counts,
            mixed,
        });
    }
}

impl<T: Scalar> Visitor<T> for Snapshot<T> {
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        self.values.extend_from_slice(parameter.value);
    }
    fn counter(&mut self, _name: &'static str, value: u64) {
        self.counts.push(value);
    }
}

/// What was kept, as far as it is not written yet.
struct Mix<'a, T, F> {
    values: &'a [T],
    counts: &'a [u64],
    mixed: F,
}

impl<T: Scalar, F: Fn(T, T) -> T> VisitorMut<T> for Mix<'_, T, F> {
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        if let Some((values, rest)) = self.values.split_at_checked(parameter.value.len()) {
            for (own, kept) in parameter.value.iter_mut().zip(values) {
                *own = (self.mixed)(*own, *kept);
            }
            self.values = rest;
        }
    }
    fn counter(&mut self, _name: &'static str, value: &mut u64) {
        if let Some((count, rest)) = self.counts.split_first() {
            *value = *count;
            self.counts = rest;
        }
    }
}
