//! A client that blocks, on the sockets of the standard library: for small tools, without tokio (feature `blocking`).
//!
//! It has the engines of the [other client](super), its configuration, and its way with connections that end. Everything
//! happens within its functions: while nobody is in one of them, nothing is read, and no ping keeps the connection alive. The
//! next call then finds a connection that has ended, and makes another. It travels by streams alone, not within TLS nor in
//! requests of HTTP, by one connection, and without temporary keys.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use mtproto_runtime::crypto::rsa::telegram_keys;
//! use mtproto_runtime::handshake;
//! use mtproto_runtime::net::{ClientConfig, KeySource, blocking};
//! use mtproto_runtime::schema::mtproto::{enums, functions::Ping};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let key = KeySource::Handshake(handshake::ClientConfig::new(telegram_keys().to_vec(), 2));
//! let mut client = blocking::Client::connect(ClientConfig::new("149.154.167.51:443", key))?;
//! let pong = client.invoke(&Ping { ping_id: 42 }, Duration::from_secs(10))?;
//! assert!(matches!(pong, enums::Pong::Pong(pong) if pong.ping_id == 42));
//! while let Some(event) = client.next_event(Duration::from_secs(60)) {
//!     println!("{event:?}");
//! }
//! # Ok(())
//! # }
//! ```

mod link;
mod socket;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use std::time::{Duration, Instant, SystemTime};

use self::link::Link;
use super::random::{self, SystemRng};
use super::{
    ClientConfig, ClientEvent, ConnectError, InvokeError, KeySource, LinkError, Reason, Transport,
};
use crate::AuthKey;
use crate::handshake::NewKey;
use crate::session::{ClientState, Event, Handle, InvokeOptions, Session};
use crate::time::UnixTime;
use crate::transport::Frame;
use crate::wire::{self, Function};

/// A client of one data center. See the [module](self).
pub struct Client {
    config: ClientConfig,
    clock: Clock,
    rng: SystemRng,
    session: Session,
    link: Option<Link>,
    /// Which transport is in use.
    transport: usize,
    /// How many connections in a row brought nothing.
    failures: u32,
    heard: bool,
    /// Not before that time there is another try to connect.
    retry_at: Instant,
    /// The call that is waited for, and what became of it.
    awaited: Option<Handle>,
    outcome: Option<Result<Vec<u8>, InvokeError>>,
    events: VecDeque<ClientEvent>,
    missed: u64,
}

/// What is beyond the end of time, a century will do for.
const FAR: Duration = Duration::from_secs(100 * 365 * 86_400);

fn after(timeout: Duration) -> Instant {
    Instant::now() + timeout.min(FAR)
}

/// Shows the time of the system when it was started, and runs evenly from there on.
#[derive(Clone, Copy)]
struct Clock {
    unix: UnixTime,
    started_at: Instant,
}

impl Clock {
    fn start() -> Self {
        Self {
            unix: SystemTime::now().into(),
            started_at: Instant::now(),
        }
    }

    fn now(&self) -> UnixTime {
        self.unix.after(self.started_at.elapsed())
    }
}

impl Client {
    /// Connects, by the first transport that works, and makes a key if there is none.
    ///
    /// # Errors
    ///
    /// What went wrong with the last transport.
    pub fn connect(config: ClientConfig) -> Result<Self, ConnectError> {
        let (clock, mut rng) = (Clock::start(), random::system());
        let mut outcome = Err(ConnectError::NoTransport);
        for (index, transport) in config.transports.iter().enumerate() {
            outcome = start(&config, transport, clock, &mut rng).map(|start| (index, start));
            if outcome.is_ok() {
                break;
            }
        }
        let (transport, (link, key, state)) = outcome?;
        let now = clock.now();
        let mut session = Session::client(config.session.clone(), key, &state, now, &mut rng);
        if let Some(around) = &config.init_connection {
            session.set_init_connection(around.clone());
        }
        Ok(Self {
            config,
            clock,
            rng,
            session,
            link: Some(link),
            transport,
            failures: 0,
            heard: false,
            retry_at: Instant::now(),
            awaited: None,
            outcome: None,
            events: VecDeque::new(),
            missed: 0,
        })
    }

    /// Calls a function, and waits for what it returns.
    ///
    /// # Errors
    ///
    /// The server answers with an error, the call can't be made or gets lost for good, or the result can't be read. If there is
    /// no answer in time the call is given up; the server may have executed it.
    pub fn invoke<F: Function>(
        &mut self,
        function: &F,
        timeout: Duration,
    ) -> Result<F::Return, InvokeError> {
        let body = self.invoke_raw(wire::encode(function)?, timeout)?;
        Ok(wire::decode_return(function, &body)?)
    }

    /// Calls a function that is TL already; what it returns is TL, too.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub fn invoke_raw(&mut self, body: Vec<u8>, timeout: Duration) -> Result<Vec<u8>, InvokeError> {
        let deadline = after(timeout);
        let handle = self.session.invoke_raw(body, InvokeOptions::default())?;
        self.awaited = Some(handle);
        let outcome = loop {
            self.turn(deadline);
            if let Some(outcome) = self.outcome.take() {
                break outcome;
            }
            if Instant::now() >= deadline {
                self.session.cancel(handle);
                break Err(InvokeError::TimedOut(timeout));
            }
        };
        self.awaited = None;
        outcome
    }

    /// Waits for the next thing that happens: an update, a gap, another connection. `None` if there is none in time. What happens
    /// during calls waits here, too; of more than [`max_events`](ClientConfig::max_events) the oldest are
    /// [missed](ClientEvent::Missed).
    pub fn next_event(&mut self, timeout: Duration) -> Option<ClientEvent> {
        let deadline = after(timeout);
        loop {
            match core::mem::take(&mut self.missed) {
                0 => {}
                count => return Some(ClientEvent::Missed(count)),
            }
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            self.turn(deadline);
            if self.events.is_empty() && Instant::now() >= deadline {
                return None;
            }
        }
    }

    /// The authorization key, to be stored.
    pub fn key(&self) -> &AuthKey {
        self.session.key()
    }

    /// What should be stored with the key, to go on after a restart.
    pub fn export(&self) -> ClientState {
        self.session.export()
    }

    /// Sends what there is, and waits for something to happen, but not beyond the deadline.
    fn turn(&mut self, deadline: Instant) {
        if self.link.is_none() {
            self.reconnect(deadline);
        } else if let Err(error) = self.serve(deadline) {
            self.note_end(&error);
        }
    }

    fn serve(&mut self, deadline: Instant) -> Result<(), LinkError> {
        let Some(link) = &mut self.link else {
            return Ok(());
        };
        let now = self.clock.now();
        link.transmit(&mut self.session, now, &mut self.rng)?;
        let of_session = self.session.poll_timeout().map(|at| {
            Instant::now()
                .checked_add(at.since(now))
                .unwrap_or(deadline)
        });
        link.read(of_session.map_or(deadline, |at| at.min(deadline)))?;
        self.handle_frames()?;
        let now = self.clock.now();
        if self.session.poll_timeout().is_some_and(|at| at <= now) {
            self.session.handle_timeout(now);
        }
        self.handle_events()
    }

    fn handle_frames(&mut self) -> Result<(), LinkError> {
        let now = self.clock.now();
        while let Some(link) = &mut self.link
            && let Some(frame) = link.next_frame()?
        {
            match frame {
                Frame::Packet { payload, .. } => match self.session.handle_input(now, payload) {
                    Ok(()) => self.heard = true,
                    Err(error) => {
                        self.tell(ClientEvent::Refused { error });
                        if error.is_hostile() {
                            return Err(error.into());
                        }
                    }
                },
                Frame::Error(error) => {
                    self.session.handle_transport_error(now, error.code());
                    self.handle_events()?;
                    return Err(LinkError::Refused(error));
                }
                // No call asks for a quick acknowledgment.
                _ => {}
            }
            self.handle_events()?;
        }
        Ok(())
    }

    /// Keeps what the session tells.
    fn handle_events(&mut self) -> Result<(), LinkError> {
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
                        outcome = Err(LinkError::Unresponsive);
                    }
                    self.tell(ClientEvent::Session(event));
                }
            }
        }
        outcome
    }

    fn answer(&mut self, handle: Handle, outcome: Result<Vec<u8>, InvokeError>) {
        // Calls that were given up are of no interest any more.
        if self.awaited == Some(handle) {
            self.outcome = Some(outcome);
        }
    }

    fn tell(&mut self, event: ClientEvent) {
        if self.events.len() >= self.config.max_events.max(1) {
            self.events.pop_front();
            self.missed = self.missed.saturating_add(1);
        }
        self.events.push_back(event);
    }

    /// Takes note of a connection that has ended.
    fn note_end(&mut self, error: &LinkError) {
        self.link = None;
        if core::mem::take(&mut self.heard) {
            self.failures = 0;
        } else {
            self.failures = self.failures.saturating_add(1);
            self.transport = (self.transport + 1) % self.config.transports.len().max(1);
        }
        let delay = self.config.backoff.delay(self.failures, &mut self.rng);
        self.retry_at = after(delay);
        let reason = Reason::from(error);
        self.tell(ClientEvent::Disconnected { reason });
    }

    /// Connects, unless the delay that is due before is longer than the caller waits.
    fn reconnect(&mut self, deadline: Instant) {
        let until = self.retry_at.min(deadline);
        std::thread::sleep(until.saturating_duration_since(Instant::now()));
        if self.retry_at > deadline {
            return;
        }
        let Some(transport) = self.config.transports.get(self.transport) else {
            return;
        };
        let limit = after(self.config.connect_timeout);
        match Link::connect(
            &self.config,
            transport,
            self.clock.now(),
            limit,
            &mut self.rng,
        ) {
            Ok(link) => {
                self.link = Some(link);
                self.session.reconnected(self.clock.now());
                self.tell(ClientEvent::Reconnected);
            }
            Err(error) => self.note_end(&error),
        }
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client")
            .field("key", self.session.key())
            .field("connected", &self.link.is_some())
            .finish_non_exhaustive()
    }
}

/// The first connection, with the key and what goes with it.
fn start(
    config: &ClientConfig,
    transport: &Transport,
    clock: Clock,
    rng: &mut SystemRng,
) -> Result<(Link, AuthKey, ClientState), ConnectError> {
    let limit = after(config.connect_timeout);
    let mut link = Link::connect(config, transport, clock.now(), limit, rng)?;
    match &config.key {
        KeySource::Known { key, state } => Ok((link, key.clone(), state.clone())),
        KeySource::Handshake(handshake) => {
            let done = link.make_key(handshake.clone(), clock, limit, rng)?;
            let NewKey::Permanent(key) = done.key else {
                return Err(ConnectError::KeyKind);
            };
            let (salt, offset) = (done.first_salt, done.time_offset_secs);
            let state = ClientState::from_handshake(salt, offset, clock.now());
            Ok((link, key.without_forward_secrecy(), state))
        }
        KeySource::Pfs(_) => Err(LinkError::Unsupported("PFS by a client that blocks").into()),
    }
}
