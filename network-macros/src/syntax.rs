//! What was written, with spans and without meaning: tokens become a [`Declaration`].
//!
//! Parsing recovers at `;` and `}`: a statement that cannot be read is reported
//! and skipped, the others are kept.

use crate::errors::Errors;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Token, braced, bracketed, parenthesized, token};

/// A whole declaration.
pub(crate) struct Declaration {
    pub(crate) attributes: Vec<syn::Attribute>,
    pub(crate) visibility: syn::Visibility,
    pub(crate) name: syn::Ident,
    pub(crate) input: WrittenShape,
    pub(crate) output: WrittenShape,
    pub(crate) body: Vec<Item>,
}

/// A shape as written.
pub(crate) enum WrittenShape {
    Tuple(Vec<syn::Expr>, Span),
    Sequence(Box<[syn::Expr; 2]>),
}

impl WrittenShape {
    pub(crate) fn span(&self) -> Span {
        use syn::spanned::Spanned;
        match self {
            Self::Tuple(sizes, span) => sizes.first().map_or(*span, Spanned::span),
            Self::Sequence(sizes) => sizes[0].span(),
        }
    }
}

/// One line of a body.
pub(crate) enum Item {
    Setting(Setting),
    Statement(Statement),
    /// A line that was reported and skipped.
    Unreadable {
        label: Option<syn::Ident>,
    },
}

/// `init = he_normal;`
pub(crate) struct Setting {
    pub(crate) name: syn::Ident,
    pub(crate) value: syn::Expr,
}

/// `label: layer -> layer;`
pub(crate) struct Statement {
    pub(crate) attributes: Vec<syn::Attribute>,
    pub(crate) label: Option<syn::Ident>,
    pub(crate) chain: Vec<Call>,
}

/// `word(arguments) { body }`
pub(crate) struct Call {
    pub(crate) path: syn::Path,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) body: Option<Vec<Item>>,
}

impl Call {
    /// The word, if the path is a single one.
    pub(crate) fn word(&self) -> String {
        self.path
            .get_ident()
            .map(|ident| ident.unraw().to_string())
            .unwrap_or_default()
    }

    pub(crate) fn span(&self) -> Span {
        use syn::spanned::Spanned;
        self.path.span()
    }
}

/// `name = value`, or a value alone.
pub(crate) struct Argument {
    pub(crate) name: Option<syn::Ident>,
    pub(crate) value: Value,
}

/// An argument's value: an expression, or a type such as `MyLayer<8>`.
pub(crate) enum Value {
    Expr(syn::Expr),
    Type(syn::Type),
}

impl ToTokens for Value {
    fn to_tokens(&self, out: &mut TokenStream) {
        match self {
            Self::Expr(expr) => expr.to_tokens(out),
            Self::Type(ty) => ty.to_tokens(out),
        }
    }
}

/// Reads the macro's input: the path of the core crate, then the declaration.
/// Without a readable head there is no declaration.
pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Parsed {
    let (mut krate, mut name) = (TokenStream::new(), None);
    let parser = |stream: ParseStream<'_>| {
        let path;
        parenthesized!(path in stream);
        krate = path.parse()?;
        declaration(stream, &mut name, errors)
    };
    let declaration = parser
        .parse2(input)
        .map_err(|error| errors.push(error))
        .ok();
    Parsed {
        krate,
        name,
        declaration,
    }
}

/// What could be read of a declaration.
pub(crate) struct Parsed {
    /// The path of the core crate.
    pub(crate) krate: TokenStream,
    /// The network's name and who may see it, known even if what follows cannot be read.
    pub(crate) name: Option<(syn::Visibility, syn::Ident)>,
    pub(crate) declaration: Option<Declaration>,
}

/// How a declaration begins, for messages.
const HEAD: &str = "help: a network is declared as `pub struct Name(64) -> 10 { .. }`";

fn declaration(
    input: ParseStream<'_>,
    known: &mut Option<(syn::Visibility, syn::Ident)>,
    errors: &mut Errors,
) -> syn::Result<Declaration> {
    let attributes = input.call(syn::Attribute::parse_outer)?;
    let visibility: syn::Visibility = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(input.error(format!("expected `struct`\n{HEAD}")));
    }
    input.parse::<Token![struct]>()?;
    let name: syn::Ident = input.parse()?;
    *known = Some((visibility.clone(), name.clone()));
    if input.peek(Token![<]) {
        errors.push(generics(&input.parse()?));
    }
    if input.peek(Token![->]) || input.peek(token::Brace) {
        return Err(input.error(format!("expected the shape of the input\n{HEAD}")));
    }
    let shape = written_shape(input)?;
    if !input.peek(Token![->]) {
        let message = format!("expected `->` and the shape of the output\n{HEAD}");
        return Err(input.error(message));
    }
    input.parse::<Token![->]>()?;
    if input.is_empty() || input.peek(token::Brace) {
        return Err(input.error(format!("expected the shape of the output\n{HEAD}")));
    }
    let output = written_shape(input)?;
    if !input.peek(token::Brace) {
        return Err(input.error(format!("expected `{{` and the layers\n{HEAD}")));
    }
    let content;
    braced!(content in input);
    let body = items(&content, errors);
    if !input.is_empty() {
        errors.push(input.error("unexpected token after the network\nhelp: declare each network in a `network!` of its own"));
        skip(input, |_| false);
    }
    Ok(Declaration {
        attributes,
        visibility,
        name,
        input: shape,
        output,
        body,
    })
}

/// What to write instead of a network's generic parameters.
fn generics(generics: &syn::Generics) -> syn::Error {
    let help = match generics.params.first() {
        Some(syn::GenericParam::Const(size)) => format!(
            "use a constant that is declared outside of `network!`, such as `const {}: usize = 64;`",
            size.ident
        ),
        Some(syn::GenericParam::Type(_)) => {
            "the number type is a setting, as in `scalar = f64;`".to_owned()
        }
        _ => "leave them out".to_owned(),
    };
    let message = format!("a network has no generic parameters\nhelp: {help}");
    syn::Error::new_spanned(generics, message)
}

/// `(64)`, `(1, 28, 28)`, `[8; 100]`, or `64`.
fn written_shape(input: ParseStream<'_>) -> syn::Result<WrittenShape> {
    if input.peek(token::Bracket) {
        let content;
        bracketed!(content in input);
        let features: syn::Expr = content.parse()?;
        if !content.peek(Token![;]) {
            return Err(not_a_sequence(&content, &features));
        }
        content.parse::<Token![;]>()?;
        return Ok(WrittenShape::Sequence(Box::new([
            features,
            content.parse()?,
        ])));
    }
    if input.peek(token::Paren) {
        let content;
        let paren = parenthesized!(content in input);
        if content.peek(token::Bracket) {
            return written_shape(&content);
        }
        let sizes = syn::punctuated::Punctuated::<syn::Expr, Token![,]>::parse_terminated;
        let ahead = content.fork();
        if let (Ok(features), true) = (ahead.parse::<syn::Expr>(), ahead.peek(Token![;])) {
            return Err(ahead.error(format!(
                "a vector or an image has no `;`\nhelp: write `[{}; ..]` for a sequence",
                crate::shape::readable(&features.to_token_stream()),
            )));
        }
        let sizes = sizes(&content)?;
        return Ok(WrittenShape::Tuple(
            sizes.into_iter().collect(),
            paren.span.join(),
        ));
    }
    let span = input.span();
    Ok(WrittenShape::Tuple(
        vec![syn::Expr::parse_without_eager_brace(input)?],
        span,
    ))
}

/// What to write instead of `[8, 100]` or `[8]`.
fn not_a_sequence(rest: ParseStream<'_>, features: &syn::Expr) -> syn::Error {
    let features = crate::shape::readable(&features.to_token_stream());
    let steps = rest
        .parse::<Token![,]>()
        .and_then(|_| rest.parse::<syn::Expr>());
    match steps {
        Ok(steps) if rest.is_empty() => syn::Error::new_spanned(
            &steps,
            format!(
                "features and steps of a sequence are separated by `;`\nhelp: write `[{features}; {}]`",
                crate::shape::readable(&steps.to_token_stream()),
            ),
        ),
        _ => rest.error(format!(
            "expected `;` and the steps of a sequence\nhelp: write `[{features}; 100]` for a sequence of 100 steps, or `({features})` for a vector"
        )),
    }
}

/// The lines of a body; unreadable ones are reported and skipped.
fn items(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Item> {
    let mut items = Vec::new();
    while !input.is_empty() {
        let ahead = input.fork();
        match item(input, errors) {
            Ok(item) => items.push(item),
            Err(error) => {
                errors.push(error);
                let label = ahead
                    .call(syn::Attribute::parse_outer)
                    .ok()
                    .and_then(|_| label(&ahead));
                items.push(Item::Unreadable { label });
                skip(
                    input,
                    |token| matches!(token, proc_macro2::TokenTree::Punct(p) if p.as_char() == ';'),
                );
            }
        }
    }
    items
}

/// Skips tokens up to and including the first for which `last` holds.
fn skip(input: ParseStream<'_>, last: impl Fn(&proc_macro2::TokenTree) -> bool) {
    let _ = input.step(|cursor| {
        let mut rest = *cursor;
        while let Some((token, next)) = rest.token_tree() {
            rest = next;
            if last(&token) {
                break;
            }
        }
        Ok(((), rest))
    });
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Item> {
    let attributes = input.call(syn::Attribute::parse_outer)?;
    if input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        let value = input.parse()?;
        if !input.is_empty() && !input.peek(Token![;]) {
            let message = format!("expected `;` after the setting `{name}`");
            return Err(syn::Error::new_spanned(value, message));
        }
        input.parse::<Option<Token![;]>>()?;
        return Ok(Item::Setting(Setting { name, value }));
    }
    if input.peek(Token![let]) {
        return Err(input.error(
            "`let` has no meaning here\nhelp: a statement is labelled with a colon, as in `stem: dense(64);`",
        ));
    }
    let label = label(input);
    let mut chain = vec![call(input, errors)?];
    while input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        chain.push(call(input, errors)?);
    }
    end_of_statement(input, &chain[chain.len() - 1])?;
    Ok(Item::Statement(Statement {
        attributes,
        label,
        chain,
    }))
}

/// `label:`
fn label(input: ParseStream<'_>) -> Option<syn::Ident> {
    if input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        let label = input.parse().ok()?;
        input.parse::<Token![:]>().ok()?;
        Some(label)
    } else {
        None
    }
}

/// `;`, which may be left out after a body and at the end of a block.
fn end_of_statement(input: ParseStream<'_>, last: &Call) -> syn::Result<()> {
    if input.peek(Token![;]) {
        input.parse::<Token![;]>()?;
        return Ok(());
    }
    if input.is_empty() || last.body.is_some() {
        return Ok(());
    }
    let word = last.path.to_token_stream().to_string().replace(' ', "");
    let bare = last.arguments.is_empty();
    if (bare && input.peek(token::Bracket)) || input.peek(syn::Lit) {
        let ahead = input.fork();
        let given = if ahead.peek(token::Bracket) {
            let content;
            bracketed!(content in ahead);
            content.parse()?
        } else {
            ahead.parse::<syn::Lit>()?.into_token_stream()
        };
        return Err(input.error(format!(
            "arguments stand in round brackets\nhelp: write `{word}({})`",
            crate::shape::readable(&given),
        )));
    }
    for (found, is_next) in [
        (",", input.peek(Token![,])),
        (".", input.peek(Token![.])),
        ("=>", input.peek(Token![=>])),
        ("|", input.peek(Token![|])),
    ] {
        if is_next {
            return Err(input.error(format!(
                "layers are joined with `->`, not with `{found}`\nhelp: write it as in `dense(64) -> relu;`"
            )));
        }
    }
    // It is missing here, often at the end of a line, not at what comes next.
    let message = format!(
        "expected `;` or `->` after `{word}`\nhelp: layers are joined with `->`, and a statement ends with `;`",
    );
    Err(syn::Error::new_spanned(&last.path, message))
}

fn call(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Call> {
    if !input.peek(syn::Ident::peek_any) && !input.peek(Token![::]) {
        return Err(
            input.error("expected a layer\nhelp: write a layer such as `dense(64)` or `relu`")
        );
    }
    let path = input.call(syn::Path::parse_mod_style)?;
    let arguments = if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        // What is left unread would be an error of its own, and hide the declaration.
        arguments(&content).inspect_err(|_| skip(&content, |_| false))?
    } else {
        Vec::new()
    };
    let body = if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        Some(items(&content, errors))
    } else {
        None
    };
    Ok(Call {
        path,
        arguments,
        body,
    })
}

fn arguments(input: ParseStream<'_>) -> syn::Result<Vec<Argument>> {
    let mut arguments = Vec::new();
    while !input.is_empty() {
        arguments.push(argument(input)?);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(arguments)
}

fn argument(input: ParseStream<'_>) -> syn::Result<Argument> {
    let name = if input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Some(name)
    } else {
        None
    };
    let ends = |stream: ParseStream<'_>| stream.is_empty() || stream.peek(Token![,]);
    let ahead = input.fork();
    let is_expr = ahead.parse::<syn::Expr>().is_ok() && ends(&ahead);
    let ahead = input.fork();
    // `MyLayer<f32, 8>` also begins with an expression: `MyLayer < f32`.
    let is_type = ahead
        .parse()
        .is_ok_and(|ty: syn::Type| !is_expr || is_generic(&ty))
        && ends(&ahead);
    let value = if is_type {
        Value::Type(input.parse()?)
    } else {
        Value::Expr(input.parse()?)
    };
    Ok(Argument { name, value })
}

/// Whether a type ends with `<..>`.
fn is_generic(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|last| matches!(last.arguments, syn::PathArguments::AngleBracketed(_)))
}
