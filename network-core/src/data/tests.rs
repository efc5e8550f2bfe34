use super::*;
use nalgebra::SVector;
use std::collections::BTreeSet;

type Vector<const N: usize> = SVector<f32, N>;

/// `n` samples: the i-th has input (i, 10 - i) and class i % 3.
fn counting(n: usize) -> Dataset<Vector<2>, usize> {
    Dataset::from_pairs((0..n).map(|i| (Vector::from([i as f32, 10.0 - i as f32]), i % 3))).unwrap()
}

#[test]
fn what_cannot_be_used_is_refused() {
    let none: [Vector<2>; 0] = [];
    assert_eq!(Dataset::new(none, [0_usize; 0]), Err(DataError::Empty));
    assert_eq!(
        Dataset::new([Vector::<2>::zeros()], [0_usize, 1]),
        Err(DataError::Length {
            inputs: 1,
            targets: 2
        })
    );
    let error = Dataset::new(
        [[1.0, 2.0], [3.0, f32::INFINITY]].map(Vector::from),
        [0_usize, 1],
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "input of sample 1: entry 1 is inf"
    );
    let error = Dataset::new(
        [[1.0], [2.0]].map(Vector::from),
        [[0.0], [f32::NAN]].map(Vector::from),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "target of sample 1: entry 0 is NaN"
    );
}

#[test]
fn names_appear_in_errors_and_must_fit() {
    let data = counting(4).with_feature_names(["up", "down"]).unwrap();
    let error = data
        .clone()
        .map_inputs(|x| x[1] = 1.0 / (x[1] - 8.0))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "input of sample 2: entry 1 (down) is inf"
    );
    let error = data.clone().with_feature_names(["up"]).unwrap_err();
    assert_eq!(
        error,
        DataError::Names {
            what: "features",
            names: 1,
            expected: 2
        }
    );
    let error = data.with_class_names(["a", "b"]).unwrap_err();
    assert_eq!(
        error,
        DataError::Class {
            sample: 2,
            class: 2,
            classes: 2
        }
    );
}

#[test]
fn shuffling_keeps_pairs_together_and_is_the_same_for_the_same_seed() {
    let (mut a, mut b, mut c) = (counting(100), counting(100), counting(100));
    a.shuffle(1);
    b.shuffle(1);
    c.shuffle(2);
    assert_eq!(a, b);
    assert_ne!(a, c);
    for ((x, y), origin) in a.inputs().iter().zip(a.targets()).zip(a.origin()) {
        assert_eq!((x[0] as usize, x[0] as usize % 3), (*origin, *y));
    }
    assert_eq!(a.origin().iter().collect::<BTreeSet<_>>().len(), 100);
}

#[test]
fn a_split_shares_all_samples_out() {
    let data = counting(10);
    let (train, test) = data.split(0.75, 3).unwrap();
    assert_eq!((train.len(), test.len()), (8, 2));
    let all: BTreeSet<_> = train.origin().iter().chain(test.origin()).collect();
    assert_eq!(all.len(), 10);
    assert_eq!(data.split(0.75, 3).unwrap(), (train, test));
    for fraction in [0.0, 1.0, -1.0, 2.0, f64::NAN, f64::INFINITY, 0.04, 0.96] {
        assert!(
            matches!(data.split(fraction, 0), Err(DataError::Fraction { .. })),
            "{fraction}"
        );
        assert!(data.split_stratified(fraction, 0).is_err(), "{fraction}");
    }
    assert!(counting(1).split(0.5, 0).is_err());
}

#[test]
fn a_stratified_split_keeps_the_proportions_of_the_classes() {
    // 34 of class 0, 33 each of 1 and 2: four fifths are 27.2, 26.4, 26.4.
    let data = counting(100);
    for seed in 0..20 {
        let (train, test) = data.split_stratified(0.8, seed).unwrap();
        let count = |data: &Dataset<_, usize>, class| {
            data.targets().iter().filter(|y| **y == class).count()
        };
        assert_eq!([0, 1, 2].map(|class| count(&train, class)), [27, 27, 26]);
        assert_eq!([0, 1, 2].map(|class| count(&test, class)), [7, 6, 7]);
        let all: BTreeSet<_> = train.origin().iter().chain(test.origin()).collect();
        assert_eq!(all.len(), 100);
    }
    let (a, b) = (
        data.split_stratified(0.8, 0).unwrap(),
        data.split_stratified(0.8, 1).unwrap(),
    );
    assert_ne!(a.0.origin(), b.0.origin());
    // In random order, not class by class.
    assert!(a.0.targets()[..27].iter().any(|class| *class != 0));
}

#[test]
fn rare_classes_and_absurd_class_numbers_can_be_split() {
    let classes = [0, 0, 0, 0, 0, 0, usize::MAX, 7, 7];
    let data = Dataset::new(vec![Vector::<1>::zeros(); 9], classes).unwrap();
    let (train, test) = data.split_stratified(0.5, 1).unwrap();
    assert_eq!((train.len(), test.len()), (5, 4));
    assert_eq!(
        train.targets().iter().filter(|class| **class == 0).count(),
        3
    );
    assert_eq!(
        train.targets().iter().filter(|class| **class == 7).count(),
        1
    );
}

#[test]
fn batches_are_slices_in_order_with_the_rest_at_the_end() {
    let data = counting(10);
    let sizes: Vec<_> = data
        .batches(4)
        .unwrap()
        .map(|(x, y)| (x.len(), y.len()))
        .collect();
    assert_eq!(sizes, [(4, 4), (4, 4), (2, 2)]);
    let joined: Vec<_> = data
        .batches(4)
        .unwrap()
        .flat_map(|(x, _)| x)
        .copied()
        .collect();
    assert_eq!(joined, data.inputs());
    assert_eq!(data.batches(1000).unwrap().count(), 1);
    assert_eq!(data.batches(0).err(), Some(DataError::BatchSize));
}

#[test]
fn subsets_are_checked() {
    let data = counting(5);
    assert_eq!(data.subset(&[4, 0]).unwrap().origin(), [4, 0]);
    assert_eq!(data.subset(&[]), Err(DataError::Empty));
    assert_eq!(
        data.subset(&[5]),
        Err(DataError::Index {
            index: 5,
            samples: 5
        })
    );
}

#[test]
fn standardization_gives_mean_0_and_deviation_1_and_travels() {
    let raw = Dataset::new(
        [[1.0, 5.0, 7.0], [2.0, 5.0, 7.0], [3.0, 5.0, 10.0]].map(Vector::from),
        [[100.0], [200.0], [300.0]].map(Vector::from),
    )
    .unwrap();
    let mut train = raw.clone();
    train.standardize().unwrap();
    // numpy.std([1, 2, 3]) = 0.816.., numpy.std([7, 7, 10]) = sqrt 2.
    let constants = train.standardization().unwrap();
    assert_eq!(constants.mean(), [2.0, 5.0, 8.0]);
    let expected = [(2.0_f64 / 3.0).sqrt(), 1.0, 2.0_f64.sqrt()];
    for (actual, expected) in constants.deviation().iter().zip(expected) {
        assert!((actual - expected).abs() < 1e-12, "{actual} {expected}");
    }
    assert_eq!(train.inputs()[0][1], 0.0, "a constant feature becomes 0");
    let sum: f32 = train.inputs().iter().map(|x| x[0]).sum();
    let squares: f32 = train.inputs().iter().map(|x| x[0] * x[0]).sum();
    assert!(sum.abs() < 1e-6 && (squares - 3.0).abs() < 1e-5);

    let mut test = Dataset::new([Vector::from([4.0, 6.0, 8.0])], [Vector::from([400.0])]).unwrap();
    let original = test.inputs()[0];
    test.standardize_like(&train).unwrap();
    assert!((test.inputs()[0][0] - 2.0 / 0.816_496_6).abs() < 1e-5);
    assert_eq!(test.inputs()[0][1], 1.0);
    let mut back = test.inputs()[0];
    test.standardization().unwrap().invert(&mut back);
    assert!((back - original).amax() < 1e-5, "{back}");

    train.standardize_targets().unwrap();
    test.standardize_targets_like(&train).unwrap();
    let mut prediction = test.targets()[0];
    test.target_standardization()
        .unwrap()
        .invert(&mut prediction);
    assert!((prediction[0] - 400.0).abs() < 1e-3);

    assert_eq!(
        train.standardize(),
        Err(DataError::AlreadyStandardized { part: "inputs" })
    );
    assert_eq!(
        train.clone().map_inputs(|_| ()),
        Err(DataError::AlreadyStandardized { part: "inputs" })
    );
    assert_eq!(
        test.clone().standardize_like(&raw),
        Err(DataError::NotStandardized { part: "inputs" })
    );
    assert_eq!(
        train.subset(&[0]).unwrap().standardization(),
        train.standardization(),
        "subsets keep the constants"
    );
}

#[test]
fn a_failed_standardization_leaves_the_data_as_they_were() {
    let mut train = Dataset::new([[0.0], [1e-30]].map(Vector::from), [0_usize, 1]).unwrap();
    train.standardize().unwrap();
    let mut test = Dataset::new([[1.0], [1e20]].map(Vector::from), [0_usize, 1]).unwrap();
    let before = test.clone();
    assert!(matches!(
        test.standardize_like(&train),
        Err(DataError::NonFiniteInput { sample: 1, .. })
    ));
    assert_eq!(test, before);
}

#[test]
fn targets_can_be_turned_into_others() {
    let data = counting(4)
        .map_targets(|x, class| Vector::from([x[0] + class as f32]))
        .unwrap();
    assert_eq!(data.targets()[2].as_slice(), [4.0]);
    assert!(
        counting(1)
            .map_targets(|_, _| Vector::from([f32::NAN]))
            .is_err()
    );
}

#[test]
fn the_largest_entry_names_the_class() {
    assert_eq!(argmax(&[1.0_f32, 3.0, 3.0]), 1);
    assert_eq!(argmax(&[f32::NAN, -1.0, f32::NAN]), 1);
    assert_eq!(argmax::<f64>(&[]), 0);
    assert_eq!(1_usize.is_hit(&Vector::from([0.0, 1.0])), Some(true));
    assert_eq!(0_usize.is_hit(&Vector::from([0.0])), None);
}

fn example(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/data")
        .join(name)
}

#[test]
fn the_digits_can_be_read() {
    let digits = Csv::open(example("digits.csv"))
        .header(false)
        .numeric(0..64)
        .read_classes::<Vector<64>>(64)
        .unwrap();
    assert_eq!((digits.len(), digits.classes()), (1797, 10));
    assert_eq!(digits.class_names()[9], "9");
    // As `sklearn.datasets.load_digits` has them.
    assert_eq!(
        digits.inputs().iter().flat_map(|x| x.iter()).sum::<f32>(),
        561_718.0
    );
    let (train, test) = digits.split_stratified(0.8, 0).unwrap();
    assert_eq!((train.len(), test.len()), (1438, 359));
}

#[test]
fn the_penguins_can_be_read_once_one_says_what_to_do_with_missing_cells() {
    let csv = || {
        Csv::open(example("penguins.csv"))
            .numeric(["bill_length_mm", "bill_depth_mm", "flipper_length_mm"])
            .one_hot("species")
            .one_hot("sex")
    };
    let error = csv()
        .read_targets::<Vector<8>, Vector<1>>(["body_mass_g"])
        .unwrap_err();
    let CsvProblem::Cells { errors, total } = &error.problem else {
        panic!("{error}")
    };
    assert_eq!(*total, 19);
    assert_eq!((errors[0].row, errors[0].line), (4, 5));
    assert_eq!(errors[0].column.as_deref(), Some("bill_length_mm"));

    let penguins = csv()
        .missing(Missing::SkipRow)
        .read_targets::<Vector<8>, Vector<1>>(["body_mass_g"])
        .unwrap();
    assert_eq!((penguins.len(), penguins.skipped_rows().len()), (333, 11));
    assert_eq!(
        penguins.feature_names()[3..],
        [
            "species=Adelie",
            "species=Chinstrap",
            "species=Gentoo",
            "sex=female",
            "sex=male"
        ]
    );
    let mass: f32 = penguins.targets().iter().map(|y| y[0]).sum::<f32>() / 333.0;
    assert!((mass - 4207.057).abs() < 0.01, "{mass}");
}
