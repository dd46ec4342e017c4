//! What can go wrong in a handshake, whose fault it is, and in which message it showed.

use core::fmt;

use crate::crypto::dh::DhError;
use crate::crypto::factorize::PqError;
use crate::crypto::kdf::Side;
use crate::crypto::rsa::EncryptError;
use crate::plain_message::PlainMessageError;
use crate::wire::{DecodeError, EncodeError};

/// Why a handshake cannot go on.
///
/// It ends with any of these: no part of what it had agreed on may be used. A client starts again, best on a new connection;
/// a server answers with [`refusal_code`](Self::refusal_code).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The bytes are not the message that stands next.
    #[error("`{message}` of the {} is malformed: {error}", SideName(message.sender()))]
    InvalidMessage {
        /// The message that was to come.
        message: Message,
        /// How far it could be read.
        error: InvalidMessage,
    },
    /// The message is well-formed, and no peer that keeps to the protocol sends it.
    #[error("the {} broke the protocol in `{message}`: {error}", SideName(message.sender()))]
    PeerMisbehaved {
        /// The message with the fault.
        message: Message,
        /// What is wrong with it.
        error: PeerMisbehaved,
    },
    /// The peer keeps to the protocol, but not to a form of it that this side allows.
    #[error("the {} cannot be served, by its `{message}`: {error}", SideName(message.sender()))]
    PeerIncompatible {
        /// The message that shows it.
        message: Message,
        /// What does not fit.
        error: PeerIncompatible,
    },
    /// The server has ended the handshake, in a way that it proved to be its own, or by a code of the transport.
    #[error("the server refused `{message}`: {reason}")]
    Refused {
        /// The query that it refused.
        message: Message,
        /// How it said so.
        reason: Refused,
    },
    /// More than ten minutes have passed since the first query.
    #[error("the exchange is older than ten minutes, and forgotten")]
    Expired,
    /// The exchange was refused before, and stays refused: "any subsequent request also returns -404".
    #[error("the exchange was refused before")]
    Poisoned,
    /// The exchange is complete, or waits for its caller: there is nothing to read.
    #[error("no message is awaited")]
    NothingAwaited,
    /// This side could not write its own message.
    #[error("`{message}` cannot be written: {error}")]
    Unwritable {
        /// The message.
        message: Message,
        /// Why.
        error: Unwritable,
    },
}

/// The messages of a handshake, and the objects encrypted inside them, by their names in TL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Message {
    /// `req_pq_multi`, or `req_pq` of old clients.
    ReqPqMulti,
    /// `resPQ`.
    ResPq,
    /// `req_DH_params`.
    ReqDhParams,
    /// `p_q_inner_data_dc` and its kin, inside `req_DH_params`.
    PQInnerData,
    /// `server_DH_params_ok`, or `server_DH_params_fail`.
    ServerDhParams,
    /// `server_DH_inner_data`, inside `server_DH_params_ok`.
    ServerDhInnerData,
    /// `set_client_DH_params`.
    SetClientDhParams,
    /// `client_DH_inner_data`, inside `set_client_DH_params`.
    ClientDhInnerData,
    /// `dh_gen_ok`, `dh_gen_retry` or `dh_gen_fail`.
    DhGen,
}

/// How bytes fail to be a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMessage {
    /// The envelope is not that of a plain message.
    #[error(transparent)]
    Envelope(#[from] PlainMessageError),
    /// The body is not the TL object.
    #[error(transparent)]
    Object(#[from] DecodeError),
    /// The object is not written in the one way to write it: padding of a string that is not zero, or a length in a longer
    /// form than it needs.
    #[error("the object is not in the one form that TL gives it")]
    NotCanonical,
    /// Bytes follow the object where none may.
    #[error("{length_bytes} bytes follow the object")]
    TrailingBytes {
        /// How many.
        length_bytes: usize,
    },
}

/// What no honest peer does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerMisbehaved {
    /// `nonce` is not the one of this exchange.
    #[error("`nonce` is of another exchange")]
    Nonce,
    /// `server_nonce` is not the one of this exchange.
    #[error("`server_nonce` is of another exchange")]
    ServerNonce,
    /// `pq` is not in its form, or not the product of two different odd primes.
    #[error(transparent)]
    Pq(#[from] PqError),
    /// `p` and `q` are not the factors of `pq` in ascending order.
    #[error("`p` and `q` are not the two factors of `pq`")]
    Factors,
    /// `pq`, `p` or `q` differ between the query and what is encrypted inside.
    #[error("the encrypted `pq`, `p` or `q` is not that of the query")]
    InnerFactors,
    /// The key is none that the server offered.
    #[error("`public_key_fingerprint` {fingerprint:016x} was not offered")]
    Fingerprint {
        /// What the client chose.
        fingerprint: u64,
    },
    /// What is encrypted with the server's public key does not come out as any client encrypts it. One error for every
    /// reason, so that nobody learns anything from it.
    #[error("`encrypted_data` does not decrypt to a padded object")]
    EncryptedData,
    /// The length of AES-encrypted data is not a positive multiple of 16.
    #[error("the encrypted part has {length_bytes} bytes, which is no number of blocks")]
    BlockLength {
        /// The length.
        length_bytes: usize,
    },
    /// No number of padding bytes from 0 to 15 makes the SHA-1 in front that of the data.
    #[error("the decrypted SHA-1 is not that of the data")]
    DataHash,
    /// The time that a temporary key is to live is not positive.
    #[error("`expires_in` is {expires_in}")]
    ExpiresIn {
        /// The number of seconds.
        expires_in: i32,
    },
    /// The prime, the generator or the peer's power of it is not fit for a key.
    #[error(transparent)]
    Dh(#[from] DhError),
    /// `retry_id` is not the `auth_key_aux_hash` of the key that was refused, or not zero at first.
    #[error("`retry_id` is not that of the last attempt")]
    RetryId,
    /// `new_nonce_hash`, of whichever number, is not what the key and `new_nonce` give.
    #[error("`new_nonce_hash{number}` is not that of the key")]
    NewNonceHash {
        /// 1, 2 or 3; 0 for the one of `server_DH_params_fail`, which has no number.
        number: u8,
    },
    /// The server wants yet another key.
    #[error("after {attempts} keys another one is wanted")]
    TooManyRetries {
        /// How many there were.
        attempts: u32,
    },
}

/// What this side does not do, although some peers do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerIncompatible {
    /// No key that the server has is known here.
    #[error("none of the {offered} public keys that it offers is known")]
    NoKnownFingerprint {
        /// How many it offers.
        offered: usize,
    },
    /// The inner data is of a form without `dc`, and old clients are not allowed.
    #[error("its inner data names no datacenter")]
    LegacyInnerData,
    /// The key is for another datacenter, or for a test environment.
    #[error("it wants datacenter {dc}")]
    WrongDc {
        /// The datacenter, in the form of `p_q_inner_data_dc`.
        dc: i32,
    },
}

/// How a server has refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// `server_DH_params_fail`, with the right `new_nonce_hash`.
    #[error("server_DH_params_fail")]
    ServerDhParamsFail,
    /// `dh_gen_fail`, with the right `new_nonce_hash3`.
    #[error("dh_gen_fail")]
    DhGenFail,
    /// The transport's error -404: to this server the query is wrong, or of a forgotten exchange. Anybody on the way can
    /// have sent it.
    #[error("transport error -404, a wrong query or a forgotten exchange")]
    NotFound,
    /// The transport's error -444: the key was for a datacenter of another environment. Anybody on the way can have sent it.
    #[error("transport error -444, another datacenter")]
    WrongDc,
    /// Another error of the transport.
    #[error("transport error {code}")]
    Transport {
        /// The code.
        code: i32,
    },
}

/// Why a message of our own has no bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unwritable {
    /// An object has no form in TL.
    #[error(transparent)]
    Object(#[from] EncodeError),
    /// A message has no form.
    #[error(transparent)]
    Envelope(#[from] PlainMessageError),
    /// The RSA key cannot encrypt.
    #[error(transparent)]
    Rsa(#[from] EncryptError),
    /// The random numbers are not random: no usable power or prime came of many of them.
    #[error("the random number generator repeats itself")]
    Rng,
}

impl HandshakeError {
    /// Whose fault it is; `None` when nobody broke a rule.
    pub fn fault(&self) -> Option<Side> {
        match self {
            Self::InvalidMessage { message, .. } | Self::PeerMisbehaved { message, .. } => {
                Some(message.sender())
            }
            _ => None,
        }
    }

    /// The error code of the transport that a server answers with: -444 for a datacenter that is not its own, -404 else.
    pub fn refusal_code(&self) -> i32 {
        match self {
            Self::PeerIncompatible {
                error: PeerIncompatible::WrongDc { .. },
                ..
            } => -444,
            _ => -404,
        }
    }
}

impl Message {
    /// Who sends it.
    pub const fn sender(self) -> Side {
        match self {
            Self::ReqPqMulti
            | Self::ReqDhParams
            | Self::PQInnerData
            | Self::SetClientDhParams
            | Self::ClientDhInnerData => Side::Client,
            Self::ResPq | Self::ServerDhParams | Self::ServerDhInnerData | Self::DhGen => {
                Side::Server
            }
        }
    }

    pub(super) fn misbehaved(self, error: impl Into<PeerMisbehaved>) -> HandshakeError {
        let error = error.into();
        HandshakeError::PeerMisbehaved {
            message: self,
            error,
        }
    }

    pub(super) fn incompatible(self, error: PeerIncompatible) -> HandshakeError {
        HandshakeError::PeerIncompatible {
            message: self,
            error,
        }
    }

    pub(super) fn invalid(self, error: impl Into<InvalidMessage>) -> HandshakeError {
        let error = error.into();
        HandshakeError::InvalidMessage {
            message: self,
            error,
        }
    }

    pub(super) fn unwritable(self, error: impl Into<Unwritable>) -> HandshakeError {
        let error = error.into();
        HandshakeError::Unwritable {
            message: self,
            error,
        }
    }

    pub(super) fn refused(self, reason: Refused) -> HandshakeError {
        HandshakeError::Refused {
            message: self,
            reason,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReqPqMulti => "req_pq_multi",
            Self::ResPq => "resPQ",
            Self::ReqDhParams => "req_DH_params",
            Self::PQInnerData => "P_Q_inner_data",
            Self::ServerDhParams => "Server_DH_Params",
            Self::ServerDhInnerData => "server_DH_inner_data",
            Self::SetClientDhParams => "set_client_DH_params",
            Self::ClientDhInnerData => "client_DH_inner_data",
            Self::DhGen => "Set_client_DH_params_answer",
        })
    }
}

impl Refused {
    /// What a code of the transport says during a handshake.
    pub(super) fn by_code(code: i32) -> Self {
        match code {
            -404 => Self::NotFound,
            -444 => Self::WrongDc,
            code => Self::Transport { code },
        }
    }
}

struct SideName(Side);

impl fmt::Display for SideName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Side::Client => "client",
            Side::Server => "server",
        })
    }
}
