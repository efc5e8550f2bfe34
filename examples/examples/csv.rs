//! From a table in a file to a regression: how heavy is a penguin?
//!
//! `cargo run --release --example csv`
//!
//! The file has text columns and missing cells. Columns are named, categories become
//! one column each, rows with missing cells are left out, and everything is brought
//! to mean 0 and deviation 1 with constants of the training part.

use network_core::metrics;
use network_core::nalgebra::SVector;
use network_core::prelude::*;
use std::error::Error;

network! {
    /// From three lengths, species, island and sex to standardised body mass.
    pub struct Mass(11) -> 1 {
        dense(32) -> silu -> dropout(0.1);
        dense(32) -> silu;
        dense(1);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let penguins = Csv::from_reader(&include_bytes!("../data/penguins.csv")[..])
        .numeric(["bill_length_mm", "bill_depth_mm", "flipper_length_mm"])
        .one_hot("species")
        .one_hot("island")
        .one_hot("sex")
        .missing(Missing::SkipRow)
        .read_targets::<SVector<f32, 11>, SVector<f32, 1>>(["body_mass_g"])?;
    println!(
        "{} penguins, {} rows left out for missing cells",
        penguins.len(),
        penguins.skipped_rows().len()
    );
    println!("features: {}", penguins.feature_names().join(", "));

    let (mut train, mut test) = penguins.split(0.8, 1)?;
    train.standardize()?;
    train.standardize_targets()?;
    test.standardize_like(&train)?;
    test.standardize_targets_like(&train)?;

    let mut net = Mass::new(1);
    let history = Trainer::<Mass, _, _, 16>::new(Huber::default(), AdamW::new(2e-3))
        .epochs(200)
        .early_stopping(EarlyStopping::patience(30))
        .fit(&mut net, &train, Some(&test))?;
    if let Some(best) = history.best_epoch() {
        println!(
            "stopped after {} epochs, best was epoch {best}",
            history.epochs().len()
        );
    }

    let predictions = metrics::predictions(&net, &test);
    println!(
        "R2 on {} unseen penguins: {:.3}",
        test.len(),
        metrics::r_squared(&predictions, test.targets())?
    );
    let grams = train
        .target_standardization()
        .ok_or("the targets are standardised")?;
    for (prediction, target) in predictions.iter().zip(test.targets()).take(5) {
        let (mut prediction, mut target) = (*prediction, *target);
        grams.invert(&mut prediction);
        grams.invert(&mut target);
        println!(
            "predicted {:>5.0} g, weighed {:>5.0} g",
            prediction[0], target[0]
        );
    }
    Ok(())
}
