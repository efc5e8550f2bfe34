//! `prelu`: leaky ReLU whose slope is learned.

use super::sums::{FeatureBlock, by_feature, part, store, sum_of};
use crate::kernels::{self, Binary, Number, SimdPath, Task, Ternary, Unary};
use crate::step::step_alone;
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Real, Scalar, Visitor,
    VisitorMut,
};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// Parametric ReLU: `x` for `x > 0`, else `weight * x`, with a learned slope
/// (He et al. 2015).
///
/// # Shapes
///
/// `x`, `y`: `N`. `weight`: `SLOPES`, which is 1 (one slope for all, as in PyTorch)
/// or `N` (one for each unit); anything else does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Prelu<T: Scalar, const N: usize, const SLOPES: usize = 1> {
    /// The slope below 0.
    pub weight: SVector<T, SLOPES>,
}

/// How a [`Prelu`] layer starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PreluConfig {
    /// Initial slope.
    pub slope: f64,
}

impl Default for PreluConfig {
    /// PyTorch's default: a slope of 0.25.
    fn default() -> Self {
        Self { slope: 0.25 }
    }
}

#[inline(always)]
fn prelu<R: Real>(x: R, slope: R) -> R {
    R::select(x > R::ZERO, x, slope * x)
}

#[inline(always)]
fn d_input<R: Real>(d_y: R, x: R, slope: R) -> R {
    R::select(x > R::ZERO, d_y, slope * d_y)
}

#[inline(always)]
fn d_slope<R: Real>(d_y: R, x: R) -> R {
    R::select(x > R::ZERO, R::ZERO, x * d_y)
}

/// One slope for all entries, held as `f64`, which keeps every `f32` as it is.
#[derive(Clone, Copy)]
struct Shared(f64);
impl Unary for Shared {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        prelu(x, R::from_f64(self.0))
    }
}
impl Binary for Shared {
    #[inline(always)]
    fn call<R: Real>(&self, d_y: R, x: R) -> R {
        d_input(d_y, x, R::from_f64(self.0))
    }
}

/// A slope for each unit.
#[derive(Clone, Copy)]
struct PerUnit;
impl Binary for PerUnit {
    #[inline(always)]
    fn call<R: Real>(&self, x: R, slope: R) -> R {
        prelu(x, slope)
    }
}
impl Ternary for PerUnit {
    #[inline(always)]
    fn call<R: Real>(&self, d_y: R, x: R, slope: R) -> R {
        d_input(d_y, x, slope)
    }
}

/// The gradient of the slope that all share: sample by sample.
struct DSlope<'a, T> {
    features: usize,
    x: &'a [T],
    d_y: &'a [T],
}

impl<T: Scalar> Task<T> for DSlope<'_, T> {
    type Output = T;
    #[inline(always)]
    fn run<R: Number<T>>(self) -> T {
        let x = R::slice(self.x).chunks_exact(self.features);
        let d_y = R::slice(self.d_y).chunks_exact(self.features);
        let mut sum = R::ZERO;
        for (x, d_y) in x.zip(d_y) {
            sum += sum_of(
                [d_y, x],
                #[inline(always)]
                |[d_y, x]| d_slope(d_y, x),
            );
        }
        sum.get()
    }
}

/// The gradient of a slope for each unit.
struct DSlopes<'a, T> {
    features: usize,
    x: &'a [T],
    d_y: &'a [T],
    d_weight: &'a mut [T],
    accumulate: bool,
}

impl<T: Scalar> FeatureBlock<T> for DSlopes<'_, T> {
    #[inline(always)]
    fn block<R: Number<T>, const WIDTH: usize>(&mut self, first: usize) {
        let mut sum = [R::ZERO; WIDTH];
        let samples = self
            .x
            .chunks_exact(self.features)
            .zip(self.d_y.chunks_exact(self.features));
        for (x, d_y) in samples {
            let (x, d_y) = (
                part::<T, R, WIDTH>(x, first),
                part::<T, R, WIDTH>(d_y, first),
            );
            for k in 0..WIDTH {
                sum[k] += d_slope(d_y[k], x[k]);
            }
        }
        store(self.d_weight, first, sum, self.accumulate);
    }
}

impl<T: Scalar, const N: usize, const SLOPES: usize> Prelu<T, N, SLOPES> {
    const SHARED: bool = {
        assert!(
            SLOPES == 1 || SLOPES == N,
            "`Prelu` has one slope, or one for each unit"
        );
        SLOPES == 1
    };
}

impl<T: Scalar, const N: usize, const SLOPES: usize> Layer for Prelu<T, N, SLOPES> {
    type Scalar = T;
    type Input = SVector<T, N>;
    type Output = SVector<T, N>;
    type Config = PreluConfig;
    type Gradient = SVector<T, SLOPES>;
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, config: &PreluConfig, _generator: &mut Generator) {
        self.weight.fill(T::from_f64(config.slope));
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        if Self::SHARED {
            let shared = Shared(self.weight[0].to_f64());
            kernels::map_to(path, &shared, cast_slice::<_, T>(x), cast_slice_mut(y));
        } else {
            y.copy_from_slice(x);
            for y in y {
                kernels::map2(path, &PerUnit, y.as_mut_slice(), self.weight.as_slice());
            }
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _cache: &mut (),
        scratch: &mut [T],
    ) {
        self.infer(pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        gradient: &mut Self::Gradient,
        _scratch: &mut [T],
    ) {
        if Self::SHARED {
            let work = DSlope {
                features: N,
                x: cast_slice::<_, T>(x),
                d_y: cast_slice(d_y),
            };
            let sum = kernels::run(pass.path, work);
            store(gradient.as_mut_slice(), 0, [sum], pass.accumulate);
        } else {
            let mut work = DSlopes {
                features: N,
                x: cast_slice::<_, T>(x),
                d_y: cast_slice(d_y),
                d_weight: gradient.as_mut_slice(),
                accumulate: pass.accumulate,
            };
            by_feature(pass.path, N, &mut work);
        }
        if let Some(d_x) = d_x {
            d_x.copy_from_slice(d_y);
            if Self::SHARED {
                let shared = Shared(self.weight[0].to_f64());
                kernels::map2(
                    pass.path,
                    &shared,
                    cast_slice_mut::<_, T>(d_x),
                    cast_slice(x),
                );
            } else {
                for (d_x, x) in d_x.iter_mut().zip(x) {
                    kernels::map3(
                        pass.path,
                        &PerUnit,
                        d_x.as_mut_slice(),
                        x.as_slice(),
                        self.weight.as_slice(),
                    );
                }
            }
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        visitor.parameter(Parameter {
            name: "weight",
            kind: ParameterKind::Slope,
            shape: &[SLOPES],
            value: self.weight.as_slice(),
        });
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        visitor.parameter(ParameterMut {
            name: "weight",
            kind: ParameterKind::Slope,
            shape: &[SLOPES],
            value: self.weight.as_mut_slice(),
        });
    }
}

step_alone!([T: Scalar, const N: usize, const SLOPES: usize] Prelu<T, N, SLOPES>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    fn prelu<T: Scalar, const N: usize, const SLOPES: usize>() -> Prelu<T, N, SLOPES> {
        let mut layer = *check::layer::<Prelu<T, N, SLOPES>>(&PreluConfig::default(), 0);
        for (k, slope) in layer.weight.iter_mut().enumerate() {
            *slope += T::from_f64(0.125 * k as f64);
        }
        layer
    }

    #[test]
    fn scales_what_is_below_zero() {
        let x = [SVector::from([-4.0, 0.0, 3.0, -8.0])];
        let y = check::infer(&prelu::<f32, 4, 1>(), &x);
        assert_eq!(y[0], SVector::from([-1.0, 0.0, 3.0, -2.0]));
        let y = check::infer(&prelu::<f64, 4, 4>(), &x.map(SVector::cast));
        assert_eq!(y[0], SVector::from([-1.0, 0.0, 3.0, -5.0]));
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut prelu::<f64, 1, 1>(), check::away_from(&[0.0]));
        check::gradients(&mut prelu::<f64, 5, 1>(), check::away_from(&[0.0]));
        check::gradients(&mut prelu::<f64, 33, 1>(), check::away_from(&[0.0]));
        check::gradients(&mut prelu::<f64, 5, 5>(), check::away_from(&[0.0]));
        check::gradients(&mut prelu::<f64, 43, 43>(), check::away_from(&[0.0]));
    }

    #[test]
    fn the_slope_is_the_derivative_at_zero() {
        let layer = prelu::<f64, 2, 1>();
        let (x, d_y) = ([SVector::zeros()], [SVector::from([1.0, 2.0])]);
        let mut d_x = [SVector::zeros()];
        let mut gradient = SVector::from([f64::NAN]);
        let slot = Some(&mut d_x[..]);
        check::backward(&layer, &x, &x, &d_y, slot, &mut (), &mut gradient, false);
        assert_eq!(d_x[0], SVector::from([0.25, 0.5]));
        assert_eq!(gradient[0], 0.0);
    }

    #[test]
    fn all_instruction_sets_agree() {
        check::agrees_on_all_paths(&prelu::<f32, 43, 1>());
        check::agrees_on_all_paths(&prelu::<f32, 43, 43>());
    }

    #[test]
    fn extreme_inputs_stay_finite() {
        check::stays_finite(&prelu::<f32, 7, 1>());
        check::stays_finite(&prelu::<f32, 7, 7>());
        check::infers_as_it_trains(&prelu::<f32, 7, 7>());
    }

    #[test]
    fn the_slope_is_shown_as_in_pytorch() {
        let shown = check::Shown::of(&mut prelu::<f32, 7, 1>());
        assert_eq!(shown.names(), [("weight", &[1][..])]);
        assert_eq!(shown.parameters[0].1, ParameterKind::Slope);
    }
}
