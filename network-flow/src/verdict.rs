//! The static verdicts: which predictions are worth a word, and which layer is to blame.
//!
//! The thresholds are in [`crate::RULES`]. A network gets one finding per cause: what follows from
//! the same cause is listed in [`Finding::also`].

use std::collections::HashMap;

use crate::activation::Activation;
use crate::auto::Limit;
use crate::chain::{Chain, Dense, Layer, Node, walk};
use crate::init::Init;
use crate::moments::MomentCache;
use crate::predict::{FlowError, LayerFlow, Prediction, Role, Theory};
use crate::recurrent::Cell;
use crate::remedy::{Edit, Remedy, outputs};
use crate::rules::{Kind, Severity};

/// Something a user should know about a declared network.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// How loud to say it.
    pub severity: Severity,
    /// The layer that costs most.
    pub worst: usize,
    /// All layers that have a part in it, in order, each id once.
    pub nodes: Vec<usize>,
    /// The number that was judged; for gradients, `G` with its sign.
    pub value: f64,
    /// Standard deviation of the number.
    pub deviation: Option<f64>,
    /// The level that it passed.
    pub threshold: f64,
    /// For gradients: how many executed layers share the blame, and the geometric mean of their
    /// factors on the squared norm.
    pub per_layer: Option<(usize, f64)>,
    /// Other verdicts that follow from the same cause.
    pub also: Vec<Kind>,
    /// Edits that the theory has evaluated, best first.
    pub remedies: Vec<Remedy>,
}

/// A prediction with what is to be said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// The prediction.
    pub prediction: Prediction,
    /// The findings, loudest first.
    pub findings: Vec<Finding>,
    /// The gains of the dense layers that are [`Dense::auto`], by id.
    pub gains: Vec<(usize, f64)>,
    /// Where no gain balances them.
    pub limits: Vec<Limit>,
}

impl Theory {
    /// Predicts a chain, judges it, and looks for remedies.
    ///
    /// # Examples
    /// ```
    /// use network_flow::{Activation, Chain, Init, Kind, Layer, Node, Severity, Theory};
    ///
    /// let body = vec![
    ///     Node::new(1, Layer::dense(64, 64, Init::XavierNormal)),
    ///     Node::new(2, Layer::Activation(Activation::Sigmoid)),
    /// ];
    /// let chain = Chain::new(vec![
    ///     Node::new(0, Layer::Repeat { count: 10, body }),
    ///     Node::new(3, Layer::dense(64, 10, Init::XavierNormal)),
    /// ]);
    /// let analysis = Theory::new().analyse(&chain).unwrap();
    /// let finding = &analysis.findings[0];
    /// assert_eq!((finding.kind, finding.severity), (Kind::Vanishing, Severity::Error));
    /// assert_eq!(finding.worst, 2);
    /// assert!(finding.remedies[0].cures);
    /// ```
    ///
    /// # Errors
    /// As [`Theory::predict`].
    pub fn analyse(&mut self, chain: &Chain) -> Result<Analysis, FlowError> {
        let solved = self.solved(chain)?;
        let chain = &*solved.chain;
        let prediction = self.predict(chain)?;
        let mut findings = judge(chain, &prediction, &solved.limits, &mut self.cache);
        for finding in &mut findings {
            finding.remedies = self.remedies(chain, finding);
        }
        // An init is off only if another one is better.
        let helped = |edit: &Edit| matches!(edit, Edit::Init { .. });
        findings.retain(|finding| {
            finding.kind != Kind::InitMismatch
                || finding
                    .remedies
                    .iter()
                    .any(|remedy| remedy.edits.iter().all(helped))
        });
        Ok(Analysis {
            prediction,
            findings,
            gains: solved.gains,
            limits: solved.limits,
        })
    }
}

/// Judges without looking for remedies.
pub(crate) fn judge(
    chain: &Chain,
    prediction: &Prediction,
    limits: &[Limit],
    cache: &mut MomentCache,
) -> Vec<Finding> {
    let stack = Stack::new(chain, prediction);
    let mut findings = Vec::new();
    let gradient = stack.gradient(cache);
    let mut consequences: Vec<Finding> = [
        stack.saturation(),
        stack.collapse(),
        stack.underflow(),
        stack.mismatch(cache),
    ]
    .into_iter()
    .flatten()
    .collect();
    // What no gain can balance is part of a warning about the gradient.
    if gradient
        .as_ref()
        .is_none_or(|finding| finding.severity < Severity::Warn)
    {
        findings.extend(stack.no_balance(limits));
    }
    match gradient {
        Some(mut finding) => {
            finding
                .also
                .extend(consequences.iter().map(|other| other.kind));
            findings.push(finding);
        }
        None if !consequences.is_empty() => {
            // Saturation comes before the collapse it causes, and so on down the list.
            let mut cause = consequences.remove(0);
            cause.also = consequences.iter().map(|other| other.kind).collect();
            findings.push(cause);
        }
        None => {}
    }
    findings.extend(stack.born_dead());
    findings.extend(stack.memories());
    findings.extend(stack.bias_before_batch_norm());
    findings.extend(stack.softmax_before_loss());
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.kind));
    findings
}

/// The chain, its prediction, and what several rules ask of them.
struct Stack<'a> {
    chain: &'a Chain,
    prediction: &'a Prediction,
    nodes: Vec<&'a Node>,
    activations: HashMap<usize, &'a Activation>,
}

/// What lies between the outputs of two dense layers: one hidden layer.
struct Segment {
    activation: Option<usize>,
    /// The dense layer at its end.
    dense: usize,
    /// Factor on the squared gradient norm.
    chi: f64,
    /// `sigma_w^2` of that dense layer.
    sigma_w2: f64,
    /// Mean squared slope of the activation.
    slope: f64,
    normalised: bool,
}

impl<'a> Stack<'a> {
    fn new(chain: &'a Chain, prediction: &'a Prediction) -> Self {
        let mut nodes = Vec::new();
        walk(&chain.nodes, &mut |node| nodes.push(node));
        let activations = nodes.iter().filter_map(|node| match &node.layer {
            Layer::Activation(activation) => Some((node.id, activation)),
            _ => None,
        });
        Self {
            activations: activations.collect(),
            chain,
            prediction,
            nodes,
        }
    }

    fn any(&self, test: impl Fn(&Layer) -> bool) -> bool {
        self.nodes.iter().any(|node| test(&node.layer))
    }

    fn has_batch_norm(&self) -> bool {
        self.any(|layer| matches!(layer, Layer::BatchNorm(_)))
    }

    fn has_skip(&self) -> bool {
        self.any(|layer| matches!(layer, Layer::Residual(_) | Layer::Add(_) | Layer::Concat(_)))
    }

    /// The hidden layers of the main path, first to last.
    fn segments(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut open: Option<Segment> = None;
        for layer in self.prediction.layers.iter().filter(|layer| layer.trunk) {
            if let Some(segment) = &mut open {
                segment.chi *= layer.factor;
                match layer.role {
                    Role::Activation if segment.activation.is_none() => {
                        segment.activation = Some(layer.id);
                        segment.slope = layer.factor;
                    }
                    Role::Norm => segment.normalised = true,
                    _ => {}
                }
            }
            if layer.role == Role::Dense {
                if let Some(mut segment) = open.take() {
                    segment.dense = layer.id;
                    segment.sigma_w2 = layer.factor;
                    segments.push(segment);
                }
                open = Some(Segment {
                    activation: None,
                    dense: layer.id,
                    chi: 1.0,
                    sigma_w2: 1.0,
                    slope: 1.0,
                    normalised: false,
                });
            }
        }
        segments
    }

    fn finding(&self, kind: Kind, value: f64, nodes: Vec<usize>) -> Option<Finding> {
        self.certain_finding(kind, value, value, nodes)
    }

    /// A finding judged by `judged`, which may be `value` less its uncertainty.
    fn certain_finding(
        &self,
        kind: Kind,
        value: f64,
        judged: f64,
        mut nodes: Vec<usize>,
    ) -> Option<Finding> {
        let (severity, threshold) = kind.rule().judge(judged, self.chain.optimizer)?;
        let worst = *nodes.first()?;
        let places: HashMap<usize, usize> = self
            .nodes
            .iter()
            .enumerate()
            .rev()
            .map(|(place, node)| (node.id, place))
            .collect();
        nodes.sort_by_key(|id| places.get(id));
        nodes.dedup();
        Some(Finding {
            kind,
            severity,
            worst,
            nodes,
            value,
            deviation: None,
            threshold,
            per_layer: None,
            also: Vec::new(),
            remedies: Vec::new(),
        })
    }

    fn gradient(&self, cache: &mut MomentCache) -> Option<Finding> {
        let g = self.prediction.decades?;
        let equal = self.equal_weights();
        if g == f64::NEG_INFINITY || equal.is_some() {
            let blocked = |layer: &&LayerFlow| layer.factor == 0.0;
            let blocked = || Some(self.prediction.layers.iter().rev().find(blocked)?.id);
            let id = equal.or_else(blocked)?;
            let layers = &self.prediction.layers;
            let last = layers
                .iter()
                .rfind(|layer| layer.trunk && layer.role == Role::Dense);
            // Once the head has moved, its gradient passes on.
            let head = last.is_some_and(|last| last.id == id);
            return self.finding(Kind::NoGradient, if head { 0.0 } else { 1.0 }, vec![id]);
        }
        let deviation = self.prediction.deviation;
        let certain = g.abs() - 2.0 * deviation.unwrap_or(0.0);
        let residuals: Vec<usize> = self
            .nodes
            .iter()
            .filter(|node| matches!(node.layer, Layer::Residual(_)))
            .map(|node| node.id)
            .collect();
        let kind = match () {
            () if g < 0.0 => Kind::Vanishing,
            () if self.has_batch_norm() && !self.has_skip() => Kind::BatchNormChain,
            () if !residuals.is_empty() => Kind::ResidualGrowth,
            () => Kind::Exploding,
        };
        let (nodes, per_layer) = if kind == Kind::ResidualGrowth {
            (residuals, self.blocks())
        } else {
            self.blame(g, cache)
        };
        let mut finding = self.certain_finding(kind, g, certain, nodes)?;
        finding.deviation = deviation;
        finding.per_layer = per_layer;
        Some(finding)
    }

    /// A dense layer of the main path whose weights all start equal.
    fn equal_weights(&self) -> Option<usize> {
        let equal = |node: &&&Node| {
            matches!(
                node.layer,
                Layer::Dense(Dense {
                    init: Init::Zeros | Init::Constant(_),
                    ..
                })
            )
        };
        let trunk = |id: &usize| {
            let layers = &self.prediction.layers;
            layers.iter().any(|layer| layer.id == *id && layer.trunk)
        };
        let equal = self.nodes.iter().filter(equal);
        equal.map(|node| node.id).find(trunk)
    }

    /// Number of residual blocks on the main path, and the mean factor of one.
    fn blocks(&self) -> Option<(usize, f64)> {
        let sums: Vec<&LayerFlow> = self
            .prediction
            .layers
            .iter()
            .filter(|layer| layer.trunk && layer.role == Role::Sum)
            .collect();
        let (first, last) = (sums.first()?, sums.last()?);
        let steps = (sums.len() - 1).max(1) as f64;
        Some((
            sums.len(),
            10.0_f64.powf(2.0 * (first.gradient - last.gradient) / steps),
        ))
    }

    /// The layers that push the gradient the way `g` went, worst first, with their mean factor.
    fn blame(&self, g: f64, cache: &mut MomentCache) -> (Vec<usize>, Option<(usize, f64)>) {
        let segments = self.segments();
        let guilty = |s: &&Segment| (s.chi.log10() * g) > 0.0 && s.chi.log10().abs() > 0.01;
        let guilty: Vec<&Segment> = segments.iter().filter(guilty).collect();
        let mut costs: HashMap<usize, f64> = HashMap::new();
        for segment in &guilty {
            *costs.entry(self.culprit(segment, cache)).or_default() += segment.chi.log10().abs();
        }
        let mut costs: Vec<(usize, f64)> = costs.into_iter().collect();
        costs.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut nodes: Vec<usize> = costs.into_iter().map(|(id, _)| id).collect();
        nodes.extend(guilty.iter().filter_map(|segment| segment.activation));
        if nodes.is_empty() {
            // No single layer stands out, as inside branches: name the steepest activation.
            nodes.extend(self.nodes.iter().map(|node| node.id).take(1));
        }
        let mean = guilty.iter().map(|s| s.chi.ln()).sum::<f64>() / guilty.len().max(1) as f64;
        (
            nodes,
            (!guilty.is_empty()).then(|| (guilty.len(), mean.exp())),
        )
    }

    /// The activation, unless the init is off and another one would mend half of the damage.
    fn culprit(&self, segment: &Segment, cache: &mut MomentCache) -> usize {
        let Some(id) = segment.activation else {
            return segment.dense;
        };
        let Some(activation) = self.activations.get(&id).filter(|_| !segment.normalised) else {
            return id;
        };
        let moments = cache.get(activation, 1.0);
        let off = (segment.sigma_w2 * moments.second).log10().abs() > 0.1;
        let fitted = moments.critical_chi(1.0).log10().abs();
        let mended = off && fitted < 0.5 * segment.chi.log10().abs();
        if mended { segment.dense } else { id }
    }

    /// Judged on all but the last dense layer, whose init does not follow an activation.
    fn mismatch(&self, cache: &mut MomentCache) -> Option<Finding> {
        let mut segments = self.segments();
        segments.pop();
        let mut worst: Option<(f64, usize)> = None;
        let (mut nodes, mut logarithm) = (Vec::new(), 0.0);
        for segment in segments.iter().filter(|segment| !segment.normalised) {
            let cost = segment.chi.log10().abs();
            let mended = self.culprit(segment, cache) == segment.dense;
            if mended && cost > Kind::InitMismatch.rule().levels[0] {
                nodes.push(segment.dense);
                logarithm += segment.chi.ln();
                if worst.is_none_or(|(most, _)| cost > most) {
                    worst = Some((cost, segment.dense));
                }
            }
        }
        let (cost, id) = worst?;
        let count = nodes.len();
        nodes.insert(0, id);
        let mut finding = self.finding(Kind::InitMismatch, cost, nodes)?;
        finding.per_layer = Some((count, (logarithm / count as f64).exp()));
        Some(finding)
    }

    fn no_balance(&self, limits: &[Limit]) -> Option<Finding> {
        let worst = limits.iter().max_by(|a, b| a.value.total_cmp(&b.value))?;
        let nodes = std::iter::once(worst).chain(limits).map(|limit| limit.id);
        self.finding(Kind::NoBalance, worst.value, nodes.collect())
    }

    fn saturation(&self) -> Option<Finding> {
        let mut all: Vec<(f64, usize)> = Vec::new();
        for segment in self.segments() {
            let Some(id) = segment.activation else {
                continue;
            };
            let Some(activation) = self.activations.get(&id).filter(|a| a.saturates()) else {
                continue;
            };
            all.push((activation.peak_slope().powi(2) / segment.slope, id));
        }
        all.retain(|(ratio, _)| *ratio >= Kind::Saturation.rule().levels[1]);
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let value = all.first()?.0;
        self.finding(
            Kind::Saturation,
            value,
            all.into_iter().map(|(_, id)| id).collect(),
        )
    }

    fn collapse(&self) -> Option<Finding> {
        if self.has_batch_norm() || self.prediction.unknown.is_some() {
            return None;
        }
        let layers = &self.prediction.layers;
        let head = layers
            .iter()
            .rposition(|layer| layer.trunk && layer.role == Role::Dense)?;
        let before = &layers[head.checked_sub(1)?];
        let ids = layers[..head]
            .iter()
            .filter(|layer| layer.role == Role::Activation);
        let mut nodes: Vec<usize> = ids.map(|layer| layer.id).collect();
        // The activation with the largest mean for its size pulls inputs together most.
        let pull = |layer: &&LayerFlow| layer.mean * layer.mean / layer.second_moment;
        let most = layers[..head]
            .iter()
            .filter(|layer| layer.role == Role::Activation)
            .max_by(|a, b| pull(a).total_cmp(&pull(b)))?;
        nodes.insert(0, most.id);
        self.finding(Kind::Collapse, before.cosine, nodes)
    }

    fn underflow(&self) -> Option<Finding> {
        let layers = self
            .prediction
            .layers
            .iter()
            .filter(|layer| layer.gradient.is_finite());
        let most = layers.max_by(|a, b| a.gradient.abs().total_cmp(&b.gradient.abs()))?;
        self.finding(Kind::Underflow, most.gradient.abs(), vec![most.id])
    }

    fn born_dead(&self) -> Option<Finding> {
        if self.has_skip() || self.has_batch_norm() {
            return None;
        }
        // Different inputs still reach the first layer from different directions, and what is
        // after the last dense layer belongs to the task.
        let outputs = outputs(&self.chain.nodes);
        let mut all: Vec<(f64, f64, usize)> = Vec::new();
        count(
            &self.chain.nodes,
            1.0,
            &mut None,
            &mut |id, times, width| all.push((times, 0.5_f64.powf(width), id)),
        );
        if let Some((times, ..)) = all.first_mut() {
            *times -= 1.0;
        }
        all.retain(|(times, _, id)| *times > 0.0 && !outputs.contains(id));
        let sum = all.iter().map(|(times, silent, _)| times * silent).sum();
        let spared = all
            .iter()
            .map(|(times, silent, _)| (1.0 - silent).powf(*times));
        let value = 1.0 - spared.product::<f64>();
        all.sort_by(|a, b| (b.0 * b.1).total_cmp(&(a.0 * a.1)));
        let nodes = all.into_iter().map(|(.., id)| id).collect();
        self.certain_finding(Kind::BornDead, value, sum, nodes)
    }

    fn memories(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (id, memory) in &self.prediction.memories {
            let Some(Layer::Recurrent(recurrent)) = self
                .nodes
                .iter()
                .find(|node| node.id == *id)
                .map(|node| &node.layer)
            else {
                continue;
            };
            let judged = match recurrent.cell {
                Cell::Rnn { .. } => memory.decades.abs() - 2.0 * memory.deviation.unwrap_or(0.0),
                // Measured gradients do better than the path through the cell: the adding problem
                // over 100 steps is learnt at half-lives of 1 step (GRU) and 2.2 (LSTM). One of
                // a 128th of the sequence counts as 1.5.
                _ => {
                    1.5 * recurrent.steps as f64 / 128.0 / memory.half_life.unwrap_or(f64::INFINITY)
                }
            };
            let value = memory.decades;
            if let Some(mut finding) =
                self.certain_finding(Kind::RecurrentMemory, value, judged, vec![*id])
            {
                finding.deviation = memory.deviation;
                findings.push(finding);
            }
        }
        findings
    }

    fn bias_before_batch_norm(&self) -> Option<Finding> {
        let mut nodes = Vec::new();
        for pair in self.nodes.windows(2) {
            if let (Layer::Dense(dense), Layer::BatchNorm(_)) = (&pair[0].layer, &pair[1].layer)
                && dense.bias_variance.is_some()
            {
                nodes.push(pair[0].id);
            }
        }
        let value = nodes.len() as f64;
        self.finding(Kind::BiasBeforeBatchNorm, value, nodes)
    }

    fn softmax_before_loss(&self) -> Option<Finding> {
        let last = self.chain.nodes.last()?;
        let value = match self.chain.loss_applies_softmax {
            Some(false) => return None,
            Some(true) => 1.0,
            None => 0.0,
        };
        let softmax = last.layer == Layer::Softmax;
        softmax.then(|| self.finding(Kind::SoftmaxBeforeLoss, value, vec![last.id]))?
    }
}

/// Calls `found` with id, number of copies and width of every activation that can die.
fn count(
    nodes: &[Node],
    times: f64,
    width: &mut Option<usize>,
    found: &mut impl FnMut(usize, f64, f64),
) {
    for node in nodes {
        match &node.layer {
            Layer::Dense(dense) => *width = dense.units_out.known(),
            Layer::Activation(activation) if activation.can_die() => {
                if let Some(width) = *width {
                    found(node.id, times, width as f64);
                }
            }
            Layer::Repeat {
                count: copies,
                body,
            } => {
                count(body, times * *copies as f64, width, found);
            }
            _ => {}
        }
    }
}
