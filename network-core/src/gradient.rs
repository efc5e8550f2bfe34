//! A layer's gradient as what it is in memory: one row of numbers.

use crate::Layer;
use bytemuck::{Pod, bytes_of, bytes_of_mut, cast_slice, cast_slice_mut};

/// The numbers of a layer's (or network's) gradient, in the order in which
/// [`Layer::visit`] shows the trained parameters.
///
/// # Examples
///
/// ```
/// use network_core::gradient;
/// use network_core::layers::Dense;
/// use network_core::bytemuck::Zeroable;
///
/// type Head = Dense<f32, 3, 2>;
/// let gradient = <Head as network_core::Layer>::Gradient::zeroed();
/// assert_eq!(gradient::entries::<Head>(&gradient), [0.0; 3 * 2 + 2]);
/// ```
pub fn entries<L: Layer>(gradient: &L::Gradient) -> &[L::Scalar] {
    numbers(gradient)
}

/// As [`entries`], to change them.
pub fn entries_mut<L: Layer>(gradient: &mut L::Gradient) -> &mut [L::Scalar] {
    numbers_mut(gradient)
}

/// Memory that holds numbers of type `T` alone, as a slice of them.
pub(crate) fn numbers<T: Pod, G: Pod>(memory: &G) -> &[T] {
    // A value without size may lie at any address, where no `T` can be.
    if size_of::<G>() == 0 {
        &[]
    } else {
        cast_slice(bytes_of(memory))
    }
}

/// As [`numbers`], to change them.
pub(crate) fn numbers_mut<T: Pod, G: Pod>(memory: &mut G) -> &mut [T] {
    if size_of::<G>() == 0 {
        &mut []
    } else {
        cast_slice_mut(bytes_of_mut(memory))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_without_parameters_is_empty() {
        assert!(numbers::<f32, ()>(&()).is_empty());
        assert!(numbers_mut::<f64, [f64; 0]>(&mut []).is_empty());
    }

    #[test]
    fn entries_keep_their_order() {
        let mut gradient = [[1.0, 2.0], [3.0, 4.0]];
        numbers_mut::<f64, _>(&mut gradient)[2] = 7.0;
        assert_eq!(numbers::<f64, _>(&gradient), [1.0, 2.0, 7.0, 4.0]);
    }
}
