//! Objects of the handshake as bytes: in the plain, and encrypted under `tmp_aes_key` with their SHA-1 in front.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::error::{HandshakeError, InvalidMessage, Message, PeerMisbehaved};
use crate::crypto::aes_ige;
use crate::crypto::hash::sha1;
use crate::crypto::kdf::KeyIv;
use crate::plain_message::{self, PlainGate, PlainMsgIds};
use crate::time::UnixTime;
use crate::wire::{TlRead, TlWrite, decode_prefix, encode_into};

const BLOCK_BYTES: usize = 16;
const SHA1_BYTES: usize = 20;

/// Reads the object in a plain message, and returns with it the bytes that it takes up.
///
/// Whatever comes after the object is ignored: Telegram's servers and TDLib hide the length with random bytes.
pub(super) fn read_message<'m, T: TlRead<'m> + TlWrite>(
    message: Message,
    payload: &'m [u8],
) -> Result<T, HandshakeError> {
    // A handshake has no keys; that it ends with the first one is in its types.
    let plain = PlainGate::open()
        .read_plain(payload, message.sender())
        .map_err(|error| message.invalid(error))?;
    read_object(message, plain.body).map(|(object, _)| object)
}

/// The bytes of the object in a plain message.
pub(super) fn object_of<'m, T: TlRead<'m> + TlWrite>(
    message: Message,
    payload: &'m [u8],
) -> Result<&'m [u8], HandshakeError> {
    let plain = PlainGate::open()
        .read_plain(payload, message.sender())
        .map_err(|error| message.invalid(error))?;
    let (_, rest) = read_object::<T>(message, plain.body)?;
    let length = plain.body.len() - rest.len();
    Ok(plain.body.get(..length).unwrap_or_default())
}

/// Writes an object as a plain message.
pub(super) fn write_message<T: TlWrite>(
    message: Message,
    object: &T,
    msg_ids: &mut PlainMsgIds,
    now: UnixTime,
) -> Result<Vec<u8>, HandshakeError> {
    let body = write_object(message, object)?;
    plain_message::write(msg_ids.next(now), &body).map_err(|error| message.unwritable(error))
}

/// Reads the object at the start of the bytes, and returns what comes after it.
///
/// It must be written in the one form that TL has for it: "exactly the same request" is then the same bytes, and no byte of a
/// message goes unchecked.
pub(super) fn read_object<'m, T: TlRead<'m> + TlWrite>(
    message: Message,
    bytes: &'m [u8],
) -> Result<(T, &'m [u8]), HandshakeError> {
    let (object, rest) = decode_prefix::<T>(bytes).map_err(|error| message.invalid(error))?;
    let written = write_object(message, &object)?;
    if bytes.get(..bytes.len() - rest.len()) != Some(&written[..]) {
        return Err(message.invalid(InvalidMessage::NotCanonical));
    }
    Ok((object, rest))
}

/// Writes an object. Some hold secrets: the bytes are erased when dropped.
pub(super) fn write_object<T: TlWrite>(
    message: Message,
    object: &T,
) -> Result<Zeroizing<Vec<u8>>, HandshakeError> {
    let mut bytes = Zeroizing::new(Vec::new());
    // Not `encode`, which leaves a copy in its scratch.
    match encode_into(object, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(message.unwritable(error)),
    }
}

/// `AES256_ige_encrypt(SHA1(data) + data + (0-15 random bytes))`: how both inner data of Diffie–Hellman travel.
pub(super) fn seal(tmp_aes: &KeyIv, data: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
    let unpadded = SHA1_BYTES + data.len();
    let mut sealed = Vec::with_capacity(unpadded.next_multiple_of(BLOCK_BYTES));
    sealed.extend_from_slice(&sha1(&[data]));
    sealed.extend_from_slice(data);
    sealed.resize(unpadded.next_multiple_of(BLOCK_BYTES), 0);
    if let Some(padding) = sealed.get_mut(unpadded..) {
        rng.fill_bytes(padding);
    }
    // The length is a number of blocks.
    let _ = aes_ige::encrypt(&tmp_aes.key, &tmp_aes.iv, &mut sealed);
    sealed
}

/// The `data` in what [`seal`] makes. Nothing is read from it before its SHA-1 is seen to hold.
///
/// Where the data ends is not written anywhere: each of the sixteen lengths that the padding allows is tried.
pub(super) fn open(
    message: Message,
    tmp_aes: &KeyIv,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HandshakeError> {
    let length_bytes = sealed.len();
    let wrong_length = message.misbehaved(PeerMisbehaved::BlockLength { length_bytes });
    let mut data = Zeroizing::new(sealed.to_vec());
    if aes_ige::decrypt(&tmp_aes.key, &tmp_aes.iv, &mut data).is_err() {
        return Err(wrong_length);
    }
    let Some((hash, rest)) = data.split_first_chunk::<SHA1_BYTES>() else {
        return Err(wrong_length);
    };
    let ends = (0..BLOCK_BYTES).filter_map(|padding| rest.len().checked_sub(padding));
    let end = ends
        .filter_map(|end| rest.get(..end))
        .find(|data| bool::from(sha1(&[data]).ct_eq(hash)))
        .map(<[u8]>::len);
    let Some(end) = end else {
        return Err(message.misbehaved(PeerMisbehaved::DataHash));
    };
    data.truncate(SHA1_BYTES + end);
    data.copy_within(SHA1_BYTES.., 0);
    data.truncate(end);
    Ok(data)
}

/// Reads an object that takes up all of the bytes.
pub(super) fn read_whole<'m, T: TlRead<'m> + TlWrite>(
    message: Message,
    bytes: &'m [u8],
) -> Result<T, HandshakeError> {
    let (object, rest) = read_object(message, bytes)?;
    match rest.len() {
        0 => Ok(object),
        length_bytes => Err(message.invalid(InvalidMessage::TrailingBytes { length_bytes })),
    }
}
