//! The forward pass of training: one call for each operation, in order.

use super::parts::Parameter;
use super::{Writer, cache_name, cast, cast_mut, told, told_skip};
use crate::model::Operation;
use crate::shape::Size;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

impl Writer<'_> {
    pub(super) fn forward(&self) -> TokenStream {
        let (krate, cache) = (self.krate, self.cache_name());
        let storage = self.storage();
        let steps: Vec<TokenStream> = self.block.operations.iter().map(|operation| {
            let output = self.write(&storage, operation.output());
            match operation {
                Operation::Layer { field, input, padded, output: value } => {
                    let field = &self.block.fields[*field];
                    let (name, told) = (&field.name, told(field));
                    if storage.overwrites(*value, *input) {
                        return quote! {
                            #krate::__private::forward_in_place(#told, &self.#name, pass, #output);
                        };
                    }
                    let input = cast(krate, &field.layer, self.read(&storage, *input));
                    let output = cast_mut(krate, &field.layer, output);
                    let cache = if field.layer.has_cache {
                        let cache = cache_name(field);
                        quote!(&mut cache.#cache)
                    } else {
                        quote!(&mut ())
                    };
                    if let Some(padded) = padded {
                        let padded = self.read(&storage, *padded);
                        return quote! {
                            #krate::__private::forward_padded::<BATCH, _, _>(#told, &self.#name, pass, #padded, #input, #output, #cache, scratch);
                        };
                    }
                    quote! {
                        #krate::__private::forward::<BATCH, _>(#told, &self.#name, pass, #input, #output, #cache, scratch);
                    }
                }
                Operation::Residual { skip, branch, scale, output: value } => {
                    let skip = self.read(&storage, *skip);
                    let sum = if storage.overwrites(*value, *branch) {
                        quote! { #krate::layers::residual::forward_in_place(pass.path, #scale, #skip, #output); }
                    } else {
                        let branch = self.read(&storage, *branch);
                        quote! { #krate::layers::residual::forward(pass.path, #scale, #skip, #branch, #output); }
                    };
                    let (told, done) = (told_skip(&self.block.values[*value]), self.read(&storage, *value));
                    quote! {
                        #sum
                        #krate::__private::forward_done(#told, pass, #done);
                    }
                }
                Operation::Multiply { factors: [a, b], .. } => {
                    let (a, b) = (self.read(&storage, *a), self.read(&storage, *b));
                    quote! { #krate::layers::multiply::forward(pass.path, #a, #b, #output); }
                }
                Operation::Unpad { unpad, steps, input, padded, .. } => {
                    let function = format_ident!("{}", unpad.name());
                    let input = self.read(&storage, *input);
                    let (padded, steps) = (self.read(&storage, *padded), steps.expr());
                    quote! { #krate::layers::padding::#function(pass.path, #steps, #padded, #input, #output); }
                }
                Operation::Concat { parts, steps, .. } => self.concat(parts, steps, &output, |part| self.read(&storage, part)),
            }
        }).collect();
        let head = quote! { let n = x.len(); };
        let steps = self.in_parts(
            "forward",
            &quote!(&self),
            true,
            &[
                Parameter::changed(quote!(pass), quote!(#krate::Pass<'_>)),
                Parameter::copied(quote!(x), quote!(&[<Self as #krate::Layer>::Input])),
                Parameter::changed(quote!(y), quote!([<Self as #krate::Layer>::Output])),
                Parameter::changed(quote!(cache), quote!(#cache<BATCH>)),
                Parameter::changed(quote!(scratch), quote!([<Self as #krate::Layer>::Scalar])),
            ],
            &head,
            &steps,
        );
        quote! {
            fn forward<const BATCH: usize>(
                &self,
                pass: &mut #krate::Pass<'_>,
                x: &[Self::Input],
                y: &mut [Self::Output],
                cache: &mut #cache<BATCH>,
                scratch: &mut [Self::Scalar],
            ) {
                #head
                #steps
            }
        }
    }

    /// Copies the parts side by side.
    pub(super) fn concat(
        &self,
        parts: &[usize],
        steps: &Size,
        output: &TokenStream,
        read: impl Fn(usize) -> TokenStream,
    ) -> TokenStream {
        let krate = self.krate;
        let each = steps.expr();
        let mut offset = Size::Known(0);
        let mut code = TokenStream::new();
        for part in parts {
            let (input, start) = (read(*part), offset.expr());
            code.extend(quote! { #krate::layers::concat::write(#input, #start, #each, #output); });
            offset = offset.plus(&self.block.values[*part].len.over(steps));
        }
        code
    }
}
