//! Small deep networks inside your program: declared with [`network!`], checked
//! at compile time, trained, and explained.
//!
//! ```
//! use network_core::prelude::*;
//!
//! network! {
//!     /// From four sensor readings to three classes.
//!     #[derive(Clone, Debug)]
//!     pub struct Sensor(4) -> 3 {
//!         hidden: dense(16) -> batch_norm -> relu;
//!         repeat(4) {
//!             residual { dense(16) -> relu -> dense(16) };
//!         }
//!         head: dense(3);
//!     }
//! }
//!
//! let net = Sensor::new(1);
//! let logits = net.predict(&SVector::from([0.1, 0.2, 0.3, 0.4]));
//! assert_eq!(logits.len(), 3);
//! assert_eq!(net.head.weight.shape(), (3, 16));
//! ```
//!
//! The language is documented at [`network!`], what a network can do at [`Network`],
//! training at [`train::Trainer`] and, step by step, at [`Workspace`].
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | data sets, metrics, the trainer, files, progress bars; instruction sets are found at run time |
//! | `rayon` | training steps and inference of large batches on several threads, with the same bits |
//! | `alloc` | networks and workspaces on the heap |
//!
//! Without both, networks, layers, losses and optimizers need `core` alone.
//!
//! # Instruction sets
//!
//! Kernels exist for AVX-512, for AVX2 with fused multiply-add, and as portable code, which
//! serves aarch64 and all others. With `std` the best one is found when a network is first
//! used; without, it is that of the target features given to the compiler. [`simd_path`]
//! says which one is live, so that a program is never slow in silence:
//!
//! ```
//! println!("networks run on {}", network_core::simd_path()); // such as "AVX-512"
//! ```
//!
//! The same seed gives the same bits on all that round a product and a sum once
//! ([`SimdPath::is_fused`]), and on any number of threads.
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub use bytemuck;
pub use nalgebra;
pub use rand;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod clip;
#[cfg(feature = "std")]
pub mod data;
mod declaration;
#[cfg(feature = "std")]
mod files;
pub mod flow;
#[cfg(feature = "std")]
mod format;
pub mod gradient;
mod hyperparameter;
pub mod init;
pub mod kernels;
mod layer;
pub mod layers;
pub mod losses;
#[cfg(feature = "std")]
pub mod metrics;
mod network;
pub mod optimizers;
#[cfg(feature = "rayon")]
mod parallel;
pub mod prelude;
pub mod probe;
#[cfg(feature = "alloc")]
pub mod report;
#[cfg(feature = "std")]
pub mod save;
mod scalar;
pub mod schedules;
#[cfg(feature = "alloc")]
#[cfg_attr(
    not(feature = "std"),
    expect(dead_code, reason = "the trainer goes back to snapshots")
)]
mod snapshot;
mod step;
#[cfg(feature = "std")]
mod summary;
#[cfg(feature = "std")]
mod table;
#[cfg(feature = "std")]
pub mod train;
mod workspace;

pub use declaration::{Declaration, Place};
pub use hyperparameter::HyperparameterError;
pub use kernels::{SimdPath, simd_path};
pub use layer::{
    Generator, Layer, Name, Parameter, ParameterKind, ParameterMut, Pass, Sample, Visitor,
    VisitorMut,
};
pub use network::{LayerInfo, Network};
#[cfg(feature = "rayon")]
pub use parallel::ParallelWorkspace;
pub use scalar::{Real, Scalar};
pub use step::{Step, Streaming};
#[cfg(feature = "std")]
pub use summary::Summary;
pub use workspace::Workspace;

#[doc(hidden)]
pub use network_macros::__network;

/// Declares a network: its layers, and so its shapes, parameters and code.
///
/// ```
/// use network_core::prelude::*;
///
/// const HIDDEN: usize = 8;
///
/// network! {
///     #[derive(Clone, Debug)]
///     pub struct Encoder(6) -> 4 {
///         dense(HIDDEN) -> tanh -> dense(4);
///     }
/// }
///
/// network! {
///     /// A statement is a chain of layers, ends with `;`, and may carry a label.
///     pub struct Example(6) -> 2 {
///         init = he_normal;                      // for what follows
///
///         stem: dense(2 * HIDDEN) -> layer_norm -> relu;
///         blocks: repeat(3) {                    // an array of three blocks
///             residual(scale = 0.5) { dense(16) -> relu -> dense(16) };
///         }
///         dense(16) -> add(stem) -> dropout(0.1); // a long skip
///         code: concat(input) -> dense(6) -> Encoder;
///         head: dense(2, bias = false);
///     }
/// }
///
/// let net = Example::new(7);
/// assert_eq!(net.blocks.len(), 3);
/// ```
///
/// | write | meaning |
/// |---|---|
/// | `pub struct Name(64) -> 10 { .. }` | input and output, both checked; docs, attributes and visibility pass through |
/// | `(64)`, `(1, 28, 28)`, `[8; 100]` | a vector; an image as channels, height, width; 100 steps of 8 features |
/// | `scalar = f64;` | the number type, `f32` if not said; before the first layer |
/// | `init = he_normal;` | how what follows starts; without it, as fits the activation after each layer; `auto` leaves the gains to theory |
/// | `#[gradient_flow(warn)]` on the network | compiler warnings where gradients will vanish or explode, units will die, inputs will collapse: see [`Network::FLOW`]; `note` for minor ones too, `deny` for errors, `allow` for silence, also on one statement |
/// | a word of [`layers`], such as `dense(64)` or `relu` | that layer |
/// | `residual(scale = 1.0, project = false) { .. }` | `x + scale * f(x)`; `project` puts a learned linear map on the skip |
/// | `repeat(n) { .. }` | `n` copies with their own parameters |
/// | `add(label, ..)`, `concat(label, ..)` | the outputs of earlier statements added, or put behind; `input` is the input |
/// | `flatten` | an image or sequence as a vector |
/// | `label: Other;` | another declared network as a layer |
/// | `layer(MyLayer, output = 16, config = ..)` | a type that implements [`Layer`] |
/// | `activation(MyFunction, config = ..)` | a type that implements [`layers::Activation`] |
///
/// Sizes are integer literals, arithmetic on them, or constants in scope.
///
/// The first layer of a labelled statement becomes the field `label`, the others
/// `label_relu` and so on; layers without a label are `dense_1`, `dense_2`, ...
/// These are also the names in saved files.
/// Besides the struct `Name`, the macro makes `NameGradient` and `NameCache`, and a
/// struct for each `repeat`.
#[macro_export]
macro_rules! network {
    ($($tokens:tt)*) => {
        $crate::__network! { ($crate) $($tokens)* }
    };
}
