#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        hidden: dense(64, init = zeros) -> relu;
        head: dense(10);
    }
}

fn main() {}
