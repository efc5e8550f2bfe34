//! From numbers to places on an axis, and the ticks to label.

use crate::format::{digits, power_of_ten};

/// An axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    logarithmic: bool,
    low: f64,
    high: f64,
}

/// A labelled place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// From 0 to 1.
    pub(super) at: f64,
    pub(super) label: String,
}

impl Scale {
    /// From one number to another, both of them shown.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let (low, high) = if low.is_finite() && high.is_finite() && low <= high {
            (low, high)
        } else {
            (0.0, 1.0)
        };
        // Numbers that are nearly the same still need an axis.
        let least = (low.abs().max(high.abs()) * 1e-3).max(1e-12);
        let wide = if high - low < least { least } else { 0.0 };
        Self {
            logarithmic: false,
            low: low - wide,
            high: high + wide,
        }
    }

    /// An axis of these numbers; others than finite ones are left out.
    pub(super) fn linear_of(numbers: impl Iterator<Item = f64>) -> Self {
        let (low, high) = range(numbers.filter(|number| number.abs() < 1e300));
        let space = 0.04 * (high - low);
        Self::linear(low - space, high + space)
    }

    /// A logarithmic axis of whole decades that holds these numbers with some space around them;
    /// others than positive finite ones are left out.
    pub(super) fn logarithmic_of(numbers: impl Iterator<Item = f64>) -> Self {
        let (low, high) = range(
            numbers
                .filter(|number| *number > 0.0)
                .map(f64::log10)
                .filter(|number| number.is_finite()),
        );
        let (low, high) = if low <= high {
            ((low - 0.1).floor(), (high + 0.1).ceil())
        } else {
            (-1.0, 0.0)
        };
        Self {
            logarithmic: true,
            low,
            high: if high > low { high } else { low + 1.0 },
        }
    }

    /// Where a number is, from 0 to 1; `None` if it has no place, such as NaN.
    pub(super) fn at(&self, number: f64) -> Option<f64> {
        let number = if self.logarithmic {
            if number <= 0.0 {
                return None;
            }
            number.log10()
        } else {
            number
        };
        let at = (number - self.low) / (self.high - self.low);
        number.is_finite().then(|| at.clamp(0.0, 1.0))
    }

    /// At most so many ticks, at round numbers.
    pub(super) fn ticks(&self, most: usize) -> Vec<Tick> {
        let most = most.max(2) as f64;
        let span = self.high - self.low;
        let step = if self.logarithmic {
            (span / (most - 1.0)).ceil().max(1.0)
        } else {
            let rough = span / (most - 1.0);
            let power = 10_f64.powf(rough.log10().floor());
            let times = [1.0, 2.0, 5.0, 10.0];
            let fits = times.into_iter().find(|times| times * power >= rough);
            fits.unwrap_or(10.0) * power
        };
        let first = (self.low / step - 1e-9).ceil();
        let last = (self.high / step + 1e-9).floor();
        let mut ticks = Vec::new();
        let mut number = first;
        while number <= last && ticks.len() < 32 {
            let value = number * step;
            let label = if self.logarithmic {
                power_of_ten(value.round() as i32)
            } else {
                digits(if value.abs() < step * 1e-6 {
                    0.0
                } else {
                    value
                })
            };
            let at = ((value - self.low) / span).clamp(0.0, 1.0);
            ticks.push(Tick { at, label });
            number += 1.0;
        }
        ticks
    }
}

/// Smallest and largest of the numbers that are not NaN.
fn range(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
        (low.min(number), high.max(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scale: Scale, most: usize) -> Vec<String> {
        let ticks = scale.ticks(most);
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(
            labels(Scale::linear(0.0, 97.0), 6),
            ["0", "20", "40", "60", "80"]
        );
        let decades = Scale::logarithmic_of([3e-5, 0.0, f64::NAN, 0.2].into_iter());
        assert_eq!(
            labels(decades, 9),
            ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"]
        );
        assert_eq!(decades.at(1e-5), Some(0.0));
        assert_eq!(decades.at(1.0), Some(1.0));
        assert_eq!(decades.at(0.0), None);
    }

    proptest! {
        #[test]
        fn every_axis_has_ticks_and_places_between_its_ends(
            numbers in proptest::collection::vec(proptest::num::f64::ANY, 0..5),
            most in 0_usize..12,
        ) {
            let scales = [
                Scale::linear_of(numbers.iter().copied()),
                Scale::logarithmic_of(numbers.iter().copied()),
            ];
            for scale in scales {
                prop_assert!(scale.ticks(most).len() <= 32);
                for tick in scale.ticks(most) {
                    prop_assert!((0.0..=1.0).contains(&tick.at), "{scale:?} {tick:?}");
                }
                for number in &numbers {
                    if let Some(at) = scale.at(*number) {
                        prop_assert!((0.0..=1.0).contains(&at), "{scale:?} {number}");
                    }
                }
            }
        }
    }
}
