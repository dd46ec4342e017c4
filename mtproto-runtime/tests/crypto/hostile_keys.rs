//! Whatever the text: keys are read or refused without a panic, an error points into the text, and a key that is read works.
//!
//! The fuzz target `keys` does the same; what it has reached is in `tests/corpus`.

use mtproto_runtime::crypto::rsa::{KeyError, PrivateKey, PublicKey};

/// Reads the input as keys of both sorts.
pub(crate) fn drive(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    match PublicKey::from_pem(text) {
        Ok(key) => {
            let again = PublicKey::from_parts(key.n(), &key.e().to_be_bytes());
            assert_eq!(again.as_ref(), Ok(&key));
            assert_eq!(
                again.map(|again| again.fingerprint()),
                Ok(key.fingerprint())
            );
        }
        Err(error) => points_into(text, &error),
    }
    match PrivateKey::from_pem(text) {
        Ok(key) => assert!(key.decrypt_padded(&[0; 256]).is_err()),
        Err(error) => points_into(text, &error),
    }
}

fn points_into(text: &str, error: &KeyError) {
    if let KeyError::Pem { offset_bytes, .. }
    | KeyError::Base64 { offset_bytes }
    | KeyError::Der { offset_bytes, .. } = error
    {
        assert!(*offset_bytes <= text.len(), "{error}");
    }
}
