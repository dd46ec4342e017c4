//! `tlc`: reads, checks and formats TL schemas, and generates Rust from them.
//!
//! A thin shell: arguments in, library calls, text out. One file per subcommand; each returns what it found, and only this
//! file knows exit codes: 0 when all is fine, 1 for findings or stale output, 2 for wrong usage or failing input and output.

mod check;
mod fmt;
mod generate;
mod ids;
mod output;
mod settings;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{MessageFormat, Printer};

/// Reads, checks and formats TL schemas, and generates Rust from them.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    /// How findings are printed.
    #[arg(long, global = true, value_enum, default_value_t = MessageFormat::Human)]
    message_format: MessageFormat,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Generate(generate::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Ids(ids::Arguments),
}

/// How a subcommand ended, when nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing to complain about.
    Fine,
    /// Findings, or output that is not up to date.
    Findings,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut printer = Printer::new(cli.message_format);
    let outcome = match cli.command {
        Command::Generate(arguments) => generate::run(arguments, &mut printer),
        Command::Check(arguments) => check::run(arguments, &mut printer),
        Command::Fmt(arguments) => fmt::run(arguments, &mut printer),
        Command::Ids(arguments) => ids::run(arguments, &mut printer),
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
