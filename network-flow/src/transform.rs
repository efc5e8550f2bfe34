//! Changes to a chain: what an edit of the declaration does to the tree.

use std::collections::HashMap;

use crate::activation::Activation;
use crate::chain::{Dense, Layer, Node, Norm, Residual, rewrite, walk};
use crate::init::{Init, Width};

fn with_layer(node: &Node, layer: Layer) -> Vec<Node> {
    vec![Node {
        layer,
        id: node.id,
        label: node.label,
    }]
}

pub(crate) fn with_activation(nodes: &[Node], except: &[usize], to: &Activation) -> Vec<Node> {
    rewrite(nodes, &mut |node| match node.layer {
        Layer::Activation(_) if !except.contains(&node.id) => {
            with_layer(&node, Layer::Activation(to.clone()))
        }
        _ => vec![node],
    })
}

/// Gives every dense layer this init. He's, without a gain of its own, fits the rectifier after
/// each layer, as `init = he_normal` does: `sqrt(2 / (1 + slope^2))`.
pub(crate) fn with_init(nodes: &[Node], init: Init, gain: Option<f64>) -> Vec<Node> {
    let he = matches!(init, Init::HeNormal | Init::HeUniform);
    let unit = if he { std::f64::consts::SQRT_2 } else { 1.0 };
    let mut slopes = HashMap::new();
    if he && gain.is_none() {
        let mut open = None;
        walk(nodes, &mut |node| match &node.layer {
            Layer::Dense(_) => open = Some(node.id),
            Layer::Activation(activation) => {
                let slope = activation.homogeneous_slope().filter(|slope| *slope < 1.0);
                slopes.extend(open.take().zip(slope));
            }
            Layer::BatchNorm(_) | Layer::LayerNorm(_) | Layer::RmsNorm(_) | Layer::Dropout(_) => {}
            _ => open = None,
        });
    }
    rewrite(nodes, &mut |node| match node.layer {
        Layer::Dense(dense) => {
            let slope = slopes.get(&node.id).copied().unwrap_or(0.0);
            let usual = (1.0 + slope * slope).sqrt().recip();
            let gain = gain.map_or(usual, |gain| gain / unit);
            with_layer(
                &node,
                Layer::Dense(Dense {
                    init,
                    gain,
                    auto: false,
                    ..dense
                }),
            )
        }
        _ => vec![node],
    })
}

/// Makes the hidden dense layers of a plain stack at least this wide; returns which. `None` if
/// widths are tied, as in a repetition.
pub(crate) fn with_width(nodes: &[Node], least: usize) -> Option<(Vec<Node>, Vec<usize>)> {
    let last = nodes
        .iter()
        .rposition(|node| matches!(node.layer, Layer::Dense(_)))?;
    let mut nodes = nodes.to_vec();
    let mut widened = Vec::new();
    let mut before = None;
    for (index, node) in nodes.iter_mut().enumerate() {
        match &mut node.layer {
            Layer::Dense(dense) => {
                if let Some(width) = before.take() {
                    (dense.fan_in, dense.units_in) = (width, width);
                }
                if index < last && dense.fan_out.known()? < least {
                    (dense.fan_out, dense.units_out) = (least.into(), least.into());
                    before = Some(dense.fan_out);
                    widened.push(node.id);
                }
            }
            Layer::Activation(_) | Layer::Dropout(_) | Layer::LayerNorm(_) | Layer::Softmax => {}
            _ => return None,
        }
    }
    Some((nodes, widened))
}

pub(crate) fn with_counts_at_most(nodes: &[Node], most: usize) -> Vec<Node> {
    rewrite(nodes, &mut |node| match &node.layer {
        Layer::Repeat { count, body } => {
            let repeat = Layer::Repeat {
                count: (*count).min(most),
                body: body.clone(),
            };
            with_layer(&node, repeat)
        }
        _ => vec![node],
    })
}

pub(crate) fn with_scale(nodes: &[Node], scale: f64) -> Vec<Node> {
    rewrite(nodes, &mut |node| match &node.layer {
        Layer::Residual(residual) => {
            let residual = Residual {
                scale,
                ..residual.clone()
            };
            with_layer(&node, Layer::Residual(residual))
        }
        _ => vec![node],
    })
}

/// Puts a norm before every activation that follows a dense layer; returns before which.
pub(crate) fn with_norm(nodes: &[Node], except: &[usize], norm: &Layer) -> (Vec<Node>, Vec<usize>) {
    let mut before = Vec::new();
    let mut after_dense = false;
    let nodes = rewrite(nodes, &mut |node| {
        let insert =
            after_dense && matches!(node.layer, Layer::Activation(_)) && !except.contains(&node.id);
        after_dense = matches!(node.layer, Layer::Dense(_));
        if !insert {
            return vec![node];
        }
        before.push(node.id);
        vec![Node::new(node.id, norm.clone()), node]
    });
    (nodes, before)
}

/// Puts a norm first in every residual branch that has none.
pub(crate) fn with_branch_norm(nodes: &[Node], norm: &Layer) -> (Vec<Node>, Vec<usize>) {
    let mut before = Vec::new();
    let nodes = rewrite(nodes, &mut |node| match &node.layer {
        Layer::Residual(residual) => {
            let normed = residual.body.iter().any(|node| {
                matches!(
                    node.layer,
                    Layer::BatchNorm(Norm { .. }) | Layer::LayerNorm(_)
                )
            });
            let Some(first) = residual.body.first().filter(|_| !normed) else {
                return vec![node];
            };
            before.push(first.id);
            let mut body = vec![Node::new(first.id, norm.clone())];
            body.extend(residual.body.iter().cloned());
            let residual = Residual {
                body,
                ..residual.clone()
            };
            with_layer(&node, Layer::Residual(residual))
        }
        _ => vec![node],
    });
    (nodes, before)
}

/// Puts a skip around the body of every repetition, and around every other run of layers that
/// starts with a square dense layer and ends before the next one.
pub(crate) fn with_residuals(nodes: &[Node], around: &mut Vec<(usize, usize)>) -> Vec<Node> {
    let mut result: Vec<Node> = Vec::new();
    let mut run: Vec<Node> = Vec::new();
    for node in nodes {
        let square = matches!(node.layer, Layer::Dense(d) if is_square(d.fan_in, d.fan_out));
        let inside = matches!(
            node.layer,
            Layer::Activation(_) | Layer::BatchNorm(_) | Layer::LayerNorm(_) | Layer::Dropout(_)
        );
        if !inside || run.is_empty() {
            close(&mut run, &mut result, around);
        }
        match &node.layer {
            _ if square || (inside && !run.is_empty()) => run.push(node.clone()),
            Layer::Repeat { count, body } => {
                let body = if widths(body).is_some_and(|(a, b)| is_square(a, b)) {
                    wrap(body.clone(), around)
                } else {
                    with_residuals(body, around)
                };
                result.push(Node {
                    layer: Layer::Repeat {
                        count: *count,
                        body,
                    },
                    ..node.clone()
                });
            }
            _ => result.push(node.clone()),
        }
    }
    close(&mut run, &mut result, around);
    result
}

fn close(run: &mut Vec<Node>, result: &mut Vec<Node>, around: &mut Vec<(usize, usize)>) {
    let run = std::mem::take(run);
    // A lone dense layer is the head.
    if run.len() > 1 {
        result.extend(wrap(run, around));
    } else {
        result.extend(run);
    }
}

fn wrap(body: Vec<Node>, around: &mut Vec<(usize, usize)>) -> Vec<Node> {
    let (Some(first), Some(last)) = (body.first(), body.last()) else {
        return body;
    };
    let id = first.id;
    around.push((id, last.id));
    vec![Node::new(id, Layer::residual(1.0, body))]
}

fn is_square(fan_in: Width, fan_out: Width) -> bool {
    fan_in.ratio(fan_out) == Some(1.0)
}

/// Width at the start and at the end of a body.
fn widths(body: &[Node]) -> Option<(Width, Width)> {
    let mut ends = None;
    walk(body, &mut |node| {
        if let Layer::Dense(dense) = node.layer {
            let (start, _) = ends.unwrap_or((dense.fan_in, dense.fan_out));
            ends = Some((start, dense.fan_out));
        }
    });
    ends
}
