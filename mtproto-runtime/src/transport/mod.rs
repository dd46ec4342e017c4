//! Transports: how packets travel over a connection.
//!
//! Between the session above, which makes and reads packets, and the sockets below, which a driver reads and writes. Nothing
//! here does any of that itself: bytes go in and come out, and whatever is random or a time is an argument. Each part
//! speaks for both sides.
//!
//! ```text
//! packet ── framing ── obfuscation ── fake TLS ──┬── TCP
//!                           │                    │
//!                           └─────── WebSocket ──┤
//! packet ──────────────────────────────── HTTP ──┘
//! ```
//!
//! * [`Framing`] – where a packet ends: [`abridged`], [`intermediate`] (plain and padded), [`full`].
//! * [`obfuscated`] – so that nobody sees what it is; with the [secret](ProxySecret) of a proxy, too.
//! * [`fake_tls`] – so that it looks like a visit to a web site.
//! * [`websocket`], [`http`] – for those who have nothing else.
//!
//! A client sets up a [`Connection`] with a [`Connector`]; a server takes whatever comes with an [`Acceptor`], by
//! what [`detect`] sees. Then the [`Encoder`] makes packets into bytes where they are, and the [`Decoder`] finds
//! [frames](Frame) in the bytes that come.
//!
//! Pages: <https://core.telegram.org/mtproto/mtproto-transports>, <https://core.telegram.org/mtproto/transports>.
//!
//! # On the way in
//!
//! Bytes are copied once, into the decoder, or not at all, if they are read [into it](Decoder::spare). They are deciphered when
//! they come, and packets are handed out where they lie. Memory is taken for bytes that have come, never for what the head of
//! a frame promises; a frame beyond the [limit](Limits) is refused by its head. After an error there is no way to find
//! the next frame, so that the connection should be closed.

pub mod abridged;
pub mod fake_tls;
pub mod full;
pub mod http;
pub mod intermediate;
pub mod obfuscated;
pub mod websocket;

mod accept;
mod connect;
mod decoder;
mod detect;
mod encoder;
mod error;
mod frame;
mod secret;
mod stream;

pub use accept::{AcceptOptions, Accepted, Acceptor, Arrival, TlsHello};
pub use connect::Connector;
pub use decoder::Decoder;
pub use detect::{Detection, detect};
pub use encoder::{Encoder, HEAD_ROOM, TAIL_ROOM};
pub use error::{
    DetectionError, Error, FrameError, HttpError, PacketError, SecretError, TlsError,
    TransportError, WebSocketError,
};
pub use frame::{Frame, Limits};
pub use obfuscated::DcId;
pub use secret::ProxySecret;
pub use websocket::Control;

use crate::crypto::kdf::Side;

/// How a stream of bytes is cut into packets:
/// [MTProto transports](https://core.telegram.org/mtproto/mtproto-transports), as the page calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// [`abridged`]: one byte or four before each packet.
    Abridged,
    /// [`intermediate`]: four bytes.
    Intermediate,
    /// [`intermediate`], and up to 15 random bytes behind.
    PaddedIntermediate,
    /// [`full`]: eight bytes before and four behind, with a number and a checksum.
    Full,
}

impl Framing {
    /// What a client sends before anything else. Full framing has no tag.
    pub const fn tag(self) -> &'static [u8] {
        match self {
            Self::Abridged => &[abridged::TAG],
            Self::Intermediate => &intermediate::TAG,
            Self::PaddedIntermediate => &intermediate::PADDED_TAG,
            Self::Full => &[],
        }
    }

    /// The tag within an initialization payload, where it has four bytes.
    const fn obfuscated_tag(self) -> Option<[u8; 4]> {
        match self {
            Self::Abridged => Some([abridged::TAG; 4]),
            Self::Intermediate => Some(intermediate::TAG),
            Self::PaddedIntermediate => Some(intermediate::PADDED_TAG),
            Self::Full => None,
        }
    }

    fn of_obfuscated_tag(tag: [u8; 4]) -> Option<Self> {
        [Self::Abridged, Self::Intermediate, Self::PaddedIntermediate]
            .into_iter()
            .find(|framing| framing.obfuscated_tag() == Some(tag))
    }
}

/// Both halves of a connection. They know nothing of each other: each can go where its half of the socket is.
#[derive(Debug)]
pub struct Connection {
    /// Makes packets into bytes to send.
    pub encoder: Encoder,
    /// Finds frames in the bytes that come.
    pub decoder: Decoder,
}

impl Connection {
    /// A client's connection without obfuscation, with the default [limits](Limits): a [`Connector`] makes the others.
    pub fn client(framing: Framing) -> Self {
        let opening = encoder::Opening::new(framing.tag());
        Self::plain(framing, opening, Side::Client)
    }

    /// A server's connection without obfuscation, from behind the client's [tag](Framing::tag) on, with the default
    /// [limits](Limits): an [`Acceptor`] makes the others.
    pub fn server(framing: Framing) -> Self {
        Self::plain(framing, encoder::Opening::NONE, Side::Server)
    }

    fn plain(framing: Framing, opening: encoder::Opening, side: Side) -> Self {
        let (limits, envelope) = (Limits::default(), encoder::Envelope::None);
        let stream = stream::Stream::new();
        Self {
            encoder: Encoder::new(framing, side, limits, opening, None, envelope),
            decoder: Decoder::new(stream, framing, side.other(), limits),
        }
    }
}
