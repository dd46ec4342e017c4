//! Where tokens begin and end in bytes.
//!
//! Most of a schema is names: those are read eight bytes at a time. What is rare is left to nom.

use nom::Parser;
use nom::bytes::complete::{tag, take_till, take_until, take_while};
use nom::combinator::recognize;
use nom::sequence::delimited;

use super::token::TokenKind;

/// The tokens that a byte alone tells: names of both kinds by their first letter, and all of one character.
pub(super) static KINDS: [Option<TokenKind>; 256] = {
    let mut kinds = [None; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Some(TokenKind::Lower),
            byte => single(byte),
        };
        byte += 1;
    }
    kinds
};

/// Tokens of one character, but for those that may be the first of several.
const fn single(byte: u8) -> Option<TokenKind> {
    Some(match byte {
        b':' => TokenKind::Colon,
        b';' => TokenKind::Semicolon,
        b'(' => TokenKind::OpenParen,
        b')' => TokenKind::CloseParen,
        b'[' => TokenKind::OpenBracket,
        b']' => TokenKind::CloseBracket,
        b'{' => TokenKind::OpenBrace,
        b'}' => TokenKind::CloseBrace,
        b'<' => TokenKind::OpenAngle,
        b'>' => TokenKind::CloseAngle,
        b'?' => TokenKind::Question,
        b'%' => TokenKind::Percent,
        b'+' => TokenKind::Plus,
        b',' => TokenKind::Comma,
        b'.' => TokenKind::Dot,
        b'*' => TokenKind::Star,
        b'!' => TokenKind::Bang,
        b'@' => TokenKind::At,
        _ => return None,
    })
}

/// *ident-char*
pub(super) fn is_ident_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(in crate::syntax) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// How many *ident-char*s a text begins with.
#[inline]
pub(in crate::syntax) fn ident_len(input: &[u8]) -> usize {
    let mut rest = input;
    while let Some((bytes, behind)) = rest.split_first_chunk() {
        let others = other_chars(u64::from_le_bytes(*bytes));
        if others != 0 {
            return input.len() - rest.len() + (others.trailing_zeros() / 8) as usize;
        }
        rest = behind;
    }
    input.len() - rest.len() + scan(take_while(is_ident_char), rest)
}

/// Sets the high bit of every byte that is no *ident-char*, and no other bit.
#[inline]
const fn other_chars(bytes: u64) -> u64 {
    let low = bytes & !HIGH_BITS;
    let known = within(low | every(0x20), b'a', b'z') | within(low, b'0', b'9');
    let is_no_underscore = (low ^ every(b'_')) + every(0x7f);
    ((is_no_underscore & !known) | bytes) & HIGH_BITS
}

/// Sets the high bit of every byte that is a *hex-digit* of either case, and no other bit.
const fn hex_digits(bytes: u64) -> u64 {
    let low = bytes & !HIGH_BITS;
    let letters = within(low | every(0x20), b'a', b'f');
    (letters | within(low, b'0', b'9')) & !bytes & HIGH_BITS
}

/// The number that eight hexadecimal digits write, with nothing attached to them.
#[inline]
pub(in crate::syntax) fn eight_hex_digits(input: &[u8]) -> Option<u32> {
    let digits = u64::from_be_bytes(*input.first_chunk()?);
    let is_attached = input.get(8).is_some_and(|&next| is_ident_char(next));
    (hex_digits(digits) == HIGH_BITS && !is_attached).then(|| hex_value(digits))
}

/// The number that hexadecimal digits write, the first of them in the highest byte.
#[inline]
const fn hex_value(digits: u64) -> u32 {
    // A letter has bit 6 set and stands for nine more than its low half.
    let letters = digits >> 6 & every(1);
    let halves = (digits & every(0x0f)) + letters * 9;
    let bytes = (halves | halves >> 4) & 0x00ff_00ff_00ff_00ff;
    let words = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
    (words | words >> 16) as u32
}

/// Sets the high bit of every byte that lies in a range; the other bits mean nothing. All bytes are below 0x80, so that no
/// sum reaches into the next one.
#[inline]
const fn within(bytes: u64, first: u8, last: u8) -> u64 {
    (bytes + every(0x80 - first)) ^ (bytes + every(0x7f - last))
}

/// Gathers bytes of 0 and 1 into bits: the first of them becomes the lowest.
#[inline]
const fn gather(flags: u64) -> u8 {
    (flags.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

const HIGH_BITS: u64 = every(0x80);

const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Which bytes of a text are *ident-char*s, all found at once: the end of a word is then seen without a search.
pub(in crate::syntax) struct Words {
    /// One bit for each byte, and some more.
    bits: Vec<u8>,
}

impl Words {
    pub(in crate::syntax) fn find(text: &[u8]) -> Self {
        let (chunks, rest) = text.as_chunks();
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        let mut bits = Vec::with_capacity(8 * (chunks.len() + 2));
        for chunk in chunks.iter().chain([&last]) {
            // Compilers do this to many bytes at once.
            let is_char = chunk.map(|byte| u8::from(is_ident_char(byte)));
            let (eights, _) = is_char.as_chunks();
            bits.extend(
                eights
                    .iter()
                    .map(|&flags| gather(u64::from_le_bytes(flags))),
            );
        }
        bits.extend([0; 8]);
        Self { bits }
    }

    /// Where the *ident-char*s end that stand from a place on.
    #[inline]
    pub(in crate::syntax) fn end(&self, mut at: usize) -> usize {
        while let Some(bits) = self.bits.get(at / 8..).and_then(<[u8]>::first_chunk) {
            let bits = u64::from_le_bytes(*bits) >> (at % 8);
            let left = 64 - at % 8;
            let run = bits.trailing_ones() as usize;
            if run < left {
                return at + run;
            }
            at += left;
        }
        at
    }
}

/// *nat-const*
pub(super) fn digits(input: &[u8]) -> usize {
    scan(take_while(|byte: u8| byte.is_ascii_digit()), input)
}

/// `#` and all that is attached to it: an id, or what was to be one.
pub(super) fn id(input: &[u8]) -> (TokenKind, usize) {
    let attached = input.get(1..).unwrap_or_default();
    let len = ident_len(attached);
    let is_id = match attached.first_chunk() {
        // Nearly every id is written with all of its digits.
        Some(digits) if len == 8 => hex_digits(u64::from_le_bytes(*digits)) == HIGH_BITS,
        _ => len < 8 && attached[..len].iter().all(u8::is_ascii_hexdigit),
    };
    let kind = match is_id {
        _ if len == 0 => TokenKind::Hash,
        true => TokenKind::Id,
        false => TokenKind::BadId,
    };
    (kind, 1 + len)
}

pub(super) fn line_comment(input: &[u8]) -> usize {
    scan(take_till(|byte| byte == b'\n'), input)
}

/// The length of a `/* */` comment; none if it has no end.
pub(super) fn block_comment(input: &[u8]) -> Option<usize> {
    let comment = delimited(tag("/*"), take_until("*/"), tag("*/"));
    match scan(recognize(comment), input) {
        0 => None,
        len => Some(len),
    }
}

/// How many characters there are that begin no token.
pub(super) fn unknown(input: &[u8]) -> usize {
    let known = |byte| {
        is_blank(byte)
            || is_ident_char(byte)
            || matches!(byte, b'/' | b'-' | b'=' | b'#')
            || single(byte).is_some()
    };
    scan(take_till(known), input)
}

/// How many bytes a scanner takes; none where it fails.
fn scan<'s>(
    mut scanner: impl Parser<&'s [u8], Output = &'s [u8], Error = ()>,
    input: &'s [u8],
) -> usize {
    scanner.parse(input).map_or(0, |(_, taken)| taken.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The high bits of the bytes that are of a class, found one by one.
    fn high_bits(bytes: [u8; 8], is_of_class: impl Fn(u8) -> bool) -> u64 {
        u64::from_le_bytes(bytes.map(|byte| if is_of_class(byte) { 0x80 } else { 0 }))
    }

    #[test]
    fn eight_bytes_at_a_time_are_classed_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                for other in [0, b'a', b'_', b':', 0x7f, 0x80, 0xff] {
                    let mut bytes = [other; 8];
                    bytes[place] = byte;
                    let word = u64::from_le_bytes(bytes);
                    assert_eq!(
                        other_chars(word),
                        high_bits(bytes, |byte| !is_ident_char(byte)),
                        "{bytes:x?}"
                    );
                    assert_eq!(
                        hex_digits(word),
                        high_bits(bytes, |byte| byte.is_ascii_hexdigit()),
                        "{bytes:x?}"
                    );
                }
            }
        }
    }

    #[test]
    fn eight_digits_are_one_number() {
        for value in [0, 1, 0x0123_4567, 0x89ab_cdef, 0xfedc_ba98, u32::MAX] {
            for text in [format!("{value:08x} "), format!("{value:08X}")] {
                assert_eq!(eight_hex_digits(text.as_bytes()), Some(value));
            }
        }
        for text in ["0123456", "012345678", "0123456g", "01234567_", "0123456 "] {
            assert_eq!(eight_hex_digits(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn names_end_at_the_right_place_wherever_the_text_does() {
        for len in 0..80 {
            for behind in ["", " ", ":int = A; and so on for some time", "\u{e9}"] {
                let text = "a_Z9".repeat(20)[..len].to_owned() + behind;
                assert_eq!(ident_len(text.as_bytes()), len, "{text}");
                let words = Words::find(text.as_bytes());
                assert!((0..=len).all(|at| words.end(at) == len), "{text}");
            }
        }
    }

    #[test]
    fn every_byte_begins_something_or_is_unknown() {
        for byte in 0..=u8::MAX {
            let begins = KINDS[usize::from(byte)].is_some()
                || is_blank(byte)
                || b"0123456789_#=/-".contains(&byte);
            assert_eq!(unknown(&[byte]) == 0, begins, "{byte:x}");
        }
    }
}
