//! Base64, as JSON, secrets of proxies and handshakes of WebSocket have it: [RFC 4648](https://www.rfc-editor.org/rfc/rfc4648).

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The usual form, with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(word);
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    text
}

/// Bytes of the usual alphabet, or also of the one for addresses if `or_url`, with padding or without. Bits that are left over
/// have to be zero.
pub(crate) fn decode(text: &str, or_url: bool) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > 2 || padding > 0 && !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.as_bytes().chunks(4) {
        let mut bits = 0;
        for place in 0..4 {
            let value = group
                .get(place)
                .map_or(Some(0), |&digit| value(digit, or_url))?;
            bits = bits << 6 | value;
        }
        let [_, group_bytes @ ..] = bits.to_be_bytes();
        let (whole, rest) = group_bytes.split_at(group.len() * 6 / 8);
        if group.len() == 1 || rest.iter().any(|&byte| byte != 0) {
            return None;
        }
        bytes.extend(whole);
    }
    Some(bytes)
}

fn value(digit: u8, or_url: bool) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        b'-' if or_url => 62,
        b'_' if or_url => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn vectors() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text, false).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(
                decode(text.trim_end_matches('='), false).as_deref(),
                Some(bytes.as_bytes())
            );
        }
        let both = Some([0xfb, 0xff, 0xbf].to_vec());
        assert_eq!(decode("-_+/", true), both);
        assert_eq!(decode("+/+/", false), both);
        assert_eq!(decode("-_+/", false), None);
    }

    #[test]
    fn malformed() {
        for text in [
            "Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Z g=", "Zg==Zg==", "Zm9v=", "ä", "====", "=",
        ] {
            assert_eq!(decode(text, false), None, "{text}");
            assert_eq!(decode(text, true), None, "{text}");
        }
    }
}
