//! The verdicts: what is wrong, by which number, since when, why, and what to change.

use super::diff::diff;
use super::{severity_class, with_code};
use crate::format::{count, decades, digits};
use crate::report::renderings::now;
use crate::report::{Edit, Finding, GradientFlow};
use core::fmt::Write;

/// Findings that are shown in full; there are rarely more than five.
const MOST: usize = 40;

pub(super) fn section(html: &mut String, flow: &GradientFlow) {
    html.push_str("<section class=verdicts><h2>Verdicts</h2>");
    if let Some(first) = &flow.non_finite {
        let sample = first
            .sample
            .map_or_else(String::new, |s| format!(", sample {s}"));
        let _ = write!(
            html,
            "<p class=first-nan>First number that is not finite: step {}, layer <code>{}</code>, \
             {}{sample}.</p>",
            count(first.step),
            super::escape(
                flow.layers
                    .get(first.layer)
                    .map_or("?", |layer| &layer.name)
            ),
            first.tensor.as_str()
        );
    }
    if flow.findings.is_empty() {
        html.push_str("<p class=none>Nothing is wrong.</p></section>");
        return;
    }
    html.push_str("<ol>");
    for (index, finding) in flow.findings.iter().take(MOST).enumerate() {
        one(html, flow, finding, flow.goes_with(index));
    }
    html.push_str("</ol>");
    if let Some(more) = flow
        .findings
        .len()
        .checked_sub(MOST)
        .filter(|more| *more > 0)
    {
        let _ = write!(html, "<p class=none>and {more} more</p>");
    }
    html.push_str("</section>");
}

/// One verdict; of one that goes with another that comes before, what cures both is shown there.
fn one(html: &mut String, flow: &GradientFlow, finding: &Finding, with: Option<usize>) {
    let class = severity_class(finding);
    let _ = write!(
        html,
        "<li class=\"card verdict {class}\"><h3>{}</h3><p class=numbers>",
        with_code(&finding.headline)
    );
    let _ = write!(
        html,
        "<span>{} <b>{}</b>{}</span><span>threshold <b>{}</b></span>\
         <span>since step <b>{}</b></span>",
        super::escape(finding.quantity),
        digits(finding.told),
        now(finding).map_or_else(String::new, |(when, value)| format!(
            ", {when} <b>{value}</b>"
        )),
        digits(finding.threshold),
        count(finding.began)
    );
    if let Some(ended) = finding.ended {
        let _ = write!(html, "<span>over at step <b>{}</b></span>", count(ended));
    }
    if finding.layers.len() > 1 {
        let names: Vec<&str> = (finding.layers.iter())
            .filter_map(|layer| Some(flow.layers.get(*layer)?.name.as_str()))
            .collect();
        let _ = write!(
            html,
            "<span title=\"{}\"><b>{}</b> layers</span>",
            super::escape(&names.join(", ")),
            names.len()
        );
    }
    html.push_str("</p>");
    if !finding.cause.is_empty() {
        let _ = write!(html, "<p>{}</p>", with_code(&finding.cause));
    }
    if let Some(with) = with {
        let _ = write!(
            html,
            "<p class=with>Goes with verdict {}: what is proposed there cures this too.</p>",
            with + 1
        );
    } else if !finding.edits.is_empty() {
        html.push_str("<ul class=edits>");
        for (index, edit) in finding.edits.iter().enumerate() {
            let _ = write!(html, "<li><p>{}{}</p>", with_code(&edit.text), effect(edit));
            if !edit.replacements.is_empty() {
                let old = flow.declaration.source;
                let new = flow.declaration.edited(&edit.replacements);
                let changed = diff(old, &new);
                let open = if index == 0 { " open" } else { "" };
                if !changed.is_empty() {
                    let _ = write!(
                        html,
                        "<details{open}><summary>in the declaration</summary>{changed}</details>"
                    );
                }
            }
            html.push_str("</li>");
        }
        html.push_str("</ul>");
    }
    if !finding.reason.is_empty() {
        let _ = write!(
            html,
            "<details class=why><summary>Why this threshold</summary><p>{}</p></details>",
            with_code(finding.reason)
        );
    }
    html.push_str("</li>");
}

/// What the theory predicts for an edit.
fn effect(edit: &Edit) -> String {
    let Some(after) = edit.after else {
        return String::new();
    };
    let before = edit
        .before
        .map_or_else(String::new, |g| format!("{} → ", decades(g)));
    let deviation = edit
        .deviation
        .map_or_else(String::new, |d| format!(" ± {d:.1}"));
    format!(
        " <span class=effect>G {before}{}{deviation}</span>",
        decades(after)
    )
}
