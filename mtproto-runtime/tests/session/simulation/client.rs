//! The client of a simulation: with one key for good, or with temporary keys.

use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::session::{
    ClientState, Config, Event, Handle, InvokeError, InvokeOptions, PfsSession, Session,
    SessionError, Transmit,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;

use super::server::{BIND, INIT};

/// How long a temporary key holds.
pub(super) const LIFETIME: Duration = Duration::from_secs(300);

pub(super) enum Client {
    OneKey(Box<Session>),
    Temporary(Box<PfsSession>),
}

/// The same call of both.
macro_rules! both {
    ($self:ident, $session:ident => $call:expr) => {
        match $self {
            Client::OneKey($session) => $call,
            Client::Temporary($session) => $call,
        }
    };
}

impl Client {
    pub(super) fn one_key(session: Session) -> Self {
        Self::OneKey(Box::new(session))
    }

    pub(super) fn temporary_keys(config: Config, now: UnixTime) -> Self {
        let created = UnixTime::from(now.since_epoch() - Duration::from_secs(100_000));
        let init_connection = INIT.to_le_bytes().to_vec();
        let session = PfsSession::new(config, created, init_connection, now);
        Self::Temporary(Box::new(session))
    }

    /// Takes a temporary key from a handshake.
    pub(super) fn temporary_key(&mut self, key: AuthKey, now: UnixTime, rng: &mut ChaCha20Rng) {
        let Self::Temporary(session) = self else {
            return;
        };
        let make = |envelope: mtproto_runtime::session::BindEnvelope| {
            let mut call = BIND.to_le_bytes().to_vec();
            call.extend(envelope.msg_id.to_le_bytes());
            call
        };
        let make =
            Box::new(move |envelope, _: &mut dyn rand_chacha::rand_core::CryptoRng| make(envelope));
        session.temporary_key(key, &ClientState::default(), LIFETIME, make, now, rng);
    }

    pub(super) fn invoke(
        &mut self,
        body: Vec<u8>,
        options: InvokeOptions,
    ) -> Result<Handle, InvokeError> {
        both!(self, session => session.invoke_raw(body, options))
    }

    pub(super) fn handle_input(
        &mut self,
        now: UnixTime,
        packet: &mut [u8],
    ) -> Result<(), SessionError> {
        both!(self, session => session.handle_input(now, packet))
    }

    pub(super) fn handle_timeout(&mut self, now: UnixTime) {
        both!(self, session => session.handle_timeout(now));
    }

    pub(super) fn cancel(&mut self, handle: Handle) -> bool {
        both!(self, session => session.cancel(handle))
    }

    pub(super) fn handle_quick_ack(&mut self, token: u32) -> bool {
        both!(self, session => session.handle_quick_ack(token))
    }

    pub(super) fn handle_transport_error(&mut self, now: UnixTime, error: i32) {
        both!(self, session => session.handle_transport_error(now, error));
    }

    pub(super) fn reconnected(&mut self, now: UnixTime) {
        both!(self, session => session.reconnected(now));
    }

    pub(super) fn poll_timeout(&self) -> Option<UnixTime> {
        both!(self, session => session.poll_timeout())
    }

    pub(super) fn poll_event(&mut self) -> Option<Event> {
        both!(self, session => session.poll_event())
    }

    pub(super) fn poll_transmit(
        &mut self,
        now: UnixTime,
        packet: &mut Vec<u8>,
    ) -> Option<Transmit> {
        both!(self, session => session.poll_transmit(now, packet))
    }

    /// The session in use.
    pub(super) fn session(&self) -> Option<&Session> {
        match self {
            Self::OneKey(session) => Some(session),
            Self::Temporary(session) => session.current(),
        }
    }
}
