//! Verdicts: what a reading means, by the table of rules, with persistence and hysteresis.

use super::evidence::{Evidence, History, Memory, Observation};
use super::recorder::Recorder;
use super::rules::{RULES, WINDOW};
use super::{Finding, GradientFlow, Kind, Rule, words};
use crate::flow::Severity;
use alloc::vec::Vec;

/// What is remembered of earlier readings.
pub(super) struct Judge {
    /// For each rule, how loud the last readings were.
    windows: [[Option<Severity>; WINDOW]; RULES.len()],
    /// For each rule, the step at which the current run of loud readings began.
    began: [Option<u64>; RULES.len()],
    /// For each rule, the loudest that was told of its open finding: what becomes louder again is
    /// no news.
    told: [Option<Severity>; RULES.len()],
    history: History,
    /// Indices of findings that appeared, got worse or ended in the last reading.
    news: Vec<usize>,
    memory: Memory,
    observations: Vec<Observation>,
}

impl Judge {
    pub(super) fn new() -> Self {
        Self {
            windows: [[None; WINDOW]; RULES.len()],
            began: [None; RULES.len()],
            told: [None; RULES.len()],
            history: History::default(),
            news: Vec::with_capacity(RULES.len()),
            memory: Memory::default(),
            observations: Vec::with_capacity(2 * RULES.len()),
        }
    }

    /// Judges a single reading without waiting for others.
    pub(super) fn at_once(&mut self) {
        self.history.at_once = true;
    }

    pub(super) fn news(&self) -> &[usize] {
        &self.news
    }

    /// Judges the last reading.
    pub(super) fn judge(&mut self, flow: &mut GradientFlow, recorder: &Recorder) {
        self.news.clear();
        self.note_start(flow);
        self.memory.fill(flow);
        let evidence = Evidence::new(flow, recorder, &self.memory, self.history);
        let mut observations = core::mem::take(&mut self.observations);
        evidence.observe(&mut observations);
        let distress = evidence.distress || self.history.at_once;
        self.history.readings += 1;
        for (index, rule) in RULES.iter().enumerate() {
            // A gradient may fade through the layers and through time: the worse of the two counts.
            let observation = observations
                .iter()
                .filter(|o| o.kind == rule.kind)
                .max_by(|a, b| a.value.total_cmp(&b.value));
            self.judge_rule(index, rule, observation, distress, flow);
        }
        self.observations = observations;
        self.sort(flow);
    }

    /// Takes note of what later readings are compared with.
    fn note_start(&mut self, flow: &GradientFlow) {
        let Some(last) = flow.last() else { return };
        self.history.learning_rate = self.history.learning_rate.max(last.step.learning_rate);
        // The first reading, or the mean of the steps after it: what a network loses in the very
        // first steps is the scale of its outputs.
        if self.history.readings < 2 && last.step.loss.is_finite() {
            let loss = last.step.loss;
            self.history.reference = Some(
                self.history
                    .reference
                    .map_or(loss, |other: f64| other.min(loss)),
            );
        }
        if self.history.first_decades.is_none() {
            self.history.first_decades = flow.decades(last);
        }
    }

    fn judge_rule(
        &mut self,
        index: usize,
        rule: &Rule,
        observation: Option<&Observation>,
        distress: bool,
        flow: &mut GradientFlow,
    ) {
        let step = flow
            .non_finite
            .map_or(0, |n| n.step)
            .max(flow.last().map_or(0, |last| last.step.step));
        let open = flow
            .findings
            .iter()
            .position(|f| f.kind == rule.kind && f.is_open());
        let open_severity = open.map(|open| flow.findings[open].severity);
        let now = observation.and_then(|observation| {
            let severity = rule.severity(observation.value, open_severity)?;
            Some(severity.min(observation.cap))
        });
        let window = &mut self.windows[index];
        window.rotate_left(1);
        window[WINDOW - 1] = now;
        if now.is_some() {
            self.began[index].get_or_insert(step);
        } else if window.iter().all(Option::is_none) {
            self.began[index] = None;
        }
        if open.is_none() && window.iter().all(Option::is_none) {
            return;
        }
        let persistence = if self.history.at_once {
            1
        } else {
            rule.persistence
        };
        // The loudest that enough of the last readings reach.
        let reached = |severity: Severity| {
            window
                .iter()
                .filter(|seen| **seen >= Some(severity))
                .count()
                >= persistence
        };
        let severity = [Severity::Error, Severity::Warning, Severity::Note]
            .into_iter()
            .find(|severity| reached(*severity))
            .map(|severity| {
                // What does no harm yet is worth a note.
                let softened = rule.distress && !distress && severity == Severity::Warning;
                if softened { Severity::Note } else { severity }
            });
        match (open, severity, observation) {
            (Some(open), Some(severity), observation) => {
                let finding = &mut flow.findings[open];
                let worse = Some(severity) > self.told[index];
                finding.severity = severity;
                if let Some(observation) = observation.filter(|_| now.is_some()) {
                    finding.seen = step;
                    if worse || observation.layer == finding.layer {
                        finding.value = observation.value;
                        finding.threshold = rule.level(severity);
                    }
                }
                if worse {
                    if let Some(observation) = observation {
                        let began = flow.findings[open].began;
                        flow.findings[open] =
                            words::finding(flow, rule, observation, severity, began, step);
                    }
                    self.told[index] = Some(severity);
                    self.news.push(open);
                }
            }
            // What comes and goes stays open until it has been silent for a while.
            (Some(_), None, _) if window.iter().any(Option::is_some) => {}
            // The start is compared with the prediction once, and stays as it was.
            (Some(_), None, _) if rule.kind == Kind::Unpredicted => {}
            (Some(open), None, _) => {
                flow.findings[open].ended = Some(step);
                self.news.push(open);
            }
            (None, Some(severity), Some(observation)) => {
                let began = self.began[index].unwrap_or(step);
                let finding = words::finding(flow, rule, observation, severity, began, step);
                // Of those that are over the last of a kind is kept: memory stays bounded.
                let over = flow.findings.iter().position(|f| f.kind == rule.kind);
                match over {
                    Some(over) => flow.findings[over] = finding,
                    None => flow.findings.push(finding),
                }
                self.told[index] = Some(severity);
                self.news.push(over.unwrap_or(flow.findings.len() - 1));
            }
            (None, _, _) => {}
        }
    }

    /// Worst first: open ones, by severity, then in the order of the table. What was wrong before
    /// the first step comes before all that follows from it.
    fn sort(&mut self, flow: &mut GradientFlow) {
        let rank = |finding: &Finding| {
            (
                !finding.is_open(),
                !(finding.kind == Kind::Unpredicted && finding.is_trouble()),
                core::cmp::Reverse(finding.severity),
                finding.kind,
            )
        };
        if flow.findings.is_sorted_by_key(rank) {
            return;
        }
        let new: Vec<(Kind, u64)> = self
            .news
            .iter()
            .map(|i| (flow.findings[*i].kind, flow.findings[*i].began))
            .collect();
        flow.findings.sort_by_key(rank);
        let place = |(kind, began): (Kind, u64)| {
            flow.findings
                .iter()
                .position(|f| f.kind == kind && f.began == began)
        };
        self.news = new.into_iter().filter_map(place).collect();
    }
}
