//! The life of a chat: asked for, accepted, open, over.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::agreement::Agreement;
use super::effect::{
    DiscardReason, DropReason, Effect, Input, InputError, Notice, Outgoing, StoredChat,
};
use super::layer;
use super::open::{ChatKey, Open, Turn};
use super::sealed;
use super::visualization::KeyVisualization;
use crate::auth_key::AuthKey;
use crate::crypto::dh::DhSecret;
use crate::time::UnixTime;

/// How a chat behaves. Not stored with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The layer that the application knows: up to [`MAX_LAYER`](super::MAX_LAYER). When it rises, [`Chat::resume`] tells the
    /// peer.
    pub local_layer: i32,
    /// The layer that a peer is taken to know before it has said so: 46, or 8 for the oldest.
    pub initial_peer_layer: i32,
    /// A key is replaced after more than this many messages in both directions together.
    pub rekey_messages: u32,
    /// … or when it is older than this many seconds, and has encrypted a message.
    pub rekey_secs: u64,
    /// How many messages may wait for missing ones.
    pub max_waiting: usize,
    /// How many bytes they may have.
    pub max_waiting_bytes: usize,
    /// How many messages are kept for a peer that confirms none.
    pub max_unconfirmed: usize,
    /// After how many seconds a gap that nobody fills is asked for again.
    pub request_again_secs: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            local_layer: layer::MAX_LAYER,
            initial_peer_layer: 46,
            rekey_messages: 100,
            rekey_secs: 7 * 24 * 60 * 60,
            max_waiting: 1000,
            max_waiting_bytes: 16 << 20,
            max_unconfirmed: 10_000,
            request_again_secs: 5 * 60,
        }
    }
}

/// Whose chat it is. A chat is bound to it for as long as it lives, and so is what the user has verified of its key: see the
/// [threat model](super#threat-model).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// `id` of the chat; 0 before the server has given one.
    pub chat_id: i32,
    /// `access_hash` of the chat.
    pub access_hash: i64,
    /// The account that uses it.
    pub own_user_id: i64,
    /// Whom it is with.
    pub peer_user_id: i64,
    /// Whether we have asked for it (`admin_id` is our account).
    pub is_originator: bool,
}

/// A secret chat, as one of its two sides sees it.
pub struct Chat<A> {
    pub(super) options: Options,
    pub(super) identity: Identity,
    pub(super) group: A,
    pub(super) phase: Phase,
}

/// How far a chat is.
pub(super) enum Phase {
    /// We have called `messages.requestEncryption`.
    Requested { secret: DhSecret, random_id: i32 },
    /// The peer has; the user is being asked.
    Offered { g_a: Vec<u8> },
    /// We have called `messages.acceptEncryption`.
    Accepting { key: AuthKey, g_b: Box<[u8; 256]> },
    /// Messages go back and forth.
    Open(Box<Open>),
    /// Over.
    Discarded(DiscardReason),
}

impl<A: Agreement> Chat<A> {
    /// Asks a user for a chat. The group is that of `messages.dhConfig`, got for this chat (check 35), and `server_random` its
    /// `random`.
    pub fn request(
        options: Options,
        own_user_id: i64,
        peer_user_id: i64,
        group: A,
        server_random: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> (Self, Vec<Effect>) {
        let secret = DhSecret::generate(server_random, rng);
        let random_id = rng.next_u32() as i32;
        let chat = Self {
            options,
            identity: Identity {
                chat_id: 0,
                access_hash: 0,
                own_user_id,
                peer_user_id,
                is_originator: true,
            },
            group,
            phase: Phase::Requested { secret, random_id },
        };
        let mut effects = vec![Effect::Persist(chat.store())];
        chat.call_again(&mut effects);
        (chat, effects)
    }

    /// A chat that `encryptedChatRequested` offers. Nothing is computed before the user [accepts](Input::Accept) it. The
    /// group is that of `messages.dhConfig`, got for this chat (check 35).
    pub fn offered(
        options: Options,
        identity: Identity,
        group: A,
        g_a: &[u8],
    ) -> (Self, Vec<Effect>) {
        let chat = Self {
            options,
            identity: Identity {
                is_originator: false,
                ..identity
            },
            group,
            phase: Phase::Offered { g_a: g_a.to_vec() },
        };
        let effects = vec![Effect::Persist(chat.store())];
        (chat, effects)
    }

    /// What follows from an input: effects, to be carried out in their order. What is not stored yet has not happened: the
    /// first effect of all that change the chat is [`Effect::Persist`].
    ///
    /// # Errors
    ///
    /// When the caller asks for what can't be; the chat is as it was. What the peer does wrong is no error but a
    /// [`Notice::Dropped`] or the [end of the chat](Effect::Discarded).
    pub fn handle(
        &mut self,
        now: UnixTime,
        input: Input<'_>,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<Effect>, InputError> {
        let mut effects = Vec::new();
        let mut turn = Turn {
            now: now.as_secs(),
            options: self.options,
            rng,
            effects: &mut effects,
            changed: false,
            has_sent: false,
        };
        let outcome = self.step(&mut turn, input)?;
        let mut changed = turn.changed;
        if let Err(reason) = outcome {
            self.discard(reason, reason != DiscardReason::ByPeer, &mut effects);
            changed = true;
        }
        if changed {
            effects.insert(0, Effect::Persist(self.store()));
        }
        Ok(effects)
    }

    /// Takes up a chat that was [stored](Effect::Persist): what had been begun is done again. `delivered` is the number of the
    /// last [delivery](super::Delivery::number) that the application has stored, and 0 if none.
    ///
    /// Call it once after [`restore`](Self::restore), and whenever calls to the server may have been lost. Messages keep their
    /// `random_id` and their sequence numbers, by which the server and the peer know them again.
    pub fn resume(
        &mut self,
        now: UnixTime,
        delivered: u64,
        rng: &mut dyn CryptoRng,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.call_again(&mut effects);
        if let Phase::Open(open) = &mut self.phase {
            let mut turn = Turn {
                now: now.as_secs(),
                options: self.options,
                rng,
                effects: &mut effects,
                changed: false,
                has_sent: false,
            };
            let outcome = open.resume(&mut turn, &self.group, delivered);
            let changed = turn.changed;
            if let Err(reason) = outcome {
                self.discard(reason, true, &mut effects);
            }
            if changed || outcome.is_err() {
                effects.insert(0, Effect::Persist(self.store()));
            }
        }
        effects
    }

    /// Whose chat it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open(_))
    }

    /// Why the chat is over, if it is.
    pub fn discarded(&self) -> Option<DiscardReason> {
        match self.phase {
            Phase::Discarded(reason) => Some(reason),
            _ => None,
        }
    }

    /// The newest layer that both sides are known to read: what messages are to be written in. 0 while the chat is not open.
    pub fn layer(&self) -> i32 {
        self.open().map_or(0, |open| open.layer(&self.options))
    }

    /// What the two users compare; none while the chat is not open.
    pub fn visualization(&self) -> Option<KeyVisualization> {
        self.open().map(|open| open.visualization)
    }

    /// `key_fingerprint` of the key in use; none while the chat is not open.
    pub fn key_fingerprint(&self) -> Option<i64> {
        self.open().map(Open::key_fingerprint)
    }

    /// How many of our messages the peer has not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.open().map_or(0, Open::unconfirmed)
    }

    /// When to call [`handle`](Self::handle) with [`Input::Tick`] at the latest.
    pub fn next_tick(&self) -> Option<UnixTime> {
        let secs = self.open()?.next_tick(&self.options)?;
        Some(UnixTime::from_secs(secs))
    }

    fn open(&self) -> Option<&Open> {
        match &self.phase {
            Phase::Open(open) => Some(open),
            _ => None,
        }
    }

    /// The outer result is the caller's mistake, the inner one the end of the chat.
    fn step(
        &mut self,
        turn: &mut Turn<'_>,
        input: Input<'_>,
    ) -> Result<Result<(), DiscardReason>, InputError> {
        let Self {
            identity,
            group,
            phase,
            ..
        } = self;
        match (phase, input) {
            (Phase::Discarded(_), Input::Discard | Input::Discarded | Input::Tick) => Ok(Ok(())),
            (_, Input::Discard) => Ok(Err(DiscardReason::Left)),
            (_, Input::Discarded) => Ok(Err(DiscardReason::ByPeer)),

            (
                Phase::Requested { .. },
                Input::Waiting {
                    chat_id,
                    access_hash,
                },
            ) => {
                identity.chat_id = chat_id;
                identity.access_hash = access_hash;
                turn.changed = true;
                Ok(Ok(()))
            }
            (
                Phase::Requested { secret, .. },
                Input::Accepted {
                    g_b,
                    key_fingerprint,
                },
            ) => {
                let Some(key) = group.shared(secret, g_b) else {
                    return Ok(Err(DiscardReason::BadPublicValue));
                };
                if key.id() as i64 != key_fingerprint {
                    return Ok(Err(DiscardReason::WrongFingerprint));
                }
                Ok(self.open_with(key, turn))
            }
            (Phase::Offered { g_a }, Input::Accept { server_random }) => {
                let secret = DhSecret::generate(server_random, turn.rng);
                let Some(key) = group.shared(&secret, g_a) else {
                    return Ok(Err(DiscardReason::BadPublicValue));
                };
                let g_b = group.public(&secret);
                self.phase = Phase::Accepting { key, g_b };
                turn.changed = true;
                self.call_again(turn.effects);
                Ok(Ok(()))
            }
            (Phase::Accepting { key, .. }, Input::AcceptConfirmed) => {
                let key = key.clone();
                Ok(self.open_with(key, turn))
            }

            (Phase::Open(open), Input::Encrypted { data, file, qts }) => {
                let outcome = open.receive(turn, group, data, file);
                turn.effects.push(Effect::AcknowledgeQueue { qts });
                Ok(outcome)
            }
            (Phase::Open(_), Input::AcceptConfirmed) => Ok(Ok(())),
            // The peer's first message can overtake the server's confirmation, and confirms as well.
            (Phase::Accepting { key, .. }, input @ Input::Encrypted { data, .. })
                if sealed::key_fingerprint(data) == Some(key.id() as i64) =>
            {
                let key = key.clone();
                match self.open_with(key, turn) {
                    Ok(()) => self.step(turn, input),
                    Err(reason) => Ok(Err(reason)),
                }
            }
            (_, Input::Encrypted { qts, .. }) => {
                turn.drop_message(DropReason::NotOpen);
                turn.effects.push(Effect::AcknowledgeQueue { qts });
                Ok(Ok(()))
            }
            (Phase::Open(open), Input::Send(Outgoing { message, file })) => {
                open.send(turn, group, &message, file)
            }
            (Phase::Open(open), Input::Delete { random_ids }) => {
                Ok(open.delete(turn, group, random_ids))
            }
            (Phase::Open(open), Input::Sent { random_id }) => {
                open.sent(turn, random_id);
                Ok(Ok(()))
            }
            (Phase::Open(open), Input::Delivered { number }) => {
                open.delivered(number);
                Ok(Ok(()))
            }
            (Phase::Open(open), Input::Tick) => Ok(open.tick(turn, group)),
            (_, Input::Tick) => Ok(Ok(())),
            (phase, _) => Err(InputError::WrongState {
                state: phase.name(),
            }),
        }
    }

    fn open_with(&mut self, key: AuthKey, turn: &mut Turn<'_>) -> Result<(), DiscardReason> {
        let key = ChatKey::new(key, turn.now);
        let mut open = Open::new(self.identity.is_originator, key, &self.options, turn.now);
        turn.changed = true;
        turn.effects.push(Effect::Notify(Notice::Opened));
        let told = open.tell_layer(turn, &self.group);
        self.phase = Phase::Open(Box::new(open));
        told
    }

    /// The calls that create the chat.
    fn call_again(&self, effects: &mut Vec<Effect>) {
        match &self.phase {
            Phase::Requested { secret, random_id } => effects.push(Effect::RequestEncryption {
                random_id: *random_id,
                g_a: self.group.public(secret),
            }),
            Phase::Accepting { key, g_b } => effects.push(Effect::AcceptEncryption {
                g_b: g_b.clone(),
                key_fingerprint: key.id() as i64,
            }),
            _ => {}
        }
    }

    /// Ends the chat. What is still to be sent is not.
    fn discard(&mut self, reason: DiscardReason, tell_server: bool, effects: &mut Vec<Effect>) {
        self.phase = Phase::Discarded(reason);
        effects.retain(|effect| !matches!(effect, Effect::Send(_)));
        effects.push(Effect::Discarded {
            reason,
            tell_server,
        });
    }

    fn store(&self) -> StoredChat {
        super::state::store(self)
    }
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "waiting for the peer",
            Self::Offered { .. } => "waiting for the user",
            Self::Accepting { .. } => "waiting for the server",
            Self::Open(_) => "open",
            Self::Discarded(_) => "discarded",
        }
    }
}

impl<A> fmt::Debug for Chat<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chat")
            .field("identity", &self.identity)
            .field("state", &self.phase.name())
            .finish_non_exhaustive()
    }
}
