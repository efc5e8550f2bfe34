//! What does not fit an image whose sizes only the compiler knows.

use network_core::network;

const SIDE: usize = 4;
const KERNEL: usize = 5;
const GROUPS: usize = 4;

network! {
    struct KernelTooLarge(1, SIDE, SIDE) -> 10 {
        conv2d(6, kernel = (KERNEL, 1)) -> flatten -> dense(10);
    }
}

network! {
    struct Groups(6, 8, 8) -> 10 {
        conv2d(8, kernel = 3, groups = GROUPS) -> flatten -> dense(10);
    }
}

fn main() {}
