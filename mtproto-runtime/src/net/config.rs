//! What a client is told before it starts.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::Backoff;
use crate::AuthKey;
use crate::handshake;
use crate::session::{self, ClientState};
use crate::transport::{DcId, Framing, ProxySecret};

/// How packets go to a data center or a proxy. The address in [`ClientConfig`] is that of either.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Transport {
    /// Without obfuscation.
    Plain(Framing),
    /// [Obfuscated](crate::transport::obfuscated); full framing can't be.
    Obfuscated(Framing),
    /// Through an MTProxy.
    Proxy {
        /// The framing. Secrets that say `dd` or `ee` have padded intermediate, whatever is here.
        framing: Framing,
        /// Of the proxy.
        secret: ProxySecret,
        /// The data center that the proxy should connect to.
        dc: DcId,
    },
}

/// Where the authorization key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// It is made when the client starts: a permanent one, used directly.
    Handshake(handshake::ClientConfig),
    /// It is known, from a store.
    Known {
        /// The key.
        key: AuthKey,
        /// What goes with it.
        state: ClientState,
    },
}

/// What a [`Client`](super::Client) is told before it starts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientConfig {
    /// `host:port`.
    pub address: String,
    /// The transports, in the order in which they are tried: the next one when a connection fails before anything came.
    pub transports: Vec<Transport>,
    /// The authorization key.
    pub key: KeySource,
    /// Of the session; the pings in it keep connections alive.
    pub session: session::Config,
    /// What stands before the first calls: [`Session::set_init_connection`](session::Session::set_init_connection).
    pub init_connection: Option<Vec<u8>>,
    /// The delays between tries to connect.
    pub backoff: Backoff,
    /// How long one try to connect may take, a handshake included.
    pub connect_timeout: Duration,
    /// So many calls wait outside of the session when that is full, or when there is no connection; others wait to wait.
    pub max_queued: usize,
    /// So many events are kept for who is slow to read them.
    pub max_events: usize,
}

impl ClientConfig {
    /// A connection to that address, intermediate and without obfuscation.
    pub fn new(address: impl Into<String>, key: KeySource) -> Self {
        Self {
            address: address.into(),
            transports: Vec::from([Transport::Plain(Framing::Intermediate)]),
            key,
            session: session::Config::default(),
            init_connection: None,
            backoff: Backoff::default(),
            connect_timeout: Duration::from_secs(15),
            max_queued: 256,
            max_events: 256,
        }
    }
}

/// The salts in the state are nobody's business.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(config) => f.debug_tuple("Handshake").field(config).finish(),
            Self::Known { key, .. } => f
                .debug_struct("Known")
                .field("key", key)
                .finish_non_exhaustive(),
        }
    }
}
