//! Packets on a stream of bytes, framed.

use alloc::vec::Vec;
use core::task::{Context, Poll};

use super::pipe::Pipe;
use super::{MAX_BACKLOG_BYTES, Packets};
use crate::net::LinkError;
use crate::net::random::{self, SystemRng};
use crate::net::stream::Stream;
use crate::time::UnixTime;
use crate::transport::{
    Connection, Control, Decoder, Encoder, Error, Frame, HEAD_ROOM, TransportError,
};

pub(in crate::net) struct StreamLink {
    pipe: Pipe,
    encoder: Encoder,
    decoder: Decoder,
    /// Where packets are made.
    packet: Vec<u8>,
    /// Whether the other side has ended its WebSocket: so does this one, once that is said.
    is_closing: bool,
}

impl StreamLink {
    pub(super) fn new(stream: Stream, connection: Connection) -> Self {
        Self {
            pipe: Pipe::new(stream),
            encoder: connection.encoder,
            decoder: connection.decoder,
            packet: Vec::new(),
            is_closing: false,
        }
    }

    pub(super) fn backlog(&self) -> usize {
        self.pipe.backlog()
    }

    pub(super) fn has_room(&self) -> bool {
        self.backlog() < MAX_BACKLOG_BYTES
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        self.decoder.next_frame()
    }

    pub(super) fn transmit_one(
        &mut self,
        packets: &mut impl Packets,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<bool, LinkError> {
        self.packet.clear();
        self.packet.resize(HEAD_ROOM, 0);
        let Some(transmit) = packets.poll_transmit(now, &mut self.packet) else {
            return Ok(false);
        };
        let quick_ack = transmit.quick_ack_token.is_some();
        self.pipe
            .push(self.encoder.encode(&mut self.packet, quick_ack, rng)?);
        Ok(true)
    }

    pub(super) fn push(&mut self, payload: &[u8], rng: &mut SystemRng) -> Result<(), LinkError> {
        self.packet.clear();
        self.packet.resize(HEAD_ROOM, 0);
        self.packet.extend_from_slice(payload);
        self.pipe
            .push(self.encoder.encode(&mut self.packet, false, rng)?);
        Ok(())
    }

    pub(super) fn push_quick_ack(
        &mut self,
        token: u32,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        let bytes = self
            .encoder
            .encode_quick_ack(token, &mut self.packet, rng)?;
        self.pipe.push(bytes);
        Ok(())
    }

    pub(super) fn push_error(
        &mut self,
        error: TransportError,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        self.pipe
            .push(self.encoder.encode_error(error, &mut self.packet, rng)?);
        Ok(())
    }

    pub(super) fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        read: bool,
    ) -> Poll<Result<(), LinkError>> {
        let mut moved = self.pipe.poll_write(cx)?;
        if self.is_closing && self.pipe.is_flushed() {
            return Poll::Ready(Err(LinkError::Closed));
        }
        if read
            && !self.is_closing
            && let Poll::Ready(len) = self.pipe.poll_read(cx, self.decoder.spare())?
        {
            if len == 0 {
                return Poll::Ready(Err(LinkError::Closed));
            }
            self.decoder.filled(len);
            self.answer_control();
            moved = true;
        }
        match moved {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
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
        self.pipe.push(bytes);
    }
}
