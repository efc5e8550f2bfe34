//! A public network under the strictest lints: what a declaration generates does not disturb
//! a library that forbids unsafe code and asks for documentation.
#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    non_snake_case,
    non_camel_case_types,
    unused,
    clippy::all,
    clippy::pedantic
)]

use network_core::network;

network! {
    /// Every form of the language.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Strict(4) -> 3 {
        stem: dense(6) -> batch_norm -> gelu -> dropout(0.1);
        blocks: repeat(2) {
            residual(scale = 0.5) { dense(6) -> layer_norm -> prelu };
        }
        residual(project = true) { dense(5) -> tanh };
        concat(stem) -> dense(6) -> add(stem) -> dense(3);
    }
}
