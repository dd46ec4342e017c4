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
    for label in secondary {
        text.push_str(&format!("  {}\n", place(sources, label)));
    }
    if let Some(help) = help {
        text.push_str(&format!("  help: {help}\n"));
    }
    text
}

/// Another place and what is said of it.
pub(super) fn place(sources: &Sources, label: &Label) -> String {
    let what = match label.text.as_str() {
        "" => "also here",
        text => text,
    };
    format!("{}: {what}", sources.locate(label.span))
}
