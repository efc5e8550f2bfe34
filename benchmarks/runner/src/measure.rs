//! Takes turns: every program is ready for the same work, and each measures for a moment in every
//! round, so that a machine that gets slower gets slower for all.

use crate::Options;
use crate::programs::{OURS, Program, Running};
use std::time::Duration;

/// What a line of the table is about.
pub struct Work {
    pub name: &'static str,
    pub text: &'static str,
    /// Losses are compared, not outputs.
    pub training: bool,
    /// Calls or samples that one measured call holds: times are given for one.
    pub per: usize,
    /// How many times faster than the best peer we want to be, on one thread.
    pub goal: f64,
}

const fn work(name: &'static str, text: &'static str, training: bool, goal: f64) -> Work {
    Work {
        name,
        text,
        training,
        per: 1,
        goal,
    }
}

pub const WORKS: &[Work] = &[
    work("1", "inference 8-64-64-4 tanh, batch 1", false, 15.0),
    work("2", "the same, batch 64", false, 4.0),
    work("3a", "inference 64-128-128-10 relu, batch 1", false, 15.0),
    work("3b", "the same, batch 256", false, 2.0),
    work(
        "4",
        "training step 784-128-64-10 relu, cross-entropy, Adam, batch 64",
        true,
        2.5,
    ),
    work(
        "5",
        "training step 64, 16 residual blocks with batch norm, 10; Adam, batch 64",
        true,
        5.0,
    ),
    work(
        "6",
        "training step 8-64-64-4 tanh, Adam, batch 64",
        true,
        5.0,
    ),
    work(
        "7",
        "full-batch step 4-32-16-4 tanh, mean squared error, Adam, 10,000 samples",
        true,
        2.5,
    ),
    work(
        "9a",
        "LSTM 1-20-1 streaming, one sample a call",
        false,
        40.0,
    ),
    Work {
        per: 2048,
        ..work(
            "9b",
            "the same, 2048 samples a call: time of one",
            false,
            1.5,
        )
    },
    work(
        "10a",
        "GRU 8, one step (RTNeural publishes 0.105 us)",
        false,
        1.0,
    ),
    work(
        "10b",
        "GRU 16, one step (RTNeural publishes 0.219 us)",
        false,
        1.0,
    ),
    work(
        "10c",
        "GRU 32, one step (RTNeural publishes 0.736 us)",
        false,
        1.0,
    ),
    work(
        "10d",
        "GRU 64, one step (RTNeural publishes 2.40 us)",
        false,
        1.0,
    ),
    work(
        "11",
        "training step LeNet-5, cross-entropy, Adam, batch 64",
        true,
        3.0,
    ),
    work(
        "12a",
        "causal conv1d, 4 channels, kernel 3, one frame (RTNeural publishes 0.010 us)",
        false,
        1.0,
    ),
    work(
        "12b",
        "8 channels, kernel 7 (RTNeural publishes 0.051 us)",
        false,
        1.0,
    ),
    work(
        "12c",
        "16 channels, kernel 15 (RTNeural publishes 0.424 us)",
        false,
        1.0,
    ),
    work(
        "12d",
        "32 channels, kernel 31 (RTNeural publishes 3.56 us)",
        false,
        1.0,
    ),
];

/// Steps after which losses are compared (`harness/src/works.rs`), and by how much they may
/// differ, relative to the loss: rounding differs, and training multiplies the difference.
pub const CHECKPOINTS: [(usize, f64); 4] = [(1, 1e-5), (10, 1e-3), (50, 5e-2), (200, 1e-1)];
/// By how much outputs may differ, relative to their mean size.
pub const OUTPUT_TOLERANCE: f64 = 1e-4;

/// One program at one work.
#[derive(Default)]
pub struct Outcome {
    /// Figures that must be the same for all.
    pub check: Vec<f64>,
    /// Nanoseconds for one call, by round.
    pub rounds: Vec<f64>,
    /// Why there is no time.
    pub note: Option<String>,
}

impl Outcome {
    fn failed(note: impl Into<String>) -> Self {
        Self {
            note: Some(note.into()),
            ..Self::default()
        }
    }

    pub fn median(&self) -> Option<f64> {
        median(&self.rounds)
    }
}

/// A work and what every program made of it.
pub struct Line<W> {
    pub work: W,
    /// In the order of [`Results::programs`].
    pub outcomes: Vec<Outcome>,
}

pub struct Results<W> {
    /// Name and version.
    pub programs: Vec<(&'static str, String)>,
    pub lines: Vec<Line<W>>,
    /// The seed, rounds and milliseconds it was measured with.
    pub rounds: usize,
    pub milliseconds: u64,
}

pub fn median(values: &[f64]) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[n / 2]),
        n => Some((values[n / 2 - 1] + values[n / 2]) / 2.0),
    }
}

/// A program and its process, which is started anew if it has ended.
struct Slot<'a> {
    program: &'a Program,
    running: Option<Running>,
    describe: String,
    threads: usize,
}

impl<'a> Slot<'a> {
    fn new(program: &'a Program, threads: usize) -> Self {
        Self {
            program,
            running: None,
            describe: String::new(),
            threads,
        }
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        if self.running.is_none() {
            let running = self.program.start(self.threads)?;
            self.describe.clone_from(&running.describe);
            self.running = Some(running);
        }
        let running = self.running.as_mut().ok_or("not started")?;
        let reply = running.ask(request, Duration::from_secs(60));
        if reply.is_err() {
            self.running = None;
        }
        reply
    }

    fn prepare(&mut self, work: &str) -> Outcome {
        let reply = match self.ask(&format!("prepare {work}")) {
            Ok(reply) => reply,
            Err(reason) => return Outcome::failed(reason),
        };
        match reply.split_once(' ') {
            Some(("ready", figures)) => Outcome {
                check: figures
                    .split(' ')
                    .filter_map(|figure| figure.parse().ok())
                    .collect(),
                ..Outcome::default()
            },
            Some((_, reason)) => Outcome::failed(reason),
            None => Outcome::failed(reply),
        }
    }

    fn round(&mut self, milliseconds: u64, per: usize, outcome: &mut Outcome) {
        if outcome.note.is_some() {
            return;
        }
        let reply = self.ask(&format!("round {milliseconds}"));
        let time = reply.as_ref().ok().and_then(|reply| {
            reply
                .strip_prefix("times ")?
                .split(' ')
                .next()?
                .parse::<f64>()
                .ok()
        });
        match time {
            Some(time) => outcome.rounds.push(time / per as f64),
            None => outcome.note = Some(reply.unwrap_or_else(|reason| reason)),
        }
    }
}

fn lines<W>(
    slots: &mut [Slot<'_>],
    works: Vec<(W, String, usize)>,
    rounds: usize,
    milliseconds: u64,
) -> Vec<Line<W>> {
    let mut lines = Vec::new();
    for (work, name, per) in works {
        eprint!("work {name}:");
        let mut outcomes: Vec<Outcome> = slots.iter_mut().map(|slot| slot.prepare(&name)).collect();
        for round in 0..rounds {
            for turn in 0..slots.len() {
                let index = (turn + round) % slots.len();
                slots[index].round(milliseconds, per, &mut outcomes[index]);
            }
        }
        for (slot, outcome) in slots.iter().zip(&outcomes) {
            match (outcome.median(), &outcome.note) {
                (Some(time), None) => eprint!(" {} {time:.0} ns;", slot.program.name),
                (_, note) => eprint!(
                    " {} ({});",
                    slot.program.name,
                    note.as_deref().unwrap_or("nothing")
                ),
            }
        }
        eprintln!();
        lines.push(Line { work, outcomes });
    }
    lines
}

fn results<W>(
    slots: Vec<Slot<'_>>,
    lines: Vec<Line<W>>,
    rounds: usize,
    milliseconds: u64,
) -> Results<W> {
    let programs = slots
        .into_iter()
        .map(|slot| (slot.program.name, slot.describe))
        .collect();
    Results {
        programs,
        lines,
        rounds,
        milliseconds,
    }
}

pub fn works(programs: &[Program], options: &Options, threads: usize) -> Results<&'static Work> {
    let mut slots: Vec<Slot> = programs
        .iter()
        .map(|program| Slot::new(program, threads))
        .collect();
    let wanted = |work: &&Work| {
        options
            .only
            .as_ref()
            .is_none_or(|only| only.iter().any(|name| name == work.name))
    };
    let works = WORKS
        .iter()
        .filter(wanted)
        .map(|work| (work, work.name.to_owned(), work.per))
        .collect();
    let lines = lines(&mut slots, works, options.rounds, options.milliseconds);
    results(slots, lines, options.rounds, options.milliseconds)
}

/// A product of a dense layer, or the multiply-add peak.
pub struct Product {
    pub input: usize,
    pub output: usize,
}

/// Layers of works 1 to 7, and squares.
const SIZES: [(usize, usize); 15] = [
    (4, 32),
    (32, 16),
    (16, 4),
    (8, 64),
    (64, 4),
    (64, 10),
    (8, 8),
    (16, 16),
    (32, 32),
    (64, 64),
    (64, 128),
    (128, 128),
    (128, 64),
    (128, 10),
    (784, 128),
];
pub const PRODUCT_BATCH: usize = 64;
pub const KINDS: [&str; 3] = ["forward", "input_gradient", "weight_gradient"];
/// Floating-point operations in a call of the work `8:peak` (`harness/src/peak.rs`).
pub const PEAK_OPERATIONS: f64 = 2.0 * 16.0 * 12.0 * 2048.0;

/// The products on one thread. The last outcome of each line is the peak in the same rounds.
pub fn products(programs: &[Program], options: &Options) -> Results<Product> {
    let able = |program: &&Program| matches!(program.name, OURS | "PyTorch" | "JAX");
    let mut slots: Vec<Slot> = programs
        .iter()
        .filter(able)
        .map(|program| Slot::new(program, 1))
        .collect();
    // A process of its own for the peak, so that it is measured in every round of every line.
    let mut peak = programs
        .iter()
        .find(|program| program.name == OURS)
        .map(|program| Slot::new(program, 1));
    let mut all = Vec::new();
    let (rounds, milliseconds) = (options.rounds.min(5), options.milliseconds.min(15));
    for (input, output) in SIZES {
        for kind in KINDS {
            let name = format!("8:{kind}:{input}x{output}");
            let mut outcomes: Vec<Outcome> =
                slots.iter_mut().map(|slot| slot.prepare(&name)).collect();
            let mut most = peak.as_mut().map(|peak| peak.prepare("8:peak"));
            for round in 0..rounds {
                for turn in 0..slots.len() {
                    let index = (turn + round) % slots.len();
                    slots[index].round(milliseconds, 1, &mut outcomes[index]);
                }
                if let (Some(peak), Some(most)) = (&mut peak, &mut most) {
                    peak.round(milliseconds / 3 + 1, 1, most);
                }
            }
            outcomes.extend(most);
            all.push(Line {
                work: Product { input, output },
                outcomes,
            });
        }
    }
    results(slots, all, rounds, milliseconds)
}
