//! The bytes a peer sends, without what lies below the framing: records of TLS, frames of WebSocket, obfuscation.
//!
//! Bytes belong to the stream from the moment they are put in, and are deciphered exactly once, then and there. Nothing ever
//! hands deciphered bytes back, so the keystream can't get ahead of the bytes, however they are cut.

use alloc::vec::Vec;

use super::{Error, fake_tls, websocket};
use crate::crypto::aes_ctr::AesCtr;

/// How much room a read gets at least.
const MIN_SPARE: usize = 4096;

/// What has come and was not consumed.
pub(super) struct Stream {
    /// The bytes from `start` to `end` are there, the others are room.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where `start` is in the stream of the topmost layer.
    offset: u64,
    envelope: Envelope,
    cipher: Option<AesCtr>,
    /// Why nothing can follow the bytes that are there.
    failed: Option<Error>,
}

/// What the connection puts around the bytes of the stream.
#[derive(Debug)]
pub(super) enum Envelope {
    None,
    Tls(fake_tls::RecordReader),
    WebSocket(websocket::FrameReader),
}

impl Stream {
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
            envelope: Envelope::None,
            cipher: None,
            failed: None,
        }
    }

    /// Appends bytes of the connection.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.buffer[self.end..][..bytes.len()].copy_from_slice(bytes);
        self.filled(bytes.len());
    }

    /// Room to read into: some kilobytes, or more while a large frame is on its way.
    pub(super) fn spare(&mut self) -> &mut [u8] {
        self.make_room(MIN_SPARE);
        &mut self.buffer[self.end..]
    }

    /// Takes the first bytes of the room as bytes of the connection.
    pub(super) fn filled(&mut self, len: usize) {
        let end = self.end.saturating_add(len).min(self.buffer.len());
        self.process(end);
    }

    /// The bytes that are there.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Where they start.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Why nothing can follow them.
    pub(super) fn failure(&self) -> Option<&Error> {
        self.failed.as_ref()
    }

    /// Takes the first bytes out of the stream.
    pub(super) fn consume(&mut self, len: usize) -> &mut [u8] {
        let start = self.start;
        self.start = self.end.min(start + len);
        self.offset += (self.start - start) as u64;
        &mut self.buffer[start..self.start]
    }

    /// Everything that is there and that will come is in this envelope.
    pub(super) fn open(&mut self, envelope: Envelope) {
        self.envelope = envelope;
        self.offset = 0;
        let end = core::mem::replace(&mut self.end, self.start);
        self.process(end);
    }

    /// Everything that is there and that will come is enciphered.
    pub(super) fn decipher(&mut self, mut cipher: AesCtr) {
        cipher.apply(&mut self.buffer[self.start..self.end]);
        self.cipher = Some(cipher);
        self.offset = 0;
    }

    /// What WebSocket has to say besides the bytes.
    pub(super) fn control(&mut self) -> Option<websocket::Control> {
        match &mut self.envelope {
            Envelope::WebSocket(reader) => reader.control(),
            _ => None,
        }
    }

    /// Gives back the memory that is not in use.
    pub(super) fn shrink(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= core::mem::take(&mut self.start);
        self.buffer.truncate(self.end);
        self.buffer.shrink_to_fit();
    }

    /// Makes bytes of the stream of the bytes of the connection between `self.end` and `end`.
    fn process(&mut self, end: usize) {
        if self.failed.is_some() {
            return;
        }
        let fresh = &mut self.buffer[self.end..end];
        let unwrapped = match &mut self.envelope {
            Envelope::None => Ok(fresh.len()),
            Envelope::Tls(reader) => reader.read(fresh),
            Envelope::WebSocket(reader) => reader.read(fresh),
        };
        let len = unwrapped.unwrap_or_else(|(len, error)| {
            self.failed = Some(error);
            len
        });
        if let Some(cipher) = &mut self.cipher {
            cipher.apply(&mut fresh[..len]);
        }
        self.end += len;
    }

    /// Makes room behind the bytes: by moving them if that is cheap, by growing otherwise.
    fn make_room(&mut self, len: usize) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.len() - self.end >= len {
            return;
        }
        let held = self.end - self.start;
        // Each byte that moves makes room for one at least, so that moving costs no more than filling.
        if self.start >= held.max(len) {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, held);
            return;
        }
        self.buffer
            .resize((self.end + len).max(self.buffer.len() * 2), 0);
    }
}
