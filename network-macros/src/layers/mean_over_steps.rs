//! `mean_over_steps`: the mean of a sequence's steps.

use super::{Context, Role, Row, sequence_to_vector};
use crate::model::Step;
use crate::syntax::Call;

pub(crate) const ROW: Row = Row {
    word: "mean_over_steps",
    aliases: &[],
    role: Role::Other,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<crate::model::Layer> {
    sequence_to_vector(call, context, "MeanOverSteps", Step::Remembers)
}
