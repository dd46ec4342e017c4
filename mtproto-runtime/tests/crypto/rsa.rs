//! RSA: <https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication>.

use mtproto_runtime::crypto::rsa::{
    DecryptError, EncryptError, KeyError, PrivateKey, PublicKey, telegram_keys,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Script, hex};

const PKCS1_PRIVATE: &str = include_str!("keys/pkcs1_private.pem");
const PKCS8_PRIVATE: &str = include_str!("keys/pkcs8_private.pem");
const PKCS1_PUBLIC: &str = include_str!("keys/pkcs1_public.pem");
const SPKI_PUBLIC: &str = include_str!("keys/spki_public.pem");

fn private_key() -> PrivateKey {
    PrivateKey::from_pem(PKCS1_PRIVATE).unwrap()
}

/// mtcute (`packages/core/src/utils/crypto/keys.test.ts`) and Pyrogram (`pyrogram/crypto/rsa.py`) have the numbers beside
/// the keys; that of the production key is in <https://core.telegram.org/mtproto/samples-auth_key>.
#[test]
fn fingerprints() {
    let [production, test] = telegram_keys();
    assert_eq!(
        production.fingerprint().to_le_bytes().to_vec(),
        hex("85FD64DE851D9DD0")
    );
    assert_eq!(test.fingerprint(), 0xb258_98df_208d_2603);
    for (pem, fingerprint) in [
        (include_str!("keys/telegram_1.pem"), -4344800451088585951),
        (include_str!("keys/telegram_2.pem"), 847625836280919973),
        (include_str!("keys/telegram_2_spki.pem"), 847625836280919973),
        (include_str!("keys/telegram_3.pem"), 1562291298945373506),
        (include_str!("keys/telegram_4.pem"), -5859577972006586033),
        (include_str!("keys/telegram_5.pem"), 6491968696586960280),
    ] {
        assert_eq!(
            PublicKey::from_pem(pem).unwrap().fingerprint() as i64,
            fingerprint
        );
    }
}

/// An exponent of another length has other padding in its TL string; the numbers come from Python's `hashlib`.
#[test]
fn fingerprints_with_other_exponents() {
    let n = *telegram_keys()[0].n();
    for (e, fingerprint) in OTHER_EXPONENTS {
        let key = PublicKey::from_parts(&n, &hex(e)).unwrap();
        assert_eq!(key.fingerprint(), fingerprint, "e = {e}");
        // Zeros in front make no other number.
        assert_eq!(
            PublicKey::from_parts(&[&[0; 3], &n[..]].concat(), &hex(&format!("00{e}"))),
            Ok(key)
        );
    }
}

#[test]
fn rsa_pad_vector_of_grammers() {
    // grammers, `grammers-crypto/src/rsa.rs`: 96 bytes of padding, then temp_key. The first leads above the modulus, and
    // grammers goes on with the next number.
    let data = hex(
        "955ff5a9081a8e635f5743de9b00000004453dc27100000004622f1fcb000000f7a81627bbf511fa4afef71e94a0937474586c1add9198dda81a5df8393871c8293623c5fb968894af1be7dfe9c7be813f9307789242fd0cb0c16a5cb39a8d3e",
    );
    let padding = hex(
        "12270000635593b03fee033d0672f9afddf9124de9e77df6251806cba93482e4c9e6e06e7d44e4c4baae821aff91af44789689faaee9bdfc7b2df8c08709afe57396c4638ceaa0dc30114f82447e81d3b53edc423b32660c43a5b8ad057b6450",
    );
    let temp_key = hex("7dada0920c4973913229e0f881aec7b9db0c392d34f52fb0995ea493ecb4c09d");
    let mut next_key = temp_key.clone();
    next_key[31] += 1;
    let [_, key] = telegram_keys();
    let mut script = Script::of([padding, temp_key, next_key].concat());
    let encrypted = key.encrypt_padded(&data, &mut script).unwrap();
    assert_eq!(
        encrypted.to_vec(),
        hex(
            "b610642a828b4a61fe32931815cae318d311660580f1e0df768f3140f4d37dfcfcac0c2870318de4ff2d2e0e9669bcfdc0bad06cadb1b59d9726b427368a9c7b4fc0d5e7b2e99fc571968705c03acf5341fd7021bef653fa77b3776ae430e366fc46d232459ebe128b08d80e049ae579a48b56ca93b520709468587c81af96666046e9ea85091d729e921e8d8a36f57b27644052dae7387c7f4131701d59cda75251dac66c94276280ef950d3c44c21e5a2454f7da7a6818cf23ae9c490b72b2170d7cbc24f8a93db739d76f2d241c78b80123faaff3e664f074d6375d794dbf2800a0b5bb48d54eceafedfb355bfbebd287d9023264e3b53627888250787a9e"
        )
    );
}

#[test]
fn rsa_pad_vector_of_gotd() {
    // gotd, `crypto/rsa_pad_test.go`: random bytes are zeros.
    let [key, _] = telegram_keys();
    let encrypted = key
        .encrypt_padded(&[b'a'; 144], &mut Script::of([0]))
        .unwrap();
    assert_eq!(
        encrypted.to_vec(),
        hex(
            "bf68719e836806b040cd261ecaf66eb3c4ba19f3bbea3031b2e6cf29167bab647201d101b291dc5b716a42e789a38d947fe59e9bcce8f30ef46a946743ea8b6babbce7fc0afc46b802aa453e83471d82a4dfad83f971f350b4b4fb474cd1c48fdf427e4b5fecce9ec3178ae7dac3985856fdefa21d6fdc5e0e0fd8a57bc4f51580d637d372be8d87c9aa3fde8e6f8287bcb3be846aadcdd59465375479e248f62ed438f9804fbe36d41ca906243a5f740f3937949aa149ba8a8b8e68b3f3e1e3cd3f946387520e21eee55845e1f015a919a22f6a72bfaecd2cae946c91983b41f9ffabe97963bbde8f30eaf5fd3c5b8cecab8711bd269e441b6084f385726ff0"
        )
    );
}

#[test]
fn check_03_data_is_at_most_144_bytes() {
    let key = private_key();
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let data = [0xd5; 145];
    let error = EncryptError::TooLong {
        length_bytes: 145,
        max_bytes: 144,
    };
    assert_eq!(key.public_key().encrypt_padded(&data, rng), Err(error));
    for length in [0, 1, 143, 144] {
        let encrypted = key
            .public_key()
            .encrypt_padded(&data[..length], rng)
            .unwrap();
        assert_eq!(
            key.decrypt_padded(&encrypted).unwrap()[..length],
            data[..length]
        );
    }
}

/// With a random temp_key the value is above the modulus every fourth time, and then encrypts to something else.
#[test]
fn check_03_a_value_above_the_modulus_is_rolled_again() {
    let key = private_key();
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    let mut again = 0;
    for i in 0..24 {
        let mut bytes = [0; 4000];
        rng.fill_bytes(&mut bytes);
        let mut script = Script::of(bytes);
        let encrypted = key
            .public_key()
            .encrypt_padded(&[i; 100], &mut script)
            .unwrap();
        let decrypted = key.decrypt_padded(&encrypted).unwrap();
        assert_eq!(decrypted[..100], [i; 100]);
        assert_eq!(decrypted[100..], bytes[..92], "the padding is drawn once");
        let next = script.next_u64().to_le_bytes();
        again += usize::from(next != bytes[92 + 32..][..8]);
    }
    assert!(again > 0, "the seed shows it");
}

/// A generator that always leads above the modulus is told from one that works, instead of being asked for ever.
#[test]
fn check_03_a_constant_generator_ends() {
    // The smallest modulus: half of all values are above.
    let mut n = [0; 256];
    n[0] = 0x80;
    n[255] = 1;
    let key = PublicKey::from_parts(&n, &[3]).unwrap();
    let results = [0, 1, 2, 3, 4, 5, 6, 7].map(|byte| {
        key.encrypt_padded(b"data", &mut Script::of([byte]))
            .map(drop)
    });
    assert!(
        results.contains(&Err(EncryptError::Random)) && results.contains(&Ok(())),
        "{results:?}"
    );
}

#[test]
fn check_03_what_is_not_encrypted_for_the_key_is_refused_alike() {
    let key = private_key();
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let encrypted = key.public_key().encrypt_padded(b"data", rng).unwrap();
    for at in [0, 1, 31, 32, 100, 223, 224, 255] {
        let mut changed = encrypted;
        changed[at] ^= 1;
        assert_eq!(key.decrypt_padded(&changed), Err(DecryptError));
    }
    let other = telegram_keys()[0].encrypt_padded(b"data", rng).unwrap();
    for bytes in [
        &[][..],
        &[0; 256],
        &[255; 256],
        &encrypted[1..],
        &[&[0], &encrypted[..]].concat(),
        &other,
        key.public_key().n(),
    ] {
        assert_eq!(key.decrypt_padded(bytes), Err(DecryptError));
    }
}

/// The same number plus the modulus is another byte string.
#[test]
fn check_03_a_ciphertext_above_the_modulus_is_refused() {
    let key = private_key();
    let rng = &mut ChaCha20Rng::seed_from_u64(6);
    let sum = (0..200).find_map(|_| {
        let encrypted = key.public_key().encrypt_padded(b"data", rng).unwrap();
        let mut sum = encrypted;
        let mut carry = false;
        for (sum, n) in sum.iter_mut().zip(key.public_key().n()).rev() {
            (*sum, carry) = sum.carrying_add(*n, carry);
        }
        (!carry).then_some(sum)
    });
    assert_eq!(
        key.decrypt_padded(&sum.expect("the seed shows one")),
        Err(DecryptError)
    );
}

/// 256 bytes, whatever the number is.
#[test]
fn check_10_ciphertexts_with_leading_zeros() {
    let key = private_key();
    let rng = &mut ChaCha20Rng::seed_from_u64(7);
    let zeros = (0..2000).filter(|_| {
        let encrypted = key.public_key().encrypt_padded(b"data", rng).unwrap();
        encrypted[0] == 0 && key.decrypt_padded(&encrypted).unwrap()[..4] == *b"data"
    });
    assert!(zeros.count() > 0, "the seed shows one");
}

#[cfg(feature = "legacy")]
mod legacy {
    use super::*;

    #[test]
    fn vector() {
        // By Python, from the description: SHA1(data) + data + random bytes to the power of e.
        let data: Vec<u8> = (0..100).collect();
        let random = (0..135_u8).map(|i| i.wrapping_mul(7).wrapping_add(1));
        let key = private_key();
        let encrypted = key
            .public_key()
            .encrypt_legacy(&data, &mut Script::of(random))
            .unwrap();
        assert_eq!(encrypted.to_vec(), hex(LEGACY));
        assert_eq!(key.decrypt_legacy(&encrypted).unwrap()[..], data);
    }

    #[test]
    fn data_of_every_length() {
        let key = private_key();
        let rng = &mut ChaCha20Rng::seed_from_u64(8);
        let data = [0x1d; 236];
        for length in [0, 1, 2, 96, 104, 234, 235] {
            let encrypted = key
                .public_key()
                .encrypt_legacy(&data[..length], rng)
                .unwrap();
            assert_eq!(key.decrypt_legacy(&encrypted).unwrap()[..], data[..length]);
        }
        let error = EncryptError::TooLong {
            length_bytes: 236,
            max_bytes: 235,
        };
        assert_eq!(key.public_key().encrypt_legacy(&data, rng), Err(error));
    }

    #[test]
    fn what_is_not_encrypted_for_the_key_is_refused_alike() {
        let key = private_key();
        let rng = &mut ChaCha20Rng::seed_from_u64(9);
        let encrypted = key.public_key().encrypt_legacy(b"data", rng).unwrap();
        let mut changed = encrypted;
        changed[255] ^= 1;
        let padded = key.public_key().encrypt_padded(b"data", rng).unwrap();
        for bytes in [
            &[][..],
            &encrypted[1..],
            &changed,
            &padded,
            &[0; 256],
            &[255; 256],
        ] {
            assert_eq!(key.decrypt_legacy(bytes), Err(DecryptError));
        }
    }
}

#[test]
fn every_form_of_a_key_is_the_same_key() {
    let public = PublicKey::from_pem(PKCS1_PUBLIC).unwrap();
    assert_eq!(public.fingerprint(), 0xcde6_ce02_a0c3_f088);
    assert_eq!(PublicKey::from_pem(SPKI_PUBLIC).unwrap(), public);
    for pem in [
        PKCS1_PRIVATE,
        PKCS8_PRIVATE,
        include_str!("keys/swapped_primes.pem"),
    ] {
        let private = PrivateKey::from_pem(pem).unwrap();
        assert_eq!(*private.public_key(), public);
        let encrypted = public
            .encrypt_padded(b"data", &mut ChaCha20Rng::seed_from_u64(1))
            .unwrap();
        assert_eq!(private.decrypt_padded(&encrypted).unwrap()[..4], *b"data");
        assert_eq!(
            format!("{private:?}"),
            "PrivateKey { public: PublicKey { fingerprint: 0xcde6ce02a0c3f088, .. }, secrets: <redacted> }"
        );
    }
}

#[test]
fn white_space_in_pem() {
    let public = PublicKey::from_pem(PKCS1_PUBLIC).unwrap();
    for text in [
        PKCS1_PUBLIC.replace('\n', "\r\n"),
        PKCS1_PUBLIC.replace('\n', "\n\t "),
        format!("\n  {}", PKCS1_PUBLIC.trim_end()),
        PKCS1_PUBLIC.replace('\n', ""),
    ] {
        assert_eq!(PublicKey::from_pem(&text).as_ref(), Ok(&public), "{text}");
    }
}

#[test]
fn errors_of_pem_say_where() {
    let key = PKCS1_PUBLIC;
    let pem = |offset_bytes, expected| KeyError::Pem {
        offset_bytes,
        expected,
    };
    let end = key.find("-----END").unwrap();
    let with = |from: &str, to: &str| key.replacen(from, to, 1);
    for (text, error) in [
        (String::new(), pem(0, "-----BEGIN line")),
        ("  key".into(), pem(2, "-----BEGIN line")),
        (with("KEY-----", "KEY"), pem(11, "dashes after the label")),
        (key[..100].into(), pem(100, "-----END line")),
        (
            with("END RSA", "END"),
            pem(end, "-----END line with the label of the first"),
        ),
        (
            key.trim_end().trim_end_matches('-').into(),
            pem(end, "-----END line with the label of the first"),
        ),
        (key.repeat(2), pem(key.len(), "end")),
        (with("MIIB", "MI!B"), KeyError::Base64 { offset_bytes: 33 }),
        (with("MIIB", "MI=B"), KeyError::Base64 { offset_bytes: 34 }),
        (
            with("MIIB", "MIB"),
            KeyError::Base64 {
                offset_bytes: end - 1,
            },
        ),
        (
            with("RSA PUBLIC KEY", "DSA PUBLIC KEY").replace("END RSA", "END DSA"),
            KeyError::Label {
                found: "DSA PUBLIC KEY".into(),
                expected: "RSA PUBLIC KEY or PUBLIC KEY",
            },
        ),
    ] {
        assert_eq!(PublicKey::from_pem(&text), Err(error), "{text}");
    }
    assert_eq!(
        PublicKey::from_pem(PKCS1_PRIVATE),
        Err(KeyError::Label {
            found: "RSA PRIVATE KEY".into(),
            expected: "RSA PUBLIC KEY or PUBLIC KEY"
        })
    );
    let private = |text: &str| PrivateKey::from_pem(text).map(drop).unwrap_err();
    assert_eq!(
        private(&PKCS8_PRIVATE.replace("PRIVATE", "ENCRYPTED PRIVATE")),
        KeyError::Encrypted
    );
    assert_eq!(
        private(&PKCS1_PRIVATE.replace("MII", "Proc-Type: 4,ENCRYPTED\n\nMII")),
        KeyError::Encrypted
    );
}

const OTHER_EXPONENTS: [(&str, u64); 8] = [
    ("03", 0xad6fd314482435eb),
    ("0101", 0x4afd12dc2fff687d),
    ("010001", 0xd09d1d85de64fd85),
    ("01000001", 0x13d6754204040f6e),
    ("0100000001", 0xf01aef0ade169fee),
    ("010000000003", 0xef9356271006d8c2),
    ("01000000000003", 0x6184319d8cd13810),
    ("8000000000000001", 0xa8ab7693c9b584d7),
];

#[cfg(feature = "legacy")]
const LEGACY: &str = "32abf5641cfc4e62d22c08e45d12488af5baddc1659e93671d02c305a826d9aeadc5c5db29353a799d9c3b971486d321b2fe9f8aede76fc71672ceab6362c109e01566be9012bfc2dcf03378ac90bf8e71ea4e1ab753400414e2736e92500f086617ffad1dcbbef9d22e2e2d16eb662376a8ddf778f86b74ad72066bd76b8c4f850655683f3252ae5c61c72601a79630f4a6eefcf7e96927cee014936ed64bf1d342e173c85545212b80e1c6a57eba2b558a41326f018e808405d4e6bc3378348c98e8b388077bf0bf25bb7d5cbd48890b125c61df05938cf41d6906457705229fc5fd369ce7648f2fcd6e2a84094414ab7ef7e4ba76ffae3600b3723f4442c6";
