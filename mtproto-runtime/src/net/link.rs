//! A stream with a transport on it.

use alloc::vec::Vec;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

use super::LinkError;
use super::random::{self, SystemRng};
use super::stream::Stream;
use crate::session::{Session, Transmit};
use crate::time::UnixTime;
use crate::transport::{
    Connection, Control, Decoder, Encoder, Error, Frame, HEAD_ROOM, TransportError,
};

/// With so many bytes waiting for the socket no more packets are made.
const MAX_BACKLOG_BYTES: usize = 256 << 10;

/// Both directions of a connection, to be polled by the one task that has it. Nothing is lost if nobody polls on.
pub(super) struct Link {
    stream: Stream,
    encoder: Encoder,
    decoder: Decoder,
    /// Where packets are made.
    packet: Vec<u8>,
    /// What the stream has not taken yet, from `written` on.
    out: Vec<u8>,
    written: usize,
    /// Whether the stream may hold back what it has taken.
    is_flushed: bool,
    /// Whether the other side has ended its WebSocket: so does this one, once that is said.
    is_closing: bool,
}

/// What came, for whoever reads one packet after the other.
pub(super) enum Received {
    Packet(Vec<u8>),
    Error(TransportError),
}

impl Link {
    pub(super) fn new(stream: Stream, connection: Connection) -> Self {
        Self {
            stream,
            encoder: connection.encoder,
            decoder: connection.decoder,
            packet: Vec::new(),
            out: Vec::new(),
            written: 0,
            is_flushed: true,
            is_closing: false,
        }
    }

    /// How many bytes wait for the stream.
    pub(super) fn backlog(&self) -> usize {
        self.out.len() - self.written
    }

    /// Whether more packets should be made now.
    pub(super) fn has_room(&self) -> bool {
        self.backlog() < MAX_BACKLOG_BYTES
    }

    /// The next frame that has come, if it is there as a whole.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        self.decoder.next_frame()
    }

    /// Takes over the packets that a session has, as far as there is room.
    pub(super) fn transmit(
        &mut self,
        session: &mut Session,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        while self.has_room()
            && self.transmit_one(rng, |packet| session.poll_transmit(now, packet))?
        {}
        Ok(())
    }

    /// Takes over a packet that is appended to what it is given. Returns whether there was one.
    pub(super) fn transmit_one(
        &mut self,
        rng: &mut SystemRng,
        poll_transmit: impl FnOnce(&mut Vec<u8>) -> Option<Transmit>,
    ) -> Result<bool, LinkError> {
        self.packet.clear();
        self.packet.resize(HEAD_ROOM, 0);
        let Some(transmit) = poll_transmit(&mut self.packet) else {
            return Ok(false);
        };
        let quick_ack = transmit.quick_ack_token.is_some();
        let bytes = self.encoder.encode(&mut self.packet, quick_ack, rng)?;
        self.out.extend_from_slice(bytes);
        Ok(true)
    }

    /// Takes over a packet.
    pub(super) fn push(&mut self, payload: &[u8], rng: &mut SystemRng) -> Result<(), LinkError> {
        self.packet.clear();
        self.packet.resize(HEAD_ROOM, 0);
        self.packet.extend_from_slice(payload);
        let bytes = self.encoder.encode(&mut self.packet, false, rng)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes over a quick acknowledgment.
    pub(super) fn push_quick_ack(
        &mut self,
        token: u32,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        let bytes = self
            .encoder
            .encode_quick_ack(token, &mut self.packet, rng)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes over a transport error.
    pub(super) fn push_error(
        &mut self,
        error: TransportError,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        let bytes = self.encoder.encode_error(error, &mut self.packet, rng)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes and, if asked to, reads what the stream allows. Ready if that was anything.
    pub(super) fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        read: bool,
    ) -> Poll<Result<(), LinkError>> {
        let mut moved = self.poll_write(cx)?;
        if self.is_closing && self.is_flushed {
            return Poll::Ready(Err(LinkError::Closed));
        }
        if read && !self.is_closing {
            let mut buffer = ReadBuf::new(self.decoder.spare());
            if Pin::new(&mut self.stream)
                .poll_read(cx, &mut buffer)?
                .is_ready()
            {
                let len = buffer.filled().len();
                if len == 0 {
                    return Poll::Ready(Err(LinkError::Closed));
                }
                self.decoder.filled(len);
                self.answer_control();
                moved = true;
            }
        }
        match moved {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }

    /// Writes what the stream takes. Returns whether that was anything.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<bool, LinkError> {
        let mut moved = false;
        while self.written < self.out.len() {
            let rest = &self.out[self.written..];
            match Pin::new(&mut self.stream).poll_write(cx, rest)? {
                Poll::Ready(0) => return Err(LinkError::Closed),
                Poll::Ready(len) => self.written += len,
                Poll::Pending => return Ok(moved),
            }
            self.is_flushed = false;
            moved = true;
        }
        self.out.clear();
        self.written = 0;
        if !self.is_flushed {
            self.is_flushed = Pin::new(&mut self.stream).poll_flush(cx)?.is_ready();
        }
        Ok(moved)
    }

    /// Answers what a WebSocket wants besides packets.
    fn answer_control(&mut self) {
        let Some(control) = self.decoder.control() else {
            return;
        };
        let mut rng = random::system();
        let bytes = match control {
            // Who asks without end and does not listen gets no answer.
            Control::Ping(_) if !self.has_room() => return,
            Control::Ping(ping) => self.encoder.encode_pong(&ping, &mut self.packet, &mut rng),
            Control::Close => {
                self.is_closing = true;
                self.encoder.encode_close(&mut self.packet, &mut rng)
            }
        };
        self.out.extend_from_slice(bytes);
        self.is_flushed = false;
    }

    /// Waits for the next packet or error, and writes meanwhile.
    pub(super) async fn receive(&mut self) -> Result<Received, LinkError> {
        loop {
            match self.decoder.next_frame()? {
                Some(Frame::Packet { payload, .. }) => {
                    return Ok(Received::Packet(payload.to_vec()));
                }
                Some(Frame::Error(error)) => return Ok(Received::Error(error)),
                Some(_) => {}
                None => poll_fn(|cx| self.poll_turn(cx, true)).await?,
            }
        }
    }
}

/// Reads once into the room that something has. None if the stream has ended.
pub(super) async fn read_some(stream: &mut Stream, room: &mut [u8]) -> io::Result<Option<usize>> {
    let len = stream.read(room).await?;
    Ok((len > 0).then_some(len))
}
