//! Files of secret chats: encrypted once, under a key that travels in the message.
//!
//! Pages: <https://core.telegram.org/api/end-to-end#sending-encrypted-files>, <https://core.telegram.org/api/files>.
//!
//! A file has no code of authentication: whoever stores it can spoil it. What can be told is told: that the key is the one
//! that the file was uploaded under ([`FileKey::check_fingerprint`]), and that there are as many bytes as the message said.

use core::fmt;

use md5::{Digest, Md5};
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::crypto::aes_ige;
use crate::wire::Redacted;

const BLOCK_BYTES: usize = 16;

/// The one-time key of a file: `key` and `iv` of `decryptedMessageMedia…`. Made anew for each file (check 47).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct FileKey {
    /// `key`.
    pub key: [u8; 32],
    /// `iv`.
    pub iv: [u8; 32],
}

/// What can be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// `key` or `iv` of a message is not 32 bytes long.
    #[error("the key and the iv of a file are 32 bytes each, not {key_bytes} and {iv_bytes}")]
    KeyLength {
        /// How long the key is.
        key_bytes: usize,
        /// How long the iv is.
        iv_bytes: usize,
    },
    /// The file that the server holds was uploaded under another key.
    #[error(
        "the file has the key fingerprint {found:08x}, and the message's key has {expected:08x}"
    )]
    Fingerprint {
        /// That of the key.
        expected: u32,
        /// That of the file.
        found: u32,
    },
    /// A chunk other than the last is not a whole number of blocks.
    #[error(
        "{length_bytes} bytes are no whole number of blocks of 16: only the last chunk of a file may end in one"
    )]
    ChunkLength {
        /// How long the chunk is.
        length_bytes: usize,
    },
    /// More or fewer bytes than the message has said, or than a whole number of blocks holds.
    #[error(
        "the file is {found} bytes long, and {expected} make the {size} that the message states"
    )]
    Size {
        /// The size that the message states.
        size: u64,
        /// That size in whole blocks.
        expected: u64,
        /// The bytes that have come.
        found: u64,
    },
}

impl FileKey {
    /// A new key.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut this = Self {
            key: [0; 32],
            iv: [0; 32],
        };
        rng.fill_bytes(&mut this.key);
        rng.fill_bytes(&mut this.iv);
        this
    }

    /// The key of a message.
    ///
    /// # Errors
    ///
    /// [`FileError::KeyLength`].
    pub fn from_message(key: &[u8], iv: &[u8]) -> Result<Self, FileError> {
        match (key.try_into(), iv.try_into()) {
            (Ok(key), Ok(iv)) => Ok(Self { key, iv }),
            _ => Err(FileError::KeyLength {
                key_bytes: key.len(),
                iv_bytes: iv.len(),
            }),
        }
    }

    /// `key_fingerprint` of `inputEncryptedFileUploaded` and `encryptedFile`.
    pub fn fingerprint(&self) -> i32 {
        let digest: [u8; 16] = Md5::new()
            .chain_update(self.key)
            .chain_update(self.iv)
            .finalize()
            .into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        i32::from_le_bytes([a ^ e, b ^ f, c ^ g, d ^ h])
    }

    /// Holds the fingerprint of an `encryptedFile` against the key of the message.
    ///
    /// # Errors
    ///
    /// [`FileError::Fingerprint`].
    pub fn check_fingerprint(&self, of_file: i32) -> Result<(), FileError> {
        let own = self.fingerprint();
        if own == of_file {
            return Ok(());
        }
        Err(FileError::Fingerprint {
            expected: own as u32,
            found: of_file as u32,
        })
    }

    /// Encrypts a file from its start.
    pub fn encryptor(&self) -> FileEncryptor {
        FileEncryptor(Stream::new(self))
    }

    /// Decrypts a file from its start; `size` is what the message states.
    pub fn decryptor(&self, size: u64) -> FileDecryptor {
        FileDecryptor {
            stream: Stream::new(self),
            size,
            seen: 0,
        }
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKey")
            .field("fingerprint", &self.fingerprint())
            .field("key", &Redacted)
            .field("iv", &Redacted)
            .finish()
    }
}

/// Encrypts a file, chunk after chunk.
#[derive(Debug)]
pub struct FileEncryptor(Stream);

impl FileEncryptor {
    /// Encrypts a chunk in place; it is not the last one.
    ///
    /// # Errors
    ///
    /// [`FileError::ChunkLength`]: the chunk is as it was.
    pub fn chunk(&mut self, chunk: &mut [u8]) -> Result<(), FileError> {
        self.0.encrypt(chunk)
    }

    /// Encrypts the last chunk, which is filled up to a whole block with random bytes.
    pub fn last_chunk(mut self, chunk: &mut alloc::vec::Vec<u8>, rng: &mut dyn CryptoRng) {
        let len = chunk.len();
        chunk.resize(len.next_multiple_of(BLOCK_BYTES), 0);
        rng.fill_bytes(&mut chunk[len..]);
        let whole = self.0.encrypt(chunk);
        debug_assert_eq!(whole, Ok(()));
    }
}

/// Decrypts a file, chunk after chunk.
#[derive(Debug)]
pub struct FileDecryptor {
    stream: Stream,
    size: u64,
    seen: u64,
}

impl FileDecryptor {
    /// Decrypts a chunk in place, and returns how much of it belongs to the file: all but the padding at its end.
    ///
    /// # Errors
    ///
    /// [`FileError::ChunkLength`], and [`FileError::Size`] for what goes past the stated size: the chunk is as it was.
    pub fn chunk(&mut self, chunk: &mut [u8]) -> Result<usize, FileError> {
        let found = self.seen + chunk.len() as u64;
        if found > self.expected() {
            return Err(self.wrong_size(found));
        }
        self.stream.decrypt(chunk)?;
        let own = self.size.saturating_sub(self.seen);
        self.seen = found;
        Ok(usize::try_from(own).map_or(chunk.len(), |own| own.min(chunk.len())))
    }

    /// Says whether the whole file has come.
    ///
    /// # Errors
    ///
    /// [`FileError::Size`].
    pub fn finish(self) -> Result<(), FileError> {
        if self.seen == self.expected() {
            return Ok(());
        }
        Err(self.wrong_size(self.seen))
    }

    fn expected(&self) -> u64 {
        self.size
            .div_ceil(BLOCK_BYTES as u64)
            .saturating_mul(BLOCK_BYTES as u64)
    }

    fn wrong_size(&self, found: u64) -> FileError {
        FileError::Size {
            size: self.size,
            expected: self.expected(),
            found,
        }
    }
}

/// IGE over chunks: what a block is combined with are the ciphertext and the plaintext of the one before.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Stream {
    key: [u8; 32],
    iv: [u8; 32],
}

impl Stream {
    fn new(key: &FileKey) -> Self {
        Self {
            key: key.key,
            iv: key.iv,
        }
    }

    fn encrypt(&mut self, chunk: &mut [u8]) -> Result<(), FileError> {
        let plaintext = last_block(chunk);
        aes_ige::encrypt(&self.key, &self.iv, chunk).map_err(chunk_length)?;
        self.go_on(last_block(chunk), plaintext);
        Ok(())
    }

    fn decrypt(&mut self, chunk: &mut [u8]) -> Result<(), FileError> {
        let ciphertext = last_block(chunk);
        aes_ige::decrypt(&self.key, &self.iv, chunk).map_err(chunk_length)?;
        self.go_on(ciphertext, last_block(chunk));
        Ok(())
    }

    fn go_on(&mut self, ciphertext: Option<Block>, plaintext: Option<Block>) {
        if let Some((ciphertext, plaintext)) = ciphertext.zip(plaintext) {
            self.iv[..BLOCK_BYTES].copy_from_slice(&ciphertext);
            self.iv[BLOCK_BYTES..].copy_from_slice(&plaintext);
        }
    }
}

type Block = [u8; BLOCK_BYTES];

/// None of an empty chunk alone: the others are whole blocks.
fn last_block(chunk: &[u8]) -> Option<Block> {
    chunk.last_chunk().copied()
}

fn chunk_length(error: aes_ige::LengthError) -> FileError {
    FileError::ChunkLength {
        length_bytes: error.length_bytes,
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

/// How a file is cut for `upload.saveFilePart` or, above 10 MB, `upload.saveBigFilePart`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The size of each part but the last, in bytes: a multiple of 1 KB that divides 512 KB.
    pub part_bytes: u32,
    /// How many parts there are.
    pub count: u32,
    /// Whether the parts go to `upload.saveBigFilePart`.
    pub is_big: bool,
}

impl Parts {
    /// The most parts that a file may have.
    pub const MAX_COUNT: u32 = 4_000;
    const MAX_PART_BYTES: u32 = 512 * 1024;
    const MIN_PART_BYTES: u32 = 32 * 1024;
    const BIG_BYTES: u64 = 10 * 1024 * 1024;

    /// The smallest parts, from 32 KB on, that are few enough. None for an empty file and for one of more than 2,000 MB.
    pub fn of(encrypted_bytes: u64) -> Option<Self> {
        let mut part_bytes = Self::MIN_PART_BYTES;
        while part_bytes <= Self::MAX_PART_BYTES {
            let count = encrypted_bytes.div_ceil(u64::from(part_bytes));
            if (1..=u64::from(Self::MAX_COUNT)).contains(&count) {
                return Some(Self {
                    part_bytes,
                    count: count as u32,
                    is_big: encrypted_bytes > Self::BIG_BYTES,
                });
            }
            part_bytes *= 2;
        }
        None
    }
}
