//! The server's side of [HTTP](https://core.telegram.org/mtproto/transports#http): an answer for each request, held back as long as
//! the client allows: [http_wait](https://core.telegram.org/mtproto/service_messages#http-wait-long-poll).

use alloc::vec::Vec;
use core::task::{Context, Poll};
use core::time::Duration;

use super::pipe::Pipe;
use crate::net::LinkError;
use crate::net::stream::Stream;
use crate::session::Session;
use crate::time::UnixTime;
use crate::transport::{Error, Frame, HEAD_ROOM, TransportError, http};

/// So much may come while an answer is held back: enough to see that the client goes away, and nothing to fill memory with.
const MAX_AHEAD_BYTES: usize = 64 << 10;

pub(in crate::net) struct HttpServer {
    pipe: Pipe,
    requests: http::Requests,
    /// Where answers are made.
    packet: Vec<u8>,
    held: Option<Held>,
    /// What has come since the last request.
    ahead_bytes: usize,
    /// Whether the connection ends when all is written.
    is_closing: bool,
}

/// No client has an answer held back for longer: it would have a connection without being there.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// How long an answer may be held back, as the message says it.
#[derive(Clone, Copy, Debug)]
pub(in crate::net) struct HttpWait {
    /// From the first message on.
    max_delay: Duration,
    /// From the last message on.
    wait_after: Duration,
    /// If there is no message.
    max_wait: Duration,
}

impl HttpWait {
    /// All in milliseconds.
    pub(in crate::net) fn new(max_delay: i32, wait_after: i32, max_wait: i32) -> Self {
        let millis = |millis| {
            let wait = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
            wait.min(MAX_WAIT)
        };
        Self {
            max_delay: millis(max_delay),
            wait_after: millis(wait_after),
            max_wait: millis(max_wait),
        }
    }
}

/// What the page names for requests that say nothing else.
impl Default for HttpWait {
    fn default() -> Self {
        Self::new(0, 0, 25_000)
    }
}

/// A request that has no answer yet.
struct Held {
    keep_alive: bool,
    wait: HttpWait,
    since: Option<UnixTime>,
    /// How many messages wait, and since when the first and the last of them do.
    messages: usize,
    first_at: UnixTime,
    last_at: UnixTime,
}

impl Held {
    /// When it is to be answered, with so many messages waiting now.
    fn due(&mut self, messages: usize, now: UnixTime) -> UnixTime {
        let since = *self.since.get_or_insert(now);
        if messages > self.messages {
            if self.messages == 0 {
                self.first_at = now;
            }
            self.last_at = now;
        }
        // There are fewer when another connection has taken them.
        self.messages = messages;
        let latest = since.after(self.wait.max_wait);
        match self.messages {
            0 => latest,
            _ => latest
                .min(self.first_at.after(self.wait.max_delay))
                .min(self.last_at.after(self.wait.wait_after)),
        }
    }
}

impl HttpServer {
    pub(super) fn new(stream: Stream, requests: http::Requests) -> Self {
        Self {
            pipe: Pipe::new(stream),
            requests,
            packet: Vec::new(),
            held: None,
            ahead_bytes: 0,
            is_closing: false,
        }
    }

    pub(super) fn backlog(&self) -> usize {
        self.pipe.backlog()
    }

    /// The next request, once the one before is answered.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        if self.held.is_some() || self.is_closing {
            return Ok(None);
        }
        let Some(request) = self.requests.next_request()? else {
            return Ok(None);
        };
        self.ahead_bytes = 0;
        let start = UnixTime::from_secs(0);
        self.held = Some(Held {
            keep_alive: request.keep_alive,
            wait: HttpWait::default(),
            since: None,
            messages: 0,
            first_at: start,
            last_at: start,
        });
        Ok(Some(Frame::Packet {
            payload: request.payload,
            quick_ack: false,
        }))
    }

    /// The request says how long its answer may be held back.
    pub(super) fn hold(&mut self, wait: HttpWait) {
        if let Some(held) = &mut self.held {
            held.wait = wait;
        }
    }

    /// Answers the request with what the session has, if it is time. Returns when that will be, otherwise.
    pub(super) fn transmit(
        &mut self,
        session: &mut Session,
        now: UnixTime,
    ) -> Result<Option<UnixTime>, LinkError> {
        let Some(held) = &mut self.held else {
            return Ok(None);
        };
        let due = held.due(session.ready_to_transmit(now), now);
        if due > now {
            return Ok(Some(due));
        }
        self.packet.clear();
        self.packet.resize(HEAD_ROOM, 0);
        if session.poll_transmit(now, &mut self.packet).is_none() {
            session.transmit_nothing(now, &mut self.packet);
        }
        self.answer(http::encode_answer)?;
        Ok(None)
    }

    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), LinkError> {
        self.packet.clear();
        self.packet.resize(HEAD_ROOM, 0);
        self.packet.extend_from_slice(payload);
        self.answer(http::encode_answer)
    }

    pub(super) fn push_error(&mut self, error: TransportError) -> Result<(), LinkError> {
        self.answer(|keep_alive, packet| Ok(http::encode_error(error, keep_alive, packet)))
    }

    pub(super) fn push_nothing(&mut self) -> Result<(), LinkError> {
        self.answer(|keep_alive, packet| Ok(http::encode_nothing(keep_alive, packet)))
    }

    fn answer(
        &mut self,
        encode: impl FnOnce(bool, &mut Vec<u8>) -> Result<&mut [u8], Error>,
    ) -> Result<(), LinkError> {
        // Without a request there is nothing to be said.
        if let Some(held) = self.held.take() {
            self.pipe.push(encode(held.keep_alive, &mut self.packet)?);
            self.is_closing = !held.keep_alive;
        }
        Ok(())
    }

    pub(super) fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        read: bool,
    ) -> Poll<Result<(), LinkError>> {
        let mut moved = self.pipe.poll_write(cx)?;
        if self.is_closing && self.pipe.is_flushed() {
            return Poll::Ready(Err(LinkError::Shutdown));
        }
        let may_read = self.held.is_none() || self.ahead_bytes < MAX_AHEAD_BYTES;
        if read
            && may_read
            && let Poll::Ready(len) = self.pipe.poll_read(cx, self.requests.spare())?
        {
            if len == 0 {
                return Poll::Ready(Err(LinkError::Closed));
            }
            self.requests.filled(len);
            self.ahead_bytes += len;
            moved = true;
        }
        match moved {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }
}
