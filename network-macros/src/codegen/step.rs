//! One step of a sequence at a time: the operations in order, on the features of one step;
//! values live in slots of scratch memory.

use super::Writer;
use super::slots::{SlotId, Slots};
use crate::model::{Field, Operation, Step, ValueId};
use crate::shape::Size;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::HashMap;
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
        let mut slots = Slots::default();
        let mut places: HashMap<ValueId, SlotId> = HashMap::new();
        let mut uses: Vec<usize> = (0..self.block.values.len())
            .map(|value| self.consumers(value))
            .collect();
        let mut steps = Vec::new();
        for operation in &self.block.operations {
            let output = operation.output();
            if output != last {
                places.insert(output, slots.take(&self.block.values[output].step));
            }
            steps.push(self.step_of(operation, &places));
            for input in operation.inputs() {
                uses[input] -= 1;
                if let (0, Some(slot)) = (uses[input], places.get(&input)) {
                    slots.release(*slot);
                }
            }
        }
        let declare = slots.declare(krate);
        let terms = slots.terms(krate);
        let input = &self.block.values[0].step;
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
                const STEP_INPUT: usize = #input;
                const STEP_SCRATCH: usize = #(#terms +)*
                    #krate::__private::max(&[#(<#types as #krate::Step>::STEP_SCRATCH),*]);

                fn advance(
                    &self,
                    path: #krate::SimdPath,
                    x: &[#scalar],
                    y: &mut [#scalar],
                    state: &mut #state,
                    scratch: &mut [#scalar],
                ) {
                    let n = 1;
                    #declare
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

    /// One operation; what is in no slot is the block's input or its output.
    fn step_of(&self, operation: &Operation, places: &HashMap<ValueId, SlotId>) -> TokenStream {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let place = |value: ValueId| {
            let (slot, width) = (Slots::name(*places.get(&value)?), width_of(self, value));
            Some(quote!(#slot[..#width]))
        };
        let read = |value: ValueId| match (value, place(value)) {
            (0, _) => quote!(x),
            (_, Some(place)) => quote!(&#place),
            (_, None) => quote!(&*y),
        };
        let output = operation.output();
        let write = match place(output) {
            Some(place) => quote!(&mut #place),
            None => quote!(&mut *y),
        };
        let width = |value: ValueId| width_of(self, value);
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
                let mut offset = Size::Known(0);
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

/// How wide one step of a value is.
fn width_of<'a>(writer: &'a Writer<'_>, value: ValueId) -> &'a Size {
    &writer.block.values[value].step
}
