//! A session: encrypted messages both ways, and everything the protocol says about them.
//!
//! It stands between the transport, which carries its packets, and the calls of an API, which are its payload; the
//! authorization key comes from the handshake. The same engine is the client and the server. Pages:
//! [description](https://core.telegram.org/mtproto/description),
//! [service messages](https://core.telegram.org/mtproto/service_messages),
//! [service messages about messages](https://core.telegram.org/mtproto/service_messages_about_messages),
//! [security guidelines](https://core.telegram.org/mtproto/security_guidelines),
//! [perfect forward secrecy](https://core.telegram.org/api/pfs),
//! [calling API methods](https://core.telegram.org/api/invoking).
//!
//! # Sans-IO
//!
//! There is no clock, socket or thread inside. The owner
//!
//! 1. gives each packet to [`Session::handle_input`],
//! 2. calls [`Session::handle_timeout`] when the time of [`Session::poll_timeout`] has come,
//! 3. and after each of these, and after calls of its own, sends what [`Session::poll_transmit`] gives until it gives nothing,
//!    and looks at what [`Session::poll_event`] tells.
//!
//! Time is an argument; it should come from a clock that runs evenly, but may be wrong and may jump. Randomness is drawn once,
//! when the session is made.
//!
//! ```
//! use mtproto_runtime::AuthKey;
//! use mtproto_runtime::schema::mtproto::{enums, functions::Ping};
//! use mtproto_runtime::session::{ClientState, Config, Event, ServerSalts, Session};
//! use mtproto_runtime::time::UnixTime;
//! use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//!
//! let now = UnixTime::from_secs(1_750_000_000); // a clock's
//! let mut rng = ChaCha20Rng::seed_from_u64(1); // the system's
//! let key = AuthKey::new([7; 256]); // a handshake's
//! let salts = ServerSalts::new([1; 32], core::time::Duration::from_secs(1800));
//! let mut client = Session::client(Config::default(), key.clone(), &ClientState::default(), now, &mut rng);
//! let mut server = Session::server(Config::default(), key, client.session_id(), salts, now, &mut rng);
//!
//! let ping = client.invoke(Ping { ping_id: 42 })?;
//! let mut packet = Vec::new(); // on the wire
//! let body = loop {
//!     while client.poll_transmit(now, &mut packet).is_some() {
//!         let _ = server.handle_input(now, &mut packet); // at first it refuses the salt
//!         packet.clear();
//!     }
//!     while server.poll_transmit(now, &mut packet).is_some() {
//!         client.handle_input(now, &mut packet)?;
//!         packet.clear();
//!     }
//!     match client.poll_event() {
//!         Some(Event::Result { handle, body }) if handle == ping.handle() => break body,
//!         _ => {}
//!     }
//! };
//! let enums::Pong::Pong(pong) = ping.decode(&body)? else { unreachable!() };
//! assert_eq!(pong.ping_id, 42);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Calls
//!
//! A [`Handle`] stands for a call however often it is sent. Each gets exactly one [`Event::Result`], [`Event::Error`] or
//! [`Event::Failed`]. The server processes calls in any order, unless [`InvokeOptions::after`] says otherwise.
//!
//! A call is sent again, always under a new msg_id, when the server has refused it, when the server says that it did not
//! receive it, when the server has forgotten the session, and when the server twice does not say what it knows. In the last
//! two cases the call may be executed twice. [`Config::max_attempts`] bounds all that.
//!
//! # Connections
//!
//! A session outlives its connections: [`Session::reconnected`]. Several may serve one session: packets of all of them go
//! to `handle_input`, and each packet of `poll_transmit` may take any of them, if [`Session::use_connection`] says which.
//!
//! # Where is what
//!
//! | file | what |
//! |---|---|
//! | `envelope` | encryption, checks 16–17 of the security guidelines |
//! | `message_id`, `sequence`, `received` | numbers of messages, and the rules they keep |
//! | `inbound` | from packet to message: sessions, containers, copies, compression |
//! | `notices` | messages about messages, alike for both sides |
//! | `client`, `calls`, `answers`, `inquiries` | what only a client does: it calls, reads answers, and asks after what is lost |
//! | `server`, `responses`, `order` | what only a server does: it checks, answers, and keeps the order of calls |
//! | `outgoing`, `ascending`, `outbound` | messages of this side, the maps they are in, and how packets are made of them |
//! | `pfs` | temporary keys: binding, renewal, swap-over |

mod acks;
mod answers;
mod ascending;
mod bad_msg;
mod calls;
mod client;
mod clock;
mod config;
mod container;
pub mod envelope;
mod error;
mod event;
mod gzip;
mod ids;
mod inbound;
mod inquiries;
mod message_id;
mod notices;
mod order;
mod outbound;
mod outgoing;
mod pfs;
mod random;
mod received;
mod responses;
mod rpc_error;
mod salts;
mod sequence;
mod server;
mod server_salts;
mod state;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use rand_core::CryptoRng;

use self::acks::Acks;
use self::client::Client;
use self::clock::Clock;
use self::message_id::MessageIds;
use self::outgoing::{Message, Outgoing, Purpose};
use self::random::Random;
use self::received::Received;
use self::sequence::Sequence;
use self::server::Server;
use crate::auth_key::AuthKey;
use crate::crypto::kdf::Side;
use crate::time::UnixTime;

pub use self::bad_msg::BadMsg;
pub use self::config::Config;
pub use self::envelope::{EnvelopeError, Opened, Version};
pub use self::error::{InvokeError, SessionError};
pub use self::event::{Event, Failure, Handle, TypedHandle};
pub use self::gzip::GzipError;
pub use self::outbound::Transmit;
#[cfg(feature = "handshake")]
pub use self::pfs::handshake_binding;
pub use self::pfs::{BindEnvelope, MakeBinding, PfsSession};
pub use self::rpc_error::{Remedy, RpcError};
pub use self::salts::Salt;
pub use self::server_salts::ServerSalts;
pub use self::state::{ClientState, SessionNumbers, StateError};

/// One side of a session. See the [module](self).
pub struct Session {
    config: Config,
    key: AuthKey,
    /// None on a server that has yet to see what the client speaks.
    version: Option<Version>,
    session_id: i64,
    random: Random,
    clock: Clock,
    message_ids: MessageIds,
    sequence: Sequence,
    received: Received,
    acks: Acks,
    outgoing: Outgoing,
    events: VecDeque<Event>,
    /// How many bytes more the objects of the packet that is read may have.
    unpacked_left: usize,
    /// When to look for messages that nobody has answered or acknowledged.
    inquire_at: Option<Duration>,
    /// By which connection packets go.
    connection: u8,
    role: Role,
}

/// What only one side has.
enum Role {
    Client(Client),
    Server(Server),
}

/// How to call.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct InvokeOptions {
    /// Calls that the server has to have processed before: `invokeAfterMsg`, `invokeAfterMsgs`. They must be older than
    /// this one. If one of them fails, this one is made nevertheless.
    pub after: Vec<Handle>,
    /// Not to be compressed: photos, videos, and whatever else is compressed already.
    pub incompressible: bool,
    /// Ask for a quick acknowledgment, if the transport has them: [`Transmit::quick_ack_token`].
    pub quick_ack: bool,
}

/// Making a session.
impl Session {
    /// The client side of a new session, or of one that goes on: [`ClientState`] says what is known from the handshake or
    /// from an earlier run.
    pub fn client(
        config: Config,
        key: AuthKey,
        state: &ClientState,
        now: UnixTime,
        rng: &mut dyn CryptoRng,
    ) -> Self {
        let now = now.since_epoch();
        let mut random = Random::from_rng(rng);
        let clock = Clock::of_client(now, state.server_time(now));
        let resumed = state.resumable(clock.server_time());
        let session_id = resumed.map_or_else(|| random.long(), |session| session.session_id);
        let client = Role::Client(Client::new(&config, state, now));
        let mut session = Self::new(config, key, session_id, random, clock, client);
        if let Some(resumed) = resumed {
            session.message_ids = MessageIds::after(resumed.last_msg_id);
            session.sequence = Sequence::after(resumed.content_related);
            if let Role::Client(client) = &mut session.role {
                client.is_resumed = true;
            }
        }
        session
    }

    /// The server side of a session, which begins with the first message of a client: `session_id` is that of
    /// [`Opened`].
    pub fn server(
        config: Config,
        key: AuthKey,
        session_id: i64,
        salts: ServerSalts,
        now: UnixTime,
        rng: &mut dyn CryptoRng,
    ) -> Self {
        let now = now.since_epoch();
        let mut random = Random::from_rng(rng);
        let server = Role::Server(Server::new(salts, random.long()));
        let clock = Clock::of_server(now);
        Self::new(config, key, session_id, random, clock, server)
    }

    fn new(
        config: Config,
        key: AuthKey,
        session_id: i64,
        random: Random,
        clock: Clock,
        role: Role,
    ) -> Self {
        Self {
            received: Received::new(config.max_received_ids),
            version: match role {
                Role::Client(_) => Some(Version::default()),
                Role::Server(_) => config.server_version(),
            },
            config,
            key,
            session_id,
            random,
            clock,
            message_ids: MessageIds::default(),
            sequence: Sequence::default(),
            acks: Acks::default(),
            outgoing: Outgoing::default(),
            events: VecDeque::new(),
            unpacked_left: 0,
            inquire_at: None,
            connection: 0,
            role,
        }
    }

    /// Sends and accepts messages of another version. A server that takes both finds out by itself, from the first packet of
    /// each connection: `Config::allow_legacy`.
    pub fn set_version(&mut self, version: Version) {
        self.version = Some(version);
    }
}

/// What is known of it.
impl Session {
    /// The session id. It changes when the client goes on in a new session: [`Event::NewSession`].
    pub fn session_id(&self) -> i64 {
        self.session_id
    }

    /// The authorization key.
    pub fn key(&self) -> &AuthKey {
        &self.key
    }

    /// Which side this is.
    pub fn side(&self) -> Side {
        match self.role {
            Role::Client(_) => Side::Client,
            Role::Server(_) => Side::Server,
        }
    }

    /// What the server's clock shows, as far as is known.
    pub fn server_time(&self) -> UnixTime {
        UnixTime::from(self.clock.server_time())
    }

    /// How many calls, answers and updates are queued, unanswered or unacknowledged, and how many bytes they have: what
    /// [`Config::max_pending`] and [`Config::max_pending_bytes`] bound.
    pub fn pending(&self) -> (usize, usize) {
        self.outgoing.payloads()
    }

    /// How many messages the session holds altogether. Besides [those](Self::pending) there are its own, acknowledgments, pings
    /// and such: a thousand at most, even if nothing can be sent.
    pub fn messages(&self) -> usize {
        self.outgoing.len()
    }
}

/// Time and events.
impl Session {
    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), by the caller's clock.
    pub fn poll_timeout(&self) -> Option<UnixTime> {
        let acks = self
            .acks
            .deadline(self.config.ack_count, self.config.ack_delay);
        let of_role = match &self.role {
            Role::Client(client) => client.deadline(&self.config, &self.clock, &self.outgoing),
            Role::Server(server) => server.deadline(),
        };
        let next = [acks, self.inquire_at, of_role]
            .into_iter()
            .flatten()
            .min()?;
        Some(UnixTime::from(self.clock.to_caller(next)))
    }

    /// Does what is to be done by now. Calling it too early does no harm.
    pub fn handle_timeout(&mut self, now: UnixTime) {
        self.clock.advance(now.since_epoch());
        let elapsed = self.clock.elapsed();
        self.add_acks();
        if self.inquire_at.is_some_and(|at| at <= elapsed) {
            self.inquire();
        }
        match self.role {
            Role::Client(_) => self.client_timeout(),
            Role::Server(_) => self.server_timeout(),
        }
    }

    /// A connection was lost, and there is another one. What nobody has answered is asked for, or sent again.
    pub fn reconnected(&mut self, now: UnixTime) {
        self.clock.advance(now.since_epoch());
        self.outgoing.connection_ended(None);
        match self.role {
            Role::Client(_) => self.client_reconnected(),
            Role::Server(_) => self.server_reconnected(),
        }
    }

    /// Of several connections, the next packets go by this one. Who has one at a time need not say so.
    ///
    /// A message that the other side has not received is sent again only if it can't arrive any more: if it went by the same
    /// connection as the question for it, or by one that [has ended](Self::connection_ended).
    pub fn use_connection(&mut self, connection: u8) {
        self.connection = connection;
    }

    /// One of several connections has ended, and another one has not. What went by it, and nobody has answered, is asked for.
    pub fn connection_ended(&mut self, connection: u8, now: UnixTime) {
        self.clock.advance(now.since_epoch());
        self.outgoing.connection_ended(Some(connection));
        if let Role::Client(_) = self.role {
            self.client_reconnected();
        }
    }

    /// The transport has received an error instead of a packet: a negative number.
    pub fn handle_transport_error(&mut self, now: UnixTime, error: i32) {
        self.clock.advance(now.since_epoch());
        self.tell(Event::TransportError {
            code: error.unsigned_abs(),
        });
    }

    /// Whether a call of the owner is not done.
    fn has_calls(&self) -> bool {
        self.outgoing
            .iter()
            .any(|(_, message)| message.purpose == Purpose::Call)
    }

    fn tell(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Removes a message that is done, and queues those that waited for it.
    fn finish(&mut self, handle: Handle) -> Option<Message> {
        let message = self.outgoing.remove(handle);
        if matches!(&message, Some(message) if message.purpose == Purpose::Call) {
            self.outgoing.release();
        }
        message
    }

    /// Gives up a message.
    fn fail(&mut self, handle: Handle, failure: Failure) {
        if let Some(message) = self.finish(handle)
            && message.purpose.is_of_owner()
        {
            self.tell(Event::Failed { handle, failure });
        }
    }

    /// Sends a message under a new msg_id, unless that was done too often.
    fn send_anew(&mut self, handle: Handle) {
        let Some(message) = self.outgoing.get(handle) else {
            return;
        };
        if message.attempts >= self.config.max_attempts {
            let last = message.refused;
            self.fail(handle, Failure::Attempts { last });
        } else {
            self.outgoing.enqueue_anew(handle);
        }
    }

    /// Makes sure that somebody looks after messages that stay unanswered.
    fn inquire_in(&mut self, delay: Duration) {
        let at = self.clock.elapsed().saturating_add(delay);
        self.inquire_at = Some(self.inquire_at.map_or(at, |before| before.min(at)));
    }
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("side", &self.side())
            .field("key", &self.key)
            .field("session_id", &self.session_id)
            .field("pending", &self.outgoing.payloads())
            .finish_non_exhaustive()
    }
}
