//! The types of a struct's fields, each once: a deep network has thousands of fields and few types.

use proc_macro2::TokenStream;
use quote::quote;
use std::collections::HashMap;

/// Types with how many fields have them, in the order in which they appear first.
#[derive(Default)]
pub(super) struct Types {
    places: HashMap<String, usize>,
    counted: Vec<(TokenStream, usize)>,
}

impl Types {
    pub(super) fn of(types: impl IntoIterator<Item = TokenStream>) -> Self {
        let mut all = Self::default();
        for ty in types {
            let next = all.counted.len();
            let place = *all.places.entry(ty.to_string()).or_insert(next);
            if place == next {
                all.counted.push((ty, 0));
            }
            all.counted[place].1 += 1;
        }
        all
    }

    /// Each type once.
    pub(super) fn each(&self) -> impl Iterator<Item = &TokenStream> {
        self.counted.iter().map(|(ty, _)| ty)
    }

    /// `0 + term(A) + 3 * term(B)`: the sum over all fields.
    pub(super) fn sum(&self, term: impl Fn(&TokenStream) -> TokenStream) -> TokenStream {
        let terms = self.counted.iter().map(|(ty, count)| {
            let term = term(ty);
            let times = (*count > 1).then(|| {
                let count = proc_macro2::Literal::usize_unsuffixed(*count);
                quote!(#count *)
            });
            quote!(#times #term)
        });
        quote!(0 #(+ #terms)*)
    }
}
