#![deny(deprecated)]

use network_core::prelude::*;

network! {
    #[gradient_flow(note)]
    pub struct Net(64) -> 10 {
        dense(64) -> relu;
        head: dense(10) -> softmax;
    }
}

fn main() {}
