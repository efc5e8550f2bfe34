//! What a sample can be trained towards: a class, a vector, or the user's own type.

use crate::losses::Masked;
use crate::{Sample, Scalar};
use nalgebra::SVector;

/// What a network is trained towards: a class index (`usize`), a vector, or the
/// user's own type, for which the defaults below will do.
pub trait Target: Copy + core::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The first entry that is NaN or infinite: its index and value.
    fn non_finite(&self) -> Option<(usize, f64)> {
        None
    }

    /// Whether `prediction` names this class; `None` where a target is no class.
    fn is_hit<P: Sample>(&self, prediction: &P) -> Option<bool> {
        let _ = prediction;
        None
    }
}

/// No target: of samples that are there to be predicted.
impl Target for () {}

/// A class, counted from 0.
impl Target for usize {
    /// Whether this class has the largest entry; of equals, the first counts.
    /// `None` for predictions of a single number, which name no class.
    fn is_hit<P: Sample>(&self, prediction: &P) -> Option<bool> {
        (P::LEN > 1).then(|| argmax(prediction.as_slice()) == *self)
    }
}

/// A vector: a regression's target, class probabilities, or 0-1 marks.
impl<T: Scalar, const N: usize> Target for SVector<T, N> {
    fn non_finite(&self) -> Option<(usize, f64)> {
        first_non_finite(self.as_slice())
    }
}

/// A vector of which not every entry counts.
impl<T: Scalar, const N: usize> Target for Masked<SVector<T, N>> {
    /// Among the entries that count, and among the weights.
    fn non_finite(&self) -> Option<(usize, f64)> {
        let entries = self.target.iter().zip(&self.mask).enumerate();
        let mut wrong = entries.filter_map(|(index, (target, mask))| {
            let value = if *mask == T::ZERO { *mask } else { *target };
            [*mask, value]
                .into_iter()
                .find(|value| !value.is_finite())
                .map(|value| (index, value.to_f64()))
        });
        wrong.next()
    }
}

/// The index of the largest entry; of equals, the first. NaN is never the largest.
/// 0 for an empty slice.
///
/// ```
/// use network_core::data::argmax;
/// assert_eq!(argmax(&[0.1_f32, 0.7, 0.2]), 1);
/// ```
pub fn argmax<T: Scalar>(values: &[T]) -> usize {
    let mut best: Option<(usize, T)> = None;
    for (index, &value) in values.iter().enumerate() {
        let larger = best.is_none_or(|(_, largest)| value > largest);
        // `value == value` keeps NaN out.
        #[allow(clippy::eq_op)]
        if larger && value == value {
            best = Some((index, value));
        }
    }
    best.map_or(0, |(index, _)| index)
}

/// The first entry that is NaN or infinite: its index and value.
pub(crate) fn first_non_finite<T: Scalar>(values: &[T]) -> Option<(usize, f64)> {
    values
        .iter()
        .position(|value| !value.is_finite())
        .map(|index| (index, values[index].to_f64()))
}
