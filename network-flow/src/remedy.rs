//! Candidate edits of a declaration, each evaluated by the theory before it is proposed.

use std::fmt;

use crate::activation::Activation;
use crate::chain::{Chain, Layer, Node, walk};
use crate::init::Init;
use crate::predict::Theory;
use crate::rules::{Kind, Severity};
use crate::transform::{
    with_activation, with_branch_norm, with_counts_at_most, with_gain, with_init, with_norm,
    with_residuals, with_scale,
};
use crate::verdict::{Finding, judge};

/// How many remedies a finding carries at most.
const PROPOSED: usize = 4;

/// Repetitions of a stack when it is first tried.
const SHALLOW: usize = 64;

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
    },
    /// Multiply the standard deviation of the weights.
    Gain {
        /// The dense layers it concerns: all.
        nodes: Vec<usize>,
        /// The factor.
        by: f64,
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
    /// Make these layers at least this wide.
    Widen {
        /// The activations whose layers are narrow.
        nodes: Vec<usize>,
        /// The width.
        to: usize,
    },
    /// Draw the forget bias of this LSTM by the chrono rule.
    Chrono {
        /// The recurrent layer.
        node: usize,
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
            Self::Init { to, .. } => write!(f, "`init = {to}`"),
            Self::Gain { by, .. } => write!(f, "gain times {by:.3}"),
            Self::BatchNorm { .. } => f.write_str("`batch_norm` before it"),
            Self::LayerNorm { .. } => f.write_str("`layer_norm` before it"),
            Self::Residual { .. } => f.write_str("`residual { .. }` around it"),
            Self::Scale { to, .. } => write!(f, "`residual(scale = {to:.3})`"),
            Self::RemoveBias { .. } => f.write_str("`bias = false`"),
            Self::RemoveSoftmax { .. } => f.write_str("remove `softmax`"),
            Self::Widen { to, .. } => write!(f, "a width of at least {to}"),
            Self::Chrono { .. } => f.write_str("`lstm(forget_bias = chrono)`"),
            Self::Lstm { .. } => f.write_str("`lstm(forget_bias = chrono)` in its place"),
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

/// A changed chain that has not been evaluated.
struct Candidate {
    edits: Vec<Edit>,
    changes: usize,
    chain: Chain,
    /// Whether trying it at full depth takes long.
    deep: bool,
}

impl Theory {
    /// Returns remedies for a finding, best first: those that cure, by fewest changes, then by
    /// what is left of the gradient's decades.
    pub fn remedies(&mut self, chain: &Chain, finding: &Finding) -> Vec<Remedy> {
        let nodes = finding.nodes.clone();
        let certain = |edit: Edit| {
            vec![Remedy {
                edits: vec![edit],
                changes: nodes.len(),
                decades: None,
                deviation: None,
                cures: true,
            }]
        };
        match finding.kind {
            Kind::BiasBeforeBatchNorm => {
                return certain(Edit::RemoveBias {
                    nodes: nodes.clone(),
                });
            }
            Kind::SoftmaxBeforeLoss => {
                return certain(Edit::RemoveSoftmax {
                    node: finding.worst,
                });
            }
            Kind::RecurrentMemory => {
                let node = finding.worst;
                let gated = finding.deviation.is_none();
                return certain(if gated {
                    Edit::Chrono { node }
                } else {
                    Edit::Lstm { node }
                });
            }
            _ => {}
        }
        let mut remedies: Vec<Remedy> = Vec::new();
        let mut candidates = candidates(chain, finding);
        candidates.sort_by_key(|candidate| candidate.changes);
        for candidate in candidates {
            // Once there are enough cures, those with more changes cannot come before them.
            let cheaper = |r: &&Remedy| r.cures && r.changes < candidate.changes;
            if remedies.iter().filter(cheaper).count() >= PROPOSED {
                break;
            }
            remedies.extend(self.evaluate(chain, candidate, finding));
        }
        if finding.kind == Kind::BornDead {
            let to = 1 + (finding.nodes.len().max(2) as f64 / 0.02).log2().ceil() as usize;
            remedies.extend(certain(Edit::Widen {
                nodes: finding.nodes.clone(),
                to,
            }));
        }
        remedies.sort_by(|a, b| {
            let left = |r: &Remedy| r.decades.map_or(0.0, f64::abs);
            (!a.cures, a.changes)
                .cmp(&(!b.cures, b.changes))
                .then(left(a).total_cmp(&left(b)))
        });
        remedies.dedup_by(|b, a| a.edits == b.edits);
        remedies.truncate(PROPOSED);
        remedies
    }

    /// Returns the remedy if it helps.
    fn evaluate(
        &mut self,
        chain: &Chain,
        candidate: Candidate,
        finding: &Finding,
    ) -> Option<Remedy> {
        if candidate.deep {
            // A stack of thousands is first tried at a depth that costs nothing: what does not
            // help there does not help.
            let nodes = with_counts_at_most(&candidate.chain.nodes, SHALLOW);
            let shallow = self
                .predict(&Chain {
                    nodes,
                    ..candidate.chain.clone()
                })
                .ok()?;
            if shallow.decades?.abs() > 1.5 {
                return None;
            }
        }
        let prediction = self.predict(&candidate.chain).ok()?;
        let decades = prediction.decades?;
        let left = judge(&candidate.chain, &prediction, &mut self.cache);
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
            edits: candidate.edits,
            changes: candidate.changes,
            decades: Some(decades),
            deviation: prediction.deviation,
            cures,
        })
    }
}

fn candidates(chain: &Chain, finding: &Finding) -> Vec<Candidate> {
    let survey = Survey::new(chain);
    let mut all = Candidates {
        chain,
        deep: survey.layers > 4 * SHALLOW,
        list: Vec::new(),
    };
    if finding.kind == Kind::BornDead {
        let to = Activation::LeakyRelu(0.01);
        let nodes = with_activation(&chain.nodes, &survey.outputs, &to);
        let edit = Edit::Activation {
            nodes: survey.activations.clone(),
            to,
        };
        all.add(vec![edit], survey.activations.len(), nodes);
        return all.list;
    }
    all.other_inits_and_activations(&survey);
    all.norms(&survey);
    all.skips(&survey, finding);
    if finding.kind.is_gradient() && survey.layers > 1 && finding.value.is_finite() {
        let by = 10.0_f64.powf(-finding.value / (survey.layers - 1) as f64);
        let edit = Edit::Gain {
            nodes: survey.dense.clone(),
            by,
        };
        all.add(vec![edit], 1, with_gain(&chain.nodes, by));
    }
    all.list
}

struct Candidates<'a> {
    chain: &'a Chain,
    deep: bool,
    list: Vec<Candidate>,
}

impl Candidates<'_> {
    fn add(&mut self, edits: Vec<Edit>, changes: usize, nodes: Vec<Node>) {
        if changes > 0 {
            let chain = Chain {
                nodes,
                ..self.chain.clone()
            };
            self.list.push(Candidate {
                edits,
                changes,
                chain,
                deep: self.deep,
            });
        }
    }

    fn other_inits_and_activations(&mut self, survey: &Survey) {
        let nodes = &self.chain.nodes;
        let init = |to: Init| Edit::Init {
            nodes: survey.dense.clone(),
            to,
        };
        for to in [Init::HeNormal, Init::XavierNormal, Init::LecunNormal] {
            self.add(vec![init(to)], 1, with_init(nodes, to));
        }
        let fitted = [
            (Activation::Relu, Init::HeNormal),
            (Activation::Tanh, Init::XavierNormal),
            (Activation::Selu, Init::LecunNormal),
        ];
        for (to, with) in fitted {
            let changed = with_init(&with_activation(nodes, &survey.outputs, &to), with);
            let edit = Edit::Activation {
                nodes: survey.activations.clone(),
                to,
            };
            self.add(
                vec![edit, init(with)],
                survey.activations.len() + 1,
                changed,
            );
        }
    }

    fn norms(&mut self, survey: &Survey) {
        for norm in [Layer::batch_norm(1.0), Layer::layer_norm()] {
            let edit = |before: Vec<usize>| match norm {
                Layer::BatchNorm(_) => Edit::BatchNorm { before },
                _ => Edit::LayerNorm { before },
            };
            let (nodes, before) = with_norm(&self.chain.nodes, &survey.outputs, &norm);
            self.add(vec![edit(before.clone())], before.len(), nodes);
            if !survey.residuals.is_empty() {
                let (nodes, before) = with_branch_norm(&self.chain.nodes, &norm);
                self.add(vec![edit(before.clone())], before.len(), nodes);
            }
        }
    }

    fn skips(&mut self, survey: &Survey, finding: &Finding) {
        if !survey.residuals.is_empty() {
            let to = 1.0 / (survey.blocks.max(1) as f64).sqrt();
            let nodes = with_scale(&self.chain.nodes, to);
            let edit = Edit::Scale {
                nodes: survey.residuals.clone(),
                to,
            };
            self.add(vec![edit], survey.residuals.len(), nodes);
            return;
        }
        let mut around = Vec::new();
        let nodes = with_residuals(&self.chain.nodes, &mut around);
        let edit = Edit::Residual {
            around: around.clone(),
        };
        self.add(vec![edit.clone()], around.len(), nodes.clone());
        if finding.kind == Kind::BatchNormChain || !survey.has_norm {
            let (nodes, before) = with_branch_norm(&nodes, &Layer::layer_norm());
            // Where branches have norms already there is nothing to add.
            let changes = if before.is_empty() {
                0
            } else {
                around.len() + before.len()
            };
            self.add(vec![edit, Edit::LayerNorm { before }], changes, nodes);
        }
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
}

impl Survey {
    fn new(chain: &Chain) -> Self {
        let mut survey = Self {
            activations: Vec::new(),
            outputs: outputs(&chain.nodes),
            dense: Vec::new(),
            residuals: Vec::new(),
            has_norm: false,
            blocks: 0,
            layers: 0,
        };
        walk(&chain.nodes, &mut |node| match node.layer {
            Layer::Activation(_) if !survey.outputs.contains(&node.id) => {
                survey.activations.push(node.id);
            }
            Layer::Dense(_) => survey.dense.push(node.id),
            Layer::Residual(_) => survey.residuals.push(node.id),
            Layer::BatchNorm(_) | Layer::LayerNorm(_) | Layer::RmsNorm(_) => survey.has_norm = true,
            _ => {}
        });
        survey.executed(&chain.nodes, 1);
        survey
    }

    fn executed(&mut self, nodes: &[Node], times: usize) {
        for node in nodes {
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
fn outputs(nodes: &[Node]) -> Vec<usize> {
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
