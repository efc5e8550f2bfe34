//! `embedding(words, features, init = normal(0.0, 1.0))`.

use super::{Context, Role, Row, declared};
use crate::arguments::Arguments;
use crate::init::WrittenInit;
use crate::model::{InPlace, Layer, Step, Whole};
use crate::shape::Shape;
use crate::syntax::Call;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "embedding",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    let mut arguments = Arguments::new(call);
    let example = "embedding(1000, 16)";
    let words = arguments.size("words", example, context.errors);
    let features = arguments.size("features", example, context.errors);
    let init = match arguments.take_expr("init", false, context.errors) {
        Some(expr) => {
            let init = WrittenInit::read(expr, context.errors);
            if init.is_none() {
                arguments.fail();
            }
            init
        }
        None => WrittenInit::read(&syn::parse_quote!(normal(0.0, 1.0)), context.errors),
    };
    if !arguments.finish(false, context.errors) {
        return None;
    }
    let steps = match context.input {
        Shape::Vector(n) => n.clone(),
        Shape::Sequence([one, steps]) if one.known() == Some(1) => steps.clone(),
        other => {
            if context.certain {
                context.errors.report(
                    call.span(),
                    format!(
                        "`embedding` needs one index a step, but {} produces {}",
                        context.producer,
                        other.describe()
                    ),
                    "declare an input such as `(8)` or `[1; 8]`, for 8 indices",
                );
            }
            return None;
        }
    };
    let (words, features, init) = (words?, features?, init?);
    let (krate, scalar) = (context.krate, context.scalar);
    let flow = match init.variance() {
        Some(variance) => network_flow::Layer::Embedding { variance },
        None => network_flow::Layer::Opaque,
    };
    let init = init.tokens(krate, context.following);
    let output = features.times(&steps);
    Some(Layer {
        ty: quote!(#krate::layers::Embedding<#scalar, #steps, #output, #words, #features>),
        config: quote!(#krate::layers::EmbeddingConfig { weight: #init }),
        parameters: words.times(&features).known(),
        output: Shape::Sequence([features, steps]),
        has_parameters: true,
        has_cache: false,
        has_scratch: false,
        step: Step::Never(Whole {
            why: "looks up a whole sequence of indices",
            help: "look the vectors up before the stream: `net.embedding_1.weight` has them as columns",
        }),
        foreign: false,
        reads_output: false,
        in_place: InPlace::Never,
        flow,
        auto: false,
        declared: declared(call),
    })
}
