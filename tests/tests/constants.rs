//! Predictions of networks whose sizes are constants: the compiler chooses among what the theory
//! said of a grid of values. No network here earns a warning.
#![deny(deprecated)]

use network_core::flow::Prediction;
use network_core::prelude::*;

const HIDDEN: usize = 64;
const ODD: usize = 100;
const DEPTH: usize = 8;
const DEPTH_BETWEEN: usize = 22;
const DEPTH_BEYOND: usize = 1000;

/// Declares one network with constants and the same with their numbers.
macro_rules! pairs {
    ($($name:ident { $($constants:tt)* } $numbers:ident { $($literals:tt)* })*) => {
        $(
            network! { struct $name $($constants)* }
            network! { struct $numbers $($literals)* }
        )*
    };
}

pairs! {
    Count { (64) -> 10 { repeat(DEPTH) { dense(64) -> tanh; } dense(10); } }
    EightTimes { (64) -> 10 { repeat(8) { dense(64) -> tanh; } dense(10); } }
    Width { (8) -> 1 { dense(HIDDEN) -> tanh; dense(HIDDEN) -> tanh; dense(1); } }
    SixtyFour { (8) -> 1 { dense(64) -> tanh; dense(64) -> tanh; dense(1); } }
    Both { (8) -> 1 { dense(HIDDEN) -> tanh; repeat(DEPTH) { dense(HIDDEN) -> tanh; } dense(1); } }
    Numbers { (8) -> 1 { dense(64) -> tanh; repeat(8) { dense(64) -> tanh; } dense(1); } }
    WidthBetween { (8) -> 1 { dense(ODD) -> tanh; dense(ODD) -> tanh; dense(1); } }
    Hundred { (8) -> 1 { dense(100) -> tanh; dense(100) -> tanh; dense(1); } }
    CountBetween { (64) -> 10 { repeat(DEPTH_BETWEEN) { dense(64) -> relu; } dense(10); } }
    TwentyTwo { (64) -> 10 { repeat(22) { dense(64) -> relu; } dense(10); } }
    Auto { (64) -> 10 { init = auto; repeat(DEPTH) { dense(64) -> tanh; } dense(10); } }
    AutoNumbers { (64) -> 10 { init = auto; repeat(8) { dense(64) -> tanh; } dense(10); } }
    AnyWidth { (8) -> 1 { init = he_normal; dense(HIDDEN) -> relu; dense(HIDDEN) -> relu; dense(1); } }
    AnyWidthNumbers { (8) -> 1 { init = he_normal; dense(64) -> relu; dense(64) -> relu; dense(1); } }
}

network! { struct Beyond(64) -> 10 { repeat(DEPTH_BEYOND) { dense(64) -> relu; } dense(10); } }

fn near(a: Prediction, b: Prediction, within: f64) {
    let (a, b) = (
        a.decades.expect("a prediction"),
        b.decades.expect("a prediction"),
    );
    assert!((a - b).abs() <= within, "{a} and {b}");
}

#[test]
fn constants_are_predicted_like_their_numbers() {
    for (constants, numbers) in [
        (Count::FLOW, EightTimes::FLOW),
        (Width::FLOW, SixtyFour::FLOW),
        (Both::FLOW, Numbers::FLOW),
        (Auto::FLOW, AutoNumbers::FLOW),
    ] {
        assert_eq!(constants.decades, numbers.decades);
        assert_eq!(constants.deviation, numbers.deviation);
        assert_eq!(constants.layers().len(), numbers.layers().len());
    }
    // Between two values that agree within a tenth of a decade.
    near(WidthBetween::FLOW, Hundred::FLOW, 0.1);
    near(CountBetween::FLOW, TwentyTwo::FLOW, 0.1);
    // Where no variance mixes widths, only the interval is left out.
    near(AnyWidth::FLOW, AnyWidthNumbers::FLOW, 1e-9);
    assert_eq!(AnyWidth::FLOW.deviation, None);
    // Beyond the grid nothing is said.
    assert_eq!(Beyond::FLOW.decades, None);
    assert!(
        Beyond::FLOW
            .unknown
            .is_some_and(|why| why.contains("`DEPTH_BEYOND`"))
    );
}

/// The gains of `init = auto` are those for the constants' values.
#[test]
fn gains_follow_constants() {
    let gain = |weights: &[f32]| weights.iter().map(|w| w * w).sum::<f32>() / weights.len() as f32;
    let (a, b) = (Auto::boxed(1), AutoNumbers::boxed(1));
    let a = gain(a.repeat_1[3].dense_1.weight.as_slice());
    let b = gain(b.repeat_1[3].dense_1.weight.as_slice());
    assert!((a / b - 1.0).abs() < 1e-6, "{a} and {b}");
}
