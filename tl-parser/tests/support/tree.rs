//! Trees without their places, to be compared.

use tl_parser::syntax::ast::File;

/// The items of a file as text, all spans blanked. Comments are not compared: the formatter may move them.
pub(crate) fn without_spans(file: &File<'_>) -> String {
    let debug = format!("{:?}", file.items);
    let mut kept = String::with_capacity(debug.len() / 2);
    let mut rest = debug.as_str();
    // No name can hold this: it has blanks and braces.
    while let Some((before, span)) = rest.split_once("Span { file") {
        kept.push_str(before);
        rest = span.split_once('}').map_or("", |(_, behind)| behind);
    }
    kept + rest
}
