//! `identity`.

use super::{Role, Row, plain_activation};
use crate::init::Following;
use crate::model::InPlace;
use network_flow::Activation;

pub(crate) const ROW: Row = Row {
    word: "identity",
    aliases: &[],
    role: Role::Activation(|_| Following::Saturating),
    build: |call, context| {
        plain_activation(
            call,
            context,
            "Identity",
            Activation::Identity,
            InPlace::Always,
        )
    },
};
