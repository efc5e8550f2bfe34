//! Klambauer et al. 2017: with LeCun's initialisation SELU keeps mean 0 and variance 1 through
//! any depth, and pulls other means and variances towards them.

use crate::Lesson;
use crate::measure::{beside, measure, normal};
use network_core::prelude::*;
use network_examples::plot::{Axis, Chart, Mark, Series};
use std::error::Error;

network! {
    struct SelfNormalising(256) -> 256 {
        init = lecun_normal;

        repeat(32) { dense(256) -> selu };
        head: dense(256);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Elu(256) -> 256 {
        init = lecun_normal;

        repeat(32) { dense(256) -> elu(1.0) };
        head: dense(256);
    }
}

network! {
    struct Rectified(256) -> 256 {
        init = he_normal;

        repeat(32) { dense(256) -> relu };
        head: dense(256);
    }
}

const BATCH: usize = 128;
const DEPTH: usize = 32;

/// Mean and variance after each activation: measured, then predicted.
type Path = Vec<[(f64, f64); 2]>;

pub fn run(lesson: &mut Lesson) -> Result<(), Box<dyn Error>> {
    println!("Klambauer et al. 2017: mean and variance of activations, 32 layers of 256 units\n");
    let paths = [
        ("selu, lecun", path::<SelfNormalising>(1.0)?),
        ("elu, lecun", path::<Elu>(1.0)?),
        ("relu, he", path::<Rectified>(1.0)?),
        ("selu, inputs of variance 4", path::<SelfNormalising>(2.0)?),
    ];
    println!(
        "{:<28}{:>6}{:>18}{:>22}",
        "", "layer", "mean (predicted)", "variance (predicted)"
    );
    for (name, path) in &paths {
        for layer in [1, 8, 32] {
            let [(mean, variance), (predicted_mean, predicted_variance)] = path[layer - 1];
            // Predictions are for inputs of variance 1.
            let predicted = |x: f64| match *name {
                "selu, inputs of variance 4" => String::new(),
                _ => format!("({x:.2})"),
            };
            println!(
                "{name:<28}{layer:>6}{mean:>10.2} {:<8}{variance:>10.2} {}",
                predicted(predicted_mean),
                predicted(predicted_variance)
            );
        }
    }
    println!();
    for (layer, [(mean, variance), _]) in (1..).zip(&paths[0].1) {
        let what = format!("selu, mean of layer {layer}");
        lesson.checks.within(&what, *mean, 0.0, 0.1);
        let what = format!("selu, variance of layer {layer}");
        lesson.checks.within(&what, *variance, 1.0, 0.2);
    }
    let [(_, pulled), _] = paths[3].1[DEPTH - 1];
    lesson
        .checks
        .within("selu pulls a variance of 4 back", pulled, 1.0, 0.2);
    for (name, path) in &paths[..3] {
        let (mut off, mut worst) = (0.0_f64, 0.0_f64);
        for [(mean, variance), (predicted_mean, predicted_variance)] in path {
            let shape = |mean: f64, variance: f64| mean / variance.sqrt();
            let apart = shape(*mean, *variance) - shape(*predicted_mean, *predicted_variance);
            off = off.max(apart.abs());
            worst = worst.max((variance / predicted_variance).log10().abs());
        }
        // Without a fixed point the scale wanders with the draw: 32 layers of 256 units by 0.08.
        lesson
            .checks
            .within(&format!("{name}, means over deviations"), off, 0.0, 0.15);
        lesson
            .checks
            .within(&format!("{name}, decades of variance"), worst, 0.0, 0.3);
    }
    let mut series = Vec::new();
    for (colour, (name, path)) in paths.iter().enumerate() {
        let points = |which: usize| {
            (1..)
                .map(f64::from)
                .zip(path.iter().map(|both| both[which].1.log10()))
                .collect()
        };
        if colour < 3 {
            series.push(Series {
                name: format!("{name}, predicted"),
                points: points(1),
                mark: Mark::Line,
                colour,
            });
        }
        series.push(Series {
            name: (*name).to_owned(),
            points: points(0),
            mark: Mark::Dot,
            colour,
        });
    }
    let chart = Chart {
        title: "Klambauer et al. 2017: variance of activations".to_owned(),
        x: Axis::new("layer"),
        y: Axis::decades("variance"),
        series,
    };
    lesson.plot("klambauer.svg", &chart)
}

fn path<N>(scale: f32) -> Result<Path, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = SVector<f32, 256>, Output = SVector<f32, 256>>,
{
    let x: Vec<_> = normal::<256>(3, BATCH).iter().map(|x| x * scale).collect();
    let layers = beside::<N>(measure::<N, BATCH>(4, &x, |workspace| {
        workspace
            .d_output()
            .copy_from_slice(&normal::<256>(5, BATCH));
    }))?;
    let activations = layers
        .iter()
        .filter(|(_, predicted)| predicted.word != "dense");
    Ok(activations
        .map(|(measured, predicted)| {
            let mean = f64::from(predicted.mean);
            let variance = f64::from(predicted.second_moment) - mean * mean;
            [
                (measured.mean, measured.deviation().powi(2)),
                (mean, variance),
            ]
        })
        .collect())
}
