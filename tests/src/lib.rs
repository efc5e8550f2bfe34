//! Helpers of the tests: filling networks with random numbers and comparing
//! their gradients with finite differences, and with the figures of PyTorch.

pub mod custom;
pub mod declared;
pub mod paths;
pub mod reference;

use network_core::gradient::entries;
use network_core::rand::{RngExt, SeedableRng};
use network_core::{
    Generator, Network, Parameter, ParameterKind, ParameterMut, Sample, Streaming, Visitor,
    VisitorMut, Workspace, bytemuck,
};

/// The README's programs, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

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

/// Compares the gradient of every parameter and of the input with finite
/// differences: equal to 1e-6 of the largest entry of each tensor.
///
/// The loss is a random linear function of the outputs. Of large tensors, at
/// most `most` entries are compared, evenly spread. Parameters that happen to
/// lie at a kink of an activation are drawn anew.
///
/// # Panics
///
/// If any entry differs.
pub fn check_gradients<N: Network<Scalar = f64>>(seed: u64, most: usize) {
    const DRAWS: u64 = 5;
    for draw in 0..DRAWS {
        if Check::<N>::new(seed + 1000 * draw).run(most) == Outcome::Agrees {
            return;
        }
    }
    panic!("{} (seed {seed}): {DRAWS} draws all lie at a kink", N::NAME);
}

/// Compares a stream, step by step, with what the network says of the whole sequence: the
/// same bits at every step, or after the last one if the output is no sequence.
///
/// # Panics
///
/// If any bit differs.
pub fn check_streaming<N: Streaming + Network<Scalar = f64>>(seed: u64) {
    let mut network = N::boxed(seed);
    fill(&mut *network, seed);
    let features = N::StepInput::LEN;
    for x in samples::<N::Input>(3, seed + 1) {
        let whole = network.predict(&x);
        let mut state = N::state();
        let mut steps = Vec::new();
        for step in x.as_slice().chunks_exact(features) {
            let mut input = <N::StepInput as bytemuck::Zeroable>::zeroed();
            input.as_mut_slice().copy_from_slice(step);
            let output = network.step(&input, &mut state);
            steps.extend_from_slice(output.as_slice());
        }
        let compared = steps.len() - N::Output::LEN;
        assert_eq!(steps[compared..], *whole.as_slice(), "{}", N::NAME);
        if N::Output::LEN > N::StepOutput::LEN {
            assert_eq!(compared, 0, "{}: a step for every step", N::NAME);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Agrees,
    Kink,
}

struct Check<N: Network<Scalar = f64>> {
    seed: u64,
    network: Box<N>,
    x: Vec<N::Input>,
    /// The loss is the sum of `c * y`.
    c: Vec<N::Output>,
    workspace: Box<Workspace<N, BATCH>>,
}

impl<N: Network<Scalar = f64>> Check<N> {
    fn new(seed: u64) -> Self {
        let mut network = N::boxed(seed);
        fill(&mut *network, seed);
        Self {
            seed,
            network,
            x: samples(BATCH, seed + 1),
            c: samples(BATCH, seed + 2),
            workspace: N::workspace(),
        }
    }

    fn loss(&mut self) -> f64 {
        self.workspace.seed(self.seed);
        self.workspace.forward(&self.network, &self.x);
        let outputs = self.workspace.output().iter().flat_map(Sample::as_slice);
        outputs
            .zip(self.c.iter().flat_map(Sample::as_slice))
            .map(|(y, c)| y * c)
            .sum()
    }

    fn run(&mut self, most: usize) -> Outcome {
        let mut gradient = N::gradient();
        let mut d_x = vec![<N::Input as bytemuck::Zeroable>::zeroed(); BATCH];
        self.loss();
        self.workspace.d_output().copy_from_slice(&self.c);
        self.workspace
            .backward(&self.network, &self.x, Some(&mut d_x), &mut gradient, false);

        // Adding to an old gradient and skipping the input's must not change anything.
        let mut added = gradient.clone();
        self.workspace
            .backward(&self.network, &self.x, None, &mut added, true);
        let once = entries::<N>(&gradient);
        let twice = entries::<N>(&added);
        let largest = once.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        for (once, twice) in once.iter().zip(twice) {
            assert!(
                (2.0 * once - twice).abs() <= 1e-12 * largest,
                "{}: accumulation",
                N::NAME
            );
        }

        let mut places = Places {
            path: Vec::new(),
            tensors: Vec::new(),
            trained: 0,
            all: 0,
        };
        self.network.visit(&mut places);
        assert_eq!(
            places.trained,
            once.len(),
            "{}: gradient and parameters differ",
            N::NAME
        );
        let mut offset = 0;
        for (name, start, len) in &places.tensors {
            let analytic = &once[offset..offset + len];
            offset += len;
            let picked: Vec<usize> = (0..*len).step_by(len.div_ceil(most).max(1)).collect();
            let at = |check: &mut Self, index: usize, by: f64| {
                nudge(&mut *check.network, start + index, by);
                let loss = check.loss();
                nudge(&mut *check.network, start + index, -by);
                loss
            };
            if self.compare(name, analytic, &picked, at) == Outcome::Kink {
                return Outcome::Kink;
            }
        }
        let analytic: Vec<f64> = d_x.iter().flat_map(Sample::as_slice).copied().collect();
        let all: Vec<usize> = (0..analytic.len()).collect();
        self.compare("d_x", &analytic, &all, |check, index, by| {
            let width = <N::Input as Sample>::LEN;
            let entry = &mut check.x[index / width].as_mut_slice()[index % width];
            let old = *entry;
            *entry += by;
            let loss = check.loss();
            check.x[index / width].as_mut_slice()[index % width] = old;
            loss
        })
    }

    /// Compares entries of one tensor with finite differences of fourth order.
    fn compare(
        &mut self,
        name: &str,
        analytic: &[f64],
        picked: &[usize],
        at: impl Fn(&mut Self, usize, f64) -> f64,
    ) -> Outcome {
        const H: f64 = 1e-5;
        let mut difference =
            |index: usize, h: f64| (at(self, index, h) - at(self, index, -h)) / (2.0 * h);
        let pairs: Vec<(f64, f64)> = picked
            .iter()
            .map(|&index| (difference(index, H), difference(index, 2.0 * H)))
            .collect();
        let largest = analytic.iter().fold(1e-3_f64, |a, b| a.max(b.abs()));
        for (&index, (near, far)) in picked.iter().zip(&pairs) {
            let (analytic, numeric) = (analytic[index], (4.0 * near - far) / 3.0);
            if (analytic - numeric).abs() <= 1e-6 * largest {
                continue;
            }
            // A smooth function has nearly the same slope over both distances.
            if (near - far).abs() > 1e-6 * largest {
                return Outcome::Kink;
            }
            panic!(
                "{} (seed {}): {name}[{index}]: backward {analytic}, finite difference {numeric}",
                N::NAME,
                self.seed
            );
        }
        Outcome::Agrees
    }
}
