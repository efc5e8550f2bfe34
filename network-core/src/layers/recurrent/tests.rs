//! Gradients, equal bits, names and initial values of recurrent layers.

use super::*;
use crate::init::Init;
use crate::layers::cell::Forget;
use crate::layers::{Gru, Lstm, Relu, Rnn, Tanh, check};
use std::vec::Vec;

fn config<G>(gating: G) -> CellConfig<G> {
    CellConfig {
        gating,
        weight_ih: Init::LecunNormal,
        weight_hh: Init::Orthogonal { gain: 1.0 },
        bias: Init::Normal {
            mean: 0.1,
            standard_deviation: 0.3,
        },
        forget: None,
        truncate: 0,
    }
}

type Plain<T, const I: usize, const U: usize, const S: usize, const X: usize, const Y: usize> =
    Recurrent<Cell<T, Rnn<Tanh>, I, U, U>, S, X, Y>;

#[test]
fn gradients_agree_with_differences() {
    let tanh = config(Rnn(Tanh));
    check::gradients(
        &mut *check::layer::<Plain<f64, 3, 5, 4, 12, 20>>(&tanh, 1),
        check::anywhere,
    );
    check::gradients(
        &mut *check::layer::<Plain<f64, 1, 1, 1, 1, 1>>(&tanh, 1),
        check::anywhere,
    );
    // Large enough a bias to stay away from the kink.
    let relu = CellConfig {
        bias: Init::Constant(4.0),
        weight_hh: Init::Orthogonal { gain: 0.1 },
        ..config(Rnn(Relu))
    };
    type Kinked = Recurrent<Cell<f64, Rnn<Relu>, 2, 3, 3>, 3, 6, 9>;
    check::gradients(&mut *check::layer::<Kinked>(&relu, 1), check::anywhere);
    type Gated<const U: usize, const K: usize, const Y: usize> =
        Recurrent<Cell<f64, Gru, 3, U, K>, 4, 12, Y>;
    check::gradients(
        &mut *check::layer::<Gated<5, 15, 20>>(&config(Gru), 1),
        check::anywhere,
    );
    check::gradients(
        &mut *check::layer::<Gated<17, 51, 68>>(&config(Gru), 1),
        check::anywhere,
    );
    type Long<const U: usize, const K: usize, const Y: usize> =
        Recurrent<Cell<f64, Lstm, 3, U, K>, 4, 12, Y>;
    check::gradients(
        &mut *check::layer::<Long<5, 20, 20>>(&config(Lstm), 1),
        check::anywhere,
    );
    check::gradients(
        &mut *check::layer::<Long<17, 68, 68>>(&config(Lstm), 1),
        check::anywhere,
    );
    type NoBias = Recurrent<Cell<f64, Lstm, 2, 3, 12, 0>, 10, 20, 30>;
    check::gradients(
        &mut *check::layer::<NoBias>(&config(Lstm), 1),
        check::anywhere,
    );
}

fn same_bits<G: Gating, const K: usize>(gating: G) {
    let layer = check::layer::<Recurrent<Cell<f32, G, 2, 5, K>, 9, 18, 45>>(&config(gating), 1);
    check::infers_as_it_trains(&*layer);
    check::agrees_on_all_paths(&*layer);
    check::stays_finite(&*layer);
    let layer = check::layer::<Recurrent<Cell<f64, G, 2, 5, K>, 9, 18, 45>>(&config(gating), 1);
    check::infers_as_it_trains(&*layer);
    check::agrees_on_all_paths(&*layer);
}

#[test]
fn inference_gives_the_bits_of_training_on_every_path() {
    same_bits::<_, 5>(Rnn(Tanh));
    same_bits::<_, 15>(Gru);
    same_bits::<_, 20>(Lstm);
}

/// Truncated back-propagation is that of shorter sequences, whose first state is given.
#[test]
fn truncation_cuts_the_gradient_between_steps() {
    type Short = Plain<f64, 1, 3, 2, 2, 6>;
    type Whole = Plain<f64, 1, 3, 4, 4, 12>;
    let cut = CellConfig {
        truncate: 2,
        ..config(Rnn(Tanh))
    };
    let whole = check::layer::<Whole>(&cut, 1);
    let x = check::normal::<SVector<f64, 4>>(1, 2);
    let mut cache = check::cache::<Whole>();
    let y = check::forward(&*whole, 0, &x, &mut cache);
    // Only the last step is asked about, so only the last two may answer.
    let mut d_y = [SVector::<f64, 12>::zeros()];
    d_y[0].as_mut_slice()[9..].fill(1.0);
    let mut d_x = [SVector::zeros()];
    let mut gradient = Zeroable::zeroed();
    check::backward(
        &*whole,
        &x,
        &y,
        &d_y,
        Some(&mut d_x),
        &mut cache,
        &mut gradient,
        false,
    );
    assert_eq!(d_x[0].as_slice()[..2], [0.0; 2]);

    let full = check::layer::<Whole>(&config(Rnn(Tanh)), 1);
    let mut d_x_full = [SVector::zeros()];
    let mut whole_gradient = Zeroable::zeroed();
    check::backward(
        &*full,
        &x,
        &y,
        &d_y,
        Some(&mut d_x_full),
        &mut cache,
        &mut whole_gradient,
        false,
    );
    assert_eq!(d_x[0].as_slice()[2..], d_x_full[0].as_slice()[2..]);
    assert!(d_x_full[0].as_slice()[..2].iter().all(|d| *d != 0.0));
    assert_ne!(gradient, whole_gradient);

    // A truncation no shorter than the sequence changes nothing.
    let late = CellConfig {
        truncate: 2,
        ..config(Rnn(Tanh))
    };
    check::gradients(&mut *check::layer::<Short>(&late, 1), check::anywhere);
}

#[test]
fn parameters_are_named_as_in_pytorch() {
    type Long = Recurrent<Cell<f32, Lstm, 2, 3, 12>, 4, 8, 12>;
    let shown = check::Shown::of(&mut *check::layer::<Long>(&config(Lstm), 1));
    let names = [
        ("weight_ih_l0", &[12, 2][..]),
        ("weight_hh_l0", &[12, 3]),
        ("bias_ih_l0", &[12]),
        ("bias_hh_l0", &[12]),
    ];
    assert_eq!(shown.names(), names);
    type NoBias = Recurrent<Cell<f32, Lstm, 2, 3, 12, 0>, 4, 8, 12>;
    let shown = check::Shown::of(&mut *check::layer::<NoBias>(&config(Lstm), 1));
    assert_eq!(shown.names(), names[..2]);
}

#[test]
fn the_gate_that_remembers_starts_apart() {
    type Long = Recurrent<Cell<f64, Lstm, 2, 3, 12>, 4, 8, 12>;
    let bias = CellConfig {
        bias: Init::Zeros,
        forget: Some(Forget::Bias(1.0)),
        ..config(Lstm)
    };
    let cell = check::layer::<Long>(&bias, 1).cell;
    let expected = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(cell.bias_ih.as_slice(), expected);
    assert_eq!(cell.bias_hh.as_slice(), [0.0; 12]);

    type Wide = Recurrent<Cell<f64, Lstm, 1, 200, 800>, 2, 2, 400>;
    let chrono = CellConfig {
        forget: Some(Forget::Chrono { steps: 100 }),
        ..bias
    };
    let cell = check::layer::<Wide>(&chrono, 1).cell;
    let forget = &cell.bias_ih.as_slice()[200..400];
    let u: Vec<f64> = forget.iter().map(|f| libm::exp(*f)).collect();
    assert!(u.iter().all(|u| (1.0..=99.0).contains(u)));
    // Uniform on [1, 99]: mean 50, standard error 28.3 / sqrt 200 = 2.
    let mean = u.iter().sum::<f64>() / 200.0;
    assert!((mean - 50.0).abs() < 8.0, "{mean}");
    let input = &cell.bias_ih.as_slice()[..200];
    assert!(input.iter().zip(forget).all(|(i, f)| *i == -*f));

    type Gated = Recurrent<Cell<f64, Gru, 2, 3, 9>, 4, 8, 12>;
    let update = CellConfig {
        bias: Init::Zeros,
        forget: Some(Forget::Bias(2.0)),
        ..config(Gru)
    };
    let cell = check::layer::<Gated>(&update, 1).cell;
    assert_eq!(
        cell.bias_ih.as_slice(),
        [0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0]
    );
}

#[test]
fn recurrent_weights_are_orthogonal_gate_by_gate() {
    type Long = Recurrent<Cell<f64, Lstm, 2, 4, 16>, 4, 8, 16>;
    let cell = check::layer::<Long>(&config(Lstm), 1).cell;
    for gate in 0..4 {
        let square = cell.weight_hh.fixed_view::<4, 4>(4 * gate, 0);
        let error =
            (square.transpose() * square - nalgebra::SMatrix::<f64, 4, 4>::identity()).norm();
        assert!(error < 1e-12, "{error}");
    }
    // PyTorch's default: all of a cell within 1 / sqrt(units).
    let default = CellConfig {
        weight_ih: Init::PytorchDefault,
        weight_hh: Init::PytorchDefault,
        bias: Init::PytorchDefault,
        ..config(Lstm)
    };
    let cell = check::layer::<Long>(&default, 1).cell;
    let largest = cell.weight_ih.amax().max(cell.bias_ih.amax());
    assert!(largest <= 0.5 && largest > 0.4, "{largest}");
}
