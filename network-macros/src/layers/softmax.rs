//! `softmax`, as the last layer.

use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step};
use crate::shape::Shape;
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "softmax",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let fine = Arguments::new(call).finish(false, context.errors);
    if !context.last {
        context.errors.report(
            call.span(),
            "`softmax` is not the last layer",
            "move `softmax` to the end, or use an activation such as `tanh` here",
        );
        return None;
    }
    let (n, steps) = context.features(call)?;
    if !fine {
        return None;
    }
    let (krate, scalar) = (context.krate, context.scalar);
    let layer = Layer {
        ty: quote!(#krate::layers::Softmax<#scalar, #n>),
        config: quote!(()),
        output: Shape::Vector(n),
        has_parameters: false,
        has_cache: false,
        has_scratch: false,
        step: Step::Alone,
        foreign: false,
        reads_output: true,
        in_place: InPlace::Never,
        flow: network_flow::Layer::Softmax,
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    };
    Some(context.over_steps(layer, steps))
}
