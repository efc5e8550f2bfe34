use super::*;
use crate::Generator;
use crate::losses::LossError;
use crate::prelude::*;
use crate::snapshot::Snapshot;
use rand::{RngExt, SeedableRng};

network! {
    #[derive(Clone, Debug, PartialEq)]
    struct Small(2) -> 2 {
        scalar = f64;
        hidden: dense(8) -> tanh;
        head: dense(2);
    }
}

fn small(seed: u64) -> Small {
    Small::new(seed)
}

type Vector = SVector<f64, 2>;

/// Points in the plane; the class is whether both coordinates have the same sign.
fn xor(n: usize, seed: u64) -> Dataset<Vector, usize> {
    let mut generator = Generator::seed_from_u64(seed);
    Dataset::from_pairs((0..n).map(|_| {
        let x = Vector::from_fn(|_, _| generator.random_range(-1.0..1.0));
        (x, usize::from(x[0] * x[1] > 0.0))
    }))
    .unwrap()
}

/// The same points; the target is their sum and product.
fn sums(n: usize) -> Dataset<Vector, Vector> {
    xor(n, 3)
        .map_targets(|x, _| Vector::new(x[0] + x[1], x[0] * x[1]))
        .unwrap()
}

fn trainer<'a>() -> Trainer<'a, Small, CrossEntropy, Adam, 16> {
    Trainer::new(CrossEntropy::default(), Adam::new(0.02))
        .epochs(3)
        .seed(7)
}

fn finite(net: &Small) -> bool {
    parameters::first_non_finite(net).is_none()
}

#[test]
fn a_network_learns_what_its_data_say() {
    let (train, test) = (xor(400, 1), xor(200, 2));
    let mut net = small(1);
    let history = trainer()
        .epochs(60)
        .fit(&mut net, &train, Some(&test))
        .unwrap();
    let last = history.last().unwrap();
    assert!(last.validation_accuracy.unwrap() > 0.95, "{history}");
    assert!(
        last.train_loss < 0.2 * history.epochs()[0].train_loss,
        "{history}"
    );
    assert_eq!(
        (history.epochs().len(), history.stop()),
        (60, Stop::Finished)
    );
    let predictions = crate::metrics::predictions(&net, &test);
    let accuracy = crate::metrics::accuracy(&predictions, test.targets()).unwrap();
    assert_eq!(Some(accuracy), last.validation_accuracy);
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let train = xor(100, 1);
    let run = |seed| {
        let mut net = small(1);
        let history = trainer().seed(seed).fit(&mut net, &train, None).unwrap();
        (
            net,
            history
                .epochs()
                .iter()
                .map(|r| r.train_loss.to_bits())
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).0, run(8).0);
}

#[test]
fn a_step_is_what_one_would_write_by_hand() -> Result<(), Box<dyn std::error::Error>> {
    let train = xor(50, 1);
    let mut trained = small(1);
    trainer()
        .clip(Clip::Norm(0.5))
        .fit(&mut trained, &train, None)?;

    let mut net = small(1);
    let mut workspace = Small::workspace::<16>();
    let mut gradient = Small::gradient();
    let mut adam = Adam::new(0.02).for_network::<Small>();
    let mut generator = Generator::seed_from_u64(7);
    let mut order: Vec<usize> = (0..50).collect();
    for _ in 0..3 {
        crate::data::shuffle(&mut order, &mut generator);
        for (x, y) in train.subset(&order)?.batches(16)? {
            Network::forward(&mut net, x, &mut workspace);
            workspace.loss(&CrossEntropy::default(), y)?;
            Network::backward(&net, x, &mut workspace, &mut gradient);
            clip_by_norm::<Small>(&mut gradient, 0.5)?;
            adam.step(&mut net, &gradient);
        }
    }
    assert_eq!(net, trained);
    Ok(())
}

/// The network after a training in which `BATCH` and `accumulate` may differ.
fn accumulated<const BATCH: usize>(reduction: Reduction, accumulate: usize) -> (Small, History) {
    let mut net = small(1);
    let history = Trainer::<_, _, _, BATCH>::new(Mse { reduction }, Sgd::new(0.01))
        .epochs(4)
        .accumulate(accumulate)
        .fit(&mut net, &sums(50), None)
        .unwrap();
    (net, history)
}

#[test]
fn parts_of_a_batch_add_up_to_the_batch() {
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let (whole, history) = accumulated::<21>(reduction, 1);
        // 21 = 3 * 7; the last step of an epoch sees 8 = 7 + 1 samples.
        let (parts, history_of_parts) = accumulated::<7>(reduction, 3);
        let difference = (whole.hidden.weight - parts.hidden.weight).amax();
        assert!(difference < 1e-13, "{reduction:?} {difference:e}");
        for (a, b) in history.epochs().iter().zip(history_of_parts.epochs()) {
            assert!((a.train_loss - b.train_loss).abs() < 1e-12 * a.train_loss);
            assert!((a.gradient_norm - b.gradient_norm).abs() < 1e-12 * a.gradient_norm);
        }
        // Without, the same small batches make more steps and another network.
        let (other, _) = accumulated::<7>(reduction, 1);
        assert!((whole.hidden.weight - other.hidden.weight).amax() > 1e-4);
    }
}

#[test]
fn few_samples_and_large_batches_are_no_problem() {
    for n in [1, 2, 15, 16, 17] {
        let mut net = small(1);
        let mut steps = 0;
        let history = trainer()
            .on_step(|_| {
                steps += 1;
                ControlFlow::Continue(())
            })
            .fit(&mut net, &xor(n, 1), Some(&xor(3, 2)))
            .unwrap();
        assert_eq!(history.epochs().len(), 3);
        assert_eq!(steps, 3 * n.div_ceil(16));
        assert_eq!(trainer().steps(n), 3 * n.div_ceil(16) as u64);
    }
    assert_eq!(trainer().accumulate(2).steps(33), 6);
    assert_eq!(trainer().epochs(usize::MAX).steps(33), u64::MAX);
}

#[test]
fn no_epochs_change_nothing() {
    let mut net = small(1);
    let early = EarlyStopping::patience(1);
    let history = trainer()
        .epochs(0)
        .early_stopping(early)
        .fit(&mut net, &xor(20, 1), None)
        .unwrap();
    assert_eq!((net, history.last()), (small(1), None));
    assert_eq!(history.to_string(), "no epoch was finished");
}

#[test]
fn early_stopping_waits_and_keeps_the_best() {
    let mut net = small(1);
    // The network learns the training set, whose classes say the opposite of the
    // validation set's, so that the first epoch is the best.
    let train = xor(64, 1);
    let validation = xor(64, 2).map_targets(|_, class| 1 - class).unwrap();
    let mut after = Vec::new();
    let history = trainer()
        .epochs(100)
        .early_stopping(EarlyStopping::patience(4))
        .on_epoch(|report| {
            after.push(report.network.clone());
            ControlFlow::Continue(())
        })
        .fit(&mut net, &train, Some(&validation))
        .unwrap();
    assert_eq!(history.stop(), Stop::EarlyStopping);
    let best = history.best_epoch().unwrap();
    assert_eq!(history.epochs().len(), best + 4);
    assert_eq!(net, after[best - 1]);
    let loss = |epoch: usize| history.epochs()[epoch - 1].validation_loss.unwrap();
    assert!(
        (1..=best + 4).all(|epoch| loss(epoch) >= loss(best)),
        "{history}"
    );
    let text = history.to_string();
    assert!(
        text.ends_with(&format!("parameters of epoch {best}, the best")),
        "{text}"
    );
}

#[test]
fn an_exploding_training_stops_with_the_last_good_parameters() {
    let mut net = small(1);
    let mut after = Vec::new();
    let data = sums(64);
    let error = Trainer::<Small, _, _, 16>::new(Mse::default(), Sgd::new(1e3))
        .epochs(1000)
        .on_step(|report| {
            after.push(report.network.clone());
            ControlFlow::Continue(())
        })
        .fit(&mut net, &data, None)
        .unwrap_err();
    let TrainError::NonFinite(error) = error else {
        panic!("{error}")
    };
    assert!(finite(&net));
    assert_eq!(net, after[error.kept_step as usize - 1]);
    assert!(error.kept_step < error.step && error.epoch == error.step.div_ceil(4) as usize);
    assert_eq!(error.history.epochs().len(), error.epoch - 1);
    assert_eq!(error.history.stop(), Stop::NonFinite);
    let text = error.to_string();
    assert!(
        text.contains(&format!("of step {} (epoch {})", error.step, error.epoch)),
        "{text}"
    );
    assert!(text.contains("lower learning rate"), "{text}");
}

#[test]
fn the_sample_whose_loss_is_not_finite_is_named() {
    let mut targets = sums(64).targets().to_vec();
    targets[41][1] = 1e200;
    let data = Dataset::new(sums(64).inputs(), targets).unwrap();
    let mut net = small(1);
    let error = Trainer::<_, _, _, 64>::new(Mse::default(), Sgd::new(0.01))
        .fit(&mut net, &data, None)
        .unwrap_err();
    let TrainError::NonFinite(error) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (error.quantity, error.sample, error.step),
        (Quantity::Loss, Some(41), 1)
    );
    assert_eq!((error.place, error.kept_step), (None, 0));
    assert_eq!(net, small(1));
}

#[test]
fn the_parameter_that_is_not_finite_is_named() {
    let mut net = small(1);
    net.head.bias[1] = f64::NAN;
    let error = trainer().fit(&mut net, &xor(20, 1), None).unwrap_err();
    let TrainError::NonFinite(error) = error else {
        panic!("{error}")
    };
    assert_eq!(error.place.as_deref(), Some("head.bias"));
    assert_eq!(error.sample, Some(error.sample.unwrap()));
}

/// The loss is right, its derivative is NaN for targets of class 1.
#[derive(Debug)]
struct BadDerivative;

impl Loss<Vector, usize> for BadDerivative {
    fn evaluate(
        &self,
        path: SimdPath,
        prediction: &[Vector],
        target: &[usize],
        d_prediction: Option<&mut [Vector]>,
    ) -> Result<f64, LossError> {
        if let Some(d) = d_prediction {
            for (d, t) in d.iter_mut().zip(target) {
                *d = Vector::new(0.0, if *t == 1 { f64::NAN } else { 0.0 });
            }
        }
        CrossEntropy::default().evaluate(path, prediction, target, None)
    }
}

#[test]
fn a_gradient_that_is_not_finite_does_not_reach_the_parameters() {
    let mut net = small(1);
    let error = Trainer::<_, _, _, 8>::new(BadDerivative, Sgd::new(0.1))
        .fit(&mut net, &xor(20, 1), None)
        .unwrap_err();
    let TrainError::NonFinite(error) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (error.quantity, error.step, error.kept_step),
        (Quantity::Gradient, 1, 0)
    );
    assert_eq!(error.place.as_deref(), Some("hidden.weight"));
    assert_eq!(net, small(1));
}

#[test]
fn a_last_step_that_overflows_is_noticed() {
    let mut net = small(1);
    let step = Sgd {
        learning_rate: f64::MAX,
        ..Sgd::new(0.0)
    };
    let data = sums(8).map_targets(|_, y| y * 1e5).unwrap();
    let error = Trainer::<_, _, _, 8>::new(Mse::default(), step)
        .epochs(1)
        .fit(&mut net, &data, None)
        .unwrap_err();
    let TrainError::NonFinite(error) = error else {
        panic!("{error}")
    };
    assert_eq!((error.quantity, error.step), (Quantity::Parameter, 1));
    assert_eq!(error.place.as_deref(), Some("hidden.weight"));
    assert_eq!(net, small(1));
}

#[test]
fn targets_are_checked_before_the_first_step() {
    let train = xor(40, 1);
    let mut classes = train.targets().to_vec();
    classes[33] = 2;
    let bad = Dataset::new(train.inputs(), classes).unwrap();
    for (train, validation, set) in [(&bad, None, "training"), (&train, Some(&bad), "validation")] {
        let mut net = small(1);
        let error = trainer().fit(&mut net, train, validation).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the {set} set cannot be used: sample 33 has class 2, but the network has 2 outputs: \
                 classes count from 0"
            )
        );
        assert_eq!(net, small(1));
    }
}

#[test]
fn settings_are_checked_before_the_first_step() {
    let data = xor(40, 1);
    let error = |trainer: Trainer<'_, Small, CrossEntropy, Adam, 16>, name: &str| {
        let mut trainer = trainer;
        let mut net = small(1);
        match trainer.fit(&mut net, &data, None).unwrap_err() {
            TrainError::Hyperparameter(error) => assert_eq!(error.name, name),
            error => panic!("{error}"),
        }
        assert_eq!(net, small(1));
    };
    error(trainer().accumulate(0), "accumulate");
    error(trainer().clip(Clip::Norm(0.0)), "max_norm");
    error(trainer().clip(Clip::Value(f64::NAN)), "max_value");
    error(trainer().schedule(f64::NAN), "learning_rate");
    error(
        trainer().early_stopping(EarlyStopping {
            patience: 1,
            min_delta: f64::NAN,
        }),
        "min_delta",
    );
    error(
        Trainer::new(CrossEntropy::default(), Adam::new(-1.0)),
        "learning_rate",
    );
}

#[test]
fn schedules_set_the_learning_rate_of_each_step() {
    let mut rates = Vec::new();
    let history = trainer()
        .schedule(|step| 0.1 / (step + 1) as f64)
        .on_step(|report| {
            rates.push((report.step, report.learning_rate));
            ControlFlow::Continue(())
        })
        .fit(&mut small(1), &xor(32, 1), None)
        .unwrap();
    let expected: Vec<_> = (1..=6_u32)
        .map(|step| (u64::from(step), 0.1 / f64::from(step)))
        .collect();
    assert_eq!(rates, expected);
    assert_eq!(history.last().unwrap().learning_rate, 0.1 / 6.0);
}

#[test]
fn clipping_bounds_what_a_step_changes() {
    let data = sums(16).map_targets(|_, y| y * 10.0).unwrap();
    let step = |clip: Option<Clip>| {
        let mut net = small(1);
        let mut trainer = Trainer::<_, _, _, 16>::new(Mse::default(), Sgd::new(1.0)).epochs(1);
        trainer.clip = clip;
        let history = trainer.fit(&mut net, &data, None).unwrap();
        let before = small(1);
        let change = (net.hidden.weight - before.hidden.weight).norm_squared()
            + (net.hidden.bias - before.hidden.bias).norm_squared()
            + (net.head.weight - before.head.weight).norm_squared()
            + (net.head.bias - before.head.bias).norm_squared();
        let largest = (net.head.weight - before.head.weight).amax();
        (change.sqrt(), largest, history.epochs()[0].gradient_norm)
    };
    let (free, largest, norm) = step(None);
    assert!((free - norm).abs() < 1e-12 && free > 0.5 && largest > 0.01);
    let (clipped, _, norm_before) = step(Some(Clip::Norm(0.25)));
    assert!((clipped - 0.25).abs() < 1e-5);
    assert_eq!(
        norm_before, norm,
        "the history has the norm before clipping"
    );
    let (_, largest, _) = step(Some(Clip::Value(0.01)));
    assert!((largest - 0.01).abs() < 1e-12);
}

#[test]
fn callbacks_can_end_the_training() {
    let history = trainer()
        .on_epoch(|report| match report.record.epoch {
            2 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .fit(&mut small(1), &xor(32, 1), None)
        .unwrap();
    assert_eq!(
        (history.epochs().len(), history.stop()),
        (2, Stop::Callback)
    );
    let mut net = small(1);
    let mut seen = None;
    let history = trainer()
        .on_step(|report| {
            seen = Some(report.network.clone());
            ControlFlow::Break(())
        })
        .fit(&mut net, &xor(32, 1), None)
        .unwrap();
    assert_eq!(
        (history.epochs().len(), history.stop()),
        (1, Stop::Callback)
    );
    assert_eq!(Some(net), seen);
}

#[test]
fn a_second_fit_goes_on_with_the_optimizer() {
    let (data, mut net) = (xor(32, 1), small(1));
    let mut trainer = trainer();
    trainer.fit(&mut net, &data, None).unwrap();
    trainer.fit(&mut net, &data, None).unwrap();
    assert_eq!(trainer.optimizer().steps(), 12);
}

#[test]
fn a_history_is_printed_and_saved() {
    let mut net = small(1);
    let history = trainer()
        .fit(&mut net, &xor(32, 1), Some(&xor(32, 2)))
        .unwrap();
    let text = history.to_string();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    assert!(
        header
            .trim_start()
            .starts_with("epoch  train loss  accuracy  validation loss"),
        "{text}"
    );
    assert_eq!(lines.count(), 3);
    // Without classes or validation there are no columns for them.
    let regression = Trainer::<_, _, _, 16>::new(Mse::default(), Sgd::new(0.1))
        .fit(&mut small(1), &sums(16), None)
        .unwrap();
    assert!(!regression.to_string().contains("accuracy"), "{regression}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.csv");
    history.save_csv(&path).unwrap();
    let mut reader = ::csv::Reader::from_path(&path).unwrap();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for (row, record) in rows.iter().zip(history.epochs()) {
        assert_eq!(row[1].parse::<f64>().unwrap(), record.train_loss);
        assert_eq!(row[3].parse::<f64>().ok(), record.validation_loss);
    }
    assert!(
        history
            .save_csv(folder.path().join("no/such/folder.csv"))
            .is_err()
    );
}

#[test]
fn snapshots_bring_back_every_number() {
    let (mut net, before) = (small(1), small(1));
    let mut snapshot = Snapshot::of(&net);
    trainer().fit(&mut net, &xor(32, 1), None).unwrap();
    let after = net.clone();
    snapshot.restore(&mut net);
    assert_eq!(net, before);
    snapshot.take(&after, 5);
    snapshot.restore(&mut net);
    assert_eq!((net, snapshot.step()), (after, 5));
}

#[test]
fn entries_of_the_gradient_have_names() {
    let net = small(1);
    let name = |entry| parameters::name_of_entry(&net, entry).unwrap();
    assert_eq!(
        [0, 15, 16, 23, 24, 40].map(name).join(" "),
        "hidden.weight hidden.weight hidden.bias hidden.bias head.weight head.bias"
    );
    assert_eq!(parameters::name_of_entry(&net, 42), None);
}

network! {
    struct Wide(784) -> 10 {
        dense(2048) -> relu -> dense(2048) -> relu -> dense(10);
    }
}

#[test]
fn big_networks_need_little_stack() {
    let train = || {
        let input = SVector::<f32, 784>::from_fn(|i, _| (i as f32).sin());
        let data = Dataset::new(vec![input; 9], vec![3_usize; 9]).unwrap();
        let mut net = Wide::boxed(1);
        let history = Trainer::<Wide, _, _, 8>::new(CrossEntropy::default(), Sgd::new(1e-3))
            .epochs(1)
            .early_stopping(EarlyStopping::patience(1))
            .fit(&mut net, &data, Some(&data))
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.safetensors");
        crate::save::save(&*net, &path).unwrap();
        let mut back = Wide::boxed(2);
        crate::save::load(&mut *back, &path).unwrap();
        assert_eq!(back.predict(&input), net.predict(&input));
        history.last().unwrap().validation_loss.unwrap()
    };
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(train)
        .unwrap();
    assert!(thread.join().unwrap().is_finite());
}
