//! `last(padding = label)`, `mean_over_steps(padding = label)`, `mask(label)`: what is left
//! of a sequence without its padding.

use super::scope::Scope;
use super::{Flow, Resolver};
use crate::arguments::Arguments;
use crate::model::{Operation, Unpad};
use crate::shape::Shape;
use crate::syntax::{Call, Value};
use quote::ToTokens;
use syn::ext::IdentExt;

/// Whether `padding = ..` is among the arguments.
pub(super) fn is_given(call: &Call) -> bool {
    let mut arguments = call.arguments.iter();
    arguments.any(|argument| {
        argument
            .name
            .as_ref()
            .is_some_and(|n| n.unraw() == "padding")
    })
}

impl Resolver<'_> {
    /// `last(padding = label)` or `mean_over_steps(padding = label)`.
    pub(super) fn unpad(&mut self, call: &Call, scope: &mut Scope, flow: Flow) -> Flow {
        let mut arguments = Arguments::new(call);
        let padding = arguments.take("padding", false);
        let label = match padding {
            Some(Value::Expr(syn::Expr::Path(path))) => path.path.get_ident().cloned(),
            _ => None,
        };
        if let (None, Some(value)) = (&label, padding) {
            self.errors.report_at(
                value,
                format!(
                    "`padding` takes the label of a sequence, found `{}`",
                    crate::shape::readable(&value.to_token_stream())
                ),
                "write `padding = input`, or label the statement that makes the padded sequence",
            );
            arguments.fail();
        }
        let fine = arguments.finish(false, self.errors);
        let unpad = if call.word() == "last" {
            Unpad::Last
        } else {
            Unpad::Mean
        };
        self.unpadded(call, unpad, label.filter(|_| fine), scope, flow)
    }

    /// `mask(label)`.
    pub(super) fn mask(&mut self, call: &Call, scope: &mut Scope, flow: Flow) -> Flow {
        let mut arguments = Arguments::new(call);
        let labels = arguments.labels(self.errors);
        let mut fine = arguments.finish(false, self.errors);
        if let [_, second, ..] = labels.as_slice() {
            self.errors.report(
                second.span(),
                "`mask` takes one label",
                "leave the others out",
            );
            fine = false;
        }
        let label = labels.into_iter().next().filter(|_| fine);
        self.unpadded(call, Unpad::Mask, label, scope, flow)
    }

    fn unpadded(
        &mut self,
        call: &Call,
        unpad: Unpad,
        label: Option<syn::Ident>,
        scope: &mut Scope,
        flow: Flow,
    ) -> Flow {
        let word = call.word();
        let failed = Flow {
            certain: false,
            producer: format!("`{word}`"),
            ..flow.clone()
        };
        let Shape::Sequence([features, steps]) = &flow.shape else {
            if flow.certain {
                self.errors.report(
                    call.span(),
                    format!(
                        "`{word}` needs a sequence, but {} produces {}",
                        flow.producer,
                        flow.shape.describe()
                    ),
                    "start from a sequence, such as the input `[8; 100]` of 100 steps of 8 features",
                );
            }
            return failed;
        };
        let Some(label) = label else { return failed };
        let Some((shape, padded, certain)) = self.label(&label, scope) else {
            return failed;
        };
        let Shape::Sequence([_, padded_steps]) = &shape else {
            if certain {
                self.errors.report(
                    label.span(),
                    format!(
                        "`{word}` looks for padding in a sequence, but `{label}` is {}",
                        shape.describe()
                    ),
                    "name a sequence, such as `input`",
                );
            }
            return failed;
        };
        if certain && flow.certain {
            self.same(
                &Shape::Vector(padded_steps.clone()),
                &Shape::Vector(steps.clone()),
                &label,
                &format!(
                    "`{word}` needs as many steps, but `{label}` is {} and {} produces {}",
                    shape.describe(),
                    flow.producer,
                    flow.shape.describe()
                ),
                "name a sequence of as many steps",
            );
        }
        let end = match unpad {
            Unpad::Mask => flow.shape.clone(),
            Unpad::Last | Unpad::Mean => Shape::Vector(features.clone()),
        };
        let name = scope.name(None, "", &word, call.span());
        let text = crate::layers::declared(call);
        let site = self.tree.site(&name.to_string(), &word, &text, call.span());
        let layer = match unpad {
            // Of how many steps is not known.
            Unpad::Mean => network_flow::Layer::Opaque,
            Unpad::Mask | Unpad::Last => {
                network_flow::Layer::Activation(network_flow::Activation::Identity)
            }
        };
        self.tree.push(site, layer);
        let output = scope.value(&end, &name);
        scope.block.operations.push(Operation::Unpad {
            unpad,
            steps: steps.clone(),
            input: flow.value,
            padded,
            output,
        });
        Flow {
            shape: end,
            value: output,
            certain: certain && flow.certain,
            producer: format!("`{word}`"),
        }
    }
}
