//! Candidate edits of a declaration, each evaluated by the theory before it is proposed.

use std::fmt;

use crate::activation::Activation;
use crate::chain::{Chain, Layer, Node, rewrite, walk};
use crate::init::Init;
use crate::predict::Theory;
use crate::recurrent::{Cell, Forget};
use crate::rules::{Kind, Severity};
use crate::transform::{
    with_activation, with_branch_norm, with_counts_at_most, with_init, with_norm, with_residuals,
    with_scale, with_width,
};
use crate::verdict::{Finding, judge};

/// How many remedies a finding carries at most.
const PROPOSED: usize = 4;

/// How much may be computed in search of remedies, in executed layers: some milliseconds.
const BUDGET: usize = 2_500;

/// Repetitions of a stack when it is first tried; where laws are carried, which costs far more.
const SHALLOW: usize = 40;
const SHALLOW_LAWS: usize = 10;

/// One change of the declaration.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Edit {
    /// Use this activation at these nodes.
    Activation {
        /// The activations to replace.
        nodes: Vec<usize>,
        /// The new one.
        to: Activation,
    },
    /// Make this the init of the network.
    Init {
        /// The dense layers it concerns: all.
        nodes: Vec<usize>,
        /// The new one.
        to: Init,
        /// Its gain, `sqrt(fan_in * Var(W))` of He's init, if not the usual one.
        gain: Option<f64>,
    },
    /// Insert batch normalisation before these nodes.
    BatchNorm {
        /// The nodes to put it before.
        before: Vec<usize>,
    },
    /// Insert layer normalisation before these nodes.
    LayerNorm {
        /// The nodes to put it before.
        before: Vec<usize>,
    },
    /// Put `residual { .. }` around each of these runs of nodes.
    Residual {
        /// First and last node of each run.
        around: Vec<(usize, usize)>,
    },
    /// Give these residuals a scale.
    Scale {
        /// The residuals.
        nodes: Vec<usize>,
        /// The scale.
        to: f64,
    },
    /// Write `bias = false` at these nodes.
    RemoveBias {
        /// The dense layers.
        nodes: Vec<usize>,
    },
    /// Remove this softmax.
    RemoveSoftmax {
        /// The softmax.
        node: usize,
    },
    /// Give these layers this width.
    Widen {
        /// The dense layers that are narrower.
        nodes: Vec<usize>,
        /// The width.
        to: usize,
    },
    /// Draw the bias of the gate that remembers by the chrono rule.
    Chrono {
        /// The recurrent layer.
        node: usize,
        /// The bias: `forget_bias` of an LSTM, `update_bias` of a GRU.
        gate: &'static str,
    },
    /// Replace this recurrent layer by an LSTM with the chrono rule.
    Lstm {
        /// The recurrent layer.
        node: usize,
    },
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activation { to, .. } => write!(f, "`{to}`"),
            Self::Init { to, gain: None, .. } => write!(f, "`init = {to}`"),
            Self::Init {
                to,
                gain: Some(gain),
                ..
            } => write!(f, "`init = {to}(gain = {gain})`"),
            Self::BatchNorm { .. } => f.write_str("`batch_norm -> ..`"),
            Self::LayerNorm { .. } => f.write_str("`layer_norm -> ..`"),
            Self::Residual { .. } => f.write_str("`residual { .. }`"),
            Self::Scale { to, .. } => write!(f, "`residual(scale = {to})`"),
            Self::RemoveBias { .. } => f.write_str("`bias = false`"),
            Self::RemoveSoftmax { .. } => f.write_str("remove `softmax`"),
            Self::Widen { to, .. } => write!(f, "`dense({to})`"),
            Self::Chrono { gate, .. } => write!(f, "`{gate} = chrono`"),
            Self::Lstm { .. } => f.write_str("`lstm(.., forget_bias = chrono)`"),
        }
    }
}

/// One or more edits that belong together, with what the theory expects of them.
///
/// Printed as ``` `relu` with `init = he_normal`: 0.0 (+-0.2) ```.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// What to change.
    pub edits: Vec<Edit>,
    /// Places in the declaration that change.
    pub changes: usize,
    /// `G` after the edits, where it is predicted.
    pub decades: Option<f64>,
    /// Its standard deviation.
    pub deviation: Option<f64>,
    /// Whether nothing is left to warn of.
    pub cures: bool,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, edit) in self.edits.iter().enumerate() {
            write!(f, "{}{edit}", if index == 0 { "" } else { " with " })?;
        }
        if let Some(decades) = self.decades {
            // Not "-0.0".
            let rounded = (10.0 * decades).round() / 10.0 + 0.0;
            let sign = if rounded > 0.0 { "+" } else { "" };
            write!(f, ": {sign}{rounded:.1}")?;
            if let Some(deviation) = self.deviation {
                write!(f, " (+-{:.1})", deviation.max(0.1))?;
            }
        }
        Ok(())
    }
}

/// A changed stack, with the edits that change it.
struct Changed {
    edits: Vec<Edit>,
    changes: usize,
    nodes: Vec<Node>,
}

/// Makes an edit on a stack, if there is a place for it.
type Candidate = Box<dyn Fn(&[Node]) -> Option<Changed>>;

impl Theory {
    /// Returns remedies for a finding, best first: those that cure, by fewest changes, then by
    /// what is left of the gradient's decades.
    pub fn remedies(&mut self, chain: &Chain, finding: &Finding) -> Vec<Remedy> {
        if let Some(edit) = certain(finding) {
            return vec![Remedy {
                edits: vec![edit],
                changes: finding.nodes.len(),
                decades: None,
                deviation: None,
                cures: true,
            }];
        }
        if finding.kind == Kind::RecurrentMemory {
            return self.remembers(chain, finding).into_iter().collect();
        }
        // A deep stack is first tried at a depth that costs nothing: what does not help there
        // does not help.
        let survey = Survey::new(&chain.nodes);
        let depth = if survey.laws > 0 {
            SHALLOW_LAWS
        } else {
            SHALLOW
        };
        let deep = survey.layers > 4 * depth;
        let small = if deep {
            shallow(chain, depth)
        } else {
            chain.clone()
        };
        let mut candidates = candidates(&survey, finding);
        candidates.extend(self.gain(&small, finding));
        let changed = candidates
            .into_iter()
            .filter_map(|candidate| Some((candidate(&small.nodes)?, candidate)));
        let mut candidates: Vec<(Changed, Candidate)> = changed.collect();
        candidates.sort_by_key(|(changed, _)| changed.changes);
        // How many of those that help at a small depth are tried at the whole one.
        let most = (BUDGET / survey.cost.max(1)).max(1);
        let mut remedies: Vec<(Remedy, Candidate)> = Vec::new();
        let mut changes = 0;
        for (changed, candidate) in candidates {
            // Cures with fewer changes come first: what is left could not come among them.
            if changed.changes > changes {
                changes = changed.changes;
                let cures = remedies.iter().filter(|(remedy, _)| remedy.cures);
                let enough = if deep {
                    cures.count() >= most
                } else {
                    let cures = cures.map(|(remedy, _)| remedy.clone());
                    proposed(cures.collect()).len() == PROPOSED
                };
                if enough {
                    break;
                }
            }
            let remedy = self.evaluate(&small, changed, finding);
            let fits = |remedy: &Remedy| !deep || remedy.decades.is_some_and(|g| g.abs() < 1.5);
            remedies.extend(remedy.filter(fits).map(|remedy| (remedy, candidate)));
        }
        if deep {
            remedies.sort_by(|(a, _), (b, _)| a.order(b));
            let tried = remedies.into_iter().take(most);
            let whole = tried.filter_map(|(_, candidate)| {
                let changed = candidate(&chain.nodes)?;
                Some((self.evaluate(chain, changed, finding)?, candidate))
            });
            remedies = whole.collect();
        }
        proposed(remedies.into_iter().map(|(remedy, _)| remedy).collect())
    }

    /// The gate's bias by the chrono rule; for a cell without gates, an LSTM with it.
    fn remembers(&mut self, chain: &Chain, finding: &Finding) -> Option<Remedy> {
        let node = finding.worst;
        let (mut edit, mut memory) = (None, None);
        let nodes = rewrite(&chain.nodes, &mut |mut changed: Node| {
            if let Layer::Recurrent(recurrent) = &mut changed.layer
                && changed.id == node
            {
                // What the declaration's `chrono` means to each cell.
                let (gate, cell) = match &recurrent.cell {
                    Cell::Gru { .. } => ("update_bias", Cell::chrono_gru(recurrent.steps)),
                    _ => {
                        let forget = Forget::Chrono;
                        ("forget_bias", Cell::Lstm { forget })
                    }
                };
                edit = Some(match &recurrent.cell {
                    Cell::Rnn { .. } => Edit::Lstm { node },
                    _ => Edit::Chrono { node, gate },
                });
                recurrent.cell = cell;
                memory = Some(recurrent.memory(&mut self.cache));
            }
            vec![changed]
        });
        let (edit, memory) = (edit?, memory?);
        let changed = Chain {
            nodes,
            ..chain.clone()
        };
        let prediction = self.predict(&changed).ok()?;
        let left = judge(&changed, &prediction, &[], &mut self.cache);
        let stays = left
            .iter()
            .any(|other| other.kind == finding.kind && other.worst == node);
        (!stays).then(|| Remedy {
            edits: vec![edit],
            changes: 1,
            decades: Some(memory.decades),
            deviation: memory.deviation,
            cures: true,
        })
    }

    /// The gain of He's init that balances the gradient, to three digits.
    fn gain(&mut self, small: &Chain, finding: &Finding) -> Option<Candidate> {
        let survey = Survey::new(&small.nodes);
        if !matches!(finding.kind, Kind::Vanishing | Kind::Exploding)
            || !survey.residuals.is_empty()
        {
            return None;
        }
        let steps = survey.layers.checked_sub(1).filter(|steps| *steps > 0)? as f64;
        let mut gain = std::f64::consts::SQRT_2;
        for _ in 0..4 {
            let nodes = with_init(&small.nodes, Init::HeNormal, Some(gain));
            let tried = Chain {
                nodes,
                ..small.clone()
            };
            let decades = self.predict(&tried).ok()?.decades?;
            gain *= 10.0_f64.powf(-decades / steps);
            // Larger ones balance a gradient by saturating what it passes.
            if !(0.1..2.5).contains(&gain) {
                return None;
            }
        }
        // The usual gain is among the candidates anyway.
        let usual = (gain / std::f64::consts::SQRT_2 - 1.0).abs() < 0.03;
        (!usual).then(|| init(Init::HeNormal, Some(three_digits(gain))))
    }

    /// Returns the remedy if it helps.
    fn evaluate(&mut self, chain: &Chain, changed: Changed, finding: &Finding) -> Option<Remedy> {
        if changed.changes == 0 {
            return None;
        }
        let changed_chain = Chain {
            nodes: changed.nodes,
            ..chain.clone()
        };
        let solved = self.solved(&changed_chain).ok()?;
        let prediction = self.predict(&solved.chain).ok()?;
        let decades = prediction.decades?;
        let left = judge(&solved.chain, &prediction, &solved.limits, &mut self.cache);
        let warns = left.iter().any(|other| other.severity >= Severity::Warn);
        let stays = left
            .iter()
            .any(|other| other.kind == finding.kind || other.also.contains(&finding.kind));
        let cures = !warns && !stays && decades.abs() < 1.0;
        let before = finding.value.abs();
        let better = finding.kind.is_gradient() && decades.abs() < 0.5 * before;
        let worse = finding.kind == Kind::InitMismatch
            && decades.abs() > 0.5 * self.predict(chain).ok()?.decades?.abs();
        let cures = cures && !worse;
        (cures || better).then_some(Remedy {
            edits: changed.edits,
            changes: changed.changes,
            decades: Some(decades),
            deviation: prediction.deviation,
            cures,
        })
    }
}

/// Of what helps, what a finding carries, best first.
fn proposed(mut remedies: Vec<Remedy>) -> Vec<Remedy> {
    remedies.sort_by(Remedy::order);
    // Of inits alone, the best one is enough.
    let mut inits = 0;
    remedies.retain(|remedy| {
        let init = |edit: &Edit| matches!(edit, Edit::Init { .. });
        inits += usize::from(remedy.edits.iter().all(init));
        inits <= 1 || !remedy.edits.iter().all(init)
    });
    remedies.dedup_by(|b, a| a.edits == b.edits);
    // What only helps is for those that nothing cures.
    if remedies.iter().any(|remedy| remedy.cures) {
        remedies.retain(|remedy| remedy.cures);
    }
    remedies.truncate(PROPOSED);
    remedies
}

impl Remedy {
    /// Cures first, then fewest changes, then what is left of the gradient's decades.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let left = |r: &Self| r.decades.map_or(0.0, f64::abs);
        (!self.cures, self.changes)
            .cmp(&(!other.cures, other.changes))
            .then(left(self).total_cmp(&left(other)))
    }
}

/// The edit for findings that need no evaluation.
fn certain(finding: &Finding) -> Option<Edit> {
    let node = finding.worst;
    Some(match finding.kind {
        Kind::BiasBeforeBatchNorm => Edit::RemoveBias {
            nodes: finding.nodes.clone(),
        },
        Kind::SoftmaxBeforeLoss => Edit::RemoveSoftmax { node },
        _ => return None,
    })
}

/// The edits worth trying for a finding.
fn candidates(survey: &Survey, finding: &Finding) -> Vec<Candidate> {
    if finding.kind == Kind::BornDead {
        let wide = 1 + (finding.nodes.len().max(2) as f64 / 0.02).log2().ceil() as usize;
        let widen: Candidate = Box::new(move |nodes| {
            let (nodes, widened) = with_width(nodes, wide)?;
            let changes = widened.len();
            let edits = vec![Edit::Widen {
                nodes: widened,
                to: wide,
            }];
            Some(Changed {
                edits,
                changes,
                nodes,
            })
        });
        return vec![activation(Activation::LeakyRelu(0.01), None), widen];
    }
    let mut list = vec![
        init(Init::HeNormal, None),
        init(Init::XavierNormal, None),
        init(Init::LecunNormal, None),
        activation(Activation::Relu, Some(Init::HeNormal)),
        activation(Activation::Tanh, Some(Init::XavierNormal)),
        activation(Activation::Selu, Some(Init::LecunNormal)),
    ];
    if finding.kind == Kind::NoBalance {
        // Another init would give up what was asked for.
        return vec![
            norm(Layer::layer_norm()),
            norm(Layer::batch_norm(1.0)),
            activation(Activation::Tanh, None),
            activation(Activation::Selu, None),
        ];
    }
    if finding.kind == Kind::InitMismatch {
        // A norm would hide the init, and leave the bias without effect.
        return list;
    }
    list.push(norm(Layer::batch_norm(1.0)));
    list.push(norm(Layer::layer_norm()));
    if matches!(finding.kind, Kind::Saturation | Kind::NoGradient) {
        // A skip would lead around the fault and leave it.
        return list;
    }
    if survey.residuals.is_empty() {
        list.push(skips(false));
        if finding.kind == Kind::BatchNormChain || !survey.has_norm {
            list.push(skips(true));
        }
    } else {
        list.push(branch_norm(Layer::batch_norm(1.0)));
        list.push(branch_norm(Layer::layer_norm()));
        list.push(scale(three_digits(
            (survey.blocks.max(1) as f64).sqrt().recip(),
        )));
    }
    list
}

fn init(to: Init, gain: Option<f64>) -> Candidate {
    Box::new(move |nodes| {
        Some(Changed {
            edits: vec![Edit::Init {
                nodes: Survey::new(nodes).dense,
                to,
                gain,
            }],
            changes: 1,
            nodes: with_init(nodes, to, gain),
        })
    })
}

fn activation(to: Activation, with: Option<Init>) -> Candidate {
    Box::new(move |nodes| {
        let survey = Survey::new(nodes);
        let mut changes = survey.activations.len();
        let mut edits = vec![Edit::Activation {
            nodes: survey.activations,
            to: to.clone(),
        }];
        let mut changed = with_activation(nodes, &survey.outputs, &to);
        if let Some(init) = with.filter(|_| changes > 0) {
            changed = with_init(&changed, init, None);
            changes += 1;
            edits.push(Edit::Init {
                nodes: survey.dense,
                to: init,
                gain: None,
            });
        }
        Some(Changed {
            edits,
            changes,
            nodes: changed,
        })
    })
}

fn normed((nodes, before): (Vec<Node>, Vec<usize>), norm: &Layer) -> Changed {
    let changes = before.len();
    let edit = match norm {
        Layer::BatchNorm(_) => Edit::BatchNorm { before },
        _ => Edit::LayerNorm { before },
    };
    Changed {
        edits: vec![edit],
        changes,
        nodes,
    }
}

fn norm(norm: Layer) -> Candidate {
    Box::new(move |nodes| Some(normed(with_norm(nodes, &outputs(nodes), &norm), &norm)))
}

fn branch_norm(norm: Layer) -> Candidate {
    Box::new(move |nodes| Some(normed(with_branch_norm(nodes, &norm), &norm)))
}

fn scale(to: f64) -> Candidate {
    Box::new(move |nodes| {
        let residuals = Survey::new(nodes).residuals;
        let changes = residuals.len();
        let edits = vec![Edit::Scale {
            nodes: residuals,
            to,
        }];
        Some(Changed {
            edits,
            changes,
            nodes: with_scale(nodes, to),
        })
    })
}

/// Skips around every square layer, with a layer norm in each branch if wanted.
fn skips(normed: bool) -> Candidate {
    Box::new(move |nodes| {
        let mut around = Vec::new();
        let mut nodes = with_residuals(nodes, &mut around);
        let mut changes = around.len();
        let mut edits = vec![Edit::Residual { around }];
        if normed {
            let (with_norms, before) = with_branch_norm(&nodes, &Layer::layer_norm());
            // Where branches have norms already there is nothing to add.
            if before.is_empty() {
                return None;
            }
            changes += before.len();
            edits.push(Edit::LayerNorm { before });
            nodes = with_norms;
        }
        Some(Changed {
            edits,
            changes,
            nodes,
        })
    })
}

/// Three significant digits: what is proposed is what was evaluated.
fn three_digits(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}

/// The first and the last layers of a deep stack, written out or repeated.
fn shallow(chain: &Chain, depth: usize) -> Chain {
    let mut nodes = with_counts_at_most(&chain.nodes, depth);
    let most = 4 * depth;
    if nodes.len() > most {
        nodes.drain(most / 2..nodes.len() - most / 2);
    }
    Chain {
        nodes,
        ..chain.clone()
    }
}

/// What is where in a chain.
struct Survey {
    activations: Vec<usize>,
    /// Activations after the last dense layer: they belong to the task.
    outputs: Vec<usize>,
    dense: Vec<usize>,
    residuals: Vec<usize>,
    has_norm: bool,
    /// Executed residual blocks and dense layers.
    blocks: usize,
    layers: usize,
    /// Executed activations that follow a sum: there laws are carried.
    laws: usize,
    /// What a prediction costs, in layers.
    cost: usize,
}

impl Survey {
    fn new(nodes: &[Node]) -> Self {
        let mut survey = Self {
            activations: Vec::new(),
            outputs: outputs(nodes),
            dense: Vec::new(),
            residuals: Vec::new(),
            has_norm: false,
            blocks: 0,
            layers: 0,
            laws: 0,
            cost: 0,
        };
        walk(nodes, &mut |node| match node.layer {
            Layer::Activation(_) if !survey.outputs.contains(&node.id) => {
                survey.activations.push(node.id);
            }
            Layer::Dense(_) => survey.dense.push(node.id),
            Layer::Residual(_) => survey.residuals.push(node.id),
            Layer::BatchNorm(_) | Layer::LayerNorm(_) | Layer::RmsNorm(_) => survey.has_norm = true,
            _ => {}
        });
        survey.executed(nodes, 1);
        survey
    }

    fn executed(&mut self, nodes: &[Node], times: usize) {
        for (index, node) in nodes.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| &nodes[before].layer);
            let sum = matches!(before, Some(Layer::Residual(_) | Layer::Add(_)));
            let law = sum && matches!(node.layer, Layer::Activation(_));
            self.laws = self.laws.saturating_add(if law { times } else { 0 });
            self.cost = self
                .cost
                .saturating_add(times.saturating_mul(if law { 100 } else { 1 }));
            match &node.layer {
                Layer::Dense(_) => self.layers += times,
                Layer::Residual(residual) => {
                    self.blocks += times;
                    self.executed(&residual.body, times);
                }
                Layer::Repeat { count, body } => self.executed(body, times.saturating_mul(*count)),
                _ => {}
            }
        }
    }
}

/// Activations of the main path that no dense layer follows.
pub(crate) fn outputs(nodes: &[Node]) -> Vec<usize> {
    let elementwise = |node: &&Node| {
        matches!(
            node.layer,
            Layer::Activation(_) | Layer::Dropout(_) | Layer::Softmax
        )
    };
    let last = nodes.iter().rev().take_while(elementwise);
    // A stack that ends in activations has no head; its activations are hidden ones.
    if nodes
        .iter()
        .rev()
        .find(|node| !elementwise(node))
        .is_none_or(|node| !matches!(node.layer, Layer::Dense(_)))
    {
        return Vec::new();
    }
    last.filter(|node| matches!(node.layer, Layer::Activation(_)))
        .map(|node| node.id)
        .collect()
}
