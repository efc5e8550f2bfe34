//! `leaky_relu(slope = 0.01)`.

use super::{Context, Role, Row, elementwise};
use crate::arguments::{Arguments, NOT_NEGATIVE, number};
use crate::init::Following;
use crate::model::{InPlace, Layer};
use crate::syntax::{Call, Value};
use network_flow::Layer as Flow;
use quote::quote;

const SLOPE: f64 = 0.01;

pub(crate) const ROW: Row = Row {
    word: "leaky_relu",
    aliases: &[],
    role: Role::Activation(|call| Following::Rectifier {
        slope: written_slope(call),
    }),
    build,
};

/// The slope as far as the macro can read it.
fn written_slope(call: &Call) -> f64 {
    match call.arguments.first().map(|argument| &argument.value) {
        Some(Value::Expr(expr)) => number(expr).ok().flatten().unwrap_or(SLOPE),
        _ => SLOPE,
    }
}

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let slope = arguments.number("slope", true, SLOPE, &NOT_NEGATIVE, context.errors);
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let krate = context.krate;
    let function = quote!(#krate::layers::LeakyRelu);
    let config = quote!(#function { slope: #slope });
    let flow = Flow::Activation(network_flow::Activation::LeakyRelu(
        slope.known.unwrap_or(SLOPE),
    ));
    Some(elementwise(
        call,
        context,
        &function,
        config,
        flow,
        InPlace::Always,
    ))
}
