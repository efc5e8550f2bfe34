//! Inference: as the forward pass, but values live in slots of scratch memory
//! and every activation overwrites its input.

use super::parts::Parameter;
use super::slots::{SlotId, Slots};
use super::storage::Storage;
use super::{Writer, cast, cast_mut};
use crate::model::{Field, InPlace, Operation, ValueId};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::HashMap;

impl Writer<'_> {
    /// The constant `INFER_SCRATCH` and the function `infer`.
    pub(super) fn infer(&self) -> TokenStream {
        let krate = self.krate;
        let storage = self.storage_for(|operation, _| match operation {
            Operation::Layer { field, .. } => {
                self.block.fields[*field].layer.in_place != InPlace::Never
            }
            Operation::Residual { .. } => true,
            Operation::Multiply { .. } | Operation::Unpad { .. } | Operation::Concat { .. } => {
                false
            }
        });
        // A first round finds out what the slots hold.
        let (slots, _) = self.infer_steps(&storage, Slots::default());
        let (slots, steps) = self.infer_steps(&storage, slots.anew());
        let constant = self.scratch_constant(&format_ident!("INFER_SCRATCH"), &slots);
        let declare = slots.declare(krate, &self.network.scalar);
        let head = quote! { let n = x.len(); };
        let mut parameters = vec![
            Parameter::copied(quote!(path), quote!(#krate::SimdPath)),
            Parameter::copied(quote!(x), quote!(&[<Self as #krate::Layer>::Input])),
            Parameter::changed(quote!(y), quote!([<Self as #krate::Layer>::Output])),
            Parameter::changed(quote!(scratch), quote!([<Self as #krate::Layer>::Scalar])),
        ];
        parameters.extend(self.slot_parameters(&slots));
        let steps = self.in_parts("infer", &quote!(&self), false, &parameters, &head, &steps);
        quote! {
            const INFER_SCRATCH: usize = #constant;

            fn infer(
                &self,
                path: #krate::SimdPath,
                x: &[Self::Input],
                y: &mut [Self::Output],
                scratch: &mut [Self::Scalar],
            ) {
                #head
                #declare
                #steps
            }
        }
    }

    /// The statements, and the slots that they use.
    fn infer_steps(&self, storage: &Storage, mut slots: Slots) -> (Slots, Vec<TokenStream>) {
        let krate = self.krate;
        let mut places: HashMap<ValueId, SlotId> = HashMap::new();
        let mut uses = self.block.uses();
        let mut steps = Vec::new();
        for operation in &self.block.operations {
            let output = operation.output();
            let is_last = |value| storage.overwrites(value, storage.last) || value == storage.last;
            let overwritten = operation
                .inputs()
                .into_iter()
                .find(|input| storage.overwrites(output, *input));
            if let (Some(input), false) = (overwritten, is_last(output)) {
                let slot = places[&input];
                slots.share(slot);
                places.insert(output, slot);
            } else if !is_last(output) {
                places.insert(output, slots.take(&self.block.values[output].len));
            }
            let read = |value: ValueId| match places.get(&value) {
                _ if value == 0 => quote!(x),
                Some(slot) => self.slot(&slots, *slot, value),
                None => quote!(&*y),
            };
            let write = match places.get(&output) {
                Some(slot) => self.slot_mut(&slots, *slot, output),
                None => quote!(&mut *y),
            };
            steps.push(match operation {
                Operation::Layer { field, input, padded, .. } => {
                    let Field { name, layer, .. } = &self.block.fields[*field];
                    if overwritten.is_some() {
                        quote! { self.#name.forward_in_place(path, #write); }
                    } else {
                        let input = cast(krate, layer, read(*input));
                        let write = cast_mut(krate, layer, write);
                        match padded {
                            Some(padded) => {
                                let padded = read(*padded);
                                quote! { #krate::layers::padding::Padded::infer_padded(&self.#name, path, #padded, #input, #write, scratch); }
                            }
                            None => quote! { #krate::Layer::infer(&self.#name, path, #input, #write, scratch); },
                        }
                    }
                }
                Operation::Residual { skip, branch, scale, .. } => {
                    let skip = read(*skip);
                    if overwritten.is_some() {
                        quote! { #krate::layers::residual::forward_in_place(path, #scale, #skip, #write); }
                    } else {
                        let branch = read(*branch);
                        quote! { #krate::layers::residual::forward(path, #scale, #skip, #branch, #write); }
                    }
                }
                Operation::Multiply { factors: [a, b], .. } => {
                    let (a, b) = (read(*a), read(*b));
                    quote! { #krate::layers::multiply::forward(path, #a, #b, #write); }
                }
                Operation::Unpad { unpad, steps, input, padded, .. } => {
                    let function = format_ident!("{}", unpad.name());
                    let (input, padded, steps) = (read(*input), read(*padded), steps.expr());
                    quote! { #krate::layers::padding::#function(path, #steps, #padded, #input, #write); }
                }
                Operation::Concat { parts, steps, .. } => self.concat(parts, steps, &write, read),
            });
            for input in operation.inputs() {
                uses[input] -= 1;
                if let (0, Some(slot)) = (uses[input], places.get(&input)) {
                    slots.release(*slot);
                }
            }
        }
        (slots, steps)
    }
}
