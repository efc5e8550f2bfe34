//! Searches of a network's parameters: for one that is not finite, for the largest, for the one
//! that an entry of the gradient belongs to.

use crate::data::first_non_finite as non_finite_entry;
use crate::save::NamePath;
use crate::{Name, Network, Parameter, Real, Scalar, Visitor};

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
