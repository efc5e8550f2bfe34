//! `avg_pool1d(kernel, stride = kernel, padding = 0)`.

use super::max_pool1d::pool;
use super::{Context, Role, Row};
use crate::model::Layer;
use crate::syntax::Call;

pub(crate) const ROW: Row = Row {
    word: "avg_pool1d",
    aliases: &[],
    role: Role::Transparent,
    build,
};

fn build(call: &Call, context: &mut Context<'_>) -> Option<Layer> {
    pool(call, context, "AvgPool2d")
}
