//! Whatever is declared: no panic, no NaN, no long wait.

use std::time::Instant;

use network_flow::{Activation, Cell, Chain, Forget, Init, Layer, Node, Norm, Recurrent, Theory};

/// Draws chains that mostly make no sense.
struct Generator {
    state: u64,
    labels: usize,
}

impl Generator {
    // Xorshift.
    fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % n as u64) as usize
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn nodes(&mut self, depth: usize) -> Vec<Node> {
        (0..self.below(6)).map(|_| self.node(depth)).collect()
    }

    fn node(&mut self, depth: usize) -> Node {
        use Activation::{Elu, Gelu, HardTanh, Relu, Sigmoid};
        let inits = [
            Init::HeNormal,
            Init::Normal(3.0),
            Init::Zeros,
            Init::Identity,
            Init::Orthogonal,
        ];
        let kinds = if depth > 2 { 9 } else { 14 };
        let layer = match self.below(kinds) {
            0 | 1 => Layer::dense(8 * self.below(5), 1 + 8 * self.below(5), self.pick(&inits)),
            2 | 3 => Layer::Activation(self.pick(&[Relu, Gelu, Sigmoid, Elu(1.0), HardTanh])),
            4 => Layer::batch_norm(self.pick(&[1.0, 0.0, -2.0])),
            5 => self.pick(&[Layer::layer_norm(), Layer::RmsNorm(Norm::default())]),
            6 => Layer::Dropout(0.4),
            7 => Layer::Softmax,
            8 if self.labels > 0 => {
                let label = self.below(self.labels);
                self.pick(&[Layer::Add(label), Layer::Concat(vec![label])])
            }
            8 => Layer::Opaque,
            9 | 10 => Layer::Repeat {
                count: self.below(7),
                body: self.nodes(depth + 1),
            },
            11 | 12 => {
                let body = self.nodes(depth + 1);
                Layer::residual(self.pick(&[1.0, 0.0, -0.5, 1e-9]), body)
            }
            _ => {
                let cell = Cell::Lstm {
                    forget: Forget::Chrono,
                };
                Layer::Recurrent(Recurrent {
                    steps: self.below(50),
                    units: None,
                    cell,
                })
            }
        };
        let node = Node::new(self.below(100), layer);
        if self.below(4) > 0 {
            return node;
        }
        self.labels += 1;
        node.labelled(self.labels - 1)
    }
}

#[test]
fn random_chains_have_sane_answers() {
    let mut theory = Theory::new();
    let mut generator = Generator {
        state: 12345,
        labels: 0,
    };
    for _ in 0..400 {
        generator.labels = 0;
        let chain = Chain::new(generator.nodes(0));
        let _ = theory.auto_init(&chain);
        let Ok(analysis) = theory.analyse(&chain) else {
            continue;
        };
        let prediction = analysis.prediction;
        assert!(prediction.decades.is_none_or(|g| !g.is_nan()), "{chain:?}");
        assert!(prediction.deviation.is_none_or(f64::is_finite), "{chain:?}");
    }
}

#[test]
fn a_thousand_layers_take_milliseconds() {
    let stack = |activation: Activation, init: Init| {
        let layers = [Layer::dense(64, 64, init), Layer::Activation(activation)];
        let body = layers
            .into_iter()
            .zip(1..)
            .map(|(layer, id)| Node::new(id, layer))
            .collect();
        Chain::new(vec![
            Node::new(0, Layer::Repeat { count: 1000, body }),
            Node::new(3, Layer::dense(64, 10, init)),
        ])
    };
    for chain in [
        stack(Activation::Relu, Init::HeNormal),
        stack(Activation::Sigmoid, Init::XavierNormal),
    ] {
        let start = Instant::now();
        Theory::new().analyse(&chain).unwrap();
        let took = start.elapsed();
        // About 20 where this was written, with all candidate edits; a busy machine gets more.
        assert!(took.as_millis() < 250, "{took:?}");
    }
}
