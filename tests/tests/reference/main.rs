//! Losses, optimizers, schedules, clipping, activations, layers and whole networks agree with
//! PyTorch: to 1e-5 of each tensor's largest entry in `f32`, to 1e-9 in `f64`.
//! The figures are in `tests/reference`, with the scripts that made them.

mod activations;
mod clipping;
mod images;
mod layers;
mod losses;
mod networks;
mod optimizers;
mod recurrent;
mod schedules;
mod training;
