//! The progress bar: on standard error, and only if that is a terminal.

use super::EpochRecord;
use crate::format::{percent, short};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// A bar over all steps, with the last losses beside it.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    epochs: usize,
    validation: String,
    drawn: Instant,
}

impl Progress {
    const BETWEEN_TEXTS: Duration = Duration::from_millis(100);

    pub(super) fn new(shown: bool, epochs: usize, steps: usize) -> Self {
        let bar = shown.then(|| ProgressBar::new(epochs.saturating_mul(steps) as u64));
        let bar = bar.filter(|bar| !bar.is_hidden());
        if let Some(bar) = &bar {
            let template = "{wide_bar} {percent:>3} %  {msg}  {elapsed} of {duration}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
        }
        Self {
            bar,
            epochs,
            validation: String::new(),
            drawn: Instant::now(),
        }
    }

    pub(super) fn step(&mut self, epoch: usize, loss: f64) {
        let Some(bar) = &self.bar else { return };
        bar.inc(1);
        if self.drawn.elapsed() >= Self::BETWEEN_TEXTS {
            self.drawn = Instant::now();
            let (epochs, validation) = (self.epochs, &self.validation);
            bar.set_message(format!(
                "epoch {epoch}/{epochs}  loss {}{validation}",
                short(loss)
            ));
        }
    }

    pub(super) fn epoch(&mut self, record: &EpochRecord) {
        if self.bar.is_none() {
            return;
        }
        self.validation = match (record.validation_loss, record.validation_accuracy) {
            (Some(loss), Some(accuracy)) => {
                format!("  validation {}, {}", short(loss), percent(accuracy))
            }
            (Some(loss), None) => format!("  validation {}", short(loss)),
            (None, _) => String::new(),
        };
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
