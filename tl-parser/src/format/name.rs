//! What may be a name in TL text. Other forms can hold any string in a name's place, and it must not become more than a name.

/// `messages.Message`
pub(super) fn is_type_name(name: &str) -> bool {
    name.split('.').all(is_word) && begins_upper(name)
}

/// `messages.sendMessage`, or `_`.
pub(super) fn is_combinator_name(name: &str) -> bool {
    name == "_" || name.split('.').all(is_word) && !begins_upper(name)
}

/// `random_id`, or `_`.
pub(super) fn is_arg_name(name: &str) -> bool {
    name == "_" || is_word(name)
}

/// Whether the last part, after all namespaces, begins with an upper-case letter.
fn begins_upper(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.starts_with(|first: char| first.is_ascii_uppercase())
}

fn is_word(word: &str) -> bool {
    let mut bytes = word.bytes();
    let is_first = |first: u8| first.is_ascii_alphabetic() || first == b'_' && word.len() > 1;
    bytes.next().is_some_and(is_first)
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
