//! AES-IGE and SHA-256 on the instructions of x86-64 for them.
//!
//! The last round of AES ends with the xor of a key. IGE puts an xor on either side of the cipher: with the block that went
//! in before, and with the next block (and its first key). All three are known long before the round ends, so they go into
//! its key, and what comes out is the state of the next block: the chain has nothing in it but the 14 rounds. The block
//! itself takes an xor off the chain.
//!
//! `unsafe` is here because pointers are what these instructions load from and store to, and because what is compiled for a
//! feature of the processor must not run where that is missing. An [`Aes`] or [`AesSha`] is the proof that it is not.

#![expect(unsafe_code, reason = "see the head of this module")]

mod decrypt_sha256;
mod lanes;
mod schedule;
mod sha256;

use core::arch::asm;
use core::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_storeu_si128, _mm_xor_si128};

use super::aes_ige::{Block, Message};
use super::kdf::KeyIv;

cpufeatures::new!(aes, "aes", "ssse3");
cpufeatures::new!(sha, "sha", "sse4.1");

/// The processor has AES instructions.
#[derive(Clone, Copy)]
pub(super) struct Aes(());

impl Aes {
    pub(super) fn detect() -> Option<Self> {
        aes::get().then_some(Self(()))
    }

    pub(super) fn run_one<const DECRYPT: bool>(
        self,
        key: &[u8; 32],
        iv: &[u8; 32],
        blocks: &mut [Block],
    ) {
        // SAFETY: the processor has the instructions, or there would be no `self`.
        unsafe { lanes::run_one::<DECRYPT>(key, iv, blocks) }
    }

    /// The data of each message is whole blocks; what is more is left alone.
    pub(super) fn run_many<const DECRYPT: bool>(self, messages: &mut [Message<'_>]) {
        // SAFETY: as above.
        unsafe { lanes::run_many::<DECRYPT>(messages) }
    }
}

/// The processor has AES and SHA instructions.
#[derive(Clone, Copy)]
pub(super) struct AesSha(());

impl AesSha {
    pub(super) fn detect() -> Option<Self> {
        (aes::get() && sha::get()).then_some(Self(()))
    }

    pub(super) fn decrypt_sha256(
        self,
        key: &[u8; 32],
        iv: &[u8; 32],
        blocks: &mut [Block],
        prefix: &[u8; 32],
    ) -> [u8; 32] {
        // SAFETY: the processor has the instructions, or there would be no `self`.
        unsafe { decrypt_sha256::decrypt_sha256(key, iv, blocks, prefix) }
    }

    /// The SHA-256 of the prefix and the blocks.
    pub(super) fn sha256(self, prefix: &[u8; 32], blocks: &[Block]) -> [u8; 32] {
        // SAFETY: as above.
        unsafe { sha256::sha256(prefix, blocks) }
    }

    /// The keys of `SHA256 (msg_key + first)` and `SHA256 (second + msg_key)`.
    pub(super) fn message_keys(
        self,
        msg_key: &[u8; 16],
        first: &[u8; 36],
        second: &[u8; 36],
    ) -> KeyIv {
        // SAFETY: as above.
        unsafe { sha256::message_keys(msg_key, first, second) }
    }
}

#[inline(always)]
fn load(block: &Block) -> __m128i {
    // SAFETY: a block is 16 bytes that can be read, and the address need not be aligned. SSE2 is part of x86-64.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}

#[inline(always)]
fn store(block: &mut Block, value: __m128i) {
    // SAFETY: a block is 16 bytes that can be written, and the address need not be aligned. SSE2 is part of x86-64.
    unsafe { _mm_storeu_si128(block.as_mut_ptr().cast(), value) }
}

#[inline(always)]
fn xor(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { _mm_xor_si128(a, b) }
}

/// What computes one of them stays where it is written relative to what computes the other: left to itself, the compiler puts
/// either chain in one piece, and the processor does not look far enough ahead.
#[inline(always)]
fn in_step(a: &mut __m128i, b: &mut __m128i) {
    // SAFETY: there are no instructions in it.
    unsafe {
        asm!(
            "/* {0} {1} */",
            inout(xmm_reg) * a,
            inout(xmm_reg) * b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
}
