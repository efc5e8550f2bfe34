//! Declarations in, code or messages out, without a compiler.

mod messages;
mod remedies;
mod shapes;
mod snapshots;
mod thousand;

use crate::errors::Errors;
use crate::model::Network;
use crate::{resolve, syntax};
use proc_macro2::TokenStream;

/// A declaration as the macro receives it.
fn input(declaration: &str) -> TokenStream {
    let text = format!("(::network_core) {declaration}");
    text.parse().expect("tokens")
}

/// What becomes of a declaration before code is written: the model, or the messages.
fn resolved(declaration: &str) -> Result<Network, Vec<String>> {
    let mut errors = Errors::default();
    let read = syntax::parse(input(declaration), &mut errors);
    let network = read
        .declaration
        .and_then(|declaration| resolve::resolve(&declaration, &read.krate, &mut errors));
    match network {
        Some(network) if errors.is_empty() => Ok(network),
        _ => Err(errors.messages()),
    }
}
