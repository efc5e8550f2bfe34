//! What the lessons share.

pub mod plot;
