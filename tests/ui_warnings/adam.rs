#![deny(deprecated)]

use network_core::prelude::*;

network! {
    #[gradient_flow(warn)]
    pub struct ForDescent(64) -> 10 {
        init = xavier_normal;
        repeat(4) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    #[gradient_flow(optimizer = adam)]
    pub struct ForAdam(64) -> 10 {
        init = xavier_normal;
        repeat(4) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    #[gradient_flow(deny, optimizer = adam)]
    pub struct DeepForAdam(64) -> 10 {
        init = xavier_normal;
        repeat(10) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    #[gradient_flow(deny, optimizer = adam)]
    pub struct Silenced(64) -> 10 {
        init = xavier_normal;
        #[gradient_flow(allow)]
        repeat(10) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

fn main() {}
