//! `last`: the last step of a sequence.

use super::{Context, Role, Row, sequence_to_vector};
use crate::model::Step;
use crate::syntax::Call;

pub(crate) const ROW: Row = Row {
    word: "last",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<crate::model::Layer> {
    sequence_to_vector(call, context, "Last", Step::Alone)
}
