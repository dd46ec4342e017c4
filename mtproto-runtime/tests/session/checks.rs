//! The checks of the security guidelines that are the session's, by their numbers in the project's list. Each test fails
//! when its check is taken out.

use std::time::Duration;

use mtproto_runtime::crypto::kdf::{self, Side};
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{BadMsg, EnvelopeError, Event, InvokeOptions, SessionError};
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

#[test]
fn check_19_msg_ids_have_the_parity_of_their_sender() {
    // A client refuses even ids: of updates, of answers, and inside of containers.
    let mut client = client();
    let mut peer = Peer::of(&client);
    client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let call = peer.messages(&mut client, NOW)[0].msg_id;
    for body in [object(2), rpc_result(call, &object(3))] {
        for bits in [0, 2] {
            let message = peer.message(NOW, bits, true, body.clone());
            let refused = peer.send(&mut client, NOW, &message);
            assert_eq!(
                refused,
                Err(SessionError::Parity {
                    msg_id: message.msg_id
                })
            );
            let inner = peer.message(NOW, bits, true, body.clone());
            let outer = peer.notice(NOW, container(&[inner]));
            let refused = peer.send(&mut client, NOW, &outer);
            assert_eq!(
                refused,
                Err(SessionError::Container {
                    msg_id: outer.msg_id
                })
            );
        }
    }
    assert_eq!(events(&mut client), []);
    // A server refuses what is not divisible by four.
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    for bits in [1, 2, 3] {
        let message = peer.message(NOW, bits, true, object(1));
        let refused = peer.send(&mut server, NOW, &message);
        let reason = BadMsg::MsgIdBits;
        assert_eq!(
            refused,
            Err(SessionError::Refused {
                msg_id: message.msg_id,
                reason
            })
        );
        let inner = peer.message(NOW, bits, true, object(1));
        let outer = peer.message(NOW, 0, false, container(&[inner]));
        let refused = peer.send(&mut server, NOW, &outer);
        let reason = BadMsg::Container;
        assert_eq!(
            refused,
            Err(SessionError::Refused {
                msg_id: outer.msg_id,
                reason
            })
        );
    }
    assert_eq!(events(&mut server), []);
}

#[test]
fn check_20_messages_are_accepted_for_300_seconds_and_30_ahead() {
    let mut client = client();
    let at = |offset: i64| UnixTime::from_secs((1_750_000_000 + offset) as u64);
    for (offset, is_accepted) in [(-302, false), (-299, true), (29, true), (32, false)] {
        let mut peer = Peer::of(&client);
        let update = peer.message(at(offset), 3, true, object(1));
        let outcome = peer.send(&mut client, NOW, &update);
        assert_eq!(outcome.is_ok(), is_accepted, "{offset}: {outcome:?}");
        assert_eq!(events(&mut client).len(), usize::from(is_accepted));
    }
    // Notices of a wrong salt or time are for clients whose time is wrong.
    for code in [48, 17] {
        let mut client = crate::support::client();
        let mut peer = Peer::of(&client);
        client
            .invoke_raw(object(1), InvokeOptions::default())
            .unwrap();
        let call = peer.messages(&mut client, NOW)[0].msg_id;
        let notice = match code {
            48 => boxed(&bad_server_salt(call, 99)),
            _ => boxed(&bad_msg(call, code)),
        };
        let notice = peer.notice(at(-4000), notice);
        assert_eq!(peer.send(&mut client, NOW, &notice), Ok(()));
        assert_eq!(
            peer.messages(&mut client, NOW).len(),
            if code == 17 { 2 } else { 1 }
        );
    }
    // While the time is not known it is no reason to refuse anything.
    let state = mtproto_runtime::session::ClientState::default();
    let mut client =
        mtproto_runtime::session::Session::client(quiet(), key(), &state, NOW, &mut rng(3));
    let mut peer = Peer::of(&client);
    let update = peer.message(at(-4000), 3, true, object(1));
    assert_eq!(peer.send(&mut client, NOW, &update), Ok(()));
}

#[test]
fn check_21_duplicates_and_ids_below_a_full_set_are_ignored() {
    let mut config = quiet();
    config.max_received_ids = 4;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    let early = peer.message(NOW, 3, true, object(0));
    let update = peer.message(NOW, 3, true, object(1));
    assert_eq!(peer.send(&mut client, NOW, &update), Ok(()));
    let duplicate = Err(SessionError::Duplicate {
        msg_id: update.msg_id,
    });
    assert_eq!(peer.send(&mut client, NOW, &update), duplicate);
    assert_eq!(events(&mut client).len(), 1);
    // Inside of a container as well.
    let outer = peer.notice(NOW, container(&[update.clone(), update]));
    assert_eq!(peer.send(&mut client, NOW, &outer), Ok(()));
    assert_eq!(events(&mut client), []);
    for number in 2..5 {
        let message = peer.message(NOW, 3, true, object(number));
        peer.send(&mut client, NOW, &message).unwrap();
    }
    assert_eq!(events(&mut client).len(), 3);
    let too_old = Err(SessionError::Duplicate {
        msg_id: early.msg_id,
    });
    assert_eq!(peer.send(&mut client, NOW, &early), too_old);
    let outer = peer.notice(NOW, container(&[early]));
    assert_eq!(peer.send(&mut client, NOW, &outer), Ok(()));
    let told = events(&mut client);
    assert!(matches!(told[..], [Event::Discarded { .. }]), "{told:?}");
}

#[test]
fn check_22_own_msg_ids_grow_and_tell_who_made_them() {
    let (mut client, mut server) = (client(), server());
    let (peer, servers_peer) = (Peer::of(&client), Peer::client_of(&server));
    let mut last = 0;
    // The clock goes back by an hour, and on again.
    for (round, now) in [NOW, NOW, UnixTime::from_secs(1_749_996_400), NOW, later(1)]
        .into_iter()
        .enumerate()
    {
        for number in 0..3 {
            client
                .invoke_raw(object(number), InvokeOptions::default())
                .unwrap();
        }
        let packet = peer.packets(&mut client, now).pop().unwrap();
        assert_eq!(packet.message.id(), MSG_CONTAINER);
        for message in packet.messages().into_iter().chain([packet.message]) {
            assert!(
                message.msg_id > last,
                "round {round}: {:x} after {last:x}",
                message.msg_id
            );
            assert_eq!(message.msg_id & 3, 0);
            assert_ne!(message.msg_id & 0xffff_ffff, 0, "no fraction of a second");
            last = message.msg_id;
        }
    }
    // A server's ids are 1 modulo 4 in answers, 3 in what it sends by itself.
    let mut caller = Peer::client_of(&server);
    let call = caller.call(NOW, object(1));
    caller.send(&mut server, NOW, &call).unwrap();
    server.respond(call.msg_id, object(2)).unwrap();
    server.send_update(object(3)).unwrap();
    let packet = servers_peer.packets(&mut server, NOW).pop().unwrap();
    assert_eq!(packet.message.msg_id & 3, 3);
    let mut last = 0;
    for message in packet.messages() {
        let bits = if message.id() == 0xf35c_6d01 { 1 } else { 3 };
        assert_eq!(message.msg_id & 3, bits, "{:08x}", message.id());
        assert!(message.msg_id > last && message.msg_id < packet.message.msg_id);
        last = message.msg_id;
    }
}

#[test]
fn check_23_notifications_count_only_for_own_messages() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let sent = peer.packets(&mut client, NOW).pop().unwrap();
    let foreign = sent.message.msg_id + 4;
    for notice in [
        boxed(&bad_server_salt(foreign, 99)),
        boxed(&bad_msg(foreign, 17)),
        boxed(&bad_msg(foreign, 32)),
    ] {
        let notice = peer.notice(later(4), notice);
        let refused = peer.send(&mut client, NOW, &notice);
        assert_eq!(
            refused,
            Err(SessionError::NotOurs {
                msg_id: notice.msg_id,
                about: foreign
            })
        );
    }
    assert_eq!(events(&mut client), []);
    client
        .invoke_raw(object(2), InvokeOptions::default())
        .unwrap();
    let next = peer.packets(&mut client, NOW).pop().unwrap();
    assert_eq!((next.salt, next.session_id), (SALT, sent.session_id));
    assert_eq!(next.messages().len(), 1);
    // One that was answered is no longer under way: a replayed notification does nothing.
    let answer = peer.answer(NOW, rpc_result(sent.message.msg_id, &object(3)));
    peer.send(&mut client, NOW, &answer).unwrap();
    let notice = peer.notice(NOW, boxed(&bad_server_salt(sent.message.msg_id, 99)));
    assert!(peer.send(&mut client, NOW, &notice).is_err());
}

#[test]
fn check_24_future_salts_must_answer_our_question() {
    let mut config = quiet();
    config.future_salts = 8;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    client.handle_timeout(NOW);
    client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let sent = peer.messages(&mut client, NOW);
    let question = sent
        .iter()
        .find(|message| message.id() == 0xb921_bd04)
        .unwrap()
        .msg_id;
    let call = sent
        .iter()
        .find(|message| message.id() == 0x1234_5678)
        .unwrap()
        .msg_id;
    let salts = |req_msg_id| {
        let now = NOW.as_secs() as i32;
        let salt = |salt: i64| types::FutureSalt {
            valid_since: now - 10 + salt as i32,
            valid_until: now + 3600,
            salt,
        };
        boxed(&types::FutureSalts {
            req_msg_id,
            now,
            salts: vec![salt(1), salt(2), salt(3)],
        })
    };
    for wrong in [question + 4, call] {
        let answer = peer.message(NOW, 1, false, salts(wrong));
        let refused = peer.send(&mut client, NOW, &answer);
        assert_eq!(
            refused,
            Err(SessionError::NotOurs {
                msg_id: answer.msg_id,
                about: wrong
            })
        );
    }
    client
        .invoke_raw(object(2), InvokeOptions::default())
        .unwrap();
    assert_eq!(peer.packets(&mut client, NOW)[0].salt, SALT);
    let answer = peer.message(NOW, 1, false, salts(question));
    assert_eq!(peer.send(&mut client, NOW, &answer), Ok(()));
    client
        .invoke_raw(object(3), InvokeOptions::default())
        .unwrap();
    assert_eq!(
        peer.packets(&mut client, NOW)[0].salt,
        SALT,
        "the youngest that holds"
    );
    client
        .invoke_raw(object(4), InvokeOptions::default())
        .unwrap();
    assert_eq!(peer.packets(&mut client, later(2000))[0].salt, 3);
}

#[test]
fn check_25_nothing_is_sent_again_under_its_msg_id_outside_of_a_container() {
    // A client takes a fresh id when a message was refused.
    let mut client = client();
    let mut peer = Peer::of(&client);
    client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let first = peer.messages(&mut client, NOW)[0].clone();
    let notice = peer.notice(NOW, boxed(&bad_server_salt(first.msg_id, 99)));
    peer.send(&mut client, NOW, &notice).unwrap();
    let second = peer.messages(&mut client, NOW)[0].clone();
    assert_eq!(second.body, first.body);
    assert!(second.msg_id > first.msg_id && second.seq_no > first.seq_no);
    // It asks for the state after a reconnect, and then takes a fresh id as well.
    client.reconnected(NOW);
    let asked = peer.messages(&mut client, NOW);
    assert_eq!(
        asked.iter().map(Message::id).collect::<Vec<_>>(),
        [0xda69_fb52]
    );
    let states = types::MsgsStateInfo {
        req_msg_id: asked[0].msg_id,
        info: vec![2],
    };
    let states = peer.notice(NOW, boxed(&states));
    peer.send(&mut client, NOW, &states).unwrap();
    let third = peer.messages(&mut client, NOW)[0].clone();
    assert_eq!(third.body, first.body);
    assert!(third.msg_id > second.msg_id);
    // A server sends its answer again under the same id, but in a container.
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let call = peer.call(NOW, object(1));
    peer.send(&mut server, NOW, &call).unwrap();
    server.respond(call.msg_id, object(2)).unwrap();
    let created = peer.messages(&mut server, NOW);
    server.reconnected(NOW);
    let again = peer.packets(&mut server, NOW).pop().unwrap();
    assert_eq!(again.message.id(), MSG_CONTAINER);
    assert_eq!(again.messages().len(), created.len());
    for message in again.messages() {
        assert!(created.contains(&message), "{message:?} is another one");
    }
    // Even if it is one message alone.
    let acks = types::MsgsAck {
        msg_ids: created[..1].iter().map(|message| message.msg_id).collect(),
    };
    let acks = peer.message(NOW, 0, false, boxed(&acks));
    peer.send(&mut server, NOW, &acks).unwrap();
    server.reconnected(NOW);
    let again = peer.packets(&mut server, NOW).pop().unwrap();
    assert_eq!(
        (again.message.id(), again.messages().len()),
        (MSG_CONTAINER, 1)
    );
}

#[test]
fn check_26_order_is_asked_for_by_invoke_after_msg_alone() {
    let mut client = client();
    let peer = Peer::of(&client);
    let free = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let mut options = InvokeOptions::default();
    options.after = vec![free];
    let second = client.invoke_raw(object(2), options.clone()).unwrap();
    options.after = vec![free, second];
    client.invoke_raw(object(3), options).unwrap();
    client
        .invoke_raw(object(4), InvokeOptions::default())
        .unwrap();
    let sent = peer.messages(&mut client, NOW);
    assert_eq!(sent[0].body, object(1));
    assert_eq!(id_of(&sent[1].body), 0xcb9f_372d);
    assert_eq!(long(&sent[1].body[4..]), sent[0].msg_id);
    assert_eq!(sent[1].body[12..], object(2));
    assert_eq!(id_of(&sent[2].body), 0x3dc4_b4f0);
    assert_eq!(int(&sent[2].body[8..]), 2);
    assert_eq!(long(&sent[2].body[12..]), sent[0].msg_id);
    assert_eq!(long(&sent[2].body[20..]), sent[1].msg_id);
    assert_eq!(sent[2].body[28..], object(3));
    assert_eq!(sent[3].body, object(4));
    // A server starts a call when those before it are answered, and not earlier, in whichever order they come.
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let first = peer.call(NOW, object(1));
    let mut after = 0xcb9f_372d_u32.to_le_bytes().to_vec();
    after.extend(first.msg_id.to_le_bytes());
    after.extend(object(2));
    let second = peer.call(NOW, after);
    peer.send(&mut server, NOW, &second).unwrap();
    peer.send(&mut server, NOW, &first).unwrap();
    let started = Event::Call {
        msg_id: first.msg_id,
        body: object(1),
    };
    assert_eq!(events(&mut server), [started]);
    server.respond(first.msg_id, object(9)).unwrap();
    let started = Event::Call {
        msg_id: second.msg_id,
        body: object(2),
    };
    assert_eq!(events(&mut server), [started]);
}

#[test]
fn check_27_transport_error_404_costs_no_permanent_key() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    packets(&mut client, NOW);
    let (before, session_id) = (client.key().clone(), client.session_id());
    client.handle_transport_error(NOW, -404);
    assert_eq!(events(&mut client), [Event::TransportError { code: 404 }]);
    assert!(*client.key() == before && client.session_id() == session_id);
    // The call is neither failed nor forgotten: after a reconnect it is asked for.
    client.reconnected(NOW);
    let asked = peer.messages(&mut client, NOW);
    let states = types::MsgsStateInfo {
        req_msg_id: asked[0].msg_id,
        info: vec![3],
    };
    let states = peer.notice(NOW, boxed(&states));
    peer.send(&mut client, NOW, &states).unwrap();
    let again = peer.messages(&mut client, NOW);
    let answer = peer.answer(NOW, rpc_result(again[0].msg_id, &object(2)));
    peer.send(&mut client, NOW, &answer).unwrap();
    assert_eq!(
        events(&mut client),
        [Event::Result {
            handle,
            body: object(2)
        }]
    );
}

#[test]
fn check_28_what_is_content_related() {
    let mut config = quiet();
    config.gzip_min_bytes = 64;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    let update = peer.message(NOW, 3, true, object(1));
    peer.send(&mut client, NOW, &update).unwrap();
    client
        .invoke_raw(object(2), InvokeOptions::default())
        .unwrap();
    let mut long_call = object(3);
    long_call.resize(4096, 0);
    client
        .invoke_raw(long_call, InvokeOptions::default())
        .unwrap();
    let packet = peer.packets(&mut client, NOW).pop().unwrap();
    let is_odd = |message: &Message| message.seq_no & 1 == 1;
    assert!(!is_odd(&packet.message), "a container");
    let relatedness: Vec<(u32, bool)> = packet
        .messages()
        .iter()
        .map(|message| (message.id(), is_odd(message)))
        .collect();
    // What gzip_packed stands for is a call here.
    assert_eq!(
        relatedness,
        [
            (0x62d6_b459, false),
            (0x1234_5678, true),
            (0x3072_cfa1, true)
        ]
    );
    // The numbers count content-related messages only.
    let seq_nos: Vec<i32> = packet
        .messages()
        .iter()
        .map(|message| message.seq_no)
        .collect();
    assert_eq!((seq_nos, packet.message.seq_no), (vec![0, 1, 3], 4));
    // A server holds clients to it.
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    for (content_related, body, reason) in [
        (true, container(&[]), BadMsg::SeqNoNotEven),
        (false, object(1), BadMsg::SeqNoNotOdd),
    ] {
        let message = peer.message(NOW, 0, content_related, body);
        let refused = peer.send(&mut server, NOW, &message);
        assert_eq!(
            refused,
            Err(SessionError::Refused {
                msg_id: message.msg_id,
                reason
            })
        );
    }
}

#[test]
fn clients_may_number_acknowledgments_as_content_related() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let acks = || boxed(&types::MsgsAck { msg_ids: vec![] });
    let alone = peer.message(NOW, 0, true, acks());
    assert_eq!(peer.send(&mut server, NOW, &alone), Ok(()));
    let messages = [
        peer.message(NOW, 0, true, acks()),
        peer.message(NOW, 0, true, object(1)),
    ];
    let outer = peer.message(NOW, 0, false, container(&messages));
    assert_eq!(peer.send(&mut server, NOW, &outer), Ok(()));
    let calls = events(&mut server)
        .into_iter()
        .filter(|event| matches!(event, Event::Call { .. }))
        .count();
    assert_eq!(calls, 1);
}

#[test]
fn check_29_containers_compression_and_nesting_are_bounded() {
    let mut config = quiet();
    config.max_unpacked_bytes = 4096;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    let update = |peer: &mut Peer| peer.message(NOW, 3, false, object(1));
    // Too many messages.
    let many: Vec<Message> = (0..1025).map(|_| update(&mut peer)).collect();
    let outer = peer.notice(NOW, container(&many));
    let refused = peer.send(&mut client, NOW, &outer);
    assert_eq!(
        refused,
        Err(SessionError::Container {
            msg_id: outer.msg_id
        })
    );
    let outer = peer.notice(NOW, container(&many[..1024]));
    assert_eq!(peer.send(&mut client, NOW, &outer), Ok(()));
    assert_eq!(events(&mut client).len(), 1024);
    // A container in a container.
    let inner = peer.notice(NOW, container(&[]));
    let outer = peer.notice(NOW, container(std::slice::from_ref(&inner)));
    let refused = peer.send(&mut client, NOW, &outer);
    assert_eq!(
        refused,
        Err(SessionError::Container {
            msg_id: outer.msg_id
        })
    );
    // A message whose id is not below that of the container, and lengths that lie.
    let mut above = update(&mut peer);
    above.msg_id += 1 << 32;
    let outer = peer.notice(NOW, container(&[above]));
    assert!(peer.send(&mut client, NOW, &outer).is_err());
    let mut lying = container(&[update(&mut peer)]);
    lying[20] = 200;
    let outer = peer.notice(NOW, lying);
    assert!(peer.send(&mut client, NOW, &outer).is_err());
    // Compressed twice, and compressed too well.
    let packed = boxed(&types::GzipPacked {
        packed_data: gzip(&object(2)),
    });
    let twice = boxed(&types::GzipPacked {
        packed_data: gzip(&packed),
    });
    let bomb = boxed(&types::GzipPacked {
        packed_data: gzip(&vec![0; 4100]),
    });
    for (body, is_accepted) in [(packed, true), (twice, false), (bomb, false)] {
        let message = peer.message(NOW, 3, true, body);
        assert_eq!(peer.send(&mut client, NOW, &message).is_ok(), is_accepted);
    }
    assert_eq!(events(&mut client).len(), 1);
    // What is sent keeps to the limits as well: 1020 messages, 1,044,000 bytes.
    for number in 0..1500 {
        client
            .invoke_raw(object(number), InvokeOptions::default())
            .unwrap();
    }
    let mut options = InvokeOptions::default();
    options.incompressible = true;
    for _ in 0..3 {
        client
            .invoke_raw(object(0).repeat(64 << 10), options.clone())
            .unwrap();
    }
    let packets = peer.packets(&mut client, NOW);
    assert!(packets.iter().all(|packet| packet.messages().len() <= 1020));
    assert!(
        packets
            .iter()
            .all(|packet| packet.message.body.len() <= 1_044_000)
    );
    assert_eq!(
        packets.iter().map(|packet| packet.messages().len()).max(),
        Some(1020)
    );
}

fn bad_server_salt(bad_msg_id: i64, new_server_salt: i64) -> types::BadServerSalt {
    types::BadServerSalt {
        bad_msg_id,
        bad_msg_seqno: 1,
        error_code: 48,
        new_server_salt,
    }
}

fn bad_msg(bad_msg_id: i64, error_code: i32) -> types::BadMsgNotification {
    types::BadMsgNotification {
        bad_msg_id,
        bad_msg_seqno: 1,
        error_code,
    }
}

/// gzip with blocks that are stored, not compressed.
fn gzip(data: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    packed.extend((data.len() as u16).to_le_bytes());
    packed.extend((!(data.len() as u16)).to_le_bytes());
    packed.extend(data);
    packed.extend(crc32(data).to_le_bytes());
    packed.extend((data.len() as u32).to_le_bytes());
    packed
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

use mtproto_runtime::time::UnixTime;

#[test]
fn an_update_of_a_long_silent_server_is_acknowledged_in_time() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let update = peer.message(NOW, 3, true, object(1));
    peer.send(&mut client, NOW, &update).unwrap();
    assert!(packets(&mut client, later(29)).is_empty());
    assert_eq!(client.poll_timeout(), Some(later(30)));
    let sent = peer.messages(&mut client, NOW.after(Duration::from_secs(30)));
    assert_eq!(
        sent[0].body,
        boxed(&types::MsgsAck {
            msg_ids: vec![update.msg_id]
        })
    );
}
