//! A layer and an activation as a user would write them: with the public traits alone.

use network_core::bytemuck::Zeroable;
use network_core::kernels::SimdPath;
use network_core::layers::Activation;
use network_core::nalgebra::SVector;
use network_core::{
    Generator, Layer, Parameter, ParameterKind, ParameterMut, Pass, Real, Scalar, Visitor,
    VisitorMut,
};

/// Swish with a learned slope for each feature: `y = x * sigmoid(beta * x)`
/// (Ramachandran, Zoph & Le 2017).
#[derive(Clone, Debug, PartialEq, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Swish<T: Scalar, const N: usize> {
    /// The slopes.
    pub beta: SVector<T, N>,
}

/// How a [`Swish`] layer starts.
#[derive(Clone, Copy, Debug)]
pub struct SwishConfig {
    /// All slopes.
    pub beta: f64,
}

impl Default for SwishConfig {
    fn default() -> Self {
        Self { beta: 1.0 }
    }
}

/// The values of the sigmoid.
#[derive(Clone, Debug, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
#[zeroable(bound = "")]
#[repr(C)]
pub struct SwishCache<T: Scalar, const N: usize, const BATCH: usize> {
    sigmoid: [SVector<T, N>; BATCH],
}

impl<T: Scalar, const N: usize> Layer for Swish<T, N> {
    type Scalar = T;
    type Input = SVector<T, N>;
    type Output = SVector<T, N>;
    type Config = SwishConfig;
    type Gradient = SVector<T, N>;
    type Cache<const BATCH: usize> = SwishCache<T, N, BATCH>;

    fn initialize(&mut self, config: &SwishConfig, _generator: &mut Generator) {
        self.beta.fill(T::from_f64(config.beta));
    }

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _scratch: &mut [T],
    ) {
        for (x, y) in x.iter().zip(y) {
            for i in 0..N {
                y[i] = x[i] * (self.beta[i] * x[i]).sigmoid();
            }
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        _pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        _scratch: &mut [T],
    ) {
        for ((x, y), sigmoid) in x.iter().zip(y).zip(&mut cache.sigmoid) {
            for i in 0..N {
                sigmoid[i] = (self.beta[i] * x[i]).sigmoid();
                y[i] = x[i] * sigmoid[i];
            }
        }
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        d_beta: &mut SVector<T, N>,
        _scratch: &mut [T],
    ) {
        if !pass.accumulate {
            d_beta.fill(T::ZERO);
        }
        for (sample, sigmoid) in cache.sigmoid.iter().take(x.len()).enumerate() {
            let (x, y, d_y) = (&x[sample], &y[sample], &d_y[sample]);
            for i in 0..N {
                // d sigmoid(s) / ds = sigmoid (1 - sigmoid), and s = beta x.
                let d_s = y[i] * (T::ONE - sigmoid[i]) * d_y[i];
                d_beta[i] += d_s * x[i];
                if let Some(d_x) = &mut d_x {
                    d_x[sample][i] = d_y[i] * sigmoid[i] + d_s * self.beta[i];
                }
            }
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        visitor.parameter(Parameter {
            name: "beta",
            kind: ParameterKind::Slope,
            shape: &[N],
            value: self.beta.as_slice(),
        });
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        visitor.parameter(ParameterMut {
            name: "beta",
            kind: ParameterKind::Slope,
            shape: &[N],
            value: self.beta.as_mut_slice(),
        });
    }
}

/// `y = x / sqrt(1 + steepness * x^2)`.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
#[repr(C)]
pub struct InverseSquareRoot {
    /// How early it bends.
    pub steepness: f64,
}

impl Default for InverseSquareRoot {
    fn default() -> Self {
        Self { steepness: 1.0 }
    }
}

impl Activation for InverseSquareRoot {
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x / (R::from_f64(self.steepness) * x).mul_add(x, R::ONE).sqrt()
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        let square = (R::from_f64(self.steepness) * x).mul_add(x, R::ONE);
        R::ONE / (square * square.sqrt())
    }
}
