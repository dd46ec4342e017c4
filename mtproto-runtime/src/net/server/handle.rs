//! What can be done to a server that runs, from anywhere.

use alloc::sync::Arc;
use core::fmt;

use super::keys::ServerSession;
use super::{Shared, lock, new_salts};
use crate::handshake::PermanentKey;
use crate::session::InvokeError;

/// A handle of a server. It does not keep the server running.
#[derive(Clone)]
pub struct ServerHandle {
    shared: Arc<Shared>,
}

impl ServerHandle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Takes a permanent key that is known from before, or from another server: its clients need no handshake. Returns whether
    /// there was room; a key that the server has already stays as it is.
    ///
    /// With [`ServerEvent::KeyMade`](super::ServerEvent::KeyMade), which lends out the keys that are made, keys outlive a server.
    pub fn add_key(&self, key: PermanentKey) -> bool {
        self.shared.keys.add(key, self.shared.clock.now())
    }

    /// Sends something that no call asked for to all sessions of a key. Returns how many take it: none, if the server has no
    /// such key, or no client has used it.
    ///
    /// # Errors
    ///
    /// The body is no TL object, or a session has too much that is not acknowledged; the sessions before it have got it.
    pub fn send_update(&self, auth_key_id: u64, update: &[u8]) -> Result<usize, InvokeError> {
        let now = self.shared.clock.now();
        let Some(key) = self.shared.keys.find(auth_key_id, now) else {
            return Ok(0);
        };
        let sessions = key.sessions();
        for session in &sessions {
            send(session, update)?;
        }
        Ok(sessions.len())
    }

    /// The same to one session. Returns whether there is such a session.
    ///
    /// # Errors
    ///
    /// As of [`send_update`](Self::send_update).
    pub fn send_update_to(
        &self,
        auth_key_id: u64,
        session_id: i64,
        update: &[u8],
    ) -> Result<bool, InvokeError> {
        match self.session(auth_key_id, session_id) {
            Some(session) => send(&session, update).map(|()| true),
            None => Ok(false),
        }
    }

    /// Closes the connection that a session is on; over HTTP, all of them. Returns whether it was on one. The client may come
    /// back.
    pub fn disconnect(&self, auth_key_id: u64, session_id: i64) -> bool {
        self.session(auth_key_id, session_id)
            .is_some_and(|session| session.lock().disconnect())
    }

    /// Closes all connections there are. Sessions stay, and clients may come back.
    pub fn disconnect_all(&self) {
        for control in lock(&self.shared.connections).values() {
            control.close();
        }
    }

    /// Makes new salts. Those that clients have, and those of the future that they know, are wrong at once: they are told the
    /// right one by `bad_server_salt`.
    pub fn rotate_salts(&self) {
        let salts = new_salts(&self.shared.config);
        *lock(&self.shared.salts) = salts.clone();
        for key in self.shared.keys.all() {
            key.forget_first_salt();
            for session in key.sessions() {
                session.lock().session.set_server_salts(salts.clone());
            }
        }
    }

    fn session(&self, auth_key_id: u64, session_id: i64) -> Option<Arc<ServerSession>> {
        let now = self.shared.clock.now();
        let key = self.shared.keys.find(auth_key_id, now)?;
        key.find_session(session_id)
    }
}

fn send(session: &ServerSession, update: &[u8]) -> Result<(), InvokeError> {
    let mut state = session.lock();
    state.session.send_update(update.to_vec())?;
    state.wake();
    Ok(())
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle")
            .field("connections", &lock(&self.shared.connections).len())
            .finish_non_exhaustive()
    }
}
