//! What of a report is drawn: which layers, and which readings, so that a page stays small and
//! all its charts have the same steps and layers.

use crate::report::{GradientFlow, LayerFlow, Reading};

/// Readings in a chart of many lines or cells.
const COLUMNS: usize = 120;
/// Readings in a chart of few lines.
const FINE_COLUMNS: usize = 600;
/// Layers in a chart.
const ROWS: usize = 200;

/// The part of a report that is drawn.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) flow: &'a GradientFlow,
    /// Indices of readings, evenly spaced in steps.
    pub(super) columns: Vec<usize>,
    /// The same, in more detail.
    pub(super) fine_columns: Vec<usize>,
    /// Indices of layers: the linear ones, or those with parameters, or all.
    pub(super) rows: Vec<usize>,
}

impl<'a> View<'a> {
    pub(super) fn of(flow: &'a GradientFlow) -> Self {
        let trained = || (0..flow.layers.len()).filter(|index| flow.layers[*index].is_trained());
        let mut rows: Vec<usize> = flow.linear().collect();
        if rows.is_empty() {
            rows = trained().collect();
        }
        if rows.is_empty() {
            rows = (0..flow.layers.len()).collect();
        }
        let blamed = flow.findings.iter().filter_map(|finding| finding.layer);
        let mut kept: Vec<usize> = evenly(rows.len(), ROWS).map(|index| rows[index]).collect();
        kept.extend(blamed.filter(|layer| rows.contains(layer)).take(ROWS / 4));
        kept.sort_unstable();
        kept.dedup();
        Self {
            flow,
            columns: spaced(flow, COLUMNS),
            fine_columns: spaced(flow, FINE_COLUMNS),
            rows: kept,
        }
    }

    pub(super) fn reading(&self, column: usize) -> Reading<'a> {
        self.flow.readings.get(column)
    }

    /// A layer's measurements at a reading.
    pub(super) fn layer(&self, column: usize, layer: usize) -> Option<&'a LayerFlow> {
        self.reading(column).layers.get(layer)
    }

    pub(super) fn name(&self, layer: usize) -> &'a str {
        self.flow.layers.get(layer).map_or("", |layer| &layer.name)
    }

    /// First and last step.
    pub(super) fn steps(&self) -> (u64, u64) {
        let step = |column: Option<&usize>| column.map_or(0, |c| self.reading(*c).step.step);
        (step(self.columns.first()), step(self.columns.last()))
    }

    /// The norm of delta at a layer's output over that at the last layer of the rows.
    pub(super) fn relative_delta(&self, column: usize, layer: usize) -> Option<f64> {
        let norm = |layer: usize| {
            let rms = f64::from(self.layer(column, layer)?.delta_rms);
            Some(rms * (self.flow.layers.get(layer)?.width as f64).sqrt())
        };
        Some(norm(layer)? / norm(*self.rows.last()?)?)
    }
}

/// At most `most` of `count` indices, evenly spaced, first and last among them.
pub(super) fn evenly(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let kept = count.min(most.max(2));
    (0..kept).map(move |index| match kept {
        1 => 0,
        _ => index * (count - 1) / (kept - 1),
    })
}

/// At most `most` readings, evenly spaced in steps.
fn spaced(flow: &GradientFlow, most: usize) -> Vec<usize> {
    let steps: Vec<u64> = flow.readings.iter().map(|r| r.step.step).collect();
    if steps.len() <= most {
        return (0..steps.len()).collect();
    }
    let (first, last) = (steps[0], steps[steps.len() - 1]);
    let span = u128::from(last.saturating_sub(first));
    let mut columns: Vec<usize> = (0..most)
        .map(|index| {
            let offset = span * index as u128 / (most - 1) as u128;
            let wanted = first + u64::try_from(offset).unwrap_or(u64::MAX);
            let after = steps.partition_point(|step| *step < wanted);
            after.min(steps.len() - 1)
        })
        .collect();
    columns.dedup();
    columns
}
