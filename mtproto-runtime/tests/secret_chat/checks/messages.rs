//! 36, 37: encryption, and which protocol.

use mtproto_runtime::crypto::kdf::Side::{Client, Server};
use mtproto_runtime::crypto::{aes_ige, kdf};
use mtproto_runtime::secret_chat::{DropReason, Notice, Options};

use crate::support::{Forger, Pair, text, wrapped, wrapped_with};

fn last_drop(notices: &[Notice]) -> Option<DropReason> {
    notices.iter().rev().find_map(|notice| match notice {
        Notice::Dropped(reason) => Some(*reason),
        _ => None,
    })
}

fn opens(data: &[u8], key: &mtproto_runtime::AuthKey, side: kdf::Side) -> bool {
    let msg_key = data[8..24].try_into().expect("16 bytes");
    let keys = kdf::message_keys(key, msg_key, side);
    let mut plaintext = data[24..].to_vec();
    aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).expect("whole blocks");
    kdf::msg_key(key, side, &plaintext) == *msg_key
}

#[test]
fn check_36_x_is_0_for_the_originator_and_8_for_the_other() {
    let mut pair = Pair::new(36);
    let key = Forger::originator(36).key;
    pair.settle();
    pair.a.say("from the originator");
    pair.b.say("from the other");
    let (a, b) = (&pair.a.outbox[0].data, &pair.b.outbox[0].data);
    assert!(opens(a, &key, Client));
    assert!(!opens(a, &key, Server));
    assert!(opens(b, &key, Server));
    assert!(!opens(b, &key, Client));
}

#[test]
fn check_36_x_is_0_for_both_in_version_1() {
    let old = Options {
        local_layer: 66,
        ..Options::default()
    };
    let mut pair = Pair::with(36, old, old);
    let key = Forger::originator(36).key;
    pair.settle();
    pair.a.say("from the originator");
    pair.b.say("from the other");
    for side in [&pair.a, &pair.b] {
        let data = &side.outbox[0].data;
        let msg_key = data[8..24].try_into().expect("16 bytes");
        let keys = kdf::v1_message_keys(&key, msg_key, Client);
        let mut plaintext = data[24..].to_vec();
        aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).expect("whole blocks");
        let length = u32::from_le_bytes(*plaintext.first_chunk().expect("a length")) as usize;
        assert_eq!(kdf::v1_msg_key(&plaintext[..4 + length]), *msg_key);
        assert!(plaintext.len() - 4 - length < 16);
    }
}

/// Feeds the acceptor's chat with the message, and says why it was dropped.
fn dropped(pair: &mut Pair, data: &[u8]) -> Option<DropReason> {
    pair.b.notices.clear();
    pair.b.receive(data);
    assert_eq!(pair.b.discarded, None);
    last_drop(&pair.b.notices)
}

#[test]
fn check_37_every_flipped_bit_is_noticed() {
    let mut pair = Pair::new(37);
    let forger = Forger::originator(37);
    pair.settle();
    let data = forger.numbered(144, 1, 1, &text("whole"));
    for at in 0..data.len() {
        for bit in [0, 3, 7] {
            let mut flipped = data.clone();
            flipped[at] ^= 1 << bit;
            let expected = if at < 8 {
                DropReason::UnknownKey
            } else {
                DropReason::Unreadable
            };
            assert_eq!(dropped(&mut pair, &flipped), Some(expected), "byte {at}");
        }
    }
    for len in 0..data.len() {
        assert!(dropped(&mut pair, &data[..len]).is_some(), "{len} bytes");
    }
    assert_eq!(pair.b.texts(), [""; 0]);
    assert_eq!(dropped(&mut pair, &data), None);
    assert_eq!(pair.b.texts(), ["whole"]);
}

#[test]
fn check_37_padding_is_12_to_1024_bytes() {
    let mut pair = Pair::new(37);
    let forger = Forger::originator(37);
    pair.settle();
    let [in_seq_no, out_seq_no] = forger.doubled(1, 1);
    let data = wrapped(144, in_seq_no, out_seq_no, &text("padded"));
    let to_block = (16 - (4 + data.len()) % 16) % 16;
    let unreadable = Some(DropReason::Unreadable);
    let mut allowed = 0;
    for padding in (to_block..1100).step_by(16) {
        let is_allowed = (12..=1024).contains(&padding);
        if is_allowed {
            allowed += 1;
        } else {
            let sealed = forger.v2_with(data.len() as u32, &data, padding);
            assert_eq!(dropped(&mut pair, &sealed), unreadable, "{padding} bytes");
        }
    }
    assert!(allowed > 60);
    // A length that goes past the end, is negative, or is no whole number of words.
    for length in [data.len() as u32 + 2, 0x8000_0000, u32::MAX, 1 << 20, 0] {
        let sealed = forger.v2_with(length, &data, to_block + 16);
        let reason = dropped(&mut pair, &sealed);
        assert!(
            [unreadable, Some(DropReason::Malformed)].contains(&reason),
            "{length}: {reason:?}"
        );
    }
    let sealed = forger.v2_with(data.len() as u32, &data, to_block + 16);
    assert_eq!(dropped(&mut pair, &sealed), None);
}

#[test]
fn check_37_version_1_ends_with_the_first_message_of_version_2() {
    let old = Options {
        local_layer: 66,
        ..Options::default()
    };
    let mut pair = Pair::with(37, old, old);
    let forger = Forger::originator(37);
    pair.settle();
    let message = |out_seq: u32, content: &str| {
        let [in_seq_no, out_seq_no] = forger.doubled(1, out_seq);
        wrapped(66, in_seq_no, out_seq_no, &text(content))
    };
    assert_eq!(dropped(&mut pair, &forger.v1(&message(1, "one"))), None);
    // 15 bytes of padding at most.
    let padded = message(2, "two");
    let block = (16 - (4 + padded.len()) % 16) % 16 + 16;
    let unreadable = Some(DropReason::Unreadable);
    assert_eq!(
        dropped(&mut pair, &forger.v1_with(&padded, block)),
        unreadable
    );

    // A gap stays open below the first message of 2.0, which comes with number 3.
    assert_eq!(dropped(&mut pair, &forger.v2(&message(3, "three"))), None);
    let downgraded = Some(DropReason::Downgraded);
    assert_eq!(
        dropped(&mut pair, &forger.v1(&message(4, "four"))),
        downgraded
    );
    assert_eq!(dropped(&mut pair, &forger.v1(&message(2, "two"))), None);
    // The gap is closed: 1.0 is not even tried.
    assert_eq!(
        dropped(&mut pair, &forger.v1(&message(4, "four"))),
        unreadable
    );
    assert_eq!(dropped(&mut pair, &forger.v2(&message(4, "four"))), None);
    assert_eq!(pair.b.texts(), ["one", "two", "three", "four"]);
}

#[test]
fn check_37_a_message_of_layer_73_ends_version_1_too() {
    let mut pair = Pair::new(37);
    let forger = Forger::originator(37);
    let [in_seq_no, out_seq_no] = forger.doubled(0, 0);
    let first = wrapped(73, in_seq_no, out_seq_no, &text("one"));
    assert_eq!(dropped(&mut pair, &forger.v1(&first)), None);
    let [in_seq_no, out_seq_no] = forger.doubled(0, 1);
    let second = wrapped(73, in_seq_no, out_seq_no, &text("two"));
    assert_eq!(
        dropped(&mut pair, &forger.v1(&second)),
        Some(DropReason::Unreadable)
    );
}

#[test]
fn messages_with_fewer_than_15_random_bytes_are_ignored() {
    let mut pair = Pair::new(38);
    let forger = Forger::originator(38);
    pair.settle();
    let [in_seq_no, out_seq_no] = forger.doubled(1, 1);
    let message = |random: &[u8]| {
        forger.v2(&wrapped_with(
            random,
            144,
            in_seq_no,
            out_seq_no,
            &text("x"),
        ))
    };
    let malformed = Some(DropReason::Malformed);
    assert_eq!(dropped(&mut pair, &message(&[1; 14])), malformed);
    assert_eq!(dropped(&mut pair, &message(&[1; 15])), None);
}

#[test]
fn a_message_of_a_newer_layer_is_kept_for_an_update() {
    let mut pair = Pair::new(39);
    let forger = Forger::originator(39);
    pair.settle();
    let unknown = [&0x0123_4567_u32.to_le_bytes()[..], &[1; 12]].concat();
    pair.b.receive(&forger.numbered(200, 1, 1, &unknown));
    pair.b.receive(&forger.numbered(200, 1, 2, &text("known")));
    assert_eq!(pair.b.discarded, None);
    assert_eq!(pair.b.delivered.len(), 2);
    assert_eq!(pair.b.delivered[0].content[..], unknown[..]);
    assert_eq!(pair.b.delivered[0].layer, 200);
    assert!(pair.b.delivered[0].message().is_err());
    assert!(pair.b.delivered[1].message().is_ok());
    assert!(pair.b.notices.contains(&Notice::PeerLayer(200)));
    assert_eq!(pair.b.chat.layer(), 144);
}

#[test]
fn a_message_without_numbers_after_one_with_numbers_is_dropped() {
    let mut pair = Pair::new(40);
    let forger = Forger::originator(40);
    pair.settle();
    let sealed = forger.v2(&text("unnumbered"));
    assert_eq!(dropped(&mut pair, &sealed), Some(DropReason::Unnumbered));
    assert_eq!(pair.b.texts(), [""; 0]);
}
