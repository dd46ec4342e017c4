//! "Did you mean": the nearest known name to one that nothing defines.

/// The candidate nearest to `word`, if any is near enough to be a slip.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    let limit = (word.len() / 3).min(3);
    if limit == 0 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["InputPeer", "InputUser", "Message", "int"];
        assert_eq!(nearest("InputPer", known.into_iter()), Some("InputPeer"));
        assert_eq!(nearest("message", known.into_iter()), Some("Message"));
        assert_eq!(nearest("Chat", known.into_iter()), None);
    }
}
