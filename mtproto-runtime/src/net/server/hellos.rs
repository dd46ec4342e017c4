//! The hellos of [fake TLS](crate::transport::fake_tls) that a server has seen: who knows no secret can only use one again.

use std::collections::{HashSet, VecDeque};

use crate::transport::TlsHello;

/// As many are remembered, about 8 MB; beyond that the first go. Only clients that know a secret come here.
const MAX: usize = 100_000;

/// However old they are: who uses one again can say that it was made just now.
#[derive(Debug, Default)]
pub(super) struct Hellos {
    seen: HashSet<[u8; 28]>,
    /// As they came.
    order: VecDeque<[u8; 28]>,
}

impl Hellos {
    /// Whether this one is seen for the first time.
    pub(super) fn is_new(&mut self, hello: &TlsHello) -> bool {
        let digest = hello.digest();
        if !self.seen.insert(digest) {
            return false;
        }
        if self.order.len() >= MAX
            && let Some(first) = self.order.pop_front()
        {
            self.seen.remove(&first);
        }
        self.order.push_back(digest);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_750_000_000;

    fn hello(number: u64) -> TlsHello {
        let mut random = [0; 32];
        random[..8].copy_from_slice(&number.to_be_bytes());
        TlsHello {
            random,
            timestamp: NOW,
        }
    }

    #[test]
    fn a_hello_is_new_once() {
        let mut hellos = Hellos::default();
        assert!(hellos.is_new(&hello(1)));
        assert!(hellos.is_new(&hello(2)));
        assert!(!hellos.is_new(&hello(1)));
    }

    #[test]
    fn another_time_makes_no_new_hello() {
        let mut hellos = Hellos::default();
        let mut hello = hello(1);
        assert!(hellos.is_new(&hello));
        hello.random[28] ^= 1;
        hello.timestamp ^= 1;
        assert!(!hellos.is_new(&hello));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut hellos = Hellos::default();
        let max = MAX as u64;
        for number in 0..=max {
            assert!(hellos.is_new(&hello(number)));
        }
        assert_eq!((hellos.seen.len(), hellos.order.len()), (MAX, MAX));
        assert!(!hellos.is_new(&hello(1)));
        assert!(!hellos.is_new(&hello(max)));
        assert!(hellos.is_new(&hello(0)));
    }
}
