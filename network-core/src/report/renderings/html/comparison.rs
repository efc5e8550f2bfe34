//! Several trainings on one page, side by side on common scales, with each one's whole report
//! below.

use super::chart::{Chart, Point, StepAxis};
use super::figures::{Figure, heatmap, steps};
use super::scale::Scale;
use super::view::View;
use super::{begin, end, escape, report, understanding, verdict};
use crate::files;
use crate::format::{decades, digits};
use crate::report::GradientFlow;
use core::fmt::Write;
use std::io;
use std::path::Path;

/// Reports side by side: the same task with different networks, or one network with different
/// settings.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    title: String,
    reports: Vec<(String, &'a GradientFlow)>,
}

impl<'a> Comparison<'a> {
    /// A comparison of no reports yet.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            reports: Vec::new(),
        }
    }

    /// Adds a report with its title.
    pub fn with(mut self, title: impl Into<String>, report: &'a GradientFlow) -> Self {
        self.reports.push((title.into(), report));
        self
    }

    /// The comparison as one self-contained HTML page, as [`GradientFlow::html`] is.
    pub fn html(&self) -> String {
        let mut html = begin(&self.title, None);
        let _ = write!(
            html,
            "<header><p class=eyebrow>Gradient flow, side by side</p><h1>{}</h1></header>",
            escape(&self.title)
        );
        let views: Vec<View<'_>> = self
            .reports
            .iter()
            .map(|(_, flow)| View::of(flow))
            .collect();
        self.table(&mut html, &views);
        self.panels(&mut html, &views);
        let mut explained: Vec<Figure> = Vec::new();
        html.push_str("<h2>Reports</h2>");
        for (title, flow) in &self.reports {
            let _ = write!(
                html,
                "<details class=whole><summary>{}</summary>",
                escape(title)
            );
            for figure in report(&mut html, title, flow) {
                if explained.iter().all(|known| known.id != figure.id) {
                    explained.push(figure);
                }
            }
            html.push_str("</details>");
        }
        understanding(&mut html, &explained);
        end(&mut html);
        html
    }

    /// Writes [`Comparison::html`] to a file, which is replaced whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let html = self.html();
        files::replace(path.as_ref(), |to| to.write_all(html.as_bytes()))
    }

    fn table(&self, html: &mut String, views: &[View<'_>]) {
        html.push_str(
            "<div class=\"card scroll\"><table class=compare><thead><tr><th><th>G predicted\
             <th>G at first<th>G at last<th>loss at first<th>loss at last<th>verdict</tr></thead>\
             <tbody>",
        );
        for ((title, flow), view) in self.reports.iter().zip(views) {
            let ends = [view.columns.first(), view.columns.last()]
                .map(|column| column.map(|column| view.reading(*column)));
            let optional = |g: Option<f64>| g.map_or_else(|| "–".to_owned(), decades);
            let measured = ends.map(|end| optional(end.and_then(|end| flow.decades(end))));
            let losses =
                ends.map(|end| end.map_or_else(|| "–".to_owned(), |e| digits(e.step.loss)));
            let (class, verdict) = verdict(view);
            let _ = write!(
                html,
                "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td><span class=\"pill small {class}\">\
                 {}</span></tr>",
                escape(title),
                optional(flow.prediction.decades),
                measured[0],
                measured[1],
                losses[0],
                losses[1],
                escape(&verdict)
            );
        }
        html.push_str("</tbody></table></div>");
    }

    /// For each report its loss and its heatmap, small, on the same scales.
    fn panels(&self, html: &mut String, views: &[View<'_>]) {
        let span = heatmap::span(views);
        let losses: Vec<f64> = (self.reports.iter())
            .flat_map(|(_, flow)| flow.readings.iter().map(|reading| reading.step.loss))
            .filter(|loss| loss.is_finite())
            .collect();
        // Losses that exploded would flatten all others.
        let first = self
            .reports
            .iter()
            .filter_map(|(_, flow)| flow.readings.iter().next());
        let first: Vec<f64> = first.map(|reading| reading.step.loss).collect();
        let most = 1.5
            * first
                .into_iter()
                .filter(|loss| loss.is_finite())
                .fold(0.0, f64::max);
        let scale = Scale::logarithmic_of(losses.into_iter().filter(|loss| *loss <= most));
        let mut special = heatmap::Special::default();
        html.push_str(
            "<section class=\"card\"><h3>Loss, and gradient by layer and step</h3>\
             <p class=hint>Above, the loss, on a logarithmic scale. Below, a row for each layer with weights, the first on \
             top: blue where the gradient has faded against the last layer, orange where it has \
             grown. All on the same scales.</p><div class=panels>",
        );
        for ((title, _), view) in self.reports.iter().zip(views) {
            let (class, verdict) = verdict(view);
            let _ = write!(
                html,
                "<section><h4>{}</h4><p class=\"pill small {class}\">{}</p>",
                escape(title),
                escape(&verdict)
            );
            if view.columns.is_empty() || view.rows.is_empty() {
                html.push_str("<p class=none>No readings yet.</p></section>");
                continue;
            }
            let axis = StepAxis::new(view.steps());
            let points: Vec<Point> = (view.columns.iter())
                .map(|column| {
                    let step = view.reading(*column).step;
                    Point {
                        x: axis.at(step.step),
                        y: step.loss,
                    }
                })
                .collect();
            let mut chart = Chart::new(80, Vec::new(), scale.ticks(3));
            chart.data = steps(view, &view.columns);
            chart.line("strong", "loss", &points, &scale);
            html.push_str(&chart.html());
            let (mut chart, seen) = heatmap::chart(view, span, 120);
            special = special.or(seen);
            // As wide as the chart above: its labels, unseen.
            chart.y_ticks = scale.ticks(3);
            for tick in &mut chart.y_ticks {
                tick.label = "\u{2007}".repeat(tick.label.chars().count());
            }
            let (first, last) = view.steps();
            chart.x_ticks = [first, last].map(|step| axis.tick(step)).to_vec();
            chart.x_ticks.dedup();
            html.push_str(&chart.html());
            html.push_str("</section>");
        }
        html.push_str("</div>");
        html.push_str(&heatmap::legend(span, special));
        html.push_str("</section>");
    }
}
