//! Sequences shorter than their shape: which steps are padding, and layers that leave
//! them out.
//!
//! A sample of fewer steps than its shape is filled up with steps of zeros at its end
//! ([`pad`]). Layers that go from the first step to the last compute its own steps as if
//! there were no others, so only what looks at all steps has to know:
//! `last(padding = label)`, `mean_over_steps(padding = label)` and `mask(label)`, where the
//! label is that of the padded sequence, such as `input`. They pass no gradient to the
//! padding, so that no layer before them learns from it. A bidirectional layer, whose second
//! cell meets the padding first, is told in the same way: `lstm(32, bidirectional = true,
//! padding = label)` ([`Padded`]).
//!
//! The functions are no [`Layer`]s, since they have two inputs: generated code calls them.

use crate::kernels::{self, SimdPath};
use crate::layers::mean_over_steps::{Over, Sum};
use crate::{Layer, Pass, Scalar};
use nalgebra::SVector;

/// Why steps cannot be padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaddingError {
    /// There are more steps than the shape has.
    #[error("a sequence of {steps} steps does not fit a shape of {most}")]
    TooLong {
        /// Steps given.
        steps: usize,
        /// Steps of the shape.
        most: usize,
    },
    /// The last step would be taken for padding.
    #[error(
        "the last step is all zeros, which would be taken for padding; add a feature that is 1 at every step"
    )]
    EndsWithZeros,
}

/// Fills up a sequence with steps of zeros at its end: a sample of `LEN` numbers.
///
/// ```
/// use network_core::layers::padding::pad;
/// use network_core::nalgebra::SVector;
///
/// let steps = [SVector::from([1.0_f32, 2.0]), SVector::from([3.0, 4.0])];
/// let sample: SVector<f32, 6> = pad(&steps)?; // of shape [2; 3]
/// assert_eq!(sample.as_slice(), [1.0, 2.0, 3.0, 4.0, 0.0, 0.0]);
/// # Ok::<_, network_core::layers::padding::PaddingError>(())
/// ```
///
/// # Errors
///
/// If there are too many steps, or the last one is all zeros.
pub fn pad<T: Scalar, const FEATURES: usize, const LEN: usize>(
    steps: &[SVector<T, FEATURES>],
) -> Result<SVector<T, LEN>, PaddingError> {
    const { assert!(FEATURES > 0 && LEN.is_multiple_of(FEATURES)) };
    if steps.len() * FEATURES > LEN {
        return Err(PaddingError::TooLong {
            steps: steps.len(),
            most: LEN / FEATURES,
        });
    }
    if steps.last().is_some_and(|step| is_zero(step.as_slice())) {
        return Err(PaddingError::EndsWithZeros);
    }
    let mut sample = SVector::<T, LEN>::repeat(T::ZERO);
    for (step, to) in steps
        .iter()
        .zip(sample.as_mut_slice().chunks_exact_mut(FEATURES))
    {
        to.copy_from_slice(step.as_slice());
    }
    Ok(sample)
}

fn is_zero<T: Scalar>(step: &[T]) -> bool {
    step.iter().all(|x| *x == T::ZERO)
}

/// How many of a sample's `steps` come before the zeros at its end.
pub fn length<T: Scalar, const N: usize>(steps: usize, sample: &SVector<T, N>) -> usize {
    let features = N / steps;
    let steps = sample.as_slice().chunks_exact(features);
    let padding = steps.clone().rev().take_while(|step| is_zero(step)).count();
    steps.len() - padding
}

/// A layer that looks at all steps of its input, and can be told where padding begins: its
/// own steps come out as if there were no others, and what comes after them is 0.
///
/// `padded` holds a sample of as many steps for each of `x`; its zeros say what is padding.
pub trait Padded: Layer {
    /// As [`Layer::infer`].
    fn infer_padded<const P: usize>(
        &self,
        path: SimdPath,
        padded: &[SVector<Self::Scalar, P>],
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    );

    /// As [`Layer::forward`].
    fn forward_padded<const BATCH: usize, const P: usize>(
        &self,
        pass: &mut Pass<'_>,
        padded: &[SVector<Self::Scalar, P>],
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        scratch: &mut [Self::Scalar],
    );

    /// As [`Layer::backward`]; nothing flows back to the padding.
    fn backward_padded<const BATCH: usize, const P: usize>(
        &self,
        pass: &mut Pass<'_>,
        padded: &[SVector<Self::Scalar, P>],
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        gradient: &mut Self::Gradient,
        scratch: &mut [Self::Scalar],
    );
}

/// `y` is the last step of `x` before the padding; zeros if there is none.
pub fn last<T: Scalar, const P: usize, const X: usize, const Y: usize>(
    _path: SimdPath,
    steps: usize,
    padded: &[SVector<T, P>],
    x: &[SVector<T, X>],
    y: &mut [SVector<T, Y>],
) {
    for ((padded, x), y) in padded.iter().zip(x).zip(y) {
        match length(steps, padded) {
            0 => y.fill(T::ZERO),
            n => y.copy_from_slice(&x.as_slice()[(n - 1) * Y..n * Y]),
        }
    }
}

/// The derivative of [`last`].
pub fn last_backward<T: Scalar, const P: usize, const X: usize, const Y: usize>(
    _path: SimdPath,
    steps: usize,
    padded: &[SVector<T, P>],
    d_y: &[SVector<T, Y>],
    d_x: &mut [SVector<T, X>],
) {
    for ((padded, d_y), d_x) in padded.iter().zip(d_y).zip(d_x) {
        d_x.fill(T::ZERO);
        if let Some(n) = length(steps, padded).checked_sub(1) {
            d_x.as_mut_slice()[n * Y..][..Y].copy_from_slice(d_y.as_slice());
        }
    }
}

/// `y` is the mean of the steps of `x` before the padding; zeros if there is none.
pub fn mean<T: Scalar, const P: usize, const X: usize, const Y: usize>(
    path: SimdPath,
    steps: usize,
    padded: &[SVector<T, P>],
    x: &[SVector<T, X>],
    y: &mut [SVector<T, Y>],
) {
    for ((padded, x), y) in padded.iter().zip(x).zip(y) {
        let n = length(steps, padded);
        let y = y.as_mut_slice();
        y.fill(T::ZERO);
        for step in x.as_slice().chunks_exact(Y).take(n) {
            kernels::map2(path, &Sum, y, step);
        }
        kernels::map(path, &Over(n.max(1) as f64), y);
    }
}

/// The derivative of [`mean`].
pub fn mean_backward<T: Scalar, const P: usize, const X: usize, const Y: usize>(
    path: SimdPath,
    steps: usize,
    padded: &[SVector<T, P>],
    d_y: &[SVector<T, Y>],
    d_x: &mut [SVector<T, X>],
) {
    for ((padded, d_y), d_x) in padded.iter().zip(d_y).zip(d_x) {
        let n = length(steps, padded);
        let (own, padding) = d_x.as_mut_slice().split_at_mut(n * Y);
        for step in own.chunks_exact_mut(Y) {
            step.copy_from_slice(d_y.as_slice());
        }
        kernels::map(path, &Over(n.max(1) as f64), own);
        padding.fill(T::ZERO);
    }
}

/// `y` is `x`, with zeros where the padding is.
pub fn mask<T: Scalar, const P: usize, const X: usize>(
    _path: SimdPath,
    steps: usize,
    padded: &[SVector<T, P>],
    x: &[SVector<T, X>],
    y: &mut [SVector<T, X>],
) {
    for ((padded, x), y) in padded.iter().zip(x).zip(y) {
        let own = length(steps, padded) * (X / steps);
        y.copy_from(x);
        y.as_mut_slice()[own..].fill(T::ZERO);
    }
}

/// The derivative of [`mask`].
pub fn mask_backward<T: Scalar, const P: usize, const X: usize>(
    path: SimdPath,
    steps: usize,
    padded: &[SVector<T, P>],
    d_y: &[SVector<T, X>],
    d_x: &mut [SVector<T, X>],
) {
    mask(path, steps, padded, d_y, d_x);
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: SimdPath = SimdPath::PORTABLE;

    /// Lengths 2, 3 and 0 of at most 3 steps of 1 feature.
    fn padded() -> [SVector<f64, 3>; 3] {
        [[1.0, 2.0, 0.0], [0.0, 0.0, 5.0], [0.0; 3]].map(SVector::from)
    }

    fn sequences() -> [SVector<f64, 6>; 3] {
        [SVector::from([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]); 3]
    }

    #[test]
    fn trailing_zeros_are_padding() {
        assert_eq!(padded().map(|sample| length(3, &sample)), [2, 3, 0]);
    }

    #[test]
    fn padding_is_left_out() {
        let (padded, x) = (padded(), sequences());
        let mut y = [SVector::<f64, 2>::zeros(); 3];
        last(PATH, 3, &padded, &x, &mut y);
        assert_eq!(y, [[3.0, 4.0], [5.0, 6.0], [0.0, 0.0]].map(SVector::from));
        mean(PATH, 3, &padded, &x, &mut y);
        assert_eq!(y, [[2.0, 3.0], [3.0, 4.0], [0.0, 0.0]].map(SVector::from));
        let mut y = [SVector::<f64, 6>::zeros(); 3];
        mask(PATH, 3, &padded, &x, &mut y);
        let first = SVector::from([1.0, 2.0, 3.0, 4.0, 0.0, 0.0]);
        assert_eq!(y, [first, x[1], SVector::zeros()]);
    }

    #[test]
    fn padding_gets_no_gradient() {
        let padded = padded();
        let d_y = [SVector::from([6.0, 12.0]); 3];
        let mut d_x = [SVector::<f64, 6>::repeat(f64::NAN); 3];
        last_backward(PATH, 3, &padded, &d_y, &mut d_x);
        let expected = [
            [0.0, 0.0, 6.0, 12.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 6.0, 12.0],
            [0.0; 6],
        ];
        assert_eq!(d_x, expected.map(SVector::from));
        mean_backward(PATH, 3, &padded, &d_y, &mut d_x);
        let expected = [
            [3.0, 6.0, 3.0, 6.0, 0.0, 0.0],
            [2.0, 4.0, 2.0, 4.0, 2.0, 4.0],
            [0.0; 6],
        ];
        assert_eq!(d_x, expected.map(SVector::from));
        mask_backward(PATH, 3, &padded, &sequences(), &mut d_x);
        assert_eq!(d_x[0], SVector::from([1.0, 2.0, 3.0, 4.0, 0.0, 0.0]));
    }

    #[test]
    fn what_would_be_misread_is_refused() {
        let step = |x| SVector::<f32, 1>::new(x);
        let sample: Result<SVector<f32, 2>, _> = pad(&[step(1.0); 3]);
        assert_eq!(sample, Err(PaddingError::TooLong { steps: 3, most: 2 }));
        let sample: Result<SVector<f32, 2>, _> = pad(&[step(1.0), step(0.0)]);
        assert_eq!(sample, Err(PaddingError::EndsWithZeros));
        let sample: Result<SVector<f32, 2>, _> = pad(&[step(0.0), step(1.0)]);
        assert_eq!(sample, Ok(SVector::from([0.0, 1.0])));
        let sample: Result<SVector<f32, 2>, PaddingError> = pad::<_, 1, 2>(&[]);
        assert_eq!(sample, Ok(SVector::zeros()));
    }
}
