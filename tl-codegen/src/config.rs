//! The front door: what to generate, from which schemas, and how it should look.

mod pattern;

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use tl_parser::diagnostic::Diagnostic;
use tl_parser::schema::{Dialect, Options, Reading, read};
use tl_parser::span::Sources;

use crate::analysis::Analysis;
use crate::rust::{emit, names, plan};
use crate::{Error, Files, load};

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
#[derive(Clone, Debug)]
pub struct Config {
    inputs: Vec<Input>,
    dialect: Option<Dialect>,
    trust_ids: bool,
    runtime_path: String,
    alloc_path: String,
    derives: Vec<String>,
    conversions: bool,
    docs_link: Option<String>,
    only: Vec<String>,
    borrowed: bool,
}

#[derive(Clone, Debug)]
enum Input {
    File(PathBuf),
    Text { name: String, text: String },
}

/// What was generated.
#[derive(Clone, Debug)]
pub struct Output {
    /// The files; `mod.rs` is the root.
    pub files: Files,
    /// Every struct and enum, by module and in source order.
    pub items: Vec<ItemInfo>,
    /// Notes and warnings; errors make no output.
    pub diagnostics: Vec<Diagnostic>,
    /// The schema files, to show diagnostics in.
    pub sources: Sources,
}

/// A generated struct or enum.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A function: a struct.
    Function,
    /// What a repetition repeats, `n*[ a:int b:int ]`: a struct without an id.
    Record,
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Config {
    /// Nothing to generate yet, and every option at its default.
    pub fn new() -> Self {
        Self {
            inputs: Vec::new(),
            dialect: None,
            trust_ids: false,
            runtime_path: "::mtproto_runtime".to_owned(),
            alloc_path: "::std".to_owned(),
            derives: ["Clone", "Debug", "PartialEq"].map(str::to_owned).to_vec(),
            conversions: false,
            docs_link: None,
            only: Vec::new(),
            borrowed: false,
        }
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
        self.dialect = Some(dialect);
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
        self.trust_ids = trust_ids;
        self
    }

    /// The path of the runtime crate in generated code, `::mtproto_runtime` by default.
    ///
    /// ```
    /// tl_codegen::Config::new().runtime_path("crate::tl");
    /// ```
    #[must_use]
    pub fn runtime_path(mut self, path: impl Into<String>) -> Self {
        self.runtime_path = path.into();
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
        self.alloc_path = if no_std { "::alloc" } else { "::std" }.to_owned();
        self
    }

    /// The derives of every struct and enum, `Clone`, `Debug` and `PartialEq` by default. Fewer compile faster.
    ///
    /// ```
    /// tl_codegen::Config::new().derives(["Clone"]);
    /// ```
    #[must_use]
    pub fn derives(mut self, derives: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.derives = derives.into_iter().map(Into::into).collect();
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
        self.conversions = conversions;
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
        self.docs_link = Some(url.into());
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
        self.only.extend(patterns.into_iter().map(Into::into));
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
        self.borrowed = borrowed;
        self
    }

    /// Generates into memory.
    ///
    /// # Errors
    /// The schemas can't be read or have errors, or the configuration does not fit them.
    pub fn generate(&self) -> Result<Output, Error> {
        self.check_paths()?;
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
        let kept = pattern::select(&schema, &self.only)?;
        let layers = match schema.layers() {
            [] => vec![schema.view(schema.layer())],
            layers => layers
                .iter()
                .map(|&layer| schema.view(Some(layer)))
                .collect(),
        };
        let mut layers: Vec<_> = layers
            .into_iter()
            .map(|view| Analysis::of(view, kept.as_ref(), &mut diagnostics))
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
            diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
            diagnostics.dedup();
            return Err(Error::Schema {
                sources: Box::new(sources),
                diagnostics,
            });
        }
        let inputs = plan::Inputs {
            schema: &schema,
            sources: &sources,
            layers,
            docs_link: self.docs_link.as_deref().or(schema.docs_link()),
            style: plan::Style {
                runtime: self.runtime_path.clone(),
                alloc: self.alloc_path.clone(),
                derives: self.derives.clone(),
                conversions: self.conversions,
                borrowed: self.borrowed,
            },
        };
        let plan = plan::build(inputs, &mut diagnostics);
        let files = emit::emit(&plan);
        Ok(Output {
            files,
            items: plan.items(),
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
        let options = Options {
            dialect: self.dialect,
            join: true,
            trust_ids: self.trust_ids,
        };
        read(sources, &options)
            .pop()
            .ok_or_else(|| Error::Config("no schema is given".to_owned()))
    }

    fn check_paths(&self) -> Result<(), Error> {
        let paths = [&self.runtime_path, &self.alloc_path]
            .into_iter()
            .chain(&self.derives);
        for path in paths {
            if !path
                .strip_prefix("::")
                .unwrap_or(path)
                .split("::")
                .all(names::is_path_word)
            {
                return Err(Error::Config(format!("`{path}` is not a Rust path")));
            }
        }
        Ok(())
    }
}
