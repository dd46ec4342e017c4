//! The one between an honest server and a client.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::handshake::nonce_of;
use mtproto_runtime::net::server::tamper::{Outgoing, Tamper, Verdict};
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::session::Opened;
use mtproto_runtime::wire::{Combinator as _, RawObject, call_id};
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng as _};

use super::super::{Error, Log, lock, unix_time};
use super::draft::{Draft, decode_boxed};
use super::exchange::{self, Query, Secrets};
use super::packets::{self, Answering, POISONED_CLOCK_SECS, POISONED_SALT};
use super::{Expected, Fault, Lie, Stage};

/// `auth.bindTempAuthKey`.
const BIND_TEMP_AUTH_KEY: u32 = 0xcdd4_2a05;

pub(in super::super) struct Liar {
    fault: &'static Fault,
    rsa_key: PrivateKey,
    log: Log,
    /// By this seed the secret of Diffie–Hellman has a short power.
    short_power_seed: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By their nonce.
    exchanges: BTreeMap<[u8; 16], Exchange>,
    keys: BTreeMap<u64, Key>,
    /// The key that the answer which is made right now is about.
    proposed: Option<u64>,
    /// Keys that no client should use.
    refused_keys: BTreeSet<u64>,
    permanent_key_lost: bool,
    accepted: bool,
}

#[derive(Default)]
struct Exchange {
    secrets: Option<Secrets>,
    /// How many keys the client has proposed.
    proposals: u32,
    /// Where it was lied to.
    lied: Option<Stage>,
}

#[derive(Default)]
struct Key {
    is_temporary: bool,
    /// The seq_no of each message of the client.
    seq_nos: BTreeMap<i64, i32>,
    binding: Option<i64>,
    /// Messages that it should not have read.
    decoys: BTreeSet<i64>,
    was_lied_to: bool,
    binding_lied: bool,
}

impl Liar {
    pub(in super::super) fn new(
        fault: &'static Fault,
        rsa_key: PrivateKey,
        log: Log,
    ) -> Result<Self, Error> {
        let short_power_seed = match fault.lie {
            Lie::ShortPower => short_power_seed()?,
            _ => 0,
        };
        Ok(Self {
            fault,
            rsa_key,
            log,
            short_power_seed,
            state: Mutex::default(),
        })
    }

    fn lied(&self) {
        self.log.line(&format!("fault {}: sent", self.fault.name));
    }

    /// The client has shown that it believes a lie.
    fn accepted(&self, state: &mut State, how: &str) {
        if !state.accepted {
            state.accepted = true;
            self.log
                .line(&format!("fault {}: accepted: {how}", self.fault.name));
        }
    }

    /// Whether a lie of handshakes is for this query, by its stage.
    fn stage_of(query: &Query) -> Stage {
        match query {
            Query::ReqPq => Stage::ResPq,
            Query::ReqDhParams(_) => Stage::DhParams,
            Query::SetClientDhParams => Stage::DhGen,
        }
    }

    /// Changes the answer to a query; returns whether it has.
    fn change_handshake(&self, state: &mut State, nonce: [u8; 16], packet: &mut Vec<u8>) -> bool {
        let exchange = state.exchanges.entry(nonce).or_default();
        match (self.fault.lie, &exchange.secrets) {
            (Lie::Plain(change), _) => change(packet),
            (Lie::ResPq(change), _) => {
                exchange::change(packet, |mut answer| {
                    if let enums::ResPq::ResPq(res_pq) = &mut answer {
                        change(res_pq);
                    }
                    answer
                });
            }
            (Lie::DhParamsFail { right_hash }, Some(secrets)) => {
                exchange::change(packet, |params| dh_params_fail(params, secrets, right_hash));
            }
            (Lie::DhParams(change), _) => change_params(packet, change),
            (Lie::Answer(change), Some(secrets)) => change_params(packet, |params| {
                exchange::change_answer(secrets, params, change);
            }),
            (Lie::InnerData(change), Some(secrets)) => change_params(packet, |params| {
                exchange::change_answer(secrets, params, |answer| {
                    exchange::change_inner_data(answer, change);
                });
            }),
            (Lie::Verdict { first_only, .. }, _) => return !first_only || exchange.proposals == 1,
            (Lie::DhGen { change, .. }, _) => exchange::change(packet, change),
            (Lie::ShortPower, _) => {}
            _ => return false,
        }
        true
    }

    /// Whether the client goes on although it was lied to.
    fn look_for_signs(&self, state: &mut State, nonce: [u8; 16], stage: Stage) {
        let exchange = state.exchanges.entry(nonce).or_default();
        let believed = match (exchange.lied, stage) {
            (Some(Stage::ResPq), Stage::DhParams | Stage::DhGen) => "the client sent req_DH_params",
            (Some(Stage::DhParams), Stage::DhGen) => "the client sent set_client_DH_params",
            (Some(Stage::DhGen), Stage::DhGen) => "the client sent set_client_DH_params again",
            _ => return,
        };
        self.accepted(state, believed);
    }

    /// Lies of sessions: what is sent instead of a packet with the answer to a call.
    fn change_packet(&self, state: &mut Key, answering: &Answering<'_>) -> Option<Vec<Outgoing>> {
        let key = answering.key;
        let is_binding = state.binding == Some(answering.req_msg_id);
        let is_first = !state.was_lied_to;
        let honest = || Outgoing::Packet(answering.draft.seal(key));
        let instead = match self.fault.lie {
            Lie::BindingResult(result) if is_binding => {
                state.binding_lied = true;
                answering.alone(|draft| {
                    draft.body = packets::rpc_result(answering.req_msg_id, &result());
                })
            }
            Lie::BindingPacket(change) if is_binding => {
                state.binding_lied = true;
                answering.alone(change)
            }
            Lie::Instead(outgoing) if self.fault.stage == Stage::Binding && is_binding => {
                state.binding_lied = true;
                vec![outgoing()]
            }
            // The faults of sessions are not for the binding, which has its own.
            _ if is_binding => return None,
            Lie::Decoy(change) if is_first => {
                let mut decoy = answering.decoy();
                change(&mut decoy);
                state.decoys.insert(decoy.msg_id);
                vec![Outgoing::Packet(decoy.seal(key)), honest()]
            }
            Lie::Before(make) if is_first => {
                let drafts = make(answering);
                // What comes first may be innocent, and is acknowledged by right.
                if self.fault.expected == Expected::Ignores && drafts.len() == 1 {
                    state.decoys.extend(drafts.iter().map(|draft| draft.msg_id));
                }
                let mut all: Vec<_> = drafts
                    .iter()
                    .map(|draft| Outgoing::Packet(draft.seal(key)))
                    .collect();
                all.push(honest());
                all
            }
            Lie::Packets { first_only, change } if is_first || !first_only => change(answering),
            _ => return None,
        };
        state.was_lied_to = true;
        Some(instead)
    }
}

impl Tamper for Liar {
    fn handshake(&self, query: &[u8], answer: Option<Outgoing>) -> Vec<Outgoing> {
        let state = &mut *lock(&self.state);
        let proposed = state.proposed.take();
        let (Some(read), Some(nonce)) = (Query::read(query), nonce_of(query)) else {
            return Vec::from_iter(answer);
        };
        let stage = Self::stage_of(&read);
        self.look_for_signs(state, nonce.0, stage);
        let exchange = state.exchanges.entry(nonce.0).or_default();
        match read {
            Query::ReqPq => {}
            Query::ReqDhParams(query) => {
                exchange.secrets = Secrets::read(&self.rsa_key, &query);
                let is_permanent = exchange
                    .secrets
                    .as_ref()
                    .is_some_and(|secrets| !secrets.is_temporary);
                if is_permanent && state.permanent_key_lost {
                    self.accepted(state, "the client makes a new permanent key");
                }
            }
            Query::SetClientDhParams => {
                exchange.proposals += 1;
                let is_temporary = exchange
                    .secrets
                    .as_ref()
                    .is_some_and(|secrets| secrets.is_temporary);
                if let Some(id) = proposed {
                    state.keys.entry(id).or_default().is_temporary = is_temporary;
                }
            }
        }
        let Some(Outgoing::Packet(mut packet)) = answer else {
            return Vec::from_iter(answer);
        };
        if stage != self.fault.stage {
            return vec![Outgoing::Packet(packet)];
        }
        let instead = match self.fault.lie {
            Lie::Instead(outgoing) => outgoing(),
            _ if self.change_handshake(state, nonce.0, &mut packet) => Outgoing::Packet(packet),
            _ => return vec![Outgoing::Packet(packet)],
        };
        self.lied();
        let is_honest = matches!(self.fault.lie, Lie::Verdict { .. });
        if self.fault.expected == Expected::Refuses && !is_honest {
            state.exchanges.entry(nonce.0).or_default().lied = Some(stage);
            state.refused_keys.extend(proposed);
        }
        vec![instead]
    }

    fn random(&self, query: &[u8]) -> Option<Box<dyn CryptoRng>> {
        let is_short = matches!(self.fault.lie, Lie::ShortPower)
            && matches!(Query::read(query), Some(Query::ReqDhParams(_)));
        is_short.then(|| Box::new(ChaCha20Rng::seed_from_u64(self.short_power_seed)) as _)
    }

    fn verdict(&self, query: &[u8], auth_key_id: u64) -> Verdict {
        let state = &mut *lock(&self.state);
        state.proposed = Some(auth_key_id);
        let exchange = nonce_of(query).and_then(|nonce| state.exchanges.get(&nonce.0));
        let is_first = exchange.is_none_or(|exchange| exchange.proposals == 0);
        match self.fault.lie {
            Lie::Verdict {
                verdict,
                first_only,
            } if is_first || !first_only => verdict,
            Lie::DhGen { verdict, .. } => verdict,
            _ => Verdict::Accept,
        }
    }

    fn received(&self, key: &AuthKey, message: &Opened<'_>) {
        let state = &mut *lock(&self.state);
        if state.refused_keys.contains(&key.id()) {
            self.accepted(state, "the client uses the key");
        }
        if message.salt == POISONED_SALT {
            self.accepted(state, "the client uses the salt");
        }
        let sent_at = message.msg_id >> 32;
        let known = state.keys.entry(key.id()).or_default();
        let mut signs = Vec::new();
        for inner in messages_of(message) {
            let body = inner.body.as_bytes();
            known.seq_nos.insert(inner.msg_id, inner.seqno);
            match call_id(body) {
                BIND_TEMP_AUTH_KEY => known.binding = Some(inner.msg_id),
                types::MsgsAck::ID => {
                    let acks = decode_boxed::<types::MsgsAck>(body).map(|acks| acks.msg_ids);
                    if acks
                        .unwrap_or_default()
                        .iter()
                        .any(|id| known.decoys.contains(id))
                    {
                        signs.push("the client acknowledges it");
                    }
                }
                id if known.binding_lied && is_call(id) => {
                    signs.push("the client makes calls under the temporary key");
                }
                _ => {}
            }
        }
        if known.was_lied_to && self.fault.name == "foreign-time" {
            let now = i64::from(unix_time(0));
            if sent_at - now > POISONED_CLOCK_SECS / 2 {
                signs.push("the client has set its clock");
            }
        }
        for sign in signs {
            self.accepted(state, sign);
        }
    }

    fn received_unknown(&self, auth_key_id: u64) {
        let state = &mut *lock(&self.state);
        if state.refused_keys.contains(&auth_key_id) {
            self.accepted(state, "the client uses the key");
        }
    }

    fn sent(&self, key: &AuthKey, packet: Vec<u8>) -> Vec<Outgoing> {
        let state = &mut *lock(&self.state);
        let Some(draft) = Draft::open(key, packet.clone()) else {
            return vec![Outgoing::Packet(packet)];
        };
        let answered: Vec<i64> = draft
            .messages()
            .iter()
            .filter_map(packets::answer_to)
            .collect();
        let known = state.keys.entry(key.id()).or_default();
        let of_binding = answered.iter().find(|id| known.binding == Some(**id));
        let Some(req_msg_id) = of_binding.or(answered.first()).copied() else {
            return vec![Outgoing::Packet(packet)];
        };
        let answering = Answering {
            key,
            draft: &draft,
            req_msg_id,
            req_seq_no: known.seq_nos.get(&req_msg_id).copied().unwrap_or(1),
        };
        let Some(instead) = self.change_packet(known, &answering) else {
            return vec![Outgoing::Packet(packet)];
        };
        if self.fault.name == "key-lost" && !known.is_temporary {
            state.permanent_key_lost = true;
        }
        self.lied();
        instead
    }
}

/// The messages of a client's packet.
fn messages_of(message: &Opened<'_>) -> Vec<types::Message> {
    if let Ok(container) = decode_boxed::<types::MsgContainer>(message.body) {
        return container.messages;
    }
    let own = RawObject::new(message.body.to_vec()).map(|body| types::Message {
        msg_id: message.msg_id,
        seqno: message.seq_no,
        body,
    });
    Vec::from_iter(own.ok())
}

/// Whether that is a call of the API, as far as is known here: none of the messages that a session sends by itself.
fn is_call(id: u32) -> bool {
    ![
        types::MsgsAck::ID,
        types::MsgsStateReq::ID,
        types::MsgsStateInfo::ID,
        types::MsgResendReq::ID,
        types::HttpWait::ID,
        functions::Ping::ID,
        functions::PingDelayDisconnect::ID,
        functions::GetFutureSalts::ID,
        functions::DestroySession::ID,
        functions::RpcDropAnswer::ID,
    ]
    .contains(&id)
}

fn change_params(packet: &mut Vec<u8>, change: impl FnOnce(&mut types::ServerDhParamsOk)) {
    exchange::change(packet, |params| match params {
        enums::ServerDhParams::Ok(mut params) => {
            change(&mut params);
            enums::ServerDhParams::Ok(params)
        }
        other => other,
    });
}

fn dh_params_fail(
    params: enums::ServerDhParams,
    secrets: &Secrets,
    right_hash: bool,
) -> enums::ServerDhParams {
    let enums::ServerDhParams::Ok(params) = params else {
        return params;
    };
    let mut new_nonce_hash = secrets.hash();
    new_nonce_hash.0[15] ^= u8::from(!right_hash);
    enums::ServerDhParams::Fail(types::ServerDhParamsFail {
        nonce: params.nonce,
        server_nonce: params.server_nonce,
        new_nonce_hash,
    })
}

/// Looks for a seed by which the first secret has a power with a leading zero: one in 256 has.
fn short_power_seed() -> Result<u64, Error> {
    let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
    let is_short = |seed: &u64| {
        let secret = group.secret(&mut ChaCha20Rng::seed_from_u64(*seed));
        group.public(&secret).is_ok_and(|power| power[0] == 0)
    };
    (0..10_000)
        .find(is_short)
        .ok_or_else(|| "no short power was found".into())
}
