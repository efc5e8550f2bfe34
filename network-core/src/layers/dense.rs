//! `dense`: the affine map `y = W x + b`.

use crate::init::Init;
use crate::kernels::{self, Affine, SimdPath};
use crate::step::step_alone;
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Scalar, Visitor, VisitorMut,
};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use nalgebra::{SMatrix, SVector};

/// The affine map `y = W x + b`.
///
/// # Shapes
///
/// `x`: `INPUT`, `y`: `OUTPUT`, `weight`: `OUTPUT x INPUT`, `bias`: `BIAS`, which is
/// `OUTPUT`, or 0 for a layer without bias.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
// Where registers are as wide as a cache line, a weight that begins with one is read
// up to a quarter faster.
#[cfg_attr(target_arch = "x86_64", repr(align(64)))]
pub struct Dense<T: Scalar, const INPUT: usize, const OUTPUT: usize, const BIAS: usize = OUTPUT> {
    /// The linear map W.
    pub weight: SMatrix<T, OUTPUT, INPUT>,
    /// The shift b; empty without bias.
    pub bias: SVector<T, BIAS>,
}

/// How a [`Dense`] layer starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DenseConfig {
    /// Initial weight.
    pub weight: Init,
    /// Initial bias.
    pub bias: Init,
}

impl<T: Scalar, const INPUT: usize, const OUTPUT: usize, const BIAS: usize> Layer
    for Dense<T, INPUT, OUTPUT, BIAS>
{
    type Scalar = T;
    type Input = SVector<T, INPUT>;
    type Output = SVector<T, OUTPUT>;
    type Config = DenseConfig;
    type Gradient = Affine<SMatrix<T, OUTPUT, INPUT>, SVector<T, BIAS>>;
    type Cache<const BATCH: usize> = ();
    const MULTIPLY_ADDS: usize = INPUT * OUTPUT;
    const INPUT_MULTIPLY_ADDS: usize = INPUT * OUTPUT;

    fn initialize(&mut self, config: &DenseConfig, generator: &mut Generator) {
        config
            .weight
            .fill(OUTPUT, INPUT, self.weight.as_mut_slice(), generator);
        config
            .bias
            .fill_bias(OUTPUT, INPUT, self.bias.as_mut_slice(), generator);
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        kernels::dense_forward::<T, INPUT, OUTPUT>(
            path,
            self.weight.as_slice(),
            self.bias.as_slice(),
            cast_slice(x),
            cast_slice_mut(y),
        );
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _cache: &mut (),
        scratch: &mut [T],
    ) {
        self.infer(pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        gradient: &mut Self::Gradient,
        _scratch: &mut [T],
    ) {
        kernels::dense_d_weight::<T, INPUT, OUTPUT>(
            pass.path,
            cast_slice(x),
            cast_slice(d_y),
            gradient.weight.as_mut_slice(),
            gradient.bias.as_mut_slice(),
            pass.accumulate,
        );
        if let Some(d_x) = d_x {
            kernels::dense_d_input::<T, INPUT, OUTPUT>(
                pass.path,
                self.weight.as_slice(),
                cast_slice(d_y),
                cast_slice_mut(d_x),
            );
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        visitor.parameter(Parameter {
            name: "weight",
            kind: ParameterKind::Weight,
            shape: &[OUTPUT, INPUT],
            value: self.weight.as_slice(),
        });
        if BIAS > 0 {
            visitor.parameter(Parameter {
                name: "bias",
                kind: ParameterKind::Bias,
                shape: &[BIAS],
                value: self.bias.as_slice(),
            });
        }
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        visitor.parameter(ParameterMut {
            name: "weight",
            kind: ParameterKind::Weight,
            shape: &[OUTPUT, INPUT],
            value: self.weight.as_mut_slice(),
        });
        if BIAS > 0 {
            visitor.parameter(ParameterMut {
                name: "bias",
                kind: ParameterKind::Bias,
                shape: &[BIAS],
                value: self.bias.as_mut_slice(),
            });
        }
    }
}

step_alone!([T: Scalar, const INPUT: usize, const OUTPUT: usize, const BIAS: usize] Dense<T, INPUT, OUTPUT, BIAS>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    fn dense<T: Scalar, const INPUT: usize, const OUTPUT: usize, const BIAS: usize>()
    -> Dense<T, INPUT, OUTPUT, BIAS> {
        let config = DenseConfig {
            weight: Init::LecunNormal,
            bias: Init::PytorchDefault,
        };
        *check::layer::<Dense<T, INPUT, OUTPUT, BIAS>>(&config, 3)
    }

    #[test]
    fn maps_and_shifts() {
        let layer = Dense::<f64, 3, 2> {
            weight: SMatrix::from([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
            bias: SVector::from([0.5, -0.5]),
        };
        let x = [[1.0, 0.0, 0.0], [1.0, -1.0, 2.0]].map(SVector::from);
        let y = check::infer(&layer, &x);
        assert_eq!(y, [[1.5, 3.5], [5.5, 10.5]].map(SVector::from));
        let layer = Dense::<f64, 3, 2, 0> {
            weight: layer.weight,
            bias: SVector::from([]),
        };
        let y = check::infer(&layer, &x);
        assert_eq!(y, [[1.0, 4.0], [5.0, 11.0]].map(SVector::from));
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut dense::<f64, 1, 1, 1>(), check::anywhere);
        check::gradients(&mut dense::<f64, 5, 3, 3>(), check::anywhere);
        check::gradients(&mut dense::<f64, 3, 5, 0>(), check::anywhere);
        check::gradients(&mut dense::<f64, 17, 33, 33>(), check::anywhere);
    }

    #[test]
    fn extreme_inputs_stay_finite() {
        check::stays_finite(&dense::<f32, 7, 5, 5>());
        check::stays_finite(&dense::<f64, 1, 1, 0>());
        check::infers_as_it_trains(&dense::<f32, 17, 9, 9>());
    }

    #[test]
    fn initial_values_use_the_fans_of_the_weight() {
        let layer = dense::<f64, 16, 400, 400>();
        let largest = layer.bias.amax();
        assert!(largest <= 0.25 && largest > 0.24, "{largest}");
        let variance = layer.weight.norm_squared() / 6400.0;
        assert!((variance * 16.0 - 1.0).abs() < 0.08, "{variance}");
    }

    #[test]
    fn parameters_are_named_as_in_pytorch() {
        let shown = check::Shown::of(&mut dense::<f32, 3, 2, 2>());
        assert_eq!(shown.names(), [("weight", &[2, 3][..]), ("bias", &[2][..])]);
        let shown = check::Shown::of(&mut dense::<f32, 3, 2, 0>());
        assert_eq!(shown.names(), [("weight", &[2, 3][..])]);
    }
}
