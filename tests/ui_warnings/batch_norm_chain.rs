#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        repeat(30) { dense(64, bias = false) -> batch_norm -> relu; }
        head: dense(10);
    }
}

fn main() {}
