//! A network that does not learn: its report, the edit that the report proposes, and the healthy
//! network.
//!
//! `cargo run --release --example doctor`
//!
//! `Patient` is declared with sigmoids twelve layers deep. The observer names the trouble while
//! it trains; the report prints the edit of the declaration that cures it, with what the theory
//! predicts for the edited network. `Healthy` is the patient's declaration with the edit made.

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use network_core::report::{GradientFlow, Observer};
use std::error::Error;

type Image = SVector<f32, 64>;

network! {
    #[gradient_flow(allow)]
    struct Patient(64) -> 10 {
        init = xavier_uniform;
        repeat(12) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Healthy(64) -> 10 {
        init = he_normal;
        repeat(12) { dense(64) -> relu; }
        head: dense(10);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short");
    let epochs = if short { 4 } else { 20 };
    let digits = Csv::from_reader(&include_bytes!("../data/digits.csv")[..])
        .header(false)
        .numeric(0..64_usize)
        .read_classes::<Image>(64_usize)?
        .map_inputs(|image| *image = image.map(|grey| (grey - 4.9) / 6.0))?;
    let (train, test) = digits.split_stratified(0.8, 1)?;

    println!("before\n");
    let sick = treat::<Patient>(epochs, &train, &test)?;
    let edits = sick.findings.iter().flat_map(|finding| &finding.edits);
    let edit = edits.into_iter().find(|edit| !edit.replacements.is_empty());
    if let Some(edit) = edit {
        println!("\nthe declaration with the first edit:\n");
        println!("{}\n", sick.declaration.edited(&edit.replacements));
    }
    println!("after\n");
    let healthy = treat::<Healthy>(epochs, &train, &test)?;

    let folder = std::env::temp_dir();
    sick.save_html(folder.join("patient.html"))?;
    healthy.save_html(folder.join("healthy.html"))?;
    println!(
        "\npages: patient.html and healthy.html in {}",
        folder.display()
    );
    Ok(())
}

/// Trains under observation, and prints the report.
fn treat<N>(
    epochs: usize,
    train: &Dataset<Image, usize>,
    test: &Dataset<Image, usize>,
) -> Result<GradientFlow, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = Image, Output = SVector<f32, 10>>,
{
    let mut net = N::boxed(1);
    let mut trainer = Trainer::<N, _, _, 32>::new(CrossEntropy::default(), Sgd::new(0.05))
        .epochs(epochs)
        .progress(false)
        .observe(Observer::new().every(5));
    trainer.fit(&mut *net, train, None)?;
    let flow = trainer.report().ok_or("the trainer was observed")?.clone();
    println!("{}", flow.terminal());
    let accuracy = ConfusionMatrix::of(&*net, test)?.accuracy();
    println!("\ntest accuracy {:.1} %", 100.0 * accuracy);
    Ok(flow)
}
