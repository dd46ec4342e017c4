//! Doc comments, as TDLib's schemas have them: `//@description Text @argument Text`, `//@class Type @description Text`, lines
//! that begin with `//-` going on. They stand directly before what they describe.

use crate::syntax::ast::Comment;
use crate::syntax::{Entry, Outline};

/// What the doc comments of a combinator say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Docs {
    /// What it is.
    pub description: String,
    /// What its arguments are, by name, in the order of the comment.
    pub args: Vec<(String, String)>,
}

/// The docs found before one entry.
#[derive(Default)]
pub(super) struct Found {
    /// `//@class`: types and their descriptions.
    pub classes: Vec<(String, String)>,
    /// What is said of the item itself.
    pub docs: Option<Docs>,
}

/// The docs of every entry of a file that has any comment before it, in the order of its entries.
pub(super) fn find<'f, 's>(
    file: &'f Outline<'s>,
) -> impl Iterator<Item = Option<Found>> + use<'f, 's> {
    let mut comments = &file.comments[..];
    let before_entry = move |entry: &Entry<'_>| {
        let start = file.span(entry).start;
        let is_before = |comment: &Comment<'_>| comment.span.start < start;
        if !comments.first().is_some_and(is_before) {
            return None;
        }
        let (before, after) = comments.split_at(comments.partition_point(is_before));
        comments = after;
        Some(read(before))
    };
    file.entries.iter().map(before_entry)
}

/// Reads the doc comments among some comments.
fn read(comments: &[Comment<'_>]) -> Found {
    let mut tags: Vec<(&str, String)> = Vec::new();
    for comment in comments {
        let Some(text) = comment.text.strip_prefix("//") else {
            continue;
        };
        if let Some(text) = text.strip_prefix('@') {
            read_tags(text, &mut tags);
        } else if let Some(text) = text.strip_prefix('-') {
            read_continuation(text, &mut tags);
        }
    }
    collect(tags)
}

/// What goes on the last tag, if there is one, and tags of its own behind it.
fn read_continuation<'s>(whole: &'s str, tags: &mut Vec<(&'s str, String)>) {
    let tag = next_tag(whole);
    let text = whole[..tag.unwrap_or(whole.len())].trim();
    if !text.is_empty() {
        match tags.last_mut() {
            Some((_, last)) if last.is_empty() => last.push_str(text),
            Some((_, last)) => {
                last.push(' ');
                last.push_str(text);
            }
            None => {}
        }
    }
    if let Some(start) = tag {
        read_tags(&whole[start + 1..], tags);
    }
}

/// Where the next tag begins: an `@` behind a blank or at the start, and a word behind it.
fn next_tag(text: &str) -> Option<usize> {
    let mut places = text.match_indices('@').map(|(at, _)| at);
    places.find(|&at| {
        (at == 0 || text[..at].ends_with(char::is_whitespace))
            && text[at + 1..].starts_with(|first: char| first.is_ascii_lowercase())
    })
}

/// `description Text @argument Text`: a word after an `@`, and everything up to the next.
fn read_tags<'s>(text: &'s str, tags: &mut Vec<(&'s str, String)>) {
    let mut rest = text;
    loop {
        let (tag, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (value, next) = match next_tag(after) {
            Some(at) => (&after[..at], Some(&after[at + 1..])),
            None => (after, None),
        };
        tags.push((tag, value.trim().to_owned()));
        match next {
            Some(next) => rest = next,
            None => return,
        }
    }
}

fn collect(tags: Vec<(&str, String)>) -> Found {
    let mut found = Found::default();
    let mut class: Option<String> = None;
    for (tag, text) in tags {
        match tag {
            "class" => class = Some(text),
            "description" => match class.take() {
                Some(name) => found.classes.push((name, text)),
                None => found.docs.get_or_insert_default().description = text,
            },
            argument => {
                let name = argument.strip_prefix("param_").unwrap_or(argument);
                found
                    .docs
                    .get_or_insert_default()
                    .args
                    .push((name.to_owned(), text));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::outline;

    fn docs(text: &str) -> Vec<Found> {
        let (outline, diagnostics) = outline(FileId(0), text);
        assert_eq!(diagnostics, []);
        let found = find(&outline).map(Option::unwrap_or_default);
        found.collect()
    }

    #[test]
    fn a_description_and_arguments_belong_to_the_definition_behind_them() {
        let found = docs(
            "//@description A user, reached at me@example.com @id Its number\n//@name Its name,\n//-in full\nuser id:int name:string = User;\nother = Other;",
        );
        let expected = Docs {
            description: "A user, reached at me@example.com".to_owned(),
            args: vec![
                ("id".to_owned(), "Its number".to_owned()),
                ("name".to_owned(), "Its name, in full".to_owned()),
            ],
        };
        assert_eq!(found[0].docs, Some(expected));
        assert_eq!(found[1].docs, None);
    }

    #[test]
    fn a_line_that_goes_on_may_have_tags_of_its_own() {
        let found = docs(
            "//@description A file @id Its\n//-number @name Its name\n//-@size\n//-Its size, at most me@example.com\nfile = File;\n//------- No tag before\nfolder = Folder;",
        );
        let expected = [
            ("id", "Its number"),
            ("name", "Its name"),
            ("size", "Its size, at most me@example.com"),
        ];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let docs = found[0].docs.as_ref().expect("it has docs");
        assert_eq!(
            (&*docs.description, &docs.args[..]),
            ("A file", &expected[..])
        );
        assert_eq!(found[1].docs, None);
    }

    #[test]
    fn a_class_belongs_to_its_type() {
        let found = docs(
            "//@class Chat @description A chat\n\n//@description An empty one\nchatEmpty = Chat;",
        );
        assert_eq!(found[0].classes, [("Chat".to_owned(), "A chat".to_owned())]);
        assert_eq!(
            found[0].docs.as_ref().map(|docs| docs.description.as_str()),
            Some("An empty one")
        );
    }

    #[test]
    fn an_argument_named_like_a_tag_has_a_prefix() {
        let found =
            docs("//@description D @param_description The argument\na description:string = A;");
        assert_eq!(
            found[0].docs.as_ref().map(|docs| docs.args.clone()),
            Some(vec![("description".to_owned(), "The argument".to_owned())])
        );
    }
}
