//! One chain after another on the `aes` crate, whatever the processor.

use aes::cipher::consts::U16;
use aes::cipher::{
    BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt, BlockCipherEncBackend,
    BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit,
};
use aes::{Aes256Dec, Aes256Enc};

use super::{Block, before};

pub(super) fn run<const DECRYPT: bool>(key: &[u8; 32], iv: &[u8; 32], blocks: &mut [Block]) {
    let (output, input) = before::<DECRYPT>(iv);
    let chain = Chain {
        output,
        input,
        blocks,
    };
    if DECRYPT {
        Aes256Dec::new(key.into()).decrypt_with_backend(chain);
    } else {
        Aes256Enc::new(key.into()).encrypt_with_backend(chain);
    }
}

/// A whole stream for the backend of the cipher, so that the backend is chosen once and not for each block.
struct Chain<'a> {
    /// What the cipher gave out for the block before.
    output: Block,
    /// What it took in for it.
    input: Block,
    blocks: &'a mut [Block],
}

impl Chain<'_> {
    #[inline(always)]
    fn run(mut self, cipher: impl Fn(&mut Block)) {
        let Some(first) = self.blocks.first() else {
            return;
        };
        let mut next = *first;
        let mut state = xor(&next, &self.output);
        for index in 0..self.blocks.len() {
            let input = next;
            next = self.blocks.get(index + 1).copied().unwrap_or_default();
            // Combined beforehand: from one block to the next the chain is the cipher and one xor.
            let feedback = xor(&self.input, &next);
            cipher(&mut state);
            self.blocks[index] = xor(&state, &self.input);
            state = xor(&state, &feedback);
            self.input = input;
        }
    }
}

impl BlockSizeUser for Chain<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Chain<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        self.run(|block| backend.encrypt_block(<&mut aes::Block>::from(block).into()));
    }
}

impl BlockCipherDecClosure for Chain<'_> {
    #[inline(always)]
    fn call<B: BlockCipherDecBackend<BlockSize = U16>>(self, backend: &B) {
        self.run(|block| backend.decrypt_block(<&mut aes::Block>::from(block).into()));
    }
}

// Not on `u128`, which would take the blocks out of the registers of vectors and back.
#[inline(always)]
fn xor(a: &Block, b: &Block) -> Block {
    let mut result = *a;
    result.iter_mut().zip(b).for_each(|(a, b)| *a ^= b);
    result
}
