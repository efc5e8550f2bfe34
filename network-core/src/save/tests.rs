#![allow(
    clippy::multiple_bound_locations,
    reason = "derived impls repeat the bounds of a type"
)]

use super::*;
use crate::prelude::*;
use crate::{Generator, Layer, Name, ParameterKind, Pass, SimdPath};
use bytemuck::Zeroable;
use proptest::prelude::*;
use std::path::PathBuf;

/// Shows what a batch norm shows, and passes its input through.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[repr(C)]
struct Norm<T: Scalar> {
    tensors: [SVector<T, 2>; 4],
    num_batches_tracked: u64,
}

const NORM: [(&str, ParameterKind); 4] = [
    ("weight", ParameterKind::Scale),
    ("bias", ParameterKind::Shift),
    ("running_mean", ParameterKind::Statistic),
    ("running_var", ParameterKind::Statistic),
];

impl<T: Scalar> Layer for Norm<T> {
    type Scalar = T;
    type Input = SVector<T, 2>;
    type Output = SVector<T, 2>;
    type Config = ();
    type Gradient = [SVector<T, 2>; 2];
    type Cache<const BATCH: usize> = [u8; BATCH];

    fn initialize(&mut self, (): &(), _generator: &mut Generator) {}

    fn infer(&self, _: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _: &mut [T]) {
        y.copy_from_slice(x);
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _cache: &mut [u8; BATCH],
        scratch: &mut [T],
    ) {
        self.infer(pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        _pass: &mut Pass<'_>,
        _x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut [u8; BATCH],
        _gradient: &mut Self::Gradient,
        _scratch: &mut [T],
    ) {
        if let Some(d_x) = d_x {
            d_x.copy_from_slice(d_y);
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        for ((name, kind), value) in NORM.iter().zip(&self.tensors) {
            let value = value.as_slice();
            visitor.parameter(Parameter {
                name,
                kind: *kind,
                shape: &[2],
                value,
            });
        }
        visitor.counter("num_batches_tracked", self.num_batches_tracked);
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        for ((name, kind), value) in NORM.iter().zip(&mut self.tensors) {
            let value = value.as_mut_slice();
            visitor.parameter(ParameterMut {
                name,
                kind: *kind,
                shape: &[2],
                value,
            });
        }
        visitor.counter("num_batches_tracked", &mut self.num_batches_tracked);
    }
}

network! {
    #[derive(Clone, Debug, PartialEq)]
    #[gradient_flow(allow)]
    struct Golden(3) -> 4 {
        stem: dense(2);
        norm: layer(Norm<f32>);
        blocks: repeat(2) {
            dense(2, bias = false) -> relu;
        }
        head: dense(4);
    }
}

network! {
    /// The same in f64, and with another head.
    #[derive(Clone, Debug, PartialEq)]
    #[gradient_flow(allow)]
    struct Other(3) -> 5 {
        scalar = f64;
        stem: dense(2);
        norm: layer(Norm<f64>);
        blocks: repeat(1) {
            dense(2, bias = false) -> relu;
        }
        tail: dense(5);
    }
}

/// Entry (i, j) of each tensor becomes `sign * (k + i / 4 + j / 16)`, where k
/// counts the tensors as PyTorch's `state_dict` does: counts are tensors too.
struct Fill {
    sign: f32,
    count: u64,
    k: usize,
}

impl VisitorMut<f32> for Fill {
    fn parameter(&mut self, parameter: ParameterMut<'_, f32>) {
        let rows = parameter.shape[0];
        for (index, value) in parameter.value.iter_mut().enumerate() {
            let (i, j) = (index % rows, index / rows);
            *value = self.sign * (self.k as f32 + i as f32 / 4.0 + j as f32 / 16.0);
        }
        self.k += 1;
    }
    fn counter(&mut self, _name: &'static str, value: &mut u64) {
        *value = self.count;
        self.k += 1;
    }
}

fn filled(sign: f32, count: u64) -> Golden {
    let mut net = Golden::new(0);
    net.visit_mut(&mut Fill { sign, count, k: 0 });
    net
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/save/fixtures")
        .join(name)
}

#[test]
fn a_file_of_pytorch_is_loaded() {
    let mut net = Golden::new(1);
    load(&mut net, fixture("pytorch.safetensors")).unwrap();
    assert_eq!(net, filled(-1.0, 12));
}

/// `fixtures/make.py` loads the golden file with PyTorch and checks every number.
#[test]
fn the_golden_file_is_what_we_write() {
    let net = filled(1.0, 7);
    if std::env::var_os("BLESS").is_some() {
        save(&net, fixture("ours.safetensors")).unwrap();
    }
    let parts = |bytes: &[u8]| {
        let (header, data) = bytes[8..].split_at(bytes[0] as usize + 256 * bytes[1] as usize);
        let mut header: serde_json::Value = serde_json::from_slice(header).unwrap();
        // Other versions of the library may write the same file.
        header["__metadata__"]["library"] = "network-core".into();
        (header, data.to_vec())
    };
    let golden = std::fs::read(fixture("ours.safetensors")).unwrap();
    assert_eq!(parts(&golden), parts(&to_bytes(&net).unwrap()));
}

#[test]
fn the_same_network_gives_the_same_bytes() {
    let bytes = to_bytes(&filled(1.0, 7)).unwrap();
    for _ in 0..10 {
        assert_eq!(to_bytes(&filled(1.0, 7)).unwrap(), bytes);
    }
    assert_eq!(bytes.len() % 4, 0);
}

#[test]
fn what_was_saved_is_loaded_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let mut net = Golden::new(5);
    net.norm.num_batches_tracked = u64::MAX;
    net.stem.weight[(1, 2)] = f32::NEG_INFINITY;
    net.stem.bias[0] = -0.0;
    save(&net, &path).unwrap();
    save(&net, &path).unwrap();
    let mut back = Golden::new(6);
    load(&mut back, &path).unwrap();
    // A count beyond int64 is saved as the largest there is.
    net.norm.num_batches_tracked = i64::MAX as u64;
    assert_eq!(back, net);
    assert!(back.stem.bias[0].is_sign_negative());
}

#[test]
fn every_difference_is_listed_and_the_network_stays_as_it_was() {
    let file = to_bytes(&filled(1.0, 7)).unwrap();
    let mut net = Other::new(1);
    let before = net.clone();
    let error = from_bytes(&mut net, &file).unwrap_err();
    assert_eq!(net, before);
    let LoadError::Differences { differences, .. } = &error else {
        panic!("{error}")
    };
    let (missing, unexpected, types): (Vec<_>, Vec<_>, Vec<_>) = (
        differences
            .iter()
            .filter(|d| matches!(d, Difference::Missing { .. }))
            .collect(),
        differences
            .iter()
            .filter(|d| matches!(d, Difference::Unexpected { .. }))
            .collect(),
        differences
            .iter()
            .filter(|d| matches!(d, Difference::Type { .. }))
            .collect(),
    );
    assert_eq!((missing.len(), unexpected.len(), types.len()), (2, 3, 7));
    assert_eq!(
        error.to_string(),
        "cannot load bytes: it does not fit the network Other:\n  \
         `stem.weight` is F32 in the file, but F64 in the network\n  \
         `stem.bias` is F32 in the file, but F64 in the network\n  \
         `norm.weight` is F32 in the file, but F64 in the network\n  \
         `norm.bias` is F32 in the file, but F64 in the network\n  \
         `norm.running_mean` is F32 in the file, but F64 in the network\n  \
         `norm.running_var` is F32 in the file, but F64 in the network\n  \
         `blocks.0.dense_1.weight` is F32 in the file, but F64 in the network\n  \
         `tail.weight` [5, 2] is missing in the file\n  \
         `tail.bias` [5] is missing in the file\n  \
         `blocks.1.dense_1.weight` [2, 2] is in the file, but not in the network\n  \
         `head.bias` [4] is in the file, but not in the network\n  \
         `head.weight` [4, 2] is in the file, but not in the network"
    );
}

/// A file with this header and so many bytes of data.
fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

#[test]
fn shapes_and_negative_counts_are_differences() {
    let good = to_bytes(&filled(1.0, 7)).unwrap();
    let header_len = u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    let text = std::str::from_utf8(&good[8..8 + header_len]).unwrap();
    let transposed = text.replace("\"shape\":[2,3]", "\"shape\":[3,2]");
    let mut bytes = file(&transposed, 0);
    bytes.extend(&good[8 + header_len..]);
    let mut net = filled(1.0, 0);
    let error = from_bytes(&mut net, &bytes).unwrap_err().to_string();
    assert!(
        error.ends_with("`stem.weight` is [3, 2] in the file, but [2, 3] in the network"),
        "{error}"
    );

    let mut bytes = good.clone();
    // int64 comes first in the data.
    bytes[8 + header_len..][..8].copy_from_slice(&(-3_i64).to_le_bytes());
    let error = from_bytes(&mut net, &bytes).unwrap_err().to_string();
    assert!(
        error.ends_with("`norm.num_batches_tracked` is a count, but -3 in the file"),
        "{error}"
    );
    assert_eq!(net, filled(1.0, 0));
}

#[test]
fn damaged_files_are_refused() {
    let mut net = filled(1.0, 7);
    let good = to_bytes(&net).unwrap();
    let mut error = |bytes: &[u8]| from_bytes(&mut net, bytes).unwrap_err();
    for len in 0..good.len() {
        let error = error(&good[..len]);
        assert!(matches!(error, LoadError::Length { .. }), "{len}: {error}");
    }
    let longer: Vec<u8> = good.iter().copied().chain([0]).collect();
    assert!(matches!(error(&longer), LoadError::Length { .. }));

    let huge: Vec<u8> = u64::MAX.to_le_bytes().into_iter().chain([0; 100]).collect();
    assert!(matches!(error(&huge), LoadError::LargeHeader { .. }));
    for header in [
        "",
        "{",
        "[]",
        "\u{7f}",
        r#"{"a":1}"#,
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
        r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"X9","shape":[1],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    ] {
        let error = error(&file(header, 4));
        assert!(
            matches!(error, LoadError::Header { .. }),
            "{header}: {error}"
        );
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(error(&file(&deep, 0)), LoadError::Header { .. }));
    let enormous = format!(
        r#"{{"a":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#,
        1_u64 << 60
    );
    assert!(matches!(
        error(&file(&enormous, 4)),
        LoadError::Length { .. }
    ));
    let later = r#"{"__metadata__":{"format_version":"2"}}"#;
    assert!(matches!(error(&file(later, 0)), LoadError::Version { .. }));
    let nothing = error(&file("{}", 0));
    let LoadError::Differences { differences, .. } = nothing else {
        panic!("{nothing}")
    };
    assert_eq!(differences.len(), 11);
    assert_eq!(net, filled(1.0, 7));
}

#[test]
fn files_that_cannot_be_opened_are_errors_with_their_name() {
    let mut net = filled(1.0, 7);
    let error = load(&mut net, "no/such/file").unwrap_err();
    assert!(matches!(error, LoadError::Io { .. }) && error.to_string().contains("no/such/file"));
    let error = save(&net, "no/such/folder/file").unwrap_err();
    assert!(matches!(error, SaveError::Io { .. }) && error.to_string().contains("no/such/folder"));
    let folder = tempfile::tempdir().unwrap();
    assert!(load(&mut net, folder.path()).is_err());
}

#[test]
fn paths_are_joined_with_dots() {
    let mut path = NamePath::default();
    assert_eq!(path.of("weight"), "weight");
    path.enter(Name::Field("blocks"));
    path.enter(Name::Index(12));
    assert_eq!(path.of("bias"), "blocks.12.bias");
    path.leave();
    path.leave();
    path.leave();
    assert_eq!(path.of("weight"), "weight");
}

proptest! {
    #[test]
    fn random_bytes_never_change_the_network(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut net = filled(1.0, 7);
        prop_assert!(from_bytes(&mut net, &bytes).is_err());
        prop_assert_eq!(net, filled(1.0, 7));
    }

    /// One byte of a good file is changed: that is refused, or it was a number.
    #[test]
    fn a_changed_byte_is_refused_or_changes_one_number(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let good = to_bytes(&filled(1.0, 7)).unwrap();
        let mut bytes = good.clone();
        bytes[at.index(good.len())] = to;
        let mut net = filled(-1.0, 3);
        match from_bytes(&mut net, &bytes) {
            Err(_) => prop_assert_eq!(net, filled(-1.0, 3)),
            Ok(()) => {
                let saved = to_bytes(&net).unwrap();
                let differing = saved.iter().zip(&good).filter(|(a, b)| a != b).count();
                prop_assert!(saved.len() == good.len() && differing <= 1);
            }
        }
    }

    #[test]
    fn random_headers_never_change_the_network(
        header in r#"\{("[a.]":\{"dtype":"(F32|I64)","shape":\[[0-9]{0,3}\],"data_offsets":\[[0-9]{1,2},[0-9]{1,2}\]\},?){0,3}\}?"#,
        data in 0_usize..64,
    ) {
        let mut net = filled(1.0, 7);
        prop_assert!(from_bytes(&mut net, &file(&header, data)).is_err());
        prop_assert_eq!(net, filled(1.0, 7));
    }
}
