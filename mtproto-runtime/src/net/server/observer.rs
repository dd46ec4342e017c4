//! What a server tells whoever watches it.

use alloc::sync::Arc;
use core::fmt;

use crate::handshake::{HandshakeError, PermanentKey};
use crate::net::LinkError;
use crate::session::SessionError;

/// Something that happened to a server.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerEvent<'e> {
    /// A client has connected, and told its transport.
    Connected,
    /// A client has made an authorization key.
    KeyMade {
        /// Its id.
        auth_key_id: u64,
        /// Whether it is a temporary one.
        is_temporary: bool,
        /// The key itself if it is permanent, to be stored: [`add_key`](super::ServerHandle::add_key) gives it to a server again.
        permanent: Option<&'e PermanentKey>,
    },
    /// A client has bound a temporary key.
    KeyBound {
        /// The id of the temporary key.
        temporary: u64,
        /// The id of the permanent one.
        permanent: u64,
    },
    /// A handshake was refused.
    HandshakeRefused {
        /// Why; the client is told a number only.
        error: &'e HandshakeError,
    },
    /// A message was not accepted.
    MessageRefused {
        /// Why. Of [`Refused`](SessionError::Refused) the client was told.
        error: &'e SessionError,
    },
    /// A connection has ended.
    Disconnected {
        /// Why.
        error: &'e LinkError,
    },
}

/// A function that is called with each event, in the task that it happens in: it should be quick.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&ServerEvent<'_>) + Send + Sync>);

impl Observer {
    /// Has that function called.
    pub fn new(observe: impl Fn(&ServerEvent<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    pub(super) fn tell(&self, event: &ServerEvent<'_>) {
        (self.0)(event);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
