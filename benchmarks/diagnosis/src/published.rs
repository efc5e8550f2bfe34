//! Rules of published tools, restated over the quantities that a report keeps.
//!
//! A check is a reading (every 20 steps), or for AutoTrainer, which looks once in an epoch, the
//! last reading before an epoch's end. Mean absolute values are taken to be 0.8 of the RMS, as
//! they are for normal numbers. `G`-like quantities of ours are not used.

use network_core::report::{GradientFlow, Gradients, Histogram, LayerFlow, Reading};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Gradients, weights, activations.
    Inside,
    /// The loss or the accuracy.
    Loss,
}

/// A rule of a tool.
pub struct Rule {
    pub tool: &'static str,
    pub name: &'static str,
    pub group: Group,
    /// The rule with its thresholds, as tables show it.
    pub text: &'static str,
    /// The step of the first alarm.
    first: fn(&Run<'_>) -> Option<u64>,
}

/// A training, as rules see it.
struct Run<'a> {
    flow: &'a GradientFlow,
    readings: Vec<Reading<'a>>,
    /// Step of each epoch's end, and the accuracy of its batches.
    accuracy: &'a [(u64, f64)],
}

/// The rules that fired, with the step at which they first did.
pub fn alarms(flow: &GradientFlow, accuracy: &[(u64, f64)]) -> Vec<(&'static Rule, u64)> {
    let run = Run {
        flow,
        readings: flow.readings.iter().collect(),
        accuracy,
    };
    RULES
        .iter()
        .filter_map(|rule| Some((rule, (rule.first)(&run)?)))
        .collect()
}

/// Mean absolute value of normal numbers of RMS 1.
const MEAN_ABSOLUTE: f64 = 0.8;

impl<'a> Run<'a> {
    /// The first reading of which it holds.
    fn first(&self, holds: impl Fn(usize, Reading<'a>) -> bool) -> Option<u64> {
        let mut readings = self.readings.iter().enumerate();
        let found = readings.find(|(index, reading)| holds(*index, **reading));
        found.map(|(_, reading)| reading.step.step)
    }

    /// Dense layers with their gradients, in order.
    fn kernels(&self, reading: Reading<'a>) -> Vec<(usize, Gradients)> {
        let gradient = |index: usize| Some((index, reading.layers.get(index)?.gradient?));
        self.flow.linear().filter_map(gradient).collect()
    }

    /// Weights of a dense layer.
    fn weights(&self, layer: usize) -> f64 {
        let layer = &self.flow.layers[layer];
        let bias = !layer.layer.contains("bias = false");
        (layer.parameters - if bias { layer.width } else { 0 }) as f64
    }

    fn mean_gradient(&self, (layer, gradient): (usize, Gradients)) -> f64 {
        MEAN_ABSOLUTE * f64::from(gradient.gradient_norm) / self.weights(layer).sqrt()
    }

    /// Whether the mean gradient of a layer changed by these factors at each of the last 5 checks.
    fn steadily(&self, index: usize, changes: impl Fn(f64) -> bool) -> bool {
        if index < 5 {
            return false;
        }
        let norms: Vec<Vec<f64>> = (index - 5..=index)
            .map(|at| {
                let kernels = self.kernels(self.readings[at]);
                kernels
                    .iter()
                    .map(|kernel| self.mean_gradient(*kernel))
                    .collect()
            })
            .collect();
        (0..norms[0].len()).any(|layer| {
            norms
                .windows(2)
                .all(|pair| changes(pair[1][layer] / pair[0][layer]))
        })
    }

    /// Hidden activations of these words: their flow, and that of what they are applied to.
    fn activations(
        &self,
        reading: Reading<'a>,
        words: &'static [&'static str],
    ) -> impl Iterator<Item = (&'static str, &'a LayerFlow, &'a LayerFlow)> {
        let layers = &self.flow.layers;
        (1..layers.len())
            .filter(|index| words.contains(&layers[*index].word()))
            .map(|index| {
                let input = &reading.layers[index - 1];
                (layers[index].word(), &reading.layers[index], input)
            })
    }

    fn non_finite(&self) -> Option<u64> {
        self.flow.non_finite.map(|found| found.step)
    }

    /// For tools that look at the end of each epoch: the last reading before it, if the training
    /// does not go well, which is asked from 30 % of the epochs on.
    fn epochs(&self) -> impl Iterator<Item = (u64, Reading<'a>)> {
        let from = (0.3 * self.accuracy.len() as f64).ceil() as usize;
        (from..self.accuracy.len()).filter_map(move |epoch| {
            let (end, _) = self.accuracy[epoch];
            let best = self.accuracy[..=epoch].iter().map(|(_, share)| *share);
            if best.fold(0.0, f64::max) >= 0.7 {
                return None;
            }
            let before = self
                .readings
                .iter()
                .rev()
                .find(|reading| reading.step.step < end);
            Some((end, *before?))
        })
    }

    fn loss(&self, index: usize) -> f64 {
        self.readings[index].step.loss
    }
}

/// Share of entries outside of these bounds, from a histogram.
fn outside(flow: &LayerFlow, low: f64, high: f64) -> f64 {
    let seen = &flow.activation;
    let width = f64::from(seen.deviation) * 8.0 / Histogram::BINS as f64;
    let out: u32 = (seen.histogram.counts.iter().enumerate())
        .filter(|(bin, _)| {
            let middle = *bin as f64 + 0.5 - Histogram::BINS as f64 / 2.0;
            let x = f64::from(seen.mean) + middle * width;
            x <= low || x >= high
        })
        .map(|(_, count)| u32::from(*count))
        .sum();
    f64::from(out) / f64::from(seen.histogram.total().max(1))
}

fn earlier(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    [a, b].into_iter().flatten().min()
}

/// First and last kernel's gradient norm.
fn ends(run: &Run<'_>, reading: Reading<'_>) -> Option<(f64, f64)> {
    let norm = |index: usize| {
        Some(f64::from(
            reading.layers.get(index)?.gradient?.gradient_norm,
        ))
    };
    let mut linear = run.flow.linear();
    Some((norm(linear.next()?)?, norm(linear.next_back()?)?))
}

/// All rules.
pub const RULES: &[Rule] = &[
    Rule {
        tool: "AutoTrainer",
        name: "vanishing",
        group: Group::Inside,
        text: "norm of the first kernel's gradient below 1e-4 and below 1e-3 of the last one's",
        first: |run| {
            run.epochs()
                .find(|(_, reading)| {
                    ends(run, *reading)
                        .is_some_and(|(first, last)| first < 1e-4 && first / last < 1e-3)
                })
                .map(|(step, _)| step)
        },
    },
    Rule {
        tool: "AutoTrainer",
        name: "exploding",
        group: Group::Inside,
        text: "first kernel's gradient norm above 70 times the last one's, or NaN",
        first: |run| {
            let found = run.epochs().find(|(_, reading)| {
                ends(run, *reading).is_some_and(|(first, last)| first / last > 70.0)
            });
            earlier(found.map(|(step, _)| step), run.non_finite())
        },
    },
    Rule {
        tool: "AutoTrainer",
        name: "dying relu",
        group: Group::Inside,
        text: "at least 70 % of all gradient entries exactly zero",
        first: |run| {
            run.epochs()
                .find(|(_, reading)| {
                    let kernels = run.kernels(*reading);
                    let all: f64 = kernels.iter().map(|(layer, _)| run.weights(*layer)).sum();
                    let zero: f64 = (kernels.iter())
                        .map(|(layer, gradient)| run.weights(*layer) * f64::from(gradient.zero))
                        .sum();
                    zero >= 0.7 * all
                })
                .map(|(step, _)| step)
        },
    },
    Rule {
        tool: "AutoTrainer",
        name: "slow convergence",
        group: Group::Loss,
        text: "best gain of accuracy from epoch to epoch below 0.01, and accuracy below 0.7",
        first: |run| {
            run.epochs()
                .find(|(end, _)| {
                    let seen = run.accuracy.iter().take_while(|(step, _)| step <= end);
                    let shares: Vec<f64> = seen.map(|(_, share)| *share).collect();
                    shares.windows(2).all(|pair| pair[1] - pair[0] < 0.01)
                })
                .map(|(step, _)| step)
        },
    },
    Rule {
        tool: "AutoTrainer",
        name: "oscillating",
        group: Group::Loss,
        text: "accuracy falls by 0.03 or more in over 20 % of the epochs",
        first: |run| {
            let falls = run
                .accuracy
                .windows(2)
                .filter(|pair| pair[0].1 - pair[1].1 >= 0.03);
            let last = run.accuracy.last()?;
            (falls.count() as f64 > 0.2 * run.accuracy.len() as f64).then_some(last.0)
        },
    },
    Rule {
        tool: "DeepDiagnosis",
        name: "dead node",
        group: Group::Inside,
        text: "at the end 70 % of a relu layer's outputs zero",
        first: |run| {
            let last = *run.readings.last()?;
            run.activations(last, &["relu", "relu6"])
                .any(|(_, flow, _)| flow.activation.sparsity >= 0.7)
                .then_some(last.step.step)
        },
    },
    Rule {
        tool: "DeepDiagnosis",
        name: "saturated activation",
        group: Group::Inside,
        text: "over half of the inputs of a sigmoid or tanh beyond 5",
        first: |run| {
            run.first(|_, reading| {
                run.activations(reading, &["sigmoid", "tanh"])
                    .any(|(_, _, input)| outside(input, -5.0, 5.0) > 0.5)
            })
        },
    },
    Rule {
        tool: "DeepDiagnosis",
        name: "vanishing gradient",
        group: Group::Inside,
        text: "mean absolute gradient of a dense layer below 1e-7",
        first: |run| {
            run.first(|_, reading| {
                let mut kernels = run.kernels(reading).into_iter();
                kernels.any(|kernel| run.mean_gradient(kernel) < 1e-7)
            })
        },
    },
    Rule {
        tool: "DeepDiagnosis",
        name: "numerical error",
        group: Group::Inside,
        text: "the mean of a layer's output or gradient is NaN, infinite or exactly 0",
        first: |run| {
            let zero = run.first(|_, reading| {
                let silent = |flow: &LayerFlow| flow.activation.rms == 0.0;
                reading.layers.iter().any(silent)
                    || run
                        .kernels(reading)
                        .iter()
                        .any(|(_, g)| g.gradient_norm == 0.0)
            });
            earlier(zero, run.non_finite())
        },
    },
    Rule {
        tool: "DeepDiagnosis",
        name: "unchanged weight",
        group: Group::Inside,
        text: "the weights of a layer exactly the same over 5 checks",
        first: |run| {
            run.first(|index, reading| {
                index >= 4
                    && run.kernels(reading).iter().any(|(layer, _)| {
                        (index - 4..=index).all(|at| {
                            let flow = run.readings[at].layers[*layer];
                            flow.gradient.is_some_and(|g| g.update_norm == 0.0)
                        })
                    })
            })
        },
    },
    Rule {
        tool: "DeepDiagnosis",
        name: "loss not decreasing",
        group: Group::Loss,
        text: "the loss exactly the same over 5 epochs",
        first: |run| {
            run.first(|index, _| {
                index >= 14 && (index - 14..index).all(|at| run.loss(at) == run.loss(index))
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "vanishing",
        group: Group::Inside,
        text: "mean absolute gradient below 1e-6, or halved at each of 5 checks",
        first: |run| {
            run.first(|index, reading| {
                let mut kernels = run.kernels(reading).into_iter();
                kernels.any(|kernel| run.mean_gradient(kernel) < 1e-6)
                    || run.steadily(index, |change| change <= 0.5)
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "exploding",
        group: Group::Inside,
        text: "mean absolute gradient above 1e6, or doubled at each of 5 checks, or NaN",
        first: |run| {
            let found = run.first(|index, reading| {
                let mut kernels = run.kernels(reading).into_iter();
                kernels.any(|kernel| run.mean_gradient(kernel) > 1e6)
                    || run.steadily(index, |change| change >= 2.0)
            });
            earlier(found, run.non_finite())
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "update ratio",
        group: Group::Inside,
        text: "log10 of a layer's update over its weights outside of -4 to -1",
        first: |run| {
            run.first(|_, reading| {
                let kernels = run.kernels(reading);
                let mut ratios = kernels.iter().filter_map(|(_, g)| g.update_ratio());
                ratios.any(|ratio| !(1e-4..=0.1).contains(&ratio))
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "dead neurons",
        group: Group::Inside,
        text: "over half of a layer's units dead",
        first: |run| {
            run.first(|index, reading| {
                index >= 2
                    && reading
                        .layers
                        .iter()
                        .any(|flow| flow.activation.dead.is_some_and(|share| share > 0.5))
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "saturation",
        group: Group::Inside,
        text: "distance of a sigmoid's or tanh's outputs from its centre above 0.85 of its range",
        first: |run| {
            run.first(|_, reading| {
                run.activations(reading, &["sigmoid", "tanh"])
                    .any(|(word, flow, _)| {
                        let seen = &flow.activation;
                        let (centre, range) = if word == "tanh" {
                            (0.0, 1.0)
                        } else {
                            (0.5, 0.5)
                        };
                        (seen.mean - centre).hypot(seen.deviation) / range > 0.85
                    })
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "activation spread",
        group: Group::Inside,
        text: "standard deviation of a hidden activation's outputs outside of 0.5 to 2",
        first: |run| {
            run.first(|_, reading| {
                run.activations(reading, &["relu", "sigmoid", "tanh"])
                    .any(|(_, flow, _)| !(0.5..=2.0).contains(&flow.activation.deviation))
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "init",
        group: Group::Inside,
        text: "variance of the weights other than He's for relu, Glorot's for tanh, LeCun's for \
            sigmoid (F-test, 0.1)",
        first: |run| {
            run.first(|index, reading| {
                let fan = |layer: usize| run.weights(layer) / run.flow.layers[layer].width as f64;
                index == 0
                    && run.kernels(reading).into_iter().any(|(layer, gradient)| {
                        let after = run.flow.layers.get(layer + 1).map(|next| next.word());
                        let width = run.flow.layers[layer].width as f64;
                        let wanted = match after {
                            Some("relu") => 2.0 / fan(layer),
                            Some("tanh") => 2.0 / (fan(layer) + width),
                            Some("sigmoid") => 1.0 / fan(layer),
                            _ => return false,
                        };
                        let norm = f64::from(gradient.weight_norm);
                        let ratio = norm * norm / run.weights(layer) / wanted;
                        // The normal limit of the F distribution.
                        (ratio - 1.0).abs() > 1.645 * (2.0 / run.weights(layer)).sqrt()
                    })
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "initial loss",
        group: Group::Loss,
        text: "first loss more than 100 % from ln 10",
        first: |run| {
            run.first(|index, reading| {
                index == 0 && (reading.step.loss / 10.0_f64.ln() - 1.0).abs() > 1.0
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "loss not decreasing",
        group: Group::Loss,
        text: "the loss fell by less than 5 % at each of 5 checks",
        first: |run| {
            run.first(|index, _| {
                index >= 5 && (index - 4..=index).all(|at| run.loss(at) > 0.95 * run.loss(at - 1))
            })
        },
    },
    Rule {
        tool: "TheDeepChecker",
        name: "diverging",
        group: Group::Loss,
        text: "the loss twice its lowest value",
        first: |run| {
            run.first(|index, reading| {
                let lowest = (0..index)
                    .map(|at| run.loss(at))
                    .fold(f64::INFINITY, f64::min);
                reading.step.loss >= 2.0 * lowest
            })
        },
    },
    Rule {
        tool: "SageMaker Debugger",
        name: "VanishingGradient",
        group: Group::Inside,
        text: "mean absolute gradient below 1e-7",
        first: |run| {
            run.first(|_, reading| {
                let mut kernels = run.kernels(reading).into_iter();
                kernels.any(|kernel| run.mean_gradient(kernel) < 1e-7)
            })
        },
    },
    Rule {
        tool: "SageMaker Debugger",
        name: "ExplodingTensor",
        group: Group::Inside,
        text: "NaN or infinity",
        first: |run| run.non_finite(),
    },
    Rule {
        tool: "SageMaker Debugger",
        name: "DeadRelu",
        group: Group::Inside,
        text: "over half of a relu layer's units dead",
        first: |run| {
            run.first(|index, reading| {
                index >= 2
                    && run
                        .activations(reading, &["relu", "relu6"])
                        .any(|(_, flow, _)| flow.activation.dead.is_some_and(|share| share > 0.5))
            })
        },
    },
    Rule {
        tool: "SageMaker Debugger",
        name: "SaturatedActivation",
        group: Group::Inside,
        text: "over half of a layer's inputs outside of +-9.5 for tanh, -23 to 17 for sigmoid",
        first: |run| {
            run.first(|_, reading| {
                run.activations(reading, &["sigmoid", "tanh"])
                    .any(|(word, _, input)| {
                        let (low, high) = if word == "tanh" {
                            (-9.4999, 9.4999)
                        } else {
                            (-23.0, 16.99999)
                        };
                        outside(input, low, high) > 0.5
                    })
            })
        },
    },
    Rule {
        tool: "SageMaker Debugger",
        name: "WeightUpdateRatio",
        group: Group::Inside,
        text: "a layer's update over its weights above 10 or below 1e-8",
        first: |run| {
            run.first(|_, reading| {
                let kernels = run.kernels(reading);
                let mut ratios = kernels.iter().filter_map(|(_, g)| g.update_ratio());
                ratios.any(|ratio| !(1e-8..=10.0).contains(&ratio))
            })
        },
    },
    Rule {
        tool: "SageMaker Debugger",
        name: "PoorWeightInitialization",
        group: Group::Inside,
        text: "at the start the variances of two relu layers' inputs differ by a factor above 10, \
            or the 5th and 95th percentile of a layer's gradient by less than 0.001",
        first: |run| {
            run.first(|index, reading| {
                let variances: Vec<f64> = run
                    .activations(reading, &["relu"])
                    .map(|(_, _, input)| f64::from(input.activation.deviation).powi(2))
                    .collect();
                let least = variances.iter().copied().fold(f64::INFINITY, f64::min);
                let most = variances.iter().copied().fold(0.0, f64::max);
                // Of normal numbers: 3.29 standard deviations.
                let mut kernels = run.kernels(reading).into_iter();
                let narrow =
                    kernels.any(|kernel| 3.29 * run.mean_gradient(kernel) / MEAN_ABSOLUTE < 1e-3);
                index == 0 && (most > 10.0 * least || narrow)
            })
        },
    },
    Rule {
        tool: "SageMaker Debugger",
        name: "LossNotDecreasing",
        group: Group::Loss,
        text: "the loss did not fall from one check to the next",
        first: |run| run.first(|index, _| index >= 1 && run.loss(index) >= run.loss(index - 1)),
    },
];
