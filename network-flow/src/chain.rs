//! The description of a network that the theory works on: a tree of layers, no values.

use crate::activation::Activation;
use crate::init::{Init, Width};
use crate::recurrent::Recurrent;
use crate::rules::Optimizer;

/// A network: what comes in, the layers in order, and how it will be trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// What is known of the input.
    pub input: Input,
    /// The layers, first to last.
    pub nodes: Vec<Node>,
    /// Examples per training step: corrects batch normalisation by `(B - 2) / (B - 3)` and narrows
    /// the error bar.
    pub batch: Option<usize>,
    /// Whether the loss applies softmax itself, as cross-entropy on logits does, where that is
    /// known.
    pub loss_applies_softmax: Option<bool>,
    /// What will move the weights.
    pub optimizer: Optimizer,
}

/// Second-order statistics of the input, over units and examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// `E[x^2]`; 1 for standardised data.
    pub second_moment: f64,
    /// Mean cosine between two examples; 0 for standardised data.
    pub cosine: f64,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            second_moment: 1.0,
            cosine: 0.0,
        }
    }
}

impl Chain {
    /// Returns a chain with a standardised input and nothing else known.
    pub fn new(nodes: Vec<Node>) -> Self {
        Self {
            input: Input::default(),
            nodes,
            batch: None,
            loss_applies_softmax: None,
            optimizer: Optimizer::default(),
        }
    }
}

/// One layer with the caller's name for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Returned in every prediction that concerns this layer; the theory does not look at it.
    /// Wrappers (`Residual`, `Repeat`) need one too.
    pub id: usize,
    /// The number under which [`Layer::Add`] and [`Layer::Concat`] find the output.
    pub label: Option<usize>,
    /// What the layer does.
    pub layer: Layer,
}

impl Node {
    /// Returns an unlabelled node.
    pub fn new(id: usize, layer: Layer) -> Self {
        Self {
            id,
            label: None,
            layer,
        }
    }

    /// Returns the node with a label.
    pub fn labelled(self, label: usize) -> Self {
        Self {
            label: Some(label),
            ..self
        }
    }
}

/// The kinds of layers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Layer {
    /// `W x + b`
    Dense(Dense),
    /// `phi(x)` on each unit.
    Activation(Activation),
    /// Normalisation over the batch, per unit.
    BatchNorm(Norm),
    /// Normalisation over the units, per example.
    LayerNorm(Norm),
    /// Division by the root mean square over the units, per example.
    RmsNorm(Norm),
    /// Zeroes each unit with this probability and divides the others by the rest of it.
    Dropout(f64),
    /// `skip(x) + scale * body(x)`
    Residual(Residual),
    /// The body, `count` times, each with its own weights.
    Repeat {
        /// How many times.
        count: usize,
        /// What is repeated.
        body: Vec<Node>,
    },
    /// Adds the output with this label.
    Add(usize),
    /// Appends the outputs with these labels.
    Concat(Vec<usize>),
    /// One entry for each window of positions.
    Pool(Pool),
    /// Every entry several times, as in an enlarged image.
    Upsample,
    /// A learned vector for each index: whatever came in, its entries have this variance.
    Embedding {
        /// Variance of the weights.
        variance: f64,
    },
    /// Softmax; as the last layer it is left out of the gradient's account.
    Softmax,
    /// A recurrent layer over a sequence.
    Recurrent(Recurrent),
    /// A layer the theory knows nothing about: predictions across it are withheld.
    Opaque,
}

impl Layer {
    /// Returns a dense layer with bias (initially zero) and gain 1.
    pub fn dense(fan_in: usize, fan_out: usize, init: Init) -> Self {
        Self::Dense(Dense::new(fan_in.into(), fan_out.into(), init))
    }

    /// Returns batch normalisation with this initial scale.
    pub fn batch_norm(scale: f64) -> Self {
        Self::BatchNorm(Norm {
            scale,
            ..Norm::default()
        })
    }

    /// Returns layer normalisation with scale 1.
    pub fn layer_norm() -> Self {
        Self::LayerNorm(Norm::default())
    }

    /// Returns an identity skip around `body`.
    pub fn residual(scale: f64, body: Vec<Node>) -> Self {
        Self::Residual(Residual {
            scale,
            projection: None,
            body,
        })
    }
}

/// What is left of each window of positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// The largest of so many entries.
    Largest(usize),
    /// The mean of so many entries.
    Mean(usize),
}

/// A dense layer, or a convolution seen as one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dense {
    /// Inputs of one output unit. For a convolution: channels times kernel area.
    pub fan_in: Width,
    /// Outputs that one input unit reaches. For a convolution: channels times kernel area.
    pub fan_out: Width,
    /// Independent units of the input, which set the error bar. For a dense layer, `fan_in`.
    pub units_in: Width,
    /// Independent units of the output. For a dense layer, `fan_out`; for a convolution, its
    /// output channels.
    pub units_out: Width,
    /// How the weights are drawn.
    pub init: Init,
    /// Factor on the standard deviation of the weights.
    pub gain: f64,
    /// Variance of the initial bias; `None` for a layer without bias.
    pub bias_variance: Option<f64>,
    /// Whether the gain is to be solved: see [`Theory::auto_init`](crate::Theory::auto_init).
    pub auto: bool,
    /// Share of a convolution's taps that lie on the input, not on its padding; 1 without padding.
    pub coverage: f64,
}

impl Dense {
    /// Returns a dense layer with bias (initially zero) and gain 1.
    pub fn new(fan_in: Width, fan_out: Width, init: Init) -> Self {
        Self {
            fan_in,
            fan_out,
            units_in: fan_in,
            units_out: fan_out,
            init,
            gain: 1.0,
            bias_variance: Some(0.0),
            auto: false,
            coverage: 1.0,
        }
    }

    /// Returns a convolution of `channels_in` to `channels_out` with a kernel of
    /// `kernel_area` cells (height times width). Of borders, [`Dense::coverage`] takes account.
    pub fn convolution(
        channels_in: usize,
        channels_out: usize,
        kernel_area: usize,
        init: Init,
    ) -> Self {
        Self {
            units_in: channels_in.into(),
            units_out: channels_out.into(),
            ..Self::new(
                channels_in.saturating_mul(kernel_area).into(),
                channels_out.saturating_mul(kernel_area).into(),
                init,
            )
        }
    }

    /// Returns `sigma_w^2 = fan_in * Var(W)`, see [`Init::sigma_w2`], of the taps that lie on the
    /// input.
    pub fn sigma_w2(&self) -> Option<f64> {
        let whole = self.init.sigma_w2(self.fan_in, self.fan_out, self.gain)?;
        Some(whole * self.coverage)
    }
}

/// A normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// Initial `gamma`.
    pub scale: f64,
    /// Added to the variance.
    pub epsilon: f64,
}

impl Default for Norm {
    fn default() -> Self {
        Self {
            scale: 1.0,
            epsilon: 1e-5,
        }
    }
}

/// A skip connection around a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// Factor on the body.
    pub scale: f64,
    /// Learned linear map on the skip, where widths differ.
    pub projection: Option<Dense>,
    /// The branch.
    pub body: Vec<Node>,
}

/// Calls `visit` on every node, wrappers before what they hold.
pub fn walk<'a>(nodes: &'a [Node], visit: &mut impl FnMut(&'a Node)) {
    for node in nodes {
        visit(node);
        match &node.layer {
            Layer::Repeat { body, .. } => walk(body, visit),
            Layer::Residual(residual) => walk(&residual.body, visit),
            _ => {}
        }
    }
}

/// Returns a copy of the tree in which every node, bodies first, became what `rewrite` says.
pub fn rewrite(nodes: &[Node], change: &mut impl FnMut(Node) -> Vec<Node>) -> Vec<Node> {
    let mut result = Vec::with_capacity(nodes.len());
    for node in nodes {
        let layer = match &node.layer {
            Layer::Repeat { count, body } => Layer::Repeat {
                count: *count,
                body: rewrite(body, change),
            },
            Layer::Residual(residual) => Layer::Residual(Residual {
                body: rewrite(&residual.body, change),
                ..residual.clone()
            }),
            other => other.clone(),
        };
        result.extend(change(Node {
            layer,
            ..node.clone()
        }));
    }
    result
}
