//! What can go wrong on a connection: whose fault it is, where in the stream, and what is wrong there.

use alloc::string::String;
use core::fmt;

use thiserror::Error;

/// Why a connection can't go on, or a packet not be sent.
///
/// Offsets count the bytes of the stream in which the peer sends, from the first that this side has seen of the layer in
/// question: of frames the bytes after deciphering, of TLS records and WebSocket frames those of the connection.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer sent a frame that breaks the rules of the framing.
    #[error("the peer's frame at byte {offset} {kind}")]
    Frame {
        /// Where the frame starts.
        offset: u64,
        /// What is wrong with it.
        kind: FrameError,
    },
    /// This side can't send what it was given.
    #[error("the packet to send {0}")]
    Packet(#[from] PacketError),
    /// The peer broke the rules of TLS, or doesn't know the secret.
    #[error("the peer's TLS at byte {offset} {kind}")]
    Tls {
        /// Where the record starts.
        offset: u64,
        /// What is wrong with it.
        kind: TlsError,
    },
    /// The peer broke the rules of HTTP.
    #[error("the peer's HTTP message at byte {offset} {kind}")]
    Http {
        /// Where the message starts.
        offset: u64,
        /// What is wrong with it.
        kind: HttpError,
    },
    /// The peer broke the rules of WebSocket.
    #[error("the peer's WebSocket frame at byte {offset} {kind}")]
    WebSocket {
        /// Where the frame starts.
        offset: u64,
        /// What is wrong with it.
        kind: WebSocketError,
    },
    /// The first bytes of the connection are of no transport this side speaks.
    #[error("the peer's first bytes {0}")]
    Detection(#[from] DetectionError),
    /// The text or bytes are no secret of a proxy.
    #[error("the secret of the proxy {0}")]
    Secret(#[from] SecretError),
    /// Full framing within obfuscation: it has no tag that could announce it.
    #[error(
        "full framing has no tag, so obfuscation can't announce it; any other framing can be obfuscated"
    )]
    ObfuscatedFull,
    /// A host or a path that a request of HTTP can't have: a space or a control character would end it early.
    #[error(
        "{text:?} can't stand in a request of HTTP: it has a space or a control character, or is a path without `/` in front"
    )]
    HttpTarget {
        /// The host or the path.
        text: String,
    },
    /// The random number generator keeps giving bytes that can't be used: it is broken.
    #[error("the random number generator gave unusable bytes {attempts} times in a row")]
    Randomness {
        /// How often it was asked.
        attempts: u32,
    },
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// The length is not a multiple of four.
    #[error("has {bytes} bytes, which is not a multiple of 4")]
    Unaligned {
        /// The length the frame tells.
        bytes: u32,
    },
    /// The length is beyond the limit of this side.
    #[error("has {bytes} bytes, of which {limit} are allowed")]
    TooLong {
        /// The length the frame tells.
        bytes: u32,
        /// [`max_frame_bytes`](super::Limits::max_frame_bytes).
        limit: u32,
    },
    /// It is too short for a packet, and is no message of the transport either.
    #[error("has {bytes} bytes, too few for a packet")]
    TooShort {
        /// The length the frame tells.
        bytes: u32,
    },
    /// The long form of the length, for a length that fits the short form.
    #[error("tells its {bytes} bytes in the long form, which starts at 508")]
    Overlong {
        /// The length the frame tells.
        bytes: u32,
    },
    /// The padding is not the 0 to 15 bytes that follow a packet: the packet's own length says otherwise.
    #[error("has {bytes} bytes, but the packet in it {packet_bytes}")]
    Padding {
        /// The length the frame tells.
        bytes: u32,
        /// The length the packet has by its own account.
        packet_bytes: i64,
    },
    /// Frames of full transports are numbered from 0; one is missing, repeated or made up.
    #[error("has the number {found} instead of {expected}")]
    SequenceNumber {
        /// The number the frame has.
        found: u32,
        /// The number it should have.
        expected: u32,
    },
    /// The frame was damaged on its way.
    #[error("has the checksum {found:08x} instead of {expected:08x}")]
    Checksum {
        /// The checksum the frame has.
        found: u32,
        /// The checksum of its bytes.
        expected: u32,
    },
}

/// What is wrong with a packet to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacketError {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// The length is not a multiple of four.
    #[error("has {bytes} bytes, which is not a multiple of 4")]
    Unaligned {
        /// The packet's length.
        bytes: usize,
    },
    /// The length is beyond the limit.
    #[error("has {bytes} bytes, of which {limit} are allowed")]
    TooLong {
        /// The packet's length.
        bytes: usize,
        /// [`max_frame_bytes`](super::Limits::max_frame_bytes), or what the framing can express.
        limit: usize,
    },
    /// The buffer does not start with room for headers.
    #[error("starts at byte {found} of its buffer, which has to leave {needed} free for headers")]
    HeadRoom {
        /// How long the buffer is.
        found: usize,
        /// [`HEAD_ROOM`](super::HEAD_ROOM).
        needed: usize,
    },
    /// Quick acknowledgments are of the other direction, or the framing has none.
    #[error("can't have a quick acknowledgment: the framing has none in this direction")]
    QuickAck,
    /// The token does not have its highest bit set, so that the client would take it for a length.
    #[error("is the quick acknowledgment {token:08x}, whose highest bit has to be set")]
    QuickAckToken {
        /// The token.
        token: u32,
    },
    /// Only servers send transport errors.
    #[error("is a transport error, which only servers send")]
    TransportError,
}

/// What is wrong with TLS, or with what passes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A record of another type or version than those that may stand here.
    #[error("is a record of type {record_type} and version {version:04x}")]
    Record {
        /// The type: 20 to 23 in TLS.
        record_type: u8,
        /// The version.
        version: u16,
    },
    /// A `ChangeCipherSpec` that is not the byte 1.
    #[error("is a malformed ChangeCipherSpec")]
    ChangeCipherSpec,
    /// The hello has no place for what has to be in it.
    #[error("is a malformed hello")]
    Hello,
    /// The records of the hello are longer than any hello is.
    #[error("is a hello of more than {limit} bytes")]
    TooLong {
        /// How many are allowed.
        limit: usize,
    },
    /// The digest in the hello is not made with the secret: the peer is no such proxy, or no client of it.
    #[error("has a digest that none of the secrets makes")]
    Digest,
    /// The hello was made at another time.
    #[error("is a hello made at {timestamp}")]
    Timestamp {
        /// When it was made, by the peer's clock, in seconds of Unix time.
        timestamp: u32,
    },
    /// The hello names another domain than the secret.
    #[error("names another domain than the secret")]
    Domain,
}

/// What is wrong with a message of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The head has no end within the limit.
    #[error("has a head of more than {limit} bytes")]
    HeadTooLong {
        /// How many are allowed.
        limit: usize,
    },
    /// The head is not what HTTP/1.1 has there.
    #[error("has a malformed head")]
    Head,
    /// The method or the path is none of the transport's.
    #[error("is neither a POST to /api nor an upgrade to WebSocket")]
    Request,
    /// The length is missing, no number, or there twice.
    #[error("has no single Content-Length")]
    ContentLength,
    /// The body comes in a form the transport does not use.
    #[error("has a Transfer-Encoding, which the transport does not use")]
    TransferEncoding,
    /// The body is beyond the limit of this side.
    #[error("has a body of {bytes} bytes, of which {limit} are allowed")]
    TooLong {
        /// The length the head tells.
        bytes: u64,
        /// [`max_frame_bytes`](super::Limits::max_frame_bytes).
        limit: u32,
    },
    /// The body of a request is no packet.
    #[error("has a body of {bytes} bytes, which is no packet")]
    Body {
        /// The length the head tells.
        bytes: u32,
    },
    /// The answer to an upgrade is no agreement to it.
    #[error("has the status {status} and does not agree to the upgrade")]
    Upgrade {
        /// The status of the answer.
        status: u16,
    },
    /// A request lacks what makes it an upgrade to a WebSocket that carries bytes.
    #[error("is no complete upgrade to a WebSocket of the protocol \"binary\"")]
    UpgradeRequest,
}

/// What is wrong with a WebSocket frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WebSocketError {
    /// Reserved bits are set: an extension that was not agreed on.
    #[error("has reserved bits set")]
    Reserved,
    /// An opcode that is unknown, or not of binary messages.
    #[error("has the opcode {0}, but messages are binary")]
    Opcode(u8),
    /// Clients have to mask what they send, and servers must not.
    #[error("is masked by a server or not masked by a client")]
    Mask,
    /// The length is not told in the shortest form.
    #[error("has a malformed length")]
    Length,
    /// A control frame in pieces or longer than 125 bytes.
    #[error("is a control frame in pieces or of more than 125 bytes")]
    Control,
    /// A piece of a message that did not start, or the start of one within another.
    #[error("is out of order within its message")]
    Fragment,
}

/// What is wrong with the first bytes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DetectionError {
    /// They are the first frame of a full transport by their second word, but not by their length.
    #[error("are neither a full frame (length {length}) nor any other transport")]
    Unknown {
        /// The first word.
        length: u32,
    },
    /// They look obfuscated, but none of the secrets opens them.
    #[error("are obfuscated with a secret that is not known here")]
    Secret,
    /// A transport that this side was told not to accept.
    #[error("are of a transport that is not accepted here")]
    NotAccepted,
}

/// What is wrong with the secret of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Neither hexadecimal nor base64.
    #[error("is neither hexadecimal nor base64")]
    Encoding,
    /// Not 16 bytes, nor 17 that start with `dd`, nor more that start with `ee`.
    #[error("has {bytes} bytes, but is 16, or `dd` and 16, or `ee` and 16 and a domain")]
    Length {
        /// How many bytes it has.
        bytes: usize,
    },
    /// The domain is too long for a hello, or has a zero byte.
    #[error("has a domain of {bytes} bytes; 1 to 182 without zeros are allowed")]
    Domain {
        /// How many bytes it has.
        bytes: usize,
    },
}

/// What a server says about the connection instead of sending a packet:
/// [transport errors](https://core.telegram.org/mtproto/mtproto-transports#transport-errors).
///
/// They are not authenticated: anybody between the two sides can send them. So nothing lasting may follow from one; above
/// all, [-404](Self::AUTH_KEY_NOT_FOUND) is no reason to forget an authorization key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransportError(pub(super) i32);

impl TransportError {
    /// What HTTP would answer with the status 403.
    pub const FORBIDDEN: Self = Self(-403);
    /// The server doesn't have the authorization key, or some field of the packet is wrong.
    pub const AUTH_KEY_NOT_FOUND: Self = Self(-404);
    /// Too many connections in too short a time, or a limit of containers and service messages reached.
    pub const FLOOD: Self = Self(-429);
    /// The data center asked for is none.
    pub const INVALID_DC: Self = Self(-444);

    /// The error of a negative number; others are none.
    pub const fn new(code: i32) -> Option<Self> {
        if code < 0 { Some(Self(code)) } else { None }
    }

    /// The negative number, as it is sent.
    pub const fn code(self) -> i32 {
        self.0
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TransportError").field(&self.0).finish()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = match *self {
            Self::FORBIDDEN => "forbidden",
            Self::AUTH_KEY_NOT_FOUND => "auth key not found",
            Self::FLOOD => "transport flood",
            Self::INVALID_DC => "invalid DC",
            _ => "transport error",
        };
        write!(f, "{meaning} ({})", self.0)
    }
}

impl core::error::Error for TransportError {}
