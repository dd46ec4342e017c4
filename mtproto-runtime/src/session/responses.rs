//! Answers and updates of a server, which it keeps until they are acknowledged.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::time::Duration;

use super::outgoing::{self, Purpose, Stage};
use super::received::status;
use super::{Event, Handle, InvokeError, Role, RpcError, Session, ids};
use crate::schema::mtproto::types;
use crate::wire::{Combinator, TlWrite, encode_boxed, encode_by};

/// An answer up to this size is sent again to whom repeats a call; of a larger one it is told that it is there.
const SMALL_ANSWER_BYTES: usize = 1024;
/// Of so many messages a client is reminded at a time.
const MAX_REMINDERS: usize = 64;

/// Answers and updates.
impl Session {
    /// Answers a call: with the TL object it returns.
    ///
    /// # Errors
    ///
    /// There is no such call, or the body is no TL object.
    pub fn respond(&mut self, msg_id: i64, result: Vec<u8>) -> Result<(), InvokeError> {
        self.end_call(msg_id, result)?;
        self.start_waiting();
        Ok(())
    }

    /// Answers a call, without a look at those that come after it.
    pub(super) fn end_call(&mut self, msg_id: i64, result: Vec<u8>) -> Result<(), InvokeError> {
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
            self.push_answer(msg_id, result, true);
        } else if call.is_dropped {
            self.push_result(
                msg_id,
                Vec::from(ids::RPC_ANSWER_DROPPED_RUNNING.to_le_bytes()),
            );
        } else {
            self.push_result(msg_id, result);
        }
        Ok(())
    }

    /// Answers a call with an error.
    ///
    /// # Errors
    ///
    /// There is no such call.
    pub fn respond_error(&mut self, msg_id: i64, error: &RpcError) -> Result<(), InvokeError> {
        self.respond(msg_id, encode_error(error)?)
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
        self.push_answer(req_msg_id, result, false);
    }

    /// Sends an answer; it acknowledges the call. Of those that nobody acknowledges the oldest makes room.
    fn push_answer(&mut self, req_msg_id: i64, body: Vec<u8>, is_bare: bool) {
        while self.check_pending(body.len()).is_err() {
            let is_old = |message: &outgoing::Message| {
                message.stage == Stage::Sent && matches!(message.purpose, Purpose::Answer { .. })
            };
            let oldest = self
                .outgoing
                .iter()
                .find(|(_, message)| is_old(message))
                .map(|(handle, _)| handle);
            let Some(oldest) = oldest else {
                break;
            };
            self.finish(oldest);
        }
        self.acks.remove(req_msg_id);
        self.received.mark(req_msg_id, status::ANSWERED);
        let purpose = Purpose::Answer {
            req_msg_id,
            is_bare,
        };
        self.outgoing
            .push(outgoing::Message::new(purpose, body, true));
    }
}

/// Answers that are dropped, or wanted once more.
impl Session {
    /// `rpc_drop_answer`.
    pub(super) fn drop_answer(&mut self, msg_id: i64, req_msg_id: i64) {
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
                bytes: i32::try_from(answer.wire_bytes()).unwrap_or(i32::MAX),
            };
            boxed(&dropped)
        } else {
            Vec::from(ids::RPC_ANSWER_UNKNOWN.to_le_bytes())
        };
        self.push_result(msg_id, outcome);
    }

    /// `msg_resend_ans_req`.
    pub(super) fn resend_answers(&mut self, req_msg_ids: &[i64]) {
        let wanted: BTreeSet<i64> = req_msg_ids.iter().copied().collect();
        let is_wanted = |message: &outgoing::Message| match message.purpose {
            Purpose::Answer { req_msg_id, .. } => message.is_sent() && wanted.contains(&req_msg_id),
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
        if answer.wire_bytes() <= SMALL_ANSWER_BYTES {
            self.outgoing.enqueue(handle, Stage::QueuedAgain);
        } else {
            let info = detailed_info(req_msg_id, answer);
            self.say(&info);
        }
    }

    fn answer_to(&self, call: i64) -> Option<Handle> {
        let is_answer = |message: &outgoing::Message| match message.purpose {
            Purpose::Answer { req_msg_id, .. } => req_msg_id == call,
            _ => false,
        };
        self.outgoing
            .iter()
            .find(|(_, message)| is_answer(message))
            .map(|(handle, _)| handle)
    }
}

/// What is not acknowledged.
impl Session {
    /// Sends all that is not acknowledged over the new connection.
    pub(super) fn server_reconnected(&mut self) {
        if let Role::Server(server) = &mut self.role {
            server.disconnect_at = None;
        }
        // The first packet of this connection tells again what the client speaks.
        if self.config.server_version().is_none() {
            self.version = None;
        }
        for handle in self.unacknowledged(Duration::MAX) {
            self.outgoing.enqueue(handle, Stage::QueuedAgain);
        }
    }

    /// Reminds the client of what it has not acknowledged for long.
    pub(super) fn remind_of_answers(&mut self) {
        let timeout = self.unacknowledged_timeout();
        let sent_by = self.clock.elapsed().saturating_sub(timeout);
        // As long as nothing can be sent, the reminders of before are enough.
        let most = match self.outgoing.urgent() {
            0 => MAX_REMINDERS,
            _ => 0,
        };
        for handle in self.unacknowledged(sent_by).into_iter().take(most) {
            let Some(message) = self.outgoing.get(handle) else {
                continue;
            };
            match message.purpose {
                Purpose::Answer { req_msg_id, .. } => {
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

fn detailed_info(msg_id: i64, answer: &outgoing::Message) -> types::MsgDetailedInfo {
    types::MsgDetailedInfo {
        msg_id,
        answer_msg_id: answer.msg_id,
        bytes: i32::try_from(answer.wire_bytes()).unwrap_or(i32::MAX),
        status: 0,
    }
}

/// `rpc_error`.
pub(super) fn encode_error(error: &RpcError) -> Result<Vec<u8>, InvokeError> {
    let error = types::RpcError {
        error_code: error.code,
        error_message: error.message.clone(),
    };
    Ok(encode_boxed(&error)?)
}

/// A constructor of fixed size in boxed form.
fn boxed<T: TlWrite + Combinator>(value: &T) -> Vec<u8> {
    encode_by(|w| w.constructor(value)).unwrap_or_default()
}
