//! Random declarations of networks, from healthy ones to ones that cannot learn: what build
//! scripts turn into `network!` invocations, and what reports print.
//!
//! A [`Declaration`] is plain data, so that a study may change one (other activation, other init,
//! a norm, a skip) and declare the changed one beside it. [`draw`] gives the same list on every
//! machine.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::fmt;

/// Inputs of every declared network.
pub const INPUTS: usize = 64;
/// Outputs of every declared network.
pub const OUTPUTS: usize = 10;

/// One network: a stem, a stack of equal layers or blocks, and a head.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The name of its type.
    pub name: String,
    /// The setting `init = ..;`, or none to leave the choice to the macro.
    pub init: Option<&'static str>,
    /// The activation, as it is written.
    pub activation: &'static str,
    /// Units of every hidden layer.
    pub width: usize,
    /// Layers or blocks in the `repeat`.
    pub depth: usize,
    /// Normalisation before every activation.
    pub norm: Option<Norm>,
    /// Skips around every layer of the `repeat`.
    pub skip: Option<Skip>,
    /// Dropout after every activation.
    pub dropout: Option<&'static str>,
}

/// A normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// `batch_norm`
    Batch,
    /// `layer_norm`
    Layer,
}

/// A residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The factor on the branch, as it is written.
    pub scale: Option<&'static str>,
    /// Dense layers in the branch.
    pub layers: usize,
    /// Whether an activation follows the sum, as in the residual network of 2015.
    pub activated: bool,
}

/// What a change of a declaration changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// How weights are drawn.
    Init,
    /// The activation, and how weights are drawn.
    Activation,
    /// Norms before every activation.
    Norm,
    /// Skips around every layer of the `repeat`.
    Skip,
}

impl Norm {
    fn word(self) -> &'static str {
        match self {
            Self::Batch => "batch_norm",
            Self::Layer => "layer_norm",
        }
    }
}

impl Declaration {
    /// Weight layers on the longest path.
    pub fn layers(&self) -> usize {
        2 + self.depth * self.skip.map_or(1, |skip| skip.layers)
    }

    /// The layers of the stack on one line, as tables show them.
    pub fn stack(&self) -> String {
        format!("repeat({}) {{ {} }}", self.depth, self.block())
    }

    fn dense(&self) -> String {
        // A bias before batch norm does nothing.
        let bias = if self.norm == Some(Norm::Batch) {
            ", bias = false"
        } else {
            ""
        };
        format!("dense({}{bias})", self.width)
    }

    /// What stands between two dense layers.
    fn between(&self) -> String {
        let norm = self
            .norm
            .map_or(String::new(), |norm| format!("{} -> ", norm.word()));
        let dropout = self
            .dropout
            .map_or(String::new(), |rate| format!(" -> dropout({rate})"));
        format!("{norm}{}{dropout}", self.activation)
    }

    fn block(&self) -> String {
        let (dense, between) = (self.dense(), self.between());
        let Some(skip) = self.skip else {
            return format!("{dense} -> {between}");
        };
        let scale = skip
            .scale
            .map_or(String::new(), |scale| format!("(scale = {scale})"));
        if skip.activated {
            let mut branch = vec![dense; skip.layers].join(&format!(" -> {between} -> "));
            if let Some(norm) = self.norm {
                branch = format!("{branch} -> {}", norm.word());
            }
            format!("residual{scale} {{ {branch} }} -> {}", self.activation)
        } else {
            let branch = vec![format!("{between} -> {dense}"); skip.layers].join(" -> ");
            format!("residual{scale} {{ {branch} }}")
        }
    }
}

/// The whole `network!` invocation.
impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dense, between) = (self.dense(), self.between());
        // The stem's activation is the first block's, where blocks begin with one.
        let preactivation = self.skip.is_some_and(|skip| !skip.activated);
        writeln!(f, "network! {{")?;
        writeln!(f, "    #[gradient_flow(allow)]")?;
        writeln!(f, "    pub struct {}({INPUTS}) -> {OUTPUTS} {{", self.name)?;
        if let Some(init) = self.init {
            writeln!(f, "        init = {init};")?;
        }
        if preactivation {
            writeln!(f, "        stem: dense({});", self.width)?;
        } else {
            writeln!(f, "        stem: {dense} -> {between};")?;
        }
        writeln!(f, "        stack: {};", self.stack())?;
        if preactivation {
            writeln!(f, "        head: {between} -> dense({OUTPUTS});")?;
        } else {
            writeln!(f, "        head: dense({OUTPUTS});")?;
        }
        writeln!(f, "    }}")?;
        writeln!(f, "}}")
    }
}

const ACTIVATIONS: [(&str, u32); 17] = [
    ("relu", 8),
    ("sigmoid", 6),
    ("tanh", 6),
    ("leaky_relu(0.1)", 3),
    ("gelu", 3),
    ("silu", 3),
    ("elu(1.0)", 3),
    ("selu", 3),
    ("softplus", 3),
    ("hard_sigmoid", 2),
    ("hard_tanh", 2),
    ("softsign", 2),
    ("relu6", 2),
    ("prelu", 2),
    ("gelu_tanh", 1),
    ("hard_swish", 1),
    ("mish", 2),
];

const INITS: [(Option<&str>, u32); 11] = [
    (None, 6),
    (Some("pytorch_default"), 4),
    (Some("xavier_normal"), 4),
    (Some("he_normal"), 4),
    (Some("lecun_uniform"), 2),
    (Some("he_normal(fan = fan_out)"), 1),
    (Some("orthogonal"), 2),
    (Some("xavier_uniform(gain = 1.6667)"), 2),
    (Some("xavier_normal(gain = 2.5)"), 1),
    (Some("normal(0.0, 0.05)"), 2),
    (Some("normal(0.0, 0.3)"), 1),
];

/// Returns `count` declarations named `{prefix}0`, `{prefix}1`, ..; the same for the same seed.
///
/// Half are plain stacks, an eighth have norms and no skips, a quarter are residual, and an
/// eighth have dropout. Depth is drawn evenly on a log scale from 2 to 32.
pub fn draw(prefix: &str, seed: u64, count: usize) -> Vec<Declaration> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count)
        .map(|index| one(format!("{prefix}{index}"), &mut rng))
        .collect()
}

impl Declaration {
    /// Draws what `change` names anew, with the weights of [`draw`] and never the same; the same
    /// for the same seed.
    pub fn redrawn(&self, change: Change, seed: u64) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        loop {
            let mut changed = self.clone();
            match change {
                Change::Init => changed.init = pick(&INITS, &mut rng),
                Change::Activation => {
                    changed.activation = pick(&ACTIVATIONS, &mut rng);
                    changed.init = pick(&INITS, &mut rng);
                }
                Change::Norm => {
                    changed.norm = Some(pick(&[(Norm::Batch, 1), (Norm::Layer, 1)], &mut rng));
                }
                Change::Skip => changed.skip = Some(skip(&mut rng)),
            }
            if changed != *self {
                return changed;
            }
        }
    }
}

fn skip(rng: &mut Xoshiro256PlusPlus) -> Skip {
    Skip {
        scale: pick(&[(None, 4), (Some("0.5"), 1), (Some("0.2"), 1)], rng),
        layers: pick(&[(1, 2), (2, 1)], rng),
        activated: pick(&[(false, 2), (true, 1)], rng),
    }
}

fn one(name: String, rng: &mut Xoshiro256PlusPlus) -> Declaration {
    let activation = pick(&ACTIVATIONS, rng);
    let init = pick(&INITS, rng);
    let width = pick(&[(32, 2), (48, 1), (64, 3), (96, 1)], rng);
    let depth = 2.0_f64.powf(rng.random_range(1.0..5.0)).round() as usize;
    let kind = rng.random_range(0..8);
    let norm = match kind {
        4 => Some(pick(&[(Norm::Batch, 1), (Norm::Layer, 1)], rng)),
        5 | 6 => pick(
            &[(None, 2), (Some(Norm::Batch), 1), (Some(Norm::Layer), 1)],
            rng,
        ),
        _ => None,
    };
    let skip = (kind == 5 || kind == 6).then(|| skip(rng));
    let dropout = (kind == 7).then(|| pick(&[("0.1", 2), ("0.3", 1)], rng));
    Declaration {
        name,
        init,
        activation,
        width,
        depth,
        norm,
        skip,
        dropout,
    }
}

/// One of these, as often as its weight says.
fn pick<T: Clone>(from: &[(T, u32)], rng: &mut Xoshiro256PlusPlus) -> T {
    let total: u32 = from.iter().map(|(_, weight)| weight).sum();
    let mut left = rng.random_range(0..total);
    for (item, weight) in from {
        if left < *weight {
            return item.clone();
        }
        left -= weight;
    }
    unreachable!("`left` is below the sum of the weights")
}
