//! How the fields of a struct are read and written, in wire order.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::ident;
use super::paths::Paths;
use crate::rust::plan::{Bit, Field, FieldKind, Struct, Value, locals_of};

/// The body of the read function: locals up to the last flags word, then the struct.
pub(super) fn read(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let reader = ident(&item.reader);
    let locals = locals_of(&item.fields);
    let statements = locals.iter().map(|field| {
        let (name, value) = (ident(&field.name), read_field(field, &reader, paths));
        quote!(let #name = #value;)
    });
    let fields: Vec<_> = item
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| !field.is_computed())
        .map(|(at, field)| {
            let name = ident(&field.name);
            if at < locals.len() {
                return quote!(#name);
            }
            let value = read_field(field, &reader, paths);
            quote!(#name: #value)
        })
        .collect();
    let value = if fields.is_empty() {
        quote!(Self)
    } else {
        quote!(Self { #(#fields),* })
    };
    quote!(#(#statements)* #value)
}

fn read_field(field: &Field, reader: &Ident, paths: &Paths<'_>) -> TokenStream {
    let wire = &paths.wire;
    match &field.kind {
        FieldKind::Required { is_boxed: true, .. } => quote!(#reader.boxed()),
        FieldKind::Required { value, .. } => read_value(value, reader, paths),
        FieldKind::Optional {
            word,
            bit,
            value,
            is_boxed,
        } => {
            let (word, mask) = (ident(word), mask(1 << bit));
            if *is_boxed || value.is_plain() {
                quote!(#reader.optional(#word & #mask))
            } else {
                let value = reading_function(value, paths);
                quote!(#reader.optional_of(#word & #mask, #value))
            }
        }
        FieldKind::Flag { word, bit } => {
            let (word, mask) = (ident(word), mask(1 << bit));
            quote!(#word & #mask != 0)
        }
        FieldKind::Flags { bits } => {
            let known = mask(bits.iter().fold(0, |known, bit| known | 1 << bit.number));
            quote!(#reader.flags(#known))
        }
        FieldKind::Length { .. } => quote!(#reader.int()),
        FieldKind::Object { length: None } => quote!(#reader.read()),
        FieldKind::Object {
            length: Some(length),
        } => {
            let length = ident(length);
            quote!(#reader.limited(#length as usize, #wire::Reader::read))
        }
    }
}

fn read_value(value: &Value, reader: &Ident, paths: &Paths<'_>) -> TokenStream {
    match method(value) {
        Some(method) => {
            let method = ident(method);
            quote!(#reader.#method())
        }
        None => match value {
            Value::Vector { is_boxed, item } => {
                let method = ident(vector_method(*is_boxed, item.is_plain()));
                if item.is_plain() {
                    return quote!(#reader.#method());
                }
                let (min_bytes, item) = (
                    Literal::usize_unsuffixed(min_bytes(item)),
                    reading_function(item, paths),
                );
                quote!(#reader.#method(#min_bytes, #item))
            }
            _ => quote!(#reader.read()),
        },
    }
}

/// A function that reads a value, for items and optional values without a fitting `TlRead`.
fn reading_function(value: &Value, paths: &Paths<'_>) -> TokenStream {
    let wire = &paths.wire;
    match value {
        Value::Vector { is_boxed, item } if item.is_plain() => {
            let method = ident(vector_method(*is_boxed, true));
            quote!(#wire::Reader::#method)
        }
        _ => {
            let reader = ident("r");
            let value = read_value(value, &reader, paths);
            quote!(|r| #value)
        }
    }
}

/// The body of the write function.
pub(super) fn write(item: &Struct) -> TokenStream {
    let writer = ident(&item.writer);
    let statements = item
        .fields
        .iter()
        .map(|field| write_field(field, item, &writer));
    quote!(#(#statements)*)
}

fn write_field(field: &Field, item: &Struct, writer: &Ident) -> TokenStream {
    let name = ident(&field.name);
    match &field.kind {
        FieldKind::Required { value, .. } => write_value(value, &quote!(self.#name), writer),
        FieldKind::Optional {
            value, is_boxed, ..
        } if *is_boxed || value.is_plain() => {
            quote!(#writer.optional(&self.#name);)
        }
        FieldKind::Optional { value, .. } => {
            let write = writing_function(value);
            quote!(#writer.optional_of(&self.#name, #write);)
        }
        FieldKind::Flag { .. } => TokenStream::new(),
        FieldKind::Flags { bits } => {
            let bits = bits.iter().map(|bit| write_bit(bit, field, item, writer));
            quote! {
                let mut #name = 0;
                #(#bits)*
                #writer.flags(#name);
            }
        }
        FieldKind::Length { of } => {
            let of = ident(of);
            quote!(#writer.length(self.#of.as_bytes().len());)
        }
        FieldKind::Object { .. } => quote!(#writer.write(&self.#name);),
    }
}

/// Sets one bit of a flags word; fields that share it must agree.
fn write_bit(bit: &Bit, word: &Field, item: &Struct, writer: &Ident) -> TokenStream {
    let presence = bit.fields.iter().map(|(name, is_flag)| {
        let name = ident(name);
        if *is_flag {
            quote!(self.#name)
        } else {
            quote!(self.#name.is_some())
        }
    });
    let presence: Vec<_> = presence.collect();
    let (word, tl_word) = (ident(&word.name), &word.tl_name);
    let number = Literal::u8_unsuffixed(bit.number);
    match (&presence[..], bit.number) {
        ([is_set], 0) => quote!(#word |= u32::from(#is_set);),
        ([is_set], _) => quote!(#word |= u32::from(#is_set) << #number;),
        _ => {
            let (tl_name, what) = (&item.docs.tl_name, format!("{tl_word}.{}", bit.number));
            quote!(#word |= #writer.shared_bit(#number, #tl_name, #what, &[#(#presence),*]);)
        }
    }
}

fn write_value(value: &Value, place: &TokenStream, writer: &Ident) -> TokenStream {
    match value {
        Value::Int | Value::Long | Value::Double | Value::Bool | Value::Nat => {
            let method = method(value).map(ident);
            quote!(#writer.#method(#place);)
        }
        Value::Vector { is_boxed, item } => {
            let method = ident(vector_method(*is_boxed, item.is_plain()));
            if item.is_plain() {
                return quote!(#writer.#method(&#place););
            }
            let item = writing_function(item);
            quote!(#writer.#method(&#place, #item);)
        }
        Value::Item(_) | Value::Generic(_) | Value::Object | Value::True => {
            quote!(#writer.write(&#place);)
        }
        _ => {
            let method = method(value).map(ident);
            quote!(#writer.#method(&#place);)
        }
    }
}

/// A function that writes a value, for items and optional values without a fitting `TlWrite`.
fn writing_function(value: &Value) -> TokenStream {
    match value {
        Value::Vector { is_boxed, item } => {
            let method = ident(vector_method(*is_boxed, item.is_plain()));
            if item.is_plain() {
                return quote!(|value, w| w.#method(value));
            }
            let item = writing_function(item);
            quote!(|value, w| w.#method(value, #item))
        }
        _ => quote!(|value, w| w.write(value)),
    }
}

/// The reader's and writer's method of the same name.
fn method(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Int => "int",
        Value::Long => "long",
        Value::Double => "double",
        Value::Bool => "boolean",
        Value::Nat => "nat",
        Value::String => "string",
        Value::Bytes => "bytes",
        Value::Int128 => "int128",
        Value::Int256 => "int256",
        Value::Int512 => "int512",
        _ => return None,
    })
}

fn vector_method(is_boxed: bool, is_plain: bool) -> &'static str {
    match (is_boxed, is_plain) {
        (true, true) => "vector",
        (false, true) => "bare_vector",
        (true, false) => "vector_of",
        (false, false) => "bare_vector_of",
    }
}

/// The fewest bytes of an item that has no `TlRead` to tell.
fn min_bytes(value: &Value) -> usize {
    match value {
        Value::Vector { is_boxed: true, .. } => 8,
        _ => 4,
    }
}

/// A bit mask in hex, as short as it is.
fn mask(bits: u32) -> Literal {
    format!("0x{bits:x}")
        .parse()
        .unwrap_or_else(|_| Literal::u32_unsuffixed(bits))
}
