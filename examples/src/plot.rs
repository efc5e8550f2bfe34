//! Charts of lines and dots as SVG.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::ops::Range;

/// A chart with a legend.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Its title.
    pub title: String,
    /// What is on the horizontal axis.
    pub x: Axis,
    /// What is on the vertical axis.
    pub y: Axis,
    /// What is drawn, later series over earlier ones.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    /// Its label.
    pub label: String,
    /// What it shows; what the series need if not said.
    pub range: Option<Range<f64>>,
    /// Whether its numbers are logarithms to the base of 10, to be labelled as powers.
    pub decades: bool,
}

impl Axis {
    /// An axis of plain numbers.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            ..Self::default()
        }
    }

    /// An axis of logarithms to the base of 10.
    pub fn decades(label: &str) -> Self {
        Self {
            decades: true,
            ..Self::new(label)
        }
    }

    /// The axis with this range.
    pub fn range(self, range: Range<f64>) -> Self {
        Self {
            range: Some(range),
            ..self
        }
    }

    fn shown(&self, values: impl Iterator<Item = f64> + Clone) -> Range<f64> {
        if let Some(range) = &self.range {
            return range.clone();
        }
        let finite = values.filter(|value| value.is_finite());
        let low = finite.clone().fold(f64::INFINITY, f64::min);
        let high = finite.fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return 0.0..1.0;
        }
        let margin = 0.05 * (high - low).max(1e-9);
        low - margin..high + margin
    }

    fn write(&self, value: f64) -> String {
        if self.decades {
            format!("{:.0e}", 10.0_f64.powf(value))
        } else {
            let rounded = (value * 100.0).round() / 100.0 + 0.0;
            format!("{rounded}")
        }
    }
}

/// Points that belong together.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the legend; empty to be left out of it.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub mark: Mark,
    /// Which colour: an index of a palette that people with colour-blindness can tell apart.
    pub colour: usize,
}

/// How points are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A line through them.
    Line,
    /// A dot at each.
    Dot,
    /// A cross at each.
    Cross,
}

/// Okabe and Ito's colours.
const PALETTE: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(110, 110, 110),
];

const SIZE: (u32, u32) = (760, 460);
const LEGEND: i32 = 190;

impl Chart {
    /// The chart as the text of an SVG file.
    ///
    /// # Errors
    ///
    /// If a range is empty or not finite.
    pub fn svg(&self) -> Result<String, Box<dyn std::error::Error>> {
        let mut text = String::new();
        self.draw(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    fn draw<'a>(
        &self,
        text: &'a mut String,
    ) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
        let all = || self.series.iter().flat_map(|series| &series.points);
        let x_range = self.x.shown(all().map(|point| point.0));
        let y_range = self.y.shown(all().map(|point| point.1));
        let within = |range: &Range<f64>, at: f64| range.start <= at && at <= range.end;
        let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let (plot, legend) = root.split_horizontally(SIZE.0 as i32 - LEGEND);
        let mut chart = ChartBuilder::on(&plot)
            .caption(&self.title, ("sans-serif", 17))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(62)
            .build_cartesian_2d(x_range.clone(), y_range.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .x_label_formatter(&|value| self.x.write(*value))
            .y_label_formatter(&|value| self.y.write(*value))
            .label_style(("sans-serif", 13))
            .draw()?;
        for series in &self.series {
            let colour = PALETTE[series.colour % PALETTE.len()];
            let points = series.points.iter().copied();
            let points = points.filter(|(x, y)| within(&x_range, *x) && within(&y_range, *y));
            match series.mark {
                Mark::Line => {
                    chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
                }
                Mark::Dot => {
                    let dot = |point| Circle::new(point, 3, colour.mix(0.7).filled());
                    chart.draw_series(points.map(dot))?;
                }
                Mark::Cross => {
                    let cross = |point| Cross::new(point, 3, colour.stroke_width(1));
                    chart.draw_series(points.map(cross))?;
                }
            }
        }
        let style = ("sans-serif", 13)
            .into_text_style(&legend)
            .pos(Pos::new(HPos::Left, VPos::Center));
        let named = self.series.iter().filter(|series| !series.name.is_empty());
        for (row, series) in named.enumerate() {
            let colour = PALETTE[series.colour % PALETTE.len()];
            let y = 50 + 22 * row as i32;
            match series.mark {
                Mark::Line => legend.draw(&PathElement::new(
                    vec![(0, y), (16, y)],
                    colour.stroke_width(2),
                ))?,
                Mark::Dot => legend.draw(&Circle::new((8, y), 3, colour.mix(0.7).filled()))?,
                Mark::Cross => legend.draw(&Cross::new((8, y), 3, colour.stroke_width(1)))?,
            }
            legend.draw(&Text::new(series.name.as_str(), (22, y), style.clone()))?;
        }
        root.present()
    }
}
