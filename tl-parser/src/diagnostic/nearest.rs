//! "Did you mean": the nearest of some known words.

/// Longer words are no slips of a hand, and comparing them takes long.
const LONGEST_WORD: usize = 64;

/// The candidate nearest to `word`, if any is near enough to be a slip of a hand: "did you mean".
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
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
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["InputPeer", "InputUser", "Message", "int"];
        assert_eq!(nearest("InputPer", known.into_iter()), Some("InputPeer"));
        assert_eq!(nearest("message", known.into_iter()), Some("Message"));
        assert_eq!(nearest("Chat", known.into_iter()), None);
    }
}
