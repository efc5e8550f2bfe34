//! The tables: times, ratios, what was computed, versions and machine.

use crate::measure::{
    CHECKPOINTS, KINDS, Line, OUTPUT_TOLERANCE, Outcome, PEAK_OPERATIONS, PRODUCT_BATCH, Product,
    Results, Work, median,
};
use crate::programs::{OURS, is_by_hand};
use std::fmt::Write;
use std::process::Command;

/// A time, in microseconds with three digits.
fn microseconds(nanoseconds: f64) -> String {
    let us = nanoseconds / 1000.0;
    match us {
        _ if us < 10.0 => format!("{us:.2}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        _ if us < 100.0 => format!("{us:.1}"),
        _ => format!("{us:.0}"),
    }
}

/// Each figure's median over all programs: what most of them agree on.
fn consensus(outcomes: &[Outcome]) -> Vec<f64> {
    let figures = outcomes
        .iter()
        .map(|outcome| outcome.check.len())
        .max()
        .unwrap_or(0);
    let figure = |index| {
        let values: Vec<f64> = outcomes
            .iter()
            .filter_map(|o| o.check.get(index).copied())
            .collect();
        median(&values).unwrap_or(f64::NAN)
    };
    (0..figures).map(figure).collect()
}

/// How far a program's figures are from what most agree on, each as a share of its tolerance.
fn deviations(work: &Work, outcome: &Outcome, agreed: &[f64]) -> Vec<f64> {
    let size = agreed.get(1).copied().unwrap_or(1.0).abs().max(1e-9);
    let share = |(index, (figure, agreed)): (usize, (&f64, &f64))| {
        let difference = (figure - agreed).abs();
        if work.training {
            difference / agreed.abs().max(1e-9) / CHECKPOINTS[index.min(3)].1
        } else {
            difference / size / OUTPUT_TOLERANCE
        }
    };
    outcome
        .check
        .iter()
        .zip(agreed)
        .enumerate()
        .map(share)
        .collect()
}

fn agrees(work: &Work, outcome: &Outcome, agreed: &[f64]) -> bool {
    let deviations = deviations(work, outcome, agreed);
    !deviations.is_empty() && deviations.iter().all(|share| *share <= 1.0)
}

fn ours<W>(results: &Results<W>) -> Option<usize> {
    results.programs.iter().position(|(name, _)| *name == OURS)
}

/// The fastest peer of a kind, and how many times our time it took: median, least and most of
/// the rounds.
fn best(
    line: &Line<&Work>,
    results: &Results<&Work>,
    by_hand: bool,
) -> Option<(&'static str, [f64; 3])> {
    let us = ours(results)?;
    let agreed = consensus(&line.outcomes);
    let good = |&peer: &usize| peer != us && agrees(line.work, &line.outcomes[peer], &agreed);
    let peers = (0..line.outcomes.len())
        .filter(good)
        .filter(|&peer| is_by_hand(results.programs[peer].0) == by_hand);
    let fastest = peers
        .filter_map(|peer| Some((peer, line.outcomes[peer].median()?)))
        .min_by(|a, b| a.1.total_cmp(&b.1))?
        .0;
    if !agrees(line.work, &line.outcomes[us], &agreed) {
        return None;
    }
    let (theirs, ours) = (&line.outcomes[fastest].rounds, &line.outcomes[us].rounds);
    let ratios: Vec<f64> = theirs
        .iter()
        .zip(ours)
        .map(|(theirs, ours)| theirs / ours)
        .collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    Some((results.programs[fastest].0, [median(&ratios)?, least, most]))
}

/// The same for a cell; whether it misses the goal.
fn ratio(line: &Line<&Work>, results: &Results<&Work>, by_hand: bool, threads: usize) -> String {
    match best(line, results, by_hand) {
        Some((name, [ratio, least, most])) => {
            let mark = if threads > 1 || ratio >= line.work.goal {
                ""
            } else {
                " ✗"
            };
            format!("**{ratio:.1}**{mark} {name} ({least:.1}–{most:.1})")
        }
        None => "–".to_owned(),
    }
}

pub fn works(results: &Results<&Work>, threads: usize) -> String {
    let mut text = String::new();
    let threads_text = if threads == 1 {
        "One thread".to_owned()
    } else {
        format!("{threads} threads")
    };
    let _ = writeln!(text, "**{threads_text}**, microseconds for one call:\n");
    let mut head = String::from("| # | work |");
    let mut rule = String::from("|---|---|");
    for (name, _) in &results.programs {
        let _ = write!(head, " {name} |");
        rule.push_str("--:|");
    }
    let _ = writeln!(
        head,
        " goal | times faster than the best library (rounds) | than the best by hand |"
    );
    let _ = writeln!(rule, "--:|---|---|");
    text.push_str(&head);
    text.push_str(&rule);
    let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
    for line in &results.lines {
        let agreed = consensus(&line.outcomes);
        let _ = write!(text, "| {} | {} |", line.work.name, line.work.text);
        for (index, outcome) in line.outcomes.iter().enumerate() {
            let name = results.programs[index].0;
            match (&outcome.note, outcome.median()) {
                (None, Some(time)) if agrees(line.work, outcome, &agreed) => {
                    let bold = if name == OURS { "**" } else { "" };
                    let _ = write!(text, " {bold}{}{bold} |", microseconds(time));
                }
                (None, Some(_)) => text.push_str(" differs |"),
                (note, _) => {
                    text.push_str(" – |");
                    let reason = match note.as_deref().unwrap_or("no time") {
                        "not written" | "unknown work" => continue,
                        reason => format!("{name}: {reason}"),
                    };
                    match notes.iter_mut().find(|(known, _)| *known == reason) {
                        Some((_, works)) => works.push(line.work.name),
                        None => notes.push((reason, vec![line.work.name])),
                    }
                }
            }
        }
        let goal = if threads > 1 {
            String::new()
        } else {
            line.work.goal.to_string()
        };
        let [library, by_hand] =
            [false, true].map(|by_hand| ratio(line, results, by_hand, threads));
        let _ = writeln!(text, " {goal} | {library} | {by_hand} |");
    }
    text.push('\n');
    for (reason, works) in notes {
        let _ = writeln!(text, "- – at {}: {reason}", works.join(", "));
    }
    text.push('\n');
    if threads == 1 {
        text.push_str(&computed(results));
    }
    text.push_str(&circumstances(results));
    text
}

/// What the training runs came to, and how well the programs agree.
fn computed(results: &Results<&Work>) -> String {
    let mut text = String::from(
        "Losses before steps 1, 10, 50 and 200, from the same weights and data (seed 20260101), \
         and the largest relative difference of any program from the median of all:\n\n\
         | # | network! | differences allowed | largest seen (program) | programs |\n|---|---|---|---|--:|\n",
    );
    let allowed: Vec<String> = CHECKPOINTS
        .iter()
        .map(|(_, tolerance)| format!("{tolerance:.0e}"))
        .collect();
    for line in results.lines.iter().filter(|line| line.work.training) {
        let agreed = consensus(&line.outcomes);
        let Some(us) = ours(results) else { continue };
        let losses: Vec<String> = line.outcomes[us]
            .check
            .iter()
            .map(|loss| format!("{loss:.6}"))
            .collect();
        let mut largest = vec![(0.0, ""); CHECKPOINTS.len()];
        let mut programs = 0;
        for (outcome, (name, _)) in line.outcomes.iter().zip(&results.programs) {
            programs += usize::from(!outcome.check.is_empty());
            for (index, share) in deviations(line.work, outcome, &agreed)
                .into_iter()
                .enumerate()
            {
                let difference = share * CHECKPOINTS[index.min(3)].1;
                if index < largest.len() && difference > largest[index].0 {
                    largest[index] = (difference, *name);
                }
            }
        }
        let largest: Vec<String> = largest
            .iter()
            .map(|(d, name)| format!("{d:.0e} {name}"))
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {programs} |",
            line.work.name,
            losses.join(", "),
            allowed.join(", "),
            largest.join(", "),
        );
    }
    text.push('\n');
    text
}

pub fn products(results: &Results<Product>) -> String {
    let mut text = format!(
        "Work 8: products of a dense layer, f32, batch {PRODUCT_BATCH}, one thread: GFLOP/s, and the share \
         of the multiply-add peak measured in the same rounds\n\n\
         | input × output | forward | input gradient | weight gradient | best peer: forward, input, weight |\n\
         |---|--:|--:|--:|--:|\n",
    );
    let mut peaks = Vec::new();
    for lines in results.lines.chunks(KINDS.len()) {
        let product = &lines[0].work;
        let _ = write!(text, "| {} × {} |", product.input, product.output);
        let operations = 2.0 * (product.input * product.output * PRODUCT_BATCH) as f64;
        let mut peers = Vec::new();
        for line in lines {
            let Some((peak, outcomes)) = line.outcomes.split_last() else {
                continue;
            };
            let peak = PEAK_OPERATIONS / peak.median().unwrap_or(f64::NAN);
            peaks.push(peak);
            let rate = |outcome: &Outcome| outcome.median().map(|time| operations / time);
            match ours(results).and_then(|us| rate(&outcomes[us])) {
                Some(rate) => {
                    let _ = write!(text, " {rate:.0} ({:.0} %) |", 100.0 * rate / peak);
                }
                None => text.push_str(" – |"),
            }
            let others = outcomes
                .iter()
                .enumerate()
                .filter(|(index, _)| Some(*index) != ours(results));
            let fastest = others
                .filter_map(|(index, outcome)| Some((results.programs[index].0, rate(outcome)?)))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            peers.push(fastest.map_or("–".to_owned(), |(name, rate)| format!("{rate:.0} {name}")));
        }
        let _ = writeln!(text, " {} |", peers.join(", "));
    }
    let _ = writeln!(
        text,
        "\nPeak of one core: {:.0} GFLOP/s.\n",
        median(&peaks).unwrap_or(f64::NAN)
    );
    text.push_str(&circumstances(results));
    text
}

fn circumstances<W>(results: &Results<W>) -> String {
    let programs: Vec<String> = results
        .programs
        .iter()
        .map(|(name, describe)| format!("{name} {describe}").trim().to_owned())
        .collect();
    format!(
        "Medians of {} interleaved rounds of {} ms for each program. {}. {}. Programs: {}.\n",
        results.rounds,
        results.milliseconds,
        machine(),
        toolchain(),
        programs.join("; "),
    )
}

/// Processor, cores, vector instructions, system.
pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        line.split_once(':')
            .map(|(_, value)| value.trim().to_owned())
    };
    let flags = field("flags").unwrap_or_default();
    let sets: Vec<&str> = ["avx2", "fma", "avx512f", "amx_bf16"]
        .into_iter()
        .filter(|set| flags.split(' ').any(|flag| flag == *set))
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "Machine: {} (family {}, model {}), {cores} cores, {}; {} {}",
        field("model name").unwrap_or_else(|| "unknown processor".to_owned()),
        field("cpu family").unwrap_or_default(),
        field("model\t").unwrap_or_default(),
        sets.join(" "),
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}

pub fn toolchain() -> String {
    let first = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.lines().next().map(str::to_owned)
    };
    let rustc = first("rustc", "--version").unwrap_or_else(|| "unknown rustc".to_owned());
    let date = first("date", "+%Y-%m-%d").unwrap_or_default();
    format!("{rustc}, measured {date}")
}
