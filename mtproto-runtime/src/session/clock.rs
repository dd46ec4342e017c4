//! What time it is, here and at the server.

use core::time::Duration;

/// A step of the caller's clock that is taken for a jump: a machine that slept, or a clock that was set.
const JUMP: Duration = Duration::from_secs(60);

/// Tells the time of the server from the caller's clock, which may be wrong, jump, and run backwards.
///
/// All times are since the Unix epoch. Timers go by [`elapsed`](Self::elapsed), which never runs backwards.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// What the caller's clock showed last.
    told: Duration,
    /// The same without its steps back.
    elapsed: Duration,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// This side is the server: its clock is right, and where it is set back, [`Clock::elapsed`] is. A session that began holds
    /// on to that: its msg_ids could not follow, and a client that sets its clock by them would never be right.
    Own,
    /// The server's clock showed `server` when [`Clock::elapsed`] was `read_at`.
    Server {
        server: Duration,
        read_at: Duration,
        trusted: bool,
    },
}

impl Clock {
    /// The clock of a client. Without the server's time, that of the caller has to do until it is known better.
    pub(super) fn of_client(now: Duration, server_time: Option<Duration>) -> Self {
        Self {
            told: now,
            elapsed: now,
            source: Source::Server {
                server: server_time.unwrap_or(now),
                read_at: now,
                trusted: server_time.is_some(),
            },
        }
    }

    /// The clock of a server.
    pub(super) fn of_server(now: Duration) -> Self {
        Self {
            told: now,
            elapsed: now,
            source: Source::Own,
        }
    }

    /// Takes note of the caller's time. After a jump the server's time is no longer trusted: nobody can tell whether the
    /// clock was set or the machine slept.
    pub(super) fn advance(&mut self, now: Duration) {
        let step = now.checked_sub(self.told);
        self.elapsed = self.elapsed.saturating_add(step.unwrap_or_default());
        self.told = now;
        if let Source::Server { trusted, .. } = &mut self.source
            && step.is_none_or(|step| step > JUMP)
        {
            *trusted = false;
        }
    }

    /// Refuses no message by the server's time until that is told again.
    pub(super) fn distrust(&mut self) {
        if let Source::Server { trusted, .. } = &mut self.source {
            *trusted = false;
        }
    }

    /// Sets the server's time by a message that it has just sent.
    pub(super) fn synchronise(&mut self, server_time: Duration) {
        if let Source::Server { .. } = self.source {
            self.source = Source::Server {
                server: server_time,
                read_at: self.elapsed,
                trusted: true,
            };
        }
    }

    /// Time for timers.
    pub(super) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What the server's clock shows, as far as is known.
    pub(super) fn server_time(&self) -> Duration {
        match self.source {
            Source::Own => self.elapsed,
            Source::Server {
                server, read_at, ..
            } => server.saturating_add(self.elapsed.saturating_sub(read_at)),
        }
    }

    /// Whether [`server_time`](Self::server_time) is certain enough to refuse messages by it.
    pub(super) fn is_trusted(&self) -> bool {
        match self.source {
            Source::Own => true,
            Source::Server { trusted, .. } => trusted,
        }
    }

    /// How far the server's clock is ahead of the caller's, in nanoseconds.
    pub(super) fn offset_nanos(&self) -> i64 {
        let server_time = self.server_time();
        let distance =
            i64::try_from(server_time.abs_diff(self.told).as_nanos()).unwrap_or(i64::MAX);
        match server_time >= self.told {
            true => distance,
            false => -distance,
        }
    }

    /// What the caller's clock will show when [`elapsed`](Self::elapsed) is `at`.
    pub(super) fn to_caller(&self, at: Duration) -> Duration {
        self.told.saturating_add(at.saturating_sub(self.elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn timers_survive_a_clock_that_is_set_back() {
        let mut clock = Clock::of_client(secs(10_000), None);
        clock.advance(secs(10_005));
        clock.advance(secs(3_000));
        assert_eq!(clock.elapsed(), secs(10_005));
        assert_eq!(clock.to_caller(secs(10_015)), secs(3_010));
        clock.advance(secs(3_010));
        assert_eq!(clock.elapsed(), secs(10_015));
    }

    #[test]
    fn the_time_of_a_server_never_runs_back() {
        let mut clock = Clock::of_server(secs(10_000));
        clock.advance(secs(10_005));
        clock.advance(secs(3_000));
        clock.advance(secs(3_007));
        assert_eq!(clock.server_time(), secs(10_012));
        assert!(clock.is_trusted());
    }

    #[test]
    fn a_jump_costs_the_trust_in_the_servers_time() {
        let mut clock = Clock::of_client(secs(10_000), Some(secs(20_000)));
        clock.advance(secs(10_030));
        assert!(clock.is_trusted());
        assert_eq!(clock.server_time(), secs(20_030));
        clock.advance(secs(17_000));
        assert!(!clock.is_trusted());
        clock.synchronise(secs(20_040));
        assert!(clock.is_trusted());
        clock.advance(secs(17_001));
        assert_eq!(clock.server_time(), secs(20_041));
    }
}
