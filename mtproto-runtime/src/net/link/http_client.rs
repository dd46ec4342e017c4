//! The client's side of [HTTP](https://core.telegram.org/mtproto/transports#http): packets in requests, and what the server has
//! to say in its answers.
//!
//! A server only speaks when it is asked. So of two connections, one always asks, and the server holds back that answer until
//! it has something to say ([http_wait]). The other is for what is to be said meanwhile, and is answered at once. Both are kept
//! between requests; one that the server ends then is made anew when it is needed.
//!
//! [http_wait]: https://core.telegram.org/mtproto/service_messages#http-wait-long-poll

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use tokio::time::timeout;

use super::Packets;
use super::pipe::Pipe;
use crate::net::LinkError;
use crate::net::dial::dial;
use crate::net::stream::Stream;
use crate::net::transport::{Http, Way};
use crate::time::UnixTime;
use crate::transport::{Error, Frame, HEAD_ROOM, Limits, http};

/// The connection that the server answers at once, and the one whose answers it holds back.
const AT_ONCE: usize = 0;
const HELD: usize = 1;

pub(in crate::net) struct HttpClient {
    host: String,
    path: String,
    max_wait_millis: i32,
    lanes: [Lane; 2],
    /// Messages of handshakes that wait for a connection.
    plain: VecDeque<Vec<u8>>,
    /// Where requests are made.
    packet: Vec<u8>,
}

/// A connection, for one request after the other.
struct Lane {
    way: Arc<Way>,
    /// How long it may take to connect.
    limit: Duration,
    state: State,
    /// The request that waits for a connection.
    request: Vec<u8>,
    answers: http::Answers,
    /// Whether a request has no answer yet.
    is_awaiting: bool,
}

enum State {
    Down,
    Dialing(Pin<Box<dyn Future<Output = Result<Stream, LinkError>> + Send>>),
    Up(Pipe),
}

impl HttpClient {
    /// The first connection is there. Each of the others may take that long to be made.
    pub(super) fn new(way: Way, http: &Http, first: Stream, limit: Duration) -> Self {
        let host = http.host.as_deref().unwrap_or_else(|| way.host()).into();
        let way = Arc::new(way);
        let mut lanes = [Lane::new(Arc::clone(&way), limit), Lane::new(way, limit)];
        lanes[AT_ONCE].state = State::Up(Pipe::new(first));
        Self {
            host,
            path: http.path.clone(),
            max_wait_millis: i32::try_from(http.max_wait.as_millis()).unwrap_or(i32::MAX),
            lanes,
            plain: VecDeque::new(),
            packet: Vec::new(),
        }
    }

    pub(super) fn backlog(&self) -> usize {
        let of_lane = |lane: &Lane| match &lane.state {
            State::Up(pipe) => pipe.backlog(),
            State::Down | State::Dialing(_) => lane.request.len(),
        };
        self.lanes.iter().map(of_lane).sum()
    }

    pub(super) fn has_room(&self) -> bool {
        self.plain.is_empty() && self.lanes.iter().any(|lane| !lane.is_awaiting)
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        for lane in self.lanes.iter_mut().filter(|lane| lane.is_awaiting) {
            if let Some(frame) = lane.answers.next_answer()? {
                lane.is_awaiting = false;
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    pub(super) fn transmit_one(
        &mut self,
        packets: &mut impl Packets,
        now: UnixTime,
    ) -> Result<bool, LinkError> {
        let (lane, max_wait, always) = if !self.lanes[HELD].is_awaiting {
            (HELD, self.max_wait_millis, true)
        } else if !self.lanes[AT_ONCE].is_awaiting && self.plain.is_empty() {
            (AT_ONCE, 0, false)
        } else {
            return Ok(false);
        };
        self.packet.clear();
        self.packet.resize(HEAD_ROOM, 0);
        if packets
            .poll_request(now, max_wait, always, &mut self.packet)
            .is_none()
        {
            return Ok(false);
        }
        self.post(lane)?;
        Ok(true)
    }

    /// Takes over a message of a handshake. It goes its way when the one before it is answered.
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), LinkError> {
        self.plain.push_back(payload.to_vec());
        self.post_plain()
    }

    fn post_plain(&mut self) -> Result<(), LinkError> {
        if !self.lanes[AT_ONCE].is_awaiting
            && let Some(payload) = self.plain.pop_front()
        {
            self.packet.clear();
            self.packet.resize(HEAD_ROOM, 0);
            self.packet.extend(payload);
            self.post(AT_ONCE)?;
        }
        Ok(())
    }

    /// Sends the packet that was made.
    fn post(&mut self, lane: usize) -> Result<(), LinkError> {
        let request = http::encode_request(&self.host, &self.path, &mut self.packet)?;
        self.lanes[lane].post(request)
    }

    pub(super) fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        read: bool,
    ) -> Poll<Result<(), LinkError>> {
        self.post_plain()?;
        let mut moved = false;
        for lane in &mut self.lanes {
            moved |= lane.poll(cx, read)?;
        }
        match moved {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }
}

impl Lane {
    fn new(way: Arc<Way>, limit: Duration) -> Self {
        Self {
            way,
            limit,
            state: State::Down,
            request: Vec::new(),
            answers: http::Answers::new(Limits::default()),
            is_awaiting: false,
        }
    }

    fn post(&mut self, request: &[u8]) -> Result<(), LinkError> {
        if !self.answers.keep_alive() {
            self.hang_up();
        }
        // What came behind the last answer would be taken for the next.
        if !self.answers.is_empty() {
            return Err(LinkError::Unasked);
        }
        self.is_awaiting = true;
        match &mut self.state {
            State::Up(pipe) => pipe.push(request),
            State::Down => {
                self.request = request.to_vec();
                let dialing = dial_within(self.limit, Arc::clone(&self.way));
                self.state = State::Dialing(Box::pin(dialing));
            }
            State::Dialing(_) => self.request = request.to_vec(),
        }
        Ok(())
    }

    fn hang_up(&mut self) {
        self.state = State::Down;
        self.answers = http::Answers::new(Limits::default());
    }

    /// Connects, writes and reads. Returns whether there was anything to do.
    fn poll(&mut self, cx: &mut Context<'_>, read: bool) -> Result<bool, LinkError> {
        let mut moved = false;
        if let State::Dialing(dialing) = &mut self.state {
            let Poll::Ready(stream) = dialing.as_mut().poll(cx)? else {
                return Ok(false);
            };
            let mut pipe = Pipe::new(stream);
            pipe.push(&core::mem::take(&mut self.request));
            self.state = State::Up(pipe);
            moved = true;
        }
        let State::Up(pipe) = &mut self.state else {
            return Ok(moved);
        };
        moved |= pipe.poll_write(cx)?;
        if read && let Poll::Ready(len) = pipe.poll_read(cx, self.answers.spare())? {
            match (len, self.is_awaiting) {
                (0, true) => return Err(LinkError::Closed),
                // Between two requests that is the server's right.
                (0, false) => self.hang_up(),
                (_, true) => self.answers.filled(len),
                (_, false) => return Err(LinkError::Unasked),
            }
            moved = true;
        }
        Ok(moved)
    }
}

/// A request waits for this, and nothing else would tell that it waits in vain: the other connection goes on.
async fn dial_within(limit: Duration, way: Arc<Way>) -> Result<Stream, LinkError> {
    timeout(limit, dial(&way))
        .await
        .unwrap_or(Err(LinkError::Unresponsive))
}
