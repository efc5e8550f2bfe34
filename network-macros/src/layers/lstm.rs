//! `lstm(units, forget_bias = 1.0, ..)`.

use super::recurrent::{Kind, Remembers, recurrent};
use super::{Role, Row};
use crate::arguments::Arguments;
use crate::init::Following;
use quote::quote;

pub(crate) const ROW: Row = Row {
    word: "lstm",
    aliases: &[],
    role: Role::Other,
    build: |call, context| {
        let mut arguments = Arguments::new(call);
        let units = arguments.size("units", "lstm(32)", context.errors);
        let krate = context.krate;
        let kind = Kind {
            ty: quote!(#krate::layers::Lstm),
            gating: quote!(#krate::layers::Lstm),
            gates: 4,
            following: Following::Saturating,
            cell: &|init| network_flow::Cell::Lstm {
                forget: init.forget,
            },
            // Jozefowicz et al. 2015.
            remembers: Some(Remembers {
                argument: "forget_bias",
                default: Some(1.0),
            }),
        };
        recurrent(call, context, arguments, units, &kind)
    },
};
