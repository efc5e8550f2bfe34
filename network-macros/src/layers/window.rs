//! Kernels that move over images: their arguments, and how many positions they have.

use super::Context;
use crate::arguments::Arguments;
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

/// A kernel as it was written.
pub(crate) struct Window {
    pub(crate) kernel: [Size; 2],
    pub(crate) stride: [Size; 2],
    pub(crate) padding: [Size; 2],
    pub(crate) dilation: [Size; 2],
    /// Where its size was written.
    span: TokenStream,
}

/// What a window may be given besides its kernel.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    /// Whether the stride is the kernel's size unless given.
    pub(crate) stride_is_kernel: bool,
    pub(crate) dilation: bool,
}

impl Window {
    /// Reads `kernel`, `stride`, `padding` and `dilation`.
    pub(crate) fn read(
        arguments: &mut Arguments<'_>,
        options: Options,
        example: &str,
        context: &mut Context<'_>,
    ) -> Option<Self> {
        let one = || [Size::Known(1), Size::Known(1)];
        let kernel = arguments.pair("kernel", true, 1, context.errors);
        if kernel.is_none() {
            arguments.missing(
                "`kernel`, a size or a pair of sizes",
                example,
                context.errors,
            );
        }
        let stride = arguments.pair("stride", false, 1, context.errors);
        let padding = arguments.pair("padding", false, 0, context.errors);
        if let Some((_, expr)) = &padding
            && matches!(expr, syn::Expr::Path(path) if path.path.is_ident("same"))
        {
            context.errors.report_at(
                expr,
                "`padding` is a number of pixels, found `same`",
                "write half of the kernel, rounded down: `kernel = 3, padding = 1` keeps the size",
            );
            arguments.fail();
        }
        let dilation = options
            .dilation
            .then(|| arguments.pair("dilation", false, 1, context.errors))
            .flatten();
        let (kernel, written) = kernel?;
        let window = Self {
            stride: stride.map_or_else(
                || {
                    if options.stride_is_kernel {
                        kernel.clone()
                    } else {
                        one()
                    }
                },
                |(stride, _)| stride,
            ),
            padding: padding.map_or_else(|| [Size::Known(0), Size::Known(0)], |(p, _)| p),
            dilation: dilation.map_or_else(one, |(dilation, _)| dilation),
            kernel,
            span: written.to_token_stream(),
        };
        Some(window)
    }

    /// A window over the steps of a sequence, an image with a row for each step.
    pub(super) fn along_steps(
        kernel: Size,
        stride: Size,
        padding: Size,
        at: &impl ToTokens,
    ) -> Self {
        Self {
            kernel: [kernel, Size::Known(1)],
            stride: [stride, Size::Known(1)],
            padding: [padding, Size::Known(0)],
            dilation: [Size::Known(1), Size::Known(1)],
            span: at.to_token_stream(),
        }
    }

    /// The size of the image over which this window has `positions`, along one side: what a
    /// transposed convolution makes.
    pub(super) fn larger(
        &self,
        side: usize,
        positions: &Size,
        extra: &Size,
        extra_at: Option<&syn::Expr>,
        call: &Call,
        context: &mut Context<'_>,
    ) -> Option<Size> {
        let (kernel, stride) = (&self.kernel[side], &self.stride[side]);
        let (padding, dilation) = (&self.padding[side], &self.dilation[side]);
        let sizes = [positions, kernel, stride, padding, dilation, extra];
        let [Some(n), Some(k), Some(s), Some(p), Some(d), Some(e)] = sizes.map(Size::known) else {
            context.errors.report(
                call.span(),
                format!("`{}` needs sizes that are numbers", call.word()),
                "write the sizes of this layer and of the image before it as numbers",
            );
            return None;
        };
        if e >= s {
            context.errors.report_at(
                &extra_at.map_or_else(|| self.span.clone(), ToTokens::to_token_stream),
                format!("`output_padding` must be smaller than `stride`: {e} >= {s}"),
                format!("use `output_padding = {}` or less", s - 1),
            );
            return None;
        }
        let reach = (n - 1)
            .saturating_mul(s)
            .saturating_add(d.saturating_mul(k - 1))
            .saturating_add(1 + e);
        match reach.checked_sub(2 * p) {
            Some(size) if size > 0 => Some(Size::Known(size)),
            _ => {
                context.errors.report_at(
                    &self.span,
                    format!(
                        "`{}` makes no pixels: ({n} - 1)*{s} + {d}*({k} - 1) + 1 + {e} - 2*{p} is below 1",
                        call.word()
                    ),
                    format!("use `padding = {}` or less", (reach - 1) / 2),
                );
                None
            }
        }
    }

    /// A window that moves in steps of its size.
    pub(super) fn blocks(kernel: [Size; 2], at: &impl ToTokens) -> Self {
        Self {
            stride: kernel.clone(),
            kernel,
            padding: [Size::Known(0), Size::Known(0)],
            dilation: [Size::Known(1), Size::Known(1)],
            span: at.to_token_stream(),
        }
    }

    /// The number of positions over the steps of a sequence.
    pub(super) fn output_steps(
        &self,
        steps: &Size,
        call: &Call,
        context: &mut Context<'_>,
    ) -> Option<Size> {
        let padding = &self.padding[0];
        let side = Side {
            size: steps,
            kernel: &self.kernel[0],
            stride: &self.stride[0],
            padding: &padding.times(&Size::Known(2)),
            padding_text: format!("2*{padding}"),
            dilation: &self.dilation[0],
            whole: "sequence",
            what: "length",
        };
        side.positions(&self.span, call, context)
    }

    /// Whether the padding is at most half of the kernel, so that every position sees the image.
    pub(crate) fn padding_fits(&self, call: &Call, context: &mut Context<'_>) -> Option<()> {
        for (kernel, padding) in self.kernel.iter().zip(&self.padding) {
            if let (Some(kernel), Some(padding)) = (kernel.known(), padding.known())
                && 2 * padding > kernel
            {
                context.errors.report_at(
                    &self.span,
                    format!(
                        "the padding of `{}` is more than half of its kernel: {padding} > {kernel}/2",
                        call.word()
                    ),
                    format!("use `padding = {}` or less", kernel / 2),
                );
                return None;
            }
            if (kernel.known().is_none() || padding.known().is_none()) && padding.known() != Some(0)
            {
                let krate = context.krate;
                let (k, p) = (kernel.expr(), padding.expr());
                let text = format!(
                    "the padding of `{}` is more than half of its kernel\nnote: they are ",
                    call.word()
                );
                let span = self.first_span(call);
                context.checks.push(quote_spanned! {span=>
                    const _: () = {
                        const TEXT: #krate::__private::Text =
                            #krate::__private::Text::new(#text).number(#p).text(" and ").number(#k);
                        if 2 * (#p) > (#k) {
                            ::core::panic!("{}", TEXT.as_str())
                        }
                    };
                });
            }
        }
        Some(())
    }

    fn first_span(&self, call: &Call) -> proc_macro2::Span {
        let first = self.span.clone().into_iter().next();
        first.map_or_else(|| call.span(), |token| token.span())
    }

    /// The output's height and width; `None`, with an error, if the kernel does not fit.
    pub(crate) fn output(
        &self,
        call: &Call,
        height: &Size,
        width: &Size,
        context: &mut Context<'_>,
    ) -> Option<[Size; 2]> {
        let both = [height, width];
        let sides = [&self.kernel, &self.stride, &self.padding, &self.dilation];
        let same = |pair: &[Size; 2]| pair[0].same(&pair[1]) == Some(true);
        if both[0].same(both[1]) == Some(true) && sides.into_iter().all(same) {
            // What is wrong with one is wrong with the other, and is said once.
            let side = self.positions(0, height, "height and width", call, context)?;
            return Some([side.clone(), side]);
        }
        let rows = self.positions(0, height, "height", call, context);
        let columns = self.positions(1, width, "width", call, context);
        Some([rows?, columns?])
    }

    /// The number of positions along one side of the image.
    fn positions(
        &self,
        side: usize,
        size: &Size,
        what: &'static str,
        call: &Call,
        context: &mut Context<'_>,
    ) -> Option<Size> {
        let padding = &self.padding[side];
        let side = Side {
            size,
            kernel: &self.kernel[side],
            stride: &self.stride[side],
            padding: &padding.times(&Size::Known(2)),
            padding_text: format!("2*{padding}"),
            dilation: &self.dilation[side],
            whole: "image",
            what,
        };
        side.positions(&self.span, call, context)
    }

    /// The share of its taps that lie on the image and not on the padding, over all positions; 1
    /// where only the compiler knows the sizes.
    pub(super) fn coverage(&self, height: &Size, width: &Size) -> f64 {
        let along = |side: usize, size: &Size| {
            let padding = self.padding[side].known();
            let sizes = [
                size,
                &self.kernel[side],
                &self.stride[side],
                &self.dilation[side],
            ];
            coverage(sizes.map(Size::known), padding.map(|padding| [padding; 2]))
        };
        along(0, height) * along(1, width)
    }

    /// For a transposed convolution: the terms that an output sums, on the mean, over the number
    /// that its initialiser reckons with.
    pub(super) fn transposed_coverage(
        &self,
        inputs: &Size,
        fan_in: &Size,
        before: [&Size; 2],
        after: [&Size; 2],
    ) -> f64 {
        let side = |side: usize| {
            let (from, to) = (before[side].known()? as f64, after[side].known()? as f64);
            let kernel = self.kernel[side].known()? as f64;
            let padding = self.padding[side].known()?;
            let sizes = [
                after[side],
                &self.kernel[side],
                &self.stride[side],
                &self.dilation[side],
            ];
            let on = coverage(sizes.map(Size::known), Some([padding; 2]));
            Some(on * from * kernel / to)
        };
        let terms = || Some(inputs.known()? as f64 * side(0)? * side(1)?);
        let reckoned = fan_in.known().map(|fan_in| fan_in.max(1) as f64);
        terms()
            .zip(reckoned)
            .map_or(1.0, |(terms, reckoned)| terms / reckoned)
    }

    /// What pooling does to signals, as the theory sees it.
    pub(super) fn pool(&self, mean: bool) -> network_flow::Layer {
        use network_flow::{Layer, Pool};
        let padded = self
            .padding
            .iter()
            .any(|padding| padding.known() != Some(0));
        match self.kernel[0].times(&self.kernel[1]).known() {
            Some(entries) if !mean => Layer::Pool(Pool::Largest(entries)),
            // Zeros at the border count in the mean.
            Some(entries) if !padded => Layer::Pool(Pool::Mean(entries)),
            _ => Layer::Opaque,
        }
    }

    /// Its type, moving over an image.
    pub(crate) fn ty(&self, krate: &TokenStream, image: &[Size; 3]) -> TokenStream {
        let [channels, height, width] = image;
        let pair = |[a, b]: &[Size; 2]| quote!(#krate::layers::geometry::Pair<#a, #b>);
        let (kernel, stride) = (pair(&self.kernel), pair(&self.stride));
        let (padding, dilation) = (pair(&self.padding), pair(&self.dilation));
        quote! {
            #krate::layers::geometry::Slide<
                #krate::layers::geometry::Image<#channels, #height, #width>,
                #kernel, #stride, #padding, #dilation,
            >
        }
    }
}

/// A kernel that moves along one side of an image, or over the steps of a sequence.
pub(super) struct Side<'a> {
    pub(super) size: &'a Size,
    pub(super) kernel: &'a Size,
    pub(super) stride: &'a Size,
    /// On both ends together.
    pub(super) padding: &'a Size,
    pub(super) padding_text: String,
    pub(super) dilation: &'a Size,
    /// `image` or `sequence`.
    pub(super) whole: &'static str,
    /// `height`, `width` or `length`.
    pub(super) what: &'static str,
}

impl Side<'_> {
    /// The number of positions; `None`, with an error, if the kernel does not fit.
    pub(super) fn positions(
        &self,
        at: &TokenStream,
        call: &Call,
        context: &mut Context<'_>,
    ) -> Option<Size> {
        let Self {
            size,
            kernel,
            stride,
            padding,
            padding_text,
            dilation,
            whole,
            what,
        } = self;
        let arithmetic = if dilation.known() == Some(1) {
            format!("({size} + {padding_text} - {kernel})/{stride} + 1")
        } else {
            format!("({size} + {padding_text} - {dilation}*({kernel} - 1) - 1)/{stride} + 1")
        };
        let message = format!(
            "the kernel of `{}` is larger than the {whole}: the {what} would be {arithmetic}",
            call.word()
        );
        let known = [size, kernel, stride, padding, dilation].map(|size| size.known());
        if let [
            Some(size),
            Some(kernel),
            Some(stride),
            Some(padding),
            Some(dilation),
        ] = known
        {
            let room = i128::try_from(size.saturating_add(padding)).ok()?;
            let reach = dilation.saturating_mul(kernel - 1).saturating_add(1);
            let rest = room - i128::try_from(reach).ok()?;
            let positions = rest.div_euclid(i128::try_from(stride).ok()?) + 1;
            if positions < 1 {
                if context.certain {
                    let largest = (size + padding - 1) / dilation + 1;
                    let help = if !call.word().contains("pool") {
                        let enough = reach.saturating_sub(size).div_ceil(2);
                        format!("write `kernel = {largest}` or less, or `padding = {enough}`")
                    } else if largest == 1 {
                        format!("leave `{}` out: there is nothing left to pool", call.word())
                    } else {
                        format!("write `{}({largest})` or less", call.word())
                    };
                    context
                        .errors
                        .report_at(at, format!("{message} = {positions}"), help);
                }
                return None;
            }
            context
                .arithmetic
                .push(format!("{arithmetic} = {positions}"));
            return usize::try_from(positions).ok().map(Size::Known);
        }
        let krate = context.krate;
        let [n, k, s, p, d] = [size, kernel, stride, padding, dilation].map(|size| size.expr());
        let tokens = quote!(#krate::__private::positions(#n, #p, #k, #s, #d));
        let text = format!("{message}, below 1\nnote: the kernel and the {whole} measure ");
        let span = at.clone().into_iter().next();
        let span = span.map_or_else(|| call.span(), |token| token.span());
        context.checks.push(quote_spanned! {span=>
            const _: () = {
                const TEXT: #krate::__private::Text =
                    #krate::__private::Text::new(#text).number(#k).text(" and ").number(#n);
                if #tokens == 0 {
                    ::core::panic!("{}", TEXT.as_str())
                }
            };
        });
        let tokens = quote!(#krate::__private::max(&[1, #tokens]));
        Some(Size::symbolic(tokens, arithmetic))
    }
}

/// The share of taps that lie on a side and not on its padding, from its size, kernel, stride and
/// dilation.
pub(super) fn coverage(sizes: [Option<usize>; 4], padding: Option<[usize; 2]>) -> f64 {
    let ([Some(size), Some(kernel), Some(stride), Some(dilation)], Some([before, after])) =
        (sizes, padding)
    else {
        return 1.0;
    };
    let reach = dilation.saturating_mul(kernel.saturating_sub(1)) + 1;
    if before + after == 0 || size + before + after < reach || stride == 0 {
        return 1.0;
    }
    let positions = (size + before + after - reach) / stride + 1;
    // A tap `t` lies on the side where `before <= position * stride + t * dilation < before + size`.
    let on = |tap: usize| {
        let at = tap * dilation;
        let first = before.saturating_sub(at).div_ceil(stride);
        let end = (before + size).saturating_sub(at).div_ceil(stride);
        end.min(positions).saturating_sub(first)
    };
    let taps: usize = (0..kernel).map(on).sum();
    taps as f64 / (positions * kernel) as f64
}

/// The number of entries of an image.
pub(crate) fn entries(image: &[Size; 3]) -> Size {
    Shape::Image(image.clone()).len()
}
