//! Which deep networks learn, which do not, and what repairs them.
//!
//! `cargo run --release --example depth`
//!
//! Eight networks learn the same digits in the same way (Adam 1e-3, batches of 64, 30
//! epochs, five seeds for weights and split). Beside each stands what the theory of
//! signal propagation predicted at compile time, and the test accuracy that PyTorch
//! reaches with the same network and recipe. `#[gradient_flow(allow)]` silences the
//! compiler's warnings: some of these networks are here because they fail.

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use std::error::Error;
use std::time::Instant;

type Image = SVector<f32, 64>;

network! {
    #[gradient_flow(allow)]
    struct Sigmoid(64) -> 10 {
        init = xavier_uniform;
        repeat(20) { dense(64) -> sigmoid; }
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct SigmoidNormalised(64) -> 10 {
        init = xavier_uniform;
        repeat(20) { dense(64) -> batch_norm -> sigmoid; }
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct SigmoidSkips(64) -> 10 {
        init = xavier_uniform;
        repeat(20) { residual { dense(64) -> sigmoid -> dense(64) }; }
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Relu(64) -> 10 {
        init = he_normal;
        repeat(20) { dense(64) -> relu; }
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Residual16(64) -> 10 {
        init = he_normal;
        dense(64) -> batch_norm -> relu;
        repeat(16) {
            residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm } -> relu;
        }
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Residual16FromZero(64) -> 10 {
        init = he_normal;
        dense(64) -> batch_norm -> relu;
        repeat(16) {
            residual {
                dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0)
            } -> relu;
        }
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Residual64(64) -> 10 {
        init = he_normal;
        dense(64) -> batch_norm -> relu;
        repeat(64) {
            residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm } -> relu;
        }
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Residual64FromZero(64) -> 10 {
        init = he_normal;
        dense(64) -> batch_norm -> relu;
        repeat(64) {
            residual {
                dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0)
            } -> relu;
        }
        dense(10);
    }
}

/// How long to train, and how often.
struct Plan {
    epochs: usize,
    seeds: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let digits = Csv::from_reader(&include_bytes!("../data/digits.csv")[..])
        .header(false)
        .numeric(0..64_usize)
        .read_classes::<Image>(64_usize)?
        .map_inputs(|image| *image /= 16.0)?;
    let plan = if std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short") {
        Plan {
            epochs: 2,
            seeds: 1,
        }
    } else {
        Plan {
            epochs: 30,
            seeds: 5,
        }
    };
    println!(
        "{} epochs, {} seed(s); accuracy on the fifth that was not trained on, in %\n",
        plan.epochs, plan.seeds
    );
    println!(
        "{:<44} {:>6} {:>10}  {:>5} {:>13}  {:>7}  {:>7}",
        "network", "layers", "gradient", "mean", "range", "PyTorch", "seconds"
    );
    run::<Sigmoid>("20 x sigmoid, Xavier", "10", &digits, &plan)?;
    run::<SigmoidNormalised>("the same with batch norm", "96.2", &digits, &plan)?;
    run::<SigmoidSkips>("20 residual blocks of sigmoid", "", &digits, &plan)?;
    run::<Relu>("20 x ReLU, He", "94.3", &digits, &plan)?;
    run::<Residual16>("16 residual blocks", "92.5", &digits, &plan)?;
    run::<Residual16FromZero>(
        "16 residual blocks, last scale from 0",
        "98.2",
        &digits,
        &plan,
    )?;
    run::<Residual64>("64 residual blocks", "88.1", &digits, &plan)?;
    run::<Residual64FromZero>(
        "64 residual blocks, last scale from 0",
        "97.8",
        &digits,
        &plan,
    )?;
    println!(
        "\nlayers: with weights. gradient: predicted decades between the last layer and the first;\n\
         below zero it vanishes, above it explodes."
    );
    Ok(())
}

/// Trains one network with every seed, and prints its row.
fn run<N>(
    name: &str,
    pytorch: &str,
    digits: &Dataset<Image, usize>,
    plan: &Plan,
) -> Result<(), Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = Image, Output = SVector<f32, 10>>,
{
    let start = Instant::now();
    let mut accuracies = Vec::new();
    for seed in 1..=plan.seeds {
        let (train, test) = digits.split_stratified(0.8, seed)?;
        let mut net = N::boxed(seed);
        Trainer::<N, _, _, 64>::new(CrossEntropy::default(), Adam::new(1e-3))
            .epochs(plan.epochs)
            .seed(seed)
            .progress(false)
            .fit(&mut *net, &train, None)?;
        accuracies.push(100.0 * ConfusionMatrix::of(&*net, &test)?.accuracy());
    }
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    let least = accuracies.iter().copied().fold(f64::INFINITY, f64::min);
    let most = accuracies.iter().copied().fold(0.0, f64::max);
    let layers: usize = N::LAYERS
        .iter()
        .filter(|info| info.layer.starts_with("dense"))
        .map(|info| info.times)
        .sum();
    let gradient = N::FLOW
        .decades
        .map_or_else(|| "?".to_owned(), |decades| format!("{decades:+.1}"));
    println!(
        "{name:<44} {layers:>6} {gradient:>10}  {mean:>5.1} {:>13}  {pytorch:>7}  {:>7.1}",
        format!("{least:.1} to {most:.1}"),
        start.elapsed().as_secs_f64(),
    );
    Ok(())
}
