//! Authorization keys under a password, for whoever keeps them on a disk.
//!
//! The pages suggest it, "in approximately the same way as in ssh", and sketch a form
//! (<https://core.telegram.org/mtproto/description#storing-an-authorization-key-on-a-client-device>). That one stops nobody
//! who can guess passwords quickly: it is in `legacy` (feature `legacy`), to be read and written where it is in use. What is
//! here makes a guess cost memory and time (Argon2id, RFC 9106), and finds every change of what is stored
//! (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03).
//!
//! # Format
//!
//! 336 bytes; numbers are little-endian, 4 bytes each.
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | `MTPROTOK` |
//! | 8..12 | version of the format: 1 |
//! | 12..24 | Argon2id: memory in KiB, passes, lanes |
//! | 24..40 | salt |
//! | 40..64 | nonce |
//! | 64..336 | XChaCha20-Poly1305 of the 256 bytes of the key under the 32 bytes that Argon2id gives, with its tag; bytes 0..64 are the associated data |

#[cfg(feature = "legacy")]
pub mod legacy;

use argon2::{Algorithm, Argon2};
use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;

use super::erase;
use crate::auth_key::AuthKey;

/// How long a stored key is.
pub const STORED_BYTES: usize = HEADER_BYTES + 256 + TAG_BYTES;

const MAGIC: &[u8; 8] = b"MTPROTOK";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 64;
const TAG_BYTES: usize = 16;

/// Why there is no key in what is stored, or why it can't be stored so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// It begins otherwise.
    #[error("not a stored authorization key: it does not begin with `MTPROTOK`")]
    Magic,
    /// It is of a version that is not known.
    #[error(
        "a stored authorization key of version {version}: only version 1 is known, a newer program may read it"
    )]
    Version {
        /// The version it gives.
        version: u32,
    },
    /// It has been cut, or something follows it.
    #[error(
        "a stored authorization key is {expected_bytes} bytes long, and this is {length_bytes}"
    )]
    Length {
        /// How long it is.
        length_bytes: usize,
        /// How long it should be.
        expected_bytes: usize,
    },
    /// Argon2id would take more than is allowed, or less than it can do with.
    #[error("Argon2id is out of bounds with {0}: see `Parameters`")]
    Parameters(Parameters),
    /// The memory that Argon2id takes is not there.
    #[error("Argon2id takes {memory_kib} KiB of memory, which are not there")]
    OutOfMemory {
        /// How much it takes.
        memory_kib: u32,
    },
    /// The password is wrong, or what is stored has changed: nobody can tell one from the other.
    #[error("the password is wrong, or the stored authorization key has changed")]
    Password,
    /// The password is longer than it can be.
    #[error("the password is {length_bytes} bytes long, and at most {limit_bytes} are possible")]
    PasswordTooLong {
        /// How long it is.
        length_bytes: usize,
        /// How long it may be.
        limit_bytes: usize,
    },
}

/// What a guess at the password costs. The default is the second choice of RFC 9106, section 4.
///
/// What is stored tells its own parameters, so they have bounds: who can write to the disk shall not be able to have
/// gigabytes filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Memory in KiB: at least 8 a lane, at most 262,144 (256 MiB).
    pub memory_kib: u32,
    /// How often the memory is filled: 1 to 16.
    pub passes: u32,
    /// Parts of the memory that could be filled at the same time: 1 to 16.
    pub lanes: u32,
}

impl Parameters {
    /// Argon2id with these parameters, when they are in bounds.
    fn argon2(self) -> Result<Argon2<'static>, StorageError> {
        let Self {
            memory_kib,
            passes,
            lanes,
        } = self;
        let error = StorageError::Parameters(self);
        if memory_kib > 262_144 || passes > 16 || lanes > 16 {
            return Err(error);
        }
        let params = argon2::Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| error)?;
        Ok(Argon2::new(
            Algorithm::Argon2id,
            argon2::Version::V0x13,
            params,
        ))
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            memory_kib: 65_536,
            passes: 3,
            lanes: 4,
        }
    }
}

impl core::fmt::Display for Parameters {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self {
            memory_kib,
            passes,
            lanes,
        } = self;
        write!(f, "{memory_kib} KiB, {passes} passes and {lanes} lanes")
    }
}

/// Puts a key under a password.
///
/// ```
/// use mtproto_runtime::AuthKey;
/// use mtproto_runtime::crypto::key_storage::{Parameters, open, seal};
/// use rand_chacha::rand_core::SeedableRng;
///
/// // For this example alone: take the operating system's.
/// let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(0);
/// let auth_key = AuthKey::new([7; 256]);
/// let parameters = Parameters { memory_kib: 64, passes: 1, lanes: 1 };
/// let stored = seal(&auth_key, b"password", parameters, &mut rng)?;
/// assert_eq!(open(&stored, b"password")?, auth_key);
/// # Ok::<(), mtproto_runtime::crypto::key_storage::StorageError>(())
/// ```
///
/// # Errors
///
/// When the parameters are out of bounds, or the memory is not there.
pub fn seal(
    auth_key: &AuthKey,
    password: &[u8],
    parameters: Parameters,
    rng: &mut dyn CryptoRng,
) -> Result<[u8; STORED_BYTES], StorageError> {
    let mut stored = [0; STORED_BYTES];
    let (header, rest) = stored.split_at_mut(HEADER_BYTES);
    let (data, tag) = rest.split_at_mut(256);
    header[..8].copy_from_slice(MAGIC);
    let Parameters {
        memory_kib,
        passes,
        lanes,
    } = parameters;
    for (bytes, number) in header[8..24]
        .as_chunks_mut()
        .0
        .iter_mut()
        .zip([VERSION, memory_kib, passes, lanes])
    {
        *bytes = number.to_le_bytes();
    }
    rng.fill_bytes(&mut header[24..]);

    let cipher = cipher(parameters, password, header)?;
    data.copy_from_slice(auth_key.as_bytes());
    let computed = cipher
        .encrypt_inout_detached(nonce(header), header, data.into())
        .expect("256 bytes are not too long for the cipher");
    tag.copy_from_slice(&computed);
    Ok(stored)
}

/// Takes a key out again.
///
/// # Errors
///
/// When what is stored is not of this format, when its parameters are out of bounds (they are looked at before anything is
/// done with them), when the memory is not there, and when the password is wrong or any byte has changed.
pub fn open(stored: &[u8], password: &[u8]) -> Result<AuthKey, StorageError> {
    let (header, rest, parameters) = parse(stored)?;
    let cipher = cipher(parameters, password, header)?;
    let (data, tag) = rest.split_at(256);
    let mut key = [0; 256];
    let bytes = InOutBuf::new(data, &mut key).expect("both are of one length");
    let tag = tag.try_into().expect("it is as long as a tag");
    let decryption = cipher.decrypt_inout_detached(nonce(header), header, bytes, tag);
    let auth_key = AuthKey::new(key);
    erase(&mut key);
    decryption
        .map(|()| auth_key)
        .map_err(|_| StorageError::Password)
}

/// The header, the ciphertext with its tag, and the parameters: the first says so when it is no header.
fn parse(stored: &[u8]) -> Result<(&[u8], &[u8], Parameters), StorageError> {
    let length_bytes = stored.len();
    if stored.iter().zip(MAGIC).any(|(byte, magic)| byte != magic) {
        return Err(StorageError::Magic);
    }
    let number = |start| Some(u32::from_le_bytes(*stored.get(start..)?.first_chunk()?));
    match number(8) {
        Some(version) if version != VERSION => return Err(StorageError::Version { version }),
        Some(_) if length_bytes == STORED_BYTES => {}
        _ => {
            return Err(StorageError::Length {
                length_bytes,
                expected_bytes: STORED_BYTES,
            });
        }
    }
    let [memory_kib, passes, lanes] = [12, 16, 20].map(|start| number(start).unwrap_or_default());
    let (header, rest) = stored.split_at(HEADER_BYTES);
    Ok((
        header,
        rest,
        Parameters {
            memory_kib,
            passes,
            lanes,
        },
    ))
}

/// The cipher under the password and the salt of the header.
fn cipher(
    parameters: Parameters,
    password: &[u8],
    header: &[u8],
) -> Result<XChaCha20Poly1305, StorageError> {
    let mut key = [0; 32];
    let hashed = parameters
        .argon2()?
        .hash_password_into(password, &header[24..40], &mut key);
    let cipher = XChaCha20Poly1305::new((&key).into());
    erase(&mut key);
    match hashed {
        Ok(()) => Ok(cipher),
        Err(argon2::Error::OutOfMemory) => Err(StorageError::OutOfMemory {
            memory_kib: parameters.memory_kib,
        }),
        // All else has been seen to.
        Err(_) => Err(StorageError::PasswordTooLong {
            length_bytes: password.len(),
            limit_bytes: argon2::MAX_PWD_LEN,
        }),
    }
}

fn nonce(header: &[u8]) -> &XNonce {
    header[40..]
        .try_into()
        .expect("the rest of the header is as long as a nonce")
}
