//! One step of a sequence at a time: a trained network on a stream.

use crate::kernels::SimdPath;
use crate::{Layer, Network, Sample};
use bytemuck::{Pod, Zeroable, cast_slice, cast_slice_mut};
use core::fmt::Debug;

/// A layer that computes one step of a sequence after the other, from what it
/// remembers of the steps before.
///
/// What comes out are the bits that [`Layer::infer`] gives for the whole sequence.
pub trait Step: Layer {
    /// What it remembers; all zeros before the first step. `()` if nothing.
    type State: Zeroable + Clone + Debug + Send + Sync + 'static;
    /// Entries of one step of its input.
    const STEP_INPUT: usize = <Self::Input as Sample>::LEN;
    /// Entries of scratch memory that `advance` needs.
    const STEP_SCRATCH: usize = 0;

    /// `y = f(x)` for the next step: `x` and `y` hold the features of one step.
    fn advance(
        &self,
        path: SimdPath,
        x: &[Self::Scalar],
        y: &mut [Self::Scalar],
        state: &mut Self::State,
        scratch: &mut [Self::Scalar],
    );
}

/// A network over sequences whose layers all know [`Step`]: it can work on a stream, with
/// [`Network::state`], [`Network::step`] and [`Network::steps`].
///
/// Such are networks of dense and recurrent layers (not bidirectional ones), causal
/// convolutions of stride 1, activations, norms, dropout, `last` and `mean_over_steps`.
/// `last` gives the newest step, and `mean_over_steps` the mean of the steps so far, so that
/// after each step the output is that of the sequence that ends with it.
/// Networks that stream may be parts of others (`Encoder(output = [8; 100])`), and so may
/// layers of your own that implement [`Step`], with all they need in their state; neither
/// within `repeat`. The documentation of a network says whether it streams, and so does the
/// compiler, with the layer that stands in the way.
///
/// ```
/// use network_core::prelude::*;
///
/// network! {
///     /// The next sample of a signal from its past.
///     struct Forecast([1; 64]) -> [1; 64] {
///         gru(16);
///         dense(1);
///     }
/// }
///
/// let net = Forecast::new(1);
/// let signal = SVector::<f32, 64>::from_fn(|t, _| (0.3 * t as f32).sin());
/// let whole = net.predict(&signal);
/// let mut state = Forecast::state();
/// for t in 0..64 {
///     let next = net.step(&SVector::from([signal[t]]), &mut state);
///     assert_eq!(next[0], whole[t]); // the same bits
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not work on a stream",
    label = "this is no network over sequences that works on one step at a time",
    note = "help: a stream needs an input that is a sequence, as `[8; 100]`, and layers that know `Step`: \
            dense and recurrent layers (not `bidirectional`), `conv1d` with `padding = causal` and stride 1, activations, norms, dropout, `last`, `mean_over_steps`; \
            networks that stream, as `Encoder(output = [8; 100])`; your own layers that implement `Step`"
)]
pub trait Streaming: Network + Step {
    /// One step of the input.
    type StepInput: Sample<Scalar = <Self as Layer>::Scalar>;
    /// One step of the output, or the output itself if it is a vector.
    type StepOutput: Sample<Scalar = <Self as Layer>::Scalar>;
    /// `STEP_SCRATCH` numbers.
    #[doc(hidden)]
    type StepScratch: Pod;
}

/// A step of a layer that remembers nothing: an inference of one sample.
#[inline]
pub(crate) fn alone<L: Layer>(
    layer: &L,
    path: SimdPath,
    x: &[L::Scalar],
    y: &mut [L::Scalar],
    scratch: &mut [L::Scalar],
) {
    layer.infer(path, cast_slice(x), cast_slice_mut(y), scratch);
}

/// Implements [`Step`] for layers that remember nothing.
macro_rules! step_alone {
    ([$($generics:tt)*] $layer:ty) => {
        impl<$($generics)*> $crate::Step for $layer {
            type State = ();
            const STEP_SCRATCH: usize = <Self as $crate::Layer>::INFER_SCRATCH;

            #[inline]
            fn advance(
                &self,
                path: $crate::kernels::SimdPath,
                x: &[<Self as $crate::Layer>::Scalar],
                y: &mut [<Self as $crate::Layer>::Scalar],
                (): &mut (),
                scratch: &mut [<Self as $crate::Layer>::Scalar],
            ) {
                $crate::step::alone(self, path, x, y, scratch);
            }
        }
    };
}
pub(crate) use step_alone;

/// `N` blocks one after the other, each with a state of its own.
impl<L, const N: usize> Step for [L; N]
where
    L: Step + Layer<Output = <L as Layer>::Input>,
{
    type State = [L::State; N];
    /// A block's scratch, and its input.
    const STEP_SCRATCH: usize = L::STEP_SCRATCH + L::STEP_INPUT;
    const STEP_INPUT: usize = L::STEP_INPUT;

    fn advance(
        &self,
        path: SimdPath,
        x: &[L::Scalar],
        y: &mut [L::Scalar],
        state: &mut Self::State,
        scratch: &mut [L::Scalar],
    ) {
        let (input, scratch) = scratch.split_at_mut(L::STEP_INPUT);
        input.copy_from_slice(x);
        y.copy_from_slice(x);
        for (block, state) in self.iter().zip(state) {
            block.advance(path, input, y, state, scratch);
            input.copy_from_slice(y);
        }
    }
}
