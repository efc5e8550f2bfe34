#![deny(deprecated)]

use network_core::prelude::*;

network! {
    #[gradient_flow(note)]
    pub struct Net(64) -> 10 {
        dense(64) -> batch_norm -> relu;
        head: dense(10);
    }
}

fn main() {}
