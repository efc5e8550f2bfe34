//! `max_pool1d(kernel, stride = kernel, padding = 0)`: over the steps of a sequence.

use super::window::Window;
use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "max_pool1d",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    pool(call, context, "MaxPool2d")
}

/// A pooling of type `ty`: a sequence is an image of one channel with a row for each step.
pub(super) fn pool(call: &Call, context: &mut Context<'_>, ty: &str) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let kernel = arguments.optional_size("kernel", true, 1, context.errors);
    if kernel.is_none() {
        let example = format!("{}(2)", call.word());
        arguments.missing("`kernel`, a number of steps", &example, context.errors);
    }
    let stride = arguments.optional_size("stride", false, 1, context.errors);
    let padding = arguments.optional_size("padding", false, 0, context.errors);
    let fine = arguments.finish(false, context.errors);
    let sequence = context.sequence(call);
    if !fine {
        return None;
    }
    let ([features, steps], (kernel, at)) = (sequence?, kernel?);
    let stride = stride.map_or_else(|| kernel.clone(), |(stride, _)| stride);
    let padding = padding.map_or(Size::Known(0), |(padding, _)| padding);
    let window = Window::along_steps(kernel, stride, padding, at);
    let padded = window.padding_fits(call, context);
    let output = window.output_steps(&steps, call, context)?;
    padded?;
    let (krate, scalar) = (context.krate, context.scalar);
    let mean = ty == "AvgPool2d";
    let ty = quote::format_ident!("{ty}");
    let geometry = window.ty(krate, &[Size::Known(1), steps.clone(), features.clone()]);
    let (n, m) = (features.times(&steps), features.times(&output));
    Some(Layer {
        ty: quote!(#krate::layers::#ty<#scalar, #geometry, #n, #m>),
        config: quote!(()),
        output: Shape::Sequence([features, output]),
        has_parameters: false,
        has_cache: false,
        has_scratch: false,
        step: Step::Never(Whole::OTHER_STEPS),
        foreign: false,
        reads_output: true,
        in_place: InPlace::Never,
        flow: window.pool(mean),
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    })
}
