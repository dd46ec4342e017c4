//! What the docs of generated items say.

use tl_parser::schema::{Combinator, CombinatorKind, Type};
use tl_parser::span::{Sources, Span};
use tl_parser::syntax::ast::Item;
use tl_parser::syntax::{parse, print};

use super::Docs;

/// Makes docs from a schema's text.
pub(super) struct DocsMaker<'a> {
    pub sources: &'a Sources,
    /// The official page of an item, with `{kind}` and `{name}` to fill in.
    pub link: Option<&'a str>,
}

impl DocsMaker<'_> {
    /// The docs of a constructor or function.
    pub(super) fn combinator(&self, combinator: &Combinator) -> Docs {
        let kind = match combinator.kind {
            CombinatorKind::Constructor => "constructor",
            CombinatorKind::Function => "method",
        };
        Docs {
            tl_name: combinator.name.to_string(),
            definition: Some(self.definition(combinator.span)),
            link: self.link(kind, combinator.name.as_str()),
            description: combinator
                .docs
                .as_ref()
                .map(|docs| escape(&docs.description))
                .filter(|text| !text.is_empty()),
        }
    }

    /// The docs of a boxed type.
    pub(super) fn ty(&self, ty: &Type) -> Docs {
        Docs {
            tl_name: ty.name.to_string(),
            definition: None,
            link: self.link("type", ty.name.as_str()),
            description: ty.docs.as_deref().map(escape),
        }
    }

    /// The docs of what a repetition in a combinator repeats.
    pub(super) fn record(&self, combinator: &str) -> Docs {
        Docs {
            tl_name: combinator.to_owned(),
            definition: None,
            link: None,
            description: Some(format!("What a repetition in `{combinator}` repeats.")),
        }
    }

    fn link(&self, kind: &str, name: &str) -> Option<String> {
        self.link
            .map(|link| link.replace("{kind}", kind).replace("{name}", name))
    }

    /// A definition as the formatter writes it, without comments and without its `;`.
    fn definition(&self, span: Span) -> String {
        let parsed = parse(span.file, self.sources.text(span));
        let printed = parsed.file.items.iter().find_map(|item| match item {
            Item::Combinator(combinator) => Some(print::combinator(combinator)),
            _ => None,
        });
        printed.unwrap_or_default().trim_end_matches(';').to_owned()
    }
}

/// What the schema's doc comments say of an argument.
pub(super) fn argument(combinator: &Combinator, name: &str) -> Option<String> {
    let docs = combinator.docs.as_ref()?;
    docs.args
        .iter()
        .find(|(own, _)| own == name)
        .map(|(_, text)| escape(text))
}

/// Text that means nothing to Markdown: no links, no tags, no emphasis; addresses become links.
fn escape(text: &str) -> String {
    let word = |word: &str| {
        if word.starts_with("https://") || word.starts_with("http://") {
            let address = word.trim_end_matches(['.', ',', ';', ')']);
            return format!("<{address}>{}", &word[address.len()..]);
        }
        let mut escaped = String::with_capacity(word.len());
        for character in word.chars() {
            if matches!(character, '[' | ']' | '<' | '>' | '*' | '`' | '\\') {
                escaped.push('\\');
            }
            escaped.push(character);
        }
        escaped
    };
    text.split_whitespace()
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn text_means_nothing_to_markdown() {
        assert_eq!(
            escape("see [x] <b> a*b  `c`"),
            r"see \[x\] \<b\> a\*b \`c\`"
        );
        assert_eq!(escape("at https://a.b/c."), "at <https://a.b/c>.");
    }
}
