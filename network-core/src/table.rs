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

/// A whole number with its thousands set apart, such as `1,797`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A measured number in few characters: four digits, as a power of ten where it is
/// very large or small.
pub(crate) fn short(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        number.to_string()
    } else if number == 0.0 || (1e-3..1e5).contains(&size) {
        let before = if size < 10.0 {
            1
        } else {
            size.log10() as usize + 1
        };
        format!("{number:.*}", 5_usize.saturating_sub(before).min(4))
    } else {
        format!("{number:.2e}")
    }
}

/// A fraction as a percentage, such as `97.8 %`.
pub(crate) fn percent(fraction: f64) -> String {
    format!("{:.1} %", 100.0 * fraction)
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

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        let numbers = [
            0.0,
            0.012_345,
            -1.5,
            99.999,
            12_345.6,
            1e5,
            1e-4,
            f64::NAN,
            f64::INFINITY,
        ];
        let expected = [
            "0.0000", "0.0123", "-1.5000", "99.999", "12346", "1.00e5", "1.00e-4", "NaN", "inf",
        ];
        assert_eq!(numbers.map(short), expected);
        assert_eq!(percent(0.978_4), "97.8 %");
    }
}
