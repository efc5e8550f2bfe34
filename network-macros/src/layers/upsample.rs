//! `upsample(factor)`: the nearest neighbour, on images and over the steps of sequences.

use super::window::{Window, entries};
use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "upsample",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let factor = arguments.pair("factor", true, 1, context.errors);
    if factor.is_none() {
        let what = "`factor`, a size or a pair of sizes";
        arguments.missing(what, "upsample(2)", context.errors);
    }
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let ([rows, columns], at) = factor?;
    // As images before and after, and the shape after.
    let (before, after, columns, output) = match context.input {
        Shape::Sequence([features, steps]) => {
            let more = steps.times(&rows);
            let image = |steps: &Size| [Size::Known(1), steps.clone(), features.clone()];
            let output = Shape::Sequence([features.clone(), more.clone()]);
            (image(steps), image(&more), Size::Known(1), output)
        }
        Shape::Vector(_) => {
            context.image(call)?;
            return None;
        }
        Shape::Image(image) => {
            let [channels, height, width] = image;
            let larger = [channels.clone(), height.times(&rows), width.times(&columns)];
            (image.clone(), larger.clone(), columns, Shape::Image(larger))
        }
    };
    let (krate, scalar) = (context.krate, context.scalar);
    let geometry = Window::blocks([rows, columns], at).ty(krate, &after);
    let (n, m) = (entries(&before), entries(&after));
    Some(Layer {
        ty: quote!(#krate::layers::Upsample<#scalar, #geometry, #n, #m>),
        config: quote!(()),
        output,
        has_parameters: false,
        has_cache: false,
        has_scratch: false,
        step: Step::Never(Whole::OTHER_STEPS),
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow: network_flow::Layer::Upsample,
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    })
}
