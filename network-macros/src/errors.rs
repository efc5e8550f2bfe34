//! Collects a declaration's mistakes, so that all of them are reported at once.

use crate::foreign::foreign;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::cmp::Reverse;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
}

impl Errors {
    /// Reports a mistake at `span`: what is wrong, and what to type instead.
    pub(crate) fn report(&mut self, span: Span, message: impl AsRef<str>, help: impl AsRef<str>) {
        let (message, help) = (message.as_ref(), help.as_ref());
        let text = if help.is_empty() {
            message.to_owned()
        } else {
            format!("{message}\nhelp: {help}")
        };
        self.found.push(syn::Error::new(span, text));
    }

    /// As [`Errors::report`], before all others: they may follow from it.
    pub(crate) fn report_first(
        &mut self,
        span: Span,
        message: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        self.report(span, message, help);
        self.found.rotate_right(1);
    }

    /// As [`Errors::report`], underlining all of `tokens`.
    pub(crate) fn report_at(
        &mut self,
        tokens: &impl ToTokens,
        message: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        let (message, help) = (message.as_ref(), help.as_ref());
        let text = if help.is_empty() {
            message.to_owned()
        } else {
            format!("{message}\nhelp: {help}")
        };
        self.found.push(syn::Error::new_spanned(tokens, text));
    }

    /// Takes over an error of the parser.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// One `compile_error!` for each mistake.
    pub(crate) fn into_each(self) -> impl Iterator<Item = TokenStream> {
        self.found
            .into_iter()
            .flatten()
            .map(|error| error.to_compile_error())
    }

    /// All of [`Errors::into_each`].
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.into_each().collect()
    }

    /// The messages alone, for tests.
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.found.iter().map(ToString::to_string).collect()
    }
}

/// `did you mean ..?` for a word near a known one, else the list of all.
pub(crate) fn suggest<'a>(
    word: &str,
    what: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let nearest = known
        .iter()
        .map(|name| {
            let common = word
                .bytes()
                .zip(name.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            // Of two that are equally near, the one that begins alike.
            (
                strsim::damerau_levenshtein(word, name),
                Reverse(common),
                name,
            )
        })
        .min()
        .filter(|(distance, _, name)| *distance <= 1 + name.len() / 4 && *distance < name.len())
        .map(|(.., name)| *name);
    match foreign(word, known.iter().copied()).or(nearest) {
        Some(name) => format!("did you mean `{name}`?  known {what}: {}", known.join(", ")),
        None => format!("known {what}: {}", known.join(", ")),
    }
}
