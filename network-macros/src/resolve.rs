//! Names, shapes and defaults: a [`Declaration`] becomes a [`Network`].
//!
//! This and the layers' rows are the only places that report what a user got
//! wrong. All mistakes are collected; after one, the shape is a guess until a
//! layer sets it anew, and is not complained about.

use crate::arguments::{Arguments, FINITE, Number};
use crate::errors::{Errors, suggest};
use crate::init::{Following, WrittenInit};
use crate::layers::{self, Context, Role, declared};
use crate::model::{Block, Field, InPlace, Layer, Network, Operation, Value, ValueId};
use crate::shape::{Shape, Size, read_shape, readable};
use crate::syntax::{Call, Declaration, Item, Setting, Statement};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::{HashMap, HashSet};
use syn::ext::IdentExt;

/// Words that shape the network itself instead of being a field.
const FORMS: &[&str] = &["residual", "repeat", "add", "concat", "flatten"];

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
        blocks: Vec::new(),
        checks: Vec::new(),
        errors,
    };
    let certain = input.is_some();
    let input = input.unwrap_or(Shape::Vector(Size::Known(1)));
    let flow = Flow { shape: input.clone(), value: 0, certain, producer: "the input".to_owned() };
    let mut scope = Scope::new(declaration.name.clone(), &input, &declaration.body);
    let end = resolver.body(&declaration.body, &mut scope, flow, "", &Tail::Network);
    if scope.block.operations.is_empty() && resolver.errors.is_empty() {
        resolver.errors.report(
            declaration.name.span(),
            format!("`{}` has no layers", declaration.name),
            "write at least one, such as `dense(10);`",
        );
    }
    if let (Some(output), true) = (&output, end.certain) {
        let tokens = shape_tokens(&declaration.output);
        let help = match output {
            Shape::Vector(n) => format!("end with `dense({n})`, or declare `-> {}`", end.shape),
            other => format!("end with a layer that produces `{other}`, or declare `-> {}`", end.shape),
        };
        resolver.same(
            &end.shape,
            output,
            &tokens,
            &format!("the network ends with {}, but `-> {output}` was declared", end.shape.describe()),
            &help,
        );
    }
    let scalar = resolver.scalar.take().unwrap_or_else(|| format_ident!("f32"));
    let (mut blocks, checks) = (resolver.blocks, resolver.checks);
    blocks.push(scope.block);
    Some(Network {
        attributes: declaration.attributes.clone(),
        visibility: declaration.visibility.clone(),
        scalar,
        input,
        output: output?,
        blocks,
        checks,
    })
}

fn shape_tokens(written: &crate::syntax::WrittenShape) -> TokenStream {
    use crate::syntax::WrittenShape as W;
    match written {
        W::Tuple(sizes, _) => quote!(#(#sizes),*),
        W::Sequence(features, steps) => quote!(#features; #steps),
    }
}

struct Resolver<'a> {
    krate: &'a TokenStream,
    name: &'a syn::Ident,
    scalar: Option<syn::Ident>,
    init: Option<WrittenInit>,
    blocks: Vec<Block>,
    checks: Vec<TokenStream>,
    errors: &'a mut Errors,
}

/// The block being filled, and its names.
struct Scope {
    block: Block,
    /// Finished labelled statements.
    labels: HashMap<String, (Shape, ValueId, bool)>,
    /// All labels of the block, for names and messages.
    declared_labels: HashMap<String, Span>,
    /// Fields and buffers in use.
    names: HashSet<String>,
    /// Labels of the blocks around, for messages.
    outer_labels: HashSet<String>,
}

impl Scope {
    fn new(name: syn::Ident, input: &Shape, body: &[Item]) -> Self {
        let mut declared_labels = HashMap::new();
        collect_labels(body, &mut declared_labels);
        Self {
            block: Block {
                name,
                fields: Vec::new(),
                values: vec![Value { len: input.len(), name: format_ident!("x") }],
                operations: Vec::new(),
            },
            labels: HashMap::new(),
            declared_labels,
            names: HashSet::new(),
            outer_labels: HashSet::new(),
        }
    }

    /// A name for the next field: the label itself, or made of prefix and word.
    fn name(&mut self, label: Option<&syn::Ident>, prefix: &str, word: &str, span: Span) -> syn::Ident {
        if let Some(label) = label {
            self.names.insert(label.unraw().to_string());
            return label.clone();
        }
        let base = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}_{word}") };
        let taken = |name: &str| self.names.contains(name) || self.declared_labels.contains_key(name);
        let name = if !prefix.is_empty() && !taken(&base) {
            base
        } else {
            let first = if prefix.is_empty() { 1 } else { 2 };
            (first..).map(|k| format!("{base}_{k}")).find(|name| !taken(name)).unwrap_or(base)
        };
        self.names.insert(name.clone());
        syn::Ident::new(&name, span.resolved_at(Span::mixed_site()))
    }

    fn value(&mut self, len: Size, name: &syn::Ident) -> ValueId {
        self.block.values.push(Value { len, name: name.clone() });
        self.block.values.len() - 1
    }
}

/// Labels of a body, without those inside `repeat`, which has names of its own.
fn collect_labels(body: &[Item], labels: &mut HashMap<String, Span>) {
    for item in body {
        let Item::Statement(statement) = item else { continue };
        if let Some(label) = &statement.label {
            labels.entry(label.unraw().to_string()).or_insert(label.span());
        }
        for call in &statement.chain {
            if let (Some(body), true) = (&call.body, call.word() != "repeat") {
                collect_labels(body, labels);
            }
        }
    }
}

/// What has been computed so far.
#[derive(Clone)]
struct Flow {
    shape: Shape,
    value: ValueId,
    certain: bool,
    producer: String,
}

/// What comes after a body: for initialisers, and for layers that must be last.
enum Tail<'a> {
    Network,
    Repeat,
    Residual { rest: &'a [Call], statements: &'a [Item], outer: &'a Tail<'a> },
}

impl Tail<'_> {
    fn following(&self) -> Option<Following> {
        match self {
            Tail::Network | Tail::Repeat => None,
            Tail::Residual { rest, statements, outer } => following(rest, statements, outer),
        }
    }

    fn is_end(&self) -> bool {
        match self {
            Tail::Network => true,
            Tail::Repeat | Tail::Residual { .. } => false,
        }
    }
}

/// The activation that comes first in what follows, seen through norms and dropout.
fn following(rest: &[Call], statements: &[Item], tail: &Tail<'_>) -> Option<Following> {
    let later = statements.iter().filter_map(|item| match item {
        Item::Statement(statement) => Some(&statement.chain),
        Item::Setting(_) => None,
    });
    for call in rest.iter().chain(later.flatten()) {
        match layers::find(&call.word()).map(|row| row.role) {
            Some(Role::Activation(role)) => return Some(role(call)),
            Some(Role::Transparent) => {}
            Some(Role::Other) | None => return None,
        }
    }
    tail.following()
}

impl Resolver<'_> {
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
                            self.errors.report(setting.name.span(), "`scalar` is set twice", "leave one out");
                        } else if !scope.block.operations.is_empty() || scope.block.name != *self.name {
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
                        format!("unknown scalar `{}`", readable(&setting.value.to_token_stream())),
                        "write `scalar = f32` or `scalar = f64`",
                    ),
                }
            }
            other => self.errors.report(
                setting.name.span(),
                format!("unknown setting `{other}`"),
                suggest(other, "settings", ["init", "scalar"]),
            ),
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
        for attribute in &statement.attributes {
            if !attribute.path().is_ident("gradient_flow") {
                self.errors.report_at(
                    attribute,
                    "this attribute has no meaning on a statement",
                    "only `#[gradient_flow(allow)]` stands here",
                );
            }
        }
        if let Some(label) = &statement.label {
            self.check_label(label, scope);
        }
        let label_text = statement.label.as_ref().map(|label| label.unraw().to_string());
        let prefix = match &label_text {
            Some(label) if prefix.is_empty() => label.clone(),
            Some(label) => label.clone(),
            None => prefix.to_owned(),
        };
        for (index, call) in statement.chain.iter().enumerate() {
            let rest = &statement.chain[index + 1..];
            let label = statement.label.as_ref().filter(|_| index == 0);
            let last = rest.is_empty()
                && !later.iter().any(|item| matches!(item, Item::Statement(_)))
                && tail.is_end();
            let place = Place { rest, later, tail, last, label, prefix: &prefix };
            flow = self.call(call, scope, flow, &place);
        }
        if let Some(label) = label_text {
            flow.producer = format!("`{label}`");
            scope.labels.insert(label, (flow.shape.clone(), flow.value, flow.certain));
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
                self.errors.report(*first, format!("label `{text}` is first used here"), "");
            }
        }
    }

    fn call(&mut self, call: &Call, scope: &mut Scope, flow: Flow, place: &Place<'_>) -> Flow {
        let word = call.word();
        match word.as_str() {
            "residual" => return self.residual(call, scope, flow, place),
            "repeat" => return self.repeat(call, scope, flow, place),
            "add" => return self.add(call, scope, flow),
            "concat" => return self.concat(call, scope, flow, place),
            "flatten" => {
                let fine = Arguments::new(call).finish(false, self.errors);
                let shape = Shape::Vector(flow.shape.len());
                return Flow { shape, certain: flow.certain && fine, ..flow };
            }
            _ => {}
        }
        let Some(row) = layers::find(&word) else {
            return self.nested(call, scope, flow, place);
        };
        let after = following(place.rest, place.later, place.tail);
        let scalar = self.scalar.clone().unwrap_or_else(|| format_ident!("f32"));
        let mut context = Context {
            krate: self.krate,
            scalar: &scalar,
            input: &flow.shape,
            producer: &flow.producer,
            certain: flow.certain,
            last: place.last,
            following: after.as_ref(),
            init: self.init.as_ref(),
            errors: self.errors,
        };
        let Some(layer) = (row.build)(call, &mut context) else {
            return Flow { certain: false, producer: format!("`{word}`"), ..flow };
        };
        if row.word == "layer" {
            self.check_type(&layer.ty, &flow, Some(&layer.output), call.span());
        }
        self.field(layer, row.word, None, scope, &flow, call.span(), place)
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
        let shape = layer.output.clone();
        let fixed = matches!(word, "dense" | "layer");
        let output = scope.value(shape.len(), &name);
        scope.block.operations.push(Operation::Layer {
            field: scope.block.fields.len(),
            input: flow.value,
            output,
        });
        scope.block.fields.push(Field { name, layer, input: flow.shape.clone(), repeated });
        Flow { shape, value: output, certain: flow.certain || fixed, producer: format!("`{word}`") }
    }

    /// `encoder: Encoder;`
    fn nested(&mut self, call: &Call, scope: &mut Scope, flow: Flow, place: &Place<'_>) -> Flow {
        let last = call.path.segments.last().map(|segment| segment.ident.to_string());
        let last = last.unwrap_or_default();
        let is_type = last.starts_with(|c: char| c.is_uppercase());
        let failed = Flow { certain: false, producer: format!("`{last}`"), ..flow.clone() };
        if !is_type {
            let text = readable(&call.path.to_token_stream());
            let words = layers::TABLE.iter().flat_map(|row| {
                std::iter::once(row.word).chain(row.aliases.iter().copied())
            });
            self.errors.report(
                call.span(),
                format!("unknown layer `{text}`"),
                suggest(&text, "layers", words.chain(FORMS.iter().copied())),
            );
            // The mistakes inside are worth knowing too.
            if let Some(body) = &call.body {
                let _ = self.body(body, scope, failed.clone(), place.prefix, &Tail::Repeat);
            }
            return failed;
        }
        if !Arguments::new(call).finish(false, self.errors) {
            return failed;
        }
        let (krate, path) = (self.krate, &call.path);
        let output = Shape::Vector(Size::symbolic(
            quote!(<<#path as #krate::Layer>::Output as #krate::Sample>::LEN),
            format!("the output of {last}"),
        ));
        self.check_type(&path.to_token_stream(), &flow, None, call.span());
        let layer = Layer {
            ty: path.to_token_stream(),
            config: quote!(()),
            output,
            has_parameters: true,
            has_cache: true,
            has_scratch: true,
            foreign: true,
            reads_output: true,
            in_place: InPlace::Never,
            declared: declared(call),
            parameters: None,
        };
        let word = snake_case(&last);
        self.field(layer, &word, None, scope, &flow, call.span(), place)
    }

    /// Lets the compiler check a layer that the macro does not know.
    fn check_type(
        &mut self,
        ty: &TokenStream,
        flow: &Flow,
        output: Option<&Shape>,
        span: Span,
    ) {
        let krate = self.krate;
        let scalar = self.scalar.clone().unwrap_or_else(|| format_ident!("f32"));
        let name = readable(ty);
        let check = format_ident!("has_scalar", span = Span::mixed_site());
        let bound = quote_spanned!(span=> #krate::Layer<Scalar = #scalar>);
        self.checks.push(quote! {
            const _: fn() = || {
                fn #check<L: #bound>() {}
                #check::<#ty>();
            };
        });
        let sides = [
            (quote!(Input), Some(&flow.shape), format!("`{name}` takes another input than {} produces", flow.producer)),
            (quote!(Output), output, format!("`{name}` produces another output than `output = ..` says")),
        ];
        for (side, shape, text) in sides {
            let Some(shape) = shape else { continue };
            let actual = quote!(<<#ty as #krate::Layer>::#side as #krate::Sample>::LEN);
            let expected = shape.len().expr();
            let text = format!("{text}\nnote: the sizes are ");
            self.checks.push(quote_spanned! {span=>
                const _: () = {
                    const TEXT: #krate::__private::Text =
                        #krate::__private::Text::new(#text).number(#actual).text(" and ").number(#expected);
                    if #actual != #expected {
                        ::core::panic!("{}", TEXT.as_str())
                    }
                };
            });
        }
    }

    fn residual(&mut self, call: &Call, scope: &mut Scope, flow: Flow, place: &Place<'_>) -> Flow {
        let mut arguments = Arguments::new(call);
        let scale = arguments.number("scale", false, 1.0, &FINITE, self.errors);
        let project = arguments.flag("project", false, self.errors);
        let fine = arguments.finish(true, self.errors);
        let failed = Flow { certain: false, producer: "`residual`".to_owned(), ..flow.clone() };
        let Some(body) = call.body.as_ref().filter(|body| has_statements(body)) else {
            self.errors.report(
                call.span(),
                "`residual` holds no layers",
                "write `residual { dense(64) -> relu }`",
            );
            return failed;
        };
        let tail = Tail::Residual { rest: place.rest, statements: place.later, outer: place.tail };
        let branch = self.body(body, scope, flow.clone(), place.prefix, &tail);
        if !fine {
            return failed;
        }
        let skip = if project && branch.certain && flow.certain {
            self.projection(call, scope, &flow, &branch, place)
        } else {
            flow.clone()
        };
        if branch.certain && skip.certain {
            self.same(
                &skip.shape,
                &branch.shape,
                &call.path.to_token_stream(),
                &format!(
                    "`residual` adds its input, {}, to what its layers end with, {}",
                    skip.shape.describe(),
                    branch.shape.describe()
                ),
                &match &skip.shape {
                    Shape::Vector(n) => format!(
                        "end its layers with `dense({n})`, or write `residual(project = true)`"
                    ),
                    _ => "write `residual(project = true)`".to_owned(),
                },
            );
        }
        let name = scope.name(None, place.prefix, "residual", call.span());
        let output = scope.value(branch.shape.len(), &name);
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
        let units = branch.shape.len();
        let units: syn::Expr = syn::parse2(units.expr()).unwrap_or_else(|_| syn::parse_quote!(1));
        let dense = Call {
            path: syn::Path::from(syn::Ident::new("dense", call.span())),
            arguments: vec![crate::syntax::Argument {
                name: None,
                value: crate::syntax::Value::Expr(units),
            }],
            body: None,
        };
        let scalar = self.scalar.clone().unwrap_or_else(|| format_ident!("f32"));
        let mut context = Context {
            krate: self.krate,
            scalar: &scalar,
            input: &flow.shape,
            producer: &flow.producer,
            certain: true,
            last: false,
            following: None,
            init: self.init.as_ref(),
            errors: self.errors,
        };
        let Some(mut layer) =
            layers::find("dense").and_then(|row| (row.build)(&dense, &mut context))
        else {
            return Flow { certain: false, ..flow.clone() };
        };
        layer.output = branch.shape.clone();
        let place = Place { label: None, ..*place };
        self.field(layer, "project", None, scope, flow, call.span(), &place)
    }

    fn repeat(&mut self, call: &Call, scope: &mut Scope, flow: Flow, place: &Place<'_>) -> Flow {
        let mut arguments = Arguments::new(call);
        let count = arguments.size("count", "repeat(3) { .. }", self.errors);
        let fine = arguments.finish(true, self.errors);
        let failed = Flow { certain: false, producer: "`repeat`".to_owned(), ..flow.clone() };
        let Some(body) = call.body.as_ref().filter(|body| has_statements(body)) else {
            self.errors.report(
                call.span(),
                "`repeat` holds no layers",
                "write `repeat(3) { dense(64) -> relu; }`",
            );
            return failed;
        };
        let name = scope.name(place.label, place.prefix, "repeat", call.span());
        let type_name = format_ident!(
            "{}{}",
            scope.block.name,
            camel_case(&name.unraw().to_string()),
            span = self.name.span().resolved_at(Span::mixed_site())
        );
        let mut inner = Scope::new(type_name.clone(), &flow.shape, body);
        inner.outer_labels.extend(scope.outer_labels.iter().cloned());
        inner.outer_labels.extend(scope.declared_labels.keys().cloned());
        let start = Flow {
            shape: flow.shape.clone(),
            value: 0,
            certain: flow.certain,
            producer: flow.producer.clone(),
        };
        let init = self.init.clone();
        let end = self.body(body, &mut inner, start, "", &Tail::Repeat);
        self.init = init;
        if end.certain && flow.certain {
            self.same(
                &flow.shape,
                &end.shape,
                &call.path.to_token_stream(),
                &format!(
                    "`repeat` starts with {}, but each round ends with {}",
                    flow.shape.describe(),
                    end.shape.describe()
                ),
                &match &flow.shape {
                    Shape::Vector(n) => format!("end each round with `dense({n})`"),
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
            foreign: false,
            reads_output: true,
            in_place: InPlace::Never,
            declared: format!("repeat({count})"),
            parameters,
        };
        let repeated = Some((self.blocks.len() - 1, count));
        let place = Place { label: Some(&name), ..*place };
        self.field(layer, "repeat", repeated, scope, &flow, call.span(), &place)
    }

    fn add(&mut self, call: &Call, scope: &mut Scope, flow: Flow) -> Flow {
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
                        end.shape.describe()
                    ),
                    &match &shape {
                        Shape::Vector(n) => format!("insert `dense({n})` before `add({label})`, or use `concat({label})`"),
                        _ => format!("use `concat({label})`"),
                    },
                );
            }
            let name = scope.name(None, "", "add", call.span());
            let output = scope.value(end.shape.len(), &name);
            scope.block.operations.push(Operation::Residual {
                skip: value,
                branch: end.value,
                scale: Number::new(1.0),
                output,
            });
            end.value = output;
        }
        end.producer = "`add`".to_owned();
        end
    }

    fn concat(&mut self, call: &Call, scope: &mut Scope, flow: Flow, place: &Place<'_>) -> Flow {
        let mut arguments = Arguments::new(call);
        let labels = arguments.labels(self.errors);
        let mut certain = arguments.finish(false, self.errors) && flow.certain;
        let mut parts = vec![flow.value];
        let mut len = match &flow.shape {
            Shape::Vector(n) => n.clone(),
            other => {
                if flow.certain {
                    self.errors.report(
                        call.span(),
                        format!("`concat` needs vectors, but {} produces {}", flow.producer, other.describe()),
                        "insert `flatten` before it",
                    );
                }
                certain = false;
                other.len()
            }
        };
        for label in labels {
            match self.label(&label, scope) {
                Some((Shape::Vector(n), value, sure)) => {
                    len = len.plus(&n);
                    parts.push(value);
                    certain &= sure;
                }
                Some((other, ..)) => {
                    self.errors.report(
                        label.span(),
                        format!("`concat` needs vectors, but `{label}` is {}", other.describe()),
                        "label a vector, such as what follows `flatten`",
                    );
                    certain = false;
                }
                None => certain = false,
            }
        }
        let name = scope.name(None, place.prefix, "concat", call.span());
        let output = scope.value(len.clone(), &name);
        scope.block.operations.push(Operation::Concat { parts, output });
        Flow { shape: Shape::Vector(len), value: output, certain, producer: "`concat`".to_owned() }
    }

    /// What a label stands for.
    fn label(&mut self, label: &syn::Ident, scope: &Scope) -> Option<(Shape, ValueId, bool)> {
        let text = label.unraw().to_string();
        if text == "input" {
            let len = scope.block.values[0].len.clone();
            return Some((Shape::Vector(len), 0, true));
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

    /// Reports two shapes that differ, or lets the compiler compare them.
    fn same(&mut self, a: &Shape, b: &Shape, at: &impl ToTokens, message: &str, help: &str) {
        match a.same(b) {
            Some(true) => {}
            Some(false) => self.errors.report_at(at, message, help),
            None => {
                let krate = self.krate;
                let (a, b) = (a.len().expr(), b.len().expr());
                let span = at.to_token_stream().into_iter().next().map_or(Span::call_site(), |t| t.span());
                let text = format!("{message}\nhelp: {help}\nnote: the sizes are ");
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
    }
}

/// Where a call stands.
struct Place<'a> {
    rest: &'a [Call],
    later: &'a [Item],
    tail: &'a Tail<'a>,
    last: bool,
    label: Option<&'a syn::Ident>,
    prefix: &'a str,
}

impl Copy for Place<'_> {}
impl Clone for Place<'_> {
    fn clone(&self) -> Self {
        *self
    }
}

fn has_statements(body: &[Item]) -> bool {
    body.iter().any(|item| matches!(item, Item::Statement(_)))
}

fn camel_case(text: &str) -> String {
    text.split('_')
        .flat_map(|part| {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
        })
        .collect()
}

fn snake_case(text: &str) -> String {
    let mut snake = String::new();
    for letter in text.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
