//! The session engine: each check of the security guidelines, each code of `bad_msg_notification`, calls, and both sides
//! together over a bad network.

#![cfg(feature = "session")]
#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod bad_msg;
mod bounds;
mod calls;
mod checks;
mod hostile;
mod lost;
mod memory;
mod pfs;
mod repeated;
mod requests;
mod room;
#[cfg(all(feature = "legacy", feature = "transport"))]
mod simulation;
mod states;
mod support;
#[cfg(feature = "legacy")]
mod versions;
