//! The handshake: both sides against each other, against the official sample and other implementations, and against peers
//! that break the protocol.

#![cfg(all(feature = "handshake", feature = "legacy"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod bind;
mod checks;
mod corpus;
mod exchange;
mod flips;
mod forge;
mod harness;
mod plain;
mod sample;
mod server_handshake;
mod support;
mod vectors;
