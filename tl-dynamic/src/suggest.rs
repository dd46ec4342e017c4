//! "Did you mean": the known name nearest to an unknown one.

/// The name that `word` was most likely meant to be, if any is near enough to be a slip.
pub(crate) fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // A longer word is no slip of any name, and would only cost time.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let allowed = (word.len() / 3).clamp(1, 3);
    let distances = known.filter_map(|name| {
        let is_same_length = name.len().abs_diff(word.len()) <= allowed;
        let distance = match name.rsplit_once('.') {
            Some((_, base)) if base.eq_ignore_ascii_case(word) => 0,
            _ if name.eq_ignore_ascii_case(word) => 0,
            _ if is_same_length => distance(word.as_bytes(), name.as_bytes()),
            _ => return None,
        };
        (distance <= allowed).then_some((distance, name))
    });
    distances.min().map(|(_, name)| name)
}

/// `; did you mean …?`, or nothing.
pub(crate) fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// How many letters have to be added, dropped, changed or swapped with the next.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut before_last = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1; right.len() + 1];
        for (j, b) in right.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(before_last[j - 1] + 1);
            }
            row[j + 1] = least;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        let known = ["messages.sendMessage", "from_id", "random_id", "id"];
        let near = |word| nearest(word, known.into_iter());
        assert_eq!(near("fromid"), Some("from_id"));
        assert_eq!(near("form_id"), Some("from_id"));
        assert_eq!(near("FROM_ID"), Some("from_id"));
        assert_eq!(near("sendMessage"), Some("messages.sendMessage"));
        assert_eq!(near("unrelated"), None);
        assert_eq!(near(&"id".repeat(100)), None);
    }
}
