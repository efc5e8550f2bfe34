//! Writes random network declarations for `tests/random_networks_*.rs`: random
//! kinds of layers, widths, skips, repeats and nesting, the same at every build.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::fmt::Write;
use std::path::Path;

/// Test binaries, so that they build side by side.
const FILES: usize = 4;
/// Networks in each.
const NETWORKS: usize = 130;

const ACTIVATIONS: &[&str] = &[
    "identity",
    "sigmoid",
    "hard_sigmoid",
    "tanh",
    "hard_tanh",
    "relu",
    "relu6",
    "leaky_relu(0.1)",
    "prelu",
    "elu(0.7)",
    "selu",
    "gelu",
    "gelu_tanh",
    "silu",
    "hard_swish",
    "softplus",
    "mish",
    "softsign",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    for file in 0..FILES {
        let mut writer = Declarations {
            rng: Xoshiro256PlusPlus::seed_from_u64(file as u64),
            text: String::new(),
            nested: Vec::new(),
            labels: 0,
        };
        for index in 0..NETWORKS {
            writer.network(index);
        }
        let path = Path::new(&out).join(format!("random_networks_{file}.rs"));
        std::fs::write(path, writer.text).expect("OUT_DIR can be written");
    }
    let mut writer = Sequences {
        rng: Xoshiro256PlusPlus::seed_from_u64(99),
        text: String::new(),
        streams: true,
    };
    for index in 0..SEQUENCES {
        writer.network(index);
    }
    let path = Path::new(&out).join("random_sequences.rs");
    std::fs::write(path, writer.text).expect("OUT_DIR can be written");
}

/// Random networks over sequences.
const SEQUENCES: usize = 60;

/// Writes networks over sequences: recurrent layers of all kinds, layers at every step,
/// gates, skips and repeats, and what makes a vector of a sequence.
struct Sequences {
    rng: Xoshiro256PlusPlus,
    text: String,
    /// Whether the network being written can work on a stream.
    streams: bool,
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
        self.streams = true;
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
        let (end, output) = match self.below(7) {
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
        match self.below(10) {
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

struct Declarations {
    rng: Xoshiro256PlusPlus,
    text: String,
    /// Declared networks that others may hold: name, input, output.
    nested: Vec<(String, usize, usize)>,
    labels: usize,
}

impl Declarations {
    fn width(&mut self) -> usize {
        self.rng.random_range(1..8)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.rng.random_range(0..from.len())]
    }

    fn network(&mut self, index: usize) {
        let (input, statements) = (self.width(), self.rng.random_range(1..5));
        let (body, output) = self.body(input, input, statements, 0);
        let softmax = if self.chance(10) { "softmax;" } else { "" };
        let name = format!("Net{index}");
        let _ = writeln!(
            self.text,
            "network! {{ #[derive(Clone, Debug)] #[gradient_flow(allow)] pub struct {name}({input}) -> {output} {{ scalar = f64; {body} {softmax} }} }}"
        );
        let _ = writeln!(
            self.text,
            "#[test] fn net_{index}() {{ network_tests::check_gradients::<{name}>({index}, 9); }}"
        );
        if self.chance(15) && softmax.is_empty() {
            self.nested.push((name, input, output));
        }
    }

    /// Statements from the width `start` to another, which is returned, in a block
    /// whose input has the width `input`.
    fn body(
        &mut self,
        start: usize,
        input: usize,
        statements: usize,
        depth: usize,
    ) -> (String, usize) {
        let mut text = String::new();
        let mut width = start;
        let mut labels: Vec<(String, usize)> = vec![("input".to_owned(), input)];
        for _ in 0..statements {
            let mut chain: Vec<String> = Vec::new();
            for _ in 0..self.rng.random_range(1..3) {
                let (layers, end) = self.layers(width, &labels, input, depth);
                chain.push(layers);
                width = end;
            }
            let chain = chain.join(" -> ");
            if self.chance(40) {
                self.labels += 1;
                let label = format!("part{}", self.labels);
                let _ = write!(text, "{label}: ");
                labels.push((label, width));
            }
            let _ = writeln!(text, "{chain};");
        }
        (text, width)
    }

    /// A few layers, and the width they end with.
    fn layers(
        &mut self,
        width: usize,
        labels: &[(String, usize)],
        input: usize,
        depth: usize,
    ) -> (String, usize) {
        match self.rng.random_range(0..12) {
            0 if depth < 2 => {
                let scale = if self.chance(40) { "scale = 0.5" } else { "" };
                let (body, end) = self.body(width, input, 1, depth + 1);
                if end == width {
                    (format!("residual({scale}) {{ {body} }}"), width)
                } else if self.chance(50) {
                    let comma = if scale.is_empty() { "" } else { ", " };
                    (
                        format!("residual({scale}{comma}project = true) {{ {body} }}"),
                        end,
                    )
                } else {
                    (
                        format!("residual({scale}) {{ {body} dense({width}) }}"),
                        width,
                    )
                }
            }
            1 if depth < 2 => {
                let count = self.rng.random_range(1..4);
                let (body, end) = self.body(width, width, 1, depth + 1);
                let close = if end == width {
                    String::new()
                } else {
                    format!("dense({width});")
                };
                (format!("repeat({count}) {{ {body} {close} }}"), width)
            }
            2 => {
                let same: Vec<&str> = labels
                    .iter()
                    .filter(|(_, other)| *other == width)
                    .map(|(label, _)| label.as_str())
                    .collect();
                if same.is_empty() {
                    return self.dense();
                }
                let word = if self.chance(30) { "multiply" } else { "add" };
                (format!("{word}({})", self.pick(&same)), width)
            }
            3 if width < 12 => {
                let (label, other) = &labels[self.rng.random_range(0..labels.len())];
                (format!("concat({label})"), width + other)
            }
            4 => {
                let fitting: Vec<_> = self
                    .nested
                    .iter()
                    .filter(|(_, input, _)| *input == width)
                    .cloned()
                    .collect();
                match fitting.first() {
                    // The macro cannot know the width after it, so a dense layer follows.
                    Some((name, ..)) => {
                        let end = self.width();
                        (format!("{name} -> dense({end})"), end)
                    }
                    None => self.dense(),
                }
            }
            5 => (self.pick(ACTIVATIONS).to_owned(), width),
            6 => (
                format!("batch_norm(epsilon = 0.1) -> {}", self.pick(ACTIVATIONS)),
                width,
            ),
            7 => (
                format!("layer_norm(epsilon = 0.1) -> {}", self.pick(ACTIVATIONS)),
                width,
            ),
            8 => (format!("{} -> dropout(0.3)", self.pick(ACTIVATIONS)), width),
            _ => self.dense(),
        }
    }

    fn dense(&mut self) -> (String, usize) {
        let end = self.width();
        let bias = if self.chance(15) {
            ", bias = false"
        } else {
            ""
        };
        (
            format!("dense({end}{bias}) -> {}", self.pick(ACTIVATIONS)),
            end,
        )
    }
}
