//! What names mean: a table of all words, each of which is found by its bytes once for every place it stands at.
//!
//! Most words of a schema are short: one of up to 16 bytes is its own key, found without a loop or a choice, and a key stands
//! for one such word.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use super::Meaning;

/// A word in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Symbol(u32);

/// The words of one schema and what they mean. By its first letter a name is that of a type or that of a combinator.
pub(super) struct Names<'s> {
    /// One more than the symbol that has its place here; 0 for none. A power of two of them, at most half of them taken, and
    /// a quarter where it is known how many there will be: a walk is a wrong guess of the processor's.
    slots: Vec<u32>,
    words: Vec<Word<'s>>,
    keys: Keys,
}

#[derive(Clone, Copy)]
struct Word<'s> {
    key: Key,
    text: &'s str,
    meaning: Option<Meaning>,
}

impl<'s> Names<'s> {
    /// Room for so many words.
    pub(super) fn with_capacity(words: usize) -> Self {
        let mut names = Self {
            slots: vec![0; (4 * words).next_power_of_two().max(64)],
            words: Vec::with_capacity(words),
            keys: Keys::default(),
        };
        names.symbol("Type", 0..4);
        names
    }

    /// The word `Type`, which names no type wherever it stands.
    pub(super) const TYPE: Symbol = Symbol(0);

    /// All names that mean something.
    pub(super) fn known(&self) -> impl Iterator<Item = &'s str> {
        let known = self.words.iter().filter(|word| word.meaning.is_some());
        known.map(|word| word.text)
    }

    /// What a name means.
    pub(super) fn get(&self, name: &str) -> Option<&Meaning> {
        let symbol = self.find(self.keys.key(name, 0..name.len()), name.as_bytes());
        self.words[symbol.ok()?.0 as usize].meaning.as_ref()
    }

    /// The word that stands somewhere in a text.
    pub(super) fn symbol(&mut self, text: &'s str, range: Range<usize>) -> Symbol {
        let key = self.keys.key(text, range.clone());
        let word = text.as_bytes().get(range.clone()).unwrap_or_default();
        match self.find(key, word) {
            Ok(symbol) => symbol,
            Err(slot) => self.add(slot, key, text.get(range).unwrap_or_default()),
        }
    }

    /// The key of the word that stands somewhere in a text. Two words of up to 16 bytes never
    /// have one, others hardly ever.
    #[inline]
    pub(super) fn key(&self, text: &str, range: Range<usize>) -> Key {
        self.keys.key(text, range)
    }

    /// A number that depends on all of a key.
    #[inline]
    pub(super) fn place(&self, key: Key) -> usize {
        self.keys.place(key)
    }

    #[inline]
    pub(super) fn key_of(&self, symbol: Symbol) -> Key {
        self.words[symbol.0 as usize].key
    }

    #[inline]
    pub(super) fn meaning(&self, symbol: Symbol) -> Option<Meaning> {
        self.words[symbol.0 as usize].meaning
    }

    pub(super) fn set_meaning(&mut self, symbol: Symbol, meaning: Meaning) {
        self.words[symbol.0 as usize].meaning = Some(meaning);
    }

    /// The place of a word, or the slot that it has to take.
    #[inline]
    fn find(&self, key: Key, word: &[u8]) -> Result<Symbol, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = self.keys.place(key) & mask;
        loop {
            let Some(index) = self.slots[slot].checked_sub(1) else {
                return Err(slot);
            };
            let own = &self.words[index as usize];
            if own.key == key && (word.len() <= SHORT || own.text.as_bytes() == word) {
                return Ok(Symbol(index));
            }
            slot = (slot + 1) & mask;
        }
    }

    #[inline(never)]
    fn add(&mut self, slot: usize, key: Key, text: &'s str) -> Symbol {
        let symbol = Symbol(self.words.len() as u32);
        self.slots[slot] = symbol.0 + 1;
        self.words.push(Word {
            key,
            text,
            meaning: None,
        });
        if self.words.len() * 2 > self.slots.len() {
            self.grow();
        }
        symbol
    }

    fn grow(&mut self) {
        let mask = 2 * self.slots.len() - 1;
        let mut slots = vec![0; mask + 1];
        for (word, number) in self.words.iter().zip(1..) {
            let mut slot = self.keys.place(word.key) & mask;
            while slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            slots[slot] = number;
        }
        self.slots = slots;
    }
}

/// The bytes of a short word with zeros behind them; of a longer one a hash and the length, with the highest bit set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u64, u64);

const SHORT: usize = 16;

/// Makes keys. The seeds keep texts from being made so that their words have one place.
struct Keys {
    seeds: [u64; 2],
    long: foldhash::fast::RandomState,
}

impl Default for Keys {
    fn default() -> Self {
        let long = foldhash::fast::RandomState::default();
        let seeds = [0, 1].map(|number: u64| long.hash_one(number));
        Self { seeds, long }
    }
}

impl Keys {
    #[inline]
    fn key(&self, text: &str, range: Range<usize>) -> Key {
        let len = range.len();
        let rest = text.as_bytes().get(range.start..).unwrap_or_default();
        if len > SHORT {
            return self.long_key(rest.get(..len).unwrap_or_default());
        }
        let mut bytes = [0; SHORT];
        match rest.first_chunk() {
            Some(chunk) => bytes = *chunk,
            None => bytes[..rest.len()].copy_from_slice(rest),
        }
        let bytes = u128::from_le_bytes(bytes) & MASKS[len];
        Key(bytes as u64, (bytes >> 64) as u64)
    }

    #[inline(never)]
    fn long_key(&self, word: &[u8]) -> Key {
        let mut hasher = self.long.build_hasher();
        hasher.write(word);
        Key(hasher.finish(), 1 << 63 | word.len() as u64)
    }

    #[inline]
    fn place(&self, Key(first, second): Key) -> usize {
        fold(first ^ self.seeds[0], second ^ self.seeds[1]) as usize
    }
}

/// As many bytes as the index says.
const MASKS: [u128; SHORT + 1] = {
    let mut masks = [0; SHORT + 1];
    let mut len = 1;
    while len <= SHORT {
        masks[len] = masks[len - 1] << 8 | 0xff;
        len += 1;
    }
    masks
};

/// Both halves of a product: each bit depends on all of the factors.
#[inline]
const fn fold(left: u64, right: u64) -> u64 {
    let product = left as u128 * right as u128;
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::super::super::TypeId;
    use super::*;

    #[test]
    fn every_word_is_found_again_wherever_it_stands() {
        let words: Vec<_> = (0..5_000_usize)
            .map(|n| "abcdefghijklmnop"[..n % 16 + 1].to_owned() + &n.to_string())
            .collect();
        let text = words.join(" ");
        let mut names = Names::with_capacity(0);
        let mut at = 0;
        for (word, number) in words.iter().zip(0..) {
            assert!(names.get(word).is_none(), "{word}");
            let symbol = names.symbol(&text, at..at + word.len());
            names.set_meaning(symbol, Meaning::Type(TypeId(number)));
            at += word.len() + 1;
        }
        for (word, number) in words.iter().zip(0..) {
            assert!(
                matches!(names.get(word), Some(Meaning::Type(id)) if id.0 == number),
                "{word}"
            );
            assert_eq!(names.symbol(word, 0..word.len()), Symbol(number + 1));
        }
    }
}
