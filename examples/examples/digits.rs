//! Learns to read handwritten digits with a residual network of 34 weight layers.
//!
//! `cargo run --release --example digits`
//!
//! The last batch norm of each block starts with scale 0, so that each block starts
//! as the identity (Goyal et al. 2017). Take `(scale = 0.0)` out to see what it does.

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use network_core::save::{load, save};
use std::error::Error;
use std::time::Instant;

network! {
    /// Reads a handwritten digit from an 8x8 grey image.
    #[derive(Clone, Debug)]
    pub struct Digits(64) -> 10 {
        init = he_normal;

        stem: dense(64) -> batch_norm -> relu;
        blocks: repeat(16) {
            residual {
                dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0)
            } -> relu;
        }
        head: dense(10);
    }
}

type Image = SVector<f32, 64>;

fn main() -> Result<(), Box<dyn Error>> {
    let digits = Csv::from_reader(&include_bytes!("../data/digits.csv")[..])
        .header(false)
        .numeric(0..64_usize)
        .read_classes::<Image>(64_usize)?
        .map_inputs(|image| *image /= 16.0)?;
    let (train, test) = digits.split_stratified(0.8, 1)?;
    println!("{}", Summary::of::<Digits>());
    println!(
        "{} images for training, {} for testing\n",
        train.len(),
        test.len()
    );

    let mut net = Digits::boxed(1);
    let mut trainer =
        Trainer::<Digits, _, _, 64>::new(CrossEntropy::default(), Adam::new(1e-3)).epochs(30);
    let start = Instant::now();
    let history = trainer.fit(&mut net, &train, Some(&test))?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{history}");

    let confusion = ConfusionMatrix::of(&*net, &test)?;
    println!("{confusion}");
    draw(&net, test.inputs(), test.targets());

    let path = std::env::temp_dir().join("digits.safetensors");
    save(&*net, &path)?;
    let mut again = Digits::boxed(2);
    load(&mut *again, &path)?;
    let same = test
        .inputs()
        .iter()
        .all(|image| net.predict(image) == again.predict(image));
    println!(
        "saved to {} and read back: answers {}",
        path.display(),
        if same { "agree" } else { "DIFFER" }
    );

    println!(
        "test accuracy {:.2} % after {seconds:.1} s of training on {}",
        100.0 * confusion.accuracy(),
        network_core::simd_path(),
    );
    Ok(())
}

/// Draws a few images side by side, with what they are and what the network reads;
/// mistakes first.
fn draw(net: &Digits, images: &[Image], classes: &[usize]) {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let answers: Vec<usize> = images
        .iter()
        .map(|image| net.predict(image).imax())
        .collect();
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.sort_by_key(|&index| answers[index] == classes[index]);
    let shown = &order[..order.len().min(6)];
    for row in 0..8 {
        for &index in shown {
            let line: String = (0..8)
                .map(|column| SHADES[(images[index][8 * row + column] * 4.0).round() as usize])
                .flat_map(|shade| [shade, shade])
                .collect();
            print!("{line}   ");
        }
        println!();
    }
    for &index in shown {
        let text = format!("{}, read as {}", classes[index], answers[index]);
        print!("{text:<19}");
    }
    println!("\n");
}
