//! Findings as workflow commands, which GitHub shows beside the lines of a change; see
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions> ("Setting an error message").

use tl_parser::diagnostic::{Diagnostic, Severity};
use tl_parser::span::Sources;

use super::short;

/// The finding as one `::error …::…` line. Lines and columns count from 1, columns in characters; the last column is the
/// one behind the place.
pub fn render(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let span = diagnostic.primary.span;
    let file = sources.file(span.file);
    let ((line, column), (end_line, end_column)) =
        (file.line_column(span.start), file.line_column(span.end));
    let name = property(file.name());
    let code = diagnostic.code;
    let title = property(&format!("{code} {}", code.title()));
    let text = data(&text(sources, diagnostic));
    format!(
        "::{command} file={name},line={line},col={column},endLine={end_line},endColumn={end_column},title={title}::{text}\n"
    )
}

/// All that is said of it, a line each: there is but one place to point at.
fn text(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    if !diagnostic.primary.text.is_empty() {
        text.push_str(&format!("\n{}", diagnostic.primary.text));
    }
    for label in &diagnostic.secondary {
        text.push_str(&format!("\n{}", short::place(sources, label)));
    }
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_line_or_a_property_is_escaped() {
        assert_eq!(data("a%0A: b,\r\nc"), "a%250A: b,%0D%0Ac");
        assert_eq!(property("C:\\a,b%.tl\n"), "C%3A\\a%2Cb%25.tl%0A");
    }
}
