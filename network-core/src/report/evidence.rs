//! What a reading shows: for each rule the number that it judges, and the layer that shows it.

mod unpredicted;

use super::recorder::Recorder;
use super::{GradientFlow, Kind, LayerFlow, Reading};
use crate::flow::Severity;
use alloc::vec::Vec;

/// A number for a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Observation {
    pub(super) kind: Kind,
    pub(super) value: f64,
    pub(super) layer: Option<usize>,
    /// Which other layers share the blame.
    pub(super) with: With,
    /// The loudest that circumstances allow.
    pub(super) cap: Severity,
    /// Which of several causes of one kind.
    pub(super) cause: Cause,
}

/// Causes that one kind of trouble may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The usual one.
    Usual,
    /// Through the time steps of a recurrent layer.
    Time,
    /// The gradient's norm left its own course.
    Jump,
    /// The inputs' scale.
    Data,
    /// The targets' scale.
    Targets,
    /// The derivative of a custom layer.
    Derivative,
    /// The initialisation or a layer differs from what was declared.
    Declared,
}

/// Layers that have the same trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum With {
    /// None but the one to blame.
    Alone,
    /// All that shrink the gradient.
    Shrinking,
    /// All that let it grow.
    Growing,
    /// All of which half the units are dead.
    Dead,
    /// All of which half the outputs are saturated.
    Saturated,
}

/// A factor on the squared gradient norm is to blame below the first number, and above the second.
const FACTORS: (f64, f64) = (0.7, 1.2);

impl With {
    fn holds(self, flow: &LayerFlow) -> bool {
        let factor = || flow.factor.map(f64::from);
        match self {
            Self::Alone => false,
            Self::Shrinking => factor().is_some_and(|factor| factor < FACTORS.0),
            Self::Growing => factor().is_some_and(|factor| factor > FACTORS.1),
            Self::Dead => flow.activation.dead.is_some_and(|share| share >= 0.5),
            Self::Saturated => flow.activation.saturated.is_some_and(|share| share >= 0.5),
        }
    }
}

impl Observation {
    /// All layers that have this trouble.
    pub(super) fn layers(&self, flow: &GradientFlow) -> Vec<usize> {
        let Some(last) = flow.last().filter(|_| self.with != With::Alone) else {
            return self.layer.into_iter().collect();
        };
        // What lies after the last linear layer changes no gradient that counts.
        let end = match self.with {
            With::Shrinking | With::Growing => flow.linear().next_back().unwrap_or(0),
            _ => last.layers.len(),
        };
        (0..end)
            .filter(|index| self.with.holds(&last.layers[*index]))
            .collect()
    }
}

/// What observing needs again and again, so that it is found and allocated once.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Of so many layers the following was found.
    layers: usize,
    /// Linear layers, in order.
    linear: Vec<usize>,
    /// Layers that pass a signal on as it is to be compared: linear ones, norms and skips.
    passes: Vec<usize>,
    /// Whether there are batch norms, and skips.
    normed: bool,
    skips: bool,
    /// `|update| / |weights|` of linear layers in the last reading, in rising order.
    ratios: Vec<(f64, usize)>,
}

impl Memory {
    /// Takes note of a network's last reading.
    pub(super) fn fill(&mut self, flow: &GradientFlow) {
        if self.layers != flow.layers.len() {
            self.find(flow);
        }
        self.ratios.clear();
        let Some(last) = flow.last() else { return };
        for index in &self.linear {
            let gradient = last.layers.get(*index).and_then(|flow| flow.gradient);
            if let Some(ratio) = gradient.and_then(|gradient| gradient.update_ratio()) {
                self.ratios.push((f64::from(ratio), *index));
            }
        }
        self.ratios.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    }

    fn find(&mut self, flow: &GradientFlow) {
        let has = |word: &str| flow.layers.iter().any(|layer| layer.word() == word);
        self.layers = flow.layers.len();
        self.linear = flow.linear().collect();
        self.normed = has("batch_norm");
        self.skips = has("residual");
        let passes = |index: &usize| {
            let word = flow.layers[*index].word();
            matches!(word, "residual" | "batch_norm" | "layer_norm") || self.linear.contains(index)
        };
        self.passes = (0..self.layers).filter(passes).collect();
    }
}

/// A gradient of nothing counts as so many decades.
const ALL_DECADES: f64 = 99.0;
/// Adam and its like forgive so many decades, while the loss falls: of the calibration's networks
/// none trained that lost more.
const FORGIVEN: f64 = 7.0;
/// The loss stands still if its mean over three readings falls by less than this share.
const STILL: f64 = 0.01;
/// A training has learned something once the loss is below this share of that at the start.
const LEARNED: f64 = 0.9;
/// Outputs that vary by less than this share of the residual depend on nothing.
const CONSTANT: f64 = 0.15;
/// Updates between these shares of the weights are sound.
const SOUND: core::ops::Range<f64> = 3e-5..0.1;

/// What is known of the readings before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct History {
    /// The loss that counts as that of the start.
    pub(super) reference: Option<f64>,
    /// The largest learning rate seen.
    pub(super) learning_rate: f64,
    /// `G` of the first reading.
    pub(super) first_decades: Option<f64>,
    pub(super) readings: u64,
    /// Whether one reading is all there will be.
    pub(super) at_once: bool,
}

/// A reading and what it is compared with.
pub(super) struct Evidence<'a> {
    flow: &'a GradientFlow,
    recorder: &'a Recorder,
    reading: Option<Reading<'a>>,
    memory: &'a Memory,
    reference: Option<f64>,
    first_decades: Option<f64>,
    readings: u64,
    decayed: bool,
    at_once: bool,
    still: bool,
    stagnant: bool,
    pub(super) distress: bool,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(
        flow: &'a GradientFlow,
        recorder: &'a Recorder,
        memory: &'a Memory,
        history: History,
    ) -> Self {
        let reading = flow.last();
        let mut evidence = Self {
            flow,
            recorder,
            reading,
            memory,
            reference: history.reference,
            first_decades: history.first_decades,
            readings: history.readings,
            decayed: reading.is_some_and(|r| r.step.learning_rate < 0.1 * history.learning_rate),
            at_once: history.at_once,
            still: false,
            stagnant: false,
            distress: false,
        };
        evidence.progress();
        evidence
    }

    /// Whether the loss stands still, and whether anything was learned.
    fn progress(&mut self) {
        let (Some(reading), Some(reference)) = (self.reading, self.reference) else {
            return;
        };
        let loss = reading.step.loss;
        let diverging = !loss.is_finite()
            || (self.readings >= 1 && loss > 1.5 * reference.abs() + f64::MIN_POSITIVE);
        let all = self.flow.readings.steps();
        let mean = |from: usize, to: usize| {
            all[from..to].iter().map(|step| step.loss).sum::<f64>() / (to - from) as f64
        };
        if all.len() >= 6 {
            let n = all.len();
            let (before, after) = (mean(n - 6, n - 3), mean(n - 3, n));
            self.still = after > before - STILL * before.abs();
            let unlearned = after > LEARNED * reference;
            self.stagnant = self.still && (unlearned || self.constant_output());
        }
        self.distress = self.stagnant || diverging;
    }

    /// Whether the network's answer hardly depends on its input.
    fn constant_output(&self) -> bool {
        let Some(head) = self.reading.and_then(|reading| reading.layers.last()) else {
            return false;
        };
        let (varies, residual) = (
            f64::from(head.activation.variation),
            f64::from(head.delta_rms),
        );
        // One example does not vary.
        self.flow.batch > 1 && residual > 0.0 && varies < CONSTANT * residual
    }

    fn adaptive(&self) -> bool {
        self.flow.is_adaptive()
    }

    fn layer(&self, index: usize) -> &'a LayerFlow {
        // Indices come from the layers of the same reading.
        &self.reading.expect("there is a reading").layers[index]
    }

    fn word(&self, index: usize) -> &'static str {
        self.flow.layers[index].word()
    }

    /// Everything that the rules are to judge.
    pub(super) fn observe(&self, all: &mut Vec<Observation>) {
        all.clear();
        if let Some(non_finite) = self.flow.non_finite {
            all.push(observation(Kind::NonFinite, 1.0, Some(non_finite.layer)));
        }
        if self.reading.is_none() || self.memory.linear.is_empty() {
            return;
        }
        all.extend(self.gradient());
        all.extend(self.time());
        all.extend(self.jump());
        all.extend(self.dead());
        all.extend(self.saturation());
        all.extend(self.collapse());
        all.extend(self.noise());
        let lost = all.iter().any(|o| match o.kind {
            Kind::Vanishing | Kind::Faint => {
                o.value >= 1.5 && (o.kind == Kind::Vanishing || !self.adaptive())
            }
            Kind::DyingRelu | Kind::Saturation => o.value >= 0.5,
            Kind::Collapse => o.value >= 0.99,
            _ => false,
        });
        // Where no signal arrives, no step size helps.
        all.extend(
            self.updates()
                .filter(|found| !lost || found.kind != Kind::SmallUpdate),
        );
        all.extend(self.stagnation(lost));
        if self.readings == 0 {
            all.extend(self.unpredicted());
        }
    }

    /// Vanishing, faint, exploding, healing: by `G`.
    fn gradient(&self) -> Option<Observation> {
        let (first, last) = (*self.memory.linear.first()?, *self.memory.linear.last()?);
        let arrives = self.layer(last).delta_rms > 0.0;
        if !arrives || first == last {
            return None;
        }
        let decades = self.flow.decades_between(first, last, self.reading?)?;
        let decades = if decades == f64::NEG_INFINITY {
            -ALL_DECADES
        } else {
            decades
        };
        if !decades.is_finite() {
            return None;
        }
        let (normed, skips) = (self.memory.normed, self.memory.skips);
        if decades < 0.0 {
            let faint = self
                .weight_decades()
                .is_some_and(|weights| weights > 0.5 * decades);
            let kind = if faint { Kind::Faint } else { Kind::Vanishing };
            let layer = self.blame(With::Shrinking, f64::min);
            // Adam divides each gradient by its own size; what arrives must only be more than
            // its epsilon.
            let moves = self
                .layer(first)
                .gradient
                .and_then(|g| g.update_ratio())
                .is_some_and(|r| r > 3e-5);
            let arrives = self.layer(first).delta_rms > 0.0;
            let cap =
                if self.adaptive() && arrives && moves && !self.stagnant && decades > -FORGIVEN {
                    Severity::Note
                } else {
                    Severity::Error
                };
            return Some(Observation {
                with: With::Shrinking,
                cap,
                ..observation(kind, -decades, layer)
            });
        }
        if let (true, Some(before)) = (normed, self.first_decades)
            && before >= 1.0
            && before - decades >= 0.3
        {
            return Some(observation(Kind::BatchNormHealing, before - decades, None));
        }
        let layer = self.blame(With::Growing, f64::max);
        // What batch norm makes explode at the start heals in a few readings, or does not; and
        // sums of skips grow without harm.
        let cap = match (normed || skips, self.readings < 5 && !self.distress) {
            (true, true) => Severity::Note,
            (true, false) => Severity::Warning,
            (false, _) => Severity::Error,
        };
        Some(Observation {
            with: With::Growing,
            cap,
            ..observation(Kind::Exploding, decades, layer)
        })
    }

    /// The gradient's norm beside its own median.
    fn jump(&self) -> Option<Observation> {
        let all = self.flow.readings.steps();
        if all.len() < 6 {
            return None;
        }
        let mut norms = [0.0; 29];
        let count = (all.len() - 1).min(norms.len());
        for (norm, index) in norms.iter_mut().zip(all.len() - 1 - count..all.len() - 1) {
            *norm = all[index].gradient_norm;
        }
        let now = self.reading?.step.gradient_norm;
        // Hardly ever do most lie below a tenth of it.
        let small = norms[..count].iter().filter(|norm| now > 10.0 * **norm);
        (small.count() > count / 2).then_some(())?;
        norms[..count].sort_unstable_by(f64::total_cmp);
        let ratio = now / norms[count / 2];
        // Ten times the median is a warning.
        (ratio > 10.0).then(|| Observation {
            cause: Cause::Jump,
            ..observation(Kind::Exploding, libm::log10(ratio) + 0.5, None)
        })
    }

    /// `log10` of weight gradients per entry, first linear layer to last.
    fn weight_decades(&self) -> Option<f64> {
        let rms = |index: usize| {
            let gradient = self.layer(index).gradient?;
            let entries = self.flow.layers[index].parameters as f64;
            Some(f64::from(gradient.gradient_norm) / libm::sqrt(entries))
        };
        let ratio = rms(*self.memory.linear.first()?)? / rms(*self.memory.linear.last()?)?;
        Some(libm::log10(ratio))
    }

    /// The layer with the most extreme factor on the gradient.
    fn blame(&self, with: With, worse: fn(f64, f64) -> f64) -> Option<usize> {
        let head = self.memory.linear.last().copied().unwrap_or(0);
        let mut worst: Option<(usize, f64)> = None;
        for index in (0..head).filter(|index| with.holds(self.layer(*index))) {
            let factor = self.layer(index).factor.map_or(1.0, f64::from);
            if worst.is_none_or(|(_, other)| worse(factor, other) != other) {
                worst = Some((index, factor));
            }
        }
        worst.map(|(index, _)| index)
    }

    /// Gradient through the time steps of recurrent layers.
    fn time(&self) -> Option<Observation> {
        let reading = self.reading?;
        let mut worst: Option<Observation> = None;
        for (index, layer) in self.flow.layers.iter().enumerate() {
            let times = &reading.times[layer.times.clone()];
            let largest = times.iter().map(|time| time.delta_rms).fold(0.0, f32::max);
            let (Some(first), true) = (times.first(), largest > 0.0) else {
                continue;
            };
            let last = times.iter().rev().find(|time| time.delta_rms > 0.0)?;
            let decades = libm::log10(f64::from(first.delta_rms) / f64::from(last.delta_rms))
                .max(-ALL_DECADES);
            let (kind, cap) = if decades > 0.0 {
                // Where the first steps are what matters, most of the gradient belongs there.
                let cap = match (self.distress, self.at_once) {
                    (true, _) => Severity::Error,
                    (false, true) => Severity::Warning,
                    (false, false) => Severity::Note,
                };
                (Kind::Exploding, cap)
            } else {
                // A memory that fades is normal; it is trouble if nothing is learned.
                (
                    Kind::Vanishing,
                    if self.stagnant {
                        Severity::Warning
                    } else {
                        Severity::Note
                    },
                )
            };
            let found = Observation {
                cap,
                cause: Cause::Time,
                ..observation(kind, decades.abs(), Some(index))
            };
            if worst.as_ref().is_none_or(|other| other.value < found.value) {
                worst = Some(found);
            }
        }
        worst
    }

    /// The layer with the largest share.
    fn largest(
        &self,
        kind: Kind,
        with: With,
        share: impl Fn(&LayerFlow) -> Option<f32>,
    ) -> Option<Observation> {
        let shares = (0..self.flow.layers.len())
            .filter_map(|index| Some((index, f64::from(share(self.layer(index))?))));
        let (layer, value) = shares.max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(Observation {
            with,
            ..observation(kind, value, Some(layer))
        })
    }

    fn dead(&self) -> Option<Observation> {
        // One batch says nothing of death.
        (self.readings >= 2 || self.at_once).then_some(())?;
        self.largest(Kind::DyingRelu, With::Dead, |flow| flow.activation.dead)
    }

    fn saturation(&self) -> Option<Observation> {
        // The network's own output may well be sure of itself.
        let last = self.flow.layers.len() - 1;
        self.largest(Kind::Saturation, With::Saturated, |flow| {
            flow.activation.saturated
        })
        .filter(|found| found.layer != Some(last))
    }

    fn collapse(&self) -> Option<Observation> {
        let head = *self.memory.linear.last()?;
        let passes = &self.memory.passes;
        let hidden = *passes.iter().rfind(|index| **index < head)?;
        let cosine = |index: usize| f64::from(self.layer(index).activation.cosine);
        let value = cosine(hidden);
        let first = passes.iter().find(|index| cosine(**index) >= 0.99);
        let first = first.copied().filter(|first| *first <= hidden);
        Some(observation(Kind::Collapse, value, first.or(Some(hidden))))
    }

    fn unlearned(&self) -> bool {
        let loss = self.reading.map(|reading| reading.step.loss);
        loss.zip(self.reference)
            .is_some_and(|(loss, start)| loss > LEARNED * start)
    }

    fn updates(&self) -> Option<Observation> {
        if self.at_once {
            return None;
        }
        let ratios = &self.memory.ratios;
        let (median, _) = *ratios.get(ratios.len() / 2)?;
        if median < 1e-3 {
            // Converged networks and finished schedules may well stand still.
            (self.unlearned() && !self.decayed).then_some(())?;
            let value = if median > 0.0 {
                -libm::log10(median)
            } else {
                ALL_DECADES
            };
            Some(observation(
                Kind::SmallUpdate,
                value,
                ratios.first().map(|(_, layer)| *layer),
            ))
        } else {
            Some(observation(
                Kind::LargeUpdate,
                median,
                ratios.last().map(|(_, layer)| *layer),
            ))
        }
    }

    /// The loss stands still: of three causes one.
    fn stagnation(&self, lost: bool) -> Option<Observation> {
        (self.stagnant && !self.decayed).then_some(())?;
        let loss = self.reading?.step.loss;
        // A constant output counts in full, whatever the loss was at the start.
        let value = (loss / self.reference?).max(LEARNED);
        let (median, _) = *self.memory.ratios.get(self.memory.ratios.len() / 2)?;
        let first = *self.memory.linear.first()?;
        if lost {
            return Some(observation(Kind::NoSignal, value, Some(first)));
        }
        if !SOUND.contains(&median) {
            return Some(observation(Kind::BadStepSize, value, None));
        }
        (self.readings >= 9).then(|| observation(Kind::NoInformation, value, None))
    }

    fn noise(&self) -> Option<Observation> {
        let reading = self.reading?;
        let (loss, reference) = (reading.step.loss, self.reference?);
        let all = self.flow.readings.steps();
        if all.len() < 8 || !self.still || loss < 0.3 * reference {
            return None;
        }
        let cosines = (all.len() - 5..all.len()).filter_map(|index| all[index].gradient_cosine);
        let count = cosines.clone().count().max(1) as f32;
        let cosine = cosines.sum::<f32>() / count;
        (cosine < 0.1).then(|| observation(Kind::Noise, reading.step.loss_deviation / loss, None))
    }
}

fn observation(kind: Kind, value: f64, layer: Option<usize>) -> Observation {
    Observation {
        kind,
        value,
        layer,
        with: With::Alone,
        cap: Severity::Error,
        cause: Cause::Usual,
    }
}
