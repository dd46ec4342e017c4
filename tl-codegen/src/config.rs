//! The front door: what to generate, from which schemas, and how it should look.

mod options;
mod output;
mod pattern;

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use tl_parser::diagnostic::Diagnostic;
use tl_parser::schema::{Reading, Schema, read};
use tl_parser::span::Sources;

use crate::analysis::Analysis;
use crate::rust::{emit, names, plan};
use crate::{Error, Options, load};

pub use output::{Cut, ItemInfo, ItemKind, OpaqueNames, Output};

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
