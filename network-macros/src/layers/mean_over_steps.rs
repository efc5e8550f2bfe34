//! `mean_over_steps`: the mean of a sequence's steps.

use super::{Context, Role, Row, sequence_to_vector};
use crate::model::Step;
use crate::shape::Shape;
use crate::syntax::Call;
use network_flow::{Layer, Pool};

pub(crate) const ROW: Row = Row {
    word: "mean_over_steps",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<crate::model::Layer> {
    let flow = match context.input {
        Shape::Sequence([_, steps]) => steps.known().map(|steps| Layer::Pool(Pool::Mean(steps))),
        _ => None,
    };
    let mut layer = sequence_to_vector(call, context, "MeanOverSteps", Step::Remembers)?;
    layer.flow = flow.unwrap_or(Layer::Opaque);
    Some(layer)
}
