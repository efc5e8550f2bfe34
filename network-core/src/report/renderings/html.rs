//! The report as a page: one file that needs nothing else, in light and dark, readable on a phone.
//!
//! It computes nothing that is not in the report; it chooses what to draw (`view`), how to draw it
//! (`scale`, `chart`, `figures`), and puts words around it.

mod chart;
mod comparison;
mod declaration;
mod diff;
mod figures;
mod findings;
mod scale;
mod table;
mod view;

use crate::files;
use crate::flow::Severity;
use crate::format::{count, decades, digits, grouped};
use crate::report::{Finding, GradientFlow};
pub use comparison::Comparison;
use core::fmt::Write;
use core::time::Duration;
use figures::Figure;
use std::io;
use std::path::Path;
use view::View;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

impl GradientFlow {
    /// The report as one self-contained HTML page: charts are SVG inside of it, it loads nothing,
    /// and works without its small script, which shows numbers under the pointer.
    pub fn html(&self) -> String {
        page(self, None)
    }

    /// Writes [`GradientFlow::html`] to a file, which is replaced whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let html = self.html();
        files::replace(path.as_ref(), |to| to.write_all(html.as_bytes()))
    }
}

/// A page of one report, that a browser loads again so often.
pub(super) fn page(flow: &GradientFlow, again: Option<Duration>) -> String {
    let mut html = begin(flow.network, again);
    let figures = report(&mut html, "", flow);
    understanding(&mut html, &figures);
    end(&mut html);
    html
}

/// Everything before a page's content.
fn begin(title: &str, again: Option<Duration>) -> String {
    let mut html = String::from("<!doctype html><html lang=en><head><meta charset=utf-8>");
    html.push_str("<meta name=viewport content=\"width=device-width,initial-scale=1\">");
    html.push_str("<meta name=color-scheme content=\"light dark\">");
    if let Some(again) = again {
        let seconds = again.as_secs().max(1);
        let _ = write!(html, "<meta http-equiv=refresh content={seconds}>");
    }
    let _ = write!(
        html,
        "<title>{} · gradient flow</title><style>{STYLE}</style></head><body><main>",
        escape(title)
    );
    html
}

/// Everything after a page's content.
fn end(html: &mut String) {
    let _ = write!(html, "</main><script>{SCRIPT}</script></body></html>");
}

/// One report: verdicts first, then figures, the declaration and a table.
fn report(html: &mut String, heading: &str, flow: &GradientFlow) -> Vec<Figure> {
    let view = View::of(flow);
    html.push_str("<article>");
    header(html, heading, &view);
    findings::section(html, flow);
    declaration::section(html, flow);
    let figures = figures::all(&view);
    if figures.is_empty() {
        html.push_str("<p class=none>No readings yet.</p>");
    }
    for figure in &figures {
        let _ = write!(
            html,
            "<figure class=\"card {id}\"><figcaption><h3>{}</h3><p>{} \
             <a href=\"#about-{id}\">What is this?</a></p></figcaption>{}</figure>",
            figure.title,
            with_code(&figure.caption),
            figure.body,
            id = figure.id
        );
    }
    table::section(html, &view);
    html.push_str("</article>");
    figures
}

/// The judgement in a word, with the class of its colour.
fn verdict(view: &View<'_>) -> (&'static str, String) {
    let open = || {
        view.flow
            .findings
            .iter()
            .filter(|finding| finding.is_trouble())
    };
    let worst = open().max_by_key(|finding| finding.severity);
    let Some(worst) = worst else {
        let findings = &view.flow.findings;
        return match findings.iter().filter(|finding| finding.is_open()).count() {
            _ if view.columns.is_empty() => ("quiet", "not measured yet".to_owned()),
            0 if findings.is_empty() => ("healthy", "healthy".to_owned()),
            0 => ("healthy", "healthy now".to_owned()),
            1 => ("note", "no trouble, 1 note".to_owned()),
            notes => ("note", format!("no trouble, {notes} notes")),
        };
    };
    let more = match open().count() {
        0 | 1 => String::new(),
        count => format!(" +{}", count - 1),
    };
    (
        severity_class(worst),
        format!("{}{more}", worst.kind.as_str()),
    )
}

/// What was trained, and the judgement in a word.
fn header(html: &mut String, heading: &str, view: &View<'_>) {
    let flow = view.flow;
    let (class, verdict) = verdict(view);
    let title = if heading.is_empty() {
        flow.network
    } else {
        heading
    };
    let _ = write!(
        html,
        "<header><p class=eyebrow>Gradient flow</p><h1>{}</h1>\
         <p class=\"pill {class}\">{}</p><dl class=facts>",
        escape(title),
        escape(&verdict)
    );
    let mut fact = |name: &str, value: String| {
        let _ = write!(
            html,
            "<div><dt>{}</dt><dd>{}</dd></div>",
            escape(name),
            escape(&value)
        );
    };
    if !heading.is_empty() {
        fact("network", flow.network.to_owned());
    }
    fact("steps", count(flow.steps));
    let losses = flow.readings.iter().next().zip(flow.last());
    if let Some((first, last)) = losses {
        fact(
            "loss",
            format!("{} → {}", digits(first.step.loss), digits(last.step.loss)),
        );
        let measured = flow.decades(last).map_or_else(|| "-".to_owned(), decades);
        let predicted = flow
            .prediction
            .decades
            .map_or_else(|| "-".to_owned(), decades);
        fact("G at the end", measured);
        fact("G predicted", predicted);
    }
    fact("optimizer", flow.optimizer.clone());
    fact("batch", grouped(flow.batch));
    fact("layers", grouped(flow.layers.len()));
    let parameters = flow.layers.iter().map(|layer| layer.parameters).sum();
    fact(
        "parameters",
        format!("{} {}", grouped(parameters), flow.scalar),
    );
    html.push_str("</dl></header>");
}

/// What each figure means: criterion's pages end so.
fn understanding(html: &mut String, figures: &[Figure]) {
    html.push_str(
        "<section class=about id=about><h2>Understanding this report</h2><dl>\
         <dt>Verdicts</dt><dd>Each one names a layer, a number with the threshold it crossed, \
         when that began, and the likely cause. A verdict needs several readings in a row to \
         appear and to go away. An edit is shown with what the theory predicts for it: G is the \
         decades of gradient norm between the first and the last layer, \
         log10(|delta₁| / |delta_L|); below zero the gradient vanishes, above it explodes, and \
         0 is best.</dd>",
    );
    for figure in figures {
        let _ = write!(
            html,
            "<dt id=\"about-{}\">{}</dt><dd>{}</dd>",
            figure.id,
            figure.title,
            escape(figure.explanation)
        );
    }
    html.push_str(
        "<dt>Layers</dt><dd>The numbers of the last reading, layer by layer. RMS is the root \
         mean square over units and examples; cosine is the mean over pairs of examples: near 1, \
         the layer no longer tells its inputs apart.</dd></dl>\
         <p>Literature: Glorot and Bengio 2010 on vanishing gradients and initialisation; He et \
         al. 2015 on rectifiers; Poole et al. 2016 and Schoenholz et al. 2017 on signal \
         propagation; Hanin 2018 on the error bar of finite widths.</p></section>",
    );
}

/// Text for HTML, outside and inside of attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Text for HTML in which `` `code` `` is set as code.
fn with_code(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            let _ = write!(html, "<code>{}</code>", escape(part));
        } else {
            html.push_str(&escape(part));
        }
    }
    html
}

/// The colour of a finding; grey once it is over.
fn severity_class(finding: &Finding) -> &'static str {
    match finding.severity {
        _ if !finding.is_open() => "over",
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

#[cfg(test)]
#[path = "html/tests.rs"]
mod tests;
