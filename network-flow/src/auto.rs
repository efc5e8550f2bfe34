//! A synthesised init: gains per layer that keep the signal's variance and the gradient's norm.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::activation::Activation;
use crate::chain::{Chain, Dense, Layer, Node, rewrite, walk};
use crate::init::Init;
use crate::moments::{MomentCache, Moments};
use crate::predict::{FlowError, Prediction, Role, Theory};

/// Gains found by [`Theory::auto_init`].
#[derive(Clone, Debug, PartialEq)]
pub struct AutoInit {
    /// For each dense layer, by id, the factor on `lecun_normal`: `sqrt(fan_in * Var(W))`.
    pub gains: Vec<(usize, f64)>,
    /// What the chain does with these gains.
    pub prediction: Prediction,
    /// Where no gain can keep variance and gradient.
    pub limits: Vec<Limit>,
}

/// A layer that no gain can balance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The activation.
    pub id: usize,
    /// The dense layer before it.
    pub dense: usize,
    /// How far it is from balance: 1 where the gradient drifts by half a decade over the depth of
    /// the chain, or small errors grow threefold.
    pub value: f64,
    /// Its factor on the squared gradient norm at the gain that was chosen.
    pub chi: f64,
    /// Slope of the variance map there; above one, small errors grow with depth.
    pub elasticity: f64,
}

impl Theory {
    /// Chooses the gain of every dense layer of a chain.
    ///
    /// Before an activation the aim is the variance `q` at which a stack of the chain's depth
    /// loses least: `chi(q) = q E[phi'^2] / E[phi^2]` near one, `q` not far from one. The gain is
    /// what leads there from the second moment that comes in, which inside a repetition is that
    /// of the repetition's own end. A branch of a residual gets its share `1 / blocks` of the
    /// skip's variance. Gains before a norm do not matter and stay one.
    ///
    /// # Errors
    /// As [`Theory::predict`].
    pub fn auto_init(&mut self, chain: &Chain) -> Result<AutoInit, FlowError> {
        let mut plan = Plan {
            depth: executed(&chain.nodes, &|layer| matches!(layer, Layer::Dense(_))),
            blocks: executed(&chain.nodes, &|layer| matches!(layer, Layer::Residual(_))),
            gains: Vec::new(),
            limits: Vec::new(),
            aims: Vec::new(),
            cache: &mut self.cache,
        };
        plan.run(&chain.nodes, chain.input.second_moment, None, true);
        let Plan {
            mut gains,
            limits,
            aims,
            ..
        } = plan;
        let first = self.predict(&with_gains(chain, &gains))?;
        correct(&mut gains, &aims, &first);
        let prediction = self.predict(&with_gains(chain, &gains))?;
        Ok(AutoInit {
            gains,
            prediction,
            limits,
        })
    }
}

/// A chain whose gains were solved where it asks for that.
pub(crate) struct Solved<'a> {
    pub(crate) chain: Cow<'a, Chain>,
    pub(crate) gains: Vec<(usize, f64)>,
    pub(crate) limits: Vec<Limit>,
}

impl Theory {
    /// Solves the gains of the dense layers that are [`Dense::auto`].
    pub(crate) fn solved<'a>(&mut self, chain: &'a Chain) -> Result<Solved<'a>, FlowError> {
        let mut auto = Vec::new();
        walk(&chain.nodes, &mut |node| {
            if matches!(node.layer, Layer::Dense(Dense { auto: true, .. })) {
                auto.push(node.id);
            }
        });
        if auto.is_empty() {
            return Ok(Solved {
                chain: Cow::Borrowed(chain),
                gains: Vec::new(),
                limits: Vec::new(),
            });
        }
        let AutoInit {
            mut gains,
            mut limits,
            ..
        } = self.auto_init(chain)?;
        gains.retain(|(id, _)| auto.contains(id));
        limits.retain(|limit| auto.contains(&limit.dense));
        let by_id: HashMap<usize, f64> = gains.iter().copied().collect();
        let nodes = rewrite(&chain.nodes, &mut |mut node| {
            if let (Some(gain), Layer::Dense(dense)) = (by_id.get(&node.id), &mut node.layer) {
                dense.gain = *gain;
            }
            vec![node]
        });
        let chain = Cow::Owned(Chain {
            nodes,
            ..chain.clone()
        });
        Ok(Solved {
            chain,
            gains,
            limits,
        })
    }
}

struct Plan<'a> {
    /// Executed dense layers and residual blocks.
    depth: f64,
    blocks: f64,
    gains: Vec<(usize, f64)>,
    limits: Vec<Limit>,
    /// What each gain is for.
    aims: Vec<Option<f64>>,
    cache: &'a mut MomentCache,
}

impl Plan<'_> {
    /// Walks a run of nodes with a second moment and returns the one at its end. `closing` is the
    /// variance wanted of a dense layer that nothing follows. Only a `kept` walk notes gains.
    fn run(&mut self, nodes: &[Node], mut moment: f64, closing: Option<f64>, kept: bool) -> f64 {
        for (index, node) in nodes.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| &nodes[before].layer);
            let after_skip = matches!(before, Some(Layer::Residual(_)));
            match &node.layer {
                Layer::Dense(_) => {
                    let aim = self.aim(node.id, &nodes[index + 1..], closing, kept);
                    if kept {
                        let gain = aim.map_or(1.0, |aim| (aim / moment.max(1e-12)).sqrt());
                        self.gains.push((node.id, gain));
                        self.aims.push(aim);
                    }
                    moment = aim.unwrap_or(moment);
                }
                // A one-sided activation after a skip passes nearly everything on.
                Layer::Activation(_) if after_skip => {}
                Layer::Activation(activation) => {
                    moment = self.cache.get(activation, moment).second;
                }
                Layer::BatchNorm(norm) | Layer::LayerNorm(norm) | Layer::RmsNorm(norm) => {
                    moment = norm.scale * norm.scale;
                }
                Layer::Dropout(p) => moment /= (1.0 - p).max(1e-3),
                Layer::Repeat { count, body } => {
                    if *count > 1 {
                        moment = self.run(body, moment, closing, false);
                    }
                    moment = self.run(body, moment, closing, kept);
                }
                Layer::Residual(residual) => {
                    let share = moment / (self.blocks.max(1.0) * residual.scale.powi(2).max(1e-6));
                    self.run(&residual.body, moment, Some(share), kept);
                }
                _ => {}
            }
        }
        moment
    }

    /// The variance wanted of a dense layer, by what follows it; `None` before a norm.
    fn aim(
        &mut self,
        dense: usize,
        after: &[Node],
        closing: Option<f64>,
        kept: bool,
    ) -> Option<f64> {
        let next = after
            .iter()
            .find(|node| !matches!(node.layer, Layer::Dropout(_)));
        let Some(next) = next else {
            return Some(closing.unwrap_or(1.0));
        };
        match &next.layer {
            Layer::Activation(activation) => Some(self.balance(activation, next.id, dense, kept)),
            Layer::BatchNorm(_) | Layer::LayerNorm(_) | Layer::RmsNorm(_) => None,
            _ => Some(1.0),
        }
    }

    fn balance(&mut self, activation: &Activation, id: usize, dense: usize, kept: bool) -> f64 {
        let depth = self.depth;
        let cost = |q: f64, moments: &Moments| {
            let chi = moments.critical_chi(q).log10();
            (0.5 * depth * chi).powi(2) + (0.5 * q.log10()).powi(2)
        };
        let mut best = (f64::INFINITY, 1.0);
        // From 0.01 to about 6; a fixed grid keeps the result reproducible.
        for step in -40..=16 {
            let q = 10.0_f64.powf(0.05 * f64::from(step));
            let cost = cost(q, &self.cache.get(activation, q));
            if cost < best.0 {
                best = (cost, q);
            }
        }
        let q = best.1;
        let moments = self.cache.get(activation, q);
        let chi = moments.critical_chi(q);
        let drift = 0.5 * depth * chi.log10().abs() / 0.5;
        let growth = depth * moments.elasticity.max(1.0).ln() / 3.0_f64.ln();
        let value = drift.max(growth);
        if kept && value > 1.0 {
            self.limits.push(Limit {
                id,
                dense,
                value,
                chi,
                elasticity: moments.elasticity,
            });
        }
        q
    }
}

/// Corrects the layers that run once, above all the head, by the second moment that really comes
/// in: stacks of residual blocks grow.
fn correct(gains: &mut [(usize, f64)], aims: &[Option<f64>], prediction: &Prediction) {
    let mut outputs: HashMap<usize, Vec<f64>> = HashMap::new();
    for layer in prediction
        .layers
        .iter()
        .filter(|layer| layer.role == Role::Dense)
    {
        outputs
            .entry(layer.id)
            .or_default()
            .push(layer.second_moment);
    }
    for ((id, gain), aim) in gains.iter_mut().zip(aims) {
        if let (Some([output]), Some(aim)) = (outputs.get(id).map(Vec::as_slice), aim) {
            let off = aim / output.max(1e-12);
            // Small offsets come from the input and do no harm; beyond a factor of a hundred the
            // signal is lost, and blowing up what is left of it would only hide that.
            if (4.0..100.0).contains(&off.max(1.0 / off)) {
                *gain *= off.sqrt();
            }
        }
    }
}

fn with_gains(chain: &Chain, gains: &[(usize, f64)]) -> Chain {
    let gains: HashMap<usize, f64> = gains.iter().copied().collect();
    let nodes = rewrite(&chain.nodes, &mut |node| {
        let Layer::Dense(dense) = node.layer else {
            return vec![node];
        };
        let gain = gains.get(&node.id).copied().unwrap_or(1.0);
        let layer = Layer::Dense(Dense {
            init: Init::LecunNormal,
            gain,
            ..dense
        });
        vec![Node { layer, ..node }]
    });
    Chain {
        nodes,
        ..chain.clone()
    }
}

/// How many layers of a kind are executed.
fn executed(nodes: &[Node], which: &impl Fn(&Layer) -> bool) -> f64 {
    let inside = |node: &Node| match &node.layer {
        Layer::Repeat { count, body } => *count as f64 * executed(body, which),
        Layer::Residual(residual) => executed(&residual.body, which),
        _ => 0.0,
    };
    nodes
        .iter()
        .map(|node| f64::from(u8::from(which(&node.layer))) + inside(node))
        .sum()
}
