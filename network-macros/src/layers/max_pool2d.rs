//! `max_pool2d(kernel, stride = kernel, padding = 0)`.

use super::window::{Options, Window, entries};
use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::Shape;
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "max_pool2d",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    pool(call, context, "MaxPool2d")
}

/// A pooling of type `ty`.
pub(super) fn pool(call: &Call, context: &mut Context<'_>, ty: &str) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let options = Options {
        stride_is_kernel: true,
        dilation: false,
    };
    let example = format!("{}(2)", call.word());
    let window = Window::read(&mut arguments, options, &example, context);
    let fine = arguments.finish(false, context.errors);
    let image = context.image(call);
    if !fine {
        return None;
    }
    let (image, window) = (image?, window?);
    let padded = window.padding_fits(call, context);
    let [rows, columns] = window.output(call, &image[1], &image[2], context)?;
    padded?;
    let output = [image[0].clone(), rows, columns];
    let (krate, scalar) = (context.krate, context.scalar);
    let mean = ty == "AvgPool2d";
    let ty = quote::format_ident!("{ty}");
    let geometry = window.ty(krate, &image);
    let (n, m) = (entries(&image), entries(&output));
    Some(Layer {
        ty: quote!(#krate::layers::#ty<#scalar, #geometry, #n, #m>),
        config: quote!(()),
        output: Shape::Image(output),
        has_parameters: false,
        has_cache: false,
        has_scratch: false,
        step: Step::Never(Whole::IMAGE),
        foreign: false,
        reads_output: true,
        in_place: InPlace::Never,
        flow: window.pool(mean),
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    })
}
