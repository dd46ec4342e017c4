//! A map for what mostly comes in ascending order and mostly goes in that order: handles, and msg_ids.

use alloc::collections::VecDeque;
use core::cmp::Ordering;

use super::event::Handle;

/// Rows that are gone are kept up to that number, besides as many as there are left.
const SPARE: usize = 32;
/// What an empty map keeps room for.
const IDLE: usize = 16;

/// What rows are found by.
pub(super) trait Key: Copy + Ord {
    /// Ascends with the keys, and is another one for each key in a map.
    fn number(self) -> u64;
}

/// A msg_id, by its time: the lowest bits only tell who made it.
impl Key for i64 {
    #[inline]
    fn number(self) -> u64 {
        (self >> 2).cast_unsigned()
    }
}

impl Key for Handle {
    #[inline]
    fn number(self) -> u64 {
        self.0
    }
}

/// A map whose rows lie side by side, by their keys. What is taken from the middle leaves its row behind for a while, so that
/// no order of insertions at the end and of removals makes more than logarithmic work of each.
#[derive(Debug)]
pub(super) struct Ascending<K, V> {
    /// Apart from the values, which may be large: to find a row only keys are looked at.
    keys: VecDeque<K>,
    values: VecDeque<Option<V>>,
    len: usize,
}

impl<K: Key, V> Ascending<K, V> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    #[inline]
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let at = self.position(key).ok()?;
        self.values.get(at)?.as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.position(key).ok()?;
        self.values.get_mut(at)?.as_mut()
    }

    /// The value takes the place of one that is there.
    #[inline]
    pub(super) fn insert(&mut self, key: K, value: V) {
        match self.position(&key) {
            Err(at) if at == self.keys.len() => {
                self.keys.push_back(key);
                self.values.push_back(Some(value));
            }
            Err(at) => {
                self.keys.insert(at, key);
                self.values.insert(at, Some(value));
            }
            Ok(at) => {
                if let Some(place) = self.values.get_mut(at)
                    && place.replace(value).is_some()
                {
                    return;
                }
            }
        }
        self.len += 1;
    }

    #[inline]
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.position(key).ok()?;
        // A large value is copied once only if nobody looks into it on the way.
        let value = self.values.get_mut(at)?.take();
        if value.is_some() {
            self.len -= 1;
            self.tidy();
        }
        value
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
        self.len = 0;
    }

    /// All rows by their keys.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        let rows = self.keys.iter().zip(&self.values);
        rows.filter_map(|(key, value)| Some((*key, value.as_ref()?)))
    }

    /// The values of all rows, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut().flatten()
    }

    #[inline]
    pub(super) fn keys(&self) -> impl Iterator<Item = K> {
        self.iter().map(|(key, _)| key)
    }

    /// Where the row of a key is, or would be. Keys have different numbers: so there are no more of them from a key up to
    /// the last one than their numbers tell, mostly hardly fewer, and the search begins there.
    #[inline]
    fn position(&self, key: &K) -> Result<usize, usize> {
        let Some(last) = self.keys.back() else {
            return Err(0);
        };
        if last < key {
            return Err(self.keys.len());
        }
        let distance = last.number().abs_diff(key.number());
        let distance = usize::try_from(distance).unwrap_or(usize::MAX);
        let from = (self.keys.len() - 1).saturating_sub(distance);
        match self.keys.get(from) {
            Some(found) if found == key => Ok(from),
            _ => self.search(key, from),
        }
    }

    /// Searches from a row on, in steps that get longer, and then between the last two.
    fn search(&self, key: &K, mut from: usize) -> Result<usize, usize> {
        let mut step = 1;
        while self.keys.get(from + step).is_some_and(|found| found <= key) {
            from += step;
            step *= 2;
        }
        let end = self.keys.len().min(from + step);
        let (mut low, mut high) = (from, end);
        while low < high {
            let middle = low.midpoint(high);
            match self
                .keys
                .get(middle)
                .map_or(Ordering::Greater, |found| found.cmp(key))
            {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// Lets go of rows that are gone: at the ends, and everywhere if there are too many.
    #[inline]
    fn tidy(&mut self) {
        while let Some(None) = self.values.front() {
            self.keys.pop_front();
            self.values.pop_front();
        }
        while let Some(None) = self.values.back() {
            self.keys.pop_back();
            self.values.pop_back();
        }
        if self.keys.len() > 2 * self.len + SPARE {
            let mut is_there = self.values.iter().map(Option::is_some);
            self.keys.retain(|_| is_there.next() == Some(true));
            self.values.retain(Option::is_some);
        }
        if self.len == 0 && self.keys.capacity() > IDLE {
            self.keys.shrink_to(IDLE);
            self.values.shrink_to(IDLE);
        }
    }
}

impl<K, V> Default for Ascending<K, V> {
    fn default() -> Self {
        Self {
            keys: VecDeque::new(),
            values: VecDeque::new(),
            len: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use super::*;

    /// Numbers without any order.
    fn noise() -> impl Iterator<Item = u32> {
        let mut state = 1_u32;
        core::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        })
    }

    /// Keys that lie closely together here, and far apart there, as msg_ids do.
    fn msg_id(number: u32) -> i64 {
        let number = i64::from(number % 97);
        (number / 8) << 32 | number << 2 | 1
    }

    #[test]
    fn it_is_a_map() {
        let (mut map, mut expected) = (Ascending::default(), BTreeMap::new());
        for (number, choice) in noise().take(20_000).zip(0..) {
            let key = msg_id(number);
            match choice % 3 {
                0 => assert_eq!(map.remove(&key), expected.remove(&key)),
                _ if choice % 5_000 == 4_999 => {
                    map.clear();
                    expected.clear();
                }
                _ => {
                    map.insert(key, choice);
                    expected.insert(key, choice);
                }
            }
            assert_eq!(map.len(), expected.len());
            let other = msg_id(number / 7) ^ i64::from(number % 4);
            for key in [key, other, -key, i64::MAX] {
                assert_eq!(map.get(&key), expected.get(&key));
                assert_eq!(map.get_mut(&key), expected.get_mut(&key));
            }
        }
        let rows = Vec::from_iter(map.iter());
        let expected = expected.iter().map(|(key, value)| (*key, value));
        assert_eq!(rows, Vec::from_iter(expected));
    }

    #[test]
    fn what_is_gone_takes_no_room() {
        let mut map = Ascending::default();
        map.insert(Handle(0), ());
        for key in 1..10_000 {
            map.insert(Handle(key), ());
            map.insert(Handle(key + 1), ());
            map.remove(&Handle(key));
            assert!(map.values.len() <= SPARE + 5, "{}", map.values.len());
        }
        let rest = Vec::from_iter(map.keys());
        assert_eq!(rest, [0, 10_000].map(Handle));
        rest.iter()
            .for_each(|key| assert!(map.remove(key).is_some()));
        (0..1000).for_each(|key| map.insert(Handle(key), ()));
        let backwards = (0..1000).rev().map(Handle);
        backwards.for_each(|key| assert!(map.remove(&key).is_some()));
        assert!(map.values.capacity() <= IDLE, "{}", map.values.capacity());
    }
}
