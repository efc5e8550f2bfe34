//! The two small tasks that every network is trained on, both of 64 numbers to 10 classes.

use crate::networks::Input;
use declarations::{INPUTS, OUTPUTS};
use network_core::data::Dataset;
use network_core::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use std::error::Error;

/// A task and its name.
pub struct Task {
    pub name: &'static str,
    pub data: Dataset<Input, usize>,
}

/// The names of all tasks.
pub const NAMES: [&str; 2] = ["clusters", "digits"];

/// All tasks.
///
/// # Errors
/// If the data cannot be read.
pub fn all() -> Result<Vec<Task>, Box<dyn Error>> {
    Ok(vec![
        Task {
            name: NAMES[0],
            data: clusters()?,
        },
        Task {
            name: NAMES[1],
            data: digits()?,
        },
    ])
}

/// Thirty clusters on a random plane of 8 dimensions in 64, three for each class: no linear map
/// separates them.
fn clusters() -> Result<Dataset<Input, usize>, Box<dyn Error>> {
    const PLANE: usize = 8;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut normal = || rng.sample::<f32, _>(StandardNormal);
    let embedding = SMatrix::<f32, INPUTS, PLANE>::from_fn(|_, _| normal());
    let centres: Vec<SVector<f32, PLANE>> = (0..3 * OUTPUTS)
        .map(|_| SVector::from_fn(|_, _| normal()))
        .collect();
    let samples = (0..1800).map(|index| {
        let at = centres[index % centres.len()] + SVector::from_fn(|_, _| 0.25 * normal());
        (embedding * at, index % OUTPUTS)
    });
    standardise(Dataset::from_pairs(samples.collect::<Vec<_>>())?)
}

/// The handwritten digits of the examples.
fn digits() -> Result<Dataset<Input, usize>, Box<dyn Error>> {
    let bytes = include_bytes!("../../../examples/data/digits.csv");
    let columns = 0..INPUTS;
    standardise(
        Csv::from_reader(&bytes[..])
            .header(false)
            .numeric(columns)
            .read_classes::<Input>(INPUTS)?,
    )
}

/// Mean 0 for every number, and one variance of 1 for all: what predictions are made for.
fn standardise(data: Dataset<Input, usize>) -> Result<Dataset<Input, usize>, Box<dyn Error>> {
    let samples = data.len() as f32;
    let mean = data.inputs().iter().sum::<Input>() / samples;
    let square: f32 = data
        .inputs()
        .iter()
        .map(|x| (x - mean).norm_squared())
        .sum();
    let scale = (samples * INPUTS as f32 / square).sqrt();
    Ok(data.map_inputs(|x| *x = (*x - mean) * scale)?)
}
