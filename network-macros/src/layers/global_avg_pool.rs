//! `global_avg_pool`: the mean of each channel.

use super::window::entries;
use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::Shape;
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "global_avg_pool",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let fine = Arguments::new(call).finish(false, context.errors);
    let image = context.image(call);
    if !fine {
        return None;
    }
    let image = image?;
    let n = entries(&image);
    let flow = match image[1].times(&image[2]).known() {
        Some(entries) => network_flow::Layer::Pool(network_flow::Pool::Mean(entries)),
        None => network_flow::Layer::Opaque,
    };
    let [channels, height, width] = image;
    let (krate, scalar) = (context.krate, context.scalar);
    let geometry = quote!(#krate::layers::geometry);
    Some(Layer {
        ty: quote! {
            #krate::layers::AvgPool2d<
                #scalar,
                #geometry::Slide<
                    #geometry::Image<#channels, #height, #width>,
                    #geometry::Pair<#height, #width>,
                >,
                #n, #channels,
            >
        },
        config: quote!(()),
        output: Shape::Vector(channels),
        has_parameters: false,
        has_cache: false,
        has_scratch: false,
        step: Step::Never(Whole::IMAGE),
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow,
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    })
}
