//! What only a client does: calling, salts, time, and new sessions.

use alloc::vec::Vec;
use core::time::Duration;

use super::clock::Clock;
use super::config::Config;
use super::container::Message;
use super::inbound::{Around, Reading};
use super::message_id::{self, Age, MAX_LEAD, MessageIds, is_from};
use super::outgoing::{self, Outgoing, Purpose, Stage};
use super::pfs::{BindEnvelope, MakeBinding};
use super::received::{Novelty, status};
use super::salts::{Salt, Salts};
use super::sequence::Sequence;
use super::{
    ClientState, Event, Failure, Handle, InvokeError, InvokeOptions, Role, RpcError, Session,
    SessionError, TypedHandle, acks, gzip, ids,
};
use crate::crypto::kdf::Side;
use crate::schema::mtproto::{functions, types};
use crate::wire::{Function, encode, encode_boxed};

/// The largest body that is sent; transports accept little more.
pub(super) const MAX_BODY_BYTES: usize = (16 << 20) - 1024;

/// After so many questions for states without an answer no more is expected.
const MAX_UNANSWERED_INQUIRIES: u32 = 2;

/// An answer tells the server's time, if its call was sent no longer ago.
const RECENTLY: Duration = Duration::from_secs(60);

/// What only a client has.
pub(super) struct Client {
    pub(super) salts: Salts,
    /// `unique_id` of the last `new_session_created`.
    unique_id: Option<i64>,
    /// When the server is pinged next.
    ping_at: Option<Duration>,
    /// Questions of the session itself that are under way, if they are not done.
    salts_request: Option<Handle>,
    ping: Option<Handle>,
    state_request: Option<Handle>,
    /// How many questions for states in a row had no answer.
    unanswered_inquiries: u32,
    /// Whether anything came in since the last of them.
    heard: bool,
    /// When there was the last new connection.
    reconnected_at: Duration,
    /// What initialises the connection, until that is done.
    init_connection: Option<Vec<u8>>,
    /// The call that binds the key, and what makes it; other calls wait for its answer.
    binding: Option<(Handle, MakeBinding)>,
    /// Messages of the server that it should send again, and the calls they answer.
    wanted: Vec<(i64, Option<Handle>)>,
}

impl Client {
    pub(super) fn new(config: &Config, state: &ClientState, now: Duration) -> Self {
        Self {
            salts: Salts::new(&state.salts, now),
            unique_id: None,
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

/// Calls.
impl Session {
    /// Calls a function.
    ///
    /// ```ignore
    /// let call = session.invoke(functions::Ping { ping_id: 7 })?;
    /// // … when poll_event gives Event::Result { handle, body } with call.handle():
    /// let pong = call.decode(&body)?;
    /// ```
    ///
    /// # Errors
    ///
    /// As [`invoke_raw`](Self::invoke_raw); also if the function has no form on the wire.
    pub fn invoke<F: Function>(&mut self, function: F) -> Result<TypedHandle<F>, InvokeError> {
        self.invoke_with(function, InvokeOptions::default())
    }

    /// Calls a function in a certain way.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub fn invoke_with<F: Function>(
        &mut self,
        function: F,
        options: InvokeOptions,
    ) -> Result<TypedHandle<F>, InvokeError> {
        let handle = self.invoke_raw(encode(&function)?, options)?;
        Ok(TypedHandle::new(handle, function))
    }

    /// Calls a function that is TL already. Service requests, such as `ping`, are called in the same way.
    ///
    /// # Errors
    ///
    /// When too much is queued or unanswered, or when the body is no TL object or too large.
    pub fn invoke_raw(
        &mut self,
        body: Vec<u8>,
        options: InvokeOptions,
    ) -> Result<Handle, InvokeError> {
        let Role::Client(_) = self.role else {
            return Err(InvokeError::WrongSide);
        };
        self.check_body(&body)?;
        self.check_pending(body.len())?;
        let id = ids::id_of(&body);
        let content_related = ids::is_content_related_request(id);
        let body = match options.incompressible || ids::is_service_request(id) {
            true => body,
            false => self.pack(body),
        };
        let mut message = outgoing::Message::new(Purpose::Call, body, content_related);
        message.after = options.after;
        message.quick_ack = options.quick_ack;
        Ok(self.outgoing.push(message))
    }

    /// Gives up a call: there will be no event of it any more. Returns whether it was not done yet.
    ///
    /// If it may have been sent, the server is asked not to answer it; it may be executed all the same.
    pub fn cancel(&mut self, handle: Handle) -> bool {
        if self
            .outgoing
            .get(handle)
            .is_none_or(|message| message.purpose != Purpose::Call)
        {
            return false;
        }
        if let Some(call) = self.finish(handle)
            && call.is_sent()
        {
            let drop_answer = functions::RpcDropAnswer {
                req_msg_id: call.msg_id,
            };
            self.ask(Purpose::DropAnswer, &drop_answer, true);
        }
        true
    }

    /// Initialises the connection with the calls to come, until one of them has a result: [saving client info].
    ///
    /// `around` is what stands before a call: `invokeWithLayer`, `initConnection`, both without their `query`, which is their
    /// last field.
    ///
    /// [saving client info]: https://core.telegram.org/api/invoking#saving-client-info
    pub fn set_init_connection(&mut self, around: Vec<u8>) {
        if let Role::Client(client) = &mut self.role {
            client.init_connection = Some(around);
        }
    }

    /// Binds the key of this session before any other call is made. `make` makes the call, whose content depends on its
    /// msg_id.
    pub(super) fn bind(&mut self, make: MakeBinding) -> Handle {
        let handle = self
            .outgoing
            .push(outgoing::Message::new(Purpose::Call, Vec::new(), true));
        if let Role::Client(client) = &mut self.role {
            client.binding = Some((handle, make));
        }
        handle
    }

    /// Whether a call has to wait until the key is bound.
    pub(super) fn waits_for_binding(&self, handle: Handle, purpose: &Purpose) -> bool {
        match &self.role {
            Role::Client(client) => client.binding.as_ref().is_some_and(|(binding, _)| {
                *purpose == Purpose::Call
                    && handle != *binding
                    && self.outgoing.get(*binding).is_some()
            }),
            Role::Server(_) => false,
        }
    }

    /// Makes the call that binds the key, when its msg_id is known.
    pub(super) fn make_binding(&mut self, handle: Handle, msg_id: i64) {
        let envelope = BindEnvelope {
            msg_id,
            session_id: self.session_id,
        };
        if let Role::Client(client) = &mut self.role
            && let Some((binding, make)) = &mut client.binding
            && *binding == handle
        {
            let body = make(envelope, &mut self.random);
            self.outgoing.set_body(handle, body);
        }
    }

    /// What initialises the connection, if this call has to.
    pub(super) fn init_connection(&self, message: &outgoing::Message) -> Option<&[u8]> {
        let Role::Client(client) = &self.role else {
            return None;
        };
        let is_of_api = message.purpose == Purpose::Call
            && !ids::is_service_request(ids::id_of(&message.body))
            && ids::id_of(&message.body) != ids::BIND_TEMP_AUTH_KEY;
        client.init_connection.as_deref().filter(|_| is_of_api)
    }

    /// Says over HTTP how long the server may hold back its response, in milliseconds: [http_wait].
    ///
    /// [http_wait]: https://core.telegram.org/mtproto/service_messages#http-wait-long-poll
    pub fn http_wait(&mut self, max_delay: i32, wait_after: i32, max_wait: i32) {
        self.say(&types::HttpWait {
            max_delay,
            wait_after,
            max_wait,
        });
    }

    pub(super) fn check_body(&self, body: &[u8]) -> Result<(), InvokeError> {
        let (len, limit) = (body.len(), MAX_BODY_BYTES);
        if len < 4 || !len.is_multiple_of(4) {
            Err(InvokeError::NoObject { len })
        } else if len > limit {
            Err(InvokeError::TooLarge { len, limit })
        } else {
            Ok(())
        }
    }

    pub(super) fn check_pending(&self, more_bytes: usize) -> Result<(), InvokeError> {
        let (pending, bytes) = self.outgoing.size();
        let is_full = pending >= self.config.max_pending
            || bytes.saturating_add(more_bytes) > self.config.max_pending_bytes;
        match is_full {
            true => Err(InvokeError::Full { pending, bytes }),
            false => Ok(()),
        }
    }

    /// Compresses an object, if that is worth it.
    pub(super) fn pack(&self, object: Vec<u8>) -> Vec<u8> {
        let packed = match object.len() >= self.config.gzip_min_bytes {
            true => gzip::pack(&object),
            false => None,
        };
        let wrapped =
            packed.and_then(|packed_data| encode_boxed(&types::GzipPacked { packed_data }).ok());
        wrapped.unwrap_or(object)
    }

    /// Asks the server something on behalf of the session itself.
    fn ask<F: Function>(
        &mut self,
        purpose: Purpose,
        function: &F,
        content_related: bool,
    ) -> Option<Handle> {
        let body = encode(function).ok()?;
        Some(
            self.outgoing
                .push(outgoing::Message::new(purpose, body, content_related)),
        )
    }
}

/// The server's messages.
impl Session {
    /// Whether a message of the server is accepted.
    pub(super) fn check_servers(&mut self, message: Message<'_>) -> Result<Reading, SessionError> {
        let msg_id = message.msg_id;
        if !is_from(msg_id, Side::Server) || msg_id < 0 {
            return Err(SessionError::Parity { msg_id });
        }
        match self.received.novelty(msg_id) {
            Novelty::New => {}
            Novelty::Duplicate { .. } => {
                self.repeat(message);
                return Err(SessionError::Duplicate { msg_id });
            }
            Novelty::TooOld => return Err(SessionError::Duplicate { msg_id }),
        }
        Ok(match self.age(message) {
            Age::Fresh => Reading::All,
            Age::TooOld | Age::TooNew => Reading::Notifications,
        })
    }

    /// Reads what only a server sends.
    pub(super) fn read_from_server(
        &mut self,
        id: u32,
        message: Message<'_>,
        around: Around,
    ) -> Result<(), SessionError> {
        if let Role::Client(client) = &mut self.role {
            client.heard = true;
        }
        match id {
            ids::RPC_RESULT => self.on_rpc_result(message, around),
            ids::PONG => {
                let pong: types::Pong = self.read(message)?;
                self.on_pong(message, &pong, around)
            }
            ids::FUTURE_SALTS => self.on_future_salts(message, around),
            ids::NEW_SESSION_CREATED => {
                let created = self.read(message)?;
                self.on_new_session(&created);
                Ok(())
            }
            ids::MSG_DETAILED_INFO => {
                let info: types::MsgDetailedInfo = self.read(message)?;
                let call = self.outgoing.find(info.msg_id).map(|(handle, _)| handle);
                self.on_detailed_info(info.answer_msg_id, call, call.is_some());
                Ok(())
            }
            ids::MSG_NEW_DETAILED_INFO => {
                let info: types::MsgNewDetailedInfo = self.read(message)?;
                self.on_detailed_info(info.answer_msg_id, None, true);
                Ok(())
            }
            ids::DESTROY_SESSION_OK | ids::DESTROY_SESSION_NONE => {
                let asked = |body: &[u8]| {
                    ids::id_of(body) == ids::DESTROY_SESSION
                        && body.get(4..) == message.body.get(4..)
                };
                self.on_bare_answer(message, asked)
            }
            ids::DESTROY_AUTH_KEY_OK | ids::DESTROY_AUTH_KEY_NONE | ids::DESTROY_AUTH_KEY_FAIL => {
                self.on_bare_answer(message, |body| ids::id_of(body) == ids::DESTROY_AUTH_KEY)
            }
            ids::PING => {
                let ping: functions::Ping =
                    crate::wire::decode(message.body).map_err(|_| self.malformed(message))?;
                self.say(&types::Pong {
                    msg_id: message.msg_id,
                    ping_id: ping.ping_id,
                });
                Ok(())
            }
            id if ids::is_service(id) => Err(self.malformed(message)),
            _ => {
                self.tell(Event::Update {
                    msg_id: message.msg_id,
                    body: message.body.to_vec(),
                });
                Ok(())
            }
        }
    }

    /// `rpc_result`.
    fn on_rpc_result(&mut self, message: Message<'_>, around: Around) -> Result<(), SessionError> {
        let Some((req_msg_id, result)) = message.body.get(4..).and_then(<[u8]>::split_first_chunk)
        else {
            return Err(self.malformed(message));
        };
        let req_msg_id = i64::from_le_bytes(*req_msg_id);
        let Some(handle) = self.asked(req_msg_id, around) else {
            return Err(SessionError::NotOurs {
                msg_id: message.msg_id,
                about: req_msg_id,
            });
        };
        if ids::id_of(result) != ids::GZIP_PACKED {
            return self.answer(handle, message, result.to_vec());
        }
        let packed = Message {
            body: result,
            ..message
        };
        match self.unpack(packed) {
            Ok(result) => self.answer(handle, message, result),
            Err(error) => {
                self.fail(handle, Failure::Gzip);
                Err(error)
            }
        }
    }

    /// Ends a call.
    fn answer(
        &mut self,
        handle: Handle,
        message: Message<'_>,
        result: Vec<u8>,
    ) -> Result<(), SessionError> {
        let call = self.outgoing.get(handle);
        let is_call = call.is_some_and(|call| call.purpose == Purpose::Call);
        let initialises = call.is_some_and(|call| call.initialises);
        if initialises
            && ids::id_of(&result) != ids::RPC_ERROR
            && let Role::Client(client) = &mut self.role
        {
            client.init_connection = None;
        }
        match ids::id_of(&result) {
            _ if !is_call => {
                self.finish(handle);
            }
            ids::RPC_ERROR => {
                let body = Message {
                    body: &result,
                    ..message
                };
                let error: types::RpcError = self.read(body)?;
                self.on_rpc_error(handle, RpcError::new(error.error_code, error.error_message));
            }
            ids::RPC_ANSWER_DROPPED_RUNNING if !self.asks_to_drop(handle) => {
                self.fail(handle, Failure::Dropped)
            }
            _ => {
                self.finish(handle);
                self.tell(Event::Result {
                    handle,
                    body: result,
                });
            }
        }
        Ok(())
    }

    fn asks_to_drop(&self, handle: Handle) -> bool {
        self.outgoing
            .get(handle)
            .is_some_and(|call| ids::id_of(&call.body) == ids::RPC_DROP_ANSWER)
    }

    /// An error of the order between calls is no answer: the call is made again once those before it are done.
    fn on_rpc_error(&mut self, handle: Handle, error: RpcError) {
        let after = match self.outgoing.get(handle) {
            Some(call) if error.is_of_order() && call.attempts < self.config.max_attempts => {
                call.after.clone()
            }
            _ => Vec::new(),
        };
        if after.is_empty() {
            self.finish(handle);
            self.tell(Event::Error { handle, error });
        } else if after
            .iter()
            .any(|before| self.outgoing.get(*before).is_some())
        {
            self.outgoing.hold(handle);
        } else {
            self.outgoing.enqueue_anew(handle);
        }
    }

    fn on_pong(
        &mut self,
        message: Message<'_>,
        pong: &types::Pong,
        around: Around,
    ) -> Result<(), SessionError> {
        let handle = self.asked(pong.msg_id, around);
        let is_ping = |handle: &Handle| {
            let question = self
                .outgoing
                .get(*handle)
                .map(|question| ids::id_of(&question.body));
            matches!(question, Some(ids::PING | ids::PING_DELAY_DISCONNECT))
        };
        match handle.filter(is_ping) {
            Some(handle) => self.answer(handle, message, message.body.to_vec()),
            None => Err(SessionError::NotOurs {
                msg_id: message.msg_id,
                about: pong.msg_id,
            }),
        }
    }

    /// `future_salts`: only in answer to a question of this side.
    fn on_future_salts(
        &mut self,
        message: Message<'_>,
        around: Around,
    ) -> Result<(), SessionError> {
        let future: types::FutureSalts = self.read(message)?;
        let handle = self.asked(future.req_msg_id, around);
        let is_ours = |handle: &Handle| {
            let question = self.outgoing.get(*handle);
            question.is_some_and(|question| ids::id_of(&question.body) == ids::GET_FUTURE_SALTS)
        };
        let Some(handle) = handle.filter(is_ours) else {
            return Err(SessionError::NotOurs {
                msg_id: message.msg_id,
                about: future.req_msg_id,
            });
        };
        let salts: Vec<Salt> = future.salts.iter().map(Salt::from).collect();
        if let Role::Client(client) = &mut self.role {
            client
                .salts
                .answer(&salts, self.clock.server_time(), self.clock.elapsed());
        }
        self.tell(Event::SaltsChanged);
        self.answer(handle, message, message.body.to_vec())
    }

    /// An answer that does not name its question.
    fn on_bare_answer(
        &mut self,
        message: Message<'_>,
        asked: impl Fn(&[u8]) -> bool,
    ) -> Result<(), SessionError> {
        let question = self
            .outgoing
            .iter()
            .find(|(_, question)| question.is_sent() && asked(&question.body));
        match question.map(|(handle, _)| handle) {
            Some(handle) => self.answer(handle, message, message.body.to_vec()),
            None => Err(SessionError::NotOurs {
                msg_id: message.msg_id,
                about: 0,
            }),
        }
    }

    /// The message that an answer names. If the time at the server was uncertain, the answer tells it.
    fn asked(&mut self, req_msg_id: i64, around: Around) -> Option<Handle> {
        let (handle, question) = self.outgoing.find(req_msg_id)?;
        let age = self.clock.elapsed().saturating_sub(question.sent_at);
        if !self.clock.is_trusted() && question.is_sent() && age <= RECENTLY {
            self.clock.synchronise(message_id::time_of(around.sent_as));
        }
        Some(handle)
    }

    /// The server has created the session anew: it knows nothing of messages before its first.
    fn on_new_session(&mut self, created: &types::NewSessionCreated) {
        let Role::Client(client) = &mut self.role else {
            return;
        };
        let before = client.unique_id.replace(created.unique_id);
        if before == Some(created.unique_id) {
            return;
        }
        client
            .salts
            .replace(created.server_salt, self.clock.server_time());
        self.tell(Event::SaltsChanged);
        if before.is_some() {
            self.tell(Event::Gap);
        }
        let is_lost = |message: &outgoing::Message| {
            message.is_sent()
                && message.purpose.is_question()
                && message.msg_id < created.first_msg_id
        };
        let lost: Vec<Handle> = self
            .outgoing
            .iter()
            .filter(|(_, message)| is_lost(message))
            .map(|(handle, _)| handle)
            .collect();
        lost.into_iter().for_each(|handle| self.send_anew(handle));
    }

    /// The server has an answer or update that this side has not acknowledged: it is asked for, or acknowledged.
    fn on_detailed_info(&mut self, answer_msg_id: i64, call: Option<Handle>, is_wanted: bool) {
        let is_there = self.received.status(answer_msg_id) & status::KIND == status::RECEIVED;
        let Role::Client(client) = &mut self.role else {
            return;
        };
        if is_there || !is_wanted {
            self.acks.push(answer_msg_id, self.clock.elapsed());
        } else if client.wanted.len() < acks::MAX_IDS {
            client.wanted.push((answer_msg_id, call));
        }
    }

    /// Asks for all answers that were announced in a packet at once.
    pub(super) fn ask_for_answers(&mut self) {
        let Role::Client(client) = &mut self.role else {
            return;
        };
        if client.wanted.is_empty() {
            return;
        }
        let wanted = core::mem::take(&mut client.wanted);
        let calls = wanted.iter().filter_map(|(_, call)| *call).collect();
        let msg_ids = wanted.iter().map(|(msg_id, _)| *msg_id).collect();
        if let Ok(body) = encode_boxed(&types::MsgResendReq { msg_ids }) {
            let purpose = Purpose::ResendRequest { calls };
            self.outgoing
                .push(outgoing::Message::new(purpose, body, false));
        }
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
    fn ping(&mut self) {
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

    /// Asks for the state of all that is unanswered, and tells the server that there is a connection.
    pub(super) fn client_reconnected(&mut self) {
        let elapsed = self.clock.elapsed();
        if let Role::Client(client) = &mut self.role {
            client.unanswered_inquiries = 0;
            client.reconnected_at = elapsed;
        }
        if self.config.ping_interval.is_some() {
            self.ping();
        }
        self.forget_state_request();
        self.ask_for_states_before(elapsed);
    }

    /// Asks for the state of what has been unanswered for long.
    ///
    /// If the server twice does not even say that, calls are sent again: all, if nothing at all comes from it; or else
    /// those that went over connections that were lost.
    pub(super) fn ask_for_states(&mut self) {
        let was_unanswered = self.forget_state_request();
        let Role::Client(client) = &mut self.role else {
            return;
        };
        client.unanswered_inquiries = match was_unanswered {
            true => client.unanswered_inquiries + 1,
            false => 0,
        };
        let heard = core::mem::take(&mut client.heard);
        if client.unanswered_inquiries >= MAX_UNANSWERED_INQUIRIES {
            client.unanswered_inquiries = 0;
            let sent_by = match heard {
                true => client.reconnected_at,
                false => Duration::MAX,
            };
            if !heard {
                self.tell(Event::Unresponsive);
            }
            self.open(sent_by)
                .into_iter()
                .for_each(|(handle, _)| self.send_anew(handle));
        }
        let elapsed = self.clock.elapsed();
        self.ask_for_states_before(elapsed.saturating_sub(self.config.answer_timeout));
    }

    /// Asks for the state of what is unanswered and was sent by then, and sees to it that this is done again.
    fn ask_for_states_before(&mut self, sent_by: Duration) {
        let msg_ids: Vec<i64> = self
            .open(sent_by)
            .into_iter()
            .map(|(_, msg_id)| msg_id)
            .take(acks::MAX_IDS)
            .collect();
        if !msg_ids.is_empty() {
            let request = types::MsgsStateReq {
                msg_ids: msg_ids.clone(),
            };
            if let (Ok(body), Role::Client(client)) = (encode_boxed(&request), &mut self.role) {
                let purpose = Purpose::StateRequest { msg_ids };
                let request = outgoing::Message::new(purpose, body, false);
                client.state_request = Some(self.outgoing.push(request));
            }
        }
        if !self.open(Duration::MAX).is_empty() {
            self.inquire_in(self.config.answer_timeout);
        }
    }

    /// The questions that were sent by then and are not answered.
    fn open(&self, sent_by: Duration) -> Vec<(Handle, i64)> {
        let is_open = |message: &outgoing::Message| {
            message.is_sent() && message.purpose.is_question() && message.sent_at <= sent_by
        };
        let open = self.outgoing.iter().filter(|(_, message)| is_open(message));
        open.map(|(handle, message)| (handle, message.msg_id))
            .collect()
    }

    /// Forgets the question for states; returns whether it was unanswered.
    fn forget_state_request(&mut self) -> bool {
        let request = match &mut self.role {
            Role::Client(client) => client.state_request.take(),
            Role::Server(_) => None,
        };
        request
            .and_then(|handle| self.finish(handle))
            .is_some_and(|request| request.is_sent())
    }
}

impl From<&types::FutureSalt> for Salt {
    fn from(salt: &types::FutureSalt) -> Self {
        Self {
            salt: salt.salt,
            valid_since: salt.valid_since.cast_unsigned(),
            valid_until: salt.valid_until.cast_unsigned(),
        }
    }
}
