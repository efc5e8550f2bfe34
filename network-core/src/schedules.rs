//! Learning-rate schedules: how far the optimizer goes in each step.
//!
//! A schedule is a function of the step's number, counted from 0, with no memory:
//! training can be resumed anywhere. A step may be a batch or an epoch, as the caller counts.
//!
//! ```
//! use network_core::optimizers::Adam;
//! use network_core::schedules::{CosineDecay, Schedule};
//!
//! let schedule = CosineDecay::new(1e-3, 1000).warm_up(100);
//! let mut adam = Adam::new(0.0);
//! for step in 0..1000 {
//!     adam.learning_rate = schedule.learning_rate(step);
//!     // forward, backward, adam.step(..)
//! }
//! ```

use core::f64::consts::PI;

/// The learning rate of each step.
///
/// A number is the constant schedule; any `Fn(u64) -> f64` is a schedule too.
pub trait Schedule {
    /// The learning rate of step number `step`, counted from 0.
    fn learning_rate(&self, step: u64) -> f64;

    /// This schedule with a linear rise in its first `steps` steps: see [`WarmUp`].
    ///
    /// Both together take as many steps as the schedule alone, so that
    /// `CosineDecay::new(1e-3, n).warm_up(w)` ends with a training of `n` steps: the cosine takes
    /// the `n - w` steps after the rise ([`Schedule::shortened`]).
    ///
    /// ```
    /// use network_core::schedules::{CosineDecay, Schedule};
    ///
    /// let schedule = CosineDecay::new(0.9, 1000).warm_up(100);
    /// assert!((schedule.learning_rate(0) - 0.3).abs() < 1e-12); // from a third
    /// assert!((schedule.learning_rate(100) - 0.9).abs() < 1e-12);
    /// assert!((schedule.learning_rate(550) - 0.45).abs() < 1e-12); // half of the way down
    /// assert_eq!(schedule.learning_rate(1000), 0.0);
    /// ```
    fn warm_up(self, steps: u64) -> WarmUp<Self>
    where
        Self: Sized,
    {
        WarmUp {
            steps,
            start_factor: 1.0 / 3.0,
            then: self.shortened(steps),
        }
    }

    /// This schedule in `by` steps fewer, to come after something else. A schedule without an
    /// end, such as [`StepDecay`], stays as it is.
    fn shortened(self, by: u64) -> Self
    where
        Self: Sized,
    {
        let _ = by;
        self
    }
}

/// Always the same learning rate.
impl Schedule for f64 {
    fn learning_rate(&self, _step: u64) -> f64 {
        *self
    }
}

impl<F: Fn(u64) -> f64> Schedule for F {
    fn learning_rate(&self, step: u64) -> f64 {
        self(step)
    }
}

/// Multiplies the learning rate by `factor` after every `every` steps:
/// `learning_rate * factor^floor(step / every)`. As PyTorch's `StepLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    /// The first learning rate.
    pub learning_rate: f64,
    /// How many steps share a learning rate; 0 is taken as 1.
    pub every: u64,
    /// What the learning rate is multiplied by; PyTorch's `gamma`.
    #[doc(alias = "gamma")]
    pub factor: f64,
}

impl Schedule for StepDecay {
    fn learning_rate(&self, step: u64) -> f64 {
        self.learning_rate * libm::pow(self.factor, (step / self.every.max(1)) as f64)
    }
}

/// Multiplies the learning rate by `factor` after every step: `learning_rate * factor^step`.
/// As PyTorch's `ExponentialLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialDecay {
    /// The first learning rate.
    pub learning_rate: f64,
    /// What the learning rate is multiplied by; PyTorch's `gamma`.
    #[doc(alias = "gamma")]
    pub factor: f64,
}

impl Schedule for ExponentialDecay {
    fn learning_rate(&self, step: u64) -> f64 {
        self.learning_rate * libm::pow(self.factor, step as f64)
    }
}

/// Half a cosine wave from the first learning rate down to the last (Loshchilov & Hutter 2017).
///
/// `minimum + (learning_rate - minimum) (1 + cos(pi step / steps)) / 2`, as PyTorch's
/// `CosineAnnealingLR`; but from `steps` on it stays at `minimum`, where PyTorch's rises again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineDecay {
    /// The first learning rate.
    pub learning_rate: f64,
    /// How many steps the way down takes.
    pub steps: u64,
    /// The last learning rate; 0 by default. PyTorch's `eta_min`.
    #[doc(alias = "eta_min")]
    pub minimum: f64,
}

impl CosineDecay {
    /// Down to 0.
    pub const fn new(learning_rate: f64, steps: u64) -> Self {
        Self {
            learning_rate,
            steps,
            minimum: 0.0,
        }
    }
}

impl Schedule for CosineDecay {
    fn learning_rate(&self, step: u64) -> f64 {
        anneal(
            self.learning_rate,
            self.minimum,
            fraction(step as f64, 0.0, self.steps as f64),
        )
    }

    fn shortened(self, by: u64) -> Self {
        Self {
            steps: self.steps.saturating_sub(by),
            ..self
        }
    }
}

/// Up to a high learning rate and down to almost none, each along half a cosine wave (Smith & Topin
/// 2018).
///
/// From `learning_rate / initial_divisor` up to `learning_rate`, at step
/// `warm_up_fraction * steps - 1`, then down to
/// `learning_rate / initial_divisor / final_divisor` at step `steps - 1`, where it stays.
/// As PyTorch's `OneCycleLR` with two phases and `anneal_strategy="cos"`; the momentum is left
/// alone (`cycle_momentum=False`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// The highest learning rate.
    pub learning_rate: f64,
    /// How many steps the whole cycle takes.
    pub steps: u64,
    /// The part of the steps in which the learning rate rises; 0.3. PyTorch's `pct_start`.
    #[doc(alias = "pct_start")]
    pub warm_up_fraction: f64,
    /// The highest learning rate divided by the first; 25. PyTorch's `div_factor`.
    #[doc(alias = "div_factor")]
    pub initial_divisor: f64,
    /// The first learning rate divided by the last; 1e4. PyTorch's `final_div_factor`.
    #[doc(alias = "final_div_factor")]
    pub final_divisor: f64,
}

impl OneCycle {
    /// With PyTorch's defaults for the rest.
    pub const fn new(learning_rate: f64, steps: u64) -> Self {
        Self {
            learning_rate,
            steps,
            warm_up_fraction: 0.3,
            initial_divisor: 25.0,
            final_divisor: 1e4,
        }
    }
}

impl Schedule for OneCycle {
    fn learning_rate(&self, step: u64) -> f64 {
        let first = self.learning_rate / self.initial_divisor;
        let last = first / self.final_divisor;
        let peak = self.warm_up_fraction * self.steps as f64 - 1.0;
        let end = self.steps as f64 - 1.0;
        let step = step as f64;
        if step <= peak {
            anneal(first, self.learning_rate, fraction(step, 0.0, peak))
        } else {
            anneal(self.learning_rate, last, fraction(step, peak, end))
        }
    }

    fn shortened(self, by: u64) -> Self {
        Self {
            steps: self.steps.saturating_sub(by),
            ..self
        }
    }
}

/// Another schedule, after a linear rise to its first learning rate.
///
/// In step `t < steps` the learning rate is
/// `then(0) (start_factor + (1 - start_factor) t / steps)`; from `t = steps` on it is
/// `then(t - steps)`, where `then` counts its own steps from 0. As PyTorch's `SequentialLR` of a
/// `LinearLR` and another.
///
/// Made by [`Schedule::warm_up`], which leaves the steps after the rise to the schedule: as
/// `get_cosine_schedule_with_warmup(num_warmup_steps, num_training_steps)` of Hugging Face's
/// `transformers`, whose rise starts with a `start_factor` of 0. A `WarmUp` with a schedule of
/// `n` steps as its field `then` takes `steps + n`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp<S> {
    /// How many steps the rise takes.
    pub steps: u64,
    /// What part of the learning rate the rise starts with; 1/3, as in PyTorch.
    pub start_factor: f64,
    /// What comes after.
    pub then: S,
}

impl<S: Schedule> Schedule for WarmUp<S> {
    fn learning_rate(&self, step: u64) -> f64 {
        if step >= self.steps {
            return self.then.learning_rate(step - self.steps);
        }
        let progress = step as f64 / self.steps as f64;
        let factor = self.start_factor + (1.0 - self.start_factor) * progress;
        self.then.learning_rate(0) * factor
    }

    fn shortened(self, by: u64) -> Self {
        Self {
            then: self.then.shortened(by),
            ..self
        }
    }
}

/// How far `step` is on its way from `start` to `end`, from 0 to 1; 1 if there is no way.
fn fraction(step: f64, start: f64, end: f64) -> f64 {
    if end > start {
        ((step - start) / (end - start)).clamp(0.0, 1.0)
    } else {
        1.0
    }
}

/// From `start` to `end` along half a cosine wave.
fn anneal(start: f64, end: f64, fraction: f64) -> f64 {
    end + (start - end) / 2.0 * (1.0 + libm::cos(PI * fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_function_are_schedules() {
        assert_eq!(0.1.learning_rate(7), 0.1);
        let schedule = |step: u64| 1.0 / (1 + step) as f64;
        assert_eq!(schedule.learning_rate(3), 0.25);
    }

    #[test]
    fn after_its_end_a_schedule_stays() {
        let cosine = CosineDecay {
            minimum: 0.01,
            ..CosineDecay::new(1.0, 10)
        };
        assert_eq!(cosine.learning_rate(10), 0.01);
        assert_eq!(cosine.learning_rate(u64::MAX), 0.01);
        let cycle = OneCycle::new(1.0, 10);
        assert_eq!(cycle.learning_rate(9), 1.0 / 25.0 / 1e4);
        assert_eq!(cycle.learning_rate(1000), 1.0 / 25.0 / 1e4);
    }

    #[test]
    fn no_schedule_divides_by_zero_steps() {
        for steps in 0..4 {
            for step in 0..6 {
                for rate in [
                    CosineDecay::new(1.0, steps).learning_rate(step),
                    OneCycle::new(1.0, steps).learning_rate(step),
                    OneCycle {
                        warm_up_fraction: 0.0,
                        ..OneCycle::new(1.0, steps)
                    }
                    .learning_rate(step),
                    StepDecay {
                        learning_rate: 1.0,
                        every: steps,
                        factor: 0.5,
                    }
                    .learning_rate(step),
                    1.0.warm_up(steps).learning_rate(step),
                ] {
                    assert!((0.0..=1.0).contains(&rate), "{steps} {step} {rate}");
                }
            }
        }
    }

    #[test]
    fn warm_up_hands_over_where_the_schedule_begins() {
        let schedule = WarmUp {
            start_factor: 0.0,
            ..CosineDecay::new(1.0, 14).warm_up(4)
        };
        let rates: [f64; 5] = core::array::from_fn(|step| schedule.learning_rate(step as u64));
        assert_eq!(rates, [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert!(schedule.learning_rate(13) > 0.0);
        assert_eq!(schedule.learning_rate(14), 0.0);
    }

    #[test]
    fn a_warmed_up_schedule_ends_when_the_schedule_alone_does() {
        for (steps, warm_up) in [(10, 0), (10, 3), (10, 9), (10, 10), (10, 12), (0, 0)] {
            let cosine = CosineDecay::new(1.0, steps).warm_up(warm_up);
            let end = steps.max(warm_up);
            assert_eq!(cosine.learning_rate(end), 0.0, "{steps} {warm_up}");
            let cycle = OneCycle::new(1.0, steps);
            let last = cycle.learning_rate(u64::MAX);
            let cycle = cycle.warm_up(warm_up);
            if end > 0 {
                assert!((cycle.learning_rate(end) - last).abs() < 1e-15);
            }
            // Twice, and with one that has no end.
            let twice = CosineDecay::new(1.0, steps).warm_up(warm_up).warm_up(2);
            assert_eq!(twice.learning_rate(steps.max(warm_up + 2)), 0.0);
            assert_eq!(0.5.warm_up(warm_up).learning_rate(end), 0.5);
        }
    }
}
