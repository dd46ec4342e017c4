//! The one clock that drivers read.

use core::time::Duration;
use std::time::SystemTime;

use tokio::time::Instant;

use crate::time::UnixTime;

/// Shows the time of the system when it was started, and runs evenly from there on: corrections of the system's clock do not
/// make it jump. It stands still with tokio's time, for tests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    unix: UnixTime,
    started_at: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            unix: SystemTime::now().into(),
            started_at: Instant::now(),
        }
    }

    /// The same clock, so many seconds ahead, or behind if negative.
    pub(super) fn shifted(self, secs: i64) -> Self {
        let shift = Duration::from_secs(secs.unsigned_abs());
        let since_epoch = self.unix.since_epoch();
        let shifted = match secs {
            ..0 => since_epoch.saturating_sub(shift),
            _ => since_epoch.saturating_add(shift),
        };
        Self {
            unix: UnixTime::from(shifted),
            ..self
        }
    }

    pub(super) fn now(&self) -> UnixTime {
        self.unix.after(self.started_at.elapsed())
    }

    /// When this clock will show that time.
    pub(super) fn instant(&self, at: UnixTime) -> Instant {
        let since_start = at.since(self.unix);
        // What is beyond the end of time, a century will do for.
        let far = Duration::from_secs(100 * 365 * 86_400);
        self.started_at + since_start.min(far)
    }
}
