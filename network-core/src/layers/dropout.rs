//! `dropout`: in training, every entry is zero with some probability.

use crate::kernels::{self, Binary, SimdPath};
use crate::{Generator, Layer, Pass, Real, Scalar, Step};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::SVector;
use rand::Rng;

/// Inverted dropout (Srivastava et al. 2014): in training each entry is 0 with
/// probability `rate`, else `x / (1 - rate)`; in inference `y = x`.
///
/// Whole features can be dropped together: channels of an image, or features of a
/// sequence at all its steps (Tompson et al. 2015; PyTorch's `Dropout2d`).
///
/// # Shapes
///
/// `x`, `y`: `N`. No parameters. Each feature is a run of `INNER` entries, `FEATURES` of
/// them follow each other, and all that is repeated: `FEATURES` = N unless features are
/// dropped together.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Dropout<T: Scalar, const N: usize, const FEATURES: usize = N, const INNER: usize = 1> {
    /// Probability of 0, from 0 to 1.
    pub rate: f64,
    scalar: PhantomData<T>,
}

/// How a [`Dropout`] layer works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DropoutConfig {
    /// Probability of 0, from 0 to 1.
    pub rate: f64,
}

impl Default for DropoutConfig {
    /// PyTorch's default: a rate of 0.5.
    fn default() -> Self {
        Self { rate: 0.5 }
    }
}

/// What each feature of a batch was multiplied with: 0 or `1 / (1 - rate)`.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct DropoutCache<T: Scalar, const N: usize, const BATCH: usize> {
    /// The factors, sample by sample.
    pub factor: [SVector<T, N>; BATCH],
}

#[derive(Clone, Copy)]
struct Product;
impl Binary for Product {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a * b
    }
}

/// Draws the factors: two entries from the halves of each random number, the
/// low half first.
fn draw<T: Scalar>(rate: f64, factor: &mut [T], generator: &mut Generator) {
    let threshold = (rate * 4_294_967_296.0) as u64;
    let kept = T::from_f64(if rate < 1.0 { 1.0 / (1.0 - rate) } else { 0.0 });
    for pair in factor.chunks_mut(2) {
        let bits = generator.next_u64();
        for (factor, bits) in pair.iter_mut().zip([bits & 0xFFFF_FFFF, bits >> 32]) {
            *factor = T::select(bits >= threshold, kept, T::ZERO);
        }
    }
}

impl<T: Scalar, const N: usize, const FEATURES: usize, const INNER: usize>
    Dropout<T, N, FEATURES, INNER>
{
    /// `y = x` times the features' factors.
    fn multiply(path: SimdPath, factor: &[SVector<T, FEATURES>], y: &mut [SVector<T, N>]) {
        if FEATURES == N {
            kernels::map2(
                path,
                &Product,
                cast_slice_mut::<_, T>(y),
                cast_slice(factor),
            );
            return;
        }
        for (factor, y) in factor.iter().zip(y) {
            for y in y.as_mut_slice().chunks_exact_mut(FEATURES * INNER) {
                for (y, factor) in y.chunks_exact_mut(INNER).zip(factor) {
                    for y in y {
                        *y *= *factor;
                    }
                }
            }
        }
    }
}

impl<T: Scalar, const N: usize, const FEATURES: usize, const INNER: usize> Layer
    for Dropout<T, N, FEATURES, INNER>
{
    type Scalar = T;
    type Input = SVector<T, N>;
    type Output = SVector<T, N>;
    type Config = DropoutConfig;
    type Gradient = ();
    type Cache<const BATCH: usize> = DropoutCache<T, FEATURES, BATCH>;

    fn initialize(&mut self, config: &DropoutConfig, _generator: &mut Generator) {
        self.rate = config.rate;
    }

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _scratch: &mut [T],
    ) {
        y.copy_from_slice(x);
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        _scratch: &mut [T],
    ) {
        let factor = &mut cache.factor[..x.len()];
        draw(self.rate, cast_slice_mut::<_, T>(factor), pass.generator);
        y.copy_from_slice(x);
        Self::multiply(pass.path, factor, y);
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        _x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        if let Some(d_x) = d_x {
            d_x.copy_from_slice(d_y);
            Self::multiply(pass.path, &cache.factor[..d_y.len()], d_x);
        }
    }
}

/// In inference it does nothing.
impl<T: Scalar, const N: usize, const FEATURES: usize, const INNER: usize> Step
    for Dropout<T, N, FEATURES, INNER>
{
    type State = ();

    fn advance(&self, _path: SimdPath, x: &[T], y: &mut [T], (): &mut (), _scratch: &mut [T]) {
        y.copy_from_slice(x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    fn dropout<T: Scalar, const N: usize>(rate: f64) -> Dropout<T, N> {
        *check::layer::<Dropout<T, N>>(&DropoutConfig { rate }, 0)
    }

    fn ones<const N: usize>(rate: f64, seed: u64) -> [f64; N] {
        let x = [SVector::from([1.0; N])];
        let mut cache = check::cache::<Dropout<f64, N>>();
        check::forward(&dropout::<f64, N>(rate), seed, &x, &mut cache)[0].into()
    }

    #[test]
    fn features_are_dropped_together() {
        let config = DropoutConfig { rate: 0.5 };
        let image = check::layer::<Dropout<f64, 60, 6, 5>>(&config, 0);
        let x = [SVector::from([1.0; 60])];
        let y = check::forward(
            &*image,
            7,
            &x,
            &mut check::cache::<Dropout<f64, 60, 6, 5>>(),
        );
        let y = y[0].as_slice();
        assert!(y.contains(&0.0) && y.contains(&2.0));
        for (index, value) in y.iter().enumerate() {
            assert_eq!(*value, y[index / 5 % 6 * 5], "entry {index}");
        }
        check::gradients(
            &mut *check::layer::<Dropout<f64, 12, 3, 2>>(&config, 0),
            check::anywhere,
        );
        check::agrees_on_all_paths(&*check::layer::<Dropout<f32, 12, 3>>(&config, 0));
    }

    #[test]
    fn keeps_the_expected_share_and_the_mean() {
        let y = ones::<20_000>(0.3, 1);
        let dropped = y.iter().filter(|y| **y == 0.0).count();
        // Standard deviation sqrt(20000 * 0.3 * 0.7) = 65.
        assert!(dropped.abs_diff(6_000) < 4 * 65, "{dropped} dropped");
        assert!(y.iter().all(|y| *y == 0.0 || *y == 1.0 / 0.7));
    }

    #[test]
    fn a_seed_pins_the_mask() {
        let bits = ones::<24>(0.5, 42).map(|y| y != 0.0);
        let golden = [
            0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1,
        ];
        assert_eq!(bits.map(u8::from), golden);
        assert_ne!(ones::<24>(0.5, 43).map(|y| y != 0.0), bits);
    }

    #[test]
    fn rates_at_the_ends() {
        assert_eq!(ones::<9>(0.0, 1), [1.0; 9]);
        assert_eq!(ones::<9>(1.0, 1), [0.0; 9]);
    }

    #[test]
    fn inference_is_the_identity() {
        let x = check::normal::<SVector<f32, 5>>(3, 1);
        assert_eq!(check::infer(&dropout::<f32, 5>(0.9), &x), x);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut dropout::<f64, 1>(0.5), check::anywhere);
        check::gradients(&mut dropout::<f64, 5>(0.2), check::anywhere);
        check::gradients(&mut dropout::<f64, 33>(0.5), check::anywhere);
        check::stays_finite(&dropout::<f32, 7>(0.5));
    }
}
