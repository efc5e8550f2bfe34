//! Each activation's value and derivative, on a grid and far out.

use network_core::bytemuck::Zeroable;
use network_core::kernels::SimdPath;
use network_core::layers::{
    Activation, Elementwise, Elu, Gelu, GeluTanh, HardSigmoid, HardSwish, HardTanh, Identity,
    LeakyRelu, Mish, Relu, Relu6, Selu, Sigmoid, Silu, Softplus, Softsign, Tanh,
};
use network_core::nalgebra::SVector;
use network_core::rand::SeedableRng;
use network_core::{Generator, Layer, Pass, Scalar};
use network_tests::reference::{Case, assert_within, cases, tolerance};

/// Compares entry by entry: relative to the entry, or to 1 if it is smaller.
fn assert_entries<T: Scalar>(case: &Case, pointer: &str, actual: &[SVector<T, 1>]) {
    let expected = case.figures::<T>(pointer);
    assert_eq!(actual.len(), expected.len());
    for (index, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
        let distance = tolerance::<T>() * expected.abs().max(1.0);
        let what = format!("{}, {}{pointer}, input {index}", case.name, T::NAME);
        assert_within(&what, &[actual[0].to_f64()], &[*expected], distance);
    }
}

fn check_as<T: Scalar, F: Activation>(case: &Case, function: F) {
    let mut generator = Generator::seed_from_u64(0);
    let mut layer: Elementwise<T, 1, F> = Zeroable::zeroed();
    layer.initialize(&function, &mut generator);
    let path = SimdPath::detect();
    let mut pass = Pass {
        path,
        generator: &mut generator,
        accumulate: false,
        probe: None,
    };

    let x: Vec<SVector<T, 1>> = case
        .given::<T>("/input")
        .into_iter()
        .map(SVector::repeat)
        .collect();
    let mut y = vec![SVector::repeat(T::ZERO); x.len()];
    let mut d_x = y.clone();
    let d_y = vec![SVector::repeat(T::ONE); x.len()];
    layer.infer(path, &x, &mut y, &mut []);
    assert_entries(case, "/output", &y);
    layer.forward::<64>(&mut pass, &x, &mut y, &mut (), &mut []);
    assert_entries(case, "/output", &y);
    layer.backward::<64>(
        &mut pass,
        &x,
        &y,
        &d_y,
        Some(&mut d_x),
        &mut (),
        &mut (),
        &mut [],
    );
    assert_entries(case, "/derivative", &d_x);
}

fn check<F: Activation>(case: &Case, function: F) {
    check_as::<f32, F>(case, function);
    check_as::<f64, F>(case, function);
}

#[test]
fn activations_agree_with_pytorch() {
    for case in cases("activations.json") {
        match case.text("/activation") {
            "identity" => check(&case, Identity),
            "sigmoid" => check(&case, Sigmoid),
            "hard_sigmoid" => check(&case, HardSigmoid),
            "tanh" => check(&case, Tanh),
            "hard_tanh" => check(&case, HardTanh),
            "relu" => check(&case, Relu),
            "relu6" => check(&case, Relu6),
            "leaky_relu" => check(&case, LeakyRelu::default()),
            "leaky_relu(0.2)" => check(&case, LeakyRelu::new(0.2)),
            "elu" => check(&case, Elu::default()),
            "elu(0.5)" => check(&case, Elu::new(0.5)),
            "selu" => check(&case, Selu),
            "gelu" => check(&case, Gelu),
            "gelu_tanh" => check(&case, GeluTanh),
            "silu" => check(&case, Silu),
            "hard_swish" => check(&case, HardSwish),
            "softplus" => check(&case, Softplus),
            "mish" => check(&case, Mish),
            "softsign" => check(&case, Softsign),
            other => panic!("unknown activation {other}"),
        }
    }
}
