//! Networks in files: the `safetensors` format, with the names and layout of
//! PyTorch's `state_dict`.
//!
//! A weight is saved as `blocks.3.dense_1.weight`, a running statistic as
//! `norm.running_mean`, a count as `norm.num_batches_tracked` (int64); tensors are
//! row-major with the output dimension first, so that Python's
//! `safetensors.torch.load_file` gives what `load_state_dict` takes, and the
//! reverse. The file's metadata hold the format's version, the network's name and
//! this library's version, none of which is needed to load a file, and with
//! [`save_with_preprocessing`] the constants that the data were standardized with.
//!
//! A file must fit the network entirely, or it is refused with every difference,
//! and the network stays as it was. The number types must agree: an `f64` file is
//! not rounded silently to an `f32` network, nor the reverse. Numbers are kept bit
//! for bit, also those that are not finite.

mod error;
mod layout;
mod path;
mod preprocessing;

pub use error::{Difference, LoadError, SaveError};

pub(crate) use path::NamePath;
pub use preprocessing::{
    from_bytes_with_preprocessing, load_with_preprocessing, save_with_preprocessing,
    to_bytes_with_preprocessing,
};

use crate::{Network, Parameter, ParameterMut, Scalar, Visitor, VisitorMut, files};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, View};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// The version of what this library writes.
const FORMAT_VERSION: u32 = 1;

/// No header of a network's file comes near this, so that nothing longer has to be
/// read: 16 MiB.
const LARGEST_HEADER: u64 = 16 << 20;

/// Saves a network's parameters, running statistics and counts.
///
/// The file is replaced atomically: after a crash it holds either what it held
/// before or the whole network.
///
/// # Errors
///
/// [`SaveError`]; then `path` is as it was.
///
/// ```
/// use network_core::prelude::*;
/// use network_core::save::{load, save};
///
/// network! {
///     pub struct Small(4) -> 3 {
///         hidden: dense(8) -> relu;
///         head: dense(3);
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("small.safetensors");
/// let net = Small::new(1);
/// save(&net, &path)?;
///
/// let mut other = Small::new(2);
/// load(&mut other, &path)?;
/// assert_eq!(other.head.weight, net.head.weight);
/// # Ok(())
/// # }
/// ```
pub fn save<N: Network>(network: &N, path: impl AsRef<Path>) -> Result<(), SaveError> {
    FileContent::of(network, None)?.save(path.as_ref())
}

/// What [`save`] writes, in memory.
///
/// # Errors
///
/// [`SaveError`], except for those of files.
pub fn to_bytes<N: Network>(network: &N) -> Result<Vec<u8>, SaveError> {
    Ok(FileContent::of(network, None)?.to_bytes())
}

/// Loads what [`save`] saved, or what PyTorch saved with `safetensors`.
///
/// # Errors
///
/// [`LoadError`]; then the network is as it was.
pub fn load<N: Network>(network: &mut N, path: impl AsRef<Path>) -> Result<(), LoadError> {
    read_path(network, path.as_ref(), |_| Ok(()))
}

/// As [`load`], from memory, such as `include_bytes!("digits.safetensors")`.
///
/// # Errors
///
/// [`LoadError`]; then the network is as it was.
pub fn from_bytes<N: Network>(network: &mut N, bytes: &[u8]) -> Result<(), LoadError> {
    read_bytes(network, bytes, |_| Ok(()))
}

/// Reads a network and, by `more`, something else from a file.
fn read_path<N: Network, R>(
    network: &mut N,
    path: &Path,
    more: impl FnOnce(&Metadata) -> Result<R, error::Problem>,
) -> Result<R, LoadError> {
    let open = || {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok((file, len))
    };
    open()
        .map_err(error::Problem::Io)
        .and_then(|(file, len)| read(network, file, len, more))
        .map_err(|problem| problem.at(path.display().to_string(), N::NAME))
}

/// As [`read_path`], from memory.
fn read_bytes<N: Network, R>(
    network: &mut N,
    bytes: &[u8],
    more: impl FnOnce(&Metadata) -> Result<R, error::Problem>,
) -> Result<R, LoadError> {
    read(network, bytes, bytes.len() as u64, more)
        .map_err(|problem| problem.at("bytes".to_owned(), N::NAME))
}

/// The type that `T` has in files.
fn dtype<T: Scalar>() -> Dtype {
    if size_of::<T>() == 4 {
        Dtype::F32
    } else {
        Dtype::F64
    }
}

/// A tensor as it stands in the file.
struct Tensor {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    data: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        (&self.data).into()
    }
    fn data_len(&self) -> usize {
        self.data.len()
    }
}

/// Collects all tensors of a network; without their data if only their names and
/// shapes are needed.
struct Collect {
    path: NamePath,
    tensors: Vec<Tensor>,
    with_data: bool,
}

impl Collect {
    fn tensors<N: Network>(network: &N, with_data: bool) -> Vec<Tensor> {
        let mut collect = Self {
            path: NamePath::default(),
            tensors: Vec::new(),
            with_data,
        };
        network.visit(&mut collect);
        collect.tensors
    }
}

impl<T: Scalar> Visitor<T> for Collect {
    fn enter(&mut self, name: crate::Name) {
        self.path.enter(name);
    }
    fn leave(&mut self) {
        self.path.leave();
    }
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        let data = if self.with_data {
            layout::to_bytes(parameter.shape, parameter.value)
        } else {
            Vec::new()
        };
        self.tensors.push(Tensor {
            name: self.path.of(parameter.name),
            dtype: dtype::<T>(),
            shape: parameter.shape.to_vec(),
            data,
        });
    }
    fn counter(&mut self, name: &'static str, value: u64) {
        self.tensors.push(Tensor {
            name: self.path.of(name),
            dtype: Dtype::I64,
            shape: Vec::new(),
            data: i64::try_from(value)
                .unwrap_or(i64::MAX)
                .to_le_bytes()
                .to_vec(),
        });
    }
}

/// A file before it is written.
struct FileContent {
    /// Length and text.
    header: Vec<u8>,
    /// In the order of the header.
    tensors: Vec<Tensor>,
}

impl FileContent {
    fn of<N: Network>(network: &N, preprocessing: Option<String>) -> Result<Self, SaveError> {
        let mut tensors = Collect::tensors(network, true);
        let mut names = HashSet::new();
        if let Some(tensor) = tensors.iter().find(|tensor| !names.insert(&tensor.name)) {
            return Err(SaveError::RepeatedName {
                name: tensor.name.clone(),
            });
        }
        // The order that `safetensors` wants: by alignment, then by name.
        tensors.sort_by(|a, b| b.dtype.cmp(&a.dtype).then_with(|| a.name.cmp(&b.name)));
        let mut end = 0;
        let infos = tensors.iter().map(|tensor| {
            let start = end;
            end += tensor.data.len();
            let info = safetensors::tensor::TensorInfo {
                dtype: tensor.dtype,
                shape: tensor.shape.clone(),
                data_offsets: (start, end),
            };
            (tensor.name.clone(), info)
        });
        let json = |error: &dyn core::fmt::Display| SaveError::Header(error.to_string());
        let tensor_info = Metadata::new(None, infos.collect()).map_err(|error| json(&error))?;
        let tensor_info = serde_json::to_string(&tensor_info).map_err(|error| json(&error))?;
        // In fixed order, so that the same network gives the same bytes; the order
        // of the map that `safetensors` takes is random.
        let mut about = BTreeMap::from([
            ("format_version", FORMAT_VERSION.to_string()),
            (
                "library",
                concat!("network-core ", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            ("network", N::NAME.to_owned()),
        ]);
        about.extend(preprocessing.map(|text| (preprocessing::KEY, text)));
        let about = serde_json::to_string(&about).map_err(|error| json(&error))?;
        let comma = if tensors.is_empty() { "" } else { "," };
        let mut text = format!("{{\"__metadata__\":{about}{comma}{}", &tensor_info[1..]);
        // The data begin at a multiple of 8 bytes.
        text.extend(core::iter::repeat_n(
            ' ',
            text.len().next_multiple_of(8) - text.len(),
        ));
        if text.len() as u64 > LARGEST_HEADER {
            return Err(SaveError::LargeHeader {
                bytes: text.len() as u64,
                largest: LARGEST_HEADER,
            });
        }
        let mut header = (text.len() as u64).to_le_bytes().to_vec();
        header.extend(text.into_bytes());
        Ok(Self { header, tensors })
    }

    fn len(&self) -> usize {
        self.header.len()
            + self
                .tensors
                .iter()
                .map(|tensor| tensor.data.len())
                .sum::<usize>()
    }

    fn save(&self, path: &Path) -> Result<(), SaveError> {
        files::replace(path, |to| self.write(to)).map_err(|source| SaveError::Io {
            path: path.to_owned(),
            source,
        })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        // Writing to memory cannot fail.
        let _ = self.write(&mut bytes);
        bytes
    }

    fn write(&self, to: &mut dyn Write) -> std::io::Result<()> {
        to.write_all(&self.header)?;
        self.tensors
            .iter()
            .try_for_each(|tensor| to.write_all(&tensor.data))
    }
}

/// Reads a file of `len` bytes: first the header, from which `more` takes what it wants, then,
/// if all of it fits the network, the data, and only then changes the network.
fn read<N: Network, R>(
    network: &mut N,
    mut file: impl Read,
    len: u64,
    more: impl FnOnce(&Metadata) -> Result<R, error::Problem>,
) -> Result<R, error::Problem> {
    use error::Problem;

    let mut header_len = [0; 8];
    if len < 8 {
        return Err(Problem::Length {
            expected: 8,
            found: len,
        });
    }
    file.read_exact(&mut header_len)?;
    let header_len = u64::from_le_bytes(header_len);
    if header_len > LARGEST_HEADER {
        return Err(Problem::LargeHeader {
            bytes: header_len,
            largest: LARGEST_HEADER,
        });
    }
    if 8 + header_len > len {
        return Err(Problem::Length {
            expected: 8 + header_len,
            found: len,
        });
    }
    let mut header = vec![0; header_len as usize];
    file.read_exact(&mut header)?;
    let metadata: Metadata =
        serde_json::from_slice(&header).map_err(|error| Problem::Header(error.to_string()))?;
    let expected = (8 + header_len).saturating_add(metadata.data_len() as u64);
    if expected != len {
        return Err(Problem::Length {
            expected,
            found: len,
        });
    }
    if let Some(version) = metadata
        .metadata()
        .as_ref()
        .and_then(|about| about.get("format_version"))
        && version
            .parse::<u32>()
            .map_or(true, |version| version > FORMAT_VERSION)
    {
        return Err(Problem::Version {
            version: version.clone(),
            newest: FORMAT_VERSION,
        });
    }

    let wanted = Collect::tensors(network, false);
    let mut differences = compare(&wanted, &metadata);
    if !differences.is_empty() {
        return Err(Problem::Differences(differences));
    }

    let more = more(&metadata)?;
    // As long as the network's own numbers, since every shape is right.
    let mut data = vec![0; metadata.data_len()];
    file.read_exact(&mut data)?;
    for tensor in wanted.iter().filter(|tensor| tensor.dtype == Dtype::I64) {
        let value = layout::count(slice(&data, &metadata, &tensor.name));
        if value < 0 {
            differences.push(Difference::Count {
                name: tensor.name.clone(),
                value,
            });
        }
    }
    if !differences.is_empty() {
        return Err(Problem::Differences(differences));
    }
    network.visit_mut(&mut Assign {
        path: NamePath::default(),
        data: &data,
        metadata: &metadata,
    });
    Ok(more)
}

/// Everything in which a file differs from the network, in the network's order,
/// then what is in the file alone, by name.
fn compare(wanted: &[Tensor], metadata: &Metadata) -> Vec<Difference> {
    let mut differences = Vec::new();
    for tensor in wanted {
        let name = || tensor.name.clone();
        let Some(found) = metadata.info(&tensor.name) else {
            differences.push(Difference::Missing {
                name: name(),
                shape: tensor.shape.clone(),
            });
            continue;
        };
        if found.shape != tensor.shape {
            differences.push(Difference::Shape {
                name: name(),
                expected: tensor.shape.clone(),
                found: found.shape.clone(),
            });
        }
        if found.dtype != tensor.dtype {
            differences.push(Difference::Type {
                name: name(),
                expected: tensor.dtype.to_string(),
                found: found.dtype.to_string(),
            });
        }
    }
    let known: HashSet<&str> = wanted.iter().map(|tensor| tensor.name.as_str()).collect();
    let in_file: BTreeMap<String, _> = metadata.tensors().into_iter().collect();
    for (name, found) in in_file {
        if !known.contains(name.as_str()) {
            differences.push(Difference::Unexpected {
                name,
                shape: found.shape.clone(),
            });
        }
    }
    differences
}

/// A tensor's bytes; none if it is not there.
fn slice<'a>(data: &'a [u8], metadata: &Metadata, name: &str) -> &'a [u8] {
    metadata
        .info(name)
        .and_then(|info| data.get(info.data_offsets.0..info.data_offsets.1))
        .unwrap_or(&[])
}

/// Moves what was read into the network.
struct Assign<'a> {
    path: NamePath,
    data: &'a [u8],
    metadata: &'a Metadata,
}

impl<T: Scalar> VisitorMut<T> for Assign<'_> {
    fn enter(&mut self, name: crate::Name) {
        self.path.enter(name);
    }
    fn leave(&mut self) {
        self.path.leave();
    }
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        let bytes = slice(self.data, self.metadata, &self.path.of(parameter.name));
        layout::from_bytes(parameter.shape, bytes, parameter.value);
    }
    fn counter(&mut self, name: &'static str, value: &mut u64) {
        let bytes = slice(self.data, self.metadata, &self.path.of(name));
        *value = u64::try_from(layout::count(bytes)).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests;
