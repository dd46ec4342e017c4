//! The bytes of a record.
//!
//! Numbers are little-endian, 4 bytes each unless said otherwise.
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | `MTPROTOA` |
//! | 8..12 | version of the format: 1 |
//! | 12..16 | form of the key: 0 for the key itself, 1 for one under a password (`crypto::key_storage`) |
//! | 16..24 | `created_at` in seconds, 8 bytes |
//! | 24..28 | the data center |
//! | 28..32 | length of the key |
//! | 32..36 | length of the state |
//! | … | the key, the state |
//! | the last 32 | SHA-256 of all before |

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::crypto::hash::sha256;
use crate::time::UnixTime;

const MAGIC: &[u8; 8] = b"MTPROTOA";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 36;
const CHECKSUM_BYTES: usize = 32;

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// They begin otherwise.
    #[error("not a stored record: it does not begin with `MTPROTOA`")]
    Magic,
    /// They are of a version that is not known.
    #[error("a record of version {version}: only version 1 is known, a newer program may read it")]
    Version {
        /// The version it gives.
        version: u32,
    },
    /// They have been cut, or something follows them.
    #[error("a record of {expected_bytes} bytes can't be {length_bytes} bytes long")]
    Length {
        /// How long it is.
        length_bytes: usize,
        /// How long it should be.
        expected_bytes: usize,
    },
    /// They have changed since they were written.
    #[error("the record is damaged: its checksum is another one")]
    Checksum,
    /// The key has a form that is not known.
    #[error("the key is stored in a form that is not known: number {form}, {length_bytes} bytes")]
    Form {
        /// Its number.
        form: u32,
        /// Its length.
        length_bytes: usize,
    },
}

/// How a key is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// Under a password.
    Sealed,
}

/// A record whose key may be under a password.
pub(super) struct Stored<'b> {
    pub(super) form: Form,
    pub(super) key: &'b [u8],
    pub(super) dc: i32,
    pub(super) created_at: UnixTime,
    pub(super) state: &'b [u8],
}

impl<'b> Stored<'b> {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let len = HEADER_BYTES + self.key.len() + self.state.len() + CHECKSUM_BYTES;
        // All of it at once: what is moved leaves a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(len));
        let len_of = |part: &[u8]| u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&u32::from(self.form == Form::Sealed).to_le_bytes());
        bytes.extend_from_slice(&self.created_at.as_secs().to_le_bytes());
        bytes.extend_from_slice(&self.dc.to_le_bytes());
        bytes.extend_from_slice(&len_of(self.key));
        bytes.extend_from_slice(&len_of(self.state));
        bytes.extend_from_slice(self.key);
        bytes.extend_from_slice(self.state);
        let checksum = sha256(&[&bytes]);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    pub(super) fn from_bytes(bytes: &'b [u8]) -> Result<Self, FormatError> {
        if !bytes.starts_with(MAGIC) {
            return Err(FormatError::Magic);
        }
        let length_bytes = bytes.len();
        let expected_bytes = HEADER_BYTES + CHECKSUM_BYTES;
        let too_short = FormatError::Length {
            length_bytes,
            expected_bytes,
        };
        let version = word(bytes, 8).ok_or(too_short)?;
        if version != VERSION {
            return Err(FormatError::Version { version });
        }
        let (header, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(too_short)?;
        let number = |at| word(header, at).ok_or(too_short);
        let (form, dc) = (number(12)?, number(24)?.cast_signed());
        let (key_len, state_len) = (to_usize(number(28)?), to_usize(number(32)?));
        let created_at = u64::from(number(16)?) | u64::from(number(20)?) << 32;

        let expected_bytes = key_len
            .saturating_add(state_len)
            .saturating_add(HEADER_BYTES + CHECKSUM_BYTES);
        if length_bytes != expected_bytes {
            return Err(FormatError::Length {
                length_bytes,
                expected_bytes,
            });
        }
        let (content, checksum) = bytes.split_at(length_bytes - CHECKSUM_BYTES);
        if sha256(&[content]) != checksum {
            return Err(FormatError::Checksum);
        }
        let (key, rest) = rest.split_at(key_len);
        Ok(Self {
            form: match form {
                0 => Form::Plain,
                1 => Form::Sealed,
                form => {
                    return Err(FormatError::Form {
                        form,
                        length_bytes: key_len,
                    });
                }
            },
            key,
            dc,
            created_at: UnixTime::from_secs(created_at),
            state: &rest[..state_len],
        })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

fn to_usize(len: u32) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
