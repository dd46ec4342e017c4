//! The handle of a client.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;

use super::clock::Clock;
use super::config::{ClientConfig, KeySource};
use super::driver::{Channels, Driver, Request};
use super::engine::Engine;
use super::link::Link;
use super::random::{self, SystemRng};
use super::temporary::TemporaryKeys;
use super::trace::{Id, in_span, log};
use super::{ClientEvent, ConnectError, InvokeError, Transport, connect};
use crate::AuthKey;
use crate::handshake::NewKey;
use crate::session::{ClientState, Session};
use crate::time::UnixTime;
use crate::wire::{self, Function};

/// A client of one data center, behind which a task keeps a session and its connection. See the [module](super).
///
/// Clones are handles of the same client. It ends with the last of them.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    requests: mpsc::Sender<Request>,
    /// The ids of calls that nobody waits for any more.
    cancels: mpsc::UnboundedSender<u64>,
    events: broadcast::Sender<ClientEvent>,
    next_id: AtomicU64,
    key: AuthKey,
    created_at: UnixTime,
}

/// The events of a client, from [`Client::events`] on.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<ClientEvent>,
}

impl Events {
    /// The next event; `None` when the client has ended. It may be dropped at any time, and loses nothing.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(count)) => Some(ClientEvent::Missed(count)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

impl Client {
    /// Connects, by the first transport that works, makes a key if there is none, and starts the task of the client on the
    /// tokio runtime that this is called in.
    ///
    /// # Errors
    ///
    /// What went wrong with the last transport.
    pub async fn connect(config: ClientConfig) -> Result<Self, ConnectError> {
        let (clock, mut rng) = (Clock::start(), random::system());
        let mut outcome = Err(ConnectError::NoTransport);
        for (index, transport) in config.transports.iter().enumerate() {
            let limit = config.connect_timeout;
            let starting = start(&config, transport, &clock, &mut rng);
            let starting = in_span!(starting, debug_span, "connect", index);
            outcome = timeout(limit, starting)
                .await
                .unwrap_or(Err(ConnectError::TimedOut(limit)))
                .map(|start| (index, start));
            match &outcome {
                Ok(_) => break,
                Err(error) => log!(warn, "no connection", index, error),
            }
        }
        let (transport, start) = outcome?;
        let (requests, from_clients) = mpsc::channel(config.max_queued.max(1));
        let (cancels, cancelled) = mpsc::unbounded_channel();
        let (events, _) = broadcast::channel(config.max_events.max(1));
        let inner = Arc::new(Inner {
            requests,
            cancels,
            events: events.clone(),
            next_id: AtomicU64::new(0),
            key: start.key,
            created_at: start.created_at,
        });
        let channels = Channels {
            requests: from_clients,
            cancels: cancelled,
            events,
        };
        let address = config.address.clone();
        let driver = Driver::new(config, clock, start.session, start.temporary, channels);
        let running = driver.run(start.link, transport);
        tokio::spawn(in_span!(running, info_span, "client", address));
        Ok(Self { inner })
    }

    /// Calls a function, and waits for what it returns.
    ///
    /// The future may be dropped at any time: the call is given up then. If it was sent, the server is asked to drop the
    /// answer, but may have executed it.
    ///
    /// # Errors
    ///
    /// The server answers with an error, the call can't be made or gets lost for good, or the result can't be read.
    pub async fn invoke<F: Function>(&self, function: &F) -> Result<F::Return, InvokeError> {
        let body = self.invoke_raw(wire::encode(function)?).await?;
        Ok(wire::decode_return(function, &body)?)
    }

    /// Calls a function that is TL already; what it returns is TL, too.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub async fn invoke_raw(&self, body: Vec<u8>) -> Result<Vec<u8>, InvokeError> {
        let id = self.inner.next_id.fetch_add(1, Ordering::Relaxed);
        let (function, bytes) = (Id(wire::call_id(&body)), body.len());
        in_span!(self.call(id, body), debug_span, "call", id, function, bytes).await
    }

    async fn call(&self, id: u64, body: Vec<u8>) -> Result<Vec<u8>, InvokeError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Call { id, body, reply };
        let mut guard = CancelOnDrop {
            cancels: &self.inner.cancels,
            id: Some(id),
        };
        let sent = self.inner.requests.send(request).await;
        sent.map_err(|_| InvokeError::Closed)?;
        let outcome = answer.await;
        guard.id = None;
        let outcome = outcome.unwrap_or(Err(InvokeError::Closed));
        match &outcome {
            Ok(_) => log!(debug, "answered"),
            Err(error) => log!(debug, "failed", error),
        }
        outcome
    }

    /// What happens from now on. Who reads too slowly loses the oldest events, and is [told so](ClientEvent::Missed).
    pub fn events(&self) -> Events {
        let receiver = self.inner.events.subscribe();
        Events { receiver }
    }

    /// The permanent authorization key, to be stored.
    pub fn key(&self) -> &AuthKey {
        &self.inner.key
    }

    /// When the permanent key was made, by the server's clock, to be stored with it; the epoch, if that is not known.
    pub fn created_at(&self) -> UnixTime {
        self.inner.created_at
    }

    /// What should be stored with the key, to go on after a restart. With temporary keys, which are not stored, that is only
    /// the server's time.
    ///
    /// # Errors
    ///
    /// [`InvokeError::Closed`].
    pub async fn export(&self) -> Result<ClientState, InvokeError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inner.requests.send(Request::Export(reply)).await;
        sent.map_err(|_| InvokeError::Closed)?;
        answer.await.map_err(|_| InvokeError::Closed)
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client")
            .field("key", &self.inner.key)
            .field("ended", &self.inner.requests.is_closed())
            .finish_non_exhaustive()
    }
}

/// Gives up a call when its future is dropped.
struct CancelOnDrop<'c> {
    cancels: &'c mpsc::UnboundedSender<u64>,
    id: Option<u64>,
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            log!(debug, "given up", id);
            // If the client has ended there is nobody to tell.
            let _ = self.cancels.send(id);
        }
    }
}

/// The first connection, and a session for it.
struct Start {
    link: Link,
    session: Engine,
    temporary: Option<TemporaryKeys>,
    /// The permanent key.
    key: AuthKey,
    created_at: UnixTime,
}

async fn start(
    config: &ClientConfig,
    transport: &Transport,
    clock: &Clock,
    rng: &mut SystemRng,
) -> Result<Start, ConnectError> {
    let mut link = connect::connect(config, transport, clock, rng).await?;
    let (key, created_at, state) = match &config.key {
        KeySource::Known { key, state } => (key.clone(), UnixTime::default(), state.clone()),
        KeySource::Handshake(handshake) => {
            let making = connect::make_key(&mut link, handshake.clone(), clock, rng);
            let done = in_span!(making, debug_span, "handshake").await?;
            let NewKey::Permanent(key) = done.key else {
                return Err(ConnectError::KeyKind);
            };
            let (salt, offset) = (done.first_salt, done.time_offset_secs);
            let state = ClientState::from_handshake(salt, offset, clock.now());
            let created_at = key.created_at();
            (key.without_forward_secrecy(), created_at, state)
        }
        KeySource::Pfs(pfs) => {
            let (keys, session) = TemporaryKeys::start(pfs, config, &mut link, clock, rng).await?;
            let permanent = keys.permanent().clone();
            return Ok(Start {
                link,
                session: Engine::Pfs(Box::new(session)),
                created_at: permanent.created_at(),
                key: permanent.without_forward_secrecy(),
                temporary: Some(keys),
            });
        }
    };
    let mut session = Session::client(
        config.session.clone(),
        key.clone(),
        &state,
        clock.now(),
        rng,
    );
    if let Some(around) = &config.init_connection {
        session.set_init_connection(around.clone());
    }
    Ok(Start {
        link,
        session: Engine::Direct(Box::new(session)),
        temporary: None,
        key,
        created_at,
    })
}
