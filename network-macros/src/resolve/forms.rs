//! The forms that shape the network itself: `residual`, `repeat`, `add`, `concat`.

use super::following::Tail;
use super::scope::{Scope, camel_case};
use super::{Flow, Place, Resolver};
use crate::arguments::{Arguments, FINITE, Number};
use crate::errors::suggest;
use crate::layers::{self, Context, declared};
use crate::model::{InPlace, Layer, Operation, Step, ValueId};
use crate::shape::{Shape, Size};
use crate::syntax::{Call, Item};
use proc_macro2::Span;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

impl Resolver<'_> {
    pub(super) fn residual(
        &mut self,
        call: &Call,
        scope: &mut Scope,
        flow: &Flow,
        place: &Place<'_>,
    ) -> Flow {
        let mut arguments = Arguments::new(call);
        let scale = arguments.number("scale", false, 1.0, &FINITE, self.errors);
        let project = arguments.flag("project", false, self.errors);
        let fine = arguments.finish(true, self.errors);
        let failed = Flow {
            certain: false,
            producer: "`residual`".to_owned(),
            ..flow.clone()
        };
        let Some(body) = call.body.as_ref().filter(|body| has_statements(body)) else {
            self.errors.report(
                call.span(),
                "`residual` holds no layers",
                "write `residual { dense(64) -> relu }`",
            );
            return failed;
        };
        let tail = Tail::Residual {
            rest: place.rest,
            statements: place.later,
            outer: place.tail,
        };
        self.tree.open(None);
        let branch = self.body(body, scope, flow.clone(), place.prefix, &tail);
        let branch_nodes = self.tree.close();
        if !fine {
            return failed;
        }
        let skip = if project && branch.certain && flow.certain {
            self.tree.open(None);
            let skip = self.projection(call, scope, flow, &branch, place);
            (skip, self.tree.close())
        } else {
            (flow.clone(), Vec::new())
        };
        let (skip, projection) = skip;
        if branch.certain && skip.certain {
            self.same(
                &skip.shape,
                &branch.shape,
                &call.path.to_token_stream(),
                &format!(
                    "`residual` adds its input, {}, to what its layers end with, {}",
                    skip.shape.describe(),
                    branch.describe()
                ),
                &match &skip.shape {
                    Shape::Vector(n) => format!(
                        "end its layers with `dense({n})`, or write `residual(project = true)`"
                    ),
                    Shape::Image(_) => "keep the size with `padding` of half of the kernel, or write `residual(project = true)` for other channels or a stride".to_owned(),
                    Shape::Sequence(_) => "write `residual(project = true)`".to_owned(),
                },
            );
        }
        let name = scope.name(None, place.prefix, "residual", call.span());
        let site = self
            .tree
            .site(&name.to_string(), "residual", &declared(call), call.span());
        let projection = projection.first().map(|node| node.layer.clone());
        let layer = match (scale.known, projection) {
            (Some(scale), None) => Some((scale, None)),
            (Some(scale), Some(network_flow::Layer::Dense(dense))) => Some((scale, Some(dense))),
            _ => None,
        };
        let layer = layer.map_or(network_flow::Layer::Opaque, |(scale, projection)| {
            let body = branch_nodes;
            network_flow::Layer::Residual(network_flow::Residual {
                scale,
                projection,
                body,
            })
        });
        self.tree.push(site, layer);
        let output = scope.value(&branch.shape, &name);
        scope.block.operations.push(Operation::Residual {
            skip: skip.value,
            branch: branch.value,
            scale,
            output,
        });
        Flow {
            shape: branch.shape,
            value: output,
            certain: skip.certain && branch.certain,
            producer: "`residual`".to_owned(),
            arithmetic: branch.arithmetic,
        }
    }

    /// The learned linear map on the skip of `residual(project = true)`.
    fn projection(
        &mut self,
        call: &Call,
        scope: &mut Scope,
        flow: &Flow,
        branch: &Flow,
        place: &Place<'_>,
    ) -> Flow {
        let argument = |name: Option<&str>, size: &Size| {
            let value: syn::Expr =
                syn::parse2(size.expr()).unwrap_or_else(|_| syn::parse_quote!(1));
            crate::syntax::Argument {
                name: name.map(|name| syn::Ident::new(name, call.span())),
                value: crate::syntax::Value::Expr(value),
            }
        };
        let failed = Flow {
            certain: false,
            ..flow.clone()
        };
        let (word, arguments) = match (&flow.shape, &branch.shape) {
            (Shape::Image([_, height, width]), Shape::Image([channels, rows, columns])) => {
                let strides = [(height, rows, "height"), (width, columns, "width")]
                    .map(|(from, to, what)| self.projection_stride(call, from, to, what));
                let [Some(rows), Some(columns)] = strides else {
                    return failed;
                };
                let stride: syn::Expr = syn::parse_quote!((#rows, #columns));
                let mut stride_argument = argument(Some("stride"), &Size::Known(1));
                stride_argument.value = crate::syntax::Value::Expr(stride);
                let kernel = argument(Some("kernel"), &Size::Known(1));
                (
                    "conv2d",
                    vec![argument(None, channels), kernel, stride_argument],
                )
            }
            // At each step.
            (Shape::Sequence([_, from]), Shape::Sequence([features, to]))
                if from.same(to) != Some(false) =>
            {
                ("dense", vec![argument(None, features)])
            }
            (Shape::Sequence([_, from]), Shape::Sequence([features, to])) => {
                let Some(stride) = self.projection_stride(call, from, to, "length") else {
                    return failed;
                };
                let stride = argument(Some("stride"), &Size::Known(stride));
                let kernel = argument(Some("kernel"), &Size::Known(1));
                ("conv1d", vec![argument(None, features), kernel, stride])
            }
            (_, other) => ("dense", vec![argument(None, &other.len())]),
        };
        let map = Call {
            path: syn::Path::from(syn::Ident::new(word, call.span())),
            arguments,
            body: None,
        };
        let scalar = self.scalar.clone().unwrap_or_else(|| format_ident!("f32"));
        let mut context = Context {
            padding: &mut None,
            arithmetic: &mut Vec::new(),
            krate: self.krate,
            scalar: &scalar,
            input: &flow.shape,
            producer: &flow.producer,
            certain: true,
            last: false,
            following: None,
            init: self.init.as_ref(),
            checks: &mut self.checks,
            errors: self.errors,
        };
        let Some(mut layer) = layers::find(word).and_then(|row| (row.build)(&map, &mut context))
        else {
            return failed;
        };
        if word == "dense" {
            layer.output = branch.shape.clone();
        }
        let place = Place {
            label: None,
            ..*place
        };
        self.field(layer, "project", None, scope, flow, call.span(), &place)
    }

    /// The stride with which a kernel of one entry makes `to` of `from`.
    fn projection_stride(
        &mut self,
        call: &Call,
        from: &Size,
        to: &Size,
        what: &str,
    ) -> Option<usize> {
        if from.same(to) == Some(true) {
            return Some(1);
        }
        let stride = from.known().zip(to.known()).and_then(|(from, to)| {
            let fits = |stride: &usize| (from - 1) / stride + 1 == to;
            (1..=from).find(fits)
        });
        if stride.is_none() {
            self.errors.report(
                call.span(),
                format!(
                    "`residual` cannot project a {what} of {from} to {to}: no stride makes ({from} - 1)/stride + 1 = {to}"
                ),
                "let its layers end with a size that a stride makes, such as with `padding` of half of the kernel",
            );
        }
        stride
    }

    pub(super) fn repeat(
        &mut self,
        call: &Call,
        scope: &mut Scope,
        flow: &Flow,
        place: &Place<'_>,
    ) -> Flow {
        let mut arguments = Arguments::new(call);
        let count = arguments.size("count", "repeat(3) { .. }", self.errors);
        let fine = arguments.finish(true, self.errors);
        let failed = Flow {
            certain: false,
            producer: "`repeat`".to_owned(),
            ..flow.clone()
        };
        let Some(body) = call.body.as_ref().filter(|body| has_statements(body)) else {
            self.errors.report(
                call.span(),
                "`repeat` holds no layers",
                "write `repeat(3) { dense(64) -> relu; }`",
            );
            return failed;
        };
        let name = scope.name(place.label, place.prefix, "repeat", call.span());
        let mut part = camel_case(&name.unraw().to_string());
        if part.ends_with("Gradient") || part.ends_with("Cache") {
            // Those end the names of what belongs to a block.
            part.push_str("Block");
        }
        let type_name = format_ident!(
            "{}{part}",
            scope.block.name,
            span = self.name.span().resolved_at(Span::mixed_site())
        );
        let mut inner = Scope::new(type_name.clone(), &flow.shape, flow.certain, body);
        inner
            .outer_labels
            .extend(scope.outer_labels.iter().cloned());
        inner
            .outer_labels
            .extend(scope.declared_labels.keys().cloned());
        let start = Flow {
            shape: flow.shape.clone(),
            value: 0,
            certain: flow.certain,
            producer: flow.producer.clone(),
            arithmetic: flow.arithmetic.clone(),
        };
        let init = self.init.clone();
        self.tree.open(Some(&name.unraw().to_string()));
        self.input_label(body, &inner);
        let end = self.body(body, &mut inner, start, "", &Tail::Repeat);
        let nodes = self.tree.close();
        self.init = init;
        if end.certain && flow.certain {
            self.same(
                &flow.shape,
                &end.shape,
                &call.path.to_token_stream(),
                &format!(
                    "`repeat` starts with {}, but each round ends with {}",
                    flow.shape.describe(),
                    end.describe()
                ),
                &match &flow.shape {
                    Shape::Vector(n) => format!(
                        "end each round with `dense({n})`, or put {} before the `repeat`",
                        match &end.shape {
                            Shape::Vector(end) => format!("`dense({end})`"),
                            _ => "a layer of that shape".to_owned(),
                        }
                    ),
                    _ => "let each round end with the shape it starts with".to_owned(),
                },
            );
        }
        let (Some(count), true) = (count, fine && end.certain) else {
            return failed;
        };
        let parameters = inner
            .block
            .fields
            .iter()
            .map(|field| field.layer.parameters)
            .sum::<Option<usize>>()
            .zip(count.known())
            .map(|(each, count)| each * count);
        self.blocks.push(inner.block);
        let layer = Layer {
            ty: quote!([#type_name; #count]),
            config: quote!(()),
            output: end.shape,
            has_parameters: true,
            has_cache: true,
            has_scratch: true,
            step: Step::Remembers,
            foreign: false,
            reads_output: true,
            in_place: InPlace::Never,
            // How often, where a constant says it, the prediction fills in.
            flow: network_flow::Layer::Repeat {
                count: count.known().unwrap_or(1),
                body: nodes,
            },
            auto: false,
            declared: format!("repeat({count})"),
            parameters,
        };
        let repeated = Some((self.blocks.len() - 1, count));
        let place = Place {
            label: Some(&name),
            ..*place
        };
        self.field(layer, "repeat", repeated, scope, flow, call.span(), &place)
    }

    pub(super) fn add(&mut self, call: &Call, scope: &mut Scope, flow: Flow) -> Flow {
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
                self.same(
                    &shape,
                    &end.shape,
                    &label,
                    &format!(
                        "`add` needs equal shapes, but `{label}` is {} and {} produces {}",
                        shape.describe(),
                        end.producer,
                        end.describe()
                    ),
                    &match (&shape, &end.shape) {
                        (Shape::Vector(n), Shape::Vector(_)) => format!(
                            "insert `dense({n})` before `add({label})`, or use `concat({label})`"
                        ),
                        (Shape::Vector(_), _) => {
                            format!("insert `flatten` before `add({label})`")
                        }
                        (_, Shape::Vector(_)) => {
                            "label a vector, such as what follows `flatten`".to_owned()
                        }
                        _ => format!("let both have the shape `{shape}`"),
                    },
                );
            }
            let name = scope.name(None, "", "add", call.span());
            let site = self
                .tree
                .site(&name.to_string(), "add", &declared(call), call.span());
            let number = self
                .tree
                .find(&scope.block.name.to_string(), &label.unraw().to_string());
            self.tree.push(
                site,
                number.map_or(network_flow::Layer::Opaque, network_flow::Layer::Add),
            );
            let output = scope.value(&end.shape, &name);
            scope.block.operations.push(Operation::Residual {
                skip: value,
                branch: end.value,
                scale: Number::new(1.0),
                output,
            });
            end.value = output;
        }
        "`add`".clone_into(&mut end.producer);
        end
    }

    pub(super) fn concat(
        &mut self,
        call: &Call,
        scope: &mut Scope,
        flow: &Flow,
        place: &Place<'_>,
    ) -> Flow {
        let mut arguments = Arguments::new(call);
        let labels = arguments.labels(self.errors);
        let mut certain = arguments.finish(false, self.errors) && flow.certain;
        let mut parts = vec![flow.value];
        let mut shape = flow.shape.clone();
        let block = scope.block.name.to_string();
        let numbers = labels
            .iter()
            .map(|label| self.tree.find(&block, &label.unraw().to_string()));
        let numbers: Option<Vec<usize>> = numbers.collect();
        for label in labels {
            let Some((other, value, sure)) = self.label(&label, scope) else {
                certain = false;
                continue;
            };
            parts.push(value);
            if !sure {
                certain = false;
                continue;
            }
            certain &= self.join(&mut shape, &other, &label, flow, certain);
        }
        let steps = match &shape {
            Shape::Sequence([_, steps]) => steps.clone(),
            _ => Size::Known(1),
        };
        let name = scope.name(None, place.prefix, "concat", call.span());
        let site = self
            .tree
            .site(&name.to_string(), "concat", &declared(call), call.span());
        self.tree.push(
            site,
            numbers.map_or(network_flow::Layer::Opaque, network_flow::Layer::Concat),
        );
        let output = scope.value(&shape, &name);
        scope.block.operations.push(Operation::Concat {
            parts,
            steps,
            output,
        });
        Flow {
            shape,
            value: output,
            certain,
            producer: "`concat`".to_owned(),
            arithmetic: flow.arithmetic.clone(),
        }
    }

    /// Puts another part of a `concat` beside what `shape` holds: vectors one after the
    /// other, the channels of images of one size, the features of sequences of one length.
    fn join(
        &mut self,
        shape: &mut Shape,
        other: &Shape,
        label: &syn::Ident,
        flow: &Flow,
        certain: bool,
    ) -> bool {
        let (joined, same) = match (&*shape, other) {
            (Shape::Vector(a), Shape::Vector(b)) => (Shape::Vector(a.plus(b)), None),
            (Shape::Image([a, h, w]), Shape::Image([b, height, width])) => {
                let one = || Size::Known(1);
                let sizes = |h: &Size, w: &Size| Shape::Image([one(), h.clone(), w.clone()]);
                (
                    Shape::Image([a.plus(b), h.clone(), w.clone()]),
                    Some((sizes(h, w), sizes(height, width))),
                )
            }
            (Shape::Sequence([a, steps]), Shape::Sequence([b, others])) => (
                Shape::Sequence([a.plus(b), steps.clone()]),
                Some((Shape::Vector(steps.clone()), Shape::Vector(others.clone()))),
            ),
            _ => {
                if certain {
                    self.errors.report(
                        label.span(),
                        format!(
                            "`concat` needs shapes of one kind, but `{label}` is {} and {} produces {}",
                            other.describe(),
                            flow.producer,
                            shape.describe()
                        ),
                        match (&*shape, other) {
                            (Shape::Vector(_), _) => {
                                "label a vector, such as what follows `flatten`"
                            }
                            (_, Shape::Vector(_)) => "insert `flatten` before it",
                            _ => "insert `reshape` before one of them",
                        },
                    );
                }
                return false;
            }
        };
        if let Some((a, b)) = same
            && certain
        {
            let what = match &joined {
                Shape::Image(_) => "images of one height and width",
                _ => "sequences of one length",
            };
            self.same(
                &b,
                &a,
                label,
                &format!(
                    "`concat` needs {what}, but `{label}` is {} and {} produces {}",
                    other.describe(),
                    flow.producer,
                    shape.describe()
                ),
                match &joined {
                    Shape::Image(_) => {
                        "bring them to one size with `max_pool2d`, `upsample` or a stride"
                    }
                    _ => "bring them to one length with `max_pool1d`, `upsample` or a stride",
                },
            );
            if a.same(&b) == Some(false) {
                return false;
            }
        }
        *shape = joined;
        true
    }

    /// What a label stands for.
    pub(super) fn label(
        &mut self,
        label: &syn::Ident,
        scope: &Scope,
    ) -> Option<(Shape, ValueId, bool)> {
        let text = label.unraw().to_string();
        if text == "input" {
            let (shape, certain) = scope.input.clone();
            return Some((shape, 0, certain));
        }
        if let Some(found) = scope.labels.get(&text) {
            return Some(found.clone());
        }
        if scope.declared_labels.contains_key(&text) {
            self.errors.report(
                label.span(),
                format!("label `{text}` is declared later"),
                "only earlier statements can be used: move the labelled one up",
            );
        } else if scope.outer_labels.contains(&text) {
            self.errors.report(
                label.span(),
                format!("label `{text}` is outside of this `repeat`"),
                "a repeated block sees its own labels only: use `input`, the block's input, or move this out of `repeat`",
            );
        } else if let Some(repeat) = scope.repeated_labels.get(&text) {
            self.errors.report(
                label.span(),
                format!("label `{text}` is inside of a `repeat`, once in each copy"),
                match repeat {
                    Some(repeat) => format!("use `{repeat}` for what its last copy ends with"),
                    None => "label the `repeat`, as in `blocks: repeat(3) { .. }`, for what its last copy ends with".to_owned(),
                },
            );
        } else {
            let known = scope.labels.keys().map(String::as_str).chain(["input"]);
            self.errors.report(
                label.span(),
                format!("unknown label `{text}`"),
                suggest(&text, "labels", known),
            );
        }
        None
    }
}

pub(super) fn has_statements(body: &[Item]) -> bool {
    body.iter().any(|item| !matches!(item, Item::Setting(_)))
}
