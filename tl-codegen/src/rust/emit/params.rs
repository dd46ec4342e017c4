//! Types with parameters: `read_with` and `write_with` are told the numbers, and how values of the type parameters are read
//! and written. Where there are no numbers, the traits tell the latter.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::ident;
use super::paths::{self, Paths};
use crate::rust::plan::{FunctionNames, NatParam, NatRule, Param};

/// The functions of one struct or enum with parameters.
pub(super) struct Functions<'a> {
    pub name: &'a str,
    pub generics: &'a [String],
    pub params: &'a [Param],
    pub names: &'a FunctionNames,
    pub is_borrowed: bool,
    /// The body that reads.
    pub read: TokenStream,
    /// The body that writes.
    pub write: TokenStream,
    /// The bodies that read and write without ids, of an enum that needs them.
    pub untagged: Option<(TokenStream, TokenStream)>,
}

impl Functions<'_> {
    pub(super) fn emit(&self, paths: &Paths<'_>) -> Vec<TokenStream> {
        let (name, wire) = (ident(self.name), &paths.wire);
        let (reader, writer) = (ident(&self.names.reader), ident(&self.names.writer));
        let generics = paths::generics(self.generics);
        let (read, write) = (&self.read, &self.write);
        let read_params = self.params.iter().map(|param| match param {
            Param::Type(param) => {
                let (read, ty) = (ident(&param.reader), ident(&param.generic));
                quote!(#read: &dyn ::core::ops::Fn(&mut #wire::Reader<'r>) -> #ty)
            }
            Param::Nat(param) => nat_param(param),
        });
        let write_params = self.params.iter().map(|param| match param {
            Param::Type(param) => {
                let (write, ty) = (ident(&param.writer), ident(&param.generic));
                quote!(#write: &dyn ::core::ops::Fn(&#ty, &mut #wire::Writer))
            }
            Param::Nat(param) => nat_param(param),
        });
        // What borrows has the lifetime of the input already.
        let (outer, own, inner) = if self.is_borrowed {
            let own = paths::applied(Some(quote!('r)), self.generics);
            (own.clone(), own, None)
        } else {
            (generics.clone(), generics.clone(), Some(quote!(<'r>)))
        };
        let (read_params, write_params): (Vec<_>, Vec<_>) =
            (read_params.collect(), write_params.collect());
        // Clippy counts seven at most, and the reader and `self` with them.
        let allow = (self.params.len() + 2 > 7).then(|| {
            quote!(#[allow(clippy::too_many_arguments, reason = "the type has as many parameters")])
        });
        let untagged = self.untagged.as_ref().map(|(read, write)| {
            quote! {
                #[doc = " Reads a value without its id: the numbers tell the constructor."]
                #allow
                pub fn read_bare_with #inner(#reader: &mut #wire::Reader<'r>, #(#read_params),*) -> Self { #read }

                #[doc = " Writes a value without its id."]
                #allow
                pub fn write_bare_with(&self, #writer: &mut #wire::Writer, #(#write_params),*) { #write }
            }
        });
        let functions = quote! {
            impl #outer #name #own {
                #[doc = " Reads a value of the type applied to these arguments."]
                #allow
                pub fn read_with #inner(#reader: &mut #wire::Reader<'r>, #(#read_params),*) -> Self { #read }

                #[doc = " Writes a value of the type applied to these arguments."]
                #allow
                pub fn write_with(&self, #writer: &mut #wire::Writer, #(#write_params),*) { #write }

                #untagged
            }
        };
        let mut tokens = vec![functions];
        tokens.extend(self.traits(paths).into_iter().flatten());
        tokens
    }

    /// `TlRead` and `TlWrite`, where no number has to be told.
    fn traits(&self, paths: &Paths<'_>) -> Option<[TokenStream; 2]> {
        if self
            .params
            .iter()
            .any(|param| matches!(param, Param::Nat(_)))
        {
            return None;
        }
        let (name, wire) = (ident(self.name), &paths.wire);
        let (reader, writer) = (ident(&self.names.reader), ident(&self.names.writer));
        let own = |lifetime| paths::applied(self.is_borrowed.then_some(lifetime), self.generics);
        let (reading, writing) = (own(quote!('r)), own(quote!('_)));
        let types: Vec<Ident> = self.generics.iter().map(|generic| ident(generic)).collect();
        let read = quote! {
            impl<'r, #(#types: #wire::TlRead<'r>),*> #wire::TlRead<'r> for #name #reading {
                const MIN_BYTES: usize = 0;

                extern "C" fn read_from(#reader: &mut #wire::Reader<'r>) -> Self {
                    Self::read_with(#reader, #(&|#reader: &mut #wire::Reader<'r>| #types::read_from(#reader)),*)
                }
            }
        };
        let write = quote! {
            impl<#(#types: #wire::TlWrite),*> #wire::TlWrite for #name #writing {
                #[inline]
                fn write_to(&self, #writer: &mut #wire::Writer) {
                    self.write_with(#writer, #(&#types::write_to),*);
                }
            }
        };
        Some([read, write])
    }
}

fn nat_param(param: &NatParam) -> TokenStream {
    let name = ident(&param.name);
    quote!(#name: u32)
}

/// Holds the numbers that are passed in against what the constructor says of them, reading.
pub(super) fn read_rules(params: &[Param], reader: &Ident, tl_name: &str) -> TokenStream {
    rules(nats(params), reader, tl_name)
}

/// The same, writing.
pub(super) fn write_rules(params: &[Param], writer: &Ident, tl_name: &str) -> TokenStream {
    rules(nats(params), writer, tl_name)
}

/// The same for numbers alone.
pub(super) fn rules<'p>(
    params: impl IntoIterator<Item = &'p NatParam>,
    by: &Ident,
    tl_name: &str,
) -> TokenStream {
    let rules = params.into_iter().map(|param| {
        let name = ident(&param.name);
        match &param.rule {
            NatRule::Any => TokenStream::new(),
            NatRule::Equal(number) => {
                let number = Literal::u32_unsuffixed(*number);
                quote!(#by.expect_nat(#tl_name, #name, #number);)
            }
            NatRule::Same(other, 0) => {
                let other = ident(other);
                quote!(#by.expect_nat(#tl_name, #name, #other);)
            }
            NatRule::Same(other, plus) => {
                let (other, plus) = (ident(other), Literal::u32_unsuffixed(*plus));
                quote!(#by.expect_nat(#tl_name, #name, #other.saturating_add(#plus));)
            }
            NatRule::More { name: own, plus } => {
                let plus = Literal::u32_unsuffixed(*plus);
                let own = own.as_ref().map(|own| {
                    let own = ident(own);
                    quote!(let #own =)
                });
                quote!(#own #by.less(#tl_name, #name, #plus);)
            }
        }
    });
    rules.collect()
}

fn nats(params: &[Param]) -> impl Iterator<Item = &NatParam> {
    params.iter().filter_map(|param| match param {
        Param::Nat(param) => Some(param),
        Param::Type(_) => None,
    })
}
