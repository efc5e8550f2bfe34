//! What the first reading says that the theory did not: the scale of inputs and targets,
//! derivatives that are wrong, weights that are not as declared.

use super::{Cause, Evidence, Observation, observation};
use crate::flow::Severity;
use crate::report::Kind;
use alloc::vec::Vec;

impl Evidence<'_> {
    /// Prediction beside measurement, in standard deviations.
    pub(super) fn unpredicted(&self) -> Option<Observation> {
        let mut found: Vec<Observation> = Vec::new();
        let input = f64::from(self.flow.input_rms);
        let data = libm::fabs(libm::log10(input));
        // A tenth of a decade in the inputs' scale is a standard deviation of ordinary data: a
        // factor of 2.5 is worth a note, one of 6 a warning.
        found.push(Observation {
            cause: Cause::Data,
            ..observation(Kind::Unpredicted, data / 0.1, Some(0))
        });
        // Targets of about 1 pull at outputs of about 1 with 4 times that at most: a factor of 10
        // is worth a note, one of 25 a warning. Losses of classes never pull harder than 1.
        let last = self.flow.layers.len() - 1;
        let pull = f64::from(self.layer(last).delta_rms);
        let output = f64::from(self.layer(last).activation.rms).max(1.0);
        found.push(Observation {
            cause: Cause::Targets,
            ..observation(
                Kind::Unpredicted,
                (libm::log10(pull / output) - 0.6) / 0.1,
                Some(last),
            )
        });
        if let Some(error) = self.recorder.derivative_error {
            let custom = |index: &usize| crate::report::check::is_custom(self.word(*index));
            found.push(Observation {
                cause: Cause::Derivative,
                // Differences of the loss agree with right derivatives within a twentieth.
                ..observation(
                    Kind::Unpredicted,
                    error / 0.05,
                    (0..self.flow.layers.len()).find(custom),
                )
            });
        }
        for (index, layer) in self.flow.layers.iter().enumerate() {
            if let Some(error) = self.recorder.layers[index]
                .derivative
                .as_ref()
                .and_then(|d| d.error)
            {
                // Secants through a batch agree with right derivatives within a twentieth.
                found.push(Observation {
                    cause: Cause::Derivative,
                    ..observation(Kind::Unpredicted, error / 0.05, Some(index))
                });
            }
            let measured = self.layer(index).factor.map(f64::from);
            if let (Some(predicted), Some(measured)) = (layer.predicted, measured)
                && predicted.factor > 0.0
                && measured > 0.0
            {
                let off = libm::log10(measured / f64::from(predicted.factor));
                let width = layer.width.max(1) as f64;
                // Squared norms through a layer of n units vary by 5/n for relu, the noisiest.
                let deviation = libm::sqrt(5.0 / width) / core::f64::consts::LN_10 + 0.05;
                found.push(Observation {
                    cause: Cause::Declared,
                    // Weights that are not fresh are no bug.
                    cap: Severity::Note,
                    ..observation(Kind::Unpredicted, libm::fabs(off) / deviation, Some(index))
                });
            }
        }
        // The cause before its consequences.
        let loud = |found: &Observation| found.value >= 4.0;
        let rank = |cause: Cause| match cause {
            Cause::Derivative => 2,
            Cause::Data | Cause::Targets => 1,
            _ => 0,
        };
        found.into_iter().filter(loud).max_by(|a, b| {
            rank(a.cause)
                .cmp(&rank(b.cause))
                .then(a.value.total_cmp(&b.value))
        })
    }
}
