#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        init = xavier_normal;
        repeat(50) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

fn main() {}
