//! Signal propagation in random deep networks: how gradients will flow through a declared stack,
//! before anything runs.
//!
//! A [`Chain`] describes a network by its kinds of layers, widths and inits. [`Theory::predict`]
//! says what happens in it at initialisation: variance of the signal and factor on the gradient
//! at every layer, and `G`, the decades of gradient norm between the first layer and the last,
//! with the error bar that finite widths bring. [`Theory::analyse`] adds verdicts and edits that
//! cure them; [`Theory::auto_init`] chooses gains.
//!
//! ```
//! use network_flow::{Activation, Chain, Init, Layer, Node, Theory};
//!
//! // dense(64) -> batch_norm -> relu, sixteen residual blocks of two such layers, dense(10)
//! let dense = |id| Node::new(id, Layer::dense(64, 64, Init::HeNormal));
//! let norm = |id| Node::new(id, Layer::batch_norm(1.0));
//! let relu = |id| Node::new(id, Layer::Activation(Activation::Relu));
//! let branch = vec![dense(5), norm(6), relu(7), dense(8), norm(9)];
//! let block = vec![Node::new(4, Layer::residual(1.0, branch)), relu(10)];
//! let chain = Chain::new(vec![
//!     dense(0),
//!     norm(1),
//!     relu(2),
//!     Node::new(3, Layer::Repeat { count: 16, body: block }),
//!     Node::new(11, Layer::dense(64, 10, Init::HeNormal)),
//! ]);
//! let analysis = Theory::new().analyse(&chain).unwrap();
//! let (g, sd) = (analysis.prediction.decades.unwrap(), analysis.prediction.deviation.unwrap());
//! assert!((g - 1.2).abs() < 0.1 && sd < 0.5);
//! ```
//!
//! # Method
//! Mean-field theory (Poole et al. 2016, [Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232)):
//! in wide random networks pre-activations are normal, and second moments obey recursions. With
//! `sigma_w^2 = fan_in * Var(W)` and `z ~ N(0, q)`,
//!
//! - forward: `q' = sigma_w^2 E[phi(z)^2] + sigma_b^2`;
//! - backward: `|delta|^2` is multiplied by `chi = sigma_w^2 E[phi'(z)^2]` per layer;
//! - batch normalisation divides `chi` by the variance over the batch, layer normalisation by the
//!   variance over the units;
//! - the largest of the entries of a window has the law of an order statistic, and gets the
//!   gradient whole; a mean of `n` entries divides the gradient's square by `n`;
//! - skips add the branch's square to the skip's; where a one-sided value meets a normal one, as
//!   in `relu(x + f(x))`, the law of a unit is carried on a grid, and so is the gradient's second
//!   moment given the unit's value;
//! - finite widths multiply `|delta|^2` by random factors of variance `(3 kappa - 1) / width`
//!   ([Hanin 2018](https://arxiv.org/abs/1801.03744)), and fluctuations of `q` move `chi`.
//!
//! # Accuracy
//! 91 declared networks (widths 64 to 256, depths 5 to 50, every activation and init, norms,
//! dropout, skips before and after the activation, long skips, images with padding, strides and
//! poolings, sequences) were drawn three times each and
//! run backward by the library's own engine: the mean absolute error of `G` is 0.05 decades, that
//! of the signal 0.04, and no network's mean is more than three predicted standard deviations
//! off. `cargo test -p network-core --test flow -- --nocapture` prints every network; the table
//! is in `docs/prediction.md`. The error bar was shaped on other networks, half of them alike.
//! The largest error known, 1.2 of 5.6 decades, is gelu under He's init at depth 50, where the
//! error bar is as large. Recurrent cells follow published formulas and tables.
//!
//! # Where it ends
//! It speaks of the first step of training, not of later ones. Widths below 16 are noisier than
//! predicted. Weights that are not random (identity), identical or sparse inputs, and layers
//! marked [`Layer::Opaque`] are outside; so are sums of values that share random weights, and
//! batch normalisation of units that vary unequally: then `decades` is `None`. The gelu family loses its balance of variance slowly and unpredictably
//! under He's init; the error bar says so.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod activation;
mod auto;
mod backward;
pub mod chain;
mod effect;
mod forward;
pub mod init;
mod law;
pub mod moments;
mod pool;
mod predict;
pub mod quadrature;
pub mod recurrent;
mod remedy;
mod rules;
pub mod special;
mod tape;
mod transform;
mod verdict;

pub use activation::{Activation, Custom, Samples};
pub use auto::{AutoInit, Limit};
pub use chain::{Chain, Dense, Input, Layer, Node, Norm, Pool, Residual};
pub use init::{Init, Width};
pub use moments::{MomentCache, Moments};
pub use predict::{FlowError, LayerFlow, Prediction, Role, Theory, Unknown};
pub use recurrent::{Cell, Forget, Memory, Recurrent};
pub use remedy::{Edit, Remedy};
pub use rules::{Kind, Optimizer, RULES, Rule, Severity};
pub use verdict::{Analysis, Finding};
