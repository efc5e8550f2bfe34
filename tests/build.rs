//! Writes random network declarations for `tests/random_networks_*.rs`: random
//! kinds of layers, widths, skips, repeats and nesting, the same at every build.

#[path = "build/images.rs"]
mod images;
#[path = "build/sequences.rs"]
mod sequences;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::fmt::Write;
use std::path::Path;

/// Test binaries, so that they build side by side.
const FILES: usize = 4;
/// Networks in each.
const NETWORKS: usize = 130;
/// Networks of image and sequence layers.
const IMAGE_NETWORKS: usize = 60;
/// Networks of recurrent layers, gates and padding.
const SEQUENCE_NETWORKS: usize = 60;

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
    println!("cargo::rerun-if-changed=build/images.rs");
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
    let text = images::write(Xoshiro256PlusPlus::seed_from_u64(99), IMAGE_NETWORKS);
    let path = Path::new(&out).join("random_images.rs");
    std::fs::write(path, text).expect("OUT_DIR can be written");
    let text = sequences::write(Xoshiro256PlusPlus::seed_from_u64(99), SEQUENCE_NETWORKS);
    let path = Path::new(&out).join("random_sequences.rs");
    std::fs::write(path, text).expect("OUT_DIR can be written");
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
