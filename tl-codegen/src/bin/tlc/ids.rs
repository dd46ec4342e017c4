//! `tlc ids`: the constructor ids that the rules give, beside those the schema states.

use std::path::PathBuf;

use clap::Args;
use tl_parser::schema::id::computed_id;
use tl_parser::syntax::ast::Item;
use tl_parser::syntax::parse;

use crate::Outcome;
use crate::output::Printer;
use crate::settings::{DialectName, read_sources};

/// Print every definition's id as computed by rule, a tab, and the id given in the file or `-`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Schema files, or `-` for standard input.
    #[arg(required = true, value_name = "SCHEMA")]
    schemas: Vec<PathBuf>,

    /// The rule for constructor ids.
    #[arg(long, default_value = "telegram")]
    dialect: DialectName,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let sources = read_sources(&arguments.schemas)?;
    let mut text = String::new();
    let mut diagnostics = Vec::new();
    for (id, source) in sources.iter() {
        let parsed = parse(id, source.text());
        for item in &parsed.file.items {
            let Item::Combinator(combinator) = item else {
                continue;
            };
            let computed = computed_id(combinator, arguments.dialect.into());
            let given = combinator
                .id
                .map_or_else(|| "-".to_owned(), |id| format!("{:08x}", id.value));
            text.push_str(&format!(
                "{}#{computed:08x}\t{given}\n",
                combinator.name.text
            ));
        }
        diagnostics.extend(parsed.diagnostics);
    }
    printer.text(&text)?;
    printer.diagnostics(&sources, &diagnostics);
    Ok(if diagnostics.is_empty() {
        Outcome::Fine
    } else {
        Outcome::Findings
    })
}
