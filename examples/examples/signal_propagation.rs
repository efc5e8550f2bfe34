//! Figures of four papers at small scale: what initialisation, activation and norm do to the
//! signal on its way forward and to the gradient on its way back, measured beside predicted.
//!
//! `cargo run --release --example signal_propagation -- DIRECTORY`
//!
//! The predictions are `Network::FLOW`, made by the compiler. "Reference" are figures of an
//! independent simulation in NumPy, with other random numbers. The plots go to the directory, or
//! to the temporary one.

#[path = "signal_propagation/check.rs"]
mod check;
#[path = "signal_propagation/glorot.rs"]
mod glorot;
#[path = "signal_propagation/he.rs"]
mod he;
#[path = "signal_propagation/klambauer.rs"]
mod klambauer;
#[path = "signal_propagation/measure.rs"]
mod measure;
#[path = "signal_propagation/yang.rs"]
mod yang;

use check::Checks;
use std::error::Error;
use std::path::PathBuf;

/// What every section gets: where plots go, whether to hurry, and the list of checks.
struct Lesson {
    plots: PathBuf,
    short: bool,
    checks: Checks,
}

impl Lesson {
    /// Writes a plot.
    fn plot(
        &self,
        name: &str,
        chart: &network_examples::plot::Chart,
    ) -> Result<(), Box<dyn Error>> {
        Ok(std::fs::write(self.plots.join(name), chart.svg()?)?)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let plots = std::env::args_os().nth(1).map_or_else(
        || std::env::temp_dir().join("signal_propagation"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&plots)?;
    let mut lesson = Lesson {
        plots,
        short: std::env::var("NETWORK_EXAMPLE").is_ok_and(|value| value == "short"),
        checks: Checks::default(),
    };
    glorot::run(&mut lesson)?;
    he::run(&mut lesson)?;
    klambauer::run(&mut lesson)?;
    yang::run(&mut lesson)?;
    println!("plots are in {}\n", lesson.plots.display());
    lesson.checks.conclude()
}
