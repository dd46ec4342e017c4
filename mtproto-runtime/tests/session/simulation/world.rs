//! The world of a simulation: what stands in it, what is going to happen, and what must hold.

mod calls;
mod delivery;
mod faults;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::session::{ClientState, Config, Handle, Session, SessionError, Version};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use super::client::{Client, LIFETIME};
use super::network::{Link, Sent, Way};
use super::server::{Running, Server};
use super::{Totals, log};
use crate::support::{key, rng};

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
}

/// The time of a clock that is so many seconds off.
fn shifted(time: Duration, secs: i64) -> UnixTime {
    let distance = Duration::from_secs(secs.unsigned_abs());
    UnixTime::from(match secs >= 0 {
        true => time + distance,
        false => time - distance,
    })
}
