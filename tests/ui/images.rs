//! What does not fit an image, with the arithmetic.

use network_core::network;

network! {
    struct KernelTooLarge(1, 28, 28) -> 10 {
        conv2d(6, kernel = 5) -> max_pool2d(2);
        conv2d(16, kernel = 5) -> max_pool2d(2);
        conv2d(120, kernel = 5) -> flatten -> dense(10);
    }
}

network! {
    struct PooledToNothing(3, 5, 5) -> 10 {
        max_pool2d(2) -> max_pool2d(2) -> max_pool2d(2) -> flatten -> dense(10);
    }
}

network! {
    struct VectorIntoConvolution(784) -> 10 {
        conv2d(6, kernel = 5) -> flatten -> dense(10);
    }
}

network! {
    struct SequenceIntoConvolution[3; 50] -> 10 {
        conv2d(6, kernel = 5) -> flatten -> dense(10);
    }
}

network! {
    struct Groups(6, 8, 8) -> 10 {
        conv2d(8, kernel = 3, groups = 4) -> flatten -> dense(10);
    }
}

network! {
    struct Sizes(2, 8, 8) -> 10 {
        max_pool2d(2) -> concat(input) -> flatten -> dense(10);
    }
}

fn main() {}
