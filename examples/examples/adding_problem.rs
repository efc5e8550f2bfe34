//! The adding problem (Hochreiter and Schmidhuber 1997): which recurrent cells remember a
//! hundred steps, and how the gradient fades over time in those that do not.
//!
//! Each step has a number from 0 to 1 and a mark; the answer is the sum of the two marked
//! numbers. Always answering 1 has a squared error of 1/6 = 0.167.
//!
//! `cargo run --release --example adding_problem -- 1`, where 1 is the seed. As measured,
//! squared errors on 1000 new sequences:
//!
//! | seed | plain tanh cell, after 3000 steps | GRU below 0.01 | LSTM below 0.01 |
//! |---|---|---|---|
//! | 1 | 0.169 | after 500 steps (600: 0.0033) | after 1100 steps (1500: 0.0013) |
//! | 2 | 0.163 | after 500 steps (600: 0.0043) | after 1150 steps (1500: 0.0017) |
//! | 3 | 0.171 | after 550 steps (600: 0.0042) | after 1050 steps (1500: 0.0016) |

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use network_core::report::Observer;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::error::Error;
use std::io::Write;

const STEPS: usize = 100;
const BATCH: usize = 64;

network! {
    /// The plain cell: every step multiplies the gradient by the same matrix.
    #[gradient_flow(allow)]
    pub struct Plain([2; STEPS]) -> 1 {
        rnn(32);
        last -> dense(1);
    }
}

network! {
    /// Gates decide how much of the state is kept.
    pub struct Gated([2; STEPS]) -> 1 {
        gru(32);
        last -> dense(1);
    }
}

network! {
    /// A cell of its own, kept by a forget gate that starts open.
    pub struct Long([2; STEPS]) -> 1 {
        lstm(32, forget_bias = 1.0);
        last -> dense(1);
    }
}

type Sequence = SVector<f32, { 2 * STEPS }>;
type Sum = SVector<f32, 1>;

/// New sequences with their answers: one mark in each half.
fn draw(rng: &mut Xoshiro256PlusPlus, n: usize) -> (Vec<Sequence>, Vec<Sum>) {
    (0..n)
        .map(|_| {
            let mut x = Sequence::zeros();
            for step in 0..STEPS {
                x[2 * step] = rng.random_range(0.0..1.0);
            }
            let marks = [
                rng.random_range(0..STEPS / 2),
                rng.random_range(STEPS / 2..STEPS),
            ];
            for mark in marks {
                x[2 * mark + 1] = 1.0;
            }
            (x, Sum::new(marks.iter().map(|mark| x[2 * mark]).sum()))
        })
        .unzip()
}

/// dL/dinput of each step: the root of its mean square over a batch, in decades.
fn over_time<N>(net: &N, x: &[Sequence], y: &[Sum]) -> Result<Vec<f64>, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = Sequence, Output = Sum>,
{
    let mut workspace = N::workspace::<BATCH>();
    let mut d_x = vec![Sequence::zeros(); x.len()];
    workspace.forward(net, x);
    workspace.loss(&Mse::default(), y)?;
    workspace.backward(net, x, Some(&mut d_x), &mut N::gradient(), false);
    Ok((0..STEPS)
        .map(|step| {
            let square =
                |d: &Sequence| f64::from(d[2 * step]).powi(2) + f64::from(d[2 * step + 1]).powi(2);
            let mean = d_x.iter().map(square).sum::<f64>() / x.len() as f64;
            0.5 * mean.max(1e-80).log10()
        })
        .collect())
}

/// One row of the drawing: a block for every other step, full where the gradient is that of
/// the last step, one eighth lower for each decade less.
fn bars(decades: &[f64]) -> String {
    let last = decades[STEPS - 1];
    decades
        .iter()
        .step_by(2)
        .map(|d| match (8.0 + (d - last).min(0.0)).round() {
            height if height < 1.0 => ' ',
            height => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][height as usize - 1],
        })
        .collect()
}

/// Trains with new sequences at every step, and tells how it went.
fn train<N>(name: &str, seed: u64, steps: usize) -> Result<f64, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = Sequence, Output = Sum>,
{
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed + 6);
    let (test_x, test_y) = draw(&mut rng, 1000);
    let mut net = N::boxed(seed);
    let mut workspace = N::workspace::<BATCH>();
    let mut gradient = N::gradient();
    let mut adam = Adam::new(3e-3).for_network::<N>();
    let test = |net: &N| {
        let mut y = vec![Sum::zeros(); test_x.len()];
        Network::infer(net, &test_x, &mut y);
        let errors = y
            .iter()
            .zip(&test_y)
            .map(|(y, t)| f64::from((y - t)[0]).powi(2));
        errors.sum::<f64>() / test_x.len() as f64
    };

    let mut observer = Observer::new();
    println!("\n{name}: {} parameters", N::PARAMETERS);
    let start = over_time(&*net, &test_x[..BATCH], &test_y[..BATCH])?;
    let mut solved = None;
    print!("  error");
    for step in 0..steps {
        if step % (steps / 10).max(1) == 0 {
            print!(" {:.3}", test(&net));
            std::io::stdout().flush()?;
        }
        let (x, y) = draw(&mut rng, BATCH);
        observer.forward(&mut *net, &x, &mut workspace);
        let loss = workspace.loss(&Mse::default(), &y)?;
        observer.backward(&mut *net, &x, &mut workspace, &mut gradient, loss);
        clip_by_norm::<N>(&mut gradient, 1.0)?;
        if observer.step(&mut *net, &gradient, &mut adam).is_break() {
            break;
        }
        if solved.is_none() && step % 50 == 49 && test(&net) < 0.01 {
            solved = Some(step + 1);
        }
    }
    let error = test(&net);
    println!(" {error:.4}");
    match solved {
        Some(step) => println!("  below 0.01 after {step} steps"),
        None => println!("  not below 0.01 in {steps} steps"),
    }
    let end = over_time(&*net, &test_x[..BATCH], &test_y[..BATCH])?;
    println!("  gradient over time, from the first step to the last:");
    for (when, decades) in [("start", start), ("end", end)] {
        let lost = decades[STEPS - 1] - decades[0];
        println!("  {when:>5} [{}] {lost:5.1} decades lost", bars(&decades));
    }
    // Of each kind the worst, which comes first.
    let findings = &observer.report().findings;
    let is_first = |n: &usize| findings[..*n].iter().all(|f| f.kind != findings[*n].kind);
    for finding in (0..findings.len()).filter(is_first).map(|n| &findings[n]) {
        let until = match finding.ended {
            Some(step) => format!("until step {step}"),
            None => "to the end".to_owned(),
        };
        println!(
            "  report: {}, from step {} {until}",
            finding.headline, finding.began
        );
        println!("          {}", finding.cause);
        if let Some(edit) = finding.edits.first() {
            println!("          cure: {}", edit.text);
        }
    }
    Ok(error)
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short");
    let steps = |long| if short { 60 } else { long };
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    println!("the sum of two marked numbers among {STEPS}; always answering 1: error 0.167");
    train::<Plain>("plain tanh cell", seed, steps(3000))?;
    train::<Gated>("GRU", seed, steps(600))?;
    train::<Long>("LSTM, forget bias 1", seed, steps(1500))?;
    Ok(())
}
