//! The numbers a session goes by.

use core::time::Duration;

use super::{Version, container};

/// The numbers a session goes by. The defaults are those of the official pages, where these name any.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How many calls may be queued or unanswered, or on a server, how many answers and updates unacknowledged:
    /// [`invoke`](super::Session::invoke) and [`send_update`](super::Session::send_update) refuse more. What the session has to
    /// say by itself is not counted.
    pub max_pending: usize,
    /// How many bytes these may have together.
    pub max_pending_bytes: usize,
    /// How many events may wait; [`handle_input`](super::Session::handle_input) refuses packets until they are fetched.
    pub max_events: usize,
    /// How often a message is sent before it fails.
    pub max_attempts: u32,
    /// How many msg_ids of the other side are remembered.
    pub max_received_ids: usize,

    /// So many messages are acknowledged at once, even if nothing else is to be sent.
    pub ack_count: usize,
    /// So long an acknowledgment may wait for something else to be sent.
    pub ack_delay: Duration,
    /// After so long without an answer the other side is asked for the state of a message; also how long between two
    /// such questions.
    pub answer_timeout: Duration,
    /// How often the server is pinged; never, if `None`.
    pub ping_interval: Option<Duration>,
    /// With so much silence after a ping the server is told to close the connection.
    pub disconnect_delay: Duration,

    /// Bodies of this size and more are compressed, when that makes them smaller than nine tenths.
    pub gzip_min_bytes: usize,
    /// How many bytes the objects of one packet may have when they are decompressed.
    pub max_unpacked_bytes: usize,
    /// How many messages are put in a container; the other side's may have 1024.
    pub max_container_messages: usize,
    /// How many bytes these may have together.
    pub max_container_bytes: usize,

    /// How many salts the server is asked for: 1 to 64.
    pub future_salts: i32,

    /// Whether a server also takes messages of MTProto 1.0, and answers them in kind: what the client speaks shows in the first
    /// packet. Not by default.
    #[cfg(feature = "legacy")]
    pub allow_legacy: bool,
}

impl Config {
    /// The version that a server speaks; `None` if it takes any.
    pub(crate) fn server_version(&self) -> Option<Version> {
        #[cfg(feature = "legacy")]
        if self.allow_legacy {
            return None;
        }
        Some(Version::V2)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_pending: 4096,
            max_pending_bytes: 64 << 20,
            max_events: 4096,
            max_attempts: 8,
            max_received_ids: 2048,
            ack_count: 16,
            ack_delay: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(15),
            ping_interval: Some(Duration::from_secs(60)),
            disconnect_delay: Duration::from_secs(75),
            gzip_min_bytes: 512,
            max_unpacked_bytes: 16 << 20,
            max_container_messages: container::MAX_MESSAGES_SENT,
            max_container_bytes: container::MAX_BYTES_SENT,
            future_salts: 32,
            #[cfg(feature = "legacy")]
            allow_legacy: false,
        }
    }
}
