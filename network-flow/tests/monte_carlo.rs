//! Predictions against networks drawn at random: the table behind the claims of accuracy.
//!
//! `cargo test --test monte_carlo -- --nocapture` prints it.

mod simulator;

use network_flow::{Activation, Chain, Dense, Init, Layer, Node, Residual, Theory};
use simulator::{Measured, simulate};

use Activation::{
    Elu, Gelu, GeluTanh, HardSigmoid, HardSwish, HardTanh, Identity, LeakyRelu, Mish, Prelu, Relu,
    Relu6, Selu, Sigmoid, Silu, Softplus, Softsign, Tanh,
};
use Init::{
    HeNormal, HeUniform, LecunNormal, Orthogonal, PytorchDefault, XavierNormal, XavierUniform,
};

const SEEDS: u64 = 4;

struct Case {
    name: String,
    chain: Chain,
    width: usize,
    batch: usize,
}

/// Counts every error of a group of cases.
#[derive(Default)]
struct Score {
    errors: Vec<f64>,
    forward: Vec<f64>,
    cosine: Vec<f64>,
    outside: Vec<String>,
}

fn score(cases: Vec<Case>) {
    let mut theory = Theory::new();
    let mut score = Score::default();
    for case in cases {
        let mut chain = case.chain;
        chain.batch = Some(case.batch);
        let prediction = theory.predict(&chain).unwrap();
        let runs: Vec<Measured> = (0..SEEDS)
            .map(|seed| simulate(&chain, case.width, case.batch, seed))
            .collect();
        let mean = |get: fn(&Measured) -> f64| runs.iter().map(get).sum::<f64>() / SEEDS as f64;
        let measured = mean(|run| run.decades);
        let spread = runs
            .iter()
            .map(|run| (run.decades - measured).powi(2))
            .sum::<f64>();
        let spread = (spread / (SEEDS - 1) as f64).sqrt();
        let (g, sd) = (prediction.decades.unwrap(), prediction.deviation.unwrap());
        println!(
            "{:48} predicted {g:7.2} (sd {sd:.2})  measured {measured:7.2} (sd {spread:.2})",
            case.name
        );
        score.errors.push((g - measured).abs());
        let [.., before, last] = &prediction.layers[..] else {
            panic!("too short")
        };
        score
            .forward
            .push((last.forward() - mean(|run| run.forward)).abs());
        score
            .cosine
            .push((before.cosine - mean(|run| run.cosine)).abs());
        if (g - measured).abs() > 3.0 * sd + 0.01 {
            score
                .outside
                .push(format!("{}: {g} (sd {sd}) is not {measured}", case.name));
        }
    }
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    let (gradient, forward, cosine) = (
        mean(&score.errors),
        mean(&score.forward),
        mean(&score.cosine),
    );
    println!(
        "mean absolute error of {} networks: gradient {gradient:.3} decades, \
         signal {forward:.3} decades, cosine {cosine:.3}",
        score.errors.len()
    );
    assert!(score.outside.is_empty(), "{:#?}", score.outside);
    assert!(gradient < 0.1, "mean absolute error {gradient}");
    assert!(forward < 0.1, "mean absolute error of the signal {forward}");
    assert!(cosine < 0.1, "mean absolute error of the cosine {cosine}");
}

fn dense(width: usize, init: Init) -> Layer {
    Layer::dense(width, width, init)
}

fn act(activation: Activation) -> Layer {
    Layer::Activation(activation)
}

fn bn() -> Layer {
    Layer::batch_norm(1.0)
}

fn nodes(layers: Vec<Layer>) -> Vec<Node> {
    layers
        .into_iter()
        .enumerate()
        .map(|(id, layer)| Node::new(id, layer))
        .collect()
}

fn repeat(count: usize, layers: Vec<Layer>) -> Layer {
    Layer::Repeat {
        count,
        body: nodes(layers),
    }
}

fn residual(scale: f64, layers: Vec<Layer>) -> Layer {
    Layer::residual(scale, nodes(layers))
}

fn case(name: &str, width: usize, batch: usize, layers: Vec<Layer>) -> Case {
    Case {
        name: name.to_string(),
        chain: Chain::new(nodes(layers)),
        width,
        batch,
    }
}

/// `depth` dense layers with this body between them.
fn stack(
    name: &str,
    width: usize,
    batch: usize,
    depth: usize,
    body: Vec<Layer>,
    init: Init,
) -> Case {
    let name = format!("{name}, {depth} layers of {width}");
    case(
        &name,
        width,
        batch,
        vec![repeat(depth - 1, body), dense(width, init)],
    )
}

#[test]
fn dense_chains() {
    let plain = |activation: Activation, init: Init, width: usize, depth: usize| {
        let body = vec![dense(width, init), act(activation.clone())];
        stack(
            &format!("{activation}, {init}"),
            width,
            32,
            depth,
            body,
            init,
        )
    };
    score(vec![
        plain(Identity, LecunNormal, 128, 20),
        plain(Sigmoid, XavierNormal, 128, 10),
        plain(Sigmoid, XavierNormal, 128, 50),
        plain(Sigmoid, HeUniform, 64, 5),
        plain(HardSigmoid, XavierNormal, 128, 10),
        plain(Tanh, XavierNormal, 128, 30),
        plain(Tanh, HeNormal, 128, 50),
        plain(Tanh, PytorchDefault, 64, 20),
        plain(Tanh, Orthogonal, 64, 20),
        plain(HardTanh, HeNormal, 128, 20),
        plain(Softsign, XavierUniform, 128, 20),
        plain(Relu, HeNormal, 256, 20),
        plain(Relu, HeNormal, 128, 30),
        plain(Relu, XavierUniform, 128, 20),
        plain(Relu, PytorchDefault, 128, 10),
        plain(Relu6, HeNormal, 128, 10),
        plain(LeakyRelu(0.01), HeNormal, 128, 20),
        plain(LeakyRelu(0.2), HeNormal, 128, 20),
        plain(Prelu(0.25), HeNormal, 128, 20),
        plain(Elu(1.0), HeNormal, 128, 20),
        plain(Selu, LecunNormal, 128, 50),
        plain(Gelu, HeNormal, 128, 10),
        plain(GeluTanh, HeNormal, 256, 15),
        plain(Silu, HeNormal, 128, 20),
        plain(HardSwish, HeNormal, 128, 20),
        plain(Softplus, XavierNormal, 128, 20),
        plain(Mish, HeNormal, 128, 20),
        plain(Gelu, HeNormal, 256, 50),
    ]);
}

#[test]
fn shapes_and_biases() {
    let funnel = [64, 128, 256, 128, 64, 128, 64]
        .windows(2)
        .flat_map(|pair| [Layer::dense(pair[0], pair[1], XavierNormal), act(Tanh)]);
    let biased = Layer::Dense(Dense {
        bias_variance: Some(0.2),
        ..Dense::new(128.into(), 128.into(), XavierNormal)
    });
    score(vec![
        case(
            "funnels of tanh",
            64,
            32,
            funnel.chain([dense(64, XavierNormal)]).collect(),
        ),
        stack(
            "tanh with biases",
            128,
            32,
            20,
            vec![biased, act(Tanh)],
            XavierNormal,
        ),
    ]);
}

#[test]
fn normalised_chains() {
    let n = 128;
    let before = |name: &str, norm: Layer, activation: Activation, batch: usize| {
        let body = vec![dense(n, HeNormal), norm, act(activation.clone())];
        stack(
            &format!("{name}, {activation}, batch {batch}"),
            n,
            batch,
            20,
            body,
            HeNormal,
        )
    };
    let ln = Layer::layer_norm;
    let after = |norm: Layer| vec![dense(n, HeNormal), act(Relu), norm];
    let dropped = |p: f64| vec![dense(n, HeNormal), act(Relu), Layer::Dropout(p)];
    let early = vec![dense(n, HeNormal), Layer::Dropout(0.3), act(Tanh)];
    score(vec![
        before("batch norm", bn(), Relu, 16),
        before("batch norm", bn(), Relu, 64),
        before("batch norm", bn(), Tanh, 32),
        before("batch norm", bn(), Sigmoid, 16),
        before("batch norm", bn(), Gelu, 32),
        before("layer norm", ln(), Relu, 32),
        before("layer norm", ln(), Tanh, 32),
        before("layer norm", ln(), Sigmoid, 32),
        before(
            "rms norm",
            Layer::RmsNorm(network_flow::Norm::default()),
            Gelu,
            32,
        ),
        stack("relu, then batch norm", n, 64, 20, after(bn()), HeNormal),
        stack("relu, then layer norm", n, 32, 20, after(ln()), HeNormal),
        stack("relu, dropout 0.5", n, 32, 20, dropped(0.5), HeNormal),
        stack("relu, dropout 0.1", n, 32, 20, dropped(0.1), HeNormal),
        stack("dropout 0.3 before tanh", n, 32, 20, early, HeNormal),
    ]);
}

#[test]
fn residual_stacks() {
    let n = 128;
    let stack = |name: &str, blocks: usize, batch: usize, block: Vec<Layer>| {
        let layers = vec![
            dense(n, HeNormal),
            act(Relu),
            repeat(blocks, block),
            dense(n, HeNormal),
        ];
        case(&format!("{name}, {blocks} blocks"), n, batch, layers)
    };
    let bare = |activation: Activation| vec![act(activation), dense(n, HeNormal)];
    let normed = |norm: Layer| vec![norm, act(Relu), dense(n, HeNormal)];
    let ends = |mut layers: Vec<Layer>| {
        layers.push(act(Relu));
        residual(1.0, layers)
    };
    let projection = Layer::Residual(Residual {
        scale: 1.0,
        projection: Some(Dense::new(n.into(), n.into(), LecunNormal)),
        body: nodes(vec![dense(n, HeNormal), act(Relu), dense(n, HeNormal)]),
    });
    score(vec![
        stack("no norm", 20, 32, vec![residual(1.0, bare(Relu))]),
        stack("no norm, tanh", 20, 32, vec![residual(1.0, bare(Tanh))]),
        stack(
            "no norm, sigmoid",
            50,
            32,
            vec![residual(1.0, bare(Sigmoid))],
        ),
        stack("scale 0.1", 50, 32, vec![residual(0.1, bare(Relu))]),
        stack(
            "batch norm first",
            20,
            64,
            vec![residual(1.0, normed(bn()))],
        ),
        stack(
            "batch norm first",
            50,
            64,
            vec![residual(1.0, normed(bn()))],
        ),
        stack(
            "layer norm first",
            20,
            32,
            vec![residual(1.0, normed(Layer::layer_norm()))],
        ),
        stack(
            "layer norm after",
            12,
            32,
            vec![residual(1.0, bare(Relu)), Layer::layer_norm()],
        ),
        stack(
            "branch ends in relu",
            20,
            32,
            vec![ends(vec![dense(n, HeNormal)])],
        ),
        stack(
            "branch ends in batch norm, relu",
            20,
            64,
            vec![ends(vec![dense(n, HeNormal), bn()])],
        ),
        stack("projected", 6, 32, vec![projection]),
    ]);
}

#[test]
fn post_activation_residual_stacks() {
    let n = 128;
    let post = |name: &str, activation: Activation, blocks: usize, scale: f64, body: Vec<Layer>| {
        let block = vec![residual(scale, body), act(activation.clone())];
        let stem = vec![dense(n, HeNormal), act(activation), repeat(blocks, block)];
        let layers = [stem, vec![dense(n, HeNormal)]].concat();
        case(&format!("{name}, {blocks} blocks"), n, 64, layers)
    };
    let one = |init: Init| vec![dense(n, init)];
    let two = |init: Init| vec![dense(n, init), act(Relu), dense(n, init)];
    let declared = |scale: f64| {
        let last = Layer::batch_norm(scale);
        let branch = vec![
            dense(n, HeNormal),
            bn(),
            act(Relu),
            dense(n, HeNormal),
            last,
        ];
        let stem = vec![dense(n, HeNormal), bn(), act(Relu)];
        let block = vec![residual(1.0, branch), act(Relu)];
        let layers = [stem, vec![repeat(16, block), dense(n, HeNormal)]].concat();
        case(
            &format!("the network of 2015, last scale {scale}"),
            n,
            64,
            layers,
        )
    };
    let middle = vec![dense(n, HeNormal), bn(), act(Relu), dense(n, HeNormal)];
    let layer = vec![dense(n, HeNormal), Layer::layer_norm()];
    score(vec![
        declared(1.0),
        declared(0.5),
        declared(0.1),
        declared(0.0),
        post("relu(x + W x), he", Relu, 10, 1.0, one(HeNormal)),
        post("relu(x + W x), he", Relu, 20, 1.0, one(HeNormal)),
        post("relu(x + W x), he", Relu, 50, 1.0, one(HeNormal)),
        post("relu(x + W x / 4), lecun", Relu, 16, 0.25, one(LecunNormal)),
        post(
            "relu(x + W x / 50), lecun",
            Relu,
            50,
            0.02,
            one(LecunNormal),
        ),
        post("relu, two layers, xavier", Relu, 16, 1.0, two(XavierNormal)),
        post("relu, two layers, he", Relu, 16, 1.0, two(HeNormal)),
        post("relu, batch norm inside", Relu, 16, 1.0, middle),
        post(
            "relu, batch norm last",
            Relu,
            50,
            1.0,
            vec![dense(n, HeNormal), bn()],
        ),
        post("relu, layer norm last", Relu, 16, 1.0, layer),
        post(
            "leaky relu, batch norm",
            LeakyRelu(0.1),
            16,
            1.0,
            vec![dense(n, HeNormal), bn()],
        ),
        post("tanh", Tanh, 16, 1.0, one(XavierNormal)),
        post(
            "tanh, batch norm",
            Tanh,
            16,
            1.0,
            vec![dense(n, HeNormal), bn()],
        ),
        post("gelu", Gelu, 10, 1.0, one(LecunNormal)),
        post("sigmoid", Sigmoid, 10, 1.0, one(LecunNormal)),
    ]);
}

#[test]
fn long_skips() {
    // Eight layers, each of which sees all before it.
    let mut all = vec![Node::new(0, Layer::dense(64, 32, HeNormal)).labelled(0)];
    for block in 1..=8 {
        all.push(Node::new(4 * block, bn()));
        all.push(Node::new(4 * block + 1, act(Relu)));
        all.push(Node::new(
            4 * block + 2,
            Layer::dense(32 * block, 32, HeNormal),
        ));
        all.push(Node::new(4 * block + 3, Layer::Concat(vec![block - 1])).labelled(block));
    }
    all.push(Node::new(50, Layer::dense(288, 64, LecunNormal)));
    let connected = Case {
        name: "densely connected".to_string(),
        chain: Chain::new(all),
        width: 64,
        batch: 64,
    };

    let n = 128;
    let mut all = nodes(vec![dense(n, HeNormal), act(Relu)]);
    all[1].label = Some(0);
    all.extend(nodes(vec![
        repeat(6, vec![dense(n, HeNormal), act(Relu)]),
        dense(n, HeNormal),
    ]));
    all.push(Node::new(9, Layer::Add(0)));
    all.extend(nodes(vec![act(Relu), dense(n, HeNormal)]));
    let added = Case {
        name: "one long skip".to_string(),
        chain: Chain::new(all),
        width: n,
        batch: 32,
    };
    score(vec![connected, added]);
}
