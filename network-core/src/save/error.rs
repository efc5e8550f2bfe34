//! Why a network could not be saved or loaded.

use crate::data::StandardizationError;
use core::fmt;
use std::io;
use std::path::PathBuf;

/// Why a network could not be saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The file cannot be written.
    #[error("cannot save to {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Two parameters of the network have the same name.
    #[error("cannot save: two parameters are named `{name}`, and a file holds one of each name")]
    RepeatedName {
        /// The name.
        name: String,
    },
    /// The file's header cannot be written.
    #[error("cannot save: {0}")]
    Header(String),
    /// The file's header would be longer than what is read again: a million constants of
    /// standardization, or so many tensors.
    #[error("cannot save: a header of {bytes} bytes would not be read again (at most {largest})")]
    LargeHeader {
        /// Its length.
        bytes: u64,
        /// The longest that is read.
        largest: u64,
    },
    /// Constants of standardization do not fit the network.
    #[error("cannot save the {part} standardization: {source}")]
    Standardization {
        /// `input` or `target`.
        part: &'static str,
        /// What is wrong with them.
        source: StandardizationError,
    },
    /// There are not as many names as inputs or outputs of the network.
    #[error("cannot save {names} names of {what}: the network has {expected}")]
    Names {
        /// `features` or `classes`.
        what: &'static str,
        /// How many names there are.
        names: usize,
        /// How many there should be.
        expected: usize,
    },
}

/// Why a network could not be loaded. The network is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be opened or read.
    #[error("cannot load {file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file is shorter or longer than its beginning says: it is cut off,
    /// damaged, or no safetensors file.
    #[error(
        "cannot load {file}: it should be {expected} bytes long, but has {found}; \
         it is cut off, damaged, or no safetensors file"
    )]
    Length {
        /// The file.
        file: String,
        /// Bytes it should have, as far as known.
        expected: u64,
        /// Bytes it has.
        found: u64,
    },
    /// The file's header is longer than that of any network.
    #[error(
        "cannot load {file}: a header of {bytes} bytes is refused (at most {largest}); \
         it is damaged, or no safetensors file"
    )]
    LargeHeader {
        /// The file.
        file: String,
        /// Length the file says its header has.
        bytes: u64,
        /// The longest that is read.
        largest: u64,
    },
    /// The file's header means nothing.
    #[error("cannot load {file}: its header is not valid: {problem}")]
    Header {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file comes from a later version of this library.
    #[error(
        "cannot load {file}: its format is version {version}, this library reads up to {newest}"
    )]
    Version {
        /// The file.
        file: String,
        /// The version it says it has.
        version: String,
        /// The newest that can be read.
        newest: u32,
    },
    /// The file does not fit the network.
    #[error(
        "cannot load {file}: it does not fit the network {network}:{}",
        List(differences)
    )]
    Differences {
        /// The file.
        file: String,
        /// The network's name.
        network: &'static str,
        /// Everything that does not fit.
        differences: Vec<Difference>,
    },
    /// The file was saved without preprocessing.
    #[error(
        "cannot load {file}: it holds no preprocessing, only a network; \
         `load` reads it, `save_with_preprocessing` writes both"
    )]
    NoPreprocessing {
        /// The file.
        file: String,
    },
    /// The file's preprocessing means nothing.
    #[error("cannot load {file}: its preprocessing is not valid: {problem}")]
    Preprocessing {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file's constants of standardization do not fit the network.
    #[error("cannot load {file}: its {part} standardization does not fit the network: {source}")]
    Standardization {
        /// The file.
        file: String,
        /// `input` or `target`.
        part: &'static str,
        /// What is wrong with them.
        source: StandardizationError,
    },
}

/// One way in which a file does not fit a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// The network has a tensor that the file lacks.
    #[error("`{name}` {shape:?} is missing in the file")]
    Missing {
        /// The tensor.
        name: String,
        /// Its shape in the network.
        shape: Vec<usize>,
    },
    /// The file has a tensor that the network lacks.
    #[error("`{}` {shape:?} is in the file, but not in the network", name.escape_debug())]
    Unexpected {
        /// The tensor.
        name: String,
        /// Its shape in the file.
        shape: Vec<usize>,
    },
    /// A tensor has another shape.
    #[error("`{name}` is {found:?} in the file, but {expected:?} in the network")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape in the network.
        expected: Vec<usize>,
        /// Its shape in the file.
        found: Vec<usize>,
    },
    /// A tensor has another number type.
    #[error("`{name}` is {found} in the file, but {expected} in the network")]
    Type {
        /// The tensor.
        name: String,
        /// Its type in the network, as safetensors spells it, such as `F32`.
        expected: String,
        /// Its type in the file.
        found: String,
    },
    /// A count is below 0.
    #[error("`{name}` is a count, but {value} in the file")]
    Count {
        /// The count.
        name: String,
        /// What the file says.
        value: i64,
    },
}

struct List<'a>(&'a [Difference]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|difference| write!(f, "\n  {difference}"))
    }
}

/// A [`LoadError`] before it is known of which file.
#[derive(Debug)]
pub(super) enum Problem {
    Io(io::Error),
    Length {
        expected: u64,
        found: u64,
    },
    LargeHeader {
        bytes: u64,
        largest: u64,
    },
    Header(String),
    Version {
        version: String,
        newest: u32,
    },
    Differences(Vec<Difference>),
    NoPreprocessing,
    Preprocessing(String),
    Standardization {
        part: &'static str,
        source: StandardizationError,
    },
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Problem {
    pub(super) fn at(self, file: String, network: &'static str) -> LoadError {
        match self {
            Self::Io(source) => LoadError::Io { file, source },
            Self::Length { expected, found } => LoadError::Length {
                file,
                expected,
                found,
            },
            Self::LargeHeader { bytes, largest } => LoadError::LargeHeader {
                file,
                bytes,
                largest,
            },
            Self::Header(problem) => LoadError::Header { file, problem },
            Self::Version { version, newest } => LoadError::Version {
                file,
                version,
                newest,
            },
            Self::Differences(differences) => LoadError::Differences {
                file,
                network,
                differences,
            },
            Self::NoPreprocessing => LoadError::NoPreprocessing { file },
            Self::Preprocessing(problem) => LoadError::Preprocessing { file, problem },
            Self::Standardization { part, source } => {
                LoadError::Standardization { file, part, source }
            }
        }
    }
}
