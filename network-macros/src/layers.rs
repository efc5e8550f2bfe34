//! The table of layers: one row each, one file each, and what a row may use.

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::init::{Following, WrittenInit};
use crate::model::{InPlace, Layer, Step};
use crate::shape::{Shape, Size};
use crate::syntax::Call;
use network_flow::Layer as Flow;
use proc_macro2::TokenStream;
use quote::quote;

mod activation;
mod avg_pool1d;
mod avg_pool2d;
mod batch_norm;
mod conv1d;
mod conv2d;
mod conv_transpose2d;
pub(crate) mod custom;
mod dense;
mod dropout;
mod elu;
mod embedding;
mod gelu;
mod gelu_tanh;
mod global_avg_pool;
mod gru;
mod hard_sigmoid;
mod hard_swish;
mod hard_tanh;
mod identity;
mod last;
mod layer_norm;
mod leaky_relu;
mod lstm;
mod max_pool1d;
mod max_pool2d;
mod mean_over_steps;
mod mish;
mod prelu;
mod recurrent;
mod relu;
mod relu6;
mod rnn;
mod selu;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod softsign;
mod tanh;
mod upsample;
mod window;

/// All layers that are a single field. `residual`, `repeat`, `add`, `concat` and
/// `flatten` shape the network itself: see `resolve`.
pub(crate) const TABLE: &[Row] = &[
    dense::ROW,
    conv2d::ROW,
    max_pool2d::ROW,
    avg_pool2d::ROW,
    global_avg_pool::ROW,
    conv_transpose2d::ROW,
    upsample::ROW,
    conv1d::ROW,
    max_pool1d::ROW,
    avg_pool1d::ROW,
    embedding::ROW,
    batch_norm::ROW,
    layer_norm::ROW,
    dropout::ROW,
    softmax::ROW,
    rnn::ROW,
    gru::ROW,
    lstm::ROW,
    last::ROW,
    mean_over_steps::ROW,
    identity::ROW,
    sigmoid::ROW,
    hard_sigmoid::ROW,
    tanh::ROW,
    hard_tanh::ROW,
    relu::ROW,
    relu6::ROW,
    leaky_relu::ROW,
    prelu::ROW,
    elu::ROW,
    selu::ROW,
    gelu::ROW,
    gelu_tanh::ROW,
    silu::ROW,
    hard_swish::ROW,
    softplus::ROW,
    softsign::ROW,
    mish::ROW,
    activation::ROW,
    custom::ROW,
];

/// A layer's row.
pub(crate) struct Row {
    /// The word of the language.
    pub(crate) word: &'static str,
    /// Other words for it.
    pub(crate) aliases: &'static [&'static str],
    /// How initialisers see it.
    pub(crate) role: Role,
    /// Reads the arguments, checks the input's shape, and says what to generate.
    pub(crate) build: fn(&Call, &mut Context<'_>) -> Option<Layer>,
}

/// How the initialisers of the layers before it see a layer.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// The activation that they fit.
    Activation(fn(&Call) -> Following),
    /// Looked through: norms and dropout.
    Transparent,
    /// Nothing to fit.
    Other,
}

/// What a row sees besides its call.
pub(crate) struct Context<'a> {
    pub(crate) krate: &'a TokenStream,
    pub(crate) scalar: &'a syn::Ident,
    pub(crate) input: &'a Shape,
    /// What made the input, in words.
    pub(crate) producer: &'a str,
    /// False after a mistake: then the input's shape is a guess, not worth an error.
    pub(crate) certain: bool,
    /// Whether nothing follows.
    pub(crate) last: bool,
    pub(crate) following: Option<&'a Following>,
    /// `init = ..;`
    pub(crate) init: Option<&'a WrittenInit>,
    /// Where a window puts how many positions it has, as `(28 + 2*0 - 5)/1 + 1 = 24`.
    pub(crate) arithmetic: &'a mut Vec<String>,
    /// Where a row puts the label of its argument `padding = label`.
    pub(crate) padding: &'a mut Option<syn::Ident>,
    /// Free constants that let the compiler check what the macro cannot.
    pub(crate) checks: &'a mut Vec<TokenStream>,
    pub(crate) errors: &'a mut Errors,
}

impl Context<'_> {
    /// The width of the input, which must be a vector.
    pub(crate) fn vector(&mut self, call: &Call) -> Option<Size> {
        match self.input {
            Shape::Vector(n) => Some(n.clone()),
            other => {
                if self.certain {
                    self.errors.report(
                        call.span(),
                        format!(
                            "`{}` needs a vector, but {} produces {}",
                            call.word(),
                            self.producer,
                            other.describe()
                        ),
                        match other {
                            Shape::Sequence(_) => {
                                "insert `last`, `mean_over_steps` or `flatten` before it"
                            }
                            _ => "insert `flatten` before it",
                        },
                    );
                }
                None
            }
        }
    }

    /// The width of the input, a vector, or of each of its steps, and how many there are.
    pub(crate) fn features(&mut self, call: &Call) -> Option<(Size, Option<Size>)> {
        match self.input {
            Shape::Sequence([features, steps]) => Some((features.clone(), Some(steps.clone()))),
            _ => Some((self.vector(call)?, None)),
        }
    }

    /// The width of the input or of each of its steps, and how many there are, whatever it is.
    pub(crate) fn width(&self) -> (Size, Option<Size>) {
        match self.input {
            Shape::Sequence([features, steps]) => (features.clone(), Some(steps.clone())),
            other => (other.len(), None),
        }
    }

    /// Features and steps of the input, which must be a sequence.
    pub(crate) fn sequence(&mut self, call: &Call) -> Option<[Size; 2]> {
        if let Shape::Sequence(sizes) = self.input {
            return Some(sizes.clone());
        }
        if self.certain {
            let images = call.word().replace("1d", "2d");
            let help = match self.producer {
                _ if matches!(self.input, Shape::Image(_)) && images != call.word() => {
                    &format!("use `{images}`, which works on images")
                }
                "the input" => "declare it as a sequence: `[8; 100]` is 100 steps of 8 features",
                "`last`" | "`mean_over_steps`" => {
                    "move it before that layer, which leaves one step only"
                }
                "`flatten`" => "move it before `flatten`, which forgets what a step is",
                _ => {
                    "insert `reshape([features; steps])` before it, or declare the input as a sequence, such as `[8; 100]`"
                }
            };
            self.errors.report(
                call.span(),
                format!(
                    "`{}` needs a sequence, but {} produces {}",
                    call.word(),
                    self.producer,
                    self.input.describe()
                ),
                help,
            );
        }
        None
    }

    /// The layer at every step of the input, if that is a sequence of so many `steps`.
    pub(crate) fn over_steps(&self, layer: Layer, steps: Option<Size>) -> Layer {
        let Some(steps) = steps else { return layer };
        let (krate, ty) = (self.krate, &layer.ty);
        let features = layer.output.len();
        let (x, y) = (self.input.len(), features.times(&steps));
        Layer {
            ty: quote!(#krate::layers::PerStep<#ty, #steps, #x, #y>),
            output: Shape::Sequence([features, steps]),
            has_cache: true,
            in_place: InPlace::Never,
            ..layer
        }
    }

    /// Channels, height and width of the input, which must be an image.
    pub(crate) fn image(&mut self, call: &Call) -> Option<[Size; 3]> {
        match self.input {
            Shape::Image(sizes) => Some(sizes.clone()),
            other => {
                if self.certain {
                    let help = match other {
                        Shape::Vector(n) => match n.known().filter(|n| *n > 1) {
                            Some(n) => format!(
                                "insert `reshape(1, 1, {n})` before it, or sizes with that product"
                            ),
                            None => format!("insert `reshape(1, 1, {n})` before it"),
                        },
                        _ => {
                            let word = call.word().replace("2d", "1d");
                            match find(&word) {
                                Some(_) if word != call.word() => {
                                    format!("use `{word}`, which works on sequences")
                                }
                                _ => {
                                    "insert `reshape(channels, height, width)` before it".to_owned()
                                }
                            }
                        }
                    };
                    self.errors.report(
                        call.span(),
                        format!(
                            "`{}` needs an image, but {} produces {}",
                            call.word(),
                            self.producer,
                            other.describe()
                        ),
                        help,
                    );
                }
                None
            }
        }
    }

    /// The initialiser of a weight: the layer's own, the network's, or the fitting one.
    pub(crate) fn weight_init(&mut self, arguments: &mut Arguments<'_>) -> Option<WrittenInit> {
        match arguments.take_expr("init", false, self.errors) {
            Some(expr) => {
                let init = WrittenInit::read(expr, self.errors);
                if init.is_none() {
                    arguments.fail();
                }
                init
            }
            None => Some(
                self.init
                    .cloned()
                    .unwrap_or_else(|| WrittenInit::fitting(self.following)),
            ),
        }
    }

    /// The initialiser of a bias: the layer's own, or zeros.
    pub(crate) fn bias_init(&mut self, arguments: &mut Arguments<'_>) -> Option<WrittenInit> {
        match arguments.take_expr("bias_init", false, self.errors) {
            Some(expr) => {
                let init = WrittenInit::read(expr, self.errors);
                if init.is_none() {
                    arguments.fail();
                }
                init
            }
            None => Some(WrittenInit::zeros()),
        }
    }
}

/// The row of a word.
pub(crate) fn find(word: &str) -> Option<&'static Row> {
    TABLE
        .iter()
        .find(|row| row.word == word || row.aliases.contains(&word))
}

/// An activation without arguments: a unit struct of the core crate.
pub(crate) fn plain_activation(
    call: &Call,
    context: &mut Context<'_>,
    ty: &str,
    flow: network_flow::Activation,
    in_place: InPlace,
) -> Option<Layer> {
    if !Arguments::new(call).finish(false, context.errors) {
        return None;
    }
    let (krate, ty) = (context.krate, quote::format_ident!("{ty}"));
    let function = quote!(#krate::layers::#ty);
    Some(elementwise(
        call,
        context,
        &function,
        function.clone(),
        Flow::Activation(flow),
        in_place,
    ))
}

/// An activation layer over the type `function`, starting as `config`.
pub(crate) fn elementwise(
    call: &Call,
    context: &Context<'_>,
    function: &TokenStream,
    config: TokenStream,
    flow: Flow,
    in_place: InPlace,
) -> Layer {
    let (krate, scalar, n) = (context.krate, context.scalar, context.input.len());
    Layer {
        ty: quote!(#krate::layers::Elementwise<#scalar, #n, #function>),
        config,
        output: context.input.clone(),
        has_parameters: false,
        has_cache: false,
        has_scratch: false,
        step: Step::Alone,
        foreign: false,
        reads_output: true,
        in_place,
        flow,
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    }
}

/// A layer without parameters that makes one vector of all steps.
pub(crate) fn sequence_to_vector(
    call: &Call,
    context: &mut Context<'_>,
    ty: &str,
    step: Step,
) -> Option<Layer> {
    let fine = Arguments::new(call).finish(false, context.errors);
    let [features, _] = context.sequence(call)?;
    if !fine {
        return None;
    }
    let (krate, ty) = (context.krate, quote::format_ident!("{ty}"));
    let (scalar, x) = (context.scalar, context.input.len());
    Some(Layer {
        ty: quote!(#krate::layers::#ty<#scalar, #features, #x>),
        config: quote!(()),
        output: Shape::Vector(features),
        has_parameters: false,
        has_cache: false,
        has_scratch: false,
        step,
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow: Flow::Activation(network_flow::Activation::Identity),
        auto: false,
        declared: declared(call),
        parameters: Some(0),
    })
}

/// A call as a person would write it.
pub(crate) fn declared(call: &Call) -> String {
    use quote::ToTokens;
    let mut text = crate::shape::readable(&call.path.to_token_stream());
    if !call.arguments.is_empty() {
        let arguments: Vec<String> = call
            .arguments
            .iter()
            .map(|argument| {
                let value = crate::shape::readable(&argument.value.to_token_stream());
                match &argument.name {
                    Some(name) => format!("{name} = {value}"),
                    None => value,
                }
            })
            .collect();
        text = format!("{text}({})", arguments.join(", "));
    }
    text
}
