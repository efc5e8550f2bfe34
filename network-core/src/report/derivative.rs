//! Whether a custom activation's derivative is that of its values: secants through the values that
//! a batch shows, beside the factors that the backward pass applied.

use alloc::vec::Vec;

/// How many places are compared.
const PLACES: usize = 64;

/// What one pass showed of an activation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Derivative {
    x: Vec<f64>,
    y: Vec<f64>,
    /// Root mean square of claimed derivative minus slope, over root mean square of the slope.
    pub(super) error: Option<f64>,
}

impl Derivative {
    /// From inputs and outputs, entry by entry; `None` if they are not of one function.
    pub(super) fn new(x: Vec<f64>, y: Vec<f64>) -> Option<Self> {
        (x.len() == y.len() && x.len() >= PLACES).then_some(Self { x, y, error: None })
    }

    /// From what the backward pass made of dL/dy.
    pub(super) fn claim(&mut self, d_y: &[f64], d_x: &[f64]) {
        let (x, y) = (core::mem::take(&mut self.x), core::mem::take(&mut self.y));
        let mut order: Vec<usize> = (0..x.len().min(d_y.len()).min(d_x.len()))
            .filter(|i| d_y[*i] != 0.0 && x[*i].is_finite() && y[*i].is_finite())
            .collect();
        order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
        let size = order.len() / PLACES;
        if size < 1 {
            return;
        }
        let (mut errors, mut slopes) = (0.0, 0.0);
        for run in order.windows(2 * size + 1).step_by(size) {
            let (first, last) = (run[0], run[run.len() - 1]);
            let width = x[last] - x[first];
            // Rounding would be all that is left.
            if width <= 1e-4 * (1.0 + x[first].abs()) {
                continue;
            }
            let slope = (y[last] - y[first]) / width;
            let claimed: f64 =
                run.iter().map(|i| d_x[*i] / d_y[*i]).sum::<f64>() / run.len() as f64;
            errors += (claimed - slope) * (claimed - slope);
            slopes += slope * slope;
        }
        if slopes > 0.0 {
            self.error = Some(libm::sqrt(errors / slopes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(value: fn(f64) -> f64, derivative: fn(f64) -> f64) -> f64 {
        // Neither sorted nor evenly spaced.
        let x: Vec<f64> = (0..512)
            .map(|i| 2.0 * libm::sin(f64::from(i) * 1.7))
            .collect();
        let y = x.iter().map(|x| value(*x)).collect();
        let d_y: Vec<f64> = (0..512).map(|i| libm::cos(f64::from(i))).collect();
        let d_x: Vec<f64> = x
            .iter()
            .zip(&d_y)
            .map(|(x, d)| d * derivative(*x))
            .collect();
        let mut check = Derivative::new(x, y).unwrap();
        check.claim(&d_y, &d_x);
        check.error.unwrap()
    }

    #[test]
    fn right_derivatives_pass_and_wrong_ones_do_not() {
        assert!(error(libm::tanh, |x| 1.0 - libm::tanh(x) * libm::tanh(x)) < 0.05);
        assert!(error(|x| x.max(0.0), |x| f64::from(x > 0.0)) < 0.1);
        assert!(error(|x| x * x, |x| 2.0 * x) < 0.05);
        assert!(error(libm::tanh, |x| 1.0 - libm::tanh(x)) > 0.5);
        assert!(error(|x| x * x, |x| x) > 0.4);
        assert!(error(|x| x.max(0.0), |_| 1.0) > 0.5);
    }
}
