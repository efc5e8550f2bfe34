//! Trainings that fail, each with the edit that the report proposes and a random one of the same
//! kind: the file that lies between the two programs.

use crate::OPTIMIZERS;
use crate::observing::Observed;
use crate::runs::{Optimizer, Run};
use crate::tasks;
use crate::training::{ADAPTIVE, SGD};
use declarations::{Change, Declaration};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::PathBuf;

/// A declaration that fails on a task with an optimiser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sick {
    pub network: String,
    pub task: String,
    pub optimizer: Optimizer,
    /// Loss at the best rate, median over initialisations.
    pub loss: f64,
    pub finding: String,
    pub edit: String,
    /// The network declared with the edit; empty if the edit is not one of the declaration.
    pub edited: String,
    /// The network declared with a random edit of the same kind.
    pub random: String,
    /// That declaration on one line.
    pub random_stack: String,
}

/// A share of the loss of guessing below which a training counts as trained, as in the
/// calibration.
pub const TRAINED: f64 = 0.5;

/// Whether a loss is that of a trained network.
pub fn trained(loss: f64) -> bool {
    loss < TRAINED * (declarations::OUTPUTS as f64).ln()
}

/// Loss at the best rate, median over initialisations.
pub fn outcome(runs: &[Run], network: &str, task: &str, optimizer: Optimizer) -> Option<f64> {
    let mut losses: Vec<f64> = (runs.iter())
        .filter(|run| run.network == network && run.task == task && run.optimizer == optimizer)
        .map(Run::best)
        .collect();
    losses.sort_by(f64::total_cmp);
    losses.get(losses.len() / 2).copied()
}

/// The rate that is observed: the middle one of the calibration's.
pub fn observed_rate(optimizer: Optimizer) -> f64 {
    match optimizer {
        Optimizer::Sgd => SGD[1],
        _ => ADAPTIVE[1],
    }
}

/// A file in this package.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The path of a document.
pub fn docs(name: &str) -> PathBuf {
    file("../../docs").join(name)
}

/// Writes rows with a header.
///
/// # Errors
/// If the file cannot be written.
pub fn write<T: Serialize>(name: &str, rows: &[T]) -> Result<(), Box<dyn Error>> {
    let mut writer = csv::Writer::from_path(file(name))?;
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(writer.flush()?)
}

/// Reads what [`write`] wrote.
///
/// # Errors
/// If the file cannot be read.
pub fn read<T: for<'a> Deserialize<'a>>(name: &str) -> Result<Vec<T>, Box<dyn Error>> {
    Ok(csv::Reader::from_path(file(name))?
        .deserialize()
        .collect::<Result<_, _>>()?)
}

/// What an edit changes, by its text.
pub fn change(edit: &str) -> Change {
    if edit.contains("residual") {
        Change::Skip
    } else if edit.contains("batch_norm") || edit.contains("layer_norm") {
        Change::Norm
    } else if edit.starts_with("`init") {
        Change::Init
    } else {
        Change::Activation
    }
}

/// A network to be declared: its name and its declaration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edited {
    pub name: String,
    pub source: String,
}

/// All failing trainings, and the networks that their edits need.
pub fn sick(
    declarations: &[Declaration],
    runs: &[Run],
    observed: &[Observed],
) -> (Vec<Sick>, Vec<Edited>) {
    let (mut all, mut edited) = (Vec::new(), Vec::<Edited>::new());
    for (seed, declaration) in declarations.iter().enumerate() {
        for task in tasks::NAMES {
            for optimizer in OPTIMIZERS {
                let name = &declaration.name;
                let Some(loss) = outcome(runs, name, task, optimizer).filter(|l| !trained(*l))
                else {
                    continue;
                };
                let Some(seen) = observed.iter().find(|seen| {
                    seen.network == *name
                        && seen.task == task
                        && seen.optimizer == optimizer
                        && seen.learning_rate == observed_rate(optimizer)
                }) else {
                    continue;
                };
                let mut declare = |source: &str, suffix: &str| {
                    let source = source.trim_end();
                    let same = |other: &&Edited| {
                        other.name.starts_with(&format!("{name}{suffix}"))
                            && other.source.replace(&other.name, name) == *source
                    };
                    if let Some(other) = edited.iter().find(same) {
                        return other.name.clone();
                    }
                    let index = edited
                        .iter()
                        .filter(|other| other.name.starts_with(&format!("{name}{suffix}")))
                        .count();
                    let own = format!("{name}{suffix}{index}");
                    edited.push(Edited {
                        source: source.replacen(name.as_str(), &own, 1),
                        name: own.clone(),
                    });
                    own
                };
                let random = declaration.redrawn(change(&seen.edit), seed as u64);
                all.push(Sick {
                    network: name.clone(),
                    task: task.to_owned(),
                    optimizer,
                    loss,
                    finding: seen.kind.clone(),
                    edit: seen.edit.clone(),
                    edited: if seen.source.is_empty() {
                        String::new()
                    } else {
                        declare(&seen.source, "Edited")
                    },
                    random: declare(&body(&random), "Random"),
                    random_stack: format!(
                        "init = {}; {}",
                        random.init.unwrap_or("fitted"),
                        random.stack()
                    ),
                });
            }
        }
    }
    (all, edited)
}

/// A declaration without the macro around it.
fn body(declaration: &Declaration) -> String {
    let text = declaration.to_string();
    let start = text.find("pub struct").unwrap_or(0);
    let end = text.trim_end().len() - 1;
    text[start..end].trim_end().to_owned()
}
