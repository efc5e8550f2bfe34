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

/// What one step of a network over sequences takes and gives. `network!` implements it for
/// networks whose layers all know [`Step`]; then [`Streaming`] has what there is to call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not work on a stream",
    label = "not all of its layers can work on one step at a time",
    note = "the documentation of a network over sequences says which layer cannot",
    note = "those that can: dense and recurrent layers (not `bidirectional`), `conv1d` with `padding = causal` and stride 1, activations, norms, dropout, `last`, `mean_over_steps`; \
            networks that stream, as `Encoder(output = [8; 100])`; your own layers that implement `Step`"
)]
pub trait Stepwise: Network + Step {
    /// One step of the input.
    type StepInput: Sample<Scalar = <Self as Layer>::Scalar>;
    /// One step of the output, or the output itself if it is a vector.
    type StepOutput: Sample<Scalar = <Self as Layer>::Scalar>;
    /// `STEP_SCRATCH` numbers.
    #[doc(hidden)]
    type StepScratch: Pod;
}

/// A network over sequences whose layers all know [`Step`]: it can work on a stream.
///
/// Such are networks of dense and recurrent layers (not bidirectional ones), causal
/// convolutions of stride 1, activations, norms, dropout, `last` and `mean_over_steps`.
/// `last` gives the newest step, and `mean_over_steps` the mean of the steps so far, so that
/// after each step the output is that of the sequence that ends with it.
/// Networks that stream may be parts of others (`Encoder(output = [8; 100])`), and so may
/// layers of your own that implement [`Step`], with all they need in their state; neither
/// within `repeat`. The documentation of a network says whether it streams, and which layer
/// stands in the way.
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
pub trait Streaming: Stepwise {
    /// The state before the first step.
    fn state() -> Self::State {
        Zeroable::zeroed()
    }

    /// The output of the next step. Allocates nothing, and takes the same time at every step.
    #[inline]
    fn step(&self, x: &Self::StepInput, state: &mut Self::State) -> Self::StepOutput {
        let mut y = Self::StepOutput::zeroed();
        self.steps(
            core::slice::from_ref(x),
            core::slice::from_mut(&mut y),
            state,
        );
        y
    }

    /// The outputs of the next steps, any number of them, as so many calls of
    /// [`Streaming::step`].
    ///
    /// # Panics
    ///
    /// If `x` and `y` differ in length.
    fn steps(&self, x: &[Self::StepInput], y: &mut [Self::StepOutput], state: &mut Self::State) {
        assert_eq!(x.len(), y.len(), "`steps` needs as many outputs as inputs");
        let path = SimdPath::detect();
        let mut scratch = Self::StepScratch::zeroed();
        let scratch = cast_slice_mut(core::slice::from_mut(&mut scratch));
        for (x, y) in x.iter().zip(y) {
            self.advance(path, x.as_slice(), y.as_mut_slice(), state, scratch);
        }
    }
}

impl<N: Stepwise> Streaming for N {}

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
    const STEP_SCRATCH: usize = L::STEP_SCRATCH + <L::Input as Sample>::LEN;

    fn advance(
        &self,
        path: SimdPath,
        x: &[L::Scalar],
        y: &mut [L::Scalar],
        state: &mut Self::State,
        scratch: &mut [L::Scalar],
    ) {
        let (input, scratch) = scratch.split_at_mut(<L::Input as Sample>::LEN);
        // A step may be shorter than the block's input, a whole sequence.
        let input = &mut input[..x.len()];
        input.copy_from_slice(x);
        y.copy_from_slice(x);
        for (block, state) in self.iter().zip(state) {
            block.advance(path, input, y, state, scratch);
            input.copy_from_slice(y);
        }
    }
}
