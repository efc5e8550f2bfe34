//! Temporary.
use network_core::data::Csv;
use network_core::prelude::*;

network! {
    /// Reads a handwritten digit from an 8x8 grey image.
    #[derive(Clone, Debug)]
    pub struct Digits(64) -> 10 {
        init = he_normal;
        stem: dense(64) -> batch_norm -> relu;
        blocks: repeat(16) {
            residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0) } -> relu;
        }
        head: dense(10);
    }
}

fn main() {
    let digits = Csv::from_reader(&include_bytes!("../data/digits.csv")[..]).header(false).numeric(0..64usize).read_classes::<SVector<f32, 64>>(64usize).unwrap();
    let digits = digits.map_inputs(|x| *x /= 16.0).unwrap();
    let (mut train, test) = digits.split_stratified(0.8, 1).unwrap();
    let mut net = Digits::boxed(1);
    let mut workspace = Digits::workspace::<64>();
    let mut gradient = Digits::gradient();
    let mut adam = Adam::new(1e-3).for_network::<Digits>();
    let start = std::time::Instant::now();
    for epoch in 0..30 {
        train.shuffle(epoch);
        let mut total = 0.0;
        for (x, y) in train.batches(64).unwrap() {
            net.forward(x, &mut workspace);
            total += workspace.loss(&CrossEntropy::default(), y).unwrap() * x.len() as f32;
            net.backward(x, &mut workspace, &mut gradient);
            adam.step(&mut *net, &gradient);
        }
        let right = test.inputs().iter().zip(test.targets()).filter(|(x, y)| net.predict(x).imax() == **y).count();
        println!("{epoch} {} {}", total / train.len() as f32, right as f64 / test.len() as f64);
    }
    println!("{:?}", start.elapsed());
}
