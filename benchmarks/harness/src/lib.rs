//! What all measured programs share: the work ([`works`]), its data ([`data`]), and the clock with
//! its protocol ([`serve`]).

pub mod data;
pub mod peak;
mod serve;
pub mod works;

pub use serve::{Measured, Peer, Skip, Training, serve};
pub use works::{Activation, Loss, Product, Work};
