//! The measurements of a training: a reading every so many steps, in memory of fixed size.

use alloc::vec::Vec;

/// What was measured of the whole network at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepFlow {
    /// The step, from 0: the reading is of its forward and backward pass, and of the update
    /// that followed.
    pub step: u64,
    /// The loss before the update, as mean over the steps since the last reading.
    pub loss: f64,
    /// Standard deviation of the loss over those steps.
    pub loss_deviation: f64,
    /// The learning rate of the update.
    pub learning_rate: f64,
    /// The gradient's norm before clipping.
    pub gradient_norm: f64,
    /// The gradient's norm after clipping.
    pub clipped_norm: f64,
    /// Share of steps since the last reading whose gradient was clipped.
    pub clipped_share: f32,
    /// Cosine between this gradient and that of the reading before, biases and shifts left out;
    /// `None` for the first.
    pub gradient_cosine: Option<f32>,
}

/// What was measured of one layer at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerFlow {
    /// Its output.
    pub activation: Activations,
    /// RMS of delta = dL/d output, per example. For a layer before an activation that is
    /// dL/d pre-activation.
    pub delta_rms: f32,
    /// The factor by which it multiplied the squared gradient norm on the way back; `None` if
    /// the gradient was not wanted at its input.
    pub factor: Option<f32>,
    /// Its parameters; `None` for layers without.
    pub gradient: Option<Gradients>,
    /// For skips: the share of the squared gradient norm that goes through the skip.
    pub skip_share: Option<f32>,
}

/// A layer's output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activations {
    /// Root of the mean square over units and examples.
    pub rms: f32,
    /// Mean over units and examples.
    pub mean: f32,
    /// Standard deviation over units and examples.
    pub deviation: f32,
    /// Standard deviation over examples, of a unit, as root mean square over units: zero if the
    /// output does not depend on the input.
    pub variation: f32,
    /// Share of entries that are exactly zero.
    pub sparsity: f32,
    /// Share of units that were zero for every example of the last readings; `None` for layers
    /// that cannot die.
    pub dead: Option<f32>,
    /// Share of entries where the activation is nearly flat; `None` for layers that do not
    /// saturate.
    pub saturated: Option<f32>,
    /// Mean cosine between the outputs for different examples.
    pub cosine: f32,
    /// Entries between `mean - 4 deviation` and `mean + 4 deviation`.
    pub histogram: Histogram,
}

/// A layer's trained numbers, biases and shifts left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradients {
    /// Norm of the weights before the update.
    pub weight_norm: f32,
    /// Norm of dL/dweights, before clipping.
    pub gradient_norm: f32,
    /// Norm of the update that was really applied.
    pub update_norm: f32,
    /// Cosine between this gradient and that of the reading before; `None` for the first.
    pub cosine: Option<f32>,
    /// Entries of |dW| by magnitude: see [`Gradients::edge`].
    pub histogram: Histogram,
    /// Share of entries of dW that are exactly zero.
    pub zero: f32,
}

impl StepFlow {
    pub(super) const EMPTY: Self = Self {
        step: 0,
        loss: 0.0,
        loss_deviation: 0.0,
        learning_rate: 0.0,
        gradient_norm: 0.0,
        clipped_norm: 0.0,
        clipped_share: 0.0,
        gradient_cosine: None,
    };
}

impl Gradients {
    pub(super) const EMPTY: Self = Self {
        weight_norm: 0.0,
        gradient_norm: 0.0,
        update_norm: 0.0,
        cosine: None,
        histogram: Histogram::EMPTY,
        zero: 0.0,
    };

    /// `|update| / |weights|`; sound training has about `1e-3`. `None` for weights of zero.
    pub fn update_ratio(&self) -> Option<f32> {
        (self.weight_norm > 0.0).then(|| self.update_norm / self.weight_norm)
    }

    /// Lower edge of a bin of [`Gradients::histogram`]: `4^(bin - 24)`. The first bin also holds
    /// all smaller numbers, the last one all larger; zeros are in none.
    pub fn edge(bin: usize) -> f64 {
        libm::exp2(2.0 * (bin as f64 - 24.0))
    }
}

/// How entries are spread over [`Histogram::BINS`] bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Entries in each bin, of as many as were looked at.
    pub counts: [u16; Histogram::BINS],
}

impl Histogram {
    /// The number of bins.
    pub const BINS: usize = 32;
    /// No entries.
    pub const EMPTY: Self = Self {
        counts: [0; Self::BINS],
    };

    /// How many entries were looked at.
    pub fn total(&self) -> u32 {
        self.counts.iter().map(|count| u32::from(*count)).sum()
    }
}

/// What was measured of one time step of a recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeFlow {
    /// RMS of the hidden state.
    pub activation_rms: f32,
    /// RMS of dL/d hidden state, per example.
    pub delta_rms: f32,
}

/// One sampled step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading<'a> {
    /// The whole network.
    pub step: &'a StepFlow,
    /// Each observed layer.
    pub layers: &'a [LayerFlow],
    /// Each time step of each recurrent layer: see [`ObservedLayer::times`](super::ObservedLayer::times).
    pub times: &'a [TimeFlow],
}

/// All readings that are kept, in order of steps.
///
/// Memory of fixed size: when it is full, every second reading of the older half is dropped, so
/// that the whole run stays visible, its end in full detail. The first reading is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Readings {
    layers: usize,
    times: usize,
    capacity: usize,
    step_flows: Vec<StepFlow>,
    layer_flows: Vec<LayerFlow>,
    time_flows: Vec<TimeFlow>,
}

impl Readings {
    /// Memory for `capacity` readings (at least 8) of so many layers and time steps.
    pub fn new(capacity: usize, layers: usize, times: usize) -> Self {
        let capacity = capacity.max(8);
        Self {
            layers,
            times,
            capacity,
            step_flows: touched(capacity, StepFlow::EMPTY),
            layer_flows: touched(capacity * layers, LayerFlow::EMPTY),
            time_flows: touched(
                capacity * times,
                TimeFlow {
                    activation_rms: 0.0,
                    delta_rms: 0.0,
                },
            ),
        }
    }

    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.step_flows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.step_flows.is_empty()
    }

    /// The reading with this index.
    ///
    /// # Panics
    ///
    /// If there are not as many.
    pub fn get(&self, index: usize) -> Reading<'_> {
        Reading {
            step: &self.step_flows[index],
            layers: &self.layer_flows[index * self.layers..(index + 1) * self.layers],
            times: &self.time_flows[index * self.times..(index + 1) * self.times],
        }
    }

    /// All readings, in order of steps.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Reading<'_>> + ExactSizeIterator {
        (0..self.len()).map(|index| self.get(index))
    }

    /// What was measured of the whole network, in order of steps.
    pub(super) fn steps(&self) -> &[StepFlow] {
        &self.step_flows
    }

    /// Appends a reading. Does not allocate.
    ///
    /// # Panics
    ///
    /// If it has another number of layers or time steps.
    pub fn push(&mut self, step: StepFlow, layers: &[LayerFlow], times: &[TimeFlow]) {
        assert_eq!(layers.len(), self.layers, "a reading has all layers");
        assert_eq!(times.len(), self.times, "a reading has all time steps");
        if self.len() == self.capacity {
            self.thin();
        }
        self.step_flows.push(step);
        self.layer_flows.extend_from_slice(layers);
        self.time_flows.extend_from_slice(times);
    }

    /// Drops every second reading of the older half.
    fn thin(&mut self) {
        let half = self.capacity / 2;
        let kept = |index: usize| index >= half || index.is_multiple_of(2);
        let mut to = 0;
        for from in (0..self.len()).filter(|index| kept(*index)) {
            self.step_flows[to] = self.step_flows[from];
            let (layers, times) = (self.layers, self.times);
            self.layer_flows
                .copy_within(from * layers..(from + 1) * layers, to * layers);
            self.time_flows
                .copy_within(from * times..(from + 1) * times, to * times);
            to += 1;
        }
        self.step_flows.truncate(to);
        self.layer_flows.truncate(to * self.layers);
        self.time_flows.truncate(to * self.times);
    }
}

/// An empty vector whose memory has been written to: else the system gives each page when a
/// reading comes to it, which takes longer than the reading.
fn touched<T: Clone>(capacity: usize, value: T) -> Vec<T> {
    let mut memory = alloc::vec![value; capacity];
    memory.clear();
    memory
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: u64) -> StepFlow {
        StepFlow {
            step,
            loss: 1.0,
            loss_deviation: 0.0,
            learning_rate: 0.1,
            gradient_norm: 1.0,
            clipped_norm: 1.0,
            clipped_share: 0.0,
            gradient_cosine: None,
        }
    }

    #[test]
    fn memory_is_fixed_and_the_whole_run_stays_visible() {
        let time = |t: u64| TimeFlow {
            activation_rms: t as f32,
            delta_rms: 0.0,
        };
        let mut readings = Readings::new(16, 0, 1);
        for t in 0..10_000 {
            readings.push(step(t), &[], &[time(t)]);
            assert!(readings.len() <= 16);
        }
        let steps: Vec<u64> = readings.iter().map(|reading| reading.step.step).collect();
        assert_eq!(steps[0], 0);
        assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
        assert!(steps.ends_with(&[9997, 9998, 9999]), "{steps:?}");
        assert!(
            readings
                .iter()
                .all(|r| r.times[0].activation_rms == r.step.step as f32)
        );
    }
}
