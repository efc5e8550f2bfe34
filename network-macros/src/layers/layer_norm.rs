//! `layer_norm(epsilon = 1e-5, scale = 1.0, shift = 0.0)`.

use super::{Context, Role, Row, declared};
use crate::arguments::{Arguments, FINITE, POSITIVE};
use crate::model::{InPlace, Layer, Step};
use crate::shape::Shape;
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "layer_norm",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let epsilon = arguments.number("epsilon", false, 1e-5, &POSITIVE, context.errors);
    let scale = arguments.number("scale", false, 1.0, &FINITE, context.errors);
    let shift = arguments.number("shift", false, 0.0, &FINITE, context.errors);
    let fine = arguments.finish(false, context.errors);
    let (n, steps) = context.features(call)?;
    if !fine {
        return None;
    }
    let (krate, scalar) = (context.krate, context.scalar);
    let layer = Layer {
        ty: quote!(#krate::layers::LayerNorm<#scalar, #n>),
        config: quote!(#krate::layers::LayerNormConfig {
            epsilon: #epsilon,
            scale: #scale,
            shift: #shift,
        }),
        parameters: n.known().map(|n| 2 * n),
        output: Shape::Vector(n),
        has_parameters: true,
        has_cache: true,
        has_scratch: false,
        step: Step::Alone,
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow: network_flow::Layer::LayerNorm(network_flow::Norm {
            scale: scale.known.unwrap_or(1.0),
            epsilon: epsilon.known.unwrap_or(1e-5),
        }),
        auto: false,
        declared: declared(call),
    };
    Some(context.over_steps(layer, steps))
}
