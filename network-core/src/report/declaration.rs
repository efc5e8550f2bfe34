//! The source text of a declaration, so that a report can mark trouble on its lines and show
//! the edit that cures it.

use super::Replacement;
use alloc::string::String;

/// A network as it was declared: [`Network::DECLARATION`](crate::Network::DECLARATION).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The text between the braces of `network! { .. }`, as it was written.
    pub source: &'static str,
    /// Where its layers are written; a `repeat` has its layers once.
    pub places: &'static [Place],
}

/// Where a layer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path of its field, such as `blocks.*.dense_1`.
    pub name: &'static str,
    /// First byte of its word in [`Declaration::source`].
    pub start: usize,
    /// The byte after its word and arguments.
    pub end: usize,
}

impl Declaration {
    /// A declaration of which nothing is known.
    pub const UNKNOWN: Self = Self {
        source: "",
        places: &[],
    };

    /// The line of a place, from 0.
    pub fn line(&self, place: &Place) -> usize {
        let before = self.source.get(..place.start).unwrap_or_default();
        before.bytes().filter(|byte| *byte == b'\n').count()
    }

    /// The source with replacements made; those that overlap an earlier one or lie outside are
    /// left out.
    pub fn edited(&self, replacements: &[Replacement]) -> String {
        let mut order: alloc::vec::Vec<&Replacement> = replacements.iter().collect();
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
