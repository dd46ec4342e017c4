//! Server salts of a server: [server salt](https://core.telegram.org/mtproto/description#server-salt).
//!
//! Each comes from a secret of the server, the authorization key and its number in time. So nothing is stored, all of a
//! server's processes agree, and the salts of the future can be told.

use core::time::Duration;

use zeroize::Zeroizing;

use super::salts::{Salt, secs};
use crate::crypto::hash::sha256;
use crate::time::UnixTime;

/// At most so many are told at once.
const MAX_FUTURE: u32 = 64;

/// The salts that a server gives to a key.
#[derive(Clone)]
pub struct ServerSalts {
    secret: Zeroizing<[u8; 32]>,
    period_secs: u32,
    first: Option<Salt>,
}

impl ServerSalts {
    /// Salts from a secret of the server. Each is new for `period` and is accepted for as long again; the official server
    /// has half an hour.
    pub fn new(secret: [u8; 32], period: Duration) -> Self {
        Self {
            secret: Zeroizing::new(secret),
            period_secs: secs(period).max(1),
            first: None,
        }
    }

    /// The same for one key, whose first salt comes from its handshake: it is accepted for as long as others.
    pub fn with_first(mut self, salt: i64, made_at: UnixTime) -> Self {
        let valid_since = secs(made_at.since_epoch());
        self.first = Some(Salt {
            salt,
            valid_since,
            valid_until: valid_since.saturating_add(self.period_secs.saturating_mul(2)),
        });
        self
    }

    /// The salt in use at that time.
    pub(super) fn current(&self, auth_key_id: u64, server_time: Duration) -> Salt {
        self.salt(auth_key_id, secs(server_time) / self.period_secs)
    }

    /// Whether a message with that salt is accepted.
    pub(super) fn accept(&self, auth_key_id: u64, salt: i64, server_time: Duration) -> bool {
        let now = secs(server_time);
        if let Some(first) = &self.first
            && first.salt == salt
            && (first.valid_since..first.valid_until).contains(&now)
        {
            return true;
        }
        let number = now / self.period_secs;
        [number, number.saturating_sub(1)]
            .iter()
            .any(|number| self.salt(auth_key_id, *number).salt == salt)
    }

    /// The salts from now on, `count` of them.
    pub(super) fn future(
        &self,
        auth_key_id: u64,
        server_time: Duration,
        count: u32,
    ) -> impl Iterator<Item = Salt> {
        let first = secs(server_time) / self.period_secs;
        let last = first.saturating_add(count.clamp(1, MAX_FUTURE));
        (first..last).map(move |number| self.salt(auth_key_id, number))
    }

    fn salt(&self, auth_key_id: u64, number: u32) -> Salt {
        let hash = sha256(&[
            &self.secret[..],
            &auth_key_id.to_le_bytes(),
            &number.to_le_bytes(),
        ]);
        let [
            salt @ ..,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
        ] = hash;
        let valid_since = number.saturating_mul(self.period_secs);
        Salt {
            salt: i64::from_le_bytes(salt),
            valid_since,
            valid_until: valid_since.saturating_add(self.period_secs.saturating_mul(2)),
        }
    }
}

impl core::fmt::Debug for ServerSalts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ServerSalts")
            .field("secret", &crate::wire::Redacted)
            .field("period_secs", &self.period_secs)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(1800);
    const NOW: Duration = Duration::from_secs(1_700_000_100);

    #[test]
    fn a_salt_is_accepted_for_one_period_after_its_own() {
        let salts = ServerSalts::new([7; 32], PERIOD);
        let salt = salts.current(1, NOW).salt;
        assert!(salts.accept(1, salt, NOW));
        assert!(salts.accept(1, salt, NOW + PERIOD));
        assert!(!salts.accept(1, salt, NOW + 2 * PERIOD));
        assert!(!salts.accept(2, salt, NOW), "of another key");
        assert!(!salts.accept(1, 0, NOW));
    }

    #[test]
    fn the_salt_of_the_handshake_is_accepted_as_long_as_others() {
        let salts = ServerSalts::new([7; 32], PERIOD).with_first(5, UnixTime::from(NOW));
        assert!(salts.accept(1, 5, NOW));
        assert!(salts.accept(1, 5, NOW + PERIOD));
        assert!(!salts.accept(1, 5, NOW + 2 * PERIOD));
        assert_ne!(salts.current(1, NOW).salt, 5, "it is not told again");
    }

    #[test]
    fn the_future_is_what_comes() {
        let salts = ServerSalts::new([7; 32], PERIOD);
        let future: alloc::vec::Vec<Salt> = salts.future(1, NOW, 3).collect();
        for (k, salt) in (0..).zip(&future) {
            assert_eq!(salts.current(1, NOW + PERIOD * k), *salt);
        }
        assert_eq!(salts.future(1, NOW, 1000).count(), 64);
        assert_eq!(salts.future(1, NOW, 0).count(), 1);
    }
}
