//! Comparison of our figures with expected ones.

use std::error::Error;

/// All comparisons made.
#[derive(Debug, Default)]
pub struct Checks {
    made: usize,
    failed: Vec<String>,
}

impl Checks {
    /// Notes whether `ours` lies within `tolerance` of `expected`, a share of it.
    pub fn relative(&mut self, what: &str, ours: f64, expected: f64, tolerance: f64) {
        self.within(what, ours, expected, tolerance * expected.abs());
    }

    /// Notes whether `ours` lies within `tolerance` of `expected`.
    pub fn within(&mut self, what: &str, ours: f64, expected: f64, tolerance: f64) {
        let holds = (ours - expected).abs() <= tolerance;
        self.that(
            &format!("{what}: {ours:.4}, expected {expected:.4} within {tolerance:.4}"),
            holds,
        );
    }

    /// Notes whether something holds.
    pub fn that(&mut self, what: &str, holds: bool) {
        self.made += 1;
        if !holds {
            self.failed.push(what.to_owned());
        }
    }

    /// Says how many agree.
    ///
    /// # Errors
    ///
    /// If not all do.
    pub fn conclude(&self) -> Result<(), Box<dyn Error>> {
        let agree = self.made - self.failed.len();
        println!(
            "{agree} of {} figures agree with what was expected",
            self.made
        );
        for failed in &self.failed {
            println!("  DIFFERS  {failed}");
        }
        if self.failed.is_empty() {
            Ok(())
        } else {
            Err("figures differ".into())
        }
    }
}
