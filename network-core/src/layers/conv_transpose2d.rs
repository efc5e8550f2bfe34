//! `conv_transpose2d`: a convolution's way back, which makes images larger.

use super::conv2d::ConvConfig;
use super::geometry::Geometry;
use super::sums::sum_of;
use crate::kernels::{self, Affine, Convolution, Number, SimdPath, Task};
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Scalar, Visitor, VisitorMut,
};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::{SMatrix, SVector};

/// A transposed convolution (Zeiler et al. 2010): the linear map that sends gradients back
/// through a [`Conv2d`](super::Conv2d) of the same kernel,
///
/// `y[o, p * stride + (ky, kx) * dilation - padding] += W[i, o, ky, kx] x[i, p]`,
///
/// plus a bias for each output channel.
///
/// # Shapes
///
/// `x`: `INPUT` = `CHANNELS` x rows x columns; `y`: `OUTPUT` = the image of the geometry
/// `G`, over which that convolution moves. `weight`: `CHANNELS x FAN`, which is PyTorch's
/// `[CHANNELS, output channels / groups, kernel height, kernel width]` with the first
/// index fastest; `bias`: `BIAS`, the output's channels, or 0.
///
/// Initialisers see the fan-in of the map, `CHANNELS / groups * kernel / stride`: the
/// terms that an output sums. (PyTorch's see `FAN`.)
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct ConvTranspose2d<
    T: Scalar,
    G: Geometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN: usize,
    const BIAS: usize,
> {
    /// The weights W, one row for each input channel.
    pub weight: SMatrix<T, CHANNELS, FAN>,
    /// The shift of each output channel; empty without bias.
    pub bias: SVector<T, BIAS>,
    geometry: PhantomData<G>,
}

impl<
    T: Scalar,
    G: Geometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN: usize,
    const BIAS: usize,
> ConvTranspose2d<T, G, INPUT, OUTPUT, CHANNELS, FAN, BIAS>
{
    /// The convolution whose way back this is.
    const SIZES: Convolution = {
        let sizes = Convolution {
            window: G::WINDOW,
            channels: CHANNELS,
            groups: G::WINDOW.channels * G::WINDOW.taps() / FAN,
        };
        assert!(
            G::WINDOW.input() == OUTPUT
                && CHANNELS * G::WINDOW.pixels() == INPUT
                && sizes.fan_in() == FAN
                && sizes.groups > 0
                && CHANNELS.is_multiple_of(sizes.groups)
                && (BIAS == 0 || BIAS == G::WINDOW.channels),
            "the sizes of this transposed convolution do not agree"
        );
        sizes
    };

    const SHAPE: [usize; 4] = [
        CHANNELS,
        FAN / G::WINDOW.taps(),
        G::WINDOW.kernel[0],
        G::WINDOW.kernel[1],
    ];
}

/// Sums over the pixels of each channel.
struct BiasGradient<'a, T> {
    pixels: usize,
    d_y: &'a [T],
    d_bias: &'a mut [T],
    accumulate: bool,
}

impl<T: Scalar> Task<T> for BiasGradient<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let (d_y, d_bias) = (R::slice(self.d_y), R::slice_mut(self.d_bias));
        if !self.accumulate {
            d_bias.fill(R::ZERO);
        }
        for d_y in d_y.chunks_exact(self.pixels * d_bias.len()) {
            for (d_bias, d_y) in d_bias.iter_mut().zip(d_y.chunks_exact(self.pixels)) {
                *d_bias += sum_of(
                    [d_y],
                    #[inline(always)]
                    |[d_y]| d_y,
                );
            }
        }
    }
}

impl<
    T: Scalar,
    G: Geometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN: usize,
    const BIAS: usize,
> Layer for ConvTranspose2d<T, G, INPUT, OUTPUT, CHANNELS, FAN, BIAS>
{
    type Scalar = T;
    type Input = SVector<T, INPUT>;
    type Output = SVector<T, OUTPUT>;
    type Config = ConvConfig;
    type Gradient = Affine<SMatrix<T, CHANNELS, FAN>, SVector<T, BIAS>>;
    type Cache<const BATCH: usize> = ();
    const MULTIPLY_ADDS: usize = INPUT * FAN;
    const INPUT_MULTIPLY_ADDS: usize = INPUT * FAN;

    fn initialize(&mut self, config: &ConvConfig, generator: &mut Generator) {
        let window = G::WINDOW;
        let stride = window.stride[0] * window.stride[1];
        let fan_in = (CHANNELS / Self::SIZES.groups * window.taps()).div_ceil(stride);
        config
            .weight
            .fill(FAN, fan_in, self.weight.as_mut_slice(), generator);
        config
            .bias
            .fill_bias(FAN, fan_in, self.bias.as_mut_slice(), generator);
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        kernels::conv2d_d_input(
            path,
            &Self::SIZES,
            self.weight.as_slice(),
            self.bias.as_slice(),
            cast_slice(x),
            cast_slice_mut(y),
        );
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
        kernels::conv2d_d_weight(
            pass.path,
            &Self::SIZES,
            cast_slice(d_y),
            cast_slice(x),
            gradient.weight.as_mut_slice(),
            &mut [],
            pass.accumulate,
        );
        if BIAS > 0 {
            let task = BiasGradient {
                pixels: G::WINDOW.height * G::WINDOW.width,
                d_y: cast_slice(d_y),
                d_bias: gradient.bias.as_mut_slice(),
                accumulate: pass.accumulate,
            };
            kernels::run::<T, _>(pass.path, task);
        }
        if let Some(d_x) = d_x {
            kernels::conv2d_forward(
                pass.path,
                &Self::SIZES,
                self.weight.as_slice(),
                &[],
                cast_slice(d_y),
                cast_slice_mut(d_x),
            );
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        visitor.parameter(Parameter {
            name: "weight",
            kind: ParameterKind::Weight,
            shape: &Self::SHAPE,
            value: self.weight.as_slice(),
        });
        if BIAS > 0 {
            visitor.parameter(Parameter {
                name: "bias",
                kind: ParameterKind::Bias,
                shape: &[BIAS],
                value: self.bias.as_slice(),
            });
        }
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        visitor.parameter(ParameterMut {
            name: "weight",
            kind: ParameterKind::Weight,
            shape: &Self::SHAPE,
            value: self.weight.as_mut_slice(),
        });
        if BIAS > 0 {
            visitor.parameter(ParameterMut {
                name: "bias",
                kind: ParameterKind::Bias,
                shape: &[BIAS],
                value: self.bias.as_mut_slice(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::{Image, Pair, Slide};
    use super::*;
    use crate::init::Init;
    use crate::layers::check;

    /// 3 x 2 x 3 to 2 x 4 x 6: kernel 3, stride 2, padding 1, one more row and column.
    type Double<T> = ConvTranspose2d<
        T,
        Slide<Image<2, 4, 6>, Pair<3, 3>, Pair<2, 2>, Pair<1, 1>, Pair<1, 1>>,
        18,
        48,
        3,
        18,
        2,
    >;

    const CONFIG: ConvConfig = ConvConfig {
        weight: Init::LecunNormal,
        bias: Init::PytorchDefault,
    };

    #[test]
    fn spreads_its_kernel() {
        type Layer =
            ConvTranspose2d<f64, Slide<Image<1, 1, 4>, Pair<1, 2>, Pair<1, 2>>, 2, 4, 1, 2, 1>;
        let mut layer = *check::layer::<Layer>(&CONFIG, 1);
        layer.weight = SMatrix::from([[2.0], [3.0]]);
        layer.bias = SVector::from([0.5]);
        let y = check::infer(&layer, &[SVector::from([1.0, 10.0])]);
        assert_eq!(y, [SVector::from([2.5, 3.5, 20.5, 30.5])]);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(
            &mut *check::layer::<Double<f64>>(&CONFIG, 3),
            check::anywhere,
        );
        check::agrees_on_all_paths(&*check::layer::<Double<f32>>(&CONFIG, 3));
        check::infers_as_it_trains(&*check::layer::<Double<f32>>(&CONFIG, 3));
        check::stays_finite(&*check::layer::<Double<f32>>(&CONFIG, 3));
    }
}
