//! Message identifiers: [msg_id](https://core.telegram.org/mtproto/description#message-identifier-msg-id).
//!
//! A msg_id is about the Unix time of its making, times 2³². Those of a client are divisible by 4; those of a server are 1
//! modulo 4 when they answer a message, and 3 otherwise.

use core::time::Duration;

use crate::crypto::kdf::Side;

/// How long after its making a message is still accepted.
pub(super) const MAX_AGE: Duration = Duration::from_secs(300);
/// How far ahead of the receiver's time a message may be.
pub(super) const MAX_LEAD: Duration = Duration::from_secs(30);

/// The two lowest bits of a msg_id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parity {
    /// From a client.
    Client = 0,
    /// From a server, in answer to a message.
    ServerAnswer = 1,
    /// From a server, of its own accord.
    ServerNotice = 3,
}

/// Makes the msg_ids of one side of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct MessageIds {
    last: i64,
}

impl MessageIds {
    /// Goes on after an id that was made before.
    pub(super) fn after(last: i64) -> Self {
        Self { last }
    }

    /// The last id made; 0 if there was none.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// The next id: above all before it, even when the clock stands still or runs backwards, and never without a fraction
    /// of a second.
    pub(super) fn next(&mut self, server_time: Duration, parity: Parity) -> i64 {
        let by_time = from_time(server_time) & !3;
        let above_last = (self.last & !3).saturating_add(4);
        let mut id = by_time.max(above_last) & !3;
        if id & 0xffff_ffff == 0 {
            id |= 4;
        }
        self.last = id | parity as i64;
        self.last
    }
}

/// Whether an id can come from that side.
pub(super) fn is_from(msg_id: i64, side: Side) -> bool {
    match side {
        Side::Client => msg_id & 3 == 0,
        Side::Server => msg_id & 1 == 1,
    }
}

/// When a message was made.
pub(super) fn time_of(msg_id: i64) -> Duration {
    let [secs, fraction] = [
        msg_id.unsigned_abs() >> 32,
        msg_id.unsigned_abs() & 0xffff_ffff,
    ];
    let nanos = (fraction * 1_000_000_000) >> 32;
    Duration::from_secs(secs).saturating_add(Duration::from_nanos(nanos))
}

/// How a msg_id lies to the receiver's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Made over [`MAX_AGE`] ago.
    TooOld,
    /// Neither too old nor too new.
    Fresh,
    /// Made over [`MAX_LEAD`] from now.
    TooNew,
}

/// How a msg_id lies to the receiver's time.
pub(super) fn age(msg_id: i64, server_time: Duration) -> Age {
    let made = time_of(msg_id);
    if msg_id < 0 || made.saturating_add(MAX_AGE) < server_time {
        Age::TooOld
    } else if made > server_time.saturating_add(MAX_LEAD) {
        Age::TooNew
    } else {
        Age::Fresh
    }
}

/// The id, without regard to its lowest bits, of a message made at that time.
pub(super) fn from_time(time: Duration) -> i64 {
    let secs = i64::try_from(time.as_secs().min(0x7fff_ffff)).unwrap_or_default();
    let fraction = (u64::from(time.subsec_nanos()) << 32) / 1_000_000_000;
    (secs << 32) | i64::try_from(fraction).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_time_stands_still_or_goes_back() {
        let mut ids = MessageIds::default();
        let mut last = 0;
        for secs in [1_000, 1_000, 1_000, 999, 1_001] {
            let id = ids.next(Duration::from_secs(secs), Parity::Client);
            assert!(id > last);
            assert!(is_from(id, Side::Client));
            assert_ne!(id & 0xffff_ffff, 0, "no fraction");
            last = id;
        }
    }

    #[test]
    fn ids_tell_who_made_them() {
        let mut ids = MessageIds::default();
        let now = Duration::from_millis(1_700_000_000_250);
        let answer = ids.next(now, Parity::ServerAnswer);
        let notice = ids.next(now, Parity::ServerNotice);
        assert_eq!((answer & 3, notice & 3), (1, 3));
        assert!(notice > answer);
        assert!(is_from(answer, Side::Server) && !is_from(answer, Side::Client));
    }

    #[test]
    fn an_id_tells_its_time() {
        let now = Duration::new(1_700_000_000, 250_000_000);
        let id = MessageIds::default().next(now, Parity::Client);
        let error = time_of(id).abs_diff(now);
        assert!(error < Duration::from_micros(1), "{error:?}");
    }

    #[test]
    fn the_window_is_300_seconds_back_and_30_ahead() {
        let now = Duration::from_secs(1_700_000_000);
        let at = |offset: i64| from_time(now) + (offset << 32);
        assert_eq!(age(at(-300), now), Age::Fresh);
        assert_eq!(age(at(-301), now), Age::TooOld);
        assert_eq!(age(at(30), now), Age::Fresh);
        assert_eq!(age(at(31), now), Age::TooNew);
        assert_eq!(age(i64::MIN, now), Age::TooOld);
        assert_eq!(age(i64::MAX, now), Age::TooNew);
    }
}
