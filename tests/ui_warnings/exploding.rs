#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        init = normal(0.0, 1.0);
        repeat(6) { dense(64) -> tanh; }
        head: dense(10);
    }
}

fn main() {}
