//! Tests of the terminal's text.

use super::*;
use crate::report::renderings::fixtures::{
    sigmoids, untrained, with_long_names, with_numbers, without_layers,
};
use proptest::prelude::*;

fn text(flow: &GradientFlow, width: usize) -> String {
    let terminal = flow.terminal().width(width).height(40).color(false);
    terminal.to_string()
}

fn fits(text: &str, width: usize) -> bool {
    text.lines().all(|line| measure_text_width(line) <= width)
}

#[test]
fn verdicts_come_first_and_bars_are_logarithmic() {
    let report = text(&sigmoids(6, 30, -5.1), 80);
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[0], "Digits: gradient flow after 600 steps");
    assert!(
        lines[3].starts_with("error    gradient vanishes by 5.1 decades"),
        "{report}"
    );
    assert!(
        report.contains("try `sigmoid -> relu`, `init = he_normal`"),
        "{report}"
    );
    assert!(report.contains("(G −5.1 → 0.0 ± 0.2)"), "{report}");
    // What to type.
    assert!(
        report.contains("\n           - ") && report.contains("\n           + "),
        "{report}"
    );
    let length = |name: &str| {
        let line = lines.iter().find(|line| line.starts_with(name)).unwrap();
        line.chars().filter(|c| *c == '█').count()
    };
    // Equal ratios are equal lengths.
    let bars: Vec<usize> = (0..5).map(|i| length(&format!("blocks.{i}."))).collect();
    let steps: Vec<usize> = bars.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        steps.iter().all(|step| step.abs_diff(steps[0]) <= 1),
        "{report}"
    );
    assert!(steps[0] > 0 && length("stem") < length("head"), "{report}");
}

#[test]
fn colours_are_only_used_where_asked() {
    let report = sigmoids(3, 4, -2.0);
    assert!(!report.to_string().contains('\u{1b}'));
    let coloured = report.terminal().color(true).to_string();
    assert!(coloured.contains("\u{1b}[31m"));
    assert_eq!(
        console::strip_ansi_codes(
            &report
                .terminal()
                .width(80)
                .height(40)
                .color(true)
                .to_string()
        ),
        report.to_string()
    );
}

#[test]
fn numbers_that_are_not_finite_are_words() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let report = text(&with_numbers(sigmoids(4, 5, -1.0), number), 80);
        assert!(report.contains(&number.to_string()), "{report}");
        assert!(
            report.contains("first NaN or infinity: step 20, stem_sigmoid, gradient"),
            "{report}"
        );
    }
}

#[test]
fn a_thousand_layers_are_one_screen() {
    let report = text(&sigmoids(1000, 3, -300.0), 80);
    assert!(report.lines().count() <= 42, "{report}");
    assert!(report.contains("of 1001 layers with weights"), "{report}");
}

#[test]
fn nothing_measured_is_said() {
    assert!(text(&sigmoids(2, 0, -1.0), 40).contains("no readings yet"));
}

#[test]
fn a_network_without_layers_of_interest_is_shown() {
    for readings in [0, 1, 9] {
        let report = sigmoids(3, readings, -1.0);
        assert!(fits(&text(&without_layers(report.clone()), 40), 40));
        let text = text(&untrained(report), 40);
        let bars = text.lines().any(|line| line.starts_with("stem"));
        assert!(fits(&text, 40) && bars == (readings > 0), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_width_is_respected(
        depth in 0_usize..40,
        readings in 0_usize..30,
        width in 0_usize..200,
        length in 0_usize..70,
        height in 0_usize..60,
        number in proptest::option::of(proptest::num::f64::ANY),
    ) {
        let mut report = with_long_names(sigmoids(depth, readings, -4.0), length);
        if let Some(number) = number {
            report = with_numbers(report, number);
        }
        let text = report.terminal().width(width).height(height).color(width % 2 == 0);
        let text = text.to_string();
        prop_assert!(fits(&text, width.clamp(40, 120)), "{text}");
    }
}

#[test]
fn a_cause_is_shown_once_with_what_goes_with_it() {
    let mut flow = sigmoids(6, 30, -5.1);
    let mut other = flow.findings[0].clone();
    other.kind = crate::report::Kind::NoSignal;
    other.headline = "the loss stands still".to_owned();
    // Seen again with another number than the headline has.
    other.value = 0.93;
    flow.findings.insert(1, other);
    assert_eq!(
        [0, 1, 2].map(|index| flow.goes_with(index)),
        [None, Some(0), None]
    );
    let report = text(&flow, 80);
    assert!(report.contains("also: the loss stands still"), "{report}");
    assert_eq!(report.matches("try ").count(), 1, "{report}");
    let html = flow.html();
    assert!(html.contains("Goes with verdict 1:"));
    assert!(html.contains("now <b>0.93</b>"));
    let json: serde_json::Value = serde_json::from_str(&flow.json()).unwrap();
    assert_eq!(json["findings"][1]["goes_with"], 0);
    // Over: it stands for itself again.
    flow.findings[0].ended = Some(600);
    assert_eq!(flow.goes_with(1), None);
}

#[test]
fn of_long_lines_the_words_around_a_change_are_shown() {
    let old = "a b c d e f g sigmoid h i j k l m";
    let new = "a b c d e f g relu h i j k l m";
    assert_eq!(around(old, new), "… e f g sigmoid h i j …");
    assert_eq!(around(new, old), "… e f g relu h i j …");
    assert_eq!(around("a b", "a b"), "a b");
    assert_eq!(around("", "a"), "");
}
