//! The task of a client: one session, and the lines that its packets go by.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::{Future as _, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::HashMap;

use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{Instant, Sleep, sleep_until};

use super::clock::Clock;
use super::config::ClientConfig;
use super::engine::Engine;
use super::line::{Happening, Line};
use super::link::Link;
use super::random::{self, SystemRng};
use super::temporary::TemporaryKeys;
use super::trace::{self, log};
use super::{ClientEvent, InvokeError, LinkError, Reason};
use crate::session::envelope;
use crate::session::{ClientState, Event, Handle, InvokeOptions};
use crate::transport::Frame;

/// What the handles of a client want.
pub(super) enum Request {
    Call {
        id: u64,
        body: Vec<u8>,
        reply: Reply,
    },
    Export(oneshot::Sender<ClientState>),
}

type Reply = oneshot::Sender<Result<Vec<u8>, InvokeError>>;

/// The ends of the channels from and to the handles of a client.
pub(super) struct Channels {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) cancels: mpsc::UnboundedReceiver<u64>,
    pub(super) events: broadcast::Sender<ClientEvent>,
}

pub(super) struct Driver {
    config: Arc<ClientConfig>,
    clock: Clock,
    rng: SystemRng,
    session: Engine,
    /// Of a session under temporary keys.
    temporary: Option<TemporaryKeys>,
    channels: Channels,
    lines: Vec<Line>,
    /// Whether there was a connection that may have lost something, and none since.
    is_cut: bool,
    /// The calls of the session, with the id that their callers know them by.
    calls: HashMap<Handle, (u64, Reply)>,
    handles: HashMap<u64, Handle>,
    /// A request that the session has no room for. No other is taken before it.
    stalled: Option<Request>,
    /// For the next thing that the session wants to do.
    sleep: Pin<Box<Sleep>>,
    /// Which of the lines and the requests is looked at first: each in its turn, so that none of them keeps the others waiting.
    first: usize,
    /// Whether the permanent key is lost: there is nothing left to do but to say so.
    is_keyless: bool,
}

/// Why the task goes on.
enum Wake {
    Line(usize, Happening),
    Request(Request),
    Cancel(u64),
    Timer,
    /// All handles are gone.
    NoClient,
}

/// A frame that has to do with more than one of the driver's parts.
enum Seen {
    Plain(Vec<u8>),
    Error(crate::transport::TransportError),
}

impl Driver {
    pub(super) fn new(
        config: ClientConfig,
        clock: Clock,
        session: Engine,
        temporary: Option<TemporaryKeys>,
        channels: Channels,
    ) -> Self {
        Self {
            config: Arc::new(config),
            clock,
            rng: random::system(),
            session,
            temporary,
            channels,
            lines: Vec::new(),
            is_cut: false,
            calls: HashMap::new(),
            handles: HashMap::new(),
            stalled: None,
            sleep: Box::pin(sleep_until(Instant::now())),
            first: 0,
            is_keyless: false,
        }
    }

    /// Runs until all handles of the client are gone. The first connection was made by that transport.
    pub(super) async fn run(mut self, link: Link, transport: usize) {
        self.lines.push(Line::up(link, transport));
        let more = self.config.connections.clamp(1, usize::from(u8::MAX)) - 1;
        self.lines.extend((0..more).map(|_| Line::idle(transport)));
        while !self.is_keyless {
            if self.turn().await.is_none() {
                return;
            }
        }
        self.refuse_all().await;
    }

    /// Sends what there is, waits for something to happen, and sees to it. None if nobody wants that any more.
    async fn turn(&mut self) -> Option<()> {
        self.start_waiting();
        self.transmit();
        let deadline = self.deadline();
        if let Some(deadline) = deadline
            && self.sleep.deadline() != deadline
        {
            self.sleep.as_mut().reset(deadline);
        }
        match poll_fn(|cx| self.poll_wake(cx, deadline.is_some())).await {
            Wake::Line(line, happening) => self.on_line(line, happening),
            Wake::Request(request) => self.start(request),
            Wake::Cancel(id) => self.cancel(id),
            Wake::Timer => self.on_timer(),
            Wake::NoClient => return None,
        }
        Some(())
    }

    fn poll_wake(&mut self, cx: &mut Context<'_>, timed: bool) -> Poll<Wake> {
        match self.channels.cancels.poll_recv(cx) {
            Poll::Ready(Some(id)) => return Poll::Ready(Wake::Cancel(id)),
            Poll::Ready(None) => return Poll::Ready(Wake::NoClient),
            Poll::Pending => {}
        }
        if timed && self.sleep.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Wake::Timer);
        }
        let sources = self.lines.len() + 1;
        self.first = (self.first + 1) % sources;
        for at in 0..sources {
            if let Poll::Ready(wake) = self.poll_source(cx, (self.first + at) % sources) {
                return Poll::Ready(wake);
            }
        }
        Poll::Pending
    }

    /// Looks at a line or, after the last of them, for a request.
    fn poll_source(&mut self, cx: &mut Context<'_>, index: usize) -> Poll<Wake> {
        match self.lines.get_mut(index) {
            Some(line) => line
                .poll(cx, &self.config, self.clock, &mut self.rng)
                .map(|happening| Wake::Line(index, happening)),
            None if self.stalled.is_some() => Poll::Pending,
            None => match self.channels.requests.poll_recv(cx) {
                Poll::Ready(Some(request)) => Poll::Ready(Wake::Request(request)),
                _ => Poll::Pending,
            },
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let of_session = self.session.poll_timeout().map(|at| self.clock.instant(at));
        let has_room = self.lines.iter().any(Line::has_room);
        let of_keys = self
            .temporary
            .as_ref()
            .and_then(|keys| keys.deadline(has_room));
        let of_lines = self.lines.iter().filter_map(Line::idle_at).min();
        [of_session, of_keys, of_lines].into_iter().flatten().min()
    }

    fn on_timer(&mut self) {
        if let Some(keys) = &mut self.temporary
            && keys.is_overdue()
        {
            let line = keys.line();
            keys.failed(self.config.backoff, &mut self.rng);
            if let Some(line) = line {
                self.end(line, LinkError::Unresponsive);
            }
        }
        for line in 0..self.lines.len() {
            let idle_at = self.lines[line].idle_at();
            if idle_at.is_some_and(|at| at <= Instant::now()) {
                self.end(line, LinkError::Shutdown);
            }
        }
        self.session.handle_timeout(self.clock.now());
        self.handle_events();
    }
}

/// Connections.
impl Driver {
    fn on_line(&mut self, line: usize, happening: Happening) {
        match happening {
            Happening::Moved => {
                self.lines[line].used();
                if let Err(error) = self.read(line) {
                    self.end(line, error);
                }
            }
            Happening::Ended(error) => self.end(line, error),
            Happening::Failed(reason) => {
                log!(warn, "no connection", line, reason);
                self.tell(ClientEvent::Disconnected { reason });
            }
            Happening::Connected { again } => {
                log!(info, "connected", line);
                if core::mem::take(&mut self.is_cut) {
                    self.session.reconnected(self.clock.now());
                }
                if again {
                    self.tell(ClientEvent::Reconnected);
                }
            }
        }
    }

    /// Ends a connection. What went over it and is not answered is asked after on another one.
    fn end(&mut self, line: usize, error: LinkError) {
        if !self.lines[line].is_up() {
            return;
        }
        self.lines[line].pause(&self.config, &mut self.rng);
        if let Some(keys) = &mut self.temporary {
            keys.line_ended(line);
        }
        match self.lines.iter().any(Line::is_up) {
            true => self.session.connection_ended(tag(line), self.clock.now()),
            false => self.is_cut = true,
        }
        let reason = Reason::from(&error);
        log!(warn, "disconnected", line, reason);
        self.tell(ClientEvent::Disconnected { reason });
    }

    /// Hands over to the connections what there is to send.
    fn transmit(&mut self) {
        let now = self.clock.now();
        while self.lines.iter().any(Line::is_up) {
            let Some(index) = self.line_for_next_packet() else {
                // There is more to send than the lines take that are open.
                self.lines.iter_mut().for_each(Line::open);
                break;
            };
            let Some(link) = self.lines[index].link() else {
                break;
            };
            let limit = self.config.connect_timeout;
            let outcome = match &mut self.temporary {
                Some(keys) => keys.transmit(index, link, limit, now, &mut self.rng),
                None => Ok(()),
            };
            let session = &mut self.session;
            session.use_connection(tag(index));
            let outcome = outcome.and_then(|()| link.transmit_one(session, now, &mut self.rng));
            match outcome {
                Ok(true) => self.lines[index].used(),
                Ok(false) => break,
                Err(error) => self.end(index, error),
            }
        }
    }

    /// The connection that has the least to send, and room for more; the first of them, if they are alike.
    fn line_for_next_packet(&mut self) -> Option<usize> {
        let lines = self.lines.iter_mut().enumerate();
        lines
            .filter_map(|(index, line)| Some((index, line.link()?)))
            .filter(|(_, link)| link.has_room())
            .min_by_key(|(_, link)| link.backlog())
            .map(|(index, _)| index)
    }

    /// Reads what has come.
    fn read(&mut self, line: usize) -> Result<(), LinkError> {
        let now = self.clock.now();
        loop {
            let Some(link) = self.lines[line].link() else {
                return Ok(());
            };
            let seen = match link.next_frame()? {
                None => return Ok(()),
                Some(Frame::Packet { payload, .. }) => {
                    let may_be_plain = self
                        .temporary
                        .as_ref()
                        .is_some_and(TemporaryKeys::is_under_way);
                    if may_be_plain && envelope::auth_key_id(payload) == Some(0) {
                        Some(Seen::Plain(payload.to_vec()))
                    } else {
                        match self.session.handle_input(now, payload) {
                            Ok(()) => self.lines[line].heard = true,
                            Err(error) => {
                                log!(warn, "packet refused", line, error);
                                self.tell(ClientEvent::Refused { error });
                                if error.is_hostile() {
                                    return Err(error.into());
                                }
                            }
                        }
                        None
                    }
                }
                Some(Frame::QuickAck(token)) => {
                    self.session.handle_quick_ack(token);
                    None
                }
                Some(Frame::Error(error)) => Some(Seen::Error(error)),
                Some(_) => None,
            };
            match seen {
                None => {}
                Some(Seen::Plain(payload)) => self.handshake(line, &payload)?,
                Some(Seen::Error(error)) => {
                    self.on_transport_error(line, error.code());
                    return Err(LinkError::Refused(error));
                }
            }
            self.handle_events();
        }
    }

    /// Goes on with the handshake of a temporary key.
    fn handshake(&mut self, line: usize, payload: &[u8]) -> Result<(), LinkError> {
        let (Some(keys), Engine::Pfs(session)) = (&mut self.temporary, &mut self.session) else {
            return Ok(());
        };
        match keys.handle(payload, session, self.clock.now(), &mut self.rng) {
            Ok(None) => Ok(()),
            Ok(Some(query)) => match self.lines[line].link() {
                Some(link) => link.push(&query, &mut self.rng),
                None => Ok(()),
            },
            Err(error) => {
                log!(warn, "handshake failed", line, error);
                keys.failed(self.config.backoff, &mut self.rng);
                Err(error.into())
            }
        }
    }

    /// It may be about the session, or about a handshake on the same connection.
    fn on_transport_error(&mut self, line: usize, code: i32) {
        if let Some(keys) = &mut self.temporary
            && keys.line() == Some(line)
        {
            keys.handle_transport_error(code);
            keys.failed(self.config.backoff, &mut self.rng);
        }
        self.session.handle_transport_error(self.clock.now(), code);
        self.handle_events();
    }
}

/// Calls and events.
impl Driver {
    /// Passes on what the session tells.
    fn handle_events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Result { handle, body } => self.answer(handle, Ok(body)),
                Event::Error { handle, error } => self.answer(handle, Err(InvokeError::Rpc(error))),
                Event::Failed { handle, failure } => {
                    self.answer(handle, Err(InvokeError::Failed(failure)));
                }
                Event::Acknowledged { .. } => {}
                event => {
                    trace::session_event(&event);
                    match &event {
                        Event::Unresponsive => {
                            for line in 0..self.lines.len() {
                                self.end(line, LinkError::Unresponsive);
                            }
                        }
                        Event::TemporaryKeyWanted => {
                            self.temporary.as_mut().map(TemporaryKeys::want);
                        }
                        Event::PermanentKeyInvalid => self.is_keyless = true,
                        _ => {}
                    }
                    self.tell(ClientEvent::Session(event));
                }
            }
        }
    }

    fn answer(&mut self, handle: Handle, outcome: Result<Vec<u8>, InvokeError>) {
        if let Some((id, reply)) = self.calls.remove(&handle) {
            self.handles.remove(&id);
            // Whoever does not wait any more has given up the call.
            let _ = reply.send(outcome);
        }
    }

    /// Starts the requests that wait, as far as there is room: calls that were made together travel together.
    fn start_waiting(&mut self) {
        if let Some(request) = self.stalled.take() {
            self.start(request);
        }
        while self.stalled.is_none()
            && let Ok(request) = self.channels.requests.try_recv()
        {
            self.start(request);
        }
    }

    /// Hands a request over to the session, or keeps it until there is room.
    fn start(&mut self, request: Request) {
        let (id, body, reply) = match request {
            Request::Call { id, body, reply } => (id, body, reply),
            Request::Export(reply) => {
                let _ = reply.send(self.session.export());
                return;
            }
        };
        if reply.is_closed() {
            return;
        }
        let limits = &self.config.session;
        let is_full = self.session.pending().is_none_or(|(pending, bytes)| {
            let is_full = pending >= limits.max_pending
                || bytes.saturating_add(body.len()) > limits.max_pending_bytes;
            // Without calls under way nobody knows when there will be room: the session says what is wrong.
            is_full && !self.calls.is_empty()
        });
        if is_full {
            self.stalled = Some(Request::Call { id, body, reply });
            return;
        }
        match self.session.invoke_raw(body, InvokeOptions::default()) {
            Ok(handle) => {
                self.handles.insert(id, handle);
                self.calls.insert(handle, (id, reply));
            }
            Err(error) => {
                let _ = reply.send(Err(error.into()));
            }
        }
    }

    /// Gives up a call. One that is not known here is found out by its closed channel.
    fn cancel(&mut self, id: u64) {
        if let Some(handle) = self.handles.remove(&id) {
            self.calls.remove(&handle);
            self.session.cancel(handle);
        }
    }

    /// Without a permanent key no call will be answered any more.
    async fn refuse_all(&mut self) {
        self.lines.clear();
        let under_way = core::mem::take(&mut self.calls);
        for (_, reply) in under_way.into_values() {
            let _ = reply.send(Err(InvokeError::PermanentKeyInvalid));
        }
        let mut request = self.stalled.take();
        loop {
            match request {
                Some(Request::Call { reply, .. }) => {
                    let _ = reply.send(Err(InvokeError::PermanentKeyInvalid));
                }
                Some(Request::Export(reply)) => {
                    let _ = reply.send(self.session.export());
                }
                None => {}
            }
            request = self.channels.requests.recv().await;
            if request.is_none() {
                return;
            }
        }
    }

    fn tell(&self, event: ClientEvent) {
        // Nobody has to listen.
        let _ = self.channels.events.send(event);
    }
}

/// What the session knows a line by.
fn tag(line: usize) -> u8 {
    u8::try_from(line).unwrap_or(u8::MAX)
}
