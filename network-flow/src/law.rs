//! One unit's law as weighted points: sums, maps and their adjoints.
//!
//! Normal laws have integrals of their own ([`crate::moments`]). Where a normal variable meets
//! something one-sided, as in `relu(x + f(x))`, the sum has no closed form; its law is carried
//! along as points. Sums land on an equal grid by cubic interpolation, which keeps mass,
//! mean and variance exactly, so that nothing drifts over hundreds of blocks. The gradient's
//! second moment, given the value of the unit, goes back through the transposed weights.
//!
//! Macros are compiled without optimisation, where iterators cost several times what the
//! arithmetic does: the inner loops here count indices.

use crate::special::{normal_pdf, normal_quantile};

/// Cells of the grid that a sum lands on, about.
const GRID: usize = 160;
/// A normal law becomes this many points on each side of zero, this far apart in standard
/// deviations.
const NORMAL_SIDE: i32 = 30;
const NORMAL_STEP: f64 = 0.2;
/// Points lighter than this do not widen the grid.
const NEGLIGIBLE: f64 = 1e-11;

/// A law on the line: `weight[i]` at `x[i]`. Weights sum to one; single ones may be slightly
/// negative, an effect of the interpolation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Points {
    pub(crate) x: Vec<f64>,
    pub(crate) weight: Vec<f64>,
}

/// An equal grid: cell `i` at `(first + i) * step`. With `first` half way between integers, zero,
/// where most activations have their kink, lies half way between two cells.
#[derive(Clone)]
struct Axis {
    first: f64,
    step: f64,
    cells: usize,
}

impl Axis {
    /// The axis over a range, with two cells to spare at each end.
    fn new((low, high): (f64, f64), step: f64, offset: f64) -> Self {
        let first = (low / step).floor() - 2.0 + offset;
        let cells = (high / step - first).ceil() as usize + 3;
        Self {
            first,
            step,
            cells: cells.min(2 * GRID),
        }
    }

    /// The first of the four cells around `x` and their cubic Lagrange weights.
    fn land(&self, x: f64, weights: &mut [f64; 4]) -> usize {
        let position = x / self.step - self.first;
        let left = position.floor().clamp(1.0, (self.cells - 3) as f64);
        let t = (position - left).clamp(0.0, 1.0);
        let (a, b, c) = (t + 1.0, t - 1.0, t - 2.0);
        weights[0] = -t * b * c / 6.0;
        weights[1] = 0.5 * a * b * c;
        weights[2] = -0.5 * a * t * c;
        weights[3] = a * t * b / 6.0;
        left as usize - 1
    }

    fn scatter(&self, onto: &mut [f64], points: &Points, scale: f64, share: f64) {
        let mut weights = [0.0; 4];
        let mut i = 0;
        while i < points.x.len() {
            let first = self.land(scale * points.x[i], &mut weights);
            let weight = share * points.weight[i];
            onto[first] += weight * weights[0];
            onto[first + 1] += weight * weights[1];
            onto[first + 2] += weight * weights[2];
            onto[first + 3] += weight * weights[3];
            i += 1;
        }
    }

    fn gather(&self, from: &[f64], points: &Points, scale: f64) -> Vec<f64> {
        let mut weights = [0.0; 4];
        let mut gathered = vec![0.0; points.x.len()];
        let mut i = 0;
        while i < points.x.len() {
            let first = self.land(scale * points.x[i], &mut weights);
            gathered[i] = from[first] * weights[0]
                + from[first + 1] * weights[1]
                + from[first + 2] * weights[2]
                + from[first + 3] * weights[3];
            i += 1;
        }
        gathered
    }

    fn points(self, weight: Vec<f64>) -> Points {
        let x = (0..weight.len())
            .map(|i| self.step * (self.first + i as f64))
            .collect();
        Points { x, weight }
    }
}

/// Two independent laws on grids of one step, so that their sum is a convolution.
struct Pair {
    left: Axis,
    right: Axis,
    left_weight: Vec<f64>,
    right_weight: Vec<f64>,
}

impl Pair {
    fn new(left: &Points, right: &Points, scale: f64) -> Self {
        let (a, b) = (left.range(), right.range());
        let b = if scale < 0.0 {
            (scale * b.1, scale * b.0)
        } else {
            (scale * b.0, scale * b.1)
        };
        let step = ((a.1 - a.0 + b.1 - b.0) / (GRID - 16) as f64).max(1e-150);
        let (left_axis, right_axis) = (Axis::new(a, step, 0.5), Axis::new(b, step, 0.0));
        let mut left_weight = vec![0.0; left_axis.cells];
        let mut right_weight = vec![0.0; right_axis.cells];
        left_axis.scatter(&mut left_weight, left, 1.0, 1.0);
        right_axis.scatter(&mut right_weight, right, scale, 1.0);
        Self {
            left: left_axis,
            right: right_axis,
            left_weight,
            right_weight,
        }
    }
}

impl Points {
    /// Returns the normal law of variance `q`.
    pub(crate) fn normal(q: f64) -> Self {
        let z = (-NORMAL_SIDE..NORMAL_SIDE).map(|i| NORMAL_STEP * (f64::from(i) + 0.5));
        let weight: Vec<f64> = z.clone().map(|z| NORMAL_STEP * normal_pdf(z)).collect();
        let scale = q.sqrt();
        Self {
            x: z.map(|z| scale * z).collect(),
            weight,
        }
    }

    pub(crate) fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            x: self.x.iter().map(|x| f(*x)).collect(),
            weight: self.weight.clone(),
        }
    }

    pub(crate) fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        let (mut sum, mut i) = (0.0, 0);
        while i < self.x.len() {
            sum += self.weight[i] * f(self.x[i]);
            i += 1;
        }
        sum
    }

    pub(crate) fn average(&self, values: &[f64]) -> f64 {
        let (mut sum, mut i) = (0.0, 0);
        while i < values.len() {
            sum += self.weight[i] * values[i];
            i += 1;
        }
        sum
    }

    /// Returns the law of `x / keep` with probability `keep`, else zero; zero is the last point.
    pub(crate) fn dropout(&self, keep: f64) -> Self {
        let mut result = self.map(|x| x / keep);
        result.weight.iter_mut().for_each(|weight| *weight *= keep);
        result.x.push(0.0);
        result.weight.push(1.0 - keep);
        result
    }

    fn range(&self) -> (f64, f64) {
        let (mut low, mut high): (f64, f64) = (0.0, 0.0);
        let mut i = 0;
        while i < self.x.len() {
            if self.weight[i].abs() > NEGLIGIBLE {
                low = low.min(self.x[i]);
                high = high.max(self.x[i]);
            }
            i += 1;
        }
        (low, high)
    }

    /// Returns the law of `left + scale * right` for independent variables.
    pub(crate) fn sum(left: &Self, right: &Self, scale: f64) -> Self {
        let pair = Pair::new(left, right, scale);
        let mut weight = vec![0.0; pair.left.cells + pair.right.cells - 1];
        let (left, right) = (&pair.left_weight[..], &pair.right_weight[..]);
        let mut i = 0;
        while i < left.len() {
            let (p, cells) = (left[i], &mut weight[i..]);
            let mut j = 0;
            while j < right.len() {
                cells[j] += p * right[j];
                j += 1;
            }
            i += 1;
        }
        let first = pair.left.first + pair.right.first;
        Axis { first, ..pair.left }.points(weight)
    }

    /// Returns `E[d(left + scale * right)]` given each point of `left`, and of `right`, where
    /// `d` is known on the points of the sum.
    pub(crate) fn sum_adjoint(
        left: &Self,
        right: &Self,
        scale: f64,
        d_sum: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let pair = Pair::new(left, right, scale);
        let mut d_right = vec![0.0; pair.right.cells];
        let mut d_left = vec![0.0; pair.left.cells];
        let (p, r) = (&pair.left_weight[..], &pair.right_weight[..]);
        let mut i = 0;
        while i < p.len() {
            let (weight, d_cells) = (p[i], &d_sum[i..]);
            let (mut sum, mut j) = (0.0, 0);
            while j < r.len() {
                let d = d_cells[j];
                sum += r[j] * d;
                d_right[j] += weight * d;
                j += 1;
            }
            d_left[i] = sum;
            i += 1;
        }
        (
            pair.left.gather(&d_left, left, 1.0),
            pair.right.gather(&d_right, right, scale),
        )
    }

    /// Returns the mixture of laws by their shares.
    pub(crate) fn mixture(parts: &[(&Self, f64)]) -> Self {
        let axis = Self::mixture_axis(parts);
        let mut weight = vec![0.0; axis.cells];
        for (part, share) in parts {
            axis.scatter(&mut weight, part, 1.0, *share);
        }
        axis.points(weight)
    }

    /// Returns, for each part, `d` at its points, where `d` is known on those of the mixture.
    pub(crate) fn mixture_adjoint(parts: &[(&Self, f64)], d_mixture: &[f64]) -> Vec<Vec<f64>> {
        let axis = Self::mixture_axis(parts);
        parts
            .iter()
            .map(|(part, _)| axis.gather(d_mixture, part, 1.0))
            .collect()
    }

    fn mixture_axis(parts: &[(&Self, f64)]) -> Axis {
        let ranges = parts.iter().map(|(part, _)| part.range());
        let (low, high) = ranges.fold((0.0, 0.0), |(a, b): (f64, f64), (c, d)| {
            (a.min(c), b.max(d))
        });
        let step = ((high - low) / (GRID - 8) as f64).max(1e-150);
        Axis::new((low, high), step, 0.5)
    }

    /// Returns `E[f(x) f(y)]` for two variables of this law with correlation `rho`, joined by a
    /// normal copula: `x = T(z)` with standard normal `z`, expanded in Hermite polynomials.
    /// The points must be in ascending order.
    pub(crate) fn correlate(&self, rho: f64, f: impl Fn(f64) -> f64) -> f64 {
        const DEGREES: usize = 12;
        const ABOVE: i32 = 24;
        let mut below = 0.0;
        let mut a = [0.0; DEGREES];
        let mut b = [0.0; DEGREES];
        let mut roots = [0.0; DEGREES + 1];
        for (k, root) in roots.iter_mut().enumerate() {
            *root = (k as f64).sqrt();
        }
        let mut i = 0;
        while i < self.x.len() {
            let weight = self.weight[i];
            let z = normal_quantile((below + 0.5 * weight).clamp(0.0, 1.0));
            below += weight;
            let (x, value) = (weight * self.x[i], weight * f(self.x[i]));
            let (mut before, mut hermite) = (0.0, 1.0);
            let mut k = 0;
            while k < DEGREES {
                a[k] += x * hermite;
                b[k] += value * hermite;
                let next = (z * hermite - roots[k] * before) / roots[k + 1];
                before = hermite;
                hermite = next;
                k += 1;
            }
            i += 1;
        }
        let series = |c: &[f64; DEGREES], total: f64, r: f64| {
            let (mut low, mut kept) = (0.0, 0.0);
            let mut k = DEGREES;
            while k > 0 {
                k -= 1;
                low = low * r + c[k] * c[k];
                kept += c[k] * c[k];
            }
            low + (total - kept).max(0.0) * r.max(0.0).powi(ABOVE)
        };
        let total = self.expect(|x| x * x);
        let target = a[0] * a[0] + rho * (total - a[0] * a[0]);
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..30 {
            let middle = 0.5 * (low + high);
            if series(&a, total, middle) < target {
                low = middle;
            } else {
                high = middle;
            }
        }
        series(&b, self.expect(|x| f(x).powi(2)), 0.5 * (low + high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_mass_mean_and_variance() {
        let left = Points::normal(1.0).map(|x| x.max(0.0));
        for scale in [1.0, -0.5, 0.01, 0.0] {
            let sum = Points::sum(&left, &Points::normal(4.0), scale);
            assert!((sum.expect(|_| 1.0) - 1.0).abs() < 1e-8);
            assert!((sum.expect(|x| x) - left.expect(|x| x)).abs() < 1e-8);
            let second = left.expect(|x| x * x) + scale * scale * 4.0;
            assert!((sum.expect(|x| x * x) - second).abs() < 1e-6, "{scale}");
        }
    }

    #[test]
    fn adjoint_is_the_transpose() {
        let left = Points::normal(1.0).map(|x| x.max(0.0));
        let right = Points::normal(2.0);
        let sum = Points::sum(&left, &right, 0.7);
        let d_sum: Vec<f64> = sum
            .x
            .iter()
            .map(|x| f64::from(u8::from(*x > 0.0)))
            .collect();
        let (d_left, d_right) = Points::sum_adjoint(&left, &right, 0.7, &d_sum);
        let mean = sum.average(&d_sum);
        assert!((left.average(&d_left) - mean).abs() < 1e-12);
        assert!((right.average(&d_right) - mean).abs() < 1e-12);
        assert!(
            (mean - left.expect(|x| crate::special::normal_cdf(x / 0.98_f64.sqrt()))).abs() < 0.01
        );
    }

    #[test]
    fn copula_of_a_normal_law_is_the_arc_cosine_kernel() {
        let exact = crate::moments::Moments::new(&crate::Activation::Relu, 1.0);
        for rho in [0.0, 0.4, 0.9, 0.99] {
            let copula = Points::normal(1.0).correlate(rho, |x| x.max(0.0));
            assert!(
                (copula - exact.correlate(rho)).abs() < 5e-3,
                "{rho}: {copula}"
            );
        }
    }
}
