//! `tlc diff`: what changes from one schema to another, and whom that breaks.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use tl_codegen::report::diff::{Report, Side};
use tl_parser::diagnostic::Diagnostic;
use tl_parser::schema::{Dialect, Options, Reading, diff, read};
use tl_parser::span::Sources;

use crate::Outcome;
use crate::output::Printer;
use crate::settings::{DialectName, read_sources};

/// Show what changes from one schema to another, and whom each change breaks: readers (OLD reads what NEW writes), writers
/// (NEW reads what OLD writes), users of the generated Rust.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The schema before.
    old: PathBuf,

    /// The schema after.
    new: PathBuf,

    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Which changes make the program exit with 1.
    #[arg(long, value_enum, value_name = "CHANGES", default_value_t = FailOn::Never)]
    fail_on: FailOn,

    /// The rule for constructor ids of both schemas; by default the one that most ids of NEW follow.
    #[arg(long)]
    dialect: Option<DialectName>,
}

/// The form of a report.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For pull requests and release notes.
    Markdown,
    /// For programs.
    Json,
}

/// Which changes make the program exit with 1.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Those that break readers, writers or the Rust API.
    Breaking,
    /// All.
    Any,
    /// None.
    Never,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let dialect = arguments.dialect.map(Into::into);
    let new = Input::read(&arguments.new, dialect)?;
    let old = Input::read(&arguments.old, Some(new.reading.schema.dialect()))?;
    let mut outcome = Outcome::Fine;
    for input in [&old, &new] {
        let errors = input.errors();
        if !errors.is_empty() {
            printer.diagnostics(&input.sources, &errors);
            outcome = Outcome::Findings;
        }
    }
    if outcome == Outcome::Findings {
        return Ok(outcome);
    }
    let changes = diff::diff(&old.reading.schema, &new.reading.schema);
    let types = diff::type_changes(&old.reading.schema, &new.reading.schema);
    let report = Report {
        old: old.side(),
        new: new.side(),
        changes: &changes,
        types: &types,
    };
    printer.text(&match arguments.format {
        Format::Text => report.text(),
        Format::Markdown => report.markdown(),
        Format::Json => report.json(),
    })?;
    let fails = match arguments.fail_on {
        FailOn::Breaking => report.is_breaking(),
        FailOn::Any => !changes.is_empty(),
        FailOn::Never => false,
    };
    Ok(if fails {
        Outcome::Findings
    } else {
        Outcome::Fine
    })
}

/// One of the two schemas.
struct Input {
    name: String,
    sources: Sources,
    reading: Reading,
}

impl Input {
    fn read(path: &Path, dialect: Option<Dialect>) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let sources = read_sources(std::slice::from_ref(&path.to_owned()))?;
        let options = Options {
            dialect,
            join: true,
            // Ids that stay while masks grow are what is compared here.
            trust_ids: true,
        };
        let reading = read(&sources, &options).into_iter().next();
        let reading = reading
            .ok_or_else(|| anyhow!("no schema"))
            .context(name.clone())?;
        Ok(Self {
            name,
            sources,
            reading,
        })
    }

    /// What keeps schemas from being compared.
    fn errors(&self) -> Vec<Diagnostic> {
        let found = self.reading.diagnostics.iter();
        found.filter(|found| found.is_error()).cloned().collect()
    }

    fn side(&self) -> Side<'_> {
        Side {
            name: &self.name,
            schema: &self.reading.schema,
            sources: &self.sources,
        }
    }
}
