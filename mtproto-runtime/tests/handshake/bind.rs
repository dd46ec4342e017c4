//! Binding a temporary key: what the server makes of a call that is wrong in one place.

use mtproto_runtime::AuthKey;
use mtproto_runtime::handshake::bind_temp_key::{
    BindError, BindTempAuthKey, Envelope, bind, encrypt, verify,
};
use mtproto_runtime::handshake::{PermanentKey, TemporaryKey};
use mtproto_runtime::schema::mtproto::types::BindAuthKeyInner;
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::wire::{decode, encode};

use crate::support::{NOW, rng};

pub(crate) const ENVELOPE: Envelope = Envelope {
    msg_id: 0x65C5_3D50_0006_72D4,
    session_id: -5,
};

pub(crate) fn permanent() -> PermanentKey {
    PermanentKey::from_storage(std::array::from_fn(|i| 255 - i as u8), NOW)
}

pub(crate) fn temporary() -> TemporaryKey {
    let key = AuthKey::new(std::array::from_fn(|i| i as u8));
    TemporaryKey::new(key, UnixTime::from_secs(NOW.as_secs() + 86_400))
}

pub(crate) fn call() -> BindTempAuthKey {
    bind(&permanent(), &temporary(), ENVELOPE, &mut rng(1))
}

fn check(call: &BindTempAuthKey) -> Result<(), BindError> {
    verify(&permanent(), &temporary(), ENVELOPE, call, NOW)
}

#[test]
fn what_is_bound_is_verified() {
    let call = call();
    assert_eq!(check(&call), Ok(()));
    let bytes = encode(&call).unwrap();
    assert_eq!(bytes[..4], 0xCDD4_2A05_u32.to_le_bytes());
    assert_eq!(decode::<BindTempAuthKey>(&bytes).as_ref(), Ok(&call));
    assert_eq!(call.encrypted_message.len(), 104);
    assert_eq!(call.expires_at as u64, NOW.as_secs() + 86_400);
}

#[test]
fn every_byte_of_the_encrypted_message_counts() {
    let call = call();
    for at in 0..call.encrypted_message.len() {
        let mut flipped = call.clone();
        flipped.encrypted_message[at] ^= 0x10;
        let error = match at {
            0..8 => BindError::PermAuthKeyId,
            _ => BindError::MsgKey,
        };
        assert_eq!(check(&flipped), Err(error), "byte {at}");
    }
    for length_bytes in [0, 8, 24, 88, 103] {
        let mut short = call.clone();
        short.encrypted_message.truncate(length_bytes);
        assert_eq!(check(&short), Err(BindError::Length { length_bytes }));
    }
    let mut long = call;
    long.encrypted_message.extend([0; 16]);
    assert_eq!(check(&long), Err(BindError::Length { length_bytes: 120 }));
}

#[test]
fn the_call_agrees_with_what_is_inside() {
    let good = call();
    let wrong = |change: fn(&mut BindTempAuthKey)| {
        let mut call = good.clone();
        change(&mut call);
        check(&call).unwrap_err()
    };
    assert_eq!(
        wrong(|call| call.perm_auth_key_id += 1),
        BindError::PermAuthKeyId
    );
    assert_eq!(wrong(|call| call.nonce += 1), BindError::Nonce);
    let expires_at = good.expires_at;
    assert_eq!(
        wrong(|call| call.expires_at += 1),
        BindError::ExpiresAt { expires_at }
    );
}

/// What the holder of the permanent key may have encrypted by mistake, or for another place.
#[test]
fn the_inner_object_is_for_this_key_this_session_and_this_time() {
    let good = BindAuthKeyInner {
        nonce: 9,
        temp_auth_key_id: temporary().id() as i64,
        perm_auth_key_id: permanent().id() as i64,
        temp_session_id: ENVELOPE.session_id,
        expires_at: (NOW.as_secs() + 60) as i32,
    };
    let outcome = |change: fn(&mut BindAuthKeyInner)| {
        let mut inner = good.clone();
        change(&mut inner);
        check(&BindTempAuthKey {
            perm_auth_key_id: permanent().id() as i64,
            nonce: inner.nonce,
            expires_at: inner.expires_at,
            encrypted_message: encrypt(&permanent(), &inner, ENVELOPE.msg_id, &mut rng(1)),
        })
    };
    assert_eq!(outcome(|_| ()), Ok(()));
    assert_eq!(
        outcome(|inner| inner.temp_auth_key_id += 1),
        Err(BindError::TempAuthKeyId)
    );
    assert_eq!(
        outcome(|inner| inner.perm_auth_key_id += 1),
        Err(BindError::PermAuthKeyId)
    );
    assert_eq!(
        outcome(|inner| inner.temp_session_id += 1),
        Err(BindError::TempSessionId)
    );
    let expires_at = NOW.as_secs() as i32;
    assert_eq!(
        outcome(|inner| inner.expires_at -= 60),
        Err(BindError::ExpiresAt { expires_at })
    );
    assert_eq!(
        BindError::ExpiresAt { expires_at }.rpc_error_message(),
        "EXPIRES_AT_INVALID"
    );
    assert_eq!(
        BindError::MsgKey.rpc_error_message(),
        "ENCRYPTED_MESSAGE_INVALID"
    );
}
