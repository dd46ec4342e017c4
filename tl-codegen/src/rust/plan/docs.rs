//! What the docs of generated items say.

use std::collections::HashMap;

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
            description: description(combinator),
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

/// What the schema's doc comments say of a constructor or function.
pub(super) fn description(combinator: &Combinator) -> Option<String> {
    let docs = combinator.docs.as_ref()?;
    Some(escape(&docs.description)).filter(|text| !text.is_empty())
}

/// What the schema's doc comments say of an argument.
pub(super) struct ArgumentDocs<'c>(HashMap<&'c str, &'c str>);

impl<'c> ArgumentDocs<'c> {
    pub(super) fn of(combinator: &'c Combinator) -> Self {
        let docs = combinator.docs.iter().flat_map(|docs| &docs.args);
        // Of two texts for one argument the first counts.
        let rows = docs.rev().map(|(name, text)| (&**name, &**text));
        Self(rows.collect())
    }

    /// What the docs of an argument say.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|text| escape(text))
    }
}

/// What a field's docs say of null, as TDLib's schema does: the clause about it.
pub(super) fn null(docs: &str) -> Option<String> {
    let clauses = docs.split(['.', ';', '(', ')']).map(str::trim);
    let says = |clause: &&str| {
        let clause = clause.to_lowercase();
        clause.contains("may be null") || clause.contains("pass null")
    };
    clauses.into_iter().find(says).map(str::to_owned)
}

/// Text that means nothing to Markdown: no links, no tags, no emphasis, no headings or lists, wherever a line is folded;
/// addresses become links. Characters that change the direction of text, and with it what code seems to say, are shown by
/// their number.
fn escape(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let is_address = word.starts_with("https://") || word.starts_with("http://");
        if is_address && !word.contains(['<', '>']) && !word.contains(is_hidden) {
            let address = word.trim_end_matches(['.', ',', ';', ')']);
            return format!("<{address}>{}", escape_word(&word[address.len()..]));
        }
        escape_word(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn escape_word(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    let digits = word.trim_start_matches(|first: char| first.is_ascii_digit());
    // `1.` and `1)` begin lists.
    let number_end = match digits {
        "." | ")" if digits.len() < word.len() => Some(word.len() - 1),
        _ => None,
    };
    // What begins a heading, a list, a quotation, a rule or a table.
    let opens_block = !word.is_empty()
        && (word
            .chars()
            .all(|each| matches!(each, '#' | '-' | '+' | '=' | '|' | ':'))
            || word.starts_with(['|', '~'])
            || word.starts_with("---"));
    for (at, character) in word.char_indices() {
        let is_marked = matches!(
            character,
            '[' | ']' | '<' | '>' | '*' | '`' | '\\' | '&' | '~'
        );
        if is_hidden(character) {
            escaped.push_str(&format!("U+{:04X}", u32::from(character)));
            continue;
        }
        // Within a word it is nothing but itself.
        let is_edge = character == '_'
            && !(escaped.ends_with(char::is_alphanumeric)
                && word[at + 1..].starts_with(char::is_alphanumeric));
        if is_marked || is_edge || at == 0 && opens_block || number_end == Some(at) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Whether a character is not seen, but changes how others are: <https://www.unicode.org/reports/tr9/>, and controls.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::{escape, null};

    #[test]
    fn null_is_found_where_the_docs_speak_of_it() {
        let said = |docs| null(docs);
        assert_eq!(
            said("Photo of the chat; may be null if unknown. For bots only").as_deref(),
            Some("may be null if unknown")
        );
        assert_eq!(
            said("Options; pass null to use defaults").as_deref(),
            Some("pass null to use defaults")
        );
        assert_eq!(said("The null device"), None);
    }

    #[test]
    fn text_means_nothing_to_markdown() {
        assert_eq!(
            escape("see [x] <b> a*b  `c`"),
            r"see \[x\] \<b\> a\*b \`c\`"
        );
        assert_eq!(escape("at https://a.b/c."), "at <https://a.b/c>.");
        assert_eq!(
            escape("a `b and _c_ ~~d~~ &lt;"),
            r"a \`b and \_c\_ \~\~d\~\~ \&lt;"
        );
    }

    #[test]
    fn no_word_begins_a_block() {
        assert_eq!(
            escape("# - + --- === ## 1. 23) > |a|"),
            r"\# \- \+ \--- \=== \## 1\. 23\) \> \|a|"
        );
        assert_eq!(
            escape("-1 +5 #tag 1.5 a-b x=y 2)a"),
            "-1 +5 #tag 1.5 a-b x=y 2)a"
        );
        assert_eq!(escape("~~~ ```"), r"\~\~\~ \`\`\`");
    }

    #[test]
    fn the_direction_of_text_stays() {
        assert_eq!(
            escape("a\u{202e}b \u{2066}c\u{2069}"),
            "aU+202Eb U+2066cU+2069"
        );
        assert_eq!(escape("https://a\u{202e}b"), "https://aU+202Eb");
        assert_eq!(escape("привет שלום"), "привет שלום");
    }
}
