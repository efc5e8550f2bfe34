//! What an activation makes of a normal pre-activation: the integrals of mean-field theory.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::activation::{Activation, selu_constants};
use crate::quadrature::Rule;
use crate::special::{erf, erfcx};

/// How many Hermite coefficients are kept; what is left is lumped into one term.
pub(crate) const DEGREES: usize = 12;

/// The integrals of one activation `phi` at one pre-activation variance `q`, `x ~ N(0, q)`.
///
/// Poole et al. (2016) and Schoenholz et al. (2017) build the theory on `second`,
/// `slope_second` and [`Moments::correlate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// `E[phi(x)]`
    pub mean: f64,
    /// `E[phi(x)^2]`
    pub second: f64,
    /// `E[phi(x)^4] / E[phi(x)^2]^2`
    pub kurtosis: f64,
    /// `E[phi'(x)^2]`
    pub slope_second: f64,
    /// `kappa = E[phi'(x)^4] / E[phi'(x)^2]^2`
    pub slope_kurtosis: f64,
    /// `d ln second / d ln q`, the slope of the variance map: above one it is unstable.
    pub elasticity: f64,
    /// `d ln slope_second / d ln q`
    pub slope_elasticity: f64,
    spectrum: Spectrum,
}

/// How the correlation of two inputs passes through.
#[derive(Clone, Debug, PartialEq)]
enum Spectrum {
    /// Straight on both sides of zero, with this slope on the left: an arc-cosine kernel.
    Homogeneous { slope: f64, q: f64 },
    /// Share of `second` at each Hermite degree from 1, then the share and the mean degree of
    /// all that is above.
    Hermite {
        second: f64,
        mean_share: f64,
        shares: [f64; DEGREES],
        tail: f64,
        tail_degree: f64,
    },
}

impl Moments {
    /// Returns the integrals at variance `q`, by closed form where there is one, else by
    /// quadrature. A `q` outside [1e-300, 1e300] is clamped.
    pub fn new(activation: &Activation, q: f64) -> Self {
        let q = clamp(q);
        match activation.homogeneous_slope() {
            Some(slope) => Self::homogeneous(slope, q),
            None => Features::new(activation, q).moments(q),
        }
    }

    fn homogeneous(slope: f64, q: f64) -> Self {
        let half = 0.5 * (1.0 + slope * slope);
        let kurtosis = 0.5 * (1.0 + slope.powi(4)) / (half * half);
        Self {
            mean: (1.0 - slope) * (q / (2.0 * PI)).sqrt(),
            second: q * half,
            kurtosis: 3.0 * kurtosis,
            slope_second: half,
            slope_kurtosis: kurtosis,
            elasticity: 1.0,
            slope_elasticity: 0.0,
            spectrum: Spectrum::Homogeneous { slope, q },
        }
    }

    /// Returns `E[phi(u) phi(v)]` for normal `u`, `v` of variance `q` and correlation `rho`.
    ///
    /// With Hermite coefficients `a_k` this is `sum a_k^2 rho^k`. Above degree twelve one term
    /// stands for all, with the weight and slope at `rho = 1` that `E[phi^2]` and `E[phi'^2]`
    /// leave over.
    pub fn correlate(&self, rho: f64) -> f64 {
        let rho = rho.clamp(-1.0, 1.0);
        match &self.spectrum {
            Spectrum::Homogeneous { slope, q } => {
                let odd = 0.5 * (1.0 + slope);
                let even = 0.5 * (1.0 - slope);
                let kernel = 2.0 / PI * ((1.0 - rho * rho).sqrt() + rho * rho.asin());
                q * (odd * odd * rho + even * even * kernel)
            }
            Spectrum::Hermite {
                second,
                mean_share,
                shares,
                tail,
                tail_degree,
            } => {
                let low: f64 = shares
                    .iter()
                    .rev()
                    .fold(0.0, |sum, share| (sum + share) * rho);
                let high = if rho > 0.0 {
                    tail * rho.powf(*tail_degree)
                } else {
                    0.0
                };
                second * (mean_share + low + high)
            }
        }
    }

    /// Returns `E[phi'(u) phi'(v)]` for normal `u`, `v` of variance `q` and correlation `rho`,
    /// the derivative of [`Moments::correlate`] by the covariance.
    pub fn correlate_slopes(&self, rho: f64) -> f64 {
        let rho = rho.clamp(-1.0, 1.0);
        match &self.spectrum {
            Spectrum::Homogeneous { slope, .. } => {
                let odd = 0.5 * (1.0 + slope);
                let even = 0.5 * (1.0 - slope);
                odd * odd + even * even * 2.0 / PI * rho.asin()
            }
            Spectrum::Hermite {
                shares,
                tail,
                tail_degree,
                ..
            } => {
                let degrees = shares.iter().zip(1..);
                let (mut low, mut power, mut all) = (0.0, 1.0, 0.0);
                for (share, k) in degrees {
                    low += f64::from(k) * share * power;
                    all += f64::from(k) * share;
                    power *= rho;
                }
                let high = tail * tail_degree;
                let reached = if rho > 0.0 {
                    high * rho.powf(tail_degree - 1.0)
                } else {
                    0.0
                };
                self.slope_second * (low + reached) / (all + high).max(1e-300)
            }
        }
    }

    /// Returns `chi = E[phi'^2] / E[phi^2]` per unit of `q`: the squared-norm factor of a layer
    /// whose gain keeps the variance at `q`, and of layer normalisation before the activation.
    pub fn critical_chi(&self, q: f64) -> f64 {
        self.slope_second * q / self.second
    }

    /// Returns `chi = E[phi'^2] / Var[phi]` per unit of `q`: the squared-norm factor of batch
    /// normalisation before the activation. It is at least one, by the Gaussian Poincare
    /// inequality, and one only for straight lines; pi / (pi - 1) for `relu`
    /// ([Yang 2019](https://arxiv.org/abs/1902.08129)).
    pub fn batch_norm_chi(&self, q: f64) -> f64 {
        self.slope_second * q / (self.second - self.mean * self.mean)
    }
}

fn clamp(q: f64) -> f64 {
    if q.is_nan() {
        1.0
    } else {
        q.clamp(1e-300, 1e300)
    }
}

/// The integrals as smooth functions of `ln q`, fit for interpolation.
#[derive(Clone, Copy, Debug)]
struct Features {
    ln_second: f64,
    ln_slope_second: f64,
    /// `mean / sqrt(second)`
    mean_ratio: f64,
    kurtosis: f64,
    slope_kurtosis: f64,
    elasticity: f64,
    slope_elasticity: f64,
    shares: [f64; DEGREES],
}

impl Features {
    fn new(activation: &Activation, q: f64) -> Self {
        let scale = q.sqrt();
        let (mut mean, mut second, mut fourth) = (0.0, 0.0, 0.0);
        let (mut slope_second, mut slope_fourth) = (0.0, 0.0);
        let (mut second_moved, mut slope_moved) = (0.0, 0.0);
        let mut coefficients = [0.0; DEGREES];
        for &(z, weight) in Rule::new(q, &activation.kinks()).nodes() {
            let value = activation.value(scale * z);
            let slope = activation.derivative(scale * z).powi(2);
            let square = weight * value * value;
            mean += weight * value;
            second += square;
            fourth += square * value * value;
            slope_second += weight * slope;
            slope_fourth += weight * slope * slope;
            // Stein's lemma: d E[g(x)] / d ln q = E[(z^2 - 1) g(x)] / 2.
            let stein = 0.5 * (z * z - 1.0);
            second_moved += square * stein;
            slope_moved += weight * slope * stein;
            // Normalised Hermite polynomials: sqrt(k+1) h_{k+1} = z h_k - sqrt(k) h_{k-1}.
            let (mut before, mut hermite) = (0.0, 1.0);
            for (k, coefficient) in coefficients.iter_mut().enumerate() {
                let next = (z * hermite - SQRT[k] * before) / SQRT[k + 1];
                (before, hermite) = (hermite, next);
                *coefficient += weight * value * hermite;
            }
        }
        if let Some((exact, exact_slope)) = closed_form(activation, q) {
            (second, slope_second) = (exact, exact_slope);
        }
        let second = second.max(1e-300);
        let slope_second = slope_second.max(1e-300);
        Self {
            ln_second: second.ln(),
            ln_slope_second: slope_second.ln(),
            mean_ratio: mean / second.sqrt(),
            kurtosis: fourth / (second * second),
            slope_kurtosis: slope_fourth / (slope_second * slope_second),
            elasticity: second_moved / second,
            slope_elasticity: slope_moved / slope_second,
            shares: coefficients.map(|a| a * a / second),
        }
    }

    fn moments(&self, q: f64) -> Moments {
        let second = self.ln_second.exp();
        let slope_second = self.ln_slope_second.exp();
        let mean_share = self.mean_ratio * self.mean_ratio;
        let kept: f64 = self.shares.iter().sum();
        let kept_slope: f64 = self
            .shares
            .iter()
            .zip(1..)
            .map(|(share, k)| share * f64::from(k))
            .sum();
        let tail = (1.0 - mean_share - kept).max(0.0);
        let tail_slope = q * slope_second / second - kept_slope;
        let lowest = DEGREES as f64 + 1.0;
        let tail_degree = if tail > 1e-12 {
            (tail_slope / tail).max(lowest)
        } else {
            lowest
        };
        Moments {
            mean: self.mean_ratio * second.sqrt(),
            second,
            kurtosis: self.kurtosis,
            slope_second,
            slope_kurtosis: self.slope_kurtosis,
            elasticity: self.elasticity,
            slope_elasticity: self.slope_elasticity,
            spectrum: Spectrum::Hermite {
                second,
                mean_share,
                shares: self.shares,
                tail,
                tail_degree,
            },
        }
    }

    fn add(&mut self, other: &Self, weight: f64) {
        self.ln_second += weight * other.ln_second;
        self.ln_slope_second += weight * other.ln_slope_second;
        self.mean_ratio += weight * other.mean_ratio;
        self.kurtosis += weight * other.kurtosis;
        self.slope_kurtosis += weight * other.slope_kurtosis;
        self.elasticity += weight * other.elasticity;
        self.slope_elasticity += weight * other.slope_elasticity;
        for (share, from) in self.shares.iter_mut().zip(&other.shares) {
            *share += weight * from;
        }
    }

    const ZERO: Self = Self {
        ln_second: 0.0,
        ln_slope_second: 0.0,
        mean_ratio: 0.0,
        kurtosis: 0.0,
        slope_kurtosis: 0.0,
        elasticity: 0.0,
        slope_elasticity: 0.0,
        shares: [0.0; DEGREES],
    };
}

const SQRT: [f64; DEGREES + 1] = {
    // `sqrt` is not const: Newton's iteration from above settles within these rounds.
    let mut roots = [0.0; DEGREES + 1];
    let mut k = 1;
    while k <= DEGREES {
        let mut root = k as f64;
        let mut round = 0;
        while round < 12 {
            root = 0.5 * (root + k as f64 / root);
            round += 1;
        }
        roots[k] = root;
        k += 1;
    }
    roots
};

/// Returns `(E[phi^2], E[phi'^2])` where an elementary closed form is known.
pub fn closed_form(activation: &Activation, q: f64) -> Option<(f64, f64)> {
    // exp(2q) Phi(-2 sqrt q) and exp(q/2) Phi(-sqrt q), without overflow.
    let full = 0.5 * erfcx((2.0 * q).sqrt());
    let half = 0.5 * erfcx((0.5 * q).sqrt());
    let elu = |alpha: f64| {
        let a = alpha * alpha;
        (0.5 * q + a * (full - 2.0 * half + 0.5), 0.5 + a * full)
    };
    match activation {
        // For small q the difference of the closed form cancels; quadrature does not.
        Activation::Elu(alpha) if q > 0.1 => Some(elu(*alpha)),
        Activation::Selu if q > 0.1 => {
            let (lambda, alpha) = selu_constants();
            let (second, slope) = elu(alpha);
            Some((lambda * lambda * second, lambda * lambda * slope))
        }
        Activation::Gelu => {
            let (p, r) = (1.0 + q, 1.0 + 2.0 * q);
            let angle = (q / p).asin();
            let second = q / 4.0 + (q * angle + 2.0 * q * q / (p * r.sqrt())) / (2.0 * PI);
            let slope =
                0.25 + angle / (2.0 * PI) + q * (5.0 * q + 3.0) / (2.0 * PI * p * r * r.sqrt());
            Some((second, slope))
        }
        Activation::HardTanh if q > 0.01 => {
            let z = 1.0 / q.sqrt();
            let inside = erf(z * FRAC_1_SQRT_2);
            let edge = 2.0 * z * crate::special::normal_pdf(z);
            Some((q * (inside - edge) + 1.0 - inside, inside))
        }
        _ => {
            let slope = activation.homogeneous_slope()?;
            let half = 0.5 * (1.0 + slope * slope);
            Some((q * half, half))
        }
    }
}

/// Remembers integrals: a grid in `ln q` per activation, filled on demand and interpolated.
#[derive(Clone, Debug, Default)]
pub struct MomentCache {
    grids: Vec<Grid>,
}

#[derive(Clone, Debug)]
struct Grid {
    activation: Activation,
    knots: Vec<Option<Features>>,
    /// The last answer: a chain at its fixed point asks the same question again.
    last: Option<(f64, Moments)>,
}

/// Knots are this far apart in `ln q`.
const SPACING: f64 = 0.25;
/// The grid covers `ln q` within +-this; beyond, every activation is a power law.
const REACH: f64 = 18.0;
/// Points of the interpolating polynomial.
const STENCIL: usize = 6;
const KNOTS: usize = (2.0 * REACH / SPACING) as usize + 1;

impl MomentCache {
    /// Returns the integrals of `activation` at variance `q`, to about seven digits.
    pub fn get(&mut self, activation: &Activation, q: f64) -> Moments {
        let q = clamp(q);
        if let Some(slope) = activation.homogeneous_slope() {
            return Moments::homogeneous(slope, q);
        }
        let known = self
            .grids
            .iter()
            .position(|grid| grid.activation == *activation);
        let index = known.unwrap_or_else(|| {
            let activation = activation.clone();
            self.grids.push(Grid {
                activation,
                knots: vec![None; KNOTS],
                last: None,
            });
            self.grids.len() - 1
        });
        self.grids[index].get(q)
    }
}

impl Grid {
    fn get(&mut self, q: f64) -> Moments {
        match &self.last {
            Some((last, moments)) if *last == q => moments.clone(),
            _ => {
                let moments = self.interpolate(q.ln()).moments(q);
                self.last = Some((q, moments.clone()));
                moments
            }
        }
    }

    fn interpolate(&mut self, ln_q: f64) -> Features {
        if ln_q.abs() > REACH {
            let edge = REACH.copysign(ln_q);
            let mut features = self.knot(if ln_q > 0.0 { KNOTS - 1 } else { 0 });
            // The exponents out there are 1, 0 or -1/2; what is left of the bend would add up.
            features.elasticity = (2.0 * features.elasticity).round() / 2.0;
            features.slope_elasticity = (2.0 * features.slope_elasticity).round() / 2.0;
            features.ln_second += features.elasticity * (ln_q - edge);
            features.ln_slope_second += features.slope_elasticity * (ln_q - edge);
            return features;
        }
        let position = (ln_q + REACH) / SPACING;
        let first = (position.floor() as usize)
            .saturating_sub(STENCIL / 2 - 1)
            .min(KNOTS - STENCIL);
        let mut sum = Features::ZERO;
        for i in 0..STENCIL {
            // Lagrange's polynomial through the stencil.
            let weight: f64 = (0..STENCIL)
                .filter(|j| *j != i)
                .map(|j| (position - (first + j) as f64) / (i as f64 - j as f64))
                .product();
            if weight != 0.0 {
                sum.add(&self.knot(first + i), weight);
            }
        }
        sum
    }

    fn knot(&mut self, index: usize) -> Features {
        let ln_q = SPACING * index as f64 - REACH;
        *self.knots[index].get_or_insert_with(|| Features::new(&self.activation, ln_q.exp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms_agree_with_quadrature() {
        let all = [
            Activation::Elu(1.0),
            Activation::Elu(0.4),
            Activation::Selu,
            Activation::Gelu,
            Activation::HardTanh,
            Activation::LeakyRelu(0.2),
        ];
        for activation in all {
            for q in [0.2, 1.0, 7.0, 400.0] {
                let rule = Rule::new(q, &activation.kinks());
                let (second, slope) = closed_form(&activation, q).unwrap();
                let scale = q.sqrt();
                let second_q = rule.expect(|z| activation.value(scale * z).powi(2));
                let slope_q = rule.expect(|z| activation.derivative(scale * z).powi(2));
                assert!((second / second_q - 1.0).abs() < 1e-10, "{activation} {q}");
                assert!((slope / slope_q - 1.0).abs() < 1e-10, "{activation} {q}");
            }
        }
    }

    #[test]
    fn interpolation_keeps_six_digits() {
        let mut cache = MomentCache::default();
        for activation in [
            Activation::Sigmoid,
            Activation::Tanh,
            Activation::Gelu,
            Activation::HardSwish,
        ] {
            for q in [1e-6, 0.013, 0.37, 1.0, 2.9, 88.0, 1e5] {
                let direct = Moments::new(&activation, q);
                let quick = cache.get(&activation, q);
                assert!(
                    (quick.second / direct.second - 1.0).abs() < 2e-6,
                    "{activation} {q}"
                );
                assert!((quick.slope_second / direct.slope_second - 1.0).abs() < 2e-6);
                assert!((quick.correlate(0.7) / direct.correlate(0.7) - 1.0).abs() < 2e-6);
            }
        }
    }

    #[test]
    fn beyond_the_grid_moments_are_power_laws() {
        let mut cache = MomentCache::default();
        let tiny = cache.get(&Activation::Tanh, 1e-40);
        assert!((tiny.second / 1e-40 - 1.0).abs() < 1e-5);
        assert!((tiny.slope_second - 1.0).abs() < 1e-6);
        let huge = cache.get(&Activation::Tanh, 1e20);
        assert!((huge.second - 1.0).abs() < 1e-3);
        assert!(huge.slope_second < 1e-10);
    }

    #[test]
    fn lumped_correlation_map_matches_the_arc_cosine_kernel() {
        let exact = Moments::new(&Activation::Relu, 1.3);
        let lumped = Features::new(&Activation::Relu, 1.3).moments(1.3);
        for rho in [0.0, 0.3, 0.9, 0.99, 1.0] {
            assert!(
                (exact.correlate(rho) - lumped.correlate(rho)).abs() < 1e-3,
                "{rho}"
            );
        }
    }

    #[test]
    fn elasticity_is_the_slope_of_the_variance_map() {
        let moments = Moments::new(&Activation::Gelu, 1.0);
        assert!((moments.elasticity - 1.144).abs() < 5e-4);
        let step = 1e-4_f64;
        let up = Moments::new(&Activation::Gelu, step.exp())
            .slope_second
            .ln();
        let slope = (up - moments.slope_second.ln()) / step;
        assert!((slope - moments.slope_elasticity).abs() < 1e-3);
    }

    #[test]
    fn strange_arguments_stay_finite() {
        for q in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let moments = MomentCache::default().get(&Activation::Gelu, q);
            assert!(moments.slope_second.is_finite() && moments.second.is_finite());
        }
    }
}
