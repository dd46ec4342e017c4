//! How the protocol is broken on request, in one place at a time.
//!
//! The driver's engines are honest; a [`Liar`] stands between them and the client, and knows the keys. Each [`Fault`] is a row of the
//! [table](table), with a [`Lie`] that says what is changed. Of a lie that a client must see through, the liar looks for signs that it
//! was believed: a client that goes on with a handshake, that acknowledges what it should not have read, that uses a salt which
//! nobody gave to it.
//!
//! Faults of sessions are decoys: before the answer to the first call under a key there comes `rpc_error` 500 `DECOY`, with that
//! fault. Whoever believes it fails the call; whoever does not gets the true answer right behind.

mod draft;
mod exchange;
mod liar;
mod numbers;
mod packets;
mod table;

use std::fmt;

use mtproto_runtime::net::server::tamper::{Outgoing, Verdict};
use mtproto_runtime::schema::mtproto::{enums, types};

use self::draft::Draft;
pub(super) use self::liar::Liar;
pub(super) use super::pieces::Cut;

/// The error of decoys.
pub(crate) const DECOY: &str = "DECOY";

/// Something that the server does wrong, or in a rare way.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// Another name.
    also: Option<&'static str>,
    /// Of the security checklist in the book.
    pub(crate) checks: &'static [u8],
    /// In words.
    pub(crate) what: &'static str,
    pub(crate) stage: Stage,
    pub(crate) expected: Expected,
    lie: Lie,
}

/// Where a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// In all connections.
    Connection,
    /// The answer to `req_pq_multi`.
    ResPq,
    /// The answer to `req_DH_params`.
    DhParams,
    /// The answer to `set_client_DH_params`.
    DhGen,
    /// The answer to `auth.bindTempAuthKey`.
    Binding,
    /// Answers to calls.
    Session,
}

/// What a correct client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It makes no key, or does not use it.
    Refuses,
    /// It does not believe what it was told. Whether it gets an answer after that is its own business.
    Ignores,
    /// It gets its answer.
    Completes,
}

/// What is changed.
#[derive(Clone, Copy)]
enum Lie {
    /// The bytes of the connection.
    Cut(Cut),
    /// The server's clock, by so many seconds.
    Clock(i64),
    /// Something else than the answer of this stage.
    Instead(fn() -> Outgoing),
    /// The packet of `resPQ`, with all that is around it.
    Plain(fn(&mut Vec<u8>)),
    ResPq(fn(&mut types::ResPq)),
    /// `server_DH_params_fail`, with the right hash or another.
    DhParamsFail {
        right_hash: bool,
    },
    DhParams(fn(&mut types::ServerDhParamsOk)),
    /// SHA-1, `server_DH_inner_data` and padding, before they are encrypted.
    Answer(fn(&mut Vec<u8>)),
    InnerData(fn(&mut types::ServerDhInnerData)),
    /// `g_a` is a byte shorter than the prime.
    ShortPower,
    /// What is said to the key that a client proposes, to the first or to each.
    Verdict {
        verdict: Verdict,
        first_only: bool,
    },
    /// What is said to each key, and how.
    DhGen {
        verdict: Verdict,
        change: fn(enums::SetClientDhParamsAnswer) -> enums::SetClientDhParamsAnswer,
    },
    /// The result of the binding.
    BindingResult(fn() -> Vec<u8>),
    /// The packet with the result of the binding.
    BindingPacket(fn(&mut Draft)),
    /// A decoy.
    Decoy(fn(&mut Draft)),
    /// What comes before the answer to the first call.
    Before(fn(&packets::Answering<'_>) -> Vec<Draft>),
    /// The packet of an answer, of the first or of all, becomes others.
    Packets {
        first_only: bool,
        change: fn(&packets::Answering<'_>) -> Vec<Outgoing>,
    },
}

impl Fault {
    pub(crate) fn all() -> &'static [Self] {
        table::FAULTS
    }

    /// The fault of that name.
    pub(crate) fn by_name(name: &str) -> Result<&'static Self, String> {
        let mut all = Self::all().iter();
        all.find(|fault| fault.name == name || fault.also == Some(name))
            .ok_or_else(|| "there is no such fault; --list-faults prints all".into())
    }

    /// How the connection is cut into pieces, if it is.
    pub(super) fn cut(&self) -> Option<Cut> {
        match self.lie {
            Lie::Cut(cut) => Some(cut),
            _ => None,
        }
    }

    /// How far the server's clock is ahead.
    pub(super) fn clock_offset_secs(&self) -> i64 {
        match self.lie {
            Lie::Clock(secs) => secs,
            _ => 0,
        }
    }
}

/// A line for people.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            what,
            expected,
            ..
        } = self;
        write!(f, "{name:<24} {expected:<10} {what}")
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refuses => "refuses",
            Self::Ignores => "ignores",
            Self::Completes => "completes",
        })
    }
}
