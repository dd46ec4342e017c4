//! The driver of a server: accepting connections, making keys, keeping sessions, answering calls.
//!
//! It speaks every [transport](crate::transport), by what the first bytes of a connection say; HTTP with the feature `http`.
//! Connections of TLS are [accepted elsewhere](Server::serve). Keys and sessions are kept in memory, each bounded in number: it
//! is a server for tests of clients, and for services whose keys may be lost.
//!
//! A session belongs to a key, not to a connection. Its packets go to the connection that the client was heard from last, or
//! into the answers to its requests of HTTP, which are held back as long as the client
//! [allows](https://core.telegram.org/mtproto/service_messages#http-wait-long-poll). Its calls are answered even if there is no
//! connection any more.

mod calls;
mod connection;
mod handle;
mod hellos;
mod keys;
mod observer;
#[cfg(feature = "tamper")]
pub mod tamper;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::{Future, poll_fn};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::task::Poll;
use core::time::Duration;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand_core::Rng as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::clock::Clock;
use super::random;
use super::stream::Stream;
use super::trace::{self, in_span};
use crate::handshake;
use crate::session::{self, InvokeError, RpcError, ServerSalts};
use crate::transport::AcceptOptions;
use crate::wire::call_id;
use hellos::Hellos;
use keys::Keys;

pub use self::handle::ServerHandle;
pub use self::observer::{Observer, ServerEvent};

/// What answers the calls of clients. A closure does.
///
/// A call is polled where it was read, and has a task of its own if it waits for something: so calls are answered in any order,
/// and what takes long should be waited for. The session keeps the order that a client asks for. A handler that panics answers
/// with 500.
pub trait CallHandler: Send + Sync + 'static {
    /// Answers a call with the TL object it returns: the generated `dispatch` makes it of a
    /// [`wire::Service`](crate::wire::Service).
    fn call(&self, call: Call) -> impl Future<Output = Result<Vec<u8>, RpcError>> + Send;
}

impl<H, F> CallHandler for H
where
    H: Fn(Call) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Vec<u8>, RpcError>> + Send,
{
    fn call(&self, call: Call) -> impl Future<Output = Result<Vec<u8>, RpcError>> + Send {
        self(call)
    }
}

/// A call of a client.
#[derive(Clone)]
#[non_exhaustive]
pub struct Call {
    /// The key it came under.
    pub auth_key_id: u64,
    /// The permanent key that stands for the client: the same, or the one that a temporary key is bound to. `None` for a
    /// temporary key that is not bound, under which hardly anything [may be called](https://core.telegram.org/api/pfs).
    pub permanent_key_id: Option<u64>,
    /// The session.
    pub session_id: i64,
    /// The message.
    pub msg_id: i64,
    /// A TL object.
    pub body: Vec<u8>,
}

/// Tells the function and the length, not the arguments: they may have passwords among them.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("auth_key_id", &self.auth_key_id)
            .field("permanent_key_id", &self.permanent_key_id)
            .field("session_id", &self.session_id)
            .field("msg_id", &self.msg_id)
            .field("function", &format_args!("0x{:08x}", call_id(&self.body)))
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// What a server is told before it starts.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Its RSA keys and group.
    pub handshake: handshake::ServerConfig,
    /// The transports, and the secrets if it is reached through them.
    pub accept: AcceptOptions,
    /// Of each session.
    pub session: session::Config,
    /// How long a salt is new.
    pub salt_period: Duration,
    /// How far the server's clock is ahead of that of the system, in seconds; behind, if negative. For tests.
    pub clock_offset_secs: i64,
    /// Who is told what happens.
    pub observer: Option<Observer>,
    /// Who changes what is sent. For tests of clients.
    #[cfg(feature = "tamper")]
    pub tamper: Option<tamper::Tampering>,
    /// How long a client may take to say which transport it speaks.
    pub accept_timeout: Duration,
    /// How long a connection may go on without a message under a key, whatever else it says: handshakes have to be done by then.
    pub first_message_timeout: Duration,
    /// How many connections there are at once. Others wait to be accepted.
    pub max_connections: usize,
    /// How many keys are kept; handshakes fail when there are so many.
    pub max_keys: usize,
    /// How many sessions a key has. The one not heard from for longest makes room.
    pub max_sessions_per_key: usize,
    /// How many handshakes are under way. The oldest makes room.
    pub max_exchanges: usize,
    /// So many calls of one connection are answered at once; no more is read from it meanwhile.
    pub max_calls: usize,
}

impl ServerConfig {
    /// A server with these RSA keys and this group.
    pub fn new(handshake: handshake::ServerConfig) -> Self {
        Self {
            handshake,
            accept: AcceptOptions::default(),
            session: session::Config::default(),
            salt_period: Duration::from_secs(1800),
            clock_offset_secs: 0,
            observer: None,
            #[cfg(feature = "tamper")]
            tamper: None,
            accept_timeout: Duration::from_secs(15),
            first_message_timeout: Duration::from_secs(60),
            max_connections: 16_384,
            max_keys: 65_536,
            max_sessions_per_key: 64,
            max_exchanges: 1024,
            max_calls: 1024,
        }
    }
}

/// A server that runs on tokio. It ends when this is dropped; calls that are being answered are not cut off.
pub struct Server {
    handle: ServerHandle,
    local_addr: SocketAddr,
    streams: mpsc::Sender<Stream>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Listens, and starts to serve, on the tokio runtime that this is called in.
    ///
    /// # Errors
    ///
    /// The address can't be listened on.
    pub async fn bind(
        address: impl ToSocketAddrs,
        config: ServerConfig,
        handler: impl CallHandler,
    ) -> io::Result<Self> {
        Self::bind_with(address, config, |_| handler).await
    }

    /// The same for a handler that does more than to answer: it gets a handle of the server.
    ///
    /// # Errors
    ///
    /// The address can't be listened on.
    pub async fn bind_with<H: CallHandler>(
        address: impl ToSocketAddrs,
        config: ServerConfig,
        handler: impl FnOnce(ServerHandle) -> H,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local_addr = listener.local_addr()?;
        let shared = Arc::new(Shared::new(config));
        let handle = ServerHandle::new(Arc::clone(&shared));
        let (streams, accepted) = mpsc::channel(1);
        let handler = Arc::new(handler(handle.clone()));
        let accepting = accept_all(shared, listener, accepted, handler);
        Ok(Self {
            handle,
            local_addr,
            streams,
            accepting: tokio::spawn(accepting),
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves a connection that was accepted elsewhere: one of TLS, of another kind of socket, or in memory. Waits while there
    /// are too many connections already.
    pub async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        // The task that takes it lives as long as this.
        let _ = self.streams.send(Stream::other(stream)).await;
    }

    /// What can be done to it.
    pub fn handle(&self) -> &ServerHandle {
        &self.handle
    }

    /// As [`ServerHandle::disconnect_all`].
    pub fn disconnect_all(&self) {
        self.handle.disconnect_all();
    }

    /// As [`ServerHandle::send_update`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_update(&self, auth_key_id: u64, update: &[u8]) -> Result<usize, InvokeError> {
        self.handle.send_update(auth_key_id, update)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        self.disconnect_all();
    }
}

impl core::fmt::Debug for Server {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Server")
            .field("local_addr", &self.local_addr)
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

/// What all connections share.
struct Shared {
    config: ServerConfig,
    clock: Clock,
    salts: Mutex<ServerSalts>,
    keys: Keys,
    connections: Mutex<HashMap<u64, Arc<Control>>>,
    hellos: Mutex<Hellos>,
    next_connection: AtomicU64,
}

impl Shared {
    fn new(config: ServerConfig) -> Self {
        Self {
            salts: Mutex::new(new_salts(&config)),
            clock: Clock::start().shifted(config.clock_offset_secs),
            keys: Keys::new(&config),
            config,
            connections: Mutex::default(),
            hellos: Mutex::default(),
            next_connection: AtomicU64::new(0),
        }
    }

    fn tell(&self, event: &ServerEvent<'_>) {
        trace::server_event(event);
        if let Some(observer) = &self.config.observer {
            observer.tell(event);
        }
    }
}

fn new_salts(config: &ServerConfig) -> ServerSalts {
    let mut secret = [0; 32];
    random::system().fill_bytes(&mut secret);
    ServerSalts::new(secret, config.salt_period)
}

/// What others can do to the task of a connection.
#[derive(Debug)]
struct Control {
    id: u64,
    wakes: mpsc::Sender<()>,
    is_closed: AtomicBool,
}

impl Control {
    /// Has it look after its sessions.
    fn wake(&self) {
        // If it is full the task wakes anyway.
        let _ = self.wakes.try_send(());
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.wake();
    }
}

/// A connection in the list, for as long as its task runs: an observer may panic in it.
struct Listed(Arc<Shared>, u64);

impl Drop for Listed {
    fn drop(&mut self) {
        lock(&self.0.connections).remove(&self.1);
    }
}

async fn accept_all<H: CallHandler>(
    shared: Arc<Shared>,
    listener: TcpListener,
    mut accepted: mpsc::Receiver<Stream>,
    handler: Arc<H>,
) {
    let places = Arc::new(tokio::sync::Semaphore::new(shared.config.max_connections));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = poll_fn(|cx| match accepted.poll_recv(cx) {
            Poll::Ready(Some(stream)) => Poll::Ready(Ok(stream)),
            _ => listener
                .poll_accept(cx)
                .map(|accepted| Stream::tcp(accepted?.0)),
        });
        let Ok(stream) = stream.await else {
            // The client has gone already, or there are no more sockets: others may be freed.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let id = shared.next_connection.fetch_add(1, Ordering::Relaxed);
        let (wakes, woken) = mpsc::channel(1);
        let control = Arc::new(Control {
            id,
            wakes,
            is_closed: AtomicBool::new(false),
        });
        lock(&shared.connections).insert(id, Arc::clone(&control));
        let (listed, handler) = (Listed(Arc::clone(&shared), id), Arc::clone(&handler));
        let serving = async move {
            let _place = place;
            let Listed(shared, _) = &listed;
            let error = connection::serve(shared, &handler, stream, &control, woken).await;
            shared.tell(&ServerEvent::Disconnected { error: &error });
        };
        tokio::spawn(in_span!(serving, debug_span, "connection", id));
    }
}

/// What a panic has left is looked at all the same: every change below is made in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_shown_without_their_arguments() {
        let call = Call {
            auth_key_id: 1,
            permanent_key_id: None,
            session_id: 2,
            msg_id: 3,
            body: b"\x04\x03\x02\x01secret!!".to_vec(),
        };
        assert_eq!(
            alloc::format!("{call:?}"),
            "Call { auth_key_id: 1, permanent_key_id: None, session_id: 2, msg_id: 3, function: 0x01020304, bytes: 12 }"
        );
    }
}
