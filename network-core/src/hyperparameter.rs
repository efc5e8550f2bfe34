//! The one way in which a hyperparameter of a loss, optimizer, schedule or clip can be wrong.

use core::ops::Bound::{self, Excluded, Included, Unbounded};

/// A hyperparameter outside the range in which its formula means something.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("`{name}` is {value}, but must be {expected}")]
pub struct HyperparameterError {
    /// The field, such as `delta`.
    pub name: &'static str,
    /// What it was.
    pub value: f64,
    /// The range it must be in.
    pub expected: &'static str,
}

/// The ranges that occur, with the words that errors use for them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Range {
    /// A number above 0.
    Positive,
    /// A number of at least 0.
    NonNegative,
    /// From 0 up to, but without, 1.
    Decay,
    /// From 0 to 1.
    Fraction,
}

impl Range {
    /// An error that names the hyperparameter unless `value` is finite and in range.
    pub(crate) fn check(self, name: &'static str, value: f64) -> Result<(), HyperparameterError> {
        let (low, high): (Bound<f64>, Bound<f64>) = match self {
            Self::Positive => (Excluded(0.0), Unbounded),
            Self::NonNegative => (Included(0.0), Unbounded),
            Self::Decay => (Included(0.0), Excluded(1.0)),
            Self::Fraction => (Included(0.0), Included(1.0)),
        };
        let expected = match self {
            Self::Positive => "a positive number",
            Self::NonNegative => "a number of at least 0",
            Self::Decay => "at least 0 and below 1",
            Self::Fraction => "between 0 and 1",
        };
        if value.is_finite() && core::ops::RangeBounds::contains(&(low, high), &value) {
            Ok(())
        } else {
            Err(HyperparameterError {
                name,
                value,
                expected,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn each_range_holds_its_bounds() {
        for (range, inside, outside) in [
            (Range::Positive, [1e-300, 7.0], [0.0, -1.0]),
            (Range::NonNegative, [0.0, 7.0], [-1e-300, f64::INFINITY]),
            (Range::Decay, [0.0, 0.999], [1.0, -0.1]),
            (Range::Fraction, [0.0, 1.0], [1.1, f64::NAN]),
        ] {
            for value in inside {
                assert_eq!(range.check("x", value), Ok(()), "{range:?} {value}");
            }
            for value in outside {
                assert!(range.check("x", value).is_err(), "{range:?} {value}");
            }
        }
    }

    #[test]
    fn the_error_names_the_hyperparameter_and_the_range() {
        let error = Range::Decay.check("beta1", 1.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`beta1` is 1, but must be at least 0 and below 1"
        );
    }
}
