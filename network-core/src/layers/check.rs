//! What every layer's tests share: comparison with central finite differences,
//! with a function's table, and behaviour at extreme inputs.

extern crate std;

use super::{Activation, Elementwise};
use crate::kernels::SimdPath;
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Real, Sample, Scalar, Visitor,
    VisitorMut,
};
use bytemuck::Zeroable;
use core::mem::size_of;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use std::boxed::Box;
use std::vec::Vec;
use std::{assert, assert_eq, vec};

/// Capacity of the caches.
const BATCH: usize = 7;
/// The sizes of batch that are tested.
const BATCHES: [usize; 3] = [1, 2, 7];
/// Distance between the points of a finite difference.
const STEP: f64 = 1e-3;

/// Fails unless all entries agree to `tolerance` of the largest expected one.
#[track_caller]
pub(crate) fn assert_close(what: &str, actual: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}: number of entries");
    let largest = expected
        .iter()
        .fold(0.0, |largest: f64, e| largest.max(e.abs()));
    for (index, (a, e)) in actual.iter().zip(expected).enumerate() {
        assert!(
            (a - e).abs() <= tolerance * largest + 1e-13,
            "{what}, entry {index}: {a} instead of {e} (largest entry {largest})"
        );
    }
}

/// The entries of some samples, one after the other.
pub(crate) fn flat<S: Sample>(samples: &[S]) -> Vec<f64> {
    samples
        .iter()
        .flat_map(|s| s.as_slice().iter().map(|v| v.to_f64()))
        .collect()
}

/// A layer, initialised from a seed.
#[allow(clippy::unnecessary_box_returns, reason = "layers may be big")]
pub(crate) fn layer<L: Layer>(config: &L::Config, seed: u64) -> Box<L> {
    let mut layer = Box::new(L::zeroed());
    layer.initialize(config, &mut Generator::seed_from_u64(seed));
    layer
}

/// Standard normal samples.
pub(crate) fn normal<S: Sample>(n: usize, seed: u64) -> Vec<S> {
    let mut generator = Generator::seed_from_u64(seed);
    samples(n, |_, _| StandardNormal.sample(&mut generator))
}

/// `n` samples; `entry` gets the index of the sample and of the feature.
pub(crate) fn samples<S: Sample>(n: usize, mut entry: impl FnMut(usize, usize) -> f64) -> Vec<S> {
    let mut samples = vec![S::zeroed(); n];
    for (s, sample) in samples.iter_mut().enumerate() {
        for (f, value) in sample.as_mut_slice().iter_mut().enumerate() {
            *value = S::Scalar::from_f64(entry(s, f));
        }
    }
    samples
}

fn poisoned<T: Scalar>(n: usize) -> Vec<T> {
    vec![T::from_f64(f64::NAN); n]
}

/// One forward pass into memory full of not-a-number; the seed is dropout's.
pub(crate) fn forward<L: Layer>(
    layer: &L,
    seed: u64,
    x: &[L::Input],
    cache: &mut L::Cache<BATCH>,
) -> Vec<L::Output> {
    forward_on(SimdPath::detect(), layer, seed, x, cache)
}

fn forward_on<L: Layer>(
    path: SimdPath,
    layer: &L,
    seed: u64,
    x: &[L::Input],
    cache: &mut L::Cache<BATCH>,
) -> Vec<L::Output> {
    let mut y = samples(x.len(), |_, _| f64::NAN);
    let mut pass = Pass {
        path,
        generator: &mut Generator::seed_from_u64(seed),
        accumulate: false,
        probe: None,
    };
    layer.forward(
        &mut pass,
        x,
        &mut y,
        cache,
        &mut poisoned(L::SCRATCH * x.len()),
    );
    y
}

/// One inference into memory full of not-a-number.
pub(crate) fn infer<L: Layer>(layer: &L, x: &[L::Input]) -> Vec<L::Output> {
    infer_on(SimdPath::detect(), layer, x)
}

fn infer_on<L: Layer>(path: SimdPath, layer: &L, x: &[L::Input]) -> Vec<L::Output> {
    let mut y = samples(x.len(), |_, _| f64::NAN);
    let mut scratch = poisoned(L::INFER_SCRATCH * x.len());
    layer.infer(path, x, &mut y, &mut scratch);
    y
}

/// One backward pass; `gradient` is added to or replaced.
pub(crate) fn backward<L: Layer>(
    layer: &L,
    x: &[L::Input],
    y: &[L::Output],
    d_y: &[L::Output],
    d_x: Option<&mut [L::Input]>,
    cache: &mut L::Cache<BATCH>,
    gradient: &mut L::Gradient,
    accumulate: bool,
) {
    let path = SimdPath::detect();
    backward_on(path, layer, x, y, d_y, d_x, cache, gradient, accumulate);
}

fn backward_on<L: Layer>(
    path: SimdPath,
    layer: &L,
    x: &[L::Input],
    y: &[L::Output],
    d_y: &[L::Output],
    d_x: Option<&mut [L::Input]>,
    cache: &mut L::Cache<BATCH>,
    gradient: &mut L::Gradient,
    accumulate: bool,
) {
    let mut pass = Pass {
        path,
        generator: &mut Generator::seed_from_u64(99),
        accumulate,
        probe: None,
    };
    let mut scratch = poisoned(L::SCRATCH * x.len());
    layer.backward(&mut pass, x, y, d_y, d_x, cache, gradient, &mut scratch);
}

/// A new cache.
pub(crate) fn cache<L: Layer>() -> Box<L::Cache<BATCH>> {
    Box::new(Zeroable::zeroed())
}

/// The numbers of a gradient, in memory order.
pub(crate) fn entries<T: Scalar, G: bytemuck::Pod>(gradient: &G) -> Vec<T> {
    let bytes = bytemuck::bytes_of(gradient);
    bytes
        .chunks_exact(size_of::<T>())
        .map(bytemuck::pod_read_unaligned)
        .collect()
}

/// Exchanges one entry of the trained parameters, counted in visiting order.
struct Exchange<T> {
    index: usize,
    value: T,
    seen: usize,
}

impl<T: Scalar> VisitorMut<T> for Exchange<T> {
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        if parameter.kind.is_trained() {
            if let Some(index) = self.index.checked_sub(self.seen)
                && let Some(value) = parameter.value.get_mut(index)
            {
                core::mem::swap(value, &mut self.value);
            }
            self.seen += parameter.value.len();
        }
    }
}

fn exchange<L: Layer>(layer: &mut L, index: usize, value: L::Scalar) -> L::Scalar {
    let mut exchange = Exchange {
        index,
        value,
        seen: 0,
    };
    layer.visit_mut(&mut exchange);
    exchange.value
}

/// What a visitor is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shown {
    pub(crate) parameters: Vec<(&'static str, ParameterKind, Vec<usize>, Vec<f64>)>,
    pub(crate) counters: Vec<(&'static str, u64)>,
}

impl Shown {
    /// What a layer shows; `visit` and `visit_mut` have to agree.
    pub(crate) fn of<L: Layer>(layer: &mut L) -> Self {
        let mut shown = Self::default();
        layer.visit(&mut shown);
        let mut shown_mut = Self::default();
        layer.visit_mut(&mut shown_mut);
        assert_eq!(shown, shown_mut, "`visit` and `visit_mut` show the same");
        for (name, _, shape, value) in &shown.parameters {
            let size: usize = shape.iter().product();
            assert_eq!(size, value.len(), "shape and entries of `{name}` agree");
        }
        shown
    }

    pub(crate) fn trained(&self) -> usize {
        let trained = self
            .parameters
            .iter()
            .filter(|(_, kind, ..)| kind.is_trained());
        trained.map(|(.., value)| value.len()).sum()
    }

    /// Names and shapes.
    pub(crate) fn names(&self) -> Vec<(&'static str, &[usize])> {
        self.parameters
            .iter()
            .map(|(name, _, shape, _)| (*name, shape.as_slice()))
            .collect()
    }
}

impl<T: Scalar> Visitor<T> for Shown {
    fn parameter(&mut self, p: Parameter<'_, T>) {
        let value = p.value.iter().map(|v| v.to_f64()).collect();
        self.parameters
            .push((p.name, p.kind, p.shape.to_vec(), value));
    }
    fn counter(&mut self, name: &'static str, value: u64) {
        self.counters.push((name, value));
    }
}

impl<T: Scalar> VisitorMut<T> for Shown {
    fn parameter(&mut self, p: ParameterMut<'_, T>) {
        let value = p.value.iter().map(|v| v.to_f64()).collect();
        self.parameters
            .push((p.name, p.kind, p.shape.to_vec(), value));
    }
    fn counter(&mut self, name: &'static str, value: &mut u64) {
        self.counters.push((name, *value));
    }
}

/// The derivative of `sum(c * y)` by a central difference of fourth order, taken
/// output by output, so that outputs that do not move add no rounding error.
fn difference<S: Sample<Scalar = f64>>(c: &[S], mut y: impl FnMut(f64) -> Vec<S>) -> f64 {
    let [far_below, below, above, far_above] =
        [-2.0, -1.0, 1.0, 2.0].map(|steps| flat(&y(steps * STEP)));
    let terms = flat(c).into_iter().enumerate().map(|(i, c)| {
        c * (8.0 * (above[i] - below[i]) - (far_above[i] - far_below[i])) / (12.0 * STEP)
    });
    terms.sum()
}

/// Compares `d_x` and every parameter's gradient with central finite differences
/// to 1e-6 of the largest entry, for batches of 1, 2 and 7.
///
/// `entry` makes the inputs from a generator, the sample and the feature, at
/// least 3e-3 away from kinks. Also tests that the gradient's memory is the
/// trained parameters in visiting order, that `accumulate` adds, and that
/// `d_x` may be left out.
pub(crate) fn gradients<L: Layer<Scalar = f64>>(
    layer: &mut L,
    mut entry: impl FnMut(&mut Generator, usize, usize) -> f64,
) {
    let trained = Shown::of(layer).trained();
    assert_eq!(
        size_of::<L::Gradient>(),
        trained * size_of::<f64>(),
        "size of the gradient"
    );

    for n in BATCHES {
        let mut generator = Generator::seed_from_u64(n as u64);
        let x: Vec<L::Input> = samples(n, |s, f| entry(&mut generator, s, f));
        let c: Vec<L::Output> = normal(n, 1000 + n as u64);
        let mut cache = cache::<L>();
        let cache = &mut *cache;

        // What a cache holds from another batch must not matter.
        forward(layer, 5, &normal::<L::Input>(BATCH, 5), cache);
        let y = forward(layer, 7, &x, cache);
        let mut d_x = samples(n, |_, _| f64::NAN);
        let mut gradient = Box::new(L::Gradient::zeroed());
        backward(layer, &x, &y, &c, None, cache, &mut gradient, false);
        let alone = entries::<f64, _>(&*gradient);
        backward(
            layer,
            &x,
            &y,
            &c,
            Some(&mut d_x),
            cache,
            &mut gradient,
            false,
        );
        let actual = entries::<f64, _>(&*gradient);
        assert_eq!(
            actual, alone,
            "the gradient does not depend on whether d_x is wanted"
        );
        backward(
            layer,
            &x,
            &y,
            &c,
            Some(&mut d_x),
            cache,
            &mut gradient,
            true,
        );
        let twice: Vec<f64> = actual.iter().map(|g| 2.0 * g).collect();
        assert_close("accumulated gradient", &entries(&*gradient), &twice, 1e-13);

        let mut moved = x.clone();
        let mut expected = Vec::new();
        for s in 0..n {
            for f in 0..L::Input::LEN {
                let center = x[s].as_slice()[f];
                expected.push(difference(&c, |step| {
                    moved[s].as_mut_slice()[f] = center + step;
                    forward(layer, 7, &moved, cache)
                }));
                moved[s].as_mut_slice()[f] = center;
            }
        }
        assert_close("d_x", &flat(&d_x), &expected, 1e-6);

        let mut expected = Vec::new();
        for index in 0..trained {
            let center = exchange(layer, index, 0.0);
            expected.push(difference(&c, |step| {
                exchange(layer, index, center + step);
                forward(layer, 7, &x, cache)
            }));
            exchange(layer, index, center);
        }
        // Each parameter's tensor is judged by its own largest entry.
        let mut start = 0;
        for (name, kind, _, value) in Shown::of(layer).parameters {
            if kind.is_trained() {
                let range = start..start + value.len();
                assert_close(name, &actual[range.clone()], &expected[range], 1e-6);
                start += value.len();
            }
        }
    }
}

/// Standard normal inputs, for layers without kinks.
pub(crate) fn anywhere(generator: &mut Generator, _sample: usize, _feature: usize) -> f64 {
    StandardNormal.sample(generator)
}

/// Normal inputs of deviation 2, moved away from the kinks.
pub(crate) fn away_from(kinks: &[f64]) -> impl FnMut(&mut Generator, usize, usize) -> f64 {
    |generator, _, _| {
        let z: f64 = StandardNormal.sample(generator);
        let x = 2.0 * z;
        match kinks.iter().find(|k| (x - *k).abs() < 0.01) {
            Some(kink) if x < *kink => x - 0.01,
            Some(_) => x + 0.01,
            None => x,
        }
    }
}

/// For layers that choose: up to 101 features of a sample all differ by 0.03 or more.
pub(crate) fn ranked(_generator: &mut Generator, sample: usize, feature: usize) -> f64 {
    0.03 * ((37 * feature + 13 * sample) % 101) as f64 - 1.5
}

/// For normalisation over the batch: samples a good distance apart in each feature.
pub(crate) fn apart(generator: &mut Generator, sample: usize, feature: usize) -> f64 {
    let noise = (generator.next_u64() % 1000) as f64 / 2000.0;
    0.8 * ((3 * sample + feature) % 7) as f64 + noise - 2.0
}

/// `infer` gives the bits of `forward`: for layers that treat training as inference.
pub(crate) fn infers_as_it_trains<L: Layer>(layer: &L) {
    for n in BATCHES {
        let x = normal::<L::Input>(n, 3);
        let trained = forward(layer, 1, &x, &mut *cache::<L>());
        assert_eq!(infer(layer, &x), trained);
    }
}

/// Every instruction set with a fused multiply-add gives the same bits, and the
/// others the same numbers but for rounding.
pub(crate) fn agrees_on_all_paths<L: Layer>(layer: &L) {
    let tolerance = if size_of::<L::Scalar>() == 4 {
        1e-5
    } else {
        1e-13
    };
    for n in BATCHES {
        let x = normal::<L::Input>(n, 3);
        let d_y = normal::<L::Output>(n, 4);
        let on = |path| {
            let mut cache = cache::<L>();
            let y = forward_on(path, layer, 1, &x, &mut cache);
            let mut d_x = samples(n, |_, _| f64::NAN);
            let mut gradient = Box::new(L::Gradient::zeroed());
            let slot = Some(&mut d_x[..]);
            backward_on(
                path,
                layer,
                &x,
                &y,
                &d_y,
                slot,
                &mut cache,
                &mut gradient,
                false,
            );
            let gradient = entries::<L::Scalar, _>(&*gradient);
            let gradient = gradient.iter().map(|g| g.to_f64()).collect();
            [
                flat(&y),
                flat(&infer_on(path, layer, &x)),
                flat(&d_x),
                gradient,
            ]
        };
        let best = SimdPath::available()
            .last()
            .expect("there is always a path");
        let expected = on(best);
        for path in SimdPath::available() {
            for (actual, expected) in on(path).iter().zip(&expected) {
                if path.is_fused() == best.is_fused() {
                    assert_eq!(actual, expected, "{path:?} and {best:?}");
                } else {
                    assert_close("entry", actual, expected, tolerance);
                }
            }
        }
    }
}

/// Inputs of 0, subnormal and up to 1e4 in size give finite outputs and gradients.
pub(crate) fn stays_finite<L: Layer>(layer: &L) {
    let smallest = if size_of::<L::Scalar>() == 4 {
        1e-45
    } else {
        5e-324
    };
    let values = [1e4, -1e4, 0.0, smallest, -smallest, 1.0];
    // One value everywhere, then all of them mixed.
    for shift in 0..=values.len() {
        for n in BATCHES {
            let x: Vec<L::Input> = samples(n, |s, f| match values.get(shift) {
                Some(value) => *value,
                None => values[(s * 5 + f * 7) % values.len()],
            });
            let d_y: Vec<L::Output> = normal(n, 11);
            let mut cache = cache::<L>();
            let y = forward(layer, 1, &x, &mut cache);
            let mut d_x = samples(n, |_, _| f64::NAN);
            let mut gradient = Box::new(L::Gradient::zeroed());
            backward(
                layer,
                &x,
                &y,
                &d_y,
                Some(&mut d_x),
                &mut cache,
                &mut gradient,
                false,
            );
            let gradient = entries::<L::Scalar, _>(&*gradient);
            let finite = |what, numbers: &[f64]| {
                assert!(
                    numbers.iter().all(|v| v.is_finite()),
                    "{what} of {x:?}: {numbers:?}"
                );
            };
            finite("forward", &flat(&y));
            finite("infer", &flat(&infer(layer, &x)));
            finite("d_x", &flat(&d_x));
            finite(
                "gradient",
                &gradient.iter().map(|g| g.to_f64()).collect::<Vec<_>>(),
            );
        }
    }
}

/// All that holds for an activation: a table of `(x, f(x), f'(x))`, gradients,
/// finite results, not-a-number that stays visible.
#[track_caller]
pub(crate) fn activation<F: Activation>(function: F, kinks: &[f64], table: &[(f64, f64, f64)]) {
    for &(x, y, d) in table {
        let (value, derivative) = (function.value(x), function.derivative(x, function.value(x)));
        assert_near(x, value, y, 1e-14);
        assert_near(x, derivative, d, 1e-14);
        let x = x as f32;
        let value = function.value(x);
        assert_near(f64::from(x), f64::from(value), y, 1e-6);
        assert_near(
            f64::from(x),
            f64::from(function.derivative(x, value)),
            d,
            1e-6,
        );
    }
    for x in [-3.5, -0.25, 0.0, 1e-3, 2.5, 30.0] {
        if F::DERIVATIVE_FROM_OUTPUT {
            let y = function.value(x);
            assert_eq!(function.derivative(x, y), function.derivative(f64::NAN, y));
        }
    }
    assert!(
        function.value(f64::NAN).is_nan(),
        "not-a-number is not hidden"
    );

    elementwise::<F, 1>(function, kinks);
    elementwise::<F, 5>(function, kinks);
    elementwise::<F, 33>(function, kinks);
    stays_finite(&*layer::<Elementwise<f32, 6, F>>(&function, 0));
}

fn elementwise<F: Activation, const N: usize>(function: F, kinks: &[f64]) {
    let mut layer = layer::<Elementwise<f64, N, F>>(&function, 0);
    gradients(&mut *layer, away_from(kinks));
    infers_as_it_trains(&*layer);
    agrees_on_all_paths(&*layer);
    stays_finite(&*layer);
}

#[track_caller]
fn assert_near(x: f64, actual: f64, expected: f64, tolerance: f64) {
    assert!(
        (actual - expected).abs() <= tolerance * (1.0 + expected.abs()),
        "at {x}: {actual} instead of {expected}"
    );
}
