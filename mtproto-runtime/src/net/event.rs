//! What clients tell.

use super::Reason;
use crate::session::{self, SessionError};

/// What a client tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ClientEvent {
    /// There is a connection again.
    Reconnected,
    /// The connection has ended, or another could not be made. The client goes on trying.
    Disconnected {
        /// Why.
        reason: Reason,
    },
    /// A packet was not accepted. That ends the connection if the error is [hostile](SessionError::is_hostile).
    Refused {
        /// Why.
        error: SessionError,
    },
    /// What the session tells: updates, gaps, new salts. Events of calls are not among them.
    Session(session::Event),
    /// So many events came while nobody read them, and are lost.
    Missed(u64),
}
