//! Schemas, what of them has no Rust, and the bindings of the rest.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tl_codegen::{Config, Error, Output, Unknown};
use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{Options, Schema, read};
use tl_parser::span::{FileId, Sources};
use tl_parser::syntax::ast::Item;
use tl_parser::syntax::parse;

use crate::exceptions::{exceptions, is_trusted};
use crate::refusals::Refusal;

/// One schema, by its files.
pub(crate) struct SchemaFiles {
    pub(crate) name: String,
    files: Vec<PathBuf>,
}

/// Which forms of a schema to generate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// With forms that borrow and traits for servers.
    Borrowed,
    /// And as by default.
    PlainAndBorrowed,
    /// And where what is unknown is kept, and with as few enums as can be.
    All,
}

/// The module of the form with as few enums as can be.
pub(crate) const BOXED: &str = "boxed";

/// What was generated of a schema.
pub(crate) struct Bindings {
    /// A name that a module can have.
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) schema: Schema,
    pub(crate) forms: Vec<Form>,
}

/// Bindings of one form.
pub(crate) struct Form {
    pub(crate) module: &'static str,
    pub(crate) unknown: Unknown,
    pub(crate) output: Output,
}

/// The schemas of a folder: each `*.tl` in it is one, each subfolder one of several files.
pub(crate) fn of_folder(folder: &Path) -> impl Iterator<Item = SchemaFiles> {
    entries(folder).into_iter().filter_map(|path| {
        let name = path.file_stem().expect("it has a name");
        let name = name.to_string_lossy().into_owned();
        if path.is_dir() {
            let files = entries(&path).into_iter().filter(|file| is_schema(file));
            let files = files.collect();
            Some(SchemaFiles { name, files })
        } else {
            is_schema(&path).then(|| SchemaFiles {
                name,
                files: vec![path],
            })
        }
    })
}

fn is_schema(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tl")
}

fn entries(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect()
}

impl SchemaFiles {
    /// What is not generated: every error, by the definition that it stands in.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        let (sources, diagnostics) = match self.config().generate() {
            Ok(_) => return Vec::new(),
            Err(Error::Schema {
                sources,
                diagnostics,
            }) => (sources, diagnostics),
            Err(error) => panic!("{}: {error}", self.name),
        };
        let errors = diagnostics.iter().filter(|finding| finding.is_error());
        errors
            .map(|error| Refusal {
                schema: self.name.clone(),
                definition: definition(&sources, error),
                code: error.code,
                message: error.message.clone(),
            })
            .collect()
    }

    /// Whether something is wrong with the schema itself; then it is refused for that and for nothing else.
    pub(crate) fn is_refused_for_what_is_wrong(&self) -> bool {
        let wrong = self.wrong();
        let refusals = self.refusals();
        for refusal in &refusals {
            assert!(wrong.contains(&refusal.code), "{refusal:?}");
        }
        let only_ids = wrong.iter().all(|code| *code == Code::IdMismatch);
        assert_eq!(refusals.is_empty(), only_ids, "{}", self.name);
        !refusals.is_empty()
    }

    /// Bindings without what is refused.
    pub(crate) fn bindings(&self, refused: &[Refusal], forms: Forms) -> Bindings {
        let config = self.config();
        let config = config.except(refused.iter().map(|refusal| &refusal.definition));
        let form = |module, config: Config, unknown| Form {
            module,
            unknown,
            output: config
                .unknown(unknown)
                .generate()
                .unwrap_or_else(|error| panic!("{}, {module}: {error}", self.name)),
        };
        let borrowed = config.clone().borrowed(true).dispatcher(true);
        let mut made = vec![form("borrowed", borrowed.clone(), Unknown::Reject)];
        if forms != Forms::Borrowed {
            made.push(form("plain", config, Unknown::Reject));
        }
        if forms == Forms::All {
            made.push(form("keeping", borrowed.clone(), Unknown::Keep));
            let boxed = borrowed.boxed_structs(true).conversions(true);
            let boxed = boxed.default_impls(true);
            made.push(form(BOXED, boxed, Unknown::Reject));
        }
        Bindings {
            module: self.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
            name: self.name.clone(),
            schema: self.schema(),
            forms: made,
        }
    }

    fn config(&self) -> Config {
        self.files
            .iter()
            .fold(Config::new(), |config, file| config.schema(file))
            .trust_ids(self.trusts_ids())
    }

    /// What the generator reads.
    fn schema(&self) -> Schema {
        let mut sources = Sources::new();
        for file in &self.files {
            let bytes = fs::read(file).expect("it can be read");
            let name = file.display().to_string();
            sources.add_bytes(name, bytes).expect("it is small");
        }
        let options = Options {
            join: true,
            trust_ids: self.trusts_ids(),
            ..Options::default()
        };
        read(&sources, &options).remove(0).schema
    }

    /// An id that no text gives is no obstacle when it is taken as it is.
    fn trusts_ids(&self) -> bool {
        let wrong = self.wrong();
        let only_ids = !wrong.is_empty() && wrong.iter().all(|code| *code == Code::IdMismatch);
        is_trusted(&self.name) || only_ids
    }

    /// What is known to be wrong with the schema.
    fn wrong(&self) -> BTreeSet<Code> {
        exceptions(&self.name).map(|known| known.code).collect()
    }
}

/// The definition that an error stands in.
fn definition(sources: &Sources, error: &Diagnostic) -> String {
    let of_file = |(id, text): (FileId, &str)| {
        let parsed = parse(id, text);
        parsed.file.items.iter().find_map(|item| match item {
            Item::Combinator(combinator) => {
                let span = combinator.span;
                let at = error.primary.span;
                let holds = span.file == at.file && span.start <= at.start && at.end <= span.end;
                holds.then(|| combinator.name.text.to_owned())
            }
            _ => None,
        })
    };
    let mut files = sources.iter().map(|(id, source)| (id, source.text()));
    files.find_map(of_file).unwrap_or_default()
}
