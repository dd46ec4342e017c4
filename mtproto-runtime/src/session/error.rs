//! Why a packet, a call or a stored state is refused.

use super::bad_msg::BadMsg;
use super::envelope::EnvelopeError;
use super::gzip::GzipError;

/// Why a packet, or a part of it, was not accepted. Nothing of that part was used.
///
/// The official advice is to close the connection and to open it anew; see [`is_hostile`](Self::is_hostile).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Events have to be fetched first: the packet was not looked at and can be given again.
    #[error("{waiting} events are waiting: fetch them, then give the packet again")]
    EventsWaiting {
        /// How many there are.
        waiting: usize,
    },
    /// Calls have to be answered, and the answers sent, first: the packet was not looked at and can be given again.
    #[error(
        "{unanswered} calls are unanswered and {unsent} answers unsent: answer and send them, then give the packet again"
    )]
    CallsWaiting {
        /// How many calls are not answered.
        unanswered: usize,
        /// How many answers and updates are not sent.
        unsent: usize,
    },
    /// The packet can't be decrypted, or is no encrypted message.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The message is of another session.
    #[error("the message is of the session {found:#018x}, not of {expected:#018x}")]
    SessionId {
        /// The session of the message.
        found: i64,
        /// This session.
        expected: i64,
    },
    /// The other side does not make such msg_ids.
    #[error("the other side makes no msg_id like {msg_id:#018x}: its lowest bits are wrong")]
    Parity {
        /// The msg_id.
        msg_id: i64,
    },
    /// The message is older or newer than is accepted.
    #[error("the message {msg_id:#018x} is made too long ago, or ahead of time")]
    Window {
        /// Its msg_id.
        msg_id: i64,
    },
    /// The message was received before, or is older than all that are remembered.
    #[error("the message {msg_id:#018x} was received before")]
    Duplicate {
        /// Its msg_id.
        msg_id: i64,
    },
    /// A container or copy is malformed, too long, or holds what it may not hold.
    #[error("the container {msg_id:#018x} is invalid")]
    Container {
        /// Its msg_id.
        msg_id: i64,
    },
    /// The other side broke a rule, and was told so.
    #[error("the message {msg_id:#018x} was refused with code {}", reason.code())]
    Refused {
        /// Its msg_id.
        msg_id: i64,
        /// What the other side was told.
        reason: BadMsg,
    },
    /// A compressed object can't be read.
    #[error("the message {msg_id:#018x} has a compressed object: {error}")]
    Gzip {
        /// The msg_id of the message.
        msg_id: i64,
        /// What is wrong.
        error: GzipError,
    },
    /// A service message can't be read, or is none that this side can be sent.
    #[error("the service message {msg_id:#018x} (0x{constructor_id:08x}) can't be read")]
    Malformed {
        /// Its msg_id.
        msg_id: i64,
        /// The id of its constructor.
        constructor_id: u32,
    },
    /// It answers or names a message that this side did not send, or not lately.
    #[error("the message {msg_id:#018x} is about {about:#018x}, which is none of ours")]
    NotOurs {
        /// Its msg_id.
        msg_id: i64,
        /// The msg_id it names.
        about: i64,
    },
}

impl SessionError {
    /// Whether a peer that keeps the rules never causes this, on a transport that works: the connection is not worth
    /// keeping.
    pub fn is_hostile(&self) -> bool {
        !matches!(
            self,
            Self::EventsWaiting { .. }
                | Self::CallsWaiting { .. }
                | Self::SessionId { .. }
                | Self::Window { .. }
                | Self::Duplicate { .. }
                | Self::Refused { .. }
                | Self::NotOurs { .. }
        )
    }
}

/// Why a call can't be made now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// Too much is queued or unanswered.
    #[error("{pending} messages are queued or unanswered, and {bytes} bytes: wait for answers")]
    Full {
        /// How many there are: [`Session::pending`](super::Session::pending).
        pending: usize,
        /// How many bytes they have.
        bytes: usize,
    },
    /// The body is larger than any message may be.
    #[error("the body has {len} bytes; the session takes {limit}")]
    TooLarge {
        /// Its length.
        len: usize,
        /// What is accepted.
        limit: usize,
    },
    /// A body is TL: a multiple of four bytes, and four at least.
    #[error("{len} bytes are no TL object")]
    NoObject {
        /// Its length.
        len: usize,
    },
    /// The function has no form on the wire.
    #[error("the function can't be written: {0}")]
    Encode(#[from] crate::wire::EncodeError),
    /// Only a client calls functions, only a server answers and sends updates.
    #[error("this side of the session does not do that")]
    WrongSide,
    /// There is no temporary key yet.
    #[error("there is no temporary key yet")]
    NoKey,
    /// There is no such call, or it has been answered.
    #[error("no call {msg_id:#018x} waits for an answer")]
    NoCall {
        /// The msg_id that was given.
        msg_id: i64,
    },
}
