//! Messages that a test writes itself, with whatever is wrong with them: the peers that break the protocol.
//!
//! It computes what it needs by the pages, from `crypto` alone.

use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::hash::sha1;
use mtproto_runtime::crypto::kdf::{KeyIv, tmp_aes_key_iv};
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::plain_message;
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::wire::{Int128, TlRead, TlWrite, decode, decode_prefix, encode};

use crate::support::private_key;

/// The object in a plain message.
pub(crate) fn object<T: for<'a> TlRead<'a>>(payload: &[u8]) -> T {
    decode(&payload[20..]).unwrap()
}

/// A plain message of a client, or of a server (1).
pub(crate) fn plain<T: TlWrite>(low_bits: i64, object: &T) -> Vec<u8> {
    plain_message::write(0x65C5_3D50_1000_0000 | low_bits, &encode(object).unwrap()).unwrap()
}

/// What a server knows after `req_DH_params`.
pub(crate) struct Secrets {
    pub(crate) nonce: Int128,
    pub(crate) server_nonce: Int128,
    pub(crate) new_nonce: [u8; 32],
}

impl Secrets {
    /// Reads the client's `req_DH_params` with the server's private key.
    pub(crate) fn of(req_dh_params: &[u8]) -> Self {
        let query: functions::ReqDhParams = object(req_dh_params);
        let inner = inner_data(&private_key(), &query.encrypted_data);
        let (nonce, server_nonce, new_nonce) = match inner {
            enums::PQInnerData::Dc(data) => (data.nonce, data.server_nonce, data.new_nonce),
            enums::PQInnerData::TempDc(data) => (data.nonce, data.server_nonce, data.new_nonce),
            other => panic!("{other:?}"),
        };
        assert_eq!((nonce, server_nonce), (query.nonce, query.server_nonce));
        Self {
            nonce,
            server_nonce,
            new_nonce: new_nonce.0,
        }
    }

    pub(crate) fn tmp_aes(&self) -> KeyIv {
        tmp_aes_key_iv(&self.new_nonce, &self.server_nonce.0)
    }

    /// `server_DH_params_ok` with this answer inside.
    pub(crate) fn server_dh_params_ok(&self, answer: &types::ServerDhInnerData) -> Vec<u8> {
        let answer = enums::ServerDhInnerData::ServerDhInnerData(answer.clone());
        self.server_dh_params_sealed(seal(&self.tmp_aes(), &encode(&answer).unwrap()))
    }

    /// The same for an `encrypted_answer`.
    pub(crate) fn server_dh_params_sealed(&self, encrypted_answer: Vec<u8>) -> Vec<u8> {
        plain(
            1,
            &enums::ServerDhParams::Ok(types::ServerDhParamsOk {
                nonce: self.nonce,
                server_nonce: self.server_nonce,
                encrypted_answer,
            }),
        )
    }

    /// `set_client_DH_params` with this inside.
    pub(crate) fn set_client_dh_params(&self, inner: &types::ClientDhInnerData) -> Vec<u8> {
        let inner = enums::ClientDhInnerData::ClientDhInnerData(inner.clone());
        plain(
            0,
            &functions::SetClientDhParams {
                nonce: self.nonce,
                server_nonce: self.server_nonce,
                encrypted_data: seal(&self.tmp_aes(), &encode(&inner).unwrap()),
            },
        )
    }

    /// What an honest server has answered.
    pub(crate) fn open_answer(&self, server_dh_params: &[u8]) -> types::ServerDhInnerData {
        let enums::ServerDhParams::Ok(params) = object(server_dh_params) else {
            panic!("no server_DH_params_ok");
        };
        let data = unseal(&self.tmp_aes(), &params.encrypted_answer);
        // After the SHA-1 and the constructor's id.
        decode_prefix(&data[24..]).unwrap().0
    }

    /// What an honest client has proposed.
    pub(crate) fn open_proposal(&self, set_client_dh_params: &[u8]) -> types::ClientDhInnerData {
        let query: functions::SetClientDhParams = object(set_client_dh_params);
        let data = unseal(&self.tmp_aes(), &query.encrypted_data);
        // After the SHA-1 and the constructor's id.
        decode_prefix(&data[24..]).unwrap().0
    }
}

/// What a client has encrypted for the server.
pub(crate) fn inner_data(key: &PrivateKey, encrypted_data: &[u8]) -> enums::PQInnerData {
    let data = key.decrypt_padded(encrypted_data).unwrap();
    decode_prefix(&data[..]).unwrap().0
}

/// SHA-1, the data and zeros up to a whole block, encrypted.
pub(crate) fn seal(tmp_aes: &KeyIv, data: &[u8]) -> Vec<u8> {
    let length = 20 + data.len();
    let padding = vec![0; length.next_multiple_of(16) - length];
    seal_padded(tmp_aes, data, &padding)
}

/// The same with this padding.
pub(crate) fn seal_padded(tmp_aes: &KeyIv, data: &[u8], padding: &[u8]) -> Vec<u8> {
    let mut sealed = [&sha1(&[data])[..], data, padding].concat();
    aes_ige::encrypt(&tmp_aes.key, &tmp_aes.iv, &mut sealed).unwrap();
    sealed
}

/// What [`seal`] has encrypted, with the SHA-1 in front and the padding behind.
pub(crate) fn unseal(tmp_aes: &KeyIv, sealed: &[u8]) -> Vec<u8> {
    let mut data = sealed.to_vec();
    aes_ige::decrypt(&tmp_aes.key, &tmp_aes.iv, &mut data).unwrap();
    data
}
