//! What the server answers under a key: enough for a client to see that the key is good, and to bind a temporary one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::handshake::bind_temp_key::{self, BindError, BindTempAuthKey, Envelope};
use mtproto_runtime::handshake::server::Done;
use mtproto_runtime::handshake::{NewKey, PermanentKey, TemporaryKey};
use mtproto_runtime::plain_message::PlainMsgIds;
use mtproto_runtime::schema::mtproto::{functions, types};
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::wire::{Combinator, RawObject, encode, encode_boxed};
use rand_core::CryptoRng;

use crate::fault::Fault;
use crate::{Error, Reply, envelope};

/// What a salt lives, and a half of it.
const SALT_SECS: i32 = 3600;

/// All keys, in memory.
#[derive(Default)]
pub(crate) struct Keys {
    permanent: BTreeMap<u64, PermanentKey>,
    temporary: BTreeMap<u64, TemporaryKey>,
    sessions: BTreeMap<u64, KeyState>,
}

/// What goes with a key.
struct KeyState {
    auth_key: AuthKey,
    salt: i64,
    known_sessions: BTreeSet<i64>,
    msg_ids: PlainMsgIds,
    /// How many messages that ask for an acknowledgment were sent, by session.
    content_related: BTreeMap<i64, i32>,
}

/// What a client is told, and whether it has to acknowledge that.
struct Answer {
    object: Vec<u8>,
    is_content_related: bool,
}

impl Keys {
    pub(crate) fn contains(&self, auth_key_id: u64) -> bool {
        self.sessions.contains_key(&auth_key_id)
    }

    pub(crate) fn insert(&mut self, done: Done) {
        let id = done.key.id();
        let auth_key = match done.key {
            NewKey::Permanent(key) => {
                self.permanent.insert(id, key.clone());
                // The server cannot know who will make a temporary key: the permanent one serves those who do not.
                key.without_forward_secrecy()
            }
            NewKey::Temporary(key) => {
                let auth_key = key.auth_key().clone();
                self.temporary.insert(id, key);
                auth_key
            }
        };
        let state = KeyState {
            auth_key,
            salt: done.first_salt,
            known_sessions: BTreeSet::new(),
            msg_ids: PlainMsgIds::new(Side::Server),
            content_related: BTreeMap::new(),
        };
        self.sessions.insert(id, state);
    }

    pub(crate) fn handle(
        &mut self,
        auth_key_id: u64,
        payload: &[u8],
        now: UnixTime,
        fault: Option<Fault>,
        rng: &mut dyn CryptoRng,
    ) -> Vec<Reply> {
        let Some(state) = self.sessions.get(&auth_key_id) else {
            println!("refused: no key {auth_key_id:016x}");
            return vec![Reply::Error(-404)];
        };
        let message = match envelope::decrypt(&state.auth_key, Side::Client, payload) {
            Ok(message) => message,
            Err(error) => {
                println!("refused: {error}");
                return vec![Reply::Error(-404)];
            }
        };
        let answers = self
            .answers(auth_key_id, &message, now)
            .unwrap_or_else(|error| {
                println!("refused: {error}");
                Vec::new()
            });
        let Some(state) = self.sessions.get_mut(&auth_key_id) else {
            return Vec::new();
        };
        let replies = answers.into_iter().map(|answer| {
            let sent = state.content_related.entry(message.session_id).or_default();
            let seq_no = 2 * *sent + i32::from(answer.is_content_related);
            *sent += i32::from(answer.is_content_related);
            let clock = match fault {
                Some(Fault::OldMessage) => UnixTime::from_secs(now.as_secs() - 1000),
                _ => now,
            };
            let mut inner = envelope::Inner {
                salt: state.salt,
                session_id: message.session_id,
                msg_id: state.msg_ids.next(clock),
                seq_no,
                body: answer.object,
            };
            let mut padding = None;
            match fault {
                Some(Fault::SessionId) => inner.session_id ^= 1,
                Some(Fault::EvenMsgId) => inner.msg_id &= !3,
                Some(Fault::NoPadding) => padding = Some(0),
                Some(Fault::LongPadding) => padding = Some(2048),
                _ => {}
            }
            let auth_key = &state.auth_key;
            Reply::Packet(envelope::encrypt(
                auth_key,
                Side::Server,
                &inner,
                padding,
                rng,
            ))
        });
        replies.collect()
    }

    /// What is answered to a message, which may be a container.
    fn answers(
        &mut self,
        auth_key_id: u64,
        message: &envelope::Inner,
        now: UnixTime,
    ) -> Result<Vec<Answer>, Error> {
        let Some(state) = self.sessions.get_mut(&auth_key_id) else {
            return Ok(Vec::new());
        };
        let salt = state.salt;
        if message.salt != salt {
            return Ok(vec![service(&types::BadServerSalt {
                bad_msg_id: message.msg_id,
                bad_msg_seqno: message.seq_no,
                error_code: 48,
                new_server_salt: salt,
            })?]);
        }
        let mut answers = Vec::new();
        if state.known_sessions.insert(message.session_id) {
            answers.push(content(&types::NewSessionCreated {
                first_msg_id: message.msg_id,
                unique_id: message.session_id ^ salt,
                server_salt: salt,
            })?);
        }
        let object = RawObject::new(message.body.clone())?;
        let calls = match object.id() {
            types::MsgContainer::ID => {
                let container: types::MsgContainer = object.decode_boxed()?;
                let messages = container.messages.into_iter();
                messages
                    .map(|message| (message.msg_id, message.body))
                    .collect()
            }
            _ => vec![(message.msg_id, object)],
        };
        for (msg_id, object) in calls {
            let envelope = Envelope {
                msg_id,
                session_id: message.session_id,
            };
            answers.extend(self.answer(auth_key_id, envelope, salt, &object, now)?);
        }
        Ok(answers)
    }

    fn answer(
        &self,
        auth_key_id: u64,
        envelope: Envelope,
        salt: i64,
        object: &RawObject,
        now: UnixTime,
    ) -> Result<Option<Answer>, Error> {
        let req_msg_id = envelope.msg_id;
        Ok(match object.id() {
            functions::Ping::ID => {
                let ping_id = object.decode::<functions::Ping>()?.ping_id;
                Some(service(&types::Pong {
                    msg_id: req_msg_id,
                    ping_id,
                })?)
            }
            functions::PingDelayDisconnect::ID => {
                let ping_id = object.decode::<functions::PingDelayDisconnect>()?.ping_id;
                Some(service(&types::Pong {
                    msg_id: req_msg_id,
                    ping_id,
                })?)
            }
            functions::GetFutureSalts::ID => Some(service(&future_salts(req_msg_id, salt, now))?),
            BindTempAuthKey::ID => {
                let call: BindTempAuthKey = object.decode()?;
                Some(match self.bind(auth_key_id, envelope, &call, now) {
                    Ok(()) => {
                        println!("temp key bound");
                        result(req_msg_id, encode(&true)?)?
                    }
                    Err(error) => {
                        println!("refused: {error}");
                        rpc_error(req_msg_id, 400, error.rpc_error_message())?
                    }
                })
            }
            // What needs no answer.
            types::MsgsAck::ID | types::MsgsStateReq::ID | types::MsgResendReq::ID => None,
            types::HttpWait::ID => None,
            id => {
                println!("not implemented: {id:08x}");
                Some(rpc_error(req_msg_id, 501, "NOT_IMPLEMENTED")?)
            }
        })
    }

    fn bind(
        &self,
        auth_key_id: u64,
        envelope: Envelope,
        call: &BindTempAuthKey,
        now: UnixTime,
    ) -> Result<(), BindError> {
        let permanent = self.permanent.get(&(call.perm_auth_key_id as u64));
        let permanent = permanent.ok_or(BindError::PermAuthKeyId)?;
        let temporary = self.temporary.get(&auth_key_id);
        let temporary = temporary.ok_or(BindError::TempAuthKeyId)?;
        bind_temp_key::verify(permanent, temporary, envelope, call, now)
    }
}

/// The salt of now, and the one after: this server has one for each key, which never ends.
fn future_salts(req_msg_id: i64, salt: i64, now: UnixTime) -> types::FutureSalts {
    let now_secs = now.as_secs() as i32;
    let salts = [0, 1].map(|number| types::FutureSalt {
        valid_since: now_secs + number * SALT_SECS / 2,
        valid_until: now.after(Duration::from_secs(86_400)).as_secs() as i32,
        salt,
    });
    types::FutureSalts {
        req_msg_id,
        now: now_secs,
        salts: salts.to_vec(),
    }
}

fn service<T: mtproto_runtime::wire::TlWrite + Combinator>(object: &T) -> Result<Answer, Error> {
    Ok(Answer {
        object: encode_boxed(object)?,
        is_content_related: false,
    })
}

fn content<T: mtproto_runtime::wire::TlWrite + Combinator>(object: &T) -> Result<Answer, Error> {
    Ok(Answer {
        is_content_related: true,
        ..service(object)?
    })
}

fn result(req_msg_id: i64, result: Vec<u8>) -> Result<Answer, Error> {
    content(&types::RpcResult {
        req_msg_id,
        result: RawObject::new(result)?,
    })
}

fn rpc_error(req_msg_id: i64, error_code: i32, message: &str) -> Result<Answer, Error> {
    let error = types::RpcError {
        error_code,
        error_message: message.to_owned(),
    };
    result(req_msg_id, encode_boxed(&error)?)
}
