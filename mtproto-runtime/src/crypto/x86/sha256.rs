//! SHA-256 (FIPS 180-4, 6.2) in pieces of four rounds, for what is to stand between them.

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_set_epi32, _mm_set_epi64x, _mm_setzero_si128,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
    _mm_shuffle_epi32, _mm_unpackhi_epi64, _mm_unpacklo_epi64,
};

use super::{in_step, load, store};
use crate::crypto::aes_ige::Block;
use crate::crypto::hash::SHA256_INITIAL;
use crate::crypto::kdf::KeyIv;

/// The hash of a prefix and of blocks.
#[target_feature(enable = "aes,sha,ssse3,sse4.1")]
pub(super) fn sha256(prefix: &[u8; 32], blocks: &[Block]) -> [u8; 32] {
    let (prefix, _) = prefix.as_chunks();
    let padding = padding(blocks.len());
    let part = |at: usize| match at {
        0 | 1 => &prefix[at],
        _ => blocks.get(at - 2).unwrap_or(&padding[at % 4]),
    };
    let mut hash = Hash::new();
    for at in (0..2 + blocks.len() + 1).step_by(4) {
        hash.begin([part(at), part(at + 1), part(at + 2), part(at + 3)]);
        (0..4).for_each(|quarter| hash.quarter(quarter));
        hash.end();
    }
    hash.into_bytes()
}

/// What the last four blocks are behind a prefix and so many blocks, where these have not filled them.
#[inline]
pub(super) fn padding(count: usize) -> [Block; 4] {
    let mut padding = [[0; 16]; 4];
    padding[(2 + count) % 4][0] = 0x80;
    let length_bits = 8 * (32 + 16 * count as u64);
    padding[3][8..].copy_from_slice(&length_bits.to_be_bytes());
    padding
}

/// `aes_key` and `aes_iv` of a message: of `SHA256 (msg_key + first)` and `SHA256 (second + msg_key)`, whose rounds run side
/// by side. Both are of one block.
#[target_feature(enable = "aes,sha,ssse3,sse4.1")]
pub(super) fn message_keys(msg_key: &[u8; 16], first: &[u8; 36], second: &[u8; 36]) -> KeyIv {
    // Behind 52 bytes.
    let padding = _mm_set_epi32(0, (8 * 52_u32).swap_bytes().cast_signed(), 0, 0x80);
    let msg_key = load(msg_key);
    let [first, second] = [first, second].map(|part| {
        let (blocks, _) = part.as_chunks();
        let (_, end) = part.split_last_chunk().expect("it is as long");
        [load(&blocks[0]), load(&blocks[1]), load(end)]
    });
    let (mut a, mut b) = (Hash::new(), Hash::new());
    a.begin_with([
        msg_key,
        first[0],
        first[1],
        _mm_alignr_epi8::<12>(padding, first[2]),
    ]);
    b.begin_with([
        second[0],
        second[1],
        _mm_alignr_epi8::<12>(msg_key, second[2]),
        _mm_alignr_epi8::<12>(padding, msg_key),
    ]);
    for quarter in 0..4 {
        for group in 0..4 {
            a.rounds(quarter, group);
            b.rounds(quarter, group);
            in_step(&mut a.abef, &mut b.abef);
        }
    }
    a.end();
    b.end();
    let ([a_abef, a_cdgh], [b_abef, b_cdgh]) = (a.big_endian(), b.big_endian());
    let mut keys = KeyIv {
        key: [0; 32],
        iv: [0; 32],
    };
    let (key, _) = keys.key.as_chunks_mut();
    store(&mut key[0], _mm_unpacklo_epi64(a_abef, b_cdgh));
    store(&mut key[1], _mm_unpackhi_epi64(b_abef, a_cdgh));
    let (iv, _) = keys.iv.as_chunks_mut();
    store(&mut iv[0], _mm_unpacklo_epi64(b_abef, a_cdgh));
    store(&mut iv[1], _mm_unpackhi_epi64(a_abef, b_cdgh));
    keys
}

/// A state of SHA-256, and the block that is on its way into it.
#[derive(Clone, Copy)]
pub(super) struct Hash {
    abef: __m128i,
    cdgh: __m128i,
    /// `abef` and `cdgh` before this block.
    before: [__m128i; 2],
    /// 16 words of the message schedule.
    words: [__m128i; 4],
}

impl Hash {
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    pub(super) fn new() -> Self {
        let [a, b, c, d, e, f, g, h] = SHA256_INITIAL.map(u32::cast_signed);
        let (abef, cdgh) = (_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h));
        Self {
            abef,
            cdgh,
            before: [abef, cdgh],
            words: [_mm_setzero_si128(); 4],
        }
    }

    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    pub(super) fn begin(&mut self, [a, b, c, d]: [&Block; 4]) {
        self.begin_with([load(a), load(b), load(c), load(d)]);
    }

    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    fn begin_with(&mut self, block: [__m128i; 4]) {
        // Words are big-endian.
        let order = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        self.before = [self.abef, self.cdgh];
        self.words = block.map(|words| _mm_shuffle_epi8(words, order));
    }

    /// Four rounds: those from `16 * quarter + 4 * group` on.
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    pub(super) fn rounds(&mut self, quarter: usize, group: usize) {
        let words = &mut self.words;
        if quarter > 0 {
            let (next, last) = (words[(group + 1) % 4], words[(group + 3) % 4]);
            let sum = _mm_sha256msg1_epu32(words[group], next);
            let sum = _mm_add_epi32(sum, _mm_alignr_epi8::<4>(last, words[(group + 2) % 4]));
            words[group] = _mm_sha256msg2_epu32(sum, last);
        }
        let [k0, k1, k2, k3] = CONSTANTS[4 * quarter + group].map(u32::cast_signed);
        let sums = _mm_add_epi32(words[group], _mm_set_epi32(k3, k2, k1, k0));
        self.cdgh = _mm_sha256rnds2_epu32(self.cdgh, self.abef, sums);
        self.abef = _mm_sha256rnds2_epu32(self.abef, self.cdgh, _mm_shuffle_epi32::<0x0e>(sums));
    }

    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    pub(super) fn end(&mut self) {
        self.abef = _mm_add_epi32(self.abef, self.before[0]);
        self.cdgh = _mm_add_epi32(self.cdgh, self.before[1]);
    }

    /// A quarter of the rounds, with nothing between them.
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    pub(super) fn quarter(&mut self, quarter: usize) {
        for group in 0..4 {
            self.rounds(quarter, group);
        }
    }

    /// The bytes of the words a, b, e and f, and of c, d, g and h.
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    fn big_endian(self) -> [__m128i; 2] {
        let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
        [self.abef, self.cdgh].map(|words| _mm_shuffle_epi8(words, order))
    }

    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    pub(super) fn into_bytes(self) -> [u8; 32] {
        let [abef, cdgh] = self.big_endian();
        let mut bytes = [0; 32];
        let (halves, _) = bytes.as_chunks_mut();
        store(&mut halves[0], _mm_unpacklo_epi64(abef, cdgh));
        store(&mut halves[1], _mm_unpackhi_epi64(abef, cdgh));
        bytes
    }
}

/// FIPS 180-4, 4.2.2.
const CONSTANTS: [[u32; 4]; 16] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
    [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
    [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
    [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
    [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
    [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
    [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
    [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
    [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];
