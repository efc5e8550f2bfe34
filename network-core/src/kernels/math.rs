//! Elementwise functions as branch-free polynomials: one body for every path.
//!
//! Coefficients are minimax fits (Remez-like, in 60-digit arithmetic) of this
//! project; each function states its measured error.

#![allow(
    clippy::unreadable_literal,
    clippy::excessive_precision,
    reason = "coefficients are as they were fitted"
)]

/// `c0 + x (c1 + x (c2 + ..))` by Horner's rule.
macro_rules! horner {
    ($x:expr; $c:expr) => { R::new($c) };
    ($x:expr; $c:expr, $($rest:expr),+) => {
        horner!($x; $($rest),+).mul_add($x, R::new($c))
    };
}

pub(crate) mod double;
pub(crate) mod single;
