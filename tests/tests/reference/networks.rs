//! Whole networks.

use crate::training::check;
use network_core::prelude::*;

/// Declares a network in both precisions, and tests both.
macro_rules! case {
    ($name:literal, $test:ident, $network:ident $input:tt -> $output:tt { $($statements:tt)* }) => {
        mod $test {
            use super::*;

            mod single {
                use super::*;
                network! {
                    pub(super) struct $network $input -> $output { scalar = f32; $($statements)* }
                }
            }

            mod double {
                use super::*;
                network! {
                    pub(super) struct $network $input -> $output { scalar = f64; $($statements)* }
                }
            }

            #[test]
            fn agrees_with_pytorch() {
                check("networks.json", $name, single::$network::boxed(1));
                check("networks.json", $name, double::$network::boxed(1));
            }
        }
    };
}

case!("plain", plain, Plain(5) -> 3 {
    hidden: dense(7) -> tanh;
    head: dense(3);
});

case!("normalised", normalised, Normalised(6) -> 4 {
    first: dense(8) -> batch_norm -> relu;
    second: dense(8) -> batch_norm -> relu;
    head: dense(4);
});

case!("residual", residual, Deep(8) -> 3 {
    stem: dense(8, bias = false) -> batch_norm -> relu;
    blocks: repeat(3) {
        residual {
            dense(8, bias = false) -> batch_norm -> relu -> dense(8, bias = false) -> batch_norm
        } -> relu;
    }
    head: dense(3);
});

case!("layer-normalised", layer_normalised, LayerNormalised(5) -> 2 {
    first: dense(8) -> layer_norm -> gelu -> dropout(0.0);
    second: dense(6) -> layer_norm -> gelu_tanh;
    head: dense(2);
});

case!("mixture", mixture, Mixture(4) -> 3 {
    first: dense(6) -> prelu;
    second: dense(6) -> softplus;
    third: dense(6) -> mish;
    fourth: dense(6) -> silu;
    head: dense(3);
});

case!("skips", skips, Skips(4) -> 2 {
    first: dense(6) -> elu;
    second: dense(6) -> selu -> concat(first);
    third: dense(6) -> elu -> add(first);
    head: dense(2);
});
