//! `multiply(label, ..)`: one branch gates another.

use super::scope::Scope;
use super::{Flow, Resolver};
use crate::arguments::Arguments;
use crate::model::Operation;
use crate::shape::Shape;
use crate::syntax::Call;

impl Resolver<'_> {
    pub(super) fn multiply(&mut self, call: &Call, scope: &mut Scope, flow: Flow) -> Flow {
        let mut arguments = Arguments::new(call);
        let labels = arguments.labels(self.errors);
        let fine = arguments.finish(false, self.errors);
        let mut end = flow;
        end.certain &= fine;
        for label in labels {
            let Some((shape, value, certain)) = self.label(&label, scope) else {
                end.certain = false;
                continue;
            };
            if certain && end.certain {
                let help = match (&shape, &end.shape) {
                    (Shape::Vector(n), Shape::Vector(_))
                    | (Shape::Sequence([n, _]), Shape::Sequence(_))
                        if shape.step().same(&end.shape.step()) != Some(true) =>
                    {
                        format!("insert `dense({n})` before `multiply({label})`")
                    }
                    (Shape::Vector(_), Shape::Sequence(_)) => {
                        format!("insert `last` or `mean_over_steps` before `multiply({label})`")
                    }
                    _ => format!("let both have the shape `{shape}`"),
                };
                self.same(
                    &shape,
                    &end.shape,
                    &label,
                    &format!(
                        "`multiply` needs equal shapes, but `{label}` is {} and {} produces {}",
                        shape.describe(),
                        end.producer,
                        end.describe()
                    ),
                    &help,
                );
            }
            let name = scope.name(None, "", "multiply", call.span());
            let text = crate::layers::declared(call);
            let site = self
                .tree
                .site(&name.to_string(), "multiply", &text, call.span());
            self.tree.push(site, network_flow::Layer::Opaque);
            let output = scope.value(&end.shape, &name);
            scope.block.operations.push(Operation::Multiply {
                factors: [value, end.value],
                output,
            });
            end.value = output;
        }
        "`multiply`".clone_into(&mut end.producer);
        end
    }
}
