//! The server of a simulation: its keys and sessions, and the calls it executes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::session::envelope::{self, auth_key_id};
use mtproto_runtime::session::{Config, Event, RpcError, ServerSalts, Session, SessionError};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use crate::support::{id_of, int, long, object};

/// `auth.bindTempAuthKey`, here with its msg_id alone.
pub(super) const BIND: u32 = 0xcdd4_2a05;
/// Stands before a call that initialises the connection.
pub(super) const INIT: u32 = 0x7777_0001;

const BOOL_TRUE: u32 = 0x9972_75b5;

/// A session: the id of its key, and its own.
pub(super) type Id = (u64, i64);

pub(super) struct Server {
    pub(super) config: Config,
    salts: ServerSalts,
    keys: BTreeMap<u64, Key>,
    pub(super) sessions: BTreeMap<Id, Peer>,
    /// When a call with that number was started and answered for the first time, by the count of events.
    pub(super) started: HashMap<u32, u64>,
    pub(super) finished: HashMap<u32, u64>,
    moment: u64,
    pub(super) executions: u64,
}

/// A session of a client.
pub(super) struct Peer {
    pub(super) session: Session,
    /// The connections that its packets came over.
    pub(super) links: BTreeSet<u32>,
}

struct Key {
    key: AuthKey,
    expires_at: Duration,
    is_bound: bool,
    is_initialised: bool,
}

/// What became of a packet.
pub(super) enum Received {
    Message {
        outcome: Result<(), SessionError>,
        /// The token of a quick acknowledgment, if the packet was authentic.
        token: Option<u32>,
    },
    /// The key is not known: -404.
    UnknownKey,
}

/// A call that is to be answered after some time.
#[derive(Clone, Copy)]
pub(super) struct Running {
    session: Id,
    msg_id: i64,
    number: u32,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            salts: ServerSalts::new([4; 32], Duration::from_secs(100)),
            keys: BTreeMap::new(),
            sessions: BTreeMap::new(),
            started: HashMap::new(),
            finished: HashMap::new(),
            moment: 0,
            executions: 0,
        }
    }

    /// Takes a key from a handshake. A permanent one needs no binding.
    pub(super) fn add_key(&mut self, key: AuthKey, is_permanent: bool, expires_at: Duration) {
        let entry = Key {
            key: key.clone(),
            expires_at,
            is_bound: is_permanent,
            is_initialised: is_permanent,
        };
        self.keys.insert(key.id(), entry);
    }

    /// Forgets all sessions, and temporary keys too if `with_keys`.
    pub(super) fn forget(&mut self, with_keys: bool) {
        self.sessions.clear();
        if with_keys {
            self.keys.retain(|_, key| key.expires_at == Duration::MAX);
        }
    }

    /// Forgets keys that have expired, with their sessions.
    pub(super) fn forget_expired(&mut self, now: UnixTime) {
        self.keys
            .retain(|_, key| key.expires_at > now.since_epoch());
        self.sessions
            .retain(|(key, _), _| self.keys.contains_key(key));
    }

    /// Which session a packet belongs to shows only inside of it.
    pub(super) fn receive(
        &mut self,
        now: UnixTime,
        link: u32,
        packet: &mut [u8],
        rng: &mut ChaCha20Rng,
    ) -> Received {
        self.forget_expired(now);
        let known = auth_key_id(packet).and_then(|id| self.keys.get(&id));
        let Some(Key { key, .. }) = known else {
            return Received::UnknownKey;
        };
        let key = key.clone();
        let opened = match envelope::open_any(&key, Side::Client, packet) {
            Ok(opened) => opened,
            Err(error) => {
                return Received::Message {
                    outcome: Err(error.into()),
                    token: None,
                };
            }
        };
        let token = opened.quick_ack_token(&key, Side::Client);
        let id = (key.id(), opened.session_id);
        let peer = self.sessions.entry(id).or_insert_with(|| {
            let (config, salts) = (self.config.clone(), self.salts.clone());
            let (session_id, key) = (opened.session_id, key.clone());
            Peer {
                session: Session::server(config, key, session_id, salts, now, rng),
                links: BTreeSet::new(),
            }
        });
        if peer.links.insert(link) {
            peer.session.reconnected(now);
        }
        Received::Message {
            outcome: peer.session.handle_message(now, &opened),
            token: Some(token),
        }
    }

    /// A connection is gone.
    pub(super) fn disconnected(&mut self, link: u32) {
        for peer in self.sessions.values_mut() {
            peer.links.remove(&link);
        }
    }

    /// Looks at what happened in a session; returns the calls that are to be answered, and the connections to be closed.
    pub(super) fn collect(&mut self, id: Id) -> (Vec<Running>, BTreeSet<u32>) {
        let mut running = Vec::new();
        let mut to_close = BTreeSet::new();
        while let Some(peer) = self.sessions.get_mut(&id)
            && let Some(event) = peer.session.poll_event()
        {
            self.moment += 1;
            match event {
                Event::Disconnect => to_close.append(&mut peer.links),
                Event::Call { msg_id, body } => running.extend(self.start(id, msg_id, &body)),
                Event::DestroySession { msg_id, session_id } => {
                    self.destroy(id, msg_id, session_id)
                }
                _ => {}
            }
        }
        (running, to_close)
    }

    /// Starts to execute a call; a binding is done at once.
    fn start(&mut self, id: Id, msg_id: i64, body: &[u8]) -> Option<Running> {
        let key = self.keys.get_mut(&id.0)?;
        let session = &mut self.sessions.get_mut(&id)?.session;
        if id_of(body) == BIND {
            assert_eq!(
                long(&body[4..]),
                msg_id,
                "the binding is for another message"
            );
            // The messages of the binding may be refused, as anything may.
            key.is_bound = true;
            session
                .respond(msg_id, BOOL_TRUE.to_le_bytes().to_vec())
                .expect("it runs");
            return None;
        }
        assert!(key.is_bound, "a call goes under a key that is not bound");
        let call = match id_of(body) == INIT {
            true => &body[4..],
            false => body,
        };
        key.is_initialised |= call.len() < body.len();
        assert!(
            key.is_initialised,
            "a call goes before the connection is initialised"
        );
        assert_eq!(id_of(call), 0x1234_5678, "the call is not what was called");
        let number = int(&call[4..]) as u32;
        self.executions += 1;
        self.started.entry(number).or_insert(self.moment);
        Some(Running {
            session: id,
            msg_id,
            number,
        })
    }

    /// Ends the execution of a call.
    pub(super) fn respond(&mut self, call: Running, rng: &mut ChaCha20Rng) {
        self.moment += 1;
        let Some(Peer { session, .. }) = self.sessions.get_mut(&call.session) else {
            return;
        };
        let dice = rng.next_u32() % 100;
        let outcome = match dice {
            0..5 => session.respond_error(call.msg_id, &RpcError::new(420, "FLOOD_WAIT_3")),
            5..8 => {
                let mut body = object(call.number);
                body.resize(3000, 1);
                session.respond(call.msg_id, body)
            }
            _ => session.respond(call.msg_id, object(call.number)),
        };
        // A call of a session that was forgotten and created anew is not known there.
        if outcome.is_ok() && dice >= 5 {
            self.finished.entry(call.number).or_insert(self.moment);
        }
    }

    fn destroy(&mut self, id: Id, msg_id: i64, other: i64) {
        let answer = match self.sessions.remove(&(id.0, other)) {
            Some(_) => 0xe220_45fc_u32,
            None => 0x62d3_50c9,
        };
        let mut body = answer.to_le_bytes().to_vec();
        body.extend(other.to_le_bytes());
        if let Some(Peer { session, .. }) = self.sessions.get_mut(&id) {
            session.respond(msg_id, body).expect("it runs");
        }
    }
}
