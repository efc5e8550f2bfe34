//! `layer(MyLayer, output = 16)`: the user's own layer.

use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
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
            let size = Size::read(expr, context.errors);
            if size.is_none() {
                arguments.fail();
            }
            size.map(Shape::Vector)
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
    Some(Layer {
        ty,
        config,
        output: output?,
        has_parameters: true,
        has_cache: true,
        has_scratch: true,
        step: Step::Unknown,
        foreign: true,
        reads_output: true,
        in_place: InPlace::Never,
        flow: network_flow::Layer::Opaque,
        auto: false,
        declared: declared(call),
        parameters: None,
    })
}
