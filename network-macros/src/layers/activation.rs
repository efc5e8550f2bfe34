//! `activation(MyFunction)`: the user's own function of one number.

use super::{Context, Role, Row, elementwise};
use crate::arguments::Arguments;
use crate::init::Following;
use crate::model::{InPlace, Layer};
use crate::shape::readable;
use crate::syntax::{Call, Value};
use network_flow::Layer as Flow;
use quote::{ToTokens, quote};

pub(crate) const ROW: Row = Row {
    word: "activation",
    aliases: &[],
    role: Role::Activation(|_| Following::SmoothRectifier),
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let function = arguments.take("function", true);
    let config = arguments.take_expr("config", false, context.errors);
    if function.is_none() {
        context.errors.report(
            call.span(),
            "`activation` needs the type of a function",
            "implement `Activation` for a type and write `activation(MyFunction)`",
        );
        arguments.fail();
    }
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let function = match function? {
        Value::Expr(expr) => expr.to_token_stream(),
        Value::Type(ty) => ty.to_token_stream(),
    };
    let word = readable(&function);
    if super::find(&word).is_some() {
        context.errors.report_at(
            &function,
            format!("`{word}` is a layer, not the type of a function"),
            format!("write `{word}` alone"),
        );
        return None;
    }
    let config = match config {
        Some(config) => config.to_token_stream(),
        None => quote!(<#function as ::core::default::Default>::default()),
    };
    let flow = Flow::Opaque;
    Some(elementwise(
        call,
        context,
        &function,
        config,
        flow,
        InPlace::Inference,
    ))
}
