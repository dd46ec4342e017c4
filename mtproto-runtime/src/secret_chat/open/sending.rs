//! What we send: numbered once, encrypted whenever it is sent, kept until the peer has confirmed it.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::{Open, Own, Turn};
use crate::schema::end_to_end::{layer_8, layer_17};
use crate::secret_chat::agreement::Agreement;
use crate::secret_chat::chat::Options;
use crate::secret_chat::effect::{DiscardReason, Effect, InputError, Sending};
use crate::secret_chat::layer::{
    self, Action, FIRST_SEQUENCED_LAYER, FIRST_V2_LAYER, LayerMessage,
};
use crate::secret_chat::sealed::{Envelope, Protocol};
use crate::wire::encode_into;

impl Open {
    pub(in crate::secret_chat) fn send<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        message: &LayerMessage,
        file: Option<Vec<u8>>,
    ) -> Result<Result<(), DiscardReason>, InputError> {
        let (layer, peer_layer) = (message.layer(), self.layer(&turn.options));
        if layer > peer_layer {
            return Err(InputError::LayerTooNew { layer, peer_layer });
        }
        if layer < FIRST_SEQUENCED_LAYER && peer_layer >= FIRST_SEQUENCED_LAYER {
            return Err(InputError::LayerTooOld { layer });
        }
        let mut content = Vec::new();
        // Not `encode`, which leaves a copy in its scratch.
        encode_into(message, &mut content).map_err(|_| InputError::Unwritable)?;
        let random_id = layer::random_id(&content).ok_or(InputError::Unwritable)?;
        let action = layer::action_of(&content);
        if action.as_ref().is_some_and(is_reserved) {
            return Err(InputError::Reserved);
        }
        let mut on_the_way = self.own.iter().chain(&self.unnumbered);
        if on_the_way.any(|own| own.random_id == random_id) {
            return Err(InputError::RandomIdInUse { random_id });
        }
        let count = self.unconfirmed();
        if count >= turn.options.max_unconfirmed {
            return Err(InputError::TooManyUnconfirmed { count });
        }
        let is_service = action.is_some();
        Ok(self
            .push(turn, random_id, content, file, is_service)
            .and_then(|()| self.end_turn(turn, group)))
    }

    /// Deletes messages on both sides. Those of ours that the peer has not confirmed become their own deletion, under
    /// their numbers: they must not leave a gap, and must not be readable when they are asked for again (check 48).
    pub(in crate::secret_chat) fn delete<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        random_ids: &[i64],
    ) -> Result<(), DiscardReason> {
        for own in self.own.iter_mut().chain(&mut self.unnumbered) {
            if random_ids.contains(&own.random_id) && !own.is_service {
                let action = delete_action(&[own.random_id]);
                let content = layer::service(own.layer, own.random_id, &action, turn.rng);
                own.content = Zeroizing::new(content);
                own.file = None;
                own.is_service = true;
            }
        }
        self.push_action(turn, &delete_action(random_ids))?;
        self.end_turn(turn, group)
    }

    /// The server has a message of ours.
    pub(in crate::secret_chat) fn sent(&mut self, turn: &mut Turn<'_>, random_id: i64) {
        let unnumbered = self.unnumbered.len();
        self.unnumbered.retain(|own| own.random_id != random_id);
        turn.changed |= self.unnumbered.len() < unnumbered;
        if let Some(own) = self.own.iter_mut().find(|own| own.random_id == random_id) {
            own.on_server = true;
            turn.changed = true;
        }
    }

    /// Tells the peer our layer, in words that its own layer has.
    pub(in crate::secret_chat) fn tell_layer<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
    ) -> Result<(), DiscardReason> {
        let layer = turn.options.local_layer;
        self.told_layer = layer;
        let notify = layer_17::types::DecryptedMessageActionNotifyLayer { layer };
        self.push_action(turn, &Action::NotifyLayer(notify))?;
        self.end_turn(turn, group)
    }

    pub(super) fn push_action(
        &mut self,
        turn: &mut Turn<'_>,
        action: &Action,
    ) -> Result<(), DiscardReason> {
        let random_id = turn.rng.next_u64() as i64;
        let content = layer::service(self.layer(&turn.options), random_id, action, turn.rng);
        self.push(turn, random_id, content, None, true)
    }

    /// A message gets its numbers here, and never changes them.
    pub(super) fn push(
        &mut self,
        turn: &mut Turn<'_>,
        random_id: i64,
        content: Vec<u8>,
        file: Option<Vec<u8>>,
        is_service: bool,
    ) -> Result<(), DiscardReason> {
        let layer = self.layer(&turn.options);
        let numbers = if layer >= FIRST_SEQUENCED_LAYER {
            let numbers = self.sequence.assign();
            Some(numbers.ok_or(DiscardReason::NumbersExhausted)?)
        } else {
            None
        };
        let own = Own {
            numbers,
            layer,
            random_id,
            content: Zeroizing::new(content),
            file,
            is_service,
            on_server: false,
        };
        self.transmit(turn, &own);
        let key = self.keys.current_mut();
        key.used = key.used.saturating_add(1);
        key.encrypted = key.encrypted.saturating_add(1);
        if numbers.is_some() {
            self.own.push_back(own);
        } else {
            self.unnumbered.push(own);
        }
        turn.changed = true;
        Ok(())
    }

    /// Encrypts a message of ours under the key of this moment, the first time and whenever it is asked for again.
    pub(super) fn transmit(&self, turn: &mut Turn<'_>, own: &Own) {
        let wrapped = own
            .numbers
            .map(|numbers| Zeroizing::new(layer::wrap(own.layer, numbers, &own.content, turn.rng)));
        let envelope = Envelope {
            key: &self.keys.current().key,
            protocol: self.protocol(&turn.options),
            from_originator: self.is_originator,
        };
        let data = envelope.seal(wrapped.as_ref().unwrap_or(&own.content), turn.rng);
        turn.has_sent = true;
        turn.effects.push(Effect::Send(Sending {
            random_id: own.random_id,
            data,
            file: own.file.clone(),
            is_service: own.is_service,
        }));
    }

    /// MTProto 1.0 is for peers alone that are not known to have 2.0, and only where it is compiled in.
    fn protocol(&self, options: &Options) -> Protocol {
        let peer_has_v2 = self.layer(options) >= FIRST_V2_LAYER || self.v2_from.is_some();
        if peer_has_v2 || !cfg!(feature = "legacy") {
            Protocol::V2
        } else {
            Protocol::V1
        }
    }
}

fn delete_action(random_ids: &[i64]) -> Action {
    let random_ids = random_ids.to_vec();
    Action::DeleteMessages(layer_8::types::DecryptedMessageActionDeleteMessages { random_ids })
}

/// Deletions go through [`Open::delete`], which knows what else is to be done; the others steer the chat.
fn is_reserved(action: &Action) -> bool {
    matches!(
        action,
        Action::DeleteMessages(_)
            | Action::Resend(_)
            | Action::NotifyLayer(_)
            | Action::RequestKey(_)
            | Action::AcceptKey(_)
            | Action::AbortKey(_)
            | Action::CommitKey(_)
            | Action::Noop
    )
}
