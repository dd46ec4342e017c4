//! Checks 12 and 16 to 18: what is authentic, how long it is, and whose it is.

use mtproto_runtime::crypto::kdf::{self, Side};
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{EnvelopeError, InvokeOptions, SessionError};
use mtproto_runtime::wire::Int128;

use crate::support::*;

const UNAUTHENTIC: Result<(), SessionError> =
    Err(SessionError::Envelope(EnvelopeError::Unauthentic));

#[test]
fn check_12_plaintext_is_rejected_when_there_is_a_key() {
    let mut client = client();
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    packets(&mut client, NOW);
    let mut plain = 0_i64.to_le_bytes().to_vec();
    let body = boxed(&types::ResPq {
        nonce: Int128([1; 16]),
        server_nonce: Int128([2; 16]),
        pq: vec![1; 8],
        server_public_key_fingerprints: vec![],
    });
    plain.extend((NOW.msg_id_bits() as i64 | 1).to_le_bytes());
    plain.extend((body.len() as i32).to_le_bytes());
    plain.extend(body);
    let refused = client.handle_input(NOW, &mut plain);
    assert_eq!(
        refused,
        Err(SessionError::Envelope(EnvelopeError::Plaintext))
    );
    assert_eq!(events(&mut client), []);
    // The session is as it was.
    assert!(client.cancel(handle));
}

#[test]
fn check_16_msg_key_is_compared_before_anything_is_parsed() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let message = peer.answer(NOW, object(1));
    // A msg_key that decrypts to a message which is right in all other respects.
    let plaintext = peer.plaintext(&message, 8, 24);
    let forged = peer.encrypt(plaintext.clone(), [3; 16]);
    assert_eq!(client.handle_input(NOW, &mut forged.clone()), UNAUTHENTIC);
    // The msg_key of the other direction, too.
    let reflected = kdf::msg_key(&peer.key, Side::Client, &plaintext);
    assert_eq!(
        client.handle_input(NOW, &mut peer.encrypt(plaintext.clone(), reflected)),
        UNAUTHENTIC
    );
    // Whatever else is wrong before the comparison is told in the same words: the length, the key, a changed byte.
    let good = peer.packet(&message);
    for len in [8, 16, 23, 24, 25, 39, 40, 55, good.len() - 1] {
        assert_eq!(
            client.handle_input(NOW, &mut good[..len].to_vec()),
            UNAUTHENTIC,
            "{len}"
        );
    }
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 0x10;
        assert_eq!(client.handle_input(NOW, &mut changed), UNAUTHENTIC, "{at}");
    }
    // A wrong length inside, too, as long as the msg_key is not that of the message.
    let bad_length = peer.plaintext(&message, -4, 24);
    assert_eq!(
        client.handle_input(NOW, &mut peer.encrypt(bad_length, [3; 16])),
        UNAUTHENTIC
    );
    assert_eq!(client.handle_input(NOW, &mut good.clone()), Ok(()));
}

#[test]
fn check_17_length_and_padding_are_within_bounds() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let mut give = |length: i32, padding: usize| {
        let message = peer.answer(NOW, object(1));
        match client.handle_input(NOW, &mut peer.packet_with(&message, length, padding)) {
            Err(SessionError::Envelope(error)) => Some(error),
            Ok(()) => None,
            Err(error) => panic!("{error}"),
        }
    };
    for length in [-1, -4, i32::MIN, 5, 6, 7, 36, i32::MAX] {
        let available = 8 + 24;
        assert_eq!(
            give(length, 24),
            Some(EnvelopeError::Length {
                found: length,
                available
            })
        );
    }
    // Padding of 8 and 1032 bytes is as near to the bounds as blocks allow with this body; shorter lengths get nearer.
    assert_eq!(give(8, 8), Some(EnvelopeError::Padding { found: 8 }));
    assert_eq!(give(8, 1032), Some(EnvelopeError::Padding { found: 1032 }));
    assert_eq!(give(4, 1016), None);
    assert_eq!(give(8, 24), None);
    assert_eq!(give(4, 8), None);
}

#[test]
fn check_18_messages_of_other_sessions_are_an_error() {
    for mut session in [client(), server()] {
        let mut peer = match session.side() {
            Side::Client => Peer::of(&session),
            Side::Server => Peer::client_of(&session),
        };
        peer.session_id ^= 1;
        let message = match session.side() {
            Side::Client => peer.answer(NOW, object(1)),
            Side::Server => peer.call(NOW, object(1)),
        };
        let refused = peer.send(&mut session, NOW, &message);
        assert!(
            matches!(refused, Err(SessionError::SessionId { .. })),
            "{refused:?}"
        );
        assert_eq!(events(&mut session), []);
    }
}
