//! A chat as bytes, to be stored.
//!
//! The format is this crate's own and versioned: what an older version has stored, a newer one reads. It is written with the
//! primitives of TL. Options are not part of it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::agreement::Agreement;
use super::chat::{Chat, Identity, Options, Phase};
use super::effect::{Delivery, DiscardReason, StoredChat};
use super::open::{ChatKey, Early, Open, Own};
use super::rekey::{Exchange, Keys};
use super::sequence::{Numbers, Sequence};
use super::visualization::KeyVisualization;
use crate::auth_key::AuthKey;
use crate::crypto::dh::DhSecret;
use crate::wire::{DecodeError, Limits, Reader, Writer, encode_by};

/// In front of every stored chat: a name, and the version of what follows.
const MAGIC: u32 = 0x7461_6863;
const VERSION: u32 = 1;

/// Why bytes are no chat.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// Not what a chat stores, or not all of it.
    #[error("this is no stored chat, or not a whole one: {0}")]
    Damaged(#[from] DecodeError),
    /// It is well formed, and contradicts itself.
    #[error("the stored chat contradicts itself in its {what}")]
    Inconsistent {
        /// What does.
        what: &'static str,
    },
    /// Stored by a newer version of this crate.
    #[error(
        "the chat was stored in version {version} of the format, and {VERSION} is the newest one known here"
    )]
    Version {
        /// Of the format.
        version: u32,
    },
    /// The group was checked when the chat was made, and fails now: these are not its bytes.
    #[error("the stored parameters of Diffie–Hellman are not safe")]
    Group,
    /// It is somebody else's chat.
    #[error("the stored chat is {found:?}, and {expected:?} was expected")]
    WrongChat {
        /// Whose chat it should be.
        expected: Box<Identity>,
        /// Whose it is.
        found: Box<Identity>,
    },
}

impl<A: Agreement> Chat<A> {
    /// Reads a chat that was [stored](super::Effect::Persist). Go on with [`resume`](Self::resume).
    ///
    /// `expected` is whose chat the application takes it for, if it knows. A chat never turns into that of other people
    /// (check 45).
    ///
    /// # Errors
    ///
    /// [`RestoreError`]; none of it is overcome by trying again.
    pub fn restore(
        options: Options,
        stored: &[u8],
        expected: Option<&Identity>,
    ) -> Result<Self, RestoreError> {
        let mut r = Reader::with_limits(
            stored,
            Limits::for_input(stored.len()).with_allocation_bytes(usize::MAX / 2),
        );
        r.expect_id(MAGIC, "stored chat");
        let version = r.nat();
        if !r.failed() && version != VERSION {
            return Err(RestoreError::Version { version });
        }
        let identity = read_identity(&mut r);
        let g = r.int();
        let p: &[u8] = r.read();
        let phase = match r.nat() {
            0 => Ok(Phase::Requested {
                secret: read_secret(&mut r),
                random_id: r.int(),
            }),
            1 => Ok(Phase::Offered { g_a: r.bytes() }),
            2 => Ok(Phase::Accepting {
                key: AuthKey::new(read_256(&mut r)),
                g_b: Box::new(read_256(&mut r)),
            }),
            3 => read_open(&mut r, identity.is_originator).map(|open| Phase::Open(Box::new(open))),
            4 => read_reason(r.nat()).map(Phase::Discarded),
            _ => Err("state"),
        };
        r.finish()?;
        let phase = phase.map_err(|what| RestoreError::Inconsistent { what })?;
        if let Some(expected) = expected
            && *expected != identity
        {
            return Err(RestoreError::WrongChat {
                expected: Box::new(*expected),
                found: Box::new(identity),
            });
        }
        Ok(Self {
            options,
            identity,
            group: A::from_parameters(g, p).ok_or(RestoreError::Group)?,
            phase,
        })
    }
}

pub(super) fn store<A: Agreement>(chat: &Chat<A>) -> StoredChat {
    let (g, p) = chat.group.parameters();
    let bytes = encode_by(|w| {
        w.id(MAGIC);
        w.nat(VERSION);
        write_identity(&chat.identity, w);
        w.int(g);
        w.bytes(&p);
        match &chat.phase {
            Phase::Requested { secret, random_id } => {
                w.nat(0);
                w.raw(secret.as_bytes());
                w.int(*random_id);
            }
            Phase::Offered { g_a } => {
                w.nat(1);
                w.bytes(g_a);
            }
            Phase::Accepting { key, g_b } => {
                w.nat(2);
                w.raw(key.as_bytes());
                w.raw(&g_b[..]);
            }
            Phase::Open(open) => {
                w.nat(3);
                write_open(open, w);
            }
            Phase::Discarded(reason) => {
                w.nat(4);
                w.nat(reason_number(*reason));
            }
        }
    });
    StoredChat(Zeroizing::new(
        bytes.expect("nothing here can contradict itself"),
    ))
}

fn write_identity(identity: &Identity, w: &mut Writer) {
    w.int(identity.chat_id);
    w.long(identity.access_hash);
    w.long(identity.own_user_id);
    w.long(identity.peer_user_id);
    w.boolean(identity.is_originator);
}

fn read_identity(r: &mut Reader<'_>) -> Identity {
    Identity {
        chat_id: r.int(),
        access_hash: r.long(),
        own_user_id: r.long(),
        peer_user_id: r.long(),
        is_originator: r.boolean(),
    }
}

fn write_open(open: &Open, w: &mut Writer) {
    write_keys(&open.keys, w);
    let (first, second) = open.visualization.parts();
    w.raw(first);
    write_optional(second, w, |second, w| w.raw(second));
    write_sequence(&open.sequence, w);
    w.long(open.opened_at as i64);
    w.int(open.peer_layer);
    w.int(open.last_layer);
    w.int(open.told_layer);
    write_optional(open.v2_from, w, |from, w| w.nat(from));
    w.boolean(open.is_numbered);
    write_list(&open.recent_ids, w, |id, w| w.long(*id));
    write_list(&open.unnumbered, w, write_own);
    write_list(&open.own, w, write_own);
    write_list(&open.undelivered, w, write_delivery);
    w.long(open.deliveries as i64);
    w.long(open.rekey_not_before as i64);
    write_optional(open.request_again_at, w, |at, w| w.long(at as i64));
}

fn read_open(r: &mut Reader<'_>, is_originator: bool) -> Result<Open, &'static str> {
    let open = Open {
        keys: read_keys(r)?,
        visualization: KeyVisualization::restored(
            read_array(r),
            read_optional(r, |r| read_array::<20>(r)),
        ),
        is_originator,
        sequence: read_sequence(r, is_originator),
        opened_at: r.long() as u64,
        peer_layer: r.int(),
        last_layer: r.int(),
        told_layer: r.int(),
        v2_from: read_optional(r, |r| r.nat()),
        is_numbered: r.boolean(),
        recent_ids: read_list(r, |r| r.long()),
        unnumbered: read_list(r, read_own),
        own: read_list(r, read_own),
        undelivered: read_list(r, read_delivery),
        deliveries: r.long() as u64,
        rekey_not_before: r.long() as u64,
        request_again_at: read_optional(r, |r| r.long() as u64),
    };
    let numbers = open
        .own
        .iter()
        .map(|own| own.numbers.map(|numbers| numbers.out));
    let expected = (open.sequence.acknowledged()..open.sequence.sent()).map(Some);
    if !r.failed() && !numbers.eq(expected) {
        return Err("messages and counters");
    }
    Ok(open)
}

fn write_keys(keys: &Keys<DhSecret, ChatKey>, w: &mut Writer) {
    write_key(keys.current(), w);
    write_optional(keys.previous(), w, write_key);
    match keys.exchange() {
        Exchange::None => w.nat(0),
        Exchange::Requested {
            exchange_id,
            secret,
        } => {
            w.nat(1);
            w.long(*exchange_id);
            w.raw(secret.as_bytes());
        }
        Exchange::Accepted { exchange_id, key } => {
            w.nat(2);
            w.long(*exchange_id);
            write_key(key, w);
        }
        Exchange::Committed { exchange_id } => {
            w.nat(3);
            w.long(*exchange_id);
        }
    }
}

fn read_keys(r: &mut Reader<'_>) -> Result<Keys<DhSecret, ChatKey>, &'static str> {
    let current = read_key(r);
    let previous = read_optional(r, read_key);
    let exchange = match r.nat() {
        0 => Exchange::None,
        1 => Exchange::Requested {
            exchange_id: r.long(),
            secret: read_secret(r),
        },
        2 => Exchange::Accepted {
            exchange_id: r.long(),
            key: read_key(r),
        },
        3 => Exchange::Committed {
            exchange_id: r.long(),
        },
        _ => return Err("exchange of keys"),
    };
    Ok(Keys::restored(current, previous, exchange))
}

fn write_key(key: &ChatKey, w: &mut Writer) {
    w.raw(key.key.as_bytes());
    w.long(key.since as i64);
    w.nat(key.used);
    w.nat(key.encrypted);
}

fn read_key(r: &mut Reader<'_>) -> ChatKey {
    ChatKey {
        key: AuthKey::new(read_256(r)),
        since: r.long() as u64,
        used: r.nat(),
        encrypted: r.nat(),
    }
}

fn write_sequence(sequence: &Sequence<Early>, w: &mut Writer) {
    w.nat(sequence.sent());
    w.nat(sequence.received());
    w.nat(sequence.acknowledged());
    write_optional(sequence.requested_until(), w, |until, w| w.nat(until));
    w.nat(sequence.waiting().count() as u32);
    for (number, early) in sequence.waiting() {
        w.nat(number);
        w.int(early.layer);
        w.nat(early.in_seq);
        w.bytes(&early.content);
        write_optional(early.file.as_ref(), w, |file, w| w.bytes(file));
        w.boolean(early.is_answered);
    }
}

fn read_sequence(r: &mut Reader<'_>, is_originator: bool) -> Sequence<Early> {
    let (sent, received, acknowledged) = (r.nat(), r.nat(), r.nat());
    let mut sequence = Sequence::restored(is_originator, sent, received, acknowledged);
    sequence.set_requested_until(read_optional(r, |r| r.nat()));
    let waiting: Vec<_> = read_list(r, |r| {
        let number = r.nat();
        let early = Early {
            layer: r.int(),
            in_seq: r.nat(),
            content: Zeroizing::new(r.bytes()),
            file: read_optional(r, |r| r.bytes()),
            is_answered: r.boolean(),
        };
        (number, early)
    });
    for (number, early) in waiting {
        sequence.wait(number, early);
    }
    sequence
}

fn write_own(own: &Own, w: &mut Writer) {
    write_optional(own.numbers, w, |numbers, w| {
        w.nat(numbers.out);
        w.int(numbers.in_seq_no);
        w.int(numbers.out_seq_no);
    });
    w.int(own.layer);
    w.long(own.random_id);
    w.bytes(&own.content);
    write_optional(own.file.as_ref(), w, |file, w| w.bytes(file));
    w.boolean(own.is_service);
    w.boolean(own.on_server);
}

fn read_own(r: &mut Reader<'_>) -> Own {
    Own {
        numbers: read_optional(r, |r| Numbers {
            out: r.nat(),
            in_seq_no: r.int(),
            out_seq_no: r.int(),
        }),
        layer: r.int(),
        random_id: r.long(),
        content: Zeroizing::new(r.bytes()),
        file: read_optional(r, |r| r.bytes()),
        is_service: r.boolean(),
        on_server: r.boolean(),
    }
}

fn write_delivery(delivery: &Delivery, w: &mut Writer) {
    w.long(delivery.number as i64);
    w.int(delivery.layer);
    w.nat(delivery.after_ours);
    w.bytes(&delivery.content);
    write_optional(delivery.file.as_ref(), w, |file, w| w.bytes(file));
}

fn read_delivery(r: &mut Reader<'_>) -> Delivery {
    Delivery {
        number: r.long() as u64,
        layer: r.int(),
        after_ours: r.nat(),
        content: Zeroizing::new(r.bytes()),
        file: read_optional(r, |r| r.bytes()),
    }
}

/// A number for each reason, for good.
const REASONS: [DiscardReason; 10] = [
    DiscardReason::Left,
    DiscardReason::ByPeer,
    DiscardReason::BadPublicValue,
    DiscardReason::WrongFingerprint,
    DiscardReason::WrongParity,
    DiscardReason::WrongInSeqNo,
    DiscardReason::LayerFell,
    DiscardReason::ImpossibleResend,
    DiscardReason::GapTooLarge,
    DiscardReason::NumbersExhausted,
];

fn reason_number(reason: DiscardReason) -> u32 {
    let number = REASONS.iter().position(|&known| known == reason);
    number.expect("all reasons have a number") as u32
}

fn read_reason(number: u32) -> Result<DiscardReason, &'static str> {
    let reason = REASONS.get(number as usize).copied();
    reason.ok_or("reason of the end")
}

fn read_secret(r: &mut Reader<'_>) -> DhSecret {
    DhSecret::from_bytes(&Zeroizing::new(read_256(r)))
}

fn read_256(r: &mut Reader<'_>) -> [u8; 256] {
    read_array(r)
}

/// Zeros, if there is less left.
fn read_array<const N: usize>(r: &mut Reader<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    for word in bytes.as_chunks_mut().0 {
        *word = r.nat().to_le_bytes();
    }
    bytes
}

fn write_optional<T>(value: Option<T>, w: &mut Writer, write: impl FnOnce(T, &mut Writer)) {
    w.boolean(value.is_some());
    if let Some(value) = value {
        write(value, w);
    }
}

fn read_optional<'a, T>(r: &mut Reader<'a>, read: impl FnOnce(&mut Reader<'a>) -> T) -> Option<T> {
    r.boolean().then(|| read(r))
}

fn write_list<'t, T: 't>(
    items: impl IntoIterator<Item = &'t T, IntoIter: ExactSizeIterator>,
    w: &mut Writer,
    write: impl Fn(&T, &mut Writer),
) {
    let items = items.into_iter();
    w.nat(items.len() as u32);
    for item in items {
        write(item, w);
    }
}

/// Ends with the input: no count makes it go on.
fn read_list<'a, T, L: FromIterator<T>>(
    r: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> T,
) -> L {
    let count = r.nat();
    (0..count)
        .map_while(|_| {
            let item = read(r);
            (!r.failed()).then_some(item)
        })
        .collect()
}
