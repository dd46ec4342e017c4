//! A connection with a transport on it.
//!
//! Between the streams of [`dial`](super::dial) and the sessions of the drivers. Everything is polled by the one task that has
//! the link, and nothing is lost if nobody polls on.
//!
//! | file | what |
//! |---|---|
//! | `pipe` | a stream, and what it has not taken yet |
//! | `stream` | packets on a stream, framed: all transports but HTTP |
//! | `http_client`, `http_server` | packets in requests and answers of HTTP |

#[cfg(feature = "http")]
mod http_client;
#[cfg(feature = "http")]
mod http_server;
mod pipe;
mod stream;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::{Context, Poll};
use std::io;

use tokio::io::AsyncReadExt as _;

#[cfg(feature = "http")]
pub(super) use self::http_server::HttpWait;
use self::stream::StreamLink;
use super::LinkError;
use super::random::SystemRng;
use super::stream::Stream;
use crate::session::{Session, Transmit};
use crate::time::UnixTime;
use crate::transport::{Connection, Error, Frame, TransportError};

/// With so many bytes waiting for the socket no more packets are made.
const MAX_BACKLOG_BYTES: usize = 256 << 10;

/// Both directions of a connection: for a client over HTTP, of two.
pub(super) enum Link {
    Stream(Box<StreamLink>),
    #[cfg(feature = "http")]
    HttpClient(Box<http_client::HttpClient>),
    #[cfg(feature = "http")]
    HttpServer(Box<http_server::HttpServer>),
}

/// Where a link has its packets from: a session.
pub(super) trait Packets {
    /// As [`Session::poll_transmit`].
    fn poll_transmit(&mut self, now: UnixTime, packet: &mut Vec<u8>) -> Option<Transmit>;

    /// As [`Session::poll_request`].
    #[cfg(feature = "http")]
    fn poll_request(
        &mut self,
        now: UnixTime,
        max_wait: i32,
        always: bool,
        packet: &mut Vec<u8>,
    ) -> Option<Transmit>;
}

impl Packets for Session {
    fn poll_transmit(&mut self, now: UnixTime, packet: &mut Vec<u8>) -> Option<Transmit> {
        self.poll_transmit(now, packet)
    }

    #[cfg(feature = "http")]
    fn poll_request(
        &mut self,
        now: UnixTime,
        max_wait: i32,
        always: bool,
        packet: &mut Vec<u8>,
    ) -> Option<Transmit> {
        self.poll_request(now, max_wait, always, packet)
    }
}

/// What came, for whoever reads one packet after the other.
pub(super) enum Received {
    Packet(Vec<u8>),
    Error(TransportError),
}

/// Does the same to any of them.
macro_rules! each {
    ($self:expr, $link:ident => $what:expr) => {
        match $self {
            Link::Stream($link) => $what,
            #[cfg(feature = "http")]
            Link::HttpClient($link) => $what,
            #[cfg(feature = "http")]
            Link::HttpServer($link) => $what,
        }
    };
}

impl Link {
    pub(super) fn new(stream: Stream, connection: Connection) -> Self {
        Self::Stream(Box::new(StreamLink::new(stream, connection)))
    }

    #[cfg(feature = "http")]
    pub(super) fn http_client(
        way: super::transport::Way,
        http: &super::Http,
        first: Stream,
        limit: core::time::Duration,
    ) -> Self {
        let client = http_client::HttpClient::new(way, http, first, limit);
        Self::HttpClient(Box::new(client))
    }

    #[cfg(feature = "http")]
    pub(super) fn http_server(stream: Stream, requests: crate::transport::http::Requests) -> Self {
        Self::HttpServer(Box::new(http_server::HttpServer::new(stream, requests)))
    }

    /// How many bytes wait for the stream.
    pub(super) fn backlog(&self) -> usize {
        each!(self, link => link.backlog())
    }

    /// Whether more packets should be made now.
    pub(super) fn has_room(&self) -> bool {
        match self {
            Self::Stream(link) => link.has_room(),
            #[cfg(feature = "http")]
            Self::HttpClient(link) => link.has_room(),
            #[cfg(feature = "http")]
            Self::HttpServer(link) => link.backlog() < MAX_BACKLOG_BYTES,
        }
    }

    /// The next frame that has come, if it is there as a whole.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        each!(self, link => link.next_frame())
    }

    /// A client's link takes over the next packet, if there is one and this is the time for it. Returns whether that is so.
    pub(super) fn transmit_one(
        &mut self,
        packets: &mut impl Packets,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<bool, LinkError> {
        match self {
            Self::Stream(link) => link.transmit_one(packets, now, rng),
            #[cfg(feature = "http")]
            Self::HttpClient(link) => link.transmit_one(packets, now),
            // It answers: `transmit`.
            #[cfg(feature = "http")]
            Self::HttpServer(_) => Ok(false),
        }
    }

    /// Takes over the packets that a session has, as far as there is room. Returns when to do so again, if that is a matter of
    /// time.
    pub(super) fn transmit(
        &mut self,
        session: &mut Session,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<Option<UnixTime>, LinkError> {
        #[cfg(feature = "http")]
        if let Self::HttpServer(link) = self {
            return link.transmit(session, now);
        }
        while self.has_room() && self.transmit_one(session, now, rng)? {}
        Ok(None)
    }

    /// Takes over a packet.
    pub(super) fn push(&mut self, payload: &[u8], rng: &mut SystemRng) -> Result<(), LinkError> {
        match self {
            Self::Stream(link) => link.push(payload, rng),
            #[cfg(feature = "http")]
            Self::HttpClient(link) => link.push(payload),
            #[cfg(feature = "http")]
            Self::HttpServer(link) => link.push(payload),
        }
    }

    /// Takes over a server's quick acknowledgment. Over HTTP nobody asks for one.
    pub(super) fn push_quick_ack(
        &mut self,
        token: u32,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        match self {
            Self::Stream(link) => link.push_quick_ack(token, rng),
            #[cfg(feature = "http")]
            Self::HttpClient(_) | Self::HttpServer(_) => Ok(()),
        }
    }

    /// Takes over a server's transport error.
    pub(super) fn push_error(
        &mut self,
        error: TransportError,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        match self {
            Self::Stream(link) => link.push_error(error, rng),
            #[cfg(feature = "http")]
            Self::HttpClient(_) => Ok(()),
            #[cfg(feature = "http")]
            Self::HttpServer(link) => link.push_error(error),
        }
    }

    /// A server has nothing to say to the last packet. Over HTTP that has to be said.
    pub(super) fn push_nothing(&mut self) -> Result<(), LinkError> {
        match self {
            #[cfg(feature = "http")]
            Self::HttpServer(link) => link.push_nothing(),
            _ => Ok(()),
        }
    }

    /// Writes and, if asked to, reads what the stream allows. Ready if that was anything.
    pub(super) fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        read: bool,
    ) -> Poll<Result<(), LinkError>> {
        each!(self, link => link.poll_turn(cx, read))
    }

    /// Waits for the next packet or error, and writes meanwhile.
    pub(super) async fn receive(&mut self) -> Result<Received, LinkError> {
        loop {
            match self.next_frame()? {
                Some(Frame::Packet { payload, .. }) => {
                    return Ok(Received::Packet(payload.to_vec()));
                }
                Some(Frame::Error(error)) => return Ok(Received::Error(error)),
                Some(_) => {}
                None => poll_fn(|cx| self.poll_turn(cx, true)).await?,
            }
        }
    }

    /// Whether it is a server's link that answers requests of HTTP.
    pub(super) fn is_http(&self) -> bool {
        match self {
            #[cfg(feature = "http")]
            Self::HttpServer(_) => true,
            _ => false,
        }
    }

    /// The client says how long the answer to its request may be held back.
    #[cfg(feature = "http")]
    pub(super) fn hold(&mut self, wait: HttpWait) {
        if let Self::HttpServer(link) = self {
            link.hold(wait);
        }
    }
}

/// Reads once into the room that something has. None if the stream has ended.
pub(super) async fn read_some(stream: &mut Stream, room: &mut [u8]) -> io::Result<Option<usize>> {
    let len = stream.read(room).await?;
    Ok((len > 0).then_some(len))
}
