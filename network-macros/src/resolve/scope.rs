//! The block being filled, and the names in it.

use crate::model::{Block, Value, ValueId};
use crate::shape::Shape;
use crate::syntax::Item;
use proc_macro2::Span;
use quote::format_ident;
use std::collections::{HashMap, HashSet};
use syn::ext::IdentExt;

/// The block being filled, and its names.
pub(super) struct Scope {
    pub(super) block: Block,
    /// What the label `input` stands for, and whether it is certain.
    pub(super) input: (Shape, bool),
    /// Finished labelled statements.
    pub(super) labels: HashMap<String, (Shape, ValueId, bool)>,
    /// All labels of the block, for names and messages.
    pub(super) declared_labels: HashMap<String, Span>,
    /// Fields and buffers in use.
    pub(super) names: HashSet<String>,
    /// The number after the last one that made a name of each base.
    numbers: HashMap<String, usize>,
    /// Labels of the blocks around, for messages.
    pub(super) outer_labels: HashSet<String>,
    /// Labels inside `repeat`s with the label of the `repeat`, for messages.
    pub(super) repeated_labels: HashMap<String, Option<String>>,
}

impl Scope {
    pub(super) fn new(name: syn::Ident, input: &Shape, certain: bool, body: &[Item]) -> Self {
        let mut declared_labels = HashMap::new();
        let mut repeated_labels = HashMap::new();
        collect_labels(body, &mut declared_labels, &mut repeated_labels);
        Self {
            block: Block {
                name,
                fields: Vec::new(),
                values: vec![Value {
                    len: input.len(),
                    step: input.step(),
                    name: format_ident!("x"),
                }],
                operations: Vec::new(),
            },
            input: (input.clone(), certain),
            labels: HashMap::new(),
            declared_labels,
            names: HashSet::new(),
            numbers: HashMap::new(),
            outer_labels: HashSet::new(),
            repeated_labels,
        }
    }

    /// A name for the next field: the label itself, or made of prefix and word.
    pub(super) fn name(
        &mut self,
        label: Option<&syn::Ident>,
        prefix: &str,
        word: &str,
        span: Span,
    ) -> syn::Ident {
        if let Some(label) = label {
            self.names.insert(label.unraw().to_string());
            return label.clone();
        }
        let base = if prefix.is_empty() {
            word.to_owned()
        } else {
            format!("{prefix}_{word}")
        };
        let taken =
            |name: &str| self.names.contains(name) || self.declared_labels.contains_key(name);
        let name = if !prefix.is_empty() && !taken(&base) {
            base
        } else {
            let first = if prefix.is_empty() { 1 } else { 2 };
            let first = self.numbers.get(&base).copied().unwrap_or(first);
            let (next, name) = (first..usize::MAX)
                .map(|k| (k + 1, format!("{base}_{k}")))
                .find(|(_, name)| !taken(name))
                .unwrap_or((usize::MAX, base.clone()));
            self.numbers.insert(base, next);
            name
        };
        self.names.insert(name.clone());
        syn::Ident::new(&name, span.resolved_at(Span::mixed_site()))
    }

    pub(super) fn value(&mut self, shape: &Shape, name: &syn::Ident) -> ValueId {
        self.block.values.push(Value {
            len: shape.len(),
            step: shape.step(),
            name: name.clone(),
        });
        self.block.values.len() - 1
    }
}

/// Labels of a body; apart from them those inside `repeat`, which has names of its own.
fn collect_labels(
    body: &[Item],
    labels: &mut HashMap<String, Span>,
    repeated: &mut HashMap<String, Option<String>>,
) {
    for item in body {
        let (label, chain) = match item {
            Item::Setting(_) => continue,
            Item::Statement(statement) => (&statement.label, statement.chain.as_slice()),
            Item::Unreadable { label } => (label, [].as_slice()),
        };
        let text = label.as_ref().map(|label| label.unraw().to_string());
        if let (Some(label), Some(text)) = (label, &text) {
            labels.entry(text.clone()).or_insert(label.span());
        }
        for call in chain {
            match &call.body {
                Some(body) if call.word() == "repeat" => {
                    let (mut inner, mut deeper) = (HashMap::new(), HashMap::new());
                    collect_labels(body, &mut inner, &mut deeper);
                    let all = inner.into_keys().chain(deeper.into_keys());
                    repeated.extend(all.map(|label| (label, text.clone())));
                }
                Some(body) => collect_labels(body, labels, repeated),
                None => {}
            }
        }
    }
}

/// `residual_1` as a part of a type's name.
pub(super) fn camel_case(text: &str) -> String {
    text.split('_')
        .filter_map(|part| {
            let mut letters = part.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
        })
        .collect()
}
