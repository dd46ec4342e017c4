//! What a client is told before it starts.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::{Backoff, Transport};
use crate::AuthKey;
use crate::handshake::{self, PermanentKey};
use crate::session::{self, ClientState};
use crate::transport::Framing;

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
    /// With [perfect forward secrecy](https://core.telegram.org/api/pfs): under temporary keys that are bound to a permanent
    /// one, and replaced in time.
    Pfs(Pfs),
}

/// How a client comes by temporary keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pfs {
    /// Whom to trust, for all keys; the kind in it does not matter.
    pub handshake: handshake::ClientConfig,
    /// The permanent key, from a store; it is made when the client starts if there is none.
    pub permanent: Option<PermanentKey>,
    /// How long temporary keys hold, in seconds. Each is replaced when an eighth of that is left.
    pub expires_in_secs: i32,
}

impl Pfs {
    /// Temporary keys of a day each.
    pub fn new(handshake: handshake::ClientConfig, permanent: Option<PermanentKey>) -> Self {
        Self {
            handshake,
            permanent,
            expires_in_secs: 86_400,
        }
    }
}

/// What a [`Client`](super::Client) is told before it starts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientConfig {
    /// `host:port`.
    pub address: String,
    /// The transports, in the order in which they are tried: the next one when a connection fails before anything came.
    pub transports: Vec<Transport>,
    /// How many connections the session may have at once. More than one are open only as long as there is more to send than
    /// the first takes, as in large uploads.
    pub connections: usize,
    /// The authorization key.
    pub key: KeySource,
    /// Of the session; the pings in it keep connections alive.
    pub session: session::Config,
    /// What stands before the first calls: [`Session::set_init_connection`](session::Session::set_init_connection).
    pub init_connection: Option<Vec<u8>>,
    /// The delays between tries to connect.
    pub backoff: Backoff,
    /// How long one try to connect may take, its handshakes included; also how long the handshake of a later temporary key may.
    pub connect_timeout: Duration,
    /// So many calls wait outside of the session when that is full; others wait to wait.
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
            connections: 1,
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
            Self::Pfs(pfs) => f.debug_tuple("Pfs").field(pfs).finish(),
        }
    }
}
