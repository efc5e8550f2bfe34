//! He et al. 2015: rectifier networks of 22 layers converge with Xavier's and with He's
//! initialisation; with 30 layers Xavier's "completely stalls the learning". Other activations
//! cure it too.

use crate::Lesson;
use crate::measure::normal;
use network_core::prelude::*;
use network_examples::plot::{Axis, Chart, Mark, Series};
use std::error::Error;
use std::ops::ControlFlow;

macro_rules! networks {
    ($($name:ident: $init:ident, $repeated:literal, $activation:ident;)*) => {$(
        network! {
            #[gradient_flow(allow)]
            struct $name(16) -> 4 {
                init = $init;

                first: dense(64) -> $activation;
                others: repeat($repeated) { dense(64) -> $activation };
                head: dense(4);
            }
        }
    )*};
}
networks! {
    Xavier22: xavier_normal, 20, relu;
    He22: he_normal, 20, relu;
    Xavier30: xavier_normal, 28, relu;
    He30: he_normal, 28, relu;
    Selu30: lecun_normal, 28, selu;
    Tanh30: xavier_normal, 28, tanh;
}

type Point = SVector<f32, 16>;
const STEPS: usize = 1000;
const BATCH: usize = 64;

pub fn run(lesson: &mut Lesson) -> Result<(), Box<dyn Error>> {
    println!(
        "He et al. 2015: {STEPS} steps of gradient descent at 0.03 on twelve clusters of four\n\
         classes, 64 units a layer; guessing has a loss of ln 4 = {:.3}\n",
        4.0_f64.ln()
    );
    println!(
        "{:<28}{:>12}{:>20}{:>12}",
        "", "G predicted", "loss at the start", "at the end"
    );
    let task = task()?;
    let mut series = Vec::new();
    let ends = [
        row::<Xavier22>("22 layers, relu, xavier", &task, &mut series)?,
        row::<He22>("22 layers, relu, he", &task, &mut series)?,
        row::<Xavier30>("30 layers, relu, xavier", &task, &mut series)?,
        row::<He30>("30 layers, relu, he", &task, &mut series)?,
        row::<Selu30>("30 layers, selu, lecun", &task, &mut series)?,
        row::<Tanh30>("30 layers, tanh, xavier", &task, &mut series)?,
    ];
    println!();
    let stalled = ends[2] > 0.99 * 4.0_f64.ln();
    lesson
        .checks
        .that("30 layers with Xavier stall at ln 4", stalled);
    for index in [0, 1, 3, 4, 5] {
        let what = format!("{} converge: {:.3}", series[index].name, ends[index]);
        lesson.checks.that(&what, ends[index] < 0.5 * 4.0_f64.ln());
    }
    let chart = Chart {
        title: "He et al. 2015: loss while training".to_owned(),
        x: Axis::new("step"),
        y: Axis::new("cross-entropy, mean of 20 steps").range(0.0..2.0),
        series,
    };
    lesson.plot("he.svg", &chart)
}

/// Trains a network, prints a row, adds its losses to the chart; returns the last one, as all of
/// them a mean over 20 steps.
fn row<N>(
    name: &str,
    task: &Dataset<Point, usize>,
    series: &mut Vec<Series>,
) -> Result<f64, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = Point, Output = SVector<f32, 4>>,
{
    let mut losses = Vec::new();
    let mut net = N::boxed(2);
    Trainer::<N, _, _, BATCH>::new(CrossEntropy::default(), Sgd::new(0.03))
        .epochs(STEPS)
        .progress(false)
        .on_step(|report| {
            losses.push(report.loss);
            match losses.len() {
                STEPS => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })
        .fit(&mut net, task, None)?;
    let means: Vec<f64> = losses
        .chunks(20)
        .map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64)
        .collect();
    let (first, last) = (losses[0], means[means.len() - 1]);
    let g = N::FLOW.decades.ok_or("no prediction")?;
    println!("{name:<28}{g:>+12.2}{first:>20.3}{last:>12.3}");
    series.push(Series {
        name: name.to_owned(),
        points: (1..)
            .map(|mean| 20.0 * f64::from(mean) - 10.0)
            .zip(means)
            .collect(),
        mark: Mark::Line,
        colour: series.len(),
    });
    Ok(last)
}

/// Twelve clusters in 16 dimensions, three for each class.
fn task() -> Result<Dataset<Point, usize>, Box<dyn Error>> {
    let centres = normal::<16>(1, 12);
    let noise = normal::<16>(2, 24 * BATCH);
    let samples = noise.iter().enumerate();
    Ok(Dataset::from_pairs(samples.map(|(index, noise)| {
        (0.8 * centres[index % 12] + 0.6 * noise, index % 4)
    }))?)
}
