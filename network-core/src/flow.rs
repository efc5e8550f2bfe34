//! How gradients will flow: what the theory of signal propagation predicted at compile time.

mod plot;

pub use plot::Plot;

use core::fmt;

#[cfg(feature = "alloc")]
pub use crate::report::check;

/// What theory says of a network at initialisation: see [`Network::FLOW`](crate::Network::FLOW).
///
/// Second-order mean-field theory (Poole et al. 2016, Schoenholz et al. 2017), for inputs of
/// mean 0 and variance 1; it speaks of the first step of training, not of later ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// `G = log10(|delta_first| / |delta_last|)`: decades of gradient norm between the first and
    /// the last dense layer. Below zero the gradient vanishes, above it explodes. `None` where
    /// theory has no answer: see `unknown`.
    pub decades: Option<f64>,
    /// Standard deviation of `G` over initialisations, from the widths; `None` if a width is a
    /// constant.
    pub deviation: Option<f64>,
    /// Which layer the theory does not know, and why.
    pub unknown: Option<&'static str>,
    /// What will train it, by the declaration's `#[gradient_flow(optimizer = ..)]`: `sgd`,
    /// `adam`, `adam_w` or `rms_prop`. The severities are those for it.
    pub optimizer: &'static str,
    /// What deserves a word, loudest first.
    pub findings: &'static [Finding],
    #[doc(hidden)]
    pub names: &'static [&'static str],
    #[doc(hidden)]
    pub words: &'static [&'static str],
    /// 32 bytes for each executed layer: see [`Prediction::layers`].
    #[doc(hidden)]
    pub records: &'static [u8],
}

/// How loud a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the compiler says nothing.
    Note,
    /// Training will probably suffer: a compiler warning.
    Warning,
    /// Training will fail: a compiler warning too, unless `#[gradient_flow(deny)]` asks for errors.
    Error,
}

/// Something that deserves a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, such as `gradient will vanish`.
    pub kind: &'static str,
    /// How loud to say it.
    pub severity: Severity,
    /// The layer that costs most.
    pub layer: &'static str,
    /// The whole message, with the edits that cure it.
    pub text: &'static str,
}

/// An edit of the declaration, with what the theory expects of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remedy {
    /// What it changes.
    pub change: Change,
    /// What to write, such as `` `relu` with `init = he_normal` ``.
    pub text: &'static str,
    /// `G` after it, where it is predicted.
    pub decades: Option<f64>,
    /// Its standard deviation.
    pub deviation: Option<f64>,
    /// First byte, byte after the last, and new text, in the declaration's source; empty if it
    /// cannot be typed there.
    pub replacements: &'static [(usize, usize, &'static str)],
}

/// What an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// How weights are drawn.
    Init,
    /// The activation, and with it the init.
    Activation,
    /// Normalisations are put in.
    Norm,
    /// Skips are put in, or scaled.
    Skip,
    /// Units are kept from dying.
    Alive,
}

/// The prediction for one executed layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerPrediction {
    /// The layer's field; layers inside a `repeat` come once for each round.
    pub name: &'static str,
    /// The word of the language.
    pub word: &'static str,
    /// Whether it lies on the main path, outside of residual branches.
    pub trunk: bool,
    /// The factor by which it multiplies the squared gradient norm on the way back.
    pub factor: f32,
    /// `log10` of the gradient norm at its output, relative to the last layer.
    pub gradient: f32,
    /// `E[y^2]` of its output.
    pub second_moment: f32,
    /// Mean of its output over units.
    pub mean: f32,
    /// Cosine between its outputs for two unrelated inputs.
    pub cosine: f32,
    /// Standard deviation of `gradient` over initialisations; NaN if a width is a constant.
    pub gradient_deviation: f32,
    /// Standard deviation of [`LayerPrediction::forward`] over initialisations; NaN if a width
    /// is a constant.
    pub forward_deviation: f32,
}

impl LayerPrediction {
    /// `log10` of the root mean square of its output.
    pub fn forward(&self) -> f32 {
        0.5 * libm::log10f(self.second_moment)
    }
}

impl Prediction {
    /// No prediction.
    #[doc(hidden)]
    pub const UNKNOWN: Self = Self {
        decades: None,
        deviation: None,
        unknown: Some("the declaration is outside of the theory"),
        optimizer: "sgd",
        findings: &[],
        names: &[],
        words: &[],
        records: &[],
    };

    /// The executed layers, in order.
    pub fn layers(
        &self,
    ) -> impl ExactSizeIterator<Item = LayerPrediction> + DoubleEndedIterator + '_ {
        self.records.chunks_exact(32).map(|record| {
            let word = |index: usize| {
                let mut bytes = [0; 4];
                bytes.copy_from_slice(&record[4 * index..4 * index + 4]);
                bytes
            };
            let number = |index| f32::from_le_bytes(word(index));
            let id = u32::from_le_bytes(word(0));
            let site = (id & !(1 << 31)) as usize;
            LayerPrediction {
                name: self.names.get(site).copied().unwrap_or_default(),
                word: self.words.get(site).copied().unwrap_or_default(),
                trunk: id >> 31 == 1,
                factor: number(1),
                gradient: number(2),
                second_moment: number(3),
                mean: number(4),
                cosine: number(5),
                gradient_deviation: number(6),
                forward_deviation: number(7),
            }
        })
    }
}

/// A table of the layers, then the findings.
impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .names
            .iter()
            .map(|name| name.len())
            .max()
            .unwrap_or(0)
            .max(5);
        writeln!(
            f,
            "{:<width$}  {:<12}  {:>11}  {:>12}  {:>12}  {:>6}",
            "layer", "", "forward RMS", "backward", "squared norm", "cosine"
        )?;
        for layer in self.layers() {
            writeln!(
                f,
                "{:<width$}  {:<12}  {:>11.4}  {:>+12.2}  {:>12.4}  {:>6.3}",
                layer.name,
                layer.word,
                libm::sqrtf(layer.second_moment),
                layer.gradient,
                layer.factor,
                layer.cosine
            )?;
        }
        match (self.decades, self.deviation) {
            (Some(decades), Some(deviation)) => {
                writeln!(
                    f,
                    "gradient norm, first layer to last: {decades:+.2} decades (+-{deviation:.2})"
                )?;
            }
            (Some(decades), None) => {
                writeln!(
                    f,
                    "gradient norm, first layer to last: {decades:+.2} decades"
                )?;
            }
            (None, _) => {
                let why = self.unknown.unwrap_or("unknown");
                writeln!(
                    f,
                    "gradient norm, first layer to last: not predicted ({why})"
                )?;
            }
        }
        if self.optimizer != "sgd" {
            writeln!(f, "judged for training with `{}`", self.optimizer)?;
        }
        for finding in self.findings {
            writeln!(f, "{:?}: {}", finding.severity, finding.text)?;
        }
        Ok(())
    }
}
