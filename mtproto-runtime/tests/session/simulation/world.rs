//! What happens in a simulation: calls, faults, and the network between the two.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::session::{
    ClientState, Config, Event, Handle, InvokeError, InvokeOptions, Session, SessionError, Version,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use super::client::{Client, LIFETIME};
use super::network::{self, Link, Sent, Way};
use super::server::{Id, Peer, Received, Running, Server};
use super::{Totals, log};
use crate::support::{id_of, int, key, object, rng};

const START: Duration = Duration::from_secs(1_750_000_000);
/// How long faults go on.
const STORM: Duration = Duration::from_secs(600);
/// How long after that everything has to be done.
const CALM: Duration = Duration::from_secs(3600);
/// No side may hold more messages than that, or bytes of them, whatever happens to it here.
const MAX_PENDING: (usize, usize) = (160, 256 << 10);
/// The sessions of a server: what clients leave has to be destroyed.
const MAX_SESSIONS: usize = 16;

/// What the client knows of a call.
#[derive(Debug)]
struct Call {
    number: u32,
    after: Vec<Handle>,
    outcome: Option<Outcome>,
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Result,
    Error,
    Failed,
    Cancelled,
    /// The client was restarted: the call was its owner's business.
    Abandoned,
}

/// What is going to happen.
enum Action {
    /// Something reaches a connection, if that still stands.
    Send {
        link: u32,
        way: Way,
        what: Sent,
    },
    /// A piece of what is on its way arrives.
    Arrive {
        link: u32,
        way: Way,
    },
    Respond(Running),
    /// A handshake is done.
    Key,
    Connect,
    Fault,
    Invoke,
    Update,
}

pub(super) struct Simulation {
    rng: ChaCha20Rng,
    verbose: bool,
    now: Duration,
    /// How far the client's clock is off, and the server's, in seconds.
    skew: i64,
    server_skew: i64,
    /// The client's clock stands there until it would show more.
    stands_at: UnixTime,
    client: Client,
    /// What a client with one key speaks.
    version: Version,
    server: Server,
    actions: BTreeMap<(Duration, u64), Action>,
    last_action: u64,
    /// The connections that stand, and the number of the last.
    links: BTreeMap<u32, Link>,
    last_link: u32,
    /// How often the client was restarted: its handles begin anew.
    restarts: u32,
    calls: BTreeMap<(u32, Handle), Call>,
    last_number: u32,
    to_invoke: u32,
    updates: HashSet<Vec<u8>>,
    pub(super) totals: Totals,
}

/// The world.
impl Simulation {
    pub(super) fn new(seed: u64, verbose: bool) -> Self {
        let mut rng = rng(seed);
        let mut config = Config::default();
        config.max_container_messages = [1, 2, 5, 1020][rng.next_u32() as usize % 4];
        config.future_salts = [0, 1, 8][rng.next_u32() as usize % 3];
        config.max_attempts = [3, 16, 16, 16][rng.next_u32() as usize % 4];
        config.allow_legacy = true;
        let version = [Version::V2, Version::V2, Version::V1][rng.next_u32() as usize % 3];
        let skew = [0, 0, 5, -20, 7200, -7200][rng.next_u32() as usize % 6];
        let client_now = shifted(START, skew);
        let mut server = Server::new(config.clone());
        let client = match rng.next_u32() % 3 {
            0 => Client::temporary_keys(config, client_now),
            kind => {
                let state = match kind {
                    1 => ClientState::default(),
                    _ => ClientState::from_handshake(3, -skew, client_now),
                };
                server.add_key(key(), true, Duration::MAX);
                let mut session = Session::client(config, key(), &state, client_now, &mut rng);
                session.set_version(version);
                Client::one_key(session)
            }
        };
        let mut simulation = Self {
            verbose,
            now: START,
            skew,
            server_skew: 0,
            stands_at: UnixTime::default(),
            client,
            version,
            server,
            actions: BTreeMap::new(),
            last_action: 0,
            links: BTreeMap::new(),
            last_link: 0,
            restarts: 0,
            calls: BTreeMap::new(),
            last_number: 0,
            to_invoke: 20 + rng.next_u32() % 40,
            updates: HashSet::new(),
            totals: Totals::default(),
            rng,
        };
        for _ in 0..[1, 1, 2, 3][simulation.rng.next_u32() as usize % 4] {
            simulation.plan(0, Action::Connect);
        }
        simulation.plan(0, Action::Invoke);
        simulation.plan(5_000, Action::Fault);
        simulation.plan(20_000, Action::Update);
        simulation
    }

    pub(super) fn run(&mut self) {
        let mut steps = 0;
        self.flush();
        while self.to_invoke > 0 || !self.open().is_empty() || self.is_storm() {
            steps += 1;
            assert!(steps < 1_000_000, "it does not come to an end");
            let timer = self.timer();
            let action = self.actions.keys().next().map(|(at, _)| *at);
            let next = timer
                .into_iter()
                .chain(action)
                .min()
                .expect("something goes on");
            self.now = self.now.max(next);
            assert!(
                self.now < START + STORM + CALM,
                "these have no outcome: {:?}",
                self.open()
            );
            if action == Some(next) {
                let (_, action) = self.actions.pop_first().expect("it is there");
                self.act(action);
            } else {
                let (client_now, now) = (self.client_now(), self.server_now());
                self.client.handle_timeout(client_now);
                self.server
                    .sessions
                    .values_mut()
                    .for_each(|peer| peer.session.handle_timeout(now));
            }
            self.flush();
            self.check_memory();
        }
        self.check_order();
        self.totals.executions = self.server.executions;
    }

    fn open(&self) -> Vec<&Call> {
        self.calls
            .values()
            .filter(|call| call.outcome.is_none())
            .collect()
    }

    fn check_memory(&self) {
        let peers = &self.server.sessions;
        assert!(peers.len() <= MAX_SESSIONS, "{} sessions", peers.len());
        let of_peers = peers.values().map(|peer| &peer.session);
        for session in of_peers.chain(self.client.session()) {
            let (messages, (_, bytes)) = (session.messages(), session.pending());
            assert!(
                messages <= MAX_PENDING.0 && bytes <= MAX_PENDING.1,
                "{messages} messages, {bytes} bytes"
            );
        }
    }

    /// No call was started before those it comes after were answered for the first time.
    fn check_order(&self) {
        for ((restarts, _), call) in &self.calls {
            let before = |handle: &Handle| &self.calls[&(*restarts, *handle)];
            for before in call.after.iter().map(before) {
                if before.outcome == Some(Outcome::Result) {
                    let finished = self.server.finished[&before.number];
                    let started = self.server.started.get(&call.number).copied();
                    assert!(
                        finished < started.unwrap_or(u64::MAX),
                        "{call:?} did not wait for {before:?}"
                    );
                }
            }
        }
    }

    fn client_now(&self) -> UnixTime {
        shifted(self.now, self.skew).max(self.stands_at)
    }

    fn server_now(&self) -> UnixTime {
        shifted(self.now, self.server_skew)
    }

    /// When the first timer fires, in true time.
    fn timer(&self) -> Option<Duration> {
        let of_client = self.client.poll_timeout();
        let of_client = of_client.map(|at| at.since(self.client_now()));
        let peers = self.server.sessions.values();
        let of_server = peers.filter_map(|peer| peer.session.poll_timeout()).min();
        let of_server = of_server.map(|at| at.since(self.server_now()));
        let first = [of_client, of_server].into_iter().flatten().min()?;
        Some(self.now + first)
    }

    fn plan(&mut self, millis: u64, action: Action) {
        self.last_action += 1;
        let at = self.now + Duration::from_millis(millis);
        self.actions.insert((at, self.last_action), action);
    }

    fn plan_within(&mut self, millis: u32, action: Action) {
        let millis = self.rng.next_u32() % millis;
        self.plan(millis.into(), action);
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.next_u32() % 100 < percent
    }

    fn is_storm(&self) -> bool {
        self.now < START + STORM
    }

    fn log(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            let at = (self.now - START).as_secs_f64();
            // Bodies may be long.
            let what: String = what().chars().take(200).collect();
            log(&format!("{at:9.3} {what}"));
        }
    }
}

/// What happens.
impl Simulation {
    fn act(&mut self, action: Action) {
        match action {
            Action::Send { link, way, what } => self.put_on_link(link, way, what),
            Action::Arrive { link, way } => self.arrive(link, way),
            Action::Respond(call) => self.server.respond(call, &mut self.rng),
            Action::Key => self.give_key(),
            Action::Connect => self.connect(),
            Action::Fault => self.fault(),
            Action::Invoke => self.invoke(),
            Action::Update => self.update(),
        }
    }

    fn put_on_link(&mut self, number: u32, way: Way, what: Sent) {
        if let Some(link) = self.links.get_mut(&number) {
            link.send(way, what, &mut self.rng);
        }
    }

    fn arrive(&mut self, number: u32, way: Way) {
        let (client_now, now) = (self.client_now(), self.server_now());
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        self.totals.pieces += 1;
        let was_ready = link.is_ready();
        let received = link.arrive(way, &mut self.rng);
        if link.is_ready() && !was_ready {
            self.log(|| format!("connection {number} is set up"));
            self.client.reconnected(client_now);
        }
        for received in received {
            match (way, received) {
                (
                    Way::Up,
                    network::Received::Packet {
                        mut packet,
                        quick_ack,
                    },
                ) => match self.server.receive(now, number, &mut packet, &mut self.rng) {
                    Received::Message { outcome, token } => {
                        self.count("server", outcome);
                        if let Some(token) = token.filter(|_| quick_ack) {
                            self.put_on_link(number, Way::Down, Sent::QuickAck(token));
                        }
                    }
                    Received::UnknownKey => self.put_on_link(number, Way::Down, Sent::UnknownKey),
                },
                (Way::Down, network::Received::Packet { mut packet, .. }) => {
                    let outcome = self.client.handle_input(client_now, &mut packet);
                    self.count("client", outcome);
                }
                (Way::Down, network::Received::QuickAck(token)) => {
                    let is_known = self.client.handle_quick_ack(token);
                    self.totals.quick_acks += u64::from(is_known);
                }
                (Way::Down, network::Received::Error(error)) => {
                    self.totals.unknown_keys += 1;
                    self.log(|| format!("{error}"));
                    self.client.handle_transport_error(client_now, error.code());
                    return self.cut(number);
                }
                (Way::Up, _) => panic!("clients send nothing but packets"),
            }
        }
    }

    fn connect(&mut self) {
        self.last_link += 1;
        let number = self.last_link;
        let link = Link::connect(&mut self.rng);
        let is_ready = link.is_ready();
        self.links.insert(number, link);
        self.log(|| format!("connection {number}"));
        if is_ready && number > 1 {
            let client_now = self.client_now();
            self.client.reconnected(client_now);
        }
    }

    fn count(&mut self, who: &str, outcome: Result<(), SessionError>) {
        self.log(|| format!("{who} gets {outcome:?}"));
        if let Err(error) = outcome {
            self.totals.refusals += 1;
            let is_network = matches!(error, SessionError::Envelope(_));
            assert!(
                !error.is_hostile() || is_network,
                "nobody broke a rule: {error}"
            );
        }
    }

    fn give_key(&mut self) {
        self.totals.keys += 1;
        let number = self.rng.next_u64();
        let bytes = std::array::from_fn(|at| (number >> (at % 8 * 8)) as u8 ^ at as u8);
        let key = AuthKey::new(bytes);
        self.log(|| format!("a temporary key: {:x}", key.id()));
        let expires_at = self.server_now().since_epoch() + LIFETIME;
        self.server.add_key(key.clone(), false, expires_at);
        let client_now = self.client_now();
        self.client.temporary_key(key, client_now, &mut self.rng);
    }

    fn cut(&mut self, number: u32) {
        if self.links.remove(&number).is_some() {
            self.totals.cuts += 1;
            self.server.disconnected(number);
            self.log(|| format!("connection {number} is cut"));
            let longest = if self.is_storm() { 40_000 } else { 1_000 };
            self.plan_within(longest, Action::Connect);
        }
    }

    /// The client ends, and begins again with what it has stored.
    fn restart(&mut self) {
        let Client::OneKey(session) = &mut self.client else {
            return;
        };
        let stored = session.export().to_bytes();
        let state = ClientState::from_bytes(&stored).expect("what was stored");
        self.log(|| format!("the client restarts with {state:?}"));
        self.totals.restarts += 1;
        self.restarts += 1;
        // What was not acknowledged comes again, as it should: nobody knows how far its handling had got.
        self.updates.clear();
        for call in self.calls.values_mut() {
            if call.outcome.is_none() {
                self.totals.abandoned += 1;
                call.outcome = Some(Outcome::Abandoned);
            }
        }
        let (config, now) = (self.server.config.clone(), self.client_now());
        let mut session = Session::client(config, key(), &state, now, &mut self.rng);
        session.set_version(self.version);
        self.client = Client::one_key(session);
        let links: Vec<u32> = self.links.keys().copied().collect();
        links.into_iter().for_each(|link| self.cut(link));
    }

    fn fault(&mut self) {
        if !self.is_storm() {
            if self.chance(50) {
                self.log(|| "the client's clock is set right".into());
                self.stands_at = UnixTime::default();
                self.skew = self.server_skew;
            }
            return;
        }
        match self.rng.next_u32() % 16 {
            0..6 => {
                let at = self.rng.next_u32() as usize % self.links.len().max(1);
                if let Some(link) = self.links.keys().nth(at).copied() {
                    self.cut(link);
                }
            }
            6 => {
                // As of a machine that sleeps, with a clock that does not count it: it never jumps.
                self.totals.pauses += 1;
                self.stands_at = self.client_now();
                self.skew -= 100 + i64::from(self.rng.next_u32() % 200);
                self.log(|| format!("the client's clock stands still, to be {} s off", self.skew));
            }
            7..10 => {
                self.stands_at = UnixTime::default();
                self.totals.jumps += 1;
                self.skew =
                    [-10_000, -400, -5, 0, 5, 90, 400, 10_000][self.rng.next_u32() as usize % 8];
                self.log(|| format!("the client's clock is {} s off", self.skew));
            }
            10 if self.server_skew == 0 => {
                self.totals.server_jumps += 1;
                // Never back: its messages could not be told from those of before.
                self.server_skew = [20, 400, 10_000][self.rng.next_u32() as usize % 3];
                self.log(|| format!("the server's clock is {} s off", self.server_skew));
            }
            11 => self.restart(),
            12..14 => {
                self.totals.forgotten += 1;
                let with_keys = self.chance(30);
                self.log(|| format!("the server forgets its sessions, and keys: {with_keys}"));
                self.server.forget(with_keys);
            }
            _ => {}
        }
        self.plan_within(60_000, Action::Fault);
    }

    fn invoke(&mut self) {
        for _ in 0..(1 + self.rng.next_u32() % 5).min(self.to_invoke) {
            let number = self.last_number + 1;
            let mut options = InvokeOptions::default();
            let of_this_run = |(restarts, handle): &(u32, Handle)| {
                (*restarts == self.restarts).then_some(*handle)
            };
            let older = self.calls.keys().rev().map_while(of_this_run).take(4);
            let older: Vec<Handle> = older.collect();
            if self.chance(40) {
                let count = 1 + self.rng.next_u32() as usize % 2;
                options.after = older.into_iter().take(count).collect();
            }
            options.quick_ack = self.chance(10);
            let mut body = object(number);
            if self.chance(3) {
                body.resize(2000, 2);
            }
            let after = options.after.clone();
            let handle = match self.client.invoke(body, options) {
                Ok(handle) => handle,
                Err(InvokeError::NoKey) => break,
                Err(error) => panic!("{error}"),
            };
            self.log(|| format!("call {number} is {handle:?} after {after:?}"));
            (self.last_number, self.to_invoke) = (number, self.to_invoke - 1);
            self.totals.calls += 1;
            let call = Call {
                number,
                after,
                outcome: None,
            };
            self.calls.insert((self.restarts, handle), call);
            if self.chance(3) {
                self.cancel();
            }
        }
        if self.to_invoke > 0 {
            // Up to the end of the storm, and a little longer: what fails then is not healed by the next fault.
            self.plan_within(100_000, Action::Invoke);
        }
    }

    /// Cancels any call that is open.
    fn cancel(&mut self) {
        let at = self.rng.next_u32() as usize % self.open().len().max(1);
        let mut open = self
            .calls
            .iter_mut()
            .filter(|(_, call)| call.outcome.is_none());
        let Some(((_, handle), call)) = open.nth(at) else {
            return;
        };
        // A result of it may just wait to be fetched.
        if self.client.cancel(*handle) {
            call.outcome = Some(Outcome::Cancelled);
            self.totals.cancelled += 1;
        }
    }

    fn update(&mut self) {
        let (body, at) = (object(self.rng.next_u32()), self.rng.next_u32() as usize);
        let sessions = self.server.sessions.len().max(1);
        if let Some(peer) = self.server.sessions.values_mut().nth(at % sessions) {
            // It may have too many already.
            let _ = peer.session.send_update(body);
        }
        if self.is_storm() {
            self.plan_within(60_000, Action::Update);
        }
    }
}

/// The network, and what the client is told.
impl Simulation {
    /// Sends what is to be sent, and looks at what happened.
    fn flush(&mut self) {
        while let Some(event) = self.client.poll_event() {
            self.on_event(event);
        }
        let ids: Vec<Id> = self.server.sessions.keys().copied().collect();
        for id in &ids {
            let (running, to_close) = self.server.collect(*id);
            for call in running {
                self.plan_within(3_000, Action::Respond(call));
            }
            to_close.into_iter().for_each(|link| self.cut(link));
        }
        let (client_now, now) = (self.client_now(), self.server_now());
        let mut packet = Vec::new();
        let ready = self.links.iter().filter(|(_, link)| link.is_ready());
        let ready: Vec<u32> = ready.map(|(number, _)| *number).collect();
        while !ready.is_empty()
            && let Some(transmit) = self.client.poll_transmit(client_now, &mut packet)
        {
            let link = ready[self.rng.next_u32() as usize % ready.len()];
            self.totals.second_connection += u64::from(link != ready[0]);
            let quick_ack = transmit.quick_ack_token.is_some();
            let packet = std::mem::take(&mut packet);
            self.transmit(link, Way::Up, packet, quick_ack);
        }
        for id in ids {
            while let Some(Peer { session, links }) = self.server.sessions.get_mut(&id)
                && !links.is_empty()
                && session.poll_transmit(now, &mut packet).is_some()
            {
                let at = self.rng.next_u32() as usize % links.len();
                let link = links.iter().nth(at).copied().expect("there is one");
                self.transmit(link, Way::Down, std::mem::take(&mut packet), false);
            }
        }
        for (number, link) in &mut self.links {
            for way in [Way::Up, Way::Down] {
                if let Some(delay) = link.next_piece(way, &mut self.rng) {
                    self.last_action += 1;
                    let action = Action::Arrive { link: *number, way };
                    self.actions
                        .insert((self.now + delay, self.last_action), action);
                }
            }
        }
    }

    /// Loses, repeats, damages and delays a packet on its way to a connection.
    fn transmit(&mut self, link: u32, way: Way, packet: Vec<u8>, quick_ack: bool) {
        self.totals.packets += 1;
        let is_storm = self.is_storm();
        if is_storm && self.chance(10) {
            return self.log(|| format!("lost on its way: {way:?}"));
        }
        let mut copies = vec![packet];
        if is_storm && self.chance(5) {
            copies.push(copies[0].clone());
        }
        if is_storm && self.chance(2) {
            // Behind the id of the key: of an unknown one a server says so.
            let at = 8 + self.rng.next_u32() as usize % (copies[0].len() - 8);
            copies[0][at] ^= 1 << (self.rng.next_u32() % 8);
        }
        for packet in copies {
            let millis = match self.rng.next_u32() % 10 {
                0 if is_storm => u64::from(self.rng.next_u32() % 9_000),
                _ => 20 + u64::from(self.rng.next_u32() % 200),
            };
            let what = Sent::Packet { packet, quick_ack };
            self.plan(millis, Action::Send { link, way, what });
        }
    }

    fn on_event(&mut self, event: Event) {
        self.log(|| format!("client: {event:?}"));
        let (handle, outcome) = match event {
            Event::Result { handle, body } => {
                let number = self.calls[&(self.restarts, handle)].number as i32;
                assert_eq!((id_of(&body), int(&body[4..])), (0x1234_5678, number));
                self.totals.results += 1;
                (handle, Outcome::Result)
            }
            Event::Error { handle, error } => {
                assert!(
                    error.code == 420 || error.message.starts_with("MSG_WAIT"),
                    "{error}"
                );
                self.totals.errors += 1;
                (handle, Outcome::Error)
            }
            Event::Failed { handle, .. } => {
                self.totals.failed += 1;
                (handle, Outcome::Failed)
            }
            Event::Unresponsive => {
                let links: Vec<u32> = self.links.keys().copied().collect();
                return links.into_iter().for_each(|link| self.cut(link));
            }
            Event::TemporaryKeyWanted => return self.plan_within(3_000, Action::Key),
            Event::PermanentKeyInvalid => panic!("nothing was said against the permanent key"),
            Event::Update { body, .. } => {
                assert!(self.updates.insert(body), "an update comes twice");
                return self.totals.updates += 1;
            }
            Event::NewSession { .. } => return self.totals.new_sessions += 1,
            Event::Gap => return self.totals.gaps += 1,
            _ => return,
        };
        let call = self
            .calls
            .get_mut(&(self.restarts, handle))
            .expect("it was called");
        assert_eq!(call.outcome, None, "{handle:?} has two outcomes");
        call.outcome = Some(outcome);
    }
}

/// The time of a clock that is so many seconds off.
fn shifted(time: Duration, secs: i64) -> UnixTime {
    let distance = Duration::from_secs(secs.unsigned_abs());
    UnixTime::from(match secs >= 0 {
        true => time + distance,
        false => time - distance,
    })
}
