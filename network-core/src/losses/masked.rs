//! `Masked`: targets of which not every entry counts, such as sequences of several lengths.

use crate::Scalar;
use crate::layers::padding::PaddingError;
use nalgebra::SVector;

/// A target with a weight for each of its entries: 0 where a target is missing or padding.
///
/// [`Mse`](super::Mse), [`Mae`](super::Mae), [`Huber`](super::Huber) and
/// [`BinaryCrossEntropy`](super::BinaryCrossEntropy) take it in place of a vector. With
/// `l` the loss of an entry and `m` the mask, a sample's loss is the weighted mean of its
/// entries, and that of a batch the mean of its samples:
///
/// ```text
/// L = 1 / samples  sum_samples  (sum_entries m l) / (sum_entries m)
/// ```
///
/// so that every sample counts the same, however long it is, and a batch in parts is the batch;
/// a sample whose mask is all 0 has a loss of 0.
/// With [`Reduction::Sum`](super::Reduction::Sum), `L` is the sum of `m l` over entries and
/// samples. Predictions and targets where `m` is 0 do not matter: a target may be NaN there.
///
/// Errors: as of the loss, and [`LossError::NotAWeight`](super::LossError::NotAWeight) for a
/// mask that is negative or not finite.
///
/// # Examples
///
/// Sequences of up to 4 steps, one of them 2 steps long:
///
/// ```
/// use network_core::layers::padding::pad;
/// use network_core::prelude::*;
///
/// network! {
///     /// What every step adds up to so far.
///     pub struct Total([1; 4]) -> [1; 4] { gru(8); dense(1); }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let steps = |numbers: &[f32]| numbers.iter().map(|x| SVector::from([*x])).collect::<Vec<_>>();
/// let data = Dataset::from_pairs([
///     (pad(&steps(&[0.1, 0.2, 0.3, 0.1]))?, Masked::pad(&steps(&[0.1, 0.3, 0.6, 0.7]))?),
///     (pad(&steps(&[0.5, 0.1]))?, Masked::pad(&steps(&[0.5, 0.6]))?),
/// ])?;
/// let mut net = Total::new(1);
/// Trainer::<Total, _, _, 2>::new(Mse::default(), Adam::new(1e-2)).fit(&mut net, &data, None)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Masked<Y> {
    /// What the entries should be.
    pub target: Y,
    /// How much each counts: 0 for not at all, usually 1; finite and not below 0.
    pub mask: Y,
}

impl<T: Scalar, const LEN: usize> Masked<SVector<T, LEN>> {
    /// A sequence of targets, filled up to `LEN` numbers with steps that do not count.
    ///
    /// # Errors
    ///
    /// [`PaddingError::TooLong`].
    pub fn pad<const FEATURES: usize>(
        steps: &[SVector<T, FEATURES>],
    ) -> Result<Self, PaddingError> {
        const { assert!(FEATURES > 0 && LEN.is_multiple_of(FEATURES)) };
        if steps.len() * FEATURES > LEN {
            return Err(PaddingError::TooLong {
                steps: steps.len(),
                most: LEN / FEATURES,
            });
        }
        let mut masked = Self {
            target: SVector::repeat(T::ZERO),
            mask: SVector::repeat(T::ZERO),
        };
        let targets = masked.target.as_mut_slice().chunks_exact_mut(FEATURES);
        let masks = masked.mask.as_mut_slice().chunks_exact_mut(FEATURES);
        for ((step, target), mask) in steps.iter().zip(targets).zip(masks) {
            target.copy_from_slice(step.as_slice());
            mask.fill(T::ONE);
        }
        Ok(masked)
    }
}
