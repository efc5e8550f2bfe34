//! Random orthogonal matrices, made in place, without any other memory.
//!
//! With a Gaussian matrix G = Q R, where R has a positive diagonal, Q is uniformly
//! distributed over all orthogonal matrices (Mezzadri 2007). Its Householder
//! reflections can be drawn directly, each from a Gaussian vector of its own
//! (Stewart 1980): that leaves out the factorisation of G, and Q is orthogonal to
//! rounding error whatever its size.

use super::normal;
use crate::{Generator, Scalar};

/// How many rows of a wide matrix are worked on at once; their sums are on the stack.
const BLOCK: usize = 64;

/// Fills a column-major matrix of `rows` rows with `gain` times a random
/// semi-orthogonal matrix.
///
/// Gaussians are drawn vector by vector, the k-th from its entry k on, where the
/// vectors are the columns, or the rows if those are fewer.
pub(super) fn fill<T: Scalar>(rows: usize, gain: f64, value: &mut [T], generator: &mut Generator) {
    if rows == 0 {
        return;
    }
    let columns = value.len() / rows;
    if rows >= columns {
        tall(rows, columns, value, generator);
    } else {
        wide(rows, columns, value, generator);
    }
    for entry in value {
        *entry = T::from_f64(gain * entry.to_f64());
    }
}

/// What turns a Gaussian vector x into the reflection `H = 1 - tau v v^T` that maps
/// it to a multiple of the first axis.
struct Reflection {
    /// `v = x / pivot`, but with first entry 1.
    pivot: f64,
    /// Sign of R's diagonal entry, by which the column of Q is multiplied.
    sign: f64,
}

impl Reflection {
    fn new(first: f64, sum_of_squares: f64) -> Self {
        let length = libm::sqrt(sum_of_squares);
        // Away from 0, so that nothing cancels.
        if first < 0.0 {
            Self {
                pivot: first - length,
                sign: 1.0,
            }
        } else {
            Self {
                pivot: first + length,
                sign: -1.0,
            }
        }
    }
}

/// Orthonormal columns, of `rows >= columns` entries each.
fn tall<T: Scalar>(rows: usize, columns: usize, value: &mut [T], generator: &mut Generator) {
    for (k, column) in value.chunks_exact_mut(rows).enumerate() {
        column[..k].fill(T::ZERO);
        for entry in &mut column[k..] {
            *entry = T::from_f64(normal(generator));
        }
    }
    // Q = H_0 H_1 .. applied to the first axes, from the last reflection on: those
    // after it leave the first k + 1 entries alone.
    for k in (0..columns).rev() {
        let (before, after) = value.split_at_mut((k + 1) * rows);
        let (head, tail) = before[k * rows + k..].split_at_mut(1);
        let first = head[0].to_f64();
        let reflection = Reflection::new(first, first * first + dot(tail, tail));
        for v in &mut *tail {
            *v = T::from_f64(v.to_f64() / reflection.pivot);
        }
        // From the rounded v, so that the reflection is orthogonal all the same.
        let tau = 2.0 / (1.0 + dot(tail, tail));
        for column in after.chunks_exact_mut(rows) {
            let factor = tau * (column[k].to_f64() + dot(tail, &column[k + 1..]));
            column[k] = T::from_f64(column[k].to_f64() - factor);
            for (entry, v) in column[k + 1..].iter_mut().zip(&*tail) {
                *entry = T::from_f64(entry.to_f64() - factor * v.to_f64());
            }
        }
        head[0] = T::from_f64(reflection.sign * (1.0 - tau));
        for v in tail {
            *v = T::from_f64(-reflection.sign * tau * v.to_f64());
        }
    }
}

/// Orthonormal rows, of `columns > rows` entries each: as [`tall`], transposed.
fn wide<T: Scalar>(rows: usize, columns: usize, value: &mut [T], generator: &mut Generator) {
    for k in 0..rows {
        for (i, column) in value.chunks_exact_mut(rows).enumerate() {
            column[k] = T::from_f64(if i < k { 0.0 } else { normal(generator) });
        }
    }
    for k in (0..rows).rev() {
        let (head, tail) = value[k * rows..columns * rows].split_at_mut(rows);
        let first = head[k].to_f64();
        let reflection = Reflection::new(first, first * first + square(rows, k, tail));
        for column in tail.chunks_exact_mut(rows) {
            column[k] = T::from_f64(column[k].to_f64() / reflection.pivot);
        }
        let tau = 2.0 / (1.0 + square(rows, k, tail));
        // A column holds neighbouring rows side by side: they are worked on together.
        for start in (k + 1..rows).step_by(BLOCK) {
            let block = start..rows.min(start + BLOCK);
            let mut factors = [0.0; BLOCK];
            for (factor, entry) in factors.iter_mut().zip(&head[block.clone()]) {
                *factor = entry.to_f64();
            }
            for column in tail.chunks_exact(rows) {
                let v = column[k].to_f64();
                for (factor, entry) in factors.iter_mut().zip(&column[block.clone()]) {
                    *factor += v * entry.to_f64();
                }
            }
            for (factor, entry) in factors.iter_mut().zip(&mut head[block.clone()]) {
                *factor *= tau;
                *entry = T::from_f64(entry.to_f64() - *factor);
            }
            for column in tail.chunks_exact_mut(rows) {
                let v = column[k].to_f64();
                for (factor, entry) in factors.iter().zip(&mut column[block.clone()]) {
                    *entry = T::from_f64(entry.to_f64() - factor * v);
                }
            }
        }
        head[k] = T::from_f64(reflection.sign * (1.0 - tau));
        for column in tail.chunks_exact_mut(rows) {
            column[k] = T::from_f64(-reflection.sign * tau * column[k].to_f64());
        }
    }
}

/// Sum of squares of row `k`.
fn square<T: Scalar>(rows: usize, k: usize, value: &[T]) -> f64 {
    value
        .chunks_exact(rows)
        .map(|column| column[k].to_f64())
        .fold(0.0, |sum, v| sum + v * v)
}

/// Sum of products in `f64`, in eight partial sums.
fn dot<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for k in 0..8 {
            lanes[k] += a[k].to_f64() * b[k].to_f64();
        }
    }
    let rest = a_rest
        .iter()
        .zip(b_rest)
        .fold(0.0, |sum, (a, b)| sum + a.to_f64() * b.to_f64());
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::init::Init;
    use rand::SeedableRng;
    use std::vec;
    use std::vec::Vec;

    fn matrix<T: Scalar>(rows: usize, columns: usize, gain: f64, seed: u64) -> Vec<T> {
        let mut value = vec![T::from_f64(f64::NAN); rows * columns];
        let mut generator = Generator::seed_from_u64(seed);
        Init::Orthogonal { gain }.fill(rows, columns, &mut value, &mut generator);
        value
    }

    /// The largest deviation of the shorter vectors' products from `gain^2` times
    /// the unit matrix.
    fn error<T: Scalar>(rows: usize, columns: usize, gain: f64, value: &[T]) -> f64 {
        let entry = |r: usize, c: usize| value[c * rows + r].to_f64();
        let (count, length) = (rows.min(columns), rows.max(columns));
        let component = |k, i| {
            if rows >= columns {
                entry(i, k)
            } else {
                entry(k, i)
            }
        };
        let mut largest: f64 = 0.0;
        for a in 0..count {
            for b in 0..=a {
                let product: f64 = (0..length).map(|i| component(a, i) * component(b, i)).sum();
                let expected = if a == b { gain * gain } else { 0.0 };
                largest = largest.max((product - expected).abs());
            }
        }
        largest
    }

    #[test]
    fn vectors_are_orthonormal() {
        for (rows, columns) in [
            (1, 1),
            (1, 9),
            (9, 1),
            (2, 2),
            (7, 5),
            (5, 7),
            (64, 64),
            (65, 130),
            (130, 65),
            (150, 151),
        ] {
            let value = matrix::<f64>(rows, columns, 1.0, 1);
            let deviation = error(rows, columns, 1.0, &value);
            assert!(deviation < 1e-14, "{rows} x {columns}: {deviation}");
            let value = matrix::<f32>(rows, columns, 1.5, 1);
            let deviation = error(rows, columns, 1.5, &value);
            assert!(deviation < 2e-6, "{rows} x {columns} in f32: {deviation}");
        }
    }

    // Entries of a uniformly distributed orthogonal matrix of n rows have mean 0,
    // variance 1 / n and, as coordinates on a sphere, fourth moment 3 / (n (n + 2));
    // without the right signs the diagonal would lean to one side.
    #[test]
    fn directions_are_uniform() {
        const MATRICES: u64 = 4000;
        for (rows, columns) in [(4, 4), (2, 4), (4, 2)] {
            let mut sums = vec![[0.0; 3]; rows * columns];
            let mut determinant = 0.0;
            for seed in 0..MATRICES {
                let value = matrix::<f64>(rows, columns, 1.0, seed);
                for (sum, v) in sums.iter_mut().zip(&value) {
                    *sum = [sum[0] + v, sum[1] + v * v, sum[2] + v * v * v * v];
                }
                if rows == columns {
                    determinant += nalgebra::Matrix4::from_column_slice(&value).determinant();
                }
            }
            let count = MATRICES as f64;
            for [mean, square, fourth] in sums {
                assert!((mean / count).abs() < 4.5 * 0.5 / libm::sqrt(count));
                assert!((square / count - 0.25).abs() < 0.015, "{}", square / count);
                assert!((fourth / count - 0.125).abs() < 0.015, "{}", fourth / count);
            }
            // Rotations and reflections are equally likely.
            assert!((determinant / count).abs() < 4.5 / libm::sqrt(count));
        }
    }

    #[test]
    fn a_wide_matrix_is_a_tall_one_transposed() {
        let (wide, tall) = (matrix::<f64>(3, 5, 1.0, 9), matrix::<f64>(5, 3, 1.0, 9));
        for row in 0..3 {
            for column in 0..5 {
                let difference = wide[column * 3 + row] - tall[row * 5 + column];
                assert!(difference.abs() < 1e-15);
            }
        }
    }

    #[test]
    fn a_seed_pins_the_values() {
        let expected = [
            0.239_964_524_726_593_58,
            -0.970_781_657_672_177_1,
            -0.970_781_657_672_177_1,
            -0.239_964_524_726_593_7,
        ];
        assert_eq!(matrix::<f64>(2, 2, 1.0, 2024), expected);
    }

    #[test]
    fn a_big_matrix_needs_no_stack() {
        let work = || {
            let value = matrix::<f32>(300, 2048, 1.0, 1);
            assert!(value.iter().all(|v| v.is_finite()));
            let value = matrix::<f32>(2048, 300, 1.0, 1);
            assert!(value.iter().all(|v| v.is_finite()));
        };
        std::thread::Builder::new()
            .stack_size(1 << 20)
            .spawn(work)
            .unwrap()
            .join()
            .unwrap();
    }

    #[test]
    fn a_bias_becomes_a_vector_of_length_gain() {
        let mut bias = [0.0; 10];
        Init::Orthogonal { gain: 2.0 }.fill_bias(
            10,
            3,
            &mut bias,
            &mut Generator::seed_from_u64(1),
        );
        assert!((dot(&bias, &bias) - 4.0).abs() < 1e-14);
    }
}
