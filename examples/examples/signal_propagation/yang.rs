//! Yang et al. 2019: batch norm without skips multiplies the gradient by pi / (pi - 1) per layer,
//! whatever the weights; and what else fifty layers do to a gradient, with and without skips.

use crate::Lesson;
use crate::measure::{Measured, beside, measure, normal};
use network_core::flow::LayerPrediction;
use network_core::prelude::*;
use network_examples::plot::{Axis, Chart, Mark, Series};
use std::error::Error;
use std::f64::consts::PI;

network! {
    #[gradient_flow(allow)]
    struct BatchNorm(256) -> 256 {
        init = he_normal;

        first: dense(256, bias = false);
        others: repeat(49) { batch_norm -> relu -> dense(256, bias = false) };
    }
}

network! {
    #[gradient_flow(allow)]
    struct Relu(256) -> 256 {
        init = he_normal;

        first: dense(256);
        others: repeat(49) { relu -> dense(256) };
    }
}

network! {
    #[gradient_flow(allow)]
    struct Tanh(256) -> 256 {
        init = xavier_normal;

        first: dense(256);
        others: repeat(49) { tanh -> dense(256) };
    }
}

network! {
    #[gradient_flow(allow)]
    struct WideTanh(256) -> 256 {
        init = xavier_normal(gain = 1.6666667);

        first: dense(256);
        others: repeat(49) { tanh -> dense(256) };
    }
}

network! {
    #[gradient_flow(allow)]
    struct Sigmoid(256) -> 256 {
        init = xavier_normal;

        first: dense(256);
        others: repeat(49) { sigmoid -> dense(256) };
    }
}

network! {
    struct ResidualSigmoid(256) -> 256 {
        init = xavier_normal;

        first: dense(256);
        others: repeat(49) { residual { sigmoid -> dense(256) } };
        head: dense(256);
    }
}

const BATCH: usize = 128;

pub fn run(lesson: &mut Lesson) -> Result<(), Box<dyn Error>> {
    println!(
        "Yang et al. 2019, and others: the gradient in 50 layers of 256 units, batch of 128\n"
    );
    println!(
        "{:<34}{:>10}{:>20}{:>12}",
        "", "measured", "predicted", "reference"
    );
    let mut charts = Vec::new();
    let batch_norm = row::<BatchNorm>(lesson, "batch norm, relu", 3.83, &mut charts)?;
    row::<Relu>(lesson, "relu, he", 0.02, &mut charts)?;
    row::<Tanh>(lesson, "tanh, xavier", -0.93, &mut charts)?;
    row::<WideTanh>(lesson, "tanh, xavier with gain 5/3", 1.91, &mut charts)?;
    row::<Sigmoid>(lesson, "sigmoid, xavier", -30.76, &mut charts)?;
    row::<ResidualSigmoid>(lesson, "sigmoid, xavier, with skips", 0.244, &mut charts)?;

    // In the middle, where the first and the last layer do not matter.
    let at = |layer: usize| batch_norm[layer].0.delta_norm().ln();
    let factor = (2.0 * (at(5) - at(45)) / 40.0).exp();
    println!(
        "\neach layer with batch norm multiplies the squared norm by {factor:.3}; pi / (pi - 1) = {:.3}\n",
        PI / (PI - 1.0)
    );
    lesson
        .checks
        .relative("batch norm's factor", factor, PI / (PI - 1.0), 0.03);
    let chart = Chart {
        title: "Gradients in 50 layers: predicted (lines) and measured (dots)".to_owned(),
        x: Axis::new("layer"),
        y: Axis::decades("norm of delta, relative to the last layer").range(-4.2..4.2),
        series: charts,
    };
    lesson.plot("yang.svg", &chart)
}

/// Measures a network with a random gradient at its end, prints a row, adds it to the chart;
/// returns its dense layers.
fn row<N>(
    lesson: &mut Lesson,
    name: &str,
    reference: f64,
    charts: &mut Vec<Series>,
) -> Result<Vec<(Measured, LayerPrediction)>, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = SVector<f32, 256>, Output = SVector<f32, 256>>,
{
    let draws = if lesson.short { 1 } else { 8 };
    let mut sum = 0.0;
    let mut first = Vec::new();
    for draw in 0..draws {
        let x = normal::<256>(2 * draw, BATCH);
        let layers = measure::<N, BATCH>(draw, &x, |workspace| {
            let d_y = normal::<256>(2 * draw + 1, BATCH);
            workspace.d_output().copy_from_slice(&d_y);
        });
        let mut layers = beside::<N>(layers)?;
        // The main path: dense layers, and sums where there are skips.
        let skips = layers.iter().any(|(_, p)| p.word == "residual");
        layers.retain(|(_, p)| match p.word {
            "dense" => !skips || !p.name.contains('*'),
            word => word == "residual",
        });
        let g = (layers[0].0.delta_norm() / layers[layers.len() - 1].0.delta_norm()).log10();
        sum += g;
        if draw == 0 {
            first = layers;
        }
    }
    let measured = sum / draws as f64;
    let predicted = N::FLOW.decades.ok_or("no prediction")?;
    let deviation = N::FLOW.deviation.ok_or("no prediction")?;
    println!("{name:<34}{measured:>+10.2}{predicted:>+13.2} +- {deviation:.2}{reference:>+12.2}");
    let what = format!("{name}: measured and predicted");
    lesson
        .checks
        .within(&what, measured, predicted, (3.0 * deviation).max(0.1));
    let what = format!("{name}: measured and reference");
    lesson
        .checks
        .within(&what, measured, reference, (4.0 * deviation).max(0.1));

    let last = first.len() - 1;
    let end = first[last].0.delta_norm().log10();
    let colour = charts.len() / 2;
    let points = |value: &dyn Fn(&(Measured, LayerPrediction)) -> f64| {
        (1..).map(f64::from).zip(first.iter().map(value)).collect()
    };
    charts.push(Series {
        name: name.to_owned(),
        points: points(&|(_, prediction)| f64::from(prediction.gradient)),
        mark: Mark::Line,
        colour,
    });
    charts.push(Series {
        name: String::new(),
        points: points(&|(measured, _)| measured.delta_norm().log10() - end),
        mark: Mark::Dot,
        colour,
    });
    Ok(first)
}
