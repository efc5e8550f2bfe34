//! Edits made in the text of a declaration.

use super::Replacement;
use crate::Declaration;
use alloc::string::String;
use alloc::vec::Vec;

impl Declaration {
    /// The source with replacements made; those that overlap an earlier one or lie outside are
    /// left out.
    pub fn edited(&self, replacements: &[Replacement]) -> String {
        let mut order: Vec<&Replacement> = replacements.iter().collect();
        order.sort_by_key(|replacement| replacement.start);
        let mut text = String::new();
        let mut done = 0;
        for replacement in order {
            if replacement.start < done || replacement.end < replacement.start {
                continue;
            }
            let Some(kept) = self.source.get(done..replacement.start) else {
                continue;
            };
            if self
                .source
                .get(replacement.start..replacement.end)
                .is_none()
            {
                continue;
            }
            text.push_str(kept);
            text.push_str(&replacement.text);
            done = replacement.end;
        }
        text.push_str(self.source.get(done..).unwrap_or_default());
        text
    }
}
