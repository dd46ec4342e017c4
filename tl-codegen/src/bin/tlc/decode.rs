//! `tlc decode`: bytes to JSON, by the schema alone.

use std::fmt::Write;

use clap::Args;
use tl_dynamic::{DecodeError, DecodeErrorKind, Options};

use crate::Outcome;
use crate::codec::{Form, Target, bytes};
use crate::output::Printer;

/// Read bytes by a schema, and write them as JSON the way TDLib does.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// Hex, a file, or - for standard input.
    #[arg(value_name = "HEX|FILE")]
    input: String,

    /// What a file holds.
    #[arg(long, value_enum, default_value_t)]
    form: Form,

    /// Read several objects, one after another.
    #[arg(long)]
    many: bool,

    /// Keep an object of an unknown constructor as bytes, where it is the last of its message.
    #[arg(long)]
    keep_unknown: bool,

    /// Refuse what generated code refuses: unknown flag bits and broken text. Objects of any type stay bytes.
    #[arg(long, conflicts_with = "keep_unknown")]
    strict: bool,

    /// Write each object on one line.
    #[arg(long)]
    compact: bool,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let Some(codec) = arguments.target.codec(printer)? else {
        return Ok(Outcome::Findings);
    };
    let root = arguments.target.root(&codec)?;
    let bytes = bytes(&arguments.input, arguments.form)?;
    let options = match (arguments.strict, arguments.keep_unknown) {
        (true, _) => Options::strict(),
        (_, true) => Options::keeping(),
        _ => Options::new(),
    };
    let mut start = 0;
    loop {
        let rest = &bytes[start..];
        let read = if arguments.many {
            codec.decode_prefix(&root, rest, &options)
        } else {
            let value = codec.decode_with(&root, rest, &options);
            value.map(|value| (value, rest.len()))
        };
        match read {
            Ok((value, len)) => {
                let json = value.to_json();
                let text = match arguments.compact {
                    true => json.to_string(),
                    false => format!("{json:#}"),
                };
                printer.text(&(text + "\n"))?;
                start += len;
                // What takes no bytes could be read for ever.
                if start == bytes.len() || len == 0 {
                    return Ok(Outcome::Fine);
                }
            }
            Err(mut error) => {
                error.offset += start;
                printer.note(&report(&error, &bytes))?;
                return Ok(Outcome::Findings);
            }
        }
    }
}

/// What is wrong, the way there, and the bytes around it.
fn report(error: &DecodeError, bytes: &[u8]) -> String {
    let mut text = format!("error: {}", error.message());
    if !error.path.is_empty() {
        let _ = write!(text, "\n   in {}", error.path);
    }
    text.push_str(&window(bytes, error.offset));
    if let DecodeErrorKind::TrailingBytes { .. } = error.kind {
        text.push_str("\n help: `--many` reads objects one after another");
    }
    text
}

/// The words around a byte, with a caret below it.
fn window(bytes: &[u8], offset: usize) -> String {
    const LINE: usize = 16;
    let line = offset - offset % LINE;
    let first = line.saturating_sub(LINE);
    let mut text = String::new();
    for start in (first..=line).step_by(LINE) {
        let shown = bytes.get(start..).unwrap_or_default();
        let shown = &shown[..shown.len().min(LINE)];
        let shown: Vec<_> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = write!(text, "\n{start:>8} | {}", shown.join(" "));
    }
    let _ = write!(text, "\n         | {}^^", "   ".repeat(offset - line));
    text
}
