//! PEM: DER as base64 between two lines that say what it is.
//!
//! Source: RFC 7468. Read strictly but for the length of lines and white space, which people change by pasting.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::KeyError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// One object.
pub(super) struct Pem<'a> {
    /// What it says it is.
    pub(super) label: &'a str,
    /// What it holds.
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// Reads the one object of a text.
pub(super) fn read(text: &str) -> Result<Pem<'_>, KeyError> {
    let offset = |rest: &str| text.len() - rest.len();
    let missing = |rest, expected| KeyError::Pem {
        offset_bytes: offset(rest),
        expected,
    };
    let start = text.trim_ascii_start();
    let rest = start
        .strip_prefix(BEGIN)
        .ok_or_else(|| missing(start, "-----BEGIN line"))?;
    let (label, body) = rest
        .split_once(DASHES)
        .filter(|(label, _)| !label.contains(['\n', '\r']))
        .ok_or_else(|| missing(rest, "dashes after the label"))?;
    // The header of RFC 1421, which only encrypted keys have.
    if body.trim_ascii_start().starts_with("Proc-Type:") {
        return Err(KeyError::Encrypted);
    }
    let (base64, end) = match body.find('-') {
        Some(dash) => body.split_at(dash),
        None => return Err(missing("", "-----END line")),
    };
    let rest = end
        .strip_prefix(END)
        .and_then(|end| end.strip_prefix(label))
        .and_then(|end| end.strip_prefix(DASHES))
        .ok_or_else(|| missing(end, "-----END line with the label of the first"))?;
    if !rest.trim_ascii().is_empty() {
        return Err(missing(rest.trim_ascii_start(), "end"));
    }
    let der = decode(base64).map_err(|at| KeyError::Base64 {
        offset_bytes: offset(body) + at,
    })?;
    Ok(Pem { label, der })
}

/// Decodes base64 with white space in it, or tells where it is none.
fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, usize> {
    // In one piece: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let mut bits = 0_u32;
    let mut digits = 0;
    let mut padding = 0;
    for (at, character) in text.bytes().enumerate() {
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if digits >= 2 && digits + padding < 4 => {
                padding += 1;
                continue;
            }
            _ if character.is_ascii_whitespace() => continue,
            _ => return Err(at),
        };
        if padding > 0 {
            return Err(at);
        }
        bits = bits << 6 | u32::from(digit);
        digits += 1;
        if digits == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, digits) = (0, 0);
        }
    }
    // Two digits are one byte and three are two, with zeros in the bits that are too many.
    match (digits, padding, bits) {
        (0, 0, _) => {}
        (2, 2, bits) if bits & 0xf == 0 => bytes.push((bits >> 4) as u8),
        (3, 1, bits) if bits & 3 == 0 => {
            bytes.extend_from_slice(&((bits >> 2) as u16).to_be_bytes())
        }
        _ => return Err(text.len()),
    }
    Ok(bytes)
}
