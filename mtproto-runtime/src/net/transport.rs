//! How packets get to the other side: what is spoken, and by which way.

use alloc::boxed::Box;
use alloc::string::String;
#[cfg(feature = "socks5")]
use alloc::vec::Vec;
#[cfg(feature = "http")]
use core::time::Duration;

#[cfg(feature = "socks5")]
use super::Socks5;
#[cfg(feature = "tls")]
use super::Tls;
use super::random::SystemRng;
use crate::time::UnixTime;
#[cfg(feature = "websocket")]
use crate::transport::websocket;
use crate::transport::{self, Connector, DcId, Framing, ProxySecret};

/// How packets go to a data center or a proxy: [transports](https://core.telegram.org/mtproto/transports).
///
/// The first of these say what is spoken. The others have one of those in them, and say how to get to where it is understood:
///
/// ```
/// use mtproto_runtime::net::Transport;
/// use mtproto_runtime::transport::Framing;
///
/// let direct = Transport::Obfuscated(Framing::Abridged);
/// let elsewhere = direct.clone().at("149.154.167.51:5222");
/// # #[cfg(all(feature = "socks5", feature = "tls", feature = "websocket"))]
/// # fn others() -> Result<(), Box<dyn std::error::Error>> {
/// use mtproto_runtime::net::{Socks5, Tls, WebSocket};
///
/// let web = Transport::WebSocket(WebSocket::new(Framing::Abridged))
///     .over_tls(Tls::with_webpki_roots()?)
///     .at("venus.web.telegram.org:443")
///     .through(Socks5::new("127.0.0.1:1080"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Transport {
    /// Without obfuscation.
    Plain(Framing),
    /// [Obfuscated](crate::transport::obfuscated); full framing can't be.
    Obfuscated(Framing),
    /// Through an MTProxy, whose address is needed then.
    Proxy {
        /// The framing. Secrets that say `dd` or `ee` have padded intermediate, whatever is here.
        framing: Framing,
        /// Of the proxy.
        secret: ProxySecret,
        /// The data center that the proxy should connect to.
        dc: DcId,
    },
    /// In the messages of a WebSocket (feature `websocket`).
    #[cfg(feature = "websocket")]
    WebSocket(WebSocket),
    /// In requests of HTTP (feature `http`): of two connections, one waits for what the server has to say.
    #[cfg(feature = "http")]
    Http(Http),
    /// To another address than that of the [configuration](super::ClientConfig::address).
    At {
        /// `host:port`.
        address: String,
        /// What is spoken there.
        transport: Box<Transport>,
    },
    /// Through a proxy of streams (feature `socks5`). With one in the other, the outer one is connected to first.
    #[cfg(feature = "socks5")]
    Socks5 {
        /// The proxy.
        proxy: Socks5,
        /// What is spoken through it.
        transport: Box<Transport>,
    },
    /// Within TLS (feature `tls`).
    #[cfg(feature = "tls")]
    Tls {
        /// Whom to trust.
        tls: Tls,
        /// What is spoken within.
        transport: Box<Transport>,
    },
}

impl Transport {
    /// The same, to another address: `host:port`.
    #[must_use]
    pub fn at(self, address: impl Into<String>) -> Self {
        Self::At {
            address: address.into(),
            transport: Box::new(self),
        }
    }

    /// The same, through a SOCKS5 proxy.
    #[cfg(feature = "socks5")]
    #[must_use]
    pub fn through(self, proxy: Socks5) -> Self {
        Self::Socks5 {
            proxy,
            transport: Box::new(self),
        }
    }

    /// The same, within TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn over_tls(self, tls: Tls) -> Self {
        Self::Tls {
            tls,
            transport: Box::new(self),
        }
    }
}

impl Transport {
    /// Sets up a connection at the end of the way.
    #[cfg_attr(
        not(feature = "websocket"),
        expect(
            clippy::only_used_in_recursion,
            reason = "only WebSockets name the host"
        )
    )]
    pub(super) fn connector(
        &self,
        way: &Way,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<Connector, transport::Error> {
        match self {
            Self::Plain(framing) => Ok(Connector::plain(*framing)),
            Self::Obfuscated(framing) => Connector::obfuscated(*framing, rng),
            Self::Proxy {
                framing,
                secret,
                dc,
            } => {
                let unix_time = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
                Connector::proxy(*framing, secret, *dc, unix_time, rng)
            }
            #[cfg(feature = "websocket")]
            Self::WebSocket(socket) => {
                let host = socket.host.as_deref().unwrap_or_else(|| way.host());
                Connector::web_socket(socket.framing, host, &socket.path, rng)
            }
            // It has no connection to set up: `connect` makes its link at once.
            #[cfg(feature = "http")]
            Self::Http(_) => Ok(Connector::plain(Framing::Intermediate)),
            Self::At { transport, .. } => transport.connector(way, now, rng),
            #[cfg(feature = "socks5")]
            Self::Socks5 { transport, .. } => transport.connector(way, now, rng),
            #[cfg(feature = "tls")]
            Self::Tls { transport, .. } => transport.connector(way, now, rng),
        }
    }
}

/// A WebSocket.
#[cfg(feature = "websocket")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebSocket {
    /// The framing within. Full framing can't be.
    pub framing: Framing,
    /// Where it is: [`/apiws`](websocket::PATH), if nothing else is said.
    pub path: String,
    /// The name that the server is asked by; that of the address, if `None`.
    pub host: Option<String>,
}

#[cfg(feature = "websocket")]
impl WebSocket {
    /// That of a data center of production.
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            path: websocket::PATH.into(),
            host: None,
        }
    }
}

/// Requests of HTTP.
#[cfg(feature = "http")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Http {
    /// Where they go: `/api`, if nothing else is said.
    pub path: String,
    /// The name that the server is asked by; that of the address, if `None`.
    pub host: Option<String>,
    /// How long the server may hold back the answer to a request, until it has something to say: 25 seconds, if nothing else is
    /// said.
    pub max_wait: Duration,
}

#[cfg(feature = "http")]
impl Http {
    /// Those to a data center of production.
    pub fn new() -> Self {
        Self {
            path: "/api".into(),
            host: None,
            max_wait: Duration::from_secs(25),
        }
    }
}

#[cfg(feature = "http")]
impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

/// By which way to connect.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) address: String,
    /// To be connected through one after the other.
    #[cfg(feature = "socks5")]
    pub(super) proxies: Vec<Socks5>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Tls>,
}

impl Way {
    /// Takes a transport apart: what is spoken, and the way there.
    pub(super) fn of<'t>(address: &str, mut transport: &'t Transport) -> (&'t Transport, Self) {
        let mut other_address = None;
        #[cfg(feature = "socks5")]
        let mut proxies = Vec::new();
        #[cfg(feature = "tls")]
        let mut outer_tls = None;
        loop {
            transport = match transport {
                Transport::At { address, transport } => {
                    other_address.get_or_insert(address);
                    transport
                }
                #[cfg(feature = "socks5")]
                Transport::Socks5 { proxy, transport } => {
                    proxies.push(proxy.clone());
                    transport
                }
                #[cfg(feature = "tls")]
                Transport::Tls { tls, transport } => {
                    outer_tls.get_or_insert(tls);
                    transport
                }
                _ => break,
            }
        }
        let way = Self {
            address: other_address.map_or(address, String::as_str).into(),
            #[cfg(feature = "socks5")]
            proxies,
            #[cfg(feature = "tls")]
            tls: outer_tls.cloned(),
        };
        (transport, way)
    }

    /// What requests of HTTP call the other side: the address, without the port if that is the usual one.
    #[cfg(any(feature = "http", feature = "websocket"))]
    pub(super) fn host(&self) -> &str {
        #[cfg(feature = "tls")]
        let usual = if self.tls.is_some() { ":443" } else { ":80" };
        #[cfg(not(feature = "tls"))]
        let usual = ":80";
        self.address.strip_suffix(usual).unwrap_or(&self.address)
    }
}
