//! The prediction for a chain: what the passes found, per layer and for the whole.

use std::fmt;

use crate::backward::{Gradients, backward, forward_spread};
use crate::chain::Chain;
use crate::forward::forward;
use crate::init::Width;
use crate::moments::MomentCache;
use crate::recurrent::Memory;
use crate::tape::{Kind, Op, Tape};

/// Predicts, judges and repairs chains; remembers the integrals it has computed.
#[derive(Clone, Debug, Default)]
pub struct Theory {
    pub(crate) cache: MomentCache,
}

/// Why there is no prediction at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlowError {
    /// The statistics of the input are not finite, or the cosine is outside [-1, 1].
    Input,
    /// A parameter of this layer is not usable.
    Invalid {
        /// The layer.
        id: usize,
        /// What must hold.
        what: &'static str,
    },
    /// The layer refers to a label that no earlier layer has.
    UnknownLabel {
        /// The layer.
        id: usize,
    },
    /// The chain, with repetitions written out, has more than 200 000 layers.
    TooLarge,
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("the statistics of the input are not usable"),
            Self::Invalid { id, what } => write!(f, "layer {id}: {what}"),
            Self::UnknownLabel { id } => write!(f, "layer {id} refers to an unknown label"),
            Self::TooLarge => f.write_str("more than 200000 layers"),
        }
    }
}

impl std::error::Error for FlowError {}

/// A layer across which nothing is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The layer.
    pub id: usize,
    /// Why.
    pub reason: &'static str,
}

/// What the theory says of a chain at initialisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// `G = log10(|delta_first| / |delta_last|)`: decades of gradient norm between the outputs
    /// of the first and the last dense layer of the main path, in the limit of wide layers.
    /// Below zero the gradient vanishes, above it explodes; minus infinity means that none
    /// arrives. If the chain starts (or ends) with a residual block, its input (or output)
    /// stands in for the dense layer. `None` where a layer is [`Unknown`].
    pub decades: Option<f64>,
    /// Standard deviation over initialisations of the measured `G`, the root mean square over a
    /// batch of [`Chain::batch`] examples (32 if not said); `None` for symbolic widths. For one
    /// example and layer the variance of `ln |delta|^2` is `(3 kappa - 1) / width`
    /// ([Hanin 2018](https://arxiv.org/abs/1801.03744)); examples share a part of that, and the
    /// theory's own error is added.
    pub deviation: Option<f64>,
    /// Mean of the measured `G`: a product of random factors has a mean logarithm below the
    /// logarithm of its mean, by half the variance.
    pub typical: Option<f64>,
    /// `log10(|dW_first| / |dW_last|)` per example, as `G` plus the ratio of the inputs' norms;
    /// `None` if one of the two is not a dense layer or a width is not known.
    pub weight_decades: Option<f64>,
    /// The layers in order of execution, repetitions written out.
    pub layers: Vec<LayerFlow>,
    /// Why `decades` is missing.
    pub unknown: Option<Unknown>,
    /// What recurrent layers remember, by id.
    pub memories: Vec<(usize, Memory)>,
}

/// One executed layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerFlow {
    /// The node's id; the same for every repetition.
    pub id: usize,
    /// Whether it lies on the main path, outside every residual branch.
    pub trunk: bool,
    /// What it does, for those who aggregate.
    pub role: Role,
    /// `q`, the second moment of its output.
    pub second_moment: f64,
    /// Mean of its output over units.
    pub mean: f64,
    /// Cosine between its outputs for two examples.
    pub cosine: f64,
    /// The factor by which it multiplies the squared gradient norm on the way back: `sigma_w^2`
    /// of a dense layer, `E[phi'^2]` of an activation, `1 / variance` of a norm. For sums, along
    /// the skip. NaN where no gradient arrives.
    pub factor: f64,
    /// `log10` of the gradient norm at its output, relative to the last layer.
    pub gradient: f64,
    /// Standard deviation of `gradient` over initialisations: the share of
    /// [`Prediction::deviation`] that has gathered up to here. `None` for symbolic widths.
    pub gradient_deviation: Option<f64>,
    /// Standard deviation of [`LayerFlow::forward`] over initialisations.
    pub forward_deviation: Option<f64>,
}

impl LayerFlow {
    /// Returns `log10` of the root mean square of the output.
    pub fn forward(&self) -> f64 {
        0.5 * self.second_moment.log10()
    }
}

/// The kind of an executed layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Dense or convolution.
    Dense,
    /// Activation.
    Activation,
    /// Normalisation, or a layer that passes everything on.
    Norm,
    /// Dropout.
    Dropout,
    /// Pooling.
    Pool,
    /// Sum of a skip and a branch.
    Sum,
    /// Concatenation.
    Concat,
}

impl Theory {
    /// Returns a theory with an empty memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Predicts the signal propagation of a chain at initialisation.
    ///
    /// # Examples
    /// ```
    /// use network_flow::{Activation, Chain, Init, Layer, Node, Theory};
    ///
    /// let mut nodes = Vec::new();
    /// for layer in 0..10 {
    ///     nodes.push(Node::new(2 * layer, Layer::dense(64, 64, Init::XavierNormal)));
    ///     nodes.push(Node::new(2 * layer + 1, Layer::Activation(Activation::Sigmoid)));
    /// }
    /// nodes.push(Node::new(20, Layer::dense(64, 10, Init::XavierNormal)));
    /// let prediction = Theory::new().predict(&Chain::new(nodes)).unwrap();
    /// assert!((prediction.decades.unwrap() + 6.2).abs() < 0.1);
    /// ```
    ///
    /// # Errors
    /// Returns a [`FlowError`] for parameters that mean nothing: widths of zero, gains that are
    /// not finite, labels that do not exist, dropout of everything.
    pub fn predict(&mut self, chain: &Chain) -> Result<Prediction, FlowError> {
        let tape = forward(chain, &mut self.cache)?;
        let gradients = backward(&tape);
        Ok(assemble(tape, &gradients))
    }
}

fn assemble(tape: Tape, gradients: &Gradients) -> Prediction {
    let per_decade = 2.0 * std::f64::consts::LN_10;
    let decades = match tape.first {
        _ if tape.unknown.is_some() => None,
        Some(first) => Some(with_aligned_part(&tape, gradients, first) / per_decade),
        None => Some(0.0),
    };
    // A function of the user's own may return anything.
    let decades = decades.filter(|g| !g.is_nan());
    let deviation = (tape.widths_known && decades.is_some_and(f64::is_finite))
        .then(|| gradients.variance.sqrt() / per_decade);
    let typical = deviation
        .and(decades)
        .map(|g| g - 0.5 * gradients.multiplied / per_decade);
    let forward_variance = forward_spread(&tape);
    let layers = tape
        .ops
        .iter()
        .enumerate()
        .map(|(index, op)| {
            let value = &tape.values[op.output];
            let factors = &gradients.factors[index];
            let gathered = gradients.variance * gradients.gathered[index];
            LayerFlow {
                id: op.id,
                trunk: op.trunk,
                role: match op.kind {
                    Kind::Dense { .. } => Role::Dense,
                    Kind::Activation { .. } => Role::Activation,
                    Kind::Scale { .. } => Role::Norm,
                    Kind::Dropout { .. } => Role::Dropout,
                    Kind::Largest { .. } | Kind::Mean { .. } => Role::Pool,
                    Kind::Sum { .. } => Role::Sum,
                    Kind::Concat { .. } => Role::Concat,
                },
                second_moment: value.q,
                mean: value.mean,
                cosine: value.cosine(),
                factor: factors.first().map_or(f64::NAN, |ln| ln.exp()),
                gradient: gradients.ln[op.output] / per_decade,
                gradient_deviation: tape.widths_known.then(|| gathered.sqrt() / per_decade),
                forward_deviation: tape
                    .widths_known
                    .then(|| forward_variance[op.output].sqrt() / per_decade),
            }
        })
        .collect();
    Prediction {
        decades,
        deviation,
        typical,
        weight_decades: decades.and_then(|g| Some(g + input_ratio(&tape)?)),
        layers,
        unknown: tape.unknown,
        memories: tape.memories,
    }
}

/// Returns `ln` of the squared gradient norm at the first layer, with the part that is aligned
/// with the signal.
///
/// Straight layers without norm or bias obey Euler's identity: `delta . x` is the same at every
/// layer. A random gradient at the end has a share `1 / units` along `x`, and that part grows
/// backward as the signal grows forward. It is nothing beside the rest, except where one-sided
/// skips, as in `x + relu(W x)`, let the signal outgrow the gradient. Going back over one block
/// with factor `f`, the total `T` becomes `f T` plus the growth of the aligned part.
fn with_aligned_part(tape: &Tape, gradients: &Gradients, first: usize) -> f64 {
    let bulk = gradients.ln[first];
    let straight = |op: &Op| match &op.kind {
        Kind::Activation { activation, .. } => activation.homogeneous_slope().is_some(),
        Kind::Dense { .. } => op.elasticity[0] > 0.999,
        Kind::Sum { .. } => true,
        Kind::Scale { .. }
        | Kind::Dropout { .. }
        | Kind::Largest { .. }
        | Kind::Mean { .. }
        | Kind::Concat { .. } => false,
    };
    let Some(last) = tape.last.filter(|last| *last > first) else {
        return bulk;
    };
    let ops = &tape.ops[first..last];
    let size = |value: usize| {
        let value = &tape.values[value];
        Some((value.units?.known()? as f64 * value.q).ln()).filter(|ln| ln.is_finite())
    };
    let units = tape.values[last].units.and_then(Width::known);
    let (Some(units), Some(end), true) = (units, size(last), ops.iter().all(straight)) else {
        return bulk;
    };
    let blocks = ops
        .iter()
        .filter(|op| op.trunk && matches!(op.kind, Kind::Sum { .. }));
    let mut values: Vec<usize> = blocks.map(|op| op.output).collect();
    values.insert(0, first);
    if values.len() == 1 || !bulk.is_finite() {
        return bulk;
    }
    let aligned =
        |value: usize| size(value).map_or(f64::NEG_INFINITY, |ln| end - ln) - (units as f64).ln();
    let mut after = last;
    let mut total = 0.0;
    for value in values.into_iter().rev() {
        let through = total + gradients.ln[value] - gradients.ln[after];
        let grown = aligned(value).exp() - aligned(after).exp();
        total = if grown > 0.0 {
            add_logarithms(through, grown.ln())
        } else {
            through
        };
        after = value;
    }
    total
}

fn add_logarithms(a: f64, b: f64) -> f64 {
    a.max(b) + (-(a - b).abs()).exp().ln_1p()
}

/// `log10` of the norm of the first dense layer's input over that of the last one's.
fn input_ratio(tape: &Tape) -> Option<f64> {
    let square = |output: usize| {
        let op = tape.ops.iter().find(|op| op.output == output)?;
        let input = &tape.values[op.inputs[0]];
        matches!(op.kind, Kind::Dense { .. })
            .then_some(())
            .and(input.units?.known())
            .map(|units| units as f64 * input.q)
    };
    Some(0.5 * (square(tape.first?)? / square(tape.last?)?).log10())
}
