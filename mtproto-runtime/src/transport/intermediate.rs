//! The [intermediate](https://core.telegram.org/mtproto/mtproto-transports#intermediate) framing, a length of four bytes, and
//! the [padded](https://core.telegram.org/mtproto/mtproto-transports#padded-intermediate) one, where random bytes follow.
//!
//! ```text
//! |len.|  payload  |              |len.|  payload  |  padding  |
//! ```
//!
//! Requests of quick acknowledgments set the highest bit of the length. The acknowledgment is the token in place of a length;
//! in the padded framing it is a frame of its own: four bytes of all ones, the token, and 0 to 8 random bytes. Clients take
//! both in both framings, as TDLib does.
//!
//! # Padding
//!
//! The length covers the padding, of which the receiver is told nothing: it follows from the payload. An encrypted packet is
//! 24 bytes and blocks of 16, so 0 to 15 bytes that make no block are padding; a packet without encryption tells its own
//! length. So the end of the packet is found to the byte.
//!
//! The page allows 0 to 15 bytes, and clients here send that many, as TDLib does. But gotd and Telethon only cut what is left
//! of the last four bytes, and MTProxy sends them no more than three: so servers here send 0 to 3.

use super::frame::{Head, check_aligned_len, check_len, word};
use super::{FrameError, Limits};
use crate::crypto::kdf::Side;

/// What a client sends before anything else.
pub const TAG: [u8; 4] = [0xee; 4];
/// What a client of the padded framing sends before anything else.
pub const PADDED_TAG: [u8; 4] = [0xdd; 4];

/// The highest bit of the length.
const QUICK_ACK: u32 = 1 << 31;
/// The word before the token of a quick acknowledgment, in the padded framing.
const QUICK_ACK_MARK: u32 = u32::MAX;
/// The smallest packet: an `auth_key_id` of zero, a `message_id` and the length 0.
const PLAIN_HEADER: usize = 20;
/// What comes before the blocks of an encrypted packet: `auth_key_id` and `msg_key`.
const ENCRYPTED_HEADER: usize = 24;
/// The most padding there is.
pub(super) const MAX_PADDING: usize = 15;

/// Reads the head of the frame at the start of `bytes`.
pub(super) fn head(
    bytes: &[u8],
    sender: Side,
    padded: bool,
    limits: &Limits,
) -> Result<Head, FrameError> {
    let Some(len) = word(bytes, 0) else {
        return Ok(Head::More(4));
    };
    if sender == Side::Server && len & QUICK_ACK != 0 {
        return Ok(Head::QuickAck { len: 4, token: len });
    }
    let payload_len = len & !QUICK_ACK;
    if padded {
        // The limit is on packets.
        let max_frame_bytes = limits.max_frame_bytes.saturating_add(MAX_PADDING as u32);
        check_len(payload_len, &Limits { max_frame_bytes })?;
    } else {
        check_aligned_len(payload_len, limits)?;
    }
    Ok(Head::Frame {
        header: 4,
        payload: payload_len as usize,
        trailer: 0,
        quick_ack: len & QUICK_ACK != 0,
    })
}

/// The token of a quick acknowledgment, if the payload of the padded frame is one.
pub(super) fn padded_quick_ack(payload: &[u8]) -> Option<u32> {
    let marked = word(payload, 0) == Some(QUICK_ACK_MARK) && payload.len() <= 16;
    word(payload, 4).filter(|_| marked)
}

/// How long the packet at the start of the payload of a padded frame is.
pub(super) fn packet_len(payload: &[u8]) -> Result<usize, FrameError> {
    let bytes = payload.len();
    let too_short = FrameError::TooShort {
        bytes: bytes as u32,
    };
    let Some((auth_key_id, _)) = payload.split_first_chunk::<8>() else {
        return Err(too_short);
    };
    if *auth_key_id != [0; 8] {
        let blocks = bytes.checked_sub(ENCRYPTED_HEADER).ok_or(too_short)?;
        return Ok(ENCRYPTED_HEADER + (blocks & !15));
    }
    let message_len = word(payload, PLAIN_HEADER - 4).ok_or(too_short)? as i32;
    let packet_bytes = PLAIN_HEADER as i64 + i64::from(message_len);
    let fits = (0..=MAX_PADDING as i64).contains(&(bytes as i64 - packet_bytes));
    if message_len < 0 || message_len % 4 != 0 || !fits {
        return Err(FrameError::Padding {
            bytes: bytes as u32,
            packet_bytes,
        });
    }
    Ok(packet_bytes as usize)
}

/// The head of a frame whose length is told.
pub(super) fn header(len: usize, quick_ack: bool) -> [u8; 4] {
    let flag = if quick_ack { QUICK_ACK } else { 0 };
    (len as u32 | flag).to_le_bytes()
}

/// The start of the payload of a padded frame that acknowledges.
pub(super) fn padded_quick_ack_payload(token: u32) -> [u8; 8] {
    (u64::from(token) << 32 | u64::from(QUICK_ACK_MARK)).to_le_bytes()
}
