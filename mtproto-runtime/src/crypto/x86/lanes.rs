//! One stream, or eight side by side: while a round of one is under way, the processor begins rounds of the others.

use core::arch::x86_64::{
    __m128i, _mm_aesdec_si128, _mm_aesdeclast_si128, _mm_aesenc_si128, _mm_aesenclast_si128,
    _mm_setzero_si128,
};
use core::{array, mem};

use super::schedule::Schedule;
use super::{load, store, xor};
use crate::crypto::aes_ige::{Block, Message, before};

/// As many as there are rounds that a processor can have under way, and states that it has registers for.
const LANES: usize = 8;

#[target_feature(enable = "aes,ssse3")]
pub(super) fn run_one<const DECRYPT: bool>(key: &[u8; 32], iv: &[u8; 32], blocks: &mut [Block]) {
    let count = blocks.len();
    advance::<DECRYPT, 1>(&mut [Lane::new::<DECRYPT>(key, iv, blocks)], count);
}

#[target_feature(enable = "aes,ssse3")]
pub(super) fn run_many<const DECRYPT: bool>(messages: &mut [Message<'_>]) {
    let mut messages = messages.iter_mut();
    let mut lanes: [Lane<'_>; LANES] = array::from_fn(|_| Lane::idle());
    let mut active = 0;
    loop {
        for lane in &mut lanes[active..] {
            let Some(Message { keys, data }) = messages.next() else {
                break;
            };
            let (blocks, _) = data.as_chunks_mut();
            *lane = Lane::new::<DECRYPT>(&keys.key, &keys.iv, blocks);
            active += 1;
        }
        let Some(count) = lanes[..active].iter().map(|lane| lane.blocks.len()).min() else {
            return;
        };
        macro_rules! advance {
            ($($n:literal)*) => {
                $(if active == $n && let Some(lanes) = lanes.first_chunk_mut() {
                    advance::<DECRYPT, $n>(lanes, count);
                })*
            };
        }
        advance!(1 2 3 4 5 6 7 8);
        for index in (0..active).rev() {
            if lanes[index].blocks.is_empty() {
                active -= 1;
                if index != active {
                    lanes.swap(index, active);
                }
            }
        }
    }
}

/// A stream, and where it is.
struct Lane<'a> {
    keys: Schedule,
    /// What the cipher gave out for the block before.
    output: __m128i,
    /// What it took in for it.
    input: __m128i,
    /// What is still to do.
    blocks: &'a mut [Block],
}

impl<'a> Lane<'a> {
    #[inline]
    #[target_feature(enable = "aes,ssse3")]
    fn idle() -> Self {
        Self {
            keys: Schedule::zero(),
            output: _mm_setzero_si128(),
            input: _mm_setzero_si128(),
            blocks: &mut [],
        }
    }

    #[inline]
    #[target_feature(enable = "aes,ssse3")]
    fn new<const DECRYPT: bool>(key: &[u8; 32], iv: &[u8; 32], blocks: &'a mut [Block]) -> Self {
        let (output, input) = before::<DECRYPT>(iv);
        Self {
            keys: Schedule::new::<DECRYPT>(key),
            output: load(&output),
            input: load(&input),
            blocks,
        }
    }
}

/// Does `count` blocks of each lane, which has as many.
#[inline]
#[target_feature(enable = "aes,ssse3")]
fn advance<const DECRYPT: bool, const N: usize>(lanes: &mut [Lane<'_>; N], count: usize) {
    // Arrays of what the loop needs: so it stays in registers.
    let blocks = lanes.each_mut().map(|lane| {
        let (now, later) = mem::take(&mut lane.blocks).split_at_mut(count);
        lane.blocks = later;
        now
    });
    if count == 0 {
        return;
    }
    let zero = _mm_setzero_si128();
    let (mut input, mut next, mut state) = ([zero; N], [zero; N], [zero; N]);
    for lane in 0..N {
        input[lane] = lanes[lane].input;
        next[lane] = load(&blocks[lane][0]);
        state[lane] = xor(xor(next[lane], lanes[lane].output), lanes[lane].keys.0[0]);
    }
    for index in 0..count {
        for round in 1..14 {
            for lane in 0..N {
                let key = lanes[lane].keys.0[round];
                state[lane] = if DECRYPT {
                    _mm_aesdec_si128(state[lane], key)
                } else {
                    _mm_aesenc_si128(state[lane], key)
                };
            }
        }
        for lane in 0..N {
            let keys = &lanes[lane].keys.0;
            let now = next[lane];
            next[lane] = blocks[lane].get(index + 1).map_or(zero, load);
            let start = xor(next[lane], keys[0]);
            let last_key = xor(xor(input[lane], keys[14]), start);
            state[lane] = if DECRYPT {
                _mm_aesdeclast_si128(state[lane], last_key)
            } else {
                _mm_aesenclast_si128(state[lane], last_key)
            };
            store(&mut blocks[lane][index], xor(state[lane], start));
            input[lane] = now;
        }
    }
    for lane in 0..N {
        lanes[lane].input = input[lane];
        lanes[lane].output = load(&blocks[lane][count - 1]);
    }
}
