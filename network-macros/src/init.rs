//! Names of initial values: what a declaration may write, and the code it becomes.

use crate::arguments::{Number, number};
use crate::errors::{Errors, suggest};
use crate::shape::readable;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Expr;
use syn::spanned::Spanned;

/// The activation that a layer's output goes through first, as initialisers see it.
#[derive(Clone, Debug)]
pub(crate) enum Following {
    /// Rectifiers: zero mean slope `slope` on the negative side.
    Rectifier { slope: f64 },
    /// Smooth rectifiers, which He's initialisation also fits: elu, gelu, silu, mish, ...
    SmoothRectifier,
    /// Saturating or linear: sigmoid, tanh, softsign, identity.
    Saturating,
    /// selu.
    SelfNormalising,
}

/// A written initialiser, its gain not yet resolved.
#[derive(Clone, Debug)]
pub(crate) struct WrittenInit {
    scheme: Scheme,
    /// Where it was written.
    pub(crate) span: Span,
    text: String,
}

#[derive(Clone, Debug)]
enum Scheme {
    Zeros,
    Constant(Number),
    Uniform(Number, Number),
    Normal(Number, Number),
    Xavier {
        normal: bool,
        gain: Option<Number>,
    },
    He {
        normal: bool,
        fan_out: bool,
        gain: Option<Number>,
    },
    Lecun {
        normal: bool,
    },
    Orthogonal {
        gain: Option<Number>,
    },
    PytorchDefault,
    /// The gain that the theory of signal propagation finds.
    Auto,
}

const NAMES: &[&str] = &[
    "zeros",
    "constant",
    "uniform",
    "normal",
    "xavier_uniform",
    "xavier_normal",
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "lecun_uniform",
    "lecun_normal",
    "orthogonal",
    "pytorch_default",
    "auto",
];

impl WrittenInit {
    /// Reads `he_normal`, `normal(0.0, 0.1)`, `xavier_uniform(gain = 2)`, ...
    pub(crate) fn read(expr: &Expr, errors: &mut Errors) -> Option<Self> {
        let (path, arguments): (&Expr, Vec<&Expr>) = match expr {
            Expr::Call(call) => (&call.func, call.args.iter().collect()),
            other => (other, Vec::new()),
        };
        let name = match path {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        };
        let Some(name) = name else {
            errors.report_at(
                expr,
                format!(
                    "expected an initialiser, found `{}`",
                    readable(&expr.to_token_stream())
                ),
                format!("known initialisers: {}", NAMES.join(", ")),
            );
            return None;
        };
        let mut reader = Reader {
            name: &name,
            rest: arguments,
            errors,
            failed: false,
        };
        let scheme = match name.as_str() {
            "zeros" => Scheme::Zeros,
            "constant" => Scheme::Constant(reader.required("value", "constant(0.1)")?),
            "uniform" => {
                let low = reader.required("low", "uniform(-0.1, 0.1)")?;
                Scheme::Uniform(low, reader.required("high", "uniform(-0.1, 0.1)")?)
            }
            "normal" => {
                let mean = reader.required("mean", "normal(0.0, 0.1)")?;
                Scheme::Normal(
                    mean,
                    reader.required("standard_deviation", "normal(0.0, 0.1)")?,
                )
            }
            "xavier_uniform" | "glorot_uniform" | "xavier_normal" | "glorot_normal" => {
                Scheme::Xavier {
                    normal: name.ends_with("normal"),
                    gain: reader.optional("gain"),
                }
            }
            "he_uniform" | "kaiming_uniform" | "he_normal" | "kaiming_normal" => {
                let gain = reader.optional("gain");
                let fan_out = reader.fan_out();
                Scheme::He {
                    normal: name.ends_with("normal"),
                    fan_out,
                    gain,
                }
            }
            "lecun_uniform" | "lecun_normal" => Scheme::Lecun {
                normal: name.ends_with("normal"),
            },
            "orthogonal" => Scheme::Orthogonal {
                gain: reader.optional("gain"),
            },
            "pytorch_default" => Scheme::PytorchDefault,
            "auto" => Scheme::Auto,
            _ => {
                errors.report_at(
                    path,
                    format!("unknown initialiser `{name}`"),
                    suggest(&name, "initialisers", NAMES.iter().copied()),
                );
                return None;
            }
        };
        reader.finish().then(|| Self {
            scheme,
            span: expr.span(),
            text: readable(&expr.to_token_stream()),
        })
    }

    /// The initialiser that fits the activation after a layer: He for rectifiers,
    /// LeCun for `selu`, Xavier for the rest.
    pub(crate) fn fitting(following: Option<&Following>) -> Self {
        let (scheme, text) = match following {
            Some(Following::Rectifier { .. } | Following::SmoothRectifier) => (
                Scheme::He {
                    normal: true,
                    fan_out: false,
                    gain: None,
                },
                "he_normal",
            ),
            Some(Following::SelfNormalising) => (Scheme::Lecun { normal: true }, "lecun_normal"),
            Some(Following::Saturating) | None => (
                Scheme::Xavier {
                    normal: false,
                    gain: None,
                },
                "xavier_uniform",
            ),
        };
        Self {
            scheme,
            span: Span::call_site(),
            text: text.to_owned(),
        }
    }

    /// The usual start of recurrent weights.
    pub(crate) fn orthogonal() -> Self {
        Self {
            scheme: Scheme::Orthogonal { gain: None },
            span: Span::call_site(),
            text: "orthogonal".to_owned(),
        }
    }

    pub(crate) fn is_orthogonal(&self) -> bool {
        matches!(self.scheme, Scheme::Orthogonal { .. })
    }

    pub(crate) fn zeros() -> Self {
        Self {
            scheme: Scheme::Zeros,
            span: Span::call_site(),
            text: "zeros".to_owned(),
        }
    }

    /// Whether the gain is left to the theory of signal propagation.
    pub(crate) fn is_auto(&self) -> bool {
        matches!(self.scheme, Scheme::Auto)
    }

    /// As the theory of signal propagation sees it: a kind, and a factor on its standard
    /// deviation. `None` if it holds constants that only the compiler knows.
    pub(crate) fn flow(&self, following: Option<&Following>) -> Option<(network_flow::Init, f64)> {
        use network_flow::Init;
        let relative = |gain: &Option<Number>, usual: f64, unit: f64| match gain {
            Some(gain) => gain.known.map(|gain| gain / unit),
            None => Some(usual / unit),
        };
        let root = std::f64::consts::SQRT_2;
        Some(match &self.scheme {
            Scheme::Zeros => (Init::Zeros, 1.0),
            Scheme::Constant(value) => (Init::Constant(value.known?), 1.0),
            Scheme::Uniform(low, high) => {
                let (low, high) = (low.known?, high.known?);
                if low != -high {
                    return None;
                }
                (Init::Uniform(high), 1.0)
            }
            Scheme::Normal(mean, deviation) => {
                if mean.known? != 0.0 {
                    return None;
                }
                (Init::Normal(deviation.known?), 1.0)
            }
            Scheme::Xavier { gain, .. } => (Init::XavierNormal, relative(gain, 1.0, 1.0)?),
            Scheme::He { fan_out, gain, .. } => {
                let init = if *fan_out {
                    Init::HeFanOutNormal
                } else {
                    Init::HeNormal
                };
                (init, relative(gain, rectifier_gain(following), root)?)
            }
            Scheme::Lecun { .. } | Scheme::Auto => (Init::LecunNormal, 1.0),
            Scheme::Orthogonal { gain } => (
                Init::Orthogonal,
                relative(gain, orthogonal_gain(following), 1.0)?,
            ),
            Scheme::PytorchDefault => (Init::PytorchDefault, 1.0),
        })
    }

    /// The variance of a bias that starts so, if the macro can tell.
    pub(crate) fn variance(&self) -> Option<f64> {
        Some(match &self.scheme {
            Scheme::Zeros => 0.0,
            Scheme::Constant(value) => value.known?.powi(2),
            Scheme::Uniform(low, high) => {
                let (low, high) = (low.known?, high.known?);
                (low * low + low * high + high * high) / 3.0
            }
            Scheme::Normal(mean, deviation) => mean.known?.powi(2) + deviation.known?.powi(2),
            _ => return None,
        })
    }

    /// As a value of `network_core::init::Init`.
    pub(crate) fn tokens(&self, krate: &TokenStream, following: Option<&Following>) -> TokenStream {
        let init = quote!(#krate::init::Init);
        match &self.scheme {
            Scheme::Zeros => quote!(#init::Zeros),
            Scheme::Constant(value) => quote!(#init::Constant(#value)),
            Scheme::Uniform(low, high) => quote!(#init::Uniform { low: #low, high: #high }),
            Scheme::Normal(mean, deviation) => {
                quote!(#init::Normal { mean: #mean, standard_deviation: #deviation })
            }
            Scheme::Xavier { normal, gain } => {
                let gain = gain.clone().unwrap_or(Number::new(1.0));
                if *normal {
                    quote!(#init::XavierNormal { gain: #gain })
                } else {
                    quote!(#init::XavierUniform { gain: #gain })
                }
            }
            Scheme::He {
                normal,
                fan_out,
                gain,
            } => {
                let gain = gain
                    .clone()
                    .unwrap_or_else(|| Number::new(rectifier_gain(following)));
                let fan = if *fan_out {
                    quote!(FanOut)
                } else {
                    quote!(FanIn)
                };
                let fan = quote!(#krate::init::Fan::#fan);
                if *normal {
                    quote!(#init::HeNormal { gain: #gain, fan: #fan })
                } else {
                    quote!(#init::HeUniform { gain: #gain, fan: #fan })
                }
            }
            Scheme::Lecun { normal: true } => quote!(#init::LecunNormal),
            Scheme::Lecun { normal: false } => quote!(#init::LecunUniform),
            Scheme::Orthogonal { gain } => {
                let gain = gain
                    .clone()
                    .unwrap_or_else(|| Number::new(orthogonal_gain(following)));
                quote!(#init::Orthogonal { gain: #gain })
            }
            Scheme::PytorchDefault => quote!(#init::PytorchDefault),
            Scheme::Auto => {
                quote!(#init::HeNormal { gain: AUTO_GAIN, fan: #krate::init::Fan::FanIn })
            }
        }
    }
}

/// He's gain for the activation that follows: sqrt(2 / (1 + slope^2)), else sqrt 2.
fn rectifier_gain(following: Option<&Following>) -> f64 {
    match following {
        Some(Following::Rectifier { slope }) => (2.0 / (1.0 + slope * slope)).sqrt(),
        _ => std::f64::consts::SQRT_2,
    }
}

/// He's gain before rectifiers, else 1.
fn orthogonal_gain(following: Option<&Following>) -> f64 {
    match following {
        Some(Following::Rectifier { .. } | Following::SmoothRectifier) => rectifier_gain(following),
        _ => 1.0,
    }
}

impl std::fmt::Display for WrittenInit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads an initialiser's arguments.
struct Reader<'a, 'e> {
    name: &'a str,
    rest: Vec<&'a Expr>,
    errors: &'e mut Errors,
    failed: bool,
}

impl<'a> Reader<'a, '_> {
    fn take(&mut self, name: &str) -> Option<&'a Expr> {
        let named = self.rest.iter().position(|expr| match expr {
            Expr::Assign(assign) => is_name(&assign.left, name),
            _ => false,
        });
        if let Some(index) = named {
            return match self.rest.remove(index) {
                Expr::Assign(assign) => Some(&assign.right),
                other => Some(other),
            };
        }
        match self.rest.first() {
            None | Some(Expr::Assign(_)) => None,
            Some(_) => Some(self.rest.remove(0)),
        }
    }

    fn optional(&mut self, name: &str) -> Option<Number> {
        if name == "gain"
            && !self
                .rest
                .iter()
                .any(|e| matches!(e, Expr::Assign(a) if is_name(&a.left, "gain")))
            && !self
                .rest
                .first()
                .is_some_and(|e| number(e).is_ok_and(|n| n.is_some()))
        {
            return None;
        }
        let expr = self.take(name)?;
        self.number(name, expr)
    }

    fn required(&mut self, name: &str, example: &str) -> Option<Number> {
        let Some(expr) = self.take(name) else {
            let message = format!("`{}` needs `{name}`", self.name);
            let span = proc_macro2::Span::call_site();
            let help = format!("write `{example}`");
            match self.rest.first() {
                Some(expr) => self.errors.report_at(expr, message, help),
                None => self.errors.report(span, message, help),
            }
            return None;
        };
        self.number(name, expr)
    }

    fn number(&mut self, name: &str, expr: &Expr) -> Option<Number> {
        match number(expr) {
            Ok(Some(value)) => Some(Number::new(value)),
            Ok(None) => Some(Number {
                known: None,
                tokens: quote!((#expr) as f64),
            }),
            Err(()) => {
                self.errors.report_at(
                    expr,
                    format!(
                        "expected a number for `{name}`, found `{}`",
                        readable(&expr.to_token_stream())
                    ),
                    format!("write `{}(.., {name} = 1.0)`", self.name),
                );
                self.failed = true;
                None
            }
        }
    }

    /// `fan = fan_in` (default) or `fan = fan_out`.
    fn fan_out(&mut self) -> bool {
        let Some(expr) = self.take("fan") else {
            return false;
        };
        if is_name(expr, "fan_out") {
            return true;
        }
        if !is_name(expr, "fan_in") {
            self.errors.report_at(
                expr,
                format!(
                    "expected `fan_in` or `fan_out`, found `{}`",
                    readable(&expr.to_token_stream())
                ),
                format!("write `{}(fan = fan_out)`", self.name),
            );
            self.failed = true;
        }
        false
    }

    fn finish(self) -> bool {
        for expr in &self.rest {
            self.errors.report_at(
                expr,
                format!(
                    "unexpected argument `{}` of `{}`",
                    readable(&expr.to_token_stream()),
                    self.name
                ),
                "leave it out",
            );
        }
        self.rest.is_empty() && !self.failed
    }
}

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident(name))
}
