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
        // A stream that is never quite done would have all that it ever took stay here. No byte is moved more than once for
        // each that was written.
        if self.written > self.backlog() {
            self.out.drain(..self.written);
            self.written = 0;
        }
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

#[cfg(test)]
mod tests {
    use core::task::Waker;

    use tokio::io::duplex;

    use super::*;

    #[test]
    fn what_was_written_does_not_stay() {
        const LEN: usize = 1000;
        // It takes less than there is, each time.
        let (near, mut far) = duplex(LEN);
        let mut pipe = Pipe::new(Stream::other(near));
        let mut cx = Context::from_waker(Waker::noop());
        let (mut room, mut came) = ([0; LEN], Vec::new());
        pipe.push(&[0; LEN]);
        for number in 1..=100 {
            pipe.push(&[number; LEN]);
            assert!(pipe.poll_write(&mut cx).unwrap());
            assert_eq!(pipe.backlog(), LEN);
            assert!(pipe.out.len() <= 4 * LEN, "{} bytes", pipe.out.len());
            let mut buffer = ReadBuf::new(&mut room);
            assert!(
                Pin::new(&mut far)
                    .poll_read(&mut cx, &mut buffer)
                    .is_ready()
            );
            came.extend_from_slice(buffer.filled());
        }
        let expected: Vec<u8> = (0..100).flat_map(|number| [number; LEN]).collect();
        assert!(came == expected);
    }
}
