//! The front door: what to generate, from which schemas, and how it should look.

mod pattern;

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use tl_parser::diagnostic::Diagnostic;
use tl_parser::schema::{Dialect, Reading, Schema, read};
use tl_parser::span::Sources;

use crate::analysis::Analysis;
use crate::rust::{emit, names, plan};
use crate::{
    Accessors, BytesType, Error, Files, ItemAttribute, Layout, Options, Strings, Unknown, load,
};

/// What to generate and how. Used from a build script:
///
/// ```no_run
/// fn main() -> Result<(), tl_codegen::Error> {
///     tl_codegen::Config::new().schema("schemas/api.tl").build("api")?;
///     Ok(())
/// }
/// ```
///
/// and in the crate: `pub mod api { include!(concat!(env!("OUT_DIR"), "/api/mod.rs")); }`.
#[derive(Clone, Debug, Default)]
pub struct Config {
    inputs: Vec<Input>,
    options: Options,
}

#[derive(Clone, Debug)]
enum Input {
    File(PathBuf),
    Text { name: String, text: String },
}

/// What was generated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Output {
    /// The files; `mod.rs` is the root.
    pub files: Files,
    /// Every struct and enum, by module and in source order.
    pub items: Vec<ItemInfo>,
    /// What of the schema was not generated.
    pub cut: Cut,
    /// What is kept as bytes.
    pub opaque: OpaqueNames,
    /// Notes and warnings; errors make no output.
    pub diagnostics: Vec<Diagnostic>,
    /// The schema files, to show diagnostics in.
    pub sources: Sources,
}

/// What patterns cut from a schema, by TL names in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cut {
    /// Functions.
    pub functions: Vec<String>,
    /// Constructors.
    pub constructors: Vec<String>,
    /// Types without a constructor that is left.
    pub types: Vec<String>,
}

/// What [`Config::opaque`] keeps as bytes, by TL names in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpaqueNames {
    /// Types.
    pub types: Vec<String>,
    /// Constructors of types that are enums otherwise.
    pub constructors: Vec<String>,
}

/// What is going to be generated.
pub(crate) struct Planned {
    /// All decisions.
    pub plan: plan::Plan,
    /// What patterns cut.
    pub cut: Cut,
    /// What is kept as bytes.
    pub opaque: OpaqueNames,
    /// Notes and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The schema files.
    pub sources: Sources,
}

/// A generated struct or enum.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemInfo {
    /// Its TL name.
    pub tl_name: String,
    /// Its Rust path below the root module, `types::messages::Messages`.
    pub rust_path: String,
    /// What it stands for.
    pub kind: ItemKind,
    /// The number of its type parameters.
    pub type_parameters: usize,
    /// Whether it borrows from the input, and so has the lifetime of it as its first parameter.
    pub is_borrowed: bool,
    /// Whether it depends on numbers that are passed in: then it has `read_with` and `write_with`, and no `TlRead` and
    /// `TlWrite`.
    pub is_dependent: bool,
}

/// What a generated item stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A constructor: a struct that reads and writes bare.
    Constructor,
    /// A boxed type: an enum.
    Type,
    /// A boxed type that is kept as bytes: a struct around them.
    Opaque,
    /// A function: a struct.
    Function,
    /// What a repetition repeats, `n*[ a:int b:int ]`: a struct without an id.
    Record,
}

impl Config {
    /// Nothing to generate yet, and every option at its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// All options at once, in place of those set before.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Adds a schema file: TL text, TLO, or with the feature `cli` the JSON of the official pages. Several files make one
    /// schema.
    ///
    /// ```
    /// tl_codegen::Config::new().schema("schemas/api.tl");
    /// ```
    #[must_use]
    pub fn schema(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(Input::File(path.into()));
        self
    }

    /// Adds a schema by its text; `name` is what diagnostics call it.
    ///
    /// ```
    /// let output = tl_codegen::Config::new().schema_text("a.tl", "user id:long = User;").generate()?;
    /// assert!(output.files.text("types.rs").is_some());
    /// # Ok::<(), tl_codegen::Error>(())
    /// ```
    #[must_use]
    pub fn schema_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.inputs.push(Input::Text {
            name: name.into(),
            text: text.into(),
        });
        self
    }

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
    /// variant. Fields are reached without a `match`, and there is less to compile: two in three types of the Telegram API have one
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

    /// Generates into memory.
    ///
    /// # Errors
    /// The schemas can't be read or have errors, or the configuration does not fit them.
    pub fn generate(&self) -> Result<Output, Error> {
        let Planned {
            plan,
            cut,
            opaque,
            diagnostics,
            sources,
        } = self.plan()?;
        Ok(Output {
            files: emit::emit(&plan)?,
            items: plan.items(),
            cut,
            opaque,
            diagnostics,
            sources,
        })
    }

    /// Decides everything, and writes nothing yet.
    pub(crate) fn plan(&self) -> Result<Planned, Error> {
        let style = self.style()?;
        let sources = self.read_sources()?;
        let reading = self.read_schema(&sources)?;
        let Reading {
            schema,
            mut diagnostics,
            ..
        } = reading;
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Error::Schema {
                sources: Box::new(sources),
                diagnostics,
            });
        }
        check_layers(&schema)?;
        let Options {
            only,
            except,
            opaque,
            ..
        } = &self.options;
        let selection = pattern::select(&schema, only, except, opaque)?;
        let layers = match schema.layers() {
            [] => vec![schema.view(schema.layer())],
            layers => layers
                .iter()
                .map(|&layer| schema.view(Some(layer)))
                .collect(),
        };
        let mut layers: Vec<_> = layers
            .into_iter()
            .map(|view| {
                let kept = selection.kept.as_ref();
                Analysis::of(view, kept, &selection.chosen, &mut diagnostics)
            })
            .collect();
        // A struct that any layer needs is there in all of them.
        let used_bare: HashSet<_> = layers
            .iter()
            .flat_map(|layer| layer.used_bare.iter().copied())
            .collect();
        for layer in &mut layers {
            layer.used_bare.clone_from(&used_bare);
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            sort(&mut diagnostics);
            return Err(Error::Schema {
                sources: Box::new(sources),
                diagnostics,
            });
        }
        let inputs = plan::Inputs {
            schema: &schema,
            sources: &sources,
            layers,
            docs_link: self.options.docs_link.as_deref().or(schema.docs_link()),
            style,
            cut: self.cut_docs(&selection.cut, &selection.opaque),
        };
        let plan = plan::build(inputs, &mut diagnostics)?;
        sort(&mut diagnostics);
        Ok(Planned {
            plan,
            cut: selection.cut,
            opaque: selection.opaque,
            diagnostics,
            sources,
        })
    }

    /// Generates into `dir`: writes what changed, removes what was generated once and is no more.
    ///
    /// # Errors
    /// As [`generate`](Self::generate); or a file can't be written.
    pub fn generate_into(&self, dir: impl AsRef<Path>) -> Result<Output, Error> {
        let output = self.generate()?;
        output.files.write(dir.as_ref())?;
        Ok(output)
    }

    /// Generates into `OUT_DIR/name` from a build script, and tells Cargo to run it again when a schema changes, and only
    /// then.
    ///
    /// # Errors
    /// As [`generate_into`](Self::generate_into); or `OUT_DIR` is not set, so this is no build script.
    pub fn build(&self, name: &str) -> Result<Output, Error> {
        let out_dir = env::var_os("OUT_DIR").ok_or_else(|| {
            Error::Config("OUT_DIR is not set: call `build` from a build script only".to_owned())
        })?;
        self.tell_cargo();
        self.generate_into(PathBuf::from(out_dir).join(name))
    }

    #[expect(
        clippy::print_stdout,
        reason = "this is how a build script talks to Cargo"
    )]
    fn tell_cargo(&self) {
        // A build script that names no file at all would run again for every change in the package.
        println!("cargo::rerun-if-changed=build.rs");
        for input in &self.inputs {
            if let Input::File(path) = input {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
    }

    fn read_sources(&self) -> Result<Sources, Error> {
        let mut sources = Sources::new();
        for input in &self.inputs {
            match input {
                Input::Text { name, text } => sources
                    .add(name.as_str(), text.as_str())
                    .map_err(Error::TooLarge)?,
                Input::File(path) => load(&mut sources, path)?,
            };
        }
        Ok(sources)
    }

    fn read_schema(&self, sources: &Sources) -> Result<Reading, Error> {
        let options = tl_parser::schema::Options {
            dialect: self.options.dialect,
            join: true,
            trust_ids: self.options.trust_ids,
        };
        read(sources, &options)
            .pop()
            .ok_or_else(|| Error::Config("no schema is given".to_owned()))
    }

    /// What docs say of what is cut, and of what is kept as bytes.
    fn cut_docs(&self, cut: &Cut, opaque: &OpaqueNames) -> plan::CutDocs {
        let options = &self.options;
        let patterns = [("only", &options.only), ("except", &options.except)];
        let patterns = patterns.map(|(option, patterns)| {
            (!patterns.is_empty()).then(|| format!("`{option}` {}", listed(patterns)))
        });
        let by = patterns
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" and ");
        let named = |names: &[String], one: &str, many: &str| match names {
            [] => None,
            [name] => Some(format!("the {one} `{name}`")),
            names => Some(format!("{} {many}, {}", names.len(), listed(names))),
        };
        let docs = |names: &[String], one: &str, many: &str| {
            named(names, one, many).map(|names| format!("Cut by {by}: {names}."))
        };
        let kept = [
            named(&opaque.types, "type", "types"),
            named(&opaque.constructors, "constructor", "constructors"),
        ];
        let kept: Vec<_> = kept.into_iter().flatten().collect();
        let kept = (!kept.is_empty()).then(|| {
            let patterns = listed(&options.opaque);
            format!("Kept as bytes by `opaque` {patterns}: {}.", kept.join("; "))
        });
        let types = docs(&cut.types, "type", "types");
        let types: Vec<_> = types.into_iter().chain(kept).collect();
        plan::CutDocs {
            functions: docs(&cut.functions, "function", "functions"),
            constructors: docs(&cut.constructors, "constructor", "constructors"),
            types: (!types.is_empty()).then(|| types.join(" ")),
        }
    }

    /// Paths and switches that all files share.
    fn style(&self) -> Result<plan::Style, Error> {
        let options = &self.options;
        let derives = match &options.derives {
            Some(derives) => derives.clone(),
            None => ["Clone", "Debug", "PartialEq"].map(str::to_owned).to_vec(),
        };
        let runtime = options.runtime_path.clone();
        let style = plan::Style {
            runtime: runtime.unwrap_or_else(|| "::mtproto_runtime".to_owned()),
            alloc: if options.no_std { "::alloc" } else { "::std" }.to_owned(),
            derives,
            derive_each: options.derive_each,
            borrowed: options.borrowed,
            serde: options.serde,
            conversions: options.conversions,
            boxed_structs: options.boxed_structs,
            read_functions: options.read_functions || options.dispatcher,
            dispatcher: options.dispatcher,
            unknown: options.unknown,
            strings: options.strings,
            bytes: options.bytes,
            accessors: options.accessors,
            default_impls: options.default_impls,
            builders: options.builders,
            layout: options.layout,
            nullable_docs: options.nullable_docs,
            attributes: options.attributes.clone(),
            redact: options.redact.clone(),
        };
        for path in style.derives.iter().chain([&style.runtime]) {
            if !path
                .strip_prefix("::")
                .unwrap_or(path)
                .split("::")
                .all(names::is_path_word)
            {
                return Err(Error::Config(format!("`{path}` is not a Rust path")));
            }
        }
        Ok(style)
    }
}

/// Names in a row, as many as can be borne.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<_> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Puts findings in source order. Layers find the same things, and a struct and its variant have one name.
fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
    diagnostics.dedup();
}

/// A client states its layer in an `int`.
fn check_layers(schema: &Schema) -> Result<(), Error> {
    let mut layers = schema.layers().iter().copied().chain(schema.layer());
    match layers.find(|layer| i32::try_from(*layer).is_err()) {
        None => Ok(()),
        Some(layer) => Err(Error::Config(format!(
            "the schema states layer {layer}; no layer can be above {}, for clients state theirs in an `int`",
            i32::MAX
        ))),
    }
}
