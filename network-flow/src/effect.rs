//! What an activation does to the law of a unit: by integrals if it is normal, else by points.

use crate::activation::Activation;
use crate::law::Points;
use crate::moments::Moments;
use crate::tape::Value;

/// Moments of the output and of the slope, and how they move with the input.
pub(crate) struct Effect {
    pub(crate) mean: f64,
    pub(crate) second: f64,
    pub(crate) cross: f64,
    pub(crate) kurtosis: f64,
    pub(crate) slope_second: f64,
    pub(crate) slope_kurtosis: f64,
    pub(crate) slope_overlap: f64,
    pub(crate) elasticity: f64,
    pub(crate) slope_elasticity: f64,
}

impl Effect {
    pub(crate) fn on_normal(moments: &Moments, cosine: f64) -> Self {
        Self {
            mean: moments.mean,
            second: moments.second,
            cross: moments.correlate(cosine),
            kurtosis: moments.kurtosis,
            slope_second: moments.slope_second,
            slope_kurtosis: moments.slope_kurtosis,
            slope_overlap: moments.correlate_slopes(cosine) / moments.slope_second,
            elasticity: moments.elasticity,
            slope_elasticity: moments.slope_elasticity,
        }
    }

    pub(crate) fn on_points(points: &Points, activation: &Activation, from: &Value) -> Self {
        let (x, weight) = (&points.x[..], &points.weight[..]);
        let (mut mean, mut second, mut fourth, mut moved) = (0.0, 0.0, 0.0, 0.0);
        let (mut slope, mut slope_second, mut slope_fourth) = (0.0, 0.0, 0.0);
        let mut i = 0;
        while i < x.len() {
            let (y, d) = (activation.value(x[i]), activation.derivative(x[i]));
            let (weighted, square) = (weight[i] * y, d * d);
            mean += weighted;
            second += weighted * y;
            fourth += weighted * y * y * y;
            moved += weighted * x[i] * d;
            slope += weight[i] * d;
            slope_second += weight[i] * square;
            slope_fourth += weight[i] * square * square;
            i += 1;
        }
        let second = second.max(0.0);
        let positive = second.max(1e-300);
        let rho = from.between_units();
        let cross = if rho < 1e-6 {
            mean * mean
        } else {
            points.correlate(rho, |x| activation.value(x))
        };
        let apart = slope * slope / slope_second.max(1e-300);
        Self {
            mean,
            second,
            cross,
            kurtosis: fourth / (positive * positive),
            slope_second,
            slope_kurtosis: slope_fourth / (slope_second * slope_second).max(1e-300),
            slope_overlap: (apart + (1.0 - apart) * rho).min(1.0),
            elasticity: moved / positive,
            // Second derivatives vanish on the straight pieces that post-activation skips use.
            slope_elasticity: 0.0,
        }
    }
}
