//! Server salts of a client: [server salt](https://core.telegram.org/mtproto/description#server-salt) and
//! [get_future_salts](https://core.telegram.org/mtproto/service_messages#request-for-several-future-salts).
//!
//! A salt holds for an hour or so, and overlaps with the next. The client keeps two ahead of the one in use and asks for
//! more in time; of a server that gives only one it does not ask over and over.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use crate::wire::Redacted;

/// So many salts are kept besides the one in use.
const AHEAD: usize = 2;
/// At most so many are kept: `get_future_salts` gives no more.
const MAX_SALTS: usize = 64;
/// How long a salt holds of which the server did not say it.
const UNTOLD_VALIDITY: Duration = Duration::from_secs(1800);
/// How soon the server is asked again when it gave too few; doubles with every such answer.
const MIN_PAUSE: Duration = Duration::from_secs(60);
const MAX_PAUSE: Duration = Duration::from_secs(3600);

/// A salt, and when it holds: in seconds of the server's time since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt {
    /// The salt itself.
    pub salt: i64,
    /// From then on.
    pub valid_since: u32,
    /// Up to then.
    pub valid_until: u32,
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Salt")
            .field("salt", &Redacted)
            .field("valid_since", &self.valid_since)
            .field("valid_until", &self.valid_until)
            .finish()
    }
}

/// The salts of a client.
#[derive(Clone, Debug)]
pub(super) struct Salts {
    /// By the time from which they hold.
    known: Vec<Salt>,
    /// Before that the server is not asked for more.
    ask_at: Duration,
    pause: Duration,
}

impl Salts {
    /// Starts with the salts that are known: of an earlier run, or the first one of the handshake.
    pub(super) fn new(known: &[Salt], elapsed: Duration) -> Self {
        let mut salts = Self {
            known: Vec::new(),
            ask_at: elapsed,
            pause: MIN_PAUSE,
        };
        salts.learn(known);
        salts
    }

    /// A salt without a word of when it holds: from now on, for a while.
    pub(super) fn untold(salt: i64, server_time: Duration) -> Salt {
        let now = secs(server_time);
        Salt {
            salt,
            valid_since: now,
            valid_until: now.saturating_add(secs(UNTOLD_VALIDITY)),
        }
    }

    /// The salt to send with: the youngest that holds; if none does, the one that held last; 0 if there is none.
    pub(super) fn current(&self, server_time: Duration) -> i64 {
        self.in_use(secs(server_time)).map_or(0, |salt| salt.salt)
    }

    /// All that are known.
    pub(super) fn known(&self) -> &[Salt] {
        &self.known
    }

    /// `bad_server_salt` and `new_session_created` tell the one that holds now; what was known before does not count.
    pub(super) fn replace(&mut self, salt: i64, server_time: Duration) {
        match self.known.iter().any(|known| known.salt == salt) {
            // The clock was wrong rather than the salts.
            true => self
                .known
                .retain(|known| known.salt == salt || known.valid_since > secs(server_time)),
            false => self.known.clear(),
        }
        self.known.retain(|known| known.salt != salt);
        self.learn(&[Self::untold(salt, server_time)]);
    }

    /// Takes the answer to `get_future_salts`. When it does not do, the next question has to wait, longer each time.
    pub(super) fn answer(&mut self, salts: &[Salt], server_time: Duration, elapsed: Duration) {
        self.learn(salts);
        self.forget(server_time);
        self.pause = match self.ahead(secs(server_time)) >= AHEAD {
            true => MIN_PAUSE,
            false => self.pause.saturating_mul(2).min(MAX_PAUSE),
        };
        self.ask_at = elapsed.saturating_add(self.pause);
    }

    /// The question is on its way: no other for now, even if nobody answers.
    pub(super) fn asked(&mut self, elapsed: Duration) {
        self.ask_at = elapsed.saturating_add(self.pause);
    }

    /// When the server is to be asked for more salts, in the time of timers.
    pub(super) fn ask_at(&self, server_time: Duration, elapsed: Duration) -> Duration {
        let now = secs(server_time);
        // Once the first of the last `AHEAD` salts comes into use, too few are ahead.
        let runs_short = match self.known.len().checked_sub(AHEAD) {
            Some(at) if self.ahead(now) >= AHEAD => self.known.get(at).map(|salt| salt.valid_since),
            _ => None,
        };
        let in_secs = runs_short.map_or(0, |at| at.saturating_sub(now));
        elapsed
            .saturating_add(Duration::from_secs(in_secs.into()))
            .max(self.ask_at)
    }

    fn learn(&mut self, salts: &[Salt]) {
        for salt in salts
            .iter()
            .filter(|salt| salt.valid_since < salt.valid_until)
        {
            self.known.retain(|known| known.salt != salt.salt);
            let at = self
                .known
                .partition_point(|known| known.valid_since <= salt.valid_since);
            self.known.insert(at, *salt);
            if self.known.len() > MAX_SALTS {
                self.known.pop();
            }
        }
    }

    /// Forgets what holds no longer, but not the last.
    fn forget(&mut self, server_time: Duration) {
        let now = secs(server_time);
        let last = self.known.last().copied();
        self.known
            .retain(|salt| salt.valid_until > now || Some(*salt) == last);
    }

    /// How many salts will come into use.
    fn ahead(&self, now: u32) -> usize {
        self.known
            .iter()
            .filter(|salt| salt.valid_since > now)
            .count()
    }

    fn in_use(&self, now: u32) -> Option<&Salt> {
        let holds = |salt: &&Salt| salt.valid_since <= now && now < salt.valid_until;
        let youngest = self.known.iter().rev().find(holds);
        youngest
            .or_else(|| self.known.iter().rev().find(|salt| salt.valid_since <= now))
            .or(self.known.first())
    }
}

/// Whole seconds since the Unix epoch, as salts count them.
pub(super) fn secs(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_700_000_000);
    const NOW_SECS: u32 = 1_700_000_000;

    fn row(count: u32) -> Vec<Salt> {
        let salt = |k: u32| Salt {
            salt: i64::from(k) + 1,
            valid_since: NOW_SECS + k * 1800,
            valid_until: NOW_SECS + (k + 2) * 1800,
        };
        (0..count).map(salt).collect()
    }

    fn later(secs: u64) -> Duration {
        NOW + Duration::from_secs(secs)
    }

    #[test]
    fn the_youngest_that_holds_is_used() {
        let salts = Salts::new(&row(4), NOW);
        assert_eq!(salts.current(NOW), 1);
        assert_eq!(salts.current(later(1799)), 1);
        assert_eq!(salts.current(later(1800)), 2);
        // All have expired: the last is the best guess.
        assert_eq!(salts.current(later(90_000)), 4);
        // The clock is behind all of them: the first.
        assert_eq!(salts.current(Duration::ZERO), 1);
        assert_eq!(Salts::new(&[], NOW).current(NOW), 0);
    }

    #[test]
    fn what_is_printed_has_no_salt() {
        let salt = Salt {
            salt: 0x1234_5678,
            valid_since: NOW_SECS,
            valid_until: NOW_SECS + 1800,
        };
        let text = alloc::format!("{:?}", Salts::new(&[salt], NOW));
        assert!(text.contains(&alloc::format!("{NOW_SECS}")), "{text}");
        assert!(!text.contains(&alloc::format!("{}", salt.salt)), "{text}");
    }

    #[test]
    fn two_are_kept_ahead() {
        let mut salts = Salts::new(&row(1), NOW);
        assert_eq!(salts.ask_at(NOW, NOW), NOW);
        salts.answer(&row(5), NOW, NOW);
        // With five there are two ahead until the fourth comes into use.
        assert_eq!(salts.ask_at(NOW, NOW), later(3 * 1800));
        assert_eq!(salts.ask_at(later(5400), later(5400)), later(5400));
    }

    #[test]
    fn a_server_that_gives_one_is_not_asked_for_ever() {
        let mut salts = Salts::new(&row(1), NOW);
        let mut now = NOW;
        let mut questions = 0;
        while now < later(86_400) {
            now = now.max(salts.ask_at(now, now));
            salts.asked(now);
            salts.answer(&row(1), now, now);
            questions += 1;
        }
        assert!(questions < 32, "{questions} in a day");
    }

    #[test]
    fn the_salt_that_the_server_names_is_used_at_once() {
        let mut salts = Salts::new(&row(4), NOW);
        salts.replace(99, later(10));
        assert_eq!(salts.current(later(10)), 99);
        assert_eq!(salts.known().len(), 1);
        // One of those known: the others stay true.
        let mut salts = Salts::new(&row(4), NOW);
        salts.replace(3, later(10));
        assert_eq!(salts.current(later(10)), 3);
    }
}
