//! `reshape(1, 28, 28)`: the same numbers as another shape.

use super::{Flow, Resolver};
use crate::arguments::Arguments;
use crate::layers::declared;
use crate::model::{Obstacle, Whole};
use crate::shape::{Shape, Size};
use crate::syntax::{Call, Value};
use quote::ToTokens;

const RESHAPE: &str =
    "write `reshape(64)`, `reshape(1, 28, 28)` for an image, or `reshape([8; 100])` for a sequence";

impl Resolver<'_> {
    /// Notes that a call gives numbers of a sequence other places among its steps.
    pub(super) fn puts_together(&mut self, call: &Call) {
        self.obstacle.get_or_insert_with(|| Obstacle {
            declared: declared(call),
            span: call.span(),
            whole: Whole {
                why: "puts the numbers of a whole sequence together",
                help: "`last` or `mean_over_steps` make a vector of what came so far",
            },
        });
    }

    /// The same numbers, in the same order, seen as another shape.
    pub(super) fn reshape(&mut self, call: &Call, flow: Flow) -> Flow {
        let mut arguments = Arguments::new(call);
        let written: Vec<&syn::Expr> = arguments
            .positional()
            .into_iter()
            .filter_map(|value| match value {
                Value::Expr(expr) => Some(expr),
                Value::Type(ty) => {
                    self.errors
                        .report_at(ty, "expected a size, found a type", RESHAPE);
                    arguments.fail();
                    None
                }
            })
            .collect();
        let sizes: Vec<&syn::Expr> = match written.as_slice() {
            [syn::Expr::Repeat(sequence)] => vec![&sequence.expr, &sequence.len],
            other => other.to_vec(),
        };
        let sizes: Vec<Option<Size>> = sizes
            .into_iter()
            .map(|size| Size::read(size, self.errors))
            .collect();
        let shape = match sizes.as_slice() {
            [Some(n)] => Some(Shape::Vector(n.clone())),
            [Some(features), Some(steps)] if written.len() == 1 => {
                Some(Shape::Sequence([features.clone(), steps.clone()]))
            }
            [Some(c), Some(h), Some(w)] => Some(Shape::Image([c.clone(), h.clone(), w.clone()])),
            other => {
                if other.iter().all(Option::is_some) && arguments.is_fine() {
                    self.errors.report(
                        call.span(),
                        format!(
                            "`reshape` takes 1 size (a vector), 3 (an image) or a sequence, found {}",
                            other.len()
                        ),
                        RESHAPE,
                    );
                }
                None
            }
        };
        let fine = arguments.finish(false, self.errors);
        let producer = "`reshape`".to_owned();
        let Some(shape) = shape.filter(|_| fine) else {
            return Flow {
                certain: false,
                producer,
                ..flow
            };
        };
        let (before, after) = (flow.shape.len(), shape.len());
        let mut certain = flow.certain;
        if certain {
            let message = format!(
                "`reshape` keeps every number, but {} are not {}",
                counted(&flow.shape),
                counted(&shape)
            );
            let help = match (before.known(), &shape) {
                (Some(n), Shape::Image([c, h, _])) => match c.times(h).known() {
                    Some(rows) if n % rows == 0 => {
                        format!("write `reshape({c}, {h}, {})`", n / rows)
                    }
                    _ => format!("choose sizes whose product is {n}"),
                },
                (Some(n), Shape::Sequence([features, _])) => match features.known() {
                    Some(f) if n % f == 0 => format!("write `reshape([{f}; {}])`", n / f),
                    _ => format!("choose sizes whose product is {n}"),
                },
                _ => format!("choose sizes whose product is {before}"),
            };
            let at = call.path.to_token_stream();
            certain = before.same(&after) != Some(false);
            self.same(
                &Shape::Vector(before),
                &Shape::Vector(after),
                &at,
                &message,
                &help,
            );
        }
        Flow {
            shape,
            certain,
            producer,
            arithmetic: String::new(),
            ..flow
        }
    }
}

/// The number of entries of a shape, with the arithmetic.
fn counted(shape: &Shape) -> String {
    match shape {
        Shape::Vector(n) => n.to_string(),
        Shape::Image([c, h, w]) => format!("{c}*{h}*{w} = {}", shape.len()),
        Shape::Sequence([f, s]) => format!("{f}*{s} = {}", shape.len()),
    }
}
