//! Structs as plain memory: what `bytemuck` derives, with one check for each type instead of one
//! for each field, which would be most of what the compiler does with a deep network.
//!
//! Both traits are `unsafe` to implement. They hold for a `#[repr(C)]` struct if they hold for the
//! types of all fields, and for [`Writer::pod`] if there is no padding between them; the code that
//! is written has the compiler check this beside each implementation.

use super::Writer;
use super::types::Types;
use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

impl Writer<'_> {
    /// All bytes zero are a value of a struct with fields of these types.
    pub(super) fn zeroable(
        &self,
        name: &Ident,
        batch: bool,
        conditions: Option<&TokenStream>,
        fields: &Types,
    ) -> TokenStream {
        let krate = self.krate;
        let (declared, used) = if batch {
            (Some(quote!(<const BATCH: usize>)), Some(quote!(<BATCH>)))
        } else {
            (None, None)
        };
        let types = fields.each();
        quote! {
            #[automatically_derived]
            unsafe impl #declared #krate::bytemuck::Zeroable for #name #used #conditions {}
            const _: () = {
                const fn zeroable<T: #krate::bytemuck::Zeroable>() {}
                #[allow(dead_code)]
                fn fields #declared () #conditions { #(zeroable::<#types>();)* }
            };
        }
    }

    /// A struct with fields of these types is a run of plain numbers.
    pub(super) fn pod(&self, name: &Ident, fields: &Types) -> TokenStream {
        let krate = self.krate;
        let zeroable = self.zeroable(name, false, None, fields);
        let types = fields.each();
        let size = fields.sum(|ty| quote!(::core::mem::size_of::<#ty>()));
        quote! {
            #zeroable
            #[automatically_derived]
            unsafe impl #krate::bytemuck::Pod for #name {}
            const _: () = {
                const fn pod<T: #krate::bytemuck::Pod>() {}
                #(pod::<#types>();)*
                ::core::assert!(::core::mem::size_of::<#name>() == #size);
            };
        }
    }
}
