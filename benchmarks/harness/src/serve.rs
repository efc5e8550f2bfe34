//! The clock, and the protocol by which `benchmarks/run` lets programs take turns.
//!
//! A program stays alive between its turns, so that all of them can be measured in interleaved
//! rounds: a machine that gets slower gets slower for everyone. Its lines begin with `@`:
//!
//! | asked on standard input | answered on standard output |
//! |---|---|
//! | `describe` | `@ describe <words>` |
//! | `prepare <work>` | `@ ready <figures that must agree>`, `@ skip <reason>` or `@ error <reason>` |
//! | `round <milliseconds>` | `@ times <median> <least> <samples>`, nanoseconds for one call |

use crate::peak::Peak;
use crate::works::{CHECKPOINTS, Work};
use std::any::Any;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Why a peer does not do a work.
#[derive(Debug)]
pub struct Skip(pub String);

impl<T: Into<String>> From<T> for Skip {
    fn from(reason: T) -> Self {
        Self(reason.into())
    }
}

/// A program that is measured.
pub trait Peer {
    /// What it runs on, such as its instruction set: words for the table's notes.
    fn describe() -> String {
        String::new()
    }
    /// Gets a work ready to be done, on so many threads.
    fn prepare(work: &Work, threads: usize) -> Result<Measured, Skip>;
}

/// Training from the common initial weights on the common data.
pub trait Training {
    /// Back to the initial weights and an optimizer that remembers nothing.
    fn reset(&mut self);
    /// One step (forward, loss, backward, Adam) on a batch.
    fn step(&mut self, batch: usize);
    /// The loss that the last step saw before it changed the weights.
    fn loss(&mut self) -> f64;
}

/// Work that is ready to be done again and again.
pub struct Measured(Box<dyn Repeat>);

impl Measured {
    /// A call that leaves an output, which is compared: sample after sample.
    pub fn call<S: 'static>(
        state: S,
        call: impl FnMut(&mut S) + 'static,
        output: impl FnMut(&mut S) -> Vec<f32> + 'static,
    ) -> Self {
        Self(Box::new(Call {
            state,
            call,
            output,
        }))
    }

    /// Training steps on `batches` batches in turn.
    pub fn training(training: impl Training + 'static, batches: usize) -> Self {
        Self(Box::new(Steps {
            training,
            batches,
            step: 0,
        }))
    }
}

/// What is timed, without knowing what it is.
trait Repeat {
    /// To where every round begins.
    fn start(&mut self);
    fn run(&mut self, times: usize);
    /// Figures that must be the same for all.
    fn check(&mut self) -> Vec<f64>;
}

struct Call<S, C, O> {
    state: S,
    call: C,
    output: O,
}

impl<S, C: FnMut(&mut S), O: FnMut(&mut S) -> Vec<f32>> Repeat for Call<S, C, O> {
    fn start(&mut self) {}
    fn run(&mut self, times: usize) {
        for _ in 0..times {
            (self.call)(&mut self.state);
        }
    }
    fn check(&mut self) -> Vec<f64> {
        self.run(1);
        let output = (self.output)(&mut self.state);
        let weighted = |(index, y): (usize, &f32)| f64::from(*y) * (1.0 + (index % 7) as f64);
        let mean = output.iter().enumerate().map(weighted).sum::<f64>() / output.len() as f64;
        let size = output.iter().map(|y| f64::from(y.abs())).sum::<f64>() / output.len() as f64;
        vec![
            mean,
            size,
            f64::from(output[0]),
            f64::from(output[output.len() - 1]),
        ]
    }
}

struct Steps<T> {
    training: T,
    batches: usize,
    step: usize,
}

impl<T: Training> Repeat for Steps<T> {
    fn start(&mut self) {
        self.training.reset();
        self.step = 0;
    }
    fn run(&mut self, times: usize) {
        for _ in 0..times {
            self.training.step(self.step % self.batches);
            self.step += 1;
        }
    }
    fn check(&mut self) -> Vec<f64> {
        self.start();
        CHECKPOINTS
            .iter()
            .map(|checkpoint| {
                self.run(checkpoint - self.step);
                self.training.loss()
            })
            .collect()
    }
}

/// What is left of a panic for a message.
fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked");
    text.replace('\n', " ")
}

/// Shortest time that a sample takes, so that reading the clock costs nothing in comparison.
const SAMPLE: Duration = Duration::from_micros(500);

/// A work and how many calls make a sample.
struct Prepared {
    measured: Measured,
    times: usize,
}

impl Prepared {
    fn new(mut measured: Measured) -> (Self, Vec<f64>) {
        let check = measured.0.check();
        measured.0.start();
        let mut times = 1;
        let times = loop {
            let start = Instant::now();
            measured.0.run(times);
            let elapsed = start.elapsed();
            if elapsed >= SAMPLE {
                break times;
            }
            times *= 2;
        };
        (Self { measured, times }, check)
    }

    /// The median and least time of one call, in nanoseconds, and the number of samples.
    fn round(&mut self, budget: Duration) -> (f64, f64, usize) {
        self.measured.0.start();
        // Caches and clock frequency are not what is measured.
        let begin = Instant::now();
        while begin.elapsed() < budget / 8 {
            self.measured.0.run(1);
        }
        let mut samples = Vec::new();
        let begin = Instant::now();
        while samples.len() < 3 || begin.elapsed() < budget {
            let start = Instant::now();
            self.measured.0.run(self.times);
            samples.push(start.elapsed().as_nanos() as f64 / self.times as f64);
        }
        samples.sort_by(f64::total_cmp);
        (samples[samples.len() / 2], samples[0], samples.len())
    }
}

fn prepare<P: Peer>(work: &str, threads: usize) -> Result<(Prepared, Vec<f64>), Skip> {
    let parsed = Work::parse(work).ok_or("unknown work")?;
    let measured = if parsed == Work::Peak {
        Measured::call(
            Peak::new(),
            |peak| peak.run(),
            |_| vec![crate::peak::OPERATIONS as f32],
        )
    } else {
        P::prepare(&parsed, threads)?
    };
    Ok(Prepared::new(measured))
}

/// Answers what is asked on standard input until it ends. `BENCHMARK_THREADS` tells how many
/// threads a work may use.
pub fn serve<P: Peer + 'static>() {
    // Big nets by value are a peer's own business: they get the stack they need.
    let worker = std::thread::Builder::new()
        .stack_size(1 << 28)
        .spawn(answer::<P>);
    worker
        .expect("a thread")
        .join()
        .expect("no panic outside of a work");
}

fn answer<P: Peer + 'static>() {
    let threads = std::env::var("BENCHMARK_THREADS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let mut prepared: Option<Prepared> = None;
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let reply = match verb {
            "describe" => format!("describe {}", P::describe()),
            "prepare" => {
                prepared = None;
                match catch_unwind(|| prepare::<P>(rest, threads)) {
                    Ok(Ok((ready, check))) => {
                        prepared = Some(ready);
                        let numbers: Vec<String> = check.iter().map(f64::to_string).collect();
                        format!("ready {}", numbers.join(" "))
                    }
                    Ok(Err(Skip(reason))) => format!("skip {reason}"),
                    Err(panic) => format!("error {}", reason(&*panic)),
                }
            }
            "round" => {
                let budget = Duration::from_millis(rest.parse().unwrap_or(50));
                match prepared.as_mut() {
                    None => "error nothing is prepared".to_owned(),
                    Some(work) => match catch_unwind(AssertUnwindSafe(|| work.round(budget))) {
                        Ok((median, least, samples)) => {
                            format!("times {median} {least} {samples}")
                        }
                        Err(panic) => format!("error {}", reason(&*panic)),
                    },
                }
            }
            _ => format!("error unknown request `{verb}`"),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "@ {reply}")
            .and_then(|()| out.flush())
            .expect("standard output");
    }
}
