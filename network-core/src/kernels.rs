//! The inner loops, on slices: the only module that may hold `unsafe` code, and
//! the only one that knows instruction sets.
//!
//! Every output element is accumulated in one fixed order, whatever the path.

#![allow(unsafe_code, reason = "the kernel module is where it belongs")]

mod affine;
mod channels;
mod convolution;
mod convolution1d;
mod correlate;
mod dense;
mod elementwise;
mod engine;
#[cfg(target_arch = "x86_64")]
mod interleaved;
pub(crate) mod math;
mod number;
mod path;
pub(crate) mod primitive;
mod run;
mod scratch;
mod slide;
mod sum;
mod tile;
mod transpose;
mod vector;

pub use affine::{Affine, Block, CellGradient};
#[doc(hidden)]
pub use convolution::Convolutions;
pub use convolution::{Convolution, Window, conv2d_d_input, conv2d_d_weight, conv2d_forward};
#[doc(hidden)]
pub use convolution1d::Convolutions1d;
pub use convolution1d::{Convolution1d, conv1d_d_input, conv1d_d_weight, conv1d_forward};
#[doc(hidden)]
pub use dense::{Products, Sizes};
pub use dense::{dense_d_input, dense_d_weight, dense_forward};
pub use elementwise::{Binary, LANES, Ternary, Unary, Update, map, map_to, map2, map3, update};
pub(crate) use elementwise::{zip, zip_few};
pub use number::Number;
#[doc(hidden)]
pub use number::Unfused;
pub use path::{SimdPath, simd_path};
pub use run::{Task, run};
pub(crate) use scratch::on_stack;
pub(crate) use sum::add_up;
pub use sum::{sum, sum_of_squares};
