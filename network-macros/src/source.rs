//! The declaration as it was written, with the place of each layer in it: so that a report can
//! mark trouble on its lines, and show an edit as a diff.

use crate::model::Network;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

/// The text of a declaration.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) text: String,
    /// Where the body begins, after its brace.
    pub(crate) open: usize,
    /// By site: a layer made by other tokens than its own has none.
    pub(crate) places: Vec<Option<Place>>,
}

/// A call in the text: `word(arguments) { body }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) word: String,
    pub(crate) start: usize,
    pub(crate) word_end: usize,
    /// After the arguments.
    pub(crate) end: usize,
    /// After the body.
    pub(crate) body_end: usize,
}

/// The text of a macro's input, from its visibility on.
pub(crate) fn text(input: &TokenStream) -> Option<(String, usize)> {
    let mut head = String::new();
    let mut tokens = input.clone().into_iter().skip(1).peekable();
    while let Some(token) = tokens.next() {
        match &token {
            // Attributes and documentation are not about layers.
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                tokens.next();
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let body = group.span().source_text()?;
                let fits = body.starts_with('{') && body.ends_with('}');
                let open = head.len() + 1;
                return fits.then(|| (head + &body, open));
            }
            TokenTree::Group(group) => {
                let visibility = head.ends_with("pub ");
                if visibility {
                    head.truncate(head.len() - 1);
                } else {
                    head.truncate(head.trim_end().len());
                    head.push_str(if head.ends_with("->") { " " } else { "" });
                }
                head.push_str(&group.to_string());
                head.push(' ');
            }
            TokenTree::Punct(punct) => {
                head.push(punct.as_char());
                if punct.spacing() == proc_macro2::Spacing::Alone {
                    head.push(' ');
                }
            }
            other => {
                head.push_str(&other.to_string());
                head.push(' ');
            }
        }
    }
    None
}

impl Source {
    /// Finds the layers of a network in its text.
    pub(crate) fn new(text: Option<(String, usize)>, network: &Network) -> Self {
        let Some((text, open)) = text else {
            return Self::default();
        };
        let mut calls = Vec::new();
        Scan {
            text: &text,
            at: open,
        }
        .body(&mut calls);
        let mut rest = calls.into_iter().peekable();
        let places = network.sites.iter().map(|site| {
            // What is written and is no layer.
            while rest
                .peek()
                .is_some_and(|call| call.word != site.word && call.word == "flatten")
            {
                rest.next();
            }
            rest.next_if(|call| call.word == site.word)
        });
        let places = places.collect();
        Self { text, open, places }
    }

    /// The constant `DECLARATION`.
    pub(crate) fn constant(&self, network: &Network, krate: &TokenStream) -> TokenStream {
        let source = &self.text;
        let places = network
            .sites
            .iter()
            .zip(&self.places)
            .filter_map(|(site, place)| {
                let Place { start, end, .. } = place.as_ref()?;
                let name = &site.name;
                Some(quote!(#krate::Place { name: #name, start: #start, end: #end }))
            });
        quote! {
            const DECLARATION: #krate::Declaration = #krate::Declaration {
                source: #source,
                places: &[#(#places),*],
            };
        }
    }
}

/// Reads the calls of a body, in the order of the network's sites: what a call holds comes before
/// it. It meets only text that was parsed already.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn while_(&mut self, holds: impl Fn(char) -> bool) {
        self.at += self.rest().find(|c| !holds(c)).unwrap_or(self.rest().len());
    }

    /// Blanks, comments and what joins calls.
    fn blank(&mut self) {
        loop {
            self.while_(|c| c.is_whitespace() || matches!(c, ';' | '-' | '>'));
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else if rest.starts_with('#') {
                self.while_(|c| c != '[');
                self.balanced('[', ']');
            } else {
                return;
            }
        }
    }

    /// From an opening delimiter to after the closing one.
    fn balanced(&mut self, open: char, close: char) {
        let mut depth = 0;
        let end = self.rest().find(|c| {
            depth += i32::from(c == open) - i32::from(c == close);
            depth == 0
        });
        self.at += end.map_or(self.rest().len(), |end| end + 1);
    }

    fn body(&mut self, calls: &mut Vec<Place>) {
        loop {
            self.blank();
            let start = self.at;
            self.while_(|c| c.is_alphanumeric() || c == '_');
            if self.at == start {
                // The closing brace, or nothing that was expected.
                self.at += usize::from(self.rest().starts_with('}'));
                return;
            }
            while self.rest().starts_with("::") {
                self.at += 2;
                self.while_(|c| c.is_alphanumeric() || c == '_');
            }
            let word_end = self.at;
            self.blank_space();
            match self.rest().chars().next() {
                Some(':') => self.at += 1,
                Some('=') => self.while_(|c| c != ';'),
                next => {
                    let mut end = word_end;
                    if next == Some('(') {
                        self.balanced('(', ')');
                        end = self.at;
                        self.blank_space();
                    }
                    let mut body_end = end;
                    if self.rest().starts_with('{') {
                        self.at += 1;
                        self.body(calls);
                        body_end = self.at;
                    }
                    self.at = self.at.max(body_end);
                    let word = self.text[start..word_end].rsplit("::").next();
                    calls.push(Place {
                        word: word.unwrap_or_default().to_owned(),
                        start,
                        word_end,
                        end,
                        body_end,
                    });
                }
            }
        }
    }

    fn blank_space(&mut self) {
        self.while_(char::is_whitespace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> Vec<String> {
        let mut calls = Vec::new();
        Scan {
            text,
            at: text.find('{').unwrap() + 1,
        }
        .body(&mut calls);
        calls
            .iter()
            .map(|place| text[place.start..place.end].to_owned())
            .collect()
    }

    #[test]
    fn calls_are_found_between_comments_labels_and_settings() {
        let text = "pub struct Net(4) -> 2 {
            init = he_normal(gain = 2.0); // not dense(1) -> relu
            /* nor dense(2) */
            #[gradient_flow(allow)]
            stem: dense(64, bias = (false)) -> batch_norm -> relu;
            blocks: repeat(16) {
                residual(scale = 0.5) { dense(64) -> relu } -> relu;
            }
            other: inner::Encoder;
            head : dense( 2 );
        }";
        assert_eq!(
            calls(text),
            [
                "dense(64, bias = (false))",
                "batch_norm",
                "relu",
                "dense(64)",
                "relu",
                "residual(scale = 0.5)",
                "relu",
                "repeat(16)",
                "inner::Encoder",
                "dense( 2 )",
            ]
        );
    }
}
