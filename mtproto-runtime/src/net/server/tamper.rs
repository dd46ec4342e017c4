//! Servers that break the protocol on request, for tests of clients (feature `tamper`).
//!
//! The engines stay honest. What they have written passes a [`Tamper`] on its way to the client, which knows the keys it is
//! encrypted with and sends something else instead: other bytes, more packets, a transport error, or nothing and a closed
//! connection. It sees what clients send, too, but cannot keep it from the engines.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use rand_core::CryptoRng;

use super::keys::Reply;
use crate::AuthKey;
use crate::session::Opened;
use crate::transport::TransportError;

/// Changes what a server sends. Every method but those that are written changes nothing.
pub trait Tamper: Send + Sync + 'static {
    /// A message of a client in the plain, and what the server answers; `None`, if it has nothing to say.
    fn handshake(&self, query: &[u8], answer: Option<Outgoing>) -> Vec<Outgoing> {
        let _ = query;
        Vec::from_iter(answer)
    }

    /// The random numbers by which the server answers a message in the plain; those of the system, if `None`.
    fn random(&self, query: &[u8]) -> Option<Box<dyn CryptoRng>> {
        let _ = query;
        None
    }

    /// A client has proposed a key, by this message, that the server would take.
    fn verdict(&self, query: &[u8], auth_key_id: u64) -> Verdict {
        let _ = (query, auth_key_id);
        Verdict::Accept
    }

    /// An authentic message of a client has come, and goes to its session next.
    fn received(&self, key: &AuthKey, message: &Opened<'_>) {
        let _ = (key, message);
    }

    /// A client has sent something under a key that the server does not have.
    fn received_unknown(&self, auth_key_id: u64) {
        let _ = auth_key_id;
    }

    /// An encrypted packet of a session; over HTTP there are none to be changed, as each answers a request.
    fn sent(&self, key: &AuthKey, packet: Vec<u8>) -> Vec<Outgoing> {
        let _ = key;
        Vec::from([Outgoing::Packet(packet)])
    }
}

/// What goes to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A packet, to be framed by the transport.
    Packet(Vec<u8>),
    /// A transport error.
    Error(TransportError),
    /// The end of the connection, at once: what was sent shortly before may not arrive.
    HangUp,
}

/// What a server answers to a key that a client proposes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// `dh_gen_ok`.
    #[default]
    Accept,
    /// `dh_gen_retry`, or `dh_gen_fail` after too many.
    Retry,
    /// `dh_gen_fail`.
    Reject,
}

/// A [`Tamper`] in a [`ServerConfig`](super::ServerConfig).
#[derive(Clone)]
pub struct Tampering(Arc<dyn Tamper>);

impl Tampering {
    /// All that is sent passes this.
    pub fn by(tamper: impl Tamper) -> Self {
        Self(Arc::new(tamper))
    }

    /// Has the answer to a message in the plain changed.
    pub(super) fn answer(&self, query: &[u8], reply: Reply) -> Vec<Outgoing> {
        let answer = match reply {
            Reply::Packet(packet) => Some(Outgoing::Packet(packet)),
            Reply::Error(error) => Some(Outgoing::Error(error)),
            Reply::Nothing => None,
        };
        self.handshake(query, answer)
    }
}

impl Deref for Tampering {
    type Target = dyn Tamper;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for Tampering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tampering")
    }
}
