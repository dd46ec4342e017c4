//! How the fields of a struct are read and written, in wire order.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::ident;
use super::paths::Paths;
use crate::rust::plan::{
    Arg, Bit, Borrowed, Field, FieldKind, Foreign, FunctionNames, Generic, Nat, NatSource, Struct,
    Test, Value, locals_of,
};

/// What reads values in one function.
pub(super) struct Reading<'a> {
    paths: &'a Paths<'a>,
    reader: Ident,
    /// Whether fields are read of `self`, or are local variables of the same names.
    of_self: bool,
}

/// What writes values in one function.
pub(super) struct Writing<'a> {
    paths: &'a Paths<'a>,
    writer: Ident,
    value: Ident,
    /// Whether fields are written of `self`, or are local references of the same names.
    of_self: bool,
}

/// A place in which a value lies: a value, or a reference to one.
pub(super) enum At {
    /// `self.name`
    Field(TokenStream),
    /// `value`, of a closure or a match
    Ref(Ident),
}

/// A flags word that is written before all of it is known: optional fields, when they are written, tell whether they are
/// there.
struct OpenWord<'p> {
    name: &'p str,
    /// What is known before: mere flags, and what several fields share.
    bits: Vec<&'p Bit>,
    /// Which field is the last that tells a bit.
    last: usize,
}

impl<'p> OpenWord<'p> {
    /// Those words of which some bits are told by one optional field each, and which nothing but such fields needs.
    fn of(fields: &'p [Field]) -> Vec<Self> {
        let mut numbers = Vec::new();
        for field in fields {
            if let FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } =
                &field.kind
            {
                value.nats(&mut |source| numbers.push(source.name().to_owned()));
            }
        }
        let words = fields.iter().filter_map(|word| {
            let FieldKind::Flags { bits, .. } = &word.kind else {
                return None;
            };
            let (told, bits): (Vec<_>, Vec<_>) = bits
                .iter()
                .partition(|bit| matches!(&bit.fields[..], [(_, false)]));
            let tells = |field: &Field| told.iter().any(|bit| bit.fields[0].0 == field.name);
            let last = fields.iter().rposition(tells)?;
            let name = &word.name;
            (!numbers.contains(name)).then_some(Self { name, bits, last })
        });
        words.collect()
    }

    /// Whether the bit that this tests is told by the field it stands before.
    fn has(&self, test: &Test) -> bool {
        matches!(&test.word, NatSource::Local(name) if name == self.name)
            && self.bits.iter().all(|bit| Some(bit.number) != test.bit)
    }
}

impl<'a> Reading<'a> {
    /// Reads fields into local variables.
    pub(super) fn new(names: &FunctionNames, paths: &'a Paths<'a>) -> Self {
        Self {
            paths,
            reader: ident(&names.reader),
            of_self: false,
        }
    }

    /// Reads by what the fields of `self` say.
    pub(super) fn by_self(names: &FunctionNames, paths: &'a Paths<'a>) -> Self {
        Self {
            of_self: true,
            ..Self::new(names, paths)
        }
    }

    /// The body of the read function: locals up to the last number that others depend on, then the struct.
    pub(super) fn fields(&self, item: &Struct) -> TokenStream {
        let locals = locals_of(&item.fields);
        let statements = locals.iter().map(|field| {
            let (name, value) = (ident(&field.name), self.field(field));
            quote!(let #name = #value;)
        });
        let fields: Vec<_> = item
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.is_in_struct())
            .map(|(at, field)| {
                let name = ident(&field.name);
                if let FieldKind::Flags { bits, .. } = &field.kind {
                    let known = known(bits);
                    return quote!(#name: #name & !#known);
                }
                if at < locals.len() {
                    return quote!(#name);
                }
                let value = self.field(field);
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

    /// Reads a field.
    pub(super) fn field(&self, field: &Field) -> TokenStream {
        let reader = &self.reader;
        match &field.kind {
            FieldKind::Required { value, is_boxed } => self.held(value, *is_boxed),
            FieldKind::Optional {
                test,
                value,
                is_boxed,
            } => {
                let present = self.test(test);
                if value.is_plain() {
                    quote!(#reader.optional(#present))
                } else {
                    let read = self.function_of(&self.held(value, *is_boxed), value, *is_boxed);
                    quote!(#reader.optional_of(#present, #read))
                }
            }
            FieldKind::Flag { test } => {
                let present = self.test(test);
                quote!(#present != 0)
            }
            FieldKind::Flags {
                keeps_unknown: true,
                ..
            } => quote!(#reader.nat()),
            FieldKind::Flags { bits, .. } => {
                let known = known(bits);
                quote!(#reader.flags(#known))
            }
            FieldKind::Count { .. } => quote!(#reader.nat()),
            FieldKind::Length { .. } => quote!(#reader.int()),
            FieldKind::Sized { length, .. } => {
                let length = ident(length);
                quote!(#reader.limited(#length as usize, |r| r.read()))
            }
        }
    }

    /// A value, in a box where it lies in one.
    pub(super) fn held(&self, value: &Value, is_boxed: bool) -> TokenStream {
        let reader = &self.reader;
        match (is_boxed, value.is_plain()) {
            (false, _) => self.value(value),
            (true, true) => quote!(#reader.boxed()),
            (true, false) => {
                let read = self.function(value);
                quote!(#reader.boxed_of(#read))
            }
        }
    }

    /// A value.
    pub(super) fn value(&self, value: &Value) -> TokenStream {
        let (reader, wire) = (&self.reader, &self.paths.wire);
        if let Some(method) = method(value) {
            let method = ident(method);
            return quote!(#reader.#method());
        }
        match value {
            Value::Vector { is_boxed, item } => {
                let method = ident(vector_method(*is_boxed, item.is_plain()));
                if item.is_plain() {
                    return quote!(#reader.#method());
                }
                let (min_bytes, item) = (min_bytes(item), self.function(item));
                quote!(#reader.#method(#min_bytes, #item))
            }
            Value::Repeat { count, item } => {
                let count = self.nat(count);
                if item.is_plain() {
                    return quote!(#reader.items(#count));
                }
                let (min_bytes, item) = (min_bytes(item), self.function(item));
                quote!(#reader.items_of(#count, #min_bytes, #item))
            }
            Value::WithId { id, name, value } => {
                let (id, value) = (super::hex(*id), self.function(value));
                quote!(#reader.with_id(#id, #name, #value))
            }
            Value::Object {
                passed_by: Some(pass),
            } => {
                let method = ident(if pass.is_last { "last" } else { "passed" });
                let pass = self.paths.item(&pass.function);
                quote!(#reader.#method(#pass))
            }
            Value::Borrowed(Borrowed::Object {
                passed_by: Some(pass),
            }) => {
                let method = ident(if pass.is_last {
                    "last_ref"
                } else {
                    "passed_ref"
                });
                let pass = self.paths.item(&pass.function);
                quote!(#reader.#method(#pass))
            }
            Value::Item {
                path,
                args,
                is_untagged,
                ..
            } if !value.is_plain() => {
                let (path, args) = (self.paths.item(path), self.args(args));
                let function = ident(if *is_untagged {
                    "read_bare_with"
                } else {
                    "read_with"
                });
                quote!(#path::#function(#reader, #(#args),*))
            }
            Value::Generic(Generic::Passed { reader: read, .. }) => {
                let read = ident(read);
                quote!(#read(#reader))
            }
            Value::Foreign(Foreign::Boxed) => quote!(#reader.constructor()),
            Value::Foreign(Foreign::With(name)) => {
                let read = ident(&format!("read_{name}"));
                quote!(#read(#reader))
            }
            Value::Returned { field, .. } => {
                let field = ident(field);
                quote!(#wire::Function::read_return(&self.#field, #reader))
            }
            _ => quote!(#reader.read()),
        }
    }

    /// A function that reads a value, for items and optional values without a fitting `TlRead`.
    fn function(&self, value: &Value) -> TokenStream {
        self.function_of(&self.value(value), value, false)
    }

    fn function_of(&self, body: &TokenStream, value: &Value, is_boxed: bool) -> TokenStream {
        if let (Value::Generic(Generic::Passed { reader, .. }), false) = (value, is_boxed) {
            let read = ident(reader);
            return quote!(#read);
        }
        let reader = &self.reader;
        quote!(|#reader| #body)
    }

    fn args(&self, args: &[Arg]) -> Vec<TokenStream> {
        let args = args.iter().map(|arg| match arg {
            Arg::Nat(nat) => self.nat(nat),
            Arg::Type(Value::Generic(Generic::Passed { reader, .. })) => {
                let read = ident(reader);
                quote!(#read)
            }
            Arg::Type(value) => {
                let read = self.function(value);
                quote!(&#read)
            }
        });
        args.collect()
    }

    fn nat(&self, nat: &Nat) -> TokenStream {
        plus(nat, |source| self.source(source))
    }

    fn test(&self, test: &Test) -> TokenStream {
        bit(self.source(&test.word), test.bit)
    }

    fn source(&self, source: &NatSource) -> TokenStream {
        let name = ident(source.name());
        let of_self = (self.of_self
            && matches!(source, NatSource::Field(_) | NatSource::OptionalField(_)))
        .then(|| quote!(self.));
        match source {
            NatSource::OptionalField(_) => quote!(#of_self #name.unwrap_or(0)),
            _ => quote!(#of_self #name),
        }
    }
}

impl<'a> Writing<'a> {
    pub(super) fn new(names: &FunctionNames, paths: &'a Paths<'a>) -> Self {
        Self {
            paths,
            writer: ident(&names.writer),
            value: ident(&names.value),
            of_self: true,
        }
    }

    /// Writes fields that a pattern has taken apart, so that local variables refer to them.
    pub(super) fn by_locals(names: &FunctionNames, paths: &'a Paths<'a>) -> Self {
        Self {
            of_self: false,
            ..Self::new(names, paths)
        }
    }

    /// The body of the write function.
    pub(super) fn fields(&self, item: &Struct) -> TokenStream {
        let (writer, words) = (&self.writer, OpenWord::of(&item.fields));
        let statements = item.fields.iter().enumerate().map(|(at, field)| {
            let write = self.field_among(field, &item.docs.tl_name, &words);
            let closed = words.iter().filter(|word| word.last == at).map(|word| {
                let name = ident(word.name);
                quote!(#writer.close_flags(#name);)
            });
            quote!(#write #(#closed)*)
        });
        quote!(#(#statements)*)
    }

    /// Writes a field of the combinator `tl_name`.
    pub(super) fn field(&self, field: &Field, tl_name: &str) -> TokenStream {
        self.field_among(field, tl_name, &[])
    }

    /// The same, where these words are open.
    fn field_among(&self, field: &Field, tl_name: &str, words: &[OpenWord<'_>]) -> TokenStream {
        let (name, writer) = (ident(&field.name), &self.writer);
        let place = self.place(&field.name);
        let what = format!("{tl_name}.{}", field.tl_name);
        match &field.kind {
            FieldKind::Required { value, .. } => {
                let write = self.value(value, &At::Field(place), &what);
                quote!(#write;)
            }
            FieldKind::Optional { test, value, .. } if words.iter().any(|word| word.has(test)) => {
                let (word, bit) = (ident(test.word.name()), test.bit.unwrap_or(0));
                let mask = mask(1 << bit);
                if value.is_plain() {
                    return quote!(#writer.flagged(&mut #word, #mask, &#place););
                }
                let write = self.function(value, &what);
                quote!(#writer.flagged_of(&mut #word, #mask, &#place, #write);)
            }
            FieldKind::Optional { test, value, .. } => {
                let check = self.presence(test, &quote!(#place.is_some()), &what);
                if value.is_plain() {
                    return quote!(#check #writer.optional(&#place););
                }
                let write = self.function(value, &what);
                quote!(#check #writer.optional_of(&#place, #write);)
            }
            FieldKind::Flag { test } => {
                let check = self.presence(test, &place, &what);
                quote!(#check)
            }
            FieldKind::Flags {
                bits,
                keeps_unknown,
            } => {
                let known = known(bits);
                let start = if *keeps_unknown {
                    quote!(#writer.unknown_flags(#place, #known, #what))
                } else {
                    quote!(0_u32)
                };
                if let Some(open) = words.iter().find(|word| word.name == field.name) {
                    let bits = open.bits.iter().map(|bit| self.bit(bit, field, tl_name));
                    let is_mut = (!open.bits.is_empty()).then(|| quote!(mut));
                    if is_mut.is_none() && !keeps_unknown {
                        return quote!(let mut #name = #writer.open_flags(#start););
                    }
                    return quote! {
                        let #is_mut #name = #start;
                        #(#bits)*
                        let mut #name = #writer.open_flags(#name);
                    };
                }
                let is_mut = (!bits.is_empty() || !keeps_unknown).then(|| quote!(mut));
                let bits = bits.iter().map(|bit| self.bit(bit, field, tl_name));
                quote! {
                    let #is_mut #name = #start;
                    #(#bits)*
                    #writer.flags(#name);
                }
            }
            FieldKind::Count { of } => {
                let of = self.place(of);
                quote!(let #name = #writer.count(#of.len(), #what);)
            }
            FieldKind::Length { of } => {
                let of = self.place(of);
                quote!(#writer.length(#of.as_bytes().len());)
            }
            FieldKind::Sized { .. } => quote!(#writer.write(&#place);),
        }
    }

    /// Holds the presence of a field against the number that speaks of it, unless that is computed from it.
    fn presence(&self, test: &Test, is_there: &TokenStream, what: &str) -> Option<TokenStream> {
        if let NatSource::Local(_) = test.word {
            return None;
        }
        let (writer, expected) = (&self.writer, bit(self.source(&test.word), test.bit));
        Some(quote!(#writer.presence(#expected != 0, #is_there, #what);))
    }

    /// Writes a value; an expression. `what` is the field that it is, or lies in.
    pub(super) fn value(&self, value: &Value, at: &At, what: &str) -> TokenStream {
        let writer = &self.writer;
        let reference = at.reference();
        if let Value::Int | Value::Long | Value::Float | Value::Double | Value::Bool | Value::Nat =
            value
        {
            let (method, copy) = (method(value).map(ident), at.copy());
            return quote!(#writer.#method(#copy));
        }
        match value {
            // Given to `TlWrite` whole: for a method that takes a slice each body would have to find it first.
            Value::String | Value::Bytes | Value::SharedBytes => quote!(#writer.write(#reference)),
            Value::Vector {
                is_boxed: true,
                item,
            } if item.is_plain() => quote!(#writer.write(#reference)),
            Value::Int128 | Value::Int256 | Value::Int512 => {
                let method = method(value).map(ident);
                quote!(#writer.#method(#reference))
            }
            Value::Vector { is_boxed, item } => {
                let method = ident(vector_method(*is_boxed, item.is_plain()));
                if item.is_plain() {
                    return quote!(#writer.#method(#reference));
                }
                let item = self.function(item, what);
                quote!(#writer.#method(#reference, #item))
            }
            Value::Repeat { count, item } => {
                let count = plus(count, |source| self.source(source));
                if item.is_plain() {
                    return quote!(#writer.items(#count, #reference, #what));
                }
                let item = self.function(item, what);
                quote!(#writer.items_of(#count, #reference, #what, #item))
            }
            Value::WithId { id, value, .. } => {
                let (id, write) = (super::hex(*id), self.function(value, what));
                quote!(#writer.with_id(#id, #reference, #write))
            }
            Value::Borrowed(Borrowed::String) => {
                let text = at.pointer();
                quote!(#writer.string(#text))
            }
            Value::Borrowed(Borrowed::Bytes) => {
                let text = at.pointer();
                quote!(#writer.bytes(#text))
            }
            Value::Borrowed(_) => quote!(#writer.write(#reference)),
            Value::Item {
                path,
                args,
                is_untagged,
                ..
            } if !value.is_plain() => {
                let (path, args) = (self.paths.item(path), self.args(args, what));
                let function = ident(if *is_untagged {
                    "write_bare_with"
                } else {
                    "write_with"
                });
                quote!(#path::#function(#reference, #writer, #(#args),*))
            }
            Value::Generic(Generic::Passed { writer: write, .. }) => {
                let write = ident(write);
                quote!(#write(#reference, #writer))
            }
            Value::Foreign(Foreign::Boxed) => quote!(#writer.constructor(#reference)),
            Value::Foreign(Foreign::With(name)) => {
                let write = ident(&format!("write_{name}"));
                quote!(#write(#reference, #writer))
            }
            _ => quote!(#writer.write(#reference)),
        }
    }

    /// A function that writes a value, for items and optional values without a fitting `TlWrite`.
    fn function(&self, value: &Value, what: &str) -> TokenStream {
        if let Value::Generic(Generic::Passed { writer, .. }) = value {
            let write = ident(writer);
            return quote!(#write);
        }
        let (own, writer) = (&self.value, &self.writer);
        let write = self.value(value, &At::Ref(own.clone()), what);
        quote!(|#own, #writer| #write)
    }

    fn args(&self, args: &[Arg], what: &str) -> Vec<TokenStream> {
        let args = args.iter().map(|arg| match arg {
            Arg::Nat(nat) => plus(nat, |source| self.source(source)),
            Arg::Type(value @ Value::Generic(Generic::Passed { .. })) => self.function(value, what),
            Arg::Type(value) => {
                let write = self.function(value, what);
                quote!(&#write)
            }
        });
        args.collect()
    }

    /// A field, as a place.
    fn place(&self, name: &str) -> TokenStream {
        let name = ident(name);
        if self.of_self {
            quote!(self.#name)
        } else {
            quote!((*#name))
        }
    }

    /// A number that something depends on.
    fn source(&self, source: &NatSource) -> TokenStream {
        match source {
            NatSource::Local(name) | NatSource::Param(name) => {
                let name = ident(name);
                quote!(#name)
            }
            NatSource::Field(name) => self.place(name),
            NatSource::OptionalField(name) => {
                let place = self.place(name);
                quote!(#place.unwrap_or(0))
            }
        }
    }

    /// Sets one bit of a flags word; fields that share it must agree.
    fn bit(&self, bit: &Bit, word: &Field, combinator: &str) -> TokenStream {
        let presence = bit.fields.iter().map(|(name, is_flag)| {
            let place = self.place(name);
            if *is_flag {
                place
            } else {
                quote!(#place.is_some())
            }
        });
        let presence: Vec<_> = presence.collect();
        let (writer, number) = (&self.writer, Literal::u8_unsuffixed(bit.number));
        let (tl_word, word) = (&word.tl_name, ident(&word.name));
        match (&presence[..], bit.number) {
            ([is_set], 0) => quote!(#word |= #is_set as u32;),
            ([is_set], _) => quote!(#word |= (#is_set as u32) << #number;),
            _ => {
                let what = format!("{tl_word}.{}", bit.number);
                quote!(#word |= #writer.shared_bit(#number, #combinator, #what, &[#(#presence),*]);)
            }
        }
    }
}

impl At {
    fn reference(&self) -> TokenStream {
        match self {
            Self::Field(field) => quote!(&#field),
            Self::Ref(name) => quote!(#name),
        }
    }

    /// What is a pointer itself.
    fn pointer(&self) -> TokenStream {
        match self {
            Self::Field(field) => quote!(#field),
            Self::Ref(name) => quote!(#name),
        }
    }

    fn copy(&self) -> TokenStream {
        match self {
            Self::Field(field) => quote!(#field),
            Self::Ref(name) => quote!(*#name),
        }
    }
}

/// A number with what is added to it.
fn plus(nat: &Nat, source: impl Fn(&NatSource) -> TokenStream) -> TokenStream {
    let added = Literal::u32_unsuffixed(nat.plus);
    match &nat.source {
        None => quote!(#added),
        Some(from) => {
            let from = source(from);
            match nat.plus {
                0 => from,
                _ => quote!(#from.saturating_add(#added)),
            }
        }
    }
}

/// A number masked with the bit that matters; not zero when the field is there.
fn bit(word: TokenStream, bit: Option<u8>) -> TokenStream {
    match bit {
        None => word,
        Some(bit) => {
            let mask = mask(1 << bit);
            quote!(#word & #mask)
        }
    }
}

/// The reader's method; for numbers the writer has one of the same name.
fn method(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Int => "int",
        Value::Long => "long",
        Value::Float => "float",
        Value::Double => "double",
        Value::Bool => "boolean",
        Value::Nat => "nat",
        Value::String => "string",
        Value::Bytes => "bytes",
        Value::SharedBytes => "shared_bytes",
        Value::Int128 => "int128",
        Value::Int256 => "int256",
        Value::Int512 => "int512",
        Value::Borrowed(Borrowed::String) => "str_",
        Value::Borrowed(Borrowed::Bytes) => "byte_slice",
        Value::Borrowed(Borrowed::Int128) => "int128_ref",
        Value::Borrowed(Borrowed::Int256) => "int256_ref",
        Value::Borrowed(Borrowed::Int512) => "int512_ref",
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
fn min_bytes(value: &Value) -> Literal {
    Literal::usize_unsuffixed(match value {
        Value::Vector { is_boxed: true, .. } => 8,
        Value::Vector { .. }
        | Value::WithId { .. }
        | Value::Object { .. }
        | Value::Borrowed(Borrowed::Object { .. })
        | Value::Foreign(Foreign::Boxed) => 4,
        _ => 0,
    })
}

/// The bits of a flags word that have a meaning.
fn known(bits: &[Bit]) -> Literal {
    mask(bits.iter().fold(0, |known, bit| known | 1 << bit.number))
}

/// A bit mask in hex, as short as it is.
fn mask(bits: u32) -> Literal {
    format!("0x{bits:x}")
        .parse()
        .unwrap_or_else(|_| Literal::u32_unsuffixed(bits))
}
