//! What was probably meant.

/// The longest name that is compared.
const MAX_LEN: usize = 64;

/// The name most like a wrong one, if any is like it: but for case, `_` and up to two letters.
pub(crate) fn similar<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = plain(wrong);
    let scored = names.filter_map(|name| {
        let own = plain(name);
        let distance = distance(&wrong, &own)?;
        (distance <= 2 && distance * 2 <= wrong.len()).then_some((distance, name))
    });
    scored.min_by_key(|scored| scored.0).map(|scored| scored.1)
}

/// The end of a message: `; did you mean …?`, or nothing.
pub(crate) fn hint(similar: Option<&str>) -> String {
    similar.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn plain(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// How many letters to put in, take out or change; none when it is far too many.
fn distance(left: &[char], right: &[char]) -> Option<usize> {
    if left.len().abs_diff(right.len()) > 2 || left.len().max(right.len()) > MAX_LEN {
        return None;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (index, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(letter != other);
            diagonal = row[index + 1];
            row[index + 1] = change.min(row[index] + 1).min(diagonal + 1);
        }
    }
    row.last().copied()
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn likeness_is_but_for_case_and_two_letters() {
        let names = || ["channel", "chat", "photos", "inputPeerSelf"].into_iter();
        assert_eq!(similar("chanel", names()), Some("channel"));
        assert_eq!(similar("fotos", names()), Some("photos"));
        assert_eq!(similar("InputPeerSelf", names()), Some("inputPeerSelf"));
        assert_eq!(similar("input_peer_self", names()), Some("inputPeerSelf"));
        assert_eq!(similar("user", names()), None);
        assert_eq!(similar("", names()), None);
        assert_eq!(similar(&"x".repeat(100_000), names()), None);
    }
}
