//! The error function and its relatives, to about fourteen digits and without a C library.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

const TWO_OVER_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;

/// Where the power series of `erf` hands over to the continued fraction of `erfcx`.
const SERIES_LIMIT: f64 = 2.5;

/// Returns `erf(x) = 2/sqrt(pi) * integral from 0 to x of exp(-t^2) dt`.
pub fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.abs() < SERIES_LIMIT {
        erf_series(x)
    } else {
        (1.0 - erfc(x.abs())).copysign(x)
    }
}

/// Returns `erfc(x) = 1 - erf(x)` without cancellation in the right tail.
pub fn erfc(x: f64) -> f64 {
    if x < SERIES_LIMIT {
        1.0 - erf(x)
    } else {
        (-x * x).exp() * erfcx(x)
    }
}

/// Returns `erfcx(x) = exp(x^2) erfc(x)`, which stays finite where `exp(x^2)` does not.
pub fn erfcx(x: f64) -> f64 {
    if x < SERIES_LIMIT {
        return (x * x).exp() * (1.0 - erf(x));
    }
    // Laplace's continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + ...))), from the far end;
    // the larger x, the sooner it settles.
    let mut k = if x < 4.0 { 60.0 } else { 20.0 };
    let mut tail = x;
    while k > 0.0 {
        tail = x + 0.5 * k / tail;
        k -= 1.0;
    }
    1.0 / (PI.sqrt() * tail)
}

/// Returns the probability that a standard normal variable is below `x`.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * FRAC_1_SQRT_2)
}

/// Returns the density of a standard normal variable.
pub fn normal_pdf(x: f64) -> f64 {
    0.5 * FRAC_1_SQRT_2 * TWO_OVER_SQRT_PI * (-0.5 * x * x).exp()
}

/// Returns the `x` whose [`normal_cdf`] is `p`, to nine digits, clamped to +-8.
///
/// Rational approximations by P. J. Acklam (2003), one for the middle and one for the tails.
pub fn normal_quantile(p: f64) -> f64 {
    const MIDDLE: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const MIDDLE_BELOW: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const TAIL: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const TAIL_BELOW: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let polynomial = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, c| sum * x + c);
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    if p < 1e-15 {
        return -8.0;
    }
    if p < 0.024_25 {
        let r = (-2.0 * p.ln()).sqrt();
        return polynomial(&TAIL, r) / polynomial(&TAIL_BELOW, r);
    }
    let x = p - 0.5;
    x * polynomial(&MIDDLE, x * x) / polynomial(&MIDDLE_BELOW, x * x)
}

// erf(x) = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!, all terms of one sign.
fn erf_series(x: f64) -> f64 {
    let mut term = x;
    let mut sum = x;
    let mut n = 1.0;
    while term.abs() > 1e-17 * sum.abs() {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    TWO_OVER_SQRT_PI * (-x * x).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(actual: f64, expected: f64) {
        assert!(
            (actual - expected).abs() <= 1e-13 * expected.abs(),
            "{actual} is not {expected}"
        );
    }

    #[test]
    fn agrees_with_tabulated_values() {
        assert_close(erf(0.5), 0.520_499_877_813_046_5);
        assert_close(erf(-1.0), -0.842_700_792_949_714_9);
        assert_close(erfc(3.0), 2.209_049_699_858_544e-5);
        assert_close(erfc(10.0), 2.088_487_583_762_545e-45);
        assert_close(erfcx(1.0), 0.427_583_576_155_807);
        assert_close(erfcx(100.0), 0.005_641_613_782_989_433);
        assert_close(normal_cdf(1.959_963_984_540_054), 0.975);
    }

    #[test]
    fn the_two_branches_meet() {
        let below = erfcx(SERIES_LIMIT - 1e-12);
        assert!((below - erfcx(SERIES_LIMIT)).abs() < 1e-12);
    }

    #[test]
    fn quantile_inverts_the_distribution() {
        for x in [-7.0, -3.0, -1.25, 0.0, 0.3, 2.5] {
            assert!((normal_quantile(normal_cdf(x)) - x).abs() < 1e-6, "{x}");
        }
    }
}
