//! A client and a server over a network that loses, repeats, reorders, splits and delays packets and cuts connections, while
//! clocks jump, salts change and the server forgets sessions.
//!
//! Every run is determined by its seed. `SIMULATION_SEEDS=10000` runs more of them, `SIMULATION_SEED=7` one, with a log.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::session::{
    ClientState, Config, Event, Handle, InvokeOptions, RpcError, ServerSalts, Session,
    SessionError, Version, envelope,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use crate::support::{id_of, int, key, object, rng};

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
    for seed in 0..variable("SIMULATION_SEEDS").unwrap_or(200) {
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

#[derive(Debug, Default)]
struct Totals {
    calls: u64,
    results: u64,
    errors: u64,
    failed: u64,
    executions: u64,
    updates: u64,
    new_sessions: u64,
    gaps: u64,
    cuts: u64,
    jumps: u64,
    forgotten: u64,
    packets: u64,
    refusals: u64,
}

impl Totals {
    fn add(&mut self, more: &Self) {
        for (total, more) in [
            (&mut self.calls, more.calls),
            (&mut self.results, more.results),
            (&mut self.errors, more.errors),
            (&mut self.failed, more.failed),
            (&mut self.executions, more.executions),
            (&mut self.updates, more.updates),
            (&mut self.new_sessions, more.new_sessions),
            (&mut self.gaps, more.gaps),
            (&mut self.cuts, more.cuts),
            (&mut self.jumps, more.jumps),
            (&mut self.forgotten, more.forgotten),
            (&mut self.packets, more.packets),
            (&mut self.refusals, more.refusals),
        ] {
            *total += more;
        }
    }
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
    ToServer {
        connection: u32,
        packet: Vec<u8>,
    },
    ToClient {
        connection: u32,
        packet: Vec<u8>,
    },
    Respond {
        session_id: i64,
        msg_id: i64,
        number: u32,
    },
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
    client: Session,
    servers: HashMap<i64, Session>,
    salts: ServerSalts,
    config: Config,
    actions: BTreeMap<(Duration, u64), Action>,
    next_action: u64,
    connection: u32,
    is_connected: bool,
    calls: BTreeMap<Handle, Call>,
    /// When a call with that number was started and answered for the first time, by the server's count of events.
    started: HashMap<u32, u64>,
    finished: HashMap<u32, u64>,
    moment: u64,
    last_number: u32,
    to_invoke: u32,
    updates: HashSet<i64>,
    totals: Totals,
}

impl Simulation {
    fn new(seed: u64, verbose: bool) -> Self {
        let mut rng = rng(seed);
        let now = Duration::from_secs(1_750_000_000);
        let mut config = Config::default();
        config.max_container_messages = [1, 2, 5, 1020][rng.next_u32() as usize % 4];
        config.future_salts = [0, 1, 8][rng.next_u32() as usize % 3];
        config.max_attempts = 16;
        let skew = [0, 0, 5, -20, 7200, -7200][rng.next_u32() as usize % 6];
        let client_now = UnixTime::from(now).after(Duration::ZERO);
        let state = match rng.next_u32() % 2 {
            0 => ClientState::default(),
            _ => ClientState::from_handshake(3, -skew, shifted(client_now, skew)),
        };
        let client = Session::client(
            config.clone(),
            key(),
            &state,
            shifted(client_now, skew),
            &mut rng,
        );
        let mut simulation = Self {
            verbose,
            now,
            skew,
            client,
            servers: HashMap::new(),
            salts: ServerSalts::new([4; 32], Duration::from_secs(100)),
            config,
            actions: BTreeMap::new(),
            next_action: 0,
            connection: 0,
            is_connected: true,
            calls: BTreeMap::new(),
            started: HashMap::new(),
            finished: HashMap::new(),
            moment: 0,
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
        let end = self.now + STORM + CALM;
        let mut steps = 0;
        self.flush();
        while !self.is_done() {
            steps += 1;
            assert!(steps < 1_000_000, "it does not come to an end");
            let timers = [self.client_timeout(), self.server_timeout()];
            let timer = timers.into_iter().flatten().min();
            let action = self.actions.keys().next().map(|(at, _)| *at);
            let next = timer
                .into_iter()
                .chain(action)
                .min()
                .expect("something goes on");
            self.now = self.now.max(next);
            assert!(
                self.now < end,
                "these calls have no outcome: {:?}",
                self.open()
            );
            if action == Some(next) {
                let (_, action) = self.actions.pop_first().expect("it is there");
                self.act(action);
            } else {
                let (client_now, now) = (self.client_now(), self.server_now());
                self.client.handle_timeout(client_now);
                for server in self.servers.values_mut() {
                    server.handle_timeout(now);
                }
            }
            self.flush();
            let (pending, bytes) = self.client.pending();
            assert!(
                pending <= 200 && bytes < 1 << 20,
                "{pending} messages, {bytes} bytes"
            );
            for server in self.servers.values() {
                let (pending, bytes) = server.pending();
                assert!(
                    pending <= 400 && bytes < 1 << 20,
                    "{pending} messages, {bytes} bytes"
                );
            }
        }
        self.check_order();
    }

    fn is_done(&self) -> bool {
        self.to_invoke == 0
            && self.open().is_empty()
            && self.now > Duration::from_secs(1_750_000_000) + STORM
    }

    fn open(&self) -> Vec<&Call> {
        self.calls
            .values()
            .filter(|call| call.outcome.is_none())
            .collect()
    }

    /// No call was started before those it comes after were answered for the first time.
    fn check_order(&self) {
        for call in self.calls.values() {
            for before in &call.after {
                let before = &self.calls[before];
                if before.outcome != Some(Outcome::Result) {
                    continue;
                }
                let finished = self.finished[&before.number];
                let started = self.started.get(&call.number).copied().unwrap_or(u64::MAX);
                assert!(finished < started, "{call:?} did not wait for {before:?}");
            }
        }
    }

    fn client_now(&self) -> UnixTime {
        shifted(UnixTime::from(self.now), self.skew)
    }

    fn server_now(&self) -> UnixTime {
        UnixTime::from(self.now)
    }

    /// The client's timer in true time.
    fn client_timeout(&self) -> Option<Duration> {
        let at = self.client.poll_timeout()?;
        Some(self.now + at.since(self.client_now()))
    }

    fn server_timeout(&self) -> Option<Duration> {
        let at = self
            .servers
            .values()
            .filter_map(Session::poll_timeout)
            .min()?;
        Some(self.now.max(at.since_epoch()))
    }

    fn plan(&mut self, millis: u64, action: Action) {
        self.next_action += 1;
        let at = self.now + Duration::from_millis(millis);
        self.actions.insert((at, self.next_action), action);
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.next_u32() % 100 < percent
    }

    fn is_storm(&self) -> bool {
        self.now < Duration::from_secs(1_750_000_000) + STORM
    }

    fn log(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            println!(
                "{:9.3} {}",
                (self.now - Duration::from_secs(1_750_000_000)).as_secs_f64(),
                what()
            );
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::ToServer { connection, packet } if connection == self.connection => {
                self.to_server(packet)
            }
            Action::ToClient {
                connection,
                mut packet,
            } if connection == self.connection => {
                let now = self.client_now();
                let outcome = self.client.handle_input(now, &mut packet);
                self.log(|| format!("client gets {outcome:?}"));
                self.count(outcome);
            }
            Action::ToServer { .. } | Action::ToClient { .. } => {}
            Action::Respond {
                session_id,
                msg_id,
                number,
            } => self.respond(session_id, msg_id, number),
            Action::Reconnect => {
                self.is_connected = true;
                self.log(|| "reconnect".into());
                let (client_now, now) = (self.client_now(), self.server_now());
                self.client.reconnected(client_now);
                for server in self.servers.values_mut() {
                    server.reconnected(now);
                }
            }
            Action::Fault => self.fault(),
            Action::Invoke => self.invoke(),
            Action::Update => {
                let id = self.rng.next_u32();
                let at = self.rng.next_u32() as usize;
                let mut ids: Vec<i64> = self.servers.keys().copied().collect();
                ids.sort_unstable();
                if let Some(session_id) = ids.get(at % ids.len().max(1)) {
                    let server = self.servers.get_mut(session_id).expect("it is there");
                    let _ = server.send_update(object(id));
                }
                if self.is_storm() {
                    let millis = u64::from(self.rng.next_u32() % 60_000);
                    self.plan(millis, Action::Update);
                }
            }
        }
    }

    /// The server's side of the wire: which session it is shows only inside.
    fn to_server(&mut self, mut packet: Vec<u8>) {
        let now = self.server_now();
        let Ok(opened) = envelope::open(&key(), Side::Client, Version::V2, &mut packet) else {
            return;
        };
        let session_id = opened.session_id;
        if !self.servers.contains_key(&session_id) {
            let config = self.config.clone();
            let server = Session::server(
                config,
                key(),
                session_id,
                self.salts.clone(),
                now,
                &mut self.rng,
            );
            self.servers.insert(session_id, server);
        }
        let server = self.servers.get_mut(&session_id).expect("it is there");
        let outcome = server.handle_message(now, &opened);
        self.log(|| format!("server {session_id:x} gets {outcome:?}"));
        self.count(outcome);
    }

    fn count(&mut self, outcome: Result<(), SessionError>) {
        if let Err(error) = outcome {
            self.totals.refusals += 1;
            let is_network = matches!(error, SessionError::Envelope(_));
            assert!(
                !error.is_hostile() || is_network,
                "nobody broke a rule: {error}"
            );
        }
    }

    fn respond(&mut self, session_id: i64, msg_id: i64, number: u32) {
        self.moment += 1;
        let fails = self.chance(5);
        let is_long = self.chance(10);
        let Some(server) = self.servers.get_mut(&session_id) else {
            return;
        };
        let outcome = match fails {
            true => server.respond_error(msg_id, &RpcError::new(420, "FLOOD_WAIT_3")),
            false if is_long => {
                let mut body = object(number);
                body.resize(3000, 1);
                server.respond(msg_id, body)
            }
            false => server.respond(msg_id, object(number)),
        };
        // A call of a session that was forgotten and created anew is not known there.
        if outcome.is_ok() && !fails {
            self.finished.entry(number).or_insert(self.moment);
        }
    }

    fn fault(&mut self) {
        if !self.is_storm() {
            if self.skew != 0 {
                self.log(|| "the client's clock is set right".into());
                self.skew = 0;
            }
            return;
        }
        match self.rng.next_u32() % 8 {
            0..3 if self.is_connected => {
                self.totals.cuts += 1;
                self.connection += 1;
                self.is_connected = false;
                self.log(|| "cut".into());
                let millis = u64::from(self.rng.next_u32() % 40_000);
                self.plan(millis, Action::Reconnect);
            }
            3..5 => {
                self.totals.jumps += 1;
                self.skew =
                    [-10_000, -400, -5, 0, 5, 90, 400, 10_000][self.rng.next_u32() as usize % 8];
                self.log(|| format!("the client's clock is {} s off", self.skew));
            }
            5 => {
                self.totals.forgotten += 1;
                self.log(|| "the server forgets".into());
                self.servers.clear();
            }
            _ => {}
        }
        let millis = u64::from(self.rng.next_u32() % 60_000);
        self.plan(millis, Action::Fault);
    }

    fn invoke(&mut self) {
        let count = 1 + self.rng.next_u32() % 5;
        for _ in 0..count.min(self.to_invoke) {
            self.to_invoke -= 1;
            self.last_number += 1;
            let number = self.last_number;
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
            let handle = self
                .client
                .invoke_raw(body, options)
                .expect("there is room");
            self.log(|| format!("call {number} is {handle:?} after {after:?}"));
            self.totals.calls += 1;
            let call = Call {
                number,
                after,
                outcome: None,
            };
            self.calls.insert(handle, call);
        }
        if self.to_invoke > 0 {
            let millis = u64::from(self.rng.next_u32() % 45_000);
            self.plan(millis, Action::Invoke);
        }
    }

    /// Sends what is to be sent, and looks at what happened.
    fn flush(&mut self) {
        while let Some(event) = self.client.poll_event() {
            self.client_event(event);
        }
        let mut ids: Vec<i64> = self.servers.keys().copied().collect();
        ids.sort_unstable();
        for session_id in &ids {
            while let Some(event) = self
                .servers
                .get_mut(session_id)
                .and_then(Session::poll_event)
            {
                self.server_event(*session_id, event);
            }
        }
        if !self.is_connected {
            return;
        }
        let (client_now, now) = (self.client_now(), self.server_now());
        let mut packet = Vec::new();
        while self.client.poll_transmit(client_now, &mut packet).is_some() {
            self.transmit(true, std::mem::take(&mut packet));
        }
        for session_id in ids {
            while let Some(server) = self.servers.get_mut(&session_id)
                && server.poll_transmit(now, &mut packet).is_some()
            {
                self.transmit(false, std::mem::take(&mut packet));
            }
        }
    }

    fn transmit(&mut self, is_to_server: bool, packet: Vec<u8>) {
        self.totals.packets += 1;
        let is_storm = self.is_storm();
        if is_storm && self.chance(10) {
            self.log(|| format!("lost, to server: {is_to_server}"));
            return;
        }
        let mut copies = vec![packet];
        if is_storm && self.chance(5) {
            copies.push(copies[0].clone());
        }
        if is_storm && self.chance(2) {
            let half = copies[0].len() / 2;
            let (left, right) = copies[0].split_at(half);
            copies = vec![left.to_vec(), right.to_vec()];
        }
        for packet in copies {
            let millis = match self.rng.next_u32() % 10 {
                0 if is_storm => u64::from(self.rng.next_u32() % 9_000),
                _ => 20 + u64::from(self.rng.next_u32() % 200),
            };
            let connection = self.connection;
            let action = match is_to_server {
                true => Action::ToServer { connection, packet },
                false => Action::ToClient { connection, packet },
            };
            self.plan(millis, action);
        }
    }

    fn client_event(&mut self, event: Event) {
        self.log(|| format!("client: {event:?}"));
        let (handle, outcome) = match event {
            Event::Result { handle, body } => {
                let call = &self.calls[&handle];
                assert_eq!(
                    (id_of(&body), int(&body[4..])),
                    (0x1234_5678, call.number as i32)
                );
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
            Event::Update { msg_id, .. } => {
                self.totals.updates += 1;
                assert!(self.updates.insert(msg_id), "an update comes twice");
                return;
            }
            Event::NewSession { .. } => {
                self.totals.new_sessions += 1;
                return;
            }
            Event::Gap => {
                self.totals.gaps += 1;
                return;
            }
            _ => return,
        };
        let call = self.calls.get_mut(&handle).expect("it was called");
        assert_eq!(call.outcome, None, "{handle:?} has two outcomes");
        call.outcome = Some(outcome);
    }

    fn server_event(&mut self, session_id: i64, event: Event) {
        self.log(|| format!("server {session_id:x}: {event:?}"));
        self.moment += 1;
        match event {
            Event::Call { msg_id, body } => {
                assert_eq!(id_of(&body), 0x1234_5678, "the call is not what was called");
                let number = int(&body[4..]) as u32;
                self.totals.executions += 1;
                self.started.entry(number).or_insert(self.moment);
                let millis = u64::from(self.rng.next_u32() % 3_000);
                self.plan(
                    millis,
                    Action::Respond {
                        session_id,
                        msg_id,
                        number,
                    },
                );
            }
            Event::DestroySession {
                msg_id,
                session_id: other,
            } => {
                let body = match self.servers.remove(&other) {
                    Some(_) => 0xe220_45fc_u32,
                    None => 0x62d3_50c9,
                };
                let mut answer = body.to_le_bytes().to_vec();
                answer.extend(other.to_le_bytes());
                if let Some(server) = self.servers.get_mut(&session_id) {
                    let _ = server.respond(msg_id, answer);
                }
            }
            _ => {}
        }
    }
}

fn shifted(time: UnixTime, secs: i64) -> UnixTime {
    let distance = Duration::from_secs(secs.unsigned_abs());
    match secs >= 0 {
        true => time.after(distance),
        false => UnixTime::from(time.since_epoch() - distance),
    }
}
