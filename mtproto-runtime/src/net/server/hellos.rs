//! The hellos of [fake TLS](crate::transport::fake_tls) that a server has seen: who knows no secret can only use one again.

use std::collections::BTreeSet;

use crate::transport::TlsHello;
use crate::transport::fake_tls::MAX_AGE_SECS;

/// As many are remembered, about 5 MB; beyond that the oldest go. Only clients that know a secret come here.
const MAX: usize = 100_000;

/// By the client's time, so that the oldest come first.
#[derive(Debug, Default)]
pub(super) struct Hellos(BTreeSet<(u32, [u8; 32])>);

impl Hellos {
    /// Whether this one is seen for the first time. Those that are too old to be accepted are forgotten.
    pub(super) fn is_new(&mut self, hello: &TlsHello, unix_time: u32) -> bool {
        let oldest = unix_time.saturating_sub(MAX_AGE_SECS);
        while let Some(&(timestamp, _)) = self.0.first()
            && (timestamp < oldest || self.0.len() >= MAX)
        {
            self.0.pop_first();
        }
        self.0.insert((hello.timestamp, hello.random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_750_000_000;

    fn hello(number: u8, timestamp: u32) -> TlsHello {
        TlsHello {
            random: [number; 32],
            timestamp,
        }
    }

    #[test]
    fn a_hello_is_new_once() {
        let mut hellos = Hellos::default();
        assert!(hellos.is_new(&hello(1, NOW), NOW));
        assert!(hellos.is_new(&hello(2, NOW), NOW));
        assert!(!hellos.is_new(&hello(1, NOW), NOW + MAX_AGE_SECS));
    }

    #[test]
    fn what_is_too_old_to_be_accepted_is_forgotten() {
        let mut hellos = Hellos::default();
        assert!(hellos.is_new(&hello(1, NOW), NOW));
        assert!(hellos.is_new(&hello(2, NOW + 5), NOW + MAX_AGE_SECS + 1));
        assert_eq!(hellos.0.len(), 1);
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut hellos = Hellos::default();
        for number in 0..=MAX as u64 {
            let mut hello = hello(0, NOW);
            hello.random[..8].copy_from_slice(&number.to_be_bytes());
            assert!(hellos.is_new(&hello, NOW));
        }
        assert_eq!(hellos.0.len(), MAX);
    }
}
