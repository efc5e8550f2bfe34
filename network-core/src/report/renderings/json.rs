//! The whole report as JSON, for programs; `docs/report-schema.md` describes it.

use super::columns::{self, Column};
use crate::files;
use crate::flow::Severity;
use crate::report::{Edit, Finding, GradientFlow, Histogram};
use serde_json::{Value, json};
use std::io;
use std::path::Path;

impl GradientFlow {
    /// The report as JSON, all readings and histograms included.
    ///
    /// A number that is not finite is one of the texts `"NaN"`, `"inf"` and `"-inf"`, and `null`
    /// is what was not measured.
    pub fn json(&self) -> String {
        self.value().to_string()
    }

    /// Writes [`GradientFlow::json`] to a file, which is replaced whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_json(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let value = self.value();
        files::replace(path.as_ref(), |mut to| {
            serde_json::to_writer(&mut to, &value)?;
            to.write_all(b"\n")
        })
    }

    fn value(&self) -> Value {
        let readings = || self.readings.iter();
        let mut steps = series(columns::STEP, || {
            readings().map(|reading| Some(reading.step))
        });
        steps["step"] = readings().map(|reading| reading.step.step).collect();
        steps["decades"] = readings()
            .map(|reading| optional(self.decades(reading)))
            .collect();
        let layers = (self.layers.iter().enumerate()).map(|(index, layer)| {
            let flows = || readings().map(move |reading| reading.layers.get(index));
            let mut measured = series(columns::LAYER, flows);
            measured["activation_histogram"] = flows()
                .map(|flow| flow.map(|flow| counts(&flow.activation.histogram)))
                .collect();
            measured["gradient_histogram"] = flows()
                .map(|flow| {
                    flow.and_then(|flow| flow.gradient)
                        .map(|g| counts(&g.histogram))
                })
                .collect();
            let times = layer.times.clone().map(|time| {
                series(columns::TIME, || {
                    readings().map(move |reading| reading.times.get(time))
                })
            });
            json!({
                "name": layer.name,
                "layer": layer.layer,
                "width": layer.width,
                "parameters": layer.parameters,
                "place": layer.place,
                "predicted": layer.predicted.map(|predicted| json!({
                    "activation_rms": single(predicted.activation_rms),
                    "delta_decades": single(predicted.delta_decades),
                    "deviation": single(predicted.deviation),
                    "factor": single(predicted.factor),
                    "cosine": single(predicted.cosine),
                })),
                "measured": measured,
                "times": times.collect::<Value>(),
            })
        });
        json!({
            "schema": "network-core/gradient-flow/1",
            "network": self.network,
            "scalar": self.scalar,
            "optimizer": self.optimizer,
            "batch": self.batch,
            "every": self.every,
            "steps": self.steps,
            "healthy": self.is_healthy(),
            "prediction": {
                "decades": optional(self.prediction.decades),
                "deviation": optional(self.prediction.deviation),
                "unknown": self.prediction.unknown,
            },
            "findings": self.findings.iter().enumerate().map(|(index, f)| self.finding(index, f)).collect::<Value>(),
            "non_finite": self.non_finite.map(|first| json!({
                "step": first.step,
                "layer": self.name(first.layer),
                "tensor": first.tensor.as_str(),
                "sample": first.sample,
            })),
            "declaration": {
                "source": self.declaration.source,
                "places": (self.declaration.places.iter())
                    .map(|place| json!({
                        "name": place.name,
                        "start": place.start,
                        "end": place.end,
                    }))
                    .collect::<Value>(),
            },
            "readings": steps,
            "layers": layers.collect::<Value>(),
        })
    }

    fn name(&self, layer: usize) -> Option<&str> {
        Some(self.layers.get(layer)?.name.as_str())
    }

    fn finding(&self, index: usize, finding: &Finding) -> Value {
        json!({
            "kind": finding.kind.key(),
            "severity": severity(finding.severity),
            "layer": finding.layer.and_then(|layer| self.name(layer)),
            "layers": finding.layers.iter().map(|layer| self.name(*layer)).collect::<Value>(),
            "quantity": finding.quantity,
            "value": number(finding.value),
            "told": number(finding.told),
            "threshold": number(finding.threshold),
            "began": finding.began,
            "seen": finding.seen,
            "ended": finding.ended,
            "headline": finding.headline,
            "cause": finding.cause,
            "reason": finding.reason,
            "goes_with": self.goes_with(index),
            "edits": finding.edits.iter().map(edit).collect::<Value>(),
        })
    }
}

fn edit(edit: &Edit) -> Value {
    json!({
        "text": edit.text,
        "before": optional(edit.before),
        "after": optional(edit.after),
        "deviation": optional(edit.deviation),
        "replacements": (edit.replacements.iter())
            .map(|replacement| json!({
                "start": replacement.start,
                "end": replacement.end,
                "text": replacement.text,
            }))
            .collect::<Value>(),
    })
}

/// A word for a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Each column over all readings.
fn series<'a, T: 'a, I>(columns: &[Column<T>], readings: impl Fn() -> I) -> Value
where
    I: Iterator<Item = Option<&'a T>>,
{
    let mut object = json!({});
    for column in columns {
        object[column.name] = readings()
            .map(|reading| optional(reading.and_then(column.number)))
            .collect();
    }
    object
}

fn counts(histogram: &Histogram) -> Value {
    histogram.counts.iter().copied().collect()
}

fn optional(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

fn single(value: f32) -> Value {
    number(value.to_string().parse().unwrap_or(f64::from(value)))
}

/// JSON has no numbers that are not finite.
fn number(value: f64) -> Value {
    if value.is_finite() {
        value.into()
    } else {
        value.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::renderings::fixtures::{sigmoids, with_numbers};

    #[test]
    fn all_numbers_are_there() {
        let report = sigmoids(3, 4, -2.0);
        let value: Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(value["schema"], "network-core/gradient-flow/1");
        assert_eq!(value["healthy"], false);
        assert_eq!(value["readings"]["step"], json!([0, 20, 40, 60]));
        assert_eq!(
            value["layers"].as_array().unwrap().len(),
            report.layers.len()
        );
        for (index, layer) in report.layers.iter().enumerate() {
            let measured = &value["layers"][index]["measured"];
            for (time, (_, flow)) in report.layer(index).enumerate() {
                let delta = measured["delta_rms"][time].as_f64().unwrap() as f32;
                assert_eq!(delta, flow.delta_rms);
                let count = measured["activation_histogram"][time][15].as_u64().unwrap();
                assert_eq!(count, u64::from(flow.activation.histogram.counts[15]));
                assert_eq!(measured["weight_norm"][time].is_null(), !layer.is_trained());
            }
        }
        let finding = &value["findings"][0];
        assert_eq!(
            (&finding["kind"], &finding["severity"]),
            (&json!("vanishing"), &json!("error"))
        );
        assert_eq!(finding["edits"][0]["after"], 0.0);
        assert_eq!(value["declaration"]["places"][0]["name"], "stem");
    }

    #[test]
    fn numbers_that_are_not_finite_are_texts() {
        for (number, text) in [
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            let report = with_numbers(sigmoids(2, 3, -2.0), number);
            let value: Value = serde_json::from_str(&report.json()).unwrap();
            assert_eq!(value["readings"]["loss"][2], text);
            assert_eq!(value["layers"][0]["measured"]["delta_rms"][1], text);
            assert_eq!(value["non_finite"]["layer"], "stem_sigmoid");
        }
    }

    #[test]
    fn a_report_without_readings_is_valid() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        sigmoids(0, 0, -2.0).save_json(&path).unwrap();
        let value: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(value["readings"]["loss"], json!([]));
    }
}
