//! Decryption with SHA-256 of the plaintext between its rounds.
//!
//! Both are chains, and either leaves most of the processor idle. One block of SHA-256 is four of AES: while these are
//! decrypted, the four before them are hashed. The instructions of both alternate in the text as they shall in the machine
//! code: left to itself, the processor does not look far enough ahead.

use core::arch::x86_64::{__m128i, _mm_aesdec_si128, _mm_aesdeclast_si128, _mm_setzero_si128};
use core::array;

use super::schedule::Schedule;
use super::sha256::{self, Hash, padding};
use super::{lanes, load, store, xor};
use crate::crypto::aes_ige::{Block, before};

/// Decrypts the blocks; hashes the prefix and them.
#[target_feature(enable = "aes,sha,ssse3,sse4.1")]
pub(super) fn decrypt_sha256(
    key: &[u8; 32],
    iv: &[u8; 32],
    blocks: &mut [Block],
    prefix: &[u8; 32],
) -> [u8; 32] {
    let count = blocks.len();
    if count < 2 {
        lanes::run_one::<true>(key, iv, blocks);
        return sha256::sha256(prefix, blocks);
    }
    let padding = padding(count);
    let keys = Schedule::new::<true>(key);
    let mut chain = Chain::new(&keys, iv, &blocks[0]);
    let mut hash = Hash::new();
    chain.block(blocks, 0);
    chain.block(blocks, 1);
    let (prefix, _) = prefix.as_chunks();
    hash.begin([&prefix[0], &prefix[1], &blocks[0], &blocks[1]]);
    let mut done = 2;
    while count - done >= 4 {
        chain.block_and_quarter(blocks, done, &mut hash, 0);
        chain.block_and_quarter(blocks, done + 1, &mut hash, 1);
        chain.block_and_quarter(blocks, done + 2, &mut hash, 2);
        chain.block_and_quarter(blocks, done + 3, &mut hash, 3);
        hash.end();
        hash.begin([
            &blocks[done],
            &blocks[done + 1],
            &blocks[done + 2],
            &blocks[done + 3],
        ]);
        done += 4;
    }
    // What is left is less than four, and its place in the hash is behind the block that waits.
    let mut rest = done..count;
    for quarter in 0..4 {
        match rest.next() {
            Some(index) => chain.block_and_quarter(blocks, index, &mut hash, quarter),
            None => hash.quarter(quarter),
        }
    }
    hash.end();
    let rest = &blocks[done..];
    hash.begin(array::from_fn(|at| rest.get(at).unwrap_or(&padding[at])));
    (0..4).for_each(|quarter| hash.quarter(quarter));
    hash.end();
    hash.into_bytes()
}

/// A stream that is decrypted.
struct Chain<'a> {
    keys: &'a Schedule,
    /// The ciphertext of the block before.
    input: __m128i,
    /// The ciphertext of the next block.
    next: __m128i,
    /// Of the next block, ready for the first round.
    state: __m128i,
}

impl<'a> Chain<'a> {
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    fn new(keys: &'a Schedule, iv: &[u8; 32], first: &Block) -> Self {
        let (output, input) = before::<true>(iv);
        let next = load(first);
        Self {
            keys,
            input: load(&input),
            next,
            state: xor(xor(next, load(&output)), keys.0[0]),
        }
    }

    /// Decrypts a block.
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    fn block(&mut self, blocks: &mut [Block], index: usize) {
        self.rounds(1);
        self.rounds(4);
        self.rounds(7);
        self.rounds(10);
        self.last_rounds(blocks, index);
    }

    /// Decrypts a block, and does a quarter of the rounds of a block of the hash.
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    fn block_and_quarter(
        &mut self,
        blocks: &mut [Block],
        index: usize,
        hash: &mut Hash,
        quarter: usize,
    ) {
        for group in 0..4 {
            self.rounds(1 + 3 * group);
            hash.rounds(quarter, group);
        }
        self.last_rounds(blocks, index);
    }

    /// Three rounds.
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    fn rounds(&mut self, first: usize) {
        self.state = _mm_aesdec_si128(self.state, self.keys.0[first]);
        self.state = _mm_aesdec_si128(self.state, self.keys.0[first + 1]);
        self.state = _mm_aesdec_si128(self.state, self.keys.0[first + 2]);
    }

    /// Two rounds, and on to the next block.
    #[inline]
    #[target_feature(enable = "aes,sha,ssse3,sse4.1")]
    fn last_rounds(&mut self, blocks: &mut [Block], index: usize) {
        let keys = &self.keys.0;
        let now = self.next;
        self.next = blocks.get(index + 1).map_or(_mm_setzero_si128(), load);
        let start = xor(self.next, keys[0]);
        let last_key = xor(xor(self.input, keys[14]), start);
        self.state = _mm_aesdeclast_si128(_mm_aesdec_si128(self.state, keys[13]), last_key);
        store(&mut blocks[index], xor(self.state, start));
        self.input = now;
    }
}
