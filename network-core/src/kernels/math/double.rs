//! Elementwise functions of `f64`.

use crate::kernels::Number;
pub(crate) use crate::kernels::primitive::sqrt_f64 as sqrt;

/// Adding and taking away 1.5 * 2^52 rounds to an integer, which is then in the low bits.
const ROUND: f64 = 6755399441055744.0;
const LOG2_E: f64 = core::f64::consts::LOG2_E;
/// ln 2 in two parts; the first has so few bits that its products with exponents are exact.
const LN_2_HIGH: f64 = 0.693145751953125;
const LN_2_LOW: f64 = 1.42860682030941723212e-6;

#[inline(always)]
fn at_least<R: Number<f64>>(x: R, low: f64) -> R {
    x.max(R::new(low))
}

#[inline(always)]
fn at_most<R: Number<f64>>(x: R, high: f64) -> R {
    x.min(R::new(high))
}

/// `2^n` for a whole `n` from -1022 to 1023.
#[inline(always)]
fn power_of_two<R: Number<f64>>(n: i64) -> R {
    R::new(f64::from_bits(((n + 1023) as u64) << 52))
}

/// `x + low = n ln 2 + r`, with whole `n`: returns `n` and `e^r - 1`.
#[inline(always)]
fn reduce<R: Number<f64>>(x: R, low: Option<R>) -> (i64, R) {
    let rounded = x.mul_add(R::new(LOG2_E), R::new(ROUND));
    let n = rounded - R::new(ROUND);
    let mut r = n.mul_add(R::new(-LN_2_LOW), n.mul_add(R::new(-LN_2_HIGH), x));
    if let Some(low) = low {
        r += low;
    }
    // e^r = 1 + r + r^2 p(r), error 6e-20.
    let p = horner!(r;
        0.5, 0.16666666666666685, 0.04166666666666673, 0.008333333333316196,
        0.0013888888888857554, 0.00019841269898420233, 2.48015873752973e-05,
        2.7557232859868982e-06, 2.755723213684303e-07, 2.511272509011103e-08,
        2.092729817524166e-09);
    let n = (rounded.get().to_bits() as i64).wrapping_sub(ROUND.to_bits() as i64);
    (n, p.mul_add(r * r, r))
}

/// `e^(x + low)`, for `x + low` from -746 to 710.
#[inline(always)]
fn exp_in_range<R: Number<f64>>(x: R, low: Option<R>) -> R {
    let (n, e) = reduce(x, low);
    // Two factors, so that results below the smallest normal number are rounded once.
    let half = n >> 1;
    (e + R::ONE) * power_of_two(half) * power_of_two(n - half)
}

#[inline(always)]
pub(crate) fn exp<R: Number<f64>>(x: R) -> R {
    exp_in_range(at_most(at_least(x, -746.0), 710.0), None)
}

#[inline(always)]
pub(crate) fn exp_m1<R: Number<f64>>(x: R) -> R {
    let (n, e) = reduce(at_most(at_least(x, -38.0), 710.0), None);
    // (e^r - 1) 2^n + (2^n - 1), by halves, because 2^1024 is too big.
    let half = power_of_two::<R>(n - 1);
    let y = e.mul_add(half, half - R::new(0.5));
    y + y
}

/// `ln(1 + f)` for `f` from -0.3 to 1, to which `n ln 2` is added.
///
/// With `s = f / (2 + f)`, `ln(1 + f) = f - f^2/2 + s (f^2/2 + tail)`, where
/// `tail = s^2 p(s^2)` is the series of `2 artanh(s) - 2 s` divided by `s`.
#[inline(always)]
fn assemble<R: Number<f64>>(f: R, s: R, tail: R, n: R) -> R {
    let half_square = f * f * R::new(0.5);
    let low = s.mul_add(half_square + tail, n * R::new(LN_2_LOW));
    n.mul_add(R::new(LN_2_HIGH), f - (half_square - low))
}

#[inline(always)]
pub(crate) fn ln<R: Number<f64>>(x: R) -> R {
    let subnormal = x < R::new(f64::MIN_POSITIVE);
    let scaled = R::select(subnormal, x * R::new(18014398509481984.0), x);
    let bits = scaled.get().to_bits();
    // x = m 2^n with m from sqrt(1/2) to sqrt(2). The exponent is made non-negative,
    // because AVX2 has no arithmetic shift of 64 bits, and becomes a number by `ROUND`.
    let exponent = bits
        .wrapping_sub(0x3fe6_a09e_667f_3bcd)
        .wrapping_add(1024 << 52)
        >> 52;
    let f = R::new(f64::from_bits(
        bits.wrapping_sub(exponent.wrapping_sub(1024) << 52),
    )) - R::ONE;
    let n = R::new(f64::from_bits(ROUND.to_bits() + exponent)) - R::new(ROUND + 1024.0);
    let n = n - R::select(subnormal, R::new(54.0), R::ZERO);
    let s = f / (R::new(2.0) + f);
    let z = s * s;
    // Error 8e-21.
    let p = horner!(z;
        0.6666666666666666, 0.40000000000006336, 0.28571428569056667, 0.2222222265121533,
        0.1818177531043756, 0.15387106349218763, 0.13249765065679614, 0.13254553243104952);
    let y = assemble(f, s, z * p, n);
    let y = R::select(x < R::new(f64::INFINITY), y, x);
    let y = R::select(x == R::ZERO, R::new(f64::NEG_INFINITY), y);
    R::select(x < R::ZERO, R::new(f64::NAN), y)
}

/// `ln(1 + e)` for `e` from 0 to 1.
#[inline(always)]
fn ln_1p_unit<R: Number<f64>>(e: R) -> R {
    let s = e / (R::new(2.0) + e);
    let z = s * s;
    // Error 4e-20.
    let p = horner!(z;
        0.6666666666666667, 0.3999999999999398, 0.28571428572509927, 0.22222222125478383,
        0.18181823202576472, 0.15384451941374008, 0.13336805663381274, 0.11715952338687721,
        0.10972555727186244, 0.06994288592306487, 0.16467567277061496);
    assemble(e, s, z * p, R::ZERO)
}

#[inline(always)]
pub(crate) fn tanh<R: Number<f64>>(x: R) -> R {
    // tanh |x| = (e^2|x| - 1) / (e^2|x| + 1); beyond 20 the nearest number is 1.
    let a = at_most(x.abs(), 20.0);
    let e = exp_m1(a + a);
    copysign(e / (e + R::new(2.0)), x)
}

#[inline(always)]
pub(crate) fn sigmoid<R: Number<f64>>(x: R) -> R {
    let e = exp(-x.abs());
    R::select(x < R::ZERO, e, R::ONE) / (R::ONE + e)
}

#[inline(always)]
pub(crate) fn softplus<R: Number<f64>>(x: R) -> R {
    x.max(R::ZERO) + ln_1p_unit(exp(-x.abs()))
}

#[inline(always)]
pub(crate) fn erf<R: Number<f64>>(x: R) -> R {
    let a = x.abs();
    let u = x * x;
    // erf x = x p(x^2) up to 1, error 1.3e-19; beyond, 1 - erfc.
    let p = horner!(u;
        core::f64::consts::FRAC_2_SQRT_PI, -0.3761263890318375, 0.11283791670954857, -0.026866170645072802,
        0.005223977624779982, -0.0008548326978692157, 0.0001205533103510374,
        -1.4925593464450885e-05, 1.6460972147782158e-06, -1.6350018250372231e-07,
        1.4657833769323734e-08, -1.136549104064865e-09, 5.944971160983519e-11);
    let z = at_most(a, 6.0);
    let tail = exp_of_square(z, R::new(-1.0)) * half_erfcx(z);
    R::select(a < R::ONE, x * p, copysign(R::ONE - (tail + tail), x))
}

/// `e^(scale t^2)` for `t` from 0 to 39 and a `scale` of -1 or -1/2.
#[inline(always)]
fn exp_of_square<R: Number<f64>>(t: R, scale: R) -> R {
    // t^2 in two parts: the first, of 26 bits, squares exactly.
    let bits = t.get().to_bits().wrapping_add(1 << 26) & !((1 << 27) - 1);
    let high = R::new(f64::from_bits(bits));
    exp_in_range(
        at_least(high * high * scale, -746.0),
        Some((t - high) * (t + high) * scale),
    )
}

#[inline(always)]
pub(crate) fn normal_cdf<R: Number<f64>>(x: R) -> R {
    let t = at_most(x.abs(), 38.7);
    let tail =
        exp_of_square(t, R::new(-0.5)) * half_erfcx(t * R::new(core::f64::consts::FRAC_1_SQRT_2));
    R::select(x < R::ZERO, tail, R::ONE - tail)
}

/// `e^(z^2) erfc(z) / 2` for `z` from 0 to 27.4 (form: Shepherd and Laframboise 1981).
#[inline(always)]
fn half_erfcx<R: Number<f64>>(z: R) -> R {
    let w = R::ONE / (z + R::new(4.0));
    let v = (z - R::new(4.0)) * w;
    // p(v) / (z + 4), error 3.2e-18.
    let p = horner!(v;
        1.095995661000491, -0.9765487290808821, 0.7732087022652367, -0.540853831313225,
        0.3308515878780241, -0.17401093724029013, 0.07638151490913335, -0.02637005333461881,
        0.006112055656946097, -0.0002809589158261691, -0.0004550526899545199,
        0.00017681308606864898, -3.635145371332208e-06, -1.886178083451824e-05,
        4.694321557810803e-06, 1.4260799133931593e-06, -8.459961404901385e-07,
        -7.795422991986024e-08, 1.2393405855722682e-07, 2.5872219674401035e-09,
        -1.5395377685676894e-08, -3.7401014252127074e-10, 1.0206834716944586e-09);
    p * (w * R::new(0.5))
}

/// `value`, with the sign of `sign`.
#[inline(always)]
pub(crate) fn copysign<R: Number<f64>>(value: R, sign: R) -> R {
    R::new(value.get().copysign(sign.get()))
}

/// See [`Real::quick_sqrt`](crate::Real::quick_sqrt).
#[inline(always)]
pub(crate) fn quick_sqrt<R: Number<f64>>(x: R) -> R {
    R::new(sqrt(x.get()))
}
