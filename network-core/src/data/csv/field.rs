//! One column that is read: how its cells become numbers, and its categories.

use super::error::{CellProblem, CsvProblem};
use super::{Column, Kind};
use std::collections::HashMap;

/// A column bound to its place in the file.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) position: usize,
    pub(super) kind: Kind,
    /// Whether a number fits the type it is read into.
    fits: fn(f64) -> bool,
    /// Categories by text, numbered as they came.
    categories: HashMap<String, usize>,
    declared: bool,
}

/// Where a column is in the file.
pub(super) fn position(
    column: &Column,
    names: Option<&[String]>,
    columns: usize,
) -> Result<usize, CsvProblem> {
    let unknown = || CsvProblem::UnknownColumn {
        column: column.clone(),
        known: names.map(<[String]>::to_vec),
        columns,
    };
    match column {
        Column::Index(index) if *index < columns => Ok(*index),
        Column::Index(_) => Err(unknown()),
        Column::Name(name) => {
            let names = names.unwrap_or(&[]);
            let mut found = names.iter().enumerate().filter(|(_, other)| *other == name);
            let (position, _) = found.next().ok_or_else(unknown)?;
            match found.next() {
                None => Ok(position),
                Some((second, _)) => Err(CsvProblem::AmbiguousColumn {
                    column: column.clone(),
                    first: position,
                    second,
                }),
            }
        }
    }
}

impl Field {
    pub(super) fn bind(
        column: &Column,
        kind: Kind,
        fits: fn(f64) -> bool,
        names: Option<&[String]>,
        columns: usize,
    ) -> Result<Self, CsvProblem> {
        let position = position(column, names, columns)?;
        let name = names.and_then(|names| names.get(position));
        Ok(Self {
            name: name.map_or_else(|| position.to_string(), Clone::clone),
            position,
            kind,
            fits,
            categories: HashMap::new(),
            declared: false,
        })
    }

    pub(super) fn declare(&mut self, categories: &[String]) {
        self.declared = true;
        for category in categories {
            let next = self.categories.len();
            self.categories.entry(category.clone()).or_insert(next);
        }
    }

    /// The number in a cell, or the number of its category.
    pub(super) fn parse(&mut self, text: &str) -> Result<f64, CellProblem> {
        if self.kind == Kind::Numeric {
            let text = || text.to_owned();
            let value: f64 = text()
                .parse()
                .map_err(|_| CellProblem::NotANumber { text: text() })?;
            return if (self.fits)(value) {
                Ok(value)
            } else {
                Err(CellProblem::NonFinite { text: text() })
            };
        }
        if let Some(&category) = self.categories.get(text) {
            return Ok(category as f64);
        }
        if self.declared {
            return Err(CellProblem::UnknownCategory {
                text: text.to_owned(),
                known: self.order().1,
            });
        }
        let next = self.categories.len();
        self.categories.insert(text.to_owned(), next);
        Ok(next as f64)
    }

    /// Each category's final index, by the number [`Field::parse`] gave it, and
    /// the categories in their final order.
    pub(super) fn order(&self) -> (Vec<usize>, Vec<String>) {
        let mut sorted: Vec<(&String, usize)> = self
            .categories
            .iter()
            .map(|(name, &number)| (name, number))
            .collect();
        let whole = |name: &str| name.parse::<i64>().ok();
        if self.declared {
            sorted.sort_by_key(|&(_, number)| number);
        } else if sorted.iter().all(|(name, _)| whole(name).is_some()) {
            sorted.sort_by_key(|&(name, _)| (whole(name), name));
        } else {
            sorted.sort();
        }
        let mut order = vec![0; sorted.len()];
        for (index, &(_, number)) in sorted.iter().enumerate() {
            order[number] = index;
        }
        (
            order,
            sorted.into_iter().map(|(name, _)| name.clone()).collect(),
        )
    }
}
