//! The predicted signal as a plot: one self-contained SVG, for light and dark pages.

use super::{LayerPrediction, Prediction};
use core::fmt;

/// A plot of the predicted signal: prints itself as SVG. Made by [`Prediction::plot`].
#[derive(Clone, Copy, Debug)]
pub struct Plot<'a> {
    prediction: &'a Prediction,
}

/// The drawing area in pixels, inside of margins for the labels.
const LEFT: f32 = 64.0;
const TOP: f32 = 72.0;
const WIDTH: f32 = 660.0;
const HEIGHT: f32 = 280.0;
/// The whole drawing.
const WHOLE: (f32, f32) = (760.0, 450.0);
/// As many layers are named.
const NAMED: usize = 12;

const STYLE: &str = "\
svg{font:13px system-ui,sans-serif;background:#fff}\
text{fill:#333}.small{font-size:11px;fill:#666}.bold{font-weight:600;font-size:15px}\
.grid{stroke:#e4e4e4}.zero{stroke:#999}\
.forward{color:#0b6e99}.backward{color:#c2410c}\
polyline{fill:none;stroke:currentColor;stroke-width:2}\
polygon{fill:currentColor;opacity:.18}circle{fill:currentColor;opacity:.55}\
.key{fill:currentColor}\
@media(prefers-color-scheme:dark){svg{background:#16181d}text{fill:#ddd}.small{fill:#999}\
.grid{stroke:#2c3038}.zero{stroke:#777}.forward{color:#5cc0ea}.backward{color:#ff9a62}}";

impl Prediction {
    /// The forward signal (root mean square of each layer's output) and the backward signal
    /// (gradient norm at each layer's output, relative to the last layer) in decades, each with
    /// an interval of two standard deviations over initialisations. Lines run along the main
    /// path, dots are layers inside of residual branches.
    ///
    /// # Examples
    ///
    /// ```
    /// # use network_core::prelude::*;
    /// # network! {
    /// #     #[gradient_flow(allow)]
    /// #     pub struct Deep(64) -> 10 {
    /// #         init = xavier_normal;
    /// #         repeat(10) { dense(64) -> sigmoid; }
    /// #         head: dense(10);
    /// #     }
    /// # }
    /// let svg = Deep::FLOW.plot().to_string();
    /// assert!(svg.starts_with("<svg"));
    /// // std::fs::write("flow.svg", svg)?;
    /// ```
    pub fn plot(&self) -> Plot<'_> {
        Plot { prediction: self }
    }
}

/// One of the two signals.
#[derive(Clone, Copy)]
enum Signal {
    Forward,
    Backward,
}

impl Signal {
    /// Decades, and their standard deviation.
    fn of(self, layer: &LayerPrediction) -> (f32, f32) {
        let (decades, deviation) = match self {
            Self::Forward => (layer.forward(), layer.forward_deviation),
            Self::Backward => (layer.gradient, layer.gradient_deviation),
        };
        let deviation = if deviation.is_finite() {
            deviation
        } else {
            0.0
        };
        (decades, deviation)
    }
}

/// Where numbers lie in the drawing.
struct Axes {
    /// Executed layers.
    layers: usize,
    /// Lowest and highest decade.
    low: f32,
    high: f32,
}

impl Axes {
    fn x(&self, layer: usize) -> f32 {
        LEFT + WIDTH * (layer as f32 + 0.5) / self.layers.max(1) as f32
    }

    fn y(&self, decades: f32) -> f32 {
        TOP + HEIGHT * (self.high - decades) / (self.high - self.low)
    }
}

impl Plot<'_> {
    /// The layers of a signal with its decades, as far as any arrives.
    fn points(self, signal: Signal) -> impl DoubleEndedIterator<Item = (usize, bool, f32, f32)> {
        let layers = self.prediction.layers().enumerate();
        layers
            .map(move |(index, layer)| {
                let (decades, deviation) = signal.of(&layer);
                (index, layer.trunk, decades, deviation)
            })
            .filter(|(.., decades, _)| decades.is_finite())
    }

    fn axes(self) -> Axes {
        let (mut low, mut high) = (0.0_f32, 0.0_f32);
        for signal in [Signal::Forward, Signal::Backward] {
            for (.., decades, deviation) in self.points(signal) {
                low = low.min(decades - 2.0 * deviation);
                high = high.max(decades + 2.0 * deviation);
            }
        }
        Axes {
            layers: self.prediction.layers().len(),
            low: libm::floorf(low - 0.1),
            high: libm::ceilf(high + 0.1),
        }
    }

    fn signal(self, f: &mut fmt::Formatter<'_>, axes: &Axes, signal: Signal) -> fmt::Result {
        let class = match signal {
            Signal::Forward => "forward",
            Signal::Backward => "backward",
        };
        let trunk = || self.points(signal).filter(|(_, trunk, ..)| *trunk);
        write!(f, "<g class=\"{class}\"><polygon points=\"")?;
        for (index, _, decades, deviation) in trunk() {
            let y = axes.y(decades + 2.0 * deviation);
            write!(f, "{:.1},{y:.1} ", axes.x(index))?;
        }
        for (index, _, decades, deviation) in trunk().rev() {
            let y = axes.y(decades - 2.0 * deviation);
            write!(f, "{:.1},{y:.1} ", axes.x(index))?;
        }
        f.write_str("\"/><polyline points=\"")?;
        for (index, _, decades, _) in trunk() {
            write!(f, "{:.1},{:.1} ", axes.x(index), axes.y(decades))?;
        }
        f.write_str("\"/>")?;
        for (index, trunk, decades, _) in self.points(signal) {
            if !trunk {
                let (x, y) = (axes.x(index), axes.y(decades));
                write!(f, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>")?;
            }
        }
        f.write_str("</g>\n")
    }

    fn grid(self, f: &mut fmt::Formatter<'_>, axes: &Axes) -> fmt::Result {
        let range = axes.high - axes.low;
        let step = [1, 2, 5, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .find(|step| range / *step as f32 <= 8.0)
            .unwrap_or(1000);
        let right = LEFT + WIDTH;
        let first = libm::ceilf(axes.low / step as f32) as i32;
        let last = libm::floorf(axes.high / step as f32) as i32;
        for line in first..=last {
            let decades = line * step;
            let (y, class) = (
                axes.y(decades as f32),
                if line == 0 { "zero" } else { "grid" },
            );
            write!(
                f,
                "<line class=\"{class}\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\
                 <text class=\"small\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{decades:+}</text>",
                LEFT - 8.0,
                y + 4.0
            )?;
        }
        let every = axes.layers.div_ceil(NAMED).max(1);
        let bottom = TOP + HEIGHT + 14.0;
        for (index, layer) in self.prediction.layers().enumerate().step_by(every) {
            let x = axes.x(index);
            write!(
                f,
                "<text class=\"small\" text-anchor=\"end\" transform=\"translate({:.1} {bottom}) \
                 rotate(-30)\">{}</text>",
                x + 4.0,
                layer.name
            )?;
        }
        f.write_str("\n")
    }
}

impl fmt::Display for Plot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes = self.axes();
        let (width, height) = WHOLE;
        write!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\"><title>Predicted signal propagation</title><style>{STYLE}</style>\n\
             <text class=\"bold\" x=\"20\" y=\"28\">"
        )?;
        match (self.prediction.decades, self.prediction.deviation) {
            (Some(decades), Some(deviation)) => write!(
                f,
                "gradient, first layer to last: {decades:+.2} ± {deviation:.2} decades"
            )?,
            (Some(decades), None) => {
                write!(f, "gradient, first layer to last: {decades:+.2} decades")?;
            }
            (None, _) => f.write_str("the gradient is not predicted")?,
        }
        f.write_str(
            "</text>\n<g class=\"forward\"><rect class=\"key\" x=\"20\" y=\"43\" width=\"14\" \
             height=\"4\"/></g><text x=\"40\" y=\"50\">forward: log₁₀ RMS of the output</text>\
             <g class=\"backward\"><rect class=\"key\" x=\"260\" y=\"43\" width=\"14\" \
             height=\"4\"/></g><text x=\"280\" y=\"50\">backward: log₁₀ gradient norm, last layer \
             = 0</text><text class=\"small\" x=\"600\" y=\"50\">bands: ± 2 deviations</text>\n",
        )?;
        self.grid(f, &axes)?;
        self.signal(f, &axes, Signal::Forward)?;
        self.signal(f, &axes, Signal::Backward)?;
        f.write_str("</svg>\n")
    }
}
