//! The `network!` macro: a declared network becomes statically sized code.
//!
//! One file is one stage: tokens -> `syntax` (what was written) -> `resolve`
//! (names, shapes, defaults) -> `model` (final) -> `prediction` (what theory says
//! of its gradients) -> `codegen` (calls, not mathematics). `layers` is the table
//! of all layers.
#![forbid(unsafe_code)]

mod arguments;
mod codegen;
mod errors;
mod foreign;
mod init;
mod layers;
mod model;
mod prediction;
mod remedies;
mod resolve;
mod shape;
mod source;
mod syntax;
#[cfg(test)]
mod tests;
mod typing;

use proc_macro2::TokenStream;

/// Turns a declared network into code; used through `network_core::network!`.
#[proc_macro]
#[doc(hidden)]
pub fn __network(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into()).into()
}

/// The whole pipeline. Wrong declarations yield all their errors and a name for
/// a type of which the compiler says nothing more.
fn expand(input: TokenStream) -> TokenStream {
    let mut errors = errors::Errors::default();
    let text = source::text(&input);
    let syntax::Parsed {
        krate,
        name,
        declaration,
    } = syntax::parse(input, &mut errors);
    let model = declaration
        .and_then(|declaration| resolve::resolve(&declaration, &krate, &mut errors))
        .filter(|_| errors.is_empty());
    let Some(model) = model else {
        return codegen::mistaken(name, errors);
    };
    let prediction = prediction::predict(&model);
    prediction.report(&model, &mut errors);
    let source = source::Source::new(text, &model);
    let code = codegen::generate(&model, &prediction, &source, &krate);
    let errors = errors.into_tokens();
    quote::quote! { #code #errors }
}
