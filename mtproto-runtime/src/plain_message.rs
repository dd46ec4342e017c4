//! Messages that are not encrypted: [the envelope](https://core.telegram.org/mtproto/description#unencrypted-message)
//! around the queries of the [handshake](crate::handshake), between a transport and the TL object inside.
//!
//! ```text
//! auth_key_id = 0 : long    msg_id : long    length : int    body : length bytes
//! ```
//!
//! Nobody signs these bytes, so they may be read only while there are no keys. The one way to read them is a
//! [`PlainGate`]: it tells what a payload is and refuses plaintext for good once it is [closed](PlainGate::close).
//!
//! ```
//! use mtproto_runtime::crypto::kdf::Side;
//! use mtproto_runtime::plain_message::{self, Payload, PlainGate, PlainMessageError};
//!
//! let mut gate = PlainGate::open();
//! let payload = plain_message::write(0x65C5_3D50_0006_72D4, &[1, 2, 3, 4])?;
//! let Payload::Plain(message) = gate.read(&payload, Side::Client)? else { unreachable!() };
//! assert_eq!(message.body, [1, 2, 3, 4]);
//!
//! gate.close(); // there is a key now
//! assert_eq!(gate.read(&payload, Side::Client), Err(PlainMessageError::KeysExist));
//! # Ok::<(), PlainMessageError>(())
//! ```

use alloc::vec::Vec;

use crate::crypto::kdf::Side;
use crate::time::UnixTime;

/// `auth_key_id`, `msg_id` and the length.
const HEADER_BYTES: usize = 8 + 8 + 4;

/// The most that a padded transport adds after a payload.
const MAX_TRANSPORT_PADDING_BYTES: usize = 15;

/// An unencrypted message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainMessage<'m> {
    /// Made from the sender's clock, and authenticated by nothing.
    pub msg_id: i64,
    /// A TL object, and after it the random bytes that some peers (Telegram's servers, TDLib) add to hide its length.
    /// Four bytes at least, a multiple of four.
    pub body: &'m [u8],
}

/// What a transport has delivered, by its first eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'m> {
    /// `auth_key_id` is zero.
    Plain(PlainMessage<'m>),
    /// The message is encrypted with the key of this id.
    Encrypted {
        /// The low 64 bits of the SHA-1 of the key.
        auth_key_id: u64,
        /// The whole payload, `auth_key_id` included.
        payload: &'m [u8],
    },
}

/// Why a payload is not a message that may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlainMessageError {
    /// There is not even an `auth_key_id`. Four bytes are an error code of the transport.
    #[error("the payload has {length_bytes} bytes, fewer than any message")]
    TooShort {
        /// How many there are.
        length_bytes: usize,
    },
    /// A message is not encrypted although there are keys to encrypt it with.
    #[error("an unencrypted message came after a key was agreed on")]
    KeysExist,
    /// A message is encrypted although no key was agreed on.
    #[error("a message is encrypted with the key {auth_key_id:016x} during the handshake")]
    Encrypted {
        /// The key it names.
        auth_key_id: u64,
    },
    /// `msg_id` is zero, or not divisible by four (client), or even (server).
    #[error("msg_id {msg_id:#018x} is none that a {} makes", side_name(*sender))]
    MsgId {
        /// What it is.
        msg_id: i64,
        /// Who has sent it.
        sender: Side,
    },
    /// The length of the body is zero, negative, not a multiple of four, or not what has arrived.
    #[error(
        "the length of the body is {declared}: it must be a positive multiple of four, and {available} bytes are there"
    )]
    Length {
        /// What the message says.
        declared: i32,
        /// How many bytes there are.
        available: usize,
    },
}

/// Whether plaintext may still be read on a connection. It can be closed and never opened again.
///
/// A client closes it when it has its key and starts a session; a server does so when the peer has proved to hold the key
/// (its first encrypted message decrypts), or keeps it open for clients that make a second key on the same connection.
#[derive(Debug)]
pub struct PlainGate {
    is_open: bool,
}

impl PlainGate {
    /// No keys exist.
    pub const fn open() -> Self {
        Self { is_open: true }
    }

    /// Keys exist: from now on plaintext is refused.
    pub const fn close(&mut self) {
        self.is_open = false;
    }

    /// Whether plaintext is still read.
    pub const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Tells what a payload from `sender` is, and reads it if it is plain.
    ///
    /// Up to 15 bytes after the body belong to the transport (padded intermediate) and are ignored.
    ///
    /// # Errors
    ///
    /// What is wrong with the payload; [`PlainMessageError::KeysExist`] for any plaintext once the gate is closed.
    pub fn read<'m>(
        &self,
        payload: &'m [u8],
        sender: Side,
    ) -> Result<Payload<'m>, PlainMessageError> {
        let length_bytes = payload.len();
        let Some((auth_key_id, rest)) = payload.split_first_chunk() else {
            return Err(PlainMessageError::TooShort { length_bytes });
        };
        match u64::from_le_bytes(*auth_key_id) {
            0 if !self.is_open => Err(PlainMessageError::KeysExist),
            0 if length_bytes < HEADER_BYTES => Err(PlainMessageError::TooShort { length_bytes }),
            0 => read_after_id(rest, sender).map(Payload::Plain),
            auth_key_id => Ok(Payload::Encrypted {
                auth_key_id,
                payload,
            }),
        }
    }

    /// [`read`](Self::read) where nothing but plaintext makes sense: within a handshake.
    ///
    /// # Errors
    ///
    /// As `read`; [`PlainMessageError::Encrypted`] if the message is not plain.
    pub fn read_plain<'m>(
        &self,
        payload: &'m [u8],
        sender: Side,
    ) -> Result<PlainMessage<'m>, PlainMessageError> {
        match self.read(payload, sender)? {
            Payload::Plain(message) => Ok(message),
            Payload::Encrypted { auth_key_id, .. } => {
                Err(PlainMessageError::Encrypted { auth_key_id })
            }
        }
    }
}

/// Writes a plain message around a TL object.
///
/// # Errors
///
/// [`PlainMessageError::Length`] if the body is not a positive multiple of four bytes, below 2³¹.
pub fn write(msg_id: i64, body: &[u8]) -> Result<Vec<u8>, PlainMessageError> {
    let available = body.len();
    let length = i32::try_from(available).unwrap_or(-1);
    if length <= 0 || length % 4 != 0 {
        return Err(PlainMessageError::Length {
            declared: length,
            available,
        });
    }
    let mut payload = Vec::with_capacity(HEADER_BYTES + available);
    payload.extend_from_slice(&[0; 8]);
    payload.extend_from_slice(&msg_id.to_le_bytes());
    payload.extend_from_slice(&length.to_le_bytes());
    payload.extend_from_slice(body);
    Ok(payload)
}

/// Makes the `msg_id` of one plain message after another: by the clock, and ever greater when the clock stands still.
#[derive(Clone, Debug)]
pub struct PlainMsgIds {
    low_bits: u64,
    last: u64,
}

impl PlainMsgIds {
    /// The identifiers of `sender`: divisible by four for a client, 1 above that for the answers of a server.
    pub const fn new(sender: Side) -> Self {
        Self {
            low_bits: match sender {
                Side::Client => 0,
                Side::Server => 1,
            },
            last: 0,
        }
    }

    /// The identifier of the next message.
    pub fn next(&mut self, now: UnixTime) -> i64 {
        let mut msg_id = now.msg_id_bits() & !3;
        if msg_id <= self.last {
            msg_id = (self.last & !3).wrapping_add(4);
        }
        if msg_id as u32 == 0 {
            msg_id |= 4; // the fraction must not be empty
        }
        self.last = msg_id | self.low_bits;
        self.last as i64
    }
}

/// What comes after `auth_key_id`; there are bytes for `msg_id` and the length.
fn read_after_id(rest: &[u8], sender: Side) -> Result<PlainMessage<'_>, PlainMessageError> {
    let length_bytes = 8 + rest.len();
    let too_short = PlainMessageError::TooShort { length_bytes };
    let (msg_id, rest) = rest.split_first_chunk().ok_or(too_short)?;
    let (length, rest) = rest.split_first_chunk().ok_or(too_short)?;

    let msg_id = i64::from_le_bytes(*msg_id);
    let is_the_senders = match sender {
        Side::Client => msg_id % 4 == 0,
        Side::Server => msg_id % 2 != 0,
    };
    if !is_the_senders || msg_id == 0 {
        return Err(PlainMessageError::MsgId { msg_id, sender });
    }

    let declared = i32::from_le_bytes(*length);
    let available = rest.len();
    let wrong = PlainMessageError::Length {
        declared,
        available,
    };
    let length = usize::try_from(declared).map_err(|_| wrong)?;
    if length == 0 || length % 4 != 0 {
        return Err(wrong);
    }
    match rest.split_at_checked(length) {
        Some((body, padding)) if padding.len() <= MAX_TRANSPORT_PADDING_BYTES => {
            Ok(PlainMessage { msg_id, body })
        }
        _ => Err(wrong),
    }
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}
