//! Keys, the handshakes that make them, and the sessions under them.

use alloc::sync::Arc;
use alloc::vec::Vec;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, OnceLock};

use rand_core::CryptoRng;

#[cfg(feature = "tamper")]
use super::tamper::Verdict;
use super::{Control, ServerConfig, ServerEvent, Shared, lock};
use crate::AuthKey;
use crate::handshake::server::Done;
use crate::handshake::{
    EXCHANGE_LIFETIME, HandshakeError, NewKey, PermanentKey, ServerHandshake, ServerStep,
    TemporaryKey, nonce_of,
};
use crate::net::random::SystemRng;
use crate::session::Session;
use crate::time::UnixTime;
use crate::transport::TransportError;

/// All keys, and what will be keys.
pub(super) struct Keys {
    keys: Mutex<HashMap<u64, Arc<Key>>>,
    exchanges: Mutex<Exchanges>,
    max_keys: usize,
    max_sessions: usize,
}

/// Handshakes under way, by their nonce: one may go on upon another connection.
struct Exchanges {
    by_nonce: HashMap<[u8; 16], Arc<Mutex<ServerHandshake>>>,
    /// From the oldest on.
    order: VecDeque<(UnixTime, [u8; 16])>,
    max: usize,
}

/// A key with its sessions.
pub(super) struct Key {
    pub(super) auth_key: AuthKey,
    kind: Kind,
    /// The salt that the handshake ended with, and when.
    first_salt: Mutex<Option<(i64, UnixTime)>>,
    sessions: Mutex<HashMap<i64, Arc<ServerSession>>>,
}

enum Kind {
    Permanent(PermanentKey),
    Temporary {
        key: TemporaryKey,
        bound_to: OnceLock<u64>,
    },
}

/// So many connections of a session are remembered; over HTTP so many may serve it, where clients have two or three.
const MAX_CONNECTIONS: usize = 8;

/// A session, and where its client is.
pub(super) struct ServerSession {
    pub(super) session_id: i64,
    state: Mutex<SessionState>,
}

pub(super) struct SessionState {
    pub(super) session: Session,
    /// The one that the client was heard from last; over HTTP, all that it was heard from.
    connections: Vec<Arc<Control>>,
    is_http: bool,
    /// The ids of the last connections that the client was heard from: it may have several, and use them by turns.
    known: VecDeque<u64>,
    /// Whether one of them has ended, so that what was sent may be lost.
    has_lost: bool,
    last_heard: UnixTime,
}

/// What is answered to a message in the plain.
pub(super) enum Reply {
    Packet(Vec<u8>),
    Error(TransportError),
    Nothing,
}

impl Keys {
    pub(super) fn new(config: &ServerConfig) -> Self {
        Self {
            keys: Mutex::default(),
            exchanges: Mutex::new(Exchanges {
                by_nonce: HashMap::new(),
                order: VecDeque::new(),
                max: config.max_exchanges.max(1),
            }),
            max_keys: config.max_keys,
            max_sessions: config.max_sessions_per_key.max(1),
        }
    }

    /// The key of an id, unless its time is over.
    pub(super) fn find(&self, auth_key_id: u64, now: UnixTime) -> Option<Arc<Key>> {
        let mut keys = lock(&self.keys);
        let key = keys.get(&auth_key_id)?;
        if key.is_over(now) {
            keys.remove(&auth_key_id);
            return None;
        }
        Some(Arc::clone(key))
    }

    /// Forgets a key. Returns whether there was one.
    pub(super) fn remove(&self, auth_key_id: u64) -> bool {
        lock(&self.keys).remove(&auth_key_id).is_some()
    }

    pub(super) fn all(&self) -> Vec<Arc<Key>> {
        lock(&self.keys).values().map(Arc::clone).collect()
    }

    /// If there are too many keys, those go whose time is over: nobody asks for them any more.
    fn make_room(&self, keys: &mut HashMap<u64, Arc<Key>>, now: UnixTime) {
        if keys.len() >= self.max_keys {
            keys.retain(|_, key| !key.is_over(now));
        }
    }

    /// Takes a key from elsewhere. Returns whether there was room.
    pub(super) fn add(&self, key: PermanentKey, now: UnixTime) -> bool {
        let mut keys = lock(&self.keys);
        self.make_room(&mut keys, now);
        let has_room = keys.len() < self.max_keys;
        match keys.entry(key.id()) {
            Entry::Occupied(_) => true,
            Entry::Vacant(place) if has_room => {
                place.insert(Arc::new(Key::new(NewKey::Permanent(key), None)));
                true
            }
            Entry::Vacant(_) => false,
        }
    }

    fn insert(&self, shared: &Shared, done: Done, now: UnixTime) {
        let auth_key_id = done.key.id();
        let key = Key::new(done.key, Some((done.first_salt, now)));
        shared.tell(&ServerEvent::KeyMade {
            auth_key_id,
            is_temporary: key.temporary().is_some(),
            permanent: key.permanent(),
        });
        lock(&self.keys).insert(auth_key_id, Arc::new(key));
    }

    /// Answers a message in the plain: a step of a handshake.
    pub(super) fn handshake(
        &self,
        shared: &Shared,
        payload: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Reply {
        let now = shared.clock.now();
        let config = &shared.config.handshake;
        let Some(nonce) = nonce_of(payload) else {
            return Reply::Error(TransportError::AUTH_KEY_NOT_FOUND);
        };
        let known = lock(&self.exchanges).find(nonce.0, now);
        let Some(exchange) = known else {
            return match ServerHandshake::start(config, now, payload, rng) {
                Ok((exchange, answer)) => {
                    lock(&self.exchanges).insert(nonce.0, now, exchange);
                    Reply::Packet(answer)
                }
                Err(error) => refuse(shared, &error, error.refusal_code()),
            };
        };
        let mut exchange = lock(&exchange);
        match exchange.handle(config, now, payload, rng) {
            ServerStep::Send(answer) => Reply::Packet(answer),
            ServerStep::Wait => Reply::Nothing,
            ServerStep::CheckAuthKeyId(id) => {
                let decided = self.decide(shared, &mut exchange, (payload, id), now);
                decided.map_or_else(
                    |error| refuse(shared, &error, error.refusal_code()),
                    Reply::Packet,
                )
            }
            ServerStep::Refuse { code, error } => refuse(shared, &error, code),
        }
    }

    /// Whether the key that a client proposes becomes one.
    fn decide(
        &self,
        shared: &Shared,
        exchange: &mut ServerHandshake,
        (query, id): (&[u8], u64),
        now: UnixTime,
    ) -> Result<Vec<u8>, HandshakeError> {
        #[cfg(not(feature = "tamper"))]
        let _ = query;
        let (count, is_known) = {
            let mut keys = lock(&self.keys);
            self.make_room(&mut keys, now);
            (keys.len(), keys.contains_key(&id))
        };
        if is_known {
            return exchange.retry(&shared.config.handshake, now);
        }
        if count >= self.max_keys {
            return exchange.reject(now);
        }
        #[cfg(feature = "tamper")]
        if let Some(tamper) = &shared.config.tamper {
            match tamper.verdict(query, id) {
                Verdict::Accept => {}
                Verdict::Retry => return exchange.retry(&shared.config.handshake, now),
                Verdict::Reject => return exchange.reject(now),
            }
        }
        let (done, answer) = exchange.accept(now)?;
        self.insert(shared, done, now);
        Ok(answer)
    }

    /// The session of that id under a key; a new one if there is none.
    pub(super) fn session(
        &self,
        shared: &Shared,
        key: &Key,
        session_id: i64,
        rng: &mut SystemRng,
    ) -> Arc<ServerSession> {
        let mut sessions = lock(&key.sessions);
        if let Some(session) = sessions.get(&session_id) {
            return Arc::clone(session);
        }
        if sessions.len() >= self.max_sessions {
            let oldest = sessions
                .values()
                .min_by_key(|session| session.lock().last_heard)
                .map(|session| session.session_id);
            oldest.map(|oldest| sessions.remove(&oldest));
        }
        let now = shared.clock.now();
        let config = shared.config.session.clone();
        let mut salts = lock(&shared.salts).clone();
        if let Some((salt, made_at)) = *lock(&key.first_salt) {
            salts = salts.with_first(salt, made_at);
        }
        let auth_key = key.auth_key.clone();
        let session = Arc::new(ServerSession {
            session_id,
            state: Mutex::new(SessionState {
                session: Session::server(config, auth_key, session_id, salts, now, rng),
                connections: Vec::new(),
                is_http: false,
                known: VecDeque::new(),
                has_lost: false,
                last_heard: now,
            }),
        });
        sessions.insert(session_id, Arc::clone(&session));
        session
    }
}

fn refuse(shared: &Shared, error: &HandshakeError, code: i32) -> Reply {
    shared.tell(&ServerEvent::HandshakeRefused { error });
    Reply::Error(TransportError::new(code).unwrap_or(TransportError::AUTH_KEY_NOT_FOUND))
}

impl Exchanges {
    fn find(&mut self, nonce: [u8; 16], now: UnixTime) -> Option<Arc<Mutex<ServerHandshake>>> {
        while let Some((started_at, oldest)) = self.order.front()
            && now.since(*started_at) > EXCHANGE_LIFETIME
        {
            self.by_nonce.remove(oldest);
            self.order.pop_front();
        }
        self.by_nonce.get(&nonce).map(Arc::clone)
    }

    fn insert(&mut self, nonce: [u8; 16], now: UnixTime, exchange: ServerHandshake) {
        if self.order.len() >= self.max
            && let Some((_, oldest)) = self.order.pop_front()
        {
            self.by_nonce.remove(&oldest);
        }
        let exchange = Arc::new(Mutex::new(exchange));
        if self.by_nonce.insert(nonce, exchange).is_none() {
            self.order.push_back((now, nonce));
        }
    }
}

impl Key {
    fn new(key: NewKey, first_salt: Option<(i64, UnixTime)>) -> Self {
        let (auth_key, kind) = match key {
            // The server can't know who will make a temporary key: the permanent one serves those who do not.
            NewKey::Permanent(key) => (key.clone().without_forward_secrecy(), Kind::Permanent(key)),
            NewKey::Temporary(key) => {
                let auth_key = key.auth_key().clone();
                let bound_to = OnceLock::new();
                (auth_key, Kind::Temporary { key, bound_to })
            }
        };
        Self {
            auth_key,
            kind,
            first_salt: Mutex::new(first_salt),
            sessions: Mutex::default(),
        }
    }

    /// Whether it is a temporary key whose time is over.
    fn is_over(&self, now: UnixTime) -> bool {
        matches!(&self.kind, Kind::Temporary { key, .. } if key.expires_at() <= now)
    }

    /// The permanent key that this is or is bound to.
    pub(super) fn permanent_id(&self) -> Option<u64> {
        match &self.kind {
            Kind::Permanent(key) => Some(key.id()),
            Kind::Temporary { bound_to, .. } => bound_to.get().copied(),
        }
    }

    pub(super) fn permanent(&self) -> Option<&PermanentKey> {
        match &self.kind {
            Kind::Permanent(key) => Some(key),
            Kind::Temporary { .. } => None,
        }
    }

    pub(super) fn temporary(&self) -> Option<(&TemporaryKey, &OnceLock<u64>)> {
        match &self.kind {
            Kind::Permanent(_) => None,
            Kind::Temporary { key, bound_to } => Some((key, bound_to)),
        }
    }

    pub(super) fn sessions(&self) -> Vec<Arc<ServerSession>> {
        lock(&self.sessions).values().map(Arc::clone).collect()
    }

    pub(super) fn find_session(&self, session_id: i64) -> Option<Arc<ServerSession>> {
        lock(&self.sessions).get(&session_id).map(Arc::clone)
    }

    /// The salt of the handshake is no longer accepted.
    pub(super) fn forget_first_salt(&self) {
        lock(&self.first_salt).take();
    }

    /// Forgets a session. Returns whether there was one.
    pub(super) fn remove_session(&self, session_id: i64) -> bool {
        lock(&self.sessions).remove(&session_id).is_some()
    }
}

impl ServerSession {
    pub(super) fn lock(&self) -> MutexGuard<'_, SessionState> {
        lock(&self.state)
    }
}

impl SessionState {
    /// The client was heard from on that connection, one of HTTP or another. Returns whether what was sent on others may be lost.
    pub(super) fn heard(&mut self, control: &Arc<Control>, is_http: bool, now: UnixTime) -> bool {
        self.last_heard = now;
        if self.is_on(control) {
            return false;
        }
        let is_new = !self.known.contains(&control.id);
        if is_new {
            if self.known.len() >= MAX_CONNECTIONS {
                self.known.pop_front();
            }
            self.known.push_back(control.id);
        }
        let was_http = core::mem::replace(&mut self.is_http, is_http);
        let mut has_lost = core::mem::take(&mut self.has_lost);
        if !(is_http && was_http) {
            for left in self.connections.drain(..) {
                // A client may have several, and use them by turns: those before are there still.
                has_lost |= is_new || was_http;
                if was_http {
                    // Nobody would answer its request.
                    left.close();
                }
            }
        } else if self.connections.len() >= MAX_CONNECTIONS {
            self.connections.remove(0).close();
        }
        self.connections.push(Arc::clone(control));
        has_lost
    }

    pub(super) fn is_on(&self, control: &Control) -> bool {
        self.connections
            .iter()
            .any(|connection| connection.id == control.id)
    }

    /// A connection serves others now, or has ended, so that what was sent on it may be lost.
    pub(super) fn leave(&mut self, control: &Control, has_ended: bool) {
        if self.is_on(control) {
            self.connections
                .retain(|connection| connection.id != control.id);
            self.has_lost |= has_ended;
        }
    }

    /// Ends the connections. Returns whether there were any.
    pub(super) fn disconnect(&self) -> bool {
        self.connections.iter().for_each(|control| control.close());
        !self.connections.is_empty()
    }

    /// Has the connections send what the session has.
    pub(super) fn wake(&self) {
        for control in &self.connections {
            control.wake();
        }
    }
}
