//! The bodies that read and write types written by hand: the same statements as for generated ones, but each field's at the
//! place where the field stands, and around them what the derive makes of the type's form.
//!
//! Fields are local variables of their planned names: values when they are read, references when they are written.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote;

use super::codec::{Reading, Writing};
use super::paths::Paths;
use super::{enums, hex, ident};
use crate::rust::plan::{Field, FunctionNames, Style};
use crate::{Accessors, BytesType, Layout, Strings, Unknown};

/// The fields of a struct or a variant in wire order, computed ones among them.
pub struct Body<'a> {
    /// The name in TL, for errors.
    pub tl_name: &'a str,
    /// The fields, and where each stands. No name may be [`READER`], [`WRITER`] or `value`.
    pub fields: &'a [(Field, Span)],
}

/// The name of the reader in bodies.
pub const READER: &str = "r";
/// The name of the writer in bodies.
pub const WRITER: &str = "w";

/// A variant of an enum.
pub struct Arm<'a> {
    /// The id that stands for it.
    pub id: u32,
    /// Its fields.
    pub body: Body<'a>,
    /// The variant made of the local variables; and as a pattern, what binds them.
    pub construct: TokenStream,
}

impl Body<'_> {
    /// Reads the fields into local variables.
    pub fn read(&self, style: &Style) -> TokenStream {
        let (names, paths) = (names(), Paths::new(style, &[]));
        let reading = Reading::new(&names, &paths);
        let statements = self.fields.iter().map(|(field, span)| {
            let (name, value) = (ident(&field.name), reading.field(field));
            at(quote!(let #name = #value;), *span)
        });
        statements.collect()
    }

    /// Writes the fields that local variables refer to.
    pub fn write(&self, style: &Style) -> TokenStream {
        let (names, paths) = (names(), Paths::new(style, &[]));
        let writing = Writing::by_locals(&names, &paths);
        let statements = self
            .fields
            .iter()
            .map(|(field, span)| at(writing.field(field, self.tl_name), *span));
        statements.collect()
    }
}

/// What bodies need to know of how generated code looks: the path of the runtime crate.
pub fn style(runtime: String) -> Style {
    Style {
        runtime,
        alloc: "::std".to_owned(),
        derives: Vec::new(),
        derive_each: true,
        borrowed: false,
        serde: false,
        conversions: false,
        boxed_structs: false,
        read_functions: false,
        dispatcher: false,
        unknown: Unknown::default(),
        strings: Strings::default(),
        bytes: BytesType::default(),
        accessors: Accessors::default(),
        default_impls: false,
        builders: None,
        layout: Layout::default(),
        nullable_docs: false,
        attributes: Vec::new(),
        redact: Vec::new(),
    }
}

/// Wraps the reading of a value that may hold others of its type, so that its depth is bounded.
pub fn read_nested(read: &TokenStream, value: &TokenStream) -> TokenStream {
    let reader = ident(READER);
    quote!(#reader.enter(); #read let value = #value; #reader.leave(); value)
}

/// Reads an id, and the variant that it stands for. A reader that fails yields the variant `fallback`.
pub fn read_enum(tl_name: &str, arms: &[Arm<'_>], fallback: usize, style: &Style) -> TokenStream {
    let read = |arm: &Arm<'_>| {
        let (statements, construct) = (arm.body.read(style), &arm.construct);
        quote!(#statements #construct)
    };
    let ids: Vec<_> = arms.iter().map(|arm| arm.id).collect();
    let matched = arms.iter().map(|arm| {
        let (id, value) = (hex(arm.id), read(arm));
        quote!(#id => { #value })
    });
    let fallback = arms.get(fallback).map(read);
    let reader = ident(READER);
    let otherwise = enums::unexpected(&reader, tl_name, &ids, fallback);
    enums::by_id(&reader, matched.collect(), &otherwise, true)
}

/// Writes a variant with its id.
pub fn write_enum(arms: &[Arm<'_>], style: &Style) -> TokenStream {
    let writer = ident(WRITER);
    let arms = arms.iter().map(|arm| {
        let (id, pattern, write) = (hex(arm.id), &arm.construct, arm.body.write(style));
        quote!(#pattern => { #writer.id(#id); #write })
    });
    quote!(match self { #(#arms)* })
}

fn names() -> FunctionNames {
    FunctionNames {
        reader: READER.to_owned(),
        writer: WRITER.to_owned(),
        value: "value".to_owned(),
    }
}

/// The same tokens as if they stood at `span`; names still mean what they mean where the derive is.
fn at(tokens: TokenStream, span: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            let mut inner = Group::new(group.delimiter(), at(group.stream(), span));
            inner.set_span(token.span().located_at(span));
            return TokenTree::Group(inner);
        }
        token.set_span(token.span().located_at(span));
        token
    });
    tokens.collect()
}
