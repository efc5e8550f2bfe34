//! `#[gradient_flow(deny, optimizer = adam)]` on a network: how loud predictions are, and what
//! training they are judged for.

use super::Resolver;
use crate::errors::suggest;
use crate::model::Policy;
use crate::shape::readable;
use network_flow::Optimizer;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

/// What `#[gradient_flow(..)]` on a network holds.
const GRADIENT_FLOW: &str =
    "`gradient_flow` takes `note`, `warn`, `deny` or `allow`, and `optimizer = ..`";
const SILENCE: &str = "write `#[gradient_flow(allow)]` to silence predictions, or `#[gradient_flow(optimizer = adam)]` to have them judged for Adam";

impl Resolver<'_> {
    /// What the attributes of a network say; what they do not say is the default.
    pub(super) fn policy(&mut self, attributes: &[syn::Attribute]) -> (Policy, Optimizer) {
        let (mut policy, mut optimizer) = (Policy::default(), Optimizer::default());
        for attribute in attributes
            .iter()
            .filter(|a| a.path().is_ident("gradient_flow"))
        {
            let words = attribute.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated);
            let Ok(words) = words else {
                self.errors.report_at(attribute, GRADIENT_FLOW, SILENCE);
                continue;
            };
            if words.is_empty() {
                self.errors.report_at(attribute, GRADIENT_FLOW, SILENCE);
            }
            for word in &words {
                match readable(&word.to_token_stream()).as_str() {
                    "note" => policy = Policy::Note,
                    "warn" => policy = Policy::Warn,
                    "deny" => policy = Policy::Deny,
                    "allow" => policy = Policy::Allow,
                    _ => match word {
                        Expr::Assign(assign) if is_word(&assign.left, "optimizer") => {
                            optimizer = self.optimizer(&assign.right).unwrap_or(optimizer);
                        }
                        Expr::Assign(assign) => {
                            let text = readable(&assign.left.to_token_stream());
                            self.errors.report_at(
                                &assign.left,
                                format!("`gradient_flow` has no setting `{text}`"),
                                suggest(&text, "settings", ["optimizer"]),
                            );
                        }
                        _ => self.errors.report_at(word, GRADIENT_FLOW, SILENCE),
                    },
                }
            }
        }
        (policy, optimizer)
    }

    fn optimizer(&mut self, written: &Expr) -> Option<Optimizer> {
        let found = Optimizer::ALL
            .into_iter()
            .find(|optimizer| is_word(written, optimizer.word()));
        if found.is_none() {
            let text = readable(&written.to_token_stream());
            let known = Optimizer::ALL.map(Optimizer::word);
            self.errors.report_at(
                written,
                format!("unknown optimizer `{text}`"),
                suggest(&text, "optimizers", known),
            );
        }
        found
    }
}

fn is_word(expr: &Expr, word: &str) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident(word))
}
