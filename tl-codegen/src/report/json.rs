//! Findings as one JSON object a line, for editors and scripts.

use serde::Serialize;
use tl_parser::diagnostic::{Diagnostic, Label};
use tl_parser::span::{Sources, Span};

/// The finding as one line of JSON. Lines and columns count from 1, columns in characters; bytes count from 0.
pub fn render(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let Diagnostic {
        code,
        severity,
        message,
        primary,
        secondary,
        help,
        fix,
        ..
    } = diagnostic;
    let finding = Finding {
        code: code.to_string(),
        severity: severity.as_str(),
        message,
        primary: place(sources, primary),
        secondary: secondary
            .iter()
            .map(|label| place(sources, label))
            .collect(),
        help: help.as_deref(),
        fix: fix.as_ref().map(|fix| Replacement {
            range: range(sources, fix.span),
            replacement: &fix.replacement,
        }),
    };
    // Strings and numbers alone can't fail to serialize.
    serde_json::to_string(&finding).map_or_else(|_| String::new(), |line| line + "\n")
}

#[derive(Serialize)]
struct Finding<'a> {
    code: String,
    severity: &'static str,
    message: &'a str,
    primary: Place<'a>,
    secondary: Vec<Place<'a>>,
    help: Option<&'a str>,
    fix: Option<Replacement<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct Replacement<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Range<'a> {
    file: &'a str,
    byte_start: u32,
    byte_end: u32,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

fn place<'a>(sources: &'a Sources, label: &'a Label) -> Place<'a> {
    Place {
        range: range(sources, label.span),
        label: &label.text,
    }
}

fn range(sources: &Sources, span: Span) -> Range<'_> {
    let file = sources.file(span.file);
    let ((line, column), (end_line, end_column)) =
        (file.line_column(span.start), file.line_column(span.end));
    Range {
        file: file.name(),
        byte_start: span.start,
        byte_end: span.end,
        line,
        column,
        end_line,
        end_column,
    }
}
