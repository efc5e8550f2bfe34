//! Every elementwise function against references in higher precision, on every path.
//!
//! `f32` is compared over every 4099th bit pattern; with `NETWORK_MATH_STRIDE=1`
//! in the environment, over all of them (in release: minutes).

use network_core::Real;
use network_core::kernels::{SimdPath, Unary, map_to};

macro_rules! functions {
    ($($name:ident: $f:ident, |$x:ident| $reference:expr;)*) => {$(
        #[derive(Clone, Copy)]
        struct $name;
        impl Unary for $name {
            #[inline(always)]
            fn call<R: Real>(&self, x: R) -> R {
                x.$f()
            }
        }
        impl Reference for $name {
            fn reference(&self, $x: f64) -> f64 {
                $reference
            }
        }
    )*};
}

/// `erfc(z) / 2` at `z = -x / sqrt(2)`, corrected for the rounding of `z`.
fn normal_cdf_reference(x: f64) -> f64 {
    const LOW: f64 = -4.833_646_656_726_457e-17;
    let z = -x * core::f64::consts::FRAC_1_SQRT_2;
    let rounding = libm::fma(-x, core::f64::consts::FRAC_1_SQRT_2, -z) - x * LOW;
    let slope = -core::f64::consts::FRAC_2_SQRT_PI * libm::exp(-z * z);
    0.5 * libm::erfc(z) + 0.5 * slope * if rounding.is_finite() { rounding } else { 0.0 }
}

trait Reference: Unary {
    fn reference(&self, x: f64) -> f64;
}

functions! {
    Exp: exp, |x| libm::exp(x);
    ExpM1: exp_m1, |x| libm::expm1(x);
    Ln: ln, |x| libm::log(x);
    Tanh: tanh, |x| libm::tanh(x);
    Sigmoid: sigmoid, |x| if x < 0.0 { libm::exp(x) / (1.0 + libm::exp(x)) } else { 1.0 / (1.0 + libm::exp(-x)) };
    Softplus: softplus, |x| if x > 0.0 { x + libm::log1p(libm::exp(-x)) } else { libm::log1p(libm::exp(x)) };
    Erf: erf, |x| libm::erf(x);
    QuickSqrt: quick_sqrt, |x| if x.is_nan() { x } else { libm::sqrt(x.clamp(libm::exp2(-124.0), f64::from(f32::MAX))) };
    NormalCdf: normal_cdf, |x| normal_cdf_reference(x);
}

/// The distance of two `f32` in units in the last place of the exact one.
fn ulp_f32(actual: f32, exact: f64) -> f64 {
    if exact.is_nan() {
        return if actual.is_nan() { 0.0 } else { f64::INFINITY };
    }
    let rounded = exact as f32;
    if rounded == actual {
        // An exact result beyond the largest number has no distance to infinity.
        return if rounded.is_infinite() {
            0.0
        } else {
            (f64::from(actual) - exact).abs() / ulp(exact, -126, 23)
        };
    }
    (f64::from(actual) - exact).abs() / ulp(exact, -126, 23)
}

/// The unit in the last place of numbers as large as `exact`, of a type whose smallest exponent
/// and whose digits these are.
fn ulp(exact: f64, smallest: i32, digits: i32) -> f64 {
    let exponent = (exact.to_bits() >> 52 & 0x7FF) as i32 - 1023;
    let exponent = exponent.max(smallest) - digits;
    if exponent < -1022 {
        return libm::ldexp(1.0, exponent);
    }
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

fn stride() -> u64 {
    std::env::var("NETWORK_MATH_STRIDE")
        .ok()
        .and_then(|stride| stride.parse().ok())
        .unwrap_or(4099)
}

/// The largest error over all `f32`, at least over every 4099th.
fn check_f32(f: &impl Reference, bound: f64) {
    let stride = stride();
    // Over all numbers the library's multiply-add would take most of the time.
    let paths: Vec<SimdPath> = SimdPath::available()
        .filter(|path| stride > 1 || path.to_string() != "portable with FMA")
        .collect();
    let mut x = vec![0.0_f32; 1 << 12];
    let mut y = vec![vec![0.0_f32; 1 << 12]; paths.len()];
    let mut exact = vec![0.0_f64; 1 << 12];
    let mut worst = vec![(0.0_f64, 0.0_f32); paths.len()];
    let mut bits = 0_u64;
    while bits < 1 << 32 {
        let mut count = 0;
        while count < x.len() && bits < 1 << 32 {
            x[count] = f32::from_bits(bits as u32);
            exact[count] = f.reference(f64::from(x[count]));
            bits += stride;
            count += 1;
        }
        for (path, y) in paths.iter().zip(&mut y) {
            map_to(*path, f, &x[..count], &mut y[..count]);
        }
        let last = &y[paths.len() - 1];
        for (index, worst) in worst.iter_mut().enumerate() {
            let fused = paths[index].is_fused();
            for k in 0..count {
                // What rounds alike gives the same bits, except those of NaN.
                let same = y[index][k].to_bits() == last[k].to_bits();
                assert!(
                    same || !fused || exact[k].is_nan(),
                    "{} at {:e}",
                    paths[index],
                    x[k]
                );
                let error = ulp_f32(y[index][k], exact[k]);
                if error > worst.0 {
                    *worst = (error, x[k]);
                }
            }
        }
    }
    for (path, (error, x)) in paths.iter().zip(&worst) {
        println!("{path}: {error:.3} ULP at {x:e}");
    }
    for (path, (error, x)) in paths.iter().zip(worst) {
        // Without a fused multiply-add there is one more rounding here and there.
        let bound = if path.is_fused() {
            bound
        } else {
            (bound + 0.5).min(bound.max(3.0))
        };
        assert!(error <= bound, "{path}: {error} ULP at {x:e}");
    }
}

/// The largest error over a grid from `low` to `high`; the reference itself is
/// off by up to 1 ULP, or `slack` where it loses more.
fn check_f64(f: &impl Reference, low: f64, high: f64, bound: f64) {
    const COUNT: usize = 200_003;
    for path in SimdPath::available() {
        let x: Vec<f64> = (0..COUNT)
            .map(|k| low + (high - low) * k as f64 / (COUNT - 1) as f64)
            .collect();
        let mut y = vec![0.0; COUNT];
        map_to(path, f, &x, &mut y);
        let mut worst = (0.0, 0.0);
        for (x, y) in x.iter().zip(y) {
            let exact = f.reference(*x);
            let error = (y - exact).abs() / ulp(exact, -1022, 52);
            if error > worst.0 {
                worst = (error, *x);
            }
        }
        println!("{path}: {:.3} ULP at {:e}", worst.0, worst.1);
        assert!(worst.0 <= bound, "{path}: {} ULP at {:e}", worst.0, worst.1);
    }
}

macro_rules! bounds {
    ($($test:ident, $test_f64:ident: $f:ident, $single:expr, $low:expr, $high:expr, $double:expr;)*) => {$(
        #[test]
        fn $test() {
            check_f32(&$f, $single);
        }
        #[test]
        fn $test_f64() {
            check_f64(&$f, $low, $high, $double);
            check_f64(&$f, $low / 64.0, $high / 64.0, $double);
        }
    )*};
}

bounds! {
    exp, exp_f64: Exp, 1.1, -745.0, 709.7, 2.0;
    exp_m1, exp_m1_f64: ExpM1, 2.0, -40.0, 709.7, 3.0;
    ln, ln_f64: Ln, 1.0, 1e-9, 1e3, 2.5;
    tanh, tanh_f64: Tanh, 3.0, -21.0, 21.0, 4.0;
    sigmoid, sigmoid_f64: Sigmoid, 2.5, -745.0, 40.0, 4.0;
    softplus, softplus_f64: Softplus, 2.5, -745.0, 40.0, 4.0;
    erf, erf_f64: Erf, 1.5, -6.5, 6.5, 4.0;
    quick_sqrt, quick_sqrt_f64: QuickSqrt, 2.0, 1e-3, 1e9, 1.0;
    normal_cdf, normal_cdf_f64: NormalCdf, 7.0, -30.0, 9.0, 8.0;
}
