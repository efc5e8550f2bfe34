//! `batch_norm`: every feature brought to mean 0 and variance 1 over the batch,
//! then scaled and shifted.

mod planes;

use super::sums::{FeatureBlock, by_feature, inverse_deviation, part, part_mut, store};
use crate::kernels::{self, Affine, Number, SimdPath};
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Scalar, Step, Visitor,
    VisitorMut,
};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use nalgebra::SVector;
use planes::Planes;

/// Batch normalisation `y = weight * (x - mean) / sqrt(variance + epsilon) + bias`
/// (Ioffe & Szegedy 2015).
///
/// In training, `mean` and `variance` (biased) are those of the batch, feature by
/// feature; in inference they are the running ones.
/// A batch of one sample has variance 0 and nothing to learn from: its output is
/// `bias`, no gradient goes past the layer, and `running_var` stays as it is
/// (PyTorch refuses such a batch).
///
/// Of an image, a feature is a channel, and of a sequence, what is the same at every
/// step: means run over pixels or steps too (PyTorch's `BatchNorm2d` and `BatchNorm1d`).
///
/// # Shapes
///
/// `x`, `y`: `N`; `weight`, `bias`, `running_mean`, `running_var`: `FEATURES`. Each
/// feature is a run of `INNER` entries, features follow each other, and all that is
/// repeated `N / (FEATURES * INNER)` times: `FEATURES` = N in a vector, `INNER` = height x
/// width in an image.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct BatchNorm<T: Scalar, const N: usize, const FEATURES: usize = N, const INNER: usize = 1> {
    /// Scale of the normalised features.
    pub weight: SVector<T, FEATURES>,
    /// Shift of the normalised features.
    pub bias: SVector<T, FEATURES>,
    /// Running mean of the batches' means.
    pub running_mean: SVector<T, FEATURES>,
    /// Running mean of the batches' variances (unbiased).
    pub running_var: SVector<T, FEATURES>,
    /// How many batches went into the running statistics.
    pub num_batches_tracked: u64,
    /// The share of a new batch in the running statistics, from 0 to 1.
    pub momentum: f64,
    /// Added to the variance.
    pub epsilon: f64,
}

/// How a [`BatchNorm`] layer works and starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNormConfig {
    /// The share of a new batch in the running statistics:
    /// `running = (1 - momentum) * running + momentum * batch`, as in PyTorch.
    pub momentum: f64,
    /// Added to the variance.
    pub epsilon: f64,
    /// Initial `weight`. With 0 in the last norm of a residual branch, the block
    /// starts as the identity (Goyal et al. 2017).
    pub scale: f64,
    /// Initial `bias`.
    pub shift: f64,
}

impl Default for BatchNormConfig {
    /// PyTorch's defaults: momentum 0.1, epsilon 1e-5, scale 1, shift 0.
    fn default() -> Self {
        Self {
            momentum: 0.1,
            epsilon: 1e-5,
            scale: 1.0,
            shift: 0.0,
        }
    }
}

/// A batch's statistics, feature by feature.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct BatchNormCache<T: Scalar, const N: usize> {
    /// Mean.
    pub mean: SVector<T, N>,
    /// Biased variance.
    pub variance: SVector<T, N>,
    /// `1 / sqrt(variance + epsilon)`.
    pub inverse_deviation: SVector<T, N>,
    /// How many entries each feature had.
    pub samples: u64,
}

/// Training's forward pass over the samples, `features` numbers each.
struct Forward<'a, T> {
    features: usize,
    x: &'a [T],
    y: &'a mut [T],
    weight: &'a [T],
    bias: &'a [T],
    epsilon: T,
    mean: &'a mut [T],
    variance: &'a mut [T],
    inverse_deviation: &'a mut [T],
}

impl<T: Scalar> FeatureBlock<T> for Forward<'_, T> {
    #[inline(always)]
    fn block<R: Number<T>, const WIDTH: usize>(&mut self, first: usize) {
        let epsilon = R::new(self.epsilon);
        let share = R::ONE / R::from_f64((self.x.len() / self.features) as f64);
        let mut mean = [R::ZERO; WIDTH];
        for x in self.x.chunks_exact(self.features) {
            let x = part::<T, R, WIDTH>(x, first);
            for k in 0..WIDTH {
                mean[k] += x[k];
            }
        }
        for mean in &mut mean {
            *mean *= share;
        }
        // Around the mean, not E[x^2] - mean^2, which cancels.
        let mut variance = [R::ZERO; WIDTH];
        for x in self.x.chunks_exact(self.features) {
            let x = part::<T, R, WIDTH>(x, first);
            for k in 0..WIDTH {
                let centered = x[k] - mean[k];
                variance[k] = centered.mul_add(centered, variance[k]);
            }
        }
        let mut inverse = [R::ZERO; WIDTH];
        for k in 0..WIDTH {
            variance[k] *= share;
            inverse[k] = inverse_deviation(variance[k], epsilon);
        }
        *part_mut(self.mean, first) = mean;
        *part_mut(self.variance, first) = variance;
        *part_mut(self.inverse_deviation, first) = inverse;
        affine(
            self.features,
            first,
            self.x,
            self.y,
            mean,
            inverse,
            self.weight,
            self.bias,
        );
    }
}

/// `y = (x - mean) * inverse * weight + bias` for a block of features.
#[inline(always)]
fn affine<T: Scalar, R: Number<T>, const WIDTH: usize>(
    features: usize,
    first: usize,
    x: &[T],
    y: &mut [T],
    mean: [R; WIDTH],
    inverse: [R; WIDTH],
    weight: &[T],
    bias: &[T],
) {
    let bias = *part::<T, R, WIDTH>(bias, first);
    let mut factor = *part::<T, R, WIDTH>(weight, first);
    for k in 0..WIDTH {
        factor[k] *= inverse[k];
    }
    for (x, y) in x.chunks_exact(features).zip(y.chunks_exact_mut(features)) {
        let mut block = *part::<T, R, WIDTH>(x, first);
        for k in 0..WIDTH {
            block[k] = (block[k] - mean[k]).mul_add(factor[k], bias[k]);
        }
        *part_mut(y, first) = block;
    }
}

/// Inference with running statistics.
struct Infer<'a, T> {
    features: usize,
    x: &'a [T],
    y: &'a mut [T],
    weight: &'a [T],
    bias: &'a [T],
    epsilon: T,
    mean: &'a [T],
    variance: &'a [T],
}

impl<T: Scalar> FeatureBlock<T> for Infer<'_, T> {
    #[inline(always)]
    fn block<R: Number<T>, const WIDTH: usize>(&mut self, first: usize) {
        let epsilon = R::new(self.epsilon);
        let mean = *part::<T, R, WIDTH>(self.mean, first);
        let mut inverse = *part::<T, R, WIDTH>(self.variance, first);
        for inverse in &mut inverse {
            *inverse = inverse_deviation(*inverse, epsilon);
        }
        affine(
            self.features,
            first,
            self.x,
            self.y,
            mean,
            inverse,
            self.weight,
            self.bias,
        );
    }
}

/// The backward pass. With x^ the normalised features and n samples:
///
/// `d_bias = sum d_y`, `d_weight = sum d_y x^`,
/// `d_x = weight / deviation * (d_y - d_bias / n - x^ d_weight / n)`.
struct Backward<'a, T> {
    features: usize,
    x: &'a [T],
    d_y: &'a [T],
    d_x: Option<&'a mut [T]>,
    weight: &'a [T],
    mean: &'a [T],
    inverse_deviation: &'a [T],
    d_weight: &'a mut [T],
    d_bias: &'a mut [T],
    accumulate: bool,
}

impl<T: Scalar> FeatureBlock<T> for Backward<'_, T> {
    #[inline(always)]
    fn block<R: Number<T>, const WIDTH: usize>(&mut self, first: usize) {
        let features = self.features;
        let mean = *part::<T, R, WIDTH>(self.mean, first);
        let inverse = *part::<T, R, WIDTH>(self.inverse_deviation, first);
        let mut d_weight = [R::ZERO; WIDTH];
        let mut d_bias = [R::ZERO; WIDTH];
        let samples = self
            .x
            .chunks_exact(features)
            .zip(self.d_y.chunks_exact(features));
        for (x, d_y) in samples.clone() {
            let (x, d_y) = (
                part::<T, R, WIDTH>(x, first),
                part::<T, R, WIDTH>(d_y, first),
            );
            for k in 0..WIDTH {
                let normalised = (x[k] - mean[k]) * inverse[k];
                d_weight[k] = d_y[k].mul_add(normalised, d_weight[k]);
                d_bias[k] += d_y[k];
            }
        }
        store(self.d_weight, first, d_weight, self.accumulate);
        store(self.d_bias, first, d_bias, self.accumulate);
        if let Some(d_x) = &mut self.d_x {
            let share = R::ONE / R::from_f64((self.x.len() / features) as f64);
            let mut factor = *part::<T, R, WIDTH>(self.weight, first);
            for k in 0..WIDTH {
                factor[k] *= inverse[k];
                d_weight[k] *= share;
                d_bias[k] *= share;
            }
            for ((x, d_y), d_x) in samples.zip(d_x.chunks_exact_mut(features)) {
                let (x, d_y) = (
                    part::<T, R, WIDTH>(x, first),
                    part::<T, R, WIDTH>(d_y, first),
                );
                let mut block = [R::ZERO; WIDTH];
                for k in 0..WIDTH {
                    let normalised = (x[k] - mean[k]) * inverse[k];
                    block[k] = factor[k] * (d_y[k] - d_bias[k] - normalised * d_weight[k]);
                }
                *part_mut(d_x, first) = block;
            }
        }
    }
}

impl<T: Scalar, const N: usize, const FEATURES: usize, const INNER: usize>
    BatchNorm<T, N, FEATURES, INNER>
{
    /// Inference on any number of samples, or of steps of a sequence.
    fn normalise(&self, path: SimdPath, x: &[T], y: &mut [T]) {
        let mut work = Infer {
            features: FEATURES,
            x,
            y,
            weight: self.weight.as_slice(),
            bias: self.bias.as_slice(),
            epsilon: T::from_f64(self.epsilon),
            mean: self.running_mean.as_slice(),
            variance: self.running_var.as_slice(),
        };
        if INNER == 1 {
            by_feature(path, FEATURES, &mut work);
        } else {
            kernels::run(path, Planes { inner: INNER, work });
        }
    }
}

/// Of a sequence, a step has all features.
impl<T: Scalar, const N: usize, const FEATURES: usize, const INNER: usize> Step
    for BatchNorm<T, N, FEATURES, INNER>
{
    type State = ();

    fn advance(&self, path: SimdPath, x: &[T], y: &mut [T], (): &mut (), _scratch: &mut [T]) {
        self.normalise(path, x, y);
    }
}

impl<T: Scalar, const N: usize, const FEATURES: usize, const INNER: usize> Layer
    for BatchNorm<T, N, FEATURES, INNER>
{
    type Scalar = T;
    type Input = SVector<T, N>;
    type Output = SVector<T, N>;
    type Config = BatchNormConfig;
    type Gradient = Affine<SVector<T, FEATURES>, SVector<T, FEATURES>>;
    type Cache<const BATCH: usize> = BatchNormCache<T, FEATURES>;
    const COUPLES_SAMPLES: bool = true;

    fn initialize(&mut self, config: &BatchNormConfig, _generator: &mut Generator) {
        const {
            assert!(
                FEATURES * INNER > 0 && N.is_multiple_of(FEATURES * INNER),
                "the sizes of this batch norm do not agree"
            );
        }
        self.weight.fill(T::from_f64(config.scale));
        self.bias.fill(T::from_f64(config.shift));
        self.running_mean.fill(T::ZERO);
        self.running_var.fill(T::ONE);
        self.num_batches_tracked = 0;
        self.momentum = config.momentum;
        self.epsilon = config.epsilon;
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        self.normalise(path, cast_slice(x), cast_slice_mut(y));
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut BatchNormCache<T, FEATURES>,
        _scratch: &mut [T],
    ) {
        cache.samples = (x.len() * N / FEATURES) as u64;
        let mut work = Forward {
            features: FEATURES,
            x: cast_slice::<_, T>(x),
            y: cast_slice_mut(y),
            weight: self.weight.as_slice(),
            bias: self.bias.as_slice(),
            epsilon: T::from_f64(self.epsilon),
            mean: cache.mean.as_mut_slice(),
            variance: cache.variance.as_mut_slice(),
            inverse_deviation: cache.inverse_deviation.as_mut_slice(),
        };
        if INNER == 1 {
            by_feature(pass.path, FEATURES, &mut work);
        } else {
            kernels::run(pass.path, Planes { inner: INNER, work });
        }
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut BatchNormCache<T, FEATURES>,
        gradient: &mut Self::Gradient,
        _scratch: &mut [T],
    ) {
        let mut work = Backward {
            features: FEATURES,
            x: cast_slice::<_, T>(x),
            d_y: cast_slice(d_y),
            d_x: d_x.map(cast_slice_mut),
            weight: self.weight.as_slice(),
            mean: cache.mean.as_slice(),
            inverse_deviation: cache.inverse_deviation.as_slice(),
            d_weight: gradient.weight.as_mut_slice(),
            d_bias: gradient.bias.as_mut_slice(),
            accumulate: pass.accumulate,
        };
        if INNER == 1 {
            by_feature(pass.path, FEATURES, &mut work);
        } else {
            kernels::run(pass.path, Planes { inner: INNER, work });
        }
    }

    fn update_statistics<const BATCH: usize>(&mut self, cache: &BatchNormCache<T, FEATURES>) {
        if cache.samples == 0 {
            return;
        }
        self.num_batches_tracked += 1;
        let new = T::from_f64(self.momentum);
        let old = T::from_f64(1.0 - self.momentum);
        for (running, batch) in self.running_mean.iter_mut().zip(&cache.mean) {
            *running = old * *running + new * *batch;
        }
        if cache.samples > 1 {
            let n = cache.samples as f64;
            let unbiased = T::from_f64(n / (n - 1.0));
            for (running, batch) in self.running_var.iter_mut().zip(&cache.variance) {
                *running = old * *running + new * (*batch * unbiased);
            }
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        for (name, kind, value) in [
            ("weight", ParameterKind::Scale, &self.weight),
            ("bias", ParameterKind::Shift, &self.bias),
            ("running_mean", ParameterKind::Statistic, &self.running_mean),
            ("running_var", ParameterKind::Statistic, &self.running_var),
        ] {
            visitor.parameter(Parameter {
                name,
                kind,
                shape: &[FEATURES],
                value: value.as_slice(),
            });
        }
        visitor.counter("num_batches_tracked", self.num_batches_tracked);
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        for (name, kind, value) in [
            ("weight", ParameterKind::Scale, &mut self.weight),
            ("bias", ParameterKind::Shift, &mut self.bias),
            (
                "running_mean",
                ParameterKind::Statistic,
                &mut self.running_mean,
            ),
            (
                "running_var",
                ParameterKind::Statistic,
                &mut self.running_var,
            ),
        ] {
            visitor.parameter(ParameterMut {
                name,
                kind,
                shape: &[FEATURES],
                value: value.as_mut_slice(),
            });
        }
        visitor.counter("num_batches_tracked", &mut self.num_batches_tracked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    fn uneven<const N: usize>() -> BatchNorm<f64, N> {
        let mut layer = *check::layer::<BatchNorm<f64, N>>(&BatchNormConfig::default(), 0);
        for k in 0..N {
            layer.weight[k] = 0.5 + 0.1 * k as f64;
            layer.bias[k] = 0.3 - 0.2 * k as f64;
        }
        layer
    }

    // Feature 0: 1, 2, 6, with mean 3 and biased variance 14 / 3.
    #[test]
    fn channels_and_steps_are_features() {
        // Two samples of 2 channels of 2 pixels, and the same numbers as sequences of
        // 2 steps.
        let x = [[1.0, 3.0, 10.0, 10.0], [5.0, 7.0, 30.0, 30.0]].map(SVector::from);
        let steps = [[1.0, 10.0, 3.0, 10.0], [5.0, 30.0, 7.0, 30.0]].map(SVector::from);
        let config = BatchNormConfig {
            epsilon: 0.0,
            ..BatchNormConfig::default()
        };
        let image = check::layer::<BatchNorm<f64, 4, 2, 2>>(&config, 0);
        let sequence = check::layer::<BatchNorm<f64, 4, 2>>(&config, 0);
        let mut cache = check::cache::<BatchNorm<f64, 4, 2, 2>>();
        let y = check::forward(&*image, 0, &x, &mut cache);
        assert_eq!(cache.mean, SVector::from([4.0, 20.0]));
        assert_eq!(cache.variance, SVector::from([5.0, 100.0]));
        assert_eq!(cache.samples, 4);
        assert!((y[0][0] + 3.0 / 5.0_f64.sqrt()).abs() < 1e-15);
        let z = check::forward(&*sequence, 0, &steps, &mut cache);
        for (y, z) in y.iter().zip(&z) {
            for (a, b) in [y[0], y[1], y[2], y[3]]
                .into_iter()
                .zip([z[0], z[2], z[1], z[3]])
            {
                assert!((a - b).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn channels_have_right_gradients() {
        let config = BatchNormConfig {
            epsilon: 0.1,
            scale: 1.5,
            shift: -0.5,
            ..BatchNormConfig::default()
        };
        let mut image = check::layer::<BatchNorm<f64, 30, 3, 10>>(&config, 0);
        check::gradients(&mut *image, check::anywhere);
        check::agrees_on_all_paths(&*check::layer::<BatchNorm<f32, 57, 3, 19>>(&config, 0));
        check::stays_finite(&*check::layer::<BatchNorm<f32, 12, 3, 4>>(&config, 0));
        let mut sequence = check::layer::<BatchNorm<f64, 30, 3>>(&config, 0);
        check::gradients(&mut *sequence, check::anywhere);
    }

    #[test]
    fn normalises_over_the_batch() {
        let mut layer = uneven::<2>();
        let x: [SVector<f64, 2>; 3] = [[1.0, -1.0], [2.0, -1.0], [6.0, 2.0]].map(SVector::from);
        let mut cache = check::cache::<BatchNorm<f64, 2>>();
        let y = check::forward(&layer, 0, &x, &mut cache);
        let scale = 0.5 / libm::sqrt(14.0 / 3.0 + 1e-5);
        let expected = [0.3 - 2.0 * scale, 0.3 - scale, 0.3 + 3.0 * scale];
        check::assert_close("y", &[y[0][0], y[1][0], y[2][0]], &expected, 1e-15);

        layer.update_statistics::<3>(&cache);
        assert_eq!(layer.num_batches_tracked, 1);
        // 0.9 * 0 + 0.1 * mean, 0.9 * 1 + 0.1 * unbiased variance
        check::assert_close("mean", layer.running_mean.as_slice(), &[0.3, 0.0], 1e-15);
        check::assert_close("variance", layer.running_var.as_slice(), &[1.6, 1.2], 1e-15);

        let y = check::infer(&layer, &x);
        let expected = 0.5 * (6.0 - 0.3) / libm::sqrt(1.6 + 1e-5) + 0.3;
        check::assert_close("inferred", &[y[2][0]], &[expected], 1e-15);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut uneven::<1>(), check::apart);
        check::gradients(&mut uneven::<5>(), check::apart);
        check::gradients(&mut uneven::<43>(), check::apart);
    }

    #[test]
    fn one_sample_gives_the_shift_and_keeps_the_variance() {
        let mut layer = uneven::<3>();
        let x = [SVector::from([1e4, -7.0, 0.0])];
        let mut cache = check::cache::<BatchNorm<f64, 3>>();
        let y = check::forward(&layer, 0, &x, &mut cache);
        assert_eq!(y[0], layer.bias);
        layer.update_statistics::<1>(&cache);
        assert_eq!(layer.running_var, SVector::from([1.0; 3]));
        assert_eq!(layer.running_mean[1], 0.1 * -7.0);

        let mut d_x = [SVector::from([f64::NAN; 3])];
        let mut gradient = Affine::zeroed();
        let d_y = [SVector::from([1.0, 2.0, 3.0])];
        let d_x_slot = Some(&mut d_x[..]);
        check::backward(
            &layer,
            &x,
            &y,
            &d_y,
            d_x_slot,
            &mut cache,
            &mut gradient,
            false,
        );
        assert_eq!(d_x[0], SVector::from([0.0; 3]));
        assert_eq!(gradient.bias, d_y[0]);
        assert_eq!(gradient.weight, SVector::from([0.0; 3]));
    }

    #[test]
    fn an_empty_batch_changes_nothing() {
        let mut layer = uneven::<3>();
        let before = layer;
        let mut cache = check::cache::<BatchNorm<f64, 3>>();
        check::forward(&layer, 0, &[], &mut cache);
        layer.update_statistics::<1>(&cache);
        assert_eq!(layer, before);
    }

    #[test]
    fn a_scale_of_zero_is_possible() {
        let config = BatchNormConfig {
            scale: 0.0,
            shift: 0.25,
            ..BatchNormConfig::default()
        };
        let layer = check::layer::<BatchNorm<f32, 4>>(&config, 0);
        let x = check::normal(5, 1);
        let y = check::forward(&*layer, 0, &x, &mut *check::cache::<BatchNorm<f32, 4>>());
        assert!(check::flat(&y).iter().all(|y| *y == 0.25));
    }

    #[test]
    fn extreme_inputs_stay_finite() {
        check::stays_finite(&uneven::<5>());
        let config = BatchNormConfig::default();
        check::stays_finite(&*check::layer::<BatchNorm<f32, 33>>(&config, 0));
        let config = BatchNormConfig {
            epsilon: 0.0,
            ..config
        };
        check::stays_finite(&*check::layer::<BatchNorm<f32, 2>>(&config, 0));
    }

    #[test]
    fn all_instruction_sets_agree() {
        check::agrees_on_all_paths(&uneven::<1>());
        check::agrees_on_all_paths(&uneven::<43>());
        let config = BatchNormConfig::default();
        check::agrees_on_all_paths(&*check::layer::<BatchNorm<f32, 43>>(&config, 0));
    }

    #[test]
    fn parameters_are_named_as_in_pytorch() {
        let shown = check::Shown::of(&mut uneven::<3>());
        let n: &[usize] = &[3];
        let names = [
            ("weight", n),
            ("bias", n),
            ("running_mean", n),
            ("running_var", n),
        ];
        assert_eq!(shown.names(), names);
        assert_eq!(shown.trained(), 6);
        assert_eq!(shown.counters, [("num_batches_tracked", 0)]);
    }
}
