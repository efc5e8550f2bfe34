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

/// The last number of a finding, and what it is, if it is more than a little off what the headline
/// tells.
fn now(finding: &super::Finding) -> Option<(&'static str, String)> {
    let when = if finding.is_open() { "now" } else { "at last" };
    let off = (finding.value - finding.told).abs() > 0.02 * finding.told.abs();
    off.then(|| (when, digits(finding.value)))
}
