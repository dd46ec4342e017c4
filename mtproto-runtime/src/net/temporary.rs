//! [Temporary keys](https://core.telegram.org/api/pfs): the handshakes that make them, beside the calls of a connection.
//!
//! Messages of handshakes are plain, those of sessions are encrypted, so that both may share a connection; a plain message at
//! any other time is refused by the session. A handshake belongs to no connection: it goes on upon another when its own ends.

use alloc::vec::Vec;
use core::time::Duration;

use tokio::time::Instant;

use super::clock::Clock;
use super::config::{ClientConfig, Pfs};
use super::link::Link;
use super::random::SystemRng;
use super::trace::{Id, in_span, log};
use super::{Backoff, ConnectError, LinkError, connect};
use crate::crypto::dh::DhPrimeCache;
use crate::handshake::client::Done;
use crate::handshake::{self, ClientHandshake, ClientStep, HandshakeError, NewKey, PermanentKey};
use crate::session::{ClientState, PfsSession, handshake_binding};
use crate::time::UnixTime;

/// Makes temporary keys for one permanent key.
pub(super) struct TemporaryKeys {
    config: handshake::ClientConfig,
    expires_in: Duration,
    permanent: PermanentKey,
    primes: DhPrimeCache,
    state: State,
    /// How many handshakes in a row have failed.
    failures: u32,
}

enum State {
    /// No key is wanted.
    Idle,
    /// One is wanted; not before that time.
    Wanted(Instant),
    /// One is being made.
    UnderWay(Exchange),
}

struct Exchange {
    handshake: ClientHandshake,
    /// The line that its last query went by, if that has not ended since.
    line: Option<usize>,
    deadline: Instant,
}

impl TemporaryKeys {
    /// Makes the first temporary key on a new connection, and the permanent one if there is none; also the session under
    /// both.
    pub(super) async fn start(
        pfs: &Pfs,
        config: &ClientConfig,
        link: &mut Link,
        clock: &Clock,
        rng: &mut SystemRng,
    ) -> Result<(Self, PfsSession), ConnectError> {
        let permanent = match &pfs.permanent {
            Some(permanent) => permanent.clone(),
            None => {
                let handshake = handshake::ClientConfig {
                    kind: handshake::KeyKind::Permanent,
                    ..pfs.handshake.clone()
                };
                let making = connect::make_key(link, handshake, clock, rng);
                match in_span!(making, debug_span, "handshake").await?.key {
                    NewKey::Permanent(key) => key,
                    NewKey::Temporary(_) => return Err(ConnectError::KeyKind),
                }
            }
        };
        let keys = Self {
            config: pfs.handshake.clone().temporary(pfs.expires_in_secs),
            expires_in: Duration::from_secs(u64::try_from(pfs.expires_in_secs).unwrap_or(0)),
            permanent,
            primes: DhPrimeCache::default(),
            state: State::Idle,
            failures: 0,
        };
        let making = connect::make_key(link, keys.config.clone(), clock, rng);
        let done = in_span!(making, debug_span, "handshake").await?;
        // By this side's clock: the session goes by that.
        let created_at = keys.permanent.created_at().since_epoch();
        let offset = Duration::from_secs(done.time_offset_secs.unsigned_abs());
        let created_at = match done.time_offset_secs >= 0 {
            true => created_at.saturating_sub(offset),
            false => created_at.saturating_add(offset),
        };
        let mut session = PfsSession::new(
            config.session.clone(),
            UnixTime::from(created_at),
            config.init_connection.clone().unwrap_or_default(),
            clock.now(),
        );
        keys.hand_over(done, &mut session, clock.now(), rng)?;
        Ok((keys, session))
    }

    pub(super) fn permanent(&self) -> &PermanentKey {
        &self.permanent
    }

    /// A key is wanted. One that is being made will do.
    pub(super) fn want(&mut self) {
        if matches!(self.state, State::Idle) {
            self.state = State::Wanted(Instant::now());
        }
    }

    /// When to look at this again.
    pub(super) fn deadline(&self, has_room: bool) -> Option<Instant> {
        match &self.state {
            State::Idle => None,
            // Without a connection that takes more there is nothing to do.
            State::Wanted(at) => has_room.then_some(*at),
            State::UnderWay(exchange) => Some(exchange.deadline),
        }
    }

    /// Begins a handshake that is wanted, or goes on with one whose connection has ended, on that line.
    pub(super) fn transmit(
        &mut self,
        line: usize,
        link: &mut Link,
        limit: Duration,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        match &mut self.state {
            State::Wanted(at) if *at <= Instant::now() => {
                let (handshake, query) = ClientHandshake::start(self.config.clone(), now, rng)?;
                link.push(&query, rng)?;
                log!(debug, "handshake begins", line);
                self.state = State::UnderWay(Exchange {
                    handshake,
                    line: Some(line),
                    deadline: Instant::now() + limit,
                });
            }
            State::UnderWay(exchange) if exchange.line.is_none() => {
                link.push(exchange.handshake.unanswered(), rng)?;
                log!(debug, "handshake goes on", line);
                exchange.line = Some(line);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a plain message may be an answer to a handshake.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.state, State::UnderWay(_))
    }

    /// The line that a handshake is under way on.
    pub(super) fn line(&self) -> Option<usize> {
        match &self.state {
            State::UnderWay(exchange) => exchange.line,
            State::Idle | State::Wanted(_) => None,
        }
    }

    /// A connection has ended.
    pub(super) fn line_ended(&mut self, line: usize) {
        if let State::UnderWay(exchange) = &mut self.state
            && exchange.line == Some(line)
        {
            exchange.line = None;
        }
    }

    /// Whether a handshake takes too long.
    pub(super) fn is_overdue(&self) -> bool {
        matches!(&self.state, State::UnderWay(exchange) if exchange.deadline <= Instant::now())
    }

    /// Takes a plain message. Returns what is to be sent, if anything is.
    pub(super) fn handle(
        &mut self,
        payload: &[u8],
        session: &mut PfsSession,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<Option<Vec<u8>>, HandshakeError> {
        let State::UnderWay(exchange) = &mut self.state else {
            return Err(HandshakeError::NothingAwaited);
        };
        match exchange
            .handshake
            .handle(now, payload, &mut self.primes, rng)?
        {
            ClientStep::Send(query) => Ok(Some(query)),
            ClientStep::Wait => Ok(None),
            ClientStep::Done(done) => {
                self.state = State::Idle;
                self.failures = 0;
                // The kind is that of the configuration above.
                let _ = self.hand_over(*done, session, now, rng);
                Ok(None)
            }
        }
    }

    /// A transport error has come where a handshake is under way: what that means for it.
    pub(super) fn handle_transport_error(&mut self, code: i32) -> Option<HandshakeError> {
        match &mut self.state {
            State::UnderWay(exchange) => Some(exchange.handshake.handle_transport_error(code)),
            State::Idle | State::Wanted(_) => None,
        }
    }

    /// A handshake has failed: the next one begins after a pause.
    pub(super) fn failed(&mut self, backoff: Backoff, rng: &mut SystemRng) {
        let delay = backoff.delay(self.failures, rng);
        self.failures = self.failures.saturating_add(1);
        self.state = State::Wanted(Instant::now() + delay);
    }

    fn hand_over(
        &self,
        done: Done,
        session: &mut PfsSession,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<(), ConnectError> {
        let NewKey::Temporary(key) = done.key else {
            return Err(ConnectError::KeyKind);
        };
        let auth_key_id = Id(key.id());
        log!(debug, "temporary key made", auth_key_id);
        let state = ClientState::from_handshake(done.first_salt, done.time_offset_secs, now);
        let auth_key = key.auth_key().clone();
        let binding = handshake_binding(self.permanent.clone(), key);
        session.temporary_key(auth_key, &state, self.expires_in, binding, now, rng);
        Ok(())
    }
}
