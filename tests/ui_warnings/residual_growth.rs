#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        stem: dense(64);
        repeat(30) {
            residual { relu -> dense(64) };
        }
        head: dense(10);
    }
}

fn main() {}
