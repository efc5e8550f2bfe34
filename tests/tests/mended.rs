//! The networks of `ui_warnings/faults.rs` after each edit that their warnings propose:
//! this file compiles, so no warning is left.
//!
//! Written by `network-macros/src/tests/remedies.rs`.
#![deny(deprecated)]
#![allow(dead_code)]

use network_core::prelude::*;

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing1Edit1(64) -> 10 { init = xavier_normal; repeat(10) { residual { dense(64) -> sigmoid }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing1Edit2(64) -> 10 { init = xavier_normal; repeat(10) { dense(64) -> batch_norm -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing1Edit3(64) -> 10 { init = he_normal; repeat(10) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing1Edit4(64) -> 10 { init = lecun_normal; repeat(10) { dense(64) -> selu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing2Edit1(64) -> 10 { a: residual { dense(64) -> sigmoid }; b: residual { dense(64) -> sigmoid }; residual { dense(64) -> sigmoid } -> residual { dense(64) -> sigmoid }; dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing2Edit2(64) -> 10 { a: dense(64) -> batch_norm -> sigmoid; b: dense(64) -> batch_norm -> sigmoid; dense(64) -> batch_norm -> sigmoid -> dense(64) -> batch_norm -> sigmoid; dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing2Edit3(64) -> 10 { init = he_normal; a: dense(64) -> relu; b: dense(64) -> relu; dense(64) -> relu -> dense(64) -> relu; dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing2Edit4(64) -> 10 { init = lecun_normal; a: dense(64) -> selu; b: dense(64) -> selu; dense(64) -> selu -> dense(64) -> selu; dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing3Edit1(64) -> 10 { init = he_normal; repeat(16) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing3Edit2(64) -> 10 { init = pytorch_default; repeat(16) { dense(64) -> layer_norm -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing3Edit3(64) -> 10 { init = pytorch_default; repeat(16) { residual { dense(64) -> relu }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing3Edit4(64) -> 10 { init = he_normal; repeat(16) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing4Edit1(64) -> 10 { init = he_normal; repeat(16) { dense(64, init = he_normal) -> leaky_relu(0.2); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing4Edit2(64) -> 10 { repeat(16) { dense(64, init = xavier_uniform) -> layer_norm -> leaky_relu(0.2); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing4Edit3(64) -> 10 { repeat(16) { dense(64, init = xavier_uniform) -> batch_norm -> leaky_relu(0.2); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing4Edit4(64) -> 10 { init = he_normal; repeat(16) { dense(64, init = he_normal) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing5Edit1(64) -> 10 { init = xavier_normal; repeat(60) { dense(64) -> batch_norm -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing5Edit2(64) -> 10 { init = xavier_normal; repeat(60) { dense(64) -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing5Edit3(64) -> 10 { init = lecun_normal; repeat(60) { dense(64) -> selu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing6Edit1(64) -> 10 { repeat(30) { dense(64) -> batch_norm -> gelu; } head: dense(10, init = normal(0.0, 0.01)); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing6Edit2(64) -> 10 { repeat(30) { dense(64) -> layer_norm -> gelu; } head: dense(10, init = normal(0.0, 0.01)); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing6Edit3(64) -> 10 { init = he_normal; repeat(30) { dense(64) -> relu; } head: dense(10, init = he_normal); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing6Edit4(64) -> 10 { repeat(30) { residual { layer_norm -> dense(64) -> gelu }; } head: dense(10, init = normal(0.0, 0.01)); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding7Edit1(64) -> 10 { init = he_normal(gain = 1.47); repeat(6) { dense(64) -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding7Edit2(64) -> 10 { init = normal(0.0, 1.0); repeat(6) { dense(64) -> batch_norm -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding7Edit3(64) -> 10 { init = normal(0.0, 1.0); repeat(6) { dense(64) -> layer_norm -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding7Edit4(64) -> 10 { init = he_normal; repeat(6) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding8Edit1(128) -> 10 { init = lecun_normal; repeat(12) { dense(128) -> relu -> dropout(0.5); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding8Edit2(128) -> 10 { repeat(12) { dense(128) -> layer_norm -> relu -> dropout(0.5); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding8Edit3(128) -> 10 { repeat(12) { dense(128) -> batch_norm -> relu -> dropout(0.5); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding8Edit4(128) -> 10 { init = xavier_normal; repeat(12) { dense(128) -> tanh -> dropout(0.5); } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding9Edit1(64) -> 10 { init = orthogonal(gain = 2.0); repeat(12) { dense(64) -> layer_norm -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding9Edit2(64) -> 10 { init = he_normal(gain = 1.24); repeat(12) { dense(64) -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding9Edit3(64) -> 10 { init = orthogonal(gain = 2.0); repeat(12) { dense(64) -> batch_norm -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Exploding9Edit4(64) -> 10 { init = he_normal; repeat(12) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BatchNormChain10Edit1(64) -> 10 { repeat(40) { residual { dense(64, bias = false) -> batch_norm -> relu }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BatchNormChain10Edit2(64) -> 10 { init = lecun_normal; repeat(40) { dense(64, bias = false) -> batch_norm -> selu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth11Edit1(64) -> 10 { stem: dense(64); repeat(30) { residual(scale = 0.183) { relu -> dense(64) }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth11Edit2(64) -> 10 { stem: dense(64); repeat(30) { residual { layer_norm -> relu -> dense(64) }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth11Edit3(64) -> 10 { stem: dense(64); repeat(30) { residual { batch_norm -> relu -> dense(64) }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth12Edit1(64) -> 10 { stem: dense(64); repeat(16) { residual(scale = 0.25) { dense(64) -> relu -> dense(64) } -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth12Edit2(64) -> 10 { stem: dense(64); repeat(16) { residual { dense(64) -> layer_norm -> relu -> dense(64) } -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth12Edit3(64) -> 10 { init = lecun_normal; stem: dense(64); repeat(16) { residual { dense(64) -> relu -> dense(64) } -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct ResidualGrowth12Edit4(64) -> 10 { init = xavier_normal; stem: dense(64); repeat(16) { residual { dense(64) -> tanh -> dense(64) } -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Collapse13Edit1(64) -> 10 { init = xavier_normal; repeat(80) { dense(64) -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BornDead14Edit1(4) -> 2 { repeat(6) { dense(4) -> leaky_relu(0.01); } head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BornDead15Edit1(8) -> 2 { dense(8) -> relu; dense(8) -> relu; dense(8) -> relu; dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct BornDead15Edit2(8) -> 2 { dense(8) -> leaky_relu(0.01); dense(3) -> leaky_relu(0.01); dense(3) -> leaky_relu(0.01); dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Saturation16Edit1(64) -> 10 { init = xavier_normal; dense(64) -> tanh; head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Saturation16Edit2(64) -> 10 { init = normal(0.0, 2.0); dense(64) -> batch_norm -> tanh; head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Saturation16Edit3(64) -> 10 { init = normal(0.0, 2.0); dense(64) -> layer_norm -> tanh; head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Saturation16Edit4(64) -> 10 { init = he_normal; dense(64) -> relu; head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct InitMismatch17Edit1(64) -> 10 { init = he_normal; repeat(3) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct InitMismatch17Edit2(64) -> 10 { init = he_normal; repeat(3) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct InitMismatch17Edit3(64) -> 10 { init = lecun_normal; repeat(3) { dense(64) -> selu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient18Edit1(16) -> 2 { init = he_normal; dense(16, init = he_normal) -> relu; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient18Edit2(16) -> 2 { init = he_normal; dense(16, init = he_normal) -> relu; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient18Edit3(16) -> 2 { init = lecun_normal; dense(16, init = lecun_normal) -> selu; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient18Edit4(16) -> 2 { init = xavier_normal; dense(16, init = xavier_normal) -> tanh; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient19Edit1(16) -> 2 { init = xavier_normal; dense(16) -> tanh; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient19Edit2(16) -> 2 { init = he_normal; dense(16) -> relu; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient19Edit3(16) -> 2 { init = lecun_normal; dense(16) -> selu; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoGradient19Edit4(16) -> 2 { init = xavier_normal; dense(16) -> tanh; head: dense(2); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoBalance20Edit1(64) -> 10 { init = auto; repeat(12) { dense(64) -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoBalance20Edit2(64) -> 10 { init = auto; repeat(12) { dense(64) -> selu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoBalance20Edit3(64) -> 10 { init = auto; repeat(12) { dense(64) -> layer_norm -> gelu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct NoBalance20Edit4(64) -> 10 { init = auto; repeat(12) { dense(64) -> batch_norm -> gelu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing21Edit1(64) -> 10 { init = auto; repeat(10) { dense(64) -> batch_norm -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing21Edit2(64) -> 10 { init = he_normal; repeat(10) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing21Edit3(64) -> 10 { init = lecun_normal; repeat(10) { dense(64) -> selu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct Vanishing21Edit4(64) -> 10 { init = xavier_normal; repeat(10) { dense(64) -> tanh; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct BiasBeforeBatchNorm22Edit1(64) -> 10 { repeat(3) { dense(64, bias = false) -> batch_norm -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = sgd)]
    struct SoftmaxBeforeLoss23Edit1(64) -> 10 { dense(64) -> relu; head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = adam)]
    struct Vanishing24Edit1(64) -> 10 { init = xavier_normal; repeat(12) { residual { dense(64) -> sigmoid }; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = adam)]
    struct Vanishing24Edit2(64) -> 10 { init = xavier_normal; repeat(12) { dense(64) -> batch_norm -> sigmoid; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = adam)]
    struct Vanishing24Edit3(64) -> 10 { init = he_normal; repeat(12) { dense(64) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = adam)]
    struct Vanishing24Edit4(64) -> 10 { init = lecun_normal; repeat(12) { dense(64) -> selu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = rms_prop)]
    struct Exploding25Edit1(64) -> 10 { init = orthogonal(gain = 2.0); repeat(16) { dense(64, bias = false) -> layer_norm -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = rms_prop)]
    struct Exploding25Edit2(64) -> 10 { init = he_normal(gain = 1.24); repeat(16) { dense(64, bias = false) -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = rms_prop)]
    struct Exploding25Edit3(64) -> 10 { init = orthogonal(gain = 2.0); repeat(16) { dense(64, bias = false) -> batch_norm -> elu; } head: dense(10); }
}

network! {
    #[gradient_flow(note, optimizer = rms_prop)]
    struct Exploding25Edit4(64) -> 10 { init = he_normal; repeat(16) { dense(64, bias = false) -> relu; } head: dense(10); }
}

network! {
    #[gradient_flow(warn, optimizer = adam_w)]
    struct ResidualGrowth26Edit1(64) -> 64 { stem: dense(64); repeat(30) { residual(scale = 0.183) { relu -> dense(64) }; } head: dense(64); }
}

network! {
    #[gradient_flow(warn, optimizer = adam_w)]
    struct ResidualGrowth26Edit2(64) -> 64 { stem: dense(64); repeat(30) { residual(scale = 2.0) { layer_norm -> relu -> dense(64) }; } head: dense(64); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory27Edit1([2; 400]) -> 1 { memory: lstm(32, forget_bias = chrono); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory28Edit1([2; 400]) -> 1 { gru(32, init = xavier_normal, update_bias = chrono); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory29Edit1([2; 400]) -> 1 { gru(16, bidirectional = true, update_bias = chrono); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory30Edit1([2; 400]) -> 1 { lstm(32, forget_bias = chrono); last -> dense(1); }
}

network! {
    #[gradient_flow(warn, optimizer = sgd)]
    struct RecurrentMemory31Edit1([2; 100]) -> 1 { lstm(32, forget_bias = chrono); last -> dense(1); }
}
