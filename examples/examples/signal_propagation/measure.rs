//! What happens to a batch inside a network: per layer, in a forward and a backward pass.

use network_core::flow::LayerPrediction;
use network_core::gradient;
use network_core::init::Init;
use network_core::nalgebra::SVector;
use network_core::prelude::*;
use network_core::probe::{Entries, Probe, Signal};
use network_core::rand::SeedableRng;
use network_core::{Generator, Name, Parameter, ParameterKind, Visitor};

/// One executed layer.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Its path, such as `hidden.3.dense_1`.
    pub path: Vec<String>,
    /// Mean of its output over units and examples.
    pub mean: f64,
    /// Mean square of its output.
    pub square: f64,
    /// Mean square over units and examples of dL/d output.
    pub delta_square: f64,
    /// Units.
    pub units: usize,
    /// Mean square of the entries of its weights' gradient.
    pub weight_gradient_square: f64,
}

impl Measured {
    /// Standard deviation of its output over units and examples.
    pub fn deviation(&self) -> f64 {
        (self.square - self.mean * self.mean).max(0.0).sqrt()
    }

    /// Norm of dL/d output, as root mean square over examples.
    pub fn delta_norm(&self) -> f64 {
        (self.delta_square * self.units as f64).sqrt()
    }
}

/// Runs one batch forward and backward through a new network. `start` sets dL/d output.
pub fn measure<N, const BATCH: usize>(
    seed: u64,
    x: &[N::Input],
    start: impl FnOnce(&mut Workspace<N, BATCH>),
) -> Vec<Measured>
where
    N: Network<Scalar = f32>,
{
    let mut net = N::boxed(seed);
    let mut workspace = N::workspace::<BATCH>();
    let mut gradient = N::gradient();
    let mut watch = Watch::default();
    net.forward_probed(x, &mut workspace, &mut watch);
    start(&mut workspace);
    net.backward_probed(x, &mut workspace, &mut gradient, false, &mut watch);
    let mut weights = Weights {
        path: Vec::new(),
        gradient: gradient::entries::<N>(&gradient),
        layers: watch.layers,
    };
    net.visit(&mut weights);
    weights.layers
}

/// Samples from the standard normal distribution.
pub fn normal<const D: usize>(seed: u64, samples: usize) -> Vec<SVector<f32, D>> {
    let mut generator = Generator::seed_from_u64(seed);
    let standard = Init::Normal {
        mean: 0.0,
        standard_deviation: 1.0,
    };
    let mut draw = || {
        let mut x = SVector::<f32, D>::zeros();
        standard.fill_bias(1, 1, x.as_mut_slice(), &mut generator);
        x
    };
    (0..samples).map(|_| draw()).collect()
}

/// Notes every layer that holds no others.
#[derive(Default)]
struct Watch {
    path: Vec<String>,
    layers: Vec<Measured>,
}

impl Probe for Watch {
    fn enter(&mut self, name: Name, _layer: &'static str) {
        self.path.push(step(name));
    }

    fn leave(&mut self) {
        self.path.pop();
    }

    fn forward(&mut self, y: Signal<'_>) {
        let inside = |layer: &Measured| layer.path.starts_with(&self.path);
        if self.layers.last().is_some_and(inside) {
            return;
        }
        let (mean, square) = moments(y);
        self.layers.push(Measured {
            path: self.path.clone(),
            mean,
            square,
            units: y.width,
            ..Measured::default()
        });
    }

    fn backward(&mut self, d_y: Signal<'_>) {
        let found = self.layers.iter_mut().find(|layer| layer.path == self.path);
        if let Some(layer) = found {
            layer.delta_square = moments(d_y).1;
        }
    }
}

fn step(name: Name) -> String {
    match name {
        Name::Field(name) => name.to_owned(),
        Name::Index(index) => index.to_string(),
    }
}

/// Mean and mean square of all entries.
fn moments(signal: Signal<'_>) -> (f64, f64) {
    let Entries::F32(entries) = signal.entries else {
        return (f64::NAN, f64::NAN);
    };
    let mean = |f: &dyn Fn(f64) -> f64| {
        entries.iter().map(|x| f(f64::from(*x))).sum::<f64>() / entries.len() as f64
    };
    (mean(&|x| x), mean(&|x| x * x))
}

/// Walks over the parameters, and with them over the gradient.
struct Weights<'a> {
    path: Vec<String>,
    gradient: &'a [f32],
    layers: Vec<Measured>,
}

impl Visitor<f32> for Weights<'_> {
    fn enter(&mut self, name: Name) {
        self.path.push(step(name));
    }

    fn leave(&mut self) {
        self.path.pop();
    }

    fn parameter(&mut self, parameter: Parameter<'_, f32>) {
        if !parameter.kind.is_trained() {
            return;
        }
        let (own, rest) = self.gradient.split_at(parameter.value.len());
        self.gradient = rest;
        let found = self.layers.iter_mut().find(|layer| layer.path == self.path);
        if let (ParameterKind::Weight, Some(layer)) = (parameter.kind, found) {
            let sum: f64 = own.iter().map(|d| f64::from(*d).powi(2)).sum();
            layer.weight_gradient_square = sum / own.len() as f64;
        }
    }
}

/// Puts the compiler's prediction beside each measured layer.
///
/// # Errors
///
/// If they do not list the same layers.
pub fn beside<N: Network>(
    measured: Vec<Measured>,
) -> Result<Vec<(Measured, LayerPrediction)>, String> {
    let predicted: Vec<LayerPrediction> = N::FLOW.layers().collect();
    if predicted.len() != measured.len() {
        return Err(format!("{} lists other layers", N::NAME));
    }
    measured
        .into_iter()
        .zip(predicted)
        .map(|(measured, predicted)| {
            let star = |name: &String| match name.parse::<usize>() {
                Ok(_) => "*".to_owned(),
                Err(_) => name.clone(),
            };
            let path: Vec<String> = measured.path.iter().map(star).collect();
            if path.join(".") == predicted.name {
                Ok((measured, predicted))
            } else {
                Err(format!("{} is not {}", path.join("."), predicted.name))
            }
        })
        .collect()
}
