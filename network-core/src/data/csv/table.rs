//! The rows of a file, and how they become a data set.

use super::error::{CellError, CellProblem, CsvProblem, Problems};
use super::field::Field;
use super::{Kind, Missing};
use crate::data::{DataError, Dataset, Target};
use crate::{Real, Sample};

/// The line on which a record begins, from 1. The reader's own count is wrong
/// after empty lines and where lines end in CR LF.
pub(super) fn line_of(bytes: &[u8], record: &::csv::ByteRecord) -> usize {
    let near = record
        .position()
        .map_or(0, |position| position.byte() as usize);
    let (before, after) = bytes.split_at(near.min(bytes.len()));
    let ends = after
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    1 + before
        .iter()
        .chain(&after[..ends])
        .filter(|byte| **byte == b'\n')
        .count()
}

/// The cells that were read, row by row, still without the order of categories.
pub(super) struct Table<X> {
    /// Features, then targets.
    fields: Vec<Field>,
    n_features: usize,
    cells: Vec<f64>,
    origin: Vec<usize>,
    skipped_rows: Vec<usize>,
    sample: core::marker::PhantomData<X>,
}

impl<X: Sample> Table<X> {
    pub(super) fn new(fields: Vec<Field>, n_features: usize) -> Self {
        Self {
            fields,
            n_features,
            cells: Vec::new(),
            origin: Vec::new(),
            skipped_rows: Vec::new(),
            sample: core::marker::PhantomData,
        }
    }

    /// Whether no row was kept.
    pub(super) fn is_empty(&self) -> bool {
        self.origin.is_empty()
    }

    /// Appends a row, or notes what is wrong with it.
    pub(super) fn push(
        &mut self,
        record: &::csv::ByteRecord,
        row: usize,
        line: impl Fn() -> usize,
        columns: usize,
        missing: Missing,
        missing_markers: &[String],
        problems: &mut Problems,
    ) {
        let place = |column: Option<&Field>, problem| CellError {
            row: row + 1,
            line: line(),
            column: column.map(|field| field.name.clone()),
            problem,
        };
        if record.len() != columns {
            let problem = CellProblem::RowLength {
                cells: record.len(),
                expected: columns,
            };
            problems.push(|| place(None, problem));
            return;
        }
        let is_missing = |cell: &[u8]| {
            missing_markers
                .iter()
                .any(|marker| marker.as_bytes() == cell)
        };
        // First, so that a category of a skipped row does not count.
        let skip = missing == Missing::SkipRow
            && self
                .fields
                .iter()
                .any(|field| is_missing(&record[field.position]));
        if skip {
            self.skipped_rows.push(row);
            return;
        }
        for field in &mut self.fields {
            let cell = &record[field.position];
            let value = match core::str::from_utf8(cell) {
                Err(_) => Err(CellProblem::NotUtf8),
                Ok(text) if is_missing(cell) => Err(CellProblem::Missing {
                    text: text.to_owned(),
                }),
                Ok(text) => field.parse(text),
            };
            match value {
                Ok(value) => self.cells.push(value),
                // Any problem ends in an error, so the row may stay incomplete.
                Err(problem) => problems.push(|| place(Some(field), problem)),
            }
        }
        self.origin.push(row);
    }

    pub(super) fn into_classes(mut self) -> Result<Dataset<X, usize>, CsvProblem> {
        let (inputs, feature_names) = self.inputs()?;
        let Some(field) = self.fields.last() else {
            return Err(DataError::Empty.into());
        };
        let (order, class_names) = field.order();
        let targets: Vec<usize> = self
            .rows()
            .filter_map(|row| row.last())
            .map(|&cell| order[cell as usize])
            .collect();
        let mut data = Dataset::new(inputs, targets)?;
        data.class_names = class_names;
        Ok(self.finish(data, feature_names))
    }

    pub(super) fn into_targets<Y: Target + Sample>(mut self) -> Result<Dataset<X, Y>, CsvProblem> {
        let (inputs, feature_names) = self.inputs()?;
        let names: Vec<String> = self.fields[self.n_features..]
            .iter()
            .map(|field| field.name.clone())
            .collect();
        if names.len() != Y::LEN {
            return Err(CsvProblem::Targets {
                expected: Y::LEN,
                names,
            });
        }
        let mut targets = vec![Y::zeroed(); self.origin.len()];
        for (row, target) in self.rows().zip(&mut targets) {
            for (cell, entry) in row[self.n_features..].iter().zip(target.as_mut_slice()) {
                *entry = Real::from_f64(*cell);
            }
        }
        let mut data = Dataset::new(inputs, targets)?;
        data.target_names = names;
        Ok(self.finish(data, feature_names))
    }

    pub(super) fn into_inputs(mut self) -> Result<Dataset<X, ()>, CsvProblem> {
        let (inputs, feature_names) = self.inputs()?;
        let targets = vec![(); inputs.len()];
        Ok(self.finish(Dataset::new(inputs, targets)?, feature_names))
    }

    fn finish<Y>(&mut self, mut data: Dataset<X, Y>, feature_names: Vec<String>) -> Dataset<X, Y> {
        data.feature_names = feature_names;
        data.origin = core::mem::take(&mut self.origin);
        data.skipped_rows = core::mem::take(&mut self.skipped_rows);
        data
    }

    fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.cells.chunks_exact(self.fields.len().max(1))
    }

    /// The inputs and their features' names.
    fn inputs(&self) -> Result<(Vec<X>, Vec<String>), CsvProblem> {
        let features = &self.fields[..self.n_features];
        let orders: Vec<(Vec<usize>, Vec<String>)> = features.iter().map(Field::order).collect();
        let mut names = Vec::new();
        for (field, (_, categories)) in features.iter().zip(&orders) {
            match field.kind {
                Kind::Numeric | Kind::Index => names.push(field.name.clone()),
                Kind::OneHot => {
                    names.extend(
                        categories
                            .iter()
                            .map(|name| format!("{}={name}", field.name)),
                    );
                }
            }
        }
        if names.len() != X::LEN {
            return Err(CsvProblem::Features {
                expected: X::LEN,
                names,
            });
        }
        let mut inputs = vec![X::zeroed(); self.origin.len()];
        for (row, input) in self.rows().zip(&mut inputs) {
            let input = input.as_mut_slice();
            let mut at = 0;
            for ((cell, field), (order, categories)) in row.iter().zip(features).zip(&orders) {
                match field.kind {
                    Kind::Numeric => input[at] = Real::from_f64(*cell),
                    Kind::Index => input[at] = Real::from_f64(order[*cell as usize] as f64),
                    Kind::OneHot => input[at + order[*cell as usize]] = Real::ONE,
                }
                at += if field.kind == Kind::OneHot {
                    categories.len()
                } else {
                    1
                };
            }
        }
        Ok((inputs, names))
    }
}
