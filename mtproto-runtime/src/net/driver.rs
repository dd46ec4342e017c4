//! The task of a client: one session, and one connection after the other.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::future::{Future as _, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::HashMap;

use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::client::ClientEvent;
use super::clock::Clock;
use super::config::ClientConfig;
use super::link::Link;
use super::random::{self, SystemRng};
use super::{InvokeError, LinkError, Reason, connect};
use crate::session::{ClientState, Event, Handle, InvokeOptions, Session};
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

pub(super) struct Driver {
    config: ClientConfig,
    clock: Clock,
    rng: SystemRng,
    session: Session,
    requests: mpsc::Receiver<Request>,
    cancels: mpsc::UnboundedReceiver<u64>,
    events: broadcast::Sender<ClientEvent>,
    /// The calls of the session, with the id that their callers know them by.
    calls: HashMap<Handle, (u64, Reply)>,
    handles: HashMap<u64, Handle>,
    /// A request that the session has no room for. No other is taken before it.
    stalled: Option<Request>,
    /// For the next thing that the session wants to do.
    sleep: Pin<Box<Sleep>>,
    /// Which transport is in use.
    transport: usize,
    /// How many connections in a row brought nothing.
    failures: u32,
    heard: bool,
}

/// Why the task goes on.
enum Wake {
    Link(Result<(), LinkError>),
    Request(Request),
    Cancel(u64),
    Timer,
    /// All handles are gone.
    NoClient,
}

/// Why a connection is left.
enum End {
    Lost(LinkError),
    NoClient,
}

impl<E: Into<LinkError>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Lost(error.into())
    }
}

impl Driver {
    pub(super) fn new(
        config: ClientConfig,
        transport: usize,
        clock: Clock,
        session: Session,
        requests: mpsc::Receiver<Request>,
        cancels: mpsc::UnboundedReceiver<u64>,
        events: broadcast::Sender<ClientEvent>,
    ) -> Self {
        Self {
            config,
            clock,
            rng: random::system(),
            session,
            requests,
            cancels,
            events,
            calls: HashMap::new(),
            handles: HashMap::new(),
            stalled: None,
            sleep: Box::pin(sleep_until(Instant::now())),
            transport,
            failures: 0,
            heard: false,
        }
    }

    pub(super) async fn run(mut self, first: Link) {
        let mut link = first;
        loop {
            let End::Lost(error) = self.serve(link).await else {
                return;
            };
            self.note_end(&error);
            link = match self.reconnect().await {
                Some(link) => link,
                None => return,
            };
            self.session.reconnected(self.clock.now());
            self.tell(ClientEvent::Reconnected);
        }
    }

    /// Serves a connection to its end.
    async fn serve(&mut self, mut link: Link) -> End {
        loop {
            if let Err(end) = self.turn(&mut link).await {
                return end;
            }
        }
    }

    /// Sends what there is, waits for something to happen, and sees to it.
    async fn turn(&mut self, link: &mut Link) -> Result<(), End> {
        if let Some(request) = self.stalled.take() {
            self.start(request);
        }
        let now = self.clock.now();
        link.transmit(&mut self.session, now, &mut self.rng)?;
        let deadline = self.session.poll_timeout();
        let deadline = deadline.map(|at| self.clock.instant(at));
        if let Some(deadline) = deadline
            && self.sleep.deadline() != deadline
        {
            self.sleep.as_mut().reset(deadline);
        }
        match poll_fn(|cx| self.poll_wake(cx, link, deadline.is_some())).await {
            Wake::Link(outcome) => {
                outcome?;
                self.read(link)?;
            }
            Wake::Request(request) => {
                self.start(request);
                // Calls that were made together travel together.
                while self.stalled.is_none()
                    && let Ok(request) = self.requests.try_recv()
                {
                    self.start(request);
                }
            }
            Wake::Cancel(id) => self.cancel(id),
            Wake::Timer => {
                self.session.handle_timeout(self.clock.now());
                self.handle_events()?;
            }
            Wake::NoClient => return Err(End::NoClient),
        }
        Ok(())
    }

    fn poll_wake(&mut self, cx: &mut Context<'_>, link: &mut Link, timed: bool) -> Poll<Wake> {
        match self.cancels.poll_recv(cx) {
            Poll::Ready(Some(id)) => return Poll::Ready(Wake::Cancel(id)),
            Poll::Ready(None) => return Poll::Ready(Wake::NoClient),
            Poll::Pending => {}
        }
        if timed && self.sleep.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Wake::Timer);
        }
        if let Poll::Ready(outcome) = link.poll_turn(cx, true) {
            return Poll::Ready(Wake::Link(outcome));
        }
        if self.stalled.is_none()
            && let Poll::Ready(Some(request)) = self.requests.poll_recv(cx)
        {
            return Poll::Ready(Wake::Request(request));
        }
        Poll::Pending
    }

    /// Reads what has come.
    fn read(&mut self, link: &mut Link) -> Result<(), End> {
        let now = self.clock.now();
        loop {
            match link.decoder.next_frame().map_err(LinkError::from)? {
                None => return Ok(()),
                Some(Frame::Packet { payload, .. }) => {
                    match self.session.handle_input(now, payload) {
                        Ok(()) => self.heard = true,
                        Err(error) if error.is_hostile() => return Err(error.into()),
                        Err(error) => self.tell(ClientEvent::Refused { error }),
                    }
                }
                Some(Frame::QuickAck(token)) => {
                    self.session.handle_quick_ack(token);
                }
                Some(Frame::Error(error)) => {
                    self.session.handle_transport_error(now, error.code());
                    self.handle_events()?;
                    return Err(LinkError::Refused(error).into());
                }
                Some(_) => {}
            }
            self.handle_events()?;
        }
    }

    /// Passes on what the session tells.
    fn handle_events(&mut self) -> Result<(), End> {
        let mut outcome = Ok(());
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Result { handle, body } => self.answer(handle, Ok(body)),
                Event::Error { handle, error } => self.answer(handle, Err(InvokeError::Rpc(error))),
                Event::Failed { handle, failure } => {
                    self.answer(handle, Err(InvokeError::Failed(failure)));
                }
                Event::Acknowledged { .. } => {}
                event => {
                    if event == Event::Unresponsive {
                        outcome = Err(LinkError::Unresponsive.into());
                    }
                    self.tell(ClientEvent::Session(event));
                }
            }
        }
        outcome
    }

    fn answer(&mut self, handle: Handle, outcome: Result<Vec<u8>, InvokeError>) {
        if let Some((id, reply)) = self.calls.remove(&handle) {
            self.handles.remove(&id);
            // Whoever does not wait any more has given up the call.
            let _ = reply.send(outcome);
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
        let (pending, bytes) = self.session.pending();
        let is_full = pending >= self.config.session.max_pending
            || bytes.saturating_add(body.len()) > self.config.session.max_pending_bytes;
        // Without calls under way nobody knows when there will be room: the session says what is wrong.
        if is_full && !self.calls.is_empty() {
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

    /// Takes note of a connection that has ended.
    fn note_end(&mut self, error: &LinkError) {
        if core::mem::take(&mut self.heard) {
            self.failures = 0;
        } else {
            self.note_failure();
        }
        let reason = Reason::from(error);
        self.tell(ClientEvent::Disconnected { reason });
    }

    fn note_failure(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.transport = (self.transport + 1) % self.config.transports.len().max(1);
    }

    /// Waits and connects until there is a connection. None if nobody wants one any more.
    async fn reconnect(&mut self) -> Option<Link> {
        loop {
            let delay = self.config.backoff.delay(self.failures, &mut self.rng);
            self.sleep.as_mut().reset(Instant::now() + delay);
            while !poll_fn(|cx| self.poll_delay(cx)).await? {}
            let transport = self.config.transports.get(self.transport)?;
            let limit = self.config.connect_timeout;
            let connecting = connect::connect(&self.config, transport, &self.clock, &mut self.rng);
            let reason = match timeout(limit, connecting).await {
                Ok(Ok(link)) => return Some(link),
                Ok(Err(error)) => Reason::from(&error),
                Err(elapsed) => Reason(elapsed.to_string()),
            };
            self.note_failure();
            self.tell(ClientEvent::Disconnected { reason });
        }
    }

    /// Whether the delay is over. None if nobody waits for that any more.
    fn poll_delay(&mut self, cx: &mut Context<'_>) -> Poll<Option<bool>> {
        match self.cancels.poll_recv(cx) {
            Poll::Ready(Some(id)) => {
                self.cancel(id);
                return Poll::Ready(Some(false));
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        self.sleep.as_mut().poll(cx).map(|()| Some(true))
    }

    fn tell(&self, event: ClientEvent) {
        // Nobody has to listen.
        let _ = self.events.send(event);
    }
}
