//! `batch_norm(momentum = 0.1, epsilon = 1e-5, scale = 1.0, shift = 0.0)`.

use super::{Context, Role, Row, declared};
use crate::arguments::{Arguments, FINITE, POSITIVE, UNIT};
use crate::model::{InPlace, Layer, Step};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "batch_norm",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let momentum = arguments.number("momentum", false, 0.1, &UNIT, context.errors);
    let epsilon = arguments.number("epsilon", false, 1e-5, &POSITIVE, context.errors);
    let scale = arguments.number("scale", false, 1.0, &FINITE, context.errors);
    let shift = arguments.number("shift", false, 0.0, &FINITE, context.errors);
    let fine = arguments.finish(false, context.errors);
    if !fine {
        return None;
    }
    let (krate, scalar) = (context.krate, context.scalar);
    let n = context.input.len();
    let (features, layout) = features(context.input);
    Some(Layer {
        ty: quote!(#krate::layers::BatchNorm<#scalar, #n #layout>),
        config: quote!(#krate::layers::BatchNormConfig {
            momentum: #momentum,
            epsilon: #epsilon,
            scale: #scale,
            shift: #shift,
        }),
        parameters: features.known().map(|features| 2 * features),
        output: context.input.clone(),
        has_parameters: true,
        has_cache: true,
        has_scratch: false,
        step: Step::Alone,
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow: network_flow::Layer::BatchNorm(network_flow::Norm {
            scale: scale.known.unwrap_or(1.0),
            epsilon: epsilon.known.unwrap_or(1e-5),
        }),
        auto: false,
        declared: declared(call),
    })
}

/// How many features there are: channels of an image, features of a step, entries of a
/// vector; and how they lie, as further arguments of a layer's type.
pub(super) fn features(shape: &Shape) -> (Size, TokenStream) {
    match shape {
        Shape::Vector(n) => (n.clone(), TokenStream::new()),
        Shape::Image([channels, height, width]) => {
            let inner = height.times(width);
            (channels.clone(), quote!(, #channels, #inner))
        }
        Shape::Sequence([features, _]) => (features.clone(), quote!(, #features)),
    }
}
