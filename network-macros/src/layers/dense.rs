//! `dense(units, bias = true, init = .., bias_init = ..)`.

use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step};
use crate::shape::Shape;
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "dense",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let units = arguments.size("units", "dense(64)", context.errors);
    let bias = arguments.flag("bias", true, context.errors);
    let weight_init = context.weight_init(&mut arguments);
    let bias_init = context.bias_init(&mut arguments);
    let fine = arguments.finish(false, context.errors);
    let input = context.features(call);
    if !fine {
        return None;
    }
    let ((input, steps), units) = (input?, units?);
    let (krate, scalar) = (context.krate, context.scalar);
    let (weight_init, bias_init) = (weight_init?, bias_init?);
    let auto = weight_init.is_auto();
    let flow = match weight_init.flow(context.following) {
        Some((init, gain)) => network_flow::Layer::Dense(network_flow::Dense {
            gain,
            auto,
            bias_variance: bias.then(|| bias_init.variance().unwrap_or(0.0)),
            ..network_flow::Dense::new(input.width(), units.width(), init)
        }),
        None => network_flow::Layer::Opaque,
    };
    let weight_init = weight_init.tokens(krate, context.following);
    let bias_init = bias_init.tokens(krate, context.following);
    let no_bias = (!bias).then(|| quote!(, 0));
    let layer = Layer {
        ty: quote!(#krate::layers::Dense<#scalar, #input, #units #no_bias>),
        config: quote!(#krate::layers::DenseConfig { weight: #weight_init, bias: #bias_init }),
        parameters: input
            .times(&units)
            .known()
            .zip(units.known())
            .map(|(weights, units)| weights + if bias { units } else { 0 }),
        output: Shape::Vector(units),
        has_parameters: true,
        has_cache: false,
        has_scratch: false,
        step: Step::Alone,
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow,
        auto,
        declared: declared(call),
    };
    Some(context.over_steps(layer, steps))
}
