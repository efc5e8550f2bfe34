//! The report as tables, for spreadsheets and data frames; `docs/report-schema.md` describes them.

use super::columns::{self, Column};
use super::json::severity;
use crate::files;
use crate::report::{Finding, GradientFlow, Reading};
use std::io;
use std::path::Path;

impl GradientFlow {
    /// Writes `steps.csv`, `layers.csv`, `times.csv` (a table of no rows without recurrent
    /// layers) and `findings.csv` to a folder, which is made if it is not there; files of these
    /// names are replaced.
    ///
    /// An empty cell was not measured; numbers that are not finite are `NaN`, `inf` and `-inf`.
    ///
    /// # Errors
    ///
    /// If the folder or a file cannot be written.
    pub fn save_csv(&self, folder: impl AsRef<Path>) -> io::Result<()> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder)?;
        table(
            folder,
            "steps.csv",
            head(&["step"], columns::STEP, &["decades"]),
            |rows| {
                self.readings
                    .iter()
                    .try_for_each(|reading| rows(self.step_row(reading)))
            },
        )?;
        table(
            folder,
            "layers.csv",
            head(&["step", "layer"], columns::LAYER, &[]),
            |rows| {
                self.readings.iter().try_for_each(|reading| {
                    let layers = self.layers.iter().zip(reading.layers);
                    layers.into_iter().try_for_each(|(layer, flow)| {
                        let start = vec![reading.step.step.to_string(), layer.name.clone()];
                        rows(row(start, columns::LAYER, flow))
                    })
                })
            },
        )?;
        table(
            folder,
            "times.csv",
            head(&["step", "layer", "time"], columns::TIME, &[]),
            |rows| {
                self.readings.iter().try_for_each(|reading| {
                    self.layers.iter().try_for_each(|layer| {
                        let times = reading.times.get(layer.times.clone()).unwrap_or_default();
                        times.iter().enumerate().try_for_each(|(time, flow)| {
                            let step = reading.step.step.to_string();
                            let start = vec![step, layer.name.clone(), time.to_string()];
                            rows(row(start, columns::TIME, flow))
                        })
                    })
                })
            },
        )?;
        let columns = [
            "kind",
            "severity",
            "layer",
            "quantity",
            "value",
            "threshold",
            "began",
            "seen",
            "ended",
            "headline",
            "cause",
            "edit",
            "told",
            "goes_with",
        ];
        table(
            folder,
            "findings.csv",
            columns.map(str::to_owned).to_vec(),
            |rows| {
                self.findings
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, finding)| rows(self.finding_row(index, finding)))
            },
        )
    }

    fn step_row(&self, reading: Reading<'_>) -> Vec<String> {
        let mut cells = row(
            vec![reading.step.step.to_string()],
            columns::STEP,
            reading.step,
        );
        cells.push(optional(self.decades(reading)));
        cells
    }

    fn finding_row(&self, index: usize, finding: &Finding) -> Vec<String> {
        let layer = finding.layer.and_then(|layer| self.layers.get(layer));
        vec![
            finding.kind.key().to_owned(),
            severity(finding.severity).to_owned(),
            layer.map_or_else(String::new, |layer| layer.name.clone()),
            finding.quantity.to_owned(),
            finding.value.to_string(),
            finding.threshold.to_string(),
            finding.began.to_string(),
            finding.seen.to_string(),
            finding
                .ended
                .map_or_else(String::new, |step| step.to_string()),
            finding.headline.clone(),
            finding.cause.clone(),
            finding
                .edits
                .first()
                .map_or_else(String::new, |edit| edit.text.clone()),
            finding.told.to_string(),
            self.goes_with(index)
                .map_or_else(String::new, |other| other.to_string()),
        ]
    }
}

/// Takes a row.
type Rows<'a> = &'a mut dyn FnMut(Vec<String>) -> io::Result<()>;

/// Writes one table.
fn table(
    folder: &Path,
    name: &str,
    head: Vec<String>,
    fill: impl FnOnce(Rows<'_>) -> io::Result<()>,
) -> io::Result<()> {
    files::replace(&folder.join(name), |to| {
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(head)?;
        fill(&mut |row| Ok(writer.write_record(row)?))?;
        writer.flush()
    })
}

fn head<T>(start: &[&str], columns: &[Column<T>], end: &[&str]) -> Vec<String> {
    let names = columns.iter().map(|column| column.name);
    let all = start
        .iter()
        .copied()
        .chain(names)
        .chain(end.iter().copied());
    all.map(str::to_owned).collect()
}

fn row<T>(mut start: Vec<String>, columns: &[Column<T>], flow: &T) -> Vec<String> {
    start.extend(columns.iter().map(|column| optional((column.number)(flow))));
    start
}

fn optional(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::renderings::fixtures::{sigmoids, with_numbers};

    fn read(folder: &Path, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
        let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let head = cells(reader.headers().unwrap());
        let rows = reader
            .records()
            .map(|record| cells(&record.unwrap()))
            .collect();
        (head, rows)
    }

    #[test]
    fn tables_hold_what_was_measured() {
        let folder = tempfile::tempdir().unwrap();
        let report = sigmoids(2, 3, -2.0);
        report.save_csv(folder.path().join("new")).unwrap();
        let folder = folder.path().join("new");
        let (head, rows) = read(&folder, "layers.csv");
        assert_eq!(rows.len(), 3 * report.layers.len());
        let at = |name: &str| head.iter().position(|column| column == name).unwrap();
        let reading = report.readings.get(1);
        for (row, (layer, flow)) in rows[report.layers.len()..]
            .iter()
            .zip(report.layers.iter().zip(reading.layers))
        {
            assert_eq!(
                (row[at("step")].as_str(), &row[at("layer")]),
                ("20", &layer.name)
            );
            assert_eq!(row[at("delta_rms")].parse::<f32>().unwrap(), flow.delta_rms);
            assert_eq!(row[at("weight_norm")].is_empty(), !layer.is_trained());
        }
        let (head, rows) = read(&folder, "steps.csv");
        assert_eq!(
            (head.last().map(String::as_str), rows.len()),
            (Some("decades"), 3)
        );
        let (_, rows) = read(&folder, "findings.csv");
        assert_eq!(rows[0][..2], ["vanishing", "error"]);
        assert_eq!(read(&folder, "times.csv").1.len(), 0);
    }

    #[test]
    fn numbers_that_are_not_finite_are_words() {
        let folder = tempfile::tempdir().unwrap();
        with_numbers(sigmoids(1, 1, -2.0), f64::NAN)
            .save_csv(folder.path())
            .unwrap();
        let (_, rows) = read(folder.path(), "steps.csv");
        assert_eq!(rows[0][1], "NaN");
    }
}
