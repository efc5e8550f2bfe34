//! Elementwise functions of `f32`.

use crate::kernels::Number;
pub(crate) use crate::kernels::primitive::sqrt_f32 as sqrt;

/// Adding and taking away 1.5 * 2^23 rounds to an integer, which is then in the low bits.
const ROUND: f32 = 12582912.0;
const LOG2_E: f32 = core::f32::consts::LOG2_E;
/// ln 2 in two parts; the first has so few bits that its products with exponents are exact.
const LN_2_HIGH: f32 = 0.693359375;
const LN_2_LOW: f32 = -2.1219444e-4;

/// `x` if it is at least `low`, else `low`; NaN stays.
#[inline(always)]
fn at_least<R: Number<f32>>(x: R, low: f32) -> R {
    x.max(R::new(low))
}

#[inline(always)]
fn at_most<R: Number<f32>>(x: R, high: f32) -> R {
    x.min(R::new(high))
}

/// `2^n` for a whole `n` from -126 to 127.
#[inline(always)]
fn power_of_two<R: Number<f32>>(n: i32) -> R {
    R::new(f32::from_bits(((n + 127) as u32) << 23))
}

/// `x + low = n ln 2 + r`, with whole `n`: returns `n` and `e^r - 1`.
#[inline(always)]
fn reduce<R: Number<f32>>(x: R, low: Option<R>) -> (i32, R) {
    let rounded = x.mul_add(R::new(LOG2_E), R::new(ROUND));
    let n = rounded - R::new(ROUND);
    let mut r = n.mul_add(R::new(-LN_2_LOW), n.mul_add(R::new(-LN_2_HIGH), x));
    if let Some(low) = low {
        r += low;
    }
    // e^r = 1 + r + r^2 p(r), error 4e-9.
    let p = horner!(r; 0.5, 0.16666494, 0.04166613, 0.008371695, 0.0013955293);
    let n = (rounded.get().to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    (n, p.mul_add(r * r, r))
}

/// `e^(x + low)`, for `x + low` from -104 to 89.
#[inline(always)]
fn exp_in_range<R: Number<f32>>(x: R, low: Option<R>) -> R {
    let (n, e) = reduce(x, low);
    // Two factors, so that results below the smallest normal number are rounded once.
    let half = n >> 1;
    (e + R::ONE) * power_of_two(half) * power_of_two(n - half)
}

#[inline(always)]
pub(crate) fn exp<R: Number<f32>>(x: R) -> R {
    exp_in_range(at_most(at_least(x, -104.0), 89.0), None)
}

#[inline(always)]
pub(crate) fn exp_m1<R: Number<f32>>(x: R) -> R {
    let (n, e) = reduce(at_most(at_least(x, -18.0), 89.0), None);
    // (e^r - 1) 2^n + (2^n - 1), by halves, because 2^128 is too big.
    let half = power_of_two::<R>(n - 1);
    let y = e.mul_add(half, half - R::new(0.5));
    y + y
}

#[inline(always)]
pub(crate) fn ln<R: Number<f32>>(x: R) -> R {
    let subnormal = x < R::new(f32::MIN_POSITIVE);
    let scaled = R::select(subnormal, x * R::new(8388608.0), x);
    let bits = scaled.get().to_bits();
    // x = m 2^n with m from sqrt(1/2) to sqrt(2).
    let n = (bits.wrapping_sub(0x3f35_04f3) as i32) >> 23;
    let f = R::new(f32::from_bits(bits.wrapping_sub((n << 23) as u32))) - R::ONE;
    let n = R::new(n as f32) - R::select(subnormal, R::new(23.0), R::ZERO);
    let f2 = f * f;
    // ln(1 + f) = f - f^2 / 2 + f^3 p(f), error 7.5e-10.
    let p = horner!(f;
        0.33333313, -0.2500001, 0.20002118, -0.16667993, 0.14219554, -0.124056324, 0.11888189,
        -0.11675403, 0.06746283);
    let low = n.mul_add(R::new(LN_2_LOW), f * f2 * p);
    let y = n.mul_add(R::new(LN_2_HIGH), f2.mul_add(R::new(-0.5), low) + f);
    let y = R::select(x < R::new(f32::INFINITY), y, x);
    let y = R::select(x == R::ZERO, R::new(f32::NEG_INFINITY), y);
    R::select(x < R::ZERO, R::new(f32::NAN), y)
}

/// `ln(1 + e)` for `e` from 0 to 1.
#[inline(always)]
fn ln_1p_unit<R: Number<f32>>(e: R) -> R {
    // e + e^2 p(e), error 8e-10.
    let p = horner!(e;
        -0.49999988, 0.3333269, -0.24988574, 0.19897902, -0.16129221, 0.12466862, -0.08307041,
        0.041978255, -0.01363002, 0.0020726558);
    p.mul_add(e * e, e)
}

#[inline(always)]
pub(crate) fn tanh<R: Number<f32>>(x: R) -> R {
    // Beyond 9.01 the nearest number is 1.
    let a = at_most(x.abs(), 9.01);
    let u = a * a;
    // t = tanh(a / 2) = m / (2 q) with m = a + a^3 p(a^2) and q = 1 + r(a^2), error 8e-9.
    let excess = horner!(u; 0.029777287, 0.00011432966) * (u * a);
    let m = a + excess;
    let r = u * horner!(u; 0.11311059, 0.0012069144, 1.2306117e-6);
    // tanh a = 2 t / (1 + t^2) = n / (n + e^2) with n = m q and e = q - m / 2. This form
    // forgives errors of n where tanh saturates, and never exceeds 1.
    let n = a + m.mul_add(r, excess);
    let below = m.mul_add(R::new(-0.5), r);
    let e = R::ONE + below;
    // What the rounding of e lost counts where tanh is small.
    let lost = (R::ONE - e) + below;
    let rest = lost.mul_add(R::new(2.0), n);
    let denominator = if R::FUSED {
        e.mul_add(e, rest)
    } else {
        // e^2 in two parts: the first, of 12 bits, squares exactly.
        let high = R::new(f32::from_bits(e.get().to_bits() & !0xfff));
        high * high + ((e - high) * (e + high) + rest)
    };
    copysign(n / denominator, x)
}

#[inline(always)]
pub(crate) fn sigmoid<R: Number<f32>>(x: R) -> R {
    let e = exp(-x.abs());
    R::select(x < R::ZERO, e, R::ONE) / (R::ONE + e)
}

#[inline(always)]
pub(crate) fn softplus<R: Number<f32>>(x: R) -> R {
    x.max(R::ZERO) + ln_1p_unit(exp(-x.abs()))
}

#[inline(always)]
pub(crate) fn erf<R: Number<f32>>(x: R) -> R {
    let a = x.abs();
    let u = x * x;
    // erf x = x + x p(x^2) up to 1, error 1.4e-9; beyond, 1 - erfc.
    let p = horner!(u;
        0.12837917, -0.3761263, 0.11283615, -0.02685492, 0.0051902346, -0.00080257014,
        7.901979e-5);
    let z = at_most(a, 4.0);
    let tail = exp_in_range(-(z * z), None) * half_erfcx(z);
    R::select(
        a < R::ONE,
        x.mul_add(p, x),
        copysign(R::ONE - (tail + tail), x),
    )
}

#[inline(always)]
pub(crate) fn normal_cdf<R: Number<f32>>(x: R) -> R {
    let t = at_most(x.abs(), 15.0);
    // e^(-t^2 / 2) from t^2 in two parts: the first, of 12 bits, squares exactly.
    let high = R::new(f32::from_bits(
        (t.get().to_bits().wrapping_add(0x800)) & !0xfff,
    ));
    let half = R::new(-0.5);
    let e = exp_in_range(
        at_least(high * high * half, -104.0),
        Some((t - high) * (t + high) * half),
    );
    let tail = e * half_erfcx(t * R::new(core::f32::consts::FRAC_1_SQRT_2));
    R::select(x < R::ZERO, tail, R::ONE - tail)
}

/// `e^(z^2) erfc(z) / 2` for `z` from 0 to 10.6 (form: Shepherd and Laframboise 1981).
#[inline(always)]
fn half_erfcx<R: Number<f32>>(z: R) -> R {
    let w = R::ONE / (z + R::new(3.0));
    let v = (z - R::new(3.0)) * w;
    // p(v) / (z + 3), error 2.6e-9.
    let p = horner!(v;
        1.0740069, -0.8833945, 0.59022826, -0.31046587, 0.1195295, -0.026840745, -0.0012289097,
        0.0030812502, -0.00047852867, -0.00032290773);
    p * (w * R::new(0.5))
}

/// 2^-124.
const QUICK_SQRT_LEAST: f32 = 4.7019774e-38;

/// See [`Real::quick_sqrt`](crate::Real::quick_sqrt).
#[inline(always)]
pub(crate) fn quick_sqrt<R: Number<f32>>(x: R) -> R {
    // Below, halves would be subnormal, which takes processors a hundred times longer.
    let x = at_most(at_least(x, QUICK_SQRT_LEAST), f32::MAX);
    // Halving and negating the exponent gives 1 / sqrt(x) to 3.5 %; Newton's steps square that.
    let guess = 0x5f37_5a86_u32.wrapping_sub(x.get().to_bits() >> 1);
    let mut y = R::new(f32::from_bits(guess));
    let minus_half = x * R::new(-0.5);
    for _ in 0..3 {
        let error = (minus_half * y).mul_add(y, R::new(0.5));
        y = error.mul_add(y, y);
    }
    x * y
}

/// `value`, with the sign of `sign`.
#[inline(always)]
pub(crate) fn copysign<R: Number<f32>>(value: R, sign: R) -> R {
    R::new(value.get().copysign(sign.get()))
}
