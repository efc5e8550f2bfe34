//! The tables of mean-field theory, computed independently in numpy, to the digits given.
#![allow(
    clippy::approx_constant,
    reason = "tables hold what was computed, whatever it is"
)]

use network_flow::{
    Activation, Chain, Dense, Init, Layer, Moments, Node, Prediction, Residual, Theory,
};

fn assert_close(actual: f64, expected: f64, tolerance: f64, what: &str) {
    let near = (actual - expected).abs() <= tolerance;
    assert!(
        near,
        "{what}: {actual} is not {expected} within {tolerance}"
    );
}

#[test]
fn values_at_unit_variance() {
    // E[phi], E[phi^2], E[phi'^2], gain, chi of layer norm, chi of batch norm, slope of the q-map.
    let rows = [
        (Activation::Identity, [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        (
            Activation::Sigmoid,
            [0.5, 0.29338, 0.04484, 1.8462, 0.1528, 1.0336, 0.106],
        ),
        (
            Activation::HardSigmoid,
            [0.5, 0.27764, 0.0277, 1.8978, 0.0998, 1.0023, 0.097],
        ),
        (
            Activation::Tanh,
            [0.0, 0.39429, 0.4644, 1.5925, 1.1778, 1.1778, 0.461],
        ),
        (
            Activation::HardTanh,
            [0.0, 0.51606, 0.68269, 1.392, 1.3229, 1.3229, 0.385],
        ),
        (
            Activation::Softsign,
            [0.0, 0.18301, 0.22767, 2.3375, 1.244, 1.244, 0.477],
        ),
        (
            Activation::Relu,
            [0.39894, 0.5, 0.5, 1.4142, 1.0, 1.4669, 1.0],
        ),
        (
            Activation::LeakyRelu(0.01),
            [0.39495, 0.50005, 0.50005, 1.4141, 1.0, 1.4534, 1.0],
        ),
        (
            Activation::LeakyRelu(0.2),
            [0.31915, 0.52, 0.52, 1.3868, 1.0, 1.2436, 1.0],
        ),
        (
            Activation::Prelu(0.25),
            [0.29921, 0.53125, 0.53125, 1.372, 1.0, 1.2027, 1.0],
        ),
        (
            Activation::Elu(1.0),
            [0.16052, 0.64495, 0.6681, 1.2452, 1.0359, 1.079, 0.891],
        ),
        (
            Activation::Selu,
            [0.0, 1.0, 1.07157, 1.0, 1.0716, 1.0716, 0.783],
        ),
        (
            Activation::Gelu,
            [0.28209, 0.42522, 0.45585, 1.5335, 1.072, 1.3188, 1.144],
        ),
        (
            Activation::Silu,
            [0.20662, 0.35578, 0.37948, 1.6765, 1.0666, 1.2121, 1.173],
        ),
        (
            Activation::Mish,
            [0.2404, 0.45234, 0.47908, 1.4868, 1.0591, 1.2143, 1.076],
        ),
        (
            Activation::HardSwish,
            [0.16622, 0.33157, 0.35853, 1.7367, 1.0813, 1.1796, 1.224],
        ),
        (
            Activation::Softplus,
            [0.80606, 0.92125, 0.29338, 1.0419, 0.3185, 1.0805, 0.492],
        ),
    ];
    for (activation, [mean, second, slope, gain, chi_layer, chi_batch, elasticity]) in rows {
        let moments = Moments::new(&activation, 1.0);
        let name = activation.to_string();
        assert_close(moments.mean, mean, 5.1e-6, &name);
        assert_close(moments.second, second, 5.1e-6, &name);
        assert_close(moments.slope_second, slope, 5.1e-6, &name);
        assert_close(moments.second.powf(-0.5), gain, 5.1e-5, &name);
        assert_close(moments.critical_chi(1.0), chi_layer, 5.1e-5, &name);
        assert_close(moments.batch_norm_chi(1.0), chi_batch, 5.1e-5, &name);
        assert_close(moments.elasticity, elasticity, 5.1e-4, &name);
    }
}

#[test]
fn batch_norm_with_relu_is_pi_over_pi_minus_one() {
    let chi = Moments::new(&Activation::Relu, 1.0).batch_norm_chi(1.0);
    let pi = std::f64::consts::PI;
    assert_close(chi, pi / (pi - 1.0), 1e-14, "chi");
}

#[test]
fn two_orthogonal_inputs_converge() {
    // Cosine of pre-activations after 1, 5, 10, 20, 50 layers.
    let rows = [
        (Activation::Sigmoid, 1.0, [0.852, 1.0, 1.0, 1.0, 1.0]),
        (Activation::Softplus, 1.0, [0.705, 0.998, 1.0, 1.0, 1.0]),
        (Activation::Relu, 2.0, [0.318, 0.736, 0.872, 0.948, 0.988]),
        (
            Activation::LeakyRelu(0.2),
            2.0,
            [0.196, 0.582, 0.764, 0.892, 0.971],
        ),
        (
            Activation::Elu(1.0),
            2.0,
            [0.064, 0.289, 0.483, 0.688, 0.872],
        ),
        (Activation::Gelu, 2.0, [0.230, 0.548, 0.633, 0.623, 0.623]),
        (Activation::Silu, 2.0, [0.165, 0.388, 0.418, 0.419, 0.419]),
        (Activation::Tanh, 1.0, [0.0; 5]),
        (Activation::Selu, 1.0, [0.0; 5]),
    ];
    for (activation, sigma_w2, expected) in rows {
        let layers = vec![plain(sigma_w2), act(&activation)];
        let chain = Chain::new(vec![
            Node::new(
                1,
                Layer::Repeat {
                    count: 50,
                    body: nodes(layers),
                },
            ),
            Node::new(2, plain(sigma_w2)),
        ]);
        let prediction = Theory::new().predict(&chain).unwrap();
        for (layers, cosine) in [1, 5, 10, 20, 50].into_iter().zip(expected) {
            // The pre-activation has the cosine of the activation before it.
            let layer = prediction.layers[2 * layers - 1];
            assert_close(
                layer.cosine,
                cosine,
                6e-4,
                &format!("{activation} {layers}"),
            );
        }
    }
}

#[test]
fn normalised_chains() {
    // L, batch, G of BN before the activation.
    let rows = [
        (Activation::Identity, 20, 16, 0.306),
        (Activation::Relu, 20, 16, 1.64),
        (Activation::Tanh, 20, 16, 0.76),
        (Activation::Sigmoid, 20, 16, -0.26),
        (Activation::Gelu, 20, 16, 1.20),
        (Activation::Selu, 20, 16, 0.58),
        (Activation::LeakyRelu(0.2), 20, 16, 1.00),
        (Activation::Relu, 50, 128, 3.93),
        (Activation::Tanh, 50, 128, 1.62),
        (Activation::Sigmoid, 50, 128, -0.25),
        (Activation::Gelu, 50, 128, 2.80),
        (Activation::Selu, 50, 128, 0.82),
        (Activation::Identity, 50, 128, 0.083),
    ];
    for (activation, depth, batch, expected) in rows {
        let norm = Layer::batch_norm(1.0);
        let mut chain = deep(depth, vec![plain(1.0), norm, act(&activation)], plain(1.0));
        chain.batch = Some(batch);
        // The note counts the correction for all but the first of the normalisations.
        let once = 0.5 * ((batch as f64 - 2.0) / (batch as f64 - 3.0)).log10();
        assert_close(
            g(&chain),
            expected,
            0.0061 + once,
            &format!("{activation} x{depth}"),
        );
    }
    for (activation, expected) in [
        (Activation::Relu, -0.15),
        (Activation::Tanh, 0.47),
        (Activation::Sigmoid, -8.02),
        (Activation::Gelu, 0.10),
    ] {
        let layers = vec![plain(1.0), Layer::layer_norm(), act(&activation)];
        assert_close(
            g(&deep(20, layers, plain(1.0))),
            expected,
            0.0051,
            "layer norm",
        );
    }
}

#[test]
fn residual_stacks() {
    let relu = || act(&Activation::Relu);
    let stack = |blocks: usize, scale: f64, body: Vec<Layer>| {
        let residual = Residual {
            scale,
            projection: None,
            body: nodes(body),
        };
        let block = vec![Node::new(9, Layer::Residual(residual))];
        g(&Chain::new(vec![Node::new(
            8,
            Layer::Repeat {
                count: blocks,
                body: block,
            },
        )]))
    };
    for (blocks, bare, batch, layer, scaled) in [
        (10, 1.505, 0.620, 0.521, 0.207),
        (20, 3.010, 0.816, 0.661, 0.212),
        (50, 7.526, 1.093, 0.854, 0.215),
    ] {
        let what = format!("{blocks} blocks");
        let root = (blocks as f64).sqrt().recip();
        let body = || vec![relu(), plain(2.0)];
        let normed = |norm: Layer| vec![norm, relu(), plain(2.0)];
        assert_close(stack(blocks, 1.0, body()), bare, 5.1e-4, &what);
        assert_close(
            stack(blocks, 1.0, normed(Layer::batch_norm(1.0))),
            batch,
            6e-4,
            &what,
        );
        assert_close(
            stack(blocks, 1.0, normed(Layer::layer_norm())),
            layer,
            6e-4,
            &what,
        );
        assert_close(stack(blocks, root, body()), scaled, 5.1e-4, &what);
    }
    let tanh = act(&Activation::Tanh);
    assert_close(
        stack(50, 1.0, vec![tanh.clone(), plain(1.0)]),
        1.567,
        5.1e-4,
        "tanh",
    );
    let normed = vec![Layer::batch_norm(1.0), tanh, plain(1.0)];
    assert_close(stack(50, 1.0, normed), 0.767, 6e-4, "tanh, batch norm");
    let gelu = act(&Activation::Gelu);
    assert_close(
        stack(50, 1.0, vec![gelu.clone(), plain(2.0)]),
        7.526,
        0.03,
        "gelu",
    );
    let normed = vec![Layer::batch_norm(1.0), gelu.clone(), plain(2.0)];
    assert_close(stack(50, 1.0, normed), 0.997, 6e-4, "gelu, batch norm");
    let normed = vec![Layer::layer_norm(), gelu, plain(2.0)];
    assert_close(stack(50, 1.0, normed), 0.872, 6e-4, "gelu, layer norm");
    let sigmoid = act(&Activation::Sigmoid);
    assert_close(
        stack(50, 1.0, vec![sigmoid, plain(1.0)]),
        0.244,
        5.1e-4,
        "sigmoid",
    );
}

#[test]
fn finite_widths() {
    // One example: the full (3 kappa - 1) / width.
    let rows = [
        (256, 50, 0.212),
        (64, 20, 0.265),
        (32, 50, 0.60),
        (16, 10, 0.36),
        (8, 50, 1.20),
    ];
    for (width, depth, expected) in rows {
        let dense = || Layer::dense(width, width, Init::HeNormal);
        let mut chain = deep(depth, vec![dense(), act(&Activation::Relu)], dense());
        chain.batch = Some(1);
        let deviation = Theory::new().predict(&chain).unwrap().deviation.unwrap();
        // The prediction's own error, one part in `width` per layer, comes on top.
        let model = (depth - 1) as f64 / width as f64 / (2.0 * std::f64::consts::LN_10);
        let theory = (deviation * deviation - model * model).sqrt();
        assert_close(
            theory,
            expected,
            0.01 + 0.01 * expected,
            &format!("{width} x{depth}"),
        );
    }
}

/// A dense layer of symbolic width with this `sigma_w^2`.
fn plain(sigma_w2: f64) -> Layer {
    let width = network_flow::Width::Symbol(0);
    let dense = Dense::new(width, width, Init::LecunNormal);
    Layer::Dense(Dense {
        gain: sigma_w2.sqrt(),
        ..dense
    })
}

fn act(activation: &Activation) -> Layer {
    Layer::Activation(activation.clone())
}

fn nodes(layers: Vec<Layer>) -> Vec<Node> {
    layers
        .into_iter()
        .enumerate()
        .map(|(id, layer)| Node::new(id, layer))
        .collect()
}

/// A chain of `depth` dense layers, the last one alone.
fn deep(depth: usize, body: Vec<Layer>, head: Layer) -> Chain {
    let body = nodes(body);
    Chain::new(vec![
        Node::new(
            100,
            Layer::Repeat {
                count: depth - 1,
                body,
            },
        ),
        Node::new(101, head),
    ])
}

fn g(chain: &Chain) -> f64 {
    let prediction: Prediction = Theory::new().predict(chain).unwrap();
    assert!(prediction.deviation.is_none(), "the widths are symbolic");
    prediction.decades.unwrap()
}
