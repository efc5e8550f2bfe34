//! `conv1d`: the same small linear map at every step of a sequence.

use super::conv2d::ConvConfig;
use crate::kernels::{self, Affine, Convolution1d, SimdPath};
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Scalar, Step, Visitor,
    VisitorMut,
};
use bytemuck::{Pod, Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::{SMatrix, SVector};

/// A kernel of `KERNEL` entries that moves over a sequence of `STEPS` steps of
/// `FEATURES`, with so many steps of zeros before and after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps<
    const FEATURES: usize,
    const STEPS: usize,
    const KERNEL: usize,
    const STRIDE: usize = 1,
    const BEFORE: usize = 0,
    const AFTER: usize = 0,
    const DILATION: usize = 1,
>;

/// How a kernel moves over a sequence.
pub trait SequenceGeometry: Copy + core::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// Features of the sequence.
    const FEATURES: usize;
    /// Its steps.
    const STEPS: usize;
    /// Size of the kernel.
    const KERNEL: usize;
    /// Steps from one position of the kernel to the next.
    const STRIDE: usize;
    /// Steps of zeros before the sequence.
    const BEFORE: usize;
    /// Steps of zeros after the sequence.
    const AFTER: usize;
    /// Steps from one entry of the kernel to the next.
    const DILATION: usize;
    /// Twice the steps that the kernel sees at one position, or more.
    type Memory<T: Scalar>: Pod + core::fmt::Debug + Send + Sync;
}

impl<
    const FEATURES: usize,
    const STEPS: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const BEFORE: usize,
    const AFTER: usize,
    const DILATION: usize,
> SequenceGeometry for Steps<FEATURES, STEPS, KERNEL, STRIDE, BEFORE, AFTER, DILATION>
{
    const FEATURES: usize = FEATURES;
    const STEPS: usize = STEPS;
    const KERNEL: usize = KERNEL;
    const STRIDE: usize = STRIDE;
    const BEFORE: usize = BEFORE;
    const AFTER: usize = AFTER;
    const DILATION: usize = DILATION;
    type Memory<T: Scalar> = [[[[T; FEATURES]; KERNEL]; DILATION]; 2];
}

/// A convolution of sequences (a cross-correlation),
///
/// `y[t, o] = b[o] + sum W[o, i, k] x[t * stride + k * dilation - before, i]`
///
/// over the features of the output's group and the kernel's entries; before and after
/// the sequence, x is 0. With `before = dilation (kernel - 1)` and nothing after it is
/// causal: a step depends on itself and earlier ones (WaveNet, van den Oord et al. 2016).
///
/// # Shapes
///
/// `x`: `INPUT` = features x steps, step after step, as the geometry `G` says; `y`:
/// `OUTPUT` = `CHANNELS` x `(steps + before + after - dilation (kernel - 1) - 1) / stride + 1`.
/// `weight`: `CHANNELS x FAN_IN`, which is PyTorch's `[CHANNELS, features / groups,
/// kernel]` with the first index fastest; `bias`: `BIAS`, which is `CHANNELS`, or 0 for a
/// layer without bias. The number of groups follows from `FAN_IN`.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
// As in `Dense`: a weight that begins with a cache line is read faster.
#[cfg_attr(target_arch = "x86_64", repr(align(64)))]
pub struct Conv1d<
    T: Scalar,
    G: SequenceGeometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN_IN: usize,
    const BIAS: usize = CHANNELS,
> {
    /// The weights W, one row for each output feature.
    pub weight: SMatrix<T, CHANNELS, FAN_IN>,
    /// The shift b of each output feature; empty without bias.
    pub bias: SVector<T, BIAS>,
    geometry: PhantomData<G>,
}

impl<
    T: Scalar,
    G: SequenceGeometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN_IN: usize,
    const BIAS: usize,
> Conv1d<T, G, INPUT, OUTPUT, CHANNELS, FAN_IN, BIAS>
{
    const SIZES: Convolution1d = {
        let sizes = Convolution1d {
            inputs: G::FEATURES,
            outputs: CHANNELS,
            kernel: G::KERNEL,
            stride: G::STRIDE,
            dilation: G::DILATION,
            groups: G::FEATURES * G::KERNEL / FAN_IN,
            steps: super::geometry::positions(
                G::STEPS,
                G::BEFORE + G::AFTER,
                G::KERNEL,
                G::STRIDE,
                G::DILATION,
            ),
        };
        assert!(
            G::FEATURES * G::STEPS == INPUT
                && CHANNELS * sizes.steps == OUTPUT
                && sizes.fan_in() == FAN_IN
                && sizes.groups > 0
                && CHANNELS.is_multiple_of(sizes.groups)
                && (BIAS == 0 || BIAS == CHANNELS),
            "the sizes of this convolution do not agree"
        );
        sizes
    };

    /// Steps of a sequence with its zeros.
    const PADDED: usize = G::STEPS + G::BEFORE + G::AFTER;

    /// Entries of a sequence with its zeros; 0 if it has none.
    const PADDED_LEN: usize = if Self::PADDED == G::STEPS {
        0
    } else {
        Self::PADDED * G::FEATURES
    };

    /// The sequences with their zeros.
    fn padded<'a>(x: &'a [SVector<T, INPUT>], scratch: &'a mut [T]) -> &'a [T] {
        if Self::PADDED_LEN == 0 {
            return cast_slice(x);
        }
        let scratch = &mut scratch[..x.len() * Self::PADDED_LEN];
        for (x, padded) in x.iter().zip(scratch.chunks_exact_mut(Self::PADDED_LEN)) {
            let (before, rest) = padded.split_at_mut(G::BEFORE * G::FEATURES);
            let (inside, after) = rest.split_at_mut(INPUT);
            before.fill(T::ZERO);
            inside.copy_from_slice(x.as_slice());
            after.fill(T::ZERO);
        }
        scratch
    }
}

impl<
    T: Scalar,
    G: SequenceGeometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN_IN: usize,
    const BIAS: usize,
> Layer for Conv1d<T, G, INPUT, OUTPUT, CHANNELS, FAN_IN, BIAS>
{
    type Scalar = T;
    type Input = SVector<T, INPUT>;
    type Output = SVector<T, OUTPUT>;
    type Config = ConvConfig;
    type Gradient = Affine<SMatrix<T, CHANNELS, FAN_IN>, SVector<T, BIAS>>;
    type Cache<const BATCH: usize> = ();
    const MULTIPLY_ADDS: usize = OUTPUT * FAN_IN;
    const INPUT_MULTIPLY_ADDS: usize = OUTPUT * FAN_IN;
    const INFER_SCRATCH: usize = Self::PADDED_LEN;
    const SCRATCH: usize = Self::PADDED_LEN;

    fn initialize(&mut self, config: &ConvConfig, generator: &mut Generator) {
        let fan_out = CHANNELS * G::KERNEL;
        config
            .weight
            .fill(fan_out, FAN_IN, self.weight.as_mut_slice(), generator);
        config
            .bias
            .fill_bias(fan_out, FAN_IN, self.bias.as_mut_slice(), generator);
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], scratch: &mut [T]) {
        kernels::conv1d_forward(
            path,
            &Self::SIZES,
            self.weight.as_slice(),
            self.bias.as_slice(),
            Self::padded(x, scratch),
            Self::PADDED,
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
        scratch: &mut [T],
    ) {
        kernels::conv1d_d_weight(
            pass.path,
            &Self::SIZES,
            Self::padded(x, scratch),
            Self::PADDED,
            cast_slice(d_y),
            gradient.weight.as_mut_slice(),
            gradient.bias.as_mut_slice(),
            pass.accumulate,
        );
        let Some(d_x) = d_x else { return };
        if Self::PADDED_LEN == 0 {
            let d_x = cast_slice_mut(d_x);
            kernels::conv1d_d_input(
                pass.path,
                &Self::SIZES,
                self.weight.as_slice(),
                cast_slice(d_y),
                d_x,
                Self::PADDED,
            );
            return;
        }
        let padded = &mut scratch[..d_x.len() * Self::PADDED_LEN];
        kernels::conv1d_d_input(
            pass.path,
            &Self::SIZES,
            self.weight.as_slice(),
            cast_slice(d_y),
            padded,
            Self::PADDED,
        );
        for (d_x, padded) in d_x.iter_mut().zip(padded.chunks_exact(Self::PADDED_LEN)) {
            let inside = &padded[G::BEFORE * G::FEATURES..];
            d_x.as_mut_slice().copy_from_slice(&inside[..INPUT]);
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        visitor.parameter(Parameter {
            name: "weight",
            kind: ParameterKind::Weight,
            shape: &[CHANNELS, FAN_IN / G::KERNEL, G::KERNEL],
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
            shape: &[CHANNELS, FAN_IN / G::KERNEL, G::KERNEL],
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

/// The steps that a causal convolution still needs, newest last: a ring, written twice so
/// that they always lie in one piece.
#[derive(Clone, Copy, Debug, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Conv1dState<T: Scalar, G: SequenceGeometry> {
    memory: G::Memory<T>,
    next: usize,
}

/// Streams if it is causal and moves step by step; `network!` sees to that.
impl<
    T: Scalar,
    G: SequenceGeometry,
    const INPUT: usize,
    const OUTPUT: usize,
    const CHANNELS: usize,
    const FAN_IN: usize,
    const BIAS: usize,
> Step for Conv1d<T, G, INPUT, OUTPUT, CHANNELS, FAN_IN, BIAS>
{
    type State = Conv1dState<T, G>;

    #[inline]
    fn advance(
        &self,
        path: SimdPath,
        x: &[T],
        y: &mut [T],
        state: &mut Self::State,
        _scratch: &mut [T],
    ) {
        const {
            assert!(
                G::STRIDE == 1 && G::AFTER == 0 && G::BEFORE + 1 == Self::SIZES.reach(),
                "only a causal convolution of stride 1 works step by step"
            );
        }
        let reach = const { Self::SIZES.reach() };
        let memory: &mut [T] = cast_slice_mut(core::slice::from_mut(&mut state.memory));
        for slot in [state.next, state.next + reach] {
            memory[slot * G::FEATURES..][..G::FEATURES].copy_from_slice(x);
        }
        state.next += 1;
        let seen = &memory[state.next * G::FEATURES..][..reach * G::FEATURES];
        if state.next == reach {
            state.next = 0;
        }
        let one_step = const {
            Convolution1d {
                steps: 1,
                ..Self::SIZES
            }
        };
        kernels::conv1d_forward(
            path,
            &one_step,
            self.weight.as_slice(),
            self.bias.as_slice(),
            seen,
            reach,
            y,
        );
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::Real;
    use crate::init::Init;
    use crate::layers::check;

    /// 3 features, 7 steps, kernel 3, causal, dilated by 2: 5 features, 7 steps.
    type Causal<T> = Conv1d<T, Steps<3, 7, 3, 1, 4, 0, 2>, 21, 35, 5, 9>;
    /// 3 features, 7 steps, kernel 3, stride 2, padding 1: 5 features, 4 steps, no bias.
    type Strided<T> = Conv1d<T, Steps<3, 7, 3, 2, 1, 1, 1>, 21, 20, 5, 9, 0>;
    /// 4 features, 6 steps, kernel 2, in two groups: 6 features, 5 steps.
    type Grouped<T> = Conv1d<T, Steps<4, 6, 2>, 24, 30, 6, 4>;
    /// 70 features, 4 steps, kernel 2: 33 features, 3 steps: more than a panel.
    type Wide<T> = Conv1d<T, Steps<70, 4, 2>, 280, 99, 33, 140>;

    const CONFIG: ConvConfig = ConvConfig {
        weight: Init::LecunNormal,
        bias: Init::PytorchDefault,
    };

    #[test]
    fn slides_over_the_steps() {
        // Two features, three steps, kernel 2, causal.
        type Layer = Conv1d<f64, Steps<2, 3, 2, 1, 1>, 6, 3, 1, 4>;
        let mut layer = *check::layer::<Layer>(&CONFIG, 3);
        // W[0, :, 0] = (1, 2), W[0, :, 1] = (3, 4).
        layer.weight = SMatrix::from([[1.0], [2.0], [3.0], [4.0]]);
        layer.bias = SVector::from([0.5]);
        let x = [SVector::from([1.0, 10.0, 2.0, 20.0, 3.0, 30.0])];
        assert_eq!(
            check::infer(&layer, &x),
            [SVector::from([43.5, 21.0 + 86.5, 42.0 + 129.5])]
        );
        assert_eq!(
            check::Shown::of(&mut layer).names(),
            [("weight", &[1, 2, 2][..]), ("bias", &[1][..])]
        );
    }

    /// The outputs step by step.
    fn streamed<L: Step>(layer: &L, x: &[L::Scalar], features: usize) -> std::vec::Vec<L::Scalar> {
        let steps = x.len() / features;
        let outputs = <L::Output as crate::Sample>::LEN / steps;
        let mut y = std::vec![L::Scalar::ZERO; steps * outputs];
        let mut state = L::State::zeroed();
        for (x, y) in x.chunks_exact(features).zip(y.chunks_exact_mut(outputs)) {
            layer.advance(SimdPath::detect(), x, y, &mut state, &mut []);
        }
        y
    }

    #[test]
    fn a_stream_has_the_bits_of_the_whole() {
        let layer = check::layer::<Causal<f32>>(&CONFIG, 3);
        let x = check::normal::<SVector<f32, 21>>(1, 5);
        let whole = check::infer(&*layer, &x);
        assert_eq!(streamed(&*layer, x[0].as_slice(), 3), whole[0].as_slice());
        type Narrow = Conv1d<f64, Steps<1, 40, 5, 1, 4>, 40, 40, 1, 5>;
        let layer = check::layer::<Narrow>(&CONFIG, 3);
        let x = check::normal::<SVector<f64, 40>>(1, 5);
        let whole = check::infer(&*layer, &x);
        assert_eq!(streamed(&*layer, x[0].as_slice(), 1), whole[0].as_slice());
        type Twins = Conv1d<f32, Steps<4, 9, 3, 1, 2>, 36, 54, 6, 6>;
        let layer = check::layer::<Twins>(&CONFIG, 3);
        let x = check::normal::<SVector<f32, 36>>(1, 5);
        let whole = check::infer(&*layer, &x);
        assert_eq!(streamed(&*layer, x[0].as_slice(), 4), whole[0].as_slice());
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(
            &mut *check::layer::<Causal<f64>>(&CONFIG, 3),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<Strided<f64>>(&CONFIG, 3),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<Grouped<f64>>(&CONFIG, 3),
            check::anywhere,
        );
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        check::agrees_on_all_paths(&*check::layer::<Causal<f32>>(&CONFIG, 3));
        check::agrees_on_all_paths(&*check::layer::<Grouped<f64>>(&CONFIG, 3));
        check::agrees_on_all_paths(&*check::layer::<Wide<f32>>(&CONFIG, 3));
        check::infers_as_it_trains(&*check::layer::<Strided<f32>>(&CONFIG, 3));
        check::stays_finite(&*check::layer::<Strided<f32>>(&CONFIG, 3));
    }
}
