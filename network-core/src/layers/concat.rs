//! `concat(label, ..)`: outputs side by side as one longer vector.
//!
//! Not a layer, but the steps that `network!` writes: one `write` for each part,
//! and on the way back one `read` or `read_add`. The parts' offsets are sums of the
//! widths before them.

use super::add::Sum;
use crate::Scalar;
use crate::kernels::{self, SimdPath};
use nalgebra::SVector;

/// Copies a part to the entries from `offset` of each sample of `y`.
///
/// # Panics
///
/// If the part does not fit there, or the slices differ in length.
pub fn write<T: Scalar, const PART: usize, const N: usize>(
    part: &[SVector<T, PART>],
    offset: usize,
    y: &mut [SVector<T, N>],
) {
    assert_eq!(part.len(), y.len(), "part and whole have as many samples");
    for (part, y) in part.iter().zip(y) {
        y.as_mut_slice()[offset..offset + PART].copy_from_slice(part.as_slice());
    }
}

/// Copies the part of `d_y` from `offset` on to `d_part`.
///
/// # Panics
///
/// If there is no such part, or the slices differ in length.
pub fn read<T: Scalar, const PART: usize, const N: usize>(
    d_y: &[SVector<T, N>],
    offset: usize,
    d_part: &mut [SVector<T, PART>],
) {
    assert_eq!(
        d_part.len(),
        d_y.len(),
        "part and whole have as many samples"
    );
    for (d_part, d_y) in d_part.iter_mut().zip(d_y) {
        d_part
            .as_mut_slice()
            .copy_from_slice(&d_y.as_slice()[offset..offset + PART]);
    }
}

/// Adds the part of `d_y` from `offset` on to `d_part`.
///
/// # Panics
///
/// If there is no such part, or the slices differ in length.
pub fn read_add<T: Scalar, const PART: usize, const N: usize>(
    path: SimdPath,
    d_y: &[SVector<T, N>],
    offset: usize,
    d_part: &mut [SVector<T, PART>],
) {
    assert_eq!(
        d_part.len(),
        d_y.len(),
        "part and whole have as many samples"
    );
    for (d_part, d_y) in d_part.iter_mut().zip(d_y) {
        let d_y = &d_y.as_slice()[offset..offset + PART];
        kernels::map2(path, &Sum, d_part.as_mut_slice(), d_y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_they_went() {
        let a = [[1.0, 2.0], [3.0, 4.0]].map(SVector::<f32, 2>::from);
        let b = [[5.0], [6.0]].map(SVector::<f32, 1>::from);
        let c = [[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]].map(SVector::<f32, 3>::from);
        let mut y = [SVector::<f32, 6>::from([f32::NAN; 6]); 2];
        write(&a, 0, &mut y);
        write(&b, 2, &mut y);
        write(&c, 3, &mut y);
        assert_eq!(y[0], SVector::from([1.0, 2.0, 5.0, 7.0, 8.0, 9.0]));
        assert_eq!(y[1], SVector::from([3.0, 4.0, 6.0, 10.0, 11.0, 12.0]));

        let mut part = [SVector::<f32, 3>::from([f32::NAN; 3]); 2];
        read(&y, 3, &mut part);
        assert_eq!(part, c);
        read_add(SimdPath::detect(), &y, 3, &mut part);
        assert_eq!(part, c.map(|c| c * 2.0));
        let mut part = [SVector::<f32, 1>::from([1.0]); 2];
        read_add(SimdPath::detect(), &y, 2, &mut part);
        assert_eq!(part, [[6.0], [7.0]].map(SVector::from));
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn a_part_beyond_the_end_is_refused() {
        let part = [SVector::from([1.0f32, 2.0])];
        write(&part, 2, &mut [SVector::<f32, 3>::zeros()]);
    }
}
