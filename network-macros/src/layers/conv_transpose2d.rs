//! `conv_transpose2d(channels, kernel, stride = 1, padding = 0, output_padding = 0,
//! dilation = 1, groups = 1, bias = true, init = .., bias_init = ..)`.

use super::conv2d::{Fans, Groups, independent};
use super::window::{Options, Window, entries};
use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "conv_transpose2d",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let example = "conv_transpose2d(16, kernel = 2, stride = 2)";
    let channels = arguments.size("channels", example, context.errors);
    let options = Options {
        stride_is_kernel: false,
        dilation: true,
    };
    let window = Window::read(&mut arguments, options, example, context);
    let extra = arguments.pair("output_padding", false, 0, context.errors);
    let groups = Groups::read(&mut arguments, context);
    let bias = arguments.flag("bias", true, context.errors);
    let weight_init = context.weight_init(&mut arguments);
    let bias_init = context.bias_init(&mut arguments);
    let fine = arguments.finish(false, context.errors);
    let image = context.image(call);
    if !fine {
        return None;
    }
    let (image, channels, window) = (image?, channels?, window?);
    let groups = groups.check(&image[0], &channels, call, context);
    let extra_at = extra.as_ref().map(|(_, at)| *at);
    let extra = extra.map_or([Size::Known(0), Size::Known(0)], |(extra, _)| extra);
    let rows = window.larger(0, &image[1], &extra[0], extra_at, call, context)?;
    let columns = window.larger(1, &image[2], &extra[1], extra_at, call, context)?;
    let groups = groups?;
    let (krate, scalar) = (context.krate, context.scalar);
    let (weight_init, bias_init) = (weight_init?, bias_init?);
    let taps = window.kernel[0].times(&window.kernel[1]);
    let inputs = image[0].over(&groups);
    let fan = channels.over(&groups).times(&taps);
    let stride = window.stride[0].times(&window.stride[1]);
    let fan_in = ceiling(&inputs.times(&taps), &stride);
    let fans = Fans {
        fan_in: &fan_in,
        fan_out: &fan,
        units_in: &independent(&image[0], &taps, &image[1].times(&image[2])),
        units_out: &independent(&channels, &taps, &rows.times(&columns)),
        coverage: window.transposed_coverage(
            &inputs,
            &fan_in,
            [&image[1], &image[2]],
            [&rows, &columns],
        ),
    };
    let flow = fans.flow(&weight_init, bias.then_some(&bias_init), context);
    let auto = weight_init.is_auto();
    let weight_init = weight_init.tokens(krate, context.following);
    let bias_init = bias_init.tokens(krate, context.following);
    let output = [channels.clone(), rows, columns];
    let geometry = window.ty(krate, &output);
    let (n, m) = (entries(&image), entries(&output));
    let from = &image[0];
    let biases = if bias {
        channels.clone()
    } else {
        Size::Known(0)
    };
    Some(Layer {
        ty: quote! {
            #krate::layers::ConvTranspose2d<#scalar, #geometry, #n, #m, #from, #fan, #biases>
        },
        config: quote!(#krate::layers::ConvConfig { weight: #weight_init, bias: #bias_init }),
        parameters: from.times(&fan).plus(&biases).known(),
        output: Shape::Image(output),
        has_parameters: true,
        has_cache: false,
        has_scratch: false,
        step: Step::Never(Whole::IMAGE),
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow,
        auto,
        declared: declared(call),
    })
}

/// `a / b`, rounded up, as the initialisers of the core have it.
fn ceiling(a: &Size, b: &Size) -> Size {
    match (a.known(), b.known()) {
        (Some(a), Some(b)) if b > 0 => Size::Known(a.div_ceil(b)),
        _ => a.over(b),
    }
}
