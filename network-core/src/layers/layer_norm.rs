//! `layer_norm`: every sample brought to mean 0 and variance 1 over its features,
//! then scaled and shifted.

use super::sums::{FeatureBlock, by_feature, inverse_deviation, part, store, sum_of};
use crate::kernels::{self, Affine, Number, SimdPath, Task};
use crate::step::step_alone;
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Real, Scalar, Visitor,
    VisitorMut,
};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// Layer normalisation `y = weight * (x - mean) / sqrt(variance + epsilon) + bias`,
/// with mean and variance (biased) over the features of each sample (Ba et al. 2016).
///
/// Training and inference are the same. With one feature the variance is 0 and
/// the output is `bias`.
///
/// # Shapes
///
/// `x`, `y`, `weight`, `bias`: `N`.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct LayerNorm<T: Scalar, const N: usize> {
    /// Scale of the normalised features.
    pub weight: SVector<T, N>,
    /// Shift of the normalised features.
    pub bias: SVector<T, N>,
    /// Added to the variance.
    pub epsilon: f64,
}

/// How a [`LayerNorm`] layer works and starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNormConfig {
    /// Added to the variance.
    pub epsilon: f64,
    /// Initial `weight`.
    pub scale: f64,
    /// Initial `bias`.
    pub shift: f64,
}

impl Default for LayerNormConfig {
    /// PyTorch's defaults: epsilon 1e-5, scale 1, shift 0.
    fn default() -> Self {
        Self {
            epsilon: 1e-5,
            scale: 1.0,
            shift: 0.0,
        }
    }
}

/// The samples' statistics.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct LayerNormCache<T: Scalar, const BATCH: usize> {
    /// Mean of each sample.
    pub mean: [T; BATCH],
    /// `1 / sqrt(variance + epsilon)` of each sample.
    pub inverse_deviation: [T; BATCH],
}

/// The forward pass over all samples, `features` numbers each.
struct Forward<'a, T> {
    features: usize,
    x: &'a [T],
    y: &'a mut [T],
    weight: &'a [T],
    bias: &'a [T],
    epsilon: T,
    /// In training, each sample's mean and inverse deviation.
    statistics: Option<(&'a mut [T], &'a mut [T])>,
}

impl<T: Scalar> Task<T> for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(mut self) {
        let (weight, bias) = (R::slice(self.weight), R::slice(self.bias));
        let epsilon = R::new(self.epsilon);
        let x = R::slice(self.x).chunks_exact(self.features);
        let y = R::slice_mut(self.y).chunks_exact_mut(self.features);
        for (sample, (x, y)) in x.zip(y).enumerate() {
            let (mean, inverse) = normalise(x, y, weight, bias, epsilon);
            if let Some((means, inverses)) = &mut self.statistics {
                means[sample] = mean.get();
                inverses[sample] = inverse.get();
            }
        }
    }
}

/// One sample's forward pass; returns its mean and inverse deviation.
#[inline(always)]
fn normalise<R: Real>(x: &[R], y: &mut [R], weight: &[R], bias: &[R], epsilon: R) -> (R, R) {
    let share = R::ONE / R::from_f64(x.len() as f64);
    let sum = sum_of(
        [x],
        #[inline(always)]
        |[x]| x,
    );
    let mean = sum * share;
    let sum_of_squares = sum_of(
        [x],
        #[inline(always)]
        |[x]| (x - mean) * (x - mean),
    );
    let inverse = inverse_deviation(sum_of_squares * share, epsilon);
    for (((y, x), weight), bias) in y.iter_mut().zip(x).zip(weight).zip(bias) {
        *y = ((*x - mean) * inverse).mul_add(*weight, *bias);
    }
    (mean, inverse)
}

/// `d_x` of all samples.
struct DInput<'a, T> {
    features: usize,
    x: &'a [T],
    d_y: &'a [T],
    d_x: &'a mut [T],
    weight: &'a [T],
    mean: &'a [T],
    inverse_deviation: &'a [T],
}

impl<T: Scalar> Task<T> for DInput<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let weight = R::slice(self.weight);
        let x = R::slice(self.x).chunks_exact(self.features);
        let d_y = R::slice(self.d_y).chunks_exact(self.features);
        let d_x = R::slice_mut(self.d_x).chunks_exact_mut(self.features);
        let statistics = R::slice(self.mean)
            .iter()
            .zip(R::slice(self.inverse_deviation));
        for (((x, d_y), d_x), (mean, inverse)) in x.zip(d_y).zip(d_x).zip(statistics) {
            d_sample(x, d_y, d_x, weight, *mean, *inverse);
        }
    }
}

/// One sample's `d_x`. With x^ the normalised features and g = weight * d_y:
/// `d_x = (g - mean(g) - x^ mean(g x^)) / deviation`.
#[inline(always)]
fn d_sample<R: Real>(x: &[R], d_y: &[R], d_x: &mut [R], weight: &[R], mean: R, inverse: R) {
    let share = R::ONE / R::from_f64(x.len() as f64);
    let sum_g = sum_of(
        [d_y, weight],
        #[inline(always)]
        |[d, w]| d * w,
    );
    let sum_gx = sum_of(
        [d_y, weight, x],
        #[inline(always)]
        |[d, w, x]| d * w * ((x - mean) * inverse),
    );
    let (mean_g, mean_gx) = (sum_g * share, sum_gx * share);
    for (((d_x, x), d), w) in d_x.iter_mut().zip(x).zip(d_y).zip(weight) {
        let normalised = (*x - mean) * inverse;
        *d_x = inverse * (*d * *w - mean_g - normalised * mean_gx);
    }
}

/// The parameters' gradient: `d_weight = sum d_y x^`, `d_bias = sum d_y`.
struct DParameters<'a, T> {
    features: usize,
    x: &'a [T],
    d_y: &'a [T],
    mean: &'a [T],
    inverse_deviation: &'a [T],
    d_weight: &'a mut [T],
    d_bias: &'a mut [T],
    accumulate: bool,
}

impl<T: Scalar> FeatureBlock<T> for DParameters<'_, T> {
    #[inline(always)]
    fn block<R: Number<T>, const WIDTH: usize>(&mut self, first: usize) {
        let mut d_weight = [R::ZERO; WIDTH];
        let mut d_bias = [R::ZERO; WIDTH];
        let x = self.x.chunks_exact(self.features);
        let d_y = self.d_y.chunks_exact(self.features);
        let statistics = R::slice(self.mean)
            .iter()
            .zip(R::slice(self.inverse_deviation));
        for ((x, d_y), (mean, inverse)) in x.zip(d_y).zip(statistics) {
            let (x, d_y) = (
                part::<T, R, WIDTH>(x, first),
                part::<T, R, WIDTH>(d_y, first),
            );
            for k in 0..WIDTH {
                let normalised = (x[k] - *mean) * *inverse;
                d_weight[k] = d_y[k].mul_add(normalised, d_weight[k]);
                d_bias[k] += d_y[k];
            }
        }
        store(self.d_weight, first, d_weight, self.accumulate);
        store(self.d_bias, first, d_bias, self.accumulate);
    }
}

impl<T: Scalar, const N: usize> LayerNorm<T, N> {
    fn run(
        &self,
        path: SimdPath,
        x: &[SVector<T, N>],
        y: &mut [SVector<T, N>],
        statistics: Option<(&mut [T], &mut [T])>,
    ) {
        let work = Forward {
            features: N,
            x: cast_slice::<_, T>(x),
            y: cast_slice_mut(y),
            weight: self.weight.as_slice(),
            bias: self.bias.as_slice(),
            epsilon: T::from_f64(self.epsilon),
            statistics,
        };
        kernels::run(path, work);
    }
}

impl<T: Scalar, const N: usize> Layer for LayerNorm<T, N> {
    type Scalar = T;
    type Input = SVector<T, N>;
    type Output = SVector<T, N>;
    type Config = LayerNormConfig;
    type Gradient = Affine<SVector<T, N>, SVector<T, N>>;
    type Cache<const BATCH: usize> = LayerNormCache<T, BATCH>;

    fn initialize(&mut self, config: &LayerNormConfig, _generator: &mut Generator) {
        self.weight.fill(T::from_f64(config.scale));
        self.bias.fill(T::from_f64(config.shift));
        self.epsilon = config.epsilon;
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        self.run(path, x, y, None);
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut LayerNormCache<T, BATCH>,
        _scratch: &mut [T],
    ) {
        let statistics = (&mut cache.mean[..], &mut cache.inverse_deviation[..]);
        self.run(pass.path, x, y, Some(statistics));
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut LayerNormCache<T, BATCH>,
        gradient: &mut Self::Gradient,
        _scratch: &mut [T],
    ) {
        let mut work = DParameters {
            features: N,
            x: cast_slice::<_, T>(x),
            d_y: cast_slice(d_y),
            mean: &cache.mean,
            inverse_deviation: &cache.inverse_deviation,
            d_weight: gradient.weight.as_mut_slice(),
            d_bias: gradient.bias.as_mut_slice(),
            accumulate: pass.accumulate,
        };
        by_feature(pass.path, N, &mut work);
        if let Some(d_x) = d_x {
            let work = DInput {
                features: N,
                x: cast_slice::<_, T>(x),
                d_y: cast_slice(d_y),
                d_x: cast_slice_mut(d_x),
                weight: self.weight.as_slice(),
                mean: &cache.mean,
                inverse_deviation: &cache.inverse_deviation,
            };
            kernels::run(pass.path, work);
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        for (name, kind, value) in [
            ("weight", ParameterKind::Scale, &self.weight),
            ("bias", ParameterKind::Shift, &self.bias),
        ] {
            visitor.parameter(Parameter {
                name,
                kind,
                shape: &[N],
                value: value.as_slice(),
            });
        }
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        for (name, kind, value) in [
            ("weight", ParameterKind::Scale, &mut self.weight),
            ("bias", ParameterKind::Shift, &mut self.bias),
        ] {
            visitor.parameter(ParameterMut {
                name,
                kind,
                shape: &[N],
                value: value.as_mut_slice(),
            });
        }
    }
}

step_alone!([T: Scalar, const N: usize] LayerNorm<T, N>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    fn uneven<const N: usize>(epsilon: f64) -> LayerNorm<f64, N> {
        let config = LayerNormConfig {
            epsilon,
            ..LayerNormConfig::default()
        };
        let mut layer = *check::layer::<LayerNorm<f64, N>>(&config, 0);
        for k in 0..N {
            layer.weight[k] = 0.5 + 0.1 * k as f64;
            layer.bias[k] = 0.3 - 0.2 * k as f64;
        }
        layer
    }

    // 1, 2, 6 have mean 3 and biased variance 14 / 3.
    #[test]
    fn normalises_over_the_features() {
        let layer = check::layer::<LayerNorm<f64, 3>>(&LayerNormConfig::default(), 0);
        let y = check::infer(&*layer, &[SVector::from([1.0, 2.0, 6.0])]);
        let scale = 1.0 / libm::sqrt(14.0 / 3.0 + 1e-5);
        let expected = [-2.0 * scale, -scale, 3.0 * scale];
        check::assert_close("y", y[0].as_slice(), &expected, 1e-15);
        let y = check::infer(&uneven::<3>(1e-5), &[SVector::from([1.0, 2.0, 6.0])]);
        let expected = [0.3 - scale, 0.1 - 0.6 * scale, -0.1 + 2.1 * scale];
        check::assert_close("y", y[0].as_slice(), &expected, 1e-15);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut uneven::<1>(1e-5), check::anywhere);
        check::gradients(&mut uneven::<5>(1e-5), check::anywhere);
        check::gradients(&mut uneven::<43>(1e-5), check::anywhere);
        check::gradients(&mut uneven::<64>(0.1), check::anywhere);
    }

    #[test]
    fn training_and_inference_are_the_same() {
        check::infers_as_it_trains(&uneven::<5>(1e-5));
    }

    #[test]
    fn equal_features_give_the_shift() {
        let layer = uneven::<2>(0.0);
        assert_eq!(
            check::infer(&layer, &[SVector::from([7.0; 2])])[0],
            layer.bias
        );
        let layer = uneven::<1>(1e-5);
        assert_eq!(check::infer(&layer, &[SVector::from([7.0])])[0], layer.bias);
    }

    #[test]
    fn extreme_inputs_stay_finite() {
        check::stays_finite(&uneven::<1>(0.0));
        check::stays_finite(&uneven::<16>(0.0));
        let config = LayerNormConfig::default();
        check::stays_finite(&*check::layer::<LayerNorm<f32, 33>>(&config, 0));
    }

    #[test]
    fn all_instruction_sets_agree() {
        check::agrees_on_all_paths(&uneven::<5>(1e-5));
        check::agrees_on_all_paths(&uneven::<43>(1e-5));
        let config = LayerNormConfig::default();
        check::agrees_on_all_paths(&*check::layer::<LayerNorm<f32, 43>>(&config, 0));
    }

    #[test]
    fn parameters_are_named_as_in_pytorch() {
        let shown = check::Shown::of(&mut uneven::<3>(1e-5));
        assert_eq!(shown.names(), [("weight", &[3][..]), ("bias", &[3][..])]);
        assert_eq!(shown.trained(), 6);
    }
}
