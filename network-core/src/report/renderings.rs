//! What a report looks like: as text in a terminal, as a page, and as files for programs.
//!
//! They compute nothing but places on a screen: every number is in the report. All of them write
//! numbers with `format.rs`.

use crate::format::digits;

mod columns;
mod csv;
mod diff;
#[cfg(test)]
pub(crate) mod fixtures;
mod html;
mod json;
mod live;
mod tensorboard;
mod terminal;

pub use html::Comparison;
pub use live::LivePage;
pub use terminal::Terminal;

/// The last number of a finding, and what it is, if the headline tells another.
fn now(finding: &super::Finding) -> Option<(&'static str, String)> {
    let when = if finding.is_open() { "now" } else { "at last" };
    let (told, value) = (digits(finding.told), digits(finding.value));
    (told != value).then_some((when, value))
}
