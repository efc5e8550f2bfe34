//! What a program that declares and trains a network needs: `use network_core::prelude::*;`.

#[cfg(feature = "std")]
pub use crate::Summary;
pub use crate::clip::{ClipError, clip_by_norm, clip_by_value};
#[cfg(feature = "std")]
pub use crate::data::{Csv, Dataset, Missing};
pub use crate::losses::*;
#[cfg(feature = "std")]
pub use crate::metrics::ConfusionMatrix;
pub use crate::network;
pub use crate::network::Network;
pub use crate::optimizers::*;
pub use crate::schedules::*;
pub use crate::step::Streaming;
#[cfg(feature = "std")]
pub use crate::train::{Clip, EarlyStopping, Trainer};
pub use crate::workspace::Workspace;
pub use nalgebra::{SMatrix, SVector};
