//! Drivers: sessions over sockets, with tokio or without.
//!
//! Here is what the engines below leave out on purpose: the sockets, the clock and the random numbers of the system. A
//! [`Client`] connects, makes an authorization key or takes a known one, and runs a [session](crate::session) over as many
//! connections as it takes. A [`Server`] takes whatever [transport](crate::transport) comes, makes keys, keeps sessions, and has
//! calls answered by a [`CallHandler`]. Pages: [transports](https://core.telegram.org/mtproto/transports),
//! [calling API methods](https://core.telegram.org/api/invoking).
//!
//! ```no_run
//! use mtproto_runtime::crypto::rsa::telegram_keys;
//! use mtproto_runtime::handshake;
//! use mtproto_runtime::net::{Client, ClientConfig, KeySource};
//! use mtproto_runtime::schema::mtproto::{enums, functions::Ping};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let key = KeySource::Handshake(handshake::ClientConfig::new(telegram_keys().to_vec(), 2));
//! let client = Client::connect(ClientConfig::new("149.154.167.51:443", key)).await?;
//! let pong = client.invoke(&Ping { ping_id: 42 }).await?;
//! assert!(matches!(pong, enums::Pong::Pong(pong) if pong.ping_id == 42));
//! # Ok(())
//! # }
//! ```
//!
//! # One task
//!
//! All that a client does happens in one task, which has the session to itself: it reads, writes, waits for time and for calls
//! at once, and each turn of it ends with what the session has to send. Nothing is shared, so nothing is locked. A future of a
//! call may be dropped at any time: the call is given up then, and the server is asked not to answer it.
//!
//! A server has a task for each connection and one for each call that waits for something, and a lock around each session: the calls of a session are
//! answered wherever its client has got to meanwhile.
//!
//! # Perfect forward secrecy
//!
//! With [`KeySource::Pfs`] the permanent key encrypts nothing: a temporary key is made when the client starts, bound, and
//! replaced before it expires, or when the server has forgotten it. The handshakes share a connection with the calls, which
//! go on meanwhile. Only the permanent key is stored: [`Client::key`], [`Client::created_at`].
//!
//! # Ways to travel
//!
//! [`Transport`] says what is spoken, and by which way. TCP is always there; the others are features:
//!
//! | feature | what |
//! |---|---|
//! | `socks5` | through [SOCKS5](https://www.rfc-editor.org/rfc/rfc1928) proxies, which resolve names and may want a password |
//! | `websocket` | in the messages of a WebSocket |
//! | `http` | in requests of HTTP, for clients and servers: of a client's two connections, one waits for what the server has to say |
//! | `tls` | any of it within TLS: `wss`, `https` |
//!
//! Proxies of MTProto need no feature. Servers serve TLS by [`Server::serve`], from what has accepted it.
//!
//! # Without tokio
//!
//! The module `blocking` (feature `blocking`) is a client for small tools, on the sockets of the standard library.
//!
//! # Connections that end
//!
//! The client connects anew, after the delay that [`Backoff`] says, by the next [`Transport`] in its list if the last one
//! brought nothing. Calls wait; those that were sent are asked after, and sent again only where the session's rules allow it.
//! Whatever happens is told by [`Client::events`].
//!
//! # Where is what
//!
//! | file | what |
//! |---|---|
//! | `transport` | what is spoken, and by which way |
//! | `dial`, `socks5`, `tls`, `stream` | from an address to a stream of bytes |
//! | `link` | what packets travel by: a stream with a transport on it, or requests of HTTP |
//! | `connect` | from a transport to a link, from a link to a key |
//! | `client`, `driver` | the handle of a client, and the task behind it |
//! | `line` | one connection after the other, and the time between them |
//! | `trace` | what is told to `tracing`, with the feature of that name |
//! | `engine`, `temporary` | the session of a client, and its temporary keys |
//! | `server` | accepting, handshakes, sessions, calls |
//! | `blocking` | a client without tokio |

mod backoff;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "tokio")]
mod client;
#[cfg(feature = "tokio")]
mod clock;
mod config;
#[cfg(feature = "tokio")]
mod connect;
#[cfg(feature = "tokio")]
mod dial;
#[cfg(feature = "tokio")]
mod driver;
#[cfg(feature = "tokio")]
mod engine;
mod error;
mod event;
#[cfg(feature = "tokio")]
mod line;
#[cfg(feature = "tokio")]
mod link;
mod random;
#[cfg(feature = "tokio")]
pub mod server;
#[cfg(feature = "socks5")]
mod socks5;
#[cfg(feature = "tokio")]
mod stream;
#[cfg(feature = "tokio")]
mod temporary;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tokio")]
mod trace;
mod transport;

pub use self::backoff::Backoff;
#[cfg(feature = "tokio")]
pub use self::client::{Client, Events};
pub use self::config::{ClientConfig, KeySource, Pfs};
pub use self::error::{ConnectError, InvokeError, LinkError, Reason};
pub use self::event::ClientEvent;
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use self::server::{Call, CallHandler, Server, ServerConfig, ServerHandle};
#[cfg(feature = "socks5")]
pub use self::socks5::{Socks5, Socks5Error};
#[cfg(feature = "tls")]
pub use self::tls::Tls;
#[cfg(feature = "http")]
pub use self::transport::Http;
pub use self::transport::Transport;
#[cfg(feature = "websocket")]
pub use self::transport::WebSocket;
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
