//! A GRU learns to say the next sample of a signal, at every step of a sequence, and then
//! goes on by itself on a stream: one sample at a time, its own words as its next input.
//!
//! `cargo run --release --example sine_forecast`: the squared error of the next sample ends at
//! 0.0012, most of it in the first samples of a sequence, which nobody could know; of the 70
//! samples that it says alone, 0.0002.

use network_core::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::error::Error;
use std::f32::consts::TAU;
use std::time::Instant;

const STEPS: usize = 80;

network! {
    /// The next sample at every step. No gradient goes back more than 40 steps.
    pub struct Forecast([1; STEPS]) -> [1; STEPS] {
        gru(32, truncate = 40);
        dense(1);
    }
}

type Series = SVector<f32, STEPS>;
type Sample = SVector<f32, 1>;

/// Two tones that never quite meet, from a random time on.
fn signal(time: f32) -> f32 {
    0.6 * (TAU * time / 17.0).sin() + 0.4 * (TAU * time / 7.3).sin()
}

/// A curve as dots, from -1 below to 1 above.
fn draw(heard: &[f32], said: &[f32], truth: &[f32]) {
    const ROWS: usize = 13;
    let row =
        |value: f32| (((1.0 - value.clamp(-1.0, 1.0)) / 2.0) * (ROWS - 1) as f32).round() as usize;
    let mut canvas = vec![vec![' '; heard.len() + said.len()]; ROWS];
    for (column, value) in heard.iter().enumerate() {
        canvas[row(*value)][column] = '·';
    }
    for (column, (said, truth)) in said.iter().zip(truth).enumerate() {
        let column = heard.len() + column;
        canvas[row(*truth)][column] = '·';
        canvas[row(*said)][column] = '●';
    }
    for line in canvas {
        println!("{}", line.into_iter().collect::<String>().trim_end());
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short");
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let data = Dataset::from_pairs((0..640).map(|_| {
        let start = rng.random_range(0.0..1000.0);
        let at = |step: usize| signal(start + step as f32);
        (
            Series::from_fn(|t, _| at(t)),
            Series::from_fn(|t, _| at(t + 1)),
        )
    }))?;
    let epochs = if short { 5 } else { 60 };
    let mut net = Forecast::new(1);
    let mut trainer = Trainer::<Forecast, _, _, 32>::new(Mse::default(), Adam::new(5e-3))
        .epochs(epochs)
        .clip(Clip::Norm(1.0));
    let steps = trainer.steps(data.len());
    trainer = trainer.schedule(CosineDecay::new(5e-3, steps));
    let history = trainer.fit(&mut net, &data, None)?;
    let loss = history.last().map_or(f64::NAN, |epoch| epoch.train_loss);
    println!(
        "squared error of the next sample, from the first of a sequence on, after {epochs} epochs: {loss:.4}\n"
    );

    // First the network hears the signal, then it goes on alone.
    let mut state = Forecast::state();
    let heard: Vec<f32> = (0..40).map(|t| signal(t as f32)).collect();
    let mut next = Sample::zeros();
    for sample in &heard {
        next = net.step(&Sample::new(*sample), &mut state);
    }
    let mut said = Vec::new();
    for _ in 0..70 {
        said.push(next[0]);
        next = net.step(&next, &mut state);
    }
    let truth: Vec<f32> = (40..110).map(|t| signal(t as f32)).collect();
    draw(&heard, &said, &truth);
    let error = said
        .iter()
        .zip(&truth)
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f32>()
        / 70.0;
    println!(
        "\n·: the signal; ●: 70 samples that the network says alone, with squared error {error:.4}"
    );

    let start = Instant::now();
    for _ in 0..20_000 {
        next = net.step(std::hint::black_box(&next), &mut state);
    }
    std::hint::black_box(next);
    let time = start.elapsed().as_secs_f64() / 20_000.0;
    println!(
        "one step of the stream takes {:.0} ns on {}",
        1e9 * time,
        network_core::simd_path(),
    );
    Ok(())
}
