//! Data sets: samples with their targets, checked once, then shuffled, split,
//! standardized and cut into batches.

mod csv;
mod error;
mod permutation;
mod preprocessing;
mod split;
mod standardization;
mod target;

pub use self::csv::{CellError, CellProblem, Column, Csv, CsvError, CsvProblem, Missing};
pub use error::{DataError, Feature};
pub use preprocessing::Preprocessing;
pub use standardization::{Standardization, StandardizationError};
pub use target::{Target, argmax};

pub(crate) use permutation::shuffle;
pub(crate) use target::first_non_finite;

use crate::Sample;

/// Samples and their targets, in memory, checked: at least one, as many inputs as
/// targets, every number finite.
///
/// `X` is one input, such as `SVector<f32, 64>`; `Y` is one target: a class
/// (`usize`, from 0), or a vector.
/// Samples lie one after the other, so that a batch is a slice.
///
/// ```
/// use network_core::data::Dataset;
/// use nalgebra::SVector;
///
/// # fn main() -> Result<(), network_core::data::DataError> {
/// let xor = Dataset::new(
///     [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].map(SVector::<f32, 2>::from),
///     [0_usize, 1, 1, 0],
/// )?;
/// for (x, y) in xor.batches(3)? {
///     assert_eq!(x.len(), y.len());
/// }
/// # Ok(())
/// # }
/// # use network_core::nalgebra;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<X, Y> {
    inputs: Vec<X>,
    targets: Vec<Y>,
    /// Where each sample stood when the data set was made.
    origin: Vec<usize>,
    feature_names: Vec<String>,
    target_names: Vec<String>,
    class_names: Vec<String>,
    skipped_rows: Vec<usize>,
    input_standardization: Option<Standardization<X>>,
    target_standardization: Option<Standardization<Y>>,
}

impl<X: Sample, Y: Target> Dataset<X, Y> {
    /// A data set of these inputs and targets: arrays, slices or vectors.
    ///
    /// # Errors
    ///
    /// [`DataError::Empty`], [`DataError::Length`], [`DataError::NonFiniteInput`]
    /// and [`DataError::NonFiniteTarget`].
    pub fn new(inputs: impl Into<Vec<X>>, targets: impl Into<Vec<Y>>) -> Result<Self, DataError> {
        let inputs = inputs.into();
        let data = Self {
            origin: (0..inputs.len()).collect(),
            inputs,
            targets: targets.into(),
            feature_names: Vec::new(),
            target_names: Vec::new(),
            class_names: Vec::new(),
            skipped_rows: Vec::new(),
            input_standardization: None,
            target_standardization: None,
        };
        data.checked()
    }

    /// A data set of pairs of input and target.
    ///
    /// # Errors
    ///
    /// As [`Dataset::new`].
    ///
    /// ```
    /// use network_core::data::Dataset;
    /// # use network_core::nalgebra;
    /// use nalgebra::SVector;
    ///
    /// let squares = Dataset::from_pairs((-10..=10).map(|i| {
    ///     let x = 0.1 * i as f32;
    ///     (SVector::from([x]), SVector::from([x * x]))
    /// }))?;
    /// assert_eq!(squares.len(), 21);
    /// # Ok::<(), network_core::data::DataError>(())
    /// ```
    pub fn from_pairs(pairs: impl IntoIterator<Item = (X, Y)>) -> Result<Self, DataError> {
        let (inputs, targets): (Vec<X>, Vec<Y>) = pairs.into_iter().unzip();
        Self::new(inputs, targets)
    }

    fn checked(self) -> Result<Self, DataError> {
        if self.inputs.len() != self.targets.len() {
            return Err(DataError::Length {
                inputs: self.inputs.len(),
                targets: self.targets.len(),
            });
        }
        if self.inputs.is_empty() {
            return Err(DataError::Empty);
        }
        check_finite(
            &self.inputs,
            &self.feature_names,
            DataError::non_finite_input,
        )?;
        for (sample, target) in self.targets.iter().enumerate() {
            if let Some((index, value)) = target.non_finite() {
                return Err(DataError::non_finite_target(
                    sample,
                    index,
                    value,
                    &self.target_names,
                ));
            }
        }
        Ok(self)
    }

    /// Names the features, for error messages and reports.
    ///
    /// # Errors
    ///
    /// [`DataError::Names`] if there are not as many names as features.
    pub fn with_feature_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.len() != X::LEN {
            return Err(DataError::Names {
                what: "features",
                names: names.len(),
                expected: X::LEN,
            });
        }
        self.feature_names = names;
        Ok(self)
    }

    /// How many samples there are: at least one.
    #[allow(clippy::len_without_is_empty, reason = "a data set is never empty")]
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// All inputs.
    pub fn inputs(&self) -> &[X] {
        &self.inputs
    }

    /// All targets, in the order of the inputs.
    pub fn targets(&self) -> &[Y] {
        &self.targets
    }

    /// Where each sample stood when the data set was made, before shuffling and
    /// splitting. For data from a CSV file: which data row, from 0.
    pub fn origin(&self) -> &[usize] {
        &self.origin
    }

    /// The features' names; empty if they have none.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// The names of a target vector's entries; empty if they have none.
    pub fn target_names(&self) -> &[String] {
        &self.target_names
    }

    /// The classes' names, in order of their index; empty if they have none.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The data rows of the CSV file, from 0, that were left out for a missing cell.
    pub fn skipped_rows(&self) -> &[usize] {
        &self.skipped_rows
    }

    /// Puts the samples into random order, the same for the same seed.
    pub fn shuffle(&mut self, seed: u64) {
        let order = permutation::random_order(self.len(), seed);
        self.inputs = order.iter().map(|&i| self.inputs[i]).collect();
        self.targets = order.iter().map(|&i| self.targets[i]).collect();
        self.origin = order.iter().map(|&i| self.origin[i]).collect();
    }

    /// The samples with these indices, in this order, with the same names and
    /// constants.
    ///
    /// # Errors
    ///
    /// [`DataError::Empty`] and [`DataError::Index`].
    pub fn subset(&self, indices: &[usize]) -> Result<Self, DataError> {
        if indices.is_empty() {
            return Err(DataError::Empty);
        }
        if let Some(&index) = indices.iter().find(|&&index| index >= self.len()) {
            return Err(DataError::Index {
                index,
                samples: self.len(),
            });
        }
        Ok(Self {
            inputs: indices.iter().map(|&i| self.inputs[i]).collect(),
            targets: indices.iter().map(|&i| self.targets[i]).collect(),
            origin: indices.iter().map(|&i| self.origin[i]).collect(),
            feature_names: self.feature_names.clone(),
            target_names: self.target_names.clone(),
            class_names: self.class_names.clone(),
            skipped_rows: Vec::new(),
            input_standardization: self.input_standardization.clone(),
            target_standardization: self.target_standardization.clone(),
        })
    }

    /// The samples in their order, `size` at a time; the last batch holds what is
    /// left. With fewer samples than `size` there is one batch of all.
    ///
    /// # Errors
    ///
    /// [`DataError::BatchSize`] if `size` is 0.
    pub fn batches(&self, size: usize) -> Result<Batches<'_, X, Y>, DataError> {
        if size == 0 {
            return Err(DataError::BatchSize);
        }
        Ok(self.inputs.chunks(size).zip(self.targets.chunks(size)))
    }

    /// Changes every input, for instance to scale it.
    ///
    /// # Errors
    ///
    /// [`DataError::NonFiniteInput`] if that makes an entry NaN or infinite, and
    /// [`DataError::AlreadyStandardized`], because the constants would become
    /// wrong. Then the data set is gone: work on a clone to keep it.
    pub fn map_inputs(mut self, f: impl FnMut(&mut X)) -> Result<Self, DataError> {
        if self.input_standardization.is_some() {
            return Err(DataError::AlreadyStandardized { part: "inputs" });
        }
        self.inputs.iter_mut().for_each(f);
        check_finite(
            &self.inputs,
            &self.feature_names,
            DataError::non_finite_input,
        )?;
        Ok(self)
    }

    /// Another target for each sample, from input and target: to turn classes
    /// into vectors, or the reverse. Names of targets and classes are dropped.
    ///
    /// # Errors
    ///
    /// [`DataError::NonFiniteTarget`].
    pub fn map_targets<Z: Target>(
        self,
        mut f: impl FnMut(&X, Y) -> Z,
    ) -> Result<Dataset<X, Z>, DataError> {
        let targets = self
            .inputs
            .iter()
            .zip(&self.targets)
            .map(|(x, y)| f(x, *y))
            .collect();
        let data = Dataset {
            inputs: self.inputs,
            targets,
            origin: self.origin,
            feature_names: self.feature_names,
            target_names: Vec::new(),
            class_names: Vec::new(),
            skipped_rows: self.skipped_rows,
            input_standardization: self.input_standardization,
            target_standardization: None,
        };
        data.checked()
    }

    /// Brings every feature to mean 0 and deviation 1, and keeps the constants.
    /// For the training set; then use [`Dataset::standardize_like`] for the others.
    /// In a sequence every feature of every step is one of its own here: see
    /// [`Dataset::standardize_steps`].
    ///
    /// # Errors
    ///
    /// [`DataError::AlreadyStandardized`].
    pub fn standardize(&mut self) -> Result<(), DataError> {
        let constants = Standardization::fit(&self.inputs);
        self.standardize_with(constants)
    }

    /// As [`Dataset::standardize`] for sequences `[FEATURES; steps]`: one mean and one deviation
    /// for each feature, over all samples and steps, and padding stays zeros
    /// ([`Standardization::fit_steps`]).
    ///
    /// # Errors
    ///
    /// [`DataError::AlreadyStandardized`].
    pub fn standardize_steps<const FEATURES: usize>(&mut self) -> Result<(), DataError> {
        let constants = Standardization::fit_steps::<FEATURES>(&self.inputs);
        self.standardize_with(constants)
    }

    /// Applies the constants of another data set's inputs, and keeps them.
    ///
    /// # Errors
    ///
    /// [`DataError::NotStandardized`], [`DataError::AlreadyStandardized`], and
    /// [`DataError::NonFiniteInput`] for a number that becomes too large.
    pub fn standardize_like<Z>(&mut self, other: &Dataset<X, Z>) -> Result<(), DataError> {
        match &other.input_standardization {
            Some(constants) => self.standardize_with(constants.clone()),
            None => Err(DataError::NotStandardized { part: "inputs" }),
        }
    }

    /// Applies constants that were kept, such as those of a network's file, and keeps them.
    ///
    /// # Errors
    ///
    /// [`DataError::AlreadyStandardized`], and [`DataError::NonFiniteInput`] for a number that
    /// becomes too large.
    pub fn standardize_with(&mut self, constants: Standardization<X>) -> Result<(), DataError> {
        if self.input_standardization.is_some() {
            return Err(DataError::AlreadyStandardized { part: "inputs" });
        }
        let mut inputs = self.inputs.clone();
        for x in &mut inputs {
            constants.apply(x);
        }
        check_finite(&inputs, &self.feature_names, DataError::non_finite_input)?;
        self.inputs = inputs;
        self.input_standardization = Some(constants);
        Ok(())
    }

    /// The constants the inputs were standardized with.
    pub fn standardization(&self) -> Option<&Standardization<X>> {
        self.input_standardization.as_ref()
    }

    /// The constants the targets were standardized with.
    pub fn target_standardization(&self) -> Option<&Standardization<Y>> {
        self.target_standardization.as_ref()
    }

    /// The constants of both and the names of features and classes, to be kept with the network
    /// that is trained on this data set.
    pub fn preprocessing(&self) -> Preprocessing<X, Y> {
        Preprocessing {
            input: self.input_standardization.clone(),
            target: self.target_standardization.clone(),
            feature_names: self.feature_names.clone(),
            class_names: self.class_names.clone(),
        }
    }
}

/// The batches of a data set: slices of inputs and of targets.
pub type Batches<'a, X, Y> =
    core::iter::Zip<core::slice::Chunks<'a, X>, core::slice::Chunks<'a, Y>>;

impl<X: Sample, Y: Target + Sample> Dataset<X, Y> {
    /// Brings every entry of the targets to mean 0 and deviation 1, and keeps the
    /// constants: [`Standardization::invert`] takes predictions back.
    ///
    /// # Errors
    ///
    /// [`DataError::AlreadyStandardized`].
    pub fn standardize_targets(&mut self) -> Result<(), DataError> {
        let constants = Standardization::fit(&self.targets);
        self.standardize_targets_with(constants)
    }

    /// As [`Dataset::standardize_steps`], for targets that are sequences.
    ///
    /// # Errors
    ///
    /// [`DataError::AlreadyStandardized`].
    pub fn standardize_target_steps<const FEATURES: usize>(&mut self) -> Result<(), DataError> {
        let constants = Standardization::fit_steps::<FEATURES>(&self.targets);
        self.standardize_targets_with(constants)
    }

    /// Applies the constants of another data set's targets, and keeps them.
    ///
    /// # Errors
    ///
    /// As [`Dataset::standardize_like`].
    pub fn standardize_targets_like<Z>(&mut self, other: &Dataset<Z, Y>) -> Result<(), DataError> {
        match &other.target_standardization {
            Some(constants) => self.standardize_targets_with(constants.clone()),
            None => Err(DataError::NotStandardized { part: "targets" }),
        }
    }

    /// Applies constants that were kept, such as those of a network's file, and keeps them.
    ///
    /// # Errors
    ///
    /// As [`Dataset::standardize_with`].
    pub fn standardize_targets_with(
        &mut self,
        constants: Standardization<Y>,
    ) -> Result<(), DataError> {
        if self.target_standardization.is_some() {
            return Err(DataError::AlreadyStandardized { part: "targets" });
        }
        let mut targets = self.targets.clone();
        for y in &mut targets {
            constants.apply(y);
        }
        check_finite(&targets, &self.target_names, DataError::non_finite_target)?;
        self.targets = targets;
        self.target_standardization = Some(constants);
        Ok(())
    }
}

impl<X: Sample> Dataset<X, usize> {
    /// Names the classes, in order of their index.
    ///
    /// # Errors
    ///
    /// [`DataError::Class`] if a target has no name.
    pub fn with_class_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.check_classes(names.len())?;
        self.class_names = names;
        Ok(self)
    }

    /// How many classes there are: as many as have names, else one more than the
    /// largest target.
    pub fn classes(&self) -> usize {
        match self.class_names.len() {
            0 => self.targets.iter().max().map_or(0, |class| class + 1),
            named => named,
        }
    }

    /// Checks that every target is below `classes`.
    ///
    /// # Errors
    ///
    /// [`DataError::Class`].
    pub fn check_classes(&self, classes: usize) -> Result<(), DataError> {
        match self.targets.iter().position(|&class| class >= classes) {
            None => Ok(()),
            Some(sample) => Err(DataError::Class {
                sample,
                class: self.targets[sample],
                classes,
            }),
        }
    }
}

/// Finds the first entry that is NaN or infinite; `error` says where it is.
fn check_finite<S: Sample>(
    samples: &[S],
    names: &[String],
    error: fn(usize, usize, f64, &[String]) -> DataError,
) -> Result<(), DataError> {
    for (sample, values) in samples.iter().enumerate() {
        if let Some((index, value)) = first_non_finite(values.as_slice()) {
            return Err(error(sample, index, value, names));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
