//! Trains the declarations that `observe` edited, as the calibration trains, on the task and with
//! the optimiser with which the original failed: `repaired.csv`.

use diagnosis::cases::Sick;
use diagnosis::networks::{Declared, Visitor};
use diagnosis::runs::Run;
use diagnosis::{cases, on_all_threads, repeated, runs, tasks};
use std::error::Error;

include!(concat!(env!("OUT_DIR"), "/edited.rs"));

type Job = fn(&[tasks::Task], &[Sick]) -> Vec<Run>;

/// What is done with each network.
#[derive(Default)]
struct Jobs {
    all: Vec<Job>,
}

impl Visitor for Jobs {
    fn visit<N: Declared>(&mut self) {
        self.all.push(|tasks, sick| {
            let of = |case: &&Sick| case.edited == N::NAME || case.random == N::NAME;
            (sick.iter().filter(of))
                .flat_map(|case| {
                    let task = tasks.iter().find(|task| task.name == case.task);
                    task.map_or_else(Vec::new, |task| repeated::<N>(task, case.optimizer))
                })
                .collect()
        });
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut jobs = Jobs::default();
    visit(&mut jobs);
    let tasks = tasks::all()?;
    let sick: Vec<Sick> = cases::read("sick.csv")?;
    let jobs: Vec<_> = jobs.all.iter().map(|job| || job(&tasks, &sick)).collect();
    runs::write(&cases::file("repaired.csv"), &on_all_threads(&jobs))
}
