//! `tlc`: reads, checks and formats TL schemas, and generates Rust from them.
//!
//! A thin shell: arguments in, library calls, text out. One file per subcommand; each returns what it found, and only this
//! file knows exit codes: 0 when all is fine, 1 for findings, stale output or nothing found, 2 for wrong usage or failing
//! input and output.

#![forbid(unsafe_code)]

mod check;
mod codec;
mod decode;
mod diff;
mod encode;
mod explain;
mod export;
mod fmt;
mod generate;
mod ids;
mod list;
mod loaded;
mod output;
mod settings;
mod show;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{MessageFormat, Printer};

/// Reads, checks and formats TL schemas, and generates Rust from them.
#[derive(Parser)]
#[command(
    name = "tlc",
    version,
    about = "Reads, checks and formats TL schemas, and generates Rust from them",
    max_term_width = 100
)]
struct Cli {
    /// How findings are printed.
    #[arg(long, global = true, value_enum, default_value_t = MessageFormat::Human)]
    message_format: MessageFormat,

    /// Show notes too: known exceptions to a rule, names that had to be changed in Rust.
    #[arg(long, global = true)]
    notes: bool,

    /// How many findings the human format shows, errors first; 0 shows all. The other formats always do.
    #[arg(long, global = true, value_name = "N", default_value_t = 200)]
    max_errors: usize,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Generate(generate::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Ids(ids::Arguments),
    List(list::Arguments),
    Show(show::Arguments),
    Explain(explain::Arguments),
    Diff(diff::Arguments),
    Export(export::Arguments),
    Decode(decode::Arguments),
    Encode(encode::Arguments),
}

/// How a subcommand ended, when nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing to complain about.
    Fine,
    /// Findings, output that is not up to date, or nothing of what was asked for.
    Findings,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut printer = Printer::new(cli.message_format, cli.notes, cli.max_errors);
    let outcome = match cli.command {
        Command::Generate(arguments) => generate::run(arguments, &mut printer),
        Command::Check(arguments) => check::run(arguments, &mut printer),
        Command::Fmt(arguments) => fmt::run(arguments, &mut printer),
        Command::Ids(arguments) => ids::run(arguments, &mut printer),
        Command::List(arguments) => list::run(arguments, &mut printer),
        Command::Show(arguments) => show::run(arguments, &mut printer),
        Command::Explain(arguments) => explain::run(arguments, &mut printer),
        Command::Diff(arguments) => diff::run(arguments, &mut printer),
        Command::Export(arguments) => export::run(arguments, &mut printer),
        Command::Decode(arguments) => decode::run(arguments, &mut printer),
        Command::Encode(arguments) => encode::run(arguments, &mut printer),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        // Whoever closed our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            printer.failure(&error);
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
