//! One line per finding, as compilers and editors know it: `file:line:column: error[TL0009]: message`.

use tl_parser::diagnostic::{Diagnostic, Label};
use tl_parser::span::Sources;

/// The finding, its other places and its help, each on a line.
pub fn render(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let Diagnostic {
        code,
        severity,
        message,
        primary,
        secondary,
        help,
        ..
    } = diagnostic;
    let mut text = format!(
        "{}: {}[{code}]: {message}\n",
        sources.locate(primary.span),
        severity.as_str()
    );
    for Label { span, text: label } in secondary {
        text.push_str(&format!("  {}: {label}\n", sources.locate(*span)));
    }
    if let Some(help) = help {
        text.push_str(&format!("  help: {help}\n"));
    }
    text
}
