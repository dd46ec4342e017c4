//! Messages that nobody answers: a client asks for their states, and sends again what did not arrive.
//!
//! [Request for message status information](https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information)

use alloc::vec::Vec;
use core::time::Duration;

use super::outgoing::{self, Purpose};
use super::{Event, Handle, Role, Session, acks};
use crate::schema::mtproto::types;
use crate::wire::encode_boxed;

/// After so many questions for states without an answer no more is expected.
const MAX_UNANSWERED_INQUIRIES: u32 = 2;

/// Questions for states.
impl Session {
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
                // It may be the clock: one that stood still makes every message of the server one from the future.
                self.clock.distrust();
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
