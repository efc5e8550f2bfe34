//! Random networks of image and sequence layers.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use std::fmt::Write;

const SMOOTH: &[&str] = &["tanh", "sigmoid", "gelu", "silu", "softplus", "elu(0.7)"];
const ANY: &[&str] = &[
    "relu",
    "leaky_relu(0.1)",
    "tanh",
    "identity",
    "mish",
    "silu",
];

/// What flows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Vector(usize),
    Image(usize, usize, usize),
    Sequence(usize, usize),
}
use Shape::{Image, Sequence, Vector};

impl Shape {
    fn len(self) -> usize {
        match self {
            Vector(n) => n,
            Image(c, h, w) => c * h * w,
            Sequence(f, s) => f * s,
        }
    }

    /// As the head of a declaration writes it.
    fn text(self) -> String {
        match self {
            Vector(n) => format!("{n}"),
            Image(c, h, w) => format!("({c}, {h}, {w})"),
            Sequence(f, s) => format!("[{f}; {s}]"),
        }
    }
}

/// The declarations of `count` networks, and a test for each.
pub(crate) fn write(rng: Xoshiro256PlusPlus, count: usize) -> String {
    let mut writer = Images {
        rng,
        labels: Vec::new(),
        named: 0,
    };
    let mut text = String::new();
    for index in 0..count {
        writer.network(index, &mut text);
    }
    text
}

struct Images {
    rng: Xoshiro256PlusPlus,
    /// Of the network being written.
    labels: Vec<(String, Shape)>,
    named: usize,
}

impl Images {
    fn between(&mut self, low: usize, high: usize) -> usize {
        self.rng.random_range(low..=high)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.rng.random_range(0..from.len())]
    }

    fn network(&mut self, index: usize, text: &mut String) {
        let input = if self.chance(60) {
            Image(self.between(1, 3), self.between(3, 6), self.between(3, 6))
        } else {
            Sequence(self.between(1, 3), self.between(3, 8))
        };
        self.labels = vec![("input".to_owned(), input)];
        let mut shape = input;
        let mut body = String::new();
        for _ in 0..self.between(2, 4) {
            let mut chain = Vec::new();
            for _ in 0..self.between(1, 2) {
                let (layers, next) = self.layers(shape);
                chain.push(layers);
                shape = next;
            }
            if self.chance(50) {
                self.named += 1;
                let label = format!("part{}", self.named);
                let _ = write!(body, "{label}: ");
                self.labels.push((label, shape));
            }
            let _ = write!(body, "{}; ", chain.join(" -> "));
        }
        let head = input.text();
        let output = shape.text();
        let _ = writeln!(
            text,
            "network! {{ #[derive(Clone, Debug)] #[gradient_flow(allow)] pub struct Image{index}{head} -> {output} {{ scalar = f64; {body} }} }}\n#[test] fn image_{index}() {{ network_tests::check_gradients::<Image{index}>({index}, 9); }}"
        );
    }

    /// A few layers, and the shape they end with.
    fn layers(&mut self, shape: Shape) -> (String, Shape) {
        if self.chance(15)
            && let Some(skip) = self.skip(shape)
        {
            return skip;
        }
        match shape {
            Vector(n) => self.vector(n),
            Image(c, h, w) => self.image(c, h, w),
            Sequence(f, s) => self.sequence(f, s),
        }
    }

    /// `add` or `concat` of an earlier statement that fits.
    fn skip(&mut self, shape: Shape) -> Option<(String, Shape)> {
        let fits = |other: Shape| match (shape, other) {
            (Vector(a), Vector(b)) => Some(Vector(a + b)),
            (Image(a, h, w), Image(b, ..)) if other == Image(b, h, w) => Some(Image(a + b, h, w)),
            (Sequence(a, s), Sequence(b, t)) if s == t => Some(Sequence(a + b, s)),
            _ => None,
        };
        let fitting: Vec<(String, Shape, Shape)> = self
            .labels
            .iter()
            .filter_map(|(label, other)| Some((label.clone(), *other, fits(*other)?)))
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let (label, other, joined) = fitting[self.between(0, fitting.len() - 1)].clone();
        if other == shape && self.chance(40) {
            return Some((format!("add({label})"), shape));
        }
        (joined.len() < 120).then(|| (format!("concat({label})"), joined))
    }

    fn vector(&mut self, n: usize) -> (String, Shape) {
        if n.is_multiple_of(4) && self.chance(40) {
            return (format!("reshape({}, 2, 2)", n / 4), Image(n / 4, 2, 2));
        }
        let units = self.between(2, 6);
        (
            format!("dense({units}) -> {}", self.pick(ANY)),
            Vector(units),
        )
    }

    fn common(&mut self, shape: Shape) -> (String, Shape) {
        let text = match self.between(0, 4) {
            0 => format!("batch_norm(epsilon = 0.1) -> {}", self.pick(SMOOTH)),
            1 => format!("{} -> dropout(0.3, per_channel = true)", self.pick(SMOOTH)),
            2 => format!("{} -> dropout(0.3)", self.pick(SMOOTH)),
            3 => return ("flatten".to_owned(), Vector(shape.len())),
            _ => self.pick(ANY).to_owned(),
        };
        (text, shape)
    }

    /// Groups that divide both numbers of channels, as an argument.
    fn groups(&mut self, inputs: usize, outputs: usize) -> String {
        if self.chance(60) {
            return String::new();
        }
        if outputs.is_multiple_of(inputs) && self.chance(50) {
            return ", depthwise = true".to_owned();
        }
        let common: Vec<usize> = (1..=inputs)
            .filter(|g| inputs.is_multiple_of(*g) && outputs.is_multiple_of(*g))
            .collect();
        format!(", groups = {}", common[self.between(0, common.len() - 1)])
    }

    fn image(&mut self, c: usize, h: usize, w: usize) -> (String, Shape) {
        let shape = Image(c, h, w);
        match self.between(0, 12) {
            0 | 1 if h >= 2 && w >= 2 => {
                let word = self.pick(&["max_pool2d", "avg_pool2d"]);
                let (stride, padding) = (self.between(1, 2), self.between(0, 1));
                let text = format!("{word}(2, stride = {stride}, padding = {padding})");
                let out = |n: usize| (n + 2 * padding - 2) / stride + 1;
                (text, Image(c, out(h), out(w)))
            }
            2 if self.chance(50) => ("global_avg_pool".to_owned(), Vector(c)),
            3 if shape.len() < 40 => ("upsample((2, 1))".to_owned(), Image(c, 2 * h, w)),
            4 if shape.len() < 40 => {
                let (channels, extra) = (self.between(1, 3), self.between(0, 1));
                let text = format!(
                    "conv_transpose2d({channels}, kernel = (2, 3), stride = 2, padding = (0, 1), output_padding = {extra}) -> {}",
                    self.pick(ANY)
                );
                (text, Image(channels, 2 * h + extra, 2 * w - 1 + extra))
            }
            5 => {
                let act = self.pick(SMOOTH);
                let text = format!(
                    "residual(scale = 0.5) {{ conv2d({c}, kernel = 3, padding = 1) -> {act} }}"
                );
                (text, shape)
            }
            6 => {
                let channels = self.between(1, 4);
                let stride = self.between(1, 2);
                let text = format!(
                    "residual(project = true) {{ conv2d({channels}, kernel = 3, stride = {stride}, padding = 1) -> tanh -> conv2d({channels}, 3, padding = 1) }}"
                );
                (
                    text,
                    Image(channels, (h - 1) / stride + 1, (w - 1) / stride + 1),
                )
            }
            7 => {
                let act = self.pick(SMOOTH);
                let text =
                    format!("repeat(2) {{ conv2d({c}, (3, 1), padding = (1, 0)) -> {act}; }}");
                (text, shape)
            }
            8 | 9 => self.common(shape),
            _ => self.conv2d(c, h, w),
        }
    }

    fn conv2d(&mut self, c: usize, h: usize, w: usize) -> (String, Shape) {
        let channels = self.between(1, 4);
        let groups = self.groups(c, channels);
        let padding = self.between(0, 1);
        let kernel = [h, w].map(|n| self.between(1, 3.min(n)));
        let dilation = [0, 1].map(|k| {
            let fits = 2 * (kernel[k] - 1) < [h, w][k];
            if fits { self.between(1, 2) } else { 1 }
        });
        let stride = [self.between(1, 2), self.between(1, 2)];
        let out = |k: usize, n: usize| {
            (n + 2 * padding - dilation[k] * (kernel[k] - 1) - 1) / stride[k] + 1
        };
        let bias = if self.chance(20) {
            ", bias = false"
        } else {
            ""
        };
        let text = format!(
            "conv2d({channels}, kernel = ({}, {}), stride = ({}, {}), padding = {padding}, dilation = ({}, {}){groups}{bias}) -> {}",
            kernel[0],
            kernel[1],
            stride[0],
            stride[1],
            dilation[0],
            dilation[1],
            self.pick(ANY)
        );
        (text, Image(channels, out(0, h), out(1, w)))
    }

    fn sequence(&mut self, f: usize, s: usize) -> (String, Shape) {
        let shape = Sequence(f, s);
        match self.between(0, 8) {
            0 if s >= 2 => {
                let word = self.pick(&["max_pool1d", "avg_pool1d"]);
                (format!("{word}(2)"), Sequence(f, s / 2))
            }
            1 if shape.len() < 20 => ("upsample(2)".to_owned(), Sequence(f, 2 * s)),
            2 => {
                let text = format!(
                    "residual {{ conv1d({f}, kernel = 2, padding = causal, dilation = 2) -> {} }}",
                    self.pick(SMOOTH)
                );
                (text, shape)
            }
            3 => (format!("reshape({f}, 1, {s})"), Image(f, 1, s)),
            4 => {
                let channels = self.between(1, 4);
                let text = format!(
                    "residual(project = true) {{ conv1d({channels}, kernel = 3, stride = 2, padding = 1) }}"
                );
                (text, Sequence(channels, (s - 1) / 2 + 1))
            }
            5 => self.common(shape),
            _ => {
                let channels = self.between(1, 4);
                let groups = self.groups(f, channels);
                let act = self.pick(ANY);
                if self.chance(50) {
                    let text = format!(
                        "conv1d({channels}, kernel = 3, padding = causal{groups}) -> {act}"
                    );
                    return (text, Sequence(channels, s));
                }
                let kernel = self.between(1, 3.min(s));
                let (stride, padding) = (self.between(1, 2), self.between(0, 1));
                let text = format!(
                    "conv1d({channels}, {kernel}, stride = {stride}, padding = {padding}{groups}) -> {act}"
                );
                let steps = (s + 2 * padding - kernel) / stride + 1;
                (text, Sequence(channels, steps))
            }
        }
    }
}
