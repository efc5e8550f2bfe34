//! The declaration as the theory of signal propagation sees it, built beside the model:
//! a tree of layers, each with the place where it was written.

use crate::model::Site;
use network_flow::{Layer, Node};
use proc_macro2::Span;
use std::collections::HashMap;

/// The tree being built.
#[derive(Default)]
pub(super) struct Tree {
    /// Finished nodes of the bodies that are open, outermost first.
    open: Vec<Vec<Node>>,
    pub(super) sites: Vec<Site>,
    /// Numbers of labels, by block and label.
    labels: HashMap<(String, String), usize>,
    next_label: usize,
    /// The names of the `repeat`s around.
    path: Vec<String>,
    /// Whether the statement being read carries `#[gradient_flow(allow)]`.
    pub(super) allowed: bool,
}

impl Tree {
    /// Notes where a layer was written.
    pub(super) fn site(&mut self, name: &str, word: &str, declared: &str, span: Span) -> usize {
        let mut path = self.path.join("");
        path.push_str(name);
        self.sites.push(Site {
            name: path,
            word: word.to_owned(),
            declared: declared.to_owned(),
            span,
            auto: None,
            allowed: self.allowed,
        });
        self.sites.len() - 1
    }

    pub(super) fn push(&mut self, site: usize, layer: Layer) {
        if let Some(nodes) = self.open.last_mut() {
            nodes.push(Node::new(site, layer));
        }
    }

    /// A body begins; `repeat` names it.
    pub(super) fn open(&mut self, repeat: Option<&str>) {
        self.open.push(Vec::new());
        self.path
            .push(repeat.map_or_else(String::new, |name| format!("{name}.*.")));
    }

    /// The body that began last ends; its nodes.
    pub(super) fn close(&mut self) -> Vec<Node> {
        self.path.pop();
        self.open.pop().unwrap_or_default()
    }

    /// Gives the last node a label.
    pub(super) fn label(&mut self, block: &str, label: &str) {
        let next = self.next_label;
        if let Some(node) = self.open.last_mut().and_then(|nodes| nodes.last_mut()) {
            let number = *node.label.get_or_insert(next);
            self.next_label += usize::from(number == next);
            self.labels
                .insert((block.to_owned(), label.to_owned()), number);
        }
    }

    /// The number of a label, if the theory can follow it.
    pub(super) fn find(&self, block: &str, label: &str) -> Option<usize> {
        self.labels
            .get(&(block.to_owned(), label.to_owned()))
            .copied()
    }
}
