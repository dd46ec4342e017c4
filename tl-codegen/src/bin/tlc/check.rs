//! `tlc check`: everything that is wrong with schemas, in one run.

use std::path::PathBuf;

use clap::Args;
use tl_parser::schema::{Options, read};

use crate::Outcome;
use crate::output::Printer;
use crate::settings::{DialectName, read_what_can_be};

/// Check schemas and report every error of every file.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Schema files, or `-` for standard input. Those without a layer make one schema; one that states its layer is a schema of its own.
    #[arg(required = true, value_name = "SCHEMA")]
    schemas: Vec<PathBuf>,

    /// The rule for constructor ids; by default the one that most ids of the schema follow.
    #[arg(long)]
    dialect: Option<DialectName>,

    /// Take all files as one schema, also those that state a layer.
    #[arg(long)]
    join: bool,

    /// Take explicit ids as right whatever the text gives: for schemas whose ids are chosen by hand.
    #[arg(long)]
    trust_ids: bool,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let (sources, mut failures) = read_what_can_be(&arguments.schemas);
    let readings = read(
        &sources,
        &Options {
            dialect: arguments.dialect.map(Into::into),
            join: arguments.join,
            trust_ids: arguments.trust_ids,
        },
    );
    let diagnostics: Vec<_> = readings
        .iter()
        .flat_map(|reading| reading.diagnostics.iter().cloned())
        .collect();
    printer.diagnostics(&sources, &diagnostics);
    if let Some(last) = failures.pop() {
        failures.iter().for_each(|failure| printer.failure(failure));
        return Err(last);
    }
    let has_errors = readings.iter().any(tl_parser::schema::Reading::has_errors);
    Ok(if has_errors {
        Outcome::Findings
    } else {
        Outcome::Fine
    })
}
