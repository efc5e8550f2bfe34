//! `last(padding = label)`, `mean_over_steps(padding = label)`, `mask(label)`: what is left
//! of a sequence without its padding, and layers that would see it.

use super::scope::Scope;
use super::{Flow, Resolver};
use crate::arguments::Arguments;
use crate::model::{Block, Obstacle, Operation, Step, Unpad, ValueId, Whole};
use crate::shape::Shape;
use crate::syntax::Call;
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
        let label = arguments.label("padding", self.errors);
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
        let Some((padded, certain)) = self.padded(&word, &label, scope, &flow) else {
            return failed;
        };
        self.refuse_sight_of(padded, &label, scope, flow.value);
        let end = match unpad {
            Unpad::Mask => flow.shape.clone(),
            Unpad::Last | Unpad::Mean => Shape::Vector(features.clone()),
        };
        if unpad == Unpad::Mean {
            self.obstacle.get_or_insert_with(|| Obstacle {
                declared: crate::layers::declared(call),
                span: call.span(),
                whole: Whole {
                    why: "waits for the end of the sequence",
                    help: "`mean_over_steps` without padding: a stream has none",
                },
            });
        }
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
            arithmetic: flow.arithmetic,
        }
    }

    /// The value of a padded sequence of as many steps as what flows, and whether it is certain.
    pub(super) fn padded(
        &mut self,
        word: &str,
        label: &syn::Ident,
        scope: &Scope,
        flow: &Flow,
    ) -> Option<(ValueId, bool)> {
        let (shape, padded, certain) = self.label(label, scope)?;
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
            return None;
        };
        if let (Shape::Sequence([_, steps]), true) = (&flow.shape, certain && flow.certain) {
            self.same(
                &Shape::Vector(padded_steps.clone()),
                &Shape::Vector(steps.clone()),
                label,
                &format!(
                    "`{word}` needs as many steps, but `{label}` is {} and {} produces {}",
                    shape.describe(),
                    flow.producer,
                    flow.shape.describe()
                ),
                "name a sequence of as many steps",
            );
        }
        Some((padded, certain))
    }

    /// Reports the layers between a padded sequence and `value` that look ahead into the
    /// padding, so that a short sequence would come out otherwise than alone.
    fn refuse_sight_of(
        &mut self,
        padded: ValueId,
        label: &syn::Ident,
        scope: &Scope,
        value: ValueId,
    ) {
        let is_root = scope.block.name == *self.name;
        let mut found = Vec::new();
        self.see(&scope.block, is_root, padded, value, &mut found);
        found.reverse();
        for (site, word, declared) in found {
            let span = self.tree.sites[site].span;
            let help = match word.as_str() {
                "rnn" | "gru" | "lstm" => {
                    let with = declared.trim_end_matches(')');
                    format!("write `{with}, padding = {label})`")
                }
                "conv1d" => {
                    format!("insert `mask({label})` before it, or write `padding = causal` in it")
                }
                _ => "use `conv1d` with `padding = causal`, which looks back only".to_owned(),
            };
            let message = format!("`{word}` looks ahead into the padding of `{label}`");
            self.errors.report(span, message, help);
        }
    }

    /// Collects the layers between `padded` and `value` that see padding, last ones first:
    /// site, word, declaration.
    fn see(
        &self,
        block: &Block,
        is_root: bool,
        padded: ValueId,
        value: ValueId,
        found: &mut Vec<(usize, String, String)>,
    ) {
        let mut reached = vec![false; block.values.len()];
        reached[value] = true;
        for operation in block.operations.iter().rev() {
            let output = operation.output();
            if !reached[output] || output == padded {
                continue;
            }
            for input in operation.differentiable() {
                reached[input] = true;
            }
            let Operation::Layer {
                field,
                input,
                padded: None,
                ..
            } = operation
            else {
                continue;
            };
            let field = &block.fields[*field];
            let word = field.name_of_layer();
            let masked = word == "conv1d" && is_masked(block, is_root, padded, *input);
            if matches!(field.layer.step, Step::Never(_)) && !field.layer.foreign && !masked {
                found.push((field.site, word.to_owned(), field.layer.declared.clone()));
            }
            if let Some((index, _)) = field.repeated {
                // The padding of a block is that of its own input.
                let body = &self.blocks[index];
                let end = body.operations.last().map_or(0, Operation::output);
                self.see(body, false, 0, end, found);
            }
        }
    }
}

/// Whether a value is 0 where `padded` is padding, and passes nothing back there: what
/// `mask` and told layers make, and a network's own input.
fn is_masked(block: &Block, is_root: bool, padded: ValueId, value: ValueId) -> bool {
    (is_root && value == 0 && padded == 0)
        || block.operations.iter().any(|operation| match operation {
            Operation::Unpad {
                unpad: Unpad::Mask,
                padded: by,
                output,
                ..
            }
            | Operation::Layer {
                padded: Some(by),
                output,
                ..
            } => *output == value && (*by == padded || value == padded),
            _ => false,
        })
}
