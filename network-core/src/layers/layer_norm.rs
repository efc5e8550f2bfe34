//! `layer_norm`: every sample brought to mean 0 and variance 1 over its features,
//! then scaled and shifted.

use super::sums::{FeatureBlock, by_feature, inverse_deviation, part, store, sum_of};
use crate::kernels::{Affine, SimdPath};
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

/// One sample's forward pass; returns its mean and inverse deviation.
#[inline(always)]
fn normalise<R: Real>(x: &[R], y: &mut [R], weight: &[R], bias: &[R], epsilon: R) -> (R, R) {
    let share = R::ONE / R::from_f64(x.len() as f64);
    let mean = sum_of([x], |[x]| x) * share;
    let variance = sum_of([x], |[x]| (x - mean) * (x - mean)) * share;
    let inverse = inverse_deviation(variance, epsilon);
    for (((y, x), weight), bias) in y.iter_mut().zip(x).zip(weight).zip(bias) {
        *y = ((*x - mean) * inverse).mul_add(*weight, *bias);
    }
    (mean, inverse)
}

/// One sample's `d_x`. With x^ the normalised features and g = weight * d_y:
/// `d_x = (g - mean(g) - x^ mean(g x^)) / deviation`.
#[inline(always)]
fn d_sample<R: Real>(x: &[R], d_y: &[R], d_x: &mut [R], weight: &[R], mean: R, inverse: R) {
    let share = R::ONE / R::from_f64(x.len() as f64);
    let normalised = |x: R| (x - mean) * inverse;
    let mean_g = sum_of([d_y, weight], |[d, w]| d * w) * share;
    let mean_gx = sum_of([d_y, weight, x], |[d, w, x]| d * w * normalised(x)) * share;
    for (((d_x, x), d), w) in d_x.iter_mut().zip(x).zip(d_y).zip(weight) {
        *d_x = inverse * (*d * *w - mean_g - normalised(*x) * mean_gx);
    }
}

/// The parameters' gradient: `d_weight = sum d_y x^`, `d_bias = sum d_y`.
struct DParameters<'a, R> {
    features: usize,
    x: &'a [R],
    d_y: &'a [R],
    mean: &'a [R],
    inverse_deviation: &'a [R],
    d_weight: &'a mut [R],
    d_bias: &'a mut [R],
    accumulate: bool,
}

impl<R: Real> FeatureBlock for DParameters<'_, R> {
    #[inline(always)]
    fn block<const WIDTH: usize>(&mut self, first: usize) {
        let mut d_weight = [R::ZERO; WIDTH];
        let mut d_bias = [R::ZERO; WIDTH];
        let samples = self
            .x
            .chunks_exact(self.features)
            .zip(self.d_y.chunks_exact(self.features));
        let statistics = self.mean.iter().zip(self.inverse_deviation);
        for ((x, d_y), (mean, inverse)) in samples.zip(statistics) {
            let (x, d_y) = (part::<R, WIDTH>(x, first), part::<R, WIDTH>(d_y, first));
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
    #[inline(always)]
    fn normalise(&self, x: &SVector<T, N>, y: &mut SVector<T, N>) -> (T, T) {
        normalise(
            x.as_slice(),
            y.as_mut_slice(),
            self.weight.as_slice(),
            self.bias.as_slice(),
            T::from_f64(self.epsilon),
        )
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

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _scratch: &mut [T],
    ) {
        for (x, y) in x.iter().zip(y) {
            self.normalise(x, y);
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        _pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut LayerNormCache<T, BATCH>,
        _scratch: &mut [T],
    ) {
        let statistics = cache.mean.iter_mut().zip(&mut cache.inverse_deviation);
        for ((x, y), (mean, inverse)) in x.iter().zip(y).zip(statistics) {
            (*mean, *inverse) = self.normalise(x, y);
        }
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
        by_feature(N, &mut work);
        if let Some(d_x) = d_x {
            let statistics = cache.mean.iter().zip(&cache.inverse_deviation);
            let samples = x.iter().zip(d_y).zip(d_x);
            for (((x, d_y), d_x), (mean, inverse)) in samples.zip(statistics) {
                d_sample(
                    x.as_slice(),
                    d_y.as_slice(),
                    cast_slice_mut(core::slice::from_mut(d_x)),
                    self.weight.as_slice(),
                    *mean,
                    *inverse,
                );
            }
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
    fn parameters_are_named_as_in_pytorch() {
        let shown = check::Shown::of(&mut uneven::<3>(1e-5));
        assert_eq!(shown.names(), [("weight", &[3][..]), ("bias", &[3][..])]);
        assert_eq!(shown.trained(), 6);
    }
}
