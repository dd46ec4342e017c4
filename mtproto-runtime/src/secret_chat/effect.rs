//! What a chat is told, and what it wants done.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use super::layer::LayerMessage;
use crate::wire::{DecodeError, Redacted};

/// What happens to a chat.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The server has answered `messages.requestEncryption` with `encryptedChatWaiting`.
    Waiting {
        /// `id` of the chat.
        chat_id: i32,
        /// `access_hash` of the chat.
        access_hash: i64,
    },
    /// The user wants the chat that was asked for: `server_random` is `random` of `messages.dhConfig`, mixed in.
    Accept {
        /// `random`; may be empty.
        server_random: &'a [u8],
    },
    /// The server has confirmed `messages.acceptEncryption` with `encryptedChat`.
    AcceptConfirmed,
    /// The peer has accepted: `encryptedChat` has come for the chat that we have asked for.
    Accepted {
        /// `g_a_or_b`.
        g_b: &'a [u8],
        /// `key_fingerprint`.
        key_fingerprint: i64,
    },
    /// `encryptedMessage` or `encryptedMessageService` has come.
    Encrypted {
        /// `bytes`.
        data: &'a [u8],
        /// `file`, as the bytes of an `EncryptedFile`, for whoever reads the message. The chat does not look at them.
        file: Option<&'a [u8]>,
        /// `qts` of the update: acknowledged when the chat is stored.
        qts: i32,
    },
    /// A message to be sent.
    Send(Outgoing),
    /// Messages of either side are deleted, for both.
    Delete {
        /// Their `random_id`.
        random_ids: &'a [i64],
    },
    /// The server has confirmed `messages.sendEncrypted…`.
    Sent {
        /// Of the message.
        random_id: i64,
    },
    /// The application has stored a delivered message, or has no need to.
    Delivered {
        /// [`Delivery::number`].
        number: u64,
    },
    /// Time has passed: see [`Chat::next_tick`](super::Chat::next_tick).
    Tick,
    /// The user leaves the chat.
    Discard,
    /// `encryptedChatDiscarded` has come.
    Discarded,
}

/// A message to be sent.
#[derive(Debug)]
pub struct Outgoing {
    /// Of a layer up to [`Chat::layer`](super::Chat::layer).
    pub message: LayerMessage,
    /// The file that goes with it, as the bytes of an `InputEncryptedFile`. The chat does not look at them.
    pub file: Option<Vec<u8>>,
}

/// What is to be done, in this order. Each is carried out, and has succeeded, before the next is begun; a crash between any
/// two of them loses nothing and does nothing twice: see [`Chat::resume`](super::Chat::resume).
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Store the chat in place of what was stored of it before, as a whole or not at all.
    Persist(StoredChat),
    /// Call `messages.requestEncryption`.
    RequestEncryption {
        /// `random_id`.
        random_id: i32,
        /// `g_a`.
        g_a: Box<[u8; 256]>,
    },
    /// Call `messages.acceptEncryption`.
    AcceptEncryption {
        /// `g_b`.
        g_b: Box<[u8; 256]>,
        /// `key_fingerprint`.
        key_fingerprint: i64,
    },
    /// Call `messages.sendEncrypted`, `messages.sendEncryptedFile` or `messages.sendEncryptedService`. All calls of a chat
    /// arrive in their order: `invokeAfterMsgs` sees to it.
    Send(Sending),
    /// A message for the application.
    Deliver(Delivery),
    /// A message that no layer known here can read: the application must be updated. It is stored like any other, and
    /// [`LayerMessage::read`] of a newer version reads it.
    UpdateNeeded(Delivery),
    /// Something to know of.
    Notify(Notice),
    /// `qts` up to this one is stored: call `messages.receivedQueue`, or state it in `updates.getDifference`.
    AcknowledgeQueue {
        /// `max_qts`.
        qts: i32,
    },
    /// The chat is over; its keys are erased.
    Discarded {
        /// Why.
        reason: DiscardReason,
        /// Whether to call `messages.discardEncryption`: the server does not know yet.
        tell_server: bool,
    },
}

/// A chat as bytes: keys, counters and the messages that may be asked for again. A secret; printed as its length.
#[derive(Clone, PartialEq)]
pub struct StoredChat(pub(crate) Zeroizing<Vec<u8>>);

impl StoredChat {
    /// Bytes that were stored.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for StoredChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredChat({} bytes)", self.0.len())
    }
}

/// An encrypted message for the server.
#[derive(Clone, PartialEq)]
pub struct Sending {
    /// `random_id`: the same each time a message is sent.
    pub random_id: i64,
    /// `data`.
    pub data: Vec<u8>,
    /// `file`, of a message with one.
    pub file: Option<Vec<u8>>,
    /// Whether it is for `messages.sendEncryptedService`.
    pub is_service: bool,
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending")
            .field("random_id", &self.random_id)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .field("file", &self.file.is_some())
            .field("is_service", &self.is_service)
            .finish()
    }
}

/// A message of the peer, in its place.
#[derive(Clone, PartialEq)]
pub struct Delivery {
    /// Counts the messages of the chat. Store it with the message: [`Chat::resume`](super::Chat::resume) asks for the last.
    pub number: u64,
    /// The layer that the message states.
    pub layer: i32,
    /// How many of our messages the peer had processed: the message belongs behind that many of ours, whenever it arrives.
    pub after_ours: u32,
    /// The boxed `DecryptedMessage`.
    pub content: Zeroizing<Vec<u8>>,
    /// What came with it as `file`.
    pub file: Option<Vec<u8>>,
}

impl Delivery {
    /// The message, read.
    ///
    /// # Errors
    ///
    /// Those of [`LayerMessage::read`].
    pub fn message(&self) -> Result<LayerMessage, DecodeError> {
        LayerMessage::read(self.layer, &self.content)
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("number", &self.number)
            .field("layer", &self.layer)
            .field("after_ours", &self.after_ours)
            .field("content", &Redacted)
            .field("file", &self.file.is_some())
            .finish()
    }
}

/// Something to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The chat is open: messages can be sent.
    Opened,
    /// The peer knows this layer now.
    PeerLayer(i32),
    /// Messages are under a new key from here on; the visualization stays.
    KeyReplaced,
    /// The old key is erased.
    OldKeyErased,
    /// The peer has left an exchange of keys.
    RekeyAborted,
    /// Messages are missing, and were asked for.
    GapRequested,
    /// A message was dropped.
    Dropped(DropReason),
}

/// Why a message was dropped. None of it ends the chat: anyone on the way can send such bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropReason {
    /// The chat is not open.
    NotOpen,
    /// No key of the chat has the fingerprint in front.
    UnknownKey,
    /// It does not decrypt to what its `msg_key` says, or its length and padding are not allowed.
    Unreadable,
    /// It decrypts, and is no message, or has fewer than 15 random bytes.
    Malformed,
    /// It was processed before.
    Repeated,
    /// MTProto 1.0, after the chat has come to 2.0.
    Downgraded,
    /// Without sequence numbers, after the peer has begun to number its messages.
    Unnumbered,
}

/// Why a chat has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DiscardReason {
    /// The user has left it.
    #[error("the chat was left")]
    Left,
    /// The peer, or another device, has ended it.
    #[error("the chat was discarded by the peer or another device")]
    ByPeer,
    /// `g_a` or `g_b` is out of range.
    #[error("the peer's public value is out of the safe range")]
    BadPublicValue,
    /// Both sides have computed different keys.
    #[error("the peer has computed another key")]
    WrongFingerprint,
    /// The lowest bit of a sequence number is not the peer's: the message was mirrored, or made up.
    #[error("a sequence number does not carry the bit of the peer")]
    WrongParity,
    /// `in_seq_no` fell, or counts messages that were never sent.
    #[error("the peer counts messages that were not sent, or no longer counts those it had")]
    WrongInSeqNo,
    /// A message states a lower layer than one before it.
    #[error("the peer's layer fell")]
    LayerFell,
    /// The peer asks for messages that it has confirmed, or that do not exist.
    #[error("the peer asks for messages that can't be sent again")]
    ImpossibleResend,
    /// More messages wait for missing ones than memory is for.
    #[error("too much waits for messages that are missing")]
    GapTooLarge,
    /// The numbers are used up.
    #[error("the chat has used up its sequence numbers")]
    NumbersExhausted,
}

/// What the caller can't do. The chat is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Not now: the chat is not that far, or beyond it.
    #[error("the chat is {state}, where this can't happen")]
    WrongState {
        /// What the chat is.
        state: &'static str,
    },
    /// The peer would not understand the message.
    #[error("the message is of layer {layer}, and the peer is known to read {peer_layer} at most")]
    LayerTooNew {
        /// Of the message.
        layer: i32,
        /// What both sides know.
        peer_layer: i32,
    },
    /// The peer expects sequence numbers, which messages of this layer can't have.
    #[error("messages of layer {layer} have no sequence numbers, and the chat has come to those")]
    LayerTooOld {
        /// Of the message.
        layer: i32,
    },
    /// The message contradicts itself.
    #[error("the message can't be written")]
    Unwritable,
    /// Service messages that steer the chat are the chat's own.
    #[error("the chat itself sends messages of this kind")]
    Reserved,
    /// Another message with this `random_id` is not confirmed yet.
    #[error("a message with the random_id {random_id} is on its way")]
    RandomIdInUse {
        /// The `random_id`.
        random_id: i64,
    },
    /// The peer has not confirmed so many messages that no more can be kept for it.
    #[error("the peer has not confirmed {count} messages; no more can be kept for it")]
    TooManyUnconfirmed {
        /// How many.
        count: usize,
    },
}
