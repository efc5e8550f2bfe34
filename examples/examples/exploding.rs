//! A deep network whose gradient explodes, and three ways to hold it.
//!
//! `cargo run --release --example exploding`
//!
//! Twenty layers whose weights start too large: each multiplies the signal and the gradient, and
//! the first step throws the network away. Clipping by value bounds every entry of the gradient,
//! and so turns its direction; clipping by norm shortens it and keeps the direction (Pascanu et
//! al. 2013). Both treat the symptom: every step is now as long as every other. An init that fits
//! (He et al. 2015) has nothing to clip.

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use network_core::report::{Comparison, GradientFlow, Observer};
use network_core::train::TrainError;
use std::error::Error;

type Image = SVector<f32, 64>;

network! {
    /// A weight has a standard deviation of 0.25: `sigma_w^2 = 64 * 0.25^2 = 4`, twice He's.
    #[gradient_flow(allow)]
    struct TooLarge(64) -> 10 {
        init = normal(0.0, 0.25);
        repeat(20) { dense(64) -> relu; }
        head: dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Fitting(64) -> 10 {
        init = he_normal;
        repeat(20) { dense(64) -> relu; }
        head: dense(10);
    }
}

/// What became of a training.
struct Run {
    title: &'static str,
    outcome: String,
    flow: GradientFlow,
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short");
    let epochs = if short { 2 } else { 20 };
    let digits = Csv::from_reader(&include_bytes!("../data/digits.csv")[..])
        .header(false)
        .numeric(0..64_usize)
        .read_classes::<Image>(64_usize)?
        .map_inputs(|image| *image = image.map(|grey| (grey - 4.9) / 6.0))?;
    let data = digits.split_stratified(0.8, 1)?;
    let runs = [
        run::<TooLarge>("weights too large", None, epochs, &data)?,
        run::<TooLarge>("clipped by value", Some(Clip::Value(0.01)), epochs, &data)?,
        run::<TooLarge>("clipped by norm", Some(Clip::Norm(1.0)), epochs, &data)?,
        run::<Fitting>("init that fits", None, epochs, &data)?,
    ];

    println!("20 hidden layers of 64, gradient descent 0.02, {epochs} epochs\n");
    println!(
        "{:<20} {:>14} {:>10} {:>8}  outcome",
        "network", "gradient norm", "clipped to", "clipped"
    );
    let mut page = Comparison::new("An explosion, and three ways to hold it");
    for run in &runs {
        if let Some(first) = run.flow.readings.iter().next() {
            println!(
                "{:<20} {:>14.3e} {:>10.3} {:>6.0} %  {}",
                run.title,
                first.step.gradient_norm,
                first.step.clipped_norm,
                100.0 * first.step.clipped_share,
                run.outcome,
            );
        }
        page = page.with(run.title, &run.flow);
    }
    println!(
        "\nthe first of them in full:\n\n{}",
        runs[0].flow.terminal()
    );

    let path = std::env::temp_dir().join("exploding.html");
    page.save_html(&path)?;
    println!("\nall of them side by side: {}", path.display());
    Ok(())
}

type Data = (Dataset<Image, usize>, Dataset<Image, usize>);

fn run<N>(
    title: &'static str,
    clip: Option<Clip>,
    epochs: usize,
    (train, test): &Data,
) -> Result<Run, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = Image, Output = SVector<f32, 10>>,
{
    let mut net = N::boxed(1);
    let mut trainer = Trainer::<N, _, _, 32>::new(CrossEntropy::default(), Sgd::new(0.02))
        .epochs(epochs)
        .progress(false)
        .observe(Observer::new().every(5));
    if let Some(clip) = clip {
        trainer = trainer.clip(clip);
    }
    let outcome = match trainer.fit(&mut *net, train, None) {
        Ok(_) => {
            let accuracy = ConfusionMatrix::of(&*net, test)?.accuracy();
            format!("accuracy {:.1} %", 100.0 * accuracy)
        }
        // The report survives the training.
        Err(TrainError::NonFinite(error)) => format!("broke off: {error}"),
        Err(error) => return Err(error.into()),
    };
    let flow = trainer.report().ok_or("the trainer was observed")?.clone();
    Ok(Run {
        title,
        outcome,
        flow,
    })
}
