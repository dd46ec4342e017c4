//! 38 to 40 and 48: sequence numbers.

use mtproto_runtime::schema::end_to_end::layer_17::types::DecryptedMessageActionResend;
use mtproto_runtime::secret_chat::{DiscardReason, DropReason, Input, Notice, Options};

use crate::support::{Action, Forger, Pair, service, text, text_of, wrapped};

/// A pair whose originator has sent its layer and is a forger from then on: its next message is number 1, and it has seen one
/// of ours.
fn forged(seed: u64) -> (Pair, Forger) {
    let mut pair = Pair::new(seed);
    pair.settle();
    pair.b.notices.clear();
    (pair, Forger::originator(seed))
}

#[test]
fn check_38_a_number_of_the_wrong_parity_ends_the_chat() {
    for (in_bit, out_bit) in [(1, 0), (0, -1), (1, -1)] {
        let (mut pair, forger) = forged(38);
        let [in_seq_no, out_seq_no] = forger.doubled(1, 1);
        let data = wrapped(
            144,
            in_seq_no + in_bit,
            out_seq_no + out_bit,
            &text("mirrored"),
        );
        pair.b.receive(&forger.v2(&data));
        assert_eq!(pair.b.discarded, Some(DiscardReason::WrongParity));
        assert_eq!(pair.b.texts(), [""; 0]);
        assert!(!pair.b.chat.is_open());
    }
}

#[test]
fn check_38_negative_numbers_end_the_chat() {
    let (mut pair, forger) = forged(38);
    let data = wrapped(144, i32::MIN, i32::MIN + 1, &text("negative"));
    pair.b.receive(&forger.v2(&data));
    assert_eq!(pair.b.discarded, Some(DiscardReason::WrongParity));
}

#[test]
fn check_39_a_repeated_message_is_dropped_unread() {
    let (mut pair, forger) = forged(39);
    let first = forger.numbered(144, 1, 1, &text("first"));
    pair.b.receive(&first);
    pair.b.receive(&first);
    // Not even contents that would end the chat are looked at.
    let resend = DecryptedMessageActionResend {
        start_seq_no: 7777,
        end_seq_no: 7777,
    };
    pair.b
        .receive(&forger.numbered(144, 1, 1, &service(&Action::Resend(resend))));
    assert_eq!(pair.b.texts(), ["first"]);
    let repeated = Notice::Dropped(DropReason::Repeated);
    assert_eq!(
        pair.b
            .notices
            .iter()
            .filter(|notice| **notice == repeated)
            .count(),
        2
    );
    assert_eq!(pair.b.discarded, None);
}

#[test]
fn check_39_a_gap_is_asked_for_once_and_closed_in_order() {
    let (mut pair, forger) = forged(39);
    for number in [3, 5, 4] {
        pair.b
            .receive(&forger.numbered(144, 1, number, &text(&number.to_string())));
    }
    assert_eq!(pair.b.texts(), [""; 0]);
    assert_eq!(pair.b.outbox.len(), 1, "one request");
    assert!(pair.b.outbox[0].is_service);
    for number in [2, 1] {
        pair.b
            .receive(&forger.numbered(144, 1, number, &text(&number.to_string())));
    }
    assert_eq!(pair.b.texts(), ["1", "2", "3", "4", "5"]);
    // The next gap is asked for again.
    pair.b.receive(&forger.numbered(144, 1, 7, &text("7")));
    assert_eq!(pair.b.outbox.len(), 2);
}

#[test]
fn check_39_a_gap_that_nobody_fills_is_asked_for_again_in_time() {
    let (mut pair, forger) = forged(39);
    pair.b.receive(&forger.numbered(144, 1, 3, &text("3")));
    assert_eq!(pair.b.outbox.len(), 1);
    let due = pair.b.chat.next_tick().expect("it waits");
    pair.b.handle(Input::Tick);
    assert_eq!(pair.b.outbox.len(), 1, "not yet");
    pair.b.now = due.as_secs();
    pair.b.handle(Input::Tick);
    assert_eq!(pair.b.outbox.len(), 2);
}

#[test]
fn check_39_behind_a_gap_waits_only_so_much() {
    // By their number, and by what they have: texts, and the files that the server adds.
    for (max_waiting, max_waiting_bytes, words, file) in [
        (3, 1 << 20, "", None),
        (1000, 10_000, &*"word ".repeat(600), None),
        (1000, 10_000, "", Some(&[1; 3000][..])),
    ] {
        let options = Options {
            max_waiting,
            max_waiting_bytes,
            ..Options::default()
        };
        let mut pair = Pair::with(39, Options::default(), options);
        pair.settle();
        let forger = Forger::originator(39);
        for number in 2..6 {
            assert_eq!(pair.b.discarded, None, "{number}");
            let data = &forger.numbered(144, 1, number, &text(words));
            pair.b.handle(Input::Encrypted { data, file, qts: 1 });
        }
        assert_eq!(pair.b.discarded, Some(DiscardReason::GapTooLarge));
    }
}

#[test]
fn check_39_a_request_for_messages_is_answered_at_once_and_once() {
    let (mut pair, forger) = forged(39);
    pair.b.say("missed");
    let random_id = pair.b.outbox.pop_front().expect("it is sent").random_id;
    // The chat's first message was its layer; this is number 1 of the acceptor.
    let [_, number] = Forger::acceptor(39).doubled(0, 1);
    let resend = DecryptedMessageActionResend {
        start_seq_no: number,
        end_seq_no: number,
    };
    let request = service(&Action::Resend(resend));
    // It is early itself.
    pair.b.receive(&forger.numbered(144, 1, 2, &request));
    let again = pair
        .b
        .outbox
        .iter()
        .filter(|sent| sent.random_id == random_id);
    assert_eq!(again.count(), 1, "at once");
    pair.b.receive(&forger.numbered(144, 1, 1, &text("1")));
    let again = pair
        .b
        .outbox
        .iter()
        .filter(|sent| sent.random_id == random_id);
    assert_eq!(again.count(), 1, "once");
    // A request in its place is answered as well.
    pair.b.receive(&forger.numbered(144, 1, 3, &request));
    let again = pair
        .b
        .outbox
        .iter()
        .filter(|sent| sent.random_id == random_id);
    assert_eq!(again.count(), 2);
}

#[test]
fn check_39_a_request_that_can_not_be_met_ends_the_chat() {
    // The acceptor has sent number 0, and the originator has confirmed it.
    let of_acceptor = |raw: i32| 2 * raw;
    for (start, end) in [
        (of_acceptor(0), of_acceptor(0)),
        (of_acceptor(1), of_acceptor(1)),
        (of_acceptor(1), of_acceptor(0)),
        (1, 1),
        (-2, -2),
        (0, i32::MAX - 1),
    ] {
        let (mut pair, forger) = forged(39);
        let resend = DecryptedMessageActionResend {
            start_seq_no: start,
            end_seq_no: end,
        };
        pair.b
            .receive(&forger.numbered(144, 1, 1, &service(&Action::Resend(resend))));
        let reason = Some(DiscardReason::ImpossibleResend);
        assert_eq!(pair.b.discarded, reason, "{start} to {end}");
    }
}

#[test]
fn check_40_in_seq_no_counts_what_was_sent_and_never_falls() {
    let (mut pair, forger) = forged(40);
    pair.b.say("second");
    pair.b
        .receive(&forger.numbered(144, 2, 1, &text("saw both")));
    assert_eq!(pair.b.discarded, None);
    pair.b
        .receive(&forger.numbered(144, 1, 2, &text("saw one")));
    assert_eq!(pair.b.discarded, Some(DiscardReason::WrongInSeqNo));

    for number in [1, 2] {
        let (mut pair, forger) = forged(40);
        pair.b
            .receive(&forger.numbered(144, 2, number, &text("saw what was not sent")));
        let reason = Some(DiscardReason::WrongInSeqNo);
        assert_eq!(pair.b.discarded, reason, "due or early");
    }
}

#[test]
fn check_40_messages_have_their_place_among_ours() {
    let (mut pair, forger) = forged(40);
    for n in 0..5 {
        pair.b.say(&n.to_string());
    }
    pair.b.receive(&forger.numbered(144, 3, 1, &text("yes")));
    assert_eq!(pair.b.delivered[0].after_ours, 3);
}

#[test]
fn check_40_the_layer_never_falls() {
    let (mut pair, forger) = forged(40);
    pair.b.receive(&forger.numbered(144, 1, 1, &text("new")));
    pair.b.receive(&forger.numbered(101, 1, 2, &text("old")));
    assert_eq!(pair.b.discarded, Some(DiscardReason::LayerFell));
}

#[test]
fn check_48_a_deleted_message_keeps_its_number_and_loses_its_contents() {
    let mut pair = Pair::new(48);
    pair.settle();
    let secret = pair.a.say("take this back");
    let kept = pair.a.say("and not this");
    // The server has lost the first of them.
    let lost = pair.a.outbox.pop_front().expect("it is sent");
    assert_eq!(lost.random_id, secret);
    pair.a.handle(Input::Delete {
        random_ids: &[secret],
    });
    let stored = pair.a.stored.clone();
    let contains = |needle: &[u8]| stored.windows(needle.len()).any(|part| part == needle);
    assert!(!contains(b"take this back"), "the contents are gone");
    assert!(contains(b"and not this"));
    pair.settle();
    let texts: Vec<_> = pair.b.delivered.iter().map(text_of).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].contains("DeleteMessages") && texts[0].contains(&secret.to_string()));
    assert_eq!(texts[1], "and not this");
    assert!(texts[2].contains("DeleteMessages") && texts[2].contains(&secret.to_string()));
    let _ = kept;
    assert_eq!((pair.a.discarded, pair.b.discarded), (None, None));
}

#[test]
fn what_waits_for_a_gap_is_bounded() {
    let (mut pair, forger) = forged(41);
    for number in 2.. {
        pair.b
            .receive(&forger.numbered(144, 1, number, &text("early")));
        if pair.b.discarded.is_some() {
            assert_eq!(number, 2 + 1000);
            break;
        }
    }
    assert_eq!(pair.b.discarded, Some(DiscardReason::GapTooLarge));
}
