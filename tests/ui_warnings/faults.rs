//! Networks that each have a fault: every declaration here earns a warning.
//!
//! Written by `network-macros/src/tests/remedies.rs`.
#![deny(deprecated)]
#![allow(dead_code)]

use network_core::prelude::*;

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing1(64) -> 10 { init = xavier_normal; repeat(10) { dense(64) -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing2(64) -> 10 { a: dense(64) -> sigmoid; b: dense(64) -> sigmoid; dense(64) -> sigmoid -> dense(64) -> sigmoid; dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing3(64) -> 10 { init = pytorch_default; repeat(16) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing4(64) -> 10 { repeat(16) { dense(64, init = xavier_uniform) -> leaky_relu(0.2); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing5(64) -> 10 { init = xavier_normal; repeat(60) { dense(64) -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing6(64) -> 10 { repeat(30) { dense(64) -> gelu; } head: dense(10, init = normal(0.0, 0.01)); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding7(64) -> 10 { init = normal(0.0, 1.0); repeat(6) { dense(64) -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding8(128) -> 10 { repeat(12) { dense(128) -> relu -> dropout(0.5); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding9(64) -> 10 { init = orthogonal(gain = 2.0); repeat(12) { dense(64) -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BatchNormChain10(64) -> 10 { repeat(40) { dense(64, bias = false) -> batch_norm -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth11(64) -> 10 { stem: dense(64); repeat(30) { residual { relu -> dense(64) }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth12(64) -> 10 { stem: dense(64); repeat(16) { residual { dense(64) -> relu -> dense(64) } -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Collapse13(64) -> 10 { repeat(80) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BornDead14(4) -> 2 { repeat(6) { dense(4) -> relu; } head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BornDead15(8) -> 2 { dense(8) -> relu; dense(3) -> relu; dense(3) -> relu; dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Saturation16(64) -> 10 { init = normal(0.0, 2.0); dense(64) -> tanh; head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct InitMismatch17(64) -> 10 { init = xavier_normal; repeat(3) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient18(16) -> 2 { dense(16, init = zeros) -> relu; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient19(16) -> 2 { init = constant(0.1); dense(16) -> tanh; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoBalance20(64) -> 10 { init = auto; repeat(12) { dense(64) -> gelu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing21(64) -> 10 { init = auto; repeat(10) { dense(64) -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct BiasBeforeBatchNorm22(64) -> 10 { repeat(3) { dense(64) -> batch_norm -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct SoftmaxBeforeLoss23(64) -> 10 { dense(64) -> relu; head: dense(10) -> softmax; }
}

network! {
    #[gradient_flow(warn, optimizer = adam)]
    struct Vanishing24(64) -> 10 { init = xavier_normal; repeat(12) { dense(64) -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = rms_prop)]
    struct Exploding25(64) -> 10 { init = orthogonal(gain = 2.0); repeat(16) { dense(64, bias = false) -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = adam_w)]
    struct ResidualGrowth26(64) -> 64 { stem: dense(64); repeat(30) { residual(scale = 2.0) { relu -> dense(64) }; } head: dense(64); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory27([2; 400]) -> 1 { memory: lstm(32, forget_bias = 0.0); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory28([2; 400]) -> 1 { gru(32, update_bias = -1.0, init = xavier_normal); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory29([2; 400]) -> 1 { gru(16, bias = false, bidirectional = true); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory30([2; 400]) -> 1 { rnn(32, recurrent_init = normal(0.0, 0.1)); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory31([2; 100]) -> 1 { rnn(32, bias = false, activation = relu, recurrent_init = orthogonal(gain = 2.0)); last -> dense(1); }
}

fn main() {}
