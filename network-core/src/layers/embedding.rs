//! `embedding`: a learned vector for each of a number of words.

use crate::init::Init;
use crate::kernels::SimdPath;
use crate::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Scalar, Visitor, VisitorMut,
};
use bytemuck::Zeroable;
use nalgebra::{SMatrix, SVector};

/// `y[t] = W[x[t], :]`: looks up one vector for each entry of its input.
///
/// The input holds indices as numbers: 0.0, 1.0, .. up to `WORDS - 1`. What is no such
/// number (2.5, -1.0, `WORDS`, NaN) has no vector: its output is NaN, so that a wrong
/// input shows in the loss (the trainer stops with an error) and in the answers; it
/// never becomes the vector of another word. [`Embedding::index`] checks one number.
/// Nothing flows back to the input: its gradient is 0.
///
/// # Shapes
///
/// `x`: `STEPS`; `y`: `OUTPUT` = `FEATURES * STEPS`, step after step; `weight`:
/// `WORDS x FEATURES`, as PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Embedding<
    T: Scalar,
    const STEPS: usize,
    const OUTPUT: usize,
    const WORDS: usize,
    const FEATURES: usize,
> {
    /// The vectors W, one row for each word.
    pub weight: SMatrix<T, WORDS, FEATURES>,
}

/// How an [`Embedding`] starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmbeddingConfig {
    /// Initial weight.
    pub weight: Init,
}

impl Default for EmbeddingConfig {
    /// PyTorch's default: standard normal.
    fn default() -> Self {
        Self {
            weight: Init::Normal {
                mean: 0.0,
                standard_deviation: 1.0,
            },
        }
    }
}

impl<T: Scalar, const STEPS: usize, const OUTPUT: usize, const WORDS: usize, const FEATURES: usize>
    Embedding<T, STEPS, OUTPUT, WORDS, FEATURES>
{
    /// The row of a number; `None` if it is no index of a word.
    #[inline]
    pub fn index(number: T) -> Option<usize> {
        let index = number.to_f64() as usize;
        (index < WORDS && T::from_f64(index as f64) == number).then_some(index)
    }
}

impl<T: Scalar, const STEPS: usize, const OUTPUT: usize, const WORDS: usize, const FEATURES: usize>
    Layer for Embedding<T, STEPS, OUTPUT, WORDS, FEATURES>
{
    type Scalar = T;
    type Input = SVector<T, STEPS>;
    type Output = SVector<T, OUTPUT>;
    type Config = EmbeddingConfig;
    type Gradient = SMatrix<T, WORDS, FEATURES>;
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, config: &EmbeddingConfig, generator: &mut Generator) {
        const {
            assert!(
                OUTPUT == STEPS * FEATURES,
                "the sizes of this embedding do not agree"
            );
        }
        config
            .weight
            .fill(WORDS, FEATURES, self.weight.as_mut_slice(), generator);
    }

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _scratch: &mut [T],
    ) {
        for (x, y) in x.iter().zip(y) {
            for (x, y) in x.iter().zip(y.as_mut_slice().chunks_exact_mut(FEATURES)) {
                match Self::index(*x) {
                    Some(index) => {
                        for (y, w) in y.iter_mut().zip(self.weight.row(index).iter()) {
                            *y = *w;
                        }
                    }
                    None => y.fill(T::from_f64(f64::NAN)),
                }
            }
        }
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
        if !pass.accumulate {
            gradient.fill(T::ZERO);
        }
        for (x, d_y) in x.iter().zip(d_y) {
            for (x, d_y) in x.iter().zip(d_y.as_slice().chunks_exact(FEATURES)) {
                if let Some(index) = Self::index(*x) {
                    for (d_w, d_y) in gradient.row_mut(index).iter_mut().zip(d_y) {
                        *d_w += *d_y;
                    }
                }
            }
        }
        if let Some(d_x) = d_x {
            d_x.fill(SVector::zeroed());
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        visitor.parameter(Parameter {
            name: "weight",
            kind: ParameterKind::Weight,
            shape: &[WORDS, FEATURES],
            value: self.weight.as_slice(),
        });
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        visitor.parameter(ParameterMut {
            name: "weight",
            kind: ParameterKind::Weight,
            shape: &[WORDS, FEATURES],
            value: self.weight.as_mut_slice(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    type Words<T> = Embedding<T, 3, 6, 4, 2>;

    #[test]
    fn looks_up_rows_and_adds_their_gradients() {
        let mut layer = *check::layer::<Words<f64>>(&EmbeddingConfig::default(), 1);
        layer.weight = SMatrix::from([[1.0, 3.0, 5.0, 7.0], [2.0, 4.0, 6.0, 8.0]]);
        let x = [SVector::from([3.0, 0.0, 3.0])];
        let y = check::infer(&layer, &x);
        assert_eq!(y, [SVector::from([7.0, 8.0, 1.0, 2.0, 7.0, 8.0])]);
        let mut d_x = [SVector::from([f64::NAN; 3])];
        let mut gradient = SMatrix::from([[f64::NAN; 4]; 2]);
        let d_y = [SVector::from([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])];
        for (accumulate, factor) in [(false, 1.0), (true, 2.0)] {
            check::backward(
                &layer,
                &x,
                &y,
                &d_y,
                Some(&mut d_x),
                &mut (),
                &mut gradient,
                accumulate,
            );
            let expected = SMatrix::from([[3.0, 0.0, 0.0, 6.0], [4.0, 0.0, 0.0, 8.0]]);
            assert_eq!(gradient, expected * factor);
        }
        assert_eq!(d_x, [SVector::from([0.0; 3])]);
        let shown = check::Shown::of(&mut layer);
        assert_eq!(shown.names(), [("weight", &[4, 2][..])]);
    }

    #[test]
    fn gradients_agree_with_differences() {
        type Sentence = Embedding<f64, 5, 15, 4, 3>;
        let mut layer = *check::layer::<Sentence>(&EmbeddingConfig::default(), 2);
        // Word 1 comes up twice in one sample and in both, word 2 never.
        let x = [[1.0, 0.0, 1.0, 3.0, 3.0], [0.0, 1.0, 3.0, 0.0, 0.0]].map(SVector::from);
        let c = check::normal::<SVector<f64, 15>>(2, 3);
        let loss = |layer: &Sentence| -> f64 {
            let y = check::infer(layer, &x);
            y.iter().zip(&c).map(|(y, c)| y.dot(c)).sum()
        };
        let y = check::infer(&layer, &x);
        let mut gradient = SMatrix::zeros();
        check::backward(&layer, &x, &y, &c, None, &mut (), &mut gradient, false);
        let differences = core::array::from_fn::<f64, 12, _>(|entry| {
            let weight = layer.weight[entry];
            let mut at = |step: f64| {
                layer.weight[entry] = weight + step;
                let loss = loss(&layer);
                layer.weight[entry] = weight;
                loss
            };
            (at(1e-3) - at(-1e-3)) / 2e-3
        });
        check::assert_close("weight", gradient.as_slice(), &differences, 1e-9);
        assert!(gradient.row(2).iter().all(|d| *d == 0.0));
        assert!(gradient.row(1).iter().all(|d| *d != 0.0));
    }

    #[test]
    fn what_is_no_index_has_no_vector() {
        let layer = *check::layer::<Words<f32>>(&EmbeddingConfig::default(), 1);
        for wrong in [
            -1.0,
            0.5,
            4.0,
            1e20,
            f32::NAN,
            f32::INFINITY,
            -f32::INFINITY,
        ] {
            assert_eq!(Words::<f32>::index(wrong), None, "{wrong}");
            let y = check::infer(&layer, &[SVector::from([1.0, wrong, 2.0])]);
            let nan: [bool; 6] = core::array::from_fn(|k| y[0][k].is_nan());
            assert_eq!(nan, [false, false, true, true, false, false]);
        }
    }
}
