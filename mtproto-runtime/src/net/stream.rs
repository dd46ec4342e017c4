//! What links are on: any stream of bytes.

use alloc::boxed::Box;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A stream that was made elsewhere.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// Both directions of a stream. The usual one costs no detour.
pub(super) enum Stream {
    Tcp(TcpStream),
    /// TLS, or whatever the owner of a server has accepted.
    Other(Box<dyn Duplex>),
}

impl Stream {
    /// A socket of either side.
    pub(super) fn tcp(socket: TcpStream) -> io::Result<Self> {
        // Packets are whole: there is nothing to wait for.
        socket.set_nodelay(true)?;
        Ok(Self::Tcp(socket))
    }

    pub(super) fn other(stream: impl Duplex + 'static) -> Self {
        Self::Other(Box::new(stream))
    }
}

/// Does the same to either.
macro_rules! either {
    ($self:expr, $stream:ident => $what:expr) => {
        match $self.get_mut() {
            Stream::Tcp(socket) => {
                let $stream = Pin::new(socket);
                $what
            }
            Stream::Other(stream) => {
                let $stream = Pin::new(stream);
                $what
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_shutdown(cx))
    }
}
