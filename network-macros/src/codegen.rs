//! Writes the code of a [`Network`]: structs, and calls of the core crate in order. No mathematics.

mod backward;
mod document;
mod forward;
mod infer;
mod parts;
mod slots;
mod step;
mod storage;
mod types;

use crate::errors::Errors;
use crate::model::{Block, Field, Layer, Network, Operation, Streaming, ValueId};
use crate::prediction::Prediction;
use crate::remedies;
use crate::source::Source;
use parts::Parameter;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use slots::{SlotId, Slots};
use std::cell::RefCell;
use syn::ext::IdentExt;
use types::Types;

/// The code of a network, in the order in which documentation lists it: the
/// struct, its blocks, and what belongs to training.
pub(crate) fn generate(
    network: &Network,
    prediction: &Prediction,
    source: &Source,
    krate: &TokenStream,
) -> TokenStream {
    let root = network.blocks.len() - 1;
    let alias = alias(&network.blocks[root].name);
    let blocks = (0..network.blocks.len()).rev().map(|index| {
        let writer = Writer {
            network,
            prediction,
            krate,
            block: &network.blocks[index],
            is_root: index == root,
            parts: RefCell::default(),
        };
        writer.block()
    });
    let root = Writer {
        network,
        prediction,
        krate,
        block: &network.blocks[root],
        is_root: true,
        parts: RefCell::default(),
    };
    let network_impl = root.network_impl(source);
    let streaming_impl = match &network.streaming {
        Streaming::Yes => Some(root.streaming()),
        Streaming::No(obstacle) => Some(root.not_streaming(obstacle)),
        Streaming::NoSequence => None,
    };
    let checks = &network.checks;
    let warnings = prediction.warnings(network, krate);
    quote! {
        #[doc(hidden)]
        #[allow(unused_imports)]
        use #krate::bytemuck as #alias;
        #(#blocks)*
        #network_impl
        #streaming_impl
        #(#checks)*
        #warnings
    }
}

/// For a wrong declaration: its mistakes, and its name for a type that the compiler
/// knows to be wrong, so that it says nothing of what a program does with it.
///
/// An array whose length is an error is such a type.
pub(crate) fn mistaken(name: Option<(syn::Visibility, syn::Ident)>, errors: Errors) -> TokenStream {
    let mut errors = errors.into_each();
    let alias = name.map(|(visibility, name)| {
        let length = errors.next();
        quote! {
            #[allow(dead_code, missing_docs)]
            #visibility type #name = [(); #length];
        }
    });
    quote! { #alias #(#errors)* }
}

/// The name under which derives find `bytemuck`, whatever the user calls the core crate.
fn alias(name: &syn::Ident) -> syn::Ident {
    format_ident!(
        "__bytemuck_of_{}",
        name,
        span = proc_macro2::Span::call_site()
    )
}

/// Writes one block.
struct Writer<'a> {
    network: &'a Network,
    prediction: &'a Prediction,
    krate: &'a TokenStream,
    block: &'a Block,
    is_root: bool,
    /// Functions that statements of long ones were moved to.
    parts: RefCell<Vec<TokenStream>>,
}

impl Writer<'_> {
    fn block(&self) -> TokenStream {
        let structs = [
            self.parameters_struct(),
            self.gradient_struct(),
            self.cache_struct(),
        ];
        let layer_impl = self.layer_impl();
        let step_impl = self.network.streaming.is_yes().then(|| self.step());
        quote! { #(#structs)* #layer_impl #step_impl }
    }

    /// Derives for a struct of plain memory.
    fn zeroable(&self, pod: bool) -> TokenStream {
        let alias = alias(&self.network.blocks[self.network.blocks.len() - 1].name);
        let path = alias.to_string();
        let pod = pod.then(|| quote!(#[derive(#alias::Pod)]));
        quote! { #pod #[derive(#alias::Zeroable)] #[bytemuck(crate = #path)] }
    }

    fn parameters_struct(&self) -> TokenStream {
        let visibility = &self.network.visibility;
        let name = &self.block.name;
        let derives = self.zeroable(false);
        let docs = self.documentation();
        let attributes: Vec<_> = self
            .network
            .attributes
            .iter()
            .filter(|attribute| !attribute.path().is_ident("gradient_flow"))
            .filter(|attribute| self.is_root || attribute.path().is_ident("derive"))
            .collect();
        let fields = self.block.fields.iter().map(|field| {
            let Field { name, layer, .. } = field;
            let ty = &layer.ty;
            let doc = format!(
                " `{}`: {} to {}.",
                layer.declared, field.input, layer.output
            );
            quote! { #[doc = #doc] pub #name: #ty }
        });
        quote! {
            #(#attributes)*
            #docs
            #derives
            #[repr(C)]
            #visibility struct #name { #(#fields,)* }
        }
    }

    fn gradient_struct(&self) -> TokenStream {
        let (krate, visibility) = (self.krate, &self.network.visibility);
        let name = self.gradient_name();
        let derives = self.zeroable(true);
        let doc = format!(" dL/dparameters of [`{}`].", self.block.name);
        let fields = self
            .block
            .fields
            .iter()
            .filter(|field| field.layer.has_parameters)
            .map(|field| {
                let (name, ty) = (&field.name, &field.layer.ty);
                let doc = format!(" dL/dparameters of `{}`.", name.unraw());
                quote! { #[doc = #doc] pub #name: <#ty as #krate::Layer>::Gradient }
            });
        quote! {
            #[doc = #doc]
            #[derive(Debug)]
            #derives
            #[repr(C)]
            #visibility struct #name { #(#fields,)* }

            #[automatically_derived]
            impl ::core::clone::Clone for #name {
                fn clone(&self) -> Self {
                    *self
                }
            }
            #[automatically_derived]
            impl ::core::marker::Copy for #name {}
        }
    }

    fn cache_struct(&self) -> TokenStream {
        let (krate, visibility) = (self.krate, &self.network.visibility);
        let scalar = &self.network.scalar;
        let name = self.cache_name();
        let derives = self.zeroable(false);
        let doc = format!(
            " What the forward pass of [`{}`] leaves for the backward pass.",
            self.block.name
        );
        let storage = self.storage();
        let outputs = storage.buffers().map(|value| {
            let value = &self.block.values[value];
            let (field, len) = (storage::buffer_name(value), &value.len);
            quote! { #field: [#krate::nalgebra::SVector<#scalar, #len>; BATCH] }
        });
        let caches = self
            .block
            .fields
            .iter()
            .filter(|field| field.layer.has_cache)
            .map(|field| {
                let (name, ty) = (cache_name(field), &field.layer.ty);
                quote! { #name: <#ty as #krate::Layer>::Cache<BATCH> }
            });
        quote! {
            #[doc = #doc]
            #[allow(missing_debug_implementations, non_snake_case)]
            #derives
            #[repr(C)]
            #visibility struct #name<const BATCH: usize> { #(#outputs,)* #(#caches,)* }
        }
    }

    fn layer_impl(&self) -> TokenStream {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let (name, gradient, cache) = (&self.block.name, self.gradient_name(), self.cache_name());
        let input = &self.block.values[0].len;
        let output = &self.block.values[self.storage().last].len;
        let infer = self.infer();
        let forward = self.forward();
        let backward = self.backward();
        let counts = self.counts();
        let initialize: Vec<_> = self
            .block
            .fields
            .iter()
            .map(|field| {
                let (name, config) = (&field.name, &field.layer.config);
                let initialize =
                    quote! { #krate::Layer::initialize(&mut self.#name, &#config, generator); };
                match self.prediction.gain(field.site, krate) {
                    Some(gain) => {
                        quote! { { const AUTO_GAIN: f64 = #gain; #initialize } }
                    }
                    None => initialize,
                }
            })
            .collect();
        let initialize = self.in_parts(
            "initialize",
            &quote!(&mut self),
            false,
            &[Parameter::changed(
                quote!(generator),
                quote!(#krate::Generator),
            )],
            &TokenStream::new(),
            &initialize,
        );
        let update_statistics: Vec<_> = self
            .block
            .fields
            .iter()
            .filter(|field| field.layer.has_cache && field.layer.has_parameters)
            .map(|field| {
                let (name, cache) = (&field.name, cache_name(field));
                quote! { #krate::Layer::update_statistics::<BATCH>(&mut self.#name, &cache.#cache); }
            })
            .collect();
        let update_statistics = (!update_statistics.is_empty()).then(|| {
            let steps = self.in_parts(
                "update_statistics",
                &quote!(&mut self),
                true,
                &[Parameter::copied(quote!(cache), quote!(&#cache<BATCH>))],
                &TokenStream::new(),
                &update_statistics,
            );
            quote! {
                fn update_statistics<const BATCH: usize>(&mut self, cache: &#cache<BATCH>) {
                    #steps
                }
            }
        });
        let visit = self.visit("visit", &quote!(&), &quote!(#krate::Visitor<#scalar>));
        let visit_mut = self.visit(
            "visit_mut",
            &quote!(&mut),
            &quote!(#krate::VisitorMut<#scalar>),
        );
        let parts = self.parts();
        quote! {
            #[allow(unused_variables, clippy::all, clippy::pedantic)]
            impl #krate::Layer for #name {
                type Scalar = #scalar;
                type Input = #krate::nalgebra::SVector<#scalar, #input>;
                type Output = #krate::nalgebra::SVector<#scalar, #output>;
                type Config = ();
                type Gradient = #gradient;
                type Cache<const BATCH: usize> = #cache<BATCH>;

                #counts

                fn initialize(&mut self, (): &(), generator: &mut #krate::Generator) {
                    #initialize
                }

                #infer
                #forward
                #backward

                #update_statistics

                fn visit(&self, visitor: &mut dyn #krate::Visitor<#scalar>) {
                    #visit
                }

                fn visit_mut(&mut self, visitor: &mut dyn #krate::VisitorMut<#scalar>) {
                    #visit_mut
                }
            }
            #parts
        }
    }

    /// The constants that are sums over the fields.
    fn counts(&self) -> TokenStream {
        let krate = self.krate;
        let types = |field: &Field| field.layer.ty.clone();
        let all = Types::of(self.block.fields.iter().map(types));
        let first = self
            .block
            .operations
            .iter()
            .filter_map(|operation| match operation {
                Operation::Layer {
                    field, input: 0, ..
                } => Some(types(&self.block.fields[*field])),
                _ => None,
            });
        let multiply_adds = all.sum(|ty| quote!(<#ty as #krate::Layer>::MULTIPLY_ADDS));
        let input_multiply_adds =
            Types::of(first).sum(|ty| quote!(<#ty as #krate::Layer>::INPUT_MULTIPLY_ADDS));
        let each = all.each();
        quote! {
            const MULTIPLY_ADDS: usize = #multiply_adds;
            const INPUT_MULTIPLY_ADDS: usize = #input_multiply_adds;
            const COUPLES_SAMPLES: bool = false #(|| <#each as #krate::Layer>::COUPLES_SAMPLES)*;
        }
    }

    fn visit(&self, method: &str, reference: &TokenStream, visitor: &TokenStream) -> TokenStream {
        let krate = self.krate;
        let function = format_ident!("{}", method);
        let fields = self.block.fields.iter();
        let steps: Vec<TokenStream> = fields
            .filter(|field| field.layer.has_parameters)
            .map(|field| {
                let name = &field.name;
                let text = name.unraw().to_string();
                quote! { #krate::__private::#function(#text, #reference self.#name, visitor); }
            })
            .collect();
        self.in_parts(
            method,
            &quote!(#reference self),
            false,
            &[Parameter::changed(quote!(visitor), quote!(dyn #visitor))],
            &TokenStream::new(),
            &steps,
        )
    }

    fn network_impl(&self, source: &Source) -> TokenStream {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let name = &self.block.name;
        let text = name.to_string();
        let layers = self.layer_table();
        let flow = self.prediction.constant(self.network, krate);
        let declaration = source.constant(self.network, krate);
        let remedies =
            remedies::constant(&self.prediction.menu, &self.network.sites, source, krate);
        quote! {
            impl #krate::Network for #name {
                const NAME: &'static str = #text;
                const LAYERS: &'static [#krate::LayerInfo] = &[#(#layers),*];
                const FLOW: #krate::flow::Prediction = #flow;
                #declaration
                #remedies
                const CHUNK: usize = #krate::__private::chunk(
                    <#name as #krate::Layer>::INFER_SCRATCH,
                    ::core::mem::size_of::<#scalar>(),
                );
                type Footprint = #krate::__private::Footprint<
                    { ::core::mem::size_of::<#name>() <= #krate::__private::STACK_LIMIT },
                >;
                type SampleScratch = [#scalar; <#name as #krate::Layer>::INFER_SCRATCH];
                type ChunkScratch = [[#scalar; <#name as #krate::Layer>::INFER_SCRATCH];
                    <#name as #krate::Network>::CHUNK];
                type Scratch = [#scalar; <#name as #krate::Layer>::SCRATCH];
            }
        }
    }

    /// A slot as samples of a value's width.
    fn slot(&self, slots: &Slots, slot: SlotId, value: ValueId) -> TokenStream {
        let (krate, scalar, name) = (self.krate, &self.network.scalar, Slots::name(slot));
        if slots.only(slot).is_some() {
            return quote!(&*#name);
        }
        let len = &self.block.values[value].len;
        quote!(#krate::__private::samples::<#scalar, #len>(#name, n))
    }

    /// As [`Writer::slot`], to be changed.
    fn slot_mut(&self, slots: &Slots, slot: SlotId, value: ValueId) -> TokenStream {
        let (krate, scalar, name) = (self.krate, &self.network.scalar, Slots::name(slot));
        if slots.only(slot).is_some() {
            return quote!(&mut *#name);
        }
        let len = &self.block.values[value].len;
        quote!(#krate::__private::samples_mut::<#scalar, #len>(#name, n))
    }

    /// The slots as a function hands them on.
    fn slot_parameters(&self, slots: &Slots) -> impl Iterator<Item = Parameter> {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        (0..slots.len()).map(move |slot| {
            let name = Slots::name(slot);
            let entries = match slots.only(slot) {
                Some(len) => quote!([#krate::nalgebra::SVector<#scalar, #len>]),
                None => quote!([#scalar]),
            };
            Parameter::changed(quote!(#name), entries)
        })
    }

    fn gradient_name(&self) -> syn::Ident {
        format_ident!("{}Gradient", self.block.name)
    }

    fn cache_name(&self) -> syn::Ident {
        format_ident!("{}Cache", self.block.name)
    }

    /// `max` over the layers' constants `constant`, plus `slots` entries.
    fn scratch_constant(&self, constant: &syn::Ident, slots: &Slots) -> TokenStream {
        let krate = self.krate;
        let fields = self.block.fields.iter();
        let types = fields
            .filter(|field| field.layer.has_scratch)
            .map(|field| field.layer.ty.clone());
        let layers: Vec<TokenStream> = Types::of(types)
            .each()
            .map(|ty| quote!(<#ty as #krate::Layer>::#constant))
            .collect();
        let mut terms = slots.terms(krate);
        terms.extend(match layers.as_slice() {
            [] => None,
            [layer] => Some(layer.clone()),
            layers => Some(quote!(#krate::__private::max(&[#(#layers),*]))),
        });
        if terms.is_empty() {
            quote!(0)
        } else {
            quote!(#(#terms)+*)
        }
    }
}

/// What a probe is told of a field: its name and how it was declared.
fn told(field: &Field) -> TokenStream {
    let name = field.name.unraw().to_string();
    let declared = &field.layer.declared;
    quote!((#name, #declared))
}

/// What a probe is told of a skip.
fn told_skip(value: &crate::model::Value) -> TokenStream {
    let name = value.name.unraw().to_string();
    quote!((#name, "residual"))
}

/// The name of a field's cache.
fn cache_name(field: &Field) -> syn::Ident {
    format_ident!("{}_cache", field.name)
}

/// Samples as a layer takes them, whose types the macro may not know.
fn cast(krate: &TokenStream, layer: &Layer, samples: TokenStream) -> TokenStream {
    if layer.foreign {
        quote!(#krate::__private::cast(#samples))
    } else {
        samples
    }
}

/// As [`cast`], to be changed.
fn cast_mut(krate: &TokenStream, layer: &Layer, samples: TokenStream) -> TokenStream {
    if layer.foreign {
        quote!(#krate::__private::cast_mut(#samples))
    } else {
        samples
    }
}
