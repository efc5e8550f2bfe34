//! Numbers as bytes: our layout (first index fastest) and the file's (last index
//! fastest, little-endian).

use crate::Scalar;

/// Calls `f` for every entry in the file's order with its index in our order.
fn for_each(shape: &[usize], mut f: impl FnMut(usize)) {
    let entries: usize = shape.iter().product();
    let mut index = vec![0; shape.len()];
    let mut ours = 0;
    for _ in 0..entries {
        f(ours);
        // Counts up like an odometer, whose last digit turns fastest.
        let mut stride = entries;
        for (index, size) in index.iter_mut().zip(shape).rev() {
            stride /= size;
            *index += 1;
            ours += stride;
            if *index < *size {
                break;
            }
            *index = 0;
            ours -= stride * size;
        }
    }
}

/// Our numbers as the file's bytes.
pub(super) fn to_bytes<T: Scalar>(shape: &[usize], value: &[T]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of_val(value));
    for_each(shape, |ours| {
        let start = bytes.len();
        bytes.extend_from_slice(bytemuck::bytes_of(&value[ours]));
        little_endian(&mut bytes[start..]);
    });
    bytes
}

/// The file's bytes as our numbers.
pub(super) fn from_bytes<T: Scalar>(shape: &[usize], bytes: &[u8], value: &mut [T]) {
    let mut numbers = bytes.chunks_exact(size_of::<T>());
    for_each(shape, |ours| {
        if let Some(number) = numbers.next() {
            let number_bytes = bytemuck::bytes_of_mut(&mut value[ours]);
            number_bytes.copy_from_slice(number);
            little_endian(number_bytes);
        }
    });
}

/// Turns this machine's order of bytes to the file's, or back.
fn little_endian(number: &mut [u8]) {
    if cfg!(target_endian = "big") {
        number.reverse();
    }
}

/// A count.
pub(super) fn count(bytes: &[u8]) -> i64 {
    bytes.try_into().map_or(0, i64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(shape: &[usize]) -> Vec<usize> {
        let mut order = Vec::new();
        for_each(shape, |ours| order.push(ours));
        order
    }

    #[test]
    fn rows_follow_each_other_in_the_file() {
        assert_eq!(order(&[2, 3]), [0, 2, 4, 1, 3, 5]);
        assert_eq!(order(&[3]), [0, 1, 2]);
        assert_eq!(order(&[1, 3, 1]), [0, 1, 2]);
        // As numpy's arange(24).reshape(4, 3, 2).transpose().flatten().
        let transposed: Vec<usize> = (0..2)
            .flat_map(|i| (0..3).flat_map(move |j| (0..4).map(move |k| i + 2 * j + 6 * k)))
            .collect();
        assert_eq!(order(&[2, 3, 4]), transposed);
    }

    #[test]
    fn scalars_have_one_entry_and_empty_tensors_none() {
        assert_eq!(order(&[]), [0]);
        assert!(order(&[3, 0, 2]).is_empty());
    }

    #[test]
    fn numbers_survive_the_way_through_bytes() {
        let value = [1.5_f64, -0.0, f64::MIN_POSITIVE, f64::INFINITY, 3.0, 4.0];
        let bytes = to_bytes(&[2, 3], &value);
        assert_eq!(bytes[8..16], f64::MIN_POSITIVE.to_le_bytes());
        let mut back = [0.0; 6];
        from_bytes(&[2, 3], &bytes, &mut back);
        assert_eq!(back.map(f64::to_bits), value.map(f64::to_bits));
    }
}
