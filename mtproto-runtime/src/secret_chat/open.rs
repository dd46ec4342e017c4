//! An open chat: messages in both directions, in order and under the right key.
//!
//! Pages: <https://core.telegram.org/api/end-to-end>, <https://core.telegram.org/api/end-to-end/seq_no>,
//! <https://core.telegram.org/api/end-to-end/pfs>.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::agreement::{Agreement, Secret};
use super::chat::Options;
use super::effect::{Delivery, DiscardReason, DropReason, Effect, InputError, Notice, Sending};
use super::layer::{
    self, Action, FIRST_REKEY_LAYER, FIRST_SEQUENCED_LAYER, FIRST_V2_LAYER, LayerMessage, Wrapped,
};
use super::rekey::{Fingerprint, Keys, OnCommit, OnRequest};
use super::sealed::{self, Envelope, Protocol};
use super::sequence::{Numbers, Place, Sequence};
use super::visualization::KeyVisualization;
use crate::auth_key::AuthKey;
use crate::schema::end_to_end::{layer_8, layer_17, layer_20};
use crate::wire::encode;

/// For so long after the opening the peer knows our layer by the message that opened the chat.
const JUST_OPENED_SECS: u64 = 15;
/// For so long after an exchange was left no other is begun.
const REKEY_PAUSE_SECS: u64 = 60;
/// How many `random_id`s of messages without sequence numbers are remembered.
const REMEMBERED_IDS: usize = 256;

/// What one input leads to.
pub(super) struct Turn<'t> {
    pub(super) now: u64,
    pub(super) rng: &'t mut dyn CryptoRng,
    pub(super) effects: &'t mut Vec<Effect>,
    /// Whether there is something new to store.
    pub(super) changed: bool,
    /// Whether a message of ours is among the effects.
    pub(super) has_sent: bool,
}

impl Turn<'_> {
    pub(super) fn notify(&mut self, notice: Notice) {
        self.effects.push(Effect::Notify(notice));
    }

    pub(super) fn drop_message(&mut self, reason: DropReason) {
        self.notify(Notice::Dropped(reason));
    }
}

/// A key of the chat, and how much it was used.
#[derive(Clone, Debug)]
pub(super) struct ChatKey {
    pub(super) key: AuthKey,
    /// Since when.
    pub(super) since: u64,
    /// Messages in both directions.
    pub(super) used: u32,
    /// Messages of ours.
    pub(super) encrypted: u32,
}

impl ChatKey {
    pub(super) fn new(key: AuthKey, now: u64) -> Self {
        Self {
            key,
            since: now,
            used: 0,
            encrypted: 0,
        }
    }

    /// Used too much, or for too long (check 41).
    fn is_worn(&self, options: &Options, now: u64) -> bool {
        self.used > options.rekey_messages
            || self.encrypted > 0 && now.saturating_sub(self.since) > options.rekey_secs
    }
}

impl Fingerprint for ChatKey {
    fn fingerprint(&self) -> i64 {
        self.key.id() as i64
    }
}

/// A message of ours, kept until the peer has confirmed it.
pub(super) struct Own {
    /// None below layer 17.
    pub(super) numbers: Option<Numbers>,
    pub(super) layer: i32,
    pub(super) random_id: i64,
    pub(super) content: Zeroizing<Vec<u8>>,
    pub(super) file: Option<Vec<u8>>,
    pub(super) is_service: bool,
    /// The server has it.
    pub(super) on_server: bool,
}

/// A message of the peer that waits for others.
pub(super) struct Early {
    pub(super) layer: i32,
    pub(super) in_seq: u32,
    pub(super) content: Zeroizing<Vec<u8>>,
    pub(super) file: Option<Vec<u8>>,
    /// It asks for messages of ours, and was answered when it came (check 39).
    pub(super) is_answered: bool,
}

pub(super) struct Open {
    pub(super) keys: Keys<Secret, ChatKey>,
    pub(super) visualization: KeyVisualization,
    pub(super) is_originator: bool,
    pub(super) sequence: Sequence<Early>,
    pub(super) opened_at: u64,
    /// The newest layer that the peer is known to read.
    pub(super) peer_layer: i32,
    /// That of the peer's last message in order.
    pub(super) last_layer: i32,
    /// The layer that we have told the peer.
    pub(super) told_layer: i32,
    /// From this message of the peer on, all are of MTProto 2.0.
    pub(super) v2_from: Option<u32>,
    /// The peer numbers its messages.
    pub(super) is_numbered: bool,
    /// `random_id`s of the peer's last messages without numbers.
    pub(super) recent_ids: VecDeque<i64>,
    /// Ours without numbers that the server has not confirmed.
    pub(super) unnumbered: Vec<Own>,
    /// Ours that the peer has not confirmed, by their numbers without a gap.
    pub(super) own: VecDeque<Own>,
    pub(super) undelivered: VecDeque<Delivery>,
    pub(super) deliveries: u64,
    pub(super) rekey_not_before: u64,
    pub(super) request_again_at: Option<u64>,
}

impl Open {
    pub(super) fn new(is_originator: bool, key: ChatKey, options: &Options, now: u64) -> Self {
        let peer_layer = options.initial_peer_layer;
        let mut visualization = KeyVisualization::new(&key.key);
        visualization.at_layer(peer_layer.min(options.local_layer), &key.key);
        Self {
            keys: Keys::new(key),
            visualization,
            is_originator,
            sequence: Sequence::new(is_originator),
            opened_at: now,
            peer_layer,
            last_layer: 0,
            told_layer: 0,
            v2_from: None,
            is_numbered: false,
            recent_ids: VecDeque::new(),
            unnumbered: Vec::new(),
            own: VecDeque::new(),
            undelivered: VecDeque::new(),
            deliveries: 0,
            rekey_not_before: 0,
            request_again_at: None,
        }
    }

    pub(super) fn layer(&self, options: &Options) -> i32 {
        self.peer_layer.min(options.local_layer)
    }

    pub(super) fn key_fingerprint(&self) -> i64 {
        self.keys.current().fingerprint()
    }

    pub(super) fn unconfirmed(&self) -> usize {
        self.own.len() + self.unnumbered.len()
    }

    pub(super) fn next_tick(&self, options: &Options) -> Option<u64> {
        let key = self.keys.current();
        let worn_at = (key.encrypted > 0 && self.keys.can_start()).then(|| {
            let age = key
                .since
                .saturating_add(options.rekey_secs)
                .saturating_add(1);
            age.max(self.rekey_not_before)
        });
        worn_at.into_iter().chain(self.request_again_at).min()
    }
}

/// Sending.
impl Open {
    pub(super) fn send<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        group: &A,
        message: &LayerMessage,
        file: Option<Vec<u8>>,
    ) -> Result<Result<(), DiscardReason>, InputError> {
        let (layer, peer_layer) = (message.layer(), self.layer(options));
        if layer > peer_layer {
            return Err(InputError::LayerTooNew { layer, peer_layer });
        }
        if layer < FIRST_SEQUENCED_LAYER && peer_layer >= FIRST_SEQUENCED_LAYER {
            return Err(InputError::LayerTooOld { layer });
        }
        let content = encode(message).map_err(|_| InputError::Unwritable)?;
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
        if count >= options.max_unconfirmed {
            return Err(InputError::TooManyUnconfirmed { count });
        }
        let is_service = action.is_some();
        Ok(self
            .push(turn, options, random_id, content, file, is_service)
            .and_then(|()| self.end_turn(turn, options, group)))
    }

    /// Deletes messages on both sides. Those of ours that the peer has not confirmed become their own deletion, under
    /// their numbers: they must not leave a gap, and must not be readable when they are asked for again (check 48).
    pub(super) fn delete<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
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
        self.push_action(turn, options, &delete_action(random_ids))?;
        self.end_turn(turn, options, group)
    }

    /// The server has a message of ours.
    pub(super) fn sent(&mut self, turn: &mut Turn<'_>, random_id: i64) {
        let unnumbered = self.unnumbered.len();
        self.unnumbered.retain(|own| own.random_id != random_id);
        turn.changed |= self.unnumbered.len() < unnumbered;
        if let Some(own) = self.own.iter_mut().find(|own| own.random_id == random_id) {
            own.on_server = true;
            turn.changed = true;
        }
    }

    /// Tells the peer our layer, in words that its own layer has.
    pub(super) fn tell_layer<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        group: &A,
    ) -> Result<(), DiscardReason> {
        let layer = options.local_layer;
        self.told_layer = layer;
        let notify = layer_17::types::DecryptedMessageActionNotifyLayer { layer };
        self.push_action(turn, options, &Action::NotifyLayer(notify))?;
        self.end_turn(turn, options, group)
    }

    fn push_action(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        action: &Action,
    ) -> Result<(), DiscardReason> {
        let random_id = turn.rng.next_u64() as i64;
        let content = layer::service(self.layer(options), random_id, action, turn.rng);
        self.push(turn, options, random_id, content, None, true)
    }

    /// A message gets its numbers here, and never changes them.
    fn push(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        random_id: i64,
        content: Vec<u8>,
        file: Option<Vec<u8>>,
        is_service: bool,
    ) -> Result<(), DiscardReason> {
        let layer = self.layer(options);
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
        self.transmit(turn, options, &own);
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
    fn transmit(&self, turn: &mut Turn<'_>, options: &Options, own: &Own) {
        let wrapped = own
            .numbers
            .map(|numbers| Zeroizing::new(layer::wrap(own.layer, numbers, &own.content, turn.rng)));
        let envelope = Envelope {
            key: &self.keys.current().key,
            protocol: self.protocol(options),
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

/// Receiving.
impl Open {
    pub(super) fn receive<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
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
                self.receive_bare(turn, options, group, content, file)?;
            }
            Some(Wrapped::Sequenced {
                layer,
                in_seq_no,
                out_seq_no,
                content,
            }) => {
                let (in_seq, out_seq) = self.sequence.read(in_seq_no, out_seq_no)?;
                if protocol == Protocol::V2 || layer >= FIRST_V2_LAYER {
                    self.v2_from = Some(self.v2_from.map_or(out_seq, |from| from.min(out_seq)));
                }
                let message = Early {
                    layer,
                    in_seq,
                    content: Zeroizing::new(content.to_vec()),
                    file: file.map(<[u8]>::to_vec),
                    is_answered: false,
                };
                self.receive_numbered(turn, options, group, out_seq, message)?;
            }
        }
        if has_switched {
            self.confirm_switch(turn, options)?;
        }
        self.end_turn(turn, options, group)
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
        options: &Options,
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
            return self.raise_peer_layer(turn, options, group, notify.layer);
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
        options: &Options,
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
                self.raise_peer_layer(turn, options, group, message.layer)?;
                self.process(turn, options, group, message)?;
                while let Some(message) = self.sequence.take_due() {
                    self.process(turn, options, group, message)?;
                }
            }
            Place::Early => {
                self.raise_peer_layer(turn, options, group, message.layer)?;
                if let Some(Action::Resend(range)) = layer::action_of(&message.content) {
                    self.answer_resend(turn, options, range.start_seq_no, range.end_seq_no)?;
                    message.is_answered = true;
                }
                let mut bytes = message.content.len();
                bytes += self
                    .sequence
                    .waiting()
                    .map(|(_, early)| early.content.len())
                    .sum::<usize>();
                let count = self.sequence.waiting().count();
                if count >= options.max_waiting || bytes > options.max_waiting_bytes {
                    return Err(DiscardReason::GapTooLarge);
                }
                self.sequence.wait(out_seq, message);
            }
        }
        self.request_gap(turn, options)
    }

    fn request_gap(&mut self, turn: &mut Turn<'_>, options: &Options) -> Result<(), DiscardReason> {
        if !self.sequence.has_gap() {
            self.request_again_at = None;
        }
        let Some((start_seq_no, end_seq_no)) = self.sequence.request() else {
            return Ok(());
        };
        self.request_again_at = Some(turn.now.saturating_add(options.request_again_secs));
        turn.notify(Notice::GapRequested);
        let resend = layer_17::types::DecryptedMessageActionResend {
            start_seq_no,
            end_seq_no,
        };
        self.push_action(turn, options, &Action::Resend(resend))
    }

    /// Sends messages again that the peer misses.
    fn answer_resend(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        start_seq_no: i32,
        end_seq_no: i32,
    ) -> Result<(), DiscardReason> {
        let range = self.sequence.requested(start_seq_no, end_seq_no);
        let (start, end) = range.ok_or(DiscardReason::ImpossibleResend)?;
        let own = self.own.iter();
        for own in own.filter(|own| own.numbers.is_some_and(|n| (start..=end).contains(&n.out))) {
            self.transmit(turn, options, own);
        }
        Ok(())
    }

    /// The message that is due.
    fn process<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
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
                self.answer_resend(turn, options, range.start_seq_no, range.end_seq_no)
            }
            Some(Action::NotifyLayer(notify)) => {
                self.raise_peer_layer(turn, options, group, notify.layer)
            }
            Some(Action::RequestKey(request)) => {
                self.on_request_key(turn, options, group, &request)
            }
            Some(Action::AcceptKey(accept)) => self.on_accept_key(turn, options, group, &accept),
            Some(Action::CommitKey(commit)) => self.on_commit_key(turn, options, &commit),
            Some(Action::AbortKey(abort)) => {
                if self.keys.on_abort(abort.exchange_id) {
                    self.rekey_not_before = turn.now.saturating_add(REKEY_PAUSE_SECS);
                    turn.notify(Notice::RekeyAborted);
                }
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

    pub(super) fn delivered(&mut self, number: u64) {
        while let Some(delivery) = self.undelivered.front()
            && delivery.number <= number
        {
            self.undelivered.pop_front();
        }
    }

    fn raise_peer_layer<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        group: &A,
        layer: i32,
    ) -> Result<(), DiscardReason> {
        if layer <= self.peer_layer {
            return Ok(());
        }
        let was_sequenced = self.peer_layer >= FIRST_SEQUENCED_LAYER;
        self.peer_layer = layer;
        turn.notify(Notice::PeerLayer(layer));
        let common = self.layer(options);
        self.visualization
            .at_layer(common, &self.keys.current().key);
        let is_new = turn.now.saturating_sub(self.opened_at) < JUST_OPENED_SECS;
        if !was_sequenced && layer >= FIRST_SEQUENCED_LAYER && !is_new {
            self.tell_layer(turn, options, group)?;
        }
        Ok(())
    }
}

/// Replacing the key.
impl Open {
    fn on_request_key<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        group: &A,
        request: &layer_20::types::DecryptedMessageActionRequestKey,
    ) -> Result<(), DiscardReason> {
        let exchange_id = request.exchange_id;
        match self.keys.on_request(exchange_id) {
            OnRequest::Ignore => Ok(()),
            OnRequest::Abort => {
                let abort = layer_20::types::DecryptedMessageActionAbortKey { exchange_id };
                self.push_action(turn, options, &Action::AbortKey(abort))
            }
            OnRequest::Accept => {
                let secret = Secret::generate(&[], turn.rng);
                let key = group.shared(&secret, &request.g_a);
                let key = key.ok_or(DiscardReason::BadPublicValue)?;
                let accept = layer_20::types::DecryptedMessageActionAcceptKey {
                    exchange_id,
                    g_b: group.public(&secret).to_vec(),
                    key_fingerprint: key.id() as i64,
                };
                self.keys.accept(exchange_id, ChatKey::new(key, turn.now));
                self.push_action(turn, options, &Action::AcceptKey(accept))
            }
        }
    }

    fn on_accept_key<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
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
        self.push_action(turn, options, &Action::CommitKey(commit))?;
        self.keys.commit(exchange_id, ChatKey::new(key, turn.now));
        turn.notify(Notice::KeyReplaced);
        Ok(())
    }

    fn on_commit_key(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
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
                self.confirm_switch(turn, options)
            }
        }
    }

    /// The peer keeps the old key until it sees a message under the new one (check 43).
    fn confirm_switch(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
    ) -> Result<(), DiscardReason> {
        if turn.has_sent {
            return Ok(());
        }
        self.push_action(turn, options, &Action::Noop)
    }

    /// What may have become due by whatever has happened.
    fn end_turn<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        group: &A,
    ) -> Result<(), DiscardReason> {
        let has_gap = self.sequence.has_gap();
        if self.keys.settle(has_gap) {
            turn.notify(Notice::OldKeyErased);
            turn.changed = true;
        }
        let is_due = self.keys.can_start()
            && !has_gap
            && self.layer(options) >= FIRST_REKEY_LAYER
            && self.rekey_not_before <= turn.now
            && self.keys.current().is_worn(options, turn.now);
        if !is_due {
            return Ok(());
        }
        let exchange_id = turn.rng.next_u64() as i64;
        let secret = Secret::generate(&[], turn.rng);
        let request = layer_20::types::DecryptedMessageActionRequestKey {
            exchange_id,
            g_a: group.public(&secret).to_vec(),
        };
        self.keys.start(exchange_id, secret);
        self.push_action(turn, options, &Action::RequestKey(request))
    }
}

/// Time, and what was begun before a crash.
impl Open {
    pub(super) fn tick<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        group: &A,
    ) -> Result<(), DiscardReason> {
        if self.request_again_at.is_some_and(|at| at <= turn.now) {
            self.sequence.forget_request();
            self.request_gap(turn, options)?;
        }
        self.end_turn(turn, options, group)
    }

    pub(super) fn resume<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        options: &Options,
        group: &A,
        delivered: u64,
    ) -> Result<(), DiscardReason> {
        self.delivered(delivered);
        for own in self.unnumbered.iter().chain(&self.own) {
            if !own.on_server {
                self.transmit(turn, options, own);
            }
        }
        for delivery in &self.undelivered {
            turn.effects.push(delivery_effect(delivery.clone()));
        }
        if self.told_layer < options.local_layer {
            self.visualization
                .at_layer(self.layer(options), &self.keys.current().key);
            self.tell_layer(turn, options, group)?;
        }
        self.end_turn(turn, options, group)
    }
}

fn delivery_effect(delivery: Delivery) -> Effect {
    if delivery.message().is_ok() {
        Effect::Deliver(delivery)
    } else {
        Effect::UpdateNeeded(delivery)
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
