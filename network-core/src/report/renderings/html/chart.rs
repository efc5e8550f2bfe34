//! The frame of a chart: axes in text of fixed size around a drawing that stretches, so that a
//! chart is as readable on a phone as on a wide screen.

use super::escape;
use super::scale::{Scale, Tick};
use crate::format::{count, digits, shortened};
use core::fmt::Write;

/// Width and height of a drawing in its own units; it is stretched to its place.
pub(super) const UNITS: f64 = 1000.0;

/// A chart.
#[derive(Debug, Default)]
pub(super) struct Chart {
    /// Height of the drawing, in pixels.
    pub(super) height: usize,
    pub(super) x_ticks: Vec<Tick>,
    pub(super) y_ticks: Vec<Tick>,
    pub(super) x_name: &'static str,
    pub(super) y_name: &'static str,
    /// Attributes of the drawing that the script reads.
    pub(super) data: String,
    /// The drawing's content.
    pub(super) drawing: String,
    /// Its `viewBox`, if not that of [`UNITS`].
    pub(super) view_box: Option<(usize, usize)>,
    /// Text over the drawing.
    pub(super) overlay: String,
}

impl Chart {
    /// Axes with a horizontal line at each tick of `y`.
    pub(super) fn new(height: usize, x: Vec<Tick>, y: Vec<Tick>) -> Self {
        let mut drawing = String::new();
        for tick in &y {
            let at = y_of(tick.at);
            let _ = write!(drawing, "<path class=grid d=\"M0 {at}H1000\"/>");
        }
        Self {
            height,
            x_ticks: x,
            y_ticks: y,
            drawing,
            ..Self::default()
        }
    }

    /// Adds a horizontal line, such as a target.
    pub(super) fn level(&mut self, class: &str, at: f64) {
        let at = y_of(at);
        let _ = write!(self.drawing, "<path class=\"{class}\" d=\"M0 {at}H1000\"/>");
    }

    /// Adds a line through points with their labels; where a number has no place, the line is
    /// broken and a cross stands on the upper edge.
    pub(super) fn line(&mut self, class: &str, name: &str, points: &[Point], y: &Scale) {
        let (mut path, mut labels, mut crosses) = (String::new(), String::new(), String::new());
        let mut pen_down = false;
        let mut alone = 0;
        for point in points {
            let x = (point.x * UNITS).round();
            let Some(at) = y.at(point.y) else {
                pen_down = false;
                if !point.y.is_finite() {
                    let _ = write!(crosses, "M{x} 0l0 24");
                }
                continue;
            };
            if pen_down {
                let _ = write!(path, "L{x} {}", y_of(at));
                alone = 0;
            } else {
                alone += 1;
                // A line of no length: its round ends are a dot.
                let _ = write!(path, "M{x} {}h0", y_of(at));
            }
            pen_down = true;
            if !labels.is_empty() {
                labels.push(' ');
            }
            labels.push_str(&digits(point.y));
        }
        let dots = if alone > 0 && points.len() < 3 {
            " dots"
        } else {
            ""
        };
        let name = escape(name);
        if !path.is_empty() {
            let _ = write!(
                self.drawing,
                "<path class=\"line {class}{dots}\" d=\"{path}\" data-n=\"{name}\" \
                 data-v=\"{labels}\"><title>{name}</title></path>"
            );
        }
        if !crosses.is_empty() {
            let _ = write!(
                self.drawing,
                "<path class=broken d=\"{crosses}\"><title>{name}: not a finite number</title></path>"
            );
        }
    }

    /// The chart as HTML.
    pub(super) fn html(&self) -> String {
        let y_width = (self.y_ticks.iter())
            .map(|tick| tick.label.chars().count())
            .max()
            .unwrap_or(0);
        let mut html = String::new();
        if !self.y_name.is_empty() {
            let _ = write!(html, "<p class=\"axis y-name\">{}</p>", escape(self.y_name));
        }
        let _ = write!(
            html,
            "<div class=frame style=\"--y:{y_width};--h:{}px\"><div class=y aria-hidden=true>",
            self.height
        );
        for tick in &self.y_ticks {
            let _ = write!(
                html,
                "<span style=\"top:{}%\">{}</span>",
                digits(100.0 - 100.0 * tick.at),
                escape(&tick.label)
            );
        }
        let (width, height) = self.view_box.unwrap_or((1000, 1000));
        let _ = write!(
            html,
            "</div><div class=plot {}><svg viewBox=\"0 0 {width} {height}\" \
             preserveAspectRatio=none role=img>{}</svg>{}</div><div class=x aria-hidden=true>",
            self.data, self.drawing, self.overlay
        );
        for tick in &self.x_ticks {
            let edge = match tick.at {
                at if at < 0.06 => " class=first",
                at if at > 0.94 => " class=end",
                _ => "",
            };
            let _ = write!(
                html,
                "<span{edge} style=\"left:{}%\">{}</span>",
                digits(100.0 * tick.at),
                escape(&tick.label)
            );
        }
        html.push_str("</div></div>");
        if !self.x_name.is_empty() {
            let _ = write!(html, "<p class=\"axis x-name\">{}</p>", escape(self.x_name));
        }
        html
    }
}

/// A point of a line: `x` from 0 to 1, and a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The vertical coordinate of a place on an axis.
pub(super) fn y_of(at: f64) -> f64 {
    ((1.0 - at) * UNITS).round()
}

/// The axis of steps of all charts.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepAxis {
    first: u64,
    last: u64,
}

impl StepAxis {
    pub(super) fn new((first, last): (u64, u64)) -> Self {
        Self { first, last }
    }

    /// Where a step is, from 0 to 1.
    pub(super) fn at(&self, step: u64) -> f64 {
        let span = self.last.saturating_sub(self.first);
        if span == 0 {
            return 0.5;
        }
        let step = step.clamp(self.first, self.last);
        (step - self.first) as f64 / span as f64
    }

    pub(super) fn tick(&self, step: u64) -> Tick {
        Tick {
            at: self.at(step),
            label: count(step),
        }
    }

    pub(super) fn ticks(&self) -> Vec<Tick> {
        if self.first == self.last {
            return vec![self.tick(self.first)];
        }
        let span = self.last - self.first;
        let power = 10_u64.pow((span / 4).max(1).ilog10());
        let step = [1, 2, 5, 10]
            .into_iter()
            .map(|times| power.saturating_mul(times))
            .find(|step| span / step <= 4)
            .unwrap_or(span);
        let mut ticks = Vec::new();
        let mut at = self.first.div_ceil(step).saturating_mul(step);
        while at <= self.last && ticks.len() < 8 {
            ticks.push(self.tick(at));
            let Some(next) = at.checked_add(step) else {
                break;
            };
            at = next;
        }
        ticks
    }
}

/// At most so many ticks at layers, by their names: all, every second one, and so on.
pub(super) fn name_ticks(names: &[&str], most: usize) -> Vec<Tick> {
    let stride = names.len().div_ceil(most.max(1)).max(1);
    (names.iter().enumerate().step_by(stride))
        .map(|(index, name)| Tick {
            at: 1.0 - (index as f64 + 0.5) / names.len() as f64,
            label: shortened(name, 20),
        })
        .collect()
}
