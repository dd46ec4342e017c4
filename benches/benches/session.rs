//! Bare sessions: messages sent and received, against grammers-mtproto in the same run.
//!
//! Both clients talk to a server of ours, which is not measured: it opens what they send, calls what it finds, and seals the
//! answers. So both sides do all of the work: numbers, salts, acknowledgments, containers, encryption. Ours besides that
//! remembers what it sent until it is answered, and refuses what is old or came twice, which theirs leaves to others. Ours is
//! told the time, once for a row of packets as drivers do; theirs reads the clock for each that it sends. What the server found
//! and what the clients made of its answers is compared in every round.
//!
//! `cargo bench --no-default-features --features session --bench session` compares times. With arguments it does one thing and
//! nothing else, for `valgrind --tool=callgrind --toggle-collect='*::send_all'` (or `receive_all`): `session ours result 64 100`.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use grammers_crypto::DequeBuffer;
use grammers_mtproto::mtp::{Deserialization, Encrypted, Mtp};
use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::session::envelope::{self, Version};
use mtproto_runtime::session::{ClientState, Config, Event, InvokeOptions, ServerSalts, Session};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};
use tl_benches::verdict;

/// In each group the fastest round counts, of the groups the median: what else runs on the machine then weighs least.
const GROUPS: usize = 25;
const ROUNDS: usize = 20;

/// What is measured.
#[derive(Clone, Copy)]
struct Work {
    name: &'static str,
    /// How many bytes each body has.
    len: usize,
    /// How many packets go each way in a round.
    packets: usize,
    /// How many messages are in each.
    messages: usize,
    /// Whether the server answers calls, or sends updates.
    kind: Kind,
    /// The ratios of times that have to be kept to, sending and receiving.
    goals: [f64; 2],
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Result,
    Update,
}

impl Work {
    const fn small(name: &'static str, kind: Kind, packets: usize, messages: usize) -> Self {
        Self {
            name,
            len: 64,
            packets,
            messages,
            kind,
            goals: [0.5, 0.55],
        }
    }

    const fn large(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            len: 16 << 10,
            packets: 16,
            messages: 1,
            kind,
            goals: [1.0 / 1.6, 1.0 / 2.6],
        }
    }
}

const WORKS: [Work; 5] = [
    Work::small("result", Kind::Result, 64, 1),
    Work::small("update", Kind::Update, 64, 1),
    Work::small("results in containers", Kind::Result, 8, 32),
    Work::large("result", Kind::Result),
    Work::large("update", Kind::Update),
];

fn main() {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [side, name, len, rounds] = &arguments[..] {
        let len: usize = len.parse().expect("a number");
        let work = WORKS
            .iter()
            .find(|work| work.name == name && work.len == len)
            .expect("one of the works");
        let rounds = rounds.parse().expect("a number");
        match &side[..] {
            "ours" => (0..rounds)
                .fold(Pair::new(Ours::new()), |pair, _| pair.ran(work))
                .end(),
            "theirs" => (0..rounds)
                .fold(Pair::new(Theirs::new()), |pair, _| pair.ran(work))
                .end(),
            _ => panic!("ours|theirs WORK LEN ROUNDS"),
        }
        return;
    }
    for work in &WORKS {
        compare(work);
    }
}

/// Runs both sides by turns, and prints what a message takes.
fn compare(work: &Work) {
    let (mut ours, mut theirs) = (Pair::new(Ours::new()), Pair::new(Theirs::new()));
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..GROUPS {
        let (mut our_best, mut their_best) = ([Duration::MAX; 2], [Duration::MAX; 2]);
        for _ in 0..ROUNDS {
            ours.round(work, &mut our_best);
            theirs.round(work, &mut their_best);
        }
        our_times.push(our_best);
        their_times.push(their_best);
    }
    let count = work.packets * work.messages;
    for (at, direction) in ["send", "receive"].into_iter().enumerate() {
        if (direction, work.kind) == ("send", Kind::Update) {
            continue;
        }
        let [ours, theirs] = [&our_times, &their_times].map(|times| {
            let mut times: Vec<_> = times.iter().map(|time| time[at]).collect();
            times.sort_unstable();
            times[times.len() / 2].div_f64(count as f64)
        });
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        let rates = [ours, theirs].map(|time| 1e-6 / time.as_secs_f64());
        println!(
            "{direction}, {}, {} B: ours {ours:.1?} ({:.2} M/s, {:.0} MB/s), theirs {theirs:.1?} ({:.2} M/s, {:.0} MB/s), \
             ratio {ratio:.3}, limit {:.3} {}",
            work.name,
            work.len,
            rates[0],
            rates[0] * work.len as f64,
            rates[1],
            rates[1] * work.len as f64,
            work.goals[at],
            verdict(ratio, work.goals[at]),
        );
    }
}

/// A client of either side.
trait Client {
    /// What a packet is made in.
    type Packet;

    fn packet(&self) -> Self::Packet;

    fn bytes(packet: &Self::Packet) -> Vec<u8>;

    /// Makes a packet with these calls.
    fn send(&mut self, now: UnixTime, calls: &mut [Vec<u8>], packet: &mut Self::Packet);

    /// Reads a packet; appends the results and updates in it.
    fn receive(&mut self, now: UnixTime, packet: &mut [u8], bodies: &mut Vec<Vec<u8>>);
}

struct Ours {
    session: Session,
}

impl Ours {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let session = Session::client(config(), key(), &ClientState::default(), now(), &mut rng);
        Self { session }
    }
}

impl Client for Ours {
    type Packet = Vec<u8>;

    fn packet(&self) -> Vec<u8> {
        Vec::with_capacity(32 << 10)
    }

    fn bytes(packet: &Vec<u8>) -> Vec<u8> {
        packet.clone()
    }

    fn send(&mut self, now: UnixTime, calls: &mut [Vec<u8>], packet: &mut Vec<u8>) {
        packet.clear();
        for call in calls {
            self.session
                .invoke_raw(std::mem::take(call), InvokeOptions::default())
                .expect("there is room");
        }
        self.session.poll_transmit(now, packet);
    }

    fn receive(&mut self, now: UnixTime, packet: &mut [u8], bodies: &mut Vec<Vec<u8>>) {
        self.session.handle_input(now, packet).expect("it is sound");
        while let Some(event) = self.session.poll_event() {
            if let Event::Result { body, .. } | Event::Update { body, .. } = event {
                bodies.push(body);
            }
        }
    }
}

struct Theirs {
    mtp: Encrypted,
}

impl Theirs {
    fn new() -> Self {
        let mtp = Encrypted::build()
            .compression_threshold(None)
            .finish(*key().as_bytes());
        Self { mtp }
    }
}

impl Client for Theirs {
    type Packet = DequeBuffer<u8>;

    fn packet(&self) -> DequeBuffer<u8> {
        DequeBuffer::with_capacity(32 << 10, 64)
    }

    fn bytes(packet: &DequeBuffer<u8>) -> Vec<u8> {
        packet[..].to_vec()
    }

    fn send(&mut self, _: UnixTime, calls: &mut [Vec<u8>], packet: &mut DequeBuffer<u8>) {
        packet.clear();
        for call in calls {
            black_box(self.mtp.push(packet, call));
        }
        self.mtp.finalize(packet);
    }

    fn receive(&mut self, _: UnixTime, packet: &mut [u8], bodies: &mut Vec<Vec<u8>>) {
        for read in self.mtp.deserialize(packet).expect("it is sound") {
            match read {
                Deserialization::RpcResult(result) => bodies.push(result.body),
                Deserialization::Update(update) => bodies.push(update),
                _ => {}
            }
        }
    }
}

/// A client and its server.
struct Pair<C: Client> {
    client: C,
    server: Session,
    rng: ChaCha20Rng,
    up: Vec<C::Packet>,
    calls: Vec<Vec<u8>>,
    down: Vec<Vec<u8>>,
    bodies: Vec<Vec<u8>>,
}

impl<C: Client> Pair<C> {
    /// Has the client learn its salts.
    fn new(mut client: C) -> Self {
        let mut first = client.packet();
        let ping = || [&0x7abe_77ec_u32.to_le_bytes()[..], &[0; 8]].concat();
        client.send(now(), &mut [ping()], &mut first);
        let mut packet = C::bytes(&first);
        let opened = envelope::open(&key(), Side::Client, Version::V2, &mut packet.clone())
            .expect("it is sound")
            .session_id;
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let salts = ServerSalts::new([3; 32], Duration::from_secs(1800));
        let mut server = Session::server(config(), key(), opened, salts, now(), &mut rng);
        let _ = server.handle_input(now(), &mut packet); // With that salt it is refused.
        for _ in 0..4 {
            packets(&mut server)
                .iter_mut()
                .for_each(|packet| client.receive(now(), packet, &mut Vec::new()));
            let mut packet = client.packet();
            client.send(now(), &mut [ping()], &mut packet);
            server
                .handle_input(now(), &mut C::bytes(&packet))
                .expect("it is sound");
        }
        packets(&mut server)
            .iter_mut()
            .for_each(|packet| client.receive(now(), packet, &mut Vec::new()));
        Self {
            client,
            server,
            rng,
            up: Vec::new(),
            calls: Vec::new(),
            down: Vec::new(),
            bodies: Vec::new(),
        }
    }

    fn ran(mut self, work: &Work) -> Self {
        self.round(work, &mut [Duration::MAX; 2]);
        self
    }

    fn end(self) {}

    /// Calls and is answered, or gets updates; notes the times, if they are the best.
    fn round(&mut self, work: &Work, best: &mut [Duration; 2]) {
        self.up.resize_with(work.packets, || self.client.packet());
        let calls: Vec<_> = (0..work.packets * work.messages)
            .map(|_| object(&mut self.rng, work.len))
            .collect();
        self.calls.clone_from(&calls);
        let started_at = Instant::now();
        send_all(
            &mut self.client,
            work.messages,
            &mut self.calls,
            &mut self.up,
        );
        best[0] = best[0].min(started_at.elapsed());

        self.down.clear();
        let mut found = Vec::new();
        for packet in &self.up {
            self.server
                .handle_input(now(), &mut C::bytes(packet))
                .expect("it is sound");
            while let Some(event) = self.server.poll_event() {
                if let Event::Call { msg_id, body } = event {
                    found.push((msg_id, body));
                }
            }
        }
        let bodies = found.iter().map(|(_, body)| body);
        assert!(bodies.eq(&calls), "the server has to find what was sent");
        let mut expected = Vec::new();
        for some in found.chunks(work.messages) {
            for (msg_id, _) in some {
                let body = object(&mut self.rng, work.len);
                expected.push(body.clone());
                match work.kind {
                    Kind::Result => self.server.respond(*msg_id, body).expect("it runs"),
                    Kind::Update => {
                        self.server.send_update(body).expect("there is room");
                    }
                }
            }
            self.down.append(&mut packets(&mut self.server));
        }
        assert_eq!(self.down.len(), work.packets);
        self.bodies.clear();
        let started_at = Instant::now();
        receive_all(&mut self.client, &mut self.down, &mut self.bodies);
        best[1] = best[1].min(started_at.elapsed());
        assert!(
            self.bodies == expected,
            "the client has to find what the server sent"
        );
        if work.kind == Kind::Update {
            // The calls are answered, too, so that nothing grows.
            for (msg_id, _) in found {
                self.server
                    .respond(msg_id, object(&mut self.rng, 8))
                    .expect("it runs");
            }
            packets(&mut self.server)
                .iter_mut()
                .for_each(|packet| self.client.receive(now(), packet, &mut Vec::new()));
        }
    }
}

#[inline(never)]
fn send_all<C: Client>(
    client: &mut C,
    messages: usize,
    calls: &mut [Vec<u8>],
    packets: &mut [C::Packet],
) {
    let now = now();
    for (calls, packet) in calls.chunks_mut(messages).zip(packets) {
        client.send(now, calls, packet);
    }
}

#[inline(never)]
fn receive_all<C: Client>(client: &mut C, packets: &mut [Vec<u8>], bodies: &mut Vec<Vec<u8>>) {
    let now = now();
    for packet in packets {
        client.receive(now, packet, bodies);
    }
}

/// All packets that a session has to send.
fn packets(session: &mut Session) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    loop {
        let mut packet = Vec::new();
        if session.poll_transmit(now(), &mut packet).is_none() {
            return packets;
        }
        packets.push(packet);
    }
}

/// An object that nobody knows, and that can't be compressed.
fn object(rng: &mut ChaCha20Rng, len: usize) -> Vec<u8> {
    let mut object = vec![0; len];
    rng.fill_bytes(&mut object);
    object[..4].copy_from_slice(&0x1234_5678_u32.to_le_bytes());
    object
}

/// Without compression, which would be all that is measured.
fn config() -> Config {
    let mut config = Config::default();
    config.gzip_min_bytes = usize::MAX;
    config
}

fn key() -> AuthKey {
    AuthKey::new(std::array::from_fn(|at| at as u8 ^ 0x5a))
}

fn now() -> UnixTime {
    SystemTime::now().into()
}
