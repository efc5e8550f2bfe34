//! `gru(units, update_bias = 0.0, ..)`.

use super::recurrent::{Kind, Remembers, recurrent};
use super::{Role, Row};
use crate::arguments::Arguments;
use crate::init::Following;
use network_flow::{Cell, Forget};
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "gru",
    aliases: &[],
    role: Role::Other,
    build: |call, context| {
        let mut arguments = Arguments::new(call);
        let units = arguments.size("units", "gru(32)", context.errors);
        let krate = context.krate;
        let kind = Kind {
            ty: quote!(#krate::layers::Gru),
            gating: quote!(#krate::layers::Gru),
            gates: 3,
            following: Following::Saturating,
            // The theory's update gate is one minus PyTorch's.
            cell: &|init| match init.forget {
                Forget::Bias(bias) => Cell::Gru { update_bias: -bias },
                Forget::Chrono => Cell::chrono_gru(init.steps),
            },
            remembers: Some(Remembers {
                argument: "update_bias",
                default: None,
            }),
        };
        recurrent(call, context, arguments, units, &kind)
    },
};
