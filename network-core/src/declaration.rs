//! The source text of a declaration, so that a report can mark trouble on its lines and show
//! the edit that cures it.

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
}
