//! Findings with the lines they speak of, for people at a terminal.

use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};
use tl_parser::diagnostic::{Diagnostic, Label, Severity};
use tl_parser::span::{Source, Sources, Span};

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
        .elements(elements(sources, diagnostic));
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if styled {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let groups: [Group<'_>; 1] = [group];
    let text = renderer.render(&groups);
    let mut text: String = text
        .split_inclusive('\n')
        .filter(|line| !is_empty_mark(line))
        .collect();
    text.push_str("\n\n");
    text
}

/// Whether a line is the mark that the renderer puts before text of no file: where a line is cut, the file is told before.
fn is_empty_mark(line: &str) -> bool {
    let mut words = line.split('\u{1b}').map(|part| match part.split_once('m') {
        Some((style, text)) if style.starts_with('[') => text.trim(),
        _ => part.trim(),
    });
    let first = words.find(|word| !word.is_empty());
    first == Some(":::") && words.all(str::is_empty)
}

/// The places with their text: one snippet per file, the primary place's first, from the first line to the last that has a
/// place. Where that would be too much text, every place has a snippet of its own.
fn elements<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let primary = (&diagnostic.primary, AnnotationKind::Primary);
    let others = diagnostic.secondary.iter();
    let others = others.map(|label| (label, AnnotationKind::Context));
    let mut files: Vec<Vec<Place<'a>>> = Vec::new();
    for place in std::iter::once(primary).chain(others) {
        let file = place.0.span.file;
        match files
            .iter_mut()
            .find(|places| places[0].0.span.file == file)
        {
            Some(places) => places.push(place),
            None => files.push(vec![place]),
        }
    }
    let mut elements = Vec::new();
    for places in files {
        let source = sources.file(places[0].0.span.file);
        let spans = places.iter().map(|(label, _)| label.span);
        let window = spans
            .reduce(Span::to)
            .and_then(|span| lines_around(source, span));
        match window {
            Some(window) => elements.push(snippet(source, window, &places).into()),
            None => places
                .iter()
                .for_each(|place| alone(source, place, &mut elements)),
        }
    }
    elements
}

/// A place and how it is marked.
type Place<'a> = (&'a Label, AnnotationKind);

/// More text than this is not looked through for one finding, in bytes.
const MAX_WINDOW: usize = 8 * 1024;
/// So much of an overlong line is shown around a place, in bytes.
const CONTEXT: usize = 40;
/// So much of an overlong place is shown, in bytes.
const MAX_PLACE: usize = 60;

fn snippet<'a>(
    source: &'a Source,
    window: Range<usize>,
    places: &[Place<'a>],
) -> Snippet<'a, Annotation<'a>> {
    let (line_start, _) = source.line_column(window.start as u32);
    let annotations = places.iter().map(|(label, kind)| {
        let range = label.span.range();
        let text = (!label.text.is_empty()).then_some(label.text.as_str());
        let end = range.end.min(window.end);
        kind.span(range.start - window.start..end - window.start)
            .label(text)
    });
    let annotations: Vec<_> = annotations.collect();
    Snippet::source(&source.text()[window.clone()])
        .path(source.name())
        .line_start(line_start)
        .fold(true)
        .annotations(annotations)
}

/// One place of several that are far apart, or on a line too long to be shown.
fn alone<'a>(source: &'a Source, place: &Place<'a>, elements: &mut Vec<Element<'a>>) {
    let span = place.0.span;
    if let Some(window) = lines_around(source, span) {
        return elements.push(snippet(source, window, std::slice::from_ref(place)).into());
    }
    let text = source.text();
    let start = (span.start as usize).min(text.len());
    let end = (span.end as usize).clamp(start, start + MAX_PLACE);
    let first = text.floor_char_boundary(start.saturating_sub(CONTEXT));
    let last = text.floor_char_boundary((end + CONTEXT).min(text.len()));
    let line = &text[..start][first..];
    let first = line
        .rfind('\n')
        .map_or(first, |newline| first + newline + 1);
    let line = &text[text.floor_char_boundary(end)..last];
    let last = line
        .find('\n')
        .map_or(last, |newline| last - line.len() + newline);
    let (line, column) = source.line_column(span.start);
    // The line is cut, so its columns have to be told.
    let origin = Origin::path(source.name()).line(line).char_column(column);
    elements.push(origin.into());
    let snippet = snippet(source, first..last, std::slice::from_ref(place));
    elements.push(snippet.path(None::<&str>).into());
}

/// The whole lines that a span touches, if they are not too long.
fn lines_around(source: &Source, span: Span) -> Option<Range<usize>> {
    let (text, range) = (source.text(), span.range());
    let end = range.end.min(text.len());
    let start = range.start.min(end);
    let before = text.floor_char_boundary(start.saturating_sub(MAX_WINDOW))..start;
    let behind = end..text.floor_char_boundary((end + MAX_WINDOW).min(text.len()));
    let first = match text[before.clone()].rfind('\n') {
        Some(newline) => before.start + newline + 1,
        None if before.start == 0 => {
            let marks = text.len() - text.trim_start_matches('\u{feff}').len();
            marks.min(start)
        }
        None => return None,
    };
    let last = match text[behind.clone()].find('\n') {
        Some(newline) => end + newline,
        None if behind.end == text.len() => text.len(),
        None => return None,
    };
    (last - first <= MAX_WINDOW).then_some(first..last)
}
