//! `relu`.

use super::{Role, Row, plain_activation};
use crate::init::Following;
use crate::model::InPlace;
use network_flow::Activation;

pub(crate) const ROW: Row = Row {
    word: "relu",
    aliases: &[],
    role: Role::Activation(|_| Following::Rectifier { slope: 0.0 }),
    build: |call, context| {
        plain_activation(call, context, "Relu", Activation::Relu, InPlace::Always)
    },
};
