//! Names, shapes and defaults: a [`Declaration`] becomes a [`Network`].
//!
//! This and the layers' rows are the only places that report what a user got
//! wrong. All mistakes are collected; after one, the shape is a guess until a
//! layer sets it anew, and is not complained about.

mod following;
mod forms;
mod head;
mod multiply;
mod nested;
mod padding;
mod policy;
mod reshape;
mod scope;
mod theory;

use crate::arguments::Arguments;
use crate::errors::{Errors, suggest};
use crate::init::WrittenInit;
use crate::layers::{self, Context, Role};
use crate::model::{
    Block, Field, Layer, Network, Obstacle, Operation, Site, Step, Streaming, ValueId, Whole,
};
use crate::shape::{Shape, Size, read_shape, readable};
use crate::syntax::{Call, Declaration, Item, Setting, Statement};
use following::{Tail, following};
use forms::has_statements;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use scope::Scope;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use theory::Tree;

/// Words that shape the network itself instead of being a field.
const FORMS: &[&str] = &[
    "residual", "repeat", "add", "multiply", "mask", "concat", "flatten", "reshape",
];

/// Words whose output has the size that goes in, or that the layers inside give it; besides
/// activations, norms and the like.
const KEEP_SIZE: &[&str] = &["residual", "repeat", "add", "multiply", "mask", "softmax"];

/// Settles a declaration; `None`, with errors reported, if that cannot be done.
pub(crate) fn resolve(
    declaration: &Declaration,
    krate: &TokenStream,
    errors: &mut Errors,
) -> Option<Network> {
    let input = read_shape(&declaration.input, errors);
    let output = read_shape(&declaration.output, errors);
    let mut resolver = Resolver {
        krate,
        name: &declaration.name,
        scalar: None,
        init: None,
        own_auto: None,
        blocks: Vec::new(),
        checks: Vec::new(),
        obstacle: None,
        sized: declaration.output.span(),
        tree: Tree::default(),
        errors,
    };
    let (policy, optimizer) = resolver.policy(&declaration.attributes);
    let certain = input.is_some();
    let input = input.unwrap_or(Shape::Vector(Size::Known(1)));
    let flow = Flow {
        shape: input.clone(),
        value: 0,
        certain,
        producer: "the input".to_owned(),
        arithmetic: String::new(),
    };
    let mut scope = Scope::new(declaration.name.clone(), &input, certain, &declaration.body);
    resolver.tree.open(None);
    resolver.input_label(&declaration.body, &scope);
    let mut end = resolver.body(&declaration.body, &mut scope, flow, "", &Tail::Network);
    end.certain &= !scope.block.operations.is_empty();
    let nodes = resolver.tree.close();
    if scope.block.operations.is_empty() && resolver.errors.is_empty() {
        resolver.errors.report(
            declaration.name.span(),
            format!("`{}` has no layers", declaration.name),
            "write at least one, such as `dense(10);`",
        );
    }
    if let (Some(output), true) = (&output, end.certain) {
        let at = resolver.sized;
        let tokens = quote_spanned!(at=> layer);
        let help = head::ending(&input, output, &end.shape);
        resolver.same(
            &end.shape,
            output,
            &tokens,
            &format!(
                "the network ends with {}, but `-> {output}` was declared",
                end.describe()
            ),
            &help,
        );
    }
    if !resolver.errors.is_empty() {
        resolver.channels_first(&input, declaration.input.span());
    }
    let scalar = resolver
        .scalar
        .take()
        .unwrap_or_else(|| format_ident!("f32"));
    let Resolver {
        mut blocks,
        checks,
        obstacle: found,
        tree,
        ..
    } = resolver;
    blocks.push(scope.block);
    let streaming = match &input {
        Shape::Sequence(_) => found
            .or_else(|| obstacle(&blocks, &tree.sites))
            .map_or(Streaming::Yes, Streaming::No),
        _ => Streaming::NoSequence,
    };
    Some(Network {
        attributes: declaration.attributes.clone(),
        visibility: declaration.visibility.clone(),
        scalar,
        input,
        output: output?,
        blocks,
        nodes,
        sites: tree.sites,
        policy,
        optimizer,
        streaming,
        checks,
    })
}

/// The first layer that cannot work on one step at a time.
fn obstacle(blocks: &[Block], sites: &[Site]) -> Option<Obstacle> {
    blocks.iter().enumerate().find_map(|(index, block)| {
        let in_repeat = index + 1 < blocks.len();
        block.fields.iter().find_map(|field| {
            let whole = match field.layer.step {
                Step::Never(whole) => whole,
                step if step.is_conditional() && in_repeat => Whole {
                    why: "stands within a `repeat`, where the macro cannot ask whether it streams",
                    help: "write it as often as it is needed, without `repeat`",
                },
                _ => return None,
            };
            Some(Obstacle {
                declared: field.layer.declared.clone(),
                span: sites[field.site].span,
                whole,
            })
        })
    })
}

struct Resolver<'a> {
    krate: &'a TokenStream,
    name: &'a syn::Ident,
    scalar: Option<syn::Ident>,
    init: Option<WrittenInit>,
    /// Where the layer that is being read has an `init` of its own.
    own_auto: Option<Span>,
    blocks: Vec<Block>,
    checks: Vec<TokenStream>,
    /// The first call that needs a whole sequence and is no layer of the table.
    obstacle: Option<Obstacle>,
    /// The last layer that decides a size, as activations and sums do not.
    sized: Span,
    tree: Tree,
    errors: &'a mut Errors,
}

/// What has been computed so far.
#[derive(Clone)]
struct Flow {
    shape: Shape,
    value: ValueId,
    certain: bool,
    producer: String,
    /// Where its size comes from, as `(28 + 2*0 - 5)/1 + 1 = 24`; empty if from nothing
    /// that moves.
    arithmetic: String,
}

impl Flow {
    /// Its shape in words, with the arithmetic.
    fn describe(&self) -> String {
        let shape = self.shape.describe();
        if self.arithmetic.is_empty() {
            return shape;
        }
        format!("{shape}, where {}", self.arithmetic)
    }
}

impl Resolver<'_> {
    /// Lets the theory follow the label `input` where it is used.
    fn input_label(&mut self, body: &[Item], scope: &Scope) {
        if uses_input(body) {
            let site = self
                .tree
                .site("input", "input", "input", scope.block.name.span());
            self.tree.push(
                site,
                network_flow::Layer::Activation(network_flow::Activation::Identity),
            );
            self.tree.label(&scope.block.name.to_string(), "input");
        }
    }

    fn body(
        &mut self,
        body: &[Item],
        scope: &mut Scope,
        mut flow: Flow,
        prefix: &str,
        tail: &Tail<'_>,
    ) -> Flow {
        for (index, item) in body.iter().enumerate() {
            match item {
                Item::Setting(setting) => self.setting(setting, scope),
                Item::Unreadable { label } => {
                    flow.certain = false;
                    if let Some(label) = label {
                        let end = (flow.shape.clone(), flow.value, false);
                        scope.labels.insert(label.unraw().to_string(), end);
                    }
                }
                Item::Statement(statement) => {
                    flow = self.statement(statement, &body[index + 1..], scope, flow, prefix, tail);
                }
            }
        }
        flow
    }

    fn setting(&mut self, setting: &Setting, scope: &Scope) {
        match setting.name.to_string().as_str() {
            "init" => {
                if let Some(init) = WrittenInit::read(&setting.value, self.errors) {
                    self.init = Some(init);
                }
            }
            "scalar" => {
                let ident = match &setting.value {
                    syn::Expr::Path(path) => path.path.get_ident().cloned(),
                    _ => None,
                };
                match ident {
                    Some(ident) if ident == "f32" || ident == "f64" => {
                        if self.scalar.is_some() {
                            self.errors.report(
                                setting.name.span(),
                                "`scalar` is set twice",
                                "leave one out",
                            );
                        } else if !scope.block.operations.is_empty()
                            || scope.block.name != *self.name
                        {
                            self.errors.report(
                                setting.name.span(),
                                "`scalar` is set after the first layer",
                                "move it to the top: a network has one number type",
                            );
                        }
                        self.scalar = Some(ident);
                    }
                    _ => self.errors.report_at(
                        &setting.value,
                        format!(
                            "unknown scalar `{}`",
                            readable(&setting.value.to_token_stream())
                        ),
                        "write `scalar = f32` or `scalar = f64`",
                    ),
                }
            }
            other => {
                let layer = match &setting.value {
                    syn::Expr::Call(call) => &call.func,
                    value => value,
                };
                let word = readable(&layer.to_token_stream());
                let help = if layers::find(&word).is_some() {
                    let value = readable(&setting.value.to_token_stream());
                    format!("a statement is labelled with a colon: write `{other}: {value};`")
                } else {
                    suggest(other, "settings", ["init", "scalar"])
                };
                let message = format!("unknown setting `{other}`");
                self.errors.report(setting.name.span(), message, help);
            }
        }
    }

    fn statement(
        &mut self,
        statement: &Statement,
        later: &[Item],
        scope: &mut Scope,
        mut flow: Flow,
        prefix: &str,
        tail: &Tail<'_>,
    ) -> Flow {
        let was_allowed = self.tree.allowed;
        for attribute in &statement.attributes {
            let is_allow = attribute.path().is_ident("gradient_flow")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|word| word == "allow");
            if is_allow {
                self.tree.allowed = true;
            } else {
                self.errors.report_at(
                    attribute,
                    "this attribute has no meaning on a statement",
                    "only `#[gradient_flow(allow)]` stands here; the optimizer is the whole network's",
                );
            }
        }
        if let Some(label) = &statement.label {
            self.check_label(label, scope);
        }
        let label_text = statement
            .label
            .as_ref()
            .map(|label| label.unraw().to_string());
        let prefix = match &label_text {
            Some(label) if prefix.is_empty() => label.clone(),
            Some(label) => label.clone(),
            None => prefix.to_owned(),
        };
        for (index, call) in statement.chain.iter().enumerate() {
            let rest = &statement.chain[index + 1..];
            let label = statement.label.as_ref().filter(|_| index == 0);
            let last = rest.is_empty() && !has_statements(later) && tail.is_end();
            let place = Place {
                rest,
                later,
                tail,
                last,
                label,
                prefix: &prefix,
            };
            flow = self.call(call, scope, flow, &place);
        }
        self.tree.allowed = was_allowed;
        if let Some(label) = label_text {
            self.tree.label(&scope.block.name.to_string(), &label);
            flow.producer = format!("`{label}`");
            scope
                .labels
                .insert(label, (flow.shape.clone(), flow.value, flow.certain));
        }
        flow
    }

    fn check_label(&mut self, label: &syn::Ident, scope: &Scope) {
        let text = label.unraw().to_string();
        if text == "input" {
            self.errors.report(
                label.span(),
                "`input` is the label of the input itself",
                "choose another label",
            );
        } else if scope.labels.contains_key(&text) {
            self.errors.report(
                label.span(),
                format!("label `{text}` is used twice"),
                format!("call this one `{text}_2`, say"),
            );
            if let Some(first) = scope.declared_labels.get(&text) {
                self.errors
                    .report(*first, format!("label `{text}` is first used here"), "");
            }
        }
    }

    fn call(&mut self, call: &Call, scope: &mut Scope, flow: Flow, place: &Place<'_>) -> Flow {
        let word = call.word();
        let row = layers::find(&word);
        let keeps_size = row.is_some_and(|row| !matches!(row.role, Role::Other));
        if !keeps_size && !KEEP_SIZE.contains(&word.as_str()) {
            self.sized = call.span();
        }
        match word.as_str() {
            "residual" => return self.residual(call, scope, &flow, place),
            "repeat" => return self.repeat(call, scope, &flow, place),
            "add" => return self.add(call, scope, flow),
            "multiply" => return self.multiply(call, scope, flow),
            "mask" => return self.mask(call, scope, flow),
            "last" | "mean_over_steps" if padding::is_given(call) => {
                return self.unpad(call, scope, flow);
            }
            "concat" => return self.concat(call, scope, &flow, place),
            "reshape" => {
                self.puts_together(call);
                return self.reshape(call, flow);
            }
            "flatten" => {
                self.puts_together(call);
                let fine = Arguments::new(call).finish(false, self.errors);
                let shape = Shape::Vector(flow.shape.len());
                return Flow {
                    shape,
                    certain: flow.certain && fine,
                    producer: "`flatten`".to_owned(),
                    arithmetic: String::new(),
                    ..flow
                };
            }
            _ => {}
        }
        let Some(row) = row else {
            return self.nested(call, scope, &flow, place);
        };
        let after = following(place.rest, place.later, place.tail);
        let scalar = self.scalar.clone().unwrap_or_else(|| format_ident!("f32"));
        let (mut padding, mut arithmetic) = (None, Vec::new());
        let mut context = Context {
            arithmetic: &mut arithmetic,
            padding: &mut padding,
            krate: self.krate,
            scalar: &scalar,
            input: &flow.shape,
            producer: &flow.producer,
            certain: flow.certain,
            last: place.last,
            following: after.as_ref(),
            init: self.init.as_ref(),
            checks: &mut self.checks,
            errors: self.errors,
        };
        let Some(layer) = (row.build)(call, &mut context) else {
            return Flow {
                certain: false,
                producer: format!("`{word}`"),
                ..flow
            };
        };
        if row.word == "layer" {
            self.check_type(&layer.ty, &flow, Some(&layer.output), call.span());
        }
        let padded = match padding {
            Some(label) => match self.padded(row.word, &label, scope, &flow) {
                Some((value, _)) => Some(value),
                None => {
                    return Flow {
                        certain: false,
                        producer: format!("`{word}`"),
                        ..flow
                    };
                }
            },
            None => None,
        };
        self.own_auto = call.arguments.iter().find_map(|argument| {
            let own = argument.name.as_ref().is_some_and(|name| name == "init");
            own.then(|| argument.value.span())
        });
        let mut end = self.field(layer, row.word, None, scope, &flow, call.span(), place);
        self.own_auto = None;
        if let Some(Operation::Layer { padded: told, .. }) = scope.block.operations.last_mut() {
            *told = padded;
        }
        if !arithmetic.is_empty() {
            end.arithmetic = arithmetic.join(" and ");
        }
        end
    }

    /// Adds a layer as a field, and its operation.
    fn field(
        &mut self,
        layer: Layer,
        word: &str,
        repeated: Option<(usize, Size)>,
        scope: &mut Scope,
        flow: &Flow,
        span: Span,
        place: &Place<'_>,
    ) -> Flow {
        let name = scope.name(place.label, place.prefix, word, span);
        let text = name.unraw().to_string();
        let site = self.tree.site(&text, word, &layer.declared, span);
        if layer.auto {
            let wide = self.init.as_ref().filter(|init| init.is_auto());
            self.tree.sites[site].auto = Some(
                self.own_auto
                    .take()
                    .or(wide.map(|init| init.span))
                    .unwrap_or(span),
            );
        }
        self.tree.push(site, layer.flow.clone());
        let shape = layer.output.clone();
        // Of a sequence it keeps the number of steps, which is a guess if the input is.
        let fixed = matches!(word, "dense" | "layer") && !matches!(shape, Shape::Sequence(_));
        let output = scope.value(&shape, &name);
        scope.block.operations.push(Operation::Layer {
            field: scope.block.fields.len(),
            input: flow.value,
            padded: None,
            output,
        });
        scope.block.fields.push(Field {
            name,
            layer,
            site,
            input: flow.shape.clone(),
            repeated,
        });
        let arithmetic = match shape {
            Shape::Vector(_) => String::new(),
            _ => flow.arithmetic.clone(),
        };
        Flow {
            shape,
            value: output,
            certain: flow.certain || fixed,
            producer: format!("`{word}`"),
            arithmetic,
        }
    }

    /// Reports two shapes that differ, or lets the compiler compare them.
    fn same(&mut self, a: &Shape, b: &Shape, at: &impl ToTokens, message: &str, help: &str) {
        match a.same(b) {
            Some(true) => {}
            Some(false) => self.errors.report_at(at, message, help),
            None => {
                let (a, b) = (a.len().expr(), b.len().expr());
                let span = at
                    .to_token_stream()
                    .into_iter()
                    .next()
                    .map_or(Span::call_site(), |t| t.span());
                let text = format!("{message}\nhelp: {help}");
                self.compiler_compares(&a, &b, &text, span);
            }
        }
    }

    /// Lets the compiler compare two sizes that only it knows; `text` is the error.
    fn compiler_compares(&mut self, a: &TokenStream, b: &TokenStream, text: &str, span: Span) {
        let krate = self.krate;
        let text = format!("{text}\nnote: the sizes are ");
        self.checks.push(quote_spanned! {span=>
            const _: () = {
                const TEXT: #krate::__private::Text =
                    #krate::__private::Text::new(#text).number(#a).text(" and ").number(#b);
                if (#a) != (#b) {
                    ::core::panic!("{}", TEXT.as_str())
                }
            };
        });
    }
}

/// Where a call stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    rest: &'a [Call],
    later: &'a [Item],
    tail: &'a Tail<'a>,
    last: bool,
    label: Option<&'a syn::Ident>,
    prefix: &'a str,
}

/// Whether a block's own statements use the label `input`.
fn uses_input(body: &[Item]) -> bool {
    let is_input = |argument: &crate::syntax::Argument| matches!(&argument.value, crate::syntax::Value::Expr(syn::Expr::Path(path)) if path.path.is_ident("input"));
    body.iter().any(|item| match item {
        Item::Setting(_) | Item::Unreadable { .. } => false,
        Item::Statement(statement) => statement.chain.iter().any(|call| {
            let word = call.word();
            let inner = call.body.as_ref().filter(|_| word != "repeat");
            (matches!(
                word.as_str(),
                "add" | "multiply" | "mask" | "concat" | "last" | "mean_over_steps"
            ) && call.arguments.iter().any(is_input))
                || inner.is_some_and(|body| uses_input(body))
        }),
    })
}
