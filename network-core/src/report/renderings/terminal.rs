//! The report in a terminal: one screen, verdicts first, then a bar for each layer.

use super::diff::{self, Line};
use super::now;
use crate::flow::Severity;
use crate::format::{count, decades, digits, grouped, percent, shortened};
use crate::report::{Edit, Finding, GradientFlow, LayerFlow};
use console::{Style, Term, measure_text_width, truncate_str};
use core::fmt;

/// Least width that is drawn for.
const NARROW: usize = 40;
/// Widest: lines longer than that are hard to read.
const WIDE: usize = 120;
/// Changed lines of a declaration that are shown for an edit.
const MOST_CHANGED: usize = 8;
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A report as text for a terminal: see [`GradientFlow::terminal`].
#[derive(Clone, Copy, Debug)]
pub struct Terminal<'a> {
    flow: &'a GradientFlow,
    width: usize,
    height: usize,
    color: bool,
}

impl GradientFlow {
    /// The report as text, as wide and high as the terminal on standard output, and in colour
    /// if that is one (and if `NO_COLOR` does not forbid it); 80 by 40 characters otherwise.
    pub fn terminal(&self) -> Terminal<'_> {
        let terminal = Term::stdout();
        let size = terminal.size_checked().filter(|_| terminal.is_term());
        let (height, width) = size.map_or((40, 80), |(h, w)| (usize::from(h), usize::from(w)));
        Terminal {
            flow: self,
            width,
            height,
            color: size.is_some() && console::colors_enabled(),
        }
    }
}

/// As [`GradientFlow::terminal`], of 80 columns and without colours.
impl fmt::Display for GradientFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Terminal {
            flow: self,
            width: 80,
            height: 40,
            color: false,
        };
        text.fmt(f)
    }
}

impl Terminal<'_> {
    /// Columns; from 40 to 120.
    pub fn width(mut self, columns: usize) -> Self {
        self.width = columns;
        self
    }

    /// Lines, about: verdicts are never left out, layers are.
    pub fn height(mut self, lines: usize) -> Self {
        self.height = lines;
        self
    }

    /// Whether to use colours.
    pub fn color(mut self, color: bool) -> Self {
        self.color = color;
        self
    }

    fn style(&self) -> Style {
        Style::new().force_styling(self.color)
    }

    fn paint(&self, text: impl fmt::Display, style: fn(Style) -> Style) -> String {
        if self.color {
            style(self.style()).apply_to(text).to_string()
        } else {
            text.to_string()
        }
    }

    /// All lines, before they are cut to the width.
    fn lines(&self, width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        self.title(width, &mut lines);
        lines.push(String::new());
        self.verdicts(width, &mut lines);
        let Some(last) = self.flow.last() else {
            lines.push("no readings yet".to_owned());
            return lines;
        };
        lines.push(String::new());
        self.loss(width, &mut lines);
        let room = self.height.saturating_sub(lines.len() + 3).max(6);
        self.layers(last.layers, width, room, &mut lines);
        lines
    }

    fn title(&self, width: usize, lines: &mut Vec<String>) {
        let flow = self.flow;
        let name = self.paint(flow.network, Style::bold);
        lines.push(format!(
            "{name}: gradient flow after {} steps",
            count(flow.steps)
        ));
        let about = format!(
            "{}, batch {}, {}",
            flow.optimizer,
            grouped(flow.batch),
            flow.scalar
        );
        wrap(&about, "", width, |line| {
            lines.push(self.paint(line, Style::dim));
        });
    }

    fn verdicts(&self, width: usize, lines: &mut Vec<String>) {
        if self.flow.findings.is_empty() && self.flow.last().is_some() {
            lines.push(format!(
                "{}  nothing is wrong",
                self.paint("healthy", |style| style.green().bold())
            ));
        }
        if !self.flow.findings.is_empty() && self.flow.is_healthy() {
            lines.push(self.paint("no trouble", |style| style.green().bold()));
        }
        for (index, finding) in self.flow.findings.iter().enumerate() {
            if self.flow.goes_with(index).is_none() {
                self.verdict(index, finding, width, lines);
            }
        }
        if let Some(first) = &self.flow.non_finite {
            let layer = self.flow.layers.get(first.layer).map_or("?", |l| &l.name);
            let text = format!(
                "first NaN or infinity: step {}, {layer}, {}",
                count(first.step),
                first.tensor.as_str()
            );
            wrap(&text, "         ", width, |line| {
                lines.push(line.to_owned());
            });
        }
    }

    fn verdict(&self, index: usize, finding: &Finding, width: usize, lines: &mut Vec<String>) {
        let (word, style): (&str, fn(Style) -> Style) = match finding.severity {
            _ if !finding.is_open() => ("over", Style::dim),
            Severity::Error => ("error", |style| style.red().bold()),
            Severity::Warning => ("warning", |style| style.yellow().bold()),
            Severity::Note => ("note", |style| style.cyan().bold()),
        };
        let mut label = Some(format!("{word:<7}  "));
        wrap(&finding.headline, "         ", width, |line| {
            let line = match label.take() {
                Some(label) => {
                    let rest = line.trim_start();
                    format!(
                        "{}{}",
                        self.paint(label, style),
                        self.paint(rest, Style::bold)
                    )
                }
                None => self.paint(line, Style::bold),
            };
            lines.push(line);
        });
        let mut since = format!("since step {}", count(finding.began));
        if let Some(ended) = finding.ended {
            since = format!("step {} to {}", count(finding.began), count(ended));
        }
        let now =
            now(finding).map_or_else(String::new, |(when, value)| format!(", {when} {value}"));
        let numbers = format!(
            "{since}: {} {}{now}, threshold {}",
            finding.quantity,
            digits(finding.told),
            digits(finding.threshold)
        );
        wrap(&numbers, "         ", width, |line| {
            lines.push(self.paint(line, Style::dim));
        });
        if !finding.is_open() {
            return;
        }
        if !finding.cause.is_empty() {
            wrap(&finding.cause, "         ", width, |line| {
                lines.push(line.to_owned());
            });
        }
        for (other, finding) in self.flow.findings.iter().enumerate() {
            if self.flow.goes_with(other) == Some(index) {
                let text = format!("also: {}", finding.headline);
                wrap(&text, "         ", width, |line| {
                    lines.push(line.to_owned());
                });
            }
        }
        for (index, edit) in finding.edits.iter().take(2).enumerate() {
            let mut text = format!("{} {}", if index == 0 { "try" } else { "or" }, edit.text);
            if let Some(after) = edit.after {
                let before = edit
                    .before
                    .map_or_else(String::new, |g| format!("{} → ", decades(g)));
                let bar = edit
                    .deviation
                    .map_or_else(String::new, |d| format!(" ± {d:.1}"));
                text = format!("{text}  (G {before}{}{bar})", decades(after));
            }
            wrap(&text, "         ", width, |line| {
                lines.push(self.paint(line, Style::green));
            });
            if index == 0 {
                self.typed(edit, width, lines);
            }
        }
    }

    /// The lines of the declaration that an edit changes; of long ones what is around the change.
    fn typed(&self, edit: &Edit, width: usize, lines: &mut Vec<String>) {
        if edit.replacements.is_empty() {
            return;
        }
        let declaration = &self.flow.declaration;
        let old = diff::dedent(declaration.source);
        let new = diff::dedent(&declaration.edited(&edit.replacements));
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let changed = diff::compare(&old, &new);
        let side = |removed: bool| -> Vec<&str> {
            let texts = changed.iter().filter_map(|line| match line {
                Line::Removed(text) if removed => Some(text.trim()),
                Line::Added(text) if !removed => Some(text.trim()),
                _ => None,
            });
            texts.collect()
        };
        let (removed, added) = (side(true), side(false));
        // Lines take each other's place if there are as many of both.
        let paired = removed.len() == added.len();
        let mut seen = [0, 0];
        let mut line = |text: &str, others: &[&str], new: usize| {
            let sign = ['-', '+'][new];
            let other = others.get(seen[new]).filter(|_| paired);
            seen[new] += 1;
            let text = match other {
                Some(other) if measure_text_width(text) + 13 > width => around(text, other),
                _ => text.to_owned(),
            };
            let mut start = Some(format!("           {sign} "));
            wrap(&text, "             ", width, |line| {
                let line = match start.take() {
                    Some(start) => format!("{start}{}", line.trim_start()),
                    None => line.to_owned(),
                };
                let style = [Style::red, Style::green][new];
                lines.push(self.paint(line, style));
            });
        };
        let changes = changed.iter().filter(|line| !matches!(line, Line::Kept(_)));
        for change in changes.take(MOST_CHANGED) {
            match change {
                Line::Removed(text) => line(text.trim(), &added, 0),
                Line::Added(text) | Line::Kept(text) => line(text.trim(), &removed, 1),
            }
        }
    }

    /// The loss as a line of blocks, and `G`.
    fn loss(&self, width: usize, lines: &mut Vec<String>) {
        let flow = self.flow;
        let losses: Vec<f64> = flow.readings.iter().map(|r| r.step.loss).collect();
        let (Some(first), Some(last)) = (losses.first(), losses.last()) else {
            return;
        };
        let text = format!("loss {} → {}  ", digits(*first), digits(*last));
        let room = width.saturating_sub(text.chars().count()).min(60);
        lines.push(format!(
            "{text}{}",
            self.paint(sparkline(&losses, room), Style::cyan)
        ));
        let Some(reading) = flow.last() else { return };
        let Some(measured) = flow.decades(reading) else {
            return;
        };
        let predicted = match (flow.prediction.decades, flow.prediction.deviation) {
            (Some(g), Some(d)) => format!("; predicted {} ± {d:.1} at step 0", decades(g)),
            (Some(g), None) => format!("; predicted {} at step 0", decades(g)),
            (None, _) => String::new(),
        };
        let text = format!(
            "G {} decades of gradient norm, first layer to last{predicted}",
            decades(measured)
        );
        wrap(&text, "", width, |line| lines.push(line.to_owned()));
    }

    /// A bar for each layer with weights.
    fn layers(&self, flows: &[LayerFlow], width: usize, room: usize, lines: &mut Vec<String>) {
        let layers = &self.flow.layers;
        let measured = layers.len().min(flows.len());
        let mut rows: Vec<usize> = self.flow.linear().filter(|row| *row < measured).collect();
        if rows.is_empty() {
            rows = (0..measured)
                .filter(|row| layers[*row].is_trained())
                .collect();
        }
        if rows.is_empty() {
            rows = (0..measured).collect();
        }
        if rows.is_empty() {
            return;
        }
        let shown: Vec<usize> = if rows.len() <= room {
            rows.clone()
        } else {
            (0..room)
                .map(|index| rows[index * (rows.len() - 1) / (room - 1)])
                .collect()
        };
        let logs = shown
            .iter()
            .map(|row| f64::from(flows[*row].delta_rms).log10());
        let (low, high) = logs
            .filter(|log| log.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), log| {
                (log.min(low), log.max(high))
            });
        let (low, high) = if low <= high {
            (low, high)
        } else {
            (-1.0, 0.0)
        };
        // From a whole decade below the smallest, so that every bar has a length.
        let (low, high) = (low.floor() - 1.0, high.ceil().max(low.floor()));
        let longest = shown
            .iter()
            .map(|row| layers[*row].name.chars().count())
            .max();
        let names = longest.unwrap_or(0).clamp(5, (width / 3).max(12));
        // name, bar, delta, update ratio, dead or saturated
        let mut columns = vec!["delta", "update"];
        if width >= 64 {
            columns.push("dead/sat.");
        }
        let numbers: usize = columns.iter().map(|column| column.len().max(8) + 2).sum();
        let bars = width.saturating_sub(names + 2 + numbers).max(4);
        lines.push(String::new());
        let mut head = format!("{:<names$}  {:<bars$}", "layer", axis(low, high, bars));
        for column in &columns {
            head = format!("{head}  {column:>8}");
        }
        lines.push(self.paint(head, Style::dim));
        for row in &shown {
            let flow = &flows[*row];
            let bar = bar(f64::from(flow.delta_rms), low, high, bars);
            let blamed = self.flow.findings.iter();
            let trouble = blamed
                .filter(|finding| finding.is_open() && finding.layers.contains(row))
                .map(|finding| finding.severity)
                .max();
            let bar = match trouble {
                Some(Severity::Error) => self.paint(bar, Style::red),
                Some(Severity::Warning) => self.paint(bar, Style::yellow),
                _ => self.paint(bar, Style::blue),
            };
            let ratio = flow.gradient.and_then(|gradient| gradient.update_ratio());
            let mut cells = vec![
                digits(f64::from(flow.delta_rms)),
                ratio.map_or_else(|| "-".to_owned(), |ratio| digits(f64::from(ratio))),
            ];
            if width >= 64 {
                cells.push(self.units(*row, flows));
            }
            let name = shortened(&layers[*row].name, names);
            let mut line = format!("{name:<names$}  {bar}");
            for (cell, column) in cells.iter().zip(&columns) {
                line = format!("{line}  {cell:>0$}", column.len().max(8));
            }
            lines.push(line);
        }
        if shown.len() < rows.len() {
            let text = format!("{} of {} layers with weights", shown.len(), rows.len());
            lines.push(self.paint(text, Style::dim));
        }
    }

    /// The share of dead or saturated units at the activation after a layer.
    fn units(&self, row: usize, flows: &[LayerFlow]) -> String {
        let next = |index: &usize| *index == row || !self.flow.layers[*index].is_trained();
        (row..flows.len().min(self.flow.layers.len()))
            .take_while(next)
            .find_map(|index| {
                let activation = &flows[index].activation;
                activation.dead.or(activation.saturated)
            })
            .map_or_else(|| "-".to_owned(), |share| percent(share.into()))
    }
}

impl fmt::Display for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.width.clamp(NARROW, WIDE);
        let lines = self.lines(width);
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let line = line.trim_end();
            if measure_text_width(line) <= width {
                f.write_str(line)?;
            } else {
                f.write_str(&truncate_str(line, width, "…"))?;
            }
        }
        Ok(())
    }
}

/// The words of a line in which it differs from another, with some before and after.
fn around(line: &str, other: &str) -> String {
    /// Words that are kept on either side.
    const CONTEXT: usize = 3;
    let words: Vec<&str> = line.split_whitespace().collect();
    let others: Vec<&str> = other.split_whitespace().collect();
    let same = |(a, b): &(&&str, &&str)| a == b;
    let start = words.iter().zip(&others).take_while(same).count();
    let most = words.len().min(others.len()) - start;
    let ends = words.iter().rev().zip(others.iter().rev());
    let end = ends.take(most).take_while(same).count();
    let from = start.saturating_sub(CONTEXT);
    let to = (words.len() - end + CONTEXT).min(words.len());
    let (left, right) = (
        if from > 0 { "… " } else { "" },
        if to < words.len() { " …" } else { "" },
    );
    format!("{left}{}{right}", words[from..to.max(from)].join(" "))
}

/// Breaks text at spaces; every line begins with the indent.
fn wrap(text: &str, indent: &str, width: usize, mut line: impl FnMut(&str)) {
    let mut current = indent.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        let needed = measure_text_width(word) + usize::from(!empty);
        if !empty && measure_text_width(&current) + needed > width {
            line(&current);
            indent.clone_into(&mut current);
            empty = true;
        }
        if !empty {
            current.push(' ');
        }
        current.push_str(word);
        empty = false;
    }
    if !empty {
        line(&current);
    }
}

/// A bar from `low` to a number on a logarithmic axis; the number in words if it has no place.
fn bar(number: f64, low: f64, high: f64, width: usize) -> String {
    let log = number.log10();
    if !log.is_finite() {
        let text = digits(number);
        return format!("{text:<width$}");
    }
    let share = ((log - low) / (high - low)).clamp(0.0, 1.0);
    let eighths = (share * 8.0 * width as f64).round() as usize;
    let mut bar: String = core::iter::repeat_n('█', eighths / 8).collect();
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8 - 1]);
    }
    format!("{bar:<width$}")
}

/// The ends of the bars' axis.
fn axis(low: f64, high: f64, width: usize) -> String {
    let (left, right) = (format!("1e{}", low as i32), format!("1e{}", high as i32));
    match width.checked_sub(left.len() + right.len() + 1) {
        Some(_) => format!("{left}{right:>0$}", width - left.len()),
        None => format!("{right:>width$}"),
    }
}

/// Numbers as heights; `×` where one is not finite.
fn sparkline(numbers: &[f64], width: usize) -> String {
    let finite = || numbers.iter().copied().filter(|number| number.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    let columns = numbers.len().min(width);
    (0..columns)
        .map(|column| {
            let index = match columns {
                1 => numbers.len() - 1,
                _ => column * (numbers.len() - 1) / (columns - 1),
            };
            let number = numbers[index];
            if !number.is_finite() {
                return '×';
            }
            let share = (number - low) / (high - low).max(f64::MIN_POSITIVE);
            HEIGHTS[((share * 7.0).round() as usize).min(7)]
        })
        .collect()
}

#[cfg(test)]
#[path = "terminal/tests.rs"]
mod tests;
