//! What a client keeps between two runs, besides its authorization key.

use alloc::vec::Vec;
use core::time::Duration;

use super::message_id::{MAX_LEAD, from_time, is_from};
use super::salts::{Salt, Salts};
use super::{Role, Session};
use crate::crypto::kdf::Side;
use crate::wire::{Reader, encode_by};

/// `tlss`, and the number of the format.
const MAGIC: u32 = u32::from_le_bytes(*b"tlss");
const FORMAT: i32 = 1;

/// What is known of a client's side of a session: from the handshake, or from an earlier run.
///
/// [`Session::export`] makes it, [`Session::client`] takes it. The authorization key is not part of it. It is nothing secret,
/// but the salts are better not shown around.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientState {
    /// How far the server's clock is ahead of the caller's, in nanoseconds; `None` if that is not known.
    pub server_time_offset_nanos: Option<i64>,
    /// The salts that are known.
    pub salts: Vec<Salt>,
    /// The session, to go on with it.
    pub session: Option<SessionNumbers>,
}

/// The numbers with which a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionNumbers {
    /// Its id.
    pub session_id: i64,
    /// The last msg_id that was made.
    pub last_msg_id: i64,
    /// How many content-related messages there were: half of the seq_no.
    pub content_related: u32,
}

/// Why stored bytes are not the state of a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// They are something else.
    #[error("the bytes are not the state of a session")]
    Magic,
    /// They have a format of a later version.
    #[error("the state has format {found}; up to {FORMAT} is known")]
    Format {
        /// Its number.
        found: i32,
    },
    /// They are damaged.
    #[error("the state can't be read: {0}")]
    Decode(#[from] crate::wire::DecodeError),
}

impl ClientState {
    /// What a handshake has found: the first salt, and how far the server's clock is ahead, in seconds.
    pub fn from_handshake(
        server_salt: i64,
        server_time_offset_secs: i64,
        now: crate::time::UnixTime,
    ) -> Self {
        let offset = server_time_offset_secs.saturating_mul(1_000_000_000);
        let mut state = Self {
            server_time_offset_nanos: Some(offset),
            ..Self::default()
        };
        let server_time = state.server_time(now.since_epoch()).unwrap_or_default();
        state.salts.push(Salts::untold(server_salt, server_time));
        state
    }

    /// The bytes to be stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = encode_by(|w| {
            w.id(MAGIC);
            w.int(FORMAT);
            w.boolean(self.server_time_offset_nanos.is_some());
            w.long(self.server_time_offset_nanos.unwrap_or_default());
            w.bare_vector_of(&self.salts, |salt, w| {
                w.long(salt.salt);
                w.nat(salt.valid_since);
                w.nat(salt.valid_until);
            });
            w.boolean(self.session.is_some());
            w.optional_of(&self.session, |session, w| {
                w.long(session.session_id);
                w.long(session.last_msg_id);
                w.nat(session.content_related);
            });
        });
        written.unwrap_or_default()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written.
    ///
    /// # Errors
    ///
    /// The bytes are something else, of a later version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let mut r = Reader::new(bytes);
        let (magic, found) = (r.id(), r.int());
        if magic != MAGIC {
            return Err(StateError::Magic);
        }
        if found != FORMAT {
            return Err(StateError::Format { found });
        }
        let is_known = r.boolean();
        let offset = r.long();
        let salts = r.bare_vector_of(16, |r| Salt {
            salt: r.long(),
            valid_since: r.nat(),
            valid_until: r.nat(),
        });
        let session = match r.boolean() {
            true => Some(SessionNumbers {
                session_id: r.long(),
                last_msg_id: r.long(),
                content_related: r.nat(),
            }),
            false => None,
        };
        r.finish()?;
        Ok(Self {
            server_time_offset_nanos: is_known.then_some(offset),
            salts,
            session,
        })
    }

    /// The server's time when the caller's clock shows `now`.
    pub(super) fn server_time(&self, now: Duration) -> Option<Duration> {
        let offset = self.server_time_offset_nanos?;
        let distance = Duration::from_nanos(offset.unsigned_abs());
        Some(match offset >= 0 {
            true => now.saturating_add(distance),
            false => now.saturating_sub(distance),
        })
    }

    /// The numbers to go on with. None if there are none, or if they come from a time when the clock was wrong: msg_ids
    /// ahead of time would be refused for as long as they are.
    pub(super) fn resumable(&self, server_time: Duration) -> Option<SessionNumbers> {
        let highest = from_time(server_time.saturating_add(MAX_LEAD));
        let is_sane = |session: &SessionNumbers| {
            let last = session.last_msg_id;
            (0..highest).contains(&last) && is_from(last, Side::Client)
        };
        self.session.filter(is_sane)
    }
}

impl Session {
    /// What a client should store, to go on after a restart. Calls are not part of it: those that are unanswered are their
    /// owner's business. Updates that were not acknowledged before come again afterwards.
    pub fn export(&self) -> ClientState {
        let Role::Client(client) = &self.role else {
            return ClientState::default();
        };
        let offset = self.clock.is_trusted().then(|| self.clock.offset_nanos());
        ClientState {
            server_time_offset_nanos: offset,
            salts: client.salts.known().to_vec(),
            session: Some(SessionNumbers {
                session_id: self.session_id,
                last_msg_id: self.message_ids.last(),
                content_related: self.sequence.content_related(),
            }),
        }
    }
}
