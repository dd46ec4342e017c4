//! Messages about messages, which both sides send:
//! [the page](https://core.telegram.org/mtproto/service_messages_about_messages).

use alloc::vec::Vec;

use super::acks::MAX_IDS;
use super::bad_msg::BadMsg;
use super::container::Message;
use super::inbound::Around;
use super::message_id::{is_from, time_of};
use super::outgoing::{self, Purpose, Stage};
use super::received::status;
use super::{Event, Role, Session, SessionError, ids};
use crate::schema::mtproto::types;
use crate::wire::{Combinator, Reader, TlRead, TlWrite, encode_boxed};

/// So many messages may wait for being sent that only say something to the other side. A flood of bad messages is answered
/// as far as that.
pub(super) const MAX_WORDS: usize = 1024;

/// Other side to this.
impl Session {
    /// Reads a message that is neither a wrapper nor a notification.
    pub(super) fn read_service(
        &mut self,
        id: u32,
        message: Message<'_>,
        around: Around,
    ) -> Result<(), SessionError> {
        match id {
            ids::MSGS_ACK => {
                let acks: types::MsgsAck = self.read(message)?;
                acks.msg_ids
                    .iter()
                    .for_each(|msg_id| self.acknowledged(*msg_id));
                Ok(())
            }
            ids::MSGS_STATE_REQ => {
                let request: types::MsgsStateReq = self.read(message)?;
                self.tell_states(message, &request.msg_ids)
            }
            ids::MSG_RESEND_REQ => {
                let request: types::MsgResendReq = self.read(message)?;
                self.resend(message, &request.msg_ids)
            }
            ids::MSGS_STATE_INFO => {
                let info: types::MsgsStateInfo = self.read(message)?;
                self.on_states_answer(message, info.req_msg_id, &info.info)
            }
            ids::MSGS_ALL_INFO => {
                let info: types::MsgsAllInfo = self.read(message)?;
                self.on_states(message, &info.msg_ids, &info.info, Some(self.connection))
            }
            _ => match self.role {
                Role::Client(_) => self.read_from_server(id, message, around),
                Role::Server(_) => self.read_from_client(id, message),
            },
        }
    }

    /// `bad_msg_notification` and `bad_server_salt`: only about messages of this side that are under way.
    pub(super) fn on_bad_msg(
        &mut self,
        message: Message<'_>,
        around: Around,
    ) -> Result<(), SessionError> {
        let (about, code, new_salt) = match ids::id_of(message.body) {
            ids::BAD_SERVER_SALT => {
                let bad: types::BadServerSalt = self.read(message)?;
                (bad.bad_msg_id, bad.error_code, Some(bad.new_server_salt))
            }
            _ => {
                let bad: types::BadMsgNotification = self.read(message)?;
                (bad.bad_msg_id, bad.error_code, None)
            }
        };
        let refused = self.outgoing.sent_as(about);
        if refused.is_empty() {
            return Err(SessionError::NotOurs {
                msg_id: message.msg_id,
                about,
            });
        }
        let reason = BadMsg::from(code);
        for handle in &refused {
            if let Some(message) = self.outgoing.get_mut(*handle) {
                message.refused = Some(reason);
                match reason {
                    BadMsg::SeqNoNotEven => message.content_related = false,
                    BadMsg::SeqNoNotOdd => message.content_related = true,
                    BadMsg::Container => message.alone = true,
                    _ => {}
                }
            }
        }
        let goes_on = match reason {
            BadMsg::MsgIdTooLow | BadMsg::MsgIdTooHigh => self.synchronise(time_of(around.sent_as)),
            BadMsg::ServerSalt => {
                self.change_salt(new_salt);
                true
            }
            BadMsg::SeqNoTooLow | BadMsg::SeqNoTooHigh => !self.start_new_session(),
            _ => true,
        };
        // A new session has taken care of all messages.
        if goes_on {
            refused
                .into_iter()
                .for_each(|handle| self.send_anew(handle));
        }
        Ok(())
    }

    /// The other side has received a message.
    pub(super) fn acknowledged(&mut self, msg_id: i64) {
        let Some((handle, message)) = self.outgoing.find(msg_id) else {
            return;
        };
        if message.purpose.is_question() {
            if message.stage == Stage::Sent && message.msg_id == msg_id {
                let is_of_owner = message.purpose.is_of_owner();
                if let Some(message) = self.outgoing.get_mut(handle) {
                    message.stage = Stage::Acknowledged;
                }
                if is_of_owner {
                    self.tell(Event::Acknowledged { handle });
                }
            }
        } else if let Some(message) = self.finish(handle) {
            match message.purpose {
                Purpose::Update => self.tell(Event::Acknowledged { handle }),
                Purpose::Answer { req_msg_id, .. } => {
                    self.received.mark(req_msg_id, status::ACKNOWLEDGED)
                }
                _ => {}
            }
        }
    }

    /// Answers `msgs_state_req`.
    fn tell_states(&mut self, message: Message<'_>, msg_ids: &[i64]) -> Result<(), SessionError> {
        if msg_ids.len() > MAX_IDS {
            return Err(self.malformed(message));
        }
        let info = msg_ids
            .iter()
            .map(|msg_id| self.state_of(*msg_id))
            .collect();
        let states = types::MsgsStateInfo {
            req_msg_id: message.msg_id,
            info,
        };
        self.say(&states);
        Ok(())
    }

    /// What is known of a message of the other side.
    fn state_of(&self, msg_id: i64) -> u8 {
        match is_from(msg_id, self.side().other()) {
            true => self.received.status(msg_id),
            false => status::FORGOTTEN,
        }
    }

    /// Answers `msg_resend_req`: with the messages, in a container; with states if one of them is gone.
    fn resend(&mut self, message: Message<'_>, msg_ids: &[i64]) -> Result<(), SessionError> {
        if msg_ids.len() > MAX_IDS {
            return Err(self.malformed(message));
        }
        let mut all_there = true;
        for msg_id in msg_ids {
            match self.outgoing.find(*msg_id) {
                Some((handle, found)) if found.is_sent() => {
                    self.outgoing.enqueue(handle, Stage::QueuedAgain);
                }
                Some(_) => {}
                None => all_there = false,
            }
        }
        match all_there {
            true => Ok(()),
            false => self.tell_states(message, msg_ids),
        }
    }

    /// `msgs_state_info`: only in answer to a question of this side.
    fn on_states_answer(
        &mut self,
        message: Message<'_>,
        req_msg_id: i64,
        info: &[u8],
    ) -> Result<(), SessionError> {
        let Some((handle, question)) = self.outgoing.find(req_msg_id) else {
            return Err(SessionError::NotOurs {
                msg_id: message.msg_id,
                about: req_msg_id,
            });
        };
        let connection = question.connection;
        match question.purpose.clone() {
            Purpose::StateRequest { msg_ids } => {
                self.finish(handle);
                self.on_states(message, &msg_ids, info, connection)
            }
            // The other side no longer has what it was asked to send again.
            Purpose::ResendRequest { calls } => {
                self.finish(handle);
                calls.into_iter().for_each(|call| self.send_anew(call));
                Ok(())
            }
            _ => Err(SessionError::NotOurs {
                msg_id: message.msg_id,
                about: req_msg_id,
            }),
        }
    }

    /// What the other side knows of messages of this side.
    fn on_states(
        &mut self,
        message: Message<'_>,
        msg_ids: &[i64],
        info: &[u8],
        asked_by: Option<u8>,
    ) -> Result<(), SessionError> {
        if msg_ids.len() != info.len() {
            return Err(self.malformed(message));
        }
        let mut answered = Vec::new();
        for (msg_id, state) in msg_ids.iter().zip(info) {
            let Some((handle, known)) = self.outgoing.find(*msg_id) else {
                continue;
            };
            if known.msg_id != *msg_id || !known.is_sent() {
                continue;
            }
            match state & status::KIND {
                status::RECEIVED => {
                    let is_answered =
                        state & status::ANSWERED != 0 && known.purpose == Purpose::Call;
                    self.acknowledged(*msg_id);
                    if is_answered && self.may_ask_for_answer(handle) {
                        answered.push(*msg_id);
                    }
                }
                // By another connection, it may be on its way still.
                _ if known.connection.is_some() && known.connection != asked_by => {}
                status::FORGOTTEN | status::NOT_RECEIVED | status::TOO_HIGH => {
                    self.send_anew(handle)
                }
                _ => {}
            }
        }
        if !answered.is_empty() {
            self.say(&types::MsgResendAnsReq { msg_ids: answered });
        }
        Ok(())
    }

    /// Reads the constructor in a message.
    pub(super) fn read<'m, T: TlRead<'m> + Combinator>(
        &self,
        message: Message<'m>,
    ) -> Result<T, SessionError> {
        let mut r = Reader::new(message.body);
        let value = r.constructor();
        match r.finish() {
            Ok(()) => Ok(value),
            Err(_) => Err(self.malformed(message)),
        }
    }
}

/// This side to the other.
impl Session {
    /// Says something that nobody answers.
    pub(super) fn say<T: TlWrite + Combinator>(&mut self, word: &T) {
        if let Ok(body) = encode_boxed(word)
            && self.outgoing.urgent() < MAX_WORDS
        {
            self.outgoing
                .push(outgoing::Message::new(Purpose::Word, body, false));
        }
    }

    /// Looks for messages that have been without an answer or acknowledgment for long.
    pub(super) fn inquire(&mut self) {
        self.inquire_at = None;
        match self.role {
            Role::Client(_) => self.ask_for_states(),
            Role::Server(_) => self.remind_of_answers(),
        }
    }
}
