//! Recurrent layers, alone and in networks over sequences.

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
                    #[gradient_flow(allow)]
                    pub(super) struct $network $input -> $output { scalar = f32; $($statements)* }
                }
            }

            mod double {
                use super::*;
                network! {
                    #[gradient_flow(allow)]
                    pub(super) struct $network $input -> $output { scalar = f64; $($statements)* }
                }
            }

            #[test]
            fn agrees_with_pytorch() {
                check("recurrent.json", $name, single::$network::boxed(1));
                check("recurrent.json", $name, double::$network::boxed(1));
            }
        }
    };
}

case!("rnn", rnn, Net([3; 5]) -> [4; 5] { rnn(4); });
case!("rnn, relu", rnn_relu, Net([3; 5]) -> [4; 5] { rnn(4, activation = relu); });
case!("gru", gru, Net([3; 5]) -> [4; 5] { gru(4); });
case!("gru without bias", gru_without_bias, Net([2; 5]) -> [5; 5] { gru(5, bias = false); });
case!("gru, wide", gru_wide, Net([1; 5]) -> [17; 5] { gru(17); });
case!("lstm", lstm, Net([3; 5]) -> [4; 5] { lstm(4); });
case!("lstm without bias", lstm_without_bias, Net([2; 5]) -> [5; 5] { lstm(5, bias = false); });
case!("lstm, wide", lstm_wide, Net([1; 5]) -> [17; 5] { lstm(17); });
case!("rnn, bidirectional", rnn_bidirectional, Net([2; 5]) -> [6; 5] {
    rnn(3, bidirectional = true);
});
case!("gru, bidirectional", gru_bidirectional, Net([2; 5]) -> [6; 5] {
    gru(3, bidirectional = true);
});
case!("lstm, bidirectional", lstm_bidirectional, Net([2; 5]) -> [6; 5] {
    lstm(3, bidirectional = true);
});

case!("sequences", sequences, Sequences([2; 5]) -> 2 {
    first: gru(4);
    between: dense(3) -> tanh;
    second: lstm(4, bidirectional = true) -> mean_over_steps;
    head: dense(2);
});

case!("padded", padded, Padded([2; 6]) -> 2 {
    cell: lstm(4) -> last(padding = input);
    head: dense(2);
});

case!("padded, bidirectional", padded_bidirectional, BothWays([2; 6]) -> 2 {
    first: gru(3, bidirectional = true, padding = input);
    second: lstm(3, bidirectional = true, padding = input) -> mean_over_steps(padding = input);
    head: dense(2);
});

case!("padded, bidirectional at every step", padded_bidirectional_steps, Net([2; 6]) -> [6; 6] {
    rnn(3, bidirectional = true, padding = input);
});

case!("padded convolutions", padded_convolutions, Padded([2; 6]) -> 2 {
    first: mask(input) -> conv1d(4, kernel = 3, padding = 1) -> tanh -> mask(input);
    second: conv1d(3, kernel = 3, padding = 1) -> mean_over_steps(padding = input);
    head: dense(2);
});

case!("last", last, Last([3; 5]) -> 2 {
    cell: gru(4) -> last;
    head: dense(2);
});

case!("highway", highway, Highway(4) -> 2 {
    gate: dense(4) -> sigmoid;
    value: dense(4) -> tanh -> multiply(gate, input);
    head: dense(2);
});
