//! `silu`.

use super::{Role, Row, plain_activation};
use crate::init::Following;
use crate::model::InPlace;
use network_flow::Activation;

pub(crate) const ROW: Row = Row {
    word: "silu",
    aliases: &["swish"],
    role: Role::Activation(|_| Following::SmoothRectifier),
    build: |call, context| {
        plain_activation(call, context, "Silu", Activation::Silu, InPlace::Inference)
    },
};
