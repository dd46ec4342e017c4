//! [WebSocket](https://core.telegram.org/mtproto/transports#websocket) ([RFC 6455](https://www.rfc-editor.org/rfc/rfc6455)) as a
//! carrier of bytes.
//!
//! What binary messages contain is one stream of bytes, whatever the messages: the framing of packets is within it, and it
//! has to be [obfuscated](super::obfuscated). The upgrade asks for the protocol `binary`. The page's paths are `/apiws`, or
//! `/apiws_test` for the test environment.
//!
//! Clients mask what they send, with a fresh mask for each frame; servers don't. No extension is offered or accepted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::encoder::prepend;
use super::http::{self, Head};
use super::{Error, HttpError, WebSocketError};
use crate::base64;
use crate::crypto::hash::sha1;
use crate::crypto::kdf::Side;

/// Where data centers of production expect a WebSocket.
pub const PATH: &str = "/apiws";
/// Where data centers of the test environment do.
pub const TEST_PATH: &str = "/apiws_test";

/// What the server proves with that it knows what it agrees to.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PROTOCOL: &str = "binary";

/// The end of a message, as opposed to another piece of it.
const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
const PING: u8 = 9;
pub(super) const PONG: u8 = 10;
/// The longest payload of frames that are no data.
pub(super) const MAX_CONTROL: usize = 125;
/// The status 1000, with which all connections end.
pub(super) const NORMAL_CLOSURE: [u8; 2] = 1000_u16.to_be_bytes();
/// A head with a length of eight bytes and a mask.
const MAX_HEAD: usize = 14;

/// What a WebSocket peer wants besides bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Control {
    /// It wants [this back](super::Encoder::encode_pong). Of several, only the last is told, which is all that has to be
    /// answered.
    Ping(Vec<u8>),
    /// It will send nothing more and wants the [same](super::Encoder::encode_close) of this side.
    Close,
}

/// A client's request for an upgrade, and the key in it.
pub(super) fn request(
    host: &str,
    path: &str,
    rng: &mut dyn CryptoRng,
) -> Result<(Vec<u8>, String), Error> {
    http::check_target(host, path)?;
    let mut nonce = [0; 16];
    rng.fill_bytes(&mut nonce);
    let key = base64::encode(&nonce);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
    );
    Ok((request.into_bytes(), key))
}

/// A server's answer to the head of a request, if that is the upgrade it should be.
pub(super) fn accept(head: &[u8]) -> Result<Vec<u8>, Error> {
    let error = |kind| Error::Http { offset: 0, kind };
    let head = Head::parse(head).ok_or(error(HttpError::Head))?;
    let (method, _) = head.request_line().ok_or(error(HttpError::Head))?;
    if method != "GET" || !head.has_value("upgrade", "websocket") {
        return Err(error(HttpError::Request));
    }
    let mut keys = head.values("sec-websocket-key");
    let key = keys
        .next()
        .filter(|key| base64::decode(key, true).is_some_and(|nonce| nonce.len() == 16));
    let is_complete = head.has_value("connection", "upgrade")
        && head.has_value("sec-websocket-version", "13")
        && head.has_value("sec-websocket-protocol", PROTOCOL)
        && keys.next().is_none();
    let key = key
        .filter(|_| is_complete)
        .ok_or(error(HttpError::UpgradeRequest))?;
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n",
        answer_to(key)
    );
    Ok(answer.into_bytes())
}

/// Checks the head of a server's answer.
pub(super) fn check_answer(head: &[u8], key: &str) -> Result<(), Error> {
    let error = |kind| Error::Http { offset: 0, kind };
    let head = Head::parse(head).ok_or(error(HttpError::Head))?;
    let status = head.status_line().ok_or(error(HttpError::Head))?;
    let mut answers = head.values("sec-websocket-accept");
    let agrees = status == 101
        && head.has_value("upgrade", "websocket")
        && head.has_value("connection", "upgrade")
        && answers.next() == Some(&*answer_to(key))
        && answers.next().is_none()
        && head
            .values("sec-websocket-protocol")
            .all(|name| name == PROTOCOL)
        && head.values("sec-websocket-extensions").next().is_none();
    if !agrees {
        return Err(error(HttpError::Upgrade { status }));
    }
    Ok(())
}

/// What a server answers to the key of an upgrade.
fn answer_to(key: &str) -> String {
    base64::encode(&sha1(&[key.as_bytes(), GUID]))
}

/// Takes frames apart.
#[derive(Debug)]
pub(super) struct FrameReader {
    sender: Side,
    /// Of the head that is being read.
    head: [u8; MAX_HEAD],
    head_len: usize,
    frame: FrameHead,
    /// How much of the frame's payload has come; its length, when it is complete.
    done: u64,
    /// Whether a message has started that is not at its end.
    in_message: bool,
    ping: Vec<u8>,
    control: Option<Control>,
    closed: bool,
    /// Where the frame starts in the stream, and where the next byte is.
    frame_at: u64,
    offset: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct FrameHead {
    opcode: u8,
    len: u64,
    mask: [u8; 4],
}

impl FrameReader {
    pub(super) fn new(sender: Side) -> Self {
        Self {
            sender,
            head: [0; MAX_HEAD],
            head_len: 0,
            frame: FrameHead::default(),
            done: 0,
            in_message: false,
            ping: Vec::new(),
            control: None,
            closed: false,
            frame_at: 0,
            offset: 0,
        }
    }

    /// What came besides data.
    pub(super) fn control(&mut self) -> Option<Control> {
        self.control.take()
    }

    /// Moves the data of frames to the front of the bytes that have come, without the masks, and tells how much it is; with
    /// the error if something comes after it that is no frame. What follows a close is none of the connection.
    pub(super) fn read(&mut self, bytes: &mut [u8]) -> Result<usize, (usize, Error)> {
        let (mut from, mut to) = (0, 0);
        while from < bytes.len() && !self.closed {
            if self.done < self.frame.len {
                let rest = usize::try_from(self.frame.len - self.done).unwrap_or(usize::MAX);
                let len = rest.min(bytes.len() - from);
                let payload = &mut bytes[from..from + len];
                apply_mask(payload, self.frame.mask, (self.done % 4) as u32);
                match self.frame.opcode {
                    PING => self.ping.extend(&*payload),
                    CONTINUATION | BINARY => {
                        bytes.copy_within(from..from + len, to);
                        to += len;
                    }
                    // The status of a close and its text say nothing, by the page.
                    _ => {}
                }
                self.done += len as u64;
                self.offset += len as u64;
                from += len;
            } else {
                if self.head_len == 0 {
                    self.frame_at = self.offset;
                }
                let needed = head_len(&self.head[..self.head_len]);
                let len = (needed - self.head_len).min(bytes.len() - from);
                self.head[self.head_len..][..len].copy_from_slice(&bytes[from..from + len]);
                self.head_len += len;
                self.offset += len as u64;
                from += len;
                if self.head_len < head_len(&self.head[..self.head_len]) {
                    continue;
                }
                let offset = self.frame_at;
                self.start_frame()
                    .map_err(|kind| (to, Error::WebSocket { offset, kind }))?;
            }
            if self.done == self.frame.len {
                self.finish_frame();
            }
        }
        Ok(to)
    }

    /// Looks at a whole head.
    fn start_frame(&mut self) -> Result<(), WebSocketError> {
        let head = &self.head[..core::mem::take(&mut self.head_len)];
        let (first, opcode) = (head[0], head[0] & 0x0f);
        let is_end = first & FIN != 0;
        let is_masked = head[1] & MASKED != 0;
        if first & RESERVED != 0 {
            return Err(WebSocketError::Reserved);
        }
        if is_masked != (self.sender == Side::Client) {
            return Err(WebSocketError::Mask);
        }
        let (len, shortest) = match head[1] & !MASKED {
            126 => (u64::from(u16::from_be_bytes([head[2], head[3]])), 126),
            127 => {
                let mut len = [0; 8];
                len.copy_from_slice(&head[2..10]);
                (u64::from_be_bytes(len), 1 << 16)
            }
            short => (u64::from(short), 0),
        };
        if len < shortest || len > i64::MAX as u64 {
            return Err(WebSocketError::Length);
        }
        match opcode {
            CONTINUATION | BINARY => {
                if (opcode == CONTINUATION) != self.in_message {
                    return Err(WebSocketError::Fragment);
                }
                self.in_message = !is_end;
            }
            CLOSE | PING | PONG => {
                if !is_end || len > MAX_CONTROL as u64 {
                    return Err(WebSocketError::Control);
                }
            }
            _ => return Err(WebSocketError::Opcode(opcode)),
        }
        let mask = match head.last_chunk() {
            Some(&mask) if is_masked => mask,
            _ => [0; 4],
        };
        self.frame = FrameHead { opcode, len, mask };
        self.done = 0;
        Ok(())
    }

    fn finish_frame(&mut self) {
        match self.frame.opcode {
            PING => self.control = Some(Control::Ping(core::mem::take(&mut self.ping))),
            CLOSE => {
                self.control = Some(Control::Close);
                self.closed = true;
            }
            _ => {}
        }
        self.frame = FrameHead::default();
        self.done = 0;
    }
}

/// How long a head is, as far as its first bytes tell.
fn head_len(head: &[u8]) -> usize {
    let &[_, second, ..] = head else {
        return 2;
    };
    let len = match second & !MASKED {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    2 + len + if second & MASKED != 0 { 4 } else { 0 }
}

/// Combines bytes with a mask, from the place in it on that comes next.
fn apply_mask(bytes: &mut [u8], mask: [u8; 4], at: u32) {
    if mask == [0; 4] {
        return;
    }
    // The byte that comes next is the lowest.
    let word = u64::from(u32::from_le_bytes(mask).rotate_right(8 * at));
    let words = word << 32 | word;
    let (chunks, rest) = bytes.as_chunks_mut();
    for chunk in chunks {
        *chunk = (u64::from_le_bytes(*chunk) ^ words).to_le_bytes();
    }
    for (byte, over) in rest.iter_mut().zip(words.to_le_bytes()) {
        *byte ^= over;
    }
}

/// Puts bytes into frames.
#[derive(Debug)]
pub(super) struct FrameWriter {
    sender: Side,
}

impl FrameWriter {
    pub(super) fn new(sender: Side) -> Self {
        Self { sender }
    }

    /// Puts the bytes from `start` on into one frame, and tells where it starts.
    pub(super) fn wrap(
        &mut self,
        opcode: u8,
        buffer: &mut [u8],
        mut start: usize,
        rng: &mut dyn CryptoRng,
    ) -> usize {
        let len = buffer.len() - start;
        let mut masked = 0;
        if self.sender == Side::Client {
            let mut mask = [0; 4];
            rng.fill_bytes(&mut mask);
            apply_mask(&mut buffer[start..], mask, 0);
            start = prepend(buffer, start, &mask);
            masked = MASKED;
        }
        let short = match len {
            0..126 => len as u8,
            126..0x1_0000 => {
                start = prepend(buffer, start, &(len as u16).to_be_bytes());
                126
            }
            _ => {
                start = prepend(buffer, start, &(len as u64).to_be_bytes());
                127
            }
        };
        prepend(buffer, start, &[FIN | opcode, masked | short])
    }
}
