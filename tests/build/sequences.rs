//! Random networks over sequences: recurrent layers of all kinds, layers at every step,
//! gates, skips and repeats, and what makes a vector of a sequence.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use std::fmt::Write;

/// Writes so many networks, each with its test.
pub(super) fn write(rng: Xoshiro256PlusPlus, networks: usize) -> String {
    let mut writer = Sequences {
        rng,
        text: String::new(),
        streams: true,
        sees_padding: false,
        masked: false,
    };
    for index in 0..networks {
        writer.network(index);
    }
    writer.text
}

/// The networks written so far.
struct Sequences {
    rng: Xoshiro256PlusPlus,
    text: String,
    /// Whether the network being written can work on a stream.
    streams: bool,
    /// Whether a layer of it would see padding.
    sees_padding: bool,
    /// Whether the padding of the input was masked on the way.
    masked: bool,
}

impl Sequences {
    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn network(&mut self, index: usize) {
        let (input, steps) = (1 + self.below(3), 1 + self.below(5));
        (self.streams, self.sees_padding, self.masked) = (true, false, false);
        let mut body = String::new();
        let mut width = input;
        let mut labels: Vec<(String, usize)> = vec![("input".to_owned(), input)];
        for statement in 0..=self.below(3) {
            let mut chain = Vec::new();
            for _ in 0..=self.below(3) {
                let (layer, end) = self.layer(width, &labels);
                chain.push(layer);
                width = end;
            }
            let label = format!("part{statement}");
            let _ = write!(body, "{label}: {}; ", chain.join(" -> "));
            labels.push((label, width));
        }
        let end = match self.below(7) {
            2 | 3 | 6 if self.sees_padding => 1,
            3 if self.masked => 2,
            end => end,
        };
        let (end, output) = match end {
            0 => ("last".to_owned(), width.to_string()),
            1 => ("mean_over_steps".to_owned(), width.to_string()),
            2 => ("last(padding = input)".to_owned(), width.to_string()),
            3 => {
                self.streams = false;
                (
                    "mean_over_steps(padding = part0)".to_owned(),
                    width.to_string(),
                )
            }
            4 => {
                self.streams = false;
                ("flatten -> dense(2)".to_owned(), "2".to_owned())
            }
            5 => ("last -> dense(2) -> softmax".to_owned(), "2".to_owned()),
            _ => ("mask(input)".to_owned(), format!("[{width}; {steps}]")),
        };
        let _ = writeln!(
            self.text,
            "network! {{ #[derive(Clone, Debug)] #[gradient_flow(allow)] pub struct Net{index}([{input}; {steps}]) -> {output} {{ scalar = f64; {body} {end}; }} }}"
        );
        let streaming = if self.streams {
            format!(" network_tests::check_streaming::<Net{index}>({index});")
        } else {
            String::new()
        };
        let _ = writeln!(
            self.text,
            "#[test] fn net_{index}() {{ network_tests::check_gradients::<Net{index}>({index}, 9);{streaming} }}"
        );
    }

    fn recurrent(&mut self) -> (String, usize) {
        let units = 1 + self.below(5);
        let mut cell = ["rnn", "gru", "lstm"][self.below(3)].to_owned();
        let _ = write!(cell, "({units}");
        if self.chance(20) {
            cell.push_str(", bias = false");
        }
        let directions = if self.chance(25) {
            self.streams = false;
            cell.push_str(", bidirectional = true");
            if self.chance(60) {
                cell.push_str(", padding = input");
            } else {
                self.sees_padding = true;
            }
            2
        } else {
            1
        };
        cell.push(')');
        (cell, directions * units)
    }

    /// A layer, and the features of a step after it.
    fn layer(&mut self, width: usize, labels: &[(String, usize)]) -> (String, usize) {
        let smooth = ["tanh", "sigmoid", "gelu", "silu", "softplus", "mish"][self.below(6)];
        let same: Vec<&str> = labels
            .iter()
            .filter(|(_, other)| *other == width)
            .map(|(label, _)| label.as_str())
            .collect();
        match self.below(11) {
            10 => {
                self.streams = false;
                let features = 1 + self.below(4);
                let mask = if self.sees_padding {
                    ""
                } else {
                    self.masked = true;
                    "mask(input) -> "
                };
                let text = format!("{mask}conv1d({features}, kernel = 3, padding = 1) -> {smooth}");
                (text, features)
            }
            0 => {
                let units = 1 + self.below(4);
                (format!("dense({units}) -> {smooth}"), units)
            }
            1 => (format!("layer_norm(epsilon = 0.1) -> {smooth}"), width),
            2 => (format!("{smooth} -> dropout(0.0) -> prelu"), width),
            3 => (format!("residual(scale = 0.5) {{ gru({width}) }}"), width),
            4 => (format!("repeat(2) {{ rnn({width}) -> add(input) }}"), width),
            5 if !same.is_empty() => {
                let label = same[self.below(same.len())];
                (format!("multiply({label})"), width)
            }
            6 if !same.is_empty() => {
                let label = same[self.below(same.len())];
                (format!("add({label})"), width)
            }
            _ => self.recurrent(),
        }
    }
}
