//! The handshake: how two sides that share nothing but the server's public key come to share an [`AuthKey`](crate::AuthKey).
//!
//! The pages are [creating an authorization key](https://core.telegram.org/mtproto/auth_key), what
//! [clients must check](https://core.telegram.org/mtproto/security_guidelines), and
//! [perfect forward secrecy](https://core.telegram.org/api/pfs). Below this module are [transports](crate::transport), which
//! carry its [plain messages](crate::plain_message); above it sessions, which use the keys.
//!
//! ```text
//! client                                                        server
//!   req_pq_multi          nonce ──────────────────────────────►
//!          ◄────────────────── resPQ      server_nonce, pq, fingerprints of public keys
//!   req_DH_params         p, q, RSA(… new_nonce) ─────────────►
//!          ◄────────────────── server_DH_params_ok       AES(g, dh_prime, g_a)
//!   set_client_DH_params  AES(g_b) ───────────────────────────►
//!          ◄────────────────── dh_gen_ok, or dh_gen_retry
//! ```
//!
//! Both sides are there, each twice. [`client`] and [`server`] have a type for each step, which takes itself.
//! [`ClientHandshake`] and [`ServerHandshake`] have all steps in one, for a driver to keep, with the rules for what is lost
//! and sent again. There is no clock, generator of random numbers or socket inside: the time and the numbers are arguments,
//! messages are bytes.
//!
//! [`bind_temp_key`] then binds a temporary key to a permanent one.
//!
//! A driver of a client, for whom `send` and `receive` are a transport:
//!
//! ```
//! use mtproto_runtime::crypto::dh::DhPrimeCache;
//! use mtproto_runtime::handshake::client::Done;
//! use mtproto_runtime::handshake::{ClientConfig, ClientHandshake, ClientStep, HandshakeError};
//! use mtproto_runtime::time::UnixTime;
//! use rand_core::CryptoRng;
//!
//! fn make_key(
//!     config: ClientConfig,
//!     clock: impl Fn() -> UnixTime,
//!     rng: &mut dyn CryptoRng,
//!     mut send: impl FnMut(&[u8]),
//!     mut receive: impl FnMut() -> Result<Vec<u8>, i32>,
//! ) -> Result<Done, HandshakeError> {
//!     let mut primes = DhPrimeCache::default();
//!     let (mut handshake, query) = ClientHandshake::start(config, clock(), rng)?;
//!     send(&query);
//!     loop {
//!         let payload = receive().map_err(|code| handshake.handle_transport_error(code))?;
//!         match handshake.handle(clock(), &payload, &mut primes, rng)? {
//!             ClientStep::Send(query) => send(&query),
//!             ClientStep::Wait => {}
//!             ClientStep::Done(done) => return Ok(*done),
//!         }
//!     }
//! }
//! ```
//!
//! # What is checked
//!
//! All that the pages ask for, and what the peer says in no way but one: objects must be in the one form that TL gives them.
//! After an object anything may follow in the plain message, because Telegram's servers and TDLib add random bytes to hide its
//! length. No input panics. Every [error](HandshakeError) says in which message it showed, and whose fault it is.
//!
//! # What is erased
//!
//! `new_nonce`, the AES key made from it, the exponents of Diffie–Hellman and the bytes of inner data are erased as soon as
//! they are dropped: with the step that needs them last, or with an exchange that is given up.

pub mod bind_temp_key;
pub mod client;
mod client_handshake;
mod codec;
mod error;
mod exchange;
mod inner_data;
mod keys;
pub mod server;
mod server_handshake;

pub use client::ClientConfig;
pub use client_handshake::{ClientHandshake, ClientStep};
pub use error::{
    HandshakeError, InvalidMessage, Message, PeerIncompatible, PeerMisbehaved, Refused, Unwritable,
};
pub use keys::{KeyKind, NewKey, PermanentKey, TemporaryKey};
pub use server::{Dcs, EXCHANGE_LIFETIME, ServerConfig};
pub use server_handshake::{ServerHandshake, ServerStep, nonce_of};
