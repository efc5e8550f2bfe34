//! What can be wrong with a data set.

/// What is wrong with a data set, or with what was asked of it.
///
/// Samples and features are counted from 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// There are no samples.
    #[error("the data set is empty")]
    Empty,
    /// Inputs and targets cannot be paired.
    #[error("{inputs} inputs cannot be paired with {targets} targets")]
    Length {
        /// Number of inputs.
        inputs: usize,
        /// Number of targets.
        targets: usize,
    },
    /// An input holds NaN or an infinity.
    #[error("input of sample {sample}: {feature} is {value}")]
    NonFiniteInput {
        /// Which sample.
        sample: usize,
        /// Which of its entries.
        feature: Feature,
        /// What stands there.
        value: f64,
    },
    /// A target holds NaN or an infinity.
    #[error("target of sample {sample}: {feature} is {value}")]
    NonFiniteTarget {
        /// Which sample.
        sample: usize,
        /// Which of its entries.
        feature: Feature,
        /// What stands there.
        value: f64,
    },
    /// A class is not among those there are.
    #[error(
        "target of sample {sample}: class {class} is out of range, there are {classes} classes"
    )]
    Class {
        /// Which sample.
        sample: usize,
        /// Its class.
        class: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A split leaves one of its parts empty, or asks for more than there is.
    #[error(
        "a fraction of {fraction} does not split {samples} samples in two: \
         it must lie between 0 and 1 and leave a sample on each side"
    )]
    Fraction {
        /// The fraction asked for.
        fraction: f64,
        /// Number of samples.
        samples: usize,
    },
    /// Batches of no samples were asked for.
    #[error("a batch needs at least one sample")]
    BatchSize,
    /// A sample was asked for that does not exist.
    #[error("there is no sample {index} among {samples} samples")]
    Index {
        /// The sample asked for.
        index: usize,
        /// Number of samples.
        samples: usize,
    },
    /// There are not as many names as features or classes.
    #[error("{names} names do not fit {expected} {what}")]
    Names {
        /// What was to be named.
        what: &'static str,
        /// Number of names.
        names: usize,
        /// Number of things to be named.
        expected: usize,
    },
    /// The data set is already standardized, so that what was asked for would
    /// make its constants wrong.
    #[error("the {part} are already standardized: scale or standardize them before, or once")]
    AlreadyStandardized {
        /// `inputs` or `targets`.
        part: &'static str,
    },
    /// The other data set has no constants to standardize with.
    #[error("the other data set's {part} are not standardized: there are no constants to apply")]
    NotStandardized {
        /// `inputs` or `targets`.
        part: &'static str,
    },
}

impl DataError {
    pub(super) fn non_finite_input(
        sample: usize,
        index: usize,
        value: f64,
        names: &[String],
    ) -> Self {
        Self::NonFiniteInput {
            sample,
            feature: Feature::new(index, names),
            value,
        }
    }

    pub(super) fn non_finite_target(
        sample: usize,
        index: usize,
        value: f64,
        names: &[String],
    ) -> Self {
        Self::NonFiniteTarget {
            sample,
            feature: Feature::new(index, names),
            value,
        }
    }
}

/// One entry of an input or target: its index, and its name if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its index, from 0.
    pub index: usize,
    /// Its name, such as the column it was read from.
    pub name: Option<String>,
}

impl Feature {
    fn new(index: usize, names: &[String]) -> Self {
        Self {
            index,
            name: names.get(index).cloned(),
        }
    }
}

impl core::fmt::Display for Feature {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "entry {}", self.index)?;
        match &self.name {
            Some(name) => write!(f, " ({name})"),
            None => Ok(()),
        }
    }
}
