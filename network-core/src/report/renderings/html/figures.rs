//! The figures of the page, one file for each: a title, how to read it, and what it says.

pub(super) mod heatmap;
mod histograms;
mod loss;
mod propagation;
mod time;
mod units;
mod updates;

pub(super) use loss::steps;

use super::view::View;

/// A figure.
#[derive(Debug)]
pub(super) struct Figure {
    /// Its anchor.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// How to read it, in a sentence.
    pub(super) caption: String,
    /// Charts and legends, as HTML.
    pub(super) body: String,
    /// What it measures, and what to look for: for "Understanding this report".
    pub(super) explanation: &'static str,
}

/// All figures for which a report has numbers.
pub(super) fn all(view: &View<'_>) -> Vec<Figure> {
    if view.columns.is_empty() {
        return Vec::new();
    }
    [
        Some(loss::figure(view)),
        heatmap::figure(view),
        propagation::figure(view),
        updates::figure(view),
        units::figure(view),
        histograms::figure(view),
        time::figure(view),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The class of the colour of one of so many layers, from the first to the last.
fn depth_class(index: usize, count: usize) -> String {
    let at = match count {
        0 | 1 => 0,
        _ => index * 10 / (count - 1),
    };
    format!("s{at}")
}

/// The legend of lines that are coloured by depth.
const DEPTH_LEGEND: &str = "<p class=legend><span>first layer</span>\
    <span class=strip><i class=b0></i><i class=b2></i><i class=b4></i><i class=b6></i>\
    <i class=b8></i><i class=b10></i></span><span>last layer</span></p>";
