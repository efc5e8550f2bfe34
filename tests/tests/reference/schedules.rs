//! Each schedule's learning rates over 50 steps.

use network_core::schedules::{
    CosineDecay, ExponentialDecay, OneCycle, Schedule, StepDecay, WarmUp,
};
use network_tests::reference::{Case, assert_within, cases};

fn schedule(case: &Case) -> Box<dyn Schedule> {
    let number = |field: &str| case.number(&format!("/{field}"));
    let given = |field: &str| number(field).expect(field);
    let learning_rate = given("learning_rate");
    match case.text("/schedule") {
        "constant" => Box::new(learning_rate),
        "step" => Box::new(StepDecay {
            learning_rate,
            every: given("every") as u64,
            factor: given("factor"),
        }),
        "exponential" => Box::new(ExponentialDecay {
            learning_rate,
            factor: given("factor"),
        }),
        "cosine" => Box::new(CosineDecay {
            minimum: given("minimum"),
            ..CosineDecay::new(learning_rate, given("steps") as u64)
        }),
        "cosine_with_warm_up" => {
            let cosine = CosineDecay::new(learning_rate, given("training_steps") as u64);
            Box::new(WarmUp {
                start_factor: 0.0,
                ..cosine.warm_up(given("warm_up_steps") as u64)
            })
        }
        "one_cycle" => {
            let start = OneCycle::new(learning_rate, given("steps") as u64);
            Box::new(OneCycle {
                warm_up_fraction: number("warm_up_fraction").unwrap_or(start.warm_up_fraction),
                initial_divisor: number("initial_divisor").unwrap_or(start.initial_divisor),
                final_divisor: number("final_divisor").unwrap_or(start.final_divisor),
                ..start
            })
        }
        other => panic!("{}: unknown schedule {other}", case.name),
    }
}

#[test]
fn schedules_agree_with_pytorch() {
    for case in cases("schedules.json") {
        let inner = schedule(&case);
        let inner = |step: u64| inner.learning_rate(step);
        let rates: Vec<f64> = match case.number("/warm_up") {
            Some(steps) => {
                let start_factor = case.number("/start_factor").expect("a factor");
                let schedule = WarmUp {
                    start_factor,
                    ..inner.warm_up(steps as u64)
                };
                (0..50).map(|step| schedule.learning_rate(step)).collect()
            }
            None => (0..50).map(inner).collect(),
        };
        let expected = case.numbers("/rates");
        // Relative to each learning rate itself, not to the largest.
        for (step, (rate, expected)) in rates.iter().zip(&expected).enumerate() {
            let what = format!("{}, step {step}", case.name);
            assert_within(&what, &[*rate], &[*expected], 1e-9 * expected);
        }
        assert_eq!(rates.len(), expected.len());
    }
}
