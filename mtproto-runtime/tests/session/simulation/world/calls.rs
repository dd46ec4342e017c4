//! What the owners of both sides do, and what they are told.

use mtproto_runtime::session::{Event, Handle, InvokeError, InvokeOptions};
use rand_chacha::rand_core::Rng;

use super::{Action, Call, Outcome, Simulation};
use crate::support::{id_of, int, object};

/// Calls and updates.
impl Simulation {
    pub(super) fn invoke(&mut self) {
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
    pub(super) fn cancel(&mut self) {
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

    pub(super) fn update(&mut self) {
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

    pub(super) fn on_event(&mut self, event: Event) {
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
