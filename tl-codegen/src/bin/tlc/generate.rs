//! `tlc generate`: Rust from schemas.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use similar::TextDiff;
use tl_codegen::{Config, Error, Options, Stale, StaleKind};

use crate::Outcome;
use crate::output::Printer;
use crate::settings::{self, Bindings, read_config};

/// Generate Rust types and serializers.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Schema files; they make one schema. Without any, `tl.toml` says what to generate.
    #[arg(value_name = "SCHEMA", requires = "out", conflicts_with = "config")]
    schemas: Vec<PathBuf>,

    /// The directory to generate into.
    #[arg(long, value_name = "DIR", requires = "schemas")]
    out: Option<PathBuf>,

    /// The file that says what to generate [default: tl.toml].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Write nothing; show what is not up to date and exit with 1 if anything is.
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    options: Options,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let Arguments {
        schemas,
        out,
        config,
        check,
        options,
    } = arguments;
    let all = match out {
        Some(out) => vec![Bindings {
            schemas,
            out,
            options,
        }],
        None if options != Options::default() => {
            bail!("options go with SCHEMA and --out; without them `tl.toml` says how to generate")
        }
        None if config.is_none() && !Path::new("tl.toml").exists() => {
            bail!(
                "no schema is given, and there is no `tl.toml` here: give SCHEMA and --out, or write one"
            )
        }
        None => read_config(config.as_deref().unwrap_or(Path::new("tl.toml")))?,
    };
    let mut outcome = Outcome::Fine;
    for Bindings {
        schemas,
        out,
        options,
    } in all
    {
        if schemas.is_empty() {
            bail!("no schema is given for {}", out.display());
        }
        if generate(&settings::config(options, &schemas), &out, check, printer)?
            == Outcome::Findings
        {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

fn generate(
    config: &Config,
    out: &Path,
    check: bool,
    printer: &mut Printer,
) -> anyhow::Result<Outcome> {
    let output = match config.generate() {
        Ok(output) => output,
        Err(Error::Schema {
            sources,
            diagnostics,
        }) => {
            printer.diagnostics(&sources, &diagnostics);
            return Ok(Outcome::Findings);
        }
        Err(error) => return Err(error.into()),
    };
    printer.diagnostics(&output.sources, &output.diagnostics);
    if !check {
        output.files.write(out)?;
        return Ok(Outcome::Fine);
    }
    let stale = output.files.compare(out)?;
    for stale in &stale {
        printer.text(&describe(stale))?;
    }
    Ok(if stale.is_empty() {
        Outcome::Fine
    } else {
        Outcome::Findings
    })
}

fn describe(stale: &Stale) -> String {
    let path = stale.path.display().to_string();
    match &stale.kind {
        StaleKind::Missing => format!("{path}: is missing\n"),
        StaleKind::Leftover => format!("{path}: is no longer generated\n"),
        StaleKind::LineEnds => format!("{path}: differs in its line ends only; they must be LF\n"),
        StaleKind::Changed { found, expected } => unified_diff(&path, found, expected),
    }
}

/// What would change in a file, as a unified diff.
pub(crate) fn unified_diff(path: &str, found: &str, expected: &str) -> String {
    let new = format!("{path} (expected)");
    TextDiff::from_lines(found, expected)
        .unified_diff()
        .context_radius(3)
        .header(path, &new)
        .to_string()
}
