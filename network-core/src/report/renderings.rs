//! What a report looks like: as text in a terminal, as a page, and as files for programs.
//!
//! They compute nothing but places on a screen: every number is in the report. All of them write
//! numbers with `format.rs`.

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
