//! Before training: one batch forward and backward, judged at once, for tests.

use super::{Finding, GradientFlow, Kind, Observer};
use crate::losses::{Loss, LossError};
use crate::{Network, Real, Sample, Scalar, Workspace};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt::Write;
use core::ops::RangeInclusive;

/// How many samples are looked at.
const EXAMPLES: usize = 64;

/// Runs one batch (its first 64 samples) forward and backward, changes nothing, and judges: for
/// tests, so that a change by which layer 3 vanishes does not go unnoticed.
///
/// The verdicts are those of a training, without waiting for persistence. If there are custom
/// layers, the network's derivative is compared with differences of the loss.
///
/// ```
/// use network_core::flow;
/// use network_core::prelude::*;
///
/// network! {
///     struct Sound(8) -> 3 {
///         dense(32) -> relu;
///         repeat(3) { dense(32) -> relu; }
///         dense(3);
///     }
/// }
///
/// # fn main() -> Result<(), LossError> {
/// let x: Vec<_> = (0..64).map(|i| SVector::from_fn(|j, _| ((i * 5 + j * 3) as f32).sin())).collect();
/// let y: Vec<_> = (0..64).map(|i| i % 3).collect();
/// let report = flow::check(&Sound::new(1), &x, &y, &CrossEntropy::default())?;
/// report.assert_healthy();
/// report.assert_decades(-1.0..=1.0);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If the targets do not fit the outputs: see [`LossError`].
pub fn check<N: Network, Y>(
    network: &N,
    x: &[N::Input],
    y: &[Y],
    loss: &impl Loss<N::Output, Y>,
) -> Result<GradientFlow, LossError> {
    let count = x.len().min(EXAMPLES);
    let (x, y) = (&x[..count], &y[..y.len().min(EXAMPLES)]);
    let mut workspace: Box<Workspace<N, EXAMPLES>> = N::workspace();
    let mut gradient = N::gradient();
    let mut observer = Observer::<N>::new().reduction(loss.reduction());
    observer.check_forward(network, x, &mut workspace);
    let value = workspace.loss(loss, y)?;
    observer.backward_pass(network, x, &mut workspace, &mut gradient);
    observer.gradient(network, &gradient, value.to_f64());
    let custom = observer
        .report()
        .layers
        .iter()
        .any(|layer| is_custom(layer.word()));
    let error = if custom {
        derivative_error(network, x, y, loss, &mut workspace)?
    } else {
        None
    };
    observer.check_judge(network, error);
    Ok(observer.into_report())
}

/// Whether the user wrote the layer.
pub(super) fn is_custom(word: &str) -> bool {
    matches!(word, "layer" | "activation")
}

/// How far dL/dx is from differences of the loss along it, relative to the latter; `None` if the
/// loss does not move enough to tell.
fn derivative_error<N: Network, Y>(
    network: &N,
    x: &[N::Input],
    y: &[Y],
    loss: &impl Loss<N::Output, Y>,
    workspace: &mut Workspace<N, EXAMPLES>,
) -> Result<Option<f64>, LossError> {
    let mut evaluate = |x: &[N::Input]| {
        // The same dropout each time.
        workspace.seed(1);
        workspace.forward(network, x);
        workspace.loss(loss, y).map(Real::to_f64)
    };
    let value = evaluate(x)?;
    let mut d_x: Vec<N::Input> = x.to_vec();
    let mut gradient = N::gradient();
    workspace.backward(network, x, Some(&mut d_x), &mut gradient, false);
    let mut evaluate = |x: &[N::Input]| {
        workspace.seed(1);
        workspace.forward(network, x);
        workspace.loss(loss, y).map(Real::to_f64)
    };
    let square = |samples: &[N::Input]| {
        let entries = samples.iter().flat_map(Sample::as_slice);
        entries.map(|x| x.to_f64() * x.to_f64()).sum::<f64>()
    };
    let (slope, size) = (libm::sqrt(square(&d_x)), libm::sqrt(square(x)));
    if !slope.is_normal() {
        return Ok(None);
    }
    // So far that the loss moves by a hundredth, but not far from the inputs.
    let reach = f64::min(0.01 * value.abs() / slope, 0.02 * size);
    let resolution = if <N::Scalar as Scalar>::NAME == "f32" {
        1e-6
    } else {
        1e-12
    };
    if reach * slope < 100.0 * resolution * value.abs() {
        return Ok(None);
    }
    let moved = |by: f64| -> Vec<N::Input> {
        let mut moved = x.to_vec();
        for (sample, d) in moved.iter_mut().zip(&d_x) {
            for (x, d) in sample.as_mut_slice().iter_mut().zip(d.as_slice()) {
                *x = Real::from_f64(x.to_f64() + by * d.to_f64() / slope);
            }
        }
        moved
    };
    let difference = (evaluate(&moved(reach))? - evaluate(&moved(-reach))?) / (2.0 * reach);
    Ok(Some(
        (slope - difference).abs() / difference.abs().max(1e-3 * slope),
    ))
}

impl GradientFlow {
    /// # Panics
    ///
    /// If there is a warning or an error; prints all of them.
    #[track_caller]
    pub fn assert_healthy(&self) {
        if !self.is_healthy() {
            let troubled = self.findings.iter().filter(|finding| finding.is_trouble());
            panic!("`{}` is not healthy:\n{}", self.network, list(troubled));
        }
    }

    /// # Panics
    ///
    /// If there is an open finding of this kind, however loud.
    #[track_caller]
    pub fn assert_without(&self, kind: Kind) {
        let found = || {
            self.findings
                .iter()
                .filter(|f| f.kind == kind && f.is_open())
        };
        assert!(
            found().next().is_none(),
            "`{}`:\n{}",
            self.network,
            list(found())
        );
    }

    /// # Panics
    ///
    /// If the gradient's norm changes between the last linear layer and the first by decades
    /// outside of the range, in the last reading.
    #[track_caller]
    pub fn assert_decades(&self, range: RangeInclusive<f64>) {
        let decades = self.last().and_then(|last| self.decades(last));
        assert!(
            decades.is_some_and(|decades| range.contains(&decades)),
            "`{}`: the gradient's norm changes by {decades:?} decades from the last layer to the \
             first, not by {range:?}",
            self.network
        );
    }
}

fn list<'a>(findings: impl Iterator<Item = &'a Finding>) -> alloc::string::String {
    let mut text = alloc::string::String::new();
    for finding in findings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{finding}");
    }
    text
}
