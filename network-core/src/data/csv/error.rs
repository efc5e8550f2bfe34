//! What can be wrong with a CSV file, and where.

use super::Column;
use crate::data::DataError;
use core::fmt;

/// A CSV file that could not become a data set.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {file}: {problem}")]
pub struct CsvError {
    /// The file, or `CSV data` for another source.
    pub file: String,
    /// What is wrong.
    #[source]
    pub problem: CsvProblem,
}

/// What is wrong with a CSV file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvProblem {
    /// It cannot be opened or read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A column that was asked for is not there.
    #[error("there is no column {column}; {}", known_columns(known.as_deref(), *columns))]
    UnknownColumn {
        /// The column asked for.
        column: Column,
        /// The names in the header, if there is one.
        known: Option<Vec<String>>,
        /// How many columns there are.
        columns: usize,
    },
    /// Two columns have the name that was asked for.
    #[error("columns {first} and {second} are both named {column}: ask for it by index")]
    AmbiguousColumn {
        /// The column asked for.
        column: Column,
        /// The first that has the name.
        first: usize,
        /// The second that has the name.
        second: usize,
    },
    /// A column was asked for twice, perhaps as feature and as target.
    #[error("column {column} is asked for twice")]
    RepeatedColumn {
        /// The column.
        column: Column,
    },
    /// Categories were declared for a column that has none.
    #[error("categories are declared for column {column}, which is not read as categories")]
    NoCategories {
        /// The column.
        column: Column,
    },
    /// Cells hold what they must not: the first ones, and how many in all.
    #[error("{}", cells(errors, *total))]
    Cells {
        /// The first of them, in the order of the file: at most 20.
        errors: Vec<CellError>,
        /// How many there are.
        total: usize,
    },
    /// Every row has a missing cell.
    #[error("each of its {rows} rows has a missing cell, so that none is left")]
    AllRowsSkipped {
        /// How many rows there are.
        rows: usize,
    },
    /// The columns give more or fewer features than the input type has.
    #[error("the columns give {} features, but an input has {expected}: {}", names.len(), list(names))]
    Features {
        /// Entries of the input type.
        expected: usize,
        /// The features that the columns give.
        names: Vec<String>,
    },
    /// There are more or fewer target columns than the target type has entries.
    #[error("the columns give {} targets, but a target has {expected}: {}", names.len(), list(names))]
    Targets {
        /// Entries of the target type.
        expected: usize,
        /// The target columns.
        names: Vec<String>,
    },
    /// The data set is not usable.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl From<::csv::Error> for CsvProblem {
    fn from(error: ::csv::Error) -> Self {
        Self::Io(error.into())
    }
}

/// What is wrong with one cell or row, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// The data row, from 1; the header is not counted.
    pub row: usize,
    /// The line of the file on which the row begins, from 1.
    pub line: usize,
    /// The column's name, or its index without a header; `None` if the whole row
    /// is wrong.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: CellProblem,
}

/// What is wrong with one cell or row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CellProblem {
    /// The cell is empty or holds a marker such as `NA`.
    #[error("the cell is missing ({})", shown(text))]
    Missing {
        /// What stands there.
        text: String,
    },
    /// A number is needed, and something else stands there.
    #[error("{} is not a number", shown(text))]
    NotANumber {
        /// What stands there.
        text: String,
    },
    /// The number is infinite, or too large for the type it is read into.
    #[error("{} is not a finite number of this type", shown(text))]
    NonFinite {
        /// What stands there.
        text: String,
    },
    /// The category is not among the declared ones.
    #[error(
        "{} is not one of the declared categories {}",
        shown(text),
        list(known)
    )]
    UnknownCategory {
        /// What stands there.
        text: String,
        /// The declared categories.
        known: Vec<String>,
    },
    /// The cell is not UTF-8 text.
    #[error("the cell is not UTF-8 text")]
    NotUtf8,
    /// The row has more or fewer cells than the first row.
    #[error("the row has {cells} cells, but the first row has {expected}")]
    RowLength {
        /// Cells in this row.
        cells: usize,
        /// Cells in the first row.
        expected: usize,
    },
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} (line {})", self.row, self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {}", shown(column))?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// The problems found so far; only the first are kept.
#[derive(Default)]
pub(super) struct Problems {
    errors: Vec<CellError>,
    total: usize,
}

impl Problems {
    const KEPT: usize = 20;

    pub(super) fn push(&mut self, error: impl FnOnce() -> CellError) {
        if self.errors.len() < Self::KEPT {
            self.errors.push(error());
        }
        self.total += 1;
    }

    pub(super) fn into_result(self) -> Result<(), CsvProblem> {
        match self.total {
            0 => Ok(()),
            total => Err(CsvProblem::Cells {
                errors: self.errors,
                total,
            }),
        }
    }
}

/// Text from a file, in quotes: escaped and cut, so that it can be printed.
fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(40).collect();
    let dots = if chars.next().is_some() { ".." } else { "" };
    format!("`{}{dots}`", start.escape_debug())
}

/// The first names of a list.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text: Vec<String> = names.iter().take(SHOWN).map(|name| shown(name)).collect();
    if names.len() > SHOWN {
        text.push(format!("and {} more", names.len() - SHOWN));
    }
    text.join(", ")
}

fn known_columns(names: Option<&[String]>, columns: usize) -> String {
    match names {
        Some(names) => format!("the header names {}", list(names)),
        None => format!(
            "without a header, columns are given by index, here 0 to {}",
            columns - 1
        ),
    }
}

fn cells(errors: &[CellError], total: usize) -> String {
    // A column of text gives one mistake a row: a few of them, and what to do.
    const FEW: usize = 3;
    let column = errors.first().and_then(|error| error.column.as_ref());
    let is_text = errors.len() > FEW
        && errors.iter().all(|error| {
            error.column.as_ref() == column
                && matches!(error.problem, CellProblem::NotANumber { .. })
        });
    let shown = if is_text { FEW } else { errors.len() };
    let mut text: Vec<String> = errors[..shown].iter().map(ToString::to_string).collect();
    if total > shown {
        text.push(format!("and {} more like these", total - shown));
    }
    if let (true, Some(column)) = (is_text, column) {
        text.push(format!(
            "help: read a column of text with `.one_hot({column:?})`, or leave it out"
        ));
    }
    text.join("\n  ")
}
