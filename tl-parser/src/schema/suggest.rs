//! "Did you mean": the nearest known name to one that nothing defines.

use super::{Name, Schema};

impl Schema {
    /// The name of a type, constructor or function that `word` was most likely meant to be: one that has it in a namespace,
    /// or else the nearest, if any is near enough to be a slip.
    pub fn nearest_name(&self, word: &str) -> Option<&str> {
        let types = self.types.iter().map(|ty| &ty.name);
        let names = types.chain(self.combinators.iter().map(|one| &one.name));
        let in_namespace = names.clone().find(|name| name.base() == word);
        let is_type = |name: &str| {
            let base = name.rsplit_once('.').map_or(name, |(_, base)| base);
            base.starts_with(|first: char| first.is_ascii_uppercase())
        };
        let names = names.map(Name::as_str);
        let same_case = names.clone().filter(|name| is_type(name) == is_type(word));
        in_namespace
            .map(Name::as_str)
            .or_else(|| nearest(word, same_case))
            .or_else(|| nearest(word, names))
    }
}

/// Longer words are no slips of a hand, and comparing them takes long.
const LONGEST_WORD: usize = 64;

/// The candidate nearest to `word`, if any is near enough to be a slip.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    let limit = (word.len() / 3).min(3);
    if limit == 0 || word.len() > LONGEST_WORD {
        return None;
    }
    candidates
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= limit)
        .map(|candidate| (distance(word.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance without regard to case.
fn distance(left: &[u8], right: &[u8]) -> usize {
    if is_swap(left, right) {
        return 1;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(!a.eq_ignore_ascii_case(b));
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

/// Whether two neighbouring letters have changed places.
fn is_swap(left: &[u8], right: &[u8]) -> bool {
    let first = left.iter().zip(right).position(|(a, b)| a != b);
    let Some(at) = first.filter(|at| left.len() == right.len() && at + 1 < left.len()) else {
        return false;
    };
    left[at] == right[at + 1] && left[at + 1] == right[at] && left[at + 2..] == right[at + 2..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_base_its_case_and_by_likeness() {
        let schema = crate::schema::testing::schema(
            "photo = Photo; a.user = a.User;\n---functions---\na.getUser = a.User;",
        );
        assert_eq!(schema.nearest_name("getUser"), Some("a.getUser"));
        assert_eq!(schema.nearest_name("phoot"), Some("photo"));
        assert_eq!(schema.nearest_name("photos"), Some("photo"));
        assert_eq!(schema.nearest_name("Photos"), Some("Photo"));
        assert_eq!(schema.nearest_name("A.User"), Some("a.User"));
        assert_eq!(schema.nearest_name("a.getuser"), Some("a.getUser"));
        assert_eq!(schema.nearest_name("nobody"), None);
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["InputPeer", "InputUser", "Message", "int"];
        assert_eq!(nearest("InputPer", known.into_iter()), Some("InputPeer"));
        assert_eq!(nearest("message", known.into_iter()), Some("Message"));
        assert_eq!(nearest("Chat", known.into_iter()), None);
    }
}
