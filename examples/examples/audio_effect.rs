//! Learns a guitar amplifier's distortion from examples of clean and distorted sound, and
//! then plays: one sample in, one sample out, as an audio plug-in works.
//!
//! `cargo run --release --example audio_effect`
//!
//! The amplifier is a formula here (a tone filter, then a soft, uneven clipper), which the
//! network does not know: it sees sound before and after. Dilated causal convolutions give
//! it a memory of 31 samples (WaveNet, van den Oord et al. 2016; for amplifiers: Damskägg
//! et al. 2019). After 30 epochs over 5.8 seconds of sound the error-to-signal ratio on new
//! sound is 0.0011.

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use std::error::Error;
use std::f32::consts::TAU;
use std::hint::black_box;
use std::time::Instant;

/// Samples of a piece of sound for training.
const PIECE: usize = 128;
/// Samples a second.
const RATE: f32 = 44_100.0;

network! {
    /// Clean sound in, distorted sound out.
    #[derive(Clone, Debug)]
    pub struct Amplifier([1; PIECE]) -> [1; PIECE] {
        stem: conv1d(8, kernel = 2, padding = causal) -> tanh;
        residual { conv1d(8, kernel = 2, padding = causal, dilation = 2) -> tanh };
        residual { conv1d(8, kernel = 2, padding = causal, dilation = 4) -> tanh };
        residual { conv1d(8, kernel = 2, padding = causal, dilation = 8) -> tanh };
        residual { conv1d(8, kernel = 2, padding = causal, dilation = 16) -> tanh };
        head: conv1d(1, kernel = 1);
    }
}

/// What is to be learned.
#[derive(Default)]
struct Formula {
    low: f32,
}

impl Formula {
    fn next(&mut self, x: f32) -> f32 {
        // A filter of first order takes out the bass; the clipper bends up and down unevenly.
        self.low += 0.2 * (x - self.low);
        let driven = 3.0 * (x - 0.7 * self.low);
        let bent = driven + 0.2;
        (bent / (1.0 + bent * bent).sqrt() - 0.2 / 1.04_f32.sqrt()) * 0.8
    }
}

/// A few strings, plucked anew now and then.
struct Guitar {
    state: u64,
    strings: [(f32, f32, f32); 3],
    time: u32,
}

impl Guitar {
    fn new(seed: u64) -> Self {
        Self {
            state: seed,
            strings: [(0.0, 0.0, 0.0); 3],
            time: 0,
        }
    }

    /// Uniform from 0 to 1.
    fn uniform(&mut self) -> f32 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 40) as f32 / (1u64 << 24) as f32
    }

    fn next(&mut self) -> f32 {
        if self.time.is_multiple_of(2000) {
            let string = self.time as usize / 2000 % 3;
            let pitch = 82.4 * 2.0_f32.powf(3.0 * self.uniform());
            self.strings[string] = (pitch, 0.3 + 0.4 * self.uniform(), 0.0);
        }
        self.time += 1;
        let mut sound = 0.0;
        for (pitch, loudness, phase) in &mut self.strings {
            *phase = (*phase + *pitch / RATE).fract();
            *loudness *= 0.9997;
            let wave = (TAU * *phase).sin() + 0.5 * (2.0 * TAU * *phase).sin();
            sound += *loudness * wave;
        }
        0.6 * sound
    }
}

type Sound = SVector<f32, PIECE>;

/// Pieces of sound before and after the amplifier.
fn record(seed: u64, pieces: usize) -> (Vec<Sound>, Vec<Sound>) {
    let (mut guitar, mut amplifier) = (Guitar::new(seed), Formula::default());
    (0..pieces)
        .map(|_| {
            let clean = Sound::from_fn(|_, _| guitar.next());
            (clean, clean.map(|x| amplifier.next(x)))
        })
        .unzip()
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short");
    let (pieces, epochs) = if short { (300, 2) } else { (2000, 30) };
    let (clean, distorted) = record(1, pieces);
    let train = Dataset::new(clean, distorted)?;
    println!("{}", Summary::of::<Amplifier>());
    println!(
        "{:.1} seconds of sound for training\n",
        (pieces * PIECE) as f32 / RATE
    );

    let mut net = Amplifier::boxed(1);
    let mut trainer = Trainer::<Amplifier, _, _, 16>::new(Mse::default(), Adam::new(3e-3))
        .epochs(epochs)
        .seed(1);
    let history = trainer.fit(&mut net, &train, None)?;
    println!("{history}");

    play(&net, if short { 44_100 } else { 10 * 44_100 });
    Ok(())
}

/// Plays sound that the network has not heard, sample by sample.
fn play(net: &Amplifier, samples: usize) {
    let (mut guitar, mut amplifier) = (Guitar::new(2), Formula::default());
    let clean: Vec<_> = (0..samples)
        .map(|_| SVector::<f32, 1>::from([guitar.next()]))
        .collect();
    let mut state = Amplifier::state();
    let mut played = Vec::with_capacity(samples);
    let start = Instant::now();
    for x in &clean {
        played.push(net.step(black_box(x), &mut state)[0]);
    }
    let each = start.elapsed().as_secs_f64() / samples as f64;

    let (mut error, mut power) = (0.0, 0.0);
    for (x, y) in clean.iter().zip(&played) {
        let expected = f64::from(amplifier.next(x[0]));
        error += (f64::from(*y) - expected).powi(2);
        power += expected.powi(2);
    }

    // The stream is the whole sequence, bit for bit.
    let piece = Sound::from_fn(|t, _| clean[t][0]);
    let whole = net.predict(&piece);
    let same = whole.iter().zip(&played).all(|(a, b)| a == b);
    println!(
        "the first {PIECE} samples of the stream and of the whole piece: {}",
        if same { "the same bits" } else { "DIFFERENT" }
    );
    println!("error-to-signal ratio {:.4} on new sound", error / power);
    println!(
        "{:.0} ns a sample, {:.0} times faster than sound at {RATE} samples a second, on {}",
        1e9 * each,
        1.0 / (f64::from(RATE) * each),
        network_core::simd_path(),
    );
}
