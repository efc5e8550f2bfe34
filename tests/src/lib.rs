//! Helpers of the tests: filling networks with random numbers and comparing
//! their gradients with finite differences.

use network_core::rand::{RngExt, SeedableRng};
use network_core::{
    Generator, Layer, Network, Parameter, ParameterKind, ParameterMut, Sample, Visitor, VisitorMut,
    Workspace, bytemuck,
};

/// Samples in a gradient check.
pub const BATCH: usize = 5;

/// Fills all parameters with random numbers, away from the kinks of activations
/// by construction: biases and shifts of either sign are between 0.3 and 1.3.
pub fn fill<N: Network<Scalar = f64>>(network: &mut N, seed: u64) {
    struct Fill(Generator);
    impl VisitorMut<f64> for Fill {
        fn parameter(&mut self, parameter: ParameterMut<'_, f64>) {
            let fan_in = parameter.shape.get(1).copied().unwrap_or(1) as f64;
            for value in parameter.value {
                let u: f64 = self.0.random_range(-1.0..1.0);
                *value = match parameter.kind {
                    ParameterKind::Weight => u * 1.5 / fan_in.sqrt(),
                    ParameterKind::Bias | ParameterKind::Shift => u + 0.3 * u.signum(),
                    ParameterKind::Scale => 1.0 + 0.4 * u,
                    ParameterKind::Slope => 0.25 + 0.1 * u,
                    ParameterKind::Statistic => 1.0 + 0.5 * u,
                };
            }
        }
    }
    network.visit_mut(&mut Fill(Generator::seed_from_u64(seed)));
}

/// Random samples.
pub fn samples<S: Sample<Scalar = f64>>(n: usize, seed: u64) -> Vec<S> {
    let mut generator = Generator::seed_from_u64(seed);
    (0..n)
        .map(|_| {
            let mut sample = S::zeroed();
            for value in sample.as_mut_slice() {
                *value = generator.random_range(-1.5..1.5);
            }
            sample
        })
        .collect()
}

/// Names and places of the trained parameters.
struct Places {
    path: Vec<String>,
    tensors: Vec<(String, usize, usize)>,
    trained: usize,
    all: usize,
}

impl Visitor<f64> for Places {
    fn enter(&mut self, name: network_core::Name) {
        self.path.push(format!("{name:?}"));
    }
    fn leave(&mut self) {
        self.path.pop();
    }
    fn parameter(&mut self, parameter: Parameter<'_, f64>) {
        let len = parameter.value.len();
        if parameter.kind.is_trained() {
            let name = format!("{}.{}", self.path.join("."), parameter.name);
            self.tensors.push((name, self.all, len));
            self.trained += len;
        }
        self.all += len;
    }
}

/// Adds to one entry of all parameters, counted in visiting order.
struct Nudge {
    index: usize,
    by: f64,
}

impl VisitorMut<f64> for Nudge {
    fn parameter(&mut self, parameter: ParameterMut<'_, f64>) {
        let len = parameter.value.len();
        if self.index < len {
            parameter.value[self.index] += self.by;
        }
        self.index = self.index.wrapping_sub(len);
    }
}

fn nudge<N: Network<Scalar = f64>>(network: &mut N, index: usize, by: f64) {
    network.visit_mut(&mut Nudge { index, by });
}

/// Compares the gradient of every parameter and of the input with central finite
/// differences: equal to 1e-6 of the largest entry of each tensor.
///
/// The loss is a random linear function of the outputs. Of large tensors, at
/// most `most` entries are compared, evenly spread.
///
/// # Panics
///
/// If any entry differs.
pub fn check_gradients<N: Network<Scalar = f64>>(seed: u64, most: usize) {
    let mut network = N::boxed(seed);
    fill(&mut *network, seed);
    let mut x: Vec<N::Input> = samples(BATCH, seed + 1);
    let c: Vec<N::Output> = samples(BATCH, seed + 2);
    let mut workspace = N::workspace::<BATCH>();
    let mut gradient = N::gradient();
    let mut d_x = vec![<N::Input as bytemuck::Zeroable>::zeroed(); BATCH];

    let loss = |network: &N, x: &[N::Input], workspace: &mut Workspace<N, BATCH>| -> f64 {
        workspace.seed(seed);
        workspace.forward(network, x);
        let outputs = workspace.output().iter().flat_map(|y| y.as_slice().to_vec());
        outputs.zip(c.iter().flat_map(|c| c.as_slice().to_vec())).map(|(y, c)| y * c).sum()
    };
    loss(&network, &x, &mut workspace);
    workspace.d_output().copy_from_slice(&c);
    workspace.backward(&network, &x, Some(&mut d_x), &mut gradient, false);

    // Adding to an old gradient and skipping the input's must not change anything.
    let mut added = gradient.clone();
    workspace.backward(&network, &x, None, &mut added, true);
    let once: &[f64] = bytemuck::cast_slice(std::slice::from_ref(&*gradient));
    let twice: &[f64] = bytemuck::cast_slice(std::slice::from_ref(&*added));
    let largest = once.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    for (once, twice) in once.iter().zip(twice) {
        assert!((2.0 * once - twice).abs() <= 1e-12 * largest, "{}: accumulation", N::NAME);
    }

    let mut places = Places { path: Vec::new(), tensors: Vec::new(), trained: 0, all: 0 };
    network.visit(&mut places);
    assert_eq!(places.trained, once.len(), "{}: gradient and parameters differ in size", N::NAME);
    let h = 1e-6;
    let mut offset = 0;
    for (name, start, len) in &places.tensors {
        let analytic = &once[offset..offset + len];
        offset += len;
        let picked: Vec<usize> = (0..*len).step_by(len.div_ceil(most).max(1)).collect();
        let numeric: Vec<f64> = picked
            .iter()
            .map(|index| {
                nudge(&mut *network, start + index, h);
                let up = loss(&network, &x, &mut workspace);
                nudge(&mut *network, start + index, -2.0 * h);
                let down = loss(&network, &x, &mut workspace);
                nudge(&mut *network, start + index, h);
                (up - down) / (2.0 * h)
            })
            .collect();
        let largest = analytic.iter().chain(&numeric).fold(1e-3_f64, |a, b| a.max(b.abs()));
        for (index, numeric) in picked.iter().zip(&numeric) {
            let analytic = analytic[*index];
            assert!(
                (analytic - numeric).abs() <= 1e-6 * largest,
                "{} (seed {seed}): {name}[{index}]: backward {analytic}, finite difference {numeric}",
                N::NAME
            );
        }
    }

    let analytic: Vec<f64> = d_x.iter().flat_map(|d| d.as_slice().to_vec()).collect();
    let largest = analytic.iter().fold(1e-3_f64, |a, b| a.max(b.abs()));
    let width = <N::Input as Sample>::LEN;
    for (index, analytic) in analytic.iter().enumerate() {
        let (sample, entry) = (index / width, index % width);
        let mut at = |by: f64| {
            x[sample].as_mut_slice()[entry] += by;
            loss(&network, &x, &mut workspace)
        };
        let (up, down) = (at(h), at(-2.0 * h));
        at(h);
        let numeric = (up - down) / (2.0 * h);
        assert!(
            (analytic - numeric).abs() <= 1e-6 * largest,
            "{} (seed {seed}): d_x[{sample}][{entry}]: backward {analytic}, finite difference {numeric}",
            N::NAME
        );
    }
}
