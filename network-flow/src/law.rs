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
#[derive(Clone, Debug)]
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
        // Rounds towards zero, and below zero the first place is taken anyway.
        let (mut left, last) = (position as usize, self.cells - 3);
        if left < 1 {
            left = 1;
        } else if left > last {
            left = last;
        }
        let t = (position - left as f64).clamp(0.0, 1.0);
        let (a, b, c) = (t + 1.0, t - 1.0, t - 2.0);
        weights[0] = -t * b * c / 6.0;
        weights[1] = 0.5 * a * b * c;
        weights[2] = -0.5 * a * t * c;
        weights[3] = a * t * b / 6.0;
        left - 1
    }

    fn scatter(&self, onto: &mut [f64], points: &Points, scale: f64, share: f64) {
        let (x, weight) = (&points.x[..], &points.weight[..]);
        let mut weights = [0.0; 4];
        let mut i = 0;
        while i < x.len() {
            let first = self.land(scale * x[i], &mut weights);
            let weight = share * weight[i];
            onto[first] += weight * weights[0];
            onto[first + 1] += weight * weights[1];
            onto[first + 2] += weight * weights[2];
            onto[first + 3] += weight * weights[3];
            i += 1;
        }
    }

    fn gather(&self, from: &[f64], points: &Points, scale: f64) -> Vec<f64> {
        let x = &points.x[..];
        let mut weights = [0.0; 4];
        let mut gathered = vec![0.0; x.len()];
        let onto = &mut gathered[..];
        let mut i = 0;
        while i < x.len() {
            let first = self.land(scale * x[i], &mut weights);
            onto[i] = from[first] * weights[0]
                + from[first + 1] * weights[1]
                + from[first + 2] * weights[2]
                + from[first + 3] * weights[3];
            i += 1;
        }
        gathered
    }

    fn points(self, weight: Vec<f64>) -> Points {
        let mut x = vec![0.0; weight.len()];
        let cells = &mut x[..];
        let mut i = 0;
        while i < cells.len() {
            cells[i] = self.step * (self.first + i as f64);
            i += 1;
        }
        Points { x, weight }
    }
}

/// Two independent laws on grids of one step, so that their sum is a convolution.
#[derive(Debug)]
pub(crate) struct Pair {
    scale: f64,
    left: Axis,
    right: Axis,
    left_weight: Vec<f64>,
    right_weight: Vec<f64>,
}

impl Pair {
    /// Puts `left` and `scale * right` on grids.
    pub(crate) fn new(left: &Points, right: &Points, scale: f64) -> Self {
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
            scale,
            left: left_axis,
            right: right_axis,
            left_weight,
            right_weight,
        }
    }

    /// Returns the law of `left + scale * right`.
    pub(crate) fn sum(&self) -> Points {
        let weight = convolution(&self.left_weight, &self.right_weight);
        let axis = Axis {
            first: self.left.first + self.right.first,
            ..self.left
        };
        axis.points(weight)
    }

    /// Returns `E[d(left + scale * right)]` given each point of `left`, and of `right`, where
    /// `d` is known on the points of the sum.
    pub(crate) fn adjoint(
        &self,
        left: &Points,
        right: &Points,
        d_sum: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let d_left = correlation(d_sum, &self.right_weight);
        let d_right = correlation(d_sum, &self.left_weight);
        (
            self.left.gather(&d_left, left, 1.0),
            self.right.gather(&d_right, right, self.scale),
        )
    }
}

/// Returns `sum over i of a[i] b[k - i]` for every `k`: four rows in one walk over `b`.
fn convolution(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; a.len() + b.len() + 6];
    let mut row = 0;
    while row < a.len() {
        let (a0, a1, a2, a3) = (a[row], at(a, row + 1), at(a, row + 2), at(a, row + 3));
        let onto = &mut sums[row..];
        let (mut b1, mut b2, mut b3) = (0.0, 0.0, 0.0);
        let mut j = 0;
        while j < b.len() {
            let b0 = b[j];
            onto[j] += a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
            b3 = b2;
            b2 = b1;
            b1 = b0;
            j += 1;
        }
        onto[j] += a1 * b1 + a2 * b2 + a3 * b3;
        onto[j + 1] += a2 * b1 + a3 * b2;
        onto[j + 2] += a3 * b1;
        row += 4;
    }
    sums.truncate(a.len() + b.len() - 1);
    sums
}

/// Returns `sum over j of d[i + j] b[j]` for every `i` at which `d` reaches far enough: four rows
/// in one walk over `b`.
fn correlation(d: &[f64], b: &[f64]) -> Vec<f64> {
    let rows = d.len() + 1 - b.len();
    // Rows past the last read zeros and are not kept.
    let mut padded = d.to_vec();
    padded.extend([0.0; 3]);
    let mut sums = vec![0.0; rows + 3];
    let onto = &mut sums[..];
    let mut row = 0;
    while row < rows {
        let from = &padded[row..];
        let (mut d0, mut d1, mut d2) = (from[0], from[1], from[2]);
        let (mut s0, mut s1, mut s2, mut s3) = (0.0, 0.0, 0.0, 0.0);
        let mut j = 0;
        while j < b.len() {
            let (weight, d3) = (b[j], from[j + 3]);
            s0 += weight * d0;
            s1 += weight * d1;
            s2 += weight * d2;
            s3 += weight * d3;
            d0 = d1;
            d1 = d2;
            d2 = d3;
            j += 1;
        }
        onto[row] = s0;
        onto[row + 1] = s1;
        onto[row + 2] = s2;
        onto[row + 3] = s3;
        row += 4;
    }
    sums.truncate(rows);
    sums
}

/// The entry at an index; zero beyond the end.
fn at(numbers: &[f64], index: usize) -> f64 {
    if index < numbers.len() {
        numbers[index]
    } else {
        0.0
    }
}

impl Points {
    /// Returns the standard normal law.
    pub(crate) fn standard_normal() -> Self {
        let z = (-NORMAL_SIDE..NORMAL_SIDE).map(|i| NORMAL_STEP * (f64::from(i) + 0.5));
        let x: Vec<f64> = z.collect();
        let weight = each(&x, |z| NORMAL_STEP * normal_pdf(z));
        Self { x, weight }
    }

    pub(crate) fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            x: each(&self.x, f),
            weight: self.weight.clone(),
        }
    }

    pub(crate) fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        let (x, weight) = (&self.x[..], &self.weight[..]);
        let (mut sum, mut i) = (0.0, 0);
        while i < x.len() {
            sum += weight[i] * f(x[i]);
            i += 1;
        }
        sum
    }

    pub(crate) fn average(&self, values: &[f64]) -> f64 {
        let weight = &self.weight[..];
        let (mut sum, mut i) = (0.0, 0);
        while i < values.len() {
            sum += weight[i] * values[i];
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
        let (x, weight) = (&self.x[..], &self.weight[..]);
        let (mut low, mut high): (f64, f64) = (0.0, 0.0);
        let mut i = 0;
        while i < x.len() {
            let (x, weight) = (x[i], weight[i]);
            if weight.abs() > NEGLIGIBLE {
                if x < low {
                    low = x;
                } else if x > high {
                    high = x;
                }
            }
            i += 1;
        }
        (low, high)
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

/// Returns `f` of each number.
pub(crate) fn each(numbers: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut images = vec![0.0; numbers.len()];
    let (onto, mut i) = (&mut images[..], 0);
    while i < onto.len() {
        onto[i] = f(numbers[i]);
        i += 1;
    }
    images
}

/// Returns `f` of the numbers that stand at the same place.
pub(crate) fn pairwise(a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut images = vec![0.0; a.len()];
    let (onto, mut i) = (&mut images[..], 0);
    while i < onto.len() {
        onto[i] = f(a[i], b[i]);
        i += 1;
    }
    images
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(q: f64) -> Points {
        Points::standard_normal().map(|z| q.sqrt() * z)
    }

    #[test]
    fn sums_keep_mass_mean_and_variance() {
        let left = normal(1.0).map(|x| x.max(0.0));
        for scale in [1.0, -0.5, 0.01, 0.0] {
            let sum = Pair::new(&left, &normal(4.0), scale).sum();
            assert!((sum.expect(|_| 1.0) - 1.0).abs() < 1e-8);
            assert!((sum.expect(|x| x) - left.expect(|x| x)).abs() < 1e-8);
            let second = left.expect(|x| x * x) + scale * scale * 4.0;
            assert!((sum.expect(|x| x * x) - second).abs() < 1e-6, "{scale}");
        }
    }

    #[test]
    fn adjoint_is_the_transpose() {
        let left = normal(1.0).map(|x| x.max(0.0));
        let right = normal(2.0);
        let pair = Pair::new(&left, &right, 0.7);
        let sum = pair.sum();
        let d_sum: Vec<f64> = sum
            .x
            .iter()
            .map(|x| f64::from(u8::from(*x > 0.0)))
            .collect();
        let (d_left, d_right) = pair.adjoint(&left, &right, &d_sum);
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
            let copula = normal(1.0).correlate(rho, |x| x.max(0.0));
            assert!(
                (copula - exact.correlate(rho)).abs() < 5e-3,
                "{rho}: {copula}"
            );
        }
    }
}
