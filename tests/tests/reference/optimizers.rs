//! Each optimizer, along given gradients.

use network_core::bytemuck::Zeroable;
use network_core::gradient::entries_mut;
use network_core::layers::Dense;
use network_core::optimizers::{Adam, AdamW, Optimizer, OptimizerFor, RmsProp, Sgd};
use network_core::{Layer, Scalar};
use network_tests::reference::{Case, cases, from_row_major, parameters};

/// An optimizer of any kind, bound to a layer.
pub(crate) enum AnyOptimizer<L: Layer> {
    Sgd(Box<OptimizerFor<L, Sgd>>),
    RmsProp(Box<OptimizerFor<L, RmsProp>>),
    Adam(Box<OptimizerFor<L, Adam>>),
    AdamW(Box<OptimizerFor<L, AdamW>>),
}

/// The same for whichever kind it is.
macro_rules! each {
    ($any:expr, $optimizer:ident => $then:expr) => {
        match $any {
            AnyOptimizer::Sgd($optimizer) => $then,
            AnyOptimizer::RmsProp($optimizer) => $then,
            AnyOptimizer::Adam($optimizer) => $then,
            AnyOptimizer::AdamW($optimizer) => $then,
        }
    };
}

impl<L: Layer> AnyOptimizer<L> {
    /// What a case of any file calls an optimizer, with its hyperparameters at `pointer`.
    pub(crate) fn of(case: &Case, pointer: &str) -> Self {
        let or = |field: &str, default| {
            case.number(&format!("{pointer}/{field}"))
                .unwrap_or(default)
        };
        let flag = |field: &str| case.flag(&format!("{pointer}/{field}"));
        let rate = or("learning_rate", f64::NAN);
        let any = match case.text(&format!("{pointer}/optimizer")) {
            "sgd" => {
                let start = Sgd::new(rate);
                let sgd = Sgd {
                    momentum: or("momentum", start.momentum),
                    dampening: or("dampening", start.dampening),
                    nesterov: flag("nesterov"),
                    weight_decay: or("weight_decay", start.weight_decay),
                    ..start
                };
                Self::Sgd(sgd.for_network())
            }
            "rms_prop" => {
                let start = RmsProp::new(rate);
                let rms_prop = RmsProp {
                    smoothing: or("smoothing", start.smoothing),
                    epsilon: or("epsilon", start.epsilon),
                    momentum: or("momentum", start.momentum),
                    centered: flag("centered"),
                    weight_decay: or("weight_decay", start.weight_decay),
                    ..start
                };
                Self::RmsProp(rms_prop.for_network())
            }
            "adam" => {
                let start = Adam::new(rate);
                let adam = Adam {
                    beta1: or("beta1", start.beta1),
                    beta2: or("beta2", start.beta2),
                    epsilon: or("epsilon", start.epsilon),
                    weight_decay: or("weight_decay", start.weight_decay),
                    ..start
                };
                Self::Adam(adam.for_network())
            }
            "adam_w" => {
                let start = AdamW::new(rate);
                let adam_w = AdamW {
                    beta1: or("beta1", start.beta1),
                    beta2: or("beta2", start.beta2),
                    epsilon: or("epsilon", start.epsilon),
                    weight_decay: or("weight_decay", start.weight_decay),
                    ..start
                };
                Self::AdamW(adam_w.for_network())
            }
            other => panic!("{}: unknown optimizer {other}", case.name),
        };
        each!(&any, optimizer => optimizer.validate()).unwrap();
        any
    }

    pub(crate) fn step(&mut self, network: &mut L, gradient: &L::Gradient) {
        each!(self, optimizer => optimizer.step(network, gradient));
    }

    fn halve_learning_rate(&mut self) {
        each!(self, optimizer => optimizer.learning_rate *= 0.5);
    }
}

fn check<T: Scalar>(case: &Case) {
    type Weights<T> = Dense<T, 4, 3>;
    let mut layer: Weights<T> = Zeroable::zeroed();
    from_row_major(&[3, 4], &case.given("/weight"), layer.weight.as_mut_slice());
    layer
        .bias
        .as_mut_slice()
        .copy_from_slice(&case.given("/bias"));
    let mut gradient: <Weights<T> as Layer>::Gradient = Zeroable::zeroed();
    let mut optimizer = AnyOptimizer::of(case, "");
    for step in 0..case.len("/gradients") {
        if step == 3 {
            optimizer.halve_learning_rate();
        }
        let (weight, bias) = entries_mut::<Weights<T>>(&mut gradient).split_at_mut(12);
        from_row_major(
            &[3, 4],
            &case.given(&format!("/gradients/{step}/weight")),
            weight,
        );
        bias.copy_from_slice(&case.given(&format!("/gradients/{step}/bias")));
        optimizer.step(&mut layer, &gradient);
        for parameter in parameters(&layer) {
            case.assert_close(
                &format!("/after/{step}/{}", parameter.name),
                &parameter.values,
            );
        }
    }
}

#[test]
fn optimizers_agree_with_pytorch() {
    for case in cases("optimizers.json") {
        check::<f32>(&case);
        check::<f64>(&case);
    }
}
