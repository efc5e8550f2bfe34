//! What a layer is: the contract between a layer's mathematics and everything
//! that works on any layer (generated code, optimizers, files, reports).

use crate::Scalar;
use crate::kernels::SimdPath;
use crate::probe::Probe;
use bytemuck::{Pod, Zeroable};
use nalgebra::SVector;

/// The random generator of initialisation, dropout and shuffling: a named,
/// portable algorithm, so that a seed gives the same bits everywhere.
pub type Generator = rand::rngs::Xoshiro256PlusPlus;

/// One sample: a column vector of fixed length.
///
/// A batch is a slice of samples, which is a column-major matrix in memory.
pub trait Sample: Pod + PartialEq + core::fmt::Debug + Send + Sync {
    /// The number type of its entries.
    type Scalar: Scalar;
    /// How many entries it has.
    const LEN: usize;
    /// Its entries.
    fn as_slice(&self) -> &[Self::Scalar];
    /// Its entries, to be changed.
    fn as_mut_slice(&mut self) -> &mut [Self::Scalar];
}

impl<T: Scalar, const N: usize> Sample for SVector<T, N> {
    type Scalar = T;
    const LEN: usize = N;
    #[inline(always)]
    fn as_slice(&self) -> &[T] {
        self.data.as_slice()
    }
    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [T] {
        self.data.as_mut_slice()
    }
}

/// What one forward and backward pass shares among all layers.
pub struct Pass<'a> {
    /// The instruction set the kernels run on.
    pub path: SimdPath,
    /// Randomness for dropout.
    pub generator: &'a mut Generator,
    /// Whether `backward` adds to the gradient (true) or replaces it (false).
    pub accumulate: bool,
    /// Who watches, if anybody.
    pub probe: Option<&'a mut dyn Probe>,
}

impl core::fmt::Debug for Pass<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pass")
            .field("path", &self.path)
            .field("accumulate", &self.accumulate)
            .field("probe", &self.probe.is_some())
            .finish_non_exhaustive()
    }
}

/// A layer: parameters, and the mathematics of one map from `Input` to `Output`.
///
/// `x` and `y` are slices of the same number of samples, at most `BATCH`.
/// The loss is called L; `d_x` means dL/dx.
/// `scratch` is memory without meaning between calls, shared by all layers of a
/// network; it has at least `INFER_SCRATCH` (in `infer`) or `SCRATCH` (in
/// `forward` and `backward`) entries for each sample.
///
/// A network is a layer too, and [`Network`](crate::Network) has methods of the same names.
/// A module that calls those leaves this trait unimported and implements it by its path,
/// `impl network_core::Layer for Fourier`: with both imported, `net.forward(x, &mut workspace)`
/// would be taken for this one's.
pub trait Layer: Zeroable {
    /// The number type.
    type Scalar: Scalar;
    /// One input sample.
    type Input: Sample<Scalar = Self::Scalar>;
    /// One output sample.
    type Output: Sample<Scalar = Self::Scalar>;
    /// Hyperparameters and initial values, given once to [`Layer::initialize`].
    type Config;
    /// dL/dparameters: plain numbers, in the order in which [`Layer::visit`]
    /// shows the trainable parameters. `()` without parameters.
    type Gradient: Pod;
    /// What `forward` leaves for `backward` besides `x` and `y`. `()` if nothing.
    type Cache<const BATCH: usize>: Zeroable;
    /// Entries of scratch memory that `infer` needs for each sample.
    const INFER_SCRATCH: usize = 0;
    /// Entries of scratch memory that `forward` and `backward` need for each sample.
    const SCRATCH: usize = 0;

    /// Multiply-adds of the linear maps in a forward pass, for each sample.
    const MULTIPLY_ADDS: usize = 0;
    /// Multiply-adds that only `d_x` needs in a backward pass, for each sample.
    const INPUT_MULTIPLY_ADDS: usize = 0;
    /// Whether a sample's output in training depends on the other samples of its
    /// batch, as in batch norm.
    const COUPLES_SAMPLES: bool = false;

    /// Sets hyperparameters and initial parameters, in place.
    fn initialize(&mut self, config: &Self::Config, generator: &mut Generator);

    /// `y = f(x)` as the trained network computes it, keeping nothing.
    fn infer(
        &self,
        path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    );

    /// `y = f(x)` as training computes it, leaving in `cache` what `backward` needs.
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        scratch: &mut [Self::Scalar],
    );

    /// From `d_y` computes the parameters' `gradient` (replaced, or added to if
    /// `pass.accumulate`) and, if asked for, `d_x` (always replaced).
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        gradient: &mut Self::Gradient,
        scratch: &mut [Self::Scalar],
    );

    /// Moves what `forward` saw of a batch into running statistics, if there are any.
    fn update_statistics<const BATCH: usize>(&mut self, _cache: &Self::Cache<BATCH>) {}

    /// Shows every parameter and running statistic, always in the same order.
    fn visit(&self, _visitor: &mut dyn Visitor<Self::Scalar>) {}

    /// As [`Layer::visit`], to change them.
    fn visit_mut(&mut self, _visitor: &mut dyn VisitorMut<Self::Scalar>) {}
}

/// What a parameter is for; optimizers, weight decay, files and reports treat kinds differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// Entries of a linear map. The only kind that weight decay touches.
    Weight,
    /// Added to a pre-activation.
    Bias,
    /// Scale of a normalisation.
    Scale,
    /// Shift of a normalisation.
    Shift,
    /// Learned slope of an activation.
    Slope,
    /// Running statistic: kept and saved, not trained.
    Statistic,
}

impl ParameterKind {
    /// Whether an optimizer changes it (then it has an entry in the gradient).
    pub fn is_trained(self) -> bool {
        self != Self::Statistic
    }

    /// Whether the signal is multiplied by it: biases and shifts are added.
    pub fn is_multiplied(self) -> bool {
        matches!(self, Self::Weight | Self::Scale | Self::Slope)
    }
}

/// One step of a parameter's path, such as `blocks`, `3`, `dense_1` in `blocks.3.dense_1.weight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A field of a network or block.
    Field(&'static str),
    /// The index within a `repeat`.
    Index(usize),
}

/// A parameter to look at.
///
/// `shape` is in PyTorch's order, such as `[output, input]`; in `value` the
/// *first* index runs fastest (column-major).
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a, T> {
    /// Its name within the layer, such as `weight`.
    pub name: &'static str,
    /// What it is for.
    pub kind: ParameterKind,
    /// Its sizes.
    pub shape: &'a [usize],
    /// Its entries.
    pub value: &'a [T],
}

/// A parameter to change; fields as in [`Parameter`].
#[derive(Debug)]
pub struct ParameterMut<'a, T> {
    /// Its name within the layer, such as `weight`.
    pub name: &'static str,
    /// What it is for.
    pub kind: ParameterKind,
    /// Its sizes.
    pub shape: &'a [usize],
    /// Its entries.
    pub value: &'a mut [T],
}

/// Walks over all parameters: see [`Layer::visit`].
pub trait Visitor<T> {
    /// A named part begins.
    fn enter(&mut self, _name: Name) {}
    /// The part that began last ends.
    fn leave(&mut self) {}
    /// One parameter or running statistic.
    fn parameter(&mut self, parameter: Parameter<'_, T>);
    /// A count that is saved with the parameters, such as `num_batches_tracked`.
    fn counter(&mut self, _name: &'static str, _value: u64) {}
}

/// Walks over all parameters to change them: see [`Layer::visit_mut`].
pub trait VisitorMut<T> {
    /// A named part begins.
    fn enter(&mut self, _name: Name) {}
    /// The part that began last ends.
    fn leave(&mut self) {}
    /// One parameter or running statistic.
    fn parameter(&mut self, parameter: ParameterMut<'_, T>);
    /// A count that is saved with the parameters, such as `num_batches_tracked`.
    fn counter(&mut self, _name: &'static str, _value: &mut u64) {}
}
