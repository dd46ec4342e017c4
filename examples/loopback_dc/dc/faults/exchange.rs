//! The server's answers of a handshake, taken apart and put together anew: <https://core.telegram.org/mtproto/auth_key>.

use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::hash::sha1;
use mtproto_runtime::crypto::kdf::{KeyIv, Side, tmp_aes_key_iv};
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::plain_message::{self, PlainGate};
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::wire::{
    Combinator as _, Int128, Int256, RawObject, TlRead, TlWrite, decode, decode_prefix, encode,
};

/// A query of a client, as far as a liar cares.
pub(super) enum Query {
    ReqPq,
    ReqDhParams(functions::ReqDhParams),
    SetClientDhParams,
}

impl Query {
    pub(super) fn read(packet: &[u8]) -> Option<Self> {
        let body = body(packet, Side::Client)?;
        let object = RawObject::new(body.to_vec()).ok()?;
        match object.id() {
            functions::ReqPq::ID | functions::ReqPqMulti::ID => Some(Self::ReqPq),
            functions::ReqDhParams::ID => object.decode().ok().map(Self::ReqDhParams),
            functions::SetClientDhParams::ID => Some(Self::SetClientDhParams),
            _ => None,
        }
    }
}

/// What only the two sides of an exchange know.
pub(super) struct Secrets {
    new_nonce: [u8; 32],
    server_nonce: [u8; 16],
    pub(super) is_temporary: bool,
}

impl Secrets {
    /// Of the query that they come with.
    pub(super) fn read(key: &PrivateKey, query: &functions::ReqDhParams) -> Option<Self> {
        let read = |data: &[u8]| {
            decode_prefix::<enums::PQInnerData>(data)
                .ok()
                .map(|(inner, _)| inner)
        };
        let padded = key.decrypt_padded(&query.encrypted_data).ok();
        let inner = padded.and_then(|data| read(&data[..])).or_else(|| {
            let data = key.decrypt_legacy(&query.encrypted_data).ok()?;
            read(&data[..])
        })?;
        let (Int256(new_nonce), is_temporary) = match inner {
            enums::PQInnerData::PQInnerData(data) => (data.new_nonce, false),
            enums::PQInnerData::Dc(data) => (data.new_nonce, false),
            enums::PQInnerData::Temp(data) => (data.new_nonce, true),
            enums::PQInnerData::TempDc(data) => (data.new_nonce, true),
            _ => return None,
        };
        Some(Self {
            new_nonce,
            server_nonce: query.server_nonce.0,
            is_temporary,
        })
    }

    fn tmp_aes(&self) -> KeyIv {
        tmp_aes_key_iv(&self.new_nonce, &self.server_nonce)
    }

    /// `new_nonce_hash` of `server_DH_params_fail`.
    pub(super) fn hash(&self) -> Int128 {
        let [_, _, _, _, low @ ..] = sha1(&[&self.new_nonce]);
        Int128(low)
    }
}

/// Changes an object in a plain message.
pub(super) fn change<T>(packet: &mut Vec<u8>, change: impl FnOnce(T) -> T)
where
    T: TlWrite + for<'r> TlRead<'r>,
{
    let object = body(packet, Side::Server).and_then(|body| decode(body).ok());
    if let Some(object) = object
        && let Ok(body) = encode(&change(object))
    {
        set_body(packet, &body);
    }
}

/// Puts another object into a plain message.
pub(super) fn set_body(packet: &mut Vec<u8>, body: &[u8]) {
    let msg_id = packet.get(8..).and_then(|rest| rest.first_chunk()).copied();
    if let Ok(written) = plain_message::write(i64::from_le_bytes(msg_id.unwrap_or_default()), body)
    {
        *packet = written;
    }
}

/// Changes what is encrypted in `server_DH_params_ok`.
pub(super) fn change_answer(
    secrets: &Secrets,
    params: &mut types::ServerDhParamsOk,
    change: impl FnOnce(&mut Vec<u8>),
) {
    let KeyIv { key, iv } = &secrets.tmp_aes();
    let mut answer = params.encrypted_answer.clone();
    if aes_ige::decrypt(key, iv, &mut answer).is_ok() {
        change(&mut answer);
        let _ = aes_ige::encrypt(key, iv, &mut answer);
        params.encrypted_answer = answer;
    }
}

/// Changes `server_DH_inner_data`, in an answer that is not encrypted.
pub(super) fn change_inner_data(answer: &mut Vec<u8>, change: fn(&mut types::ServerDhInnerData)) {
    let inner = answer.get(20..).and_then(|data| decode_prefix(data).ok());
    let Some((enums::ServerDhInnerData::ServerDhInnerData(mut inner), _)) = inner else {
        return;
    };
    change(&mut inner);
    let data = encode(&enums::ServerDhInnerData::ServerDhInnerData(inner)).unwrap_or_default();
    *answer = [&sha1(&[&data])[..], &data].concat();
    answer.resize(answer.len().next_multiple_of(16), 0);
}

fn body(packet: &[u8], sender: Side) -> Option<&[u8]> {
    PlainGate::open()
        .read_plain(packet, sender)
        .ok()
        .map(|plain| plain.body)
}
