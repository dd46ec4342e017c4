//! What only a server does: checking what clients send, answering calls in the order asked for, updates.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use super::bad_msg::BadMsg;
use super::container::Message;
use super::inbound::Reading;
use super::message_id::{Age, is_from};
use super::outgoing::{self, Purpose, Stage};
use super::received::{Novelty, status};
use super::salts::Salt;
use super::sequence::is_content_related;
use super::server_salts::ServerSalts;
use super::{Event, Handle, InvokeError, Role, RpcError, Session, SessionError, ids};
use crate::crypto::kdf::Side;
use crate::schema::mtproto::{functions, types};
use crate::wire::{Combinator, Reader, TlWrite, decode, encode_boxed, encode_by};

/// How long a call waits for those it comes after, before the client is told to repeat it.
const ORDER_TIMEOUT: Duration = Duration::from_millis(500);
/// So many calls may wait for others.
const MAX_WAITING: usize = 256;
/// An answer up to this size is sent again to whom repeats a call; of a larger one it is told that it is there.
const SMALL_ANSWER_BYTES: usize = 1024;
/// Of so many messages a client is reminded at a time.
const MAX_REMINDERS: usize = 64;

/// What only a server has.
pub(super) struct Server {
    salts: ServerSalts,
    /// Of `new_session_created`.
    unique_id: i64,
    /// The lowest msg_id that the client knows to be of this session.
    first_msg_id: Option<i64>,
    /// Calls that are not answered.
    running: BTreeMap<i64, Running>,
    /// Those of them that wait for others.
    waiting: Vec<Waiting>,
    /// When to close the connection.
    disconnect_at: Option<Duration>,
}

/// A call that is not answered.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    /// The client does not care for the answer.
    is_dropped: bool,
    /// The answer goes without `rpc_result` around it.
    is_bare: bool,
}

/// A call that comes after others.
struct Waiting {
    msg_id: i64,
    after: Vec<i64>,
    query: Vec<u8>,
    until: Duration,
}

/// How it stands with the calls before a call.
#[derive(PartialEq, Eq)]
enum Before {
    Done,
    Running,
    Failed,
}

impl Server {
    pub(super) fn new(salts: ServerSalts, unique_id: i64) -> Self {
        Self {
            salts,
            unique_id,
            first_msg_id: None,
            running: BTreeMap::new(),
            waiting: Vec::new(),
            disconnect_at: None,
        }
    }

    /// The salt to send with.
    pub(super) fn salt(&self, auth_key_id: u64, server_time: Duration) -> i64 {
        self.salts.current(auth_key_id, server_time).salt
    }

    /// How many calls are not answered.
    pub(super) fn unanswered(&self) -> usize {
        self.running.len()
    }

    /// When the server wants to do something by itself.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let waiting = self.waiting.iter().map(|call| call.until).min();
        [waiting, self.disconnect_at].into_iter().flatten().min()
    }
}

/// Answers and updates.
impl Session {
    /// Answers a call: with the TL object it returns.
    ///
    /// # Errors
    ///
    /// There is no such call, or the body is no TL object.
    pub fn respond(&mut self, msg_id: i64, result: Vec<u8>) -> Result<(), InvokeError> {
        self.check_body(&result)?;
        let Role::Server(server) = &mut self.role else {
            return Err(InvokeError::WrongSide);
        };
        let Some(call) = server.running.remove(&msg_id) else {
            return Err(InvokeError::NoCall { msg_id });
        };
        if ids::id_of(&result) == ids::RPC_ERROR {
            self.received.mark_failed(msg_id);
        }
        if call.is_bare {
            self.push_answer(msg_id, result);
        } else if call.is_dropped {
            self.push_result(
                msg_id,
                Vec::from(ids::RPC_ANSWER_DROPPED_RUNNING.to_le_bytes()),
            );
        } else {
            self.push_result(msg_id, result);
        }
        self.start_waiting();
        Ok(())
    }

    /// Answers a call with an error.
    ///
    /// # Errors
    ///
    /// There is no such call.
    pub fn respond_error(&mut self, msg_id: i64, error: &RpcError) -> Result<(), InvokeError> {
        let error = types::RpcError {
            error_code: error.code,
            error_message: error.message.clone(),
        };
        self.respond(msg_id, encode_boxed(&error)?)
    }

    /// Sends something that no call asked for. [`Event::Acknowledged`] tells that it has arrived.
    ///
    /// # Errors
    ///
    /// When too much is unacknowledged, or when the body is no TL object.
    pub fn send_update(&mut self, update: Vec<u8>) -> Result<Handle, InvokeError> {
        let Role::Server(_) = self.role else {
            return Err(InvokeError::WrongSide);
        };
        self.check_body(&update)?;
        self.check_pending(update.len())?;
        let body = self.pack(update);
        Ok(self
            .outgoing
            .push(outgoing::Message::new(Purpose::Update, body, true)))
    }

    /// `rpc_result`, compressed if that is worth it.
    fn push_result(&mut self, req_msg_id: i64, result: Vec<u8>) {
        let result = self.pack(result);
        let mut body = Vec::with_capacity(12 + result.len());
        body.extend_from_slice(&ids::RPC_RESULT.to_le_bytes());
        body.extend_from_slice(&req_msg_id.to_le_bytes());
        body.extend_from_slice(&result);
        self.push_answer(req_msg_id, body);
    }

    /// Sends an answer; it acknowledges the call. Of those that nobody acknowledges the oldest makes room.
    fn push_answer(&mut self, req_msg_id: i64, body: Vec<u8>) {
        if self.check_pending(body.len()).is_err() {
            let is_old = |message: &outgoing::Message| {
                message.stage == Stage::Sent && matches!(message.purpose, Purpose::Answer { .. })
            };
            let oldest = self
                .outgoing
                .iter()
                .find(|(_, message)| is_old(message))
                .map(|(handle, _)| handle);
            if let Some(oldest) = oldest {
                self.finish(oldest);
            }
        }
        self.acks.remove(req_msg_id);
        self.received.mark(req_msg_id, status::ANSWERED);
        self.outgoing.push(outgoing::Message::new(
            Purpose::Answer { req_msg_id },
            body,
            true,
        ));
    }
}

/// The client's messages.
impl Session {
    /// Whether a message of the client is accepted; if not, the client is told why.
    pub(super) fn check_clients(
        &mut self,
        message: Message<'_>,
        salt: i64,
    ) -> Result<Reading, SessionError> {
        let msg_id = message.msg_id;
        let is_container = ids::id_of(message.body) == ids::MSG_CONTAINER;
        if !is_from(msg_id, Side::Client) {
            return Err(self.refuse(message, BadMsg::MsgIdBits));
        }
        match self.received.novelty(msg_id) {
            Novelty::Duplicate {
                of_container: false,
            } if is_container => {
                return Err(self.refuse(message, BadMsg::ContainerMsgId));
            }
            Novelty::Duplicate { of_container } => {
                if !of_container {
                    self.repeat(message);
                }
                return Err(SessionError::Duplicate { msg_id });
            }
            Novelty::New | Novelty::TooOld => {}
        }
        match self.age(message) {
            Age::TooOld => return Err(self.refuse(message, BadMsg::MsgIdTooLow)),
            Age::TooNew => return Err(self.refuse(message, BadMsg::MsgIdTooHigh)),
            Age::Fresh => {}
        }
        if self.received.novelty(msg_id) == Novelty::TooOld {
            return Err(self.refuse(message, BadMsg::MsgIdTooOld));
        }
        if !self.is_salt_valid(salt) {
            return Err(self.refuse(message, BadMsg::ServerSalt));
        }
        let checked = check_relatedness(message)
            .and_then(|()| self.received.check_sequence(msg_id, message.seq_no));
        match checked {
            Ok(()) => Ok(Reading::All),
            Err(reason) => Err(self.refuse(message, reason)),
        }
    }

    /// Checks the seq_no of a message in a container, against what was received and the message before it.
    pub(super) fn check_inner_sequence(
        &self,
        message: Message<'_>,
        before: Option<Message<'_>>,
    ) -> Result<(), BadMsg> {
        if self.received.novelty(message.msg_id) != Novelty::New {
            return Ok(());
        }
        check_relatedness(message).map_err(|_| BadMsg::Container)?;
        self.received
            .check_sequence(message.msg_id, message.seq_no)?;
        let Some(before) = before else {
            return Ok(());
        };
        let clash = before.seq_no == message.seq_no && is_content_related(message.seq_no);
        match before.msg_id.cmp(&message.msg_id) {
            core::cmp::Ordering::Less if clash || before.seq_no > message.seq_no => {
                Err(BadMsg::SeqNoTooLow)
            }
            core::cmp::Ordering::Greater if clash || before.seq_no < message.seq_no => {
                Err(BadMsg::SeqNoTooHigh)
            }
            core::cmp::Ordering::Equal => Err(BadMsg::Container),
            _ => Ok(()),
        }
    }

    /// Tells the client that its message is ignored, and why.
    pub(super) fn refuse(&mut self, message: Message<'_>, reason: BadMsg) -> SessionError {
        let (msg_id, seq_no) = (message.msg_id, message.seq_no);
        match (&self.role, reason) {
            (Role::Server(server), BadMsg::ServerSalt) => {
                let new_server_salt = server.salt(self.key.id(), self.clock.server_time());
                self.say(&types::BadServerSalt {
                    bad_msg_id: msg_id,
                    bad_msg_seqno: seq_no,
                    error_code: reason.code(),
                    new_server_salt,
                });
            }
            _ => self.say(&types::BadMsgNotification {
                bad_msg_id: msg_id,
                bad_msg_seqno: seq_no,
                error_code: reason.code(),
            }),
        }
        SessionError::Refused { msg_id, reason }
    }

    fn is_salt_valid(&self, salt: i64) -> bool {
        match &self.role {
            Role::Server(server) => {
                server
                    .salts
                    .accept(self.key.id(), salt, self.clock.server_time())
            }
            Role::Client(_) => true,
        }
    }

    /// The session begins with this message, or with an even earlier one than was known.
    pub(super) fn note_session(&mut self, msg_id: i64) {
        let Role::Server(server) = &mut self.role else {
            return;
        };
        if server.first_msg_id.is_some_and(|first| first <= msg_id) {
            return;
        }
        server.first_msg_id = Some(msg_id);
        let created = types::NewSessionCreated {
            first_msg_id: msg_id,
            unique_id: server.unique_id,
            server_salt: server.salt(self.key.id(), self.clock.server_time()),
        };
        if let Ok(body) = encode_boxed(&created) {
            self.outgoing
                .push(outgoing::Message::new(Purpose::NewSession, body, true));
        }
    }

    /// Reads what only a client sends.
    pub(super) fn read_from_client(
        &mut self,
        id: u32,
        message: Message<'_>,
    ) -> Result<(), SessionError> {
        let malformed = self.malformed(message);
        match id {
            ids::PING => {
                let ping: functions::Ping = decode(message.body).map_err(|_| malformed)?;
                self.pong(message.msg_id, ping.ping_id);
            }
            ids::PING_DELAY_DISCONNECT => {
                let ping: functions::PingDelayDisconnect =
                    decode(message.body).map_err(|_| malformed)?;
                self.pong(message.msg_id, ping.ping_id);
                let delay = Duration::from_secs(u64::try_from(ping.disconnect_delay).unwrap_or(0));
                let at = self.clock.elapsed().saturating_add(delay);
                if let Role::Server(server) = &mut self.role {
                    server.disconnect_at = Some(at);
                }
            }
            ids::GET_FUTURE_SALTS => {
                let ask: functions::GetFutureSalts = decode(message.body).map_err(|_| malformed)?;
                self.tell_future_salts(message.msg_id, ask.num);
            }
            ids::HTTP_WAIT => {
                let wait: types::HttpWait = self.read(message)?;
                self.tell(Event::HttpWait {
                    max_delay: wait.max_delay,
                    wait_after: wait.wait_after,
                    max_wait: wait.max_wait,
                });
            }
            ids::DESTROY_SESSION => {
                let destroy: functions::DestroySession =
                    decode(message.body).map_err(|_| malformed)?;
                self.run(message.msg_id, true);
                self.tell(Event::DestroySession {
                    msg_id: message.msg_id,
                    session_id: destroy.session_id,
                });
            }
            ids::DESTROY_AUTH_KEY => {
                self.run(message.msg_id, true);
                self.tell(Event::DestroyAuthKey {
                    msg_id: message.msg_id,
                });
            }
            ids::RPC_DROP_ANSWER => {
                let drop_answer: functions::RpcDropAnswer =
                    decode(message.body).map_err(|_| malformed)?;
                self.drop_answer(message.msg_id, drop_answer.req_msg_id);
            }
            ids::MSG_RESEND_ANS_REQ => {
                let request: types::MsgResendAnsReq = self.read(message)?;
                self.resend_answers(&request.msg_ids);
            }
            id if ids::is_service(id) => return Err(malformed),
            ids::INVOKE_AFTER_MSG | ids::INVOKE_AFTER_MSGS => self.call_after(message)?,
            _ => {
                self.run(message.msg_id, false);
                self.start(message.msg_id, message.body.to_vec());
            }
        }
        Ok(())
    }

    /// A call that comes after others.
    fn call_after(&mut self, message: Message<'_>) -> Result<(), SessionError> {
        let mut r = Reader::new(message.body);
        let after = match r.id() {
            ids::INVOKE_AFTER_MSG => Vec::from([r.long()]),
            _ => r.vector(),
        };
        let query = r.rest();
        if r.finish().is_err() || query.len() < 4 || after.len() > super::acks::MAX_IDS {
            return Err(self.malformed(message));
        }
        let query = match ids::id_of(query) {
            ids::GZIP_PACKED => self.unpack(Message {
                body: query,
                ..message
            })?,
            _ => query.to_vec(),
        };
        self.run(message.msg_id, false);
        let call = Waiting {
            msg_id: message.msg_id,
            after,
            query,
            until: self.clock.elapsed().saturating_add(ORDER_TIMEOUT),
        };
        match &mut self.role {
            Role::Server(server) if server.waiting.len() < MAX_WAITING => {
                server.waiting.push(call);
                self.start_waiting();
            }
            _ => self.fail_order(call.msg_id, "MSG_WAIT_TIMEOUT"),
        }
        Ok(())
    }

    /// Remembers a call until it is answered.
    fn run(&mut self, msg_id: i64, is_bare: bool) {
        self.received.mark(msg_id, status::PROCESSING);
        if let Role::Server(server) = &mut self.role {
            let call = Running {
                is_bare,
                is_dropped: false,
            };
            server.running.insert(msg_id, call);
        }
    }

    fn start(&mut self, msg_id: i64, body: Vec<u8>) {
        self.tell(Event::Call { msg_id, body });
    }

    /// Starts the calls whose predecessors are answered, and fails those with a predecessor that failed.
    fn start_waiting(&mut self) {
        let Role::Server(server) = &mut self.role else {
            return;
        };
        let (ready, waiting) = core::mem::take(&mut server.waiting)
            .into_iter()
            .partition(|call| server.before(&self.received, &call.after) != Before::Running);
        server.waiting = waiting;
        for call in ready {
            let before = match &self.role {
                Role::Server(server) => server.before(&self.received, &call.after),
                Role::Client(_) => Before::Done,
            };
            match before {
                Before::Failed => self.fail_order(call.msg_id, "MSG_WAIT_FAILED"),
                Before::Done | Before::Running => self.start(call.msg_id, call.query),
            }
        }
    }

    /// Answers a call that can't be made after those it comes after.
    fn fail_order(&mut self, msg_id: i64, message: &str) {
        // It is one of those that run: that it is answered already is all that could go wrong.
        let _ = self.respond_error(msg_id, &RpcError::new(400, message));
    }

    fn pong(&mut self, msg_id: i64, ping_id: i64) {
        self.received.mark(msg_id, status::ANSWERED);
        self.say(&types::Pong { msg_id, ping_id });
    }

    fn tell_future_salts(&mut self, req_msg_id: i64, num: i32) {
        let (auth_key_id, server_time) = (self.key.id(), self.clock.server_time());
        let Role::Server(server) = &self.role else {
            return;
        };
        let count = u32::try_from(num).unwrap_or(0);
        let salts = server.salts.future(auth_key_id, server_time, count);
        let future = types::FutureSalts {
            req_msg_id,
            now: super::salts::secs(server_time).cast_signed(),
            salts: salts.map(types::FutureSalt::from).collect(),
        };
        self.say(&future);
    }

    /// `rpc_drop_answer`.
    fn drop_answer(&mut self, msg_id: i64, req_msg_id: i64) {
        let is_running = match &mut self.role {
            Role::Server(server) => server.running.get_mut(&req_msg_id),
            Role::Client(_) => None,
        };
        let outcome = if let Some(call) = is_running {
            call.is_dropped = true;
            self.tell(Event::Dropped { msg_id: req_msg_id });
            Vec::from(ids::RPC_ANSWER_DROPPED_RUNNING.to_le_bytes())
        } else if let Some(answer) = self
            .answer_to(req_msg_id)
            .and_then(|handle| self.finish(handle))
        {
            let dropped = types::RpcAnswerDropped {
                msg_id: answer.msg_id,
                seq_no: answer.seq_no,
                bytes: i32::try_from(answer.body.len()).unwrap_or(i32::MAX),
            };
            boxed(&dropped)
        } else {
            Vec::from(ids::RPC_ANSWER_UNKNOWN.to_le_bytes())
        };
        self.push_result(msg_id, outcome);
    }

    /// `msg_resend_ans_req`.
    fn resend_answers(&mut self, req_msg_ids: &[i64]) {
        let wanted: alloc::collections::BTreeSet<i64> = req_msg_ids.iter().copied().collect();
        let is_wanted = |message: &outgoing::Message| match message.purpose {
            Purpose::Answer { req_msg_id } => message.is_sent() && wanted.contains(&req_msg_id),
            _ => false,
        };
        let answers: Vec<Handle> = self
            .outgoing
            .iter()
            .filter(|(_, message)| is_wanted(message))
            .map(|(handle, _)| handle)
            .collect();
        for handle in answers {
            self.outgoing.enqueue(handle, Stage::QueuedAgain);
        }
    }

    /// A client has repeated a call: it gets the answer once more, or is told where it is.
    pub(super) fn answer_again(&mut self, req_msg_id: i64) {
        let state = self.received.status(req_msg_id);
        if state & status::ANSWERED == 0 || state & status::ACKNOWLEDGED != 0 {
            return;
        }
        let Some((handle, answer)) = self
            .answer_to(req_msg_id)
            .and_then(|handle| Some((handle, self.outgoing.get(handle)?)))
            .filter(|(_, answer)| answer.is_sent())
        else {
            return;
        };
        if answer.body.len() <= SMALL_ANSWER_BYTES {
            self.outgoing.enqueue(handle, Stage::QueuedAgain);
        } else {
            let info = detailed_info(req_msg_id, answer);
            self.say(&info);
        }
    }

    fn answer_to(&self, call: i64) -> Option<Handle> {
        let is_answer = |message: &outgoing::Message| match message.purpose {
            Purpose::Answer { req_msg_id } => req_msg_id == call,
            _ => false,
        };
        self.outgoing
            .iter()
            .find(|(_, message)| is_answer(message))
            .map(|(handle, _)| handle)
    }
}

/// Time and connections.
impl Session {
    /// Does what is due: giving up the order of calls, closing the connection.
    pub(super) fn server_timeout(&mut self) {
        let elapsed = self.clock.elapsed();
        let Role::Server(server) = &mut self.role else {
            return;
        };
        let disconnect = server.disconnect_at.take_if(|at| *at <= elapsed).is_some();
        let (late, waiting) = core::mem::take(&mut server.waiting)
            .into_iter()
            .partition(|call| call.until <= elapsed);
        server.waiting = waiting;
        let late: Vec<Waiting> = late;
        for call in late {
            self.fail_order(call.msg_id, "MSG_WAIT_TIMEOUT");
        }
        if disconnect {
            self.tell(Event::Disconnect);
        }
    }

    /// Sends all that is not acknowledged over the new connection.
    pub(super) fn server_reconnected(&mut self) {
        if let Role::Server(server) = &mut self.role {
            server.disconnect_at = None;
        }
        for handle in self.unacknowledged(Duration::MAX) {
            self.outgoing.enqueue(handle, Stage::QueuedAgain);
        }
    }

    /// Reminds the client of what it has not acknowledged for long.
    pub(super) fn remind_of_answers(&mut self) {
        let timeout = self.unacknowledged_timeout();
        let sent_by = self.clock.elapsed().saturating_sub(timeout);
        for handle in self.unacknowledged(sent_by).into_iter().take(MAX_REMINDERS) {
            let Some(message) = self.outgoing.get(handle) else {
                continue;
            };
            match message.purpose {
                Purpose::Answer { req_msg_id } => {
                    let info = detailed_info(req_msg_id, message);
                    self.say(&info);
                }
                _ => {
                    let info = types::MsgNewDetailedInfo {
                        answer_msg_id: message.msg_id,
                        bytes: i32::try_from(message.body.len()).unwrap_or(i32::MAX),
                        status: 0,
                    };
                    self.say(&info);
                }
            }
        }
        if !self.unacknowledged(Duration::MAX).is_empty() {
            self.inquire_in(timeout);
        }
    }

    /// How long a client may take to acknowledge: it may keep acknowledgments back.
    pub(super) fn unacknowledged_timeout(&self) -> Duration {
        self.config
            .answer_timeout
            .saturating_add(self.config.ack_delay)
    }

    /// What was sent by then and is not acknowledged.
    fn unacknowledged(&self, sent_by: Duration) -> Vec<Handle> {
        let is_due = |message: &outgoing::Message| {
            let wants_it = matches!(
                message.purpose,
                Purpose::Answer { .. } | Purpose::Update | Purpose::NewSession
            );
            wants_it && message.stage == Stage::Sent && message.sent_at <= sent_by
        };
        self.outgoing
            .iter()
            .filter(|(_, message)| is_due(message))
            .map(|(handle, _)| handle)
            .collect()
    }
}

impl Server {
    /// How it stands with calls that another comes after. What is not known at all may still be on its way.
    fn before(&self, received: &super::Received, after: &[i64]) -> Before {
        let state = |msg_id: &i64| match received.status(*msg_id) {
            _ if self.running.contains_key(msg_id) => Before::Running,
            status::NOT_RECEIVED | status::TOO_HIGH => Before::Running,
            _ if received.has_failed(*msg_id) => Before::Failed,
            _ => Before::Done,
        };
        let states = || after.iter().map(state);
        if states().any(|state| state == Before::Failed) {
            Before::Failed
        } else if states().any(|state| state == Before::Running) {
            Before::Running
        } else {
            Before::Done
        }
    }
}

/// Whether the seq_no of a message says rightly that it is, or is not, content-related.
fn check_relatedness(message: Message<'_>) -> Result<(), BadMsg> {
    let id = ids::id_of(message.body);
    match is_content_related(message.seq_no) {
        true if ids::is_never_content_related(id) => Err(BadMsg::SeqNoNotEven),
        // What is compressed is not known yet.
        false if !ids::is_service(id) => Err(BadMsg::SeqNoNotOdd),
        _ => Ok(()),
    }
}

fn detailed_info(msg_id: i64, answer: &outgoing::Message) -> types::MsgDetailedInfo {
    types::MsgDetailedInfo {
        msg_id,
        answer_msg_id: answer.msg_id,
        bytes: i32::try_from(answer.body.len()).unwrap_or(i32::MAX),
        status: 0,
    }
}

/// A constructor of fixed size in boxed form.
fn boxed<T: TlWrite + Combinator>(value: &T) -> Vec<u8> {
    encode_by(|w| w.constructor(value)).unwrap_or_default()
}

impl From<Salt> for types::FutureSalt {
    fn from(salt: Salt) -> Self {
        Self {
            valid_since: salt.valid_since.cast_signed(),
            valid_until: salt.valid_until.cast_signed(),
            salt: salt.salt,
        }
    }
}
