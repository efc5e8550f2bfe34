//! The user's own layer and activation inside a declared network, with nothing private needed.
//!
//! `cargo run --release --example custom_layer`
//!
//! `Fourier` turns one number into sines and cosines of learned frequencies;
//! `Bump` is a straight line with a bump at 0. Together
//! they learn a signal that a plain network of this size learns badly.

use network_core::bytemuck::Zeroable;
use network_core::kernels::SimdPath;
use network_core::layers::Activation;
use network_core::nalgebra::SVector;
use network_core::prelude::*;
use network_core::{
    Generator, Parameter, ParameterKind, ParameterMut, Pass, Real, Visitor, VisitorMut,
};
use std::error::Error;

/// A straight line with a bump at 0.
#[derive(Clone, Copy, Debug, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
struct Bump {
    height: f32,
}

impl Default for Bump {
    fn default() -> Self {
        Self { height: 0.5 }
    }
}

impl Activation for Bump {
    /// `x + h exp(-x^2)`.
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        R::from_f64(self.height.into()).mul_add((-(x * x)).exp(), x)
    }

    /// `1 - 2 h x exp(-x^2)`.
    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        R::ONE - R::from_f64(2.0 * f64::from(self.height)) * x * (-(x * x)).exp()
    }
}

/// `y = [sin(f x), cos(f x)]` for 8 learned frequencies `f`.
#[derive(Clone, Copy, Debug, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
struct Fourier {
    frequency: SVector<f32, 8>,
}

impl network_core::Layer for Fourier {
    type Scalar = f32;
    type Input = SVector<f32, 1>;
    type Output = SVector<f32, 16>;
    type Config = ();
    type Gradient = SVector<f32, 8>;
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, (): &(), _generator: &mut Generator) {
        self.frequency = SVector::from_fn(|k, _| (k + 1) as f32);
    }

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _scratch: &mut [f32],
    ) {
        for (x, y) in x.iter().zip(y) {
            for (k, frequency) in self.frequency.iter().enumerate() {
                (y[k], y[k + 8]) = (frequency * x[0]).sin_cos();
            }
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _cache: &mut (),
        scratch: &mut [f32],
    ) {
        self.infer(pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        gradient: &mut Self::Gradient,
        _scratch: &mut [f32],
    ) {
        if !pass.accumulate {
            gradient.fill(0.0);
        }
        // The derivative of sin is cos, which is in y; of cos, minus sin.
        let d_angle =
            |y: &Self::Output, d_y: &Self::Output, k: usize| d_y[k] * y[k + 8] - d_y[k + 8] * y[k];
        for ((x, y), d_y) in x.iter().zip(y).zip(d_y) {
            for k in 0..8 {
                gradient[k] += d_angle(y, d_y, k) * x[0];
            }
        }
        if let Some(d_x) = d_x {
            for ((d_x, y), d_y) in d_x.iter_mut().zip(y).zip(d_y) {
                d_x[0] = (0..8).map(|k| d_angle(y, d_y, k) * self.frequency[k]).sum();
            }
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<f32>) {
        visitor.parameter(Parameter {
            name: "frequency",
            kind: ParameterKind::Slope,
            shape: &[8],
            value: self.frequency.as_slice(),
        });
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<f32>) {
        visitor.parameter(ParameterMut {
            name: "frequency",
            kind: ParameterKind::Slope,
            shape: &[8],
            value: self.frequency.as_mut_slice(),
        });
    }
}

network! {
    /// With sines of learned frequencies in front.
    struct Tuned(1) -> 1 {
        fourier: layer(Fourier, output = 16);
        dense(16) -> activation(Bump, config = Bump { height: 0.3 });
        dense(1);
    }
}

network! {
    /// Of about the same size, without.
    struct Plain(1) -> 1 {
        dense(16) -> tanh;
        dense(16) -> activation(Bump);
        dense(1);
    }
}

/// Trains on a signal of two tones and returns the last loss.
fn train<N>() -> Result<f64, Box<dyn Error>>
where
    N: Network<Scalar = f32, Input = SVector<f32, 1>, Output = SVector<f32, 1>>,
{
    let data = Dataset::from_pairs((0..400).map(|index| {
        let t = index as f32 / 200.0 - 1.0;
        (
            SVector::from([t]),
            SVector::from([(11.3 * t).sin() + 0.5 * (4.7 * t).cos()]),
        )
    }))?;
    let mut net = N::boxed(1);
    let history = Trainer::<N, _, _, 40>::new(Mse::default(), Adam::new(1e-2))
        .epochs(150)
        .fit(&mut net, &data, None)?;
    Ok(history.last().map_or(f64::NAN, |epoch| epoch.train_loss))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (tuned, plain) = (train::<Tuned>()?, train::<Plain>()?);
    println!(
        "{} parameters, Fourier layer: mean squared error {tuned:.5}",
        Tuned::PARAMETERS
    );
    println!(
        "{} parameters, plain:         mean squared error {plain:.5}",
        Plain::PARAMETERS
    );
    Ok(())
}
