//! Tables of text for the terminal: columns as wide as their widest cell.

use core::fmt::{self, Write};

/// A table; the first row is the header.
#[derive(Debug)]
pub(crate) struct Table {
    alignment: Vec<Align>,
    rows: Vec<Vec<String>>,
}

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, Align)>) -> Self {
        let (header, alignment): (Vec<String>, Vec<Align>) = columns
            .into_iter()
            .map(|(name, align)| (name.into(), align))
            .unzip();
        Self {
            alignment,
            rows: vec![header],
        }
    }

    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.alignment.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let mut line = String::new();
            for ((cell, width), align) in row.iter().zip(&widths).zip(&self.alignment) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                match align {
                    Align::Left => write!(line, "{cell:<width$}")?,
                    Align::Right => write!(line, "{cell:>width$}")?,
                }
            }
            f.write_str(line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let mut table = Table::new([("name", Align::Left), ("n", Align::Right)]);
        table.row(["Größe", "7"]);
        table.row(["x", "1,000"]);
        assert_eq!(
            table.to_string(),
            "name       n\nGröße      7\nx      1,000"
        );
    }
}
