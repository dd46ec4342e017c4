//! The server's messages: answers to calls, updates, and what it says about the session.

use alloc::vec::Vec;
use core::time::Duration;

use super::container::Message;
use super::inbound::{Around, Reading};
use super::message_id::{self, Age, is_from};
use super::notices::MAX_WORDS;
use super::outgoing::{self, Purpose};
use super::received::Novelty;
use super::salts::Salt;
use super::{Event, Failure, Handle, Role, RpcError, Session, SessionError, acks, ids};
use crate::crypto::kdf::Side;
use crate::schema::mtproto::{functions, types};
use crate::wire::{decode, encode_boxed};

/// An answer tells the server's time, if its call was sent no longer ago.
const RECENTLY: Duration = Duration::from_secs(60);

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
                self.on_answer_info(info.msg_id, info.answer_msg_id);
                Ok(())
            }
            ids::MSG_NEW_DETAILED_INFO => {
                let info: types::MsgNewDetailedInfo = self.read(message)?;
                self.on_update_info(info.answer_msg_id);
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
                    decode(message.body).map_err(|_| self.malformed(message))?;
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
        let was_there_before = before.is_some() || core::mem::take(&mut client.is_resumed);
        client
            .salts
            .replace(created.server_salt, self.clock.server_time());
        self.tell(Event::SaltsChanged);
        if was_there_before {
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

    /// The server has an answer that this side has not acknowledged: it is asked for, or acknowledged.
    fn on_answer_info(&mut self, req_msg_id: i64, answer_msg_id: i64) {
        let call = self.outgoing.find(req_msg_id).map(|(handle, _)| handle);
        match (self.received.novelty(answer_msg_id), call) {
            (Novelty::New, Some(_)) => self.want(answer_msg_id, call),
            (novelty, _) => {
                self.acks.push(answer_msg_id, self.clock.elapsed());
                if novelty == Novelty::TooOld {
                    self.lose_answer(req_msg_id);
                }
            }
        }
    }

    /// The same of an update. What would be too old when it came is lost, unless it came before that.
    fn on_update_info(&mut self, update_msg_id: i64) {
        match self.received.novelty(update_msg_id) {
            Novelty::New => self.want(update_msg_id, None),
            novelty => {
                self.acks.push(update_msg_id, self.clock.elapsed());
                if novelty == Novelty::TooOld {
                    self.tell(Event::Gap);
                }
            }
        }
    }

    fn want(&mut self, msg_id: i64, call: Option<Handle>) {
        if let Role::Client(client) = &mut self.role
            && client.wanted.len() < acks::MAX_IDS
        {
            client.wanted.push((msg_id, call));
        }
    }

    /// A message that was sent for the first time so long ago that it can't be told from a replay. It is not used, but it is
    /// acknowledged, lest it come again and again; and a call that it answers gets no other answer.
    pub(super) fn on_too_old(&mut self, message: Message<'_>) {
        let Role::Client(_) = self.role else {
            return;
        };
        self.acknowledge(message);
        let unpacked = match ids::id_of(message.body) {
            ids::GZIP_PACKED => self.unpack(message).unwrap_or_default(),
            _ => Vec::new(),
        };
        let object = match unpacked.is_empty() {
            true => message.body,
            false => &unpacked[..],
        };
        if ids::id_of(object) == ids::RPC_RESULT
            && let Some(req_msg_id) = object.get(4..).and_then(<[u8]>::first_chunk)
        {
            self.lose_answer(i64::from_le_bytes(*req_msg_id));
        }
    }

    /// Gives up the call that is under way under that msg_id: its answer can't be used.
    fn lose_answer(&mut self, req_msg_id: i64) {
        if let Some((handle, call)) = self.outgoing.find(req_msg_id)
            && call.msg_id == req_msg_id
            && call.is_sent()
        {
            self.fail(handle, Failure::AnswerLost);
        }
    }

    /// Whether the server is to be asked for an answer that it says it has given. If it was too often, the call is given up.
    pub(super) fn may_ask_for_answer(&mut self, handle: Handle) -> bool {
        let Some(call) = self.outgoing.get_mut(handle) else {
            return false;
        };
        call.answer_requests += 1;
        let is_spent = call.answer_requests > self.config.max_attempts;
        if is_spent {
            self.fail(handle, Failure::AnswerLost);
        }
        !is_spent
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
        if self.outgoing.urgent() >= MAX_WORDS {
            return; // The server will tell of them again.
        }
        let calls = wanted.iter().filter_map(|(_, call)| *call).collect();
        let msg_ids = wanted.iter().map(|(msg_id, _)| *msg_id).collect();
        if let Ok(body) = encode_boxed(&types::MsgResendReq { msg_ids }) {
            let purpose = Purpose::ResendRequest { calls };
            self.outgoing
                .push(outgoing::Message::new(purpose, body, false));
        }
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
