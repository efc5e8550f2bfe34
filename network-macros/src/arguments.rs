//! Reads the arguments of one layer: by position or by name, each once, all known.

use crate::errors::{Errors, suggest};
use crate::foreign;
use crate::shape::{Size, readable};
use crate::syntax::{Argument, Call, Value};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

/// The arguments of one call, taken one by one.
pub(crate) struct Arguments<'a> {
    word: String,
    call: &'a Call,
    rest: Vec<&'a Argument>,
    known: Vec<&'static str>,
    /// What was given by name, though it comes first without one.
    named: Vec<&'static str>,
    failed: bool,
}

/// A number: known to the macro, or an expression over constants in scope.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) known: Option<f64>,
    pub(crate) tokens: TokenStream,
}

impl Number {
    pub(crate) fn new(value: f64) -> Self {
        let literal = proc_macro2::Literal::f64_unsuffixed(value.abs());
        let tokens = if value < 0.0 {
            quote!(-#literal)
        } else {
            quote!(#literal)
        };
        Self {
            known: Some(value),
            tokens,
        }
    }
}

impl ToTokens for Number {
    fn to_tokens(&self, out: &mut TokenStream) {
        self.tokens.to_tokens(out);
    }
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(call: &'a Call) -> Self {
        Self {
            word: readable(&call.path.to_token_stream()),
            call,
            rest: call.arguments.iter().collect(),
            known: Vec::new(),
            named: Vec::new(),
            failed: false,
        }
    }

    /// The argument called `name`, or else the first without a name if `positional`.
    pub(crate) fn take(&mut self, name: &'static str, positional: bool) -> Option<&'a Value> {
        self.known.push(name);
        let named = self
            .rest
            .iter()
            .position(|argument| argument.name.as_ref().is_some_and(|n| n.unraw() == name));
        if positional && named.is_some() {
            self.named.push(name);
        }
        let index = named.or_else(|| {
            (positional && self.rest.first().is_some_and(|a| a.name.is_none())).then_some(0)
        })?;
        Some(&self.rest.remove(index).value)
    }

    /// As [`Arguments::take`], which must be an expression.
    pub(crate) fn take_expr(
        &mut self,
        name: &'static str,
        positional: bool,
        errors: &mut Errors,
    ) -> Option<&'a syn::Expr> {
        match self.take(name, positional)? {
            Value::Expr(expr) => Some(expr),
            Value::Type(ty) => {
                errors.report_at(
                    ty,
                    format!("expected a value for `{name}`, found a type"),
                    "write a number, a constant, or another expression",
                );
                self.failed = true;
                None
            }
        }
    }

    /// A size that has to be given, such as `units`.
    pub(crate) fn size(
        &mut self,
        name: &'static str,
        example: &str,
        errors: &mut Errors,
    ) -> Option<Size> {
        let before = self.failed;
        if let Some(expr) = self.take_expr(name, true, errors) {
            let size = Size::read(expr, errors);
            self.failed |= size.is_none();
            return size;
        }
        if self.failed == before {
            errors.report(
                self.call.span(),
                format!("`{}` needs `{name}`, a positive integer", self.word),
                format!("write `{example}`"),
            );
            self.failed = true;
        }
        None
    }

    /// Two sizes, such as `kernel = (3, 5)` for rows and columns, or one for both; and
    /// where they were written. `smallest` is 0 or 1.
    pub(crate) fn pair(
        &mut self,
        name: &'static str,
        positional: bool,
        smallest: usize,
        errors: &mut Errors,
    ) -> Option<([Size; 2], &'a syn::Expr)> {
        let expr = self.take_expr(name, positional, errors)?;
        let parts: Vec<&syn::Expr> = match expr {
            syn::Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            other => vec![other],
        };
        let read = |part: &syn::Expr, errors: &mut Errors| {
            if smallest == 0 {
                Size::read_with_zero(part, errors)
            } else {
                Size::read(part, errors)
            }
        };
        let sizes: Vec<_> = parts.iter().map(|part| read(part, errors)).collect();
        let pair = match sizes.as_slice() {
            [both] => both.clone().map(|both| [both.clone(), both]),
            [rows, columns] => rows.clone().zip(columns.clone()).map(|(r, c)| [r, c]),
            other => {
                errors.report_at(
                    expr,
                    format!("`{name}` has 1 size or 2, found {}", other.len()),
                    format!("write `{name} = 3`, or `{name} = (3, 5)` for rows and columns"),
                );
                None
            }
        };
        self.failed |= pair.is_none();
        pair.map(|pair| (pair, expr))
    }

    /// A size that may be left out; and where it was written.
    pub(crate) fn optional_size(
        &mut self,
        name: &'static str,
        positional: bool,
        smallest: usize,
        errors: &mut Errors,
    ) -> Option<(Size, &'a syn::Expr)> {
        let expr = self.take_expr(name, positional, errors)?;
        let size = if smallest == 0 {
            Size::read_with_zero(expr, errors)
        } else {
            Size::read(expr, errors)
        };
        self.failed |= size.is_none();
        size.map(|size| (size, expr))
    }

    /// Reports an argument that has to be given and was not.
    pub(crate) fn missing(&mut self, what: &str, example: &str, errors: &mut Errors) {
        if !self.failed {
            errors.report(
                self.call.span(),
                format!("`{}` needs {what}", self.word),
                format!("write `{example}`"),
            );
        }
        self.failed = true;
    }

    /// A number within a range, or its default.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        positional: bool,
        default: f64,
        range: &NumberRange,
        errors: &mut Errors,
    ) -> Number {
        match self.take_expr(name, positional, errors) {
            Some(expr) => self.number_of(name, expr, default, range, errors),
            None => Number::new(default),
        }
    }

    /// The number that was written for the argument `name`.
    pub(crate) fn number_of(
        &mut self,
        name: &'static str,
        expr: &syn::Expr,
        default: f64,
        range: &NumberRange,
        errors: &mut Errors,
    ) -> Number {
        match number(expr) {
            Ok(Some(value)) if !(range.holds)(value) => {
                errors.report_at(
                    expr,
                    format!(
                        "`{name}` of `{}` must be {}, found {value:?}",
                        self.word, range.text
                    ),
                    format!(
                        "write `{name} = {default:?}`, the default, or another number that is {}",
                        range.text
                    ),
                );
                self.failed = true;
                Number::new(default)
            }
            Ok(Some(value)) => Number::new(value),
            Ok(None) => Number {
                known: None,
                tokens: quote!((#expr) as f64),
            },
            Err(()) => {
                errors.report_at(
                    expr,
                    format!(
                        "expected a number for `{name}`, found `{}`",
                        readable(&expr.to_token_stream())
                    ),
                    format!("write `{name} = {default:?}`"),
                );
                self.failed = true;
                Number::new(default)
            }
        }
    }

    /// `true` or `false`, or its default.
    pub(crate) fn flag(&mut self, name: &'static str, default: bool, errors: &mut Errors) -> bool {
        let Some(expr) = self.take_expr(name, false, errors) else {
            return default;
        };
        if let syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Bool(value),
            ..
        }) = expr
        {
            return value.value;
        }
        errors.report_at(
            expr,
            format!(
                "expected `true` or `false` for `{name}`, found `{}`",
                readable(&expr.to_token_stream())
            ),
            format!("write `{name} = {}`", !default),
        );
        self.failed = true;
        default
    }

    /// All arguments without a name.
    pub(crate) fn positional(&mut self) -> Vec<&'a Value> {
        let rest = std::mem::take(&mut self.rest);
        let (without, with): (Vec<_>, Vec<_>) = rest.into_iter().partition(|a| a.name.is_none());
        self.rest = with;
        without
            .into_iter()
            .map(|argument| &argument.value)
            .collect()
    }

    /// Positional arguments that name earlier statements.
    pub(crate) fn labels(&mut self, errors: &mut Errors) -> Vec<syn::Ident> {
        let mut labels = Vec::new();
        for argument in std::mem::take(&mut self.rest) {
            match (&argument.name, &argument.value) {
                (None, Value::Expr(syn::Expr::Path(path))) if path.path.get_ident().is_some() => {
                    labels.extend(path.path.get_ident().cloned());
                }
                (_, value) => {
                    errors.report_at(
                        value,
                        format!(
                            "`{}` takes labels of earlier statements, found `{}`",
                            self.word,
                            readable(&value.to_token_stream())
                        ),
                        format!(
                            "label a statement, as in `stem: dense(64);`, and write `{}(stem)`",
                            self.word
                        ),
                    );
                    self.failed = true;
                }
            }
        }
        if labels.is_empty() && !self.failed {
            errors.report(
                self.call.span(),
                format!("`{}` needs at least one label", self.word),
                format!(
                    "label an earlier statement, as in `stem: dense(64);`, and write `{}(stem)`",
                    self.word
                ),
            );
            self.failed = true;
        }
        labels
    }

    /// The label of a padded sequence, as in `padding = input`.
    pub(crate) fn label(&mut self, name: &'static str, errors: &mut Errors) -> Option<syn::Ident> {
        let value = self.take(name, false)?;
        if let Value::Expr(syn::Expr::Path(path)) = value
            && let Some(label) = path.path.get_ident()
        {
            return Some(label.clone());
        }
        errors.report_at(
            value,
            format!(
                "`{name}` takes the label of a sequence, found `{}`",
                readable(&value.to_token_stream())
            ),
            format!(
                "write `{name} = input`, or label the statement that makes the padded sequence"
            ),
        );
        self.failed = true;
        None
    }

    /// Reports arguments that nothing took, and a body that does not belong here.
    /// Whether all was well.
    pub(crate) fn finish(mut self, body_allowed: bool, errors: &mut Errors) -> bool {
        for argument in &self.rest {
            self.failed = true;
            let value = readable(&argument.value.to_token_stream());
            let name = argument.name.as_ref().map(|name| name.unraw().to_string());
            let way = name.and_then(|name| foreign::argument(&name, &value, &self.word));
            let known = if self.known.is_empty() {
                format!("`{}` takes no arguments: write `{}`", self.word, self.word)
            } else {
                format!(
                    "`{}` takes {}",
                    self.word,
                    self.known
                        .iter()
                        .map(|n| format!("`{n}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            };
            match &argument.name {
                Some(name) if self.known.iter().any(|known| name.unraw() == known) => {
                    errors.report(
                        name.span(),
                        format!("`{name}` of `{}` is given twice", self.word),
                        "leave one out",
                    );
                }
                Some(name) if way.is_some() => errors.report(
                    name.span(),
                    format!("`{}` has no argument `{name}`", self.word),
                    way.unwrap_or_default(),
                ),
                Some(name) if self.known.is_empty() => {
                    errors.report(
                        name.span(),
                        format!("`{}` has no argument `{name}`", self.word),
                        known,
                    );
                }
                Some(name) => errors.report(
                    name.span(),
                    format!("`{}` has no argument `{name}`", self.word),
                    suggest(&name.to_string(), "arguments", self.known.iter().copied()),
                ),
                None if !self.named.is_empty() => errors.report_at(
                    &argument.value,
                    format!(
                        "`{}` of `{}` is given twice",
                        self.named.remove(0),
                        self.word
                    ),
                    "leave one out",
                ),
                None => errors.report_at(
                    &argument.value,
                    format!("unexpected argument `{}` of `{}`", value, self.word),
                    match self.known.iter().find(|name| **name == "stride") {
                        Some(_) => format!("{known}; a second size may be `stride = {value}`"),
                        None => known,
                    },
                ),
            }
        }
        if self.call.body.is_some() && !body_allowed {
            errors.report(
                self.call.span(),
                format!("`{}` has no `{{ .. }}`", self.word),
                "only `residual` and `repeat` hold layers",
            );
            self.failed = true;
        }
        !self.failed
    }

    /// Whether nothing was wrong so far.
    pub(crate) fn is_fine(&self) -> bool {
        !self.failed
    }

    /// Marks the call as wrong, after its error was reported elsewhere.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }
}

/// Which numbers are allowed, in code and in words.
pub(crate) struct NumberRange {
    pub(crate) holds: fn(f64) -> bool,
    pub(crate) text: &'static str,
}

pub(crate) const FINITE: NumberRange = NumberRange {
    holds: f64::is_finite,
    text: "finite",
};
pub(crate) const POSITIVE: NumberRange = NumberRange {
    holds: |x| x > 0.0 && x.is_finite(),
    text: "above 0",
};
pub(crate) const NOT_NEGATIVE: NumberRange = NumberRange {
    holds: |x| x >= 0.0 && x.is_finite(),
    text: "at least 0",
};
pub(crate) const UNIT: NumberRange = NumberRange {
    holds: |x| (0.0..=1.0).contains(&x),
    text: "between 0 and 1",
};
pub(crate) const BELOW_ONE: NumberRange = NumberRange {
    holds: |x| (0.0..1.0).contains(&x),
    text: "at least 0 and below 1",
};

/// The value of a number; `None` if it holds a name; an error if it is none.
pub(crate) fn number(expr: &syn::Expr) -> Result<Option<f64>, ()> {
    use syn::{BinOp, Expr, Lit, UnOp};
    Ok(match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => Some(int.base10_parse::<f64>().map_err(|_| ())?),
            Lit::Float(float) => Some(float.base10_parse::<f64>().map_err(|_| ())?),
            _ => return Err(()),
        },
        Expr::Paren(inner) => number(&inner.expr)?,
        Expr::Group(inner) => number(&inner.expr)?,
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr)?.map(|x| -x),
        Expr::Binary(binary) => {
            let (Some(a), Some(b)) = (number(&binary.left)?, number(&binary.right)?) else {
                return Ok(None);
            };
            Some(match binary.op {
                BinOp::Add(_) => a + b,
                BinOp::Sub(_) => a - b,
                BinOp::Mul(_) => a * b,
                BinOp::Div(_) => a / b,
                _ => return Err(()),
            })
        }
        Expr::Path(_)
        | Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Cast(_)
        | Expr::Block(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Const(_) => None,
        _ => return Err(()),
    })
}
