use super::*;
use crate::losses::{CrossEntropy, Mse};
use crate::prelude::*;

type Vector<const N: usize> = SVector<f64, N>;

fn vectors<const N: usize, const M: usize>(rows: [[f64; N]; M]) -> [Vector<N>; M] {
    rows.map(Vector::from)
}

#[test]
fn accuracy_counts_the_largest_entries() {
    let prediction = vectors([[0.1, 0.9], [0.8, 0.2], [0.5, 0.5], [-3.0, -2.0]]);
    assert_eq!(accuracy(&prediction, &[1, 1, 0, 1]), Ok(0.75));
    let wrong = accuracy(&prediction, &[1, 1, 0, 2]).unwrap_err();
    assert_eq!(
        wrong,
        MetricError::Class {
            sample: 3,
            class: 2,
            classes: 2
        }
    );
    assert_eq!(accuracy::<Vector<2>>(&[], &[]), Err(MetricError::Empty));
    assert!(matches!(
        accuracy(&prediction, &[0]),
        Err(MetricError::Length { .. })
    ));
    let prediction = vectors([[0.1, f64::NAN]]);
    assert!(matches!(
        accuracy(&prediction, &[0]),
        Err(MetricError::NonFinite {
            sample: 0,
            entry: 1,
            ..
        })
    ));
}

#[test]
fn r_squared_and_rmse_agree_with_scikit_learn() {
    // r2_score([[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]]) = 0.936800526..
    let target = vectors([[0.5, 1.0], [-1.0, 1.0], [7.0, -6.0]]);
    let prediction = vectors([[0.0, 2.0], [-1.0, 2.0], [8.0, -5.0]]);
    let r2 = r_squared(&prediction, &target).unwrap();
    assert!((r2 - 0.936_800_526_662_277_8).abs() < 1e-15, "{r2}");
    // mean_squared_error of the same: 0.708333..
    let error = rmse(&prediction, &target).unwrap();
    assert!(
        (error - 0.708_333_333_333_333_3_f64.sqrt()).abs() < 1e-15,
        "{error}"
    );

    assert_eq!(r_squared(&target, &target), Ok(1.0));
    let mean = vectors([[6.5 / 3.0, -4.0 / 3.0]; 3]);
    assert!(r_squared(&mean, &target).unwrap().abs() < 1e-15);
    let constant = vectors([[1.0], [1.0]]);
    assert_eq!(r_squared(&constant, &constant), Ok(1.0));
    assert_eq!(r_squared(&vectors([[1.0], [2.0]]), &constant), Ok(0.0));
}

#[test]
fn a_confusion_matrix_counts_and_prints() {
    let prediction = vectors([
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
    ]);
    let names = ["cat", "dog"].map(String::from);
    let matrix = ConfusionMatrix::new(&prediction, &[0, 0, 0, 1, 1], &names).unwrap();
    assert_eq!(
        (matrix.count(0, 0), matrix.count(0, 1), matrix.count(1, 0)),
        (2, 1, 1)
    );
    assert_eq!(matrix.count(3, 0), 0);
    assert_eq!(matrix.accuracy(), 0.6);
    assert_eq!(
        (matrix.recall(0), matrix.precision(1)),
        (Some(2.0 / 3.0), Some(0.5))
    );
    assert_eq!(
        (matrix.recall(2), matrix.precision(2), matrix.f1(2)),
        (None, None, None)
    );
    assert_eq!(matrix.f1(1), Some(0.5));
    assert_eq!(
        matrix.to_string(),
        "\
actual \\ predicted     cat     dog  2  recall
cat                      2       1  .  66.7 %
dog                      1       1  .  50.0 %
2                        .       .  .       -
precision           66.7 %  50.0 %  -  60.0 %"
    );
}

network! {
    struct Linear(1) -> 2 {
        scalar = f64;
        init = zeros;
        dense(2);
    }
}

#[test]
fn the_mean_loss_is_that_of_all_samples_whatever_the_batches() {
    let net = Linear::new(0);
    let inputs = vec![Vector::zeros(); 100];
    let data = Dataset::new(inputs.clone(), vec![0_usize; 100]).unwrap();
    let loss = mean_loss(&net, &CrossEntropy::default(), &data).unwrap();
    assert!((loss - 2.0_f64.ln()).abs() < 1e-12, "{loss}");
    let evaluation = evaluate(
        &net,
        &CrossEntropy::default(),
        &data,
        &mut [Vector::zeros(); 7],
    )
    .unwrap();
    assert!((evaluation.loss - 2.0_f64.ln()).abs() < 1e-12);
    assert_eq!(evaluation.accuracy, Some(1.0));

    // 99 targets (1, 1) and one (11, 1): the last batch of 64 and 36 weighs less.
    let targets: Vec<_> = (0..100)
        .map(|i| Vector::from([if i == 99 { 11.0 } else { 1.0 }, 1.0]))
        .collect();
    let data = Dataset::new(inputs.clone(), targets).unwrap();
    let mean = mean_loss(&net, &Mse::default(), &data).unwrap();
    assert!((mean - (99.0 + 61.0) / 100.0).abs() < 1e-12, "{mean}");
    let sum = mean_loss(
        &net,
        &Mse {
            reduction: Reduction::Sum,
        },
        &data,
    )
    .unwrap();
    assert!((sum - 2.0 * (99.0 + 61.0)).abs() < 1e-9, "{sum}");

    let targets: Vec<usize> = (0..100).map(|i| if i == 70 { 2 } else { 1 }).collect();
    let data = Dataset::new(inputs, targets).unwrap();
    let error = mean_loss(&net, &CrossEntropy::default(), &data).unwrap_err();
    assert_eq!(
        error,
        LossError::ClassOutOfRange {
            sample: 70,
            class: 2,
            classes: 2
        }
    );
}
