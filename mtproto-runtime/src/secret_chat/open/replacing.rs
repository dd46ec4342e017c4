//! New keys: the messages of an exchange, and when one is begun.
//!
//! Page: <https://core.telegram.org/api/end-to-end/pfs>. The rules are those of [`Keys`](super::Keys).

use super::{ChatKey, Open, Turn};
use crate::crypto::dh::DhSecret;
use crate::schema::end_to_end::layer_20;
use crate::secret_chat::agreement::Agreement;
use crate::secret_chat::effect::{DiscardReason, Notice};
use crate::secret_chat::layer::{Action, FIRST_REKEY_LAYER};
use crate::secret_chat::rekey::{OnCommit, OnRequest};

/// For so long after an exchange was left no other is begun.
const REKEY_PAUSE_SECS: u64 = 60;

impl Open {
    pub(super) fn on_request_key<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        request: &layer_20::types::DecryptedMessageActionRequestKey,
    ) -> Result<(), DiscardReason> {
        let exchange_id = request.exchange_id;
        match self.keys.on_request(exchange_id) {
            OnRequest::Ignore => Ok(()),
            OnRequest::Abort => {
                let abort = layer_20::types::DecryptedMessageActionAbortKey { exchange_id };
                self.push_action(turn, &Action::AbortKey(abort))
            }
            OnRequest::Accept => {
                let secret = DhSecret::generate(&[], turn.rng);
                let key = group.shared(&secret, &request.g_a);
                let key = key.ok_or(DiscardReason::BadPublicValue)?;
                let accept = layer_20::types::DecryptedMessageActionAcceptKey {
                    exchange_id,
                    g_b: group.public(&secret).to_vec(),
                    key_fingerprint: key.id() as i64,
                };
                self.keys.accept(exchange_id, ChatKey::new(key, turn.now));
                self.push_action(turn, &Action::AcceptKey(accept))
            }
        }
    }

    pub(super) fn on_accept_key<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        accept: &layer_20::types::DecryptedMessageActionAcceptKey,
    ) -> Result<(), DiscardReason> {
        let exchange_id = accept.exchange_id;
        let Some(secret) = self.keys.on_accept(exchange_id) else {
            return Ok(());
        };
        let key = group.shared(secret, &accept.g_b);
        let key = key.ok_or(DiscardReason::BadPublicValue)?;
        let key_fingerprint = key.id() as i64;
        if key_fingerprint != accept.key_fingerprint {
            return Err(DiscardReason::WrongFingerprint);
        }
        let commit = layer_20::types::DecryptedMessageActionCommitKey {
            exchange_id,
            key_fingerprint,
        };
        // It is the last message under the old key.
        self.push_action(turn, &Action::CommitKey(commit))?;
        self.keys.commit(exchange_id, ChatKey::new(key, turn.now));
        turn.notify(Notice::KeyReplaced);
        Ok(())
    }

    pub(super) fn on_commit_key(
        &mut self,
        turn: &mut Turn<'_>,
        commit: &layer_20::types::DecryptedMessageActionCommitKey,
    ) -> Result<(), DiscardReason> {
        match self
            .keys
            .on_commit(commit.exchange_id, commit.key_fingerprint)
        {
            OnCommit::Stale => Ok(()),
            OnCommit::WrongFingerprint => Err(DiscardReason::WrongFingerprint),
            OnCommit::Switched => {
                turn.notify(Notice::KeyReplaced);
                turn.has_sent = false;
                self.confirm_switch(turn)
            }
        }
    }

    pub(super) fn on_abort_key(&mut self, turn: &mut Turn<'_>, exchange_id: i64) {
        if self.keys.on_abort(exchange_id) {
            self.rekey_not_before = turn.now.saturating_add(REKEY_PAUSE_SECS);
            turn.notify(Notice::RekeyAborted);
        }
    }

    /// The peer keeps the old key until it sees a message under the new one (check 43).
    pub(super) fn confirm_switch(&mut self, turn: &mut Turn<'_>) -> Result<(), DiscardReason> {
        if turn.has_sent {
            return Ok(());
        }
        self.push_action(turn, &Action::Noop)
    }

    /// What may have become due by whatever has happened.
    pub(super) fn end_turn<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
    ) -> Result<(), DiscardReason> {
        let has_gap = self.sequence.has_gap();
        if self.keys.settle(has_gap) {
            turn.notify(Notice::OldKeyErased);
            turn.changed = true;
        }
        let is_due = self.keys.can_start()
            && !has_gap
            && self.layer(&turn.options) >= FIRST_REKEY_LAYER
            && self.rekey_not_before <= turn.now
            && self.keys.current().is_worn(&turn.options, turn.now);
        if !is_due {
            return Ok(());
        }
        let exchange_id = turn.rng.next_u64() as i64;
        let secret = DhSecret::generate(&[], turn.rng);
        let request = layer_20::types::DecryptedMessageActionRequestKey {
            exchange_id,
            g_a: group.public(&secret).to_vec(),
        };
        self.keys.start(exchange_id, secret);
        self.push_action(turn, &Action::RequestKey(request))
    }
}
