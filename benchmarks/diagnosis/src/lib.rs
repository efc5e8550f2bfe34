//! Is the gradient-flow report right, and do its edits cure? On random declarations, beside
//! published rules and random edits.
//!
//! `benchmarks/diagnosis/run` does it all: `observe` trains the drawn declarations and keeps what
//! the report and the published rules said of each training; `repair` trains the declarations
//! with the report's first edit, and with a random edit of the same kind. `document` writes
//! `docs/diagnosis.md` of what both kept.

pub mod cases;
pub mod networks;
pub mod observing;
pub mod published;
// The calibration's tasks, trainings and criterion.
#[path = "../../calibration/src/runs.rs"]
pub mod runs;
#[path = "../../calibration/src/tasks.rs"]
pub mod tasks;
#[path = "../../calibration/src/training.rs"]
pub mod training;

use networks::Declared;
use runs::{Optimizer, Run};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The optimisers of this study.
pub const OPTIMIZERS: [Optimizer; 2] = [Optimizer::Sgd, Optimizer::Adam];

/// Trains `N` on a task with an optimiser, from every initialisation with every learning rate.
pub fn repeated<N: Declared>(task: &tasks::Task, optimizer: Optimizer) -> Vec<Run> {
    (0..training::SEEDS)
        .map(|seed| training::run::<N>(task, seed, optimizer))
        .collect()
}

/// Does all jobs on all threads; the result does not depend on their number.
pub fn on_all_threads<T: Send>(jobs: &[impl Fn() -> Vec<T> + Sync]) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some((index, job)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            jobs.get(index).map(|job| (index, job))
        } {
            let results = job();
            let mut done = done
                .lock()
                .expect("no thread panics while it holds the lock");
            done.push((index, results));
            eprintln!("{} of {} networks trained", done.len(), jobs.len());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().expect("all threads have ended");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().flat_map(|(_, results)| results).collect()
}
