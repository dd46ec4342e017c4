//! What can go wrong between the sides.

use alloc::string::{String, ToString as _};
use core::time::Duration;

use crate::handshake::HandshakeError;
use crate::session::{self, Failure, RpcError, SessionError};
use crate::transport;
use crate::wire::{DecodeError, EncodeError};

/// Why a connection has ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The other side closed it.
    #[error("the other side has closed the connection")]
    Closed,
    /// No socket could be had: nobody listens there, the name has no address, the network is down.
    #[error("can't connect to {address}: {error}")]
    Connect {
        /// Of the data center or the first proxy: `host:port`.
        address: String,
        /// Why.
        error: std::io::Error,
    },
    /// The socket failed.
    #[error("the socket failed: {0}")]
    Io(#[from] std::io::Error),
    /// What came is not of the transport.
    #[error("the transport failed: {0}")]
    Transport(#[from] transport::Error),
    /// A proxy on the way makes no connection.
    #[cfg(feature = "socks5")]
    #[error("the SOCKS5 proxy failed: {0}")]
    Socks5(#[from] super::Socks5Error),
    /// The server sent an error instead of a packet.
    #[error("the server sent a transport error: {0}")]
    Refused(transport::TransportError),
    /// The other side broke the protocol.
    #[error("the other side broke the protocol: {0}")]
    Session(#[from] SessionError),
    /// A temporary key could not be made on this connection.
    #[error("no temporary key: {0}")]
    Handshake(#[from] HandshakeError),
    /// The server said something where HTTP gives it no right to.
    #[cfg(feature = "http")]
    #[error("the server answered what was not asked")]
    Unasked,
    /// A client said hello to a proxy with what another one had said before.
    #[error("the client's hello is one that was seen before")]
    Replayed,
    /// The other side does not answer.
    #[error("the other side has been silent for too long")]
    Unresponsive,
    /// This side can't do what is asked of it.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// This side wanted it closed.
    #[error("this side has closed the connection")]
    Shutdown,
}

impl LinkError {
    /// There is no connection to that address.
    pub(super) fn connect(address: &str, error: std::io::Error) -> Self {
        Self::Connect {
            address: address.into(),
            error,
        }
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The connection could not be made, or ended too early.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// No authorization key could be made.
    #[error("no authorization key: {0}")]
    Handshake(#[from] HandshakeError),
    /// It took too long.
    #[error("no connection within {0:?}")]
    TimedOut(Duration),
    /// The configuration has no transport.
    #[error("no transport is configured: `ClientConfig::transports` is empty")]
    NoTransport,
    /// The handshake made a temporary key where a permanent one is needed, or the other way round.
    #[error("the handshake made a key of another kind than is needed")]
    KeyKind,
}

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// It was not sent.
    #[error("the call was not sent: {0}")]
    NotSent(#[from] session::InvokeError),
    /// The function has no form on the wire.
    #[error("the function can't be written: {0}")]
    Encode(#[from] EncodeError),
    /// The server answered with an error.
    #[error("{} {}", .0.code, .0.message)]
    Rpc(RpcError),
    /// The session gave it up.
    #[error("the call was given up: {0:?}")]
    Failed(Failure),
    /// The result can't be read.
    #[error("the result can't be read: {0}")]
    Decode(#[from] DecodeError),
    /// The server does not know the permanent key any more. Make a new one, and log in again.
    #[error("the server does not know the permanent key any more")]
    PermanentKeyInvalid,
    /// There was no answer in time, for a [client that blocks](super::blocking).
    #[cfg(feature = "blocking")]
    #[error("there was no answer within {0:?}")]
    TimedOut(Duration),
    /// The client's task has ended.
    #[error("the client has ended")]
    Closed,
}

/// Why there is no connection any more, for whoever reads the events of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(pub(super) String);

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&LinkError> for Reason {
    fn from(error: &LinkError) -> Self {
        Self(error.to_string())
    }
}
