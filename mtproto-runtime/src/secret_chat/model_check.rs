//! Every interleaving of two parties that exchange keys, and of an attacker who delays, drops, repeats and reorders.
//!
//! The rules under test are those of [`Keys`] and [`Sequence`]; around them stands the least of a chat, with numbers in place
//! of keys. From each state that can be reached in [`DEPTH`] steps the network is then let mend, and both must come to rest
//! under the same key with everything read. Rules can be left out, and each that is makes the check fail.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use std::collections::HashSet;
use std::println;

use super::rekey::{Exchange, Fingerprint, Keys, OnCommit, OnRequest};
use super::sequence::{Place, Sequence};

/// Steps of the parties and the attacker together.
const DEPTH: usize = 12;
/// Exchanges that each party begins by itself.
const EXCHANGES: u8 = 2;
/// Texts that each party has to say.
const TEXTS: u8 = 1;
/// Messages that each party sends again before the network mends.
const RESENDS: u8 = 2;

/// What holds a key exchange together. All of them hold in the product.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rules {
    /// Of two requests that cross, one goes on.
    tie_break: bool,
    /// A new key is shown to the peer when there is nothing else to say.
    noop: bool,
    /// No exchange is begun while another is open.
    one_at_a_time: bool,
    /// What is repeated or early is not processed.
    order: bool,
    /// The new key is used from the commit on, and not from the answer.
    wait_for_commit: bool,
}

const ALL: Rules = Rules {
    tie_break: true,
    noop: true,
    one_at_a_time: true,
    order: true,
    wait_for_commit: true,
};

/// A shared key: both exponents, in either order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key(u8, u8);

const FIRST_KEY: Key = Key(0, 0);

impl Key {
    fn shared(a: u8, b: u8) -> Self {
        Self(a.min(b), a.max(b))
    }
}

impl Fingerprint for Key {
    fn fingerprint(&self) -> i64 {
        i64::from(self.0) << 8 | i64::from(self.1)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Body {
    Text,
    Noop,
    Request {
        exchange_id: i64,
        public: u8,
    },
    Accept {
        exchange_id: i64,
        public: u8,
        key: Key,
    },
    Commit {
        exchange_id: i64,
        key: Key,
    },
    Abort {
        exchange_id: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Message {
    number: u32,
    body: Body,
    under: Key,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Party {
    keys: Keys<u8, Key>,
    sequence: Sequence<Body>,
    /// All it has sent.
    said: Vec<Body>,
    next_secret: u8,
    exchanges: u8,
    texts: u8,
    resends: u8,
    read_texts: u8,
    erased: Vec<Key>,
    /// It was told of another key than it has, though nobody lies.
    is_confused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    parties: [Party; 2],
    /// What the attacker has for each party, without repetitions.
    network: [Vec<Message>; 2],
}

#[derive(Debug, PartialEq)]
enum Violation {
    /// A key is used that was erased before.
    DeadKey,
    /// Both come to rest under different keys, or not at all.
    Disagreement,
    /// A text is never read.
    Lost,
    /// A text is read twice.
    Twice,
    /// A new key was asked for, and never came.
    NotReplaced,
}

impl Party {
    fn new(originator: bool) -> Self {
        Self {
            keys: Keys::new(FIRST_KEY),
            sequence: Sequence::new(originator),
            said: Vec::new(),
            next_secret: if originator { 10 } else { 20 },
            exchanges: EXCHANGES,
            texts: TEXTS,
            resends: RESENDS,
            read_texts: 0,
            erased: Vec::new(),
            is_confused: false,
        }
    }

    fn say(&mut self, body: Body, network: &mut Vec<Message>) {
        let number = self.sequence.assign().expect("few messages").out;
        self.said.push(body);
        self.transmit(number, network);
    }

    /// Under the key of this moment.
    fn transmit(&self, number: u32, network: &mut Vec<Message>) {
        let message = Message {
            number,
            body: self.said[number as usize],
            under: *self.keys.current(),
        };
        if !network.contains(&message) {
            network.push(message);
        }
    }

    fn begin(&mut self, exchange_id: i64, network: &mut Vec<Message>) {
        self.next_secret += 1;
        let secret = self.next_secret;
        self.keys.start(exchange_id, secret);
        let public = secret;
        self.say(
            Body::Request {
                exchange_id,
                public,
            },
            network,
        );
    }

    fn receive(&mut self, message: Message, out: &mut Vec<Message>, rules: Rules) {
        let Some((which, _)) = self.keys.find(message.under.fingerprint()) else {
            return;
        };
        let said = self.said.len();
        let has_switched = self.keys.seen(which);
        let place = self
            .sequence
            .place(0, message.number)
            .expect("nothing is counted");
        match place {
            Place::Repeated if rules.order => {}
            Place::Early if rules.order => self.sequence.wait(message.number, message.body),
            _ => {
                self.process(message.body, out, rules);
                while let Some(body) = self.sequence.take_due() {
                    self.process(body, out, rules);
                }
            }
        }
        if has_switched && self.said.len() == said && rules.noop {
            self.say(Body::Noop, out);
        }
        let previous = self.keys.previous().copied();
        if self.keys.settle(self.sequence.has_gap()) {
            self.erased.extend(previous);
        }
    }

    fn process(&mut self, body: Body, out: &mut Vec<Message>, rules: Rules) {
        self.sequence.advance(0).expect("nothing is counted");
        match body {
            Body::Text => self.read_texts += 1,
            Body::Noop => {}
            Body::Request {
                exchange_id,
                public,
            } => {
                let verdict = match self.keys.exchange() {
                    Exchange::Requested { .. } if !rules.tie_break => OnRequest::Abort,
                    _ => self.keys.on_request(exchange_id),
                };
                match verdict {
                    OnRequest::Ignore => {}
                    OnRequest::Abort => self.say(Body::Abort { exchange_id }, out),
                    OnRequest::Accept => {
                        self.next_secret += 1;
                        let key = Key::shared(self.next_secret, public);
                        self.keys.accept(exchange_id, key);
                        let public = self.next_secret;
                        self.say(
                            Body::Accept {
                                exchange_id,
                                public,
                                key,
                            },
                            out,
                        );
                        if !rules.wait_for_commit {
                            self.keys.on_commit(exchange_id, key.fingerprint());
                        }
                    }
                }
            }
            Body::Accept {
                exchange_id,
                public,
                key,
            } => {
                if let Some(&secret) = self.keys.on_accept(exchange_id) {
                    if Key::shared(secret, public) != key {
                        self.is_confused = true;
                        return;
                    }
                    self.say(Body::Commit { exchange_id, key }, out);
                    self.keys.commit(exchange_id, key);
                }
            }
            Body::Commit { exchange_id, key } => {
                match self.keys.on_commit(exchange_id, key.fingerprint()) {
                    OnCommit::Stale => {}
                    OnCommit::WrongFingerprint => self.is_confused = true,
                    OnCommit::Switched if rules.noop => self.say(Body::Noop, out),
                    OnCommit::Switched => {}
                }
            }
            Body::Abort { exchange_id } => {
                self.keys.on_abort(exchange_id);
            }
        }
    }
}

impl World {
    fn new() -> Self {
        Self {
            parties: [Party::new(true), Party::new(false)],
            network: [Vec::new(), Vec::new()],
        }
    }

    /// The states after one step of anyone.
    fn successors(&self, rules: Rules) -> Vec<Self> {
        let mut next = Vec::new();
        let mut after = |step: &dyn Fn(&mut Self)| {
            let mut world = self.clone();
            step(&mut world);
            if world != *self {
                next.push(world);
            }
        };
        for who in [0, 1] {
            let (party, other) = (&self.parties[who], 1 - who);
            if party.texts > 0 {
                after(&|world| {
                    world.parties[who].texts -= 1;
                    world.parties[who].say(Body::Text, &mut world.network[other]);
                });
            }
            let is_free = party.keys.can_start() || !rules.one_at_a_time;
            if party.exchanges > 0 && is_free && !party.sequence.has_gap() {
                after(&|world| {
                    world.parties[who].exchanges -= 1;
                    // The acceptor's id is the larger one, and then the originator's.
                    let first = world.parties[who].exchanges == EXCHANGES - 1;
                    let exchange_id = if first { [-7, 7][who] } else { [9, -9][who] };
                    world.begin(who, exchange_id);
                });
            }
            if party.resends > 0 {
                for number in 0..party.said.len() as u32 {
                    after(&|world| {
                        world.parties[who].resends -= 1;
                        world.parties[who].transmit(number, &mut world.network[other]);
                    });
                }
            }
            for &message in &self.network[who] {
                after(&|world| world.deliver(who, message, rules));
            }
        }
        next
    }

    fn begin(&mut self, who: usize, exchange_id: i64) {
        if !self.parties[who].keys.can_start() {
            // A rule is left out: the open exchange is forgotten.
            let current = *self.parties[who].keys.current();
            let previous = self.parties[who].keys.previous().copied();
            self.parties[who].keys = Keys::restored(current, previous, Exchange::None);
        }
        self.parties[who].begin(exchange_id, &mut self.network[1 - who]);
    }

    fn deliver(&mut self, to: usize, message: Message, rules: Rules) {
        self.parties[to].receive(message, &mut self.network[1 - to], rules);
    }

    fn check_now(&self) -> Result<(), Violation> {
        for party in &self.parties {
            if party.is_confused {
                return Err(Violation::Disagreement);
            }
            if party.erased.contains(party.keys.current()) {
                return Err(Violation::DeadKey);
            }
        }
        for who in [0, 1] {
            if self.parties[who].read_texts > TEXTS - self.parties[1 - who].texts {
                return Err(Violation::Twice);
            }
        }
        Ok(())
    }

    /// The network mends: whatever is missing is asked for and sent again, in order.
    fn mend(mut self, rules: Rules) -> Result<(), Violation> {
        for _ in 0..200 {
            self.check_now()?;
            let Some((to, number)) = [0, 1].into_iter().find_map(|to| {
                let received = self.parties[to].sequence.received();
                let sent = self.parties[1 - to].sequence.sent();
                (received < sent).then_some((to, received))
            }) else {
                return self.check_rest();
            };
            let mut again = Vec::new();
            self.parties[1 - to].transmit(number, &mut again);
            let before = self.clone();
            for message in again {
                self.deliver(to, message, rules);
            }
            if self == before {
                // What the sender sends now can't be read, or leads nowhere.
                return Err(Violation::Lost);
            }
        }
        Err(Violation::Disagreement)
    }

    fn check_rest(&self) -> Result<(), Violation> {
        let [a, b] = &self.parties;
        let is_done = |party: &Party| *party.keys.exchange() == Exchange::None;
        if a.keys.current() != b.keys.current() || !is_done(a) || !is_done(b) {
            return Err(Violation::Disagreement);
        }
        let is_request = |body: &Body| matches!(body, Body::Request { .. });
        let is_asked_for = [a, b].iter().any(|party| party.said.iter().any(is_request));
        if is_asked_for && *a.keys.current() == FIRST_KEY {
            return Err(Violation::NotReplaced);
        }
        if a.keys.previous().is_some() || b.keys.previous().is_some() {
            return Err(Violation::DeadKey);
        }
        for who in [0, 1] {
            if self.parties[who].read_texts != TEXTS - self.parties[1 - who].texts {
                return Err(Violation::Lost);
            }
        }
        Ok(())
    }
}

/// How many states there are within a depth, or what goes wrong in the first that does.
fn explore(rules: Rules, depth: usize) -> Result<usize, Violation> {
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([(World::new(), 0)]);
    seen.insert(World::new());
    while let Some((world, steps)) = queue.pop_front() {
        world.check_now()?;
        world.clone().mend(rules)?;
        if steps == depth {
            continue;
        }
        for next in world.successors(rules) {
            if seen.insert(next.clone()) {
                queue.push_back((next, steps + 1));
            }
        }
    }
    Ok(seen.len())
}

#[test]
fn both_agree_on_a_living_key_however_messages_are_delayed_dropped_repeated_and_reordered() {
    let states = explore(ALL, DEPTH).expect("no rule is left out");
    println!("{states} states within {DEPTH} steps");
    assert!(states > 50_000, "{states} states");
}

#[test]
fn every_rule_that_is_left_out_is_missed() {
    let without = [
        (
            "tie_break",
            Rules {
                tie_break: false,
                ..ALL
            },
        ),
        ("noop", Rules { noop: false, ..ALL }),
        (
            "one_at_a_time",
            Rules {
                one_at_a_time: false,
                ..ALL
            },
        ),
        (
            "order",
            Rules {
                order: false,
                ..ALL
            },
        ),
        (
            "wait_for_commit",
            Rules {
                wait_for_commit: false,
                ..ALL
            },
        ),
    ];
    for (name, rules) in without {
        let outcome = explore(rules, DEPTH);
        assert!(outcome.is_err(), "{name}: {outcome:?}");
        println!("without {name}: {outcome:?}");
    }
}
