//! Thousands of chats over a server that loses, repeats and reorders messages, between applications that crash between any
//! two effects. Nothing is lost, nothing is delivered twice, and no key is used after it was erased.
//!
//! A seed that fails is printed; `SECRET_CHAT_SEED=n` runs it alone, and `SECRET_CHAT_SEEDS=n` runs another number of them.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::env;

use mtproto_runtime::secret_chat::{
    Chat, Delivery, Effect, Input, Notice, Options, Outgoing, Sending,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::support::{Pair, Side, Toy, text_message, text_of};

const SEEDS: u64 = 10_000;
const STEPS: u32 = 100;

#[test]
fn nothing_is_lost_or_delivered_twice() {
    let number = |name: &str| {
        env::var(name)
            .ok()
            .map(|text| text.parse().expect("a number"))
    };
    if let Some(seed) = number("SECRET_CHAT_SEED") {
        run(seed);
        return;
    }
    let seeds = number("SECRET_CHAT_SEEDS").unwrap_or(SEEDS);
    let workers = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let totals = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|worker| {
                scope.spawn(move || {
                    let own = (worker..seeds).step_by(workers as usize);
                    own.fold(Totals::default(), |totals, seed| totals.and(&run(seed)))
                })
            })
            .collect();
        let all = workers.into_iter().map(|worker| worker.join());
        all.fold(Totals::default(), |totals, own| {
            totals.and(&own.expect("the worker prints its seed"))
        })
    });
    println!("{seeds} seeds: {totals:?}");
    // The network has done all that it can do, and often.
    assert!(totals.delivered > 10 * seeds, "{totals:?}");
    assert!(totals.lost > seeds, "{totals:?}");
    assert!(totals.repeated > seeds, "{totals:?}");
    assert!(totals.crashes > seeds, "{totals:?}");
    assert!(totals.keys > 2 * seeds, "{totals:?}");
    assert!(totals.gaps > seeds / 2, "{totals:?}");
}

#[derive(Debug, Default)]
struct Totals {
    delivered: u64,
    lost: u64,
    repeated: u64,
    crashes: u64,
    keys: u64,
    gaps: u64,
}

impl Totals {
    fn and(&self, other: &Self) -> Self {
        Self {
            delivered: self.delivered + other.delivered,
            lost: self.lost + other.lost,
            repeated: self.repeated + other.repeated,
            crashes: self.crashes + other.crashes,
            keys: self.keys + other.keys,
            gaps: self.gaps + other.gaps,
        }
    }
}

/// Prints the seed of a run that panics.
struct Seed(u64);

impl Drop for Seed {
    #[allow(
        clippy::print_stderr,
        reason = "what the seed is printed for: to run it again"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("SECRET_CHAT_SEED={}", self.0);
        }
    }
}

fn run(seed: u64) -> Totals {
    let _seed = Seed(seed);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let options = Options {
        rekey_messages: 3 + (rng.next_u32() % 12),
        rekey_secs: 3_000,
        ..Options::default()
    };
    let pair = Pair::with(seed, options, options);
    let mut world = World {
        nodes: [Node::new(pair.a), Node::new(pair.b)],
        rng,
        totals: Totals::default(),
    };
    for _ in 0..STEPS {
        world.step();
    }
    world.end();
    world.totals
}

struct World {
    nodes: [Node; 2],
    rng: ChaCha8Rng,
    totals: Totals,
}

/// One side with its application, and its queue on the server.
struct Node {
    side: Side,
    /// Effects to be carried out, with the text that the first of them makes durable.
    effects: VecDeque<(Effect, Option<String>)>,
    /// What users have been told is sent.
    said: Vec<String>,
    count: u32,
    /// Stored by the application, each with its number.
    received: Vec<Delivery>,
    /// Messages on the server for this side, by `qts`.
    queue: BTreeMap<i32, Vec<u8>>,
    /// Messages that were handed over, to be repeated at times.
    old: Vec<Vec<u8>>,
    last_qts: i32,
    erased: HashSet<i64>,
    keys: HashSet<i64>,
}

impl Node {
    fn new(mut side: Side) -> Self {
        let sent = std::mem::take(&mut side.outbox);
        Self {
            side,
            effects: sent
                .into_iter()
                .map(|sending| (Effect::Send(sending), None))
                .collect(),
            said: Vec::new(),
            count: 0,
            received: Vec::new(),
            queue: BTreeMap::new(),
            old: Vec::new(),
            last_qts: 0,
            erased: HashSet::new(),
            keys: HashSet::new(),
        }
    }

    fn handle(&mut self, input: Input<'_>, text: Option<String>) {
        let now = UnixTime::from_secs(self.side.now);
        let effects = self.side.chat.handle(now, input, &mut self.side.rng);
        let mut text = text;
        for effect in effects.expect("an input for an open chat") {
            self.effects.push_back((effect, text.take()));
        }
    }

    fn say(&mut self, name: &str) {
        let text = format!("{name}{}", self.count);
        self.count += 1;
        let random_id = self.side.rng.next_u64() as i64;
        let message = text_message(self.side.chat.layer(), random_id, &text);
        let file = None;
        self.handle(Input::Send(Outgoing { message, file }), Some(text));
    }

    fn crash(&mut self) {
        self.effects.clear();
        let identity = *self.side.chat.identity();
        let chat = Chat::<Toy>::restore(self.side.options, &self.side.stored, Some(&identity));
        self.side.chat = chat.expect("it was stored");
        let delivered = self.received.last().map_or(0, |delivery| delivery.number);
        let now = UnixTime::from_secs(self.side.now);
        let effects = self.side.chat.resume(now, delivered, &mut self.side.rng);
        self.effects
            .extend(effects.into_iter().map(|effect| (effect, None)));
    }
}

impl World {
    fn chance(&mut self, one_in: u32) -> bool {
        self.rng.next_u32().is_multiple_of(one_in)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.rng.next_u32() as usize % bound
    }

    fn step(&mut self) {
        let who = self.below(2);
        match self.below(16) {
            0..4 => self.nodes[who].say(["a", "b"][who]),
            4..9 => {
                for _ in 0..=self.below(8) {
                    self.effect(who, true);
                }
            }
            9..13 => self.hand_over(who),
            13 => {
                if self.chance(3) {
                    self.totals.crashes += 1;
                    self.nodes[who].crash();
                }
            }
            14 => {
                let secs = self.rng.next_u64() % 500;
                for node in &mut self.nodes {
                    node.side.now += secs;
                }
                self.nodes[who].handle(Input::Tick, None);
            }
            _ => {
                let old = &self.nodes[who].old;
                if !old.is_empty() {
                    let index = self.rng.next_u32() as usize % old.len();
                    let data = old[index].clone();
                    self.totals.repeated += 1;
                    self.nodes[who].handle(
                        Input::Encrypted {
                            data: &data,
                            file: None,
                            qts: 0,
                        },
                        None,
                    );
                }
            }
        }
    }

    /// Carries out one effect of a side.
    fn effect(&mut self, who: usize, may_fail: bool) {
        let Some((effect, text)) = self.nodes[who].effects.pop_front() else {
            return;
        };
        match effect {
            Effect::Persist(stored) => {
                let node = &mut self.nodes[who];
                node.side.stored = stored.as_bytes().to_vec();
                node.said.extend(text);
            }
            Effect::Send(sending) => self.server_takes(who, sending, may_fail),
            Effect::Deliver(delivery) => {
                let node = &mut self.nodes[who];
                let number = delivery.number;
                let last = node.received.last().map_or(0, |last| last.number);
                assert_eq!(number, last + 1, "deliveries are numbered in order");
                node.received.push(delivery);
                self.totals.delivered += 1;
                node.handle(Input::Delivered { number }, None);
            }
            Effect::Notify(notice) => match notice {
                Notice::OldKeyErased => {
                    let node = &mut self.nodes[who];
                    let current = node.side.chat.key_fingerprint().expect("it is open");
                    let old: Vec<_> = node
                        .keys
                        .iter()
                        .copied()
                        .filter(|key| *key != current)
                        .collect();
                    node.erased.extend(old);
                }
                Notice::KeyReplaced => self.totals.keys += 1,
                Notice::GapRequested => self.totals.gaps += 1,
                _ => {}
            },
            Effect::AcknowledgeQueue { qts } => {
                let queue = &mut self.nodes[who].queue;
                *queue = queue.split_off(&(qts + 1));
            }
            other => panic!("{other:?}"),
        }
    }

    fn server_takes(&mut self, who: usize, sending: Sending, may_fail: bool) {
        let fingerprint = sending.data.first_chunk().expect("a message");
        let fingerprint = i64::from_le_bytes(*fingerprint);
        let node = &mut self.nodes[who];
        node.keys.insert(fingerprint);
        assert!(
            !node.erased.contains(&fingerprint),
            "a key is used after it was erased"
        );
        let confirmed = !may_fail || !self.chance(10);
        if confirmed {
            let random_id = sending.random_id;
            self.nodes[who].handle(Input::Sent { random_id }, None);
        }
        if may_fail && self.chance(6) {
            self.totals.lost += 1;
            return;
        }
        let peer = &mut self.nodes[1 - who];
        peer.last_qts += 1;
        peer.queue.insert(peer.last_qts, sending.data);
    }

    /// The server hands any of its messages over, mostly the next one.
    fn hand_over(&mut self, who: usize) {
        let count = self.nodes[who].queue.len();
        if count == 0 {
            return;
        }
        let index = if self.chance(4) { self.below(count) } else { 0 };
        let node = &mut self.nodes[who];
        let (&qts, data) = node.queue.iter().nth(index).expect("it is there");
        let data = data.clone();
        if node.old.len() < 50 {
            node.old.push(data.clone());
        }
        let input = Input::Encrypted {
            data: &data,
            file: None,
            qts,
        };
        node.handle(input, None);
    }

    /// The network mends, and everything comes to rest.
    fn end(&mut self) {
        for who in [0, 1] {
            self.nodes[who].crash();
            self.nodes[who].say(["a", "b"][who]);
        }
        for _ in 0..40 {
            loop {
                let is_idle = |node: &Node| node.effects.is_empty() && node.queue.is_empty();
                if self.nodes.iter().all(is_idle) {
                    break;
                }
                for who in [0, 1] {
                    while !self.nodes[who].effects.is_empty() {
                        self.effect(who, false);
                    }
                    if let Some(&qts) = self.nodes[who].queue.keys().next() {
                        let data = self.nodes[who].queue[&qts].clone();
                        let input = Input::Encrypted {
                            data: &data,
                            file: None,
                            qts,
                        };
                        self.nodes[who].handle(input, None);
                        while !self.nodes[who].effects.is_empty() {
                            self.effect(who, false);
                        }
                    }
                }
            }
            for node in &mut self.nodes {
                node.side.now += 400;
                node.handle(Input::Tick, None);
            }
        }
        for who in [0, 1] {
            let (node, peer) = (&self.nodes[who], &self.nodes[1 - who]);
            assert_eq!(node.side.chat.discarded(), None);
            let received: Vec<_> = node.received.iter().map(text_of).collect();
            assert_eq!(received, peer.said, "what one has said, the other has read");
        }
        let fingerprints = self
            .nodes
            .each_ref()
            .map(|node| node.side.chat.key_fingerprint());
        assert_eq!(
            fingerprints[0], fingerprints[1],
            "both are under the same key"
        );
    }
}
