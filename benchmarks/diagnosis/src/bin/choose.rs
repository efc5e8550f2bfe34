//! The failing trainings of what `observe` kept, each with the report's edit and a random one:
//! `sick.csv`, and the declarations that `repair` trains: `edited.csv`.

use diagnosis::networks::declarations;
use diagnosis::observing::Observed;
use diagnosis::{cases, runs};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let observed: Vec<Observed> = cases::read("observed.csv")?;
    let mut all = runs::read(&cases::docs("calibration/runs.csv"))?;
    all.extend(runs::read(&cases::file("unseen.csv"))?);
    let (sick, edited) = cases::sick(&declarations(), &all, &observed);
    eprintln!(
        "{} failing trainings, {} edited networks",
        sick.len(),
        edited.len()
    );
    cases::write("sick.csv", &sick)?;
    cases::write("edited.csv", &edited)
}
