//! Messages about a declaration's head: an output that the layers do not make, and an image whose
//! channels come last.

use super::Resolver;
use crate::shape::{Shape, Size};
use proc_macro2::Span;

/// How a network that ends with `end` comes to the declared output.
pub(super) fn ending(input: &Shape, output: &Shape, end: &Shape) -> String {
    match output {
        Shape::Vector(n) => match end {
            Shape::Sequence([features, _]) if features.same(n) == Some(true) => {
                format!("end with `last` or `mean_over_steps`, or declare `-> {end}`")
            }
            Shape::Sequence(_) => format!("end with `last -> dense({n})`, or declare `-> {end}`"),
            _ => format!("end with `dense({n})`, or declare `-> {end}`"),
        },
        Shape::Sequence(_) if matches!((input, end), (Shape::Sequence(_), Shape::Vector(_))) => {
            format!(
                "leave out what makes a vector of the sequence, such as `last`, or declare `-> {end}`"
            )
        }
        other => format!("end with a layer that produces `{other}`, or declare `-> {end}`"),
    }
}

impl Resolver<'_> {
    /// Beside other mistakes: an input that looks like height, width, channels.
    pub(super) fn channels_first(&mut self, input: &Shape, at: Span) {
        let Shape::Image(
            [
                Size::Known(height),
                Size::Known(width),
                Size::Known(channels),
            ],
        ) = input
        else {
            return;
        };
        if *height >= 8 && *width >= 8 && *channels <= 4 {
            let help = format!(
                "channels come first: write `({channels}, {height}, {width})` for an image of {height} x {width}"
            );
            let message = format!("`{input}` is {height} channels of {width} x {channels}");
            self.errors.report_first(at, message, help);
        }
    }
}
