//! Where the gradient dies in a network of 20 layers, and what keeps it alive.
//!
//! `cargo run --release --example vanishing`
//!
//! Nine networks of 20 hidden layers learn handwritten digits with plain gradient descent: the
//! same widths, steps and learning rate. A table says which of them learn; the page puts their
//! gradient flow side by side, layer by layer and step by step.
//! `#[gradient_flow(allow)]` silences the compiler, which predicts most of it.

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use network_core::report::{Comparison, GradientFlow, Observer};
use std::error::Error;

type Image = SVector<f32, 64>;

/// Declares a network that may fail: its name, how it starts, and a hidden layer.
macro_rules! deep {
    ($name:ident, $init:ident, $($layer:tt)*) => {
        network! {
            #[gradient_flow(allow)]
            struct $name(64) -> 10 {
                init = $init;
                repeat(20) { $($layer)* }
                head: dense(10);
            }
        }
    };
}

deep!(Sigmoid, xavier_uniform, dense(64) -> sigmoid;);
deep!(Tanh, xavier_uniform, dense(64) -> tanh;);
deep!(TanhHe, he_normal, dense(64) -> tanh;);
deep!(ReluXavier, xavier_uniform, dense(64) -> relu;);
deep!(Relu, he_normal, dense(64) -> relu;);
deep!(LeakyRelu, he_normal, dense(64) -> leaky_relu(0.1););
deep!(SigmoidBatchNorm, xavier_uniform, dense(64) -> batch_norm -> sigmoid;);
deep!(SigmoidResidual, xavier_uniform, residual { dense(64) -> sigmoid -> dense(64) };);
deep!(ReluResidual, he_normal, residual(scale = 0.25) { dense(64) -> relu -> dense(64) };);

/// What became of a network.
struct Run {
    title: &'static str,
    accuracy: f64,
    flow: GradientFlow,
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short");
    let epochs = if short { 2 } else { 20 };
    let digits = Csv::from_reader(&include_bytes!("../data/digits.csv")[..])
        .header(false)
        .numeric(0..64_usize)
        .read_classes::<Image>(64_usize)?
        // Mean 0 and variance about 1: what the theory assumes.
        .map_inputs(|image| *image = image.map(|grey| (grey - 4.9) / 6.0))?;
    let data = digits.split_stratified(0.8, 1)?;
    let runs = [
        run::<Sigmoid>("sigmoid, Xavier", epochs, &data)?,
        run::<Tanh>("tanh, Xavier", epochs, &data)?,
        run::<TanhHe>("tanh, He", epochs, &data)?,
        run::<ReluXavier>("ReLU, Xavier", epochs, &data)?,
        run::<Relu>("ReLU, He", epochs, &data)?,
        run::<LeakyRelu>("leaky ReLU, He", epochs, &data)?,
        run::<SigmoidBatchNorm>("sigmoid with batch norm", epochs, &data)?,
        run::<SigmoidResidual>("sigmoid with residual connections", epochs, &data)?,
        run::<ReluResidual>("ReLU with residual connections", epochs, &data)?,
    ];

    println!("20 hidden layers of 64, gradient descent 0.05, {epochs} epochs; G is the decades of");
    println!("gradient norm from the first layer to the last, at the first step\n");
    println!(
        "{:<34} {:>11} {:>11} {:>9}  verdict",
        "network", "G predicted", "G measured", "accuracy"
    );
    let mut page = Comparison::new("Twenty layers, nine ways");
    for run in &runs {
        let decades = |g: Option<f64>| g.map_or_else(|| "-".to_owned(), |g| format!("{g:+.1}"));
        let first = run.flow.readings.iter().next();
        let verdict = run
            .flow
            .findings
            .iter()
            .find(|finding| finding.is_trouble());
        println!(
            "{:<34} {:>11} {:>11} {:>7.1} %  {}",
            run.title,
            decades(run.flow.prediction.decades),
            decades(first.and_then(|reading| run.flow.decades(reading))),
            100.0 * run.accuracy,
            verdict.map_or("healthy", |finding| finding.kind.as_str()),
        );
        page = page.with(run.title, &run.flow);
    }
    println!(
        "\nthe first of them in full:\n\n{}",
        runs[0].flow.terminal()
    );

    let path = std::env::temp_dir().join("vanishing.html");
    page.save_html(&path)?;
    println!("\nall of them side by side: {}", path.display());
    Ok(())
}

type Data = (Dataset<Image, usize>, Dataset<Image, usize>);

fn run<N>(title: &'static str, epochs: usize, (train, test): &Data) -> Result<Run, Box<dyn Error>>
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
    Ok(Run {
        title,
        accuracy: ConfusionMatrix::of(&*net, test)?.accuracy(),
        flow,
    })
}
