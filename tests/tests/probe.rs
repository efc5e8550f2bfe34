//! What a probe is told of every layer, and that watching changes no bit.

use network_core::bytemuck::Zeroable;
use network_core::prelude::*;
use network_core::probe::{Entries, Probe, Signal};
use network_core::{Name, gradient};

network! {
    #[gradient_flow(allow)]
    struct Inner(8) -> 8 {
        first: dense(8) -> tanh;
    }
}

network! {
    #[gradient_flow(allow)]
    struct Watched(6) -> 3 {
        stem: dense(8) -> batch_norm -> relu;
        blocks: repeat(2) {
            residual { dense(8) -> sigmoid -> dense(8) };
        }
        inner: Inner;
        mine: activation(Bent);
        head: dense(3);
    }
}

#[derive(Clone, Copy, Debug, Default, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
struct Bent;
impl network_core::layers::Activation for Bent {
    fn value<R: network_core::Real>(&self, x: R) -> R {
        x + x * x * R::from_f64(0.1)
    }
    fn derivative<R: network_core::Real>(&self, x: R, _: R) -> R {
        R::ONE + x * R::from_f64(0.2)
    }
}

/// Writes down everything.
#[derive(Default)]
struct Log {
    path: Vec<String>,
    lines: Vec<String>,
    numbers: Vec<(String, Vec<f32>)>,
}

impl Log {
    fn note(&mut self, what: &str, signal: Signal<'_>) {
        let Entries::F32(entries) = signal.entries else {
            panic!("the network is f32");
        };
        let line = format!(
            "{what} {} {}x{}",
            self.path.join("."),
            signal.width,
            entries.len() / signal.width
        );
        self.numbers.push((line.clone(), entries.to_vec()));
        self.lines.push(line);
    }

    fn numbers(&self, line: &str) -> &[f32] {
        let found = self.numbers.iter().find(|(name, _)| name == line);
        &found
            .unwrap_or_else(|| panic!("no {line} in {:#?}", self.lines))
            .1
    }
}

impl Probe for Log {
    fn enter(&mut self, name: Name, layer: &'static str) {
        self.path.push(match name {
            Name::Field(name) => name.to_owned(),
            Name::Index(index) => index.to_string(),
        });
        if self.path == ["blocks"] {
            assert_eq!(layer, "repeat(2)");
        }
        if self.path == ["head"] {
            assert_eq!(layer, "dense(3)");
        }
    }
    fn leave(&mut self) {
        self.path.pop();
    }
    fn input(&mut self, x: Signal<'_>) {
        self.note("input", x);
    }
    fn forward(&mut self, y: Signal<'_>) {
        self.note("y", y);
    }
    fn backward(&mut self, d_y: Signal<'_>) {
        self.note("d_y", d_y);
    }
    fn backward_input(&mut self, d_x: Signal<'_>) {
        self.note("d_x", d_x);
    }
    fn skip(&mut self, name: &'static str, d_skip: Signal<'_>, d_branch: Signal<'_>) {
        self.note(&format!("skip {name}"), d_skip);
        self.note(&format!("branch {name}"), d_branch);
    }
}

fn batch() -> (Vec<SVector<f32, 6>>, Vec<usize>) {
    let x = (0..5).map(|i| SVector::from_fn(|j, _| ((i * 7 + j * 3) as f32).sin()));
    (x.collect(), vec![0, 1, 2, 0, 1])
}

fn watch() -> (Log, Vec<f32>) {
    let (x, y) = batch();
    let mut net = Watched::new(5);
    let mut workspace = Watched::workspace::<5>();
    let mut gradient = Watched::gradient();
    let mut log = Log::default();
    net.forward_probed(&x, &mut workspace, &mut log);
    workspace.loss(&CrossEntropy::default(), &y).unwrap();
    net.backward_probed(&x, &mut workspace, &mut gradient, false, &mut log);
    assert!(log.path.is_empty(), "what is entered is left");
    (log, gradient::entries::<Watched>(&gradient).to_vec())
}

#[test]
fn every_layer_is_told_of_by_its_path() {
    let (log, _) = watch();
    let expected = "
input  6x5
y stem 8x5
y stem_batch_norm 8x5
y stem_relu 8x5
y blocks.0.dense_1 8x5
y blocks.0.sigmoid_1 8x5
y blocks.0.dense_2 8x5
y blocks.0.residual_1 8x5
y blocks.1.dense_1 8x5
y blocks.1.sigmoid_1 8x5
y blocks.1.dense_2 8x5
y blocks.1.residual_1 8x5
y blocks 8x5
y inner.first 8x5
y inner.first_tanh 8x5
y inner 8x5
y mine 8x5
y head 3x5
d_y head 3x5
d_x head 8x5
d_y mine 8x5
d_x mine 8x5
";
    let lines = log.lines.join("\n");
    let expected: Vec<&str> = expected.trim().lines().collect();
    assert_eq!(
        lines.lines().take(expected.len()).collect::<Vec<_>>(),
        expected,
        "{lines}"
    );
    for line in [
        "d_y inner 8x5",
        "d_y inner.first_tanh 8x5",
        "d_y inner.first 8x5",
        "d_x inner.first 8x5",
        "d_y blocks.1.residual_1 8x5",
        "d_y blocks.0.dense_1 8x5",
        "skip residual_1 blocks.1 8x5",
        "branch residual_1 blocks.0 8x5",
        "d_y stem_relu 8x5",
        "d_x stem_relu 8x5",
        "d_y stem 8x5",
    ] {
        log.numbers(line);
    }
    assert!(
        !log.lines.contains(&"d_x stem 6x5".to_owned()),
        "nobody asked for it"
    );
}

#[test]
fn a_probe_sees_what_is_overwritten_later() {
    let (log, gradient) = watch();
    // The dense layer's bias gradient is the sum of its deltas.
    let deltas = log.numbers("d_y head 3x5");
    let bias = &gradient[gradient.len() - 3..];
    for unit in 0..3 {
        let sum: f32 = (0..5).map(|sample| deltas[3 * sample + unit]).sum();
        assert!((sum - bias[unit]).abs() < 1e-6, "{sum} {}", bias[unit]);
    }
    // The batch norm's output is kept in the memory that the relu overwrites.
    let before = log.numbers("y stem_batch_norm 8x5");
    let after = log.numbers("y stem_relu 8x5");
    assert!(before.iter().any(|x| *x < 0.0));
    let relu: Vec<f32> = before.iter().map(|x| x.max(0.0)).collect();
    assert_eq!(relu, after);
    // ... and so is the delta.
    let (d_y, d_x) = (
        log.numbers("d_y stem_relu 8x5"),
        log.numbers("d_x stem_relu 8x5"),
    );
    for ((d_y, d_x), y) in d_y.iter().zip(d_x).zip(after) {
        assert_eq!(*d_x, if *y > 0.0 { *d_y } else { 0.0 });
    }
    // What comes through the skip is what arrived at the sum.
    let skip = log.numbers("skip residual_1 blocks.1 8x5");
    assert_eq!(skip, log.numbers("d_y blocks.1.residual_1 8x5"));
    let branch = log.numbers("branch residual_1 blocks.1 8x5");
    let sum: Vec<f32> = skip.iter().zip(branch).map(|(a, b)| a + b).collect();
    assert_eq!(sum, log.numbers("d_y blocks.0.residual_1 8x5"));
}

#[test]
fn watching_changes_no_bit() {
    let (x, y) = batch();
    let mut net = Watched::new(5);
    let mut workspace = Watched::workspace::<5>();
    let mut gradient = Watched::gradient();
    net.forward(&x, &mut workspace);
    workspace.loss(&CrossEntropy::default(), &y).unwrap();
    net.backward(&x, &mut workspace, &mut gradient);
    let (_, watched) = watch();
    let plain = gradient::entries::<Watched>(&gradient);
    assert!(
        plain
            .iter()
            .zip(&watched)
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
}
