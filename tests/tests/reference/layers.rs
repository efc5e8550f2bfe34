//! Each layer on its own.

use crate::training::check;
use network_core::bytemuck::zeroed_box;
use network_core::init::Init;
use network_core::layers::{
    BatchNorm, BatchNormConfig, Dense, DenseConfig, LayerNorm, LayerNormConfig, Prelu, PreluConfig,
    Softmax,
};
use network_core::nalgebra::SVector;
use network_core::rand::SeedableRng;
use network_core::{Generator, Layer, Scalar};

fn layer<L, const OUTPUT: usize>(name: &str, config: &L::Config)
where
    L: Layer<Output = SVector<<L as Layer>::Scalar, OUTPUT>>,
{
    let mut layer: Box<L> = zeroed_box();
    layer.initialize(config, &mut Generator::seed_from_u64(1));
    check("layers.json", name, layer);
}

/// What the layer starts with is replaced by the case's parameters.
const DENSE: DenseConfig = DenseConfig {
    weight: Init::Zeros,
    bias: Init::Zeros,
};

fn dense<T: Scalar>() {
    layer::<Dense<T, 5, 3>, 3>("dense", &DENSE);
    layer::<Dense<T, 5, 3, 0>, 3>("dense without bias", &DENSE);
    layer::<Dense<T, 9, 1>, 1>("dense to one", &DENSE);
    layer::<Dense<T, 17, 33>, 33>("dense, wide", &DENSE);
}

#[test]
fn dense_agrees_with_pytorch() {
    dense::<f32>();
    dense::<f64>();
}

fn batch_norm<T: Scalar>() {
    let config = BatchNormConfig::default();
    layer::<BatchNorm<T, 5>, 5>("batch_norm", &config);
    let config = BatchNormConfig {
        momentum: 0.3,
        epsilon: 0.01,
        ..config
    };
    layer::<BatchNorm<T, 5>, 5>("batch_norm, other momentum and epsilon", &config);
}

#[test]
fn batch_norm_agrees_with_pytorch() {
    batch_norm::<f32>();
    batch_norm::<f64>();
}

fn layer_norm<T: Scalar>() {
    let config = LayerNormConfig::default();
    layer::<LayerNorm<T, 6>, 6>("layer_norm", &config);
    let config = LayerNormConfig {
        epsilon: 0.1,
        ..config
    };
    layer::<LayerNorm<T, 6>, 6>("layer_norm, other epsilon", &config);
}

#[test]
fn layer_norm_agrees_with_pytorch() {
    layer_norm::<f32>();
    layer_norm::<f64>();
}

fn prelu<T: Scalar>() {
    layer::<Prelu<T, 4>, 4>("prelu", &PreluConfig::default());
    layer::<Prelu<T, 4, 4>, 4>("prelu, a slope for each unit", &PreluConfig::default());
}

#[test]
fn prelu_agrees_with_pytorch() {
    prelu::<f32>();
    prelu::<f64>();
}

#[test]
fn softmax_agrees_with_pytorch() {
    layer::<Softmax<f32, 5>, 5>("softmax", &());
    layer::<Softmax<f64, 5>, 5>("softmax", &());
}
