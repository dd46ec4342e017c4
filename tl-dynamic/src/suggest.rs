//! "Did you mean": the known name nearest to an unknown one.

use tl_parser::diagnostic;

/// The name that `word` was most likely meant to be: one that has it in a namespace, or else the nearest.
pub(crate) fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let known: Vec<_> = known.collect();
    let in_namespace = known.iter().find(|name| {
        let base = name.rsplit_once('.').map(|(_, base)| base);
        base.is_some_and(|base| base.eq_ignore_ascii_case(word))
    });
    in_namespace
        .copied()
        .or_else(|| diagnostic::nearest(word, known.into_iter()))
}

/// `; did you mean …?`, or nothing.
pub(crate) fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        let known = ["messages.sendMessage", "from_id", "random_id", "id"];
        let near = |word| nearest(word, known.into_iter());
        assert_eq!(near("form_id"), Some("from_id"));
        assert_eq!(near("FROM_ID"), Some("from_id"));
        assert_eq!(near("sendMessage"), Some("messages.sendMessage"));
        assert_eq!(near("unrelated"), None);
    }
}
