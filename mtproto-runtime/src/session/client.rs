//! What only a client does by itself: salts, the server's time, pings, and new sessions.

use alloc::vec::Vec;
use core::time::Duration;

use super::clock::Clock;
use super::config::Config;
use super::message_id::{self, MAX_LEAD, MessageIds};
use super::outgoing::{self, Outgoing, Purpose, Stage};
use super::pfs::MakeBinding;
use super::salts::Salts;
use super::sequence::Sequence;
use super::{ClientState, Event, Handle, Role, Session};
use crate::schema::mtproto::functions;

/// What only a client has.
pub(super) struct Client {
    pub(super) salts: Salts,
    /// `unique_id` of the last `new_session_created`.
    pub(super) unique_id: Option<i64>,
    /// Whether the session is one of an earlier run, whose `unique_id` is not known.
    pub(super) is_resumed: bool,
    /// When the server is pinged next.
    pub(super) ping_at: Option<Duration>,
    /// Questions of the session itself that are under way, if they are not done.
    pub(super) salts_request: Option<Handle>,
    pub(super) ping: Option<Handle>,
    pub(super) state_request: Option<Handle>,
    /// How many questions for states in a row had no answer.
    pub(super) unanswered_inquiries: u32,
    /// Whether anything came in since the last of them.
    pub(super) heard: bool,
    /// When there was the last new connection.
    pub(super) reconnected_at: Duration,
    /// What initialises the connection, until that is done.
    pub(super) init_connection: Option<Vec<u8>>,
    /// The call that binds the key, and what makes it; other calls wait for its answer.
    pub(super) binding: Option<(Handle, MakeBinding)>,
    /// Messages of the server that it should send again, and the calls they answer.
    pub(super) wanted: Vec<(i64, Option<Handle>)>,
}

impl Client {
    pub(super) fn new(config: &Config, state: &ClientState, now: Duration) -> Self {
        Self {
            salts: Salts::new(&state.salts, now),
            unique_id: None,
            is_resumed: false,
            ping_at: config
                .ping_interval
                .map(|interval| now.saturating_add(interval)),
            salts_request: None,
            ping: None,
            state_request: None,
            unanswered_inquiries: 0,
            heard: true,
            reconnected_at: Duration::ZERO,
            init_connection: None,
            binding: None,
            wanted: Vec::new(),
        }
    }

    /// When the client wants to do something by itself.
    pub(super) fn deadline(
        &self,
        config: &Config,
        clock: &Clock,
        outgoing: &Outgoing,
    ) -> Option<Duration> {
        let salts = self
            .may_ask_for_salts(config, outgoing)
            .then(|| self.salts.ask_at(clock.server_time(), clock.elapsed()));
        [salts, self.ping_at].into_iter().flatten().min()
    }

    /// Whether the session asks for salts at all, and is not just asking.
    fn may_ask_for_salts(&self, config: &Config, outgoing: &Outgoing) -> bool {
        let is_asking = self
            .salts_request
            .is_some_and(|handle| outgoing.get(handle).is_some());
        config.future_salts > 0 && !is_asking
    }
}

/// Time, salts and sessions.
impl Session {
    /// Takes over the server's time. Returns whether the session goes on: if msg_ids have been made far ahead of that
    /// time, those to come would be refused, and a new session begins.
    pub(super) fn synchronise(&mut self, server_time: Duration) -> bool {
        let Role::Client(_) = self.role else {
            return true;
        };
        self.clock.synchronise(server_time);
        self.tell(Event::TimeSynchronised { server_time });
        // Well within what is accepted: time passes before the next message arrives.
        let highest = message_id::from_time(server_time.saturating_add(MAX_LEAD / 2));
        self.message_ids.last() < highest || !self.start_new_session()
    }

    /// Takes over the salt that the server demands.
    pub(super) fn change_salt(&mut self, new_salt: Option<i64>) {
        if let (Role::Client(client), Some(salt)) = (&mut self.role, new_salt) {
            client.salts.replace(salt, self.clock.server_time());
            self.tell(Event::SaltsChanged);
        }
    }

    /// Goes on in a new session, with a new id and seq_no 0. Returns whether it does: a server can't.
    pub(super) fn start_new_session(&mut self) -> bool {
        let Role::Client(client) = &mut self.role else {
            return false;
        };
        client.unique_id = None;
        client.is_resumed = false;
        client.wanted.clear();
        let old_session_id = core::mem::replace(&mut self.session_id, self.random.long());
        self.message_ids = MessageIds::default();
        self.sequence = Sequence::default();
        self.received.clear();
        self.acks.clear();
        self.outgoing.leave_session();
        self.inquire_at = None;
        self.tell(Event::NewSession {
            old_session_id,
            session_id: self.session_id,
        });
        self.tell(Event::Gap);
        self.give_up_spent();
        let destroy = functions::DestroySession {
            session_id: old_session_id,
        };
        self.ask(Purpose::DestroySession, &destroy, true);
        true
    }

    /// Gives up the calls that were sent as often as allowed.
    fn give_up_spent(&mut self) {
        let is_spent = |message: &outgoing::Message| {
            message.stage == Stage::Queued && message.attempts >= self.config.max_attempts
        };
        let spent: Vec<Handle> = self
            .outgoing
            .iter()
            .filter(|(_, message)| is_spent(message))
            .map(|(handle, _)| handle)
            .collect();
        spent.into_iter().for_each(|handle| self.send_anew(handle));
    }

    /// Does what is due: asking for salts, pinging.
    pub(super) fn client_timeout(&mut self) {
        let elapsed = self.clock.elapsed();
        let (server_time, num) = (self.clock.server_time(), self.config.future_salts);
        let Role::Client(client) = &mut self.role else {
            return;
        };
        let ask = client.may_ask_for_salts(&self.config, &self.outgoing)
            && client.salts.ask_at(server_time, elapsed) <= elapsed;
        let ping = client.ping_at.is_some_and(|at| at <= elapsed);
        if ask {
            client.salts.asked(elapsed);
            let request = self.ask(Purpose::Salts, &functions::GetFutureSalts { num }, false);
            if let Role::Client(client) = &mut self.role {
                client.salts_request = request;
            }
        }
        if ping {
            self.ping();
        }
    }

    /// Pings the server, and tells it when to close the connection. Only the last ping counts.
    pub(super) fn ping(&mut self) {
        let elapsed = self.clock.elapsed();
        let Role::Client(client) = &mut self.role else {
            return;
        };
        client.ping_at = self
            .config
            .ping_interval
            .map(|interval| elapsed.saturating_add(interval));
        if let Some(before) = client.ping.take() {
            self.finish(before);
        }
        let ping_id = self.random.long();
        let disconnect_delay =
            i32::try_from(self.config.disconnect_delay.as_secs()).unwrap_or(i32::MAX);
        let ping = functions::PingDelayDisconnect {
            ping_id,
            disconnect_delay,
        };
        let ping = self.ask(Purpose::Ping, &ping, false);
        if let Role::Client(client) = &mut self.role {
            client.ping = ping;
        }
    }
}
