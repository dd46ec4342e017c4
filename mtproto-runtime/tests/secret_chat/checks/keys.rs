//! 35 and 45 to 47: the first key, whose it is, and what is shown of it.

use mtproto_runtime::crypto::hash::{sha1, sha256};
use mtproto_runtime::secret_chat::file::{FileError, FileKey};
use mtproto_runtime::secret_chat::{
    Chat, DiscardReason, Effect, Identity, Input, Options, RestoreError,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::{Forger, Pair, START, Toy};

fn asked() -> (Chat<Toy>, ChaCha8Rng) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut chat, _) = Chat::request(Options::default(), 1, 2, Toy, &[], &mut rng);
    let waiting = Input::Waiting {
        chat_id: 1,
        access_hash: 1,
    };
    chat.handle(now(), waiting, &mut rng)
        .expect("it was asked for");
    (chat, rng)
}

fn now() -> UnixTime {
    UnixTime::from_secs(START)
}

#[test]
fn check_35_another_fingerprint_ends_the_chat() {
    let (mut chat, mut rng) = asked();
    let g_b = {
        let mut bytes = [0; 256];
        bytes[255] = 9;
        bytes
    };
    let accepted = Input::Accepted {
        g_b: &g_b,
        key_fingerprint: 1,
    };
    let effects = chat
        .handle(now(), accepted, &mut rng)
        .expect("it was asked for");
    let [
        Effect::Persist(_),
        Effect::Discarded {
            reason,
            tell_server,
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(*reason, DiscardReason::WrongFingerprint);
    assert!(tell_server);
    assert_eq!(chat.discarded(), Some(DiscardReason::WrongFingerprint));
}

#[test]
fn check_35_a_public_value_out_of_range_ends_the_chat() {
    for g_b in [&[][..], &[0; 256], &[0xff; 256], &[9; 255]] {
        let (mut chat, mut rng) = asked();
        let accepted = Input::Accepted {
            g_b,
            key_fingerprint: 1,
        };
        chat.handle(now(), accepted, &mut rng)
            .expect("it was asked for");
        assert_eq!(chat.discarded(), Some(DiscardReason::BadPublicValue));
    }
}

#[test]
fn check_45_a_stored_chat_is_nobody_elses() {
    let pair = Pair::new(45);
    let identity = *pair.a.chat.identity();
    let others = [
        Identity {
            chat_id: 78,
            ..identity
        },
        Identity {
            access_hash: 0,
            ..identity
        },
        Identity {
            own_user_id: 3,
            ..identity
        },
        Identity {
            peer_user_id: 3,
            ..identity
        },
        Identity {
            is_originator: false,
            ..identity
        },
    ];
    for other in others {
        let restored = Chat::<Toy>::restore(Options::default(), &pair.a.stored, Some(&other));
        assert!(
            matches!(restored, Err(RestoreError::WrongChat { .. })),
            "{other:?}"
        );
    }
    let own = Chat::<Toy>::restore(Options::default(), &pair.a.stored, Some(&identity));
    assert_eq!(own.expect("it is its own").identity(), &identity);
}

#[test]
fn check_46_the_visualization_is_of_the_first_key_for_good() {
    let mut pair = Pair::new(46);
    let key = Forger::originator(46).key;
    let expected = [
        &sha1(&[key.as_bytes()])[..16],
        &sha256(&[key.as_bytes()])[..20],
    ]
    .concat();
    for n in 0..250 {
        pair.a.say(&n.to_string());
        pair.settle();
        for side in [&mut pair.a, &mut pair.b] {
            let shown = side.chat.visualization().expect("it is open");
            assert!(shown.bytes().eq(expected.iter().copied()));
        }
        pair.a.crash();
    }
    assert_ne!(pair.a.chat.key_fingerprint(), Some(key.id() as i64));
    let shown = pair.a.chat.visualization().expect("it is open");
    assert_eq!(shown.cells().count(), shown.side() * shown.side());
    assert!(shown.cells().all(|cell| cell < 4));
    let first = u8::from_str_radix(&shown.to_string()[..2], 16).expect("a number");
    assert_eq!(first, expected[0]);
    assert_eq!(shown.to_string().lines().count(), 4);
    assert_eq!(shown.cells().next(), Some(expected[0] & 3));
}

#[test]
fn check_46_below_layer_46_it_is_half_as_long_and_the_key_of_that_layer_completes_it() {
    let old = Options {
        local_layer: 45,
        initial_peer_layer: 17,
        rekey_messages: 5,
        ..Options::default()
    };
    let mut pair = Pair::with(46, old, old);
    pair.settle();
    for n in 0..10 {
        pair.a.say(&n.to_string());
        pair.settle();
    }
    let shown = pair.a.chat.visualization().expect("it is open");
    assert_eq!((shown.bytes().count(), shown.side()), (16, 8));
    assert_eq!(shown.cells().count(), 64);

    let fingerprint = pair.a.chat.key_fingerprint();
    assert_ne!(fingerprint, Some(Forger::originator(46).key.id() as i64));
    for side in [&mut pair.a, &mut pair.b] {
        side.options.local_layer = 144;
        side.crash();
    }
    pair.settle();
    let updated = pair.a.chat.visualization().expect("it is open");
    assert_eq!(updated.bytes().count(), 36);
    assert_eq!(pair.b.chat.visualization(), Some(updated));
    assert!(updated.bytes().take(16).eq(shown.bytes()));
}

#[test]
fn check_47_every_file_has_a_key_of_its_own() {
    let mut rng = ChaCha8Rng::seed_from_u64(47);
    let (one, two) = (FileKey::generate(&mut rng), FileKey::generate(&mut rng));
    assert_ne!(one, two);
    assert_ne!(one.fingerprint(), two.fingerprint());
    assert_eq!(one.check_fingerprint(one.fingerprint()), Ok(()));
    assert!(matches!(
        one.check_fingerprint(two.fingerprint()),
        Err(FileError::Fingerprint { .. })
    ));
    assert!(!format!("{one:?}").contains(&format!("{:?}", one.key)));
}

/// `md5(key + iv)`, worked out with `md5sum`, of 32 bytes 0 to 31 and 32 bytes 32 to 63: b2d3f56bc197fd985d5965079b5e7148.
#[test]
fn check_47_the_fingerprint_folds_the_md5_of_key_and_iv() {
    let bytes: Vec<u8> = (0..64).collect();
    let key = FileKey::from_message(&bytes[..32], &bytes[32..]).expect("32 bytes each");
    let folded = [0xb2 ^ 0xc1, 0xd3 ^ 0x97, 0xf5 ^ 0xfd, 0x6b ^ 0x98];
    assert_eq!(key.fingerprint().to_le_bytes(), folded);
}
