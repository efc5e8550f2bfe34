//! A deep network learns to tell two spirals apart, and draws what it has learned.
//!
//! `cargo run --release --example spirals`

use network_core::nalgebra::SVector;
use network_core::prelude::*;
use std::error::Error;
use std::f32::consts::PI;

network! {
    /// From a point in the plane to the logit of belonging to the second spiral.
    pub struct Spirals(2) -> 1 {
        init = he_normal;

        dense(24) -> relu;
        repeat(5) {
            residual(scale = 0.5) { dense(24) -> layer_norm -> relu -> dense(24) };
        }
        relu -> dense(1);
    }
}

type Point = SVector<f32, 2>;
type Label = SVector<f32, 1>;

/// A point of the first or second spiral; `t` runs from 0 in the middle to 1.
fn point(t: f32, second: bool) -> Point {
    let angle = 3.0 * PI * t + if second { PI } else { 0.0 };
    Point::new(angle.cos(), angle.sin()) * (0.1 + 0.9 * t)
}

fn main() -> Result<(), Box<dyn Error>> {
    let points = 200;
    let data = Dataset::from_pairs((0..2 * points).map(|index| {
        let second = index % 2 == 1;
        let t = (index / 2) as f32 / points as f32;
        (point(t, second), Label::new(f32::from(u8::from(second))))
    }))?;

    let mut net = Spirals::new(3);
    let mut trainer =
        Trainer::<Spirals, _, _, 32>::new(BinaryCrossEntropy::default(), AdamW::new(3e-3))
            .epochs(150)
            .clip(Clip::Norm(1.0));
    let steps = trainer.steps(data.len());
    trainer = trainer.schedule(CosineDecay::new(3e-3, steps));
    let history = trainer.fit(&mut net, &data, None)?;

    let right = data.inputs().iter().zip(data.targets());
    let right = right
        .filter(|(x, y)| (net.predict(x)[0] > 0.0) == (y[0] > 0.5))
        .count();
    for row in 0..26 {
        let line: String = (0..64)
            .map(|column| {
                let at = Point::new(column as f32 / 31.5 - 1.0, 1.0 - row as f32 / 12.5) * 1.1;
                let near = data
                    .inputs()
                    .iter()
                    .zip(data.targets())
                    .find(|(point, _)| (*point - at).norm() < 0.03);
                match near {
                    Some((_, label)) if label[0] > 0.5 => 'o',
                    Some(_) => 'x',
                    None if net.predict(&at)[0] > 0.0 => '░',
                    None => ' ',
                }
            })
            .collect();
        println!("{line}");
    }
    let last = history.last().map_or(f64::NAN, |epoch| epoch.train_loss);
    println!(
        "{right} of {} points on the right side, loss {last:.4}",
        data.len()
    );
    Ok(())
}
