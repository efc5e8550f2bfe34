//! The text of `docs/calibration.md`.

use crate::judgement::{Case, Outcome, Set, TRAINED, area, count, roc};
use crate::runs::Optimizer;
use crate::tasks;
use crate::training::{ADAPTIVE, BATCH, SEEDS, SGD, STEPS};
use network_core::flow::Severity;
use std::collections::BTreeMap;
use std::fmt::{Error, Write};

const LEVELS: [(Severity, &str); 3] = [
    (Severity::Note, "note"),
    (Severity::Warning, "warning"),
    (Severity::Error, "error"),
];

/// Writes the document.
///
/// # Errors
/// Never: the text is in memory.
pub fn write(cases: &[Case], outcomes: &[Outcome]) -> Result<String, Error> {
    let mut text = String::new();
    let count_of = |set: Set| cases.iter().filter(|case| case.set == set).count();
    let (shaped, fresh) = (count_of(Set::Calibration), count_of(Set::Fresh));
    write!(
        text,
        "# Calibration of the static verdict\n\n\
         Does a network that the compiler warns of fail to learn, and does one without a warning learn?\n\
         {} random declarations were trained, and what `Network::FLOW` said of each was compared with\n\
         what became of it. This file and what it shows are written by one command:\n\n\
         ```sh\n\
         cd benchmarks && cargo run --profile study -p calibration           # trains everything\n\
         cd benchmarks && cargo run --profile study -p calibration -- judge  # judges the runs in calibration/runs.csv anew\n\
         ```\n\n\
         ## What was done\n\n\
         - **Networks**: {shaped} declarations on which the thresholds in `network-flow/src/rules.rs` were checked and,\n  \
           where the tables below say so, chosen; and {fresh} fresh ones that nothing was chosen on. They are drawn by\n  \
           `benchmarks/declarations` with a fixed seed: 17 activations, 11 initialisations, widths of 32 to 96, 2 to 32\n  \
           layers or blocks on a log scale; half plain, the others with norms, skips before or after the activation, dropout.\n\
         - **Tasks**: thirty clusters of ten classes on a plane of 8 dimensions in 64 (1800 samples), and the\n  \
           handwritten digits of the examples (1797 samples); inputs of mean 0 and variance 1.\n\
         - **Training**: {STEPS} steps of {BATCH} samples. SGD without momentum at {}; Adam, AdamW\n  \
           (decay 0.01) and RMSprop at {}; the best rate counts.\n  \
           {SEEDS} initialisations; the median counts.\n\
         - **Outcome**: trained if the cross-entropy over the whole training set ends below {TRAINED} of that of\n  \
           guessing, ln 10. A network on a task is one case, so each declaration counts twice.\n\n",
        cases.len(),
        SGD.map(|rate| rate.to_string()).join(", "),
        ADAPTIVE.map(|rate| rate.to_string()).join(", "),
    )?;
    areas(&mut text, outcomes)?;
    levels(&mut text, outcomes)?;
    kinds(&mut text, outcomes)?;
    bins(&mut text, outcomes)?;
    adaptive(&mut text, outcomes)?;
    rule_of_outcome(&mut text, outcomes)?;
    misses(&mut text, outcomes)?;
    Ok(text)
}

fn select<'a, 'b>(
    outcomes: &'b [Outcome<'a>],
    test: impl Fn(&Outcome) -> bool,
) -> Vec<&'b Outcome<'a>> {
    outcomes.iter().filter(|outcome| test(outcome)).collect()
}

fn area_of(outcomes: &[&Outcome], score: impl Fn(&Outcome) -> f64) -> String {
    let area = area(&roc(outcomes, score));
    if area.is_finite() {
        format!("{area:.3}")
    } else {
        "-".to_owned()
    }
}

fn areas(text: &mut String, outcomes: &[Outcome]) -> Result<(), Error> {
    writeln!(
        text,
        "## ROC areas\n\n\
         The probability that a network that failed has a higher score than one that trained. The scores: \
         `|G|`, the decades of gradient norm between the last layer and the first; and the whole verdict, \
         which is the severity of the loudest finding, then `|G|`. `|G|` alone, restricted to cases below \
         4 decades, shows that the area does not live on hopeless networks.\n\n\
         | optimiser | declarations | task | cases | failed | `\\|G\\|` | verdict | `\\|G\\|` below 4 |\n\
         |---|---|---|---|---|---|---|---|"
    )?;
    for optimizer in Optimizer::ALL {
        let sets = [
            ("all", None),
            ("calibration", Some(Set::Calibration)),
            ("fresh", Some(Set::Fresh)),
        ];
        for (name, set) in sets {
            for task in std::iter::once(None).chain(tasks::NAMES.map(Some)) {
                if set.is_some() && task.is_some() {
                    continue;
                }
                let own = select(outcomes, |o| {
                    o.optimizer == optimizer
                        && set.is_none_or(|set| o.case.set == set)
                        && task.is_none_or(|task| o.task == task)
                });
                let middle: Vec<&Outcome> =
                    own.iter().copied().filter(|o| o.decades() < 4.0).collect();
                writeln!(
                    text,
                    "| {} | {name} | {} | {} | {} | {} | {} | {} |",
                    optimizer.name(),
                    task.unwrap_or("both"),
                    own.len(),
                    count(&own, |o| o.failed()),
                    area_of(&own, |o| o.decades()),
                    area_of(&own, |o| o.alarm()),
                    area_of(&middle, |o| o.decades()),
                )?;
            }
        }
    }
    writeln!(text, "\n![ROC curves](calibration/roc.svg)\n")
}

fn levels(text: &mut String, outcomes: &[Outcome]) -> Result<(), Error> {
    writeln!(
        text,
        "## Catches and false alarms\n\n\
         Findings of at least this severity, on all declarations. Adam, AdamW and RMSprop are judged as \
         `#[gradient_flow(optimizer = adam)]` and its like have it.\n\n\
         | trained with | severity | failed networks caught | trained networks flagged |\n\
         |---|---|---|---|"
    )?;
    for with in Optimizer::ALL {
        let own = select(outcomes, |o| o.optimizer == with);
        let (failed, trained) = (count(&own, |o| o.failed()), count(&own, |o| !o.failed()));
        for (severity, name) in LEVELS {
            writeln!(
                text,
                "| {} | {name} | {} of {failed} | {} of {trained} |",
                with.name(),
                count(&own, |o| o.failed() && o.flagged(severity)),
                count(&own, |o| !o.failed() && o.flagged(severity)),
            )?;
        }
    }
    writeln!(
        text,
        "\n![Loss over |G|, SGD](calibration/loss_sgd.svg)\n\n![Loss over |G|, Adam](calibration/loss_adam.svg)\n\n\
         ![Loss over |G|, RMSprop](calibration/loss_rmsprop.svg)\n"
    )
}

fn kinds(text: &mut String, outcomes: &[Outcome]) -> Result<(), Error> {
    writeln!(
        text,
        "## By finding\n\n\
         How many of the networks with each finding failed.\n"
    )?;
    for optimizers in [&[Optimizer::Sgd][..], &Optimizer::ADAPTIVE] {
        let names: Vec<&str> = optimizers
            .iter()
            .map(|optimizer| optimizer.name())
            .collect();
        writeln!(
            text,
            "| finding | severity | {} |\n|---|---|{}",
            names.join(" | "),
            "---|".repeat(names.len())
        )?;
        let mut table: BTreeMap<(&str, &str), Vec<[usize; 2]>> = BTreeMap::new();
        for outcome in outcomes {
            let Some(column) = optimizers.iter().position(|o| *o == outcome.optimizer) else {
                continue;
            };
            for finding in outcome.case.flow(outcome.optimizer).findings {
                let name = LEVELS[finding.severity as usize].1;
                let row = table.entry((finding.kind, name));
                let cell = &mut row.or_insert_with(|| vec![[0; 2]; optimizers.len()])[column];
                cell[0] += usize::from(outcome.failed());
                cell[1] += 1;
            }
        }
        for ((kind, severity), cells) in table {
            let cells = cells
                .iter()
                .map(|[failed, all]| format!("{failed} of {all}"));
            let cells: Vec<String> = cells.collect();
            writeln!(text, "| {kind} | {severity} | {} |", cells.join(" | "))?;
        }
        writeln!(text)?;
    }
    Ok(())
}

/// The outcomes with an optimiser whose gradient vanishes, or grows, by these decades.
fn within<'a, 'b>(
    outcomes: &'b [Outcome<'a>],
    optimizer: Optimizer,
    vanishing: bool,
    decades: std::ops::Range<f64>,
) -> Vec<&'b Outcome<'a>> {
    select(outcomes, |o| {
        o.optimizer == optimizer
            && (o.case.decades() < 0.0) == vanishing
            && decades.contains(&o.case.certain_decades())
    })
}

fn bins(text: &mut String, outcomes: &[Outcome]) -> Result<(), Error> {
    writeln!(
        text,
        "## By decades\n\n\
         Share of failed networks by `|G|` less two standard deviations, which is what the rules compare with \
         their levels."
    )?;
    let edges = [
        0.0,
        0.5,
        0.7,
        1.0,
        1.5,
        2.0,
        2.5,
        3.0,
        3.5,
        4.0,
        4.5,
        5.0,
        6.0,
        7.0,
        8.0,
        12.0,
        f64::INFINITY,
    ];
    let names = Optimizer::ALL.map(Optimizer::name).join(" | ");
    for (vanishing, name) in [(true, "vanishing"), (false, "exploding")] {
        writeln!(text, "\n| {name} by | {names} |\n|---|---|---|---|---|")?;
        for edge in edges.windows(2) {
            let own = Optimizer::ALL.map(|o| within(outcomes, o, vanishing, edge[0]..edge[1]));
            if own.iter().all(Vec::is_empty) {
                continue;
            }
            let cells = own.map(|own| format!("{} of {}", count(&own, |o| o.failed()), own.len()));
            writeln!(
                text,
                "| {} to {} | {} |",
                edge[0],
                edge[1],
                cells.join(" | ")
            )?;
        }
    }
    writeln!(text)
}

/// What the tables say of adaptive optimisers, in words and numbers.
fn adaptive(text: &mut String, outcomes: &[Outcome]) -> Result<(), Error> {
    writeln!(
        text,
        "## What Adam, AdamW and RMSprop change\n\n\
         They divide every gradient by its own running size, so that a faint gradient makes as long a step as a \
         strong one. That has its limits: what vanishes by so much comes near the 1e-8 that they add to the size \
         (which would explain where they end, but was not measured).\n\n\
         Catches and false alarms, were `|G|` less two deviations judged at this level alone:\n\n\
         | gradient | level | {} |\n|---|---|---|---|---|---|",
        Optimizer::ALL.map(Optimizer::name).join(" | ")
    )?;
    let levels: [(bool, &[f64]); 2] = [
        (true, &[1.5, 3.0, 4.5, 6.0, 7.0, 8.0]),
        (false, &[1.0, 1.5, 2.5, 3.0, 4.0]),
    ];
    for (vanishing, levels) in levels {
        for level in levels {
            let cells = Optimizer::ALL.map(|optimizer| {
                let all = within(outcomes, optimizer, vanishing, 0.0..f64::INFINITY);
                let above = within(outcomes, optimizer, vanishing, *level..f64::INFINITY);
                let failed = |own: &[&Outcome]| count(own, |o| o.failed());
                format!(
                    "{} of {} failed, {} of {} trained",
                    failed(&above),
                    failed(&all),
                    above.len() - failed(&above),
                    all.len() - failed(&all)
                )
            });
            let name = if vanishing { "vanishes" } else { "grows" };
            writeln!(text, "| {name} | {level} | {} |", cells.join(" | "))?;
        }
    }
    writeln!(
        text,
        "\nHence their levels in `network-flow/src/rules.rs`: for vanishing a note from 3 decades, a warning \
         from 4.5, an error from 7, which RMSprop never gets since one such network trained with it; for growth 1.5, \
         2.5 and 4. Collapse alone, which made networks fail with SGD, \
         is a note. What the levels do is in the table of catches and false alarms above.\n"
    )
}

fn rule_of_outcome(text: &mut String, outcomes: &[Outcome]) -> Result<(), Error> {
    writeln!(
        text,
        "## Does it depend on what \"trained\" means?\n\n\
         | trained if the loss is below | {} |\n|---|{}",
        Optimizer::ALL
            .map(|optimizer| format!("{}: failed | area of `\\|G\\|`", optimizer.name()))
            .join(" | "),
        "---|---|".repeat(Optimizer::ALL.len())
    )?;
    for share in [0.25, TRAINED, 0.8] {
        let mut row = format!("| {share} ln 10 |");
        for optimizer in Optimizer::ALL {
            let moved: Vec<Outcome> = outcomes
                .iter()
                .filter(|o| o.optimizer == optimizer)
                .map(|o| Outcome {
                    loss: o.loss * TRAINED / share,
                    ..*o
                })
                .collect();
            let moved: Vec<&Outcome> = moved.iter().collect();
            let failed = count(&moved, |o| o.failed());
            let _ = write!(
                row,
                " {failed} of {} | {} |",
                moved.len(),
                area_of(&moved, |o| o.decades())
            );
        }
        writeln!(text, "{row}")?;
    }
    writeln!(text)
}

fn misses(text: &mut String, outcomes: &[Outcome]) -> Result<(), Error> {
    writeln!(
        text,
        "## Where it was wrong\n\n\
         With SGD and with Adam: trained although warned of, or failed without a warning. All runs are in `calibration/runs.csv`.\n\n\
         | trained with | task | init | width | stack | `G` | said | loss / ln 10 |\n|---|---|---|---|---|---|---|---|"
    )?;
    for outcome in outcomes {
        if !matches!(outcome.optimizer, Optimizer::Sgd | Optimizer::Adam)
            || outcome.flagged(Severity::Warning) == outcome.failed()
        {
            continue;
        }
        let (case, declaration) = (outcome.case, &outcome.case.declaration);
        let flow = case.flow(outcome.optimizer);
        let said = flow
            .findings
            .first()
            .map_or("nothing".to_owned(), |finding| {
                format!("{} ({})", finding.kind, LEVELS[finding.severity as usize].1)
            });
        writeln!(
            text,
            "| {} | {} | `{}` | {} | `{}` | {:+.2} | {said} | {:.2} |",
            outcome.optimizer.name(),
            outcome.task,
            declaration.init.unwrap_or("fitted"),
            declaration.width,
            declaration.stack(),
            case.decades(),
            outcome.loss,
        )?;
    }
    writeln!(text)
}
