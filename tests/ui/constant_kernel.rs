use network_core::prelude::*;

const SIDE: usize = 4;
const KERNEL: usize = 5;
const GROUPS: usize = 3;

network! {
    pub struct Net(4, SIDE, SIDE) -> 10 {
        conv2d(6, kernel = KERNEL) -> relu;
        flatten -> dense(10);
    }
}

network! {
    pub struct Grouped(4, SIDE, SIDE) -> 10 {
        conv2d(6, kernel = 3, groups = GROUPS) -> relu;
        flatten -> dense(10);
    }
}

network! {
    pub struct Moved(4, SIDE, SIDE) -> (6, SIDE, SIDE) {
        conv2d(6, kernel = 3);
    }
}

fn main() {}
