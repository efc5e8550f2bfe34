//! One network answers many threads at once, without locks and with the same bits.

use network_core::optimizers::OptimizerFor;
use network_core::prelude::*;
use network_tests::custom::{InverseSquareRoot, Swish};
use std::sync::Arc;
use std::thread;

network! {
    struct Encoder(6) -> 5 {
        dense(9) -> batch_norm -> gelu -> dense(5);
    }
}

network! {
    /// Everything that could keep something between calls.
    struct Everything(6) -> 3 {
        encoder: Encoder;
        dense(8) -> layer_norm -> prelu -> dropout(0.4);
        repeat(5) {
            residual { dense(8) -> batch_norm -> silu -> dense(8) } -> softplus;
        }
        layer(Swish<f32, 8>) -> activation(InverseSquareRoot);
        concat(encoder, input) -> dense(3) -> softmax;
    }
}

fn samples(count: usize) -> Vec<SVector<f32, 6>> {
    let entry = |sample: usize, feature: usize| ((sample * 13 + feature * 5) as f32).sin();
    (0..count)
        .map(|sample| SVector::from_fn(|feature, _| entry(sample, feature)))
        .collect()
}

/// A network whose running statistics are no longer those of the start.
fn trained() -> Box<Everything> {
    let mut net = Everything::boxed(3);
    let mut workspace = Everything::workspace::<32>();
    let mut gradient = Everything::gradient();
    let mut adam = Adam::new(1e-2).for_network::<Everything>();
    let x = samples(32);
    let target: Vec<usize> = (0..32).map(|sample| sample % 3).collect();
    for _ in 0..5 {
        net.forward(&x, &mut workspace);
        workspace.loss(&CrossEntropy::default(), &target).unwrap();
        net.backward(&x, &mut workspace, &mut gradient);
        adam.step(&mut *net, &gradient);
    }
    net
}

#[test]
fn threads_that_share_a_network_get_the_same_answers() {
    const THREADS: usize = 8;
    let net = trained();
    let x = samples(100);
    let expected: Vec<_> = x.iter().map(|x| net.predict(x)).collect();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (net, x, expected) = (&net, &x, &expected);
            scope.spawn(move || {
                for round in 0..20 {
                    // Each thread starts elsewhere, so that they do not go in step.
                    let start = (number * 13 + round) % x.len();
                    for (x, expected) in x[start..].iter().zip(&expected[start..]) {
                        assert_eq!(net.predict(x), *expected);
                    }
                    let mut y = vec![SVector::zeros(); x.len()];
                    net.infer(x, &mut y);
                    assert_eq!(y, *expected);
                }
            });
        }
    });
}

#[test]
fn threads_that_own_a_network_together_get_the_same_answers() {
    let net: Arc<Everything> = Arc::from(trained());
    let x = samples(1)[0];
    let answers = [(); 4].map(|()| {
        let net = Arc::clone(&net);
        thread::spawn(move || net.predict(&x))
    });
    for answer in answers {
        assert_eq!(answer.join().unwrap(), net.predict(&x));
    }
}

#[test]
fn threads_that_train_do_not_disturb_each_other() {
    let alone = trained();
    let together = [(); 4].map(|()| thread::spawn(trained));
    let x = samples(7);
    for net in together {
        let net = net.join().unwrap();
        for x in &x {
            assert_eq!(net.predict(x), alone.predict(x));
        }
    }
}

#[test]
fn everything_of_training_can_go_to_other_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Everything>();
    is_send_and_sync::<EverythingGradient>();
    is_send_and_sync::<Workspace<Everything, 4>>();
    is_send_and_sync::<OptimizerFor<Everything, Adam>>();
}
