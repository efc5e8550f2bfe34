//! The table of dense chains: `chi`, accumulated `G` and forward signal, computed independently in
//! numpy, to the digits given.
#![allow(
    clippy::approx_constant,
    clippy::too_many_lines,
    reason = "tables are long and hold what was computed, whatever it is"
)]

use network_flow::{Activation, MomentCache};

fn assert_close(actual: f64, expected: f64, tolerance: f64, what: &str) {
    let near = (actual - expected).abs() <= tolerance;
    assert!(
        near,
        "{what}: {actual} is not {expected} within {tolerance}"
    );
}

/// Where the variance map leads.
enum End {
    Settles(f64),
    Dies,
    Grows,
    Stays,
    At4000(f64),
}

type Row = (Activation, End, [f64; 9]);

/// chi*, chi of the first layer, G after 1, 5, 10, 20, 50 layers, forward and weights after 50.
fn check(sigma_w2: f64, rows: Vec<Row>) {
    let mut cache = MomentCache::default();
    for (activation, end, expected) in rows {
        let [chi_end, chi_first, g1, g5, g10, g20, g50, forward, weights] = expected;
        let name = activation.to_string();
        // The table's quadrature had no panel edges at kinks other than zero and misses the
        // closed form, P(|z| < 1) for `hard_tanh`, by up to 0.6 % per layer.
        let kinked = if activation.kinks().is_empty() {
            0.0
        } else {
            1.0
        };
        let digits = 0.0055 + 0.06 * kinked;
        let mut q = sigma_w2;
        let mut g = 0.0;
        let mut sums = Vec::new();
        let mut rms = 0.0;
        for layer in 1..=4000 {
            let moments = cache.get(&activation, q);
            let chi = sigma_w2 * moments.slope_second;
            g += 0.5 * chi.log10();
            if layer == 1 {
                assert_close(chi, chi_first, 6e-5 + 6e-3 * kinked * chi, &name);
            }
            if layer == 50 {
                rms = 0.5 * moments.second.log10();
            }
            sums.push(g);
            q = sigma_w2 * moments.second;
        }
        for (layers, expected) in [(1, g1), (5, g5), (10, g10), (20, g20), (50, g50)] {
            assert_close(
                sums[layers - 1],
                expected,
                digits,
                &format!("{name} G{layers}"),
            );
        }
        assert_close(rms, forward, digits, &format!("{name} forward"));
        assert_close(sums[49] - rms, weights, digits, &format!("{name} weights"));
        let last = sigma_w2 * cache.get(&activation, q).slope_second;
        assert_close(
            last,
            chi_end,
            3e-4 + 6e-3 * kinked * last,
            &format!("{name} chi*"),
        );
        match end {
            End::Settles(fixed) => assert_close(q / fixed, 1.0, 0.005, &format!("{name} q*")),
            End::Dies => assert!(q < 1e-3, "{name} dies, but q = {q}"),
            End::Grows => assert!(q > 1e3, "{name} grows, but q = {q}"),
            End::Stays => assert!(q > 0.1 && q < 10.0, "{name} stays, but q = {q}"),
            End::At4000(then) => assert_close(q / then, 1.0, 0.05, &format!("{name} q at 4000")),
        }
    }
}

#[test]
fn dense_chain_at_one_third() {
    let rows = vec![
        (
            Activation::Identity,
            End::Dies,
            [
                0.3333, 0.3333, -0.24, -1.19, -2.39, -4.77, -11.93, -11.93, 0.0,
            ],
        ),
        (
            Activation::Sigmoid,
            End::Settles(0.085),
            [
                0.02, 0.0181, -0.87, -4.27, -8.52, -17.01, -42.49, -0.3, -42.2,
            ],
        ),
        (
            Activation::HardSigmoid,
            End::Settles(0.0841),
            [
                0.0093, 0.0093, -1.02, -5.08, -10.17, -20.33, -50.84, -0.3, -50.54,
            ],
        ),
        (
            Activation::Tanh,
            End::Dies,
            [
                0.3333, 0.2224, -0.33, -1.32, -2.51, -4.9, -12.06, -12.07, 0.01,
            ],
        ),
        (
            Activation::HardTanh,
            End::Dies,
            [
                0.3333, 0.3056, -0.26, -1.21, -2.4, -4.79, -11.95, -11.96, 0.01,
            ],
        ),
        (
            Activation::Softsign,
            End::Dies,
            [
                0.3333, 0.1142, -0.47, -1.62, -2.83, -5.22, -12.38, -12.41, 0.03,
            ],
        ),
        (
            Activation::Relu,
            End::Dies,
            [
                0.1667, 0.1667, -0.39, -1.95, -3.89, -7.78, -19.45, -19.45, -0.0,
            ],
        ),
        (
            Activation::LeakyRelu(0.01),
            End::Dies,
            [
                0.1667, 0.1667, -0.39, -1.95, -3.89, -7.78, -19.45, -19.45, 0.0,
            ],
        ),
        (
            Activation::LeakyRelu(0.2),
            End::Dies,
            [
                0.1733, 0.1733, -0.38, -1.9, -3.81, -7.61, -19.03, -19.03, -0.0,
            ],
        ),
        (
            Activation::Prelu(0.25),
            End::Dies,
            [
                0.1771, 0.1771, -0.38, -1.88, -3.76, -7.52, -18.8, -18.8, 0.0,
            ],
        ),
        (
            Activation::Elu(1.0),
            End::Dies,
            [
                0.3333, 0.2472, -0.3, -1.34, -2.54, -4.93, -12.09, -12.09, 0.01,
            ],
        ),
        (
            Activation::Selu,
            End::Dies,
            [0.6991, 0.433, -0.18, -0.7, -1.18, -2.0, -4.34, -4.36, 0.02],
        ),
        (
            Activation::Gelu,
            End::Dies,
            [
                0.0833, 0.1255, -0.45, -2.59, -5.29, -10.68, -26.87, -26.89, 0.02,
            ],
        ),
        (
            Activation::Silu,
            End::Dies,
            [
                0.0833, 0.1044, -0.49, -2.64, -5.34, -10.74, -26.92, -26.93, 0.01,
            ],
        ),
        (
            Activation::Mish,
            End::Dies,
            [
                0.12, 0.1437, -0.42, -2.25, -4.55, -9.16, -22.97, -22.98, 0.01,
            ],
        ),
        (
            Activation::HardSwish,
            End::Dies,
            [
                0.0833, 0.0957, -0.51, -2.66, -5.36, -10.76, -26.95, -26.95, 0.01,
            ],
        ),
        (
            Activation::Softplus,
            End::Settles(0.187),
            [
                0.0869, 0.0893, -0.52, -2.65, -5.3, -10.6, -26.52, -0.13, -26.39,
            ],
        ),
        (
            Activation::Relu6,
            End::Dies,
            [
                0.1667, 0.1667, -0.39, -1.95, -3.89, -7.78, -19.45, -19.45, -0.0,
            ],
        ),
    ];
    check(1.0 / 3.0, rows);
}

#[test]
fn dense_chain_at_one() {
    let rows = vec![
        (
            Activation::Identity,
            End::Stays,
            [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        ),
        (
            Activation::Sigmoid,
            End::Settles(0.265),
            [
                0.0557, 0.0448, -0.67, -3.18, -6.32, -12.59, -31.4, -0.29, -31.11,
            ],
        ),
        (
            Activation::HardSigmoid,
            End::Settles(0.257),
            [
                0.0278, 0.0277, -0.78, -3.89, -7.78, -15.56, -38.91, -0.29, -38.61,
            ],
        ),
        (
            Activation::Tanh,
            End::At4000(0.00013),
            [
                0.9997, 0.4644, -0.17, -0.43, -0.57, -0.72, -0.92, -1.0, 0.07,
            ],
        ),
        (
            Activation::HardTanh,
            End::At4000(0.053),
            [1.0, 0.6827, -0.08, -0.17, -0.21, -0.24, -0.27, -0.48, 0.21],
        ),
        (
            Activation::Softsign,
            End::At4000(2.5e-08),
            [0.9995, 0.2277, -0.32, -0.84, -1.12, -1.41, -1.8, -1.9, 0.09],
        ),
        (
            Activation::Relu,
            End::Dies,
            [0.5, 0.5, -0.15, -0.75, -1.51, -3.01, -7.53, -7.53, -0.0],
        ),
        (
            Activation::LeakyRelu(0.01),
            End::Dies,
            [
                0.5001, 0.5001, -0.15, -0.75, -1.5, -3.01, -7.52, -7.52, -0.0,
            ],
        ),
        (
            Activation::LeakyRelu(0.2),
            End::Dies,
            [0.52, 0.52, -0.14, -0.71, -1.42, -2.84, -7.1, -7.1, 0.0],
        ),
        (
            Activation::Prelu(0.25),
            End::Dies,
            [
                0.5313, 0.5313, -0.14, -0.69, -1.37, -2.75, -6.87, -6.87, -0.0,
            ],
        ),
        (
            Activation::Elu(1.0),
            End::At4000(3.9e-07),
            [
                0.9995, 0.6681, -0.09, -0.36, -0.58, -0.85, -1.24, -1.28, 0.05,
            ],
        ),
        (
            Activation::Selu,
            End::Settles(1.0),
            [1.0716, 1.0716, 0.02, 0.08, 0.15, 0.3, 0.75, 0.0, 0.75],
        ),
        (
            Activation::Gelu,
            End::Dies,
            [
                0.25, 0.4559, -0.17, -1.19, -2.69, -5.7, -14.73, -14.78, 0.05,
            ],
        ),
        (
            Activation::Silu,
            End::Dies,
            [
                0.25, 0.3795, -0.21, -1.34, -2.84, -5.85, -14.88, -14.91, 0.03,
            ],
        ),
        (
            Activation::Mish,
            End::Dies,
            [
                0.36, 0.4791, -0.16, -0.95, -2.06, -4.28, -10.93, -10.97, 0.04,
            ],
        ),
        (
            Activation::HardSwish,
            End::Dies,
            [
                0.25, 0.3585, -0.22, -1.39, -2.89, -5.9, -14.93, -14.96, 0.03,
            ],
        ),
        (
            Activation::Softplus,
            End::Settles(0.856),
            [
                0.2887, 0.2934, -0.27, -1.34, -2.69, -5.39, -13.48, -0.03, -13.45,
            ],
        ),
        (
            Activation::Relu6,
            End::Dies,
            [0.5, 0.5, -0.15, -0.75, -1.51, -3.01, -7.53, -7.53, 0.0],
        ),
    ];
    check(1.0, rows);
}

#[test]
fn dense_chain_at_two() {
    let rows = vec![
        (
            Activation::Identity,
            End::Grows,
            [2.0, 2.0, 0.15, 0.75, 1.51, 3.01, 7.53, 7.53, 0.0],
        ),
        (
            Activation::Sigmoid,
            End::Settles(0.555),
            [
                0.101, 0.0741, -0.57, -2.56, -5.05, -10.03, -24.97, -0.28, -24.69,
            ],
        ),
        (
            Activation::HardSigmoid,
            End::Settles(0.529),
            [
                0.0556, 0.0536, -0.64, -3.15, -6.28, -12.56, -31.39, -0.29, -31.1,
            ],
        ),
        (
            Activation::Tanh,
            End::Settles(0.618),
            [1.1055, 0.699, -0.08, -0.07, 0.04, 0.25, 0.91, -0.26, 1.16],
        ),
        (
            Activation::HardTanh,
            End::Settles(1.05),
            [1.3341, 1.0385, 0.01, 0.24, 0.55, 1.18, 3.06, -0.14, 3.2],
        ),
        (
            Activation::Softsign,
            End::Settles(0.0795),
            [
                1.0424, 0.3409, -0.23, -0.47, -0.48, -0.41, -0.14, -0.7, 0.56,
            ],
        ),
        (
            Activation::Relu,
            End::Stays,
            [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        ),
        (
            Activation::LeakyRelu(0.01),
            End::Stays,
            [1.0001, 1.0001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        ),
        (
            Activation::LeakyRelu(0.2),
            End::Grows,
            [1.04, 1.04, 0.01, 0.04, 0.09, 0.17, 0.43, 0.43, 0.0],
        ),
        (
            Activation::Prelu(0.25),
            End::Grows,
            [1.0625, 1.0625, 0.01, 0.07, 0.13, 0.26, 0.66, 0.66, 0.0],
        ),
        (
            Activation::Elu(1.0),
            End::At4000(3800.0),
            [1.0064, 1.2554, 0.05, 0.22, 0.38, 0.64, 1.15, 0.63, 0.52],
        ),
        (
            Activation::Selu,
            End::Grows,
            [1.104, 1.8934, 0.14, 0.54, 0.89, 1.38, 2.33, 1.6, 0.72],
        ),
        (
            Activation::Gelu,
            End::Dies,
            [0.5, 0.979, -0.0, -0.04, -0.16, -1.21, -5.72, -5.95, 0.23],
        ),
        (
            Activation::Silu,
            End::Dies,
            [0.5, 0.8537, -0.03, -0.27, -0.87, -2.37, -6.88, -6.99, 0.1],
        ),
        (
            Activation::Mish,
            End::Dies,
            [0.72, 1.0029, 0.0, -0.0, -0.03, -0.25, -2.23, -2.51, 0.28],
        ),
        (
            Activation::HardSwish,
            End::Dies,
            [0.5, 0.8664, -0.03, -0.33, -1.03, -2.53, -7.05, -7.15, 0.1],
        ),
        (
            Activation::Softplus,
            End::At4000(510.0),
            [
                0.9646, 0.6368, -0.1, -0.42, -0.74, -1.27, -2.49, 0.55, -3.04,
            ],
        ),
        (
            Activation::Relu6,
            End::At4000(1.8),
            [1.0, 1.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, 0.0],
        ),
    ];
    check(2.0, rows);
}

#[test]
fn dense_chain_at_gain_five_thirds() {
    let rows = vec![
        (
            Activation::Identity,
            End::Grows,
            [2.7778, 2.7778, 0.22, 1.11, 2.22, 4.44, 11.09, 11.09, 0.0],
        ),
        (
            Activation::Sigmoid,
            End::Settles(0.796),
            [
                0.131, 0.0922, -0.52, -2.29, -4.5, -8.91, -22.15, -0.27, -21.88,
            ],
        ),
        (
            Activation::HardSigmoid,
            End::Settles(0.752),
            [
                0.0771, 0.0716, -0.57, -2.8, -5.58, -11.14, -27.84, -0.28, -27.55,
            ],
        ),
        (
            Activation::Tanh,
            End::Settles(1.18),
            [1.2098, 0.8398, -0.04, 0.08, 0.29, 0.7, 1.94, -0.19, 2.13],
        ),
        (
            Activation::HardTanh,
            End::Settles(1.71),
            [1.5489, 1.2541, 0.05, 0.41, 0.89, 1.84, 4.69, -0.11, 4.79],
        ),
        (
            Activation::Softsign,
            End::Settles(0.22),
            [
                1.0898, 0.4099, -0.19, -0.32, -0.25, -0.07, 0.49, -0.55, 1.04,
            ],
        ),
        (
            Activation::Relu,
            End::Grows,
            [1.3889, 1.3889, 0.07, 0.36, 0.71, 1.43, 3.57, 3.57, 0.0],
        ),
        (
            Activation::LeakyRelu(0.01),
            End::Grows,
            [1.389, 1.389, 0.07, 0.36, 0.71, 1.43, 3.57, 3.57, 0.0],
        ),
        (
            Activation::LeakyRelu(0.2),
            End::Grows,
            [1.4444, 1.4444, 0.08, 0.4, 0.8, 1.6, 3.99, 3.99, -0.0],
        ),
        (
            Activation::Prelu(0.25),
            End::Grows,
            [1.4757, 1.4757, 0.08, 0.42, 0.84, 1.69, 4.22, 4.22, 0.0],
        ),
        (
            Activation::Elu(1.0),
            End::Grows,
            [1.3889, 1.6972, 0.11, 0.51, 0.93, 1.68, 3.83, 3.69, 0.14],
        ),
        (
            Activation::Selu,
            End::Grows,
            [1.5333, 2.4862, 0.2, 0.79, 1.35, 2.33, 5.12, 4.86, 0.25],
        ),
        (
            Activation::Gelu,
            End::Grows,
            [1.3889, 1.3867, 0.07, 0.37, 0.75, 1.48, 3.62, 3.53, 0.09],
        ),
        (
            Activation::Silu,
            End::Grows,
            [1.3889, 1.2421, 0.05, 0.28, 0.63, 1.37, 3.52, 3.37, 0.15],
        ),
        (
            Activation::Mish,
            End::Grows,
            [1.3889, 1.4117, 0.07, 0.39, 0.77, 1.5, 3.65, 3.54, 0.11],
        ),
        (
            Activation::HardSwish,
            End::Grows,
            [1.3889, 1.2964, 0.06, 0.34, 0.76, 1.54, 3.69, 3.39, 0.3],
        ),
        (
            Activation::Softplus,
            End::Grows,
            [1.3889, 0.923, -0.02, 0.04, 0.26, 0.89, 3.01, 3.68, -0.67],
        ),
        (
            Activation::Relu6,
            End::Settles(19.3),
            [1.151, 1.3884, 0.07, 0.34, 0.54, 0.85, 1.77, 0.42, 1.35],
        ),
    ];
    check(25.0 / 9.0, rows);
}
