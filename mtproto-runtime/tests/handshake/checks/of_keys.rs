//! Permanent and temporary keys.

use core::borrow::Borrow;
use core::marker::PhantomData;
use core::ops::Deref;

use mtproto_runtime::crypto::kdf::{Side, message_keys, v1_message_keys, v1_msg_key};
use mtproto_runtime::handshake::bind_temp_key::{BindError, Envelope};
use mtproto_runtime::handshake::{PermanentKey, bind_temp_key};
use mtproto_runtime::{AuthKey, crypto};

use crate::bind::{ENVELOPE, call, permanent, temporary};
use crate::support::NOW;

/// Messages are encrypted with an `AuthKey`, and nothing turns a permanent key into one but a function whose name says what is
/// given up. (That `message_keys` does not take it is seen in the documentation of `PermanentKey`.)
#[test]
fn check_30_the_permanent_key_is_never_used_directly() {
    /// Whether a type has a trait: an inherent constant, where there is one, goes before that of `Absent`.
    macro_rules! has {
        ($type:ty: $($bound:tt)+) => {{
            struct Probe<T>(PhantomData<T>);
            #[allow(dead_code, reason = "not asked where the trait is there")]
            trait Absent {
                const HAS: bool = false;
            }
            impl<T> Absent for Probe<T> {}
            #[allow(dead_code, reason = "absent, if all is well")]
            impl<T: $($bound)+> Probe<T> {
                const HAS: bool = true;
            }
            Probe::<$type>::HAS
        }};
    }
    let lends = [
        has!(PermanentKey: AsRef<AuthKey>),
        has!(PermanentKey: Borrow<AuthKey>),
        has!(PermanentKey: Deref<Target = AuthKey>),
        has!(PermanentKey: Into<AuthKey>),
    ];
    assert_eq!(lends, [false; 4]);
    assert!(
        has!(AuthKey: Borrow<AuthKey>),
        "the probes see what there is"
    );

    // The temporary key encrypts; in a binding its own id and that of the session stand under the permanent key's.
    let (permanent, temporary) = (permanent(), temporary());
    let call = call();
    let _ = message_keys(temporary.auth_key(), &[0; 16], Side::Client);
    assert_eq!(call.perm_auth_key_id, permanent.id() as i64);
    assert_ne!(temporary.id(), permanent.id());
}

#[test]
fn check_31_a_binding_is_encrypted_the_old_way_under_the_msg_id_of_its_message() {
    let (permanent, temporary) = (permanent(), temporary());
    let call = call();
    let verify = |envelope| bind_temp_key::verify(&permanent, &temporary, envelope, &call, NOW);
    assert_eq!(verify(ENVELOPE), Ok(()));
    let outer = ENVELOPE.msg_id + 4;
    let other = Envelope {
        msg_id: outer,
        ..ENVELOPE
    };
    let inner = ENVELOPE.msg_id;
    assert_eq!(verify(other), Err(BindError::MsgId { inner, outer }));

    // The key derivation of MTProto 1.0, and msg_key from SHA-1 of what comes before the padding.
    let message = &call.encrypted_message;
    let key = AuthKey::new(*permanent.to_storage());
    assert_eq!(message[..8], key.id().to_le_bytes());
    let msg_key: [u8; 16] = message[8..24].try_into().unwrap();
    let keys = v1_message_keys(&key, &msg_key, Side::Client);
    let mut plaintext = message[24..].to_vec();
    crypto::aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).unwrap();
    assert_eq!(v1_msg_key(&plaintext[..72]), msg_key);
    assert_eq!(plaintext[16..24], ENVELOPE.msg_id.to_le_bytes());
    assert_eq!(
        plaintext[24..32],
        [0, 0, 0, 0, 40, 0, 0, 0],
        "seqno and length"
    );

    // Encrypted in the way of 2.0 it is refused, and so are other values of seqno and the length.
    let forge = |plaintext: &[u8], msg_key: [u8; 16], keys: crypto::kdf::KeyIv| {
        let mut encrypted = plaintext.to_vec();
        crypto::aes_ige::encrypt(&keys.key, &keys.iv, &mut encrypted).unwrap();
        let message = [&key.id().to_le_bytes()[..], &msg_key, &encrypted].concat();
        bind_temp_key::decrypt(&permanent, &message, ENVELOPE.msg_id).unwrap_err()
    };
    let new_msg_key = crypto::kdf::msg_key(&key, Side::Client, &plaintext);
    let error = forge(
        &plaintext,
        new_msg_key,
        message_keys(&key, &new_msg_key, Side::Client),
    );
    assert_eq!(error, BindError::MsgKey);
    for (at, expected) in [
        (24, BindError::Seqno { seqno: 1 }),
        (28, BindError::InnerLength { length: 41 }),
    ] {
        let mut changed = plaintext.clone();
        changed[at] += 1;
        let msg_key = v1_msg_key(&changed[..72]);
        let error = forge(
            &changed,
            msg_key,
            v1_message_keys(&key, &msg_key, Side::Client),
        );
        assert_eq!(error, expected);
    }
}
