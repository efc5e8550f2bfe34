//! The figures of PyTorch in `tests/reference`: how they are read, and how closely they have to be met.

use network_core::nalgebra::SVector;
use network_core::{Layer, Parameter, ParameterMut, Scalar, Visitor, VisitorMut};
use serde_json::Value;
use std::path::Path;

/// One case of a file in `tests/reference`, which names itself in every failure.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    value: Value,
}

/// All cases of a file.
pub fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reference")
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let values: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
    assert!(!values.is_empty(), "{file} has no case");
    values
        .into_iter()
        .map(|value| Case {
            name: value["name"].as_str().expect("a name").to_owned(),
            value,
        })
        .collect()
}

/// The case of a file with this name.
pub fn case(file: &str, name: &str) -> Case {
    cases(file)
        .into_iter()
        .find(|case| case.name == name)
        .unwrap_or_else(|| panic!("{file} has no case `{name}`"))
}

impl Case {
    /// The part at a JSON pointer such as `/loss/delta`.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer).filter(|value| !value.is_null())
    }

    fn part(&self, pointer: &str) -> &Value {
        self.get(pointer)
            .unwrap_or_else(|| panic!("{}: there is no {pointer}", self.name))
    }

    /// A text, which has to be there.
    pub fn text(&self, pointer: &str) -> &str {
        self.part(pointer).as_str().expect("a text")
    }

    /// A number, if it is there.
    pub fn number(&self, pointer: &str) -> Option<f64> {
        self.get(pointer)
            .map(|value| value.as_f64().expect("a number"))
    }

    /// Whether something is there and true.
    pub fn flag(&self, pointer: &str) -> bool {
        self.get(pointer)
            .is_some_and(|value| value.as_bool().expect("true or false"))
    }

    /// How long an array is.
    pub fn len(&self, pointer: &str) -> usize {
        self.part(pointer).as_array().expect("an array").len()
    }

    /// Whether an array is empty.
    pub fn is_empty(&self, pointer: &str) -> bool {
        self.len(pointer) == 0
    }

    /// The entries of a tensor that goes in.
    pub fn given<T: Scalar>(&self, pointer: &str) -> Vec<T> {
        let values = self.numbers(&format!("{pointer}/values"));
        // Exact in `f32`, but written with no more digits than that takes.
        values
            .into_iter()
            .map(|value| T::from_f64(f64::from(value as f32)))
            .collect()
    }

    /// A batch that goes in.
    pub fn samples<T: Scalar, const N: usize>(&self, pointer: &str) -> Vec<SVector<T, N>> {
        let entries = self.given(pointer);
        assert_eq!(
            self.number(&format!("{pointer}/shape/1")),
            Some(N as f64),
            "{}",
            self.name
        );
        entries
            .chunks_exact(N)
            .map(SVector::from_column_slice)
            .collect()
    }

    /// Classes that go in.
    pub fn classes(&self, pointer: &str) -> Vec<usize> {
        let values = self.numbers(&format!("{pointer}/values"));
        values.into_iter().map(|value| value as usize).collect()
    }

    /// Whether a tensor that goes in is a row of classes.
    pub fn is_classes(&self, pointer: &str) -> bool {
        self.len(&format!("{pointer}/shape")) == 1
    }

    /// A number or the entries of a tensor, as they are written.
    pub fn numbers(&self, pointer: &str) -> Vec<f64> {
        match self.part(pointer) {
            Value::Array(values) => values
                .iter()
                .map(|value| value.as_f64().expect("a number"))
                .collect(),
            value => vec![value.as_f64().expect("a number")],
        }
    }

    /// What PyTorch computed in the precision of `T`.
    pub fn figures<T: Scalar>(&self, pointer: &str) -> Vec<f64> {
        self.numbers(&format!("/{}{pointer}", T::NAME))
    }

    /// Asserts that `actual` is what PyTorch computed, to [`tolerance`] of the largest entry.
    pub fn assert_close<T: Scalar>(&self, pointer: &str, actual: &[T]) {
        self.assert_close_from::<T>(0.0, pointer, actual);
    }

    /// As [`Case::assert_close`], but a tensor whose largest entry is below `floor` is
    /// measured by `floor`: it may be 0 but for rounding.
    pub fn assert_close_from<T: Scalar>(&self, floor: f64, pointer: &str, actual: &[T]) {
        let expected = self.figures::<T>(pointer);
        let actual: Vec<f64> = actual.iter().map(|value| value.to_f64()).collect();
        let largest = expected
            .iter()
            .fold(floor, |largest, value| largest.max(value.abs()));
        let what = format!("{}, {}{pointer}", self.name, T::NAME);
        assert_within(&what, &actual, &expected, tolerance::<T>() * largest);
    }
}

/// What is demanded: 1e-5 in `f32`, 1e-9 in `f64`.
pub fn tolerance<T: Scalar>() -> f64 {
    if T::NAME == "f32" { 1e-5 } else { 1e-9 }
}

/// Asserts that no entry is further from what is expected than `distance`.
pub fn assert_within(what: &str, actual: &[f64], expected: &[f64], distance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}: number of entries");
    for (index, (a, e)) in actual.iter().zip(expected).enumerate() {
        // Written so that NaN fails.
        assert!(
            (a - e).abs() <= distance,
            "{what}: entry {index} is {a}, not {e} (+- {distance:e})"
        );
    }
}

/// Where the entry at `index` of PyTorch's layout (last index fastest) is in ours (first index
/// fastest).
fn transposed(shape: &[usize], mut index: usize) -> usize {
    let mut place = 0;
    let mut stride: usize = shape.iter().product();
    for size in shape.iter().rev() {
        stride /= size;
        place += index % size * stride;
        index /= size;
    }
    place
}

/// A tensor in PyTorch's layout.
pub fn to_row_major<T: Copy>(shape: &[usize], ours: &[T]) -> Vec<T> {
    (0..ours.len())
        .map(|index| ours[transposed(shape, index)])
        .collect()
}

/// A tensor from PyTorch's layout.
pub fn from_row_major<T: Copy>(shape: &[usize], theirs: &[T], ours: &mut [T]) {
    for (index, value) in theirs.iter().enumerate() {
        ours[transposed(shape, index)] = *value;
    }
}

/// A parameter as PyTorch lays it out.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// Its name within its layer.
    pub name: &'static str,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Whether it has an entry in the gradient.
    pub trained: bool,
    /// Its entries, row by row.
    pub values: Vec<T>,
}

/// Every parameter and running statistic of a layer or network.
pub fn parameters<L: Layer>(layer: &L) -> Vec<Named<L::Scalar>> {
    struct Collect<T>(Vec<Named<T>>);
    impl<T: Scalar> Visitor<T> for Collect<T> {
        fn parameter(&mut self, parameter: Parameter<'_, T>) {
            self.0.push(Named {
                name: parameter.name,
                shape: parameter.shape.to_vec(),
                trained: parameter.kind.is_trained(),
                values: to_row_major(parameter.shape, parameter.value),
            });
        }
    }
    let mut collect = Collect(Vec::new());
    layer.visit(&mut collect);
    collect.0
}

/// The gradient of every trained parameter, in PyTorch's layout.
pub fn gradients<L: Layer>(layer: &L, gradient: &L::Gradient) -> Vec<Named<L::Scalar>> {
    let mut entries = network_core::gradient::entries::<L>(gradient);
    let mut all = parameters(layer);
    all.retain(|parameter| parameter.trained);
    for parameter in &mut all {
        let (own, rest) = entries.split_at(parameter.values.len());
        parameter.values = to_row_major(&parameter.shape, own);
        entries = rest;
    }
    assert!(
        entries.is_empty(),
        "the gradient has {} entries too many",
        entries.len()
    );
    all
}

impl Case {
    /// Gives a layer or network the parameters of the case, in the order in which both list them.
    /// Counts that PyTorch lists too are passed over.
    pub fn load<L: Layer>(&self, layer: &mut L) {
        struct Load<'a> {
            case: &'a Case,
            indices: std::vec::IntoIter<usize>,
        }
        impl<T: Scalar> VisitorMut<T> for Load<'_> {
            fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
                let case = self.case;
                let index = self
                    .indices
                    .next()
                    .expect("no more parameters than PyTorch has");
                let name = case.text(&format!("/parameters/{index}/name"));
                assert!(
                    name.rsplit('.').next() == Some(parameter.name),
                    "{}: `{name}` is called `{}` here",
                    case.name,
                    parameter.name
                );
                let shape = case.numbers(&format!("/parameters/{index}/shape"));
                let shape: Vec<usize> = shape.into_iter().map(|size| size as usize).collect();
                assert_eq!(shape, parameter.shape, "{}: shape of {name}", case.name);
                let theirs = case.given(&format!("/parameters/{index}"));
                from_row_major(&shape, &theirs, parameter.value);
            }
        }
        let indices = self.tensors();
        let mut load = Load {
            case: self,
            indices: indices.into_iter(),
        };
        layer.visit_mut(&mut load);
        assert_eq!(
            load.indices.next(),
            None,
            "{}: PyTorch has more parameters",
            self.name
        );
    }

    /// The indices of `/parameters` that are tensors, not counts.
    fn tensors(&self) -> Vec<usize> {
        let is_count = |i: &usize| {
            self.text(&format!("/parameters/{i}/name"))
                .ends_with("num_batches_tracked")
        };
        (0..self.len("/parameters"))
            .filter(|index| !is_count(index))
            .collect()
    }

    /// PyTorch's names of all tensors, or of those with a gradient, in order.
    pub fn names(&self, trained: bool) -> Vec<String> {
        let names = self
            .tensors()
            .into_iter()
            .map(|i| self.text(&format!("/parameters/{i}/name")).to_owned());
        let is_statistic =
            |name: &String| name.ends_with("running_mean") || name.ends_with("running_var");
        names
            .filter(|name| !trained || !is_statistic(name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_turned_into_each_other() {
        // [[1, 2, 3], [4, 5, 6]] by rows and by columns.
        assert_eq!(
            to_row_major(&[2, 3], &[1, 4, 2, 5, 3, 6]),
            [1, 2, 3, 4, 5, 6]
        );
        let mut ours = [0; 6];
        from_row_major(&[2, 3], &[1, 2, 3, 4, 5, 6], &mut ours);
        assert_eq!(ours, [1, 4, 2, 5, 3, 6]);
        // Three indices: i + 2 (j + 2 k) holds what 4 i + 2 j + k holds.
        assert_eq!(
            to_row_major(&[2, 2, 2], &[0, 4, 2, 6, 1, 5, 3, 7]),
            [0, 1, 2, 3, 4, 5, 6, 7]
        );
    }

    #[test]
    #[should_panic(expected = "entry 1 is 2.1")]
    fn a_difference_is_noticed() {
        assert_within("a", &[1.0, 2.1], &[1.0, 2.0], 0.01);
    }

    #[test]
    #[should_panic(expected = "entry 0 is NaN")]
    fn a_nan_is_noticed() {
        assert_within("a", &[f64::NAN], &[1.0], 1e9);
    }
}
