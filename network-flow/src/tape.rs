//! A network as straight-line code: values with their moments, operations, and laws on demand.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::activation::Activation;
use crate::init::Width;
use crate::law::{Pair, Points};
use crate::predict::Unknown;
use crate::recurrent::Memory;

/// What is known of one value on its way through the network.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// `E[x^2]`
    pub(crate) q: f64,
    /// `E[x_a x_b]` for two examples.
    pub(crate) cross: f64,
    /// `E[x]` over units.
    pub(crate) mean: f64,
    /// Whether one unit is normal with mean zero. If not, [`Tape::points`] knows its law.
    pub(crate) normal: bool,
    /// Whether units differ in how much they vary over the batch: after an activation of units
    /// that have means of their own.
    pub(crate) uneven: bool,
    pub(crate) units: Option<Width>,
    /// Range of the operations whose random weights are in this value.
    pub(crate) sources: (usize, usize),
}

impl Value {
    /// Cosine between two examples.
    pub(crate) fn cosine(&self) -> f64 {
        if self.q > 0.0 {
            (self.cross / self.q).clamp(-1.0, 1.0)
        } else {
            1.0
        }
    }

    /// Share of the variance that is between units, the rest being between examples.
    pub(crate) fn between_units(&self) -> f64 {
        let square = self.mean * self.mean;
        ((self.cross - square) / (self.q - square).max(1e-300)).clamp(0.0, 1.0)
    }

    pub(crate) fn shares_weights_with(&self, other: &Self) -> bool {
        self.sources.0 <= other.sources.1 && other.sources.0 <= self.sources.1
    }

    pub(crate) fn independent_units(&self) -> Option<f64> {
        Some(self.units?.known()?.max(1) as f64)
    }
}

/// One operation of the tape. Values and operations are in order of execution.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    pub(crate) id: usize,
    pub(crate) kind: Kind,
    pub(crate) inputs: Vec<usize>,
    pub(crate) output: usize,
    /// Whether it lies on the main path, outside every residual branch.
    pub(crate) trunk: bool,
    /// What a finite width adds to the error bar.
    pub(crate) noise: Noise,
    /// `d ln q_output / d ln q_input`, for each input.
    pub(crate) elasticity: Vec<f64>,
    /// `d ln factor / d ln q_input`
    pub(crate) factor_elasticity: f64,
}

/// Fluctuations that one operation adds in a network of finite width, and how far two examples
/// share them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Noise {
    /// `1 / units` of what the gradient arrives at; zero for weights that do not fluctuate.
    pub(crate) per_unit: f64,
    /// `kappa - 1`, with `kappa = E[phi'^4] / E[phi'^2]^2`.
    pub(crate) slope_excess: f64,
    /// Variance of `ln q` of the output for one example.
    pub(crate) forward: f64,
    /// `E[phi'_a phi'_b] / E[phi'^2]` of two examples.
    pub(crate) slope_overlap: f64,
    /// Share of the fluctuations of `phi^2` and `phi'^2` that two examples have in common.
    pub(crate) common: f64,
}

/// What an operation does to the gradient.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Dense {
        sigma_w2: f64,
    },
    Activation {
        activation: Activation,
        slope_second: f64,
    },
    /// A linear map of every unit with this squared slope.
    Scale {
        factor: f64,
        slope: f64,
        centre: f64,
    },
    Dropout {
        keep: f64,
    },
    /// The largest of some entries: the weights of the law at the points of the input's.
    Largest {
        weight: Rc<Vec<f64>>,
    },
    /// The mean of some entries, whose fluctuations about the mean shrink.
    Mean {
        window: f64,
        mean: f64,
        shrink: f64,
    },
    /// `inputs[0] + scale * inputs[1]`
    Sum {
        scale: f64,
    },
    /// Shares of the units, one for each input.
    Concat {
        shares: Vec<f64>,
    },
}

/// The network as straight-line code.
#[derive(Debug)]
pub(crate) struct Tape {
    pub(crate) values: Vec<Value>,
    pub(crate) ops: Vec<Op>,
    /// Where the gradient is judged: output of the first dense layer on the main path.
    pub(crate) first: Option<usize>,
    /// Where the gradient starts: output of the last dense layer on the main path.
    pub(crate) last: Option<usize>,
    /// Whether every width is a number.
    pub(crate) widths_known: bool,
    pub(crate) unknown: Option<Unknown>,
    pub(crate) memories: Vec<(usize, Memory)>,
    /// Examples in a batch, for the error bar.
    pub(crate) batch: usize,
    /// Laws that were asked for.
    pub(crate) laws: Laws,
}

/// Laws of values, by value; of sums also what they were made of.
#[derive(Debug, Default)]
pub(crate) struct Laws {
    known: RefCell<Vec<Option<Rc<Points>>>>,
    pairs: RefCell<Vec<Option<Rc<Pair>>>>,
    standard_normal: OnceCell<Points>,
}

impl Laws {
    fn normal(&self, q: f64) -> Points {
        let scale = q.sqrt();
        let standard = self.standard_normal.get_or_init(Points::standard_normal);
        standard.map(|z| scale * z)
    }
}

/// The entry at an index, made if it is not there.
fn entry<T>(entries: &mut Vec<Option<T>>, index: usize) -> &mut Option<T> {
    if entries.len() <= index {
        entries.resize_with(index + 1, || None);
    }
    &mut entries[index]
}

impl Tape {
    /// Returns the law of one unit of a value. Laws are worked out when asked for: most values
    /// only meet dense layers, which ask for moments.
    pub(crate) fn points(&self, value: usize) -> Rc<Points> {
        if let Some(known) = entry(&mut self.laws.known.borrow_mut(), value) {
            return known.clone();
        }
        let mut asked = vec![value];
        let mut missing = BTreeSet::new();
        while let Some(value) = asked.pop() {
            let known = self.laws.known.borrow()[value].is_some();
            if !known && missing.insert(value) && !self.values[value].normal {
                asked.extend(&self.ops[value - 1].inputs);
            }
        }
        // Operands come before what is made of them.
        let mut last = None;
        for value in missing {
            let law = Rc::new(self.law(value));
            self.laws.known.borrow_mut()[value] = Some(law.clone());
            last = Some(law);
        }
        last.expect("the value itself was missing")
    }

    /// The law of a value whose operands' laws are known.
    fn law(&self, value: usize) -> Points {
        if self.values[value].normal {
            return self.laws.normal(self.values[value].q);
        }
        let op = &self.ops[value - 1];
        let input = self.points(op.inputs[0]);
        match &op.kind {
            Kind::Dense { .. } => self.laws.normal(self.values[value].q),
            Kind::Activation { activation, .. } => input.map(|x| activation.value(x)),
            Kind::Scale { slope, centre, .. } => input.map(|x| slope * (x - centre)),
            Kind::Dropout { keep } => input.dropout(*keep),
            Kind::Largest { weight } => Points {
                x: input.x.clone(),
                weight: (**weight).clone(),
            },
            Kind::Mean { mean, shrink, .. } => input.map(|x| mean + shrink * (x - mean)),
            Kind::Sum { .. } => {
                if self.adds_nothing(op) {
                    return (*input).clone();
                }
                self.pair(op).sum()
            }
            Kind::Concat { shares } => {
                let laws: Vec<_> = op.inputs.iter().map(|input| self.points(*input)).collect();
                let laws = laws.iter().map(|law| &**law);
                Points::mixture(&laws.zip(shares.iter().copied()).collect::<Vec<_>>())
            }
        }
    }

    /// What a sum is made of.
    pub(crate) fn pair(&self, op: &Op) -> Rc<Pair> {
        let Kind::Sum { scale } = op.kind else {
            unreachable!("only sums have two operands on one grid")
        };
        if let Some(known) = entry(&mut self.laws.pairs.borrow_mut(), op.output) {
            return known.clone();
        }
        let (left, right) = (self.points(op.inputs[0]), self.points(op.inputs[1]));
        let pair = Rc::new(Pair::new(&left, &right, scale));
        self.laws.pairs.borrow_mut()[op.output] = Some(pair.clone());
        pair
    }

    /// Whether a sum is its first operand.
    pub(crate) fn adds_nothing(&self, op: &Op) -> bool {
        matches!(op.kind, Kind::Sum { scale } if scale * scale * self.values[op.inputs[1]].q == 0.0)
    }
}
