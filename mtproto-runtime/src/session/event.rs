//! What a session tells its owner.

use alloc::vec::Vec;
use core::time::Duration;

use super::bad_msg::BadMsg;
use super::error::SessionError;
use super::rpc_error::RpcError;
use crate::wire::{self, DecodeError, Function};

/// Names a message for as long as its sender cares: msg_ids change when a message is sent again, a handle does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub(super) u64);

/// The handle of a call, with the call: how to read what it returns.
#[derive(Clone, Debug)]
pub struct TypedHandle<F> {
    handle: Handle,
    function: F,
}

impl<F: Function> TypedHandle<F> {
    pub(super) fn new(handle: Handle, function: F) -> Self {
        Self { handle, function }
    }

    /// The handle in events.
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// Reads the body of [`Event::Result`].
    ///
    /// # Errors
    ///
    /// The body is no value of the type the function returns, or has a constructor that the schema does not know. The
    /// session goes on all the same.
    pub fn decode(&self, body: &[u8]) -> Result<F::Return, DecodeError> {
        wire::decode_return(&self.function, body)
    }
}

/// What happened. Fetched by [`Session::poll_event`](super::Session::poll_event).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A call has a result. The last event of its handle.
    Result {
        /// The call.
        handle: Handle,
        /// The result, decompressed: a TL object.
        body: Vec<u8>,
    },
    /// A call is answered with an error. The last event of its handle.
    Error {
        /// The call.
        handle: Handle,
        /// The error.
        error: RpcError,
    },
    /// A message could not be delivered, or nobody can tell whether it was. The last event of its handle.
    Failed {
        /// The message.
        handle: Handle,
        /// Why.
        failure: Failure,
    },
    /// The other side has received a message. For an update of a server this is the last event of its handle.
    Acknowledged {
        /// The message.
        handle: Handle,
    },
    /// The server sent something by itself: updates. To be ignored if its constructor is unknown.
    Update {
        /// The msg_id it came with.
        msg_id: i64,
        /// A TL object.
        body: Vec<u8>,
    },
    /// Updates may have been lost, because the server has forgotten the session or this side has left it: ask for the
    /// difference.
    Gap,
    /// This side went on in a new session, because the server demanded it or time was wrong. Unanswered calls are sent
    /// again there.
    NewSession {
        /// The session that was left. The server has been told to forget it.
        old_session_id: i64,
        /// The new one.
        session_id: i64,
    },
    /// The server's time was found to be another one. Worth to be stored, like the salts:
    /// [`export`](super::Session::export).
    TimeSynchronised {
        /// The time at the server, since the Unix epoch.
        server_time: Duration,
    },
    /// Other salts hold. Worth to be stored.
    SaltsChanged,
    /// The server has been silent for long, though asked: the connection is dead.
    Unresponsive,
    /// The transport reports an error. Nobody vouches for it, so that nothing follows from it for keys and calls: close the
    /// connection, and connect anew after a pause. 404 means that the server does not know the key, which is an end for a
    /// temporary key alone; 429 that there are too many connections, 444 that the data centre is another one.
    TransportError {
        /// Its code, without the sign.
        code: u32,
    },
    /// Of a [`PfsSession`](super::PfsSession): it wants a temporary key.
    TemporaryKeyWanted,
    /// Of a [`PfsSession`](super::PfsSession): a temporary key is bound and in use.
    TemporaryKeyBound {
        /// Its id.
        auth_key_id: u64,
    },
    /// Of a [`PfsSession`](super::PfsSession): a temporary key could not be bound, and is given up. Another one will be wanted
    /// after a pause.
    BindingFailed {
        /// What the server has answered; `None` if that was no error.
        error: Option<RpcError>,
    },
    /// Of a [`PfsSession`](super::PfsSession): the server does not know the permanent key any more. Create a new one, log in
    /// again.
    PermanentKeyInvalid,
    /// A part of a packet was left out, the rest of it was used.
    Discarded {
        /// Why.
        error: SessionError,
    },

    /// To a server: a client calls. Answer with [`respond`](super::Session::respond).
    Call {
        /// The msg_id of the call.
        msg_id: i64,
        /// The call: a TL object, without `invokeAfterMsg` around it.
        body: Vec<u8>,
    },
    /// To a server: the client does not care for the answer to a call any more. It may still be given.
    Dropped {
        /// The msg_id of the call.
        msg_id: i64,
    },
    /// To a server: the client wants another of its sessions forgotten. Answer with
    /// [`respond`](super::Session::respond): `destroy_session_ok` or `destroy_session_none`.
    DestroySession {
        /// The msg_id of the request.
        msg_id: i64,
        /// The session.
        session_id: i64,
    },
    /// To a server: the client wants its key forgotten. Answer with [`respond`](super::Session::respond).
    DestroyAuthKey {
        /// The msg_id of the request.
        msg_id: i64,
    },
    /// To a server on HTTP: how long the response may be held back, in milliseconds.
    HttpWait {
        /// Since the first message that waits.
        max_delay: i32,
        /// Since the last message that waits.
        wait_after: i32,
        /// If there is no message.
        max_wait: i32,
    },
    /// To a server: the time of `ping_delay_disconnect` is over. Close the connection.
    Disconnect,
}

impl Event {
    /// The message it is about.
    pub fn handle(&self) -> Option<Handle> {
        match self {
            Self::Result { handle, .. }
            | Self::Error { handle, .. }
            | Self::Failed { handle, .. }
            | Self::Acknowledged { handle } => Some(*handle),
            _ => None,
        }
    }

    /// Whether it is the last one of a call.
    pub(super) fn is_last(&self) -> bool {
        matches!(
            self,
            Self::Result { .. } | Self::Error { .. } | Self::Failed { .. }
        )
    }
}

/// Why a message was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// It was sent as often as [`Config::max_attempts`](super::Config::max_attempts) says, and refused or lost each time.
    Attempts {
        /// Why it was refused the last time; `None` if it got lost.
        last: Option<BadMsg>,
    },
    /// The result can't be decompressed.
    Gzip,
    /// The server dropped the answer, on request of this side.
    Dropped,
    /// The server has answered, so that the call was made, but the answer can't be had any more: it comes after so many newer
    /// messages that it can't be told from a replay, or the server has forgotten it.
    AnswerLost,
}
