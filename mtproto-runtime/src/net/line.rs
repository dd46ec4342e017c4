//! A line: one connection of a client after the other, and the time between them.
//!
//! The first line of a client always connects anew. The others are open only as long as there is more to send than the
//! first takes: a server closes connections that it hears no pings on, and pings of a session go by the first line.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use tokio::time::{Instant, Sleep, sleep, timeout};

use super::clock::Clock;
use super::config::ClientConfig;
use super::link::Link;
use super::random::{self, SystemRng};
use super::{LinkError, Reason, connect};

/// So long nothing has gone by a line that is not the first, and it is closed.
const IDLE: Duration = Duration::from_secs(30);

pub(super) struct Line {
    state: State,
    is_first: bool,
    /// When there was something to send or to read.
    used_at: Instant,
    /// Which transport is in use.
    transport: usize,
    /// How many connections in a row brought nothing.
    failures: u32,
    /// Whether the connection has brought anything.
    pub(super) heard: bool,
    /// Whether there was a connection before.
    was_up: bool,
}

enum State {
    /// Closed, for want of things to send, and not to be opened before that time.
    Idle(Instant),
    Up(Box<Link>),
    /// The delay before the next connection.
    Waiting(Pin<Box<Sleep>>),
    Connecting(Pin<Box<dyn Future<Output = Result<Link, Reason>> + Send>>),
}

/// What happened on a line.
pub(super) enum Happening {
    /// Bytes have moved: there may be packets.
    Moved,
    /// The connection has ended.
    Ended(LinkError),
    /// There is a connection; maybe the first one.
    Connected { again: bool },
    /// A connection could not be made.
    Failed(Reason),
}

impl Line {
    pub(super) fn up(link: Link, transport: usize) -> Self {
        Self {
            state: State::Up(Box::new(link)),
            is_first: true,
            used_at: Instant::now(),
            transport,
            failures: 0,
            heard: false,
            was_up: true,
        }
    }

    /// One more line, not open yet.
    pub(super) fn idle(transport: usize) -> Self {
        Self {
            state: State::Idle(Instant::now()),
            is_first: false,
            used_at: Instant::now(),
            transport,
            failures: 0,
            heard: false,
            was_up: false,
        }
    }

    /// The connection, if there is one.
    pub(super) fn link(&mut self) -> Option<&mut Link> {
        match &mut self.state {
            State::Up(link) => Some(link),
            State::Idle(_) | State::Waiting(_) | State::Connecting(_) => None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// Whether there is a connection, and more packets should be made for it now.
    pub(super) fn has_room(&self) -> bool {
        matches!(&self.state, State::Up(link) if link.has_room())
    }

    /// Has it connect, if it is closed and has not failed just now.
    pub(super) fn open(&mut self) {
        if let State::Idle(until) = self.state
            && until <= Instant::now()
        {
            self.state = State::Waiting(Box::pin(sleep(Duration::ZERO)));
        }
    }

    /// Takes note that there was something to send or to read.
    pub(super) fn used(&mut self) {
        self.used_at = Instant::now();
    }

    /// When it will have been of no use for long.
    pub(super) fn idle_at(&self) -> Option<Instant> {
        (self.is_up() && !self.is_first).then_some(self.used_at + IDLE)
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        config: &Arc<ClientConfig>,
        clock: Clock,
        rng: &mut SystemRng,
    ) -> Poll<Happening> {
        loop {
            match &mut self.state {
                State::Idle(_) => return Poll::Pending,
                State::Up(link) => {
                    return link.poll_turn(cx, true).map(|outcome| match outcome {
                        Ok(()) => Happening::Moved,
                        Err(error) => Happening::Ended(error),
                    });
                }
                State::Waiting(delay) => {
                    core::task::ready!(delay.as_mut().poll(cx));
                    let connecting = connect_by(Arc::clone(config), self.transport, clock);
                    self.state = State::Connecting(Box::pin(connecting));
                }
                State::Connecting(connecting) => {
                    return Poll::Ready(match core::task::ready!(connecting.as_mut().poll(cx)) {
                        Ok(link) => {
                            self.state = State::Up(Box::new(link));
                            self.used();
                            let again = core::mem::replace(&mut self.was_up, true);
                            Happening::Connected { again }
                        }
                        Err(reason) => {
                            self.pause(config, rng);
                            Happening::Failed(reason)
                        }
                    });
                }
            }
        }
    }

    /// The connection is over: there will be another one, after the delay that is due.
    pub(super) fn pause(&mut self, config: &ClientConfig, rng: &mut SystemRng) {
        if core::mem::take(&mut self.heard) {
            self.failures = 0;
        } else {
            self.failures = self.failures.saturating_add(1);
            self.transport = (self.transport + 1) % config.transports.len().max(1);
        }
        let delay = config.backoff.delay(self.failures, rng);
        self.state = match self.is_first {
            true => State::Waiting(Box::pin(sleep(delay))),
            false => State::Idle(Instant::now() + delay),
        };
    }
}

async fn connect_by(
    config: Arc<ClientConfig>,
    transport: usize,
    clock: Clock,
) -> Result<Link, Reason> {
    let Some(transport) = config.transports.get(transport) else {
        return Err(Reason("there is no transport".to_string()));
    };
    let mut rng = random::system();
    let connecting = connect::connect(&config, transport, &clock, &mut rng);
    match timeout(config.connect_timeout, connecting).await {
        Ok(Ok(link)) => Ok(link),
        Ok(Err(error)) => Err(Reason::from(&error)),
        Err(elapsed) => Err(Reason(elapsed.to_string())),
    }
}
