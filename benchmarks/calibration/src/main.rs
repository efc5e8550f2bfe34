//! The static verdict against the outcome of training, on random declarations: trains them all
//! and writes `docs/calibration.md` with its plots and runs.
//!
//! `cargo run --profile study -p calibration` trains and writes; with `-- judge` it reads the
//! runs that were kept and judges them anew, as after a change of thresholds.

mod document;
mod judgement;
mod networks;
mod plots;
mod runs;
mod tasks;
mod training;

use judgement::{Case, Outcome};
use network_core::flow::Prediction;
use networks::{Declared, Visitor, declarations};
use runs::Run;
use std::error::Error;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tasks::Task;

fn main() -> Result<(), Box<dyn Error>> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let pictures = docs.join("calibration");
    std::fs::create_dir_all(&pictures)?;
    let kept = pictures.join("runs.csv");

    let mut networks = Networks::default();
    networks::visit(&mut networks);
    let runs = match std::env::args().nth(1).as_deref() {
        None => {
            let runs = train(&networks.studies, &tasks::all()?);
            runs::write(&kept, &runs)?;
            runs
        }
        Some("judge") => runs::read(&kept)?,
        Some(other) => return Err(format!("`{other}`: the only argument is `judge`").into()),
    };
    let cases: Vec<Case> = declarations()
        .into_iter()
        .zip(networks.flows)
        .enumerate()
        .map(|(index, (declaration, flows))| Case::new(index, declaration, flows))
        .collect();
    let outcomes = Outcome::all(&cases, &runs);
    let text = document::write(&cases, &outcomes)?;
    print!("{text}");
    std::fs::write(docs.join("calibration.md"), text)?;
    plots::write(&pictures, &outcomes)
}

/// What is known of each declared network, in order.
#[derive(Default)]
struct Networks {
    studies: Vec<fn(&[Task]) -> Vec<Run>>,
    flows: Vec<[Prediction; 3]>,
}

impl Visitor for Networks {
    fn visit<N: Declared, Adam: Declared, RmsProp: Declared>(&mut self) {
        self.studies.push(training::study::<N>);
        self.flows.push([N::FLOW, Adam::FLOW, RmsProp::FLOW]);
    }
}

/// Trains all networks, on all threads; the result does not depend on their number.
fn train(studies: &[fn(&[Task]) -> Vec<Run>], tasks: &[Task]) -> Vec<Run> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some((index, study)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            studies.get(index).map(|study| (index, study))
        } {
            let runs = study(tasks);
            let mut done = done
                .lock()
                .expect("no thread panics while it holds the lock");
            done.push((index, runs));
            eprintln!("{} of {} networks trained", done.len(), studies.len());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().expect("all threads have ended");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().flat_map(|(_, runs)| runs).collect()
}
