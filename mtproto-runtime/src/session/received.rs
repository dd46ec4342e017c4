//! Which messages came in: duplicates, and what the other side is told when it asks.
//!
//! [Checking msg_id](https://core.telegram.org/mtproto/security_guidelines#checking-msg-id),
//! [request for message status information](https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information).

use alloc::collections::VecDeque;

use super::bad_msg::BadMsg;
use super::sequence::is_content_related;

/// What is told of a message: one byte of `msgs_state_info`.
pub(super) mod status {
    /// Nothing is known: the id is below all that are remembered.
    pub(in crate::session) const FORGOTTEN: u8 = 1;
    /// Not received, though the id lies among those remembered.
    pub(in crate::session) const NOT_RECEIVED: u8 = 2;
    /// Not received: the id is above all that are remembered.
    pub(in crate::session) const TOO_HIGH: u8 = 3;
    /// Received; the only one of the four that flags are added to.
    pub(in crate::session) const RECEIVED: u8 = 4;
    /// The four above, without flags.
    pub(in crate::session) const KIND: u8 = 7;
    /// Acknowledged already.
    pub(in crate::session) const ACKNOWLEDGED: u8 = 8;
    /// Not to be acknowledged.
    pub(in crate::session) const NO_ACKNOWLEDGMENT: u8 = 16;
    /// An RPC query that is processed or being processed.
    pub(in crate::session) const PROCESSING: u8 = 32;
    /// A content-related response to it was made.
    pub(in crate::session) const ANSWERED: u8 = 64;
}

/// The last N messages of the other side, by msg_id.
#[derive(Debug)]
pub(super) struct Received {
    entries: VecDeque<Entry>,
    capacity: usize,
    /// Whether an id was forgotten: those below the lowest can no longer be told apart from new ones.
    forgot: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    msg_id: i64,
    seq_no: i32,
    status: u8,
    is_container: bool,
    /// Whether it was a call, and answered with an error.
    failed: bool,
}

/// What a msg_id is to those received before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    /// It was not there before.
    New,
    /// It was.
    Duplicate {
        /// Whether that message was a container.
        of_container: bool,
    },
    /// It is below all that are remembered.
    TooOld,
}

impl Received {
    /// Remembers up to `capacity` messages.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            capacity: capacity.max(1),
            forgot: false,
        }
    }

    /// Forgets all, as a new session does.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.forgot = false;
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether a message is new.
    pub(super) fn novelty(&self, msg_id: i64) -> Novelty {
        match self.position(msg_id) {
            Ok(at) => Novelty::Duplicate {
                of_container: self.entries[at].is_container,
            },
            Err(0) if self.is_full() => Novelty::TooOld,
            Err(_) => Novelty::New,
        }
    }

    /// Whether the seq_no of a new message fits between those of the messages around it.
    pub(super) fn check_sequence(&self, msg_id: i64, seq_no: i32) -> Result<(), BadMsg> {
        let (Ok(at) | Err(at)) = self.position(msg_id);
        let clash = |other: i32| other == seq_no && is_content_related(seq_no);
        let before = at.checked_sub(1).and_then(|at| self.entries.get(at));
        if before.is_some_and(|before| before.seq_no > seq_no || clash(before.seq_no)) {
            return Err(BadMsg::SeqNoTooLow);
        }
        let after = self.entries.get(at);
        if after.is_some_and(|after| after.seq_no < seq_no || clash(after.seq_no)) {
            return Err(BadMsg::SeqNoTooHigh);
        }
        Ok(())
    }

    /// Remembers a new message, and forgets the one with the lowest id if there are too many.
    pub(super) fn insert(&mut self, msg_id: i64, seq_no: i32, is_container: bool) {
        let Err(mut at) = self.position(msg_id) else {
            return;
        };
        // Room is made before: so there never is room for more.
        if self.entries.len() == self.capacity {
            self.forgot = true;
            if at == 0 {
                return;
            }
            self.entries.pop_front();
            at -= 1;
        }
        let status = match is_content_related(seq_no) {
            true => status::RECEIVED,
            false => status::RECEIVED | status::NO_ACKNOWLEDGMENT,
        };
        let entry = Entry {
            msg_id,
            seq_no,
            status,
            is_container,
            failed: false,
        };
        self.entries.insert(at, entry);
    }

    /// Adds flags to what is told of a message.
    pub(super) fn mark(&mut self, msg_id: i64, flags: u8) {
        if let Ok(at) = self.position(msg_id) {
            self.entries[at].status |= flags;
        }
    }

    /// Remembers that a call was answered with an error.
    pub(super) fn mark_failed(&mut self, msg_id: i64) {
        if let Ok(at) = self.position(msg_id) {
            self.entries[at].failed = true;
        }
    }

    /// Whether a call was answered with an error.
    pub(super) fn has_failed(&self, msg_id: i64) -> bool {
        self.position(msg_id)
            .is_ok_and(|at| self.entries[at].failed)
    }

    /// What is told of a message.
    pub(super) fn status(&self, msg_id: i64) -> u8 {
        match self.position(msg_id) {
            Ok(at) => self.entries[at].status,
            Err(0) if self.forgot => status::FORGOTTEN,
            Err(at) if at == self.entries.len() => status::TOO_HIGH,
            Err(_) => status::NOT_RECEIVED,
        }
    }

    fn is_full(&self) -> bool {
        self.forgot || self.entries.len() >= self.capacity
    }

    fn position(&self, msg_id: i64) -> Result<usize, usize> {
        // Most messages come in order.
        match self.entries.back() {
            Some(last) if last.msg_id < msg_id => Err(self.entries.len()),
            _ => self
                .entries
                .binary_search_by_key(&msg_id, |entry| entry.msg_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(ids: &[(i64, i32)], capacity: usize) -> Received {
        let mut received = Received::new(capacity);
        for (msg_id, seq_no) in ids {
            received.insert(*msg_id, *seq_no, false);
        }
        received
    }

    #[test]
    fn duplicates_and_ids_below_a_full_set_are_not_new() {
        let received = filled(&[(8, 1), (16, 3)], 3);
        assert_eq!(received.novelty(4), Novelty::New);
        assert_eq!(
            received.novelty(8),
            Novelty::Duplicate {
                of_container: false
            }
        );
        let received = filled(&[(8, 1), (16, 3), (20, 5)], 3);
        assert_eq!(received.novelty(4), Novelty::TooOld);
        assert_eq!(received.novelty(12), Novelty::New);
        let received = filled(&[(8, 1), (16, 3), (20, 5), (24, 7)], 3);
        assert_eq!(received.len(), 3);
        assert_eq!(received.novelty(8), Novelty::TooOld);
    }

    #[test]
    fn seq_nos_grow_with_ids() {
        let received = filled(&[(8, 1), (16, 5)], 8);
        assert_eq!(received.check_sequence(12, 3), Ok(()));
        assert_eq!(received.check_sequence(12, 2), Ok(()));
        assert_eq!(received.check_sequence(12, 0), Err(BadMsg::SeqNoTooLow));
        assert_eq!(received.check_sequence(12, 1), Err(BadMsg::SeqNoTooLow));
        assert_eq!(received.check_sequence(12, 5), Err(BadMsg::SeqNoTooHigh));
        assert_eq!(received.check_sequence(12, 7), Err(BadMsg::SeqNoTooHigh));
        assert_eq!(received.check_sequence(20, 6), Ok(()));
        assert_eq!(received.check_sequence(20, 5), Err(BadMsg::SeqNoTooLow));
    }

    #[test]
    fn the_state_of_any_id_can_be_told() {
        let mut received = filled(&[(8, 1), (16, 2), (24, 5), (32, 7)], 3);
        received.mark(24, status::PROCESSING);
        let told = [4, 8, 16, 20, 24, 32, 36].map(|id| received.status(id));
        assert_eq!(told, [1, 1, 4 | 16, 2, 4 | 32, 4, 3]);
    }
}
