//! An open chat: messages in both directions, in order and under the right key.
//!
//! Pages: <https://core.telegram.org/api/end-to-end>, <https://core.telegram.org/api/end-to-end/seq_no>,
//! <https://core.telegram.org/api/end-to-end/pfs>.

mod receiving;
mod replacing;
mod sending;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::agreement::Agreement;
use super::chat::Options;
use super::effect::{Delivery, DiscardReason, DropReason, Effect, Notice};
use super::rekey::{Fingerprint, Keys};
use super::sequence::{Numbers, Sequence};
use super::visualization::KeyVisualization;
use crate::auth_key::AuthKey;
use crate::crypto::dh::DhSecret;

/// What one input leads to.
pub(super) struct Turn<'t> {
    pub(super) now: u64,
    pub(super) options: Options,
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

impl Early {
    /// How much it has in memory: the file's description is the server's, and as long as that likes.
    fn bytes(&self) -> usize {
        self.content.len() + self.file.as_ref().map_or(0, Vec::len)
    }
}

pub(super) struct Open {
    pub(super) keys: Keys<DhSecret, ChatKey>,
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

/// Time, and what was begun before a crash.
impl Open {
    pub(in crate::secret_chat) fn tick<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
    ) -> Result<(), DiscardReason> {
        if self.request_again_at.is_some_and(|at| at <= turn.now) {
            self.sequence.forget_request();
            self.request_gap(turn)?;
        }
        self.end_turn(turn, group)
    }

    pub(in crate::secret_chat) fn resume<A: Agreement>(
        &mut self,
        turn: &mut Turn<'_>,
        group: &A,
        delivered: u64,
    ) -> Result<(), DiscardReason> {
        self.delivered(delivered);
        for own in self.unnumbered.iter().chain(&self.own) {
            if !own.on_server {
                self.transmit(turn, own);
            }
        }
        for delivery in &self.undelivered {
            turn.effects.push(delivery_effect(delivery.clone()));
        }
        if self.told_layer < turn.options.local_layer {
            self.visualization
                .at_layer(self.layer(&turn.options), &self.keys.current().key);
            self.tell_layer(turn, group)?;
        }
        self.end_turn(turn, group)
    }
}

fn delivery_effect(delivery: Delivery) -> Effect {
    if delivery.message().is_ok() {
        Effect::Deliver(delivery)
    } else {
        Effect::UpdateNeeded(delivery)
    }
}
