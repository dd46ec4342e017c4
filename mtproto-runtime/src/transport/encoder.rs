//! Writing: packets in place, in a buffer with room in front.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::{
    Error, Framing, Limits, PacketError, TransportError, abridged, fake_tls, full, intermediate,
    websocket,
};
use crate::crypto::aes_ctr::AesCtr;
use crate::crypto::kdf::Side;

/// How many bytes of a buffer a packet has to leave free in front of it, for all that any transport puts there.
pub const HEAD_ROOM: usize = 128;
/// How many bytes a transport may put behind a packet. A buffer with so much capacity left is not moved, but for records of
/// TLS that a packet does not fit.
pub const TAIL_ROOM: usize = 16;

/// The sending half of a connection.
///
/// A packet is made into what goes over the connection where it is. What a client sends before anything else comes in front
/// of its first packet.
///
/// ```
/// use mtproto_runtime::transport::{Connection, Framing, HEAD_ROOM};
/// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// # let mut rng = ChaCha20Rng::from_seed([0; 32]);
///
/// let mut encoder = Connection::client(Framing::Abridged).encoder;
/// let mut buffer = vec![0; HEAD_ROOM];
/// buffer.extend([1, 2, 3, 4, 5, 6, 7, 8]);
/// let bytes = encoder.encode(&mut buffer, false, &mut rng)?;
/// assert_eq!(bytes, [0xef, 2, 1, 2, 3, 4, 5, 6, 7, 8]);
/// # Ok::<_, mtproto_runtime::transport::Error>(())
/// ```
pub struct Encoder {
    framing: Framing,
    sender: Side,
    limits: Limits,
    /// The number of the next frame, in full framing.
    number: u32,
    cipher: Option<AesCtr>,
    envelope: Envelope,
    /// What goes out before the first frame.
    opening: Opening,
}

/// What the connection puts around the bytes of the stream.
#[derive(Debug)]
pub(super) enum Envelope {
    None,
    Tls(fake_tls::RecordWriter),
    WebSocket(websocket::FrameWriter),
}

/// The first bytes of a client: a tag, or the initialization payload of obfuscation.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    bytes: [u8; 64],
    len: usize,
}

impl Opening {
    pub(super) const NONE: Self = Self {
        bytes: [0; 64],
        len: 0,
    };

    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut opening = Self::NONE;
        let len = bytes.len().min(opening.bytes.len());
        opening.bytes[..len].copy_from_slice(&bytes[..len]);
        Self { len, ..opening }
    }
}

impl Encoder {
    pub(super) fn new(
        framing: Framing,
        sender: Side,
        limits: Limits,
        opening: Opening,
        cipher: Option<AesCtr>,
        envelope: Envelope,
    ) -> Self {
        Self {
            framing,
            sender,
            limits,
            number: 0,
            cipher,
            envelope,
            opening,
        }
    }

    /// Makes a packet into the bytes to send. It starts at [`HEAD_ROOM`] of the buffer and goes to its end; the bytes before it
    /// are overwritten. What is to be sent starts somewhere before it, and goes to the end of the buffer, too.
    ///
    /// With `quick_ack`, a client asks for a [quick acknowledgment](super::Frame::QuickAck). The generator is for padding and masks:
    /// abridged, intermediate and full connections over TCP draw nothing from it.
    ///
    /// # Errors
    ///
    /// [`Error::Packet`] if the packet can't be sent. Nothing is changed then, and other packets can follow.
    pub fn encode<'b>(
        &mut self,
        buffer: &'b mut Vec<u8>,
        quick_ack: bool,
        rng: &mut dyn CryptoRng,
    ) -> Result<&'b mut [u8], Error> {
        let payload_len = self.check(buffer)?;
        if quick_ack && (self.sender == Side::Server || self.framing == Framing::Full) {
            return Err(PacketError::QuickAck.into());
        }
        let start = self.frame(buffer, payload_len, quick_ack, rng);
        Ok(self.finish(buffer, start, rng))
    }

    /// Makes the [quick acknowledgment](https://core.telegram.org/mtproto/mtproto-transports#quick-ack) of a client's packet, in
    /// a buffer whose content is not needed.
    ///
    /// # Errors
    ///
    /// [`Error::Packet`] on connections of clients, in full framing, and for tokens without the highest bit.
    pub fn encode_quick_ack<'b>(
        &mut self,
        token: u32,
        buffer: &'b mut Vec<u8>,
        rng: &mut dyn CryptoRng,
    ) -> Result<&'b mut [u8], Error> {
        if self.sender == Side::Client || self.framing == Framing::Full {
            return Err(PacketError::QuickAck.into());
        }
        if token & (1 << 31) == 0 {
            return Err(PacketError::QuickAckToken { token }.into());
        }
        buffer.clear();
        buffer.resize(HEAD_ROOM, 0);
        match self.framing {
            Framing::Abridged => buffer.extend(abridged::quick_ack(token)),
            Framing::Intermediate | Framing::Full => buffer.extend(token.to_le_bytes()),
            Framing::PaddedIntermediate => {
                let padding = (rng.next_u32() % 9) as usize;
                let payload = intermediate::padded_quick_ack_payload(token);
                buffer.extend(intermediate::header(payload.len() + padding, false));
                buffer.extend(payload);
                pad(buffer, padding, rng);
            }
        }
        Ok(self.finish(buffer, HEAD_ROOM, rng))
    }

    /// Makes a [transport error](TransportError), in a buffer whose content is not needed.
    ///
    /// # Errors
    ///
    /// [`Error::Packet`] on connections of clients.
    pub fn encode_error<'b>(
        &mut self,
        error: TransportError,
        buffer: &'b mut Vec<u8>,
        rng: &mut dyn CryptoRng,
    ) -> Result<&'b mut [u8], Error> {
        if self.sender == Side::Client {
            return Err(PacketError::TransportError.into());
        }
        buffer.clear();
        buffer.resize(HEAD_ROOM, 0);
        buffer.extend(error.code().to_le_bytes());
        let start = self.frame(buffer, 4, false, rng);
        Ok(self.finish(buffer, start, rng))
    }

    /// Makes the answer to a [ping](super::Control::Ping) of WebSocket, in a buffer whose content is not needed. Nothing on other
    /// connections, where no ping comes.
    pub fn encode_pong<'b>(
        &mut self,
        ping: &[u8],
        buffer: &'b mut Vec<u8>,
        rng: &mut dyn CryptoRng,
    ) -> &'b mut [u8] {
        self.control(websocket::PONG, ping, buffer, rng)
    }

    /// Makes the end of a WebSocket connection, in a buffer whose content is not needed. Nothing on other connections, which end
    /// with the stream below them.
    pub fn encode_close<'b>(
        &mut self,
        buffer: &'b mut Vec<u8>,
        rng: &mut dyn CryptoRng,
    ) -> &'b mut [u8] {
        self.control(websocket::CLOSE, &websocket::NORMAL_CLOSURE, buffer, rng)
    }

    fn control<'b>(
        &mut self,
        opcode: u8,
        payload: &[u8],
        buffer: &'b mut Vec<u8>,
        rng: &mut dyn CryptoRng,
    ) -> &'b mut [u8] {
        buffer.clear();
        let Envelope::WebSocket(writer) = &mut self.envelope else {
            return buffer;
        };
        buffer.resize(HEAD_ROOM, 0);
        buffer.extend(&payload[..payload.len().min(websocket::MAX_CONTROL)]);
        let start = writer.wrap(opcode, buffer, HEAD_ROOM, rng);
        &mut buffer[start..]
    }

    /// Whether the buffer holds a packet that can be sent, and of what length.
    fn check(&self, buffer: &[u8]) -> Result<usize, PacketError> {
        let Some(bytes) = buffer.len().checked_sub(HEAD_ROOM) else {
            return Err(PacketError::HeadRoom {
                found: buffer.len(),
                needed: HEAD_ROOM,
            });
        };
        let limit = match self.framing {
            Framing::Abridged => abridged::MAX_LEN.min(self.limits.max_frame_bytes as usize),
            _ => (self.limits.max_frame_bytes as usize).min(i32::MAX as usize - TAIL_ROOM),
        };
        match bytes {
            0 => Err(PacketError::Empty),
            _ if bytes > limit => Err(PacketError::TooLong { bytes, limit }),
            _ if bytes % 4 != 0 => Err(PacketError::Unaligned { bytes }),
            _ => Ok(bytes),
        }
    }

    /// Puts the envelope of the framing around the payload, and tells where it starts.
    fn frame(
        &mut self,
        buffer: &mut Vec<u8>,
        payload_len: usize,
        quick_ack: bool,
        rng: &mut dyn CryptoRng,
    ) -> usize {
        match self.framing {
            Framing::Abridged => {
                let (header, len) = abridged::header(payload_len, quick_ack);
                prepend(buffer, HEAD_ROOM, &header[header.len() - len..])
            }
            Framing::Intermediate => {
                let header = intermediate::header(payload_len, quick_ack);
                prepend(buffer, HEAD_ROOM, &header)
            }
            Framing::PaddedIntermediate => {
                // Old clients cut no more than three: see `intermediate`.
                let most = match self.sender {
                    Side::Client => intermediate::MAX_PADDING as u32,
                    Side::Server => 3,
                };
                let padding = (rng.next_u32() % (most + 1)) as usize;
                pad(buffer, padding, rng);
                let header = intermediate::header(payload_len + padding, quick_ack);
                prepend(buffer, HEAD_ROOM, &header)
            }
            Framing::Full => {
                let header = full::header(payload_len, self.number);
                self.number = self.number.wrapping_add(1);
                let start = prepend(buffer, HEAD_ROOM, &header);
                let trailer = full::trailer(&buffer[start..]);
                buffer.extend(trailer);
                start
            }
        }
    }

    /// Puts all that is below the framing around the frame.
    fn finish<'b>(
        &mut self,
        buffer: &'b mut Vec<u8>,
        mut start: usize,
        rng: &mut dyn CryptoRng,
    ) -> &'b mut [u8] {
        if let Some(cipher) = &mut self.cipher {
            cipher.apply(&mut buffer[start..]);
        }
        let opening = core::mem::replace(&mut self.opening, Opening::NONE);
        start = prepend(buffer, start, &opening.bytes[..opening.len]);
        start = match &mut self.envelope {
            Envelope::None => start,
            Envelope::Tls(writer) => writer.wrap(buffer, start),
            Envelope::WebSocket(writer) => writer.wrap(websocket::BINARY, buffer, start, rng),
        };
        &mut buffer[start..]
    }
}

/// Puts the bytes in front of `start`, and tells where they start.
pub(super) fn prepend(buffer: &mut [u8], start: usize, bytes: &[u8]) -> usize {
    let new_start = start - bytes.len();
    buffer[new_start..start].copy_from_slice(bytes);
    new_start
}

/// Appends random bytes.
fn pad(buffer: &mut Vec<u8>, len: usize, rng: &mut dyn CryptoRng) {
    let mut padding = [0; intermediate::MAX_PADDING];
    rng.fill_bytes(&mut padding[..len]);
    buffer.extend(&padding[..len]);
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("framing", &self.framing)
            .finish_non_exhaustive()
    }
}
