//! SHA-1 and SHA-256 of byte strings in parts.
//!
//! The pages write `SHA256 (substr (auth_key, 88+x, 32) + plaintext + random_padding)`: here the parts of such a sum are
//! the elements of a slice, and nobody has to copy them together first. Mostly they are short and secret, so what is left
//! of them on the stack is erased.
//!
//! Page: <https://core.telegram.org/mtproto/description>.

use sha1::{Digest, Sha1};
use sha2::block_api::compress256;

use super::erase;

/// The SHA-1 of the parts, one after another.
///
/// ```
/// use mtproto_runtime::crypto::hash::sha1;
///
/// assert_eq!(sha1(&[b"auth", b"_key"]), sha1(&[b"auth_key"]));
/// ```
pub fn sha1(parts: &[&[u8]]) -> [u8; 20] {
    let mut hasher = Sha1::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// The SHA-256 of the parts, one after another.
///
/// It feeds the compression function of `sha2` itself. Keys of messages are hashes of a single block, for which the general
/// buffer of that crate, and erasing it byte by byte, takes longer than the hash.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = SHA256_INITIAL;
    let mut block = [0; 64];
    let (mut filled, mut length_bytes) = (0, 0);
    for mut part in parts.iter().copied() {
        length_bytes += part.len() as u64;
        if filled > 0 {
            let (start, rest) = part.split_at(part.len().min(64 - filled));
            block[filled..filled + start.len()].copy_from_slice(start);
            filled += start.len();
            part = rest;
            if filled == 64 {
                compress256(&mut state, &[block]);
                filled = 0;
            }
        }
        if filled == 0 {
            let (blocks, rest) = part.as_chunks();
            compress256(&mut state, blocks);
            block[..rest.len()].copy_from_slice(rest);
            filled = rest.len();
        }
    }
    block[filled] = 0x80;
    block[filled + 1..].fill(0);
    if filled >= 56 {
        compress256(&mut state, &[block]);
        block = [0; 64];
    }
    block[56..].copy_from_slice(&(8 * length_bytes).to_be_bytes());
    compress256(&mut state, &[block]);
    erase(&mut block);
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

/// What the state begins with: FIPS 180-4, 5.3.3.
pub(super) const SHA256_INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
