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
    let digits = Csv::from_reader(&include_bytes!("../data/digits.csv")[..]);
    let _ = digits;
}
