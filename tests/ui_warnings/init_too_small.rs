#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        repeat(12) { dense(64, init = pytorch_default) -> relu; }
        head: dense(10);
    }
}

fn main() {}
