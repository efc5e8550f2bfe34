//! The networks of the works, declared.

use harness::works;
use network_core::prelude::*;

network! {
    /// Works 1, 2 and 6.
    pub struct Small(8) -> 4 {
        dense(64) -> tanh -> dense(64) -> tanh -> dense(4);
    }
}

network! {
    /// Work 3.
    pub struct Middle(64) -> 10 {
        dense(128) -> relu -> dense(128) -> relu -> dense(10);
    }
}

network! {
    /// Work 4.
    pub struct Wide(784) -> 10 {
        dense(128) -> relu -> dense(64) -> relu -> dense(10);
    }
}

network! {
    /// Work 5.
    pub struct Residual(64) -> 10 {
        repeat(16) {
            residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm } -> relu;
        }
        dense(10);
    }
}
const _: () = assert!(works::BLOCKS == 16);

network! {
    /// Work 7.
    pub struct Exponential(4) -> 4 {
        dense(32) -> tanh -> dense(16) -> tanh -> dense(4);
    }
}

network! {
    /// Work 11.
    #[gradient_flow(allow)]
    pub struct LeNet(1, 28, 28) -> 10 {
        conv2d(6, kernel = 5, padding = 2) -> relu -> max_pool2d(2);
        conv2d(16, kernel = 5) -> relu -> max_pool2d(2);
        flatten -> dense(120) -> relu -> dense(84) -> relu -> dense(10);
    }
}
