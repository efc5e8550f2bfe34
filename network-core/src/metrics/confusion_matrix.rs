//! The confusion matrix: which classes are taken for which.

use super::{MetricError, check_classes, predictions};
use crate::data::{Dataset, argmax};
use crate::format::percent;
use crate::table::{Align, Table};
use crate::{Network, Sample};
use core::fmt;

/// How often each class was predicted for each actual class; printed as a table with
/// recall at the right, precision and accuracy at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    /// Row by row: actual, then predicted class.
    counts: Vec<usize>,
}

impl ConfusionMatrix {
    /// Counts predictions: the class with the largest entry, of equals the first.
    /// Classes without a name in `names` are called by their index.
    ///
    /// # Errors
    ///
    /// [`MetricError`].
    pub fn new<P: Sample>(
        prediction: &[P],
        target: &[usize],
        names: &[String],
    ) -> Result<Self, MetricError> {
        check_classes(prediction, target)?;
        let mut counts = vec![0; P::LEN * P::LEN];
        for (prediction, target) in prediction.iter().zip(target) {
            counts[target * P::LEN + argmax(prediction.as_slice())] += 1;
        }
        let name = |class: usize| {
            names
                .get(class)
                .map_or_else(|| class.to_string(), Clone::clone)
        };
        Ok(Self {
            names: (0..P::LEN).map(name).collect(),
            counts,
        })
    }

    /// Counts a network's answers to a data set.
    ///
    /// # Errors
    ///
    /// [`MetricError`].
    pub fn of<N: Network>(
        network: &N,
        data: &Dataset<N::Input, usize>,
    ) -> Result<Self, MetricError> {
        Self::new(
            &predictions(network, data),
            data.targets(),
            data.class_names(),
        )
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// How often `predicted` was the answer to a sample of class `actual`; 0 for
    /// classes there are not.
    pub fn count(&self, actual: usize, predicted: usize) -> usize {
        if actual.max(predicted) < self.classes() {
            self.counts[actual * self.classes() + predicted]
        } else {
            0
        }
    }

    /// The fraction of right answers.
    pub fn accuracy(&self) -> f64 {
        let hits: usize = (0..self.classes())
            .map(|class| self.count(class, class))
            .sum();
        hits as f64 / self.counts.iter().sum::<usize>().max(1) as f64
    }

    /// The fraction of a class's samples that were found; `None` if it has none.
    pub fn recall(&self, class: usize) -> Option<f64> {
        let samples: usize = (0..self.classes())
            .map(|other| self.count(class, other))
            .sum();
        (samples > 0).then(|| self.count(class, class) as f64 / samples as f64)
    }

    /// The fraction of answers `class` that were right; `None` if it was never the
    /// answer.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let answers: usize = (0..self.classes())
            .map(|other| self.count(other, class))
            .sum();
        (answers > 0).then(|| self.count(class, class) as f64 / answers as f64)
    }

    /// The harmonic mean of precision and recall, `2 hits / (samples + answers)`; `None`
    /// for a class that has no samples and was never the answer.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let both: usize = (0..self.classes())
            .map(|other| self.count(class, other) + self.count(other, class))
            .sum();
        (both > 0).then(|| 2.0 * self.count(class, class) as f64 / both as f64)
    }
}

/// Rows are actual classes, columns are predicted ones; `.` stands for 0.
impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), percent);
        let classes = self.names.iter().map(|name| (name.as_str(), Align::Right));
        let mut table = Table::new(
            [("actual \\ predicted", Align::Left)]
                .into_iter()
                .chain(classes)
                .chain([("recall", Align::Right)]),
        );
        for (actual, name) in self.names.iter().enumerate() {
            let counts = (0..self.classes()).map(|predicted| match self.count(actual, predicted) {
                0 => ".".to_owned(),
                count => count.to_string(),
            });
            table.row(
                [name.clone()]
                    .into_iter()
                    .chain(counts)
                    .chain([fraction(self.recall(actual))]),
            );
        }
        let precision = (0..self.classes()).map(|class| fraction(self.precision(class)));
        table.row(
            ["precision".to_owned()]
                .into_iter()
                .chain(precision)
                .chain([percent(self.accuracy())]),
        );
        table.fmt(f)
    }
}
