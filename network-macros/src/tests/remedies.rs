//! Every remedy is typed into its declaration, which is then read and judged anew: the finding
//! must be gone, and the prediction the promised one.

use super::resolved;
use crate::prediction::predict;
use network_flow::{Analysis, Edit, Kind, Remedy};

/// Declarations that each have a fault, and the fault.
const FAULTS: &[(Kind, &str)] = &[
    (
        Kind::Vanishing,
        "(64) -> 10 { init = xavier_normal; repeat(10) { dense(64) -> sigmoid; } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "(64) -> 10 { a: dense(64) -> sigmoid; b: dense(64) -> sigmoid; dense(64) -> sigmoid -> dense(64) -> sigmoid; dense(10); }",
    ),
    (
        Kind::Vanishing,
        "(64) -> 10 { init = pytorch_default; repeat(16) { dense(64) -> relu; } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "(64) -> 10 { repeat(16) { dense(64, init = xavier_uniform) -> leaky_relu(0.2); } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "(64) -> 10 { init = xavier_normal; repeat(60) { dense(64) -> sigmoid; } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "(64) -> 10 { repeat(30) { dense(64) -> gelu; } head: dense(10, init = normal(0.0, 0.01)); }",
    ),
    (
        Kind::Exploding,
        "(64) -> 10 { init = normal(0.0, 1.0); repeat(6) { dense(64) -> tanh; } head: dense(10); }",
    ),
    (
        Kind::Exploding,
        "(128) -> 10 { repeat(12) { dense(128) -> relu -> dropout(0.5); } head: dense(10); }",
    ),
    (
        Kind::Exploding,
        "(64) -> 10 { init = orthogonal(gain = 2.0); repeat(12) { dense(64) -> elu; } head: dense(10); }",
    ),
    (
        Kind::BatchNormChain,
        "(64) -> 10 { repeat(40) { dense(64, bias = false) -> batch_norm -> relu; } head: dense(10); }",
    ),
    (
        Kind::ResidualGrowth,
        "(64) -> 10 { stem: dense(64); repeat(30) { residual { relu -> dense(64) }; } head: dense(10); }",
    ),
    (
        Kind::ResidualGrowth,
        "(64) -> 10 { stem: dense(64); repeat(16) { residual { dense(64) -> relu -> dense(64) } -> relu; } head: dense(10); }",
    ),
    (
        Kind::Collapse,
        "(64) -> 10 { repeat(80) { dense(64) -> relu; } head: dense(10); }",
    ),
    (
        Kind::BornDead,
        "(4) -> 2 { repeat(6) { dense(4) -> relu; } head: dense(2); }",
    ),
    (
        Kind::BornDead,
        "(8) -> 2 { dense(8) -> relu; dense(3) -> relu; dense(3) -> relu; dense(2); }",
    ),
    (
        Kind::Saturation,
        "(64) -> 10 { init = normal(0.0, 2.0); dense(64) -> tanh; head: dense(10); }",
    ),
    (
        Kind::InitMismatch,
        "(64) -> 10 { init = xavier_normal; repeat(3) { dense(64) -> relu; } head: dense(10); }",
    ),
    (
        Kind::NoGradient,
        "(16) -> 2 { dense(16, init = zeros) -> relu; head: dense(2); }",
    ),
    (
        Kind::NoGradient,
        "(16) -> 2 { init = constant(0.1); dense(16) -> tanh; head: dense(2); }",
    ),
    (
        Kind::BiasBeforeBatchNorm,
        "(64) -> 10 { repeat(3) { dense(64) -> batch_norm -> relu; } head: dense(10); }",
    ),
    (
        Kind::SoftmaxBeforeLoss,
        "(64) -> 10 { dense(64) -> relu; head: dense(10) -> softmax; }",
    ),
];

fn analysis(declaration: &str) -> Analysis {
    let network =
        resolved(declaration).unwrap_or_else(|errors| panic!("{declaration}: {errors:?}"));
    predict(&network).analysis.expect("a prediction")
}

#[test]
fn typing_a_remedy_removes_the_finding() {
    let mut tried = 0;
    for (kind, rest) in FAULTS {
        let declaration = format!("struct Net{rest}");
        let before = analysis(&declaration);
        let finding = before.findings.iter().find(|finding| finding.kind == *kind);
        let finding = finding.unwrap_or_else(|| panic!("{declaration}: {:#?}", before.findings));
        assert!(
            finding.remedies.iter().any(|remedy| remedy.cures),
            "{declaration}"
        );
        for remedy in &finding.remedies {
            let mended = typed(&declaration, remedy);
            let after = analysis(&mended);
            let left = after.findings.iter().any(|left| {
                left.kind == *kind || (remedy.cures && left.severity > network_flow::Severity::Note)
            });
            assert!(!(left && remedy.cures), "{mended}: {:#?}", after.findings);
            if let (Some(promised), Some(found)) = (remedy.decades, after.prediction.decades) {
                assert!(
                    (promised - found).abs() < 0.005,
                    "{mended}: {found}, not {promised}"
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

/// A call in the text: `word(arguments) { body }`.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    word_end: usize,
    /// Just before the closing parenthesis, if there is one.
    arguments_end: Option<usize>,
    end: usize,
}

/// Types a remedy into a declaration.
fn typed(declaration: &str, remedy: &Remedy) -> String {
    let open = declaration.find('{').expect("a body") + 1;
    let mut places = Vec::new();
    calls(declaration, open, &mut places);
    // Start, end, and what is written instead.
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for edit in &remedy.edits {
        match edit {
            Edit::Activation { nodes, to } => {
                edits.extend(
                    nodes
                        .iter()
                        .map(|node| (places[*node].start, places[*node].end, to.to_string())),
                );
            }
            Edit::Init { .. } => {
                let text = edit.to_string().replace('`', "");
                edits.push((open, open, format!(" {text};")));
                edits.extend(written_inits(declaration, open));
            }
            Edit::BatchNorm { before } | Edit::LayerNorm { before } => {
                let norm = if matches!(edit, Edit::BatchNorm { .. }) {
                    "batch_norm"
                } else {
                    "layer_norm"
                };
                let at = before.iter().map(|node| places[*node].start);
                edits.extend(at.map(|at| (at, at, format!("{norm} -> "))));
            }
            Edit::Residual { around } => {
                for (first, last) in around {
                    let (first, last) = (places[*first].start, places[*last].end);
                    edits.push((first, first, "residual { ".to_owned()));
                    edits.push((last, last, " }".to_owned()));
                }
            }
            Edit::Scale { nodes, .. } => {
                let text = edit.to_string().replace('`', "");
                edits.extend(
                    nodes
                        .iter()
                        .map(|node| (places[*node].start, places[*node].word_end, text.clone())),
                );
            }
            Edit::RemoveBias { nodes } => {
                let ends = nodes.iter().filter_map(|node| places[*node].arguments_end);
                edits.extend(ends.map(|end| (end, end, ", bias = false".to_owned())));
            }
            Edit::RemoveSoftmax { node } => {
                let arrow = declaration[..places[*node].start]
                    .rfind("->")
                    .expect("an arrow");
                edits.push((arrow, places[*node].end, String::new()));
            }
            Edit::Widen { nodes, .. } => {
                let text = edit.to_string().replace('`', "");
                edits.extend(
                    nodes
                        .iter()
                        .map(|node| (places[*node].start, places[*node].end, text.clone())),
                );
            }
            other => panic!("{other:?} cannot be typed"),
        }
    }
    edits.sort_by_key(|(start, ..)| *start);
    let (mut text, mut at) = (String::new(), 0);
    for (start, end, new) in edits {
        text.push_str(&declaration[at..start]);
        text.push_str(&new);
        at = end;
    }
    text.push_str(&declaration[at..]);
    text
}

/// The `init = ..` that are there already, as settings and as arguments.
fn written_inits(declaration: &str, open: usize) -> Vec<(usize, usize, String)> {
    let body = &declaration[open..];
    let starts = body.match_indices("init = ").map(|(at, _)| open + at);
    let mut found = Vec::new();
    for start in starts {
        let mut depth = 0;
        let length = declaration[start..].find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth < 0 || c == ';'
        });
        let end = start + length.expect("an end");
        if declaration[end..].starts_with(';') {
            found.push((start, end + 1, String::new()));
        } else {
            found.push((start - 2, end, String::new()));
        }
    }
    found
}

/// Notes the calls of a body in the order of the network's nodes: what a call holds comes before
/// it. Returns where the body ends.
fn calls(text: &str, mut at: usize, places: &mut Vec<Place>) -> usize {
    let skip = |mut at: usize, while_: fn(char) -> bool| {
        at += text[at..].find(|c| !while_(c)).unwrap_or(0);
        at
    };
    loop {
        at = skip(at, |c| c.is_whitespace() || matches!(c, ';' | '-' | '>'));
        if text[at..].starts_with('}') {
            return at;
        }
        let start = at;
        let word_end = skip(at, |c| c.is_alphanumeric() || c == '_');
        assert!(word_end > start, "no call at {:?}", &text[at..]);
        at = skip(word_end, char::is_whitespace);
        match text[at..].chars().next() {
            Some(':') => at += 1,
            Some('=') => at += text[at..].find(';').expect("an end"),
            _ => {
                let mut place = Place {
                    start,
                    word_end,
                    arguments_end: None,
                    end: word_end,
                };
                if text[word_end..].starts_with('(') {
                    let mut depth = 0;
                    let close = text[word_end..].find(|c| {
                        depth += i32::from(c == '(') - i32::from(c == ')');
                        depth == 0
                    });
                    let close = word_end + close.expect("a closing parenthesis");
                    place.arguments_end = Some(close);
                    place.end = close + 1;
                }
                at = skip(place.end, char::is_whitespace);
                if text[at..].starts_with('{') {
                    place.end = calls(text, at + 1, places) + 1;
                }
                at = place.end;
                places.push(place);
            }
        }
    }
}
