//! The client driver against the server driver, over loopback: calls in parallel, connections that end, every transport.
//!
//! Nothing here waits for time: the tests go by events, and delays between connections are none.

#![cfg(feature = "tokio")]
#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[cfg(feature = "blocking")]
mod blocking;
mod calls;
mod cancelling;
mod connections;
#[cfg(feature = "http")]
mod http;
mod pfs;
mod proxy;
mod several;
#[cfg(feature = "socks5")]
mod socks5;
mod support;
mod timing;
#[cfg(feature = "tls")]
mod tls;
mod transports;
#[cfg(feature = "legacy")]
mod versions;
#[cfg(feature = "websocket")]
mod websocket;
