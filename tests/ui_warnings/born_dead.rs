#![deny(deprecated)]

use network_core::prelude::*;

network! {
    pub struct Net(8) -> 2 {
        dense(8) -> relu;
        dense(3) -> relu;
        dense(3) -> relu;
        head: dense(2);
    }
}

fn main() {}
