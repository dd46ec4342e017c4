//! What goes wrong: connections are cut, clocks jump, the client restarts and the server forgets.

use mtproto_runtime::session::{ClientState, Session};
use mtproto_runtime::time::UnixTime;
use rand_chacha::rand_core::Rng;

use super::{Action, Outcome, Simulation};
use crate::simulation::client::Client;
use crate::support::key;

/// Faults.
impl Simulation {
    pub(super) fn fault(&mut self) {
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
            10 => {
                self.totals.server_jumps += 1;
                let before = self.server_skew;
                self.server_skew =
                    [-10_000, -400, -20, 0, 20, 400, 10_000][self.rng.next_u32() as usize % 7];
                self.totals.server_set_back += u64::from(self.server_skew < before);
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

    pub(super) fn cut(&mut self, number: u32) {
        if self.links.remove(&number).is_some() {
            self.totals.cuts += 1;
            self.server.disconnected(number);
            self.log(|| format!("connection {number} is cut"));
            let longest = if self.is_storm() { 40_000 } else { 1_000 };
            self.plan_within(longest, Action::Connect);
        }
    }

    /// The client ends, and begins again with what it has stored.
    pub(super) fn restart(&mut self) {
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
}
