//! A method for each option. [`Options`](crate::Options) has the same as fields.

use tl_parser::schema::Dialect;

use super::Config;
use crate::{Accessors, BytesType, ItemAttribute, Layout, Strings, Unknown};

/// Options.
impl Config {
    /// The rule for ids. By default the one that the explicit ids of the schema follow.
    ///
    /// ```
    /// tl_codegen::Config::new().dialect(tl_codegen::Dialect::Raw);
    /// ```
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.options.dialect = Some(dialect);
        self
    }

    /// Takes explicit ids as right whatever the text gives, as in schemas whose ids are chosen by hand. By default an id that
    /// its text does not give is an error.
    ///
    /// ```
    /// tl_codegen::Config::new().trust_ids(true);
    /// ```
    #[must_use]
    pub fn trust_ids(mut self, trust_ids: bool) -> Self {
        self.options.trust_ids = trust_ids;
        self
    }

    /// The path of the runtime crate in generated code, `::mtproto_runtime` by default.
    ///
    /// ```
    /// tl_codegen::Config::new().runtime_path("crate::tl");
    /// ```
    #[must_use]
    pub fn runtime_path(mut self, path: impl Into<String>) -> Self {
        self.options.runtime_path = Some(path.into());
        self
    }

    /// Generates for `no_std`: `Vec`, `String` and `Box` come from `::alloc`, which the crate must declare with
    /// `extern crate alloc;`.
    ///
    /// ```
    /// tl_codegen::Config::new().no_std(true);
    /// ```
    #[must_use]
    pub fn no_std(mut self, no_std: bool) -> Self {
        self.options.no_std = no_std;
        self
    }

    /// The derives of every struct and enum, `Clone`, `Debug` and `PartialEq` by default. Fewer compile faster.
    ///
    /// ```
    /// tl_codegen::Config::new().derives(["Clone"]);
    /// ```
    #[must_use]
    pub fn derives(mut self, derives: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.options.derives = Some(derives.into_iter().map(Into::into).collect());
        self
    }

    /// Has each type derive `Debug` and `PartialEq` for itself. By default one function of the runtime does either for all types:
    /// it says and finds the same, but a comparison makes two buffers. Compiling takes a third longer with this.
    ///
    /// ```
    /// tl_codegen::Config::new().derive_each(true);
    /// ```
    #[must_use]
    pub fn derive_each(mut self, derive_each: bool) -> Self {
        self.options.derive_each = derive_each;
        self
    }

    /// Lets every enum come `From` the structs of its constructors, and each of these be tried from the enum, which is handed
    /// back when it is another variant. Off by default: for the Telegram API it makes compiling a fifth longer.
    ///
    /// ```
    /// tl_codegen::Config::new().conversions(true);
    /// ```
    #[must_use]
    pub fn conversions(mut self, conversions: bool) -> Self {
        self.options.conversions = conversions;
        self
    }

    /// Makes a boxed type of one constructor an alias of `Boxed` with the constructor's struct in it, in place of an enum of one
    /// variant. Fields are reached without a `match`, and there is less to compile: six in ten types of the Telegram API have one
    /// constructor. A later layer that gives such a type a second one makes an enum of it, which changes the programs that use it.
    ///
    /// Types that keep something of their own stay enums: those with parameters, with unknown constructors or some kept as bytes,
    /// recursive ones, and those that attributes name or that derive what `Boxed` has not (it has the standard library's).
    ///
    /// ```
    /// tl_codegen::Config::new().boxed_structs(true);
    /// ```
    #[must_use]
    pub fn boxed_structs(mut self, boxed_structs: bool) -> Self {
        self.options.boxed_structs = boxed_structs;
        self
    }

    /// The official page of each item, linked in its docs: a URL in which `{kind}` is `constructor`, `type` or `method` and
    /// `{name}` the TL name. By default the one that the schema states in a comment `// DOCS URL`.
    ///
    /// ```
    /// tl_codegen::Config::new().docs_link("https://core.telegram.org/{kind}/{name}");
    /// ```
    #[must_use]
    pub fn docs_link(mut self, url: impl Into<String>) -> Self {
        self.options.docs_link = Some(url.into());
        self
    }

    /// Generates only what these patterns name and everything it reaches: functions, types or constructors by their TL
    /// names, in which `*` stands for any text.
    ///
    /// ```
    /// tl_codegen::Config::new().only(["messages.sendMessage", "auth.*", "Updates"]);
    /// ```
    #[must_use]
    pub fn only(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        self.options.only.extend(patterns);
        self
    }

    /// What is done with constructors and flag bits that the schema does not have. By default both are errors.
    ///
    /// On [`Unknown::Keep`] each enum has a variant `Unknown` more, which holds the bytes of the unknown constructor. Nothing
    /// tells where it ends, so it takes the rest of the input: it is kept where it is the last of its message, and anywhere
    /// else reading fails with its type, id and offset. Each flags word whose bits are fields becomes a field itself, of the
    /// same name, for the bits without a meaning. Where such a bit announces a field, that one is read as if it were the next.
    ///
    /// ```
    /// tl_codegen::Config::new().unknown(tl_codegen::Unknown::Keep);
    /// ```
    #[must_use]
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.options.unknown = unknown;
        self
    }

    /// What `string`s are in Rust: by default `String`, so that one that is not UTF-8 is an error.
    ///
    /// ```
    /// tl_codegen::Config::new().strings(tl_codegen::Strings::Bytes);
    /// ```
    #[must_use]
    pub fn strings(mut self, strings: Strings) -> Self {
        self.options.strings = strings;
        self
    }

    /// Generates nothing that these patterns name, whether or not [`only`](Self::only) reaches it. What is generated must not
    /// need it: neither a type of which all constructors are cut, nor a cut constructor that stands somewhere bare. Of a
    /// type that is left with some constructors, the others are unknown.
    ///
    /// ```
    /// tl_codegen::Config::new().except(["payments.*", "updateNewStoryReaction"]);
    /// ```
    #[must_use]
    pub fn except(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        self.options.except.extend(patterns);
        self
    }

    /// Keeps the values of what these patterns name as bytes: types, or constructors of types that are enums otherwise. Such a
    /// type is a struct around a `wire::RawObject`, and such constructors are one variant `Opaque` that holds one; neither has what it
    /// holds generated, unless something else needs it. What is passed over is held against the schema all the same. It can be
    /// read later, as a type of other bindings.
    ///
    /// ```
    /// tl_codegen::Config::new().opaque(["WebPage", "stories.*", "updateBot*"]);
    /// ```
    #[must_use]
    pub fn opaque(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        self.options.opaque.extend(patterns);
        self
    }

    /// Gives the structs and enums whose TL names fit a pattern further attributes.
    ///
    /// ```
    /// tl_codegen::Config::new().attributes("inputPeer*", "#[derive(Eq, Hash)]");
    /// ```
    #[must_use]
    pub fn attributes(mut self, pattern: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.options.attributes.push(ItemAttribute {
            pattern: pattern.into(),
            attribute: attribute.into(),
        });
        self
    }

    /// Prints the fields that these patterns name as `<redacted>` where the derive `Debug` is asked for. A pattern without
    /// a dot is a field's TL name, one with a dot the name of a constructor or function and a field's.
    ///
    /// ```
    /// tl_codegen::Config::new().redact(["auth_key", "auth.sendCode.phone_number", "inputCheckPassword*.*"]);
    /// ```
    #[must_use]
    pub fn redact(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        self.options.redact.extend(patterns);
        self
    }

    /// Gives enums methods for fields of their constructors: a number or a `bool` by value, anything else by reference. The
    /// method returns an `Option` where a constructor lacks the field or has it optional, and for enums with a variant
    /// `Unknown`. A field that constructors have of different types, or of a type parameter, has no method.
    ///
    /// ```
    /// tl_codegen::Config::new().accessors(tl_codegen::Accessors::All);
    /// ```
    #[must_use]
    pub fn accessors(mut self, accessors: Accessors) -> Self {
        self.options.accessors = accessors;
        self
    }

    /// Implements `Default` for structs whose required fields have one, and for two kinds of enums: the default of a type
    /// with one constructor is that of its struct, and of a type with one constructor without fields whose name ends in
    /// `Empty` it is that. Of other enums no variant is more of a default than another.
    ///
    /// ```
    /// tl_codegen::Config::new().default_impls(true);
    /// ```
    #[must_use]
    pub fn default_impls(mut self, default_impls: bool) -> Self {
        self.options.default_impls = default_impls;
        self
    }

    /// Gives functions and constructors with at least so many optional fields a `new` that takes the required ones, and a
    /// method that sets each of the others: `SendMessage::new(peer, text, id).silent(true)`.
    ///
    /// ```
    /// tl_codegen::Config::new().builders(3);
    /// ```
    #[must_use]
    pub fn builders(mut self, optional_fields: usize) -> Self {
        self.options.builders = Some(optional_fields);
        self
    }

    /// How namespaces show in Rust: as modules by default.
    ///
    /// ```
    /// tl_codegen::Config::new().layout(tl_codegen::Layout::Flat);
    /// ```
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Self {
        self.options.layout = layout;
        self
    }

    /// Tells apart in the docs of a field what the schema says of it in words: that it `may be null`, or that one may `pass
    /// null`. TDLib's schema does. On the wire of TL there is no null, so the type stays as it is.
    ///
    /// ```
    /// tl_codegen::Config::new().nullable_docs(true);
    /// ```
    #[must_use]
    pub fn nullable_docs(mut self, nullable_docs: bool) -> Self {
        self.options.nullable_docs = nullable_docs;
        self
    }

    /// What `bytes` are in Rust: `Vec<u8>` by default. As `bytes::Bytes`, for which the runtime needs its feature `bytes`,
    /// they share the input where that is one `Bytes`; in forms that borrow, too.
    ///
    /// ```
    /// tl_codegen::Config::new().bytes(tl_codegen::BytesType::Bytes);
    /// ```
    #[must_use]
    pub fn bytes(mut self, bytes: BytesType) -> Self {
        self.options.bytes = bytes;
        self
    }

    /// Generates a second form of everything that holds texts or bytes, in the module `borrowed`: its `string`s, `bytes` and
    /// long integers lie in the input, and `to_owned` gives the first form. Needs the derive `Clone`.
    ///
    /// ```
    /// tl_codegen::Config::new().borrowed(true);
    /// ```
    #[must_use]
    pub fn borrowed(mut self, borrowed: bool) -> Self {
        self.options.borrowed = borrowed;
        self
    }

    /// Implements serde's `Serialize` and `Deserialize`, for which the runtime needs its feature `serde`: JSON as TDLib writes
    /// it, `{"@type": "user", "id": "42"}`, and the bytes of TL in formats that are not for people. One function of the runtime
    /// does it for all types. Forms that borrow, and functions that are not read, are only serialized.
    ///
    /// ```
    /// tl_codegen::Config::new().serde(true);
    /// ```
    #[must_use]
    pub fn serde(mut self, serde: bool) -> Self {
        self.options.serde = serde;
        self
    }

    /// Gives functions `TlRead`: a server reads them. A client only writes them, and what it does not use it should not
    /// compile. They have it in any case where [`dispatcher`](Self::dispatcher) needs it, and where the schema has objects
    /// that something follows, of which reading must find the end.
    ///
    /// ```
    /// tl_codegen::Config::new().read_functions(true);
    /// ```
    #[must_use]
    pub fn read_functions(mut self, read_functions: bool) -> Self {
        self.options.read_functions = read_functions;
        self
    }

    /// Generates the module `server`: a trait per namespace with a method for each function, which says that it is not
    /// implemented until a server does, and `dispatch`, which reads a call, has its method answer and writes the result.
    ///
    /// ```
    /// tl_codegen::Config::new().dispatcher(true);
    /// ```
    #[must_use]
    pub fn dispatcher(mut self, dispatcher: bool) -> Self {
        self.options.dispatcher = dispatcher;
        self
    }
}
