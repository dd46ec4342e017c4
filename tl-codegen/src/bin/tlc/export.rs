//! `tlc export`: a schema in another form.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use tl_parser::format::json;
use tl_parser::format::tlo::{self, TloVersion};
use tl_parser::schema::{self, Reading, Schema};
use tl_parser::span::Sources;
use tl_parser::syntax::{parse, print};

use crate::Outcome;
use crate::loaded::view_at;
use crate::output::Printer;
use crate::settings::{DialectName, read_sources};

/// Write a schema as TLO, JSON or TL text. Every form is accepted wherever a schema is expected.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Schema files, or `-` for standard input; they make one schema.
    #[arg(required = true, value_name = "SCHEMA")]
    schemas: Vec<PathBuf>,

    /// The form to write.
    #[arg(long)]
    format: Format,

    /// The file to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// The layer to write as TLO, which knows of none [default: the newest].
    #[arg(long, value_name = "N")]
    layer: Option<u32>,

    /// The date to note in TLO, in seconds since 1970.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    date: u32,

    /// The rule for constructor ids; by default the one that most ids of the schema follow.
    #[arg(long)]
    dialect: Option<DialectName>,

    /// Take explicit ids as right whatever the text gives: for schemas whose ids are chosen by hand.
    #[arg(long)]
    trust_ids: bool,
}

/// The forms a schema can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// TLO, version 2: core.telegram.org/mtproto/TL-tl.
    Tlo2,
    /// TLO, version 3: VK's.
    Tlo3,
    /// TLO, version 4: VK's, with annotations.
    Tlo4,
    /// JSON as on core.telegram.org/schema/json.
    Json,
    /// TL text, formatted.
    Tl,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let sources = read_sources(&arguments.schemas)?;
    let options = schema::Options {
        dialect: arguments.dialect.map(Into::into),
        join: true,
        trust_ids: arguments.trust_ids,
    };
    let Some(reading) = schema::read(&sources, &options).pop() else {
        bail!("no schema is given");
    };
    printer.diagnostics(&sources, &reading.diagnostics);
    if reading.has_errors() {
        return Ok(Outcome::Findings);
    }
    let is_tlo = matches!(arguments.format, Format::Tlo2 | Format::Tlo3 | Format::Tlo4);
    if let ([_, .., newest], true, None) = (reading.schema.layers(), is_tlo, arguments.layer) {
        printer.note(&format!(
            "TLO holds one layer: {newest} is written; choose another with --layer"
        ))?;
    }
    let bytes = match arguments.format {
        Format::Tlo2 => tlo(&reading.schema, TloVersion::V2, &arguments)?,
        Format::Tlo3 => tlo(&reading.schema, TloVersion::V3, &arguments)?,
        Format::Tlo4 => tlo(&reading.schema, TloVersion::V4, &arguments)?,
        _ if arguments.layer.is_some() => {
            bail!("--layer is for TLO: the other forms say layers themselves")
        }
        Format::Json => (json::write(&reading.schema, &sources)? + "\n").into_bytes(),
        Format::Tl => text(&reading, &sources).into_bytes(),
    };
    write(&bytes, &arguments)?;
    Ok(Outcome::Fine)
}

fn tlo(schema: &Schema, version: TloVersion, arguments: &Arguments) -> anyhow::Result<Vec<u8>> {
    let Some(view) = view_at(schema, arguments.layer) else {
        bail!("the schema is of another layer");
    };
    Ok(tlo::write(&view, version, arguments.date)?)
}

/// The files one after another, each as `tlc fmt` lays it out.
fn text(reading: &Reading, sources: &Sources) -> String {
    let files = reading.files.iter().map(|&id| {
        let text = sources.file(id).text();
        print::format(&parse(id, text).file, text)
    });
    files.collect::<Vec<_>>().join("\n")
}

fn write(bytes: &[u8], arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(path) = &arguments.out {
        return fs::write(path, bytes).with_context(|| path.display().to_string());
    }
    let is_binary = matches!(arguments.format, Format::Tlo2 | Format::Tlo3 | Format::Tlo4);
    let mut stdout = io::stdout().lock();
    if is_binary && stdout.is_terminal() {
        bail!("TLO is binary and does not go to a terminal; name a file with --out");
    }
    stdout.write_all(bytes)?;
    stdout.flush()?;
    Ok(())
}
