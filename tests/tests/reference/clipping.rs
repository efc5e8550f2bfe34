//! Clipping of a whole gradient, by norm and by value.

use network_core::bytemuck::Zeroable;
use network_core::clip::{clip_by_norm, clip_by_value, norm};
use network_core::gradient::{entries, entries_mut};
use network_core::layers::Dense;
use network_core::{Layer, Scalar};
use network_tests::reference::{Case, cases, from_row_major, to_row_major};

type Weights<T> = Dense<T, 4, 3>;
type Gradient<T> = <Weights<T> as Layer>::Gradient;

fn assert_gradient<T: Scalar>(case: &Case, pointer: &str, gradient: &Gradient<T>) {
    let (weight, bias) = entries::<Weights<T>>(gradient).split_at(12);
    case.assert_close(&format!("{pointer}/weight"), &to_row_major(&[3, 4], weight));
    case.assert_close(&format!("{pointer}/bias"), bias);
}

fn check<T: Scalar>(case: &Case) {
    let mut gradient: Gradient<T> = Zeroable::zeroed();
    let (weight, bias) = entries_mut::<Weights<T>>(&mut gradient).split_at_mut(12);
    from_row_major(&[3, 4], &case.given("/weight"), weight);
    bias.copy_from_slice(&case.given("/bias"));
    let bound = case.number("/bound").expect("a bound");

    let mut by_norm = gradient;
    let before = clip_by_norm::<Weights<T>>(&mut by_norm, bound).unwrap();
    case.assert_close("/norm", &[T::from_f64(before)]);
    assert_eq!(norm::<Weights<T>>(&gradient), Ok(before));
    assert_gradient(case, "/by_norm", &by_norm);

    let mut by_value = gradient;
    clip_by_value::<Weights<T>>(&mut by_value, bound).unwrap();
    assert_gradient(case, "/by_value", &by_value);
}

#[test]
fn clipping_agrees_with_pytorch() {
    for case in cases("clipping.json") {
        check::<f32>(&case);
        check::<f64>(&case);
    }
}

#[test]
fn a_gradient_that_is_not_finite_stays_as_it_was() {
    let mut gradient: Gradient<f32> = Zeroable::zeroed();
    gradient.weight.fill(3.0);
    gradient.bias[1] = f32::INFINITY;
    let before = gradient;
    let error = clip_by_norm::<Weights<f32>>(&mut gradient, 1.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "entry 13 of the gradient is not a finite number"
    );
    assert_eq!(gradient, before);

    gradient.bias[2] = f32::NAN;
    clip_by_value::<Weights<f32>>(&mut gradient, 1.0).unwrap();
    assert_eq!(gradient.bias[1], 1.0);
    assert!(gradient.bias[2].is_nan(), "NaN must not become a number");

    for bound in [0.0, -1.0, f64::NAN] {
        assert!(clip_by_norm::<Weights<f32>>(&mut gradient, bound).is_err());
        assert!(clip_by_value::<Weights<f32>>(&mut gradient, bound).is_err());
    }
}
