//! A network and the constants its data were standardized with, in one file.

use super::error::Problem;
use super::{FileContent, LoadError, SaveError, read_bytes, read_path};
use crate::data::{Preprocessing, Standardization, StandardizationError};
use crate::{Network, Sample};
use safetensors::tensor::Metadata;
use serde_json::{Value, json};
use std::path::Path;

/// Where it stands in the file's metadata.
pub(super) const KEY: &str = "preprocessing";

/// What [`load_with_preprocessing`] gives.
type Loaded<N> = Preprocessing<<N as crate::Layer>::Input, <N as crate::Layer>::Output>;

/// As [`save`](super::save), together with the constants of standardization of the data that
/// the network was trained on, and their names.
///
/// The tensors are those that [`save`](super::save) writes, so that
/// [`load`](super::load) and PyTorch read the file too. The constants stand in its metadata,
/// as `preprocessing`, in JSON, each number in the shortest text that reads back to its bits;
/// a part that was not standardized is `null`, and `steps` says whether the constants are those
/// of each step of a sequence ([`Standardization::fit_steps`]):
///
/// ```json
/// {
///     "input": { "deviation": [1.5, 0.1], "mean": [20.0, -0.5], "steps": false },
///     "target": null,
///     "feature_names": ["temperature", "tilt"],
///     "class_names": []
/// }
/// ```
///
/// In Python, `json.loads(safe_open(path, "np").metadata()["preprocessing"])`.
///
/// # Errors
///
/// [`SaveError`], also for targets that have another width than the network's output; then
/// `path` is as it was.
///
/// # Examples
///
/// ```
/// use network_core::prelude::*;
/// use network_core::save::{load_with_preprocessing, save_with_preprocessing};
///
/// network! {
///     pub struct Sensor(2) -> 3 { dense(8) -> relu; dense(3); }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sensor.safetensors");
/// # let samples = [[10.0, 0.25], [30.0, 0.75]].map(SVector::<f32, 2>::from);
/// let mut train = Dataset::new(samples, [0_usize, 2])?;
/// train.standardize()?;
/// let net = Sensor::new(1); // and training
/// save_with_preprocessing(&net, &train.preprocessing(), &path)?;
///
/// // In another program:
/// let mut net = Sensor::new(2);
/// let preprocessing = load_with_preprocessing(&mut net, &path)?;
/// let logits = preprocessing.predict(&net, &SVector::from([20.0, 0.5])); // as they were measured
/// # assert_eq!(preprocessing.input.as_ref(), train.standardization());
/// # assert_eq!(logits, net.predict(&SVector::zeros()));
/// # Ok(())
/// # }
/// ```
pub fn save_with_preprocessing<N: Network, Y>(
    network: &N,
    preprocessing: &Preprocessing<N::Input, Y>,
    path: impl AsRef<Path>,
) -> Result<(), SaveError> {
    let text = write::<N, Y>(preprocessing)?;
    FileContent::of(network, Some(text))?.save(path.as_ref())
}

/// What [`save_with_preprocessing`] writes, in memory.
///
/// # Errors
///
/// [`SaveError`], except for those of files.
pub fn to_bytes_with_preprocessing<N: Network, Y>(
    network: &N,
    preprocessing: &Preprocessing<N::Input, Y>,
) -> Result<Vec<u8>, SaveError> {
    let text = write::<N, Y>(preprocessing)?;
    Ok(FileContent::of(network, Some(text))?.to_bytes())
}

/// Loads what [`save_with_preprocessing`] saved.
///
/// # Errors
///
/// [`LoadError`], also if the file holds a network alone
/// ([`NoPreprocessing`](LoadError::NoPreprocessing)) or constants of another width than the
/// network's ([`Standardization`](LoadError::Standardization)); then the network is as it was.
pub fn load_with_preprocessing<N: Network>(
    network: &mut N,
    path: impl AsRef<Path>,
) -> Result<Preprocessing<N::Input, N::Output>, LoadError> {
    read_path(network, path.as_ref(), read::<N>)
}

/// As [`load_with_preprocessing`], from memory, such as `include_bytes!("sensor.safetensors")`.
///
/// # Errors
///
/// As [`load_with_preprocessing`].
pub fn from_bytes_with_preprocessing<N: Network>(
    network: &mut N,
    bytes: &[u8],
) -> Result<Preprocessing<N::Input, N::Output>, LoadError> {
    read_bytes(network, bytes, read::<N>)
}

/// The metadata's text, after a check that it can be read again.
fn write<N: Network, Y>(preprocessing: &Preprocessing<N::Input, Y>) -> Result<String, SaveError> {
    let input = constants::<N::Input, _>("input", preprocessing.input.as_ref())?;
    let target = constants::<N::Output, _>("target", preprocessing.target.as_ref())?;
    let feature_names = names("features", &preprocessing.feature_names, N::Input::LEN)?;
    let class_names = names("classes", &preprocessing.class_names, N::Output::LEN)?;
    let all = json!({
        "input": input,
        "target": target,
        "feature_names": feature_names,
        "class_names": class_names,
    });
    Ok(all.to_string())
}

/// As many names as `expected`, or none.
fn names<'a>(
    what: &'static str,
    names: &'a [String],
    expected: usize,
) -> Result<&'a [String], SaveError> {
    if names.is_empty() || names.len() == expected {
        return Ok(names);
    }
    Err(SaveError::Names {
        what,
        names: names.len(),
        expected,
    })
}

/// Constants of `S`, which may be kept as those of another type.
fn constants<S: Sample, K>(
    part: &'static str,
    kept: Option<&Standardization<K>>,
) -> Result<Value, SaveError> {
    let Some(kept) = kept else {
        return Ok(Value::Null);
    };
    let (mean, deviation, steps) = (kept.mean(), kept.deviation(), kept.is_of_steps());
    restored::<S>(mean.into(), deviation.into(), steps)
        .map_err(|source| SaveError::Standardization { part, source })?;
    Ok(json!({ "mean": mean, "deviation": deviation, "steps": steps }))
}

/// The constants that stand in a file.
fn restored<S: Sample>(
    mean: Vec<f64>,
    deviation: Vec<f64>,
    steps: bool,
) -> Result<Standardization<S>, StandardizationError> {
    if steps {
        Standardization::of_steps(mean, deviation)
    } else {
        Standardization::new(mean, deviation)
    }
}

/// What the metadata hold.
fn read<N: Network>(metadata: &Metadata) -> Result<Loaded<N>, Problem> {
    let text = metadata.metadata().as_ref().and_then(|all| all.get(KEY));
    let text = text.ok_or(Problem::NoPreprocessing)?;
    let value: Value =
        serde_json::from_str(text).map_err(|error| Problem::Preprocessing(error.to_string()))?;
    Ok(Preprocessing {
        input: part(&value, "input")?,
        target: part(&value, "target")?,
        feature_names: texts(&value, "feature_names", N::Input::LEN)?,
        class_names: texts(&value, "class_names", N::Output::LEN)?,
    })
}

/// A list of as many texts as `expected`, or of none.
fn texts(all: &Value, name: &'static str, expected: usize) -> Result<Vec<String>, Problem> {
    let list = all.get(name).and_then(Value::as_array);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = list.and_then(|list| list.iter().map(text).collect::<Option<Vec<_>>>());
    let list =
        list.ok_or_else(|| Problem::Preprocessing(format!("it has no list of texts `{name}`")))?;
    if !list.is_empty() && list.len() != expected {
        let names = list.len();
        return Err(Problem::Preprocessing(format!(
            "it has {names} `{name}`, but the network has {expected}"
        )));
    }
    Ok(list)
}

/// One of its two parts; `None` if that is `null`.
fn part<S: Sample>(all: &Value, part: &'static str) -> Result<Option<Standardization<S>>, Problem> {
    let missing = |what: &str| Problem::Preprocessing(format!("it has no {what}"));
    let value = all.get(part).ok_or_else(|| missing(&format!("`{part}`")))?;
    if value.is_null() {
        return Ok(None);
    }
    let numbers = |name: &str| {
        let list = value.get(name).and_then(Value::as_array);
        let list = list.and_then(|list| list.iter().map(Value::as_f64).collect::<Option<Vec<_>>>());
        list.ok_or_else(|| missing(&format!("list of numbers `{part}.{name}`")))
    };
    let steps = value.get("steps").and_then(Value::as_bool);
    let steps = steps.ok_or_else(|| missing(&format!("`{part}.steps`, true or false")))?;
    restored(numbers("mean")?, numbers("deviation")?, steps)
        .map(Some)
        .map_err(|source| Problem::Standardization { part, source })
}

#[cfg(test)]
mod tests {
    use super::super::{from_bytes, to_bytes};
    use super::*;
    use crate::prelude::*;
    use proptest::prelude::*;

    network! {
        #[derive(Clone, Debug, PartialEq)]
        struct Short([2; 3]) -> 2 { gru(2) -> last; }
    }

    network! {
        /// The same parameters, for longer sequences.
        #[derive(Clone, Debug, PartialEq)]
        struct Long([2; 5]) -> 2 { gru(2) -> last; }
    }

    type Kept = Preprocessing<SVector<f32, 6>, SVector<f32, 2>>;

    /// Constants of so many features, with every exponent.
    fn standardization<const N: usize>()
    -> impl Strategy<Value = Option<Standardization<SVector<f32, N>>>> {
        use proptest::collection::vec;
        use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
        let mean = vec(NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE, N);
        let deviation = vec(NORMAL | SUBNORMAL | POSITIVE, N);
        proptest::option::of((mean, deviation).prop_map(|(mean, deviation)| {
            Standardization::new(mean, deviation).expect("finite, and above 0")
        }))
    }

    /// Those of steps of two features.
    fn of_steps() -> impl Strategy<Value = Option<Standardization<SVector<f32, 6>>>> {
        standardization::<2>().prop_map(|of_step| {
            let of_step = of_step?;
            Standardization::of_steps(of_step.mean(), of_step.deviation()).ok()
        })
    }

    fn bits<S>(standardization: Option<&Standardization<S>>) -> Option<Vec<u64>> {
        let all = |kept: &Standardization<S>| [kept.mean(), kept.deviation()].concat();
        standardization.map(|kept| all(kept).into_iter().map(f64::to_bits).collect())
    }

    proptest! {
        #[test]
        fn constants_come_back_bit_for_bit(
            input in prop_oneof![standardization::<6>(), of_steps()],
            target in standardization::<2>(),
            names: [String; 6],
            seed: u64,
        ) {
            let feature_names = if seed % 2 == 0 { names.into() } else { Vec::new() };
            let class_names = vec!["no".to_owned(), "\"yes\"".to_owned()];
            let kept = Kept { input, target, feature_names, class_names };
            let net = Short::new(seed);
            let bytes = to_bytes_with_preprocessing(&net, &kept).unwrap();
            let mut back = Short::new(0);
            let loaded = from_bytes_with_preprocessing(&mut back, &bytes).unwrap();
            prop_assert_eq!(&back, &net);
            prop_assert_eq!(bits(loaded.input.as_ref()), bits(kept.input.as_ref()));
            prop_assert_eq!(bits(loaded.target.as_ref()), bits(kept.target.as_ref()));
            prop_assert_eq!(&loaded, &kept);

            // Who does not ask for them gets the network all the same.
            let mut alone = Short::new(0);
            from_bytes(&mut alone, &bytes).unwrap();
            prop_assert_eq!(alone, net);
        }

        #[test]
        fn a_changed_byte_of_the_header_never_changes_the_network_by_halves(
            at in any::<prop::sample::Index>(),
            to: u8,
        ) {
            let mut bytes = to_bytes_with_preprocessing(&Short::new(1), &kept()).unwrap();
            let header = usize::from(bytes[0]) + 256 * usize::from(bytes[1]);
            bytes[8 + at.index(header)] = to;
            let mut net = Short::new(2);
            match from_bytes_with_preprocessing(&mut net, &bytes) {
                Ok(_) => prop_assert_eq!(net, Short::new(1)),
                Err(_) => prop_assert_eq!(net, Short::new(2)),
            }
        }
    }

    fn kept() -> Kept {
        let input = Standardization::new([1.5; 6], [0.1; 6]).expect("finite, and above 0");
        Preprocessing {
            input: Some(input),
            ..Kept::default()
        }
    }

    #[test]
    fn a_file_of_the_network_alone_says_so_and_changes_nothing() {
        let bytes = to_bytes(&Short::new(1)).unwrap();
        let mut net = Short::new(2);
        let error = from_bytes_with_preprocessing(&mut net, &bytes).unwrap_err();
        assert!(
            matches!(error, LoadError::NoPreprocessing { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("`load` reads it"), "{error}");
        assert_eq!(net, Short::new(2));
    }

    #[test]
    fn constants_of_another_width_are_refused() {
        let bytes = to_bytes_with_preprocessing(&Short::new(1), &kept()).unwrap();
        let mut long = Long::new(2);
        let error = from_bytes_with_preprocessing(&mut long, &bytes).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot load bytes: its input standardization does not fit the network: cannot \
             standardize samples of 10 features with 6 means and 6 deviations"
        );
        assert_eq!(long, Long::new(2));

        // Those of steps fit sequences of any length.
        let of_steps = Standardization::of_steps([1.0, 2.0], [3.0, 4.0]).unwrap();
        let steps = Kept {
            input: Some(of_steps),
            ..Kept::default()
        };
        let bytes = to_bytes_with_preprocessing(&Short::new(1), &steps).unwrap();
        let mut long = Long::new(2);
        let loaded = from_bytes_with_preprocessing(&mut long, &bytes).unwrap();
        assert_eq!(loaded.input.unwrap().mean(), [1.0, 2.0]);

        let three = Standardization::<SVector<f32, 3>>::new([0.0; 3], [1.0; 3]).unwrap();
        let wrong = Preprocessing {
            target: Some(three),
            ..Preprocessing::default()
        };
        let error = to_bytes_with_preprocessing(&Short::new(1), &wrong).unwrap_err();
        assert!(matches!(
            error,
            SaveError::Standardization {
                part: "target",
                source: StandardizationError::Count { features: 2, .. }
            }
        ));
    }

    #[test]
    fn other_numbers_of_names_are_refused() {
        let names = Kept {
            class_names: vec!["one".to_owned()],
            ..Kept::default()
        };
        let error = to_bytes_with_preprocessing(&Short::new(1), &names).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot save 1 names of classes: the network has 2"
        );
        let names = Kept {
            feature_names: ["a", "b", "c", "d", "e", "f"].map(String::from).to_vec(),
            ..Kept::default()
        };
        let bytes = to_bytes_with_preprocessing(&Short::new(1), &names).unwrap();
        let error = from_bytes_with_preprocessing(&mut Long::new(2), &bytes).unwrap_err();
        assert!(
            error.to_string().contains("it has 6 `feature_names`"),
            "{error}"
        );
    }

    #[test]
    fn preprocessing_that_means_nothing_is_refused() {
        let good = to_bytes_with_preprocessing(&Short::new(1), &kept()).unwrap();
        let mut net = Short::new(2);
        let mut error = |from: &str, to: &str| {
            assert_eq!(from.len(), to.len());
            let mut bytes = good.clone();
            let at = bytes
                .windows(from.len())
                .position(|window| window == from.as_bytes())
                .expect("it stands in the header");
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
            from_bytes_with_preprocessing(&mut net, &bytes).unwrap_err()
        };
        for (from, to) in [
            ("{\\\"class", "[\\\"class"),
            ("input", "inpud"),
            ("target", "tarjet"),
            ("deviation", "deviatiom"),
            ("class_names", "class_name_"),
            ("names\\\":[]", "names\\\":{}"),
            ("false", "farce"),
            ("[1.5,", "[nil,"),
            ("[1.5,", "null,"),
        ] {
            let error = error(from, to);
            assert!(
                matches!(error, LoadError::Preprocessing { .. }),
                "{from}: {error}"
            );
        }
        let negative = error("[0.1,", "[-.1,");
        assert!(matches!(negative, LoadError::Preprocessing { .. }));
        let zero = error("[0.1,", "[0.0,");
        assert!(matches!(
            zero,
            LoadError::Standardization { part: "input", .. }
        ));
        assert_eq!(net, Short::new(2));
    }

    #[test]
    fn predictions_are_in_the_units_of_the_data() {
        let net = Short::new(1);
        let kept = Kept {
            input: Some(Standardization::new([3.0; 6], [2.0; 6]).unwrap()),
            target: Some(Standardization::new([10.0, -10.0], [4.0, 0.5]).unwrap()),
            ..Kept::default()
        };
        let prediction = kept.predict(&net, &SVector::repeat(5.0));
        let plain = net.predict(&SVector::repeat(1.0));
        assert_eq!(prediction[0], plain[0] * 4.0 + 10.0);
        assert_eq!(prediction[1], plain[1] * 0.5 - 10.0);
        let nothing = Kept::default();
        assert_eq!(nothing.predict(&net, &SVector::repeat(1.0)), plain);
    }
}
