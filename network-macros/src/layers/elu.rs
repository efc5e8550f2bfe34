//! `elu(alpha = 1.0)`.

use super::{Context, Role, Row, elementwise};
use crate::arguments::{Arguments, POSITIVE};
use crate::init::Following;
use crate::model::{InPlace, Layer};
use crate::syntax::Call;
use network_flow::Layer as Flow;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "elu",
    aliases: &[],
    role: Role::Activation(|_| Following::SmoothRectifier),
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let alpha = arguments.number("alpha", true, 1.0, &POSITIVE, context.errors);
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let krate = context.krate;
    let function = quote!(#krate::layers::Elu);
    let config = quote!(#function { alpha: #alpha });
    let flow = Flow::Activation(network_flow::Activation::Elu(alpha.known.unwrap_or(1.0)));
    Some(elementwise(
        call,
        context,
        &function,
        config,
        flow,
        InPlace::Always,
    ))
}
