#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        repeat(80) { dense(64) -> relu; }
        head: dense(10);
    }
}

fn main() {}
