//! SHA-1 and SHA-256 of byte strings in parts.
//!
//! The pages write `SHA256 (substr (auth_key, 88+x, 32) + plaintext + random_padding)`: here the parts of such a sum are
//! the elements of a slice, and nobody has to copy them together first.
//!
//! Page: <https://core.telegram.org/mtproto/description>.

use sha1::{Digest, Sha1};
use sha2::Sha256;

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
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
