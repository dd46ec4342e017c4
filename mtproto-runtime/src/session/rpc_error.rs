//! Errors that the other side answers calls with: [error handling](https://core.telegram.org/api/errors).

use alloc::string::{String, ToString};
use core::fmt;
use core::time::Duration;

/// `rpc_error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcError {
    /// Like a status of HTTP: 303, 400, 401, 403, 404, 406, 420, 500; anything else counts as 500.
    pub code: i32,
    /// What it is: `FLOOD_WAIT_30`.
    pub message: String,
}

/// What a client can do about an [`RpcError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Repeat the call after so long: `FLOOD_WAIT_n`, `FLOOD_PREMIUM_WAIT_n`, `SLOWMODE_WAIT_n` and others with `WAIT`.
    Wait(Duration),
    /// Repeat the call at another data centre: `PHONE_MIGRATE_n`, `FILE_MIGRATE_n`, `NETWORK_MIGRATE_n`, `USER_MIGRATE_n`.
    Migrate {
        /// Its number.
        dc: u32,
    },
    /// Log in again with a new authorization key: `AUTH_KEY_DUPLICATED`. The server has dropped this one.
    NewKey,
    /// Log in: what else comes with 401.
    LogIn,
    /// Repeat the call later: the server failed.
    Retry,
    /// Nothing: the call is at fault.
    None,
}

impl RpcError {
    /// An error with that code and message.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The number in the message: 30 in `FLOOD_WAIT_30`, 5 in `FILE_PART_5_MISSING`.
    pub fn parameter(&self) -> Option<u32> {
        self.message.split('_').find_map(number)
    }

    /// The message without its number: `FLOOD_WAIT`, `FILE_PART_MISSING`.
    pub fn name(&self) -> String {
        let mut words = self
            .message
            .split('_')
            .filter(|word| number(word).is_none());
        let mut name = words.next().unwrap_or_default().to_string();
        for word in words {
            name.push('_');
            name.push_str(word);
        }
        name
    }

    /// What to do about it.
    pub fn remedy(&self) -> Remedy {
        let has = |word| self.message.split('_').any(|found| found == word);
        match (self.code, self.parameter()) {
            (303, Some(dc)) if has("MIGRATE") => Remedy::Migrate { dc },
            (420, Some(secs)) if has("WAIT") => Remedy::Wait(Duration::from_secs(secs.into())),
            (406, _) if self.message == "AUTH_KEY_DUPLICATED" => Remedy::NewKey,
            (401, _) => Remedy::LogIn,
            (303 | 400 | 403 | 404 | 406 | 420, _) => Remedy::None,
            _ => Remedy::Retry,
        }
    }

    /// Whether a call with an order ([`InvokeOptions::after`](super::InvokeOptions::after)) has to be sent once more.
    pub(super) fn is_of_order(&self) -> bool {
        matches!(
            self.message.as_str(),
            "MSG_WAIT_FAILED" | "MSG_WAIT_TIMEOUT"
        )
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {} {}", self.code, self.message)
    }
}

impl core::error::Error for RpcError {}

/// A word that is nothing but a number.
fn number(word: &str) -> Option<u32> {
    word.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| word.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names() {
        for (message, name, parameter) in [
            ("FLOOD_WAIT_31", "FLOOD_WAIT", Some(31)),
            ("FILE_PART_5_MISSING", "FILE_PART_MISSING", Some(5)),
            ("2FA_CONFIRM_WAIT_604800", "2FA_CONFIRM_WAIT", Some(604_800)),
            ("AUTH_KEY_UNREGISTERED", "AUTH_KEY_UNREGISTERED", None),
            ("WAIT_99999999999", "WAIT_99999999999", None),
            ("", "", None),
        ] {
            let error = RpcError::new(400, message);
            assert_eq!(
                (error.name().as_str(), error.parameter()),
                (name, parameter)
            );
        }
    }

    #[test]
    fn remedies() {
        for (code, message, remedy) in [
            (420, "FLOOD_WAIT_31", Remedy::Wait(Duration::from_secs(31))),
            (
                420,
                "FLOOD_PREMIUM_WAIT_3",
                Remedy::Wait(Duration::from_secs(3)),
            ),
            (303, "PHONE_MIGRATE_4", Remedy::Migrate { dc: 4 }),
            (303, "FILE_MIGRATE_2", Remedy::Migrate { dc: 2 }),
            (406, "AUTH_KEY_DUPLICATED", Remedy::NewKey),
            (401, "SESSION_REVOKED", Remedy::LogIn),
            (400, "FILE_PART_5_MISSING", Remedy::None),
            (500, "RPC_CALL_FAIL", Remedy::Retry),
            (-503, "Timeout", Remedy::Retry),
        ] {
            assert_eq!(RpcError::new(code, message).remedy(), remedy, "{message}");
        }
    }
}
