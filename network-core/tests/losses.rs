//! Every loss: its derivative against central differences, its errors, and its edges.

use network_core::kernels::SimdPath;
use network_core::losses::{
    BinaryCrossEntropy, CrossEntropy, Huber, Loss, LossError, Mae, Masked, Mse, Reduction,
};
use network_core::nalgebra::SVector;
use network_core::{HyperparameterError, Sample};

macro_rules! vector {
    ($($entry:expr),*) => {
        SVector::from([$($entry),*])
    };
}

/// A number in -1 ..= 1 that looks random: the same for the same index.
fn noise(index: usize) -> f64 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 29)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

fn samples<const N: usize>(count: usize, f: impl Fn(usize) -> f64) -> Vec<SVector<f64, N>> {
    (0..count)
        .map(|sample| SVector::from_fn(|row, _| f(sample * N + row)))
        .collect()
}

fn value<P: Sample, Y>(loss: &impl Loss<P, Y>, prediction: &[P], target: &[Y]) -> P::Scalar {
    loss.evaluate(SimdPath::detect(), prediction, target, None)
        .unwrap()
}

/// Compares the derivative with central differences, and the loss with and without derivative.
fn check<const N: usize, Y>(
    name: &str,
    loss: &impl Loss<SVector<f64, N>, Y>,
    prediction: &[SVector<f64, N>],
    target: &[Y],
) {
    // What was in the memory before must not matter.
    let mut d = vec![SVector::repeat(f64::NAN); prediction.len()];
    let with = loss
        .evaluate(SimdPath::detect(), prediction, target, Some(&mut d))
        .unwrap();
    assert_eq!(
        with.to_bits(),
        value(loss, prediction, target).to_bits(),
        "{name}: the same loss"
    );

    let largest = d.iter().map(SVector::amax).fold(0.0, f64::max);
    assert!(largest > 0.0, "{name}: some derivative is not 0");
    let mut moved = prediction.to_vec();
    // Every entry of a small batch, and some of a large one.
    for index in (0..prediction.len() * N).step_by(1 + prediction.len() * N / 300) {
        let (sample, row) = (index / N, index % N);
        let h = 1e-5;
        moved[sample][row] = prediction[sample][row] + h;
        let above = value(loss, &moved, target);
        moved[sample][row] = prediction[sample][row] - h;
        let below = value(loss, &moved, target);
        moved[sample][row] = prediction[sample][row];
        let difference = (above - below) / (2.0 * h);
        let error = (d[sample][row] - difference).abs();
        assert!(
            error <= 1e-6 * largest,
            "{name}: sample {sample}, row {row}: {} but differences give {difference}",
            d[sample][row]
        );
    }
}

fn check_all<const N: usize>(count: usize) {
    let prediction = samples::<N>(count, |i| 3.0 * noise(i));
    // No error is near a kink of `Mae` (0) or of `Huber` (0.7).
    let target = samples::<N>(count, |i| {
        let error = noise(i + 1_000_000);
        let away = if (error.abs() - 0.35).abs() < 0.01 || error.abs() < 0.01 {
            0.5
        } else {
            error
        };
        3.0 * noise(i) - 2.0 * away
    });
    let probability = samples::<N>(count, |i| 0.5 + 0.5 * noise(i + 2_000_000));
    let class: Vec<usize> = (0..count).map(|i| (i * 7 + 3) % N).collect();
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let name = |loss: &str| format!("{loss}, {reduction:?}, {count} samples of {N}");
        check(&name("mse"), &Mse { reduction }, &prediction, &target);
        check(&name("mae"), &Mae { reduction }, &prediction, &target);
        check(
            &name("huber"),
            &Huber {
                delta: 0.7,
                reduction,
            },
            &prediction,
            &target,
        );
        check(
            &name("bce"),
            &BinaryCrossEntropy { reduction },
            &prediction,
            &probability,
        );
        if N > 1 {
            for label_smoothing in [0.0, 0.1, 1.0] {
                let loss = CrossEntropy {
                    label_smoothing,
                    reduction,
                };
                if label_smoothing < 1.0 || N > 2 {
                    check(&name("cross-entropy, classes"), &loss, &prediction, &class);
                }
                check(
                    &name("cross-entropy, weights"),
                    &loss,
                    &prediction,
                    &probability,
                );
            }
        }
    }
}

#[test]
fn derivatives_agree_with_finite_differences() {
    check_all::<1>(1);
    check_all::<1>(300);
    check_all::<3>(5);
    check_all::<10>(64);
    check_all::<17>(33);
    check_all::<255>(3);
    check_all::<256>(2);
    check_all::<1000>(2);
}

#[test]
fn loss_and_derivative_do_not_depend_on_the_samples_around() {
    let prediction = samples::<10>(100, |i| 4.0 * noise(i));
    let class: Vec<usize> = (0..100).map(|i| i % 10).collect();
    let loss = CrossEntropy {
        label_smoothing: 0.2,
        reduction: Reduction::Sum,
    };
    let mut together = vec![SVector::zeros(); 100];
    let path = SimdPath::detect();
    let total = loss
        .evaluate(path, &prediction, &class, Some(&mut together))
        .unwrap();
    let mut sum = 0.0;
    for sample in 0..100 {
        let mut alone = [SVector::zeros()];
        sum += loss
            .evaluate(
                path,
                &prediction[sample..=sample],
                &class[sample..=sample],
                Some(&mut alone),
            )
            .unwrap();
        assert_eq!(alone[0], together[sample]);
    }
    assert!((sum - total).abs() < 1e-12 * total);
}

#[test]
fn large_logits_lose_no_digits() {
    // ln(1 + e^-20 + e^-20) is about 2 e^-20; the naive form gives infinity or 0.
    let logits = [vector![1020.0_f64, 1000.0, 1000.0]];
    let loss = value(&CrossEntropy::default(), &logits, &[0_usize]);
    let exact = (2.0 * (-20.0_f64).exp()).ln_1p();
    assert!((loss - exact).abs() < 1e-15, "{loss} {exact}");
    let loss = value(&CrossEntropy::default(), &logits, &[1_usize]);
    assert!((loss - (20.0 + exact)).abs() < 1e-13, "{loss}");

    for (logit, target) in [(10.0_f32, 1.0_f32), (-10.0, 0.0)] {
        let loss = value(
            &BinaryCrossEntropy::default(),
            &[vector![logit]],
            &[vector![target]],
        );
        let exact = (-10.0_f64).exp().ln_1p();
        assert!(
            (f64::from(loss) - exact).abs() < 1e-6 * exact,
            "{loss} {exact}"
        );
    }
    let loss = value(
        &BinaryCrossEntropy::default(),
        &[vector![-800.0]],
        &[vector![1.0]],
    );
    assert_eq!(loss, 800.0);
}

#[test]
fn a_class_ruled_out_by_its_logit_is_no_harm() {
    let logits = [vector![1.0_f64, f64::NEG_INFINITY, 1.0]];
    let mut d = [SVector::zeros()];
    let loss = CrossEntropy::default()
        .evaluate(SimdPath::detect(), &logits, &[0_usize], Some(&mut d))
        .unwrap();
    assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
    assert_eq!(d, [vector![-0.5, 0.0, 0.5]]);
}

#[test]
fn the_mean_of_a_large_batch_is_exact() {
    // 300,000 times 0.1^2 in f32: a running f32 sum would be off in the fourth digit.
    let prediction = vec![vector![0.1_f32, 0.1, 0.1]; 100_000];
    let target = vec![SVector::zeros(); 100_000];
    let loss = value(&Mse::default(), &prediction, &target);
    assert!((f64::from(loss) - 0.01).abs() < 1e-8, "{loss}");
    let loss = value(
        &CrossEntropy::default(),
        &prediction,
        &vec![1_usize; 100_000],
    );
    assert!((f64::from(loss) - 3.0_f64.ln()).abs() < 2e-7, "{loss}");
}

#[test]
fn the_mean_absolute_error_has_no_slope_where_it_is_0() {
    let mut d = [SVector::zeros()];
    let prediction = [vector![1.0, 2.0, 3.0, 4.0]];
    let target = [vector![1.0, 1.0, 4.0, 4.0]];
    Mae::default()
        .evaluate(SimdPath::detect(), &prediction, &target, Some(&mut d))
        .unwrap();
    assert_eq!(d, [vector![0.0, 0.25, -0.25, 0.0]]);
}

/// The error of evaluating, with and without derivative.
fn error<const N: usize, Y>(
    loss: &impl Loss<SVector<f64, N>, Y>,
    prediction: &[SVector<f64, N>],
    target: &[Y],
) -> LossError {
    let without = loss
        .evaluate(SimdPath::detect(), prediction, target, None)
        .unwrap_err();
    let mut d = vec![SVector::zeros(); prediction.len()];
    let with = loss
        .evaluate(SimdPath::detect(), prediction, target, Some(&mut d))
        .unwrap_err();
    // As text, since a NaN in it equals nothing.
    assert_eq!(with.to_string(), without.to_string());
    without
}

#[test]
fn wrong_lengths_are_errors() {
    let two = [vector![0.0, 0.0], vector![1.0, 1.0]];
    let length = LossError::Length {
        predictions: 2,
        targets: 1,
    };
    assert_eq!(error(&Mse::default(), &two, &two[..1]), length);
    assert_eq!(
        error(&BinaryCrossEntropy::default(), &two, &two[..1]),
        length
    );
    assert_eq!(error(&CrossEntropy::default(), &two, &[0_usize]), length);
    assert_eq!(length.to_string(), "1 targets do not fit 2 predictions");

    let none: [SVector<f64, 2>; 0] = [];
    assert_eq!(error(&Mae::default(), &none, &none), LossError::EmptyBatch);
    assert_eq!(
        error(&Huber::default(), &none, &none),
        LossError::EmptyBatch
    );
    assert_eq!(
        error(&CrossEntropy::default(), &none, &[0_usize; 0]),
        LossError::EmptyBatch
    );

    let mut short = [SVector::zeros()];
    let path = SimdPath::detect();
    let wrong = LossError::DerivativeLength {
        predictions: 2,
        derivatives: 1,
    };
    assert_eq!(
        Mse::default().evaluate(path, &two, &two, Some(&mut short)),
        Err(wrong)
    );
    let class = [0_usize, 1];
    assert_eq!(
        CrossEntropy::default().evaluate(path, &two, &class, Some(&mut short)),
        Err(wrong)
    );
}

#[test]
fn a_class_out_of_range_is_named() {
    let logits = [vector![0.0, 0.0, 0.0]; 4];
    let error = error(&CrossEntropy::default(), &logits, &[0_usize, 2, 3, 9]);
    assert_eq!(
        error,
        LossError::ClassOutOfRange {
            sample: 2,
            class: 3,
            classes: 3
        }
    );
    assert_eq!(
        error.to_string(),
        "sample 2 has class 3, but the network has 3 outputs: classes count from 0"
    );
}

#[test]
fn a_target_that_is_not_finite_is_named() {
    let prediction = [vector![0.0, 0.0, 0.0]; 200];
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut target = [vector![0.1, 0.2, 0.3]; 200];
        target[150][1] = bad;
        let named = LossError::NonFiniteTarget {
            sample: 150,
            feature: 1,
        };
        assert_eq!(error(&Mse::default(), &prediction, &target), named);
        assert_eq!(error(&Mae::default(), &prediction, &target), named);
        assert_eq!(error(&Huber::default(), &prediction, &target), named);
        assert_eq!(
            error(&BinaryCrossEntropy::default(), &prediction, &target),
            named
        );
        assert_eq!(error(&CrossEntropy::default(), &prediction, &target), named);
        let smoothed = CrossEntropy::with_label_smoothing(0.1);
        assert_eq!(error(&smoothed, &prediction, &target), named);
    }
}

#[test]
fn predictions_that_are_not_finite_give_such_a_loss() {
    let target = [vector![0.0, 1.0]];
    for bad in [f64::NAN, f64::INFINITY] {
        let prediction = [vector![0.0, bad]];
        assert!(!value(&Mse::default(), &prediction, &target).is_finite());
        assert!(!value(&Mae::default(), &prediction, &target).is_finite());
        assert!(!value(&Huber::default(), &prediction, &target).is_finite());
        assert!(!value(&CrossEntropy::default(), &prediction, &[0_usize]).is_finite());
    }
    assert!(
        value(
            &BinaryCrossEntropy::default(),
            &[vector![f64::NAN]],
            &[vector![1.0]]
        )
        .is_nan()
    );
}

#[test]
fn a_target_that_is_no_probability_is_named() {
    let prediction = [vector![0.0, 0.0]; 3];
    let target = [vector![0.0, 1.0], vector![0.5, 2.0], vector![-1.0, 0.0]];
    let error = error(&BinaryCrossEntropy::default(), &prediction, &target);
    assert_eq!(
        error,
        LossError::NotAProbability {
            sample: 1,
            feature: 1,
            value: 2.0
        }
    );
}

#[test]
fn hyperparameters_out_of_range_are_errors() {
    let sample = [vector![0.0, 1.0]];
    for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = error(&Huber::new(delta), &sample, &sample);
        assert!(
            matches!(
                error,
                LossError::Hyperparameter(HyperparameterError { name: "delta", .. })
            ),
            "{error}"
        );
    }
    let error = error(
        &CrossEntropy::with_label_smoothing(1.5),
        &sample,
        &[1_usize],
    );
    assert_eq!(
        error.to_string(),
        "`label_smoothing` is 1.5, but must be between 0 and 1"
    );
}

/// Masks of 0, 1 and 0.5, the second sample's all 0 and targets NaN where the mask is 0.
fn mask<const N: usize>(targets: &[SVector<f64, N>]) -> Vec<Masked<SVector<f64, N>>> {
    let weight = |sample: usize, row: usize| [1.0, 0.0, 0.5, 1.0][(sample * 7 + row * 3) % 4];
    let each = targets.iter().enumerate().map(|(sample, target)| {
        let mask = SVector::from_fn(|row, _| {
            if sample == 1 {
                0.0
            } else {
                weight(sample, row)
            }
        });
        let target = target.zip_map(&mask, |t, m| if m == 0.0 { f64::NAN } else { t });
        Masked { target, mask }
    });
    each.collect()
}

fn check_masked<const N: usize>(count: usize) {
    let prediction = samples::<N>(count, |i| 3.0 * noise(i));
    // No error is near a kink.
    let target = samples::<N>(count, |i| 3.0 * noise(i) - 0.4 - (noise(i + 7) * 0.2).abs());
    let (target, probability) = (
        mask(&target),
        mask(&samples::<N>(count, |i| 0.5 + 0.5 * noise(i + 9))),
    );
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let name = |loss: &str| format!("masked {loss}, {reduction:?}, {count} samples of {N}");
        let huber = Huber {
            delta: 0.7,
            reduction,
        };
        check(&name("mse"), &Mse { reduction }, &prediction, &target);
        check(&name("mae"), &Mae { reduction }, &prediction, &target);
        check(&name("huber"), &huber, &prediction, &target);
        let bce = BinaryCrossEntropy { reduction };
        check(&name("bce"), &bce, &prediction, &probability);
    }
}

#[test]
fn masked_derivatives_agree_with_finite_differences() {
    check_masked::<1>(3);
    check_masked::<3>(5);
    check_masked::<256>(2);
    check_masked::<300>(3);
}

#[test]
fn a_mask_of_ones_changes_nothing_and_one_of_zeros_leaves_nothing() {
    let prediction = samples::<5>(7, |i| 3.0 * noise(i));
    let target = samples::<5>(7, |i| 3.0 * noise(i + 50));
    let masked = |weight: f64| -> Vec<_> {
        let mask = SVector::repeat(weight);
        let each = target.iter().map(|&target| Masked { target, mask });
        each.collect()
    };
    let plain = value(&Mse::default(), &prediction, &target);
    for weight in [1.0, 3.0] {
        let loss = value(&Mse::default(), &prediction, &masked(weight));
        assert!((loss - plain).abs() < 1e-15 * plain);
    }
    let mut d = vec![SVector::repeat(f64::NAN); 7];
    let nothing =
        Mse::default().evaluate(SimdPath::detect(), &prediction, &masked(0.0), Some(&mut d));
    assert_eq!(nothing, Ok(0.0));
    assert!(d.iter().all(|d| d.amax() == 0.0));
}

#[test]
fn a_masked_batch_is_the_sum_of_its_parts() {
    let prediction = samples::<5>(8, |i| 3.0 * noise(i));
    let target = mask(&samples::<5>(8, |i| 3.0 * noise(i + 50)));
    let whole = value(&Mae::default(), &prediction, &target);
    let part = |range: core::ops::Range<usize>| {
        let weight = range.len() as f64 / 8.0;
        weight * value(&Mae::default(), &prediction[range.clone()], &target[range])
    };
    assert!((part(0..3) + part(3..8) - whole).abs() < 1e-15 * whole);
}

#[test]
fn what_is_wrong_with_a_mask_is_named() {
    let prediction = [SVector::zeros(); 2];
    let fine = Masked {
        target: vector![0.5, f64::NAN],
        mask: vector![1.0, 0.0],
    };
    assert!(value(&BinaryCrossEntropy::default(), &prediction, &[fine; 2]) > 0.0);
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let mask = vector![1.0, weight];
        let wrong = [fine, Masked { mask, ..fine }];
        let found = Mse::default().evaluate(SimdPath::detect(), &prediction, &wrong, None);
        let place = matches!(
            found,
            Err(LossError::NotAWeight {
                sample: 1,
                feature: 1,
                ..
            })
        );
        assert!(place, "{found:?}");
    }
    let evaluate = |target, loss: BinaryCrossEntropy| {
        let wrong = [fine, Masked { target, ..fine }];
        loss.evaluate(SimdPath::detect(), &prediction, &wrong, None)
    };
    let place = |error| matches!(error, Err(LossError::NotAProbability { sample: 1, .. }));
    assert!(place(evaluate(
        vector![1.5, 0.0],
        BinaryCrossEntropy::default()
    )));
    let infinite = evaluate(vector![f64::INFINITY, 0.0], BinaryCrossEntropy::default());
    assert!(matches!(infinite, Err(LossError::NonFiniteTarget { .. })));
    let huber = Huber::new(0.0).evaluate(SimdPath::detect(), &prediction, &[fine; 2], None);
    assert!(matches!(huber, Err(LossError::Hyperparameter(_))));
}
