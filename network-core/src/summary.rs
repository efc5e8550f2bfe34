//! A table of a network's layers with their shapes and sizes.

use crate::format::grouped;
use crate::table::{Align, Table};
use crate::{LayerInfo, Network};
use core::fmt;

/// A network's layers with their shapes, how many parameters they have, and how
/// many bytes those take; printed as a table.
///
/// ```
/// use network_core::prelude::*;
/// use network_core::Summary;
///
/// network! {
///     pub struct Small(4) -> 3 {
///         hidden: dense(8) -> relu;
///         head: dense(3);
///     }
/// }
///
/// println!("{}", Summary::of::<Small>());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    name: &'static str,
    scalar: &'static str,
    scalar_size: usize,
    layers: &'static [LayerInfo],
    parameters: usize,
}

impl Summary {
    /// The summary of a declared network; it needs no instance.
    pub fn of<N: Network>() -> Self {
        Self {
            name: N::NAME,
            scalar: <N::Scalar as crate::Scalar>::NAME,
            scalar_size: size_of::<N::Scalar>(),
            layers: N::LAYERS,
            parameters: N::PARAMETERS,
        }
    }

    /// How many numbers are trained.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// How many bytes the trained numbers take.
    pub fn bytes(&self) -> usize {
        self.parameters * self.scalar_size
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            ("name", Align::Left),
            ("layer", Align::Left),
            ("input", Align::Left),
            ("output", Align::Left),
            ("copies", Align::Right),
            ("parameters", Align::Right),
            ("bytes", Align::Right),
        ]);
        for layer in self.layers {
            let parameters = layer.parameters * layer.times;
            table.row([
                layer.name.to_owned(),
                layer.layer.to_owned(),
                layer.input.to_owned(),
                layer.output.to_owned(),
                layer.times.to_string(),
                grouped(parameters),
                grouped(parameters * self.scalar_size),
            ]);
        }
        writeln!(f, "{table}")?;
        write!(
            f,
            "{}: {} parameters ({}), {} bytes",
            self.name,
            grouped(self.parameters),
            self.scalar,
            grouped(self.bytes())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    network! {
        #[gradient_flow(allow)]
        struct Small(4) -> 3 {
            hidden: dense(8) -> relu;
            blocks: repeat(100) { dense(8) -> relu; }
            head: dense(3);
        }
    }

    #[test]
    fn every_layer_has_a_row_and_the_last_line_the_total() {
        let summary = Summary::of::<Small>();
        let total = 4 * 8 + 8 + 100 * (8 * 8 + 8) + 8 * 3 + 3;
        assert_eq!((summary.parameters(), summary.bytes()), (total, 4 * total));
        let text = summary.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + Small::LAYERS.len() + 1, "{text}");
        assert!(lines[1].starts_with("hidden"), "{text}");
        let block = lines
            .iter()
            .find(|line| line.starts_with("blocks"))
            .unwrap();
        assert!(block.ends_with("100       7,200  28,800"), "{text}");
        assert_eq!(
            *lines.last().unwrap(),
            "Small: 7,267 parameters (f32), 29,068 bytes"
        );
        let sum: usize = Small::LAYERS
            .iter()
            .map(|layer| layer.parameters * layer.times)
            .sum();
        assert_eq!(sum, total);
    }
}
