//! Tests of the page.

use crate::report::Comparison;
use crate::report::Replacement;
use crate::report::renderings::fixtures::{
    sigmoids, untrained, with_long_names, with_numbers, without_layers,
};
use proptest::prelude::*;

/// Tags in which others may stand, each of them closed in the right order.
fn is_balanced(html: &str) -> Result<(), String> {
    const VOID: [&str; 4] = ["meta", "!doctype", "br", "hr"];
    // HTML lets these be closed by what follows.
    const OPTIONAL: [&str; 3] = ["td", "th", "tr"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').ok_or("unclosed tag")?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap_or_default();
        if let Some(text) = ["style", "script"]
            .iter()
            .find(|text| **text == name && !tag.starts_with('/'))
        {
            let close = format!("</{text}>");
            rest = &rest[rest.find(&close).ok_or("unclosed text")? + close.len()..];
            continue;
        }
        if VOID.contains(&name) || OPTIONAL.contains(&name) || tag.ends_with('/') {
            continue;
        }
        if tag.starts_with('/') {
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
        } else {
            open.push(name);
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("left open: {open:?}"))
    }
}

#[test]
fn the_page_loads_nothing_and_shows_what_it_should() {
    let html = sigmoids(20, 50, -5.1).html();
    is_balanced(&html).unwrap();
    for loader in ["http:", "https:", "src=", "@import", "url(", "<link"] {
        assert!(!html.contains(loader), "{loader}");
    }
    for id in [
        "loss",
        "gradient",
        "propagation",
        "updates",
        "units",
        "histograms",
    ] {
        assert!(
            html.contains(&format!("<figure class=\"card {id}\">")),
            "{id}"
        );
        assert!(html.contains(&format!("<dt id=\"about-{id}\">")), "{id}");
    }
    for text in [
        "Understanding this report",
        "prefers-color-scheme: dark",
        "<mark class=error>sigmoid</mark>",
        "<span class=removed>-     blocks: repeat(18) { dense(64) -&gt; sigmoid; }</span>",
        "<span class=added>+     blocks: repeat(18) { dense(64) -&gt; relu; }</span>",
        "G −5.1 → 0.0 ± 0.2",
        "<path class=\"target\"",
        "<path class=band",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn names_cannot_break_the_page() {
    let mut report = sigmoids(3, 3, -1.0);
    report.layers[0].name = "<script>alert('\"&')</script>".to_owned();
    report.findings[0].headline = "</main> `<b>`".to_owned();
    let html = report.html();
    is_balanced(&html).unwrap();
    assert_eq!(html.matches("<script>").count(), 1);
}

#[test]
fn numbers_that_are_not_finite_are_shown_as_such() {
    let html = with_numbers(sigmoids(5, 9, -1.0), f64::NAN).html();
    is_balanced(&html).unwrap();
    for text in [
        "<path class=broken",
        "cell d18",
        "no finite numbers",
        "<td>NaN",
    ] {
        assert!(html.contains(text), "{text}");
    }
    for place in ["d=\"MNaN", "NaN%", "LNaN", "VNaN", "inf%"] {
        assert!(!html.contains(place), "{place}");
    }
}

#[test]
fn a_hundred_layers_and_ten_thousand_steps_are_small() {
    let html = sigmoids(100, 10_000, -5.0).html();
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
    let html = with_long_names(sigmoids(1000, 500, -30.0), 60).html();
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
}

#[test]
fn a_network_without_layers_of_interest_has_a_page() {
    for readings in [0, 1, 2, 50] {
        for report in [sigmoids(0, readings, -1.0), sigmoids(5, readings, -1.0)] {
            is_balanced(&without_layers(report.clone()).html()).unwrap();
            is_balanced(&untrained(report).html()).unwrap();
        }
    }
}

#[test]
fn reports_stand_side_by_side() {
    let reports = [
        sigmoids(20, 40, -9.0),
        sigmoids(3, 1, -1.0),
        with_numbers(sigmoids(4, 7, -1.0), f64::NAN),
        without_layers(sigmoids(2, 3, -1.0)),
        sigmoids(2, 0, -1.0),
    ];
    let mut page = Comparison::new("<five>");
    for (index, report) in reports.iter().enumerate() {
        page = page.with(format!("network {index}"), report);
    }
    let html = page.html();
    is_balanced(&html).unwrap();
    assert!(html.contains("<h1>&lt;five&gt;</h1>"));
    assert_eq!(html.matches("<details class=whole>").count(), reports.len());
    assert_eq!(html.matches("<dt id=\"about-loss\">").count(), 1);
    is_balanced(&Comparison::new("none").html()).unwrap();
}

#[test]
fn the_file_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let report = sigmoids(2, 3, -1.0);
    report.save_html(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), report.html());
    assert!(report.save_html(folder.path().join("no/folder")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_report_is_a_page(
        depth in 0_usize..30,
        readings in 0_usize..40,
        length in 0_usize..70,
        number in proptest::option::of(proptest::num::f64::ANY),
        replaced in (0_usize..400, 0_usize..400),
        began in any::<u64>(),
        layer in proptest::option::of(0_usize..100),
    ) {
        let mut report = with_long_names(sigmoids(depth, readings, -4.0), length);
        if let Some(number) = number {
            report = with_numbers(report, number);
        }
        report.findings[0].edits[0].replacements.push(Replacement {
            start: replaced.0,
            end: replaced.1,
            text: "tanh\n".to_owned(),
        });
        report.findings[0].began = began;
        report.findings[0].layer = layer;
        prop_assert_eq!(is_balanced(&report.html()), Ok(()));
    }
}
