//! What is said of which network, and what is proposed.

use network_flow::{
    Activation, Cell, Chain, Dense, Edit, Finding, FlowError, Forget, Init, Input, Kind, Layer,
    Node, Recurrent, Severity, Theory, Width,
};

use Activation::{Gelu, LeakyRelu, Relu, Selu, Sigmoid, Tanh};
use Init::{HeNormal, LecunNormal, PytorchDefault, XavierNormal, XavierUniform};

/// Numbers nodes as they are made.
#[derive(Default)]
struct Numbered(usize);

impl Numbered {
    fn nodes(&mut self, layers: Vec<Layer>) -> Vec<Node> {
        layers.into_iter().map(|layer| self.node(layer)).collect()
    }

    fn node(&mut self, layer: Layer) -> Node {
        self.0 += 1;
        Node::new(self.0, layer)
    }

    fn repeat(&mut self, count: usize, layers: Vec<Layer>) -> Layer {
        Layer::Repeat {
            count,
            body: self.nodes(layers),
        }
    }

    fn residual(&mut self, layers: Vec<Layer>) -> Layer {
        Layer::residual(1.0, self.nodes(layers))
    }
}

fn dense(n: usize, m: usize, init: Init) -> Layer {
    Layer::dense(n, m, init)
}

fn unbiased(n: usize, init: Init) -> Layer {
    Layer::Dense(Dense {
        bias_variance: None,
        ..Dense::new(n.into(), n.into(), init)
    })
}

fn act(activation: Activation) -> Layer {
    Layer::Activation(activation)
}

fn bn() -> Layer {
    Layer::batch_norm(1.0)
}

/// `depth` square dense layers, all but the last with the activation.
fn plain(activation: Activation, init: Init, width: usize, depth: usize) -> Chain {
    let mut numbered = Numbered::default();
    let layers = vec![dense(width, width, init), act(activation)];
    let stack = numbered.repeat(depth - 1, layers);
    Chain::new(numbered.nodes(vec![stack, dense(width, width, init)]))
}

fn findings(chain: &Chain) -> Vec<Finding> {
    Theory::new().analyse(chain).unwrap().findings
}

fn only(chain: &Chain) -> Finding {
    let mut all = findings(chain);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// `stem; repeat(blocks) { residual { two layers } -> relu }; head`, the batch norm at the end of
/// the branch with this scale.
fn resnet(blocks: usize, scale: f64) -> Chain {
    let mut numbered = Numbered::default();
    let branch = vec![
        unbiased(64, HeNormal),
        bn(),
        act(Relu),
        unbiased(64, HeNormal),
        Layer::batch_norm(scale),
    ];
    let block = vec![numbered.residual(branch), act(Relu)];
    let stack = numbered.repeat(blocks, block);
    let layers = vec![
        unbiased(64, HeNormal),
        bn(),
        act(Relu),
        stack,
        dense(64, 10, LecunNormal),
    ];
    let mut chain = Chain::new(numbered.nodes(layers));
    chain.batch = Some(64);
    chain
}

#[test]
fn ten_sigmoid_layers_vanish() {
    let finding = only(&plain(Sigmoid, XavierNormal, 64, 9));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::Vanishing, Severity::Error)
    );
    assert!((finding.value + 5.07).abs() < 0.01, "{}", finding.value);
    assert_eq!(finding.worst, 2);
    let (layers, chi) = finding.per_layer.unwrap();
    assert!(layers == 8 && (chi - 0.054).abs() < 0.001);
    assert_eq!(finding.also, [Kind::Collapse]);
    let printed: Vec<String> = finding.remedies.iter().map(ToString::to_string).collect();
    assert_eq!(
        printed,
        [
            "`residual { .. }`: +0.1 (+-0.1)",
            "`batch_norm -> ..`: -0.6 (+-0.1)",
            "`relu` with `init = he_normal`: 0.0 (+-0.1)",
            "`residual { .. }` with `layer_norm -> ..`: +0.1 (+-0.1)",
        ]
    );
    assert!(finding.remedies.iter().all(|remedy| remedy.cures));
}

#[test]
fn relu_with_a_small_init_blames_the_init() {
    for (init, severity) in [
        (XavierNormal, Severity::Warn),
        (PytorchDefault, Severity::Error),
    ] {
        let finding = findings(&plain(Relu, init, 64, 13)).remove(0);
        assert_eq!(
            (finding.kind, finding.severity),
            (Kind::Vanishing, severity)
        );
        assert!(finding.also.contains(&Kind::InitMismatch));
        assert_eq!(finding.worst, 1);
        let best = &finding.remedies[0];
        assert_eq!(
            best.edits,
            [Edit::Init {
                nodes: vec![1, 4],
                to: HeNormal,
                gain: None
            }]
        );
        assert!(best.decades.unwrap().abs() < 0.01);
    }
}

#[test]
fn large_weights_explode_and_saturate() {
    let finding = only(&plain(Tanh, Init::Normal(1.0), 256, 10));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::Exploding, Severity::Error)
    );
    assert!(finding.also.contains(&Kind::Saturation));
    assert!(finding.remedies[0].cures);
    // Sooner than other findings: a plain network diverges from one decade.
    let finding = only(&plain(
        Tanh,
        Init::Normal((25.0_f64 / 9.0 / 128.0).sqrt()),
        128,
        40,
    ));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::Exploding, Severity::Warn)
    );
}

#[test]
fn batch_norm_without_skips_warns_from_twenty_layers_or_so() {
    let chain = |depth: usize| {
        let mut numbered = Numbered::default();
        let layers = vec![unbiased(256, HeNormal), bn(), act(Relu)];
        let stack = numbered.repeat(depth - 1, layers);
        Chain::new(numbered.nodes(vec![stack, dense(256, 256, HeNormal)]))
    };
    assert!(findings(&chain(12)).is_empty());
    let finding = only(&chain(24));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::BatchNormChain, Severity::Warn)
    );
    assert!((finding.per_layer.unwrap().1 - 1.4669).abs() < 0.001);
    assert!(finding.remedies[0].cures);
    // Training heals it, so never an error.
    assert_eq!(only(&chain(100)).severity, Severity::Warn);
}

#[test]
fn skips_without_norm_or_scale_explode() {
    let mut numbered = Numbered::default();
    let block = numbered.residual(vec![act(Relu), dense(64, 64, HeNormal)]);
    let stack = numbered.repeat(30, vec![block]);
    let layers = vec![dense(64, 64, HeNormal), stack, dense(64, 10, LecunNormal)];
    let finding = only(&Chain::new(numbered.nodes(layers)));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::ResidualGrowth, Severity::Error)
    );
    assert!((finding.per_layer.unwrap().1 - 2.0).abs() < 1e-9);
    let scale = Edit::Scale {
        nodes: finding.nodes.clone(),
        to: 0.183,
    };
    assert!(
        finding
            .remedies
            .iter()
            .any(|remedy| remedy.edits == [scale.clone()] && remedy.cures)
    );
    assert!(
        finding
            .remedies
            .iter()
            .any(|remedy| { matches!(remedy.edits[..], [Edit::LayerNorm { .. }]) && remedy.cures })
    );
}

#[test]
fn the_residual_network_of_2015_is_predicted() {
    for (scale, expected) in [(1.0, 1.25), (0.0, -0.146)] {
        let chain = resnet(16, scale);
        let analysis = Theory::new().analyse(&chain).unwrap();
        // Measured on drawn networks with a head of he_normal, which has the gradient at 0.
        assert!((analysis.prediction.decades.unwrap() - expected).abs() < 0.2);
        assert!(analysis.findings.is_empty(), "{:#?}", analysis.findings);
    }
}

#[test]
fn small_faults_are_found() {
    let mut numbered = Numbered::default();
    let layers = vec![
        dense(64, 64, HeNormal),
        bn(),
        act(Relu),
        dense(64, 10, LecunNormal),
    ];
    let finding = only(&Chain::new(numbered.nodes(layers)));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::BiasBeforeBatchNorm, Severity::Note)
    );
    assert_eq!(finding.remedies[0].to_string(), "`bias = false`");

    let layers = vec![
        dense(64, 64, HeNormal),
        act(Relu),
        dense(64, 10, LecunNormal),
    ];
    let mut chain = Chain::new(Numbered(0).nodes([layers, vec![Layer::Softmax]].concat()));
    for (known, severity) in [(None, Severity::Note), (Some(true), Severity::Warn)] {
        chain.loss_applies_softmax = known;
        let finding = only(&chain);
        assert_eq!(
            (finding.kind, finding.severity, finding.worst),
            (Kind::SoftmaxBeforeLoss, severity, 4)
        );
    }
    chain.loss_applies_softmax = Some(false);
    assert!(findings(&chain).is_empty());

    let finding = only(&plain(Relu, HeNormal, 4, 10));
    assert_eq!(finding.kind, Kind::BornDead);
    // Eight of its nine layers of four: the first sees different directions.
    let dies = 1.0 - (15.0_f64 / 16.0).powi(8);
    assert!((finding.value - dies).abs() < 1e-12);
    // A single narrow layer is not dead, and an output that is zero is an answer.
    for layers in [
        vec![dense(2, 4, HeNormal), act(Relu), dense(4, 1, HeNormal)],
        vec![
            dense(2, 32, HeNormal),
            act(Relu),
            dense(32, 1, HeNormal),
            act(Relu),
        ],
    ] {
        assert!(findings(&Chain::new(Numbered(0).nodes(layers))).is_empty());
    }

    let finding = only(&plain(Relu, Init::Zeros, 64, 4));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::NoGradient, Severity::Error)
    );
    assert_eq!(
        finding.remedies[0].to_string(),
        "`init = he_normal`: 0.0 (+-0.1)"
    );
    // A head of zeros lets the gradient pass from the second step on.
    let layers = vec![
        dense(64, 64, HeNormal),
        act(Relu),
        dense(64, 10, Init::Zeros),
    ];
    let finding = only(&Chain::new(Numbered(0).nodes(layers)));
    assert_eq!(
        (finding.kind, finding.severity, finding.worst),
        (Kind::NoGradient, Severity::Note, 3)
    );
}

#[test]
fn depth_makes_inputs_indistinguishable() {
    let finding = only(&plain(Relu, HeNormal, 256, 80));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::Collapse, Severity::Warn)
    );
}

#[test]
fn recurrent_layers_are_judged_by_their_memory() {
    let chain = |steps: usize, cell: Cell| {
        let recurrent = Layer::Recurrent(Recurrent {
            steps,
            units: Some(128),
            cell,
        });
        Chain::new(Numbered(0).nodes(vec![recurrent, dense(128, 10, XavierNormal)]))
    };
    let lstm = |bias: f64| Cell::Lstm {
        forget: Forget::Bias(bias),
    };
    let finding = only(&chain(400, lstm(1.0)));
    assert_eq!(
        (finding.kind, finding.severity),
        (Kind::RecurrentMemory, Severity::Warn)
    );
    assert!(findings(&chain(400, lstm(3.0))).is_empty());
    // It learns to add over these 100 steps: the example `adding_problem`.
    assert!(findings(&chain(100, lstm(1.0))).is_empty());
    assert!(
        findings(&chain(
            200,
            Cell::Lstm {
                forget: Forget::Chrono
            }
        ))
        .is_empty()
    );
    let rnn = |sigma_w2: f64| Cell::Rnn {
        activation: Tanh,
        sigma_w2,
        drive: 0.01,
        orthogonal: true,
    };
    assert_eq!(only(&chain(100, rnn(1.0))).kind, Kind::RecurrentMemory);
    assert!(findings(&chain(20, rnn(1.0))).is_empty());
}

fn transformer() -> Chain {
    let mut numbered = Numbered::default();
    let layers = vec![
        Layer::layer_norm(),
        dense(128, 512, XavierUniform),
        act(Gelu),
        dense(512, 128, XavierUniform),
    ];
    let block = numbered.residual(layers);
    let stack = numbered.repeat(24, vec![block]);
    let layers = vec![
        dense(64, 128, XavierUniform),
        stack,
        dense(128, 10, XavierUniform),
    ];
    Chain::new(numbered.nodes(layers))
}

fn preactivation() -> Chain {
    let mut numbered = Numbered::default();
    let once = || vec![bn(), act(Relu), unbiased(64, HeNormal)];
    let block = numbered.residual([once(), once()].concat());
    let stack = numbered.repeat(54, vec![block]);
    let end = vec![bn(), act(Relu), dense(64, 10, LecunNormal)];
    Chain::new(numbered.nodes([vec![unbiased(64, HeNormal), stack], end].concat()))
}

fn dense_net() -> Chain {
    let mut numbered = Numbered::default();
    let mut nodes = numbered.nodes(vec![dense(64, 32, HeNormal)]);
    nodes.last_mut().unwrap().label = Some(0);
    for block in 1..=8 {
        let width = 32 * block;
        nodes.extend(numbered.nodes(vec![bn(), act(Relu)]));
        let wide = Dense {
            bias_variance: None,
            ..Dense::new(width.into(), 32.into(), HeNormal)
        };
        nodes.push(numbered.node(Layer::Dense(wide)));
        let joined = numbered.node(Layer::Concat(vec![block - 1]));
        nodes.push(joined.labelled(block));
    }
    nodes.push(numbered.node(dense(288, 10, LecunNormal)));
    Chain::new(nodes)
}

fn vgg() -> Chain {
    let channels = [
        3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512,
    ];
    let mut layers = Vec::new();
    for pair in channels.windows(2) {
        let conv = Dense::convolution(pair[0], pair[1], 9, HeNormal);
        layers.push(Layer::Dense(Dense {
            bias_variance: None,
            ..conv
        }));
        layers.push(bn());
        layers.push(act(Relu));
    }
    layers.extend([dense(512, 512, HeNormal), act(Relu), Layer::Dropout(0.5)]);
    layers.push(dense(512, 10, HeNormal));
    Chain::new(Numbered(0).nodes(layers))
}

#[test]
fn healthy_networks_are_left_alone() {
    let mlp = |widths: &[usize], activation: Activation, init: Init| {
        let mut layers = Vec::new();
        for pair in widths.windows(2) {
            layers.push(dense(pair[0], pair[1], init));
            layers.push(act(activation.clone()));
        }
        layers.pop();
        Chain::new(Numbered(0).nodes(layers))
    };
    let healthy = [
        ("perceptron", mlp(&[784, 300, 100, 10], Relu, HeNormal)),
        (
            "perceptron, glorot",
            mlp(&[784, 300, 100, 10], Relu, XavierUniform),
        ),
        (
            "perceptron, pytorch",
            mlp(&[784, 128, 64, 10], Relu, PytorchDefault),
        ),
        (
            "one hidden sigmoid layer",
            mlp(&[784, 30, 10], Sigmoid, LecunNormal),
        ),
        (
            "sigmoid with xavier",
            mlp(&[64, 64, 10], Sigmoid, XavierNormal),
        ),
        ("tanh policy", mlp(&[8, 64, 64, 2], Tanh, XavierUniform)),
        (
            "orthogonal tanh policy",
            mlp(&[64, 64, 64, 64], Tanh, Init::Orthogonal),
        ),
        (
            "leaky discriminator",
            mlp(&[784, 512, 256, 64], LeakyRelu(0.2), HeNormal),
        ),
        (
            "autoencoder",
            mlp(&[784, 128, 32, 128, 784], Relu, HeNormal),
        ),
        ("deep tanh", mlp(&[64; 21], Tanh, XavierNormal)),
        ("deep relu", mlp(&[128; 31], Relu, HeNormal)),
        ("self-normalising", mlp(&[64; 33], Selu, LecunNormal)),
        ("gelu", mlp(&[64; 9], Gelu, HeNormal)),
        ("residual network", resnet(16, 1.0)),
        ("residual network, zero init", resnet(54, 0.0)),
        ("residual network, 110 layers", resnet(54, 1.0)),
        ("pre-activation residual network", preactivation()),
        ("feed-forward part of a transformer", transformer()),
        ("densely connected", dense_net()),
        ("vgg with batch norm", vgg()),
    ];
    for (name, chain) in healthy {
        let analysis = Theory::new().analyse(&chain).unwrap();
        let loud: Vec<_> = analysis
            .findings
            .iter()
            .filter(|f| f.severity > Severity::Note)
            .collect();
        assert!(analysis.prediction.decades.is_some(), "{name}");
        assert!(loud.is_empty(), "{name}: {loud:#?}");
    }
}

#[test]
fn auto_init_keeps_signal_and_gradient() {
    let mut theory = Theory::new();
    for (activation, most) in [
        (Relu, 0.01),
        (Tanh, 0.5),
        (Selu, 0.5),
        (LeakyRelu(0.2), 0.01),
    ] {
        let auto = theory
            .auto_init(&plain(activation.clone(), XavierNormal, 64, 30))
            .unwrap();
        let g = auto.prediction.decades.unwrap();
        assert!(g.abs() < most, "{activation}: {g}");
        assert!(auto.limits.is_empty(), "{activation}");
    }
    // No gain balances a sigmoid; gelu's balance is unstable.
    for activation in [Sigmoid, Gelu] {
        let auto = theory
            .auto_init(&plain(activation, XavierNormal, 64, 50))
            .unwrap();
        assert_eq!(auto.limits.len(), 1);
        assert_eq!(auto.limits[0].id, 2);
    }
    let auto = theory.auto_init(&resnet(16, 1.0)).unwrap();
    assert!(auto.prediction.decades.unwrap().abs() < 1.2);
}

#[test]
fn strange_chains_have_sane_answers() {
    let mut theory = Theory::new();
    let mut predict = |nodes: Vec<Node>| theory.predict(&Chain::new(nodes));
    assert_eq!(predict(Vec::new()).unwrap().decades, Some(0.0));
    assert_eq!(
        predict(vec![Node::new(1, act(Relu))]).unwrap().decades,
        Some(0.0)
    );
    let invalid =
        |result: Result<_, FlowError>| matches!(result, Err(FlowError::Invalid { id: 7, .. }));
    assert!(invalid(predict(vec![Node::new(7, dense(0, 3, HeNormal))])));
    assert!(invalid(predict(vec![Node::new(7, dense(3, 0, HeNormal))])));
    assert!(invalid(predict(vec![Node::new(
        7,
        dense(3, 3, Init::Normal(f64::NAN))
    )])));
    assert!(invalid(predict(vec![Node::new(7, Layer::Dropout(1.0))])));
    assert!(invalid(predict(vec![Node::new(
        7,
        Layer::residual(f64::INFINITY, Vec::new())
    )])));
    assert!(invalid(predict(vec![Node::new(
        7,
        Layer::batch_norm(f64::NAN)
    )])));
    assert!(invalid(predict(vec![Node::new(
        7,
        act(LeakyRelu(f64::NAN))
    )])));
    let unknown = predict(vec![Node::new(7, Layer::Add(3))]);
    assert_eq!(unknown, Err(FlowError::UnknownLabel { id: 7 }));
    let body = |count| {
        vec![Node::new(
            1,
            Layer::Repeat {
                count,
                body: Vec::new(),
            },
        )]
    };
    assert!(predict(body(usize::MAX)).is_ok());
    let stack = Layer::Repeat {
        count: usize::MAX,
        body: vec![Node::new(1, dense(9, 9, HeNormal))],
    };
    assert_eq!(predict(vec![Node::new(2, stack)]), Err(FlowError::TooLarge));
    let mut chain = plain(Relu, HeNormal, 8, 3);
    chain.input = Input {
        second_moment: f64::NAN,
        cosine: 0.0,
    };
    assert_eq!(Theory::new().predict(&chain), Err(FlowError::Input));
    chain.input = Input {
        second_moment: 0.0,
        cosine: 0.0,
    };
    assert!(Theory::new().analyse(&chain).is_ok());
    for extreme in [1e-150, 1e120] {
        let chain = plain(Gelu, Init::Normal(extreme), 64, 20);
        assert!(Theory::new().analyse(&chain).is_ok());
    }
}

#[test]
fn what_is_not_known_is_withheld() {
    let mut theory = Theory::new();
    let ends = |middle: Vec<Layer>| {
        let layers = [
            vec![dense(8, 8, HeNormal)],
            middle,
            vec![dense(8, 8, HeNormal)],
        ]
        .concat();
        Chain::new(Numbered(0).nodes(layers))
    };
    let prediction = theory.predict(&ends(vec![Layer::Opaque])).unwrap();
    assert_eq!(prediction.decades, None);
    assert_eq!(prediction.unknown.unwrap().id, 2);
    assert_eq!(
        theory.predict(&ends(vec![Layer::Softmax])).unwrap().decades,
        None
    );
    // x + relu(x): skip and branch share their weights.
    let own = Layer::residual(1.0, vec![Node::new(9, act(Relu))]);
    assert_eq!(theory.predict(&ends(vec![own])).unwrap().decades, None);
}

#[test]
fn symbolic_widths_lose_only_the_error_bar() {
    let hidden = Width::Symbol(0);
    let dense = |init| Layer::Dense(Dense::new(hidden, hidden, init));
    let chain = |init| {
        let layers = vec![dense(init), act(Tanh), dense(init), act(Tanh), dense(init)];
        Chain::new(Numbered(0).nodes(layers))
    };
    let symbolic = Theory::new().predict(&chain(XavierNormal)).unwrap();
    let known = Theory::new()
        .predict(&plain(Tanh, XavierNormal, 64, 3))
        .unwrap();
    assert_eq!(symbolic.decades, known.decades);
    assert_eq!(symbolic.deviation, None);
    // A fixed variance needs the number.
    assert_eq!(
        Theory::new()
            .predict(&chain(Init::Normal(0.1)))
            .unwrap()
            .decades,
        None
    );
}
