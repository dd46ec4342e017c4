//! Reading: frames out of bytes that come in any pieces.

use core::fmt;

use super::frame::Head;
use super::stream::Stream;
use super::{
    Control, Error, Frame, FrameError, Framing, Limits, TransportError, abridged, full,
    intermediate,
};
use crate::crypto::kdf::Side;

/// The receiving half of a connection.
///
/// Put in what came from the socket, in any pieces, and take out frames until there is none:
///
/// ```
/// use mtproto_runtime::transport::{Connection, Frame, Framing};
///
/// let mut decoder = Connection::server(Framing::Abridged).decoder;
/// decoder.push(&[1, 10, 20]);
/// assert_eq!(decoder.next_frame(), Ok(None));
/// decoder.push(&[30, 40, 1]);
/// let payload = &mut [10, 20, 30, 40];
/// # let payload = &mut [10, 20, 30, 40, 50, 60, 70, 80];
/// # let mut decoder = Connection::server(Framing::Abridged).decoder;
/// # decoder.push(&[2, 10, 20, 30, 40, 50, 60, 70, 80]);
/// let quick_ack = false;
/// assert_eq!(decoder.next_frame(), Ok(Some(Frame::Packet { payload, quick_ack })));
/// ```
///
/// After an error the connection is of no use: bytes that come after it have no meaning.
pub struct Decoder {
    stream: Stream,
    framing: Framing,
    sender: Side,
    limits: Limits,
    /// The number of the next frame, in full framing.
    number: u32,
    failed: Option<Error>,
}

impl Decoder {
    pub(super) fn new(stream: Stream, framing: Framing, sender: Side, limits: Limits) -> Self {
        Self {
            stream,
            framing,
            sender,
            limits,
            number: 0,
            failed: None,
        }
    }

    /// Appends bytes that came from the peer. Better take all frames before that: what is not taken stays in memory.
    pub fn push(&mut self, bytes: &[u8]) {
        self.stream.push(bytes);
    }

    /// Room to read into from a socket, without copies: at least 4 KiB, more while a large frame is on its way.
    ///
    /// [`filled`](Self::filled) tells how much of it was used.
    pub fn spare(&mut self) -> &mut [u8] {
        self.stream.spare()
    }

    /// The first so many bytes of the [room](Self::spare) have come from the peer.
    pub fn filled(&mut self, len: usize) {
        self.stream.filled(len);
    }

    /// The next frame, if it is there as a whole.
    ///
    /// # Errors
    ///
    /// The first thing that the peer did wrong, after all that came before it. From then on it stays the answer.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let found = match self.find() {
            Ok(Some(found)) => found,
            Ok(None) => {
                return self
                    .stream
                    .failure()
                    .map_or(Ok(None), |error| Err(error.clone()));
            }
            Err(kind) => {
                let offset = self.stream.offset();
                let error = Error::Frame { offset, kind };
                self.failed = Some(error.clone());
                return Err(error);
            }
        };
        let frame = self.stream.consume(found.len);
        Ok(Some(match found.content {
            Content::Packet { at, len, quick_ack } => Frame::Packet {
                payload: &mut frame[at..][..len],
                quick_ack,
            },
            Content::QuickAck(token) => Frame::QuickAck(token),
            Content::Error(error) => Frame::Error(error),
            Content::Nop => Frame::Nop,
        }))
    }

    /// What a WebSocket peer wants besides packets, if anything. Other connections have no such messages.
    pub fn control(&mut self) -> Option<Control> {
        self.stream.control()
    }

    /// Gives back memory that large frames took.
    pub fn shrink(&mut self) {
        self.stream.shrink();
    }

    /// Looks at the start of the stream.
    fn find(&mut self) -> Result<Option<Found>, FrameError> {
        let (sender, limits) = (self.sender, &self.limits);
        let bytes = self.stream.bytes();
        let head = match self.framing {
            Framing::Abridged => abridged::head(bytes, sender, limits)?,
            Framing::Intermediate => intermediate::head(bytes, sender, false, limits)?,
            Framing::PaddedIntermediate => intermediate::head(bytes, sender, true, limits)?,
            Framing::Full => full::head(bytes, sender, self.number, limits)?,
        };
        let (len, header, payload_len, quick_ack) = match head {
            Head::More(_) => return Ok(None),
            Head::QuickAck { len, token } => {
                return Ok(Some(Found::new(len, Content::QuickAck(token))));
            }
            Head::Error { len, code } => {
                return Ok(Some(Found::new(len, Content::Error(TransportError(code)))));
            }
            Head::Frame {
                header,
                payload,
                trailer,
                quick_ack,
            } => (header + payload + trailer, header, payload, quick_ack),
        };
        let Some(frame) = bytes.get(..len) else {
            return Ok(None);
        };
        if self.framing == Framing::Full {
            full::check(frame)?;
            self.number = self.number.wrapping_add(1);
        }
        let payload = &frame[header..][..payload_len];
        let padded = self.framing == Framing::PaddedIntermediate;
        if let Some(content) = message_of_server(payload, sender, padded)? {
            return Ok(Some(Found::new(len, content)));
        }
        let packet_len = if padded {
            intermediate::packet_len(payload)?
        } else {
            payload_len
        };
        Ok(Some(Found::new(
            len,
            Content::Packet {
                at: header,
                len: packet_len,
                quick_ack,
            },
        )))
    }
}

/// A frame at the start of the stream.
struct Found {
    len: usize,
    content: Content,
}

enum Content {
    Packet {
        at: usize,
        len: usize,
        quick_ack: bool,
    },
    QuickAck(u32),
    Error(TransportError),
    Nop,
}

impl Found {
    fn new(len: usize, content: Content) -> Self {
        Self { len, content }
    }
}

/// The payload as a message of the server's transport, if it is one: what is too short for a packet.
fn message_of_server(
    payload: &[u8],
    sender: Side,
    padded: bool,
) -> Result<Option<Content>, FrameError> {
    // No packet has less than 20 bytes, and padding adds up to 15 to the 4 of an error.
    let is_message = payload.len() == 4 || padded && payload.len() < 20;
    if !is_message {
        return Ok(None);
    }
    let too_short = FrameError::TooShort {
        bytes: payload.len() as u32,
    };
    if sender == Side::Client {
        return Err(too_short);
    }
    if padded && let Some(token) = intermediate::padded_quick_ack(payload) {
        return Ok(Some(Content::QuickAck(token)));
    }
    match super::frame::word(payload, 0).map(|code| code as i32) {
        Some(0) => Ok(Some(Content::Nop)),
        Some(code @ ..0) => Ok(Some(Content::Error(TransportError(code)))),
        _ => Err(too_short),
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("framing", &self.framing)
            .field("buffered", &self.stream.bytes().len())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
