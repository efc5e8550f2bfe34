//! `layer(MyLayer, output = 16)`: the user's own layer.

use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::{Shape, shape_argument};
use crate::syntax::Call;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub(crate) const ROW: Row = Row {
    word: "layer",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let ty = arguments.take("type", true);
    if ty.is_none() {
        context.errors.report(
            call.span(),
            "`layer` needs the type of a layer",
            "implement `Layer` for a type and write `layer(MyLayer, output = 16)`",
        );
        arguments.fail();
    }
    let output = match arguments.take_expr("output", false, context.errors) {
        Some(expr) => {
            let shape = shape_argument(expr, context.errors);
            if shape.is_none() {
                arguments.fail();
            }
            shape
        }
        None => Some(context.input.clone()),
    };
    let config = arguments.take_expr("config", false, context.errors);
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let ty = ty?.to_token_stream();
    let krate = context.krate;
    let config = match config {
        Some(config) => config.to_token_stream(),
        None => {
            quote!(<<#ty as #krate::Layer>::Config as ::core::default::Default>::default())
        }
    };
    let output = output?;
    let input = context.input;
    Some(unknown(call, ty, config, input, output, Step::Own))
}

/// A layer of which the macro knows no more than its type, how it is configured, and its shapes.
pub(crate) fn unknown(
    call: &Call,
    ty: TokenStream,
    config: TokenStream,
    input: &Shape,
    output: Shape,
    conditional: Step,
) -> Layer {
    Layer {
        ty,
        config,
        step: foreign_step(input, &output, conditional),
        output,
        has_parameters: true,
        has_cache: true,
        has_scratch: true,
        foreign: true,
        reads_output: true,
        in_place: InPlace::Never,
        flow: network_flow::Layer::Opaque,
        auto: false,
        declared: declared(call),
        parameters: None,
    }
}

/// What a layer that the macro does not know does with one step: `conditional` if it makes
/// as many steps as it gets, or one vector of all.
fn foreign_step(input: &Shape, output: &Shape, conditional: Step) -> Step {
    match (input, output) {
        (Shape::Sequence([_, steps]), Shape::Sequence([_, others]))
            if steps.same(others) == Some(true) =>
        {
            conditional
        }
        (Shape::Sequence(_), Shape::Vector(_)) => conditional,
        (Shape::Sequence(_), _) | (_, Shape::Sequence(_)) => Step::Never(Whole::OTHER_STEPS),
        _ => Step::Whole,
    }
}
