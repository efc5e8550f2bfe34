//! Pooling: the law of the largest of several entries, and how likely each entry is to be it.
//!
//! The entries of a window come from one unit at several positions. As two examples do, they share
//! what that unit does to every input: their copula is normal with one correlation.

use crate::law::Points;
use crate::special::{normal_cdf, normal_pdf, normal_quantile};

/// Points of the quadrature over what the entries of a window share.
const SHARED: i32 = 16;
const STEP: f64 = 0.3;

/// What is left of a law after the largest of `window` entries was taken.
#[derive(Debug)]
pub(crate) struct Largest {
    /// The law's weights at the same points.
    pub(crate) weight: Vec<f64>,
    pub(crate) mean: f64,
    pub(crate) second: f64,
    pub(crate) kurtosis: f64,
    /// `E[y_a y_b]` of two examples.
    pub(crate) cross: f64,
}

impl Largest {
    /// `rho` is the correlation between entries, in the normal copula.
    pub(crate) fn of(points: &Points, window: usize, rho: f64) -> Self {
        let n = points.x.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| points.x[*a].total_cmp(&points.x[*b]));
        // P(x <= x_i), in ascending order.
        let mut below = 0.0;
        let total: f64 = points.weight.iter().sum();
        let bounds: Vec<f64> = order
            .iter()
            .map(|i| {
                below += points.weight[*i];
                normal_quantile((below / total).clamp(1e-15, 1.0 - 1e-15))
            })
            .collect();
        let power = window.max(1) as f64;
        let rho = rho.clamp(0.0, 0.999);
        let (shared, own) = (rho.sqrt(), (1.0 - rho).sqrt());
        let sides = if rho < 1e-6 { 0 } else { SHARED };
        let mut weight = vec![0.0; n];
        let (mut cross, mut whole) = (0.0, 0.0);
        for side in -sides..=sides {
            let c = STEP * f64::from(side);
            let density = normal_pdf(c);
            let (mut before, mut mean) = (0.0, 0.0);
            for (rank, i) in order.iter().enumerate() {
                let up_to = if rank + 1 == n {
                    1.0
                } else {
                    normal_cdf((bounds[rank] - shared * c) / own).powf(power)
                };
                weight[*i] += density * (up_to - before);
                mean += points.x[*i] * (up_to - before);
                before = up_to;
            }
            cross += density * mean * mean;
            whole += density;
        }
        for weight in &mut weight {
            *weight /= whole;
        }
        let moment = |power: i32| -> f64 {
            let terms = points.x.iter().zip(&weight);
            terms.map(|(x, weight)| weight * x.powi(power)).sum()
        };
        let second = moment(2).max(0.0);
        Self {
            mean: moment(1),
            second,
            kurtosis: moment(4) / (second * second).max(1e-300),
            cross: cross / whole,
            weight,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of the largest of 2 normal entries is 1 / sqrt(pi), of 4 it is 1.0294; with
    /// correlation `rho` it is `sqrt(1 - rho)` times that.
    #[test]
    fn largest_of_normal_entries() {
        for (window, mean, second) in [(1, 0.0, 1.0), (2, 0.564_19, 1.0), (4, 1.029_38, 1.551_33)] {
            for rho in [0.0_f64, 0.3, 0.8] {
                let largest = Largest::of(&Points::standard_normal(), window, rho);
                let scaled = (1.0 - rho).sqrt() * mean;
                assert!(
                    (largest.mean - scaled).abs() < 0.01,
                    "{window} {rho}: {}",
                    largest.mean
                );
                let expected = rho + (1.0 - rho) * second;
                assert!(
                    (largest.second - expected).abs() < 0.05,
                    "{window} {rho}: {}",
                    largest.second
                );
                let expected = scaled * scaled + rho;
                assert!(
                    (largest.cross - expected).abs() < 0.05,
                    "{window} {rho}: {}",
                    largest.cross
                );
            }
        }
    }
}
