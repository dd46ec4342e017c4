//! Sequence numbers: what was sent, what has come, and what is missing in between.
//!
//! Page: <https://core.telegram.org/api/end-to-end/seq_no>. Numbers here are raw, from 0 by steps of 1; on the wire they are
//! doubled and carry in the lowest bit who sent them.

use alloc::collections::BTreeMap;

use super::DiscardReason;

/// Beyond it a doubled number no longer fits an `int`.
const MAX_NUMBER: u32 = (1 << 30) - 1;

/// Both counters of a chat, and the messages `T` that came too early.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sequence<T> {
    is_originator: bool,
    /// How many messages we have sent: the `out_seq_no` of the next one.
    sent: u32,
    /// How many messages of the peer have been processed: the `out_seq_no` that is due.
    received: u32,
    /// How many of ours the peer had processed, by its last message in order.
    acknowledged: u32,
    waiting: BTreeMap<u32, T>,
    /// Up to which number the gap in front of the waiting ones was asked for.
    requested_until: Option<u32>,
}

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the one that is due.
    Due,
    /// It was processed, or waits already.
    Repeated,
    /// Others before it are missing.
    Early,
}

impl<T> Sequence<T> {
    pub(crate) fn new(is_originator: bool) -> Self {
        Self::restored(is_originator, 0, 0, 0)
    }

    pub(crate) fn restored(
        is_originator: bool,
        sent: u32,
        received: u32,
        acknowledged: u32,
    ) -> Self {
        Self {
            is_originator,
            sent,
            received,
            acknowledged,
            waiting: BTreeMap::new(),
            requested_until: None,
        }
    }

    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    pub(crate) fn received(&self) -> u32 {
        self.received
    }

    pub(crate) fn acknowledged(&self) -> u32 {
        self.acknowledged
    }

    pub(crate) fn requested_until(&self) -> Option<u32> {
        self.requested_until
    }

    pub(crate) fn set_requested_until(&mut self, until: Option<u32>) {
        self.requested_until = until;
    }

    pub(crate) fn waiting(&self) -> impl Iterator<Item = (u32, &T)> {
        self.waiting
            .iter()
            .map(|(number, message)| (*number, message))
    }

    pub(crate) fn has_gap(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Gives the next message of ours its numbers: the raw `out_seq_no`, and both as they are written.
    pub(crate) fn assign(&mut self) -> Option<Numbers> {
        let out = self.sent;
        if out > MAX_NUMBER || self.received > MAX_NUMBER {
            return None;
        }
        self.sent += 1;
        Some(Numbers {
            out,
            in_seq_no: wire(self.received, !self.is_originator),
            out_seq_no: wire(out, self.is_originator),
        })
    }

    /// Raw `(in, out)` of a message of the peer. Its parity must be that of the peer (check 38).
    pub(crate) fn read(
        &self,
        in_seq_no: i32,
        out_seq_no: i32,
    ) -> Result<(u32, u32), DiscardReason> {
        let raw = |number: i32, odd: bool| {
            let number = u32::try_from(number).ok()?;
            (number % 2 == u32::from(odd)).then_some(number / 2)
        };
        raw(in_seq_no, self.is_originator)
            .zip(raw(out_seq_no, !self.is_originator))
            .ok_or(DiscardReason::WrongParity)
    }

    /// Whether a message is due, and whether its `in` may be: the peer can't have processed what was not sent (check 40).
    pub(crate) fn place(&self, in_seq: u32, out_seq: u32) -> Result<Place, DiscardReason> {
        if out_seq < self.received || self.waiting.contains_key(&out_seq) {
            return Ok(Place::Repeated);
        }
        if in_seq > self.sent {
            return Err(DiscardReason::WrongInSeqNo);
        }
        if out_seq == self.received {
            Ok(Place::Due)
        } else {
            Ok(Place::Early)
        }
    }

    /// The message that is due is processed: its `in` must not fall behind that of the one before (check 40).
    pub(crate) fn advance(&mut self, in_seq: u32) -> Result<(), DiscardReason> {
        if in_seq < self.acknowledged || in_seq > self.sent {
            return Err(DiscardReason::WrongInSeqNo);
        }
        self.acknowledged = in_seq;
        self.received += 1;
        if self
            .requested_until
            .is_some_and(|until| until < self.received)
        {
            self.requested_until = None;
        }
        Ok(())
    }

    pub(crate) fn wait(&mut self, out_seq: u32, message: T) {
        self.waiting.insert(out_seq, message);
    }

    /// The message that is due, if it waits already.
    pub(crate) fn take_due(&mut self) -> Option<T> {
        self.waiting.remove(&self.received)
    }

    /// The gap that nobody was asked to fill yet, as `start_seq_no` and `end_seq_no` of a request to the peer. Each gap is
    /// asked for once (check 39).
    pub(crate) fn request(&mut self) -> Option<(i32, i32)> {
        let last = self.waiting.keys().next()?.checked_sub(1)?;
        if self.requested_until.is_some() {
            return None;
        }
        self.requested_until = Some(last);
        let by_originator = !self.is_originator;
        Some((
            wire(self.received, by_originator),
            wire(last, by_originator),
        ))
    }

    /// Lets the gap be asked for again.
    pub(crate) fn forget_request(&mut self) {
        self.requested_until = None;
    }

    /// Which of our messages the peer asks for. Those it has confirmed are gone, and those it can't know of are not there.
    pub(crate) fn requested(&self, start_seq_no: i32, end_seq_no: i32) -> Option<(u32, u32)> {
        let raw = |number: i32| {
            let number = u32::try_from(number).ok()?;
            (number % 2 == u32::from(self.is_originator)).then_some(number / 2)
        };
        let (start, end) = (raw(start_seq_no)?, raw(end_seq_no)?);
        (start <= end && end < self.sent && start >= self.acknowledged).then_some((start, end))
    }
}

/// The numbers of a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Raw.
    pub(crate) out: u32,
    pub(crate) in_seq_no: i32,
    pub(crate) out_seq_no: i32,
}

/// `2 * raw + x`. Mirrored messages show by `x`: 1 in what the originator of the chat counts as sent.
fn wire(raw: u32, by_originator: bool) -> i32 {
    (raw * 2 + u32::from(by_originator)) as i32
}
