//! Everything the program prints: results to stdout, findings and failures to stderr.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use tl_codegen::report::{human, json};
use tl_parser::diagnostic::{Diagnostic, Severity};
use tl_parser::span::Sources;

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With source lines and carets.
    Human,
    /// One JSON object a line.
    Json,
}

/// Prints in the chosen format.
pub(crate) struct Printer {
    format: MessageFormat,
    styled: bool,
}

impl Printer {
    pub(crate) fn new(format: MessageFormat) -> Self {
        let wants_color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            format,
            styled: wants_color && io::stderr().is_terminal(),
        }
    }

    /// Findings, and how many errors and warnings there were. Notes say what is in order though it looks odd: they are left
    /// to JSON.
    pub(crate) fn diagnostics(
        &mut self,
        sources: &Sources,
        diagnostics: &[Diagnostic],
    ) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        for diagnostic in diagnostics {
            let text = match self.format {
                MessageFormat::Json => json::render(sources, diagnostic),
                MessageFormat::Human if diagnostic.severity == Severity::Note => continue,
                MessageFormat::Human => human::render(sources, diagnostic, self.styled),
            };
            stderr.write_all(text.as_bytes())?;
        }
        let count = |severity| {
            diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == severity)
                .count()
        };
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        if self.format == MessageFormat::Human && errors + warnings > 0 {
            writeln!(
                stderr,
                "{}, {}",
                plural(errors, "error"),
                plural(warnings, "warning")
            )?;
        }
        Ok(())
    }

    /// Text of the result as it is.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// Why the program gives up.
    pub(crate) fn failure(&mut self, error: &anyhow::Error) {
        // There is nobody left to tell if this fails too.
        let _ = writeln!(io::stderr().lock(), "error: {error:#}");
    }
}

fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
