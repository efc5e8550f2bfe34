//! One step of a sequence at a time: the operations in order, on the features of one step.

use super::Writer;
use crate::model::{Field, Operation, Step, ValueId};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

impl Writer<'_> {
    /// What the block remembers, and its implementation of the core's `Step`.
    pub(super) fn step(&self) -> TokenStream {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let visibility = &self.network.visibility;
        let (name, state) = (&self.block.name, format_ident!("{}State", self.block.name));
        let derives = self.zeroable(false);
        let doc = format!(" What [`{name}`] remembers from one step to the next.");
        let remembered = self
            .block
            .fields
            .iter()
            .filter(|field| field.layer.step == Step::Remembers)
            .map(|Field { name, layer, .. }| {
                let (doc, ty) = (format!(" What `{}` remembers.", name.unraw()), &layer.ty);
                quote! { #[doc = #doc] pub #name: <#ty as #krate::Step>::State }
            });
        let last = self.last_value();
        let values = self
            .block
            .operations
            .iter()
            .map(Operation::output)
            .filter(|v| *v != last);
        let values = values.map(|value| {
            let (name, width) = (local(value), self.block.values[value].step.expr());
            quote! { let mut #name = [0.0; #width]; }
        });
        let steps = self
            .block
            .operations
            .iter()
            .map(|operation| self.step_of(operation, last));
        let types = self.block.fields.iter().map(|field| &field.layer.ty);
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug)]
            #derives
            #[repr(C)]
            #visibility struct #state { #(#remembered,)* }

            #[allow(unused_variables, clippy::all, clippy::pedantic)]
            impl #krate::Step for #name {
                type State = #state;
                const STEP_SCRATCH: usize =
                    #krate::__private::max(&[#(<#types as #krate::Step>::STEP_SCRATCH),*]);

                fn advance(
                    &self,
                    path: #krate::SimdPath,
                    x: &[#scalar],
                    y: &mut [#scalar],
                    state: &mut #state,
                    scratch: &mut [#scalar],
                ) {
                    #(#values)*
                    #(#steps)*
                }
            }
        }
    }

    /// The network's implementation of the core's `Streaming`.
    pub(super) fn streaming(&self) -> TokenStream {
        let (krate, scalar, name) = (self.krate, &self.network.scalar, &self.block.name);
        let input = &self.block.values[0].step;
        let output = &self.block.values[self.last_value()].step;
        quote! {
            impl #krate::Streaming for #name {
                type StepInput = #krate::nalgebra::SVector<#scalar, #input>;
                type StepOutput = #krate::nalgebra::SVector<#scalar, #output>;
                type StepScratch = [#scalar; <#name as #krate::Step>::STEP_SCRATCH];
            }
        }
    }

    /// The value that the block ends with.
    fn last_value(&self) -> ValueId {
        self.block.operations.last().map_or(0, Operation::output)
    }

    fn step_of(&self, operation: &Operation, last: ValueId) -> TokenStream {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let read = |value: ValueId| match value {
            0 => quote!(x),
            value => {
                let name = local(value);
                quote!(&#name)
            }
        };
        let output = operation.output();
        let write = if output == last {
            quote!(&mut *y)
        } else {
            let name = local(output);
            quote!(&mut #name)
        };
        let width = |value: ValueId| &self.block.values[value].step;
        let sample = |value: ValueId| {
            let (slice, width) = (read(value), width(value));
            quote!(#krate::__private::samples::<#scalar, #width>(#slice, 1))
        };
        let sample_mut = {
            let width = width(output);
            quote!(#krate::__private::samples_mut::<#scalar, #width>(#write, 1))
        };
        match operation {
            Operation::Layer { field, input, .. } => {
                let Field { name, layer, .. } = &self.block.fields[*field];
                let input = read(*input);
                let state = if layer.step == Step::Remembers {
                    quote!(&mut state.#name)
                } else {
                    quote!(&mut ())
                };
                quote! { #krate::Step::advance(&self.#name, path, #input, #write, #state, scratch); }
            }
            Operation::Residual {
                skip,
                branch,
                scale,
                ..
            } => {
                let (skip, branch) = (sample(*skip), sample(*branch));
                quote! { #krate::layers::residual::forward(path, #scale, #skip, #branch, #sample_mut); }
            }
            Operation::Multiply {
                factors: [a, b], ..
            } => {
                let (a, b) = (sample(*a), sample(*b));
                quote! { #krate::layers::multiply::forward(path, #a, #b, #sample_mut); }
            }
            // A stream has no padding: its newest step is one of its own.
            Operation::Unpad { input, .. } => {
                let input = read(*input);
                quote! { (#write).copy_from_slice(#input); }
            }
            Operation::Concat { parts, .. } => {
                let mut offset = crate::shape::Size::Known(0);
                let mut code = TokenStream::new();
                for part in parts {
                    let (input, start) = (sample(*part), offset.expr());
                    code.extend(
                        quote! { #krate::layers::concat::write(#input, #start, 1, #sample_mut); },
                    );
                    offset = offset.plus(width(*part));
                }
                code
            }
        }
    }
}

/// The local variable that holds one step of a value.
fn local(value: ValueId) -> syn::Ident {
    format_ident!("step_{}", value, span = proc_macro2::Span::mixed_site())
}
