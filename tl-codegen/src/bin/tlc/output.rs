//! Everything the program prints: results to stdout, findings and failures to stderr.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use tl_codegen::report::{github, human, json, short};
use tl_parser::diagnostic::{Code, Diagnostic, Severity};
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
    with_notes: bool,
    /// How many findings people are shown at once; 0 for all.
    max_findings: usize,
    styled: bool,
}

impl Printer {
    pub(crate) fn new(format: MessageFormat, with_notes: bool, max_findings: usize) -> Self {
        let wants_color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            format,
            with_notes: with_notes || format == MessageFormat::Json,
            max_findings: match format {
                MessageFormat::Human => max_findings,
                _ => 0,
            },
            styled: wants_color && io::stderr().is_terminal(),
        }
    }

    /// Findings, and how many errors and warnings there were. Notes say what is in order though it looks odd: they are shown
    /// on request, and to programs.
    pub(crate) fn diagnostics(&mut self, sources: &Sources, diagnostics: &[Diagnostic]) {
        let mut text = String::new();
        let is_shown =
            |diagnostic: &&Diagnostic| self.with_notes || diagnostic.severity != Severity::Note;
        let shown: Vec<_> = diagnostics.iter().filter(is_shown).collect();
        let (shown, left_out) = self.most_severe(shown);
        for diagnostic in shown {
            text.push_str(&match self.format {
                MessageFormat::Json => json::render(sources, diagnostic),
                MessageFormat::Human => human::render(sources, diagnostic, self.styled),
                MessageFormat::Short => short::render(sources, diagnostic),
                MessageFormat::Github => github::render(sources, diagnostic),
            });
        }
        if left_out > 0 {
            text.push_str(&format!(
                "… and {left_out} more; `--max-errors 0` shows them all\n\n"
            ));
        }
        if self.format == MessageFormat::Human {
            text.push_str(&summary(diagnostics));
            let renamed = diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.code == Code::Renamed)
                .count();
            if renamed > 0 && !self.with_notes {
                text.push_str(&format!(
                    "{} had to be changed in Rust; `--notes` shows them\n",
                    plural(renamed, "name")
                ));
            }
        }
        if self.format == MessageFormat::Human
            && diagnostics
                .iter()
                .any(|found| found.code == Code::IdMismatch)
        {
            text.push_str(
                "if ids of this schema are chosen by hand, `--trust-ids` takes them as they are\n",
            );
        }
        // Who has closed stderr does not want to know; the exit code still tells.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// The findings there is room for, in their order, and how many are left out: errors come before warnings, and
    /// warnings before notes.
    fn most_severe<'d>(&self, findings: Vec<&'d Diagnostic>) -> (Vec<&'d Diagnostic>, usize) {
        let left_out = findings.len().saturating_sub(self.max_findings);
        if self.max_findings == 0 || left_out == 0 {
            return (findings, 0);
        }
        let mut room = self.max_findings;
        let mut room_for = |severity| {
            let all = findings.iter().filter(|found| found.severity == severity);
            let count = all.count().min(room);
            room -= count;
            count
        };
        let mut rooms = [Severity::Error, Severity::Warning, Severity::Note]
            .map(|severity| (severity, room_for(severity)));
        let has_room = |found: &&Diagnostic| {
            let room = rooms
                .iter_mut()
                .find(|(severity, room)| *severity == found.severity && *room > 0);
            room.map(|(_, room)| *room -= 1).is_some()
        };
        (
            findings.iter().copied().filter(has_room).collect(),
            left_out,
        )
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

/// How many errors and warnings there are, unless there are none.
fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let counts = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, word)| plural(count, word)).collect();
    if counts.is_empty() {
        String::new()
    } else {
        counts.join(", ") + "\n"
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
