//! Glorot and Bengio 2010, figures 6 and 7: five hidden layers of a thousand tanh units, with the
//! "standard" initialisation U(-1/sqrt n, 1/sqrt n) and with the normalised one.

use crate::Lesson;
use crate::measure::{beside, measure, normal};
use network_core::prelude::*;
use network_examples::plot::{Axis, Chart, Mark, Series};
use std::error::Error;

network! {
    /// Initialised as was usual before 2010.
    #[gradient_flow(allow)]
    struct Standard(1024) -> 10 {
        init = pytorch_default;

        first: dense(1000) -> tanh;
        others: repeat(4) { dense(1000) -> tanh };
        head: dense(10);
    }
}

network! {
    /// Initialised as Glorot and Bengio propose.
    struct Normalised(1024) -> 10 {
        init = xavier_uniform;

        first: dense(1000) -> tanh;
        others: repeat(4) { dense(1000) -> tanh };
        head: dense(10);
    }
}

const BATCH: usize = 300;
const HIDDEN: usize = 5;

/// One figure for each hidden layer.
struct Profile {
    name: &'static str,
    activation: [f64; HIDDEN],
    predicted_activation: [f64; HIDDEN],
    delta: [f64; HIDDEN],
    predicted_delta: [f64; HIDDEN],
    weight_gradient: [f64; HIDDEN],
}

/// What the NumPy simulation found.
struct Reference {
    activation: [f64; HIDDEN],
    first_delta: f64,
    last_delta: f64,
}

pub fn run(lesson: &mut Lesson) -> Result<(), Box<dyn Error>> {
    println!("Glorot and Bengio 2010: five hidden layers of 1000 tanh units, batch of 300\n");
    let standard = profile::<Standard>("standard")?;
    let normalised = profile::<Normalised>("normalised")?;
    let expected = Reference {
        activation: [0.460, 0.249, 0.142, 0.081, 0.047],
        first_delta: 1.4e-3,
        last_delta: 1.7e-2,
    };
    standard.show(lesson, &expected);
    let expected = Reference {
        activation: [0.629, 0.486, 0.409, 0.358, 0.323],
        first_delta: 1.6e-2,
        last_delta: 3.8e-2,
    };
    normalised.show(lesson, &expected);

    let flat = standard.weight_gradient;
    let spread = flat.iter().copied().fold(0.0, f64::max)
        / flat.iter().copied().fold(f64::INFINITY, f64::min);
    println!(
        "The trap: under the standard initialisation the gradient with respect to the weights is\n\
         flat (its largest over its smallest layer: {spread:.2}), because what the deltas lose on their\n\
         way back the activations lose on their way forward. Who watches only weight gradients\n\
         sees a healthy network.\n"
    );
    lesson
        .checks
        .that("the weight gradient is flat", spread < 1.15);
    let mean = flat.iter().sum::<f64>() / HIDDEN as f64;
    lesson
        .checks
        .relative("weight gradient, standard", mean, 8.0e-5, 0.1);
    plots(lesson, &[standard, normalised])
}

/// Measures a network on a batch with random labels.
fn profile<N>(name: &'static str) -> Result<Profile, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = SVector<f32, 1024>, Output = SVector<f32, 10>>,
{
    let x = normal::<1024>(1, BATCH);
    let labels: Vec<usize> = (0..BATCH).map(|sample| sample % 10).collect();
    let mut refused = None;
    let layers = measure::<N, BATCH>(2, &x, |workspace| {
        refused = workspace.loss(&CrossEntropy::default(), &labels).err();
    });
    if let Some(error) = refused {
        return Err(error.into());
    }
    let layers = beside::<N>(layers)?;
    let all = |word: &'static str| layers.iter().filter(move |(_, p)| p.word == word);
    let figures = |values: Vec<f64>| -> Result<[f64; HIDDEN], Box<dyn Error>> {
        Ok(values[..HIDDEN].try_into()?)
    };
    let spread = |p: &network_core::flow::LayerPrediction| {
        f64::from(p.second_moment - p.mean * p.mean).sqrt()
    };
    // The loss is a mean over the batch; per example it is so many times as large.
    let delta = figures(
        all("dense")
            .map(|(m, _)| m.delta_square.sqrt() * BATCH as f64)
            .collect(),
    )?;
    let last = all("dense")
        .nth(HIDDEN - 1)
        .map_or(0.0, |(_, p)| f64::from(p.gradient));
    let predicted = |p: f32| delta[HIDDEN - 1] * 10.0_f64.powf(f64::from(p) - last);
    Ok(Profile {
        name,
        activation: figures(all("tanh").map(|(m, _)| m.deviation()).collect())?,
        predicted_activation: figures(all("tanh").map(|(_, p)| spread(p)).collect())?,
        predicted_delta: figures(all("dense").map(|(_, p)| predicted(p.gradient)).collect())?,
        delta,
        weight_gradient: figures(
            all("dense")
                .map(|(m, _)| m.weight_gradient_square.sqrt())
                .collect(),
        )?,
    })
}

impl Profile {
    fn show(&self, lesson: &mut Lesson, expected: &Reference) {
        println!(
            "{:<10} layer   activation: std  predicted  reference   delta: RMS  predicted   weight gradient",
            self.name
        );
        for layer in 0..HIDDEN {
            println!(
                "{:>16} {:>18.3} {:>10.3} {:>10.3} {:>12.2e} {:>10.2e} {:>17.2e}",
                layer + 1,
                self.activation[layer],
                self.predicted_activation[layer],
                expected.activation[layer],
                self.delta[layer],
                self.predicted_delta[layer],
                self.weight_gradient[layer],
            );
            let what = format!("{}, activation of layer {}", self.name, layer + 1);
            let (ours, theirs) = (self.activation[layer], expected.activation[layer]);
            lesson.checks.relative(&what, ours, theirs, 0.02);
            lesson
                .checks
                .relative(&what, ours, self.predicted_activation[layer], 0.02);
            let what = format!("{}, delta of layer {}", self.name, layer + 1);
            lesson
                .checks
                .relative(&what, self.delta[layer], self.predicted_delta[layer], 0.05);
        }
        let what = format!("{}, delta of the first layer", self.name);
        lesson
            .checks
            .relative(&what, self.delta[0], expected.first_delta, 0.08);
        let what = format!("{}, delta of the last layer", self.name);
        lesson
            .checks
            .relative(&what, self.delta[HIDDEN - 1], expected.last_delta, 0.08);
        println!();
    }
}

fn plots(lesson: &Lesson, profiles: &[Profile]) -> Result<(), Box<dyn Error>> {
    let series = |pick: fn(&Profile) -> [f64; HIDDEN], mark: Mark, what: &'static str| {
        profiles
            .iter()
            .enumerate()
            .map(move |(colour, profile)| Series {
                name: format!("{}, {what}", profile.name),
                points: (1..)
                    .zip(pick(profile))
                    .map(|(l, y)| (f64::from(l), y.log10()))
                    .collect(),
                mark,
                colour,
            })
    };
    let x = || Axis::new("layer").range(0.5..5.5);
    let forward = Chart {
        title: "Glorot and Bengio 2010: the signal on its way forward".to_owned(),
        x: x(),
        y: Axis::decades("standard deviation of activations"),
        series: series(|p| p.predicted_activation, Mark::Line, "predicted")
            .chain(series(|p| p.activation, Mark::Dot, "measured"))
            .collect(),
    };
    lesson.plot("glorot_forward.svg", &forward)?;
    let backward = Chart {
        title: "Glorot and Bengio 2010: the gradient on its way back".to_owned(),
        x: x(),
        y: Axis::decades("root mean square"),
        series: series(|p| p.predicted_delta, Mark::Line, "predicted")
            .chain(series(|p| p.delta, Mark::Dot, "delta"))
            .chain(series(|p| p.weight_gradient, Mark::Cross, "weights"))
            .collect(),
    };
    lesson.plot("glorot_backward.svg", &backward)
}
