//! The full names of parameters, as PyTorch joins them.

use crate::Name;
use core::fmt::Write;

/// Where a visitor is: the names of the parts it is in, joined with dots.
#[derive(Debug, Default)]
pub(crate) struct NamePath {
    text: String,
    /// The length of `text` before each part.
    starts: Vec<usize>,
}

impl NamePath {
    pub(crate) fn enter(&mut self, name: Name) {
        self.starts.push(self.text.len());
        if !self.text.is_empty() {
            self.text.push('.');
        }
        match name {
            Name::Field(field) => self.text.push_str(field),
            Name::Index(index) => {
                // Writing to a string cannot fail.
                let _ = write!(self.text, "{index}");
            }
        }
    }

    pub(crate) fn leave(&mut self) {
        self.text.truncate(self.starts.pop().unwrap_or(0));
    }

    /// The full name of a parameter of the part that is being visited.
    pub(crate) fn of(&self, parameter: &str) -> String {
        if self.text.is_empty() {
            parameter.to_owned()
        } else {
            format!("{}.{parameter}", self.text)
        }
    }
}
