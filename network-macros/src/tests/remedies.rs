//! Every remedy is typed into its declaration, which is then read and judged anew: the finding
//! must be gone, and the prediction the promised one. What was typed is kept in two files that a
//! compiler reads: `tests/ui_warnings/faults.rs`, in which every declaration earns its warning, and
//! `tests/tests/mended.rs`, in which none is left.
//!
//! After a deliberate change run `UPDATE_EXPECT=1 cargo test -p network-macros remedies`.

use super::resolved;
use crate::prediction::predict;
use crate::source::Source;
use crate::typing::typed;
use expect_test::expect_file;
use network_flow::{Analysis, Finding, Kind, Remedy, Severity};
use std::fmt::Write;

/// Declarations that each have a fault, the fault, and how they are trained.
const FAULTS: &[(Kind, &str, &str)] = &[
    (
        Kind::Vanishing,
        "sgd",
        "(64) -> 10 { init = xavier_normal; repeat(10) { dense(64) -> sigmoid; } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "sgd",
        "(64) -> 10 { a: dense(64) -> sigmoid; b: dense(64) -> sigmoid; dense(64) -> sigmoid -> dense(64) -> sigmoid; dense(10); }",
    ),
    (
        Kind::Vanishing,
        "sgd",
        "(64) -> 10 { init = pytorch_default; repeat(16) { dense(64) -> relu; } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "sgd",
        "(64) -> 10 { repeat(16) { dense(64, init = xavier_uniform) -> leaky_relu(0.2); } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "sgd",
        "(64) -> 10 { init = xavier_normal; repeat(60) { dense(64) -> sigmoid; } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "sgd",
        "(64) -> 10 { repeat(30) { dense(64) -> gelu; } head: dense(10, init = normal(0.0, 0.01)); }",
    ),
    (
        Kind::Exploding,
        "sgd",
        "(64) -> 10 { init = normal(0.0, 1.0); repeat(6) { dense(64) -> tanh; } head: dense(10); }",
    ),
    (
        Kind::Exploding,
        "sgd",
        "(128) -> 10 { repeat(12) { dense(128) -> relu -> dropout(0.5); } head: dense(10); }",
    ),
    (
        Kind::Exploding,
        "sgd",
        "(64) -> 10 { init = orthogonal(gain = 2.0); repeat(12) { dense(64) -> elu; } head: dense(10); }",
    ),
    (
        Kind::BatchNormChain,
        "sgd",
        "(64) -> 10 { repeat(40) { dense(64, bias = false) -> batch_norm -> relu; } head: dense(10); }",
    ),
    (
        Kind::ResidualGrowth,
        "sgd",
        "(64) -> 10 { stem: dense(64); repeat(30) { residual { relu -> dense(64) }; } head: dense(10); }",
    ),
    (
        Kind::ResidualGrowth,
        "sgd",
        "(64) -> 10 { stem: dense(64); repeat(16) { residual { dense(64) -> relu -> dense(64) } -> relu; } head: dense(10); }",
    ),
    (
        Kind::Collapse,
        "sgd",
        "(64) -> 10 { repeat(80) { dense(64) -> relu; } head: dense(10); }",
    ),
    (
        Kind::BornDead,
        "sgd",
        "(4) -> 2 { repeat(6) { dense(4) -> relu; } head: dense(2); }",
    ),
    (
        Kind::BornDead,
        "sgd",
        "(8) -> 2 { dense(8) -> relu; dense(3) -> relu; dense(3) -> relu; dense(2); }",
    ),
    (
        Kind::Saturation,
        "sgd",
        "(64) -> 10 { init = normal(0.0, 2.0); dense(64) -> tanh; head: dense(10); }",
    ),
    (
        Kind::InitMismatch,
        "sgd",
        "(64) -> 10 { init = xavier_normal; repeat(3) { dense(64) -> relu; } head: dense(10); }",
    ),
    (
        Kind::NoGradient,
        "sgd",
        "(16) -> 2 { dense(16, init = zeros) -> relu; head: dense(2); }",
    ),
    (
        Kind::NoGradient,
        "sgd",
        "(16) -> 2 { init = constant(0.1); dense(16) -> tanh; head: dense(2); }",
    ),
    (
        Kind::NoBalance,
        "sgd",
        "(64) -> 10 { init = auto; repeat(12) { dense(64) -> gelu; } head: dense(10); }",
    ),
    (
        Kind::Vanishing,
        "sgd",
        "(64) -> 10 { init = auto; repeat(10) { dense(64) -> sigmoid; } head: dense(10); }",
    ),
    (
        Kind::BiasBeforeBatchNorm,
        "sgd",
        "(64) -> 10 { repeat(3) { dense(64) -> batch_norm -> relu; } head: dense(10); }",
    ),
    (
        Kind::SoftmaxBeforeLoss,
        "sgd",
        "(64) -> 10 { dense(64) -> relu; head: dense(10) -> softmax; }",
    ),
    (
        Kind::Vanishing,
        "adam",
        "(64) -> 10 { init = xavier_normal; repeat(12) { dense(64) -> sigmoid; } head: dense(10); }",
    ),
    (
        Kind::Exploding,
        "rms_prop",
        "(64) -> 10 { init = orthogonal(gain = 2.0); repeat(16) { dense(64, bias = false) -> elu; } head: dense(10); }",
    ),
    (
        Kind::ResidualGrowth,
        "adam_w",
        "(64) -> 64 { stem: dense(64); repeat(30) { residual(scale = 2.0) { relu -> dense(64) }; } head: dense(64); }",
    ),
    (
        Kind::RecurrentMemory,
        "sgd",
        "([2; 400]) -> 1 { memory: lstm(32, forget_bias = 0.0); last -> dense(1); }",
    ),
    (
        Kind::RecurrentMemory,
        "sgd",
        "([2; 400]) -> 1 { gru(32, update_bias = -1.0, init = xavier_normal); last -> dense(1); }",
    ),
    (
        Kind::RecurrentMemory,
        "sgd",
        "([2; 400]) -> 1 { gru(16, bias = false, bidirectional = true); last -> dense(1); }",
    ),
    (
        Kind::RecurrentMemory,
        "sgd",
        "([2; 400]) -> 1 { rnn(32, recurrent_init = normal(0.0, 0.1)); last -> dense(1); }",
    ),
    (
        Kind::RecurrentMemory,
        "sgd",
        "([2; 100]) -> 1 { rnn(32, bias = false, activation = relu, recurrent_init = orthogonal(gain = 2.0)); last -> dense(1); }",
    ),
];

/// A declaration with its attribute: notes are warnings where the fault is one.
fn declaration(name: &str, severity: Severity, optimizer: &str, rest: &str) -> String {
    let level = match severity {
        Severity::Note => "note",
        _ => "warn",
    };
    format!("#[gradient_flow({level}, optimizer = {optimizer})] struct {name}{rest}")
}

fn analysis(declaration: &str) -> Analysis {
    let network =
        resolved(declaration).unwrap_or_else(|errors| panic!("{declaration}: {errors:?}"));
    predict(&network).analysis.expect("a prediction")
}

fn fault(analysis: &Analysis, kind: Kind) -> Option<&Finding> {
    let mut findings = analysis.findings.iter();
    findings.find(|finding| finding.kind == kind)
}

#[test]
fn typing_a_remedy_removes_the_finding() {
    let mut faults = Vec::new();
    let mut mended = Vec::new();
    for (kind, optimizer, rest) in FAULTS {
        let before = analysis(&declaration("Net", Severity::Warn, optimizer, rest));
        let finding = fault(&before, *kind).unwrap_or_else(|| panic!("{rest}: {before:#?}"));
        let name = format!("{kind:?}{}", faults.len() + 1);
        let declared =
            |name: &str, rest: &str| declaration(name, finding.severity, optimizer, rest);
        faults.push(declared(&name, rest));
        assert!(!finding.remedies.is_empty(), "{rest}");
        for (index, remedy) in finding.remedies.iter().enumerate() {
            assert!(remedy.cures, "{rest}: {remedy}");
            let text = edited(rest, remedy);
            let after = analysis(&declared("Net", &text));
            let left = after.findings.iter().find(|left| {
                left.kind == *kind || left.severity >= finding.severity.min(Severity::Warn)
            });
            assert!(left.is_none(), "{rest}\n{text}: {left:#?}");
            if let (Some(promised), Some(found)) = (remedy.decades, after.prediction.decades) {
                assert!(
                    (promised - found).abs() < 0.005,
                    "{text}: {found}, not {promised}"
                );
            }
            mended.push(declared(&format!("{name}Edit{}", index + 1), &text));
        }
    }
    assert!(mended.len() > 60, "{}", mended.len());
    expect_file!["../../../tests/ui_warnings/faults.rs"].assert_eq(&file(
        "Networks that each have a fault: every declaration here earns a warning.",
        &faults,
        "fn main() {}\n",
    ));
    expect_file!["../../../tests/tests/mended.rs"].assert_eq(&file(
        "The networks of `ui_warnings/faults.rs` after each edit that their warnings propose:\n//! \
         this file compiles, so no warning is left.",
        &mended,
        "",
    ));
}

/// A file that does not compile if anything in it is warned of.
fn file(title: &str, declarations: &[String], end: &str) -> String {
    let mut text = format!(
        "//! {title}\n//!\n//! Written by `network-macros/src/tests/remedies.rs`.\n\
         #![deny(deprecated)]\n#![allow(dead_code)]\n\nuse network_core::prelude::*;\n\n"
    );
    for declaration in declarations {
        let (attribute, rest) = declaration.split_once("] ").expect("an attribute");
        let _ = writeln!(text, "network! {{\n    {attribute}]\n    {rest}\n}}\n");
    }
    text.truncate(text.trim_end().len());
    text + "\n" + if end.is_empty() { "" } else { "\n" } + end
}

/// Types a remedy into a declaration, as a report does.
fn edited(rest: &str, remedy: &Remedy) -> String {
    let text = format!("pub struct Net{rest}");
    let network = resolved(&text).expect("a declaration without mistakes");
    let open = text.find('{').expect("a body") + 1;
    let source = Source::new(Some((text.clone(), open)), &network);
    let replacements = typed(&source, remedy);
    assert!(!replacements.is_empty(), "{text}: {remedy} cannot be typed");
    let (mut new, mut at) = (String::new(), 0);
    for (start, end, replacement) in replacements {
        new.push_str(&text[at..start]);
        new.push_str(&replacement);
        at = end;
    }
    new.push_str(&text[at..]);
    new["pub struct Net".len()..].to_owned()
}
