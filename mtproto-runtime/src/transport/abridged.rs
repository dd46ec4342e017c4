//! The [abridged](https://core.telegram.org/mtproto/mtproto-transports#abridged) framing: a length in words, of one byte or
//! of four.
//!
//! ```text
//! |len|  payload  |        len = payload bytes / 4 < 127
//! |127|  len  |  payload  |        len of three bytes, little-endian
//! ```
//!
//! Requests of quick acknowledgments set the highest bit of the first byte, in both forms. The acknowledgment is the four
//! bytes of the token backwards, so that its highest bit comes first, which no frame of a server has.

use super::frame::{Head, check_len};
use super::{FrameError, Limits};
use crate::crypto::kdf::Side;

/// What a client sends before anything else.
pub const TAG: u8 = 0xef;

/// The first length, in words, that takes the long form.
const LONG: u32 = 0x7f;
/// The highest bit of the first byte.
const QUICK_ACK: u8 = 0x80;
/// The longest payload that three bytes can tell, in bytes.
pub(super) const MAX_LEN: usize = 0x00ff_ffff * 4;

/// Reads the head of the frame at the start of `bytes`.
pub(super) fn head(bytes: &[u8], sender: Side, limits: &Limits) -> Result<Head, FrameError> {
    let Some(&first) = bytes.first() else {
        return Ok(Head::More(1));
    };
    if sender == Side::Server && first & QUICK_ACK != 0 {
        return Ok(match bytes.first_chunk() {
            Some(&token) => Head::QuickAck {
                len: 4,
                token: u32::from_be_bytes(token),
            },
            None => Head::More(4),
        });
    }
    let short = u32::from(first & !QUICK_ACK);
    let (header, words) = if short < LONG {
        (1, short)
    } else {
        let Some(&[_, a, b, c]) = bytes.first_chunk() else {
            return Ok(Head::More(4));
        };
        (4, u32::from_le_bytes([a, b, c, 0]))
    };
    let payload_len = words * 4;
    if header == 4 && words < LONG {
        return Err(FrameError::Overlong { bytes: payload_len });
    }
    check_len(payload_len, limits)?;
    Ok(Head::Frame {
        header,
        payload: payload_len as usize,
        trailer: 0,
        quick_ack: first & QUICK_ACK != 0,
    })
}

/// The head of a frame, at the end of an array, and how long it is.
pub(super) fn header(payload_len: usize, quick_ack: bool) -> ([u8; 4], usize) {
    let flag = if quick_ack { QUICK_ACK } else { 0 };
    let words = (payload_len / 4) as u32;
    if words < LONG {
        ([0, 0, 0, words as u8 | flag], 1)
    } else {
        ((words << 8 | LONG | u32::from(flag)).to_le_bytes(), 4)
    }
}

/// A quick acknowledgment.
pub(super) fn quick_ack(token: u32) -> [u8; 4] {
    token.to_be_bytes()
}
