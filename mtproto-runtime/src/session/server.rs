//! What only a server does: it checks what clients send and tells them what is wrong, begins sessions, and answers what is
//! about the protocol itself.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use super::bad_msg::BadMsg;
use super::container::Message;
use super::inbound::Reading;
use super::message_id::{Age, is_from};
use super::order::Waiting;
use super::outgoing::{self, Purpose};
use super::received::{Novelty, status};
use super::salts::Salt;
use super::sequence::is_content_related;
use super::server_salts::ServerSalts;
use super::{Event, Role, Session, SessionError, ids};
use crate::crypto::kdf::Side;
use crate::schema::mtproto::{functions, types};
use crate::wire::{decode, encode_boxed};

/// What only a server has.
pub(super) struct Server {
    pub(super) salts: ServerSalts,
    /// Of `new_session_created`.
    pub(super) unique_id: i64,
    /// The lowest msg_id that the client knows to be of this session.
    pub(super) first_msg_id: Option<i64>,
    /// Calls that are not answered.
    pub(super) running: BTreeMap<i64, Running>,
    /// Those of them that wait for others.
    pub(super) waiting: Vec<Waiting>,
    /// When to close the connection.
    pub(super) disconnect_at: Option<Duration>,
}

/// A call that is not answered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Running {
    /// The client does not care for the answer.
    pub(super) is_dropped: bool,
    /// The answer goes without `rpc_result` around it.
    pub(super) is_bare: bool,
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
}

/// Time and connections.
impl Session {
    /// From now on these salts are told and accepted, and no others. A client has no use for it.
    pub fn set_server_salts(&mut self, salts: ServerSalts) {
        if let Role::Server(server) = &mut self.role {
            server.salts = salts;
        }
    }

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
        self.start_waiting();
        if disconnect {
            self.tell(Event::Disconnect);
        }
    }
}

/// Whether the seq_no of a message says rightly that it is, or is not, content-related.
fn check_relatedness(message: Message<'_>) -> Result<(), BadMsg> {
    let id = ids::id_of(message.body);
    match is_content_related(message.seq_no) {
        // mtcute numbers acknowledgments as if they were content-related, and has always been served.
        true if id == ids::MSGS_ACK => Ok(()),
        true if ids::is_never_content_related(id) => Err(BadMsg::SeqNoNotEven),
        // What is compressed is not known yet.
        false if !ids::is_service(id) => Err(BadMsg::SeqNoNotOdd),
        _ => Ok(()),
    }
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
