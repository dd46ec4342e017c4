//! Everything the program prints: results to stdout, findings and failures to stderr.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use tl_codegen::report::{github, human, json, short};
use tl_parser::diagnostic::{Diagnostic, Severity};
use tl_parser::span::Sources;

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With source lines and carets.
    Human,
    /// One line each, as editors know it, and help below.
    Short,
    /// One JSON object a line.
    Json,
    /// Workflow commands that GitHub shows beside the lines of a change.
    Github,
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
                _ if diagnostic.severity == Severity::Note => continue,
                MessageFormat::Human => human::render(sources, diagnostic, self.styled),
                MessageFormat::Short => short::render(sources, diagnostic),
                MessageFormat::Github => github::render(sources, diagnostic),
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

    /// A word to whoever asked, beside the result.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(io::stderr().lock(), "{text}")
    }

    /// Why the program gives up.
    pub(crate) fn failure(&mut self, error: &anyhow::Error) {
        // There is nobody left to tell if this fails too.
        let _ = writeln!(io::stderr().lock(), "error: {error:#}");
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
