//! [Obfuscation](https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation) (`obfuscated2`): both directions of
//! a connection enciphered with AES-256-CTR, so that they look random.
//!
//! A client starts with 64 random bytes, the initialization payload, of which both sides make their keys:
//!
//! ```text
//! |  8 bytes  |  key, 32 bytes  |  iv, 16 bytes  |  tag, 4  |  dc, 2  |  2  |
//! ```
//!
//! The key and iv are those of what the client sends; read backwards, the same 48 bytes are those of what it receives. A
//! proxy's secret goes into both keys: `SHA256(key + secret)`. Then the payload is enciphered, but only the last eight bytes
//! are sent in that form. The keystreams go on from there over the whole connection.
//!
//! This hides the protocol from those who look for it, and nothing from those who know this page.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Error, Framing, ProxySecret, abridged, intermediate};
use crate::crypto::aes_ctr::AesCtr;
use crate::crypto::hash::sha256;

/// How long the initialization payload is.
pub const INIT_LEN: usize = 64;
/// Where its enciphered part starts, with the tag of the framing.
const TAG_AT: usize = 56;
/// Where the data center is.
const DC_AT: usize = 60;
/// A generator that needs more attempts than this is broken: one in 2^24 fails, and not by chance twice.
const ATTEMPTS: u32 = 32;

/// The words that no initialization payload starts with: what else a server may get first, as TDLib lists it.
const FORBIDDEN_WORDS: [[u8; 4]; 7] = [
    *b"HEAD",
    *b"POST",
    *b"GET ",
    *b"OPTI",
    // A record of TLS.
    [0x16, 0x03, 0x01, 0x02],
    intermediate::PADDED_TAG,
    intermediate::TAG,
];

/// A data center, as clients tell proxies where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DcId(i16);

impl DcId {
    /// A data center of production.
    pub const fn new(id: u8) -> Self {
        Self(id as i16)
    }

    /// The test environment's data center of the same number.
    #[must_use]
    pub const fn test(self) -> Self {
        match self.0 {
            production @ 0..10000 => Self(production + 10000),
            production @ -9999..0 => Self(production - 10000),
            _ => self,
        }
    }

    /// The same data center's servers for media (not CDN).
    #[must_use]
    pub const fn media(self) -> Self {
        Self(if self.0 > 0 { -self.0 } else { self.0 })
    }

    /// What the two bytes in the initialization payload say: 10000 more in the test environment, negative for media.
    pub const fn from_wire(number: i16) -> Self {
        Self(number)
    }

    /// The two bytes in the initialization payload, as a number.
    pub const fn to_wire(self) -> i16 {
        self.0
    }

    /// The number of the data center, from 1.
    pub const fn id(self) -> u16 {
        let number = self.0.unsigned_abs();
        if self.is_test() {
            number - 10000
        } else {
            number
        }
    }

    /// Whether it is one of the test environment.
    pub const fn is_test(self) -> bool {
        self.0.unsigned_abs() >= 10000
    }

    /// Whether it is one for media.
    pub const fn is_media(self) -> bool {
        self.0 < 0
    }
}

/// The keystreams of both directions.
pub(super) struct Keys {
    pub(super) send: AesCtr,
    pub(super) receive: AesCtr,
}

/// What a server learns from an initialization payload.
pub(super) struct Accepted {
    pub(super) framing: Framing,
    pub(super) dc: DcId,
    pub(super) keys: Keys,
}

/// Makes a client's initialization payload as it is sent, and the keys.
///
/// Without a data center, which only proxies read, its bytes are random.
pub(super) fn start(
    framing: Framing,
    dc: Option<DcId>,
    secret: Option<&ProxySecret>,
    rng: &mut dyn CryptoRng,
) -> Result<([u8; INIT_LEN], Keys), Error> {
    let tag = framing.obfuscated_tag().ok_or(Error::ObfuscatedFull)?;
    let mut init = [0; INIT_LEN];
    let mut attempts = 0;
    loop {
        rng.fill_bytes(&mut init);
        attempts += 1;
        if is_allowed(&init) {
            break;
        }
        if attempts == ATTEMPTS {
            return Err(Error::Randomness { attempts });
        }
    }
    init[TAG_AT..DC_AT].copy_from_slice(&tag);
    if let Some(dc) = dc {
        init[DC_AT..DC_AT + 2].copy_from_slice(&dc.to_wire().to_le_bytes());
    }
    let [mut send, receive] = ciphers(&init, secret);
    let mut enciphered = init;
    send.apply(&mut enciphered);
    init[TAG_AT..].copy_from_slice(&enciphered[TAG_AT..]);
    Ok((init, Keys { send, receive }))
}

/// Reads a client's initialization payload, if it was made with this secret.
pub(super) fn accept(init: &[u8; INIT_LEN], secret: Option<&ProxySecret>) -> Option<Accepted> {
    let [mut receive, send] = ciphers(init, secret);
    let mut deciphered = *init;
    receive.apply(&mut deciphered);
    let (&tag, rest) = deciphered[TAG_AT..].split_first_chunk()?;
    let &dc = rest.first_chunk()?;
    Some(Accepted {
        framing: Framing::of_obfuscated_tag(tag)?,
        dc: DcId::from_wire(i16::from_le_bytes(dc)),
        keys: Keys { send, receive },
    })
}

/// Whether no server takes the payload for something else by its start.
fn is_allowed(init: &[u8; INIT_LEN]) -> bool {
    init[0] != abridged::TAG
        && FORBIDDEN_WORDS.iter().all(|word| !init.starts_with(word))
        // The first frame of a full connection has the number 0.
        && init[4..8] != [0; 4]
}

/// The ciphers of what the client sends and of what it receives.
fn ciphers(init: &[u8; INIT_LEN], secret: Option<&ProxySecret>) -> [AesCtr; 2] {
    let mut material = Zeroizing::new([0; 48]);
    material.copy_from_slice(&init[8..TAG_AT]);
    let forward = cipher(&material, secret);
    material.reverse();
    [forward, cipher(&material, secret)]
}

fn cipher(material: &[u8; 48], secret: Option<&ProxySecret>) -> AesCtr {
    let (mut key, mut iv) = (Zeroizing::new([0; 32]), [0; 16]);
    key.copy_from_slice(&material[..32]);
    iv.copy_from_slice(&material[32..]);
    if let Some(secret) = secret {
        *key = sha256(&[&*key, secret.key()]);
    }
    AesCtr::new(&key, &iv)
}
