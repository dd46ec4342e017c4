//! What the drivers tell [`tracing`](https://docs.rs/tracing): spans and events, if the feature of that name is there;
//! nothing, and at no cost, if not.
//!
//! | span | of | fields |
//! |---|---|---|
//! | `client` | the task of a client | `address` |
//! | `connect` | the first connection | `index` of the transport in the configuration |
//! | `handshake` | the making of a key when a client starts | |
//! | `connection` | a connection of a server | `id`, a number |
//! | `call` | a call, from the caller's side | `id`, `function` (the id of its constructor), `bytes` |
//!
//! Keys are told by their ids, calls by numbers. No key, nonce, salt, password or body is told, nor any part of one.

use core::fmt;

use super::server::ServerEvent;
use crate::session::Event;

/// An event: `log!(debug, "text", value)`. Values are named by their variables, and told as they are displayed.
macro_rules! log {
    ($level:ident, $text:literal $(, $value:ident)*) => {{
        #[cfg(feature = "tracing")]
        tracing::$level!(target: "mtproto_runtime::net", $($value = %$value,)* $text);
        #[cfg(not(feature = "tracing"))]
        {
            $(let _ = &$value;)*
        }
    }};
}

/// A future in a span: `in_span!(future, debug_span, "name", value)`.
macro_rules! in_span {
    ($future:expr, $span:ident, $name:literal $(, $value:ident)*) => {{
        #[cfg(feature = "tracing")]
        let span = tracing::$span!(target: "mtproto_runtime::net", $name, $($value = %$value),*);
        #[cfg(not(feature = "tracing"))]
        {
            $(let _ = &$value;)*
        }
        let future = $future;
        #[cfg(feature = "tracing")]
        let future = tracing::Instrument::instrument(future, span);
        future
    }};
}

pub(super) use {in_span, log};

/// The id of a key or of a constructor.
pub(super) struct Id<T>(pub(super) T);

impl<T: fmt::LowerHex> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:01$x}", self.0, 2 * size_of::<T>())
    }
}

/// What a session tells. Of most of it only the name: there are salts and bodies in it.
pub(super) fn session_event(event: &Event) {
    match event {
        Event::Update { .. } => log!(trace, "update"),
        Event::Gap => log!(debug, "updates may be lost"),
        Event::NewSession { .. } => log!(info, "new session"),
        Event::TimeSynchronised { .. } => log!(debug, "time synchronised"),
        Event::SaltsChanged => log!(debug, "salts changed"),
        Event::Unresponsive => log!(warn, "the server does not answer"),
        Event::TransportError { code } => log!(warn, "transport error", code),
        Event::TemporaryKeyWanted => log!(debug, "temporary key wanted"),
        Event::TemporaryKeyBound { auth_key_id } => {
            let auth_key_id = Id(*auth_key_id);
            log!(info, "temporary key bound", auth_key_id);
        }
        Event::BindingFailed { error } => {
            let code = error.as_ref().map_or(0, |error| error.code);
            log!(warn, "temporary key not bound", code);
        }
        Event::PermanentKeyInvalid => log!(error, "the permanent key is lost"),
        Event::Discarded { error } => log!(warn, "part of a packet discarded", error),
        _ => {}
    }
}

/// What a server tells.
pub(super) fn server_event(event: &ServerEvent<'_>) {
    match event {
        ServerEvent::KeyMade {
            auth_key_id,
            is_temporary,
            ..
        } => {
            let auth_key_id = Id(*auth_key_id);
            log!(info, "key made", auth_key_id, is_temporary);
        }
        ServerEvent::KeyBound {
            temporary,
            permanent,
        } => {
            let (temporary, permanent) = (Id(*temporary), Id(*permanent));
            log!(info, "key bound", temporary, permanent);
        }
        ServerEvent::HandshakeRefused { error } => log!(warn, "handshake refused", error),
        ServerEvent::MessageRefused { error } => log!(debug, "message refused", error),
        ServerEvent::Connected => log!(debug, "connected"),
        ServerEvent::Disconnected { error } => log!(debug, "connection ended", error),
    }
}
