//! The runtime that generated TL bindings plug into.
//!
//! It sits at the right end of the pipeline: `tl-parser` and `tl-codegen` turn `.tl` text into Rust types, and those
//! types need only this crate to become bytes and to come back. It knows nothing of schemas and compilers.
//!
//! * [`schema`] – bindings of the schemas that MTProto itself is made of.
//! * [`time`] – moments, which the engines take as arguments.
//! * [`wire`] – reading and writing TL values (`no_std` + `alloc`).
//! * `crypto` and `AuthKey` – what MTProto encrypts with (feature `crypto`).
//! * `transport` – framing, obfuscation, HTTP and WebSocket, for clients and servers (feature `transport`).
//! * `plain_message` and `handshake` – how two sides that share nothing come to share a key (feature `handshake`).
//! * `session` – encrypted sessions, as client and as server (feature `session`).
//! * `net` – drivers: clients and servers over TCP, SOCKS5, TLS, WebSocket and HTTP (features `tokio`, `blocking`).
//! * `store` – where clients keep authorization keys between two runs (feature `store`).
//!
//! # Features
//!
//! * `std` (default) – what needs an operating system. Errors implement [`core::error::Error`] without it.
//! * `crypto` – ciphers, hashes, keys of messages, RSA, Diffie–Hellman; `no_std` + `alloc`.
//! * `legacy` – what only old peers need: MTProto 1.0, and forms that are not safe by today's measure.
//! * `key-storage` – authorization keys under a password.
//! * `serde` – serde's traits for bindings that ask for them: see `wire::json`; `no_std` + `alloc`.
//! * `tokio` – drivers for the runtime of that name; `blocking` – a client without it.
//! * `socks5`, `websocket`, `tls`, `http` – more ways for the packets of drivers to travel.
//! * `store` – authorization keys in files; together with `key-storage`, encrypted ones.
//! * `sqlite` – the same in databases of SQLite, which is compiled with the crate.

#![no_std]
#![allow(
    improper_ctypes_definitions,
    reason = "reads are `extern \"C\"` so that they do not unwind: see `wire`"
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "crypto")]
mod auth_key;
#[cfg(any(feature = "serde", feature = "transport"))]
mod base64;
#[cfg(feature = "crypto")]
pub mod crypto;
#[cfg(feature = "handshake")]
pub mod handshake;
#[cfg(any(feature = "blocking", feature = "tokio"))]
pub mod net;
#[cfg(feature = "handshake")]
pub mod plain_message;
pub mod schema;
#[cfg(feature = "secret-chat")]
pub mod secret_chat;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "store")]
pub mod store;
pub mod time;
#[cfg(feature = "transport")]
pub mod transport;
pub mod wire;

#[cfg(feature = "crypto")]
pub use auth_key::AuthKey;
