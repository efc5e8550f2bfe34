//! `conv1d(channels, kernel, stride = 1, padding = 0 or causal, dilation = 1, groups = 1,
//! depthwise = false, bias = true, init = .., bias_init = ..)`.

use super::conv2d::{Fans, Groups, independent};
use super::window::{Side, coverage};
use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use quote::{ToTokens, quote};

pub(crate) const ROW: Row = Row {
    word: "conv1d",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let channels = arguments.size("channels", "conv1d(16, kernel = 3)", context.errors);
    let kernel = arguments.optional_size("kernel", true, 1, context.errors);
    if kernel.is_none() {
        let example = "conv1d(16, kernel = 3)";
        arguments.missing("`kernel`, a number of steps", example, context.errors);
    }
    let stride = arguments.optional_size("stride", false, 1, context.errors);
    let (causal, padding) = padding(&mut arguments, context);
    let dilation = arguments.optional_size("dilation", false, 1, context.errors);
    let groups = Groups::read(&mut arguments, context);
    let bias = arguments.flag("bias", true, context.errors);
    let weight_init = context.weight_init(&mut arguments);
    let bias_init = context.bias_init(&mut arguments);
    let fine = arguments.finish(false, context.errors);
    let sequence = context.sequence(call);
    if !fine {
        return None;
    }
    let ([features, steps], channels, (kernel, at)) = (sequence?, channels?, kernel?);
    let one = || Size::Known(1);
    let stride = stride.map_or_else(one, |(stride, _)| stride);
    let dilation = dilation.map_or_else(one, |(dilation, _)| dilation);
    let (before, after, padding_text) = if causal {
        let before = dilation.times(&kernel.less_one());
        let text = before.to_string();
        (before, Size::Known(0), text)
    } else {
        (padding.clone(), padding.clone(), format!("2*{padding}"))
    };
    let groups = groups.check(&features, &channels, call, context);
    let side = Side {
        size: &steps,
        kernel: &kernel,
        stride: &stride,
        padding: &before.plus(&after),
        padding_text,
        dilation: &dilation,
        whole: "sequence",
        what: "length",
    };
    let positions = side.positions(&at.to_token_stream(), call, context);
    let (groups, positions) = (groups?, positions?);
    // A causal kernel that moves step by step has a position for each step.
    let point = kernel.known() == Some(1) && padding.known() == Some(0);
    let streams = (causal || point) && stride.known() == Some(1);
    let positions = if streams { steps.clone() } else { positions };
    let (krate, scalar) = (context.krate, context.scalar);
    let (weight_init, bias_init) = (weight_init?, bias_init?);
    let inputs = features.over(&groups);
    let fan_in = inputs.times(&kernel);
    let fans = Fans {
        fan_in: &fan_in,
        fan_out: &channels.times(&kernel),
        units_in: &independent(&features, &kernel, &steps),
        units_out: &independent(&channels, &kernel, &positions),
        coverage: coverage(
            [&steps, &kernel, &stride, &dilation].map(Size::known),
            before.known().zip(after.known()).map(|(a, b)| [a, b]),
        ),
    };
    let flow = fans.flow(&weight_init, bias.then_some(&bias_init), context);
    let auto = weight_init.is_auto();
    let weight_init = weight_init.tokens(krate, context.following);
    let bias_init = bias_init.tokens(krate, context.following);
    let no_bias = (!bias).then(|| quote!(, 0));
    let (n, m) = (features.times(&steps), channels.times(&positions));
    let geometry = quote! {
        #krate::layers::Steps<#features, #steps, #kernel, #stride, #before, #after, #dilation>
    };
    Some(Layer {
        ty: quote!(#krate::layers::Conv1d<#scalar, #geometry, #n, #m, #channels, #fan_in #no_bias>),
        config: quote!(#krate::layers::ConvConfig { weight: #weight_init, bias: #bias_init }),
        parameters: channels
            .times(&fan_in)
            .known()
            .zip(channels.known())
            .map(|(weights, channels)| weights + if bias { channels } else { 0 }),
        output: Shape::Sequence([channels, positions]),
        has_parameters: true,
        has_cache: false,
        has_scratch: causal || padding.known() != Some(0),
        step: if streams {
            Step::Remembers
        } else {
            Step::Never(Whole {
                why: "looks at steps to come, or changes their number",
                help: "`padding = causal`, with a stride of 1",
            })
        },
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow,
        auto,
        declared: declared(call),
    })
}

/// `padding = causal`, or so many steps before and after the sequence.
fn padding(arguments: &mut Arguments<'_>, context: &mut Context<'_>) -> (bool, Size) {
    let Some(expr) = arguments.take_expr("padding", false, context.errors) else {
        return (false, Size::Known(0));
    };
    if matches!(expr, syn::Expr::Path(path) if path.path.is_ident("causal")) {
        return (true, Size::Known(0));
    }
    if let Some(size) = Size::read_with_zero(expr, context.errors) {
        return (false, size);
    }
    arguments.fail();
    (false, Size::Known(0))
}
