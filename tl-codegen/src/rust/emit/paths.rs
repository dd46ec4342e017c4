//! Paths in generated code: absolute ones into the runtime and the standard library, relative ones between modules of the
//! bindings, which don't know where they are included.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::ident;
use crate::rust::names::last_word;
use crate::rust::plan::{Arg, Borrowed, ItemPath, Style, Value};
use crate::{Strings, Unknown};

/// The paths that one module's code uses.
pub(super) struct Paths<'a> {
    style: &'a Style,
    module: &'a [String],
    /// `::mtproto_runtime::wire`
    pub wire: TokenStream,
    alloc: TokenStream,
    option: TokenStream,
}

impl<'a> Paths<'a> {
    pub(super) fn new(style: &'a Style, module: &'a [String]) -> Self {
        let runtime = parse(&style.runtime);
        Self {
            style,
            module,
            wire: quote!(#runtime::wire),
            alloc: parse(&style.alloc),
            option: quote!(::core::option::Option),
        }
    }

    /// An item's path as seen from this module.
    pub(super) fn item(&self, path: &ItemPath) -> TokenStream {
        let name = ident(&path.name);
        if path.module == self.module {
            return quote!(#name);
        }
        let common = path
            .module
            .iter()
            .zip(self.module)
            .take_while(|(there, here)| there == here)
            .count();
        let ups = (common..self.module.len()).map(|_| quote!(super::));
        let downs = path.module[common..].iter().map(|part| ident(part));
        quote!(#(#ups)* #(#downs::)* #name)
    }

    /// The Rust type of a value.
    pub(super) fn ty(&self, value: &Value) -> TokenStream {
        let (wire, alloc) = (&self.wire, &self.alloc);
        match value {
            Value::Int => quote!(i32),
            Value::Long => quote!(i64),
            Value::Float => quote!(f32),
            Value::Double => quote!(f64),
            Value::Bool => quote!(bool),
            Value::True => quote!(()),
            Value::Nat => quote!(u32),
            Value::String => quote!(#alloc::string::String),
            Value::Bytes => quote!(#alloc::vec::Vec<u8>),
            Value::SharedBytes => quote!(#wire::Bytes),
            Value::Int128 => quote!(#wire::Int128),
            Value::Int256 => quote!(#wire::Int256),
            Value::Int512 => quote!(#wire::Int512),
            Value::WithId { value, .. } => self.ty(value),
            Value::Object { .. } => quote!(#wire::RawObject),
            Value::Borrowed(borrowed) => match borrowed {
                Borrowed::String => quote!(&'a str),
                Borrowed::Bytes => quote!(&'a [u8]),
                Borrowed::Int128 => quote!(&'a [u8; 16]),
                Borrowed::Int256 => quote!(&'a [u8; 32]),
                Borrowed::Int512 => quote!(&'a [u8; 64]),
                Borrowed::Object { .. } => quote!(#wire::RawObjectRef<'a>),
            },
            Value::Item {
                path,
                args,
                is_borrowed,
                ..
            } => {
                let path = self.item(path);
                let types = args.iter().filter_map(|arg| match arg {
                    Arg::Type(value) => Some(self.ty(value)),
                    Arg::Nat(_) => None,
                });
                let lifetime = is_borrowed.then(|| quote!('a));
                let types: Vec<_> = lifetime.into_iter().chain(types).collect();
                if types.is_empty() {
                    path
                } else {
                    quote!(#path<#(#types),*>)
                }
            }
            Value::Generic(generic) => {
                let name = ident(generic.name());
                quote!(#name)
            }
            // A derive finds the type written.
            Value::Foreign(_) => quote!(_),
            Value::Returned { generic, .. } => {
                let name = ident(generic);
                quote!(#name::Return)
            }
            Value::Vector { item, .. } | Value::Repeat { item, .. } => {
                let item = self.ty(item);
                quote!(#alloc::vec::Vec<#item>)
            }
        }
    }

    /// The same, in a box where it lies in one.
    pub(super) fn held(&self, value: &Value, is_boxed: bool) -> TokenStream {
        self.boxed_if(is_boxed, self.ty(value))
    }

    /// `Box<…>`, or the type itself.
    pub(super) fn boxed_if(&self, is_boxed: bool, ty: TokenStream) -> TokenStream {
        let alloc = &self.alloc;
        if is_boxed {
            quote!(#alloc::boxed::Box<#ty>)
        } else {
            ty
        }
    }

    /// The derives of every type, but for those that are written out, and an item's further attributes: one `derive` for all,
    /// as rustfmt has it.
    pub(super) fn attributes(
        &self,
        own: &[&str],
        has_default: bool,
        further: &[String],
    ) -> TokenStream {
        let derives = self.style.derives.iter();
        let mut derives: Vec<_> = derives
            .filter(|path| !own.contains(&last_word(path)))
            .map(|path| parse(path))
            .collect();
        if has_default
            && !self
                .style
                .derives
                .iter()
                .any(|path| last_word(path) == "Default")
        {
            derives.push(quote!(Default));
        }
        let mut others = TokenStream::new();
        for attribute in further {
            // It has been checked to be attributes.
            let tokens: TokenStream = attribute.parse().unwrap_or_default();
            let mut tokens = tokens.into_iter();
            while let (Some(mark), Some(attribute)) = (tokens.next(), tokens.next()) {
                match derived(&attribute) {
                    Some(list) => {
                        let list = list.into_iter();
                        derives.extend(list.filter(|path| !own.iter().any(|own| names(path, own))));
                    }
                    None => others.extend([mark, attribute]),
                }
            }
        }
        let derives = (!derives.is_empty()).then(|| quote!(#[derive(#(#derives),*)]));
        quote!(#derives #others)
    }

    /// Whether a trait is asked for, for every type or by further attributes.
    pub(super) fn derives(&self, name: &str, further: &[String]) -> bool {
        let mut further = further.iter().flat_map(|attribute| {
            let tokens: TokenStream = attribute.parse().unwrap_or_default();
            tokens.into_iter().filter_map(|token| derived(&token))
        });
        self.style
            .derives
            .iter()
            .any(|path| last_word(path) == name)
            || further.any(|list| list.iter().any(|path| names(path, name)))
    }

    /// Whether any type is asked to be `Copy`.
    pub(super) fn has_some_copy(&self) -> bool {
        let attributes = self.style.attributes.iter();
        let attributes: Vec<_> = attributes.map(|own| own.attribute.clone()).collect();
        self.derives("Copy", &attributes)
    }

    /// `Box::new(…)`
    pub(super) fn new_box(&self, value: &TokenStream) -> TokenStream {
        let alloc = &self.alloc;
        quote!(#alloc::boxed::Box::new(#value))
    }

    /// Whether there are serde's traits.
    pub(super) fn has_serde(&self) -> bool {
        self.style.serde
    }

    /// Whether unknown constructors and flag bits are kept, and whether strings are text.
    pub(super) fn definition_modes(&self) -> (bool, bool) {
        let keeps_unknown = self.style.unknown == Unknown::Keep;
        (keeps_unknown, self.style.strings == Strings::Text)
    }

    /// Whether structs and enums convert into each other.
    pub(super) fn has_conversions(&self) -> bool {
        self.style.conversions
    }

    /// Whether functions are read, too.
    pub(super) fn reads_functions(&self) -> bool {
        self.style.read_functions
    }

    /// `Option<…>`
    pub(super) fn optional(&self, ty: &TokenStream) -> TokenStream {
        let option = &self.option;
        quote!(#option<#ty>)
    }
}

fn names(path: &TokenStream, name: &str) -> bool {
    let last = path.clone().into_iter().last();
    matches!(last, Some(TokenTree::Ident(word)) if word == name)
}

/// What the brackets of an attribute derive, if that is what they do.
fn derived(brackets: &TokenTree) -> Option<Vec<TokenStream>> {
    let TokenTree::Group(brackets) = brackets else {
        return None;
    };
    let mut tokens = brackets.stream().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Group(list))) if word == "derive" => {
            let list: Vec<_> = list.stream().into_iter().collect();
            let paths = list
                .split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','));
            let paths = paths.filter(|path| !path.is_empty());
            Some(paths.map(|path| path.iter().cloned().collect()).collect())
        }
        _ => None,
    }
}

/// A path of the configuration, which has been checked to be one.
fn parse(path: &str) -> TokenStream {
    let is_absolute = path.starts_with("::").then(|| quote!(::));
    let parts = path.trim_start_matches("::").split("::").map(ident);
    quote!(#is_absolute #(#parts)::*)
}

/// `<X>`, or nothing.
pub(super) fn generics(names: &[String]) -> Option<TokenStream> {
    let idents = names.iter().map(|name| ident(name));
    (!names.is_empty()).then(|| quote!(<#(#idents),*>))
}

/// `<'a, X>`: an item's parameters with the lifetime it borrows for, if it does; or nothing.
pub(super) fn applied(lifetime: Option<TokenStream>, names: &[String]) -> Option<TokenStream> {
    let idents = names.iter().map(|name| {
        let name = ident(name);
        quote!(#name)
    });
    let all: Vec<_> = lifetime.into_iter().chain(idents).collect();
    (!all.is_empty()).then(|| quote!(<#(#all),*>))
}

/// `<X: Bound>`, or nothing.
pub(super) fn bounds(names: &[String], bound: impl Fn(&str) -> TokenStream) -> Option<TokenStream> {
    let bounds = names.iter().map(|name| {
        let (name, bound) = (ident(name), bound(name));
        quote!(#name: #bound)
    });
    (!names.is_empty()).then(|| quote!(<#(#bounds),*>))
}
