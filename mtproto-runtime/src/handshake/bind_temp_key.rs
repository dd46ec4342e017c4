//! Binding a temporary key to a permanent one:
//! [auth.bindTempAuthKey](https://core.telegram.org/method/auth.bindTempAuthKey), the last step of
//! [perfect forward secrecy](https://core.telegram.org/api/pfs).
//!
//! The call itself goes out under the temporary key. Inside it is a message that only the holder of the permanent key can
//! have made: `bind_auth_key_inner`, encrypted the way of MTProto 1.0 under that key.
//!
//! ```text
//! perm_auth_key_id   msg_key   AES-IGE( random : int128   msg_id   seqno = 0   40   bind_auth_key_inner   padding )
//!        8             16                    16              8         4        4           40               8
//! ```
//!
//! `msg_id` is that of the message with the call. So the caller fixes the identifier first, and sends the call again under
//! the same identifier or makes a new one.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::keys::{PermanentKey, TemporaryKey};
use crate::crypto::aes_ige;
use crate::crypto::kdf::{Side, v1_message_keys, v1_msg_key};
use crate::schema::mtproto::enums::BindAuthKeyInner as BoxedInner;
use crate::schema::mtproto::types::BindAuthKeyInner;
use crate::time::UnixTime;
use crate::wire::{
    Combinator, DecodeError, Function, Reader, TlRead, TlWrite, Writer, decode, encode,
};

/// `random`, `msg_id`, `seqno` and the length.
const HEADER_BYTES: usize = 16 + 8 + 4 + 4;
/// `bind_auth_key_inner` in boxed form.
const INNER_BYTES: usize = 40;
/// What `msg_key` is the hash of.
const HASHED_BYTES: usize = HEADER_BYTES + INNER_BYTES;
/// The same, up to a whole number of blocks.
const ENCRYPTED_BYTES: usize = HASHED_BYTES.next_multiple_of(16);
/// `perm_auth_key_id`, `msg_key` and the encrypted part.
const MESSAGE_BYTES: usize = 8 + 16 + ENCRYPTED_BYTES;

/// `auth.bindTempAuthKey#cdd42a05 perm_auth_key_id:long nonce:long expires_at:int encrypted_message:bytes = Bool`
///
/// The one function of the API that the protocol needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindTempAuthKey {
    /// The key to bind to.
    pub perm_auth_key_id: i64,
    /// The random number inside.
    pub nonce: i64,
    /// When the temporary key expires, in seconds since the epoch.
    pub expires_at: i32,
    /// What [`bind`] has made.
    pub encrypted_message: Vec<u8>,
}

/// Why a binding is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The encrypted message is not 104 bytes long.
    #[error("`encrypted_message` has {length_bytes} bytes")]
    Length {
        /// Its length.
        length_bytes: usize,
    },
    /// The call or the encrypted message names another permanent key.
    #[error("`perm_auth_key_id` is of another key")]
    PermAuthKeyId,
    /// The hash of what was decrypted is another.
    #[error("`msg_key` is not that of the message")]
    MsgKey,
    /// The encrypted message is not for the message that carries it.
    #[error("`msg_id` is {inner:#018x} inside and {outer:#018x} outside")]
    MsgId {
        /// In the encrypted message.
        inner: i64,
        /// Of the message with the call.
        outer: i64,
    },
    /// `seqno` is not zero.
    #[error("`seqno` is {seqno}")]
    Seqno {
        /// What it is.
        seqno: i32,
    },
    /// The length inside is not that of the inner object.
    #[error("the inner length is {length}")]
    InnerLength {
        /// What it is.
        length: i32,
    },
    /// The inner object cannot be read.
    #[error(transparent)]
    Object(#[from] DecodeError),
    /// The inner object is for another temporary key than the one that the call came under.
    #[error("`temp_auth_key_id` is of another key")]
    TempAuthKeyId,
    /// The inner object is for another session than the one that the call came in.
    #[error("`temp_session_id` is of another session")]
    TempSessionId,
    /// The call and the inner object differ in `nonce`.
    #[error("`nonce` differs from that of the call")]
    Nonce,
    /// The call and the inner object differ in `expires_at`, or it is not in the future, or later than that of the key.
    #[error("`expires_at` is {expires_at}, which is over, or not that of the key or the call")]
    ExpiresAt {
        /// In the inner object.
        expires_at: i32,
    },
}

impl BindError {
    /// The message of the `rpc_error` (code 400) that a server answers with.
    pub fn rpc_error_message(&self) -> &'static str {
        match self {
            Self::ExpiresAt { .. } => "EXPIRES_AT_INVALID",
            _ => "ENCRYPTED_MESSAGE_INVALID",
        }
    }
}

/// Where a call of `auth.bindTempAuthKey` travels: what the encrypted message has to agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Of the message with the call.
    pub msg_id: i64,
    /// Of the session that the call is made in.
    pub session_id: i64,
}

/// Makes the call that binds `temporary` to `permanent`. It goes out under the temporary key, in this envelope.
///
/// `expires_at` is the temporary key's.
pub fn bind(
    permanent: &PermanentKey,
    temporary: &TemporaryKey,
    envelope: Envelope,
    rng: &mut dyn CryptoRng,
) -> BindTempAuthKey {
    let mut nonce = [0; 8];
    rng.fill_bytes(&mut nonce);
    let inner = BindAuthKeyInner {
        nonce: i64::from_le_bytes(nonce),
        temp_auth_key_id: temporary.id() as i64,
        perm_auth_key_id: permanent.id() as i64,
        temp_session_id: envelope.session_id,
        expires_at: seconds(temporary.expires_at()),
    };
    BindTempAuthKey {
        perm_auth_key_id: inner.perm_auth_key_id,
        nonce: inner.nonce,
        expires_at: inner.expires_at,
        encrypted_message: encrypt(permanent, &inner, envelope.msg_id, rng),
    }
}

/// Checks a call that came under `temporary`, in this envelope, against the permanent key that it names.
///
/// # Errors
///
/// What does not fit. Nothing of the encrypted message is looked at before its `msg_key` holds.
pub fn verify(
    permanent: &PermanentKey,
    temporary: &TemporaryKey,
    envelope: Envelope,
    call: &BindTempAuthKey,
    now: UnixTime,
) -> Result<(), BindError> {
    let perm_auth_key_id = permanent.id() as i64;
    let inner = decrypt(permanent, &call.encrypted_message, envelope.msg_id)?;
    if inner.perm_auth_key_id != perm_auth_key_id || call.perm_auth_key_id != perm_auth_key_id {
        return Err(BindError::PermAuthKeyId);
    }
    if inner.temp_auth_key_id != temporary.id() as i64 {
        return Err(BindError::TempAuthKeyId);
    }
    if inner.temp_session_id != envelope.session_id {
        return Err(BindError::TempSessionId);
    }
    if inner.nonce != call.nonce {
        return Err(BindError::Nonce);
    }
    let expires_at = inner.expires_at;
    if expires_at != call.expires_at || u64::from(expires_at as u32) <= now.as_secs() {
        return Err(BindError::ExpiresAt { expires_at });
    }
    Ok(())
}

/// Encrypts the inner object under the permanent key: `encrypted_message`.
pub fn encrypt(
    permanent: &PermanentKey,
    inner: &BindAuthKeyInner,
    msg_id: i64,
    rng: &mut dyn CryptoRng,
) -> Vec<u8> {
    let mut plaintext = Zeroizing::new(Vec::with_capacity(ENCRYPTED_BYTES));
    plaintext.resize(16, 0);
    rng.fill_bytes(&mut plaintext);
    plaintext.extend_from_slice(&msg_id.to_le_bytes());
    plaintext.extend_from_slice(&0_i32.to_le_bytes());
    plaintext.extend_from_slice(&(INNER_BYTES as i32).to_le_bytes());
    // Numbers alone: they always have a form.
    let inner = encode(&BoxedInner::BindAuthKeyInner(inner.clone())).unwrap_or_default();
    plaintext.extend_from_slice(&inner);

    let msg_key = v1_msg_key(&plaintext);
    plaintext.resize(ENCRYPTED_BYTES, 0);
    if let Some(padding) = plaintext.get_mut(HASHED_BYTES..) {
        rng.fill_bytes(padding);
    }
    let keys = v1_message_keys(permanent.auth_key(), &msg_key, Side::Client);
    // The length is a number of blocks.
    let _ = aes_ige::encrypt(&keys.key, &keys.iv, &mut plaintext);

    let mut message = Vec::with_capacity(MESSAGE_BYTES);
    message.extend_from_slice(&permanent.id().to_le_bytes());
    message.extend_from_slice(&msg_key);
    message.extend_from_slice(&plaintext);
    message
}

/// The inner object of an `encrypted_message`, whose envelope is checked; `outer` is the `msg_id` of the call. What the
/// object says is for [`verify`] to check.
///
/// # Errors
///
/// What does not fit.
pub fn decrypt(
    permanent: &PermanentKey,
    message: &[u8],
    outer: i64,
) -> Result<BindAuthKeyInner, BindError> {
    let length_bytes = message.len();
    let wrong_length = BindError::Length { length_bytes };
    if length_bytes != MESSAGE_BYTES {
        return Err(wrong_length);
    }
    let Some((perm_auth_key_id, rest)) = message.split_first_chunk::<8>() else {
        return Err(wrong_length);
    };
    let Some((msg_key, encrypted)) = rest.split_first_chunk::<16>() else {
        return Err(wrong_length);
    };
    if u64::from_le_bytes(*perm_auth_key_id) != permanent.id() {
        return Err(BindError::PermAuthKeyId);
    }
    let keys = v1_message_keys(permanent.auth_key(), msg_key, Side::Client);
    let mut plaintext = Zeroizing::new(encrypted.to_vec());
    aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).map_err(|_| wrong_length.clone())?;
    let hashed = plaintext.get(..HASHED_BYTES).ok_or(wrong_length)?;
    if !bool::from(v1_msg_key(hashed).ct_eq(msg_key)) {
        return Err(BindError::MsgKey);
    }

    let mut r = Reader::new(hashed);
    let _random = r.int128();
    let (inner, seqno, length) = (r.long(), r.int(), r.int());
    if inner != outer {
        return Err(BindError::MsgId { inner, outer });
    }
    if seqno != 0 {
        return Err(BindError::Seqno { seqno });
    }
    if length != INNER_BYTES as i32 {
        return Err(BindError::InnerLength { length });
    }
    let object = hashed.get(HEADER_BYTES..).unwrap_or_default();
    let BoxedInner::BindAuthKeyInner(inner) = decode(object)?;
    Ok(inner)
}

/// `int`, seconds since the epoch.
fn seconds(time: UnixTime) -> i32 {
    time.as_secs() as i32
}

impl Combinator for BindTempAuthKey {
    const TL: (u32, &'static str) = (0xcdd4_2a05, "auth.bindTempAuthKey");
}

impl Function for BindTempAuthKey {
    type Return = bool;

    fn read_return(&self, r: &mut Reader<'_>) -> bool {
        r.read()
    }
}

impl<'r> TlRead<'r> for BindTempAuthKey {
    extern "C" fn read_from(r: &mut Reader<'r>) -> Self {
        r.expect_id(Self::ID, Self::NAME);
        Self {
            perm_auth_key_id: r.long(),
            nonce: r.long(),
            expires_at: r.int(),
            encrypted_message: r.bytes(),
        }
    }
}

impl TlWrite for BindTempAuthKey {
    fn write_to(&self, w: &mut Writer) {
        w.id(Self::ID);
        w.long(self.perm_auth_key_id);
        w.long(self.nonce);
        w.int(self.expires_at);
        w.bytes(&self.encrypted_message);
    }
}
