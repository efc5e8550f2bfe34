//! Long functions in parts: what the compiler does with one function grows faster than its length.

use super::Writer;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Statements up to which a function stays whole.
const WHOLE: usize = 64;
/// Statements in each part of a longer one.
const PART: usize = 32;

/// What a function takes besides `self`: `name: ty`, and how it is handed on.
pub(super) struct Parameter {
    name: TokenStream,
    ty: TokenStream,
    handed_on: TokenStream,
}

impl Parameter {
    /// A value that is copied, such as a shared reference.
    pub(super) fn copied(name: TokenStream, ty: TokenStream) -> Self {
        let handed_on = name.clone();
        Self {
            name,
            ty,
            handed_on,
        }
    }

    /// A reference to something that is changed.
    pub(super) fn changed(name: TokenStream, ty: TokenStream) -> Self {
        let (ty, handed_on) = (quote!(&mut #ty), quote!(&mut *#name));
        Self {
            name,
            ty,
            handed_on,
        }
    }

    /// As [`Parameter::changed`], if the caller wants it.
    pub(super) fn wanted(name: TokenStream, ty: TokenStream) -> Self {
        Self {
            ty: quote!(::core::option::Option<&mut #ty>),
            handed_on: quote!(#name.as_deref_mut()),
            name: quote!(mut #name),
        }
    }
}

impl Writer<'_> {
    /// The statements of a function, or calls of the functions that they were moved to, each of
    /// which begins with `head`.
    pub(super) fn in_parts(
        &self,
        function: &str,
        receiver: &TokenStream,
        batch: bool,
        parameters: &[Parameter],
        head: &TokenStream,
        steps: &[TokenStream],
    ) -> TokenStream {
        if steps.len() <= WHOLE {
            return quote!(#(#steps)*);
        }
        let (generics, arguments) = if batch {
            (Some(quote!(<const BATCH: usize>)), Some(quote!(::<BATCH>)))
        } else {
            (None, None)
        };
        let (names, types, handed_on): (Vec<_>, Vec<_>, Vec<_>) = parameters
            .iter()
            .map(|parameter| (&parameter.name, &parameter.ty, &parameter.handed_on))
            .collect();
        let mut calls = TokenStream::new();
        for (index, steps) in steps.chunks(PART).enumerate() {
            let name = format_ident!("__{}_{}", function, index + 1);
            calls.extend(quote! { self.#name #arguments(#(#handed_on),*); });
            self.parts.borrow_mut().push(quote! {
                #[inline(never)]
                fn #name #generics(#receiver, #(#names: #types),*) {
                    #head
                    #(#steps)*
                }
            });
        }
        calls
    }

    /// The functions that statements were moved to.
    pub(super) fn parts(&self) -> Option<TokenStream> {
        let (name, parts) = (&self.block.name, self.parts.take());
        (!parts.is_empty()).then(|| {
            quote! {
                #[allow(unused_variables, unused_mut, clippy::all, clippy::pedantic)]
                impl #name { #(#parts)* }
            }
        })
    }
}
