//! Cryptography as MTProto uses it: ciphers, hashes, keys of messages, RSA, Diffie–Hellman and SRP.
//!
//! It stands below [transports](https://core.telegram.org/mtproto/mtproto-transports), handshakes and sessions: they call
//! it, and it knows none of them. Nothing here draws randomness, reads a clock or allocates without saying so; whatever is
//! random is an argument. Secrets are erased when dropped, compared in constant time, and never printed. Errors are of each
//! part: none can come out of another.
//!
//! * [`hash`] – SHA-1 and SHA-256 of parts.
//! * [`aes_ige`] – AES-256-IGE: messages, handshakes, files of secret chats.
//! * [`aes_ctr`] – AES-256-CTR: obfuscated transports, encrypted CDN files.
//! * [`dh`] – Diffie–Hellman with all of its checks.
//! * [`factorize`] – `pq`, the client's proof of work.
//! * [`kdf`] – `msg_key`, and AES keys from it and the authorization key, for MTProto 2.0 and 1.0; `tmp_aes_key` of handshakes.
//! * `key_storage` – authorization keys under a password (feature `key-storage`).
//! * [`message`] – messages of MTProto 2.0, whole.
//! * [`rsa`] – public and private keys, RSA_PAD.
//! * [`srp`] – passwords of two-step login, as client and as server.
//!
//! Pages: <https://core.telegram.org/mtproto/description>, <https://core.telegram.org/mtproto/description_v1>,
//! <https://core.telegram.org/mtproto/auth_key>.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `crypto` | this module |
//! | `legacy` | what only old peers need, and what is not safe by today's measure |
//! | `key-storage` | authorization keys under a password |

pub mod aes_ctr;
pub mod aes_ige;
mod bigint;
pub mod dh;
pub mod factorize;
pub mod hash;
pub mod kdf;
#[cfg(feature = "key-storage")]
pub mod key_storage;
pub mod message;
pub mod rsa;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Overwrites a secret, at once where `zeroize` goes byte by byte.
pub(crate) fn erase<const N: usize>(secret: &mut [u8; N]) {
    *secret = [0; N];
    zeroize::optimization_barrier(secret);
}
pub mod srp;
