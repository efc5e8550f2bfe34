//! The products against a naive one in `f64`, over sizes, batches and paths.

use super::*;
use rand::{RngExt, SeedableRng};
use std::vec;
use std::vec::Vec;

/// Every width from 1 to 130 beside narrow, round and odd ones, and a few deep ones.
fn shapes() -> impl Iterator<Item = Sizes> {
    let crossed = (1..=130).flat_map(|width| {
        [1, 3, 16, 33, 64, 100]
            .into_iter()
            .flat_map(move |other| [(width, other), (other, width)])
            .filter(move |(input, output)| (input * 7 + output + width) % 3 == 0)
    });
    let deep = [
        (784, 128),
        (600, 10),
        (10, 600),
        (1100, 20),
        (20, 1100),
        (7, 2000),
        (2000, 7),
        (700, 10),
        (2100, 11),
        (11, 2100),
        (300, 22),
        (22, 300),
    ];
    crossed
        .chain(deep)
        .map(|(input, output)| Sizes { input, output })
}

/// A batch for a shape: all of a few sizes come up, and are rarely large.
fn batches(sizes: Sizes) -> [usize; 2] {
    const ALL: [usize; 9] = [0, 1, 2, 5, 8, 63, 64, 65, 300];
    let first = (sizes.input + sizes.output) % 8;
    let large = (sizes.input * sizes.output).is_multiple_of(97);
    [ALL[first], ALL[if large { 8 } else { (first + 3) % 8 }]]
}

fn random<T: Scalar>(len: usize, generator: &mut crate::Generator) -> Vec<T> {
    (0..len)
        .map(|_| T::from_f64(generator.random_range(-1.0..1.0)))
        .collect()
}

/// Sums and how large the errors of their terms may add up to.
fn assert_close<T: Scalar>(
    actual: &[T],
    exact: &[(f64, f64)],
    what: &str,
    sizes: Sizes,
    path: SimdPath,
) {
    let epsilon = if size_of::<T>() == 4 {
        f64::from(f32::EPSILON)
    } else {
        f64::EPSILON
    };
    for (k, (actual, (exact, size))) in actual.iter().zip(exact).enumerate() {
        let error = (actual.to_f64() - exact).abs();
        assert!(
            error <= 4.0 * epsilon * (size + 1e-30),
            "{what} of {sizes:?} on {path}: entry {k} is {actual}, not {exact}"
        );
    }
}

/// `(sum, size)` of the products of pairs, from a start.
fn dot<T: Scalar>(start: f64, pairs: impl Iterator<Item = (T, T)>) -> (f64, f64) {
    let mut sum = start;
    let mut size = start.abs();
    let mut square = start * start;
    for (a, b) in pairs {
        let term = a.to_f64() * b.to_f64();
        sum += term;
        square += term * term;
        size = size.max(sum.abs());
    }
    // Rounding errors of a sum of random terms add up like a random walk.
    (sum, (size + libm::sqrt(square)) * 4.0)
}

struct Case<T> {
    sizes: Sizes,
    batch: usize,
    weight: Vec<T>,
    bias: Vec<T>,
    x: Vec<T>,
    d_y: Vec<T>,
    old_weight: Vec<T>,
}

impl<T: Scalar> Case<T> {
    fn new(sizes: Sizes, batch: usize) -> Self {
        let generator = &mut crate::Generator::seed_from_u64(7);
        let Sizes { input, output } = sizes;
        Self {
            sizes,
            batch,
            weight: random(input * output, generator),
            bias: random(output, generator),
            x: random(input * batch, generator),
            d_y: random(output * batch, generator),
            old_weight: random(input * output, generator),
        }
    }

    fn forward(&self, path: SimdPath) -> Vec<T> {
        let mut y = vec![T::from_f64(9.0); self.sizes.output * self.batch];
        T::forward(path, self.sizes, &self.weight, &self.bias, &self.x, &mut y);
        y
    }

    fn d_input(&self, path: SimdPath) -> Vec<T> {
        let mut d_x = vec![T::from_f64(9.0); self.sizes.input * self.batch];
        T::d_input(path, self.sizes, &self.weight, &self.d_y, &mut d_x);
        d_x
    }

    fn d_weight(&self, path: SimdPath, accumulate: bool) -> (Vec<T>, Vec<T>) {
        let mut d_weight = self.old_weight.clone();
        let mut d_bias = self.bias.clone();
        T::d_weight(
            path,
            self.sizes,
            &self.x,
            &self.d_y,
            &mut d_weight,
            &mut d_bias,
            accumulate,
        );
        (d_weight, d_bias)
    }

    fn check(&self, path: SimdPath) {
        let Sizes { input, output } = self.sizes;
        let exact: Vec<_> = (0..output * self.batch)
            .map(|k| {
                let (o, s) = (k % output, k / output);
                let term = |i| (self.weight[o + i * output], self.x[i + s * input]);
                dot(self.bias[o].to_f64(), (0..input).map(term))
            })
            .collect();
        assert_close(&self.forward(path), &exact, "forward", self.sizes, path);

        let exact: Vec<_> = (0..input * self.batch)
            .map(|k| {
                let (i, s) = (k % input, k / input);
                let term = |o| (self.weight[o + i * output], self.d_y[o + s * output]);
                dot(0.0, (0..output).map(term))
            })
            .collect();
        assert_close(&self.d_input(path), &exact, "d_input", self.sizes, path);

        for accumulate in [false, true] {
            let start = f64::from(u8::from(accumulate));
            let exact: Vec<_> = (0..output * input)
                .map(|k| {
                    let (o, i) = (k % output, k / output);
                    let term = |s| (self.d_y[o + s * output], self.x[i + s * input]);
                    dot(
                        start * self.old_weight[k].to_f64(),
                        (0..self.batch).map(term),
                    )
                })
                .collect();
            let (d_weight, d_bias) = self.d_weight(path, accumulate);
            assert_close(&d_weight, &exact, "d_weight", self.sizes, path);
            let exact: Vec<_> = (0..output)
                .map(|o| {
                    let term = |s| (self.d_y[o + s * output], T::ONE);
                    dot(start * self.bias[o].to_f64(), (0..self.batch).map(term))
                })
                .collect();
            assert_close(&d_bias, &exact, "d_bias", self.sizes, path);
        }
    }
}

fn products_are_right<T: Scalar>() {
    for sizes in shapes() {
        for batch in batches(sizes) {
            let case = Case::<T>::new(sizes, batch);
            for path in SimdPath::available() {
                // The library's fused multiply-add is slow, and its bits are compared below.
                if batch < 60 || path.0 != Kind::PortableFused {
                    case.check(path);
                }
            }
        }
    }
}

#[test]
fn products_are_right_in_f32() {
    products_are_right::<f32>();
}

#[test]
fn products_are_right_in_f64() {
    products_are_right::<f64>();
}

fn fused_paths_give_the_same_bits<T: Scalar>() {
    for sizes in shapes() {
        for batch in batches(sizes).map(|batch| batch.min(66)) {
            let case = Case::<T>::new(sizes, batch);
            let mut paths = SimdPath::available().filter(|path| path.is_fused());
            let Some(first) = paths.next() else { continue };
            let expected = (
                case.forward(first),
                case.d_input(first),
                case.d_weight(first, true),
            );
            for path in paths {
                let actual = (
                    case.forward(path),
                    case.d_input(path),
                    case.d_weight(path, true),
                );
                assert!(
                    actual == expected,
                    "{sizes:?} with {batch} samples: {path} and {first}"
                );
            }
        }
    }
}

#[test]
fn fused_paths_give_the_same_bits_in_f32() {
    fused_paths_give_the_same_bits::<f32>();
}

#[test]
fn fused_paths_give_the_same_bits_in_f64() {
    fused_paths_give_the_same_bits::<f64>();
}

#[test]
fn a_sample_gives_the_same_bits_alone_and_in_a_batch() {
    for sizes in shapes() {
        let batch = Case::<f32>::new(sizes, 17);
        for path in SimdPath::available() {
            let y = batch.forward(path);
            let d_x = batch.d_input(path);
            for s in [0, 5, 16] {
                let alone = Case {
                    batch: 1,
                    x: batch.x[s * sizes.input..][..sizes.input].to_vec(),
                    d_y: batch.d_y[s * sizes.output..][..sizes.output].to_vec(),
                    ..Case::new(sizes, 1)
                };
                assert_eq!(alone.forward(path), y[s * sizes.output..][..sizes.output]);
                assert_eq!(alone.d_input(path), d_x[s * sizes.input..][..sizes.input]);
            }
        }
    }
}

#[test]
fn empty_layers_and_batches_do_nothing_wrong() {
    let path = SimdPath::detect();
    let mut y = [9.0_f32; 3];
    dense_forward::<f32, 0, 3>(path, &[], &[1.0, 2.0, 3.0], &[], &mut y);
    assert_eq!(y, [1.0, 2.0, 3.0]);
    let mut d_x = [9.0_f32; 3];
    dense_d_input::<f32, 3, 0>(path, &[], &[], &mut d_x);
    assert_eq!(d_x, [0.0; 3]);
    let mut d_weight = [9.0_f32; 6];
    let mut d_bias = [9.0_f32; 2];
    dense_d_weight::<f32, 3, 2>(path, &[], &[], &mut d_weight, &mut d_bias, true);
    assert_eq!(d_weight, [9.0; 6]);
    dense_d_weight::<f32, 3, 2>(path, &[], &[], &mut d_weight, &mut d_bias, false);
    assert_eq!((d_weight, d_bias), ([0.0; 6], [0.0; 2]));
}

#[test]
#[should_panic(expected = "the weight does not fit the layer")]
fn a_weight_of_another_layer_is_refused() {
    dense_forward::<f32, 2, 2>(SimdPath::detect(), &[0.0; 3], &[], &[0.0; 2], &mut [0.0; 2]);
}
