//! `prelu(slope = 0.25)`: one learned slope.

use super::{Context, Role, Row, declared};
use crate::arguments::{Arguments, FINITE};
use crate::init::Following;
use crate::model::{InPlace, Layer, Step};
use crate::shape::Shape;
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "prelu",
    aliases: &[],
    role: Role::Activation(|_| Following::Rectifier { slope: 0.25 }),
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let slope = arguments.number("slope", true, 0.25, &FINITE, context.errors);
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let (krate, scalar) = (context.krate, context.scalar);
    let (n, steps) = context.width();
    let output = match steps {
        Some(_) => Shape::Vector(n.clone()),
        None => context.input.clone(),
    };
    let layer = Layer {
        ty: quote!(#krate::layers::Prelu<#scalar, #n>),
        config: quote!(#krate::layers::PreluConfig { slope: #slope }),
        output,
        has_parameters: true,
        has_cache: false,
        has_scratch: false,
        step: Step::Alone,
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow: network_flow::Layer::Activation(network_flow::Activation::Prelu(
            slope.known.unwrap_or(0.25),
        )),
        auto: false,
        declared: declared(call),
        parameters: Some(1),
    };
    Some(context.over_steps(layer, steps))
}
