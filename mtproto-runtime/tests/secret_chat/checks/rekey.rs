//! 41 to 44: new keys.

use mtproto_runtime::crypto::dh::DhSecret;
use mtproto_runtime::schema::end_to_end::layer_20::types::{
    DecryptedMessageActionAbortKey, DecryptedMessageActionCommitKey,
    DecryptedMessageActionRequestKey,
};
use mtproto_runtime::secret_chat::{Agreement, DiscardReason, DropReason, Input, Notice, Options};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::{Action, Forger, Pair, Toy, service, text};

const WEEK: u64 = 7 * 24 * 60 * 60;

#[test]
fn check_41_a_key_is_replaced_after_100_messages() {
    let mut pair = Pair::new(41);
    pair.settle();
    let first = pair.a.chat.key_fingerprint();
    // Both have sent their layer: two messages.
    for n in 0..98 {
        pair.a.say(&n.to_string());
        pair.settle();
    }
    assert_eq!(pair.a.chat.key_fingerprint(), first, "100 messages");
    pair.a.say("one more");
    pair.settle();
    assert_ne!(pair.a.chat.key_fingerprint(), first);
    assert_eq!(pair.a.chat.key_fingerprint(), pair.b.chat.key_fingerprint());
}

#[test]
fn check_41_a_key_is_replaced_after_a_week_if_it_was_used() {
    let mut pair = Pair::new(41);
    pair.settle();
    let first = pair.a.chat.key_fingerprint();
    assert_eq!(
        pair.a.chat.next_tick().map(|at| at.as_secs()),
        Some(pair.a.now + WEEK + 1)
    );
    pair.advance(WEEK);
    pair.a.handle(Input::Tick);
    pair.settle();
    assert_eq!(
        pair.a.chat.key_fingerprint(),
        first,
        "not longer than a week"
    );
    pair.advance(1);
    pair.a.handle(Input::Tick);
    pair.settle();
    let second = pair.a.chat.key_fingerprint();
    assert_ne!(second, first);

    // The originator has encrypted nothing under the new key, and lets it be.
    pair.advance(2 * WEEK);
    pair.a.handle(Input::Tick);
    assert_eq!(pair.a.outbox.len(), 0);
    assert_eq!(pair.a.chat.key_fingerprint(), second);
}

#[test]
fn check_41_one_exchange_at_a_time() {
    let options = Options {
        rekey_messages: 3,
        ..Options::default()
    };
    let mut pair = Pair::with(41, options, Options::default());
    pair.settle();
    for n in 0..20 {
        pair.a.say(&n.to_string());
    }
    // The peer has not answered: all but one of the messages are texts.
    assert_eq!(
        pair.a.outbox.iter().filter(|sent| sent.is_service).count(),
        1
    );
}

/// Both sides ask at the same time: each has a request of its own on the way when the other's comes.
fn crossing(seed: u64) -> Pair {
    let options = Options {
        rekey_messages: 4,
        ..Options::default()
    };
    let mut pair = Pair::with(seed, options, options);
    pair.settle();
    for n in 0..3 {
        pair.a.say(&n.to_string());
        pair.b.say(&n.to_string());
    }
    let requests = |sent: &std::collections::VecDeque<_>| {
        sent.iter()
            .filter(|sent: &&mtproto_runtime::secret_chat::Sending| sent.is_service)
            .count()
    };
    assert_eq!((requests(&pair.a.outbox), requests(&pair.b.outbox)), (1, 1));
    pair
}

#[test]
fn check_42_of_two_exchanges_that_cross_one_goes_on() {
    for seed in 0..40 {
        let mut pair = crossing(seed);
        let before = pair.a.chat.key_fingerprint();
        pair.settle();
        assert_eq!(pair.a.chat.key_fingerprint(), pair.b.chat.key_fingerprint());
        assert_ne!(pair.a.chat.key_fingerprint(), before, "seed {seed}");
        let aborted = |notices: &[Notice]| notices.contains(&Notice::RekeyAborted);
        assert!(
            !aborted(&pair.a.notices) && !aborted(&pair.b.notices),
            "silently"
        );
        let replaced = |notices: &[Notice]| {
            notices
                .iter()
                .filter(|notice| **notice == Notice::KeyReplaced)
                .count()
        };
        assert_eq!(
            (replaced(&pair.a.notices), replaced(&pair.b.notices)),
            (1, 1),
            "one of them"
        );
    }
}

#[test]
fn check_42_the_larger_id_wins_as_a_signed_number() {
    let options = Options {
        rekey_messages: 4,
        ..Options::default()
    };
    for (theirs, is_accepted) in [(i64::MIN, false), (i64::MAX, true)] {
        let mut pair = Pair::with(42, Options::default(), options);
        pair.settle();
        let forger = Forger::originator(42);
        for n in 0..3 {
            pair.b.say(&n.to_string());
        }
        assert_eq!(pair.b.outbox.len(), 4);
        pair.b
            .receive(&forger.numbered(144, 1, 1, &request_key(theirs)));
        let answers = pair.b.outbox.len() - 4;
        assert_eq!(answers, usize::from(is_accepted));
        if is_accepted {
            g_b_of(&pair.b.outbox[4].data, &forger);
        }
    }
}

#[test]
fn check_42_equal_exchanges_are_both_dropped_in_silence() {
    let options = Options {
        rekey_messages: 4,
        ..Options::default()
    };
    let seed = 42;
    let mut pair = Pair::with(seed, Options::default(), options);
    pair.settle();
    let forger = Forger::originator(seed);
    for n in 0..3 {
        pair.b.say(&n.to_string());
    }
    let request = pair.b.outbox.pop_back().expect("it asks");
    let own = exchange_id_of(&request.data, &forger).expect("a request");
    pair.b
        .receive(&forger.numbered(144, 1, 1, &request_key(own)));
    // Neither an answer nor an abort: the key is still worn, and another exchange is begun.
    assert_eq!(pair.b.outbox.len(), 4);
    let other = pair.b.outbox.pop_back().expect("it asks again");
    assert_ne!(
        exchange_id_of(&other.data, &forger).expect("a request"),
        own
    );
}

/// That of a request; none of another message.
fn exchange_id_of(data: &[u8], forger: &Forger) -> Option<i64> {
    use mtproto_runtime::crypto::{aes_ige, kdf};
    let msg_key = data[8..24].try_into().expect("16 bytes");
    let keys = kdf::message_keys(&forger.key, msg_key, kdf::Side::Server);
    let mut plaintext = data[24..].to_vec();
    aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).expect("whole blocks");
    let id = 0xf3c9_611b_u32.to_le_bytes();
    let at = plaintext.windows(4).position(|part| part == id)? + 4;
    plaintext[at..]
        .first_chunk()
        .copied()
        .map(i64::from_le_bytes)
}

fn secret() -> DhSecret {
    DhSecret::generate(&[], &mut ChaCha8Rng::seed_from_u64(99))
}

fn request_key(exchange_id: i64) -> Vec<u8> {
    let g_a = Toy.public(&secret()).to_vec();
    service(&Action::RequestKey(DecryptedMessageActionRequestKey {
        exchange_id,
        g_a,
    }))
}

fn commit_key(exchange_id: i64, key_fingerprint: i64) -> Vec<u8> {
    service(&Action::CommitKey(DecryptedMessageActionCommitKey {
        exchange_id,
        key_fingerprint,
    }))
}

/// The acceptor has answered a forged request: the key that both now know.
fn accepted(seed: u64) -> (Pair, Forger, Forger) {
    let mut pair = Pair::new(seed);
    pair.settle();
    let forger = Forger::originator(seed);
    pair.b.receive(&forger.numbered(144, 1, 1, &request_key(5)));
    let answer = pair.b.outbox.pop_back().expect("it is accepted");
    let g_b = g_b_of(&answer.data, &forger);
    let key = Toy.shared(&secret(), &g_b).expect("it is in range");
    let new = Forger {
        key,
        from_originator: true,
    };
    pair.b.notices.clear();
    (pair, forger, new)
}

fn g_b_of(data: &[u8], forger: &Forger) -> Vec<u8> {
    use mtproto_runtime::crypto::{aes_ige, kdf};
    let msg_key = data[8..24].try_into().expect("16 bytes");
    let keys = kdf::message_keys(&forger.key, msg_key, kdf::Side::Server);
    let mut plaintext = data[24..].to_vec();
    aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).expect("whole blocks");
    let id = 0x6fe1_735b_u32.to_le_bytes();
    let at = plaintext
        .windows(4)
        .position(|part| part == id)
        .expect("it is an answer")
        + 12;
    assert_eq!(plaintext[at..at + 4], [254, 0, 1, 0], "256 bytes");
    plaintext[at + 4..at + 4 + 256].to_vec()
}

#[test]
fn check_43_a_commit_switches_and_is_answered_by_a_noop() {
    let (mut pair, old, new) = accepted(43);
    let commit = commit_key(5, new.key.id() as i64);
    pair.b.receive(&old.numbered(144, 1, 2, &commit));
    assert_eq!(pair.b.chat.key_fingerprint(), Some(new.key.id() as i64));
    assert!(pair.b.notices.contains(&Notice::OldKeyErased));
    let noop = pair
        .b
        .outbox
        .pop_front()
        .expect("the peer must see the new key");
    assert_eq!(noop.data[..8], new.key.id().to_le_bytes());
    assert!(pair.b.outbox.is_empty());
    // The old key is gone.
    pair.b.receive(&old.numbered(144, 1, 3, &text("late")));
    assert!(
        pair.b
            .notices
            .contains(&Notice::Dropped(DropReason::UnknownKey))
    );
    pair.b.receive(&new.numbered(144, 1, 3, &text("new")));
    assert_eq!(pair.b.texts(), ["new"]);
}

#[test]
fn check_43_a_message_under_the_new_key_switches_too_and_gaps_keep_the_old_one() {
    let (mut pair, old, new) = accepted(43);
    // The commit, number 2, is missing; so is text 3, under the old key in this test.
    pair.b.receive(&new.numbered(144, 1, 4, &text("four")));
    assert_eq!(pair.b.chat.key_fingerprint(), Some(new.key.id() as i64));
    assert!(
        !pair.b.notices.contains(&Notice::OldKeyErased),
        "gaps are open"
    );
    let commit = commit_key(5, new.key.id() as i64);
    pair.b.receive(&old.numbered(144, 1, 2, &commit));
    assert!(!pair.b.notices.contains(&Notice::OldKeyErased));
    pair.b.receive(&old.numbered(144, 1, 3, &text("three")));
    assert_eq!(pair.b.texts(), ["three", "four"]);
    assert!(pair.b.notices.contains(&Notice::OldKeyErased));
}

#[test]
fn check_43_a_commit_of_another_key_ends_the_chat() {
    let (mut pair, old, _) = accepted(43);
    pair.b.receive(&old.numbered(144, 1, 2, &commit_key(5, 1)));
    assert_eq!(pair.b.discarded, Some(DiscardReason::WrongFingerprint));
}

#[test]
fn check_43_who_commits_keeps_the_old_key_until_the_peer_uses_the_new_one() {
    let options = Options {
        rekey_messages: 3,
        ..Options::default()
    };
    let mut pair = Pair::with(43, options, Options::default());
    pair.settle();
    pair.a.say("1");
    pair.a.say("2");
    let before = pair.a.chat.key_fingerprint();
    // To the acceptor, and its answer back.
    for sending in std::mem::take(&mut pair.a.outbox) {
        pair.b.receive(&sending.data);
    }
    pair.b.say("under the old key");
    pair.a.notices.clear();
    let sent: Vec<_> = std::mem::take(&mut pair.b.outbox).into();
    pair.a.receive(&sent[0].data);
    assert_ne!(pair.a.chat.key_fingerprint(), before, "committed");
    assert!(!pair.a.notices.contains(&Notice::OldKeyErased));
    pair.a.receive(&sent[1].data);
    assert_eq!(pair.a.texts(), ["under the old key"]);
    assert!(!pair.a.notices.contains(&Notice::OldKeyErased));
    pair.settle();
    assert!(pair.a.notices.contains(&Notice::OldKeyErased));
    assert_eq!(pair.a.chat.key_fingerprint(), pair.b.chat.key_fingerprint());
}

#[test]
fn check_44_an_accepted_exchange_is_not_left_for_another() {
    let (mut pair, old, new) = accepted(44);
    pair.b.receive(&old.numbered(144, 1, 2, &request_key(6)));
    let answer = pair.b.outbox.pop_back().expect("the other one is aborted");
    assert!(answer.is_service);
    let commit = commit_key(5, new.key.id() as i64);
    pair.b.receive(&old.numbered(144, 1, 3, &commit));
    assert_eq!(pair.b.chat.key_fingerprint(), Some(new.key.id() as i64));
}

#[test]
fn check_44_an_aborted_exchange_is_left_and_not_begun_again_at_once() {
    let options = Options {
        rekey_messages: 4,
        ..Options::default()
    };
    let mut pair = Pair::with(44, Options::default(), options);
    pair.settle();
    let forger = Forger::originator(44);
    for n in 0..3 {
        pair.b.say(&n.to_string());
    }
    let request = pair.b.outbox.back().expect("it asks");
    let exchange_id = exchange_id_of(&request.data, &forger).expect("a request");
    pair.b.outbox.clear();
    let abort = Action::AbortKey(DecryptedMessageActionAbortKey { exchange_id });
    pair.b
        .receive(&forger.numbered(144, 1, 1, &service(&abort)));
    assert!(pair.b.notices.contains(&Notice::RekeyAborted));
    pair.b.say("more");
    assert_eq!(pair.b.outbox.len(), 1, "no other exchange yet");
    pair.advance(60);
    pair.b.say("later");
    assert_eq!(pair.b.outbox.len(), 3, "and a request");
}

#[test]
fn a_bad_public_value_ends_the_chat() {
    for g_a in [vec![], vec![0; 256], vec![1; 8], vec![0xff; 256]] {
        let mut pair = Pair::new(45);
        pair.settle();
        let forger = Forger::originator(45);
        let exchange_id = 1;
        let request = DecryptedMessageActionRequestKey { exchange_id, g_a };
        pair.b
            .receive(&forger.numbered(144, 1, 1, &service(&Action::RequestKey(request))));
        assert_eq!(pair.b.discarded, Some(DiscardReason::BadPublicValue));
    }
}
