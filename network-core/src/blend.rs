//! Mixtures of two networks of one type: soft updates of a target network, running averages.

use crate::{Network, Parameter, ParameterMut, Real, Scalar, Visitor, VisitorMut};
use alloc::vec::Vec;

/// See [`Network::blend`].
pub(crate) fn blend<N: Network>(network: &mut N, other: &N, share: f64) {
    let mut others = Numbers {
        values: Vec::new(),
        counts: Vec::new(),
    };
    other.visit(&mut others);
    network.visit_mut(&mut Mix {
        values: &others.values,
        counts: &others.counts,
        share: Real::from_f64(share),
        rest: Real::from_f64(1.0 - share),
    });
}

/// All numbers of a network, in order.
struct Numbers<T> {
    values: Vec<T>,
    counts: Vec<u64>,
}

impl<T: Scalar> Visitor<T> for Numbers<T> {
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        self.values.extend_from_slice(parameter.value);
    }
    fn counter(&mut self, _name: &'static str, value: u64) {
        self.counts.push(value);
    }
}

struct Mix<'a, T> {
    values: &'a [T],
    counts: &'a [u64],
    share: T,
    rest: T,
}

impl<T: Scalar> VisitorMut<T> for Mix<'_, T> {
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        let (values, rest) = self.values.split_at(parameter.value.len());
        for (own, other) in parameter.value.iter_mut().zip(values) {
            *own = self.rest * *own + self.share * *other;
        }
        self.values = rest;
    }
    fn counter(&mut self, _name: &'static str, value: &mut u64) {
        if let Some((count, rest)) = self.counts.split_first() {
            *value = *count;
            self.counts = rest;
        }
    }
}
