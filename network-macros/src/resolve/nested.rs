//! Networks within networks and users' own layers: types that only the compiler knows. A name that
//! is neither one nor a layer is a mistake, and what was meant is told.

use super::following::Tail;
use super::scope::Scope;
use super::{FORMS, Flow, Place, Resolver};
use crate::arguments::Arguments;
use crate::errors::suggest;
use crate::foreign::{self, foreign};
use crate::layers::custom::unknown;
use crate::layers::{self, Role};
use crate::model::Step;
use crate::shape::{Shape, Size, readable, shape_argument};
use crate::syntax::Call;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

impl Resolver<'_> {
    /// `encoder: Encoder;`
    pub(super) fn nested(
        &mut self,
        call: &Call,
        scope: &mut Scope,
        flow: &Flow,
        place: &Place<'_>,
    ) -> Flow {
        let last = call
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string());
        let last = last.unwrap_or_default();
        let is_type = last.starts_with(|c: char| c.is_uppercase());
        let failed = Flow {
            certain: false,
            producer: format!("`{last}`"),
            ..flow.clone()
        };
        let words = layers::TABLE
            .iter()
            .flat_map(|row| std::iter::once(row.word).chain(row.aliases.iter().copied()))
            .filter(|word| match &flow.shape {
                Shape::Image(_) => !word.ends_with("1d"),
                Shape::Sequence(_) => !word.ends_with("2d"),
                Shape::Vector(_) => true,
            });
        let meant = foreign(&last, words.clone());
        if !is_type {
            let text = readable(&call.path.to_token_stream());
            let help = match meant {
                Some(word) => format!("did you mean `{word}`?"),
                None => match foreign::layer(&text) {
                    Some(way) => way.to_owned(),
                    None => suggest(&text, "layers", words.chain(FORMS.iter().copied())),
                },
            };
            self.errors
                .report(call.span(), format!("unknown layer `{text}`"), help);
            // The mistakes inside are worth knowing too.
            if let Some(body) = &call.body {
                let _ = self.body(body, scope, failed.clone(), place.prefix, &Tail::Repeat);
            }
            return failed;
        }
        let mut arguments = Arguments::new(call);
        let output = arguments.take_expr("output", false, self.errors);
        if let (Some(word), None, false) = (meant, output, call.arguments.is_empty()) {
            self.errors.report(
                call.span(),
                format!("`{last}` with arguments is no network"),
                format!("for the layer, write `{word}(..)`"),
            );
            return failed;
        }
        // Those need no arguments, and nobody calls a network so.
        let bare = meant.filter(|word| {
            let row = layers::find(word);
            output.is_none()
                && call.path.get_ident().is_some()
                && row.is_some_and(|row| !matches!(row.role, Role::Other))
        });
        if let Some(word) = bare {
            self.errors.report(
                call.span(),
                format!("unknown layer `{last}`"),
                format!("did you mean `{word}`?  a network of this name is written `self::{last}`"),
            );
            return failed;
        }
        let (krate, path) = (self.krate, &call.path);
        let said = output.map(|expr| shape_argument(expr, self.errors));
        if matches!(said, Some(None)) {
            arguments.fail();
        }
        if !arguments.finish(false, self.errors) {
            return failed;
        }
        let said = said.flatten();
        self.check_type(&path.to_token_stream(), flow, said.as_ref(), call.span());
        let output = said.unwrap_or_else(|| {
            Shape::Vector(Size::symbolic(
                quote!(<<#path as #krate::Layer>::Output as #krate::Sample>::LEN),
                format!("the output of {last}"),
            ))
        });
        let (ty, config) = (path.to_token_stream(), quote!(()));
        let layer = unknown(call, ty, config, &flow.shape, output, Step::Network);
        let word = snake_case(&last);
        self.field(layer, &word, None, scope, flow, call.span(), place)
    }

    /// Lets the compiler check a layer that the macro does not know.
    pub(super) fn check_type(
        &mut self,
        ty: &TokenStream,
        flow: &Flow,
        output: Option<&Shape>,
        span: Span,
    ) {
        let krate = self.krate;
        let scalar = self.scalar.clone().unwrap_or_else(|| format_ident!("f32"));
        let name = readable(ty);
        let check = format_ident!("has_scalar", span = Span::mixed_site());
        let bound = quote_spanned!(span=> #krate::Layer<Scalar = #scalar>);
        self.checks.push(quote! {
            const _: fn() = || {
                fn #check<L: #bound>() {}
                #check::<#ty>();
            };
        });
        let sides = [
            (
                quote!(Input),
                Some(&flow.shape),
                format!(
                    "`{name}` takes another input than {} produces",
                    flow.producer
                ),
            ),
            (
                quote!(Output),
                output,
                format!("`{name}` produces another output than `output = ..` says"),
            ),
        ];
        for (side, shape, text) in sides {
            let Some(shape) = shape else { continue };
            let actual = quote!(<<#ty as #krate::Layer>::#side as #krate::Sample>::LEN);
            let expected = shape.len().expr();
            self.compiler_compares(&actual, &expected, &text, span);
        }
    }
}

fn snake_case(text: &str) -> String {
    let mut snake = String::new();
    for letter in text.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
