//! `concat(label, ..)`: outputs side by side as one longer vector.
//!
//! Not a layer, but the steps that `network!` writes: one `write` for each part,
//! and on the way back one `read`. The parts' offsets are sums of the
//! widths before them. Of sequences, the parts of each step lie side by side; of
//! images, the channels.

use crate::Scalar;
use nalgebra::SVector;

/// Copies a part to the entries from `offset` of each of `steps` steps of each sample
/// of `y`.
///
/// # Panics
///
/// If the part does not fit there, or the slices differ in length.
pub fn write<T: Scalar, const PART: usize, const N: usize>(
    part: &[SVector<T, PART>],
    offset: usize,
    steps: usize,
    y: &mut [SVector<T, N>],
) {
    assert_eq!(part.len(), y.len(), "part and whole have as many samples");
    for (part, y) in part.iter().zip(y) {
        let part = part.as_slice().chunks_exact(PART / steps);
        for (part, y) in part.zip(y.as_mut_slice().chunks_exact_mut(N / steps)) {
            y[offset..offset + part.len()].copy_from_slice(part);
        }
    }
}

/// Copies the part from `offset` on of each of `steps` steps of `d_y` to `d_part`.
///
/// # Panics
///
/// If there is no such part, or the slices differ in length.
pub fn read<T: Scalar, const PART: usize, const N: usize>(
    d_y: &[SVector<T, N>],
    offset: usize,
    steps: usize,
    d_part: &mut [SVector<T, PART>],
) {
    assert_eq!(
        d_part.len(),
        d_y.len(),
        "part and whole have as many samples"
    );
    for (d_part, d_y) in d_part.iter_mut().zip(d_y) {
        let d_part = d_part.as_mut_slice().chunks_exact_mut(PART / steps);
        for (d_part, d_y) in d_part.zip(d_y.as_slice().chunks_exact(N / steps)) {
            let end = offset + d_part.len();
            d_part.copy_from_slice(&d_y[offset..end]);
        }
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
        write(&a, 0, 1, &mut y);
        write(&b, 2, 1, &mut y);
        write(&c, 3, 1, &mut y);
        assert_eq!(y[0], SVector::from([1.0, 2.0, 5.0, 7.0, 8.0, 9.0]));
        assert_eq!(y[1], SVector::from([3.0, 4.0, 6.0, 10.0, 11.0, 12.0]));

        let mut part = [SVector::<f32, 3>::from([f32::NAN; 3]); 2];
        read(&y, 3, 1, &mut part);
        assert_eq!(part, c);
    }

    #[test]
    fn steps_stay_together() {
        let a = [SVector::from([1.0f32, 2.0, 3.0, 4.0])];
        let b = [SVector::from([5.0f32, 6.0])];
        let mut y = [SVector::<f32, 6>::zeros()];
        write(&a, 0, 2, &mut y);
        write(&b, 2, 2, &mut y);
        assert_eq!(y[0], SVector::from([1.0, 2.0, 5.0, 3.0, 4.0, 6.0]));
        let mut part = [SVector::<f32, 2>::zeros()];
        read(&y, 2, 2, &mut part);
        assert_eq!(part, b);
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn a_part_beyond_the_end_is_refused() {
        let part = [SVector::from([1.0f32, 2.0])];
        write(&part, 2, 1, &mut [SVector::<f32, 3>::zeros()]);
    }
}
