//! The check by words.

#![expect(unsafe_code, reason = "see the head of `utf8`")]

/// The bits that no byte of ASCII has.
const NOT_ASCII: u64 = 0x8080_8080_8080_8080;

/// The text that bytes are, if they are.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    // SAFETY: they are UTF-8.
    is_utf8(bytes).then(|| unsafe { core::str::from_utf8_unchecked(bytes) })
}

fn is_utf8(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        let marks = u64::from_le_bytes(*word) & NOT_ASCII;
        if marks == 0 {
            rest = after;
            while let Some((words, after)) = rest.split_first_chunk::<32>()
                && words.is_ascii()
            {
                rest = after;
            }
            continue;
        }
        rest = &rest[first(marks)..];
        // Characters that are not of ASCII come in rows, too.
        while let Some(start) = rest.first_chunk() {
            match width(u32::from_le_bytes(*start)) {
                None => return false,
                Some(1) => break,
                Some(width) => rest = &rest[width..],
            }
        }
    }
    is_short_utf8(rest)
}

/// The same for what is left of fewer than eight bytes: zeros after them are ASCII, and cut off no character unseen.
fn is_short_utf8(bytes: &[u8]) -> bool {
    let mut word = match (bytes.first_chunk(), bytes.last_chunk(), bytes) {
        (Some(first), Some(last), _) => {
            let last = u64::from(u32::from_le_bytes(*last)) << ((bytes.len() & 7) * 8 - 32);
            u64::from(u32::from_le_bytes(*first)) | last
        }
        (.., &[a, b, c]) => u64::from(u32::from_le_bytes([a, b, c, 0])),
        (.., &[a, b]) => u64::from(u32::from_le_bytes([a, b, 0, 0])),
        (.., &[a]) => u64::from(a),
        _ => 0,
    };
    loop {
        let marks = word & NOT_ASCII;
        if marks == 0 {
            return true;
        }
        word >>= first(marks) * 8;
        match width(word as u32) {
            None => return false,
            Some(width) => word >>= width * 8,
        }
    }
}

/// Which byte of a word has the first of the marks that are not all zero.
#[inline]
fn first(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// How many bytes the character takes that a word starts with: a byte of the form `0xxxxxxx`, or one of `110xxxxx`, `1110xxxx`
/// and `11110xxx`, with as many of `10xxxxxx` after it. It takes no more of them than it needs, is not half of a pair of
/// UTF-16, and not above U+10FFFF.
#[inline]
fn width(word: u32) -> Option<usize> {
    if word & 0x80 == 0 {
        return Some(1);
    }
    if word & 0xc0e0 == 0x80c0 {
        return (word & 0x1e != 0).then_some(2);
    }
    if word & 0xc0_c0f0 == 0x80_80e0 {
        let top = word & 0x200f;
        return (top != 0 && top != 0x200d).then_some(3);
    }
    if word & 0xc0c0_c0f8 == 0x8080_80f0 {
        // Of the number's 21 bits the top five: 1 to 16.
        let top = (word & 7) << 2 | (word >> 12 & 3);
        return (1..=16).contains(&top).then_some(4);
    }
    None
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::text;

    fn agrees(bytes: &[u8]) {
        assert_eq!(text(bytes), core::str::from_utf8(bytes).ok(), "{bytes:x?}");
    }

    /// All that a first byte and the second and third may be, with fourth bytes at the limits, at every place in a word.
    #[test]
    fn every_character_is_judged_as_by_the_standard_library() {
        let limits = [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
        for first in 0..=255 {
            for second in 0..=255 {
                for third in limits {
                    for fourth in limits {
                        for before in [0, 5] {
                            let mut bytes = std::vec![b'a'; before];
                            bytes.extend([first, second, third, fourth]);
                            agrees(&bytes);
                            bytes.extend(*b"0123456789");
                            agrees(&bytes);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_char_is_sound_at_every_place_and_no_part_of_it_is() {
        let mut buffer = [0; 4];
        for (index, char) in ('\0'..=char::MAX).enumerate() {
            let char = char.encode_utf8(&mut buffer).as_bytes();
            let mut bytes = std::vec![b'a'; index % 9];
            bytes.extend(char);
            assert!(text(&bytes).is_some());
            if char.len() > 1 {
                bytes.pop();
                assert!(text(&bytes).is_none());
            }
        }
    }

    #[test]
    fn mixed_texts_are_judged_as_by_the_standard_library() {
        let pieces: [&[u8]; 14] = [
            b"a",
            b"bc",
            b"0123456",
            b"abcdefgh",
            b"0123456789abcdef0123456789abcdef_",
            "é".as_bytes(),
            "привет".as_bytes(),
            "世界".as_bytes(),
            "🔥".as_bytes(),
            "👩‍🔬".as_bytes(),
            b"\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xc3",
        ];
        let mut state = 1_u64;
        let mut sound = 0;
        for _ in 0..200_000 {
            let mut bytes = Vec::new();
            for _ in 0..8 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                // Most pieces are sound.
                let piece = (state >> 20) % if state & 7 == 0 { 14 } else { 10 };
                bytes.extend(pieces[piece as usize]);
                bytes.truncate(bytes.len() - usize::from(state >> 40 & 63 == 0));
            }
            sound += u32::from(text(&bytes).is_some());
            agrees(&bytes);
        }
        assert!((50_000..150_000).contains(&sound), "{sound}");
    }
}
