//! `conv2d(channels, kernel, stride = 1, padding = 0, dilation = 1, groups = 1,
//! depthwise = false, bias = true, init = .., bias_init = ..)`.

use super::window::{Options, Window, entries};
use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::init::WrittenInit;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

pub(crate) const ROW: Row = Row {
    word: "conv2d",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let channels = arguments.size("channels", "conv2d(16, kernel = 3)", context.errors);
    let options = Options {
        stride_is_kernel: false,
        dilation: true,
    };
    let example = "conv2d(16, kernel = 3)";
    let window = Window::read(&mut arguments, options, example, context);
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
    let output = window.output(call, &image[1], &image[2], context);
    let (groups, [rows, columns]) = (groups?, output?);
    let (krate, scalar) = (context.krate, context.scalar);
    let (weight_init, bias_init) = (weight_init?, bias_init?);
    let inputs = image[0].over(&groups);
    let taps = window.kernel[0].times(&window.kernel[1]);
    let fan_in = inputs.times(&taps);
    let output = [channels.clone(), rows, columns];
    let auto = weight_init.is_auto();
    let fans = Fans {
        fan_in: &fan_in,
        fan_out: &channels.times(&taps),
        units_in: &independent(&image[0], &taps, &image[1].times(&image[2])),
        units_out: &independent(&channels, &taps, &output[1].times(&output[2])),
        coverage: window.coverage(&image[1], &image[2]),
    };
    let flow = fans.flow(&weight_init, bias.then_some(&bias_init), context);
    let weight_init = weight_init.tokens(krate, context.following);
    let bias_init = bias_init.tokens(krate, context.following);
    let no_bias = (!bias).then(|| quote!(, 0));
    let geometry = window.ty(krate, &image);
    let (n, m) = (entries(&image), entries(&output));
    Some(Layer {
        ty: quote!(#krate::layers::Conv2d<#scalar, #geometry, #n, #m, #channels, #fan_in #no_bias>),
        config: quote!(#krate::layers::ConvConfig { weight: #weight_init, bias: #bias_init }),
        parameters: channels
            .times(&fan_in)
            .known()
            .zip(channels.known())
            .map(|(weights, channels)| weights + if bias { channels } else { 0 }),
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

/// What the theory of signal propagation sees of a convolution.
pub(super) struct Fans<'a> {
    /// The terms that an output sums.
    pub(super) fan_in: &'a Size,
    /// Output channels times taps.
    pub(super) fan_out: &'a Size,
    /// Independent entries of the input.
    pub(super) units_in: &'a Size,
    /// Independent entries of the output.
    pub(super) units_out: &'a Size,
    /// The share of taps that lie on the input.
    pub(super) coverage: f64,
}

/// Independent entries of an image: each channel has as many as positions, but no more than taps,
/// which all positions share.
pub(super) fn independent(channels: &Size, taps: &Size, positions: &Size) -> Size {
    match (taps.known(), positions.known()) {
        (Some(taps), Some(positions)) => channels.times(&Size::Known(taps.min(positions).max(1))),
        _ => channels.clone(),
    }
}

impl Fans<'_> {
    pub(super) fn flow(
        &self,
        weight: &WrittenInit,
        bias: Option<&WrittenInit>,
        context: &Context<'_>,
    ) -> network_flow::Layer {
        let Some((init, gain)) = weight.flow(context.following) else {
            return network_flow::Layer::Opaque;
        };
        network_flow::Layer::Dense(network_flow::Dense {
            gain,
            auto: weight.is_auto(),
            bias_variance: bias.map(|bias| bias.variance().unwrap_or(0.0)),
            units_in: self.units_in.width(),
            units_out: self.units_out.width(),
            coverage: self.coverage,
            ..network_flow::Dense::new(self.fan_in.width(), self.fan_out.width(), init)
        })
    }
}

/// `groups = ..` or `depthwise = true`.
pub(super) struct Groups {
    /// `None` if there is one for each channel.
    groups: Option<Size>,
    span: Option<TokenStream>,
}

impl Groups {
    pub(super) fn read(arguments: &mut Arguments<'_>, context: &mut Context<'_>) -> Self {
        let groups = arguments.optional_size("groups", false, 1, context.errors);
        let depthwise = arguments.flag("depthwise", false, context.errors);
        if let (Some((_, expr)), true) = (&groups, depthwise) {
            context.errors.report_at(
                expr,
                "`depthwise = true` means a group for each channel",
                "leave `groups` out",
            );
            arguments.fail();
        }
        let span = groups.as_ref().map(|(_, expr)| expr.to_token_stream());
        let groups = match groups {
            Some((groups, _)) => Some(groups),
            None if depthwise => None,
            None => Some(Size::Known(1)),
        };
        Self { groups, span }
    }

    /// The number of groups, by which both numbers of channels can be divided.
    pub(super) fn check(
        self,
        inputs: &Size,
        outputs: &Size,
        call: &Call,
        context: &mut Context<'_>,
    ) -> Option<Size> {
        let groups = self.groups.unwrap_or_else(|| inputs.clone());
        let at = self.span.unwrap_or_else(|| call.path.to_token_stream());
        let mut fine = true;
        let sides = [(inputs, "takes"), (outputs, "makes")];
        for (channels, verb) in sides {
            match (channels.known(), groups.known()) {
                (Some(n), Some(g)) if n % g != 0 => {
                    if context.certain {
                        let divisors = |n: usize| (1..=n).filter(move |g| n.is_multiple_of(*g));
                        let help = match (inputs.known(), outputs.known()) {
                            (Some(a), Some(_)) if verb == "makes" && a == g => {
                                format!("make a multiple of {g}, such as {}", n.div_ceil(g) * g)
                            }
                            (Some(a), Some(b)) => {
                                let common: Vec<String> = divisors(a)
                                    .filter(|g| b.is_multiple_of(*g))
                                    .map(|g| g.to_string())
                                    .collect();
                                format!("`groups` can be {}", common.join(", "))
                            }
                            _ => "use a divisor of both numbers of channels".to_owned(),
                        };
                        context.errors.report_at(
                            &at,
                            format!(
                                "`{}` {verb} {n} channels, which {g} groups do not divide: {n} = {}*{g} + {}",
                                call.word(),
                                n / g,
                                n % g
                            ),
                            help,
                        );
                    }
                    fine = false;
                }
                (Some(_), Some(_)) | (_, Some(1)) => {}
                _ if channels.same(&groups) == Some(true) => {}
                _ => {
                    let krate = context.krate;
                    let text = format!(
                        "`{}` {verb} {channels} channels, which {groups} groups do not divide\nnote: the numbers are ",
                        call.word()
                    );
                    let (n, g) = (channels.expr(), groups.expr());
                    let span = at.clone().into_iter().next();
                    let span = span.map_or_else(|| call.span(), |token| token.span());
                    context.checks.push(quote_spanned! {span=>
                        const _: () = {
                            const TEXT: #krate::__private::Text =
                                #krate::__private::Text::new(#text).number(#n).text(" and ").number(#g);
                            if (#n) % (#g) != 0 {
                                ::core::panic!("{}", TEXT.as_str())
                            }
                        };
                    });
                }
            }
        }
        fine.then_some(groups)
    }
}
