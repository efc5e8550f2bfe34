#![deny(deprecated)]

use network_core::prelude::*;

const DEEP: usize = 20;
const BETWEEN: usize = 22;
const SHALLOW: usize = 2;
const HIDDEN: usize = 48;

network! {
    pub struct Deep(64) -> 10 {
        init = xavier_normal;
        repeat(DEEP) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    #[gradient_flow(deny)]
    pub struct Between(64) -> 10 {
        init = xavier_normal;
        repeat(BETWEEN) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    #[gradient_flow(deny)]
    pub struct Shallow(64) -> 10 {
        init = xavier_normal;
        repeat(SHALLOW) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    pub struct Wide(8) -> 1 {
        init = xavier_uniform;
        dense(HIDDEN) -> sigmoid;
        repeat(6) { dense(HIDDEN) -> sigmoid; }
        head: dense(1);
    }
}

network! {
    pub struct Both(8) -> 1 {
        init = xavier_uniform;
        dense(HIDDEN) -> sigmoid;
        repeat(DEEP) { dense(HIDDEN) -> sigmoid; }
        head: dense(1);
    }
}

fn main() {}
