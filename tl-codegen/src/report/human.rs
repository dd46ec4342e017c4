//! Findings with the lines they speak of, for people at a terminal.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use tl_parser::diagnostic::{Diagnostic, Severity};
use tl_parser::span::{FileId, Source, Sources, Span};

/// The finding with carets under its places.
pub fn render(sources: &Sources, diagnostic: &Diagnostic, styled: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let code = diagnostic.code.to_string();
    let mut group = level
        .primary_title(&diagnostic.message)
        .id(&code)
        .elements(snippets(sources, diagnostic));
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if styled {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let groups: [Group<'_>; 1] = [group];
    let mut text = renderer.render(&groups).to_string();
    text.push_str("\n\n");
    text
}

/// One snippet per file, the primary place's first, cut to the lines between the first and the last place in it.
fn snippets<'a>(
    sources: &'a Sources,
    diagnostic: &'a Diagnostic,
) -> Vec<Snippet<'a, Annotation<'a>>> {
    let places = || {
        let primary = (&diagnostic.primary, AnnotationKind::Primary);
        std::iter::once(primary).chain(
            diagnostic
                .secondary
                .iter()
                .map(|label| (label, AnnotationKind::Context)),
        )
    };
    let mut files: Vec<FileId> = Vec::new();
    for (label, _) in places() {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let snippet = |file: FileId| {
        let source = sources.file(file);
        let in_file = || places().filter(move |(label, _)| label.span.file == file);
        let window = in_file()
            .map(|(label, _)| label.span)
            .reduce(Span::to)
            .map_or(0..0, |span| lines_around(source, span));
        let (line_start, _) = source.line_column(window.start as u32);
        let annotations = in_file().map(|(label, kind)| {
            let range = label.span.range();
            let text = (!label.text.is_empty()).then_some(label.text.as_str());
            kind.span(range.start - window.start..range.end - window.start)
                .label(text)
        });
        let annotations: Vec<_> = annotations.collect();
        Snippet::source(&source.text()[window.clone()])
            .path(source.name())
            .line_start(line_start)
            .fold(true)
            .annotations(annotations)
    };
    files.into_iter().map(snippet).collect()
}

/// The whole lines that a span touches.
fn lines_around(source: &Source, span: Span) -> std::ops::Range<usize> {
    let (text, range) = (source.text(), span.range());
    let end = range.end.min(text.len());
    let start = range.start.min(end);
    let first = text[..start].rfind('\n').map_or_else(
        || text.len() - text.trim_start_matches('\u{feff}').len(),
        |newline| newline + 1,
    );
    let first = first.min(start);
    let last = text[end..]
        .find('\n')
        .map_or(text.len(), |newline| end + newline);
    first..last
}
