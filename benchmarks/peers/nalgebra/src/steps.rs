//! What needs no matrix: Adam and the losses, on slices.

use harness::works::LEARNING_RATE;

/// One parameter's gradient and Adam's moments.
pub struct State {
    pub gradient: Vec<f32>,
    m: Vec<f32>,
    v: Vec<f32>,
}

impl State {
    pub fn new(len: usize) -> Self {
        Self {
            gradient: vec![0.0; len],
            m: vec![0.0; len],
            v: vec![0.0; len],
        }
    }

    pub fn reset(&mut self) {
        self.m.fill(0.0);
        self.v.fill(0.0);
    }

    /// Adam's update number `step`, counted from 1.
    pub fn update(&mut self, value: &mut [f32], step: i32) {
        let size = (LEARNING_RATE / (1.0 - 0.9_f64.powi(step))) as f32;
        let correction = (1.0 / (1.0 - 0.999_f64.powi(step)).sqrt()) as f32;
        let moments = self.m.iter_mut().zip(&mut self.v);
        for ((value, gradient), (m, v)) in value.iter_mut().zip(&self.gradient).zip(moments) {
            *m = 0.9 * *m + 0.1 * gradient;
            *v = 0.999 * *v + 0.001 * gradient * gradient;
            *value -= size * *m / (v.sqrt() * correction + 1e-8);
        }
    }
}

/// Mean squared error; leaves its derivative in `d`.
pub fn mse(y: &[f32], target: &[f32], d: &mut [f32]) -> f32 {
    let factor = 2.0 / y.len() as f32;
    let mut sum = 0.0;
    for ((y, target), d) in y.iter().zip(target).zip(d) {
        let error = y - target;
        sum += error * error;
        *d = factor * error;
    }
    sum / y.len() as f32
}

/// Mean cross-entropy of logits, sample after sample; leaves its derivative in `d`.
pub fn cross_entropy(y: &[f32], class: &[usize], d: &mut [f32]) -> f32 {
    let outputs = y.len() / class.len();
    let share = 1.0 / class.len() as f32;
    let mut total = 0.0;
    let samples = y.chunks_exact(outputs).zip(d.chunks_exact_mut(outputs));
    for ((y, d), &class) in samples.zip(class) {
        let largest = y.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for (y, d) in y.iter().zip(&mut *d) {
            *d = (y - largest).exp();
            sum += *d;
        }
        total += sum.ln() + largest - y[class];
        d.iter_mut().for_each(|d| *d *= share / sum);
        d[class] -= share;
    }
    total * share
}
