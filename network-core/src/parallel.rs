//! Batches on several threads: split into parts of fixed size, put together in a fixed
//! order, so that the bits do not depend on the number of threads.

use crate::kernels::{self, Binary, SimdPath};
use crate::losses::{Loss, LossError};
use crate::{Network, Real, Workspace, gradient};
use std::sync::Mutex;

/// Work of fewer multiply-adds stays on one thread. So many take 100 us on a fast core: twice
/// as long as a thread that sleeps takes to begin.
const WORTH_A_THREAD: usize = 10_000_000;
/// How many more a step needs for each parameter, which goes to another core and whose
/// gradient comes back: that takes as long as half of them.
const FOR_EACH_PARAMETER: usize = 400;

/// Does `work` on each of `count` items: on this thread at once, and on threads of rayon's
/// pool as soon as they are awake. Whoever is free takes the next item, so that a thread
/// that comes late holds up nobody.
fn share<I: Iterator<Item: Send> + Send>(items: I, count: usize, work: impl Fn(I::Item) + Sync) {
    let items = Mutex::new(items);
    // A function of its own, so that the lock is held for no longer.
    let next = || items.lock().ok()?.next();
    let drain = || {
        while let Some(item) = next() {
            work(item);
        }
    };
    let helpers = rayon::current_num_threads().min(count).saturating_sub(1);
    rayon::in_place_scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|_| drain());
        }
        drain();
    });
}

/// The memory of training steps on several threads.
///
/// A batch is split into parts of `PART` samples; each part has a [`Workspace`] and a
/// gradient of its own. Parts run on the calling thread and on those of rayon's pool, and
/// their losses and gradients are added in the order of the samples: one thread gives the
/// same bits as eight.
///
/// Steps too small to be worth a second thread run on the calling thread, as
/// [`Workspace::step_in_parts`] does: those of less than 10 million multiply-adds and 400 more
/// for each parameter, since each core needs the parameters and gives back a gradient. How
/// many threads there are does not matter for that.
///
/// A hundred or two samples are best for a part; fewer where a batch of heavy samples, such
/// as images, is to be shared.
///
/// Not for networks with batch norm, whose statistics couple the samples of a batch:
/// they would become those of a part. That is a compile-time error.
///
/// ```
/// use network_core::ParallelWorkspace;
/// use network_core::prelude::*;
///
/// network! {
///     pub struct Curve(1) -> 1 {
///         dense(32) -> tanh -> dense(1);
///     }
/// }
///
/// # fn main() -> Result<(), LossError> {
/// let x: Vec<_> = (0..1000).map(|i| SVector::from([i as f32 / 500.0 - 1.0])).collect();
/// let y: Vec<_> = x.iter().map(|x| x.map(f32::sin)).collect();
/// let mut net = Curve::new(1);
/// let mut workspace = ParallelWorkspace::<Curve, 64>::new(x.len());
/// let mut gradient = Curve::gradient();
/// let mut adam = Adam::new(1e-2).for_network::<Curve>();
/// for _ in 0..100 {
///     let loss = workspace.step(&mut net, &Mse::default(), &x, &y, &mut gradient)?;
///     adam.step(&mut net, &gradient);
/// }
/// # Ok(())
/// # }
/// ```
pub struct ParallelWorkspace<N: Network, const PART: usize> {
    parts: Vec<Part<N, PART>>,
    seed: u64,
    steps: u64,
}

struct Part<N: Network, const PART: usize> {
    workspace: Box<Workspace<N, PART>>,
    gradient: Box<N::Gradient>,
    /// The part's share of the batch's loss.
    loss: Result<N::Scalar, LossError>,
}

impl<N: Network, const PART: usize> core::fmt::Debug for ParallelWorkspace<N, PART> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ParallelWorkspace")
            .field("network", &N::NAME)
            .field("parts", &self.parts.len())
            .field("samples", &(self.parts.len() * PART))
            .finish_non_exhaustive()
    }
}

/// `a + b`.
#[derive(Clone, Copy)]
struct Sum;
impl Binary for Sum {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a + b
    }
}

impl<N, const PART: usize> ParallelWorkspace<N, PART>
where
    N: Network,
    N::Gradient: Send,
    N::Cache<PART>: Send,
    N::Scratch: Send,
{
    /// Memory for batches of up to `samples` samples.
    pub fn new(samples: usize) -> Self {
        const {
            assert!(PART > 0, "a part needs at least one sample");
            assert!(
                !N::COUPLES_SAMPLES,
                "batch norm couples the samples of a batch: use `Workspace`"
            );
        }
        let part = || Part {
            workspace: N::workspace(),
            gradient: N::gradient(),
            loss: Ok(N::Scalar::ZERO),
        };
        Self {
            parts: (0..samples.div_ceil(PART)).map(|_| part()).collect(),
            seed: 0,
            steps: 0,
        }
    }

    /// Starts dropout's randomness anew.
    pub fn seed(&mut self, seed: u64) {
        self.seed = seed;
        self.steps = 0;
    }

    /// Forward pass, loss and backward pass of a batch: replaces `gradient`, returns the loss.
    ///
    /// # Errors
    ///
    /// If the targets do not fit the outputs; the sample is counted within its part.
    ///
    /// # Panics
    ///
    /// If there are more samples than the workspace was made for.
    pub fn step<Y: Sync, L: Loss<N::Output, Y> + Sync>(
        &mut self,
        network: &mut N,
        loss: &L,
        x: &[N::Input],
        y: &[Y],
        gradient: &mut N::Gradient,
    ) -> Result<N::Scalar, LossError> {
        let count = x.len().div_ceil(PART);
        assert!(
            count <= self.parts.len(),
            "a batch of {} samples does not fit a workspace for {}",
            x.len(),
            self.parts.len() * PART,
        );
        if x.len() != y.len() {
            return Err(LossError::Length {
                predictions: x.len(),
                targets: y.len(),
            });
        }
        let parts = &mut self.parts[..count];
        let stream = self.seed ^ self.steps.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.steps += 1;
        let run = |network: &N,
                   index: usize,
                   workspace: &mut Workspace<N, PART>,
                   gradient: &mut N::Gradient,
                   add| {
            let range = index * PART..x.len().min((index + 1) * PART);
            let (own, targets) = (&x[range.clone()], &y[range]);
            workspace.seed(stream.wrapping_add(index as u64));
            workspace.part(network, loss, own, targets, x.len(), gradient, add)
        };
        if count == 0 {
            gradient::entries_mut::<N>(gradient).fill(N::Scalar::ZERO);
        }
        let mut total = N::Scalar::ZERO;
        let worth = WORTH_A_THREAD + FOR_EACH_PARAMETER * N::PARAMETERS;
        if count < 2 || x.len() * N::STEP_MULTIPLY_ADDS < worth {
            // All in the memory of the first part, which stays in the nearest caches.
            if let [Part { workspace, .. }, ..] = parts {
                for index in 0..count {
                    total += run(network, index, workspace, gradient, index > 0)?;
                    network.update_statistics(workspace.cache());
                }
            }
            return Ok(total);
        }
        let shared: &N = network;
        share(parts.iter_mut().enumerate(), count, |(index, part)| {
            part.loss = run(
                shared,
                index,
                &mut part.workspace,
                &mut part.gradient,
                false,
            );
        });
        let path = SimdPath::detect();
        let sum = gradient::entries_mut::<N>(gradient);
        for (index, part) in parts.iter().enumerate() {
            total += part.loss?;
            network.update_statistics(part.workspace.cache());
            let entries = gradient::entries::<N>(&part.gradient);
            if index == 0 {
                sum.copy_from_slice(entries);
            } else {
                kernels::map2(path, &Sum, sum, entries);
            }
        }
        Ok(total)
    }
}

/// [`Network::infer`] on several threads, if there is enough to do: the same bits.
pub(crate) fn infer<N: Network>(network: &N, x: &[N::Input], y: &mut [N::Output]) -> bool {
    // More than one for each thread, for threads that come late; and whole chunks.
    const ITEMS: usize = 4;
    if x.len() * N::INFER_MULTIPLY_ADDS < WORTH_A_THREAD || x.len() < 2 * N::CHUNK {
        return false;
    }
    let size = x.len() / (ITEMS * rayon::current_num_threads().max(1));
    let size = size.max(1).next_multiple_of(N::CHUNK);
    let items = x.chunks(size).zip(y.chunks_mut(size));
    share(items, x.len().div_ceil(size), |(x, y)| {
        crate::network::infer_here(network, x, y);
    });
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    crate::network! {
        struct Net(6) -> 3 {
            dense(32) -> tanh -> dropout(0.2);
            residual { dense(32) -> relu -> dense(32) };
            dense(3);
        }
    }

    crate::network! {
        struct Images(6) -> 3 {
            dense(72) -> tanh -> reshape(2, 6, 6);
            conv2d(8, kernel = 3, padding = 1, groups = 2) -> relu -> max_pool2d(2);
            residual { conv2d(8, kernel = 3, padding = 1, depthwise = true) } -> flatten -> dense(3);
        }
    }

    crate::network! {
        struct Sequences(6) -> 3 {
            reshape([2; 3]) -> conv1d(5, kernel = 3, padding = 1) -> tanh;
            lstm(4, bidirectional = true) -> gru(9) -> mean_over_steps -> dense(3);
        }
    }

    fn batch(n: usize) -> (Vec<SVector<f32, 6>>, Vec<usize>) {
        let x = (0..n).map(|i| SVector::from_fn(|j, _| ((i * 7 + j * 3) as f32).sin()));
        (x.collect(), (0..n).map(|i| i % 3).collect())
    }

    /// The bits after some steps, in a pool of so many threads.
    fn train<N>(threads: usize) -> (f32, Vec<f32>)
    where
        N: Network<Scalar = f32, Input = SVector<f32, 6>, Output = SVector<f32, 3>> + Sync,
        N::Gradient: Send,
        N::Cache<64>: Send,
        N::Scratch: Send,
    {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            // As many samples as are worth several threads.
            let least = WORTH_A_THREAD + FOR_EACH_PARAMETER * N::PARAMETERS;
            let (x, y) = batch(least.div_ceil(N::INFER_MULTIPLY_ADDS));
            let mut net = N::boxed(3);
            let mut workspace = ParallelWorkspace::<N, 64>::new(x.len());
            let mut gradient = N::gradient();
            let mut adam = Adam::new(1e-2).for_network::<N>();
            let mut loss = 0.0;
            for _ in 0..5 {
                loss = workspace
                    .step(&mut net, &CrossEntropy::default(), &x, &y, &mut gradient)
                    .unwrap();
                adam.step(&mut net, &gradient);
            }
            let mut outputs = vec![SVector::zeros(); x.len()];
            Network::infer(&*net, &x, &mut outputs);
            (
                loss,
                outputs.iter().flat_map(|y| y.iter().copied()).collect(),
            )
        })
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        fn check(name: &str, train: impl Fn(usize) -> (f32, Vec<f32>)) {
            let one = train(1);
            assert!(one.0.is_finite());
            for threads in [2, 3, 8] {
                assert_eq!(train(threads), one, "{name}, {threads} threads");
            }
        }
        check("dense", train::<Net>);
        check("images", train::<Images>);
        check("sequences", train::<Sequences>);
    }

    crate::network! {
        struct Smooth(6) -> 3 {
            scalar = f64;
            dense(16) -> tanh -> dense(3);
        }
    }

    #[test]
    fn parts_add_up_to_the_whole_batch() {
        let x: Vec<SVector<f64, 6>> = (0..100)
            .map(|i| SVector::from_fn(|j, _| ((i * 7 + j * 3) as f64).sin()))
            .collect();
        let y: Vec<usize> = (0..100).map(|i| i % 3).collect();
        let mut net = Smooth::new(3);
        let mut whole = Smooth::gradient();
        let mut workspace = Smooth::workspace::<100>();
        Network::forward(&mut net, &x, &mut workspace);
        let loss = workspace.loss(&CrossEntropy::default(), &y).unwrap();
        Network::backward(&net, &x, &mut workspace, &mut whole);
        let mut parts = Smooth::gradient();
        let mut workspace = ParallelWorkspace::<Smooth, 32>::new(100);
        let sum = workspace
            .step(&mut net, &CrossEntropy::default(), &x, &y, &mut parts)
            .unwrap();
        assert!((sum - loss).abs() < 1e-12);
        for (a, b) in gradient::entries::<Smooth>(&parts)
            .iter()
            .zip(gradient::entries::<Smooth>(&whole))
        {
            assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn parts_on_several_threads_add_up_to_parts_on_one() {
        let count = 2 * WORTH_A_THREAD / Smooth::STEP_MULTIPLY_ADDS;
        let x: Vec<SVector<f64, 6>> = (0..count)
            .map(|i| SVector::from_fn(|j, _| ((i * 7 + j * 3) as f64).sin()))
            .collect();
        let y: Vec<usize> = (0..count).map(|i| i % 3).collect();
        let mut net = Smooth::new(3);
        let (mut one, mut several) = (Smooth::gradient(), Smooth::gradient());
        let loss = CrossEntropy::default();
        let mut workspace = Smooth::workspace::<512>();
        let on_one = workspace.step_in_parts(&mut net, &loss, &x, &y, &mut one);
        let mut workspace = ParallelWorkspace::<Smooth, 512>::new(count);
        let on_several = workspace.step(&mut net, &loss, &x, &y, &mut several);
        assert!((on_one.unwrap() - on_several.unwrap()).abs() < 1e-12);
        for (a, b) in gradient::entries::<Smooth>(&one)
            .iter()
            .zip(gradient::entries::<Smooth>(&several))
        {
            assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn targets_that_do_not_fit_are_refused() {
        let (x, _) = batch(10);
        let mut net = Net::new(3);
        let mut workspace = ParallelWorkspace::<Net, 4>::new(10);
        let mut gradient = Net::gradient();
        let result = workspace.step(
            &mut net,
            &CrossEntropy::default(),
            &x,
            &[7; 10],
            &mut gradient,
        );
        assert!(result.is_err());
    }
}
