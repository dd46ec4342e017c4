//! `tlc fmt`: the one way to lay out a schema.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use tl_parser::format::Form;
use tl_parser::span::Sources;
use tl_parser::syntax::parse;
use tl_parser::syntax::print::format;

use crate::Outcome;
use crate::generate::unified_diff;
use crate::output::Printer;
use crate::settings::read_stdin;

/// Format schemas in place; `-` formats standard input to standard output.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Change nothing; show what would change and exit with 1 if anything would.
    #[arg(long)]
    check: bool,

    /// Schema files, or `-`.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::Fine;
    for path in &arguments.files {
        let is_stdin = path == Path::new("-");
        let sources = if is_stdin {
            to_sources("<stdin>".to_owned(), read_stdin()?)?
        } else {
            read_text(path)?
        };
        for (id, source) in sources.iter() {
            let parsed = parse(id, source.text());
            if !parsed.diagnostics.is_empty() {
                printer.diagnostics(&sources, &parsed.diagnostics);
                outcome = Outcome::Findings;
                continue;
            }
            let formatted = format(&parsed.file, source.text());
            if arguments.check && formatted != source.text() {
                printer.text(&unified_diff(source.name(), source.text(), &formatted))?;
                outcome = Outcome::Findings;
            } else if is_stdin && !arguments.check {
                printer.text(&formatted)?;
            } else if formatted != source.text() {
                fs::write(path, formatted).with_context(|| path.display().to_string())?;
            }
        }
    }
    Ok(outcome)
}

fn read_text(path: &Path) -> anyhow::Result<Sources> {
    let name = path.display().to_string();
    let bytes = fs::read(path).with_context(|| name.clone())?;
    to_sources(name, bytes)
}

fn to_sources(name: String, bytes: Vec<u8>) -> anyhow::Result<Sources> {
    if Form::of(&bytes) != Form::Text {
        bail!("{name}: this is no TL text; `tlc export --format tl` makes some of other forms");
    }
    let mut sources = Sources::new();
    sources.add_bytes(name, bytes)?;
    Ok(sources)
}
