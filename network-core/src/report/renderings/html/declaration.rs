//! The declaration as it was written, with the trouble marked on its lines.

use super::{escape, severity_class, with_code};
use crate::report::{Finding, GradientFlow};
use core::fmt::Write;

/// Findings that blame one place of the declaration.
struct Mark<'a> {
    start: usize,
    end: usize,
    /// Number in the list of verdicts, and the finding.
    findings: Vec<(usize, &'a Finding)>,
}

pub(super) fn section(html: &mut String, flow: &GradientFlow) {
    let source = flow.declaration.source;
    if source.trim().is_empty() {
        return;
    }
    let marks = marks(flow);
    html.push_str("<section class=\"card declaration\"><h3>Declaration</h3><pre>");
    let indent = indentation(source);
    let mut start = 0;
    let mut begun = false;
    let end = source.trim_end().len();
    let mut number = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end();
        let from = start;
        start += line.len();
        if (!begun && text.is_empty()) || from >= end {
            continue;
        }
        begun = true;
        number += 1;
        let cut = text.len() - text.trim_start_matches(' ').len();
        let on_line: Vec<&Mark<'_>> = (marks.iter())
            .filter(|mark| mark.start >= from && mark.start < from + text.len())
            .collect();
        let class = if on_line.is_empty() {
            "row"
        } else {
            "row marked"
        };
        let _ = write!(html, "<span class=\"{class}\"><i>{number}</i><span>");
        let mut at = from + cut.min(indent);
        for mark in &on_line {
            let to = mark.end.min(from + text.len());
            let (Some(before), Some(word)) =
                (source.get(at..mark.start), source.get(mark.start..to))
            else {
                continue;
            };
            let worst = mark
                .findings
                .first()
                .map_or("note", |(_, f)| severity_class(f));
            let _ = write!(
                html,
                "{}<mark class={worst}>{}</mark>",
                escape(before),
                escape(word)
            );
            at = to;
        }
        let rest = source.get(at..from + text.len()).unwrap_or_default();
        let _ = write!(html, "{}</span></span>", escape(rest));
        for (index, finding) in on_line.iter().flat_map(|mark| &mark.findings) {
            let _ = write!(
                html,
                "<span class=\"remark {}\"><b>{}</b> {}</span>",
                severity_class(finding),
                index + 1,
                with_code(&finding.headline)
            );
        }
    }
    html.push_str("</pre></section>");
}

/// The places that are blamed, in order, without overlap.
fn marks(flow: &GradientFlow) -> Vec<Mark<'_>> {
    let mut marks: Vec<Mark<'_>> = Vec::new();
    for (index, finding) in flow.findings.iter().enumerate() {
        let place = (finding.layer)
            .and_then(|layer| flow.layers.get(layer)?.place)
            .and_then(|place| flow.declaration.places.get(place));
        let Some(place) = place else { continue };
        match marks.iter_mut().find(|mark| mark.start == place.start) {
            Some(mark) => mark.findings.push((index, finding)),
            None => marks.push(Mark {
                start: place.start,
                end: place.end,
                findings: vec![(index, finding)],
            }),
        }
    }
    marks.sort_by_key(|mark| mark.start);
    marks.dedup_by(|next, mark| {
        let overlaps = next.start < mark.end;
        if overlaps {
            mark.findings.append(&mut next.findings);
        }
        overlaps
    });
    marks
}

/// Spaces that all lines begin with, the first left out.
fn indentation(source: &str) -> usize {
    let lines = source
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty());
    let spaces = lines.map(|line| line.len() - line.trim_start_matches(' ').len());
    spaces.min().unwrap_or(0)
}
