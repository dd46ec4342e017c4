//! `tlc explain`: the story behind a finding's code.

use anyhow::bail;
use clap::Args;
use tl_parser::diagnostic::Code;

use crate::Outcome;
use crate::output::Printer;

/// Explain a finding by its code, with an example; without a code, list them all.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The code, as TL0009, tl9 or 9.
    code: Option<String>,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let Some(word) = arguments.code else {
        let line = |code: &Code| format!("{code} {}\n", code.title());
        printer.text(&Code::ALL.iter().map(line).collect::<String>())?;
        return Ok(Outcome::Fine);
    };
    match find(&word) {
        Some(code) => {
            printer.text(code.explanation())?;
            if let Some(flags) = flags(code) {
                printer.text(&format!("\n## Flags of `tlc`\n\n{flags}\n"))?;
            }
        }
        None => bail!(
            "there is no code `{word}`; a finding shows its own in brackets, as in `error[TL0009]`, and `tlc explain` lists \
             them all"
        ),
    }
    Ok(Outcome::Fine)
}

/// What there is to be said of a finding on the command line.
fn flags(code: Code) -> Option<&'static str> {
    match code {
        Code::IdMismatch => Some(
            "`--dialect` says which rule the ids follow. `--trust-ids` takes ids that are chosen by hand as they are.",
        ),
        Code::KnownIdException | Code::Renamed => Some("`--notes` shows notes, as this is one."),
        Code::Unsupported => Some("`--only` generates a part of the schema."),
        _ => None,
    }
}

/// The code of a number, with or without its prefix and its zeros.
fn find(word: &str) -> Option<Code> {
    let word = word.to_ascii_uppercase();
    let digits = word.strip_prefix("TL").unwrap_or(&word);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u16 = digits.parse().ok()?;
    let mut codes = Code::ALL.iter().copied();
    codes.find(|code| code.number() == number)
}
