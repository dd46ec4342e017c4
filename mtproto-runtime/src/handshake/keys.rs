//! The keys that a handshake ends with: two types, because they may not be used alike.
//!
//! With [perfect forward secrecy](https://core.telegram.org/api/pfs) "the client must never use the permanent auth_key_id
//! directly". A [`PermanentKey`] therefore does not lend out its [`AuthKey`]: it can be stored, it can
//! [bind](super::bind_temp_key) a temporary key, and it can be given up for use without that secrecy, in so many words.

use crate::AuthKey;
use crate::time::UnixTime;

/// Which kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// A key that the server stores.
    Permanent,
    /// A key that the server keeps in memory, for `expires_in_secs` seconds at most.
    Temporary {
        /// Positive.
        expires_in_secs: i32,
    },
}

/// A key as it comes out of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewKey {
    /// The handshake was for a permanent key.
    Permanent(PermanentKey),
    /// The handshake was for a temporary key.
    Temporary(TemporaryKey),
}

/// An authorization key that the server stores, and that temporary keys are bound to.
///
/// No message can be encrypted with it:
///
/// ```compile_fail,E0308
/// use mtproto_runtime::crypto::kdf::{message_keys, Side};
/// use mtproto_runtime::handshake::PermanentKey;
///
/// fn encrypt_a_message(key: &PermanentKey) {
///     message_keys(key, &[0; 16], Side::Client);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermanentKey {
    key: AuthKey,
    created_at: UnixTime,
}

/// An authorization key that lives for a while, and encrypts messages for as long.
///
/// Until it is bound only `auth.bindTempAuthKey`, `help.getConfig` and `help.getNearestDc` may be called under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemporaryKey {
    key: AuthKey,
    expires_at: UnixTime,
}

impl NewKey {
    /// `created_at` is by the server's clock.
    pub(super) fn new(key: AuthKey, kind: KeyKind, created_at: UnixTime) -> Self {
        match kind {
            KeyKind::Permanent => Self::Permanent(PermanentKey { key, created_at }),
            KeyKind::Temporary { expires_in_secs } => {
                let lifetime = u64::try_from(expires_in_secs).unwrap_or(0);
                Self::Temporary(TemporaryKey {
                    key,
                    expires_at: UnixTime::from_secs(created_at.as_secs().saturating_add(lifetime)),
                })
            }
        }
    }

    /// `auth_key_id`.
    pub fn id(&self) -> u64 {
        match self {
            Self::Permanent(key) => key.id(),
            Self::Temporary(key) => key.id(),
        }
    }
}

impl PermanentKey {
    /// A key from storage. `created_at` decides whether a binding that the server refuses may drop it (see
    /// [the page](https://core.telegram.org/api/pfs)); if it is not known, the epoch says that the key is old.
    pub fn from_storage(bytes: [u8; 256], created_at: UnixTime) -> Self {
        let key = AuthKey::new(bytes);
        Self { key, created_at }
    }

    /// `auth_key_id`.
    pub fn id(&self) -> u64 {
        self.key.id()
    }

    /// When it was made, by the server's clock.
    pub fn created_at(&self) -> UnixTime {
        self.created_at
    }

    /// The 256 bytes, for storage.
    pub fn to_storage(&self) -> &[u8; 256] {
        self.key.as_bytes()
    }

    /// The key for direct use: without perfect forward secrecy, whoever gets hold of it reads all that was ever said.
    pub fn without_forward_secrecy(self) -> AuthKey {
        self.key
    }

    pub(super) fn auth_key(&self) -> &AuthKey {
        &self.key
    }
}

impl TemporaryKey {
    /// A temporary key that came from elsewhere than a handshake of this crate.
    pub fn new(key: AuthKey, expires_at: UnixTime) -> Self {
        Self { key, expires_at }
    }

    /// `auth_key_id`.
    pub fn id(&self) -> u64 {
        self.key.id()
    }

    /// When the server forgets it at the latest, by the server's clock. It may do so earlier.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// What messages are encrypted with.
    pub fn auth_key(&self) -> &AuthKey {
        &self.key
    }

    /// What messages are encrypted with, for keeping.
    pub fn into_auth_key(self) -> AuthKey {
        self.key
    }
}
