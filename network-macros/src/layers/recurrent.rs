//! What `rnn`, `gru` and `lstm` share: their arguments, shapes and memory.

use super::{Context, declared};
use crate::arguments::{Arguments, FINITE, Number};
use crate::init::{Following, WrittenInit};
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::{Shape, Size, readable};
use crate::syntax::Call;
use network_flow::Forget;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

/// What tells one kind of cell from the others.
pub(crate) struct Kind<'a> {
    /// Its type of gating.
    pub(crate) ty: TokenStream,
    /// A value of that type.
    pub(crate) gating: TokenStream,
    /// Pre-activations of each unit.
    pub(crate) gates: usize,
    /// How initialisers see its activation.
    pub(crate) following: Following,
    /// As the theory sees it.
    pub(crate) cell: &'a dyn Fn(Start) -> network_flow::Cell,
    /// The gate that remembers, if there is one.
    pub(crate) remembers: Option<Remembers>,
}

/// The bias of the gate that remembers.
pub(crate) struct Remembers {
    pub(crate) argument: &'static str,
    /// `None`: as the other biases.
    pub(crate) default: Option<f64>,
}

/// How a cell starts, for the theory.
pub(crate) struct Start {
    /// `units * Var(weight_hh)`
    pub(crate) sigma_w2: f64,
    /// Variance that the input adds to a pre-activation.
    pub(crate) drive: f64,
    pub(crate) orthogonal: bool,
    pub(crate) forget: Forget,
    pub(crate) steps: usize,
}

/// Builds a recurrent layer; the arguments of its own have been taken.
pub(crate) fn recurrent(
    call: &Call,
    context: &mut Context<'_>,
    mut arguments: Arguments<'_>,
    units: Option<Size>,
    kind: &Kind<'_>,
) -> Option<Layer> {
    let sequence = context.sequence(call);
    let steps = sequence.as_ref().map(|[_, steps]| steps.clone());
    let bias = arguments.flag("bias", true, context.errors);
    let following = Some(&kind.following);
    let init = weight_init(context, &mut arguments, "init", || {
        WrittenInit::fitting(following)
    });
    let network_wide = context.init;
    let init = init.map(|(init, own)| match network_wide {
        Some(wide) if !own => wide.clone(),
        _ => init,
    });
    let recurrent_init = weight_init(context, &mut arguments, "recurrent_init", || {
        WrittenInit::orthogonal()
    });
    let recurrent_init = recurrent_init.map(|(init, _)| init);
    let bias_init = context.bias_init(&mut arguments);
    let forget = kind
        .remembers
        .as_ref()
        .map(|gate| forget(gate, bias, steps.as_ref(), context, &mut arguments));
    let truncate = match arguments.take_expr("truncate", false, context.errors) {
        Some(expr) => {
            let size = Size::read(expr, context.errors);
            if size.is_none() {
                arguments.fail();
            }
            size?
        }
        None => Size::Known(0),
    };
    let bidirectional = arguments.flag("bidirectional", false, context.errors);
    if let Some(label) = arguments.label("padding", context.errors) {
        if bidirectional {
            *context.padding = Some(label);
        } else {
            context.errors.report(
                label.span(),
                format!(
                    "`{}` runs from the first step to the last, and does not see padding at the end",
                    call.word()
                ),
                format!(
                    "leave `padding = {label}` out, and write it where steps come together: `last(padding = {label})`"
                ),
            );
            arguments.fail();
        }
    }
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let ([input, steps], units) = (sequence?, units?);
    let (init, recurrent_init, bias_init) = (init?, recurrent_init?, bias_init?);
    for (written, name) in [(&init, "init"), (&recurrent_init, "recurrent_init")] {
        if written.is_auto() {
            context.errors.report(
                call.span(),
                format!("`{name} = auto` has no meaning for `{}`", call.word()),
                "write `init = xavier_uniform` and `recurrent_init = orthogonal`, the defaults",
            );
            return None;
        }
    }

    let flow = flow(
        kind,
        &init,
        &recurrent_init,
        &bias_init,
        bias,
        forget.as_ref(),
        [&input, &steps, &units],
    );
    let (krate, scalar) = (context.krate, context.scalar);
    let gates = Size::Known(kind.gates).times(&units);
    let (x, hidden) = (input.times(&steps), units.times(&steps));
    let (ty, gating) = (&kind.ty, &kind.gating);
    let no_bias = (!bias).then(|| quote!(, 0));
    let cell = quote!(#krate::layers::Cell<#scalar, #ty, #input, #units, #gates #no_bias>);
    let directions = if bidirectional { 2 } else { 1 };
    let output = Size::Known(directions).times(&units);
    let ty = if bidirectional {
        let y = output.times(&steps);
        quote!(#krate::layers::Bidirectional<#cell, #steps, #x, #hidden, #y>)
    } else {
        quote!(#krate::layers::Recurrent<#cell, #steps, #x, #hidden>)
    };
    let init = init.tokens(krate, following);
    let recurrent_init = recurrent_init.tokens(krate, following);
    let bias_init = bias_init.tokens(krate, following);
    let forget = match forget.and_then(|(tokens, _)| tokens) {
        Some(tokens) => quote!(::core::option::Option::Some(#krate::layers::#tokens)),
        None => quote!(::core::option::Option::None),
    };
    let truncate = truncate.expr();
    let parameters = |input: usize, units: usize| {
        let biases = if bias { 2 } else { 0 };
        directions * kind.gates * units * (input + units + biases)
    };
    Some(Layer {
        ty,
        config: quote!(#krate::layers::CellConfig {
            gating: #gating,
            weight_ih: #init,
            weight_hh: #recurrent_init,
            bias: #bias_init,
            forget: #forget,
            truncate: #truncate,
        }),
        parameters: input
            .known()
            .zip(units.known())
            .map(|(i, u)| parameters(i, u)),
        output: Shape::Sequence([output, steps]),
        has_parameters: true,
        has_cache: true,
        has_scratch: true,
        step: if bidirectional {
            Step::Never(Whole {
                why: "reads the sequence backwards too, from its last step",
                help: "leave out `bidirectional = true`",
            })
        } else {
            Step::Remembers
        },
        foreign: false,
        reads_output: true,
        in_place: InPlace::Never,
        flow,
        auto: false,
        declared: declared(call),
    })
}

/// An initialiser, and whether it is the layer's own.
fn weight_init(
    context: &mut Context<'_>,
    arguments: &mut Arguments<'_>,
    name: &'static str,
    default: impl FnOnce() -> WrittenInit,
) -> Option<(WrittenInit, bool)> {
    match arguments.take_expr(name, false, context.errors) {
        Some(expr) => {
            let init = WrittenInit::read(expr, context.errors);
            if init.is_none() {
                arguments.fail();
            }
            Some((init?, true))
        }
        None => Some((default(), false)),
    }
}

/// The bias of the gate that remembers: a value of the core's `Forget`, if it starts
/// apart, and what the theory makes of it.
fn forget(
    gate: &Remembers,
    bias: bool,
    steps: Option<&Size>,
    context: &mut Context<'_>,
    arguments: &mut Arguments<'_>,
) -> (Option<TokenStream>, Forget) {
    let name = gate.argument;
    let constant = |value: &Number| quote!(Forget::Bias(#value));
    let Some(expr) = arguments.take_expr(name, false, context.errors) else {
        let default = gate.default.filter(|_| bias);
        let tokens = default.map(|value| constant(&Number::new(value)));
        return (tokens, Forget::Bias(default.unwrap_or(0.0)));
    };
    if !bias {
        context.errors.report_at(
            expr,
            format!("`{name}` sets a bias, but `bias = false` leaves them out"),
            "leave one of the two out",
        );
        arguments.fail();
    }
    let (function, own_steps) = match expr {
        Expr::Call(call) if call.args.len() == 1 => (&*call.func, call.args.first()),
        other => (other, None),
    };
    if readable(&function.to_token_stream()) == "chrono" {
        let steps = match own_steps {
            Some(expr) => {
                let size = Size::read(expr, context.errors);
                if size.is_none() {
                    arguments.fail();
                }
                size
            }
            None => steps.cloned(),
        };
        let steps = steps.unwrap_or(Size::Known(1)).expr();
        return (
            Some(quote!(Forget::Chrono { steps: #steps })),
            Forget::Chrono,
        );
    }
    let value = arguments.number_of(
        name,
        expr,
        gate.default.unwrap_or(0.0),
        &FINITE,
        context.errors,
    );
    (
        Some(constant(&value)),
        Forget::Bias(value.known.unwrap_or(0.0)),
    )
}

/// As the theory of signal propagation sees it, if it knows the sizes.
fn flow(
    kind: &Kind<'_>,
    init: &WrittenInit,
    recurrent_init: &WrittenInit,
    bias_init: &WrittenInit,
    bias: bool,
    forget: Option<&(Option<TokenStream>, Forget)>,
    [input, steps, units]: [&Size; 3],
) -> network_flow::Layer {
    let following = Some(&kind.following);
    let variance = |init: &WrittenInit, from: &Size| {
        let (init, gain) = init.flow(following)?;
        init.sigma_w2(from.width(), units.width(), gain)
    };
    let recurrent = || {
        let biases = if bias {
            2.0 * bias_init.variance().unwrap_or(0.0)
        } else {
            0.0
        };
        let steps = steps.known()?;
        let start = Start {
            sigma_w2: variance(recurrent_init, units)?,
            drive: variance(init, input)? + biases,
            orthogonal: recurrent_init.is_orthogonal(),
            forget: forget.map_or(Forget::Bias(0.0), |(_, forget)| *forget),
            steps,
        };
        Some(network_flow::Recurrent {
            steps,
            units: units.known(),
            cell: (kind.cell)(start),
        })
    };
    recurrent().map_or(network_flow::Layer::Opaque, network_flow::Layer::Recurrent)
}
