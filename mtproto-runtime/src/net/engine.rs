//! The session of a client, whichever kind of key it has.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::link::Packets;
use crate::session::{
    ClientState, Event, Handle, InvokeError, InvokeOptions, PfsSession, Session, SessionError,
    Transmit,
};
use crate::time::UnixTime;

/// A session under one key, or under temporary keys. The functions are those of both.
pub(super) enum Engine {
    Direct(Box<Session>),
    Pfs(Box<PfsSession>),
}

/// Does the same to either.
macro_rules! either {
    ($engine:expr, $session:ident => $what:expr) => {
        match $engine {
            Engine::Direct($session) => $what,
            Engine::Pfs($session) => $what,
        }
    };
}

impl Engine {
    pub(super) fn invoke_raw(
        &mut self,
        body: Vec<u8>,
        options: InvokeOptions,
    ) -> Result<Handle, InvokeError> {
        either!(self, session => session.invoke_raw(body, options))
    }

    pub(super) fn cancel(&mut self, handle: Handle) -> bool {
        either!(self, session => session.cancel(handle))
    }

    pub(super) fn handle_input(
        &mut self,
        now: UnixTime,
        packet: &mut [u8],
    ) -> Result<(), SessionError> {
        either!(self, session => session.handle_input(now, packet))
    }

    pub(super) fn handle_quick_ack(&mut self, token: u32) {
        either!(self, session => session.handle_quick_ack(token));
    }

    pub(super) fn handle_transport_error(&mut self, now: UnixTime, error: i32) {
        either!(self, session => session.handle_transport_error(now, error));
    }

    pub(super) fn handle_timeout(&mut self, now: UnixTime) {
        either!(self, session => session.handle_timeout(now));
    }

    pub(super) fn poll_timeout(&self) -> Option<UnixTime> {
        either!(self, session => session.poll_timeout())
    }

    pub(super) fn poll_event(&mut self) -> Option<Event> {
        either!(self, session => session.poll_event())
    }

    pub(super) fn use_connection(&mut self, connection: u8) {
        either!(self, session => session.use_connection(connection));
    }

    pub(super) fn connection_ended(&mut self, connection: u8, now: UnixTime) {
        either!(self, session => session.connection_ended(connection, now));
    }

    pub(super) fn reconnected(&mut self, now: UnixTime) {
        either!(self, session => session.reconnected(now));
    }

    pub(super) fn export(&self) -> ClientState {
        either!(self, session => session.export())
    }

    /// How full it is; `None` if no call can be made for want of a key.
    pub(super) fn pending(&self) -> Option<(usize, usize)> {
        match self {
            Self::Direct(session) => Some(session.pending()),
            Self::Pfs(session) => session.pending(),
        }
    }
}

impl Packets for Engine {
    fn poll_transmit(&mut self, now: UnixTime, packet: &mut Vec<u8>) -> Option<Transmit> {
        either!(self, session => session.poll_transmit(now, packet))
    }

    #[cfg(feature = "http")]
    fn poll_request(
        &mut self,
        now: UnixTime,
        max_wait: i32,
        always: bool,
        packet: &mut Vec<u8>,
    ) -> Option<Transmit> {
        either!(self, session => session.poll_request(now, max_wait, always, packet))
    }
}
