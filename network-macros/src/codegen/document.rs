//! The table of layers: as documentation of the struct, and as `Network::LAYERS`.

use super::Writer;
use crate::model::{Block, Streaming};
use crate::shape::Size;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

impl Writer<'_> {
    /// Documentation of the struct: its layers with their shapes.
    pub(super) fn documentation(&self) -> TokenStream {
        let title = if self.is_root {
            let network = self.network;
            format!(
                " A network from {} to {}.",
                network.input.describe(),
                network.output.describe()
            )
        } else {
            " What a `repeat` repeats.".to_owned()
        };
        // A paragraph of its own after what the user wrote.
        let is_documented = |attribute: &syn::Attribute| attribute.path().is_ident("doc");
        let mut lines = Vec::new();
        if self.is_root && self.network.attributes.iter().any(is_documented) {
            lines.push(String::new());
        }
        lines.extend([title, String::new()]);
        lines.push(" | field | layer | output | parameters |".to_owned());
        lines.push(" |---|---|---|---|".to_owned());
        for field in &self.block.fields {
            let parameters = field
                .layer
                .parameters
                .map_or_else(|| "?".to_owned(), |n| n.to_string());
            lines.push(format!(
                " | `{}` | `{}` | {} | {parameters} |",
                field.name.unraw(),
                field.layer.declared,
                field.layer.output
            ));
        }
        match &self.network.streaming {
            Streaming::No(obstacle) if self.is_root => {
                let (layer, why) = (&obstacle.declared, obstacle.whole.why);
                let text = format!(" Does not work on a stream: `{layer}` {why}.");
                lines.extend([String::new(), text]);
            }
            Streaming::Yes if self.is_root => lines.extend([
                String::new(),
                " Works on a stream, one step at a time.".to_owned(),
            ]),
            _ => {}
        }
        quote! { #(#[doc = #lines])* }
    }

    /// The entries of `Network::LAYERS`.
    pub(super) fn layer_table(&self) -> Vec<TokenStream> {
        let mut rows = Vec::new();
        self.rows(self.block, "", &Size::Known(1), &mut rows);
        rows
    }

    fn rows(&self, block: &Block, prefix: &str, times: &Size, rows: &mut Vec<TokenStream>) {
        let (krate, scalar) = (self.krate, &self.network.scalar);
        let every = times.expr();
        for field in &block.fields {
            let path = format!("{prefix}{}", field.name.unraw());
            if let Some((index, count)) = &field.repeated {
                let inner = &self.network.blocks[*index];
                self.rows(inner, &format!("{path}.*."), &times.times(count), rows);
                continue;
            }
            let layer = &field.layer;
            let (declared, ty) = (&layer.declared, &layer.ty);
            let (input, output) = (field.input.to_string(), layer.output.to_string());
            let parameters = match layer.parameters {
                Some(parameters) => {
                    let parameters = proc_macro2::Literal::usize_unsuffixed(parameters);
                    quote!(#parameters)
                }
                None => quote! {
                    ::core::mem::size_of::<<#ty as #krate::Layer>::Gradient>()
                        / ::core::mem::size_of::<#scalar>()
                },
            };
            rows.push(quote! {
                #krate::LayerInfo {
                    name: #path,
                    layer: #declared,
                    input: #input,
                    output: #output,
                    parameters: #parameters,
                    times: #every,
                }
            });
        }
    }
}
