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
        let rows = self.positions(0, height, "height", call, context);
        let columns = self.positions(1, width, "width", call, context);
        Some([rows?, columns?])
    }

    /// The number of positions along one side of the image.
    pub(crate) fn positions(
        &self,
        side: usize,
        size: &Size,
        what: &str,
        call: &Call,
        context: &mut Context<'_>,
    ) -> Option<Size> {
        let (kernel, stride) = (&self.kernel[side], &self.stride[side]);
        let (padding, dilation) = (&self.padding[side], &self.dilation[side]);
        let arithmetic = if dilation.known() == Some(1) {
            format!("({size} + 2*{padding} - {kernel})/{stride} + 1")
        } else {
            format!("({size} + 2*{padding} - {dilation}*({kernel} - 1) - 1)/{stride} + 1")
        };
        let message = |size: &dyn std::fmt::Display| {
            format!(
                "the kernel of `{}` is larger than the image: a {what} of {arithmetic} = {size}",
                call.word()
            )
        };
        let known = [size, kernel, stride, padding, dilation].map(Size::known);
        if let [
            Some(size),
            Some(kernel),
            Some(stride),
            Some(padding),
            Some(dilation),
        ] = known
        {
            let room = i128::try_from(size + 2 * padding).ok()?;
            let reach = i128::try_from(dilation.saturating_mul(kernel - 1) + 1).ok()?;
            let positions = (room - reach).div_euclid(i128::try_from(stride).ok()?) + 1;
            if positions < 1 {
                if context.certain {
                    let largest = (size + 2 * padding - 1) / dilation + 1;
                    let enough = (dilation * (kernel - 1) + 1 - size).div_ceil(2);
                    context.errors.report_at(
                        &self.span,
                        message(&positions),
                        format!(
                            "a kernel of {largest} fits, as does this one with `padding = {enough}`"
                        ),
                    );
                }
                return None;
            }
            return usize::try_from(positions).ok().map(Size::Known);
        }
        let krate = context.krate;
        let [n, k, s, p, d] = [size, kernel, stride, padding, dilation].map(Size::expr);
        let tokens = quote!(#krate::__private::positions(#n, 2 * (#p), #k, #s, #d));
        let text = format!(
            "the kernel of `{}` is larger than the image: a {what} of {arithmetic} is below 1\nnote: the kernel and the image measure ",
            call.word()
        );
        let span = self.first_span(call);
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

/// The number of entries of an image.
pub(crate) fn entries(image: &[Size; 3]) -> Size {
    Shape::Image(image.clone()).len()
}
