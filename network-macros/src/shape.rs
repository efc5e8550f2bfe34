//! Sizes and shapes, as far as the macro knows them.

use crate::errors::Errors;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::hash::{Hash, Hasher};

/// A number of entries: known to the macro, or an expression over constants in scope.
#[derive(Clone, Debug)]
pub(crate) enum Size {
    Known(usize),
    Symbolic { tokens: TokenStream, text: String },
}

impl Size {
    /// Reads a size: integer literals, arithmetic on them, or constants in scope.
    pub(crate) fn read(expr: &syn::Expr, errors: &mut Errors) -> Option<Self> {
        match evaluate(expr) {
            Ok(Some(0)) => {
                errors.report_at(expr, "a size of 0 holds nothing", "use at least 1");
                None
            }
            Ok(Some(value)) => Some(Self::Known(value)),
            Ok(None) => Some(Self::Symbolic {
                tokens: expr.to_token_stream(),
                text: readable(&expr.to_token_stream()),
            }),
            Err(message) => {
                errors.report_at(
                    expr,
                    message,
                    "write a positive integer, arithmetic on integers, or a constant",
                );
                None
            }
        }
    }

    /// As [`Size::read`], but 0 is a size too.
    pub(crate) fn read_with_zero(expr: &syn::Expr, errors: &mut Errors) -> Option<Self> {
        match evaluate(expr) {
            Ok(Some(0)) => Some(Self::Known(0)),
            _ => Self::read(expr, errors),
        }
    }

    /// `self - 1`.
    pub(crate) fn less_one(&self) -> Self {
        match self {
            Self::Known(value) => Self::Known(value.saturating_sub(1)),
            Self::Symbolic { .. } => {
                let operand = self.operand();
                Self::symbolic(quote!(#operand - 1), format!("{self} - 1"))
            }
        }
    }

    /// `self / other`, rounded down.
    pub(crate) fn over(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.checked_div(*b).unwrap_or(0)),
            (_, Self::Known(1)) => self.clone(),
            _ => {
                let (a, b) = (self.operand(), other.operand());
                Self::symbolic(quote!(#a / #b), readable(&quote!(#a / #b)))
            }
        }
    }

    /// A size that only the compiler knows, such as the output of another network.
    pub(crate) fn symbolic(tokens: TokenStream, text: String) -> Self {
        Self::Symbolic { tokens, text }
    }

    /// Whether both are surely the same; `None` if only the compiler can tell.
    pub(crate) fn same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Some(a == b),
            (Self::Symbolic { text: a, .. }, Self::Symbolic { text: b, .. }) if a == b => {
                Some(true)
            }
            _ => None,
        }
    }

    pub(crate) fn known(&self) -> Option<usize> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Symbolic { .. } => None,
        }
    }

    /// As the theory of signal propagation sees it: equal texts are equal constants.
    pub(crate) fn width(&self) -> network_flow::Width {
        match self {
            Self::Known(value) => network_flow::Width::Known(*value),
            Self::Symbolic { text, .. } => {
                let mut hasher = std::hash::DefaultHasher::new();
                text.hash(&mut hasher);
                network_flow::Width::Symbol(hasher.finish() as usize)
            }
        }
    }

    /// `self * other`.
    pub(crate) fn times(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_mul(*b)),
            (Self::Known(1), other) | (other, Self::Known(1)) => other.clone(),
            _ => {
                let (a, b) = (self.operand(), other.operand());
                Self::symbolic(quote!(#a * #b), readable(&quote!(#a * #b)))
            }
        }
    }

    /// `self + other`.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_add(*b)),
            (Self::Known(0), other) | (other, Self::Known(0)) => other.clone(),
            _ => {
                let (a, b) = (self.operand(), other.operand());
                Self::symbolic(quote!(#a + #b), format!("{self} + {other}"))
            }
        }
    }

    /// As an operand of any operator.
    pub(crate) fn operand(&self) -> TokenStream {
        use syn::Expr;
        let expr = self.expr();
        match syn::parse2(expr.clone()) {
            Ok(
                Expr::Lit(_)
                | Expr::Path(_)
                | Expr::Paren(_)
                | Expr::Call(_)
                | Expr::MethodCall(_)
                | Expr::Field(_)
                | Expr::Index(_),
            ) => expr,
            _ => quote!((#expr)),
        }
    }

    /// As an expression of type `usize`.
    pub(crate) fn expr(&self) -> TokenStream {
        match self {
            Self::Known(value) => {
                let literal = proc_macro2::Literal::usize_unsuffixed(*value);
                quote!(#literal)
            }
            Self::Symbolic { tokens, .. } => tokens.clone(),
        }
    }
}

/// As a const generic argument.
impl ToTokens for Size {
    fn to_tokens(&self, out: &mut TokenStream) {
        let expr = self.expr();
        out.extend(match self {
            Self::Known(_) => expr,
            Self::Symbolic { .. } => quote!({ #expr }),
        });
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(value) => write!(f, "{value}"),
            Self::Symbolic { text, .. } => f.write_str(text),
        }
    }
}

/// The value of integer arithmetic; `None` if it holds a name.
fn evaluate(expr: &syn::Expr) -> Result<Option<usize>, String> {
    use syn::{BinOp, Expr, Lit, UnOp};
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => int
                .base10_parse()
                .map(Some)
                .map_err(|_| format!("`{int}` is too big for a size")),
            other => Err(format!(
                "expected a size, found `{}`",
                readable(&other.to_token_stream())
            )),
        },
        Expr::Paren(inner) => evaluate(&inner.expr),
        Expr::Group(inner) => evaluate(&inner.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Err(format!(
            "a size cannot be negative, found `{}`",
            readable(&expr.to_token_stream())
        )),
        Expr::Binary(binary) => {
            let (Some(a), Some(b)) = (evaluate(&binary.left)?, evaluate(&binary.right)?) else {
                return Ok(None);
            };
            let value = match binary.op {
                BinOp::Add(_) => a.checked_add(b),
                BinOp::Sub(_) => a.checked_sub(b),
                BinOp::Mul(_) => a.checked_mul(b),
                BinOp::Div(_) => a.checked_div(b),
                BinOp::Rem(_) => a.checked_rem(b),
                _ => {
                    return Err(format!(
                        "`{}` is not arithmetic on sizes",
                        readable(&expr.to_token_stream())
                    ));
                }
            };
            value.map(Some).ok_or_else(|| {
                format!(
                    "`{}` is not a positive number",
                    readable(&expr.to_token_stream())
                )
            })
        }
        Expr::Path(_)
        | Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Cast(_)
        | Expr::Block(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Const(_) => Ok(None),
        other => Err(format!(
            "expected a size, found `{}`",
            readable(&other.to_token_stream())
        )),
    }
}

/// Tokens as a person would write them.
pub(crate) fn readable(tokens: &TokenStream) -> String {
    let mut text = String::new();
    let mut after_sign = false;
    for token in tokens.to_string().split(' ') {
        let glue = text.is_empty()
            || after_sign
            || text.ends_with(['(', '[', '&', '!', '<', '.'])
            || text.ends_with("::")
            || token.starts_with([')', ']', ',', ';', '(', ':', '>', '.', '!', '?'])
            || (token.starts_with('<') && !token.starts_with("<<"));
        // A minus that follows no operand is a sign.
        after_sign = token == "-"
            && text
                .chars()
                .last()
                .is_none_or(|c| !c.is_alphanumeric() && !")]_".contains(c));
        if !text.is_empty() && (!glue || text.ends_with("<<")) {
            text.push(' ');
        }
        text.push_str(token);
    }
    text
}

/// What one sample is.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// So many numbers without order.
    Vector(Size),
    /// Channels, height, width.
    Image([Size; 3]),
    /// Features, steps.
    Sequence([Size; 2]),
}

impl Shape {
    /// The number of entries of one sample.
    pub(crate) fn len(&self) -> Size {
        match self {
            Self::Vector(n) => n.clone(),
            Self::Image([c, h, w]) => c.times(h).times(w),
            Self::Sequence([features, steps]) => features.times(steps),
        }
    }

    /// The number of entries of one step of a sequence, or of all of another shape.
    pub(crate) fn step(&self) -> Size {
        match self {
            Self::Sequence([features, _]) => features.clone(),
            other => other.len(),
        }
    }

    /// Whether both are surely the same; `None` if only the compiler can tell.
    pub(crate) fn same(&self, other: &Self) -> Option<bool> {
        fn all(a: &[Size], b: &[Size]) -> Option<bool> {
            let mut same = Some(true);
            for (a, b) in a.iter().zip(b) {
                match a.same(b) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => same = None,
                }
            }
            same
        }
        match (self, other) {
            (Self::Vector(a), Self::Vector(b)) => a.same(b),
            (Self::Image(a), Self::Image(b)) => all(a, b),
            (Self::Sequence(a), Self::Sequence(b)) => all(a, b),
            _ => Some(false),
        }
    }

    /// In words: `a vector of 64`.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Vector(n) => format!("a vector of {n}"),
            Self::Image([c, h, w]) => {
                format!("an image of {c} x {h} x {w} (channels x height x width)")
            }
            Self::Sequence([features, steps]) => {
                format!("a sequence of {steps} steps of {features} features")
            }
        }
    }
}

/// As a declaration writes it.
impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Vector(n) => write!(f, "{n}"),
            Self::Image([c, h, w]) => write!(f, "({c}, {h}, {w})"),
            Self::Sequence([features, steps]) => write!(f, "[{features}; {steps}]"),
        }
    }
}

/// A shape as written in the head of a declaration.
pub(crate) fn read_shape(
    written: &crate::syntax::WrittenShape,
    errors: &mut Errors,
) -> Option<Shape> {
    use crate::syntax::WrittenShape as W;
    match written {
        W::Tuple(sizes, span) => {
            let read: Vec<_> = sizes.iter().map(|size| Size::read(size, errors)).collect();
            let read: Option<Vec<_>> = read.into_iter().collect();
            match read?.as_slice() {
                [n] => Some(Shape::Vector(n.clone())),
                [c, h, w] => Some(Shape::Image([c.clone(), h.clone(), w.clone()])),
                other => {
                    wrong_count(*span, other.len(), errors);
                    None
                }
            }
        }
        W::Sequence(sizes) => {
            let [features, steps] = &**sizes;
            let (features, steps) = (Size::read(features, errors), Size::read(steps, errors));
            Some(Shape::Sequence([features?, steps?]))
        }
    }
}

/// A shape as an argument: `64`, `(1, 28, 28)` or `[8; 100]`.
pub(crate) fn shape_argument(expr: &syn::Expr, errors: &mut Errors) -> Option<Shape> {
    use crate::syntax::WrittenShape as W;
    let written = match expr {
        syn::Expr::Repeat(sequence) => {
            W::Sequence(Box::new([*sequence.expr.clone(), *sequence.len.clone()]))
        }
        syn::Expr::Tuple(sizes) => W::Tuple(
            sizes.elems.iter().cloned().collect(),
            syn::spanned::Spanned::span(expr),
        ),
        _ => return Size::read(expr, errors).map(Shape::Vector),
    };
    read_shape(&written, errors)
}

fn wrong_count(span: Span, count: usize, errors: &mut Errors) {
    errors.report(
        span,
        format!("a shape has 1 size (a vector) or 3 (an image), found {count}"),
        "write `(64)` for a vector, `(1, 28, 28)` for channels, height and width, or `[8; 100]` for 100 steps of 8 features",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_written_as_people_write_them() {
        for text in [
            "MyLayer<f32, 8>",
            "a::B<c::D<1>>",
            "2 * WIDTH + 1",
            "-6",
            "(a - 1) * -2",
            "1 << 3",
            "Config { beta: 0.5, on: true }",
            "1.0 / DEPTH as f64",
            "half(WIDTH).max(3)",
            "&x",
            "[8; 100]",
            "\"text\"",
        ] {
            let tokens: TokenStream = text.parse().expect("tokens");
            assert_eq!(readable(&tokens), text);
        }
    }
}
