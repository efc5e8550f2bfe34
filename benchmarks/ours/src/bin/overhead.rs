//! What observing costs: a training step without an observer, with one between its readings, and
//! with one that samples every 20th step as by default, in interleaved rounds.
//!
//! `cargo run --release -p ours --bin overhead` prints the table of `docs/verdicts.md`;
//! with an argument the rows whose name holds it.

use network_core::bytemuck::{Zeroable, cast_slice_mut};
use network_core::optimizers::OptimizerFor;
use network_core::prelude::*;
use network_core::report::Observer;
use ours::{LeNet, Residual, Small, Wide};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::hint::black_box;
use std::time::Instant;

network! {
    #[gradient_flow(allow)]
    pub struct Lstm([8; 32]) -> 4 {
        lstm(32) -> last -> dense(4);
    }
}

/// Samples in a batch.
const BATCH: usize = 64;
/// Batches of data.
const BATCHES: usize = 16;
/// Steps from one reading to the next, as by default.
const EVERY: u64 = 20;
/// Rounds; the medians of their ratios count.
const ROUNDS: usize = 151;
/// Seconds of each kind of training in a round.
const SECONDS: f64 = 0.01;

/// How a training is watched.
#[derive(Clone, Copy)]
enum Watch {
    Not,
    BetweenReadings,
    Sampled,
}

struct Training<N: Network<Scalar = f32> + 'static, L, Y> {
    network: Box<N>,
    workspace: Box<Workspace<N, BATCH>>,
    gradient: Box<N::Gradient>,
    adam: Box<OptimizerFor<N, Adam>>,
    observer: Option<Observer<'static, N>>,
    loss: L,
    x: Vec<N::Input>,
    y: Vec<Y>,
    step: usize,
}

impl<N, L, Y> Training<N, L, Y>
where
    N: Network<Scalar = f32>,
    L: Loss<N::Output, Y> + Clone,
    Y: Clone,
{
    fn new(loss: L, y: Vec<Y>, watch: Watch) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut x = vec![N::Input::zeroed(); BATCH * BATCHES];
        for entry in cast_slice_mut::<_, f32>(&mut x) {
            // Uniform with variance 1.
            *entry = rng.random_range(-1.732..1.732);
        }
        Self {
            network: N::boxed(1),
            workspace: N::workspace(),
            gradient: <N as Network>::gradient(),
            adam: Adam::new(1e-3).for_network::<N>(),
            observer: match watch {
                Watch::Not => None,
                Watch::BetweenReadings => Some(Observer::new().every(u64::MAX)),
                Watch::Sampled => Some(Observer::new().every(EVERY)),
            },
            loss,
            x,
            y,
            step: 0,
        }
    }

    fn step(&mut self) {
        let start = self.step % BATCHES * BATCH;
        self.step += 1;
        let x = black_box(&self.x[start..start + BATCH]);
        let y = &self.y[start..start + BATCH];
        let fits = "targets that fit";
        match &mut self.observer {
            None => {
                Network::forward(&mut *self.network, x, &mut self.workspace);
                black_box(self.workspace.loss(&self.loss, y).expect(fits));
                Network::backward(&*self.network, x, &mut self.workspace, &mut self.gradient);
                self.adam.step(&mut self.network, &self.gradient);
            }
            Some(observer) => {
                observer.forward(&mut self.network, x, &mut self.workspace);
                let loss = self.workspace.loss(&self.loss, y).expect(fits);
                observer.backward(
                    &mut self.network,
                    x,
                    &mut self.workspace,
                    &mut self.gradient,
                    loss,
                );
                let _ = observer.step(&mut self.network, &self.gradient, &mut self.adam);
            }
        }
    }

    /// Seconds of a step, as mean over `steps` of them.
    fn time(&mut self, steps: usize) -> f64 {
        let start = Instant::now();
        let start_processor = processor_seconds();
        for _ in 0..steps {
            self.step();
        }
        let all = match (start_processor, processor_seconds()) {
            (Some(start), Some(end)) => end - start,
            _ => start.elapsed().as_secs_f64(),
        };
        all / steps as f64
    }
}

/// Seconds that this thread has had a processor, where the system (Linux) tells: other programs
/// then disturb less.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split(' ').next()?.parse().ok()?;
    Some(1e-9 * nanoseconds)
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn measure<N, L, Y>(work: &str, loss: L, target: impl Fn(&mut Xoshiro256PlusPlus) -> Y)
where
    N: Network<Scalar = f32>,
    L: Loss<N::Output, Y> + Clone,
    Y: Clone,
{
    if std::env::args()
        .nth(1)
        .is_some_and(|wanted| !work.contains(&wanted))
    {
        return;
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let y: Vec<Y> = (0..BATCH * BATCHES).map(|_| target(&mut rng)).collect();
    // Twice without: what differs between those two is noise.
    let watches = [
        Watch::Not,
        Watch::Not,
        Watch::BetweenReadings,
        Watch::Sampled,
    ];
    let mut trainings =
        watches.map(|watch| Training::<N, L, Y>::new(loss.clone(), y.clone(), watch));
    let warm = trainings
        .each_mut()
        .map(|training| training.time(10 * EVERY as usize));
    // Whole numbers of readings.
    let steps = (SECONDS / warm[0] / EVERY as f64).ceil() as usize * EVERY as usize;
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..ROUNDS {
        for turn in 0..4 {
            let which = (round + turn) % 4;
            times[which].push(trainings[which].time(steps));
        }
    }
    let ratio = |which: usize| {
        let mut ratios: Vec<f64> = (times[which].iter().zip(&times[0]))
            .map(|(with, without)| with / without)
            .collect();
        100.0 * (median(&mut ratios) - 1.0)
    };
    let (again, between, sampled) = (ratio(1), ratio(2), ratio(3));
    println!(
        "| {work} | {:.1} | {again:+.2} % | {between:+.2} % | {sampled:+.2} % |",
        1e6 * median(&mut times[0].clone()),
    );
}

fn main() {
    println!(
        "| training step, Adam, batch {BATCH} | us, not observed | the same again | observed, between readings | observed, every {EVERY} steps |\n\
         |---|--:|--:|--:|--:|"
    );
    let class = |rng: &mut Xoshiro256PlusPlus| rng.random_range(0..10_usize);
    let cross_entropy = CrossEntropy::default();
    measure::<Wide, _, _>("784-128-64-10 relu (work 4)", cross_entropy, class);
    measure::<Residual, _, _>(
        "64, 16 residual blocks with batch norm, 10 (work 5)",
        cross_entropy,
        class,
    );
    measure::<Small, _, _>(
        "8-64-64-4 tanh, mean squared error (work 6)",
        Mse::default(),
        |rng| SVector::<f32, 4>::from_fn(|_, _| rng.random_range(-1.0..1.0)),
    );
    measure::<LeNet, _, _>("LeNet-5 (work 11)", cross_entropy, class);
    measure::<Lstm, _, _>(
        "LSTM of 32 over 32 steps of 8, to 4",
        cross_entropy,
        |rng| rng.random_range(0..4_usize),
    );
}
