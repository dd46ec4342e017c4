//! Places where the server breaks the protocol, on request.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::{Error, Reply};

/// What is wrong with this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `resPQ` has another `nonce`.
    Nonce,
    /// `resPQ` has a `pq` that is a prime.
    PqPrime,
    /// The last block of `encrypted_answer` is not what was encrypted, so that its SHA-1 does not hold.
    AnswerHash,
    /// `dh_gen_ok` has another `new_nonce_hash1`.
    NewNonceHash,
    /// Not a fault: every exchange is asked for a second key by `dh_gen_retry`.
    DhGenRetry,
    /// `dh_gen_fail` for every key.
    DhGenFail,
    /// Encrypted messages have another `session_id`.
    SessionId,
    /// Encrypted messages have the `msg_id` of a client.
    EvenMsgId,
    /// Encrypted messages have no padding but what makes whole blocks.
    NoPadding,
    /// Encrypted messages have 2048 bytes of padding.
    LongPadding,
    /// Encrypted messages are 1000 seconds old.
    OldMessage,
}

const NAMES: [(&str, Fault); 11] = [
    ("nonce", Fault::Nonce),
    ("pq-prime", Fault::PqPrime),
    ("answer-hash", Fault::AnswerHash),
    ("new-nonce-hash", Fault::NewNonceHash),
    ("dh-gen-retry", Fault::DhGenRetry),
    ("dh-gen-fail", Fault::DhGenFail),
    ("session-id", Fault::SessionId),
    ("even-msg-id", Fault::EvenMsgId),
    ("no-padding", Fault::NoPadding),
    ("long-padding", Fault::LongPadding),
    ("old-message", Fault::OldMessage),
];

impl Fault {
    pub(crate) fn by_name(name: &str) -> Result<Self, Error> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, fault)| *fault).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            format!("no fault {name}; there are {}", names.join(", ")).into()
        })
    }
}

/// Whether this exchange is still to be asked for another key.
pub(crate) fn wants_retry(fault: Option<Fault>, nonce: &[u8; 16]) -> bool {
    thread_local! {
        static ASKED: RefCell<BTreeSet<[u8; 16]>> = const { RefCell::new(BTreeSet::new()) };
    }
    fault == Some(Fault::DhGenRetry) && ASKED.with_borrow_mut(|asked| asked.insert(*nonce))
}

/// The constructors after the envelope of 20 bytes, as they stand on the wire.
const RES_PQ: [u8; 4] = 0x0516_2463_u32.to_le_bytes();
const SERVER_DH_PARAMS_OK: [u8; 4] = 0xd0e8_075c_u32.to_le_bytes();
const DH_GEN_OK: [u8; 4] = 0x3bcb_f734_u32.to_le_bytes();

pub(crate) fn spoil_handshake(fault: Option<Fault>, reply: Reply) -> Reply {
    let Reply::Packet(mut payload) = reply else {
        return reply;
    };
    let last = payload.len() - 1;
    let mut id = [0; 4];
    id.copy_from_slice(&payload[20..24]);
    match (fault, id) {
        (Some(Fault::Nonce), RES_PQ) => payload[24] ^= 1,
        // The largest prime below 2^63.
        (Some(Fault::PqPrime), RES_PQ) => {
            payload[57..65].copy_from_slice(&9_223_372_036_854_775_783_u64.to_be_bytes());
        }
        // The last block but one: both decrypt to something else.
        (Some(Fault::AnswerHash), SERVER_DH_PARAMS_OK) => payload[last - 20] ^= 1,
        (Some(Fault::NewNonceHash), DH_GEN_OK) => payload[last] ^= 1,
        _ => {}
    }
    Reply::Packet(payload)
}
