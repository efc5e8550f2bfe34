//! `relu6`.

use super::{Role, Row, plain_activation};
use crate::init::Following;
use crate::model::InPlace;
use network_flow::Activation;

pub(crate) const ROW: Row = Row {
    word: "relu6",
    aliases: &[],
    role: Role::Activation(|_| Following::Rectifier { slope: 0.0 }),
    build: |call, context| {
        plain_activation(call, context, "Relu6", Activation::Relu6, InPlace::Always)
    },
};
