//! How long to wait before the next try.

use core::time::Duration;

use rand_core::CryptoRng;

/// The delays between tries to connect: each is twice the one before, up to a limit, and shortened by chance, lest all clients
/// of a server come back to it at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The delay after a connection that worked.
    pub first: Duration,
    /// The longest one.
    pub max: Duration,
    /// Which part of a delay is left to chance: 0 to 1.
    pub jitter: f64,
}

impl Backoff {
    /// No delay at all: for tests, and for servers on this machine.
    pub const NONE: Self = Self {
        first: Duration::ZERO,
        max: Duration::ZERO,
        jitter: 0.0,
    };

    /// The delay after so many failures in a row.
    pub fn delay(&self, failures: u32, rng: &mut dyn CryptoRng) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        let longest = self.first.saturating_mul(factor).min(self.max);
        let chance = f64::from(rng.next_u32()) / f64::from(u32::MAX);
        // A part that is no number counts as none.
        let jitter = if self.jitter > 0.0 {
            self.jitter.min(1.0)
        } else {
            0.0
        };
        longest.mul_f64(1.0 - jitter * chance)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            max: Duration::from_secs(60),
            jitter: 0.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn delays_double_up_to_the_limit() {
        let backoff = Backoff {
            first: Duration::from_secs(1),
            max: Duration::from_secs(10),
            jitter: 0.0,
        };
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let delays = [0, 1, 2, 3, 4, 31, 32, 40, u32::MAX]
            .map(|failures| backoff.delay(failures, &mut rng).as_secs());
        assert_eq!(delays, [1, 2, 4, 8, 10, 10, 10, 10, 10]);
    }

    #[test]
    fn chance_only_shortens_and_by_no_more_than_its_part() {
        let backoff = Backoff {
            first: Duration::from_secs(8),
            max: Duration::from_secs(8),
            jitter: 0.25,
        };
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let delays: std::vec::Vec<Duration> =
            (0..1000).map(|_| backoff.delay(0, &mut rng)).collect();
        let (shortest, longest) = (delays.iter().min(), delays.iter().max());
        assert!(shortest >= Some(&Duration::from_secs(6)));
        assert!(longest <= Some(&Duration::from_secs(8)));
        assert!(
            shortest < Some(&Duration::from_millis(6100)),
            "{shortest:?}"
        );
        assert!(longest > Some(&Duration::from_millis(7900)), "{longest:?}");
    }

    #[test]
    fn parts_that_are_none_do_no_harm() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        for jitter in [f64::NAN, -1.0, 7.0, f64::INFINITY] {
            let backoff = Backoff {
                jitter,
                ..Backoff::default()
            };
            assert!(backoff.delay(3, &mut rng) <= Duration::from_secs(4));
        }
    }
}
