//! `mish`.

use super::{Role, Row, plain_activation};
use crate::init::Following;
use crate::model::InPlace;
use network_flow::Activation;

pub(crate) const ROW: Row = Row {
    word: "mish",
    aliases: &[],
    role: Role::Activation(|_| Following::SmoothRectifier),
    build: |call, context| {
        plain_activation(call, context, "Mish", Activation::Mish, InPlace::Inference)
    },
};
