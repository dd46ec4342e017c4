//! Acknowledgments that are owed:
//! [msgs_ack](https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt).
//!
//! They travel with the next message; alone only when there are many, or when the first of them gets old.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

/// How many ids a `msgs_ack`, `msgs_state_req` or `msg_resend_req` may hold.
pub(super) const MAX_IDS: usize = 8192;

/// Looked at for duplicates: what a network that repeats packets brings.
const RECENT: usize = 32;

/// Acknowledgments that are owed.
#[derive(Debug, Default)]
pub(super) struct Acks {
    owed: VecDeque<i64>,
    /// The highest that was ever owed.
    highest: i64,
    /// Since when the first is owed.
    since: Option<Duration>,
}

impl Acks {
    /// Owes one more. Beyond [`MAX_IDS`] none is added: the other side will send that message again.
    pub(super) fn push(&mut self, msg_id: i64, elapsed: Duration) {
        let may_be_owed = msg_id <= self.highest;
        let is_owed = may_be_owed && self.owed.iter().rev().take(RECENT).any(|id| *id == msg_id);
        if self.owed.len() < MAX_IDS && !is_owed {
            self.highest = self.highest.max(msg_id);
            self.owed.push_back(msg_id);
            self.since.get_or_insert(elapsed);
        }
    }

    /// Owes one less: the answer to a message acknowledges it.
    pub(super) fn remove(&mut self, msg_id: i64) {
        // The answer mostly follows soon, so that it is one of the last.
        if let Some(at) = self.owed.iter().rposition(|id| *id == msg_id) {
            self.owed.remove(at);
        }
        if self.owed.is_empty() {
            self.since = None;
        }
    }

    /// When they have to be sent even if nothing else is: at once if there are `count` of them.
    pub(super) fn deadline(&self, count: usize, delay: Duration) -> Option<Duration> {
        self.since.map(|since| match self.owed.len() >= count {
            true => since,
            false => since.saturating_add(delay),
        })
    }

    /// Whether none is owed.
    pub(super) fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    /// Forgets all, as a new session does.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// All that are owed; they are owed no longer.
    pub(super) fn take(&mut self) -> Vec<i64> {
        self.since = None;
        self.owed.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(30);

    #[test]
    fn due_by_time_or_by_count() {
        let mut acks = Acks::default();
        assert_eq!(acks.deadline(3, DELAY), None);
        let start = Duration::from_secs(100);
        acks.push(1, start);
        acks.push(1, start);
        acks.push(5, start + DELAY / 2);
        assert_eq!(acks.deadline(3, DELAY), Some(start + DELAY));
        acks.push(9, start + DELAY / 2);
        assert_eq!(acks.deadline(3, DELAY), Some(start));
        assert_eq!(acks.take(), [1, 5, 9]);
        assert_eq!(acks.deadline(3, DELAY), None);
    }

    #[test]
    fn never_more_than_a_message_holds() {
        let mut acks = Acks::default();
        for id in 0..20_000 {
            acks.push(id, DELAY);
        }
        assert_eq!(acks.take().len(), MAX_IDS);
    }
}
