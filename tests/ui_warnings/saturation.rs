#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        hidden: dense(64, init = normal(0.0, 2.0)) -> tanh;
        head: dense(10);
    }
}

fn main() {}
