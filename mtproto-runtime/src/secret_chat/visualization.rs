//! What two people compare to know that nobody stands between them.
//!
//! Page: <https://core.telegram.org/api/end-to-end/pfs#key-visualization>. New keys are exchanged under the first one, so the
//! first one is what is compared, for as long as the chat lives.

use core::fmt;

use crate::auth_key::AuthKey;
use crate::crypto::hash::{sha1, sha256};

/// The layer from which on the picture has its second part.
const LAYER: i32 = 46;

/// The key visualization of a chat: 128 bits of the SHA-1 of the first key and, from layer 46 on, 160 bits of the SHA-256 of
/// the key that was in use then.
///
/// As text (`Display`) it is what official applications print below the picture: the first 32 bytes in hexadecimal, eight in
/// a line. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyVisualization {
    first: [u8; 16],
    second: Option<[u8; 20]>,
}

impl KeyVisualization {
    /// The colours of the picture, as red, green and blue.
    pub const PALETTE: [[u8; 3]; 4] = [
        [0xff, 0xff, 0xff],
        [0xd5, 0xe6, 0xf3],
        [0x2d, 0x57, 0x75],
        [0x2f, 0x99, 0xc9],
    ];

    pub(crate) fn new(initial: &AuthKey) -> Self {
        let hash = sha1(&[initial.as_bytes()]);
        let [first @ .., _, _, _, _] = hash;
        Self {
            first,
            second: None,
        }
    }

    pub(crate) fn restored(first: [u8; 16], second: Option<[u8; 20]>) -> Self {
        Self { first, second }
    }

    /// The chat has reached a layer under this key.
    pub(crate) fn at_layer(&mut self, layer: i32, key: &AuthKey) {
        if layer >= LAYER && self.second.is_none() {
            let hash = sha256(&[key.as_bytes()]);
            self.second = hash.first_chunk().copied();
        }
    }

    pub(crate) fn parts(&self) -> (&[u8; 16], Option<&[u8; 20]>) {
        (&self.first, self.second.as_ref())
    }

    /// The bytes: 36, or 16 while the chat is below layer 46.
    pub fn bytes(&self) -> impl Iterator<Item = u8> {
        let second = self.second.iter().flatten();
        self.first.iter().chain(second).copied()
    }

    /// How many cells a row and a column of the picture have: 12, or 8 while the chat is below layer 46.
    pub fn side(&self) -> usize {
        if self.second.is_some() { 12 } else { 8 }
    }

    /// The cells of the picture, row by row, as indices into [`PALETTE`](Self::PALETTE). Each is two bits, the lowest of a
    /// byte first.
    pub fn cells(&self) -> impl Iterator<Item = u8> {
        self.bytes()
            .flat_map(|byte| [0, 2, 4, 6].map(|shift| byte >> shift & 3))
    }
}

impl fmt::Display for KeyVisualization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.bytes().take(32).enumerate() {
            let gap = match index {
                0 => "",
                _ if index % 8 == 0 => "\n",
                _ if index % 4 == 0 => "  ",
                _ => " ",
            };
            write!(f, "{gap}{byte:02X}")?;
        }
        Ok(())
    }
}
