//! One step of a sequence at a time: the operations in order, on the features of one step;
//! values live in slots of scratch memory. For a network that does not stream, a condition that
//! never holds and says why.

use super::Writer;
use super::slots::{SlotId, Slots};
use crate::model::{Field, Obstacle, Operation, Step, ValueId, Whole};
use crate::shape::Size;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
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
            .filter(|field| field.layer.step.remembers())
            .map(|Field { name, layer, .. }| {
                let (doc, ty) = (format!(" What `{}` remembers.", name.unraw()), &layer.ty);
                quote! { #[doc = #doc] pub #name: <#ty as #krate::Step>::State }
            });
        let (slots, steps) = self.steps();
        let declare = slots.declare(krate, scalar);
        let input = &self.block.values[0].step;
        let (conditions, scratch) = (self.step_conditions(), self.step_scratch(&slots));
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug)]
            #derives
            #[repr(C)]
            #visibility struct #state #conditions { #(#remembered,)* }

            #[allow(unused_variables, clippy::all, clippy::pedantic)]
            impl #krate::Step for #name #conditions {
                type State = #state;
                const STEP_INPUT: usize = #input;
                const STEP_SCRATCH: usize = #scratch;

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

    /// What the layers that the macro does not know have to be, for the block to stream.
    fn step_conditions(&self) -> Option<TokenStream> {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let vector = |size: &Size| quote!(#krate::nalgebra::SVector<#scalar, #size>);
        let conditions = self.block.operations.iter().filter_map(|operation| {
            let Operation::Layer {
                field,
                input,
                output,
                ..
            } = operation
            else {
                return None;
            };
            let layer = &self.block.fields[*field].layer;
            let ty = &layer.ty;
            let (x, y) = (
                vector(&self.block.values[*input].step),
                vector(&self.block.values[*output].step),
            );
            // The lifetime, which nothing uses, keeps the compiler from asking before
            // somebody streams.
            match layer.step {
                Step::Network => Some(quote! {
                    for<'a> #ty: #krate::Streaming<StepInput = #x, StepOutput = #y>
                }),
                Step::Own => Some(quote!(for<'a> #ty: #krate::Step)),
                _ => None,
            }
        });
        let conditions: Vec<TokenStream> = conditions.collect();
        (!conditions.is_empty()).then(|| quote!(where #(#conditions),*))
    }

    /// The operations, and the slots that hold what is between them.
    fn steps(&self) -> (Slots, Vec<TokenStream>) {
        let last = self.last_value();
        let mut slots = Slots::default();
        let mut places: HashMap<ValueId, SlotId> = HashMap::new();
        let mut uses = self.block.uses();
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
        (slots, steps)
    }

    /// Entries of scratch memory for a step. Layers that the macro does not know bring their own.
    fn step_scratch(&self, slots: &Slots) -> TokenStream {
        let krate = self.krate;
        let each = self.block.fields.iter().filter_map(|field| {
            let ty = &field.layer.ty;
            match field.layer.step {
                Step::Network | Step::Own => None,
                Step::Whole => Some(quote!(<#ty as #krate::Layer>::INFER_SCRATCH)),
                _ => Some(quote!(<#ty as #krate::Step>::STEP_SCRATCH)),
            }
        });
        let terms = slots.terms(krate);
        quote!(#(#terms +)* #krate::__private::max(&[#(#each),*]))
    }

    /// The network's implementation of the core's `Streaming`.
    pub(super) fn streaming(&self) -> TokenStream {
        let (krate, scalar, name) = (self.krate, &self.network.scalar, &self.block.name);
        let conditions = self.step_conditions();
        // The length of an array cannot stand on conditions.
        let scratch = match conditions {
            Some(_) => self.step_scratch(&self.steps().0),
            None => quote!(<#name as #krate::Step>::STEP_SCRATCH),
        };
        let types = self.step_types();
        quote! {
            impl #krate::Streaming for #name #conditions {
                #types
                type StepScratch = [#scalar; #scratch];
            }
        }
    }

    /// For a network that does not stream, implementations of `Step` and `Streaming` on a
    /// condition that never holds: the compiler says that in the words here, where somebody
    /// streams, and points to the layer.
    pub(super) fn not_streaming(&self, obstacle: &Obstacle) -> TokenStream {
        let (krate, scalar, name) = (self.krate, &self.network.scalar, &self.block.name);
        let Obstacle {
            declared,
            span,
            whole: Whole { why, help },
        } = obstacle;
        let word = declared.split(['(', ' ']).next().unwrap_or_default();
        let mut layer: Ident = syn::parse_str(word).unwrap_or_else(|_| format_ident!("layer"));
        layer.set_span(*span);
        let works = format_ident!("WorksStepByStep", span = *span);
        let message = format!(
            "`{}` does not work on a stream: `{declared}` {why}",
            name.unraw()
        );
        let help = format!("help: {help}");
        let condition = quote!(where for<'a> #layer: #works);
        // The compiler shows these two at the layer.
        let words = quote_spanned! { *span =>
            #[diagnostic::on_unimplemented(
                message = #message,
                label = "a stream knows no whole sequence",
                note = #help,
            )]
            trait #works {}
            struct #layer;
        };
        let types = self.step_types();
        quote! {
            #[allow(non_camel_case_types, dead_code)]
            const _: () = {
                #words
                impl #krate::Step for #name #condition {
                    type State = ();
                    // Nobody can call it.
                    fn advance(
                        &self,
                        _: #krate::SimdPath,
                        _: &[#scalar],
                        _: &mut [#scalar],
                        (): &mut (),
                        _: &mut [#scalar],
                    ) {
                    }
                }
                impl #krate::Streaming for #name #condition {
                    #types
                    type StepScratch = [#scalar; 0];
                }
            };
        }
    }

    /// One step of the input, and of the output.
    fn step_types(&self) -> TokenStream {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let input = &self.block.values[0].step;
        let output = &self.block.values[self.last_value()].step;
        quote! {
            type StepInput = #krate::nalgebra::SVector<#scalar, #input>;
            type StepOutput = #krate::nalgebra::SVector<#scalar, #output>;
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
                match layer.step {
                    Step::Network => quote! {
                        #krate::__private::step_network(&self.#name, path, #input, #write, &mut state.#name);
                    },
                    Step::Own => quote! {
                        #krate::__private::step_own(&self.#name, path, #input, #write, &mut state.#name);
                    },
                    Step::Whole => quote! {
                        #krate::__private::step_whole(&self.#name, path, #input, #write, scratch);
                    },
                    Step::Remembers => quote! {
                        #krate::Step::advance(&self.#name, path, #input, #write, &mut state.#name, scratch);
                    },
                    Step::Alone | Step::Never(_) => quote! {
                        #krate::Step::advance(&self.#name, path, #input, #write, &mut (), scratch);
                    },
                }
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
