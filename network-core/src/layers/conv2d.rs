//! `conv2d`: the same small linear map at every place of an image.

use super::geometry::Geometry;
use crate::init::Init;
use crate::kernels::{self, Affine, Convolution, SimdPath};
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Scalar, Visitor, VisitorMut,
};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::{SMatrix, SVector};

/// A convolution of images (in the sense of neural networks: a cross-correlation),
///
/// `y[o, p] = b[o] + sum W[o, i, ky, kx] x[i, p * stride + (ky, kx) * dilation - padding]`
///
/// over the input channels of the output channel's group and the kernel's entries;
/// beyond the image, x is 0.
///
/// # Shapes
///
/// `x`: `INPUT` = channels x height x width, column fastest, as the geometry `G` says;
/// `y`: `OUTPUT` = `CHANNELS` x rows x columns, where there are
/// `(height + 2 padding - dilation (kernel - 1) - 1) / stride + 1` rows, rounded down.
/// `weight`: `CHANNELS x FAN_IN`, which is PyTorch's `[CHANNELS, channels / groups,
/// kernel height, kernel width]` with the first index fastest; `bias`: `BIAS`, which is
/// `CHANNELS`, or 0 for a layer without bias. The number of groups follows from `FAN_IN`.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Conv2d<
    T: Scalar,
    G: Geometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN_IN: usize,
    const BIAS: usize = CHANNELS,
> {
    /// The weights W, one row for each output channel.
    pub weight: SMatrix<T, CHANNELS, FAN_IN>,
    /// The shift b of each output channel; empty without bias.
    pub bias: SVector<T, BIAS>,
    geometry: PhantomData<G>,
}

/// How a convolution starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvConfig {
    /// Initial weight.
    pub weight: Init,
    /// Initial bias.
    pub bias: Init,
}

impl<
    T: Scalar,
    G: Geometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN_IN: usize,
    const BIAS: usize,
> Conv2d<T, G, INPUT, OUTPUT, CHANNELS, FAN_IN, BIAS>
{
    const SIZES: Convolution = {
        let sizes = Convolution {
            window: G::WINDOW,
            channels: CHANNELS,
            groups: G::WINDOW.channels * G::WINDOW.taps() / FAN_IN,
        };
        assert!(
            G::WINDOW.input() == INPUT
                && CHANNELS * G::WINDOW.pixels() == OUTPUT
                && sizes.fan_in() == FAN_IN
                && sizes.groups > 0
                && CHANNELS.is_multiple_of(sizes.groups)
                && (BIAS == 0 || BIAS == CHANNELS),
            "the sizes of this convolution do not agree"
        );
        sizes
    };

    const SHAPE: [usize; 4] = [
        CHANNELS,
        FAN_IN / G::WINDOW.taps(),
        G::WINDOW.kernel[0],
        G::WINDOW.kernel[1],
    ];
}

impl<
    T: Scalar,
    G: Geometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN_IN: usize,
    const BIAS: usize,
> Layer for Conv2d<T, G, INPUT, OUTPUT, CHANNELS, FAN_IN, BIAS>
{
    type Scalar = T;
    type Input = SVector<T, INPUT>;
    type Output = SVector<T, OUTPUT>;
    type Config = ConvConfig;
    type Gradient = Affine<SMatrix<T, CHANNELS, FAN_IN>, SVector<T, BIAS>>;
    type Cache<const BATCH: usize> = ();
    const MULTIPLY_ADDS: usize = OUTPUT * FAN_IN;
    const INPUT_MULTIPLY_ADDS: usize = OUTPUT * FAN_IN;

    fn initialize(&mut self, config: &ConvConfig, generator: &mut Generator) {
        let fan_out = CHANNELS * G::WINDOW.taps();
        config
            .weight
            .fill(fan_out, FAN_IN, self.weight.as_mut_slice(), generator);
        config
            .bias
            .fill_bias(fan_out, FAN_IN, self.bias.as_mut_slice(), generator);
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        kernels::conv2d_forward(
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
            cast_slice(x),
            cast_slice(d_y),
            gradient.weight.as_mut_slice(),
            gradient.bias.as_mut_slice(),
            pass.accumulate,
        );
        if let Some(d_x) = d_x {
            kernels::conv2d_d_input(
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
    use crate::layers::check;

    /// 2 x 4 x 5 to 3 x 4 x 3: kernel 3 x 2, stride 1 x 2, padding 1.
    type Odd<T> = Conv2d<
        T,
        Slide<Image<2, 4, 5>, Pair<3, 2>, Pair<1, 2>, Pair<1, 1>, Pair<1, 1>>,
        40,
        36,
        3,
        12,
    >;
    /// 4 x 5 x 5 to 6 x 3 x 3 in two groups, dilated, without bias.
    type Grouped<T> = Conv2d<
        T,
        Slide<Image<4, 5, 5>, Pair<2, 2>, Pair<1, 1>, Pair<0, 0>, Pair<2, 2>>,
        100,
        54,
        6,
        8,
        0,
    >;
    /// 3 x 4 x 4, each channel by itself, twice.
    type Depthwise<T> = Conv2d<
        T,
        Slide<Image<3, 4, 4>, Pair<3, 3>, Pair<1, 1>, Pair<1, 1>, Pair<1, 1>>,
        48,
        96,
        6,
        9,
    >;
    /// 3 x 2 x 3 to 5 x 2 x 3, pixel by pixel.
    type Point<T> = Conv2d<
        T,
        Slide<Image<3, 2, 3>, Pair<1, 1>, Pair<1, 1>, Pair<0, 0>, Pair<1, 1>>,
        18,
        30,
        5,
        3,
    >;

    const CONFIG: ConvConfig = ConvConfig {
        weight: Init::LecunNormal,
        bias: Init::PytorchDefault,
    };

    #[test]
    fn slides_over_the_image() {
        type Layer = Conv2d<f64, Slide<Image<1, 2, 3>, Pair<2, 2>>, 6, 2, 1, 4>;
        let mut layer = *check::layer::<Layer>(&CONFIG, 3);
        // By columns: W = [[1, 2], [3, 4]].
        layer.weight = SMatrix::from([[1.0], [3.0], [2.0], [4.0]]);
        layer.bias = SVector::from([0.5]);
        let x = [[1.0, 0.0, -1.0, 2.0, 1.0, 3.0]].map(SVector::from);
        assert_eq!(
            check::infer(&layer, &x),
            [[1.0 + 6.0 + 4.0 + 0.5, -2.0 + 3.0 + 12.0 + 0.5]].map(SVector::from)
        );
        let shown = check::Shown::of(&mut layer);
        assert_eq!(
            shown.names(),
            [("weight", &[1, 1, 2, 2][..]), ("bias", &[1][..])]
        );
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut *check::layer::<Odd<f64>>(&CONFIG, 3), check::anywhere);
        check::gradients(
            &mut *check::layer::<Grouped<f64>>(&CONFIG, 3),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<Depthwise<f64>>(&CONFIG, 3),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<Point<f64>>(&CONFIG, 3),
            check::anywhere,
        );
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        check::agrees_on_all_paths(&*check::layer::<Odd<f32>>(&CONFIG, 3));
        check::agrees_on_all_paths(&*check::layer::<Grouped<f32>>(&CONFIG, 3));
        check::agrees_on_all_paths(&*check::layer::<Point<f64>>(&CONFIG, 3));
        check::infers_as_it_trains(&*check::layer::<Odd<f32>>(&CONFIG, 3));
        check::stays_finite(&*check::layer::<Odd<f32>>(&CONFIG, 3));
    }
}
