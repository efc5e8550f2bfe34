//! `rnn(units, activation = tanh, ..)`.

use super::recurrent::{Kind, recurrent};
use super::{Role, Row};
use crate::arguments::Arguments;
use crate::init::Following;
use crate::shape::readable;
use network_flow::Activation;
use quote::{ToTokens, quote};

pub(crate) const ROW: Row = Row {
    word: "rnn",
    aliases: &[],
    role: Role::Other,
    build: |call, context| {
        let mut arguments = Arguments::new(call);
        let units = arguments.size("units", "rnn(32)", context.errors);
        let activation = arguments.take_expr("activation", false, context.errors);
        let word = activation.map(|expr| readable(&expr.to_token_stream()));
        let (function, following, activation) = match word.as_deref() {
            None | Some("tanh") => ("Tanh", Following::Saturating, Activation::Tanh),
            Some("relu") => (
                "Relu",
                Following::Rectifier { slope: 0.0 },
                Activation::Relu,
            ),
            Some(other) => {
                context.errors.report_at(
                    &activation,
                    format!("`rnn` has the activation `tanh` or `relu`, found `{other}`"),
                    "write `activation = tanh`, the default, or `activation = relu`",
                );
                arguments.fail();
                ("Tanh", Following::Saturating, Activation::Tanh)
            }
        };
        let krate = context.krate;
        let function = quote::format_ident!("{function}");
        let function = quote!(#krate::layers::#function);
        let kind = Kind {
            ty: quote!(#krate::layers::Rnn<#function>),
            gating: quote!(#krate::layers::Rnn(#function)),
            gates: 1,
            following,
            cell: &|init| network_flow::Cell::Rnn {
                activation: activation.clone(),
                sigma_w2: init.sigma_w2,
                drive: init.drive,
                orthogonal: init.orthogonal,
            },
            remembers: None,
        };
        recurrent(call, context, arguments, units, &kind)
    },
};
