//! Rust names for TL names: case, keywords, and one reservation per scope so that nothing collides.

use std::collections::HashSet;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// The names taken in one Rust scope (a module, an enum, a struct).
#[derive(Debug, Default)]
pub(crate) struct Scope {
    taken: HashSet<String>,
}

impl Scope {
    /// The wanted name, or the first free one of `name2`, `name3`, … The order of calls decides, so callers go by source
    /// order. A raw identifier collides with the plain word.
    pub(crate) fn reserve(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let base = match wanted.trim_start_matches("r#") {
            underscores if underscores.trim_matches('_').is_empty() => underscores,
            word => word.trim_end_matches('_'),
        };
        let mut number = 2;
        while !self.taken.insert(name.trim_start_matches("r#").to_owned()) {
            name = format!("{base}{number}");
            number += 1;
        }
        name
    }

    /// Whether a name is taken.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.taken.contains(name.trim_start_matches("r#"))
    }
}

/// The name of a struct or enum: `P_Q_inner_data` → `PQInnerData`.
pub(crate) fn type_name(tl_name: &str) -> String {
    legal(tl_name.to_upper_camel_case())
}

/// The name of a field or module: `randomId` → `random_id`, `type` → `r#type`.
pub(crate) fn snake_name(tl_name: &str) -> String {
    legal(tl_name.to_snake_case())
}

/// The name of a constructor's variant in its type's enum: the constructor's name without the type's, where it begins with
/// it: `inputPeerSelf` of `InputPeer` → `Self_`. By this rule a new constructor never renames an old one.
pub(crate) fn variant_name(constructor: &str, ty: &str) -> String {
    legal(natural_variant_name(constructor, ty))
}

/// [`variant_name`] before it is made legal.
pub(crate) fn natural_variant_name(constructor: &str, ty: &str) -> String {
    let (constructor, ty) = (constructor.to_upper_camel_case(), ty.to_upper_camel_case());
    let rest = constructor
        .strip_prefix(&ty)
        .filter(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()));
    rest.unwrap_or(&constructor).to_owned()
}

/// The name that a Rust path ends with.
pub(crate) fn last_word(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether a word can stand in a path: an identifier, a raw one, or one of the words that only paths have.
pub(crate) fn is_path_word(word: &str) -> bool {
    let is_raw = word.starts_with("r#");
    let plain = word.trim_start_matches("r#");
    let is_identifier = !plain.is_empty()
        && !plain.starts_with(|first: char| first.is_ascii_digit())
        && plain
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_');
    let is_path_only = matches!(plain, "self" | "Self" | "super" | "crate" | "_");
    is_identifier && !(is_raw && is_path_only) && (is_raw || !KEYWORDS.contains(&plain))
}

/// A word made legal as an identifier.
fn legal(mut word: String) -> String {
    if word.is_empty() || word.starts_with(|first: char| first.is_ascii_digit()) {
        word.insert(0, '_');
    }
    match word.as_str() {
        "_" => "__".to_owned(),
        "self" | "Self" | "super" | "crate" => word + "_",
        keyword if KEYWORDS.contains(&keyword) => format!("r#{keyword}"),
        _ => word,
    }
}

/// Every keyword of edition 2024, reserved ones too; all may be written as raw identifiers.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_are_words() {
        assert_eq!(type_name("P_Q_inner_data"), "PQInnerData");
        assert_eq!(type_name("server_DH_params_ok"), "ServerDhParamsOk");
        assert_eq!(type_name("JSONValue"), "JsonValue");
    }

    #[test]
    fn keywords_are_raw_where_that_is_legal() {
        assert_eq!(snake_name("type"), "r#type");
        assert_eq!(snake_name("self"), "self_");
        assert_eq!(snake_name("gen"), "r#gen");
        assert_eq!(snake_name("2fa"), "_2fa");
    }

    #[test]
    fn variants_drop_the_type_name_only_at_a_word_boundary() {
        assert_eq!(variant_name("inputPeerSelf", "InputPeer"), "Self_");
        assert_eq!(variant_name("message", "Message"), "Message");
        assert_eq!(variant_name("messageEmpty", "Message"), "Empty");
        assert_eq!(variant_name("updates", "Update"), "Updates");
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut scope = Scope::default();
        assert_eq!(scope.reserve("Foo"), "Foo");
        assert_eq!(scope.reserve("Foo"), "Foo2");
        assert_eq!(scope.reserve("r#type"), "r#type");
        assert_eq!(scope.reserve("type_"), "type_");
        assert_eq!(scope.reserve("r#type"), "type2");
        assert_eq!(
            (scope.reserve("__"), scope.reserve("__")),
            ("__".to_owned(), "__2".to_owned())
        );
    }
}
