//! Keys of a chat, and the exchange that replaces them.
//!
//! Page: <https://core.telegram.org/api/end-to-end/pfs>. Only the order of messages and the fate of keys are decided here; the
//! arithmetic is the caller's. That makes every interleaving of two parties small enough to be explored.

/// What a key says of itself in front of each message.
pub(crate) trait Fingerprint {
    fn fingerprint(&self) -> i64;
}

/// The keys of a chat at one moment: `S` are secret exponents, `K` shared keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Keys<S, K> {
    current: K,
    /// The key before, while messages under it may still come.
    previous: Option<K>,
    exchange: Exchange<S, K>,
}

/// How far an exchange of keys is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Exchange<S, K> {
    None,
    /// We have sent `decryptedMessageActionRequestKey`.
    Requested {
        exchange_id: i64,
        secret: S,
    },
    /// We have sent `decryptedMessageActionAcceptKey`, and can't go back.
    Accepted {
        exchange_id: i64,
        key: K,
    },
    /// We have sent `decryptedMessageActionCommitKey` and use the new key; the peer is not known to do so.
    Committed {
        exchange_id: i64,
    },
}

/// What to do with `decryptedMessageActionRequestKey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnRequest {
    /// Derive the key and send `decryptedMessageActionAcceptKey`.
    Accept,
    /// The peer knows by its own request.
    Ignore,
    /// Send `decryptedMessageActionAbortKey`: another exchange is past the point where it can be left.
    Abort,
}

/// What came of `decryptedMessageActionCommitKey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnCommit {
    /// The new key is in use.
    Switched,
    /// It belongs to no exchange that is open: a message under the new key was here first.
    Stale,
    /// The peer has computed another key.
    WrongFingerprint,
}

/// Which of the keys a message was under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Current,
    Previous,
    /// That of an exchange we have accepted.
    Accepted,
}

impl<S, K: Fingerprint> Keys<S, K> {
    pub(crate) fn new(initial: K) -> Self {
        Self::restored(initial, None, Exchange::None)
    }

    pub(crate) fn restored(current: K, previous: Option<K>, exchange: Exchange<S, K>) -> Self {
        Self {
            current,
            previous,
            exchange,
        }
    }

    pub(crate) fn current(&self) -> &K {
        &self.current
    }

    pub(crate) fn current_mut(&mut self) -> &mut K {
        &mut self.current
    }

    pub(crate) fn previous(&self) -> Option<&K> {
        self.previous.as_ref()
    }

    pub(crate) fn exchange(&self) -> &Exchange<S, K> {
        &self.exchange
    }

    pub(crate) fn find(&self, fingerprint: i64) -> Option<(Which, &K)> {
        let accepted = match &self.exchange {
            Exchange::Accepted { key, .. } => Some(key),
            _ => None,
        };
        [
            (Which::Current, Some(&self.current)),
            (Which::Previous, self.previous.as_ref()),
            (Which::Accepted, accepted),
        ]
        .into_iter()
        .filter_map(|(which, key)| Some((which, key?)))
        .find(|(_, key)| key.fingerprint() == fingerprint)
    }

    /// An authentic message was under this key. The first one under the new key ends the exchange, on either side (check 43).
    /// Returns whether we have switched to the new key by it.
    pub(crate) fn seen(&mut self, which: Which) -> bool {
        match which {
            Which::Previous => false,
            Which::Current => {
                if let Exchange::Committed { .. } = self.exchange {
                    self.exchange = Exchange::None;
                }
                false
            }
            Which::Accepted => self.switch_to_accepted(),
        }
    }

    /// The old key goes when no message under it can be missing: nothing is missing, and the peer uses the new one.
    /// Returns whether there was one.
    pub(crate) fn settle(&mut self, has_gap: bool) -> bool {
        if has_gap || matches!(self.exchange, Exchange::Committed { .. }) {
            return false;
        }
        self.previous.take().is_some()
    }

    /// One exchange at a time (check 41).
    pub(crate) fn can_start(&self) -> bool {
        matches!(self.exchange, Exchange::None)
    }

    pub(crate) fn start(&mut self, exchange_id: i64, secret: S) {
        debug_assert!(self.can_start());
        self.exchange = Exchange::Requested {
            exchange_id,
            secret,
        };
    }

    /// Of two requests that cross, the one with the larger id goes on; if they are equal, neither (check 42).
    pub(crate) fn on_request(&mut self, theirs: i64) -> OnRequest {
        match self.exchange {
            Exchange::None => OnRequest::Accept,
            Exchange::Requested { exchange_id, .. } => {
                if exchange_id > theirs {
                    return OnRequest::Ignore;
                }
                self.exchange = Exchange::None;
                if exchange_id < theirs {
                    OnRequest::Accept
                } else {
                    OnRequest::Ignore
                }
            }
            Exchange::Accepted { .. } | Exchange::Committed { .. } => OnRequest::Abort,
        }
    }

    pub(crate) fn accept(&mut self, exchange_id: i64, key: K) {
        debug_assert!(self.can_start());
        self.exchange = Exchange::Accepted { exchange_id, key };
    }

    /// The exponent of the exchange that was accepted, if it is ours and open.
    pub(crate) fn on_accept(&self, theirs: i64) -> Option<&S> {
        match &self.exchange {
            Exchange::Requested {
                exchange_id,
                secret,
            } if *exchange_id == theirs => Some(secret),
            _ => None,
        }
    }

    /// `decryptedMessageActionCommitKey` has been made, under the old key: from here on the new one is used.
    pub(crate) fn commit(&mut self, exchange_id: i64, key: K) {
        self.previous = Some(core::mem::replace(&mut self.current, key));
        self.exchange = Exchange::Committed { exchange_id };
    }

    pub(crate) fn on_commit(&mut self, theirs: i64, fingerprint: i64) -> OnCommit {
        match &self.exchange {
            Exchange::Accepted { exchange_id, key } if *exchange_id == theirs => {
                if key.fingerprint() != fingerprint {
                    return OnCommit::WrongFingerprint;
                }
                self.switch_to_accepted();
                OnCommit::Switched
            }
            _ => OnCommit::Stale,
        }
    }

    /// Leaves an exchange that the peer has left. One that we have committed is past that.
    pub(crate) fn on_abort(&mut self, theirs: i64) -> bool {
        let is_open = match &self.exchange {
            Exchange::Requested { exchange_id, .. } | Exchange::Accepted { exchange_id, .. } => {
                *exchange_id == theirs
            }
            Exchange::None | Exchange::Committed { .. } => false,
        };
        if is_open {
            self.exchange = Exchange::None;
        }
        is_open
    }

    fn switch_to_accepted(&mut self) -> bool {
        match core::mem::replace(&mut self.exchange, Exchange::None) {
            Exchange::Accepted { key, .. } => {
                self.previous = Some(core::mem::replace(&mut self.current, key));
                true
            }
            other => {
                self.exchange = other;
                false
            }
        }
    }
}
