//! What the framings have in common: what a frame is, and what its head says.

use super::{FrameError, TransportError};

/// What the peer sent.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// A packet of MTProto, for the session or the handshake.
    Packet {
        /// The packet, without envelope and padding: to be decrypted where it is.
        payload: &'a mut [u8],
        /// Whether the client asks for a quick acknowledgment of it.
        quick_ack: bool,
    },
    /// The server has received and decrypted the packet that has this token:
    /// [quick ack](https://core.telegram.org/mtproto/mtproto-transports#quick-ack).
    QuickAck(u32),
    /// The server says what is wrong instead of sending a packet.
    Error(TransportError),
    /// The server says nothing: a frame of the word 0, which TDLib knows and passes over.
    Nop,
}

/// What connections allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest packet, in bytes, in both directions. 16 MiB by default: more than any server sends or takes.
    ///
    /// Memory is only taken for bytes that have come, whatever the head of a frame promises.
    pub max_frame_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame_bytes: 1 << 24,
        }
    }
}

/// What the start of a stream says of the frame there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// So many bytes at least, from the start of the frame, before more can be said.
    More(usize),
    /// A frame of three parts of so many bytes each.
    Frame {
        header: usize,
        payload: usize,
        trailer: usize,
        quick_ack: bool,
    },
    /// A quick acknowledgment without envelope, of so many bytes.
    QuickAck { len: usize, token: u32 },
    /// A transport error without envelope, of so many bytes.
    Error { len: usize, code: i32 },
}

/// Refuses what can't be the length of a payload.
pub(super) fn check_len(bytes: u32, limits: &Limits) -> Result<(), FrameError> {
    let limit = limits.max_frame_bytes;
    match bytes {
        0 => Err(FrameError::Empty),
        _ if bytes > limit => Err(FrameError::TooLong { bytes, limit }),
        _ => Ok(()),
    }
}

/// Refuses what can't be the length of a payload of whole words.
pub(super) fn check_aligned_len(bytes: u32, limits: &Limits) -> Result<(), FrameError> {
    check_len(bytes, limits)?;
    if !bytes.is_multiple_of(4) {
        return Err(FrameError::Unaligned { bytes });
    }
    Ok(())
}

/// The word at a place, little-endian, if it is there.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let &word = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(word))
}
