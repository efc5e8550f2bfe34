//! Declarations of every form compile, and compute what they say.

use network_core::prelude::*;

network! {
    /// Two layers.
    #[derive(Clone, Debug)]
    pub struct Small(4) -> 3 {
        init = he_normal;
        hidden: dense(8) -> relu;
        head: dense(3);
    }
}

const WIDTH: usize = 6;

network! {
    #[derive(Clone, Debug)]
    struct Skips(5) -> 4 {
        scalar = f64;
        stem: dense(WIDTH) -> tanh;
        blocks: repeat(3) {
            residual(scale = 0.5) { dense(WIDTH) -> tanh -> dense(WIDTH) } -> relu;
        }
        residual(project = true) { dense(7) -> sigmoid };
        dense(6) -> add(stem);
        out: concat(stem, input) -> dense(4);
    }
}

#[test]
fn a_small_network_predicts() {
    let net = Small::new(1);
    let y = net.predict(&SVector::from([1.0, 2.0, 3.0, 4.0]));
    assert!(y.iter().all(|y| y.is_finite()));
    assert_eq!(Small::PARAMETERS, 4 * 8 + 8 + 8 * 3 + 3);
}

network! {
    #[gradient_flow(allow)]
    struct Counted([3; 12]) -> 4 {
        conv1d(9, kernel = 3, padding = causal) -> relu;
        repeat(2) { residual { lstm(9) } }
        last -> dense(4);
    }
}

#[test]
fn what_a_network_costs_is_constant() {
    // Four gates and the hidden state, at each of twelve steps, in two copies.
    const LSTM: usize = 12 * 4 * 9 * (9 + 9);
    const CONVOLUTION: usize = 12 * 9 * 3 * 3;
    const INFER: usize = CONVOLUTION + 2 * LSTM + 9 * 4;
    const {
        assert!(Counted::INFER_MULTIPLY_ADDS == INFER);
        assert!(Counted::STEP_MULTIPLY_ADDS == 3 * INFER - CONVOLUTION);
        let parameters = (9 * 9 + 9) + 2 * (4 * 9 * (9 + 9) + 2 * 4 * 9) + (9 * 4 + 4);
        assert!(Counted::PARAMETERS == parameters);
        assert!(Counted::PARAMETER_BYTES == 4 * parameters);
    }
    assert_eq!(
        Counted::workspace_bytes::<7>(),
        size_of::<Workspace<Counted, 7>>()
    );
    assert_eq!(Small::INFER_MULTIPLY_ADDS, 4 * 8 + 8 * 3);
    assert_eq!(Small::STEP_MULTIPLY_ADDS, 3 * (4 * 8 + 8 * 3) - 4 * 8);
}

#[test]
fn skips_train() {
    let mut net = Skips::boxed(1);
    let mut workspace = Skips::workspace::<8>();
    let mut gradient = Skips::gradient();
    let x: Vec<SVector<f64, 5>> = (0..8)
        .map(|i| SVector::from_fn(|j, _| ((i * 5 + j) as f64).sin()))
        .collect();
    let t: Vec<SVector<f64, 4>> = (0..8)
        .map(|i| SVector::from_fn(|j, _| ((i * 3 + j) as f64).cos()))
        .collect();
    let mut y = vec![SVector::zeros(); 8];
    net.forward(&x, &mut workspace);
    net.infer(&x, &mut y);
    assert_eq!(workspace.output(), &y[..]);
    let loss = workspace.loss(&Mse::default(), &t).unwrap();
    net.backward(&x, &mut workspace, &mut gradient);
    assert!(loss > 0.0);
    // One entry against a finite difference.
    let h = 1e-6;
    let at = |net: &mut Skips, workspace: &mut Workspace<Skips, 8>| {
        net.forward(&x, workspace);
        workspace.loss(&Mse::default(), &t).unwrap()
    };
    net.stem.weight[(1, 2)] += h;
    let up = at(&mut net, &mut workspace);
    net.stem.weight[(1, 2)] -= 2.0 * h;
    let down = at(&mut net, &mut workspace);
    let numeric = (up - down) / (2.0 * h);
    assert!(
        (numeric - gradient.stem.weight[(1, 2)]).abs() < 1e-8,
        "{numeric} {}",
        gradient.stem.weight[(1, 2)]
    );
}

network! {
    struct Blended(3) -> 2 { dense(4) -> batch_norm -> tanh; dense(2); }
}

#[test]
fn networks_blend() {
    let mut net = Blended::boxed(1);
    let mut workspace = Blended::workspace::<4>();
    let x = [[0.3, -0.2, 0.9], [1.0, 0.1, -0.4]].map(SVector::<f32, 3>::from);
    net.forward(&x, &mut workspace);
    let mut target = Blended::boxed(2);
    let before = target.predict(&x[0]);
    target.blend(&net, 0.0);
    assert_eq!(target.predict(&x[0]), before);
    // Statistics move as well.
    target.blend(&net, 1.0);
    assert_eq!(target.predict(&x[0]), net.predict(&x[0]));
    let bytes = |net: &Blended| network_core::save::to_bytes(net).unwrap();
    assert!(bytes(&target) == bytes(&net));
}
