//! A line: one connection of a client after the other, and the time between them.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use tokio::time::{Sleep, sleep, timeout};

use super::clock::Clock;
use super::config::ClientConfig;
use super::link::Link;
use super::random::{self, SystemRng};
use super::{LinkError, Reason, connect};

pub(super) struct Line {
    state: State,
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
            transport,
            failures: 0,
            heard: false,
            was_up: true,
        }
    }

    /// A line that will connect at once.
    pub(super) fn new(transport: usize) -> Self {
        Self {
            state: State::Waiting(Box::pin(sleep(Duration::ZERO))),
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
            State::Waiting(_) | State::Connecting(_) => None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
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

    /// The connection is over: there will be another one after the delay that is due.
    pub(super) fn pause(&mut self, config: &ClientConfig, rng: &mut SystemRng) {
        if core::mem::take(&mut self.heard) {
            self.failures = 0;
        } else {
            self.failures = self.failures.saturating_add(1);
            self.transport = (self.transport + 1) % config.transports.len().max(1);
        }
        let delay = config.backoff.delay(self.failures, rng);
        self.state = State::Waiting(Box::pin(sleep(delay)));
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
