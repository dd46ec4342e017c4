//! The client's side of [creating an authorization key](https://core.telegram.org/mtproto/auth_key), one type a step.
//!
//! ```text
//! start ─► AwaitResPq ─► AwaitDhParams ─► AwaitDhGen ─► Done
//!                                           └─ dh_gen_retry ─► AwaitDhGen
//! ```
//!
//! Each step takes itself, so that no message is read twice and an exchange that failed is gone, with its secrets.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::codec::{open, read_message, read_whole, seal, write_message, write_object};
use super::error::{HandshakeError, Message, PeerIncompatible, PeerMisbehaved, Refused};
use super::exchange::{NewNonce, Nonces, draw_power, same_hash};
use super::inner_data::InnerData;
use super::keys::{KeyKind, NewKey};
use crate::AuthKey;
use crate::crypto::dh::{DhGroup, DhPrimeCache};
use crate::crypto::factorize::{decompose, write_number};
use crate::crypto::kdf::Side;
use crate::crypto::rsa::PublicKey;
use crate::plain_message::PlainMsgIds;
use crate::schema::mtproto::{enums, functions, types};
use crate::time::UnixTime;
use crate::wire::{Int128, Redacted};

/// How often a server may ask for another key before that is a fault.
const DEFAULT_MAX_RETRIES: u32 = 5;

/// What a client wants, and whom it trusts.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The public keys of servers. Of those that a server offers, the first one in this list is taken.
    pub public_keys: Vec<PublicKey>,
    /// The datacenter: 10000 is added to the id of a test server, and it is negative for one that has media only.
    pub dc: i32,
    /// The kind of key.
    pub kind: KeyKind,
    /// How many `dh_gen_retry` are answered with a new key, from one server in a row.
    pub max_retries: u32,
}

impl ClientConfig {
    /// A permanent key of a datacenter.
    pub fn new(public_keys: Vec<PublicKey>, dc: i32) -> Self {
        Self {
            public_keys,
            dc,
            kind: KeyKind::Permanent,
            max_retries: DEFAULT_MAX_RETRIES,
        }
    }

    /// The same for a key that lives so many seconds.
    #[must_use]
    pub fn temporary(mut self, expires_in_secs: i32) -> Self {
        self.kind = KeyKind::Temporary { expires_in_secs };
        self
    }
}

/// `req_pq_multi` is sent.
#[derive(Debug)]
pub struct AwaitResPq {
    config: ClientConfig,
    nonce: Int128,
    msg_ids: PlainMsgIds,
}

/// `req_DH_params` is sent: the server must decrypt it to go on.
pub struct AwaitDhParams {
    kind: KeyKind,
    max_retries: u32,
    nonces: Nonces,
    new_nonce: NewNonce,
    msg_ids: PlainMsgIds,
}

/// `set_client_DH_params` is sent: there is a key, if the server agrees.
pub struct AwaitDhGen {
    exchange: AwaitDhParams,
    group: Box<DhGroup>,
    g_a: Vec<u8>,
    auth_key: AuthKey,
    attempts: u32,
    server_time: UnixTime,
    time_offset_secs: i64,
}

/// What the server says about a key.
#[derive(Debug)]
pub enum DhGen {
    /// `dh_gen_ok`.
    Done(Done),
    /// `dh_gen_retry`: there is another key of this id, and the bytes propose a new one.
    Retry(AwaitDhGen, Vec<u8>),
}

/// A completed handshake.
#[derive(Clone, PartialEq, Eq)]
pub struct Done {
    /// The key. What it was made from is erased.
    pub key: NewKey,
    /// `server_salt` of the first messages.
    pub first_salt: i64,
    /// How many seconds the server's clock is ahead of the caller's.
    pub time_offset_secs: i64,
}

/// Begins a handshake: `req_pq_multi`.
///
/// # Errors
///
/// None that depends on the arguments.
pub fn start(
    config: ClientConfig,
    now: UnixTime,
    rng: &mut dyn CryptoRng,
) -> Result<(AwaitResPq, Vec<u8>), HandshakeError> {
    let mut nonce = Int128::default();
    rng.fill_bytes(&mut nonce.0);
    let mut msg_ids = PlainMsgIds::new(Side::Client);
    let query = functions::ReqPqMulti { nonce };
    let payload = write_message(Message::ReqPqMulti, &query, &mut msg_ids, now)?;
    let state = AwaitResPq {
        config,
        nonce,
        msg_ids,
    };
    Ok((state, payload))
}

impl AwaitResPq {
    /// Reads `resPQ` and writes `req_DH_params`.
    ///
    /// # Errors
    ///
    /// When the message is not the answer to this query, `pq` is not the product of two primes, or no key is known.
    pub fn on_message(
        mut self,
        now: UnixTime,
        payload: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<(AwaitDhParams, Vec<u8>), HandshakeError> {
        let message = Message::ResPq;
        let enums::ResPq::ResPq(res_pq) = read_message(message, payload)?;
        if res_pq.nonce != self.nonce {
            return Err(message.misbehaved(PeerMisbehaved::Nonce));
        }
        let nonces = Nonces {
            nonce: self.nonce,
            server_nonce: res_pq.server_nonce,
        };
        let public_key = self.public_key(&res_pq.server_public_key_fingerprints)?;
        let factors = decompose(&res_pq.pq).map_err(|error| message.misbehaved(error))?;
        let (p, q) = (write_number(factors.p), write_number(factors.q));

        let new_nonce = NewNonce::random(rng);
        let inner = Message::PQInnerData;
        let Self { config, .. } = &self;
        let data = InnerData::new(
            &res_pq.pq,
            &p,
            &q,
            &nonces,
            &new_nonce,
            config.dc,
            config.kind,
        );
        let data = write_object(inner, &data)?;
        let encrypted_data = public_key
            .encrypt_padded(&data, rng)
            .map_err(|error| inner.unwritable(error))?;

        let query = functions::ReqDhParams {
            nonce: nonces.nonce,
            server_nonce: nonces.server_nonce,
            p,
            q,
            public_key_fingerprint: public_key.fingerprint() as i64,
            encrypted_data: encrypted_data.to_vec(),
        };
        let payload = write_message(Message::ReqDhParams, &query, &mut self.msg_ids, now)?;
        let state = AwaitDhParams {
            kind: self.config.kind,
            max_retries: self.config.max_retries,
            nonces,
            new_nonce,
            msg_ids: self.msg_ids,
        };
        Ok((state, payload))
    }

    /// What it means that the transport delivers an error code in place of an answer.
    pub fn on_transport_error(self, code: i32) -> HandshakeError {
        Message::ReqPqMulti.refused(Refused::by_code(code))
    }

    fn public_key(&self, offered: &[i64]) -> Result<&PublicKey, HandshakeError> {
        let is_offered = |key: &&PublicKey| offered.contains(&(key.fingerprint() as i64));
        let known = self.config.public_keys.iter().find(is_offered);
        known.ok_or_else(|| {
            let offered = offered.len();
            Message::ResPq.incompatible(PeerIncompatible::NoKnownFingerprint { offered })
        })
    }
}

impl AwaitDhParams {
    /// Reads `server_DH_params_ok` and writes `set_client_DH_params`.
    ///
    /// # Errors
    ///
    /// When the message is not the answer to this query, or what it proposes is not fit for a key.
    pub fn on_message(
        self,
        now: UnixTime,
        payload: &[u8],
        primes: &mut DhPrimeCache,
        rng: &mut dyn CryptoRng,
    ) -> Result<(AwaitDhGen, Vec<u8>), HandshakeError> {
        let answer = match read_message(Message::ServerDhParams, payload)? {
            enums::ServerDhParams::Ok(answer) => answer,
            enums::ServerDhParams::Fail(fail) => return Err(self.failure(&fail)),
        };
        self.nonces
            .check(Message::ServerDhParams, &answer.nonce, &answer.server_nonce)?;
        let message = Message::ServerDhInnerData;
        let tmp_aes = self.new_nonce.tmp_aes(&self.nonces);
        let data = open(message, &tmp_aes, &answer.encrypted_answer)?;
        let enums::ServerDhInnerData::ServerDhInnerData(inner) = read_whole(message, &data)?;
        self.nonces
            .check(message, &inner.nonce, &inner.server_nonce)?;

        let group = DhGroup::check(&inner.dh_prime, inner.g, primes)
            .map(Box::new)
            .map_err(|error| message.misbehaved(error))?;

        // `int`, but seconds since the epoch: past 2038 the sign bit is one more digit.
        let server_time = u64::from(inner.server_time as u32);
        let time_offset_secs = (server_time as i64).saturating_sub_unsigned(now.as_secs());
        propose(
            self,
            group,
            inner.g_a,
            Attempt {
                retry_id: 0,
                attempts: 1,
                server_time: UnixTime::from_secs(server_time),
                time_offset_secs,
            },
            now,
            rng,
        )
    }

    /// What it means that the transport delivers an error code in place of an answer.
    pub fn on_transport_error(self, code: i32) -> HandshakeError {
        Message::ReqDhParams.refused(Refused::by_code(code))
    }

    fn failure(&self, fail: &types::ServerDhParamsFail) -> HandshakeError {
        let message = Message::ServerDhParams;
        if let Err(error) = self.nonces.check(message, &fail.nonce, &fail.server_nonce) {
            return error;
        }
        if !same_hash(&fail.new_nonce_hash, &self.new_nonce.hash()) {
            return message.misbehaved(PeerMisbehaved::NewNonceHash { number: 0 });
        }
        Message::ReqDhParams.refused(Refused::ServerDhParamsFail)
    }
}

impl AwaitDhGen {
    /// Reads `dh_gen_ok` or `dh_gen_retry`.
    ///
    /// # Errors
    ///
    /// When the message is not the answer to this query, or the server wants no key, or too many.
    pub fn on_message(
        self,
        now: UnixTime,
        payload: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<DhGen, HandshakeError> {
        match read_message(Message::DhGen, payload)? {
            enums::SetClientDhParamsAnswer::DhGenOk(ok) => {
                self.check(&ok.nonce, &ok.server_nonce, &ok.new_nonce_hash1, 1)?;
                let AwaitDhParams {
                    kind,
                    nonces,
                    new_nonce,
                    ..
                } = self.exchange;
                Ok(DhGen::Done(Done {
                    key: NewKey::new(self.auth_key, kind, self.server_time),
                    first_salt: new_nonce.first_salt(&nonces),
                    time_offset_secs: self.time_offset_secs,
                }))
            }
            enums::SetClientDhParamsAnswer::DhGenRetry(retry) => {
                self.check(&retry.nonce, &retry.server_nonce, &retry.new_nonce_hash2, 2)?;
                self.retry(now, rng)
            }
            enums::SetClientDhParamsAnswer::DhGenFail(fail) => {
                self.check(&fail.nonce, &fail.server_nonce, &fail.new_nonce_hash3, 3)?;
                Err(Message::SetClientDhParams.refused(Refused::DhGenFail))
            }
        }
    }

    /// What it means that the transport delivers an error code in place of an answer.
    pub fn on_transport_error(self, code: i32) -> HandshakeError {
        Message::SetClientDhParams.refused(Refused::by_code(code))
    }

    fn check(
        &self,
        nonce: &Int128,
        server_nonce: &Int128,
        hash: &Int128,
        number: u8,
    ) -> Result<(), HandshakeError> {
        let message = Message::DhGen;
        self.exchange.nonces.check(message, nonce, server_nonce)?;
        let expected = self.exchange.new_nonce.hash_with(&self.auth_key, number);
        if !same_hash(hash, &expected) {
            return Err(message.misbehaved(PeerMisbehaved::NewNonceHash { number }));
        }
        Ok(())
    }

    fn retry(self, now: UnixTime, rng: &mut dyn CryptoRng) -> Result<DhGen, HandshakeError> {
        let attempts = self.attempts;
        if attempts > self.exchange.max_retries {
            return Err(Message::DhGen.misbehaved(PeerMisbehaved::TooManyRetries { attempts }));
        }
        let attempt = Attempt {
            retry_id: self.auth_key.aux_hash(),
            attempts: attempts + 1,
            server_time: self.server_time,
            time_offset_secs: self.time_offset_secs,
        };
        let (state, payload) = propose(self.exchange, self.group, self.g_a, attempt, now, rng)?;
        Ok(DhGen::Retry(state, payload))
    }
}

/// What is the same for, or counts, the keys that one exchange proposes.
struct Attempt {
    retry_id: u64,
    attempts: u32,
    server_time: UnixTime,
    time_offset_secs: i64,
}

/// Draws `b`, and writes `set_client_DH_params` with `g_b`.
fn propose(
    mut exchange: AwaitDhParams,
    group: Box<DhGroup>,
    g_a: Vec<u8>,
    attempt: Attempt,
    now: UnixTime,
    rng: &mut dyn CryptoRng,
) -> Result<(AwaitDhGen, Vec<u8>), HandshakeError> {
    let message = Message::ClientDhInnerData;
    let nonces = exchange.nonces;
    let (secret, g_b) = draw_power(message, &group, rng)?;
    let auth_key = group
        .shared(&secret, &g_a)
        .map_err(|error| Message::ServerDhInnerData.misbehaved(error))?;

    let inner = enums::ClientDhInnerData::ClientDhInnerData(types::ClientDhInnerData {
        nonce: nonces.nonce,
        server_nonce: nonces.server_nonce,
        retry_id: attempt.retry_id as i64,
        g_b: g_b.to_vec(),
    });
    let data = write_object(message, &inner)?;
    let query = functions::SetClientDhParams {
        nonce: nonces.nonce,
        server_nonce: nonces.server_nonce,
        encrypted_data: seal(&exchange.new_nonce.tmp_aes(&nonces), &data, rng),
    };
    let payload = write_message(
        Message::SetClientDhParams,
        &query,
        &mut exchange.msg_ids,
        now,
    )?;
    let state = AwaitDhGen {
        exchange,
        group,
        g_a,
        auth_key,
        attempts: attempt.attempts,
        server_time: attempt.server_time,
        time_offset_secs: attempt.time_offset_secs,
    };
    Ok((state, payload))
}

impl fmt::Debug for AwaitDhParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitDhParams")
            .field("kind", &self.kind)
            .field("nonces", &self.nonces)
            .field("new_nonce", &Redacted)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitDhGen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitDhGen")
            .field("exchange", &self.exchange)
            .field("auth_key", &self.auth_key)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done")
            .field("key", &self.key)
            .field("first_salt", &Redacted)
            .field("time_offset_secs", &self.time_offset_secs)
            .finish()
    }
}
