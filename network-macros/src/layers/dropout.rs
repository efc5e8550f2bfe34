//! `dropout(rate, per_channel = false)`.

use super::batch_norm::features;
use super::{Context, Role, Row, declared};
use crate::arguments::{Arguments, BELOW_ONE};
use crate::model::{InPlace, Layer, Step};
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "dropout",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let rate = arguments.number("rate", true, 0.5, &BELOW_ONE, context.errors);
    let per_channel = arguments.flag("per_channel", false, context.errors);
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let (krate, scalar, n) = (context.krate, context.scalar, context.input.len());
    let layout = per_channel.then(|| features(context.input).1);
    Some(Layer {
        ty: quote!(#krate::layers::Dropout<#scalar, #n #layout>),
        config: quote!(#krate::layers::DropoutConfig { rate: #rate }),
        output: context.input.clone(),
        has_parameters: false,
        has_cache: true,
        has_scratch: false,
        step: Step::Alone,
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow: network_flow::Layer::Dropout(rate.known.unwrap_or(0.5)),
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    })
}
