//! The server's side of [creating an authorization key](https://core.telegram.org/mtproto/auth_key), one type a step.
//!
//! ```text
//! start ─► AwaitReqDhParams ─► AwaitSetClientDhParams ─► KeyProposal ─ accept ─► Done
//!                                        ▲                    ├─ retry ──┐  └─ reject
//!                                        └────────────────────┴──────────┘
//! ```
//!
//! These types read each message once. What a client sends again, and what comes after a wrong message, is the business of
//! [`ServerHandshake`](super::ServerHandshake), which most drivers want.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use rand_core::CryptoRng;

use super::codec::{
    open, read_message, read_object, read_whole, seal, write_message, write_object,
};
use super::error::{HandshakeError, Message, PeerIncompatible, PeerMisbehaved};
use super::exchange::{NewNonce, Nonces, draw_power};
use super::inner_data::{InnerData, Parts};
use super::keys::{KeyKind, NewKey};
use crate::AuthKey;
use crate::crypto::dh::{DhGroup, DhSecret};
use crate::crypto::factorize::{Factors, random_pq, write_number};
use crate::crypto::kdf::Side;
use crate::crypto::rsa::PrivateKey;
use crate::plain_message::PlainMsgIds;
use crate::schema::mtproto::{enums, functions, types};
use crate::time::UnixTime;
use crate::wire::{Int128, Reader, Redacted, TlRead, TlWrite, Writer};

/// How long an exchange is remembered after its first query.
pub const EXCHANGE_LIFETIME: Duration = Duration::from_secs(600);

/// How many keys a client may propose: a colliding id is a matter of 2⁻⁶⁴, so that more of them are no accident.
const DEFAULT_MAX_ATTEMPTS: u32 = 5;

/// What a server has and allows.
#[derive(Debug)]
pub struct ServerConfig {
    /// The keys whose fingerprints `resPQ` offers, in this order.
    pub private_keys: Vec<PrivateKey>,
    /// Prime and generator of all keys.
    pub group: DhGroup,
    /// Which datacenters clients may name.
    pub dcs: Dcs,
    /// Whether old clients are served: inner data without a datacenter, and under the SHA-1 padding.
    #[cfg(feature = "legacy")]
    pub allow_legacy: bool,
    /// How many keys a client may propose in one exchange.
    pub max_attempts: u32,
}

/// Which datacenters a client may name in its inner data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dcs {
    /// Any.
    Any,
    /// These, in the form of `p_q_inner_data_dc`: 10000 is added for a test server, negative for one that has media only.
    /// Others are answered with -444.
    Only(Vec<i32>),
}

impl ServerConfig {
    /// A server for any datacenter, without old clients.
    pub fn new(private_keys: Vec<PrivateKey>, group: DhGroup) -> Self {
        Self {
            private_keys,
            group,
            dcs: Dcs::Any,
            #[cfg(feature = "legacy")]
            allow_legacy: false,
            max_attempts: DEFAULT_MAX_ATTEMPTS,
        }
    }

    fn allows_legacy(&self) -> bool {
        #[cfg(feature = "legacy")]
        return self.allow_legacy;
        #[cfg(not(feature = "legacy"))]
        return false;
    }
}

/// `resPQ` is sent.
#[derive(Debug)]
pub struct AwaitReqDhParams {
    nonces: Nonces,
    factors: Factors,
    started_at: UnixTime,
    msg_ids: PlainMsgIds,
}

/// `server_DH_params_ok` is sent.
pub struct AwaitSetClientDhParams {
    nonces: Nonces,
    new_nonce: NewNonce,
    kind: KeyKind,
    dc: Option<i32>,
    secret: DhSecret,
    retry_id: u64,
    attempts: u32,
    started_at: UnixTime,
    msg_ids: PlainMsgIds,
}

/// A client has proposed a key. The caller looks up its [id](KeyProposal::auth_key_id), and says.
#[derive(Debug)]
pub struct KeyProposal {
    exchange: AwaitSetClientDhParams,
    auth_key: AuthKey,
}

/// A completed handshake.
#[derive(Clone, PartialEq, Eq)]
pub struct Done {
    /// The key. What it was made from is erased.
    pub key: NewKey,
    /// `server_salt` of the first messages.
    pub first_salt: i64,
    /// The datacenter that the client named; old clients name none.
    pub dc: Option<i32>,
}

/// Reads `req_pq_multi`, or `req_pq` of old clients, and writes `resPQ`.
///
/// # Errors
///
/// When the message is neither.
pub fn start(
    config: &ServerConfig,
    now: UnixTime,
    payload: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<(AwaitReqDhParams, Vec<u8>), HandshakeError> {
    let nonce = read_message::<FirstQuery>(Message::ReqPqMulti, payload)?.nonce();
    let mut server_nonce = Int128::default();
    rng.fill_bytes(&mut server_nonce.0);
    let factors = random_pq(rng);

    let fingerprint = |key: &PrivateKey| key.public_key().fingerprint() as i64;
    let answer = enums::ResPq::ResPq(types::ResPq {
        nonce,
        server_nonce,
        pq: write_number(factors.pq),
        server_public_key_fingerprints: config.private_keys.iter().map(fingerprint).collect(),
    });
    let mut msg_ids = PlainMsgIds::new(Side::Server);
    let payload = write_message(Message::ResPq, &answer, &mut msg_ids, now)?;
    let state = AwaitReqDhParams {
        nonces: Nonces {
            nonce,
            server_nonce,
        },
        factors,
        started_at: now,
        msg_ids,
    };
    Ok((state, payload))
}

impl AwaitReqDhParams {
    /// Reads `req_DH_params` and writes `server_DH_params_ok`.
    ///
    /// # Errors
    ///
    /// When the message is not of this exchange, its factors are wrong, or its inner data is not what this server reads.
    /// Every error but a wrong datacenter has the same [code](HandshakeError::refusal_code).
    pub fn on_message(
        mut self,
        config: &ServerConfig,
        now: UnixTime,
        payload: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<(AwaitSetClientDhParams, Vec<u8>), HandshakeError> {
        check_age(self.started_at, now)?;
        let message = Message::ReqDhParams;
        let query: functions::ReqDhParams = read_message(message, payload)?;
        self.nonces
            .check(message, &query.nonce, &query.server_nonce)?;
        let Factors { p, q, .. } = self.factors;
        if query.p != write_number(p) || query.q != write_number(q) {
            return Err(message.misbehaved(PeerMisbehaved::Factors));
        }
        let inner = decrypt_inner_data(config, &query)?;
        let parts = inner.parts();
        self.check_inner_data(&query, &parts)?;
        let kind = kind(config, &parts)?;

        let (secret, g_a) = draw_power(Message::ServerDhInnerData, &config.group, rng)?;
        let answer = enums::ServerDhInnerData::ServerDhInnerData(types::ServerDhInnerData {
            nonce: query.nonce,
            server_nonce: query.server_nonce,
            g: config.group.g(),
            dh_prime: config.group.dh_prime().to_vec(),
            g_a: g_a.to_vec(),
            server_time: now.as_secs() as i32,
        });
        let answer = write_object(Message::ServerDhInnerData, &answer)?;
        let answer = enums::ServerDhParams::Ok(types::ServerDhParamsOk {
            nonce: query.nonce,
            server_nonce: query.server_nonce,
            encrypted_answer: seal(&parts.new_nonce.tmp_aes(&self.nonces), &answer, rng),
        });
        let payload = write_message(Message::ServerDhParams, &answer, &mut self.msg_ids, now)?;
        let state = AwaitSetClientDhParams {
            nonces: self.nonces,
            new_nonce: parts.new_nonce,
            kind,
            dc: parts.dc,
            secret,
            retry_id: 0,
            attempts: 0,
            started_at: self.started_at,
            msg_ids: self.msg_ids,
        };
        Ok((state, payload))
    }

    fn check_inner_data(
        &self,
        query: &functions::ReqDhParams,
        parts: &Parts<'_>,
    ) -> Result<(), HandshakeError> {
        let message = Message::PQInnerData;
        let Nonces {
            nonce,
            server_nonce,
        } = &parts.nonces;
        self.nonces.check(message, nonce, server_nonce)?;
        let pq = write_number(self.factors.pq);
        if parts.pq != pq || parts.p != query.p || parts.q != query.q {
            return Err(message.misbehaved(PeerMisbehaved::InnerFactors));
        }
        Ok(())
    }
}

impl AwaitSetClientDhParams {
    /// Reads `set_client_DH_params`.
    ///
    /// # Errors
    ///
    /// When the message is not of this exchange, or what it proposes is not fit for a key.
    pub fn on_message(
        self,
        config: &ServerConfig,
        now: UnixTime,
        payload: &[u8],
    ) -> Result<KeyProposal, HandshakeError> {
        check_age(self.started_at, now)?;
        let message = Message::SetClientDhParams;
        let query: functions::SetClientDhParams = read_message(message, payload)?;
        self.nonces
            .check(message, &query.nonce, &query.server_nonce)?;

        let message = Message::ClientDhInnerData;
        let tmp_aes = self.new_nonce.tmp_aes(&self.nonces);
        let data = open(message, &tmp_aes, &query.encrypted_data)?;
        let enums::ClientDhInnerData::ClientDhInnerData(inner) = read_whole(message, &data)?;
        self.nonces
            .check(message, &inner.nonce, &inner.server_nonce)?;
        if inner.retry_id as u64 != self.retry_id {
            return Err(message.misbehaved(PeerMisbehaved::RetryId));
        }
        let auth_key = config
            .group
            .shared(&self.secret, &inner.g_b)
            .map_err(|error| message.misbehaved(error))?;
        Ok(KeyProposal {
            exchange: self,
            auth_key,
        })
    }
}

impl KeyProposal {
    /// `auth_key_hash`, the id that messages will carry: no other key of this server may have it.
    pub fn auth_key_id(&self) -> u64 {
        self.auth_key.id()
    }

    /// No other key has this id: `dh_gen_ok`.
    ///
    /// # Errors
    ///
    /// None that depends on what the client sent.
    pub fn accept(self, now: UnixTime) -> Result<(Done, Vec<u8>), HandshakeError> {
        let (mut exchange, auth_key) = (self.exchange, self.auth_key);
        let answer = enums::SetClientDhParamsAnswer::DhGenOk(types::DhGenOk {
            nonce: exchange.nonces.nonce,
            server_nonce: exchange.nonces.server_nonce,
            new_nonce_hash1: exchange.new_nonce.hash_with(&auth_key, 1),
        });
        let payload = write_message(Message::DhGen, &answer, &mut exchange.msg_ids, now)?;
        let done = Done {
            first_salt: exchange.new_nonce.first_salt(&exchange.nonces),
            dc: exchange.dc,
            key: NewKey::new(auth_key, exchange.kind, now),
        };
        Ok((done, payload))
    }

    /// Another key has this id: `dh_gen_retry`, upon which the client proposes another one. After
    /// [`max_attempts`](ServerConfig::max_attempts) it is `dh_gen_fail`, and `None`.
    ///
    /// # Errors
    ///
    /// None that depends on what the client sent.
    pub fn retry(
        self,
        config: &ServerConfig,
        now: UnixTime,
    ) -> Result<(Option<AwaitSetClientDhParams>, Vec<u8>), HandshakeError> {
        let attempts = self.exchange.attempts + 1;
        if attempts >= config.max_attempts {
            return self.reject(now).map(|payload| (None, payload));
        }
        let (mut exchange, auth_key) = (self.exchange, self.auth_key);
        let answer = enums::SetClientDhParamsAnswer::DhGenRetry(types::DhGenRetry {
            nonce: exchange.nonces.nonce,
            server_nonce: exchange.nonces.server_nonce,
            new_nonce_hash2: exchange.new_nonce.hash_with(&auth_key, 2),
        });
        let payload = write_message(Message::DhGen, &answer, &mut exchange.msg_ids, now)?;
        exchange.retry_id = auth_key.aux_hash();
        exchange.attempts = attempts;
        Ok((Some(exchange), payload))
    }

    /// The server wants no key: `dh_gen_fail`.
    ///
    /// # Errors
    ///
    /// None that depends on what the client sent.
    pub fn reject(self, now: UnixTime) -> Result<Vec<u8>, HandshakeError> {
        let (mut exchange, auth_key) = (self.exchange, self.auth_key);
        let answer = enums::SetClientDhParamsAnswer::DhGenFail(types::DhGenFail {
            nonce: exchange.nonces.nonce,
            server_nonce: exchange.nonces.server_nonce,
            new_nonce_hash3: exchange.new_nonce.hash_with(&auth_key, 3),
        });
        write_message(Message::DhGen, &answer, &mut exchange.msg_ids, now)
    }
}

/// `req_pq_multi` or `req_pq`: the answer is the same.
pub(super) enum FirstQuery {
    Multi(functions::ReqPqMulti),
    Single(functions::ReqPq),
}

impl FirstQuery {
    pub(super) fn nonce(&self) -> Int128 {
        match self {
            Self::Multi(query) => query.nonce,
            Self::Single(query) => query.nonce,
        }
    }
}

impl<'r> TlRead<'r> for FirstQuery {
    extern "C" fn read_from(r: &mut Reader<'r>) -> Self {
        const REQ_PQ: u32 = <functions::ReqPq as crate::wire::Combinator>::ID;
        const REQ_PQ_MULTI: u32 = <functions::ReqPqMulti as crate::wire::Combinator>::ID;
        match r.id() {
            REQ_PQ_MULTI => Self::Multi(functions::ReqPqMulti { nonce: r.int128() }),
            REQ_PQ => Self::Single(functions::ReqPq { nonce: r.int128() }),
            id => {
                r.unexpected_id("ResPQ", id, &[REQ_PQ_MULTI, REQ_PQ]);
                Self::Multi(functions::ReqPqMulti { nonce: r.int128() })
            }
        }
    }
}

impl TlWrite for FirstQuery {
    fn write_to(&self, w: &mut Writer) {
        match self {
            Self::Multi(query) => query.write_to(w),
            Self::Single(query) => query.write_to(w),
        }
    }
}

/// "The server remembers the response for up to 10 minutes after having received the query in 1)."
fn check_age(started_at: UnixTime, now: UnixTime) -> Result<(), HandshakeError> {
    if now.since(started_at) > EXCHANGE_LIFETIME {
        return Err(HandshakeError::Expired);
    }
    Ok(())
}

/// The kind of key that the inner data asks for, if this server makes it.
fn kind(config: &ServerConfig, parts: &Parts<'_>) -> Result<KeyKind, HandshakeError> {
    let message = Message::PQInnerData;
    match (parts.dc, &config.dcs) {
        (None, _) if !config.allows_legacy() => {
            return Err(message.incompatible(PeerIncompatible::LegacyInnerData));
        }
        (Some(dc), Dcs::Only(dcs)) if !dcs.contains(&dc) => {
            return Err(message.incompatible(PeerIncompatible::WrongDc { dc }));
        }
        _ => {}
    }
    match parts.expires_in {
        None => Ok(KeyKind::Permanent),
        Some(expires_in_secs @ 1..) => Ok(KeyKind::Temporary { expires_in_secs }),
        Some(expires_in) => Err(message.misbehaved(PeerMisbehaved::ExpiresIn { expires_in })),
    }
}

/// Finds the key, decrypts, and reads. All that can go wrong between the key and the object is one error.
fn decrypt_inner_data(
    config: &ServerConfig,
    query: &functions::ReqDhParams,
) -> Result<InnerData, HandshakeError> {
    let fingerprint = query.public_key_fingerprint as u64;
    let mut keys = config.private_keys.iter();
    let key = keys.find(|key| key.public_key().fingerprint() == fingerprint);
    let Some(key) = key else {
        return Err(Message::ReqDhParams.misbehaved(PeerMisbehaved::Fingerprint { fingerprint }));
    };
    // What pads the object is random, and not read.
    let read = |data: &[u8]| {
        read_object(Message::PQInnerData, data)
            .ok()
            .map(|(inner, _)| inner)
    };
    let padded = key.decrypt_padded(&query.encrypted_data).ok();
    let inner = padded.and_then(|data| read(&data[..]));
    #[cfg(feature = "legacy")]
    let inner = inner.or_else(|| {
        let allowed = config.allow_legacy.then_some(key)?;
        let data = allowed.decrypt_legacy(&query.encrypted_data).ok()?;
        read(&data[..])
    });
    inner.ok_or_else(|| Message::ReqDhParams.misbehaved(PeerMisbehaved::EncryptedData))
}

impl fmt::Debug for AwaitSetClientDhParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitSetClientDhParams")
            .field("kind", &self.kind)
            .field("nonces", &self.nonces)
            .field("new_nonce", &Redacted)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done")
            .field("key", &self.key)
            .field("first_salt", &Redacted)
            .field("dc", &self.dc)
            .finish()
    }
}
