//! What observing costs: a training step without an observer, with one between its readings, and
//! with one that samples as by default (from step 1000 on, and before), in interleaved rounds of
//! one training: the same memory for all, since where buffers lie moves a small network's time by
//! more than that.
//!
//! `cargo run --release -p ours --bin overhead` prints the table of `docs/verdicts.md`;
//! with an argument the rows whose name holds it.

use network_core::bytemuck::{Zeroable, cast_slice_mut};
use network_core::optimizers::OptimizerFor;
use network_core::prelude::*;
use network_core::report::Observer;
use ours::{LeNet, Residual, Small, Wide};
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use std::hint::black_box;

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
/// Steps after which an observer samples as often as it does from then on.
const SETTLED: usize = 1000;
/// The ways of watching: without an observer twice, since what differs between those is noise.
const WATCHES: [Watch; 4] = [
    Watch::Not,
    Watch::Not,
    Watch::BetweenReadings,
    Watch::Sampled,
];
/// Seconds, at least, that steps run on in one way before another has its turn.
const TURN: f64 = 1e-3;
/// Seconds for each network, and rounds at most.
const SECONDS: f64 = 15.0;
const ROUNDS: f64 = 2000.0;

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
    /// One that reads nothing here, and one with its defaults.
    observers: [Observer<'static, N>; 2],
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
    fn new(loss: L, y: Vec<Y>) -> Self {
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
            observers: [Observer::new().every(u64::MAX), Observer::new()],
            loss,
            x,
            y,
            step: 0,
        }
    }

    fn step(&mut self, watch: Watch) {
        let start = self.step % BATCHES * BATCH;
        self.step += 1;
        let x = black_box(&self.x[start..start + BATCH]);
        let y = &self.y[start..start + BATCH];
        let fits = "targets that fit";
        let observer = match watch {
            Watch::Not => None,
            Watch::BetweenReadings => Some(&mut self.observers[0]),
            Watch::Sampled => Some(&mut self.observers[1]),
        };
        match observer {
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
    fn time(&mut self, watch: Watch, steps: usize) -> f64 {
        let start = processor_seconds();
        for _ in 0..steps {
            self.step(watch);
        }
        (processor_seconds() - start) / steps as f64
    }
}

/// Seconds that this thread has had a processor: other programs then disturb less.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// The median, and between which numbers it lies with a probability of 95 %: the sign test's.
fn median(mut numbers: Vec<f64>) -> [f64; 3] {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() as f64 / 2.0;
    let away = 0.98 * (numbers.len() as f64).sqrt();
    [half, half - away, half + away].map(|at| numbers[(at as usize).min(numbers.len() - 1)])
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
    let new = || Training::<N, L, Y>::new(loss.clone(), y.clone());
    let mut training = new();
    training.time(Watch::Sampled, 2);
    // Only a network that has run tells how many layers it has, and so how often it is looked at.
    let early = training.observers[1].report().every;
    let settled = compare(&mut training, Observer::new(), &mut rng);
    let early = compare(&mut new(), Observer::new().every(early), &mut rng);
    for (name, costs) in [("later", settled), ("first 1000", early)] {
        println!(
            "| {work}, {name} | {:.1} | {} | {} | {} | {} | {:.1} |",
            costs.plain, costs.again, costs.between, costs.observed, costs.every, costs.reading,
        );
    }
}

/// A row of the table.
struct Costs {
    plain: f64,
    again: String,
    between: String,
    observed: String,
    every: usize,
    reading: f64,
}

fn compare<N, L, Y>(
    training: &mut Training<N, L, Y>,
    observer: Observer<'static, N>,
    rng: &mut Xoshiro256PlusPlus,
) -> Costs
where
    N: Network<Scalar = f32>,
    L: Loss<N::Output, Y> + Clone,
    Y: Clone,
{
    training.observers[1] = observer;
    let warm = WATCHES.map(|watch| training.time(watch, SETTLED + 1));
    let every = training.observers[1].report().every as usize;
    // To where the next reading is due: each turn has a whole number of them.
    training.time(Watch::Sampled, every - (SETTLED + 1) % every);
    let readings = (TURN / (warm[0] * every as f64)).ceil().max(1.0);
    let steps = readings as usize * every;
    let round = WATCHES.len() as f64 * steps as f64 * warm[0];
    let mut times: [Vec<f64>; WATCHES.len()] = Default::default();
    let mut turns = [0, 1, 2, 3];
    for _ in 0..(SECONDS / round).clamp(40.0, ROUNDS) as usize {
        // Who comes after whom is left to chance.
        turns.shuffle(rng);
        for which in turns {
            times[which].push(training.time(WATCHES[which], steps));
        }
    }
    let ratio = |which: usize| {
        let ratios = times[which].iter().zip(&times[0]);
        let [median, low, high] = median(ratios.map(|(with, without)| with / without).collect())
            .map(|ratio| 100.0 * (ratio - 1.0));
        format!("{median:+.2} % ({low:+.2} to {high:+.2})")
    };
    let differences = times[3].iter().zip(&times[0]);
    let [reading, ..] = median(differences.map(|(with, without)| with - without).collect());
    Costs {
        plain: 1e6 * median(times[0].clone())[0],
        again: ratio(1),
        between: ratio(2),
        observed: ratio(3),
        every,
        reading: 1e6 * every as f64 * reading,
    }
}

fn main() {
    println!(
        "| training step, Adam, batch {BATCH} | us, not observed | the same again | observed, between readings | observed | steps between readings | us, a reading |\n\
         |---|--:|--:|--:|--:|--:|--:|"
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
