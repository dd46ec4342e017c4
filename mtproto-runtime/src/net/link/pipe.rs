//! A stream, and what it has not taken yet.

use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll};

use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use crate::net::LinkError;
use crate::net::stream::Stream;

pub(super) struct Pipe {
    stream: Stream,
    /// What the stream has not taken yet, from `written` on.
    out: Vec<u8>,
    written: usize,
    /// Whether the stream may hold back nothing that it has taken.
    is_flushed: bool,
}

impl Pipe {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            out: Vec::new(),
            written: 0,
            is_flushed: true,
        }
    }

    /// Takes over bytes to be written.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.is_flushed = false;
    }

    /// How many bytes wait for the stream.
    pub(super) fn backlog(&self) -> usize {
        self.out.len() - self.written
    }

    /// Whether everything has left.
    pub(super) fn is_flushed(&self) -> bool {
        self.is_flushed
    }

    /// Writes what the stream takes. Returns whether that was anything.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<bool, LinkError> {
        let mut moved = false;
        while self.written < self.out.len() {
            let rest = &self.out[self.written..];
            match Pin::new(&mut self.stream).poll_write(cx, rest)? {
                Poll::Ready(0) => return Err(LinkError::Closed),
                Poll::Ready(len) => self.written += len,
                Poll::Pending => return Ok(moved),
            }
            moved = true;
        }
        self.out.clear();
        self.written = 0;
        if !self.is_flushed {
            self.is_flushed = Pin::new(&mut self.stream).poll_flush(cx)?.is_ready();
        }
        Ok(moved)
    }

    /// Reads into this room: how many bytes, 0 at the end of the stream.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<Result<usize, LinkError>> {
        let mut buffer = ReadBuf::new(room);
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer)? {
            Poll::Ready(()) => Poll::Ready(Ok(buffer.filled().len())),
            Poll::Pending => Poll::Pending,
        }
    }
}
