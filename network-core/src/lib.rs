//! Small deep networks inside your program: declared with [`network!`], checked
//! at compile time, trained, and explained.
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub use bytemuck;
pub use nalgebra;
pub use rand;

pub mod clip;
#[cfg(feature = "std")]
pub mod data;
#[cfg(feature = "std")]
mod files;
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
pub mod prelude;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "std")]
pub mod save;
mod scalar;
pub mod schedules;
#[cfg(feature = "std")]
mod summary;
#[cfg(feature = "std")]
mod table;
#[cfg(feature = "std")]
pub mod train;

pub use hyperparameter::HyperparameterError;
pub use kernels::{SimdPath, simd_path};
pub use layer::{
    Generator, Layer, Name, Parameter, ParameterKind, ParameterMut, Pass, Sample, Visitor,
    VisitorMut,
};
pub use network::{LayerInfo, Network, Workspace};
pub use scalar::{Real, Scalar};
#[cfg(feature = "std")]
pub use summary::Summary;

#[doc(hidden)]
pub use network_macros::__network;

/// See the crate's documentation for the language.
#[macro_export]
macro_rules! network {
    ($($tokens:tt)*) => {
        $crate::__network! { ($crate) $($tokens)* }
    };
}
