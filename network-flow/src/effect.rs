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
        let image = points.map(|x| activation.value(x));
        let slopes = points.map(|x| activation.derivative(x));
        let mean = image.expect(|y| y);
        let second = image.expect(|y| y * y).max(0.0);
        let positive = second.max(1e-300);
        let slope_second = slopes.expect(|d| d * d);
        let moved = points.expect(|x| x * activation.value(x) * activation.derivative(x));
        let rho = from.between_units();
        let cross = if rho < 1e-6 {
            mean * mean
        } else {
            points.correlate(rho, |x| activation.value(x))
        };
        let apart = slopes.expect(|d| d).powi(2) / slope_second.max(1e-300);
        Self {
            mean,
            second,
            cross,
            kurtosis: image.expect(|y| y.powi(4)) / (positive * positive),
            slope_second,
            slope_kurtosis: slopes.expect(|d| d.powi(4)) / slope_second.powi(2).max(1e-300),
            slope_overlap: (apart + (1.0 - apart) * rho).min(1.0),
            elasticity: moved / positive,
            // Second derivatives vanish on the straight pieces that post-activation skips use.
            slope_elasticity: 0.0,
        }
    }
}
