//! What a program that declares and trains a network needs: `use network_core::prelude::*;`.

pub use crate::clip::{ClipError, clip_by_norm, clip_by_value};
pub use crate::losses::*;
pub use crate::network;
pub use crate::network::{Network, Workspace};
pub use crate::optimizers::*;
pub use crate::schedules::*;
pub use nalgebra::{SMatrix, SVector};
