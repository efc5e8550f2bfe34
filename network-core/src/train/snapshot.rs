//! Copies of a network's parameters, and the search for those that are not finite.

use crate::data::first_non_finite as non_finite_entry;
use crate::save::NamePath;
use crate::{Name, Network, Parameter, ParameterMut, Real, Scalar, Visitor, VisitorMut};

/// All parameters, statistics and counts of a network at one time.
pub(super) struct Snapshot<T> {
    values: Vec<T>,
    counts: Vec<u64>,
    step: u64,
}

impl<T: Scalar> Snapshot<T> {
    pub(super) fn of<N: Network<Scalar = T>>(network: &N) -> Self {
        let mut snapshot = Self {
            values: Vec::new(),
            counts: Vec::new(),
            step: 0,
        };
        snapshot.take(network, 0);
        snapshot
    }

    /// Copies the network as it is after `step`; allocates only the first time.
    pub(super) fn take<N: Network<Scalar = T>>(&mut self, network: &N, step: u64) {
        self.values.clear();
        self.counts.clear();
        self.step = step;
        network.visit(&mut Take(self));
    }

    /// Makes the network what it was.
    pub(super) fn restore<N: Network<Scalar = T>>(&self, network: &mut N) {
        network.visit_mut(&mut Restore {
            values: &self.values,
            counts: &self.counts,
        });
    }

    pub(super) fn step(&self) -> u64 {
        self.step
    }
}

struct Take<'a, T>(&'a mut Snapshot<T>);

impl<T: Scalar> Visitor<T> for Take<'_, T> {
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        self.0.values.extend_from_slice(parameter.value);
    }
    fn counter(&mut self, _name: &'static str, value: u64) {
        self.0.counts.push(value);
    }
}

struct Restore<'a, T> {
    values: &'a [T],
    counts: &'a [u64],
}

impl<T: Scalar> VisitorMut<T> for Restore<'_, T> {
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        if let Some((values, rest)) = self.values.split_at_checked(parameter.value.len()) {
            parameter.value.copy_from_slice(values);
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

struct AllFinite(bool);

impl<T: Scalar> Visitor<T> for AllFinite {
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        self.0 &= parameter.value.iter().all(|value| value.is_finite());
    }
}

/// Walks over all parameters with their full names.
struct Named<F> {
    path: NamePath,
    visit: F,
}

impl<T, F: FnMut(&NamePath, Parameter<'_, T>)> Visitor<T> for Named<F> {
    fn enter(&mut self, name: Name) {
        self.path.enter(name);
    }
    fn leave(&mut self) {
        self.path.leave();
    }
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        (self.visit)(&self.path, parameter);
    }
}

fn walk<N: Network>(network: &N, visit: impl FnMut(&NamePath, Parameter<'_, N::Scalar>)) {
    network.visit(&mut Named {
        path: NamePath::default(),
        visit,
    });
}

/// The name of the first parameter or statistic that is not finite. Allocates only
/// if there is one.
pub(super) fn first_non_finite<N: Network>(network: &N) -> Option<String> {
    let mut finite = AllFinite(true);
    network.visit(&mut finite);
    if finite.0 {
        return None;
    }
    let mut name = None;
    walk(network, |path, parameter| {
        if name.is_none() && non_finite_entry(parameter.value).is_some() {
            name = Some(path.of(parameter.name));
        }
    });
    name
}

/// The name of the parameter that an entry of the gradient belongs to.
pub(super) fn name_of_entry<N: Network>(network: &N, entry: usize) -> Option<String> {
    let mut name = None;
    let mut end = 0;
    walk(network, |path, parameter| {
        if parameter.kind.is_trained() {
            end += parameter.value.len();
            if name.is_none() && entry < end {
                name = Some(path.of(parameter.name));
            }
        }
    });
    name
}

/// The parameter with the largest entry, and that entry's absolute value; of those that are
/// finite.
pub(super) fn largest<N: Network>(network: &N) -> Option<(String, f64)> {
    let mut largest: Option<(String, f64)> = None;
    walk(network, |path, parameter| {
        if parameter.kind.is_trained() {
            let sizes = parameter.value.iter().map(|value| value.to_f64().abs());
            let size = sizes.filter(|size| size.is_finite()).fold(0.0, f64::max);
            if largest.as_ref().is_none_or(|(_, other)| size > *other) {
                largest = Some((path.of(parameter.name), size));
            }
        }
    });
    largest
}
