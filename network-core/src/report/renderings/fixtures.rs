//! Made-up reports for the tests of the renderings.

use crate::flow::{Prediction, Severity};
use crate::report::{
    Activations, Declaration, Edit, Finding, GradientFlow, Gradients, Histogram, Kind, LayerFlow,
    NonFinite, ObservedLayer, Place, PredictedFlow, Readings, Replacement, StepFlow, Tensor,
};

/// A network of `depth` times `dense(width) -> sigmoid` and a head, whose gradient vanishes by
/// `decades` over all layers, after so many readings.
pub(crate) fn sigmoids(depth: usize, readings: usize, decades: f64) -> GradientFlow {
    let mut layers = Vec::new();
    for index in 0..=depth {
        let names = match index {
            _ if index == depth => vec![("head".to_owned(), "dense(10)")],
            0 => vec![
                ("stem".to_owned(), "dense(64)"),
                ("stem_sigmoid".to_owned(), "sigmoid"),
            ],
            _ => vec![
                (format!("blocks.{}.dense_1", index - 1), "dense(64)"),
                (format!("blocks.{}.sigmoid_1", index - 1), "sigmoid"),
            ],
        };
        for (name, layer) in names {
            let trained = layer.starts_with("dense");
            let back = (depth - index) as f64 / depth.max(1) as f64;
            layers.push(ObservedLayer {
                place: DECLARATION.places.iter().position(|place| {
                    let rounds = name
                        .split('.')
                        .filter(|part| part.parse::<usize>().is_err());
                    rounds.eq(place.name.split('.').filter(|part| *part != "*"))
                }),
                name,
                layer,
                width: if index == depth { 10 } else { 64 },
                parameters: if trained { 64 * 64 + 64 } else { 0 },
                predicted: Some(PredictedFlow {
                    activation_rms: if trained { 1.0 } else { 0.5 },
                    delta_decades: (decades * back) as f32,
                    deviation: 0.02 * (depth - index) as f32,
                    factor: 0.3,
                    cosine: 0.9,
                }),
                times: 0..0,
            });
        }
    }
    let mut kept = Readings::new(readings, layers.len(), 0);
    for reading in 0..readings {
        let along = reading as f64 / readings.max(2) as f64;
        let step = StepFlow {
            step: 20 * reading as u64,
            loss: 2.31 - 0.02 * along + 0.004 * (reading as f64 * 1.7).sin(),
            learning_rate: 0.01,
            gradient_norm: 0.4 + 0.1 * (reading as f64 * 0.9).cos(),
            clipped_norm: (0.4 + 0.1 * (reading as f64 * 0.9).cos()).min(0.45),
            clipped_share: 0.1,
            loss_deviation: 0.01,
            gradient_cosine: (reading > 0).then_some(0.3),
        };
        let flows: Vec<LayerFlow> = (layers.iter())
            .map(|layer| {
                let predicted = layer.predicted.unwrap();
                let delta = -2.0 + f64::from(predicted.delta_decades) * (1.0 - 0.2 * along);
                flow(layer, 10_f64.powf(delta) as f32, reading)
            })
            .collect();
        kept.push(step, &flows, &[]);
    }
    let edit = |text: &str, replacements: Vec<Replacement>, after: f64| Edit {
        text: text.to_owned(),
        replacements,
        before: Some(decades),
        after: Some(after),
        deviation: Some(0.2),
    };
    let place = &DECLARATION.places[3];
    let finding = Finding {
        kind: Kind::Vanishing,
        severity: Severity::Error,
        layer: (layers.len() > 3).then_some(3),
        layers: (0..layers.len()).filter(|index| index % 2 == 1).collect(),
        value: decades,
        told: decades,
        threshold: -3.0,
        quantity: "decades of gradient norm, first layer to last",
        began: 20,
        seen: 20 * readings as u64,
        ended: None,
        headline: format!(
            "gradient vanishes by {:.1} decades over {depth} layers, most at `blocks.0.sigmoid_1`",
            -decades
        ),
        cause: "each `sigmoid` multiplies the gradient norm by about 0.3: its derivative is at \
                most 0.25"
            .to_owned(),
        reason: "a network of this width at a sound initialisation varies by 0.2 decades; 3 \
                 decades had no false alarm in the calibration set",
        edits: vec![
            edit(
                "`sigmoid -> relu`, `init = he_normal`",
                vec![Replacement {
                    start: place.start,
                    end: place.end,
                    text: "relu".to_owned(),
                }],
                0.0,
            ),
            edit(
                "`batch_norm` before each `sigmoid`",
                vec![Replacement {
                    start: place.start,
                    end: place.start,
                    text: "batch_norm -> ".to_owned(),
                }],
                0.3,
            ),
        ],
    };
    let healed = Finding {
        kind: Kind::SmallUpdate,
        severity: Severity::Warning,
        layer: Some(0),
        layers: vec![0],
        value: 3.2e-5,
        told: 3.2e-5,
        threshold: 1e-4,
        quantity: "|update| / |weights|",
        began: 400,
        seen: 800,
        ended: Some(900),
        headline: "updates of `stem` are too small".to_owned(),
        cause: "the learning rate is small for this layer".to_owned(),
        reason: "below 1e-4 a layer needs 10,000 steps to move by its own size",
        edits: Vec::new(),
    };
    GradientFlow {
        network: "Digits",
        declaration: DECLARATION,
        prediction: Prediction {
            decades: Some(decades),
            deviation: Some(0.3),
            unknown: None,
            ..Prediction::UNKNOWN
        },
        remedies: &[],
        input_rms: 1.0,
        scalar: "f32",
        optimizer: "Sgd, learning rate 0.01".to_owned(),
        batch: 64,
        every: 20,
        steps: 20 * readings as u64,
        layers,
        readings: kept,
        findings: vec![finding, healed],
        non_finite: None,
    }
}

/// Numbers of one layer that look like a training's.
pub(crate) fn flow(layer: &ObservedLayer, delta: f32, reading: usize) -> LayerFlow {
    let wave = (reading as f32 * 0.7).sin();
    let bell = |at: f32, spread: f32| Histogram {
        counts: core::array::from_fn(|bin| {
            let distance = (bin as f32 - at) / spread;
            (900.0 * (-0.5 * distance * distance).exp()) as u16
        }),
    };
    let trained = layer.is_trained();
    LayerFlow {
        activation: Activations {
            rms: layer.predicted.map_or(1.0, |p| p.activation_rms) * (1.0 + 0.1 * wave),
            mean: 0.5,
            deviation: 0.2,
            variation: 0.1,
            sparsity: 0.0,
            dead: None,
            saturated: (!trained).then_some(0.3 + 0.1 * wave),
            cosine: 0.98,
            histogram: bell(15.5, 4.0),
        },
        delta_rms: delta,
        factor: Some(0.3),
        gradient: trained.then(|| Gradients {
            weight_norm: 8.0,
            gradient_norm: delta * 10.0,
            update_norm: delta * (1.0 + 0.3 * wave),
            cosine: None,
            histogram: bell(24.0 + delta.max(1e-12).log2() / 2.0, 1.2),
            zero: 0.0,
        }),
        skip_share: None,
    }
}

/// The same report of a network without layers.
pub(crate) fn without_layers(mut report: GradientFlow) -> GradientFlow {
    let mut readings = Readings::new(report.readings.len(), 0, 0);
    for reading in report.readings.iter() {
        readings.push(*reading.step, &[], &[]);
    }
    report.readings = readings;
    report.layers.clear();
    report
}

/// The same report of a network that trains nothing.
pub(crate) fn untrained(mut report: GradientFlow) -> GradientFlow {
    for layer in &mut report.layers {
        layer.parameters = 0;
    }
    report
}

/// The same report with names of so many characters.
pub(crate) fn with_long_names(mut report: GradientFlow, length: usize) -> GradientFlow {
    for layer in &mut report.layers {
        layer.name = layer.name.chars().cycle().take(length).collect();
    }
    report
}

/// The same report with every number of every reading replaced.
pub(crate) fn with_numbers(mut report: GradientFlow, number: f64) -> GradientFlow {
    let single = number as f32;
    let mut readings = Readings::new(report.readings.len(), report.layers.len(), 0);
    for reading in report.readings.iter() {
        let step = StepFlow {
            step: reading.step.step,
            loss: number,
            learning_rate: number,
            gradient_norm: number,
            clipped_norm: number,
            clipped_share: single,
            loss_deviation: number,
            gradient_cosine: Some(single),
        };
        let layers: Vec<LayerFlow> = (reading.layers.iter())
            .map(|layer| LayerFlow {
                activation: Activations {
                    rms: single,
                    mean: single,
                    deviation: single,
                    variation: single,
                    sparsity: single,
                    dead: Some(single),
                    saturated: Some(single),
                    cosine: single,
                    ..layer.activation
                },
                delta_rms: single,
                factor: Some(single),
                gradient: layer.gradient.map(|gradient| Gradients {
                    weight_norm: single,
                    gradient_norm: single,
                    update_norm: single,
                    cosine: Some(single),
                    zero: single,
                    ..gradient
                }),
                skip_share: Some(single),
            })
            .collect();
        readings.push(step, &layers, &[]);
    }
    report.readings = readings;
    for layer in &mut report.layers {
        if let Some(predicted) = &mut layer.predicted {
            (predicted.activation_rms, predicted.delta_decades) = (single, single);
            predicted.deviation = single;
        }
    }
    for finding in &mut report.findings {
        (finding.value, finding.threshold) = (number, number);
    }
    report.prediction.decades = Some(number);
    report.prediction.deviation = Some(number);
    report.non_finite = Some(NonFinite {
        step: 20,
        layer: 1,
        tensor: Tensor::Gradient,
        sample: Some(3),
    });
    report
}

pub(crate) const DECLARATION: Declaration = Declaration {
    source: "
        /// Reads a handwritten digit from an 8x8 grey image.
        pub struct Digits(64) -> 10 {
            stem: dense(64) -> sigmoid;
            blocks: repeat(18) { dense(64) -> sigmoid; }
            head: dense(10);
        }
    ",
    places: &[
        Place {
            name: "stem",
            start: 119,
            end: 128,
        },
        Place {
            name: "stem_sigmoid",
            start: 132,
            end: 139,
        },
        Place {
            name: "blocks.*.dense_1",
            start: 174,
            end: 183,
        },
        Place {
            name: "blocks.*.sigmoid_1",
            start: 187,
            end: 194,
        },
        Place {
            name: "head",
            start: 216,
            end: 225,
        },
    ],
};
