//! Time as the engines take it: a number that the caller read off a clock, never a clock.

use core::time::Duration;

/// A moment, as the time since the Unix epoch.
///
/// Engines get it as an argument and compare it with others. It comes from a [`Duration`], which is what
/// `SystemTime::now().duration_since(UNIX_EPOCH)` returns, or (feature `std`) from a `SystemTime`.
///
/// ```
/// use core::time::Duration;
/// use mtproto_runtime::time::UnixTime;
///
/// let now = UnixTime::from(Duration::from_millis(1_707_425_104_250));
/// assert_eq!(now.as_secs(), 1_707_425_104);
/// assert_eq!(now.msg_id_bits(), 1_707_425_104 << 32 | 1 << 30);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(Duration);

impl UnixTime {
    /// A whole number of seconds after the epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }

    /// The whole seconds since the epoch.
    pub const fn as_secs(self) -> u64 {
        self.0.as_secs()
    }

    /// The time since the epoch.
    pub const fn since_epoch(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment that is `by` later, or the last one there is.
    pub const fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }

    /// Seconds in the high 32 bits, the fraction of the second in the low ones: what the
    /// [identifier of a message](https://core.telegram.org/mtproto/description#message-identifier-msg-id) is made of.
    pub const fn msg_id_bits(self) -> u64 {
        let nanos = self.0.subsec_nanos() as u64;
        let fraction = ((nanos << 32) + 500_000_000) / 1_000_000_000; // to the nearest
        self.0.as_secs() << 32 | fraction
    }
}

impl From<Duration> for UnixTime {
    fn from(since_epoch: Duration) -> Self {
        Self(since_epoch)
    }
}

/// A clock that stands before the epoch is taken to stand at it.
#[cfg(feature = "std")]
impl From<std::time::SystemTime> for UnixTime {
    fn from(time: std::time::SystemTime) -> Self {
        Self(
            time.duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default(),
        )
    }
}
