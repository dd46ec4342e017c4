//! A client and a server over a network that loses, repeats, reorders, splits and delays packets and cuts connections, while
//! clocks jump, salts and keys change and the server forgets sessions.
//!
//! Every run is determined by its seed. `SIMULATION_SEEDS=10000` runs more of them, `SIMULATION_SEED=7` one, with a log.

mod client;
mod server;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::session::{
    ClientState, Config, Event, Handle, InvokeError, InvokeOptions, Session, SessionError,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use self::client::{Client, LIFETIME};
use self::server::{Id, Received, Running, Server};
use crate::support::{id_of, int, key, object, rng};

const START: Duration = Duration::from_secs(1_750_000_000);
/// How long faults go on.
const STORM: Duration = Duration::from_secs(900);
/// How long after that everything has to be done.
const CALM: Duration = Duration::from_secs(3600);

#[test]
fn every_call_is_answered_once_or_reported_failed_and_in_order() {
    if let Some(seed) = variable("SIMULATION_SEED") {
        return Simulation::new(seed, true).run();
    }
    let mut totals = Totals::default();
    for seed in 0..variable("SIMULATION_SEEDS").unwrap_or(500) {
        let outcome = std::panic::catch_unwind(|| {
            let mut simulation = Simulation::new(seed, false);
            simulation.run();
            simulation.totals
        });
        match outcome {
            Ok(more) => totals.add(&more),
            Err(panic) => {
                eprintln!("seed {seed} fails: replay it with SIMULATION_SEED={seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{totals:?}");
    // The network was as bad as it should be, and all that was to be provoked was provoked.
    assert!(
        totals.calls > 1000 && totals.results > totals.calls / 2,
        "{totals:?}"
    );
    for (what, count) in [
        ("new sessions", totals.new_sessions),
        ("gaps", totals.gaps),
        ("keys", totals.keys),
        ("unknown keys", totals.unknown_keys),
        ("cuts", totals.cuts),
        ("jumps", totals.jumps),
        ("forgotten sessions", totals.forgotten),
        ("errors", totals.errors),
        ("updates", totals.updates),
        ("refusals", totals.refusals),
    ] {
        assert!(count > 10, "too few {what}: {totals:?}");
    }
    assert!(
        totals.failed * 50 < totals.calls,
        "too many calls fail: {totals:?}"
    );
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Counts what happened.
macro_rules! totals {
    ($($name:ident)+) => {
        #[derive(Debug, Default)]
        struct Totals { $($name: u64,)+ }

        impl Totals {
            fn add(&mut self, more: &Self) {
                $(self.$name += more.$name;)+
            }
        }
    };
}

totals! {
    calls results errors failed executions updates new_sessions gaps keys unknown_keys cuts jumps forgotten packets
    refusals
}

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
}

/// What is going to happen.
enum Action {
    /// A packet arrives, if its connection still stands.
    Up {
        connection: u32,
        packet: Vec<u8>,
    },
    Down {
        connection: u32,
        packet: Vec<u8>,
    },
    UnknownKey {
        connection: u32,
    },
    Respond(Running),
    /// A handshake is done.
    Key,
    Reconnect,
    Fault,
    Invoke,
    Update,
}

struct Simulation {
    rng: ChaCha20Rng,
    verbose: bool,
    /// The true time, which is the server's.
    now: Duration,
    /// How far the client's clock is off, in seconds.
    skew: i64,
    client: Client,
    server: Server,
    actions: BTreeMap<(Duration, u64), Action>,
    last_action: u64,
    connection: u32,
    is_connected: bool,
    calls: BTreeMap<Handle, Call>,
    last_number: u32,
    to_invoke: u32,
    updates: HashSet<Vec<u8>>,
    totals: Totals,
}

/// The world.
impl Simulation {
    fn new(seed: u64, verbose: bool) -> Self {
        let mut rng = rng(seed);
        let mut config = Config::default();
        config.max_container_messages = [1, 2, 5, 1020][rng.next_u32() as usize % 4];
        config.future_salts = [0, 1, 8][rng.next_u32() as usize % 3];
        config.max_attempts = 16;
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
                Client::one_key(Session::client(config, key(), &state, client_now, &mut rng))
            }
        };
        let mut simulation = Self {
            verbose,
            now: START,
            skew,
            client,
            server,
            actions: BTreeMap::new(),
            last_action: 0,
            connection: 0,
            is_connected: true,
            calls: BTreeMap::new(),
            last_number: 0,
            to_invoke: 20 + rng.next_u32() % 40,
            updates: HashSet::new(),
            totals: Totals::default(),
            rng,
        };
        simulation.plan(0, Action::Invoke);
        simulation.plan(5_000, Action::Fault);
        simulation.plan(20_000, Action::Update);
        simulation
    }

    fn run(&mut self) {
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
                    .for_each(|session| session.handle_timeout(now));
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
        let of_sessions = self.server.sessions.values().map(Session::pending);
        for (pending, bytes) in of_sessions.chain([self.client.pending()]) {
            assert!(
                pending <= 400 && bytes < 1 << 20,
                "{pending} messages, {bytes} bytes"
            );
        }
    }

    /// No call was started before those it comes after were answered for the first time.
    fn check_order(&self) {
        for call in self.calls.values() {
            for before in call.after.iter().map(|before| &self.calls[before]) {
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
        shifted(self.now, self.skew)
    }

    fn server_now(&self) -> UnixTime {
        UnixTime::from(self.now)
    }

    /// When the first timer fires, in true time.
    fn timer(&self) -> Option<Duration> {
        let of_client = self
            .client
            .poll_timeout()
            .map(|at| self.now + at.since(self.client_now()));
        let of_server = self
            .server
            .sessions
            .values()
            .filter_map(Session::poll_timeout)
            .min();
        [of_client, of_server.map(UnixTime::since_epoch)]
            .into_iter()
            .flatten()
            .min()
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

    #[expect(clippy::print_stdout, reason = "the log of a replay")]
    fn log(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            println!("{:9.3} {}", (self.now - START).as_secs_f64(), what());
        }
    }
}

/// What happens.
impl Simulation {
    fn act(&mut self, action: Action) {
        let (client_now, now) = (self.client_now(), self.server_now());
        match action {
            Action::Up {
                connection,
                mut packet,
            } if connection == self.connection => {
                match self.server.receive(now, &mut packet, &mut self.rng) {
                    Received::Message(outcome) => self.count("server", outcome),
                    Received::UnknownKey => self.plan(100, Action::UnknownKey { connection }),
                }
            }
            Action::Down {
                connection,
                mut packet,
            } if connection == self.connection => {
                let outcome = self.client.handle_input(client_now, &mut packet);
                self.count("client", outcome);
            }
            Action::UnknownKey { connection } if connection == self.connection => {
                self.totals.unknown_keys += 1;
                self.log(|| "-404".into());
                self.client.handle_transport_error(client_now, -404);
                self.cut();
            }
            Action::Up { .. } | Action::Down { .. } | Action::UnknownKey { .. } => {}
            Action::Respond(call) => self.server.respond(call, &mut self.rng),
            Action::Key => self.give_key(),
            Action::Reconnect => {
                self.is_connected = true;
                self.log(|| "reconnect".into());
                self.client.reconnected(client_now);
                self.server
                    .sessions
                    .values_mut()
                    .for_each(|session| session.reconnected(now));
            }
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
        self.server.add_key(key.clone(), false, self.now + LIFETIME);
        let client_now = self.client_now();
        self.client.temporary_key(key, client_now, &mut self.rng);
    }

    fn cut(&mut self) {
        if self.is_connected {
            self.totals.cuts += 1;
            self.connection += 1;
            self.is_connected = false;
            self.log(|| "cut".into());
            let longest = if self.is_storm() { 40_000 } else { 1_000 };
            self.plan_within(longest, Action::Reconnect);
        }
    }

    fn fault(&mut self) {
        if !self.is_storm() {
            self.log(|| "the client's clock is set right".into());
            self.skew = 0;
            return;
        }
        match self.rng.next_u32() % 8 {
            0..3 => self.cut(),
            3..5 => {
                self.totals.jumps += 1;
                self.skew =
                    [-10_000, -400, -5, 0, 5, 90, 400, 10_000][self.rng.next_u32() as usize % 8];
                self.log(|| format!("the client's clock is {} s off", self.skew));
            }
            5 => {
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
            let older: Vec<Handle> = self.calls.keys().rev().take(4).copied().collect();
            if self.chance(40) {
                let count = 1 + self.rng.next_u32() as usize % 2;
                options.after = older.into_iter().take(count).collect();
            }
            options.quick_ack = self.chance(10);
            let mut body = object(number);
            if self.chance(10) {
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
            self.calls.insert(handle, call);
        }
        if self.to_invoke > 0 {
            self.plan_within(45_000, Action::Invoke);
        }
    }

    fn update(&mut self) {
        let (body, at) = (object(self.rng.next_u32()), self.rng.next_u32() as usize);
        let sessions = self.server.sessions.len().max(1);
        if let Some(session) = self.server.sessions.values_mut().nth(at % sessions) {
            // It may have too many already.
            let _ = session.send_update(body);
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
            for call in self.server.collect(*id) {
                self.plan_within(3_000, Action::Respond(call));
            }
        }
        if !self.is_connected {
            return;
        }
        let (client_now, now) = (self.client_now(), self.server_now());
        let mut packet = Vec::new();
        while self.client.poll_transmit(client_now, &mut packet) {
            self.transmit(true, std::mem::take(&mut packet));
        }
        for id in ids {
            while let Some(session) = self.server.sessions.get_mut(&id)
                && session.poll_transmit(now, &mut packet).is_some()
            {
                self.transmit(false, std::mem::take(&mut packet));
            }
        }
    }

    fn transmit(&mut self, is_up: bool, packet: Vec<u8>) {
        self.totals.packets += 1;
        let is_storm = self.is_storm();
        if is_storm && self.chance(10) {
            self.log(|| format!("lost, on its way up: {is_up}"));
            return;
        }
        let mut copies = vec![packet];
        if is_storm && self.chance(5) {
            copies.push(copies[0].clone());
        }
        if is_storm && self.chance(2) {
            // Half of a packet has another key id, which a server answers with an error: only the first half goes up.
            let half = copies[0].len() / 2;
            let right = copies[0].split_off(half);
            copies.extend((!is_up).then_some(right));
        }
        for packet in copies {
            let millis = match self.rng.next_u32() % 10 {
                0 if is_storm => u64::from(self.rng.next_u32() % 9_000),
                _ => 20 + u64::from(self.rng.next_u32() % 200),
            };
            let connection = self.connection;
            let action = match is_up {
                true => Action::Up { connection, packet },
                false => Action::Down { connection, packet },
            };
            self.plan(millis, action);
        }
    }

    fn on_event(&mut self, event: Event) {
        self.log(|| format!("client: {event:?}"));
        let (handle, outcome) = match event {
            Event::Result { handle, body } => {
                let number = self.calls[&handle].number as i32;
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
        let call = self.calls.get_mut(&handle).expect("it was called");
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
