#![deny(deprecated)]

use network_core::prelude::*;

network! {
    #[gradient_flow(deny)]
    pub struct Net(64) -> 10 {
        init = xavier_normal;
        repeat(10) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

fn main() {}
