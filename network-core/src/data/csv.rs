//! CSV files: which columns are read, as what, and how their cells become samples.

mod error;
mod field;
mod table;

pub use error::{CellError, CellProblem, CsvError, CsvProblem};

use super::{DataError, Dataset, Target};
use crate::{Real, Sample};
use error::Problems;
use field::Field;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use table::{Table, line_of};

/// A column, by the name in the header or by its index from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name in the header.
    Name(String),
    /// The index, from 0.
    Index(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl core::fmt::Display for Column {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "`{}`", name.escape_debug()),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

/// What happens to a row with a missing cell in a column that is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is an error that says which row and column.
    #[default]
    Refuse,
    /// The row is left out; [`Dataset::skipped_rows`] lists it.
    SkipRow,
}

/// How the cells of a column become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Numeric,
    OneHot,
    Index,
}

/// Reads a data set from a CSV file (RFC 4180): name the columns that are
/// features, in their order, then ask for the target.
///
/// Categories are those that occur in the file, sorted (by value if all are whole
/// numbers, else as text), unless [`Csv::categories`] declares them: do that where
/// several files have to agree.
///
/// ```
/// use network_core::data::{Csv, Dataset, Missing};
/// # use network_core::nalgebra;
/// use nalgebra::SVector;
///
/// let file = "\
/// species,bill_mm,flipper_mm,mass_g
/// Adelie,39.1,181,3750
/// Gentoo,46.1,211,4500
/// Gentoo,NA,NA,NA
/// ";
/// let penguins: Dataset<SVector<f32, 4>, SVector<f32, 1>> = Csv::from_reader(file.as_bytes())
///     .numeric(["bill_mm", "flipper_mm"])
///     .one_hot("species")
///     .missing(Missing::SkipRow)
///     .read_targets(["mass_g"])?;
///
/// assert_eq!(penguins.feature_names(), ["bill_mm", "flipper_mm", "species=Adelie", "species=Gentoo"]);
/// assert_eq!(penguins.inputs()[1].as_slice(), [46.1, 211.0, 0.0, 1.0]);
/// assert_eq!(penguins.skipped_rows(), [2]);
/// # Ok::<(), network_core::data::CsvError>(())
/// ```
pub struct Csv<'a> {
    source: Source<'a>,
    header: bool,
    delimiter: u8,
    features: Vec<(Column, Kind)>,
    categories: Vec<(Column, Vec<String>)>,
    missing: Missing,
    missing_markers: Vec<String>,
}

enum Source<'a> {
    File(PathBuf),
    Reader(Box<dyn Read + 'a>),
}

impl core::fmt::Debug for Csv<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Csv")
            .field("source", &self.source_name())
            .field("features", &self.features)
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

impl<'a> Csv<'a> {
    /// Reads from a file, which is opened when the target is named.
    pub fn open(path: impl AsRef<Path>) -> Self {
        Self::new(Source::File(path.as_ref().to_owned()))
    }

    /// Reads from anything that can be read, such as `text.as_bytes()`.
    pub fn from_reader(reader: impl Read + 'a) -> Self {
        Self::new(Source::Reader(Box::new(reader)))
    }

    fn new(source: Source<'a>) -> Self {
        Self {
            source,
            header: true,
            delimiter: b',',
            features: Vec::new(),
            categories: Vec::new(),
            missing: Missing::default(),
            missing_markers: ["", "NA", "N/A", "nan", "NaN", "null", "NULL", "?"]
                .map(String::from)
                .to_vec(),
        }
    }

    /// Whether the first row names the columns (default: yes). Without a header,
    /// columns are given by index.
    pub fn header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// What separates the cells (default: a comma).
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Columns of numbers, one feature each: names, or indices such as `0..64`.
    pub fn numeric<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.features.extend(
            columns
                .into_iter()
                .map(|column| (column.into(), Kind::Numeric)),
        );
        self
    }

    /// A column of categories, as one feature for each category: 1 where it is the
    /// row's, else 0.
    pub fn one_hot(mut self, column: impl Into<Column>) -> Self {
        self.features.push((column.into(), Kind::OneHot));
        self
    }

    /// A column of categories, as one feature: the category's index from 0. For
    /// ordered categories, or ones with two values.
    pub fn index(mut self, column: impl Into<Column>) -> Self {
        self.features.push((column.into(), Kind::Index));
        self
    }

    /// Declares the categories of a column, in order of their index. Any other is
    /// an error.
    pub fn categories<S: Into<String>>(
        mut self,
        column: impl Into<Column>,
        categories: impl IntoIterator<Item = S>,
    ) -> Self {
        let categories = categories.into_iter().map(Into::into).collect();
        self.categories.push((column.into(), categories));
        self
    }

    /// What happens to rows with missing cells in the columns that are read
    /// (default: [`Missing::Refuse`]).
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// What a missing cell looks like (default: an empty cell, `NA`, `N/A`, `nan`,
    /// `NaN`, `null`, `NULL`, `?`).
    pub fn missing_markers<S: Into<String>>(
        mut self,
        markers: impl IntoIterator<Item = S>,
    ) -> Self {
        self.missing_markers = markers.into_iter().map(Into::into).collect();
        self
    }

    /// Reads the data set, with the classes in `column` as targets.
    /// [`Dataset::class_names`] keeps what the file calls them.
    ///
    /// # Errors
    ///
    /// [`CsvError`].
    pub fn read_classes<X: Sample>(
        mut self,
        column: impl Into<Column>,
    ) -> Result<Dataset<X, usize>, CsvError> {
        let name = self.source_name();
        self.read(&[(column.into(), Kind::Index)], |_| true)
            .and_then(Table::into_classes)
            .map_err(|problem| CsvError {
                file: name,
                problem,
            })
    }

    /// Reads the data set, with the numbers in `columns` as targets.
    ///
    /// # Errors
    ///
    /// [`CsvError`].
    pub fn read_targets<X: Sample, Y: Target + Sample>(
        mut self,
        columns: impl IntoIterator<Item: Into<Column>>,
    ) -> Result<Dataset<X, Y>, CsvError> {
        let name = self.source_name();
        let targets: Vec<_> = columns
            .into_iter()
            .map(|column| (column.into(), Kind::Numeric))
            .collect();
        self.read(&targets, |value| {
            <Y::Scalar as Real>::from_f64(value).is_finite()
        })
        .and_then(Table::into_targets)
        .map_err(|problem| CsvError {
            file: name,
            problem,
        })
    }

    /// Reads inputs without targets, to be predicted: the targets are `()`.
    ///
    /// Declare the categories ([`Csv::categories`]), so that columns are those that the network
    /// was trained on also where not every category occurs.
    ///
    /// # Errors
    ///
    /// [`CsvError`].
    ///
    /// ```
    /// use network_core::data::Csv;
    /// use network_core::nalgebra::SVector;
    ///
    /// let new = Csv::from_reader("bill_mm,species\n39.1,Gentoo\n".as_bytes())
    ///     .numeric(["bill_mm"])
    ///     .one_hot("species")
    ///     .categories("species", ["Adelie", "Gentoo"])
    ///     .read_inputs::<SVector<f32, 3>>()?;
    /// assert_eq!(new.inputs()[0].as_slice(), [39.1, 0.0, 1.0]);
    /// # Ok::<(), network_core::data::CsvError>(())
    /// ```
    pub fn read_inputs<X: Sample>(mut self) -> Result<Dataset<X, ()>, CsvError> {
        let name = self.source_name();
        self.read(&[], |_| true)
            .and_then(Table::into_inputs)
            .map_err(|problem| CsvError {
                file: name,
                problem,
            })
    }

    fn source_name(&self) -> String {
        match &self.source {
            Source::File(path) => path.display().to_string(),
            Source::Reader(_) => "CSV data".to_owned(),
        }
    }

    /// Reads all rows; `fits` says whether a number fits the targets' type.
    fn read<X: Sample>(
        &mut self,
        targets: &[(Column, Kind)],
        fits: fn(f64) -> bool,
    ) -> Result<Table<X>, CsvProblem> {
        let mut bytes = Vec::new();
        match &mut self.source {
            Source::File(path) => bytes = std::fs::read(path)?,
            Source::Reader(reader) => {
                reader.read_to_end(&mut bytes)?;
            }
        }
        let mut reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(::csv::Trim::All)
            .delimiter(self.delimiter)
            .from_reader(&bytes[..]);
        let mut record = ::csv::ByteRecord::new();
        let mut more = reader.read_byte_record(&mut record)?;
        if !more {
            return Err(DataError::Empty.into());
        }
        let columns = record.len();
        let names: Option<Vec<String>> = self.header.then(|| {
            record
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).into_owned())
                .collect()
        });
        if self.header {
            more = reader.read_byte_record(&mut record)?;
        }

        let feature_fits = |value| <X::Scalar as Real>::from_f64(value).is_finite();
        let mut used = BTreeSet::new();
        let mut bind = |(column, kind): &(Column, Kind), fits: fn(f64) -> bool| {
            let field = Field::bind(column, *kind, fits, names.as_deref(), columns)?;
            if used.insert(field.position) {
                Ok(field)
            } else {
                Err(CsvProblem::RepeatedColumn {
                    column: column.clone(),
                })
            }
        };
        let mut fields = Vec::new();
        for feature in &self.features {
            fields.push(bind(feature, feature_fits)?);
        }
        let n_features = fields.len();
        for target in targets {
            fields.push(bind(target, fits)?);
        }
        for (column, categories) in &self.categories {
            let position = field::position(column, names.as_deref(), columns)?;
            match fields.iter_mut().find(|field| field.position == position) {
                Some(field) if field.kind != Kind::Numeric => field.declare(categories),
                _ => {
                    return Err(CsvProblem::NoCategories {
                        column: column.clone(),
                    });
                }
            }
        }

        let mut table = Table::new(fields, n_features);
        let mut problems = Problems::default();
        let mut row = 0;
        while more {
            let line = || line_of(&bytes, &record);
            table.push(
                &record,
                row,
                line,
                columns,
                self.missing,
                &self.missing_markers,
                &mut problems,
            );
            row += 1;
            more = reader.read_byte_record(&mut record)?;
        }
        problems.into_result()?;
        if table.is_empty() && row > 0 {
            return Err(CsvProblem::AllRowsSkipped { rows: row });
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests;
