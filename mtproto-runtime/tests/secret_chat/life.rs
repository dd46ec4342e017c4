//! Chats that go well.

use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::secret_chat::{Chat, DiscardReason, Effect, Identity, Input, Notice, Options};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::support::{Pair, START};

#[test]
fn two_users_talk() {
    let mut pair = Pair::new(1);
    pair.settle();
    assert_eq!(pair.a.chat.layer(), 144);
    assert_eq!(pair.a.chat.visualization(), pair.b.chat.visualization());
    for n in 0..5 {
        pair.a.say(&format!("a{n}"));
        pair.b.say(&format!("b{n}"));
    }
    pair.settle();
    assert_eq!(pair.b.texts(), ["a0", "a1", "a2", "a3", "a4"]);
    assert_eq!(pair.a.texts(), ["b0", "b1", "b2", "b3", "b4"]);
    assert_eq!((pair.a.discarded, pair.b.discarded), (None, None));
}

#[test]
fn keys_are_replaced_again_and_again() {
    let mut pair = Pair::new(2);
    let seen = pair.a.chat.visualization();
    let mut fingerprints = vec![pair.a.chat.key_fingerprint()];
    for n in 0..500 {
        pair.a.say(&n.to_string());
        pair.settle();
        assert_eq!(pair.a.chat.key_fingerprint(), pair.b.chat.key_fingerprint());
        if !fingerprints.contains(&pair.a.chat.key_fingerprint()) {
            fingerprints.push(pair.a.chat.key_fingerprint());
        }
    }
    assert!(
        (5..=6).contains(&fingerprints.len()),
        "{}",
        fingerprints.len()
    );
    assert_eq!(pair.b.texts().len(), 500);
    assert_eq!(pair.a.chat.visualization(), seen);
    let erased = |notices: &[Notice]| {
        notices
            .iter()
            .filter(|n| **n == Notice::OldKeyErased)
            .count()
    };
    assert_eq!(erased(&pair.a.notices), fingerprints.len() - 1);
    assert_eq!(erased(&pair.b.notices), fingerprints.len() - 1);
}

#[test]
fn every_pair_of_layers_understands_each_other() {
    for first in [8, 17, 20, 46, 66, 73, 101, 144] {
        for second in [8, 17, 20, 46, 66, 73, 101, 144] {
            for initial_peer_layer in [8, 46] {
                let options = |local_layer| Options {
                    local_layer,
                    initial_peer_layer,
                    ..Options::default()
                };
                if initial_peer_layer > first.min(second) {
                    continue;
                }
                let mut pair = Pair::with(3, options(first), options(second));
                pair.a.say("early");
                pair.settle();
                pair.b.say("late");
                pair.settle();
                assert_eq!(pair.a.chat.layer(), first.min(second));
                assert_eq!(pair.b.texts(), ["early"], "{first} {second}");
                assert_eq!(pair.a.texts(), ["late"]);
                assert_eq!((pair.a.discarded, pair.b.discarded), (None, None));
            }
        }
    }
}

#[test]
fn a_chat_goes_on_after_a_crash() {
    let mut pair = Pair::new(4);
    for n in 0..300 {
        pair.a.say(&format!("a{n}"));
        pair.b.say(&format!("b{n}"));
        if n % 7 == 0 {
            pair.a.crash();
        }
        if n % 11 == 0 {
            pair.b.crash();
        }
        pair.settle();
    }
    let expected = |name: &str| (0..300).map(|n| format!("{name}{n}")).collect::<Vec<_>>();
    assert_eq!(pair.b.texts(), expected("a"));
    assert_eq!(pair.a.texts(), expected("b"));
}

#[test]
fn an_updated_application_says_so() {
    let old = Options {
        local_layer: 46,
        ..Options::default()
    };
    let mut pair = Pair::with(5, old, Options::default());
    pair.settle();
    assert_eq!(pair.b.chat.layer(), 46);
    pair.a.options = Options::default();
    pair.a.crash();
    pair.settle();
    assert_eq!(pair.b.chat.layer(), 144);
    assert_eq!(pair.a.chat.layer(), 144);
}

/// The checks of the group and of public values are those of the handshake: 5 to 8 and 10.
#[test]
fn check_35_the_real_group_makes_the_same_key_on_both_sides() {
    let group = || {
        let prime = &TELEGRAM_DH_PRIME;
        DhGroup::check(prime, 3, &mut DhPrimeCache::default()).expect("a known prime")
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let options = Options::default();
    let (mut a, effects) = Chat::request(options, 1, 2, group(), &[7; 256], &mut rng);
    let [
        Effect::Persist(stored),
        Effect::RequestEncryption { g_a, .. },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    let restored = Chat::<DhGroup>::restore(options, stored.as_bytes(), Some(a.identity()));
    assert!(restored.is_ok());
    let identity = Identity {
        chat_id: 1,
        access_hash: 1,
        own_user_id: 2,
        peer_user_id: 1,
        is_originator: false,
    };
    let now = UnixTime::from_secs(START);
    let (mut b, _) = Chat::offered(options, identity, group(), &g_a[..]);
    let accept = Input::Accept { server_random: &[] };
    let effects = b.handle(now, accept, &mut rng).expect("it was offered");
    let Effect::AcceptEncryption {
        g_b,
        key_fingerprint,
    } = &effects[1]
    else {
        panic!("{effects:?}")
    };
    b.handle(now, Input::AcceptConfirmed, &mut rng)
        .expect("it was accepted");
    let accepted = Input::Accepted {
        g_b: &g_b[..],
        key_fingerprint: *key_fingerprint,
    };
    a.handle(now, accepted, &mut rng).expect("it was asked for");
    assert_eq!(a.key_fingerprint(), b.key_fingerprint());
    assert_eq!(a.visualization(), b.visualization());
    assert!(a.is_open() && b.is_open());

    // The prime less one, and what is too near to either end.
    let mut less_one = TELEGRAM_DH_PRIME;
    less_one[255] -= 1;
    let mut small = [0; 256];
    small[7] = 1;
    for g_a in [&less_one, &small, &[0; 256]] {
        let (mut chat, _) = Chat::offered(options, identity, group(), g_a);
        let accept = Input::Accept { server_random: &[] };
        chat.handle(now, accept, &mut rng).expect("it was offered");
        assert_eq!(chat.discarded(), Some(DiscardReason::BadPublicValue));
    }
}

#[test]
fn what_the_server_has_not_confirmed_is_sent_again_after_a_crash() {
    let mut pair = Pair::new(6);
    pair.settle();
    let random_id = pair.a.say("lost with the process");
    pair.a.crash();
    let again: Vec<_> = pair
        .a
        .outbox
        .iter()
        .map(|sending| sending.random_id)
        .collect();
    assert_eq!(again, [random_id]);
    pair.settle();
    assert_eq!(pair.b.texts(), ["lost with the process"]);
    pair.a.crash();
    assert!(pair.a.outbox.is_empty(), "the server has it");
}
