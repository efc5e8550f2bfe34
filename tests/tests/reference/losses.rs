//! Each loss: its value and its derivative.

use network_core::Scalar;
use network_core::kernels::SimdPath;
use network_core::losses::{
    BinaryCrossEntropy, CrossEntropy, Huber, Loss, LossError, Mae, Masked, Mse, Reduction,
};
use network_core::nalgebra::SVector;
use network_tests::reference::{Case, cases};

/// What a case of any file calls a loss, with its hyperparameters at `pointer`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AnyLoss {
    Mse(Mse),
    Mae(Mae),
    Huber(Huber),
    CrossEntropy(CrossEntropy),
    BinaryCrossEntropy(BinaryCrossEntropy),
}

/// Targets of any kind.
#[derive(Clone, Debug)]
pub(crate) enum Target<T: Scalar, const N: usize> {
    Classes(Vec<usize>),
    Samples(Vec<SVector<T, N>>),
    Masked(Vec<Masked<SVector<T, N>>>),
}

impl<T: Scalar, const N: usize> Target<T, N> {
    pub(crate) fn of(case: &Case) -> Self {
        if case.is_classes("/target") {
            Self::Classes(case.classes("/target"))
        } else if case.get("/mask").is_some() {
            let (targets, masks) = (case.samples("/target"), case.samples("/mask"));
            let pairs = targets.into_iter().zip(masks);
            Self::Masked(
                pairs
                    .map(|(target, mask)| Masked { target, mask })
                    .collect(),
            )
        } else {
            Self::Samples(case.samples("/target"))
        }
    }
}

impl AnyLoss {
    pub(crate) fn of(case: &Case, pointer: &str) -> Self {
        let reduction = match case.text(&format!("{pointer}/reduction")) {
            "mean" => Reduction::Mean,
            "sum" => Reduction::Sum,
            other => panic!("{}: unknown reduction {other}", case.name),
        };
        let number = |field: &str| {
            case.number(&format!("{pointer}/{field}"))
                .expect("a number")
        };
        match case.text(&format!("{pointer}/loss")) {
            "mse" => Self::Mse(Mse { reduction }),
            "mae" => Self::Mae(Mae { reduction }),
            "huber" => Self::Huber(Huber {
                delta: number("delta"),
                reduction,
            }),
            "cross_entropy" => Self::CrossEntropy(CrossEntropy {
                label_smoothing: number("label_smoothing"),
                reduction,
            }),
            "binary_cross_entropy" => Self::BinaryCrossEntropy(BinaryCrossEntropy { reduction }),
            other => panic!("{}: unknown loss {other}", case.name),
        }
    }

    pub(crate) fn evaluate<T: Scalar, const N: usize>(
        &self,
        prediction: &[SVector<T, N>],
        target: &Target<T, N>,
        d: Option<&mut [SVector<T, N>]>,
    ) -> Result<T, LossError> {
        let path = SimdPath::detect();
        match (self, target) {
            (Self::CrossEntropy(loss), Target::Classes(t)) => loss.evaluate(path, prediction, t, d),
            (Self::CrossEntropy(loss), Target::Samples(t)) => loss.evaluate(path, prediction, t, d),
            (Self::Mse(loss), Target::Samples(t)) => loss.evaluate(path, prediction, t, d),
            (Self::Mae(loss), Target::Samples(t)) => loss.evaluate(path, prediction, t, d),
            (Self::Huber(loss), Target::Samples(t)) => loss.evaluate(path, prediction, t, d),
            (Self::BinaryCrossEntropy(loss), Target::Samples(t)) => {
                loss.evaluate(path, prediction, t, d)
            }
            (Self::Mse(loss), Target::Masked(t)) => loss.evaluate(path, prediction, t, d),
            (Self::Mae(loss), Target::Masked(t)) => loss.evaluate(path, prediction, t, d),
            (Self::Huber(loss), Target::Masked(t)) => loss.evaluate(path, prediction, t, d),
            (Self::BinaryCrossEntropy(loss), Target::Masked(t)) => {
                loss.evaluate(path, prediction, t, d)
            }
            (Self::CrossEntropy(_), Target::Masked(_)) => panic!("{self:?} takes no mask"),
            (loss, Target::Classes(_)) => panic!("{loss:?} has no classes"),
        }
    }
}

fn check<T: Scalar, const N: usize>(case: &Case) {
    let loss = AnyLoss::of(case, "");
    let prediction = case.samples::<T, N>("/prediction");
    let target = Target::of(case);
    let mut d = vec![SVector::repeat(T::ZERO); prediction.len()];
    let value = loss.evaluate(&prediction, &target, Some(&mut d)).unwrap();
    case.assert_close("/loss", &[value]);
    let d: Vec<T> = d.iter().flatten().copied().collect();
    case.assert_close("/d_prediction", &d);
    let value = loss.evaluate(&prediction, &target, None).unwrap();
    case.assert_close("/loss", &[value]);
}

#[test]
fn losses_agree_with_pytorch() {
    for case in cases("losses.json") {
        match case.number("/prediction/shape/1").map(|n| n as usize) {
            Some(5) => {
                check::<f32, 5>(&case);
                check::<f64, 5>(&case);
            }
            Some(300) => {
                check::<f32, 300>(&case);
                check::<f64, 300>(&case);
            }
            other => panic!("{}: {other:?} features", case.name),
        }
    }
}
