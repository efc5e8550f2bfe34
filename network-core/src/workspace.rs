//! The memory of a training step, and the two halves of a step in it.

use crate::kernels::SimdPath;
use crate::losses::{Loss, LossError, Reduction};
use crate::probe::{Probe, Signal};
use crate::{Generator, Layer, Network, Pass, Real, Sample};
use bytemuck::Zeroable;
use rand::SeedableRng;

/// The memory of a training step on batches of up to `BATCH` samples.
///
/// Holds what [`Network::forward`] leaves for [`Network::backward`].
#[derive(Debug, Zeroable)]
#[zeroable(bound = "")]
#[repr(C, align(64))]
pub struct Workspace<N: Network, const BATCH: usize> {
    output: [N::Output; BATCH],
    d_output: [N::Output; BATCH],
    cache: N::Cache<BATCH>,
    scratch: [N::Scratch; BATCH],
    len: usize,
    seed: u64,
    passes: u64,
}

impl<N: Network, const BATCH: usize> Workspace<N, BATCH> {
    /// Starts dropout's randomness anew.
    pub fn seed(&mut self, seed: u64) {
        self.seed = seed;
        self.passes = 0;
    }

    /// The outputs of the last forward pass.
    pub fn output(&self) -> &[N::Output] {
        &self.output[..self.len]
    }

    /// dL/doutput, to be set before [`Network::backward`].
    pub fn d_output(&mut self) -> &mut [N::Output] {
        &mut self.d_output[..self.len]
    }

    /// Both [`Workspace::output`] and [`Workspace::d_output`], for losses of your own.
    ///
    /// # Examples
    ///
    /// Q-learning, where a sample's loss is of one output, the action that was taken:
    ///
    /// ```
    /// use network_core::prelude::*;
    ///
    /// network! {
    ///     pub struct Values(4) -> 2 { dense(64) -> relu; dense(2); }
    /// }
    ///
    /// let mut net = Values::new(1);
    /// let mut workspace = Values::workspace::<32>();
    /// let mut gradient = Values::gradient();
    /// let mut adam = Adam::new(1e-3).for_network::<Values>();
    ///
    /// let states = [SVector::<f32, 4>::zeros(); 32];
    /// let (actions, returns) = ([1; 32], [0.5; 32]);
    /// net.forward(&states, &mut workspace);
    /// let (values, gradients) = workspace.output_and_d_output();
    /// for (i, (value, gradient)) in values.iter().zip(gradients).enumerate() {
    ///     // Half the squared error, averaged over the batch.
    ///     *gradient = SVector::zeros();
    ///     gradient[actions[i]] = (value[actions[i]] - returns[i]) / 32.0;
    /// }
    /// net.backward(&states, &mut workspace, &mut gradient);
    /// adam.step(&mut net, &gradient);
    /// ```
    pub fn output_and_d_output(&mut self) -> (&[N::Output], &mut [N::Output]) {
        (&self.output[..self.len], &mut self.d_output[..self.len])
    }

    /// What the last forward pass left for the backward pass.
    pub(crate) fn cache(&self) -> &N::Cache<BATCH> {
        &self.cache
    }

    /// The loss of the last forward pass; leaves its derivative in `d_output`.
    ///
    /// # Errors
    ///
    /// If the targets do not fit the outputs: see [`LossError`].
    pub fn loss<Y>(
        &mut self,
        loss: &impl Loss<N::Output, Y>,
        target: &[Y],
    ) -> Result<N::Scalar, LossError> {
        loss.evaluate(
            SimdPath::detect(),
            &self.output[..self.len],
            target,
            Some(&mut self.d_output[..self.len]),
        )
    }

    /// Forward pass, loss and backward pass of a batch of any length, `BATCH` samples at a
    /// time: replaces `gradient`, returns the loss.
    ///
    /// A big batch takes no more memory than `BATCH` samples, which stay in the nearest
    /// caches: a hundred or two are best.
    ///
    /// Not for networks with batch norm, whose statistics would become those of a part.
    /// That is a compile-time error.
    ///
    /// # Errors
    ///
    /// If the targets do not fit the outputs; the sample is counted within its part.
    ///
    /// # Examples
    ///
    /// ```
    /// use network_core::prelude::*;
    ///
    /// network! {
    ///     pub struct Curve(1) -> 1 { dense(32) -> tanh -> dense(1); }
    /// }
    ///
    /// # fn main() -> Result<(), LossError> {
    /// let x: Vec<_> = (0..1000).map(|i| SVector::from([i as f32 / 500.0 - 1.0])).collect();
    /// let y: Vec<_> = x.iter().map(|x| x.map(f32::sin)).collect();
    /// let mut net = Curve::new(1);
    /// let mut workspace = Curve::workspace::<192>();
    /// let mut gradient = Curve::gradient();
    /// let loss = workspace.step_in_parts(&mut net, &Mse::default(), &x, &y, &mut gradient)?;
    /// Adam::new(1e-2).for_network::<Curve>().step(&mut net, &gradient);
    /// # assert!(loss.is_finite());
    /// # Ok(())
    /// # }
    /// ```
    pub fn step_in_parts<Y>(
        &mut self,
        network: &mut N,
        loss: &impl Loss<N::Output, Y>,
        x: &[N::Input],
        y: &[Y],
        gradient: &mut N::Gradient,
    ) -> Result<N::Scalar, LossError> {
        const {
            assert!(BATCH > 0, "a part needs at least one sample");
            assert!(
                !N::COUPLES_SAMPLES,
                "batch norm couples the samples of a batch: use `forward`, `loss` and `backward`"
            );
        }
        if x.len() != y.len() {
            return Err(LossError::Length {
                predictions: x.len(),
                targets: y.len(),
            });
        }
        if x.is_empty() {
            *gradient = N::Gradient::zeroed();
        }
        let mut total = N::Scalar::ZERO;
        for (index, (part, y)) in x.chunks(BATCH).zip(y.chunks(BATCH)).enumerate() {
            total += self.part(network, loss, part, y, x.len(), gradient, index > 0)?;
            network.update_statistics(&self.cache);
        }
        Ok(total)
    }

    /// A step on part of a batch of `whole` samples: its share of the loss and the gradient.
    pub(crate) fn part<Y>(
        &mut self,
        network: &N,
        loss: &impl Loss<N::Output, Y>,
        x: &[N::Input],
        y: &[Y],
        whole: usize,
        gradient: &mut N::Gradient,
        accumulate: bool,
    ) -> Result<N::Scalar, LossError> {
        let share = N::Scalar::from_f64(match loss.reduction() {
            Reduction::Mean => x.len() as f64 / whole as f64,
            Reduction::Sum => 1.0,
        });
        self.forward(network, x);
        let value = self.loss(loss, y)?;
        if share != N::Scalar::ONE {
            for d in self.d_output() {
                for d in Sample::as_mut_slice(d) {
                    *d *= share;
                }
            }
        }
        self.backward(network, x, None, gradient, accumulate);
        Ok(value * share)
    }

    /// The forward pass without touching the network's running statistics.
    ///
    /// # Panics
    ///
    /// If `x` has more than `BATCH` samples.
    pub fn forward(&mut self, network: &N, x: &[N::Input]) {
        self.run_forward(network, x, None);
    }

    /// As [`Workspace::forward`], watched.
    #[cfg(feature = "alloc")]
    pub(crate) fn forward_probed(&mut self, network: &N, x: &[N::Input], probe: &mut dyn Probe) {
        self.run_forward(network, x, Some(probe));
    }

    pub(crate) fn run_forward(
        &mut self,
        network: &N,
        x: &[N::Input],
        mut probe: Option<&mut dyn Probe>,
    ) {
        assert!(
            x.len() <= BATCH,
            "a batch of {} samples does not fit a workspace for {BATCH}",
            x.len(),
        );
        self.len = x.len();
        let mut generator =
            Generator::seed_from_u64(self.seed ^ self.passes.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        self.passes += 1;
        if let Some(probe) = &mut probe {
            probe.input(Signal::of(x));
        }
        let mut pass = Pass {
            path: SimdPath::detect(),
            generator: &mut generator,
            accumulate: false,
            // Shortens the lifetime to that of the pass.
            probe: probe.map(|probe| probe as &mut dyn Probe),
        };
        Layer::forward(
            network,
            &mut pass,
            x,
            &mut self.output[..self.len],
            &mut self.cache,
            bytemuck::cast_slice_mut(&mut self.scratch),
        );
    }

    /// The backward pass, also to the network's input if `d_x` is given.
    ///
    /// # Panics
    ///
    /// If `x` or `d_x` is not as long as `x` was in `forward`.
    pub fn backward(
        &mut self,
        network: &N,
        x: &[N::Input],
        d_x: Option<&mut [N::Input]>,
        gradient: &mut N::Gradient,
        accumulate: bool,
    ) {
        self.run_backward(network, x, d_x, gradient, accumulate, None);
    }

    pub(crate) fn run_backward(
        &mut self,
        network: &N,
        x: &[N::Input],
        d_x: Option<&mut [N::Input]>,
        gradient: &mut N::Gradient,
        accumulate: bool,
        probe: Option<&mut dyn Probe>,
    ) {
        assert_eq!(x.len(), self.len, "`backward` needs the batch of `forward`");
        let mut generator = Generator::seed_from_u64(self.seed);
        let mut pass = Pass {
            path: SimdPath::detect(),
            generator: &mut generator,
            accumulate,
            // Shortens the lifetime to that of the pass.
            probe: probe.map(|probe| probe as &mut dyn Probe),
        };
        Layer::backward(
            network,
            &mut pass,
            x,
            &self.output[..self.len],
            &self.d_output[..self.len],
            d_x,
            &mut self.cache,
            gradient,
            bytemuck::cast_slice_mut(&mut self.scratch),
        );
    }
}
