//! What the peer sends: decrypted, put in order, and processed once.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::{Early, Open, Turn, delivery_effect};
use crate::auth_key::AuthKey;
use crate::schema::end_to_end::{layer_8, layer_17};
use crate::secret_chat::agreement::Agreement;
use crate::secret_chat::effect::{Delivery, DiscardReason, DropReason, Notice};
use crate::secret_chat::layer::{self, Action, FIRST_SEQUENCED_LAYER, FIRST_V2_LAYER, Wrapped};
use crate::secret_chat::sealed::{self, Envelope, Protocol};
use crate::secret_chat::sequence::Place;

/// For so long after the opening the peer knows our layer by the message that opened the chat.
const JUST_OPENED_SECS: u64 = 15;
/// How many `random_id`s of messages without sequence numbers are remembered.
const REMEMBERED_IDS: usize = 256;

impl Open {
    pub(in crate::secret_chat) fn receive<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        data: &[u8],
        file: Option<&[u8]>,
    ) -> Result<(), DiscardReason> {
        let Some((which, key)) =
            sealed::key_fingerprint(data).and_then(|fingerprint| self.keys.find(fingerprint))
        else {
            turn.drop_message(DropReason::UnknownKey);
            return Ok(());
        };
        let Some((protocol, plaintext)) = self.open_sealed(&key.key, data) else {
            turn.drop_message(DropReason::Unreadable);
            return Ok(());
        };
        let wrapped = Wrapped::read(&plaintext);
        if let Some(Wrapped::Sequenced { out_seq_no, .. }) = wrapped
            && protocol == Protocol::V1
            && self.is_past_v1(out_seq_no)
        {
            turn.drop_message(DropReason::Downgraded);
            return Ok(());
        }
        turn.changed = true;
        let has_switched = self.keys.seen(which);
        let key = self.keys.current_mut();
        key.used = key.used.saturating_add(1);
        if has_switched {
            turn.notify(Notice::KeyReplaced);
        }
        match wrapped {
            None => turn.drop_message(DropReason::Malformed),
            Some(Wrapped::Bare { content }) => {
                self.receive_bare(turn, group, content, file)?;
            }
            Some(Wrapped::Sequenced {
                layer,
                in_seq_no,
                out_seq_no,
                content,
            }) => {
                let (in_seq, out_seq) = self.sequence.read(in_seq_no, out_seq_no)?;
                // A peer may state all that it knows; what counts is what it can use with us.
                let common_layer = layer.min(turn.options.local_layer);
                if protocol == Protocol::V2 || common_layer >= FIRST_V2_LAYER {
                    self.v2_from = Some(self.v2_from.map_or(out_seq, |from| from.min(out_seq)));
                }
                let message = Early {
                    layer,
                    in_seq,
                    content: Zeroizing::new(content.to_vec()),
                    file: file.map(<[u8]>::to_vec),
                    is_answered: false,
                };
                self.receive_numbered(turn, group, out_seq, message)?;
            }
        }
        if has_switched {
            self.confirm_switch(turn)?;
        }
        self.end_turn(turn, group)
    }

    /// Both protocols are tried as long as the peer may use the old one (check 37).
    fn open_sealed(&self, key: &AuthKey, data: &[u8]) -> Option<(Protocol, Zeroizing<Vec<u8>>)> {
        let protocols: &[Protocol] = if cfg!(feature = "legacy") && self.may_be_v1() {
            &[Protocol::V2, Protocol::V1]
        } else {
            &[Protocol::V2]
        };
        protocols.iter().find_map(|&protocol| {
            let envelope = Envelope {
                key,
                protocol,
                from_originator: !self.is_originator,
            };
            Some((protocol, envelope.open(data)?))
        })
    }

    /// Messages of MTProto 1.0 can come before the first of 2.0, and late ones as long as such are missing.
    fn may_be_v1(&self) -> bool {
        self.v2_from
            .is_none_or(|from| self.sequence.received() < from)
    }

    fn is_past_v1(&self, out_seq_no: i32) -> bool {
        self.v2_from
            .is_some_and(|from| i64::from(out_seq_no) / 2 >= i64::from(from))
    }

    fn receive_bare<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        content: &[u8],
        file: Option<&[u8]>,
    ) -> Result<(), DiscardReason> {
        if self.is_numbered {
            turn.drop_message(DropReason::Unnumbered);
            return Ok(());
        }
        let Some(random_id) = layer::random_id(content) else {
            turn.drop_message(DropReason::Malformed);
            return Ok(());
        };
        if self.recent_ids.contains(&random_id) {
            turn.drop_message(DropReason::Repeated);
            return Ok(());
        }
        if self.recent_ids.len() == REMEMBERED_IDS {
            self.recent_ids.pop_front();
        }
        self.recent_ids.push_back(random_id);
        if let Some(Action::NotifyLayer(notify)) = layer::action_of(content) {
            return self.raise_peer_layer(turn, group, notify.layer);
        }
        let after_ours = self.sequence.acknowledged();
        self.deliver(
            turn,
            layer_8::LAYER,
            after_ours,
            content,
            file.map(<[u8]>::to_vec),
        );
        Ok(())
    }

    fn receive_numbered<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        out_seq: u32,
        mut message: Early,
    ) -> Result<(), DiscardReason> {
        self.is_numbered = true;
        match self.sequence.place(message.in_seq, out_seq)? {
            Place::Repeated => {
                turn.drop_message(DropReason::Repeated);
                return Ok(());
            }
            Place::Due => {
                self.raise_peer_layer(turn, group, message.layer)?;
                self.process(turn, group, message)?;
                while let Some(message) = self.sequence.take_due() {
                    self.process(turn, group, message)?;
                }
            }
            Place::Early => {
                self.raise_peer_layer(turn, group, message.layer)?;
                if let Some(Action::Resend(range)) = layer::action_of(&message.content) {
                    self.answer_resend(turn, range.start_seq_no, range.end_seq_no)?;
                    message.is_answered = true;
                }
                let waiting = self.sequence.waiting().map(|(_, early)| early.bytes());
                let bytes = message.bytes() + waiting.sum::<usize>();
                let count = self.sequence.waiting().count();
                if count >= turn.options.max_waiting || bytes > turn.options.max_waiting_bytes {
                    return Err(DiscardReason::GapTooLarge);
                }
                self.sequence.wait(out_seq, message);
            }
        }
        self.request_gap(turn)
    }

    pub(super) fn request_gap(&mut self, turn: &mut Turn<'_>) -> Result<(), DiscardReason> {
        if !self.sequence.has_gap() {
            self.request_again_at = None;
        }
        let Some((start_seq_no, end_seq_no)) = self.sequence.request() else {
            return Ok(());
        };
        self.request_again_at = Some(turn.now.saturating_add(turn.options.request_again_secs));
        turn.notify(Notice::GapRequested);
        let resend = layer_17::types::DecryptedMessageActionResend {
            start_seq_no,
            end_seq_no,
        };
        self.push_action(turn, &Action::Resend(resend))
    }

    /// Sends messages again that the peer misses.
    fn answer_resend(
        &mut self,
        turn: &mut Turn<'_>,
        start_seq_no: i32,
        end_seq_no: i32,
    ) -> Result<(), DiscardReason> {
        let range = self.sequence.requested(start_seq_no, end_seq_no);
        let (start, end) = range.ok_or(DiscardReason::ImpossibleResend)?;
        let own = self.own.iter();
        for own in own.filter(|own| own.numbers.is_some_and(|n| (start..=end).contains(&n.out))) {
            self.transmit(turn, own);
        }
        Ok(())
    }

    /// The message that is due.
    fn process<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        message: Early,
    ) -> Result<(), DiscardReason> {
        if message.layer < self.last_layer {
            return Err(DiscardReason::LayerFell);
        }
        self.last_layer = message.layer;
        self.sequence.advance(message.in_seq)?;
        let acknowledged = self.sequence.acknowledged();
        while let Some(own) = self.own.front()
            && own
                .numbers
                .is_some_and(|numbers| numbers.out < acknowledged)
        {
            self.own.pop_front();
        }
        match layer::action_of(&message.content) {
            Some(Action::Resend(_)) if message.is_answered => Ok(()),
            Some(Action::Resend(range)) => {
                self.answer_resend(turn, range.start_seq_no, range.end_seq_no)
            }
            Some(Action::NotifyLayer(notify)) => self.raise_peer_layer(turn, group, notify.layer),
            Some(Action::RequestKey(request)) => self.on_request_key(turn, group, &request),
            Some(Action::AcceptKey(accept)) => self.on_accept_key(turn, group, &accept),
            Some(Action::CommitKey(commit)) => self.on_commit_key(turn, &commit),
            Some(Action::AbortKey(abort)) => {
                self.on_abort_key(turn, abort.exchange_id);
                Ok(())
            }
            Some(Action::Noop) => Ok(()),
            _ => {
                let Early {
                    layer,
                    file,
                    content,
                    ..
                } = message;
                self.deliver(turn, layer, acknowledged, &content, file);
                Ok(())
            }
        }
    }

    fn deliver(
        &mut self,
        turn: &mut Turn<'_>,
        layer: i32,
        after_ours: u32,
        content: &[u8],
        file: Option<Vec<u8>>,
    ) {
        self.deliveries += 1;
        let delivery = Delivery {
            number: self.deliveries,
            layer,
            after_ours,
            content: Zeroizing::new(content.to_vec()),
            file,
        };
        self.undelivered.push_back(delivery.clone());
        turn.effects.push(delivery_effect(delivery));
    }

    pub(in crate::secret_chat) fn delivered(&mut self, number: u64) {
        while let Some(delivery) = self.undelivered.front()
            && delivery.number <= number
        {
            self.undelivered.pop_front();
        }
    }

    fn raise_peer_layer<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        layer: i32,
    ) -> Result<(), DiscardReason> {
        if layer <= self.peer_layer {
            return Ok(());
        }
        let was_sequenced = self.peer_layer >= FIRST_SEQUENCED_LAYER;
        self.peer_layer = layer;
        turn.notify(Notice::PeerLayer(layer));
        let common = self.layer(&turn.options);
        self.visualization
            .at_layer(common, &self.keys.current().key);
        let is_new = turn.now.saturating_sub(self.opened_at) < JUST_OPENED_SECS;
        if !was_sequenced && layer >= FIRST_SEQUENCED_LAYER && !is_new {
            self.tell_layer(turn, group)?;
        }
        Ok(())
    }
}
