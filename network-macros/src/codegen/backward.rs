//! The backward pass: the operations in reverse order, with dL/dvalue in slots.
//!
//! A value used several times gets the sum of all contributions. Contributions
//! to the block's input go to `d_x`, the last one directly.

use super::parts::Parameter;
use super::slots::{SlotId, Slots};
use super::storage::Storage;
use super::{Writer, cache_name, cast, cast_mut, told, told_skip};
use crate::arguments::Number;
use crate::model::{InPlace, Operation, ValueId};
use crate::shape::Size;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

/// Where dL/dvalue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Not yet computed.
    Nowhere,
    /// The caller's `d_y`, which cannot be changed.
    Output,
    Slot(SlotId),
}

/// Writes a block's backward pass.
struct Backward<'a> {
    writer: &'a Writer<'a>,
    krate: &'a TokenStream,
    storage: Storage,
    slots: Slots,
    places: Vec<Place>,
    /// Contributions to the block's input that are still to come.
    input_uses: usize,
    /// The skip whose contribution to dL/dvalue waits for the branch's.
    skips: Vec<Option<String>>,
    steps: Vec<TokenStream>,
}

impl Writer<'_> {
    /// The constant `SCRATCH` and the function `backward`.
    pub(super) fn backward(&self) -> TokenStream {
        let (krate, cache, gradient) = (self.krate, self.cache_name(), self.gradient_name());
        // A first round finds out what the slots hold.
        let (slots, _) = self.backward_steps(Slots::default());
        let (slots, steps) = self.backward_steps(slots.anew());
        let constant = self.scratch_constant(&format_ident!("SCRATCH"), &slots);
        let declare = slots.declare(krate, &self.network.scalar);
        let head = quote! { let n = x.len(); };
        let mut parameters = vec![
            Parameter::changed(quote!(pass), quote!(#krate::Pass<'_>)),
            Parameter::copied(quote!(x), quote!(&[<Self as #krate::Layer>::Input])),
            Parameter::copied(quote!(y), quote!(&[<Self as #krate::Layer>::Output])),
            Parameter::copied(quote!(d_y), quote!(&[<Self as #krate::Layer>::Output])),
            Parameter::wanted(quote!(d_x), quote!([<Self as #krate::Layer>::Input])),
            Parameter::changed(quote!(cache), quote!(#cache<BATCH>)),
            Parameter::changed(quote!(gradient), quote!(#gradient)),
            Parameter::changed(quote!(scratch), quote!([<Self as #krate::Layer>::Scalar])),
        ];
        parameters.extend(self.slot_parameters(&slots));
        let steps = self.in_parts("backward", &quote!(&self), true, &parameters, &head, &steps);
        quote! {
            const SCRATCH: usize = #constant;

            fn backward<const BATCH: usize>(
                &self,
                pass: &mut #krate::Pass<'_>,
                x: &[Self::Input],
                y: &[Self::Output],
                d_y: &[Self::Output],
                mut d_x: ::core::option::Option<&mut [Self::Input]>,
                cache: &mut #cache<BATCH>,
                gradient: &mut #gradient,
                scratch: &mut [Self::Scalar],
            ) {
                #head
                #declare
                #steps
            }
        }
    }

    /// The statements, and the slots that they use.
    fn backward_steps(&self, slots: Slots) -> (Slots, Vec<TokenStream>) {
        let krate = self.krate;
        let storage = self.storage();
        let mut places = vec![Place::Nowhere; self.block.values.len()];
        places[storage.last] = Place::Output;
        let mut backward = Backward {
            writer: self,
            krate,
            storage,
            slots,
            places,
            input_uses: self
                .block
                .operations
                .iter()
                .flat_map(Operation::differentiable)
                .filter(|input| *input == 0)
                .count(),
            skips: vec![None; self.block.values.len()],
            steps: Vec::new(),
        };
        for operation in self.block.operations.iter().rev() {
            match operation {
                Operation::Layer {
                    field,
                    input,
                    padded,
                    output,
                } => backward.layer(*field, *input, *padded, *output),
                Operation::Residual {
                    skip,
                    branch,
                    scale,
                    output,
                } => {
                    backward.residual(*skip, *branch, scale, *output);
                }
                Operation::Multiply { factors, output } => backward.multiply(*factors, *output),
                Operation::Unpad {
                    unpad,
                    steps,
                    input,
                    padded,
                    output,
                } => {
                    let function = format_ident!("{}_backward", unpad.name());
                    let padded = self.read(&backward.storage, *padded);
                    let steps = steps.expr();
                    if let Some(d_y) = backward.read(*output) {
                        backward.derivative(*input, |d_x| {
                            quote! { #krate::layers::padding::#function(pass.path, #steps, #padded, #d_y, #d_x); }
                        });
                    }
                    backward.release(*output);
                }
                Operation::Concat {
                    parts,
                    steps,
                    output,
                } => backward.concat(parts, steps, *output),
            }
        }
        (backward.slots, backward.steps)
    }
}

impl Backward<'_> {
    fn layer(&mut self, field: usize, input: ValueId, padded: Option<ValueId>, output: ValueId) {
        let krate = self.krate;
        let field = &self.writer.block.fields[field];
        let (name, told) = (&field.name, told(field));
        let y = self.writer.read(&self.storage, output);
        // An overwritten input is not looked at: its maker's successor stands there.
        let x = self.writer.read(&self.storage, input);
        let cache = if field.layer.has_cache {
            let cache = cache_name(field);
            quote!(&mut cache.#cache)
        } else {
            quote!(&mut ())
        };
        let gradient = if field.layer.has_parameters {
            quote!(&mut gradient.#name)
        } else {
            quote!(&mut ())
        };
        let from = self.places[output];
        let Some(d_y) = self.read(output) else {
            return;
        };
        if let (Place::Slot(slot), true, true) =
            (from, field.layer.in_place == InPlace::Always, input != 0)
            && self.slots.is_sole(slot)
        {
            let d = self.write(slot, output);
            self.steps.push(quote! {
                #krate::__private::backward_in_place(#told, &self.#name, pass, #y, #d);
            });
            self.slots.share(slot);
            self.release(output);
            self.contribute(input, slot);
            return;
        }
        let layer = &field.layer;
        // A padded sequence is one more argument.
        let padded = padded.map(|value| self.writer.read(&self.storage, value));
        let (function, padded) = match padded {
            Some(padded) => (
                quote!(#krate::__private::backward_padded::<BATCH, _, _>),
                quote!(#padded,),
            ),
            None => (quote!(#krate::__private::backward::<BATCH, _>), quote!()),
        };
        let (x, y, d_y) = (
            cast(krate, layer, x),
            cast(krate, layer, y),
            cast(krate, layer, d_y),
        );
        if input != 0 {
            let to = self.slots.take(&self.writer.block.values[input].len);
            let d_x = cast_mut(krate, layer, self.write(to, input));
            self.steps.push(quote! {
                #function(#told, &self.#name, pass, #padded #x, #y, #d_y, ::core::option::Option::Some(#d_x), #cache, #gradient, scratch);
            });
            self.release(output);
            self.contribute(input, to);
            return;
        }
        self.input_uses -= 1;
        if self.input_uses > 0 {
            let to = self.slots.take(&self.writer.block.values[0].len);
            let d_x = cast_mut(krate, layer, self.write(to, 0));
            self.steps.push(quote! {
                let wanted = if d_x.is_some() { ::core::option::Option::Some(#d_x) } else { ::core::option::Option::None };
                #function(#told, &self.#name, pass, #padded #x, #y, #d_y, wanted, #cache, #gradient, scratch);
            });
            self.release(output);
            self.contribute(0, to);
        } else {
            let d_x = if layer.foreign {
                quote!(d_x.as_deref_mut().map(|d_x| #krate::__private::cast_mut(d_x)))
            } else {
                quote!(d_x.as_deref_mut())
            };
            self.steps.push(quote! {
                #function(#told, &self.#name, pass, #padded #x, #y, #d_y, #d_x, #cache, #gradient, scratch);
            });
            self.release(output);
            self.add_earlier_to_input();
        }
    }

    /// `y = skip + scale * branch`: `d_skip += d_y`, `d_branch += scale * d_y`.
    fn residual(&mut self, skip: ValueId, branch: ValueId, scale: &Number, output: ValueId) {
        let value = &self.writer.block.values[output];
        if let Some(d_y) = self.read(output) {
            let (krate, told) = (self.krate, told_skip(value));
            self.steps
                .push(quote! { #krate::__private::backward_begins(#told, pass, #d_y); });
        }
        self.pass_on(skip, output, None);
        self.skips[skip] = Some(value.name.unraw().to_string());
        let scale = (scale.known != Some(1.0)).then_some(scale);
        self.pass_on(branch, output, scale);
        self.release(output);
    }

    /// Adds `scale * d_output` to `d_input`; a first unscaled contribution shares the memory.
    fn pass_on(&mut self, input: ValueId, output: ValueId, scale: Option<&Number>) {
        let krate = self.krate;
        let from = self.places[output];
        let Some(d_y) = self.read(output) else {
            return;
        };
        let scale_tokens = scale.map_or_else(|| quote!(1.0), |scale| quote!(#scale));
        if input == 0 {
            self.input_uses -= 1;
            if self.input_uses == 0 {
                self.steps.push(quote! {
                    if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                        #krate::layers::residual::backward(pass.path, #scale_tokens, #d_y, d_x);
                    }
                });
                self.add_earlier_to_input();
                return;
            }
        }
        if scale.is_none() && self.places[input] == Place::Nowhere {
            if let Place::Slot(slot) = from {
                self.slots.share(slot);
            }
            self.places[input] = from;
            return;
        }
        let to = self.slots.take(&self.writer.block.values[input].len);
        let d_x = self.write(to, input);
        self.steps.push(
            quote! { #krate::layers::residual::backward(pass.path, #scale_tokens, #d_y, #d_x); },
        );
        self.contribute(input, to);
    }

    /// `y = a * b`: `d_a = d_y * b`, `d_b = d_y * a`.
    fn multiply(&mut self, [a, b]: [ValueId; 2], output: ValueId) {
        for (input, other) in [(a, b), (b, a)] {
            let krate = self.krate;
            let other = self.writer.read(&self.storage, other);
            let Some(d_y) = self.read(output) else { return };
            self.derivative(input, |d_x| {
                quote! { #krate::layers::multiply::backward(pass.path, #d_y, #other, #d_x); }
            });
        }
        self.release(output);
    }

    /// One contribution to dL/d`input`, computed by what `write` writes for its place.
    fn derivative(&mut self, input: ValueId, write: impl Fn(&TokenStream) -> TokenStream) {
        if input == 0 {
            self.input_uses -= 1;
            if self.input_uses == 0 {
                let call = write(&quote!(d_x));
                self.steps.push(quote! {
                    if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                        #call
                    }
                });
                self.add_earlier_to_input();
                return;
            }
        }
        let to = self.slots.take(&self.writer.block.values[input].len);
        let d_x = self.write(to, input);
        self.steps.push(write(&d_x));
        self.contribute(input, to);
    }

    fn concat(&mut self, parts: &[ValueId], steps: &Size, output: ValueId) {
        let krate = self.krate;
        let Some(d_y) = self.read(output) else {
            return;
        };
        let each = steps.expr();
        let mut offset = Size::Known(0);
        for part in parts {
            let len = &self.writer.block.values[*part].len;
            let start = offset.expr();
            let direct = if *part == 0 {
                self.input_uses -= 1;
                self.input_uses == 0
            } else {
                false
            };
            if direct {
                self.steps.push(quote! {
                    if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                        #krate::layers::concat::read(#d_y, #start, #each, d_x);
                    }
                });
                self.add_earlier_to_input();
            } else {
                let to = self.slots.take(len);
                let d_x = self.write(to, *part);
                self.steps
                    .push(quote! { #krate::layers::concat::read(#d_y, #start, #each, #d_x); });
                self.contribute(*part, to);
            }
            offset = offset.plus(&len.over(steps));
        }
        self.release(output);
    }

    /// A contribution to dL/dvalue has been computed into `slot`: adds what came before.
    fn contribute(&mut self, value: ValueId, slot: SlotId) {
        let krate = self.krate;
        if let Some(before) = self.read(value) {
            let sum = self.write(slot, value);
            if let Some(name) = self.skips[value].take() {
                let branch = self.writer.slot(&self.slots, slot, value);
                self.steps
                    .push(quote! { pass.skip(#name, #before, #branch); });
            }
            self.steps
                .push(quote! { #krate::layers::residual::add(pass.path, #sum, #before); });
            self.release(value);
        }
        self.places[value] = Place::Slot(slot);
    }

    /// The last contribution to the block's input is in `d_x`: adds what came before.
    fn add_earlier_to_input(&mut self) {
        let krate = self.krate;
        if let Some(before) = self.read(0) {
            let skip = self.skips[0]
                .take()
                .map(|name| quote! { pass.skip(#name, #before, d_x); });
            self.steps.push(quote! {
                if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                    #skip
                    #krate::layers::residual::add(pass.path, d_x, #before);
                }
            });
            self.release(0);
        }
    }

    fn release(&mut self, value: ValueId) {
        if let Place::Slot(slot) = self.places[value] {
            self.slots.release(slot);
        }
        self.places[value] = Place::Nowhere;
    }

    /// dL/dvalue, to read.
    fn read(&self, value: ValueId) -> Option<TokenStream> {
        match self.places[value] {
            Place::Nowhere => None,
            Place::Output => Some(quote!(d_y)),
            Place::Slot(slot) => Some(self.writer.slot(&self.slots, slot, value)),
        }
    }

    /// A slot that gets a contribution to dL/dvalue.
    fn write(&self, slot: SlotId, value: ValueId) -> TokenStream {
        self.writer.slot_mut(&self.slots, slot, value)
    }
}
