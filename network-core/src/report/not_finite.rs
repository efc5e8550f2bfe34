//! Numbers that are NaN or infinite, followed to the layer they came from.

use super::parameters::Weights;
use super::{NonFinite, Observer, Tensor};
use crate::{Network, Parameter, Scalar, Visitor, Workspace};

impl<N: Network> Observer<'_, N> {
    /// Blames the layer of an entry of the gradient that is not finite.
    #[cfg(feature = "std")]
    pub(crate) fn blame_entry(&mut self, network: &N, entry: usize) {
        if self.ranges.is_empty() {
            self.lay_out(network);
        }
        let holds =
            |weights: &&Weights| (weights.start..weights.start + weights.len).contains(&entry);
        let layer = self
            .ranges
            .iter()
            .find(holds)
            .and_then(|weights| weights.layer);
        self.flow.non_finite = self
            .flow
            .non_finite
            .or(self.recorder.non_finite)
            .or(layer.map(|layer| NonFinite {
                step: self.step,
                layer,
                tensor: Tensor::Gradient,
                sample: None,
            }));
        self.judge.judge(&mut self.flow, &self.recorder);
        // This training ends by itself.
        let _ = self.tell();
    }

    /// Finds where a loss or gradient that is not finite comes from, by running the batch again.
    pub(crate) fn locate<const BATCH: usize>(
        &mut self,
        network: &N,
        x: &[N::Input],
        workspace: &mut Workspace<N, BATCH>,
    ) {
        self.recorder.begin(self.step);
        // Parameters come first: what they spoil is a consequence.
        if !self.ranges.is_empty() {
            let mut search = Search {
                ranges: &self.ranges,
                index: 0,
                found: None,
            };
            network.visit(&mut search);
            if let Some(layer) = search.found {
                self.recorder.non_finite.get_or_insert(NonFinite {
                    step: self.step,
                    layer,
                    tensor: Tensor::Weight,
                    sample: None,
                });
            }
        }
        if self.recorder.non_finite.is_none() {
            self.recorder.searching = true;
            workspace.forward_probed(network, x, &mut self.recorder);
            self.recorder.searching = false;
        }
        self.flow.non_finite = self.flow.non_finite.or(self.recorder.non_finite);
        if self.ranges.is_empty() {
            self.lay_out(network);
        }
        self.judge.judge(&mut self.flow, &self.recorder);
        // A training that has no finite loss ends by itself.
        let _ = self.tell();
    }
}

/// Looks for a parameter that is not finite.
struct Search<'a> {
    ranges: &'a [Weights],
    index: usize,
    found: Option<usize>,
}

impl<T: Scalar> Visitor<T> for Search<'_> {
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        if parameter.kind.is_trained() {
            let weights = self.ranges[self.index];
            self.index += 1;
            if self.found.is_none() && parameter.value.iter().any(|x| !x.is_finite()) {
                self.found = weights.layer;
            }
        }
    }
}
