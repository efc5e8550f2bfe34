//! `selu`.

use super::{Role, Row, plain_activation};
use crate::init::Following;
use crate::model::InPlace;
use network_flow::Activation;

pub(crate) const ROW: Row = Row {
    word: "selu",
    aliases: &[],
    role: Role::Activation(|_| Following::SelfNormalising),
    build: |call, context| {
        plain_activation(call, context, "Selu", Activation::Selu, InPlace::Always)
    },
};
