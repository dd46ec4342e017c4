//! Encrypted messages:
//! [MTProto 2.0](https://core.telegram.org/mtproto/description#schematic-presentation-of-messages) and, behind the feature
//! `legacy`, [1.0](https://core.telegram.org/mtproto/description_v1#schematic-presentation-of-messages). In place both ways.
//!
//! ```text
//! auth_key_id : 8   msg_key : 16   ─┐ encrypted
//!     salt : 8   session_id : 8   msg_id : 8   seq_no : 4   length : 4   body : length   padding : 12..1024
//! ```
//!
//! A server finds the session only by what is inside, so that opening stands apart: [`open`], then
//! [`Session::handle_message`](super::Session::handle_message).

use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use super::random::Random;
use crate::auth_key::AuthKey;
use crate::crypto::hash::sha256;
use crate::crypto::kdf::{self, Side};
use crate::crypto::message::{self, DecryptError};

/// `auth_key_id` and `msg_key`.
pub(super) const OUTER_HEADER_BYTES: usize = 8 + 16;
/// `salt`, `session_id`, `msg_id`, `seq_no` and `length`.
pub(super) const INNER_HEADER_BYTES: usize = 8 + 8 + 8 + 4 + 4;

const MIN_PADDING_BYTES: usize = 12;
const MAX_PADDING_BYTES: usize = 1024;
const BLOCK_BYTES: usize = 16;

/// Which form encrypted messages have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// MTProto 2.0.
    #[default]
    V2,
    /// MTProto 1.0, for old peers: it does not hold up to chosen ciphertexts.
    #[cfg(feature = "legacy")]
    V1,
}

/// Why a packet is no message under the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// It is not encrypted, although there is a key.
    #[error("a message came unencrypted after a key was agreed on")]
    Plaintext,
    /// It is not a message under this key: too short, of another key, or changed on its way. These are not told apart.
    #[error("the packet is no message under the key of this session")]
    Unauthentic,
    /// The length inside is negative, not divisible by 4, or beyond the end.
    #[error("a message of {found} bytes can't be in {available} bytes")]
    Length {
        /// What the length says.
        found: i32,
        /// How many bytes there are for body and padding.
        available: usize,
    },
    /// The padding is shorter or longer than allowed.
    #[error("the padding has {found} bytes, not 12 to 1024")]
    Padding {
        /// How many bytes it has.
        found: usize,
    },
}

/// A message that has been decrypted and is authentic.
#[derive(Clone, Copy, Debug)]
pub struct Opened<'p> {
    /// The server salt it was sent with.
    pub salt: i64,
    /// The session it belongs to.
    pub session_id: i64,
    /// Its msg_id.
    pub msg_id: i64,
    /// Its sequence number.
    pub seq_no: i32,
    /// The TL object.
    pub body: &'p [u8],
    /// The version it was encrypted in.
    pub version: Version,
    plaintext: &'p [u8],
}

impl Opened<'_> {
    /// The token of a
    /// [quick acknowledgment](https://core.telegram.org/mtproto/mtproto-transports#quick-ack) of this message.
    pub fn quick_ack_token(&self, key: &AuthKey, sender: Side) -> u32 {
        quick_ack_token(key, sender, self.plaintext)
    }
}

/// The id of the key that a packet is encrypted with; `None` if it is shorter than that.
pub fn auth_key_id(packet: &[u8]) -> Option<u64> {
    packet.first_chunk().map(|id| u64::from_le_bytes(*id))
}

/// Decrypts a packet from `sender`, in place.
///
/// Nothing inside is looked at before `msg_key` is compared, in constant time; whatever is wrong before that is
/// [`EnvelopeError::Unauthentic`] and takes the same work.
///
/// # Errors
///
/// See [`EnvelopeError`]. The packet is of no use after it.
pub fn open<'p>(
    key: &AuthKey,
    sender: Side,
    version: Version,
    packet: &'p mut [u8],
) -> Result<Opened<'p>, EnvelopeError> {
    if auth_key_id(packet) == Some(0) {
        return Err(EnvelopeError::Plaintext);
    }
    let authentic = match version {
        Version::V2 => decrypt(key, sender, packet),
        #[cfg(feature = "legacy")]
        Version::V1 => v1::decrypt(key, sender, packet),
    };
    if !authentic {
        return Err(EnvelopeError::Unauthentic);
    }
    let plaintext = packet.get(OUTER_HEADER_BYTES..).unwrap_or_default();
    parse(plaintext, version)
}

/// Decrypts a packet of any version, in place: [`Opened::version`] says which. For a server that does not know yet what a client
/// speaks; afterwards [`open`] takes half of the work.
///
/// Without the feature `legacy` there is but one version, and this is [`open`].
///
/// # Errors
///
/// As [`open`].
pub fn open_any<'p>(
    key: &AuthKey,
    sender: Side,
    packet: &'p mut [u8],
) -> Result<Opened<'p>, EnvelopeError> {
    #[cfg(feature = "legacy")]
    if auth_key_id(packet) != Some(0) {
        // What is taken for a message of 2.0 is of no use afterwards.
        let encrypted = packet.to_vec();
        if !decrypt(key, sender, packet) {
            packet.copy_from_slice(&encrypted);
            return open(key, sender, Version::V1, packet);
        }
        let plaintext = packet.get(OUTER_HEADER_BYTES..).unwrap_or_default();
        return parse(plaintext, Version::V2);
    }
    open(key, sender, Version::V2, packet)
}

/// Reserves the headers of a message at the end of `packet`; [`seal`] fills them in. Returns where the message starts.
pub(super) fn begin(packet: &mut Vec<u8>) -> usize {
    let start = packet.len();
    packet.resize(start + OUTER_HEADER_BYTES + INNER_HEADER_BYTES, 0);
    start
}

/// What a message has besides its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) salt: i64,
    pub(super) session_id: i64,
    pub(super) msg_id: i64,
    pub(super) seq_no: i32,
}

/// With what messages are encrypted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'k> {
    pub(super) key: &'k AuthKey,
    pub(super) side: Side,
    pub(super) version: Version,
}

/// Encrypts the message that [begins](begin) at `start` of `packet`, whose body is all that follows the headers. Returns the
/// token of its quick acknowledgment, if `with_token`.
pub(super) fn seal(
    sender: Sender<'_>,
    header: Header,
    packet: &mut Vec<u8>,
    start: usize,
    random: &mut Random,
    with_token: bool,
) -> Option<u32> {
    let Sender { key, side, version } = sender;
    let body_bytes = packet.len() - start - OUTER_HEADER_BYTES - INNER_HEADER_BYTES;
    let plaintext_start = start + OUTER_HEADER_BYTES;
    write_header(&mut packet[plaintext_start..], header, body_bytes);

    let unpadded_end = packet.len();
    let padding = padding_bytes(version, unpadded_end - plaintext_start);
    packet.resize(unpadded_end + padding, 0);
    random.fill(&mut packet[unpadded_end..]);

    let (outer, plaintext) = packet[start..].split_at_mut(OUTER_HEADER_BYTES);
    let token = with_token.then(|| quick_ack_token(key, side, plaintext));
    let sealed = match version {
        Version::V2 => message::encrypt(key, side, plaintext),
        #[cfg(feature = "legacy")]
        Version::V1 => v1::encrypt(key, side, plaintext, padding),
    };
    // It is padded to whole blocks; but under no circumstances may the plaintext go out.
    let msg_key = sealed.unwrap_or_else(|_| {
        plaintext.fill(0);
        [0; 16]
    });
    outer[..8].copy_from_slice(&key.id().to_le_bytes());
    outer[8..].copy_from_slice(&msg_key);
    token
}

/// Decrypts in place; returns whether `msg_key` is that of the plaintext.
fn decrypt(key: &AuthKey, sender: Side, packet: &mut [u8]) -> bool {
    let Some((outer, data)) = packet.split_first_chunk_mut::<OUTER_HEADER_BYTES>() else {
        return compare_in_vain(key, sender, packet);
    };
    let mut msg_key = [0; 16];
    msg_key.copy_from_slice(&outer[8..]);
    match message::decrypt(key, sender, &msg_key, data) {
        Ok(()) => auth_key_id(outer).is_some_and(|found| key.id().ct_eq(&found).into()),
        Err(DecryptError::MsgKey) => false,
        Err(_) => compare_in_vain(key, sender, data),
    }
}

/// What can't be a message takes the same steps as one that is not authentic.
fn compare_in_vain(key: &AuthKey, sender: Side, data: &[u8]) -> bool {
    let expected = kdf::msg_key(key, sender, data);
    bool::from(expected.ct_eq(&[0; 16])) & false
}

/// Reads an authentic plaintext.
fn parse(plaintext: &[u8], version: Version) -> Result<Opened<'_>, EnvelopeError> {
    let Some((header, rest)) = plaintext.split_first_chunk::<INNER_HEADER_BYTES>() else {
        return Err(EnvelopeError::Unauthentic);
    };
    let [salt, session_id, msg_id] = [0, 8, 16].map(|at| long(header, at));
    let [seq_no, length] = [24, 28].map(|at| int(header, at));
    let fitting = usize::try_from(length)
        .ok()
        .filter(|length| length.is_multiple_of(4));
    let Some((body, padding)) = fitting.and_then(|length| rest.split_at_checked(length)) else {
        return Err(EnvelopeError::Length {
            found: length,
            available: rest.len(),
        });
    };
    let allowed = match version {
        Version::V2 => MIN_PADDING_BYTES..=MAX_PADDING_BYTES,
        #[cfg(feature = "legacy")]
        Version::V1 => 0..=BLOCK_BYTES - 1,
    };
    if !allowed.contains(&padding.len()) {
        return Err(EnvelopeError::Padding {
            found: padding.len(),
        });
    }
    Ok(Opened {
        salt,
        session_id,
        msg_id,
        seq_no,
        body,
        version,
        plaintext,
    })
}

fn write_header(plaintext: &mut [u8], header: Header, body_bytes: usize) {
    plaintext[..8].copy_from_slice(&header.salt.to_le_bytes());
    plaintext[8..16].copy_from_slice(&header.session_id.to_le_bytes());
    plaintext[16..24].copy_from_slice(&header.msg_id.to_le_bytes());
    plaintext[24..28].copy_from_slice(&header.seq_no.to_le_bytes());
    let length = i32::try_from(body_bytes).unwrap_or(i32::MAX);
    plaintext[28..32].copy_from_slice(&length.to_le_bytes());
}

/// The least padding that makes whole blocks.
fn padding_bytes(version: Version, unpadded: usize) -> usize {
    let min = match version {
        Version::V2 => MIN_PADDING_BYTES,
        #[cfg(feature = "legacy")]
        Version::V1 => 0,
    };
    (unpadded + min).next_multiple_of(BLOCK_BYTES) - unpadded
}

/// The first 32 bits of the hash that `msg_key` is the middle of, with the highest bit set.
fn quick_ack_token(key: &AuthKey, sender: Side, plaintext: &[u8]) -> u32 {
    let x = match sender {
        Side::Client => 0,
        Side::Server => 8,
    };
    let msg_key_large = sha256(&[&key.as_bytes()[88 + x..120 + x], plaintext]);
    int(&msg_key_large, 0).cast_unsigned() | 1 << 31
}

fn long(bytes: &[u8; INNER_HEADER_BYTES], at: usize) -> i64 {
    let chunk = bytes[at..].first_chunk();
    chunk.map_or(0, |bytes| i64::from_le_bytes(*bytes))
}

fn int(bytes: &[u8; 32], at: usize) -> i32 {
    let chunk = bytes[at..].first_chunk();
    chunk.map_or(0, |bytes| i32::from_le_bytes(*bytes))
}

/// MTProto 1.0: the padding is outside of what `msg_key` vouches for.
#[cfg(feature = "legacy")]
mod v1 {
    use super::*;
    use crate::crypto::aes_ige::{self, LengthError};

    /// Encrypts in place; returns `msg_key`.
    pub(super) fn encrypt(
        key: &AuthKey,
        side: Side,
        plaintext: &mut [u8],
        padding: usize,
    ) -> Result<[u8; 16], LengthError> {
        let msg_key = kdf::v1_msg_key(&plaintext[..plaintext.len() - padding]);
        let keys = kdf::v1_message_keys(key, &msg_key, side);
        aes_ige::encrypt(&keys.key, &keys.iv, plaintext)?;
        Ok(msg_key)
    }

    /// Decrypts in place; returns whether `msg_key` is that of the plaintext.
    pub(super) fn decrypt(key: &AuthKey, sender: Side, packet: &mut [u8]) -> bool {
        let Some((outer, data)) = packet.split_first_chunk_mut::<OUTER_HEADER_BYTES>() else {
            return false;
        };
        let (found_id, found_key) = (&outer[..8], &outer[8..]);
        let mut msg_key = [0; 16];
        msg_key.copy_from_slice(found_key);
        let keys = kdf::v1_message_keys(key, &msg_key, sender);
        let decrypted = aes_ige::decrypt(&keys.key, &keys.iv, data).is_ok();
        // A length that can't be is hashed like one that is wrong.
        let length = data.first_chunk().map_or(-1, |header| int(header, 28));
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_add(INNER_HEADER_BYTES))
            .filter(|end| *end <= data.len());
        let expected = kdf::v1_msg_key(&data[..end.unwrap_or(data.len())]);
        bool::from(expected.ct_eq(&msg_key) & key.id().to_le_bytes().ct_eq(found_id))
            & decrypted
            & end.is_some()
    }
}
