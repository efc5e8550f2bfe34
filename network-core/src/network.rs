//! What every declared network can do: build itself, infer, and run the two
//! halves of a training step in a [`Workspace`].

use crate::kernels::{self, SimdPath};
use crate::probe::Probe;
use crate::{Generator, Layer, Sample, Step, Streaming, Workspace};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use bytemuck::{Pod, Zeroable};
use rand::SeedableRng;

/// One layer of a declared network, as `Network::LAYERS` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerInfo {
    /// The field's path, such as `blocks.*.dense_1`.
    pub name: &'static str,
    /// The layer as it was declared, such as `dense(64)`.
    pub layer: &'static str,
    /// The shape of its input, such as `64` or `(1, 28, 28)`.
    pub input: &'static str,
    /// The shape of its output.
    pub output: &'static str,
    /// How many trained numbers it has.
    pub parameters: usize,
    /// How many layers of its kind a `repeat` makes of it; 1 outside.
    pub times: usize,
}

/// A network declared with [`network!`](crate::network).
///
/// # Size
///
/// What a network costs is known to the compiler, so a program can insist on it:
///
/// ```
/// use network_core::prelude::*;
///
/// network! {
///     pub struct Sensor(4) -> 3 { dense(16) -> tanh; dense(3); }
/// }
///
/// const _: () = {
///     assert!(Sensor::PARAMETERS == 4 * 16 + 16 + 16 * 3 + 3);
///     assert!(Sensor::PARAMETER_BYTES == 4 * Sensor::PARAMETERS);
///     assert!(Sensor::INFER_MULTIPLY_ADDS == 4 * 16 + 16 * 3);
///     assert!(Sensor::STEP_MULTIPLY_ADDS == 3 * Sensor::INFER_MULTIPLY_ADDS - 4 * 16);
///     // A workspace for 32 samples, and the network itself.
///     assert!(size_of::<Workspace<Sensor, 32>>() < 8192 && size_of::<Sensor>() < 1024);
/// };
/// ```
///
/// # Stack
///
/// A training step and an inference take less than 64 KiB of stack in a release build, whatever
/// the network: what grows with its size is in the workspace, or on the heap. Only
/// [`Network::new`] puts a network on the stack, and refuses those above 256 KiB;
/// [`Network::boxed`] builds any in place on the heap.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network declared with `network!`",
    note = "help: a network in a `Box` is passed as `&*net` or `&mut *net`"
)]
pub trait Network: Layer<Config = ()> + Send + Sync + 'static {
    /// The network's name.
    const NAME: &'static str;
    /// Its layers, in order.
    const LAYERS: &'static [LayerInfo];
    /// How gradients will flow through it at initialisation, as theory predicts: prints as a
    /// table, and draws itself with [`plot`](crate::flow::Prediction::plot).
    ///
    /// # Examples
    ///
    /// ```
    /// use network_core::prelude::*;
    ///
    /// network! {
    ///     #[gradient_flow(allow)] // the compiler would warn
    ///     pub struct Deep(64) -> 10 {
    ///         init = xavier_normal;
    ///         repeat(9) { dense(64) -> sigmoid; }
    ///         head: dense(10);
    ///     }
    /// }
    ///
    /// let decades = Deep::FLOW.decades.unwrap();
    /// assert!((decades + 5.5).abs() < 0.1); // the gradient shrinks to a 300 000th
    /// println!("{}", Deep::FLOW);
    /// ```
    const FLOW: crate::flow::Prediction;
    /// How it was declared.
    const DECLARATION: crate::Declaration = crate::Declaration::UNKNOWN;
    /// Edits of the declaration that the theory has evaluated, best first.
    const REMEDIES: &'static [crate::flow::Remedy] = &[];
    /// How many numbers are trained.
    const PARAMETERS: usize =
        core::mem::size_of::<Self::Gradient>() / core::mem::size_of::<Self::Scalar>();
    /// Bytes of all trained numbers.
    const PARAMETER_BYTES: usize = core::mem::size_of::<Self::Gradient>();
    /// Multiply-adds of the linear maps in an inference, for each sample.
    const INFER_MULTIPLY_ADDS: usize = <Self as Layer>::MULTIPLY_ADDS;
    /// Multiply-adds of the linear maps in a training step, for each sample: forward, weight
    /// gradients, and input gradients except those of the network's input.
    const STEP_MULTIPLY_ADDS: usize =
        3 * <Self as Layer>::MULTIPLY_ADDS - <Self as Layer>::INPUT_MULTIPLY_ADDS;
    /// [`Footprint`] of the type: whether it is small enough to be built by value.
    type Footprint;

    /// Builds the network by value. Big networks are refused: use [`Network::boxed`].
    fn new(seed: u64) -> Self
    where
        Self::Footprint: FitsOnStack,
    {
        let mut network = Self::zeroed();
        network.initialize(&(), &mut Generator::seed_from_u64(seed));
        network
    }

    /// Builds the network on the heap, in place, whatever its size.
    #[cfg(feature = "alloc")]
    fn boxed(seed: u64) -> Box<Self> {
        let mut network: Box<Self> = bytemuck::zeroed_box();
        network.initialize(&(), &mut Generator::seed_from_u64(seed));
        network
    }

    /// A gradient of zeros, on the heap.
    #[cfg(feature = "alloc")]
    fn gradient() -> Box<Self::Gradient> {
        bytemuck::zeroed_box()
    }

    /// A workspace for batches of up to `BATCH` samples, on the heap.
    #[cfg(feature = "alloc")]
    fn workspace<const BATCH: usize>() -> Box<Workspace<Self, BATCH>> {
        bytemuck::zeroed_box()
    }

    /// Moves parameters and running statistics towards another network's:
    /// `p = (1 - share) * p + share * other`. Counts are copied.
    ///
    /// This is the soft update of a target network (Lillicrap et al. 2016, with a `share` of
    /// 0.001) and the running average of weights. A share of 1 copies. Allocates for a copy of
    /// the parameters.
    ///
    /// # Examples
    ///
    /// ```
    /// use network_core::prelude::*;
    ///
    /// network! {
    ///     pub struct Values(4) -> 2 { dense(64) -> relu; dense(2); }
    /// }
    ///
    /// let net = Values::new(1);
    /// let mut target = Values::new(2);
    /// let before = target.dense_1.weight[(0, 0)];
    /// target.blend(&net, 0.01);
    /// let expected = 0.99 * before + 0.01 * net.dense_1.weight[(0, 0)];
    /// assert_eq!(target.dense_1.weight[(0, 0)], expected);
    /// ```
    #[cfg(feature = "alloc")]
    fn blend(&mut self, other: &Self, share: f64) {
        crate::snapshot::Snapshot::of(other).blend(self, share);
    }

    /// Bytes of a workspace for batches of up to `BATCH` samples: in constants, write
    /// `size_of::<Workspace<Net, BATCH>>()`.
    fn workspace_bytes<const BATCH: usize>() -> usize {
        core::mem::size_of::<Workspace<Self, BATCH>>()
    }

    /// The network's answer to one sample.
    ///
    /// Allocates nothing, except for networks so wide that the scratch memory of one sample
    /// would not be safe on the stack (32 KiB, about 4000 units in a row): with the feature
    /// `alloc`, theirs is on the heap.
    fn predict(&self, x: &Self::Input) -> Self::Output {
        let mut y = Self::Output::zeroed();
        let (inputs, outputs) = (core::slice::from_ref(x), core::slice::from_mut(&mut y));
        with_scratch::<Self::SampleScratch, _>(<Self as Layer>::INFER_SCRATCH, |scratch| {
            Layer::infer(self, SimdPath::detect(), inputs, outputs, scratch);
        });
        y
    }

    /// The network's answers to any number of samples. Allocates as [`Network::predict`] does.
    ///
    /// # Panics
    ///
    /// If `x` and `y` differ in length.
    fn infer(&self, x: &[Self::Input], y: &mut [Self::Output]) {
        assert_eq!(x.len(), y.len(), "`infer` needs as many outputs as inputs");
        #[cfg(feature = "rayon")]
        if crate::parallel::infer(self, x, y) {
            return;
        }
        infer_here(self, x, y);
    }

    /// What a stream has in memory before its first step.
    fn state() -> Self::State
    where
        Self: Streaming,
    {
        Zeroable::zeroed()
    }

    /// On a stream ([`Streaming`]), the output of the next step. Takes the same time at every
    /// step, and allocates as [`Network::predict`] does: nothing, unless the scratch memory of
    /// one step would not be safe on the stack (32 KiB).
    #[inline]
    fn step(&self, x: &Self::StepInput, state: &mut Self::State) -> Self::StepOutput
    where
        Self: Streaming,
    {
        let mut y = Self::StepOutput::zeroed();
        let (inputs, outputs) = (core::slice::from_ref(x), core::slice::from_mut(&mut y));
        self.steps(inputs, outputs, state);
        y
    }

    /// The outputs of the next steps, any number of them, as so many calls of
    /// [`Network::step`].
    ///
    /// # Panics
    ///
    /// If `x` and `y` differ in length.
    fn steps(&self, x: &[Self::StepInput], y: &mut [Self::StepOutput], state: &mut Self::State)
    where
        Self: Streaming,
    {
        assert_eq!(x.len(), y.len(), "`steps` needs as many outputs as inputs");
        let path = SimdPath::detect();
        with_scratch::<Self::StepScratch, _>(<Self as Step>::STEP_SCRATCH, |scratch| {
            for (x, y) in x.iter().zip(y) {
                self.advance(path, x.as_slice(), y.as_mut_slice(), state, scratch);
            }
        });
    }

    /// The forward half of a training step; returns the batch's outputs, which
    /// also stay in the workspace.
    ///
    /// # Panics
    ///
    /// If `x` has more than `BATCH` samples.
    fn forward<'w, const BATCH: usize>(
        &mut self,
        x: &[Self::Input],
        workspace: &'w mut Workspace<Self, BATCH>,
    ) -> &'w [Self::Output] {
        workspace.forward(self, x);
        self.update_statistics(workspace.cache());
        workspace.output()
    }

    /// As [`Network::forward`], watched.
    ///
    /// # Panics
    ///
    /// If `x` has more than `BATCH` samples.
    fn forward_probed<'w, const BATCH: usize>(
        &mut self,
        x: &[Self::Input],
        workspace: &'w mut Workspace<Self, BATCH>,
        probe: &mut dyn Probe,
    ) -> &'w [Self::Output] {
        workspace.run_forward(self, x, Some(probe));
        self.update_statistics(workspace.cache());
        workspace.output()
    }

    /// As [`Network::backward`] and [`Network::backward_accumulate`], watched.
    ///
    /// # Panics
    ///
    /// If `x` is not as long as it was in `forward`.
    fn backward_probed<const BATCH: usize>(
        &self,
        x: &[Self::Input],
        workspace: &mut Workspace<Self, BATCH>,
        gradient: &mut Self::Gradient,
        accumulate: bool,
        probe: &mut dyn Probe,
    ) {
        workspace.run_backward(self, x, None, gradient, accumulate, Some(probe));
    }

    /// The backward half of a training step: from `workspace.d_output` to the
    /// gradient of all parameters, which is replaced.
    ///
    /// # Panics
    ///
    /// If `x` is not as long as it was in `forward`.
    fn backward<const BATCH: usize>(
        &self,
        x: &[Self::Input],
        workspace: &mut Workspace<Self, BATCH>,
        gradient: &mut Self::Gradient,
    ) {
        workspace.backward(self, x, None, gradient, false);
    }

    /// As [`Network::backward`], but adds to the gradient: for batches that are
    /// worked off in parts.
    ///
    /// # Panics
    ///
    /// If `x` is not as long as it was in `forward`.
    fn backward_accumulate<const BATCH: usize>(
        &self,
        x: &[Self::Input],
        workspace: &mut Workspace<Self, BATCH>,
        gradient: &mut Self::Gradient,
    ) {
        workspace.backward(self, x, None, gradient, true);
    }

    /// How many samples [`Network::infer`] works on at a time.
    const CHUNK: usize;
    /// `INFER_SCRATCH` numbers.
    #[doc(hidden)]
    type SampleScratch: Pod;
    /// `CHUNK * INFER_SCRATCH` numbers.
    #[doc(hidden)]
    type ChunkScratch: Pod;
    /// `SCRATCH` numbers.
    #[doc(hidden)]
    type Scratch: Pod;
}

/// [`Network::infer`] on this thread.
pub(crate) fn infer_here<N: Network>(network: &N, x: &[N::Input], y: &mut [N::Output]) {
    let path = SimdPath::detect();
    let samples = x.len().min(N::CHUNK);
    with_scratch::<N::ChunkScratch, _>(samples * <N as Layer>::INFER_SCRATCH, |scratch| {
        for (x, y) in x.chunks(N::CHUNK).zip(y.chunks_mut(N::CHUNK)) {
            Layer::infer(network, path, x, y, scratch);
        }
    });
}

/// Scratch memory of inference is put on the stack up to this many bytes. What kernels
/// put there comes on top.
const SCRATCH_ON_STACK: usize = 32 * 1024;

/// How many samples `infer` works on at a time: as many, up to 64, as keep its scratch
/// memory on the stack, in whole tiles of the matrix products; at least one.
#[doc(hidden)]
pub const fn chunk(infer_scratch: usize, scalar: usize) -> usize {
    const MOST: usize = 64;
    const TILE: usize = 6;
    let bytes = infer_scratch * scalar;
    if bytes * MOST <= SCRATCH_ON_STACK {
        return MOST;
    }
    match SCRATCH_ON_STACK / bytes {
        0 => 1,
        n if n < TILE => n,
        n => n - n % TILE,
    }
}

/// Lends `task` the first `count` numbers of zeroed memory of the size of `S`.
#[inline]
pub(crate) fn with_scratch<S: Pod, T: Pod>(count: usize, task: impl FnOnce(&mut [T])) {
    #[cfg(feature = "alloc")]
    if size_of::<S>() > SCRATCH_ON_STACK {
        return with_heap_scratch::<S, T>(count, task);
    }
    // Not inlined: this function's stack must not have room for it in case.
    kernels::on_stack::<S, T>(count, task);
}

#[cfg(feature = "alloc")]
#[cold]
fn with_heap_scratch<S: Pod, T: Pod>(count: usize, task: impl FnOnce(&mut [T])) {
    let mut scratch: Box<S> = bytemuck::zeroed_box();
    let numbers = bytemuck::cast_slice_mut(core::slice::from_mut(&mut *scratch));
    task(&mut numbers[..count]);
}

/// The largest network, in bytes, that is built and moved by value.
#[doc(hidden)]
pub const STACK_LIMIT: usize = 256 * 1024;

/// Whether a network is small enough (256 KiB) to be built and moved by value.
#[derive(Clone, Copy, Debug)]
pub struct Footprint<const FITS: bool>;

/// Holds for networks small enough to be built by value.
#[diagnostic::on_unimplemented(
    message = "this network is too big to be built on the stack",
    label = "a network of more than 256 KiB would overflow small stacks",
    note = "help: use `boxed(seed)`, which builds it in place on the heap"
)]
pub trait FitsOnStack {}
impl FitsOnStack for Footprint<true> {}
