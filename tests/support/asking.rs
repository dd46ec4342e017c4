//! Bytes that a codec accepts, found by asking it: where it says that the input ends too early, random words are added;
//! where it misses a constructor, one of those it expects is put. So every construct of the language gets values, and nothing
//! is known of the schema but what the codec says.

use std::collections::HashMap;

use tl_dynamic::{Codec, DecodeErrorKind, Options, Root};

/// How often a value is asked for before it is given up.
const QUESTIONS: u32 = 300;

/// xorshift64*: random numbers, the same on every machine.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as usize % limit
    }
}

/// Asks a codec.
pub(crate) struct Asker<'c> {
    pub(crate) codec: &'c Codec,
    pub(crate) options: Options,
    ids: Vec<u32>,
    /// For each constructor, how deep its smallest value is: of values that grow too long, the rest is made of the smallest.
    heights: Option<&'c HashMap<u32, usize>>,
}

/// From this many bytes on, only the smallest values are asked for.
const LONG: usize = 160;

impl<'c> Asker<'c> {
    pub(crate) fn new(codec: &'c Codec, options: Options) -> Self {
        Self {
            codec,
            options,
            ids: codec.names().map(|row| row.1).collect(),
            heights: None,
        }
    }

    /// With what is known of the heights of constructors, by id.
    #[allow(dead_code, reason = "small schemas do without")]
    pub(crate) fn with_heights(self, heights: &'c HashMap<u32, usize>) -> Self {
        Self {
            heights: Some(heights),
            ..self
        }
    }

    /// Whether the schema says how a value is read: not of `object ? = Object`, and not where `Type` is a value.
    pub(crate) fn is_determined(&self, root: &Root, id: u32) -> bool {
        [&[][..], &id.to_le_bytes(), &[0; 64]].iter().all(|bytes| {
            let error = self.codec.decode_prefix(root, bytes, &self.options).err();
            !error.is_some_and(|error| matches!(error.kind, DecodeErrorKind::Undetermined { .. }))
        })
    }

    /// Bytes that the codec accepts.
    pub(crate) fn find(&self, root: &Root, rng: &mut Rng) -> Option<Vec<u8>> {
        let mut bytes: Vec<u8> = Vec::new();
        for _ in 0..QUESTIONS {
            let error = match self.codec.decode_prefix(root, &bytes, &self.options) {
                Ok((_, len)) => {
                    bytes.truncate(len);
                    return Some(bytes);
                }
                Err(error) => error,
            };
            let is_long = bytes.len() > LONG;
            match error.kind {
                DecodeErrorKind::UnexpectedEnd { .. } => {
                    let is_text = matches!(error.reading.as_str(), "string" | "bytes");
                    let word = match rng.below(8) {
                        _ if is_long => 0,
                        choice if is_text => [0, 0x6101][choice & 1],
                        0 => 1 << rng.below(32),
                        _ => rng.below(3) as u32,
                    };
                    bytes.extend(word.to_le_bytes());
                }
                DecodeErrorKind::UnexpectedConstructor { mut expected, .. } => {
                    if is_long {
                        let height = |id: &u32| Some(*self.heights?.get(id)?);
                        let least = expected.iter().map(height).min();
                        expected.retain(|id| height(id) == least.flatten());
                    }
                    let among = if expected.is_empty() {
                        &self.ids
                    } else {
                        &expected
                    };
                    let id = among[rng.below(among.len())];
                    bytes.truncate(error.offset);
                    bytes.extend(id.to_le_bytes());
                }
                // A count beyond reason, an id of what has parameters: another word may do.
                _ => bytes.truncate(error.offset.saturating_sub(4) & !3),
            }
        }
        None
    }
}
