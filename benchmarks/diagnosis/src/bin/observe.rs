//! Trains the drawn declarations under observation, and the unseen ones as the calibration does;
//! keeps what was seen: `observed.csv`, `unseen.csv`.

use diagnosis::networks::{Declared, UNSEEN, Visitor};
use diagnosis::observing::{Observed, observe};
use diagnosis::runs::Run;
use diagnosis::{OPTIMIZERS, cases, on_all_threads, repeated, runs, tasks};
use std::error::Error;

include!(concat!(env!("OUT_DIR"), "/drawn.rs"));

type Both = (Vec<Run>, Vec<Observed>);

/// What is done with each network.
#[derive(Default)]
struct Jobs {
    all: Vec<fn(&[tasks::Task], bool) -> Both>,
}

impl Visitor for Jobs {
    fn visit<N: Declared>(&mut self) {
        self.all.push(|tasks, outcomes| {
            let runs = if outcomes && N::NAME.starts_with(UNSEEN) {
                tasks
                    .iter()
                    .flat_map(|task| OPTIMIZERS.map(|optimizer| repeated::<N>(task, optimizer)))
                    .flatten()
                    .collect()
            } else {
                Vec::new()
            };
            (runs, observe::<N>(tasks))
        });
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // After a change of the report alone the outcomes are the same.
    let outcomes = std::env::args().nth(1).as_deref() != Some("report");
    let mut jobs = Jobs::default();
    visit(&mut jobs);
    let tasks = tasks::all()?;
    let jobs: Vec<_> = (jobs.all.iter())
        .map(|job| || vec![job(&tasks, outcomes)])
        .collect();
    let (all, observed): (Vec<_>, Vec<_>) = on_all_threads(&jobs).into_iter().unzip();
    let observed: Vec<Observed> = observed.into_iter().flatten().collect();
    if outcomes {
        runs::write(
            &cases::file("unseen.csv"),
            &all.into_iter().flatten().collect::<Vec<_>>(),
        )?;
    }
    cases::write("observed.csv", &observed)
}
