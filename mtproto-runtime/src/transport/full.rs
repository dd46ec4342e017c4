//! The [full](https://core.telegram.org/mtproto/mtproto-transports#full) framing: lengths, numbers and checksums.
//!
//! ```text
//! |len.|seq.|  payload  |crc.|        len of all four parts
//! ```
//!
//! Each side numbers its frames from 0. The checksum is the CRC-32 of all that comes before it. There are no quick
//! acknowledgments, and no tag: servers know the framing by the number 0 in the second word.
//!
//! Servers have been seen to answer floods with the same negative word three times, in place of a frame (Telethon's issue
//! 4042): clients take that for the transport error it is.

use super::frame::{Head, check_aligned_len, word};
use super::{FrameError, Limits};
use crate::crypto::kdf::Side;

/// `len` and `seq`.
pub(super) const HEADER: usize = 8;
/// `crc`.
pub(super) const TRAILER: usize = 4;
const ENVELOPE: u32 = (HEADER + TRAILER) as u32;

/// Reads the head of the frame at the start of `bytes`, which should have this number, as soon as it is there.
pub(super) fn head(
    bytes: &[u8],
    sender: Side,
    expected: u32,
    limits: &Limits,
) -> Result<Head, FrameError> {
    let Some(len) = word(bytes, 0) else {
        return Ok(Head::More(HEADER));
    };
    if sender == Side::Server && (len as i32) < 0 {
        return raw_error(bytes, len, limits);
    }
    let payload_len = len
        .checked_sub(ENVELOPE)
        .ok_or(FrameError::TooShort { bytes: len })?;
    check_aligned_len(payload_len, limits)?;
    let Some(found) = word(bytes, 4) else {
        return Ok(Head::More(HEADER));
    };
    if found != expected {
        return Err(FrameError::SequenceNumber { found, expected });
    }
    Ok(Head::Frame {
        header: HEADER,
        payload: payload_len as usize,
        trailer: TRAILER,
        quick_ack: false,
    })
}

/// A negative word where a length belongs: an error if it comes three times, as far as the bytes go.
fn raw_error(bytes: &[u8], code: u32, limits: &Limits) -> Result<Head, FrameError> {
    if [4, 8]
        .iter()
        .any(|&at| word(bytes, at).is_some_and(|word| word != code))
    {
        return Err(FrameError::TooLong {
            bytes: code,
            limit: limits.max_frame_bytes,
        });
    }
    if bytes.len() < ENVELOPE as usize {
        return Ok(Head::More(ENVELOPE as usize));
    }
    Ok(Head::Error {
        len: ENVELOPE as usize,
        code: code as i32,
    })
}

/// Checks the checksum of a whole frame.
pub(super) fn check(frame: &[u8]) -> Result<(), FrameError> {
    let (content, crc) = frame.split_at(frame.len() - TRAILER);
    let (found, expected) = (word(crc, 0).unwrap_or(0), crc32fast::hash(content));
    if found != expected {
        return Err(FrameError::Checksum { found, expected });
    }
    Ok(())
}

/// The head of a frame.
pub(super) fn header(payload_len: usize, number: u32) -> [u8; HEADER] {
    let len = payload_len as u32 + ENVELOPE;
    (u64::from(number) << 32 | u64::from(len)).to_le_bytes()
}

/// The checksum of head and payload.
pub(super) fn trailer(head_and_payload: &[u8]) -> [u8; TRAILER] {
    crc32fast::hash(head_and_payload).to_le_bytes()
}
