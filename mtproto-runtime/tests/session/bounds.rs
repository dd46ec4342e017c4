//! What a peer that knows the key can cost: memory, time and stack.

use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{Event, GzipError, InvokeOptions, RpcError, Session, SessionError};

use crate::support::*;

const MIB: usize = 1 << 20;

/// `gzip_packed` of a mebibyte of zeros, as a session makes it.
fn bomb() -> Vec<u8> {
    let mut client = client();
    let peer = Peer::of(&client);
    client
        .invoke_raw(vec![0; MIB], InvokeOptions::default())
        .unwrap();
    let sent = peer.messages(&mut client, NOW).pop().unwrap();
    assert_eq!(sent.id(), 0x3072_cfa1);
    assert!(sent.body.len() < 8 << 10);
    sent.body
}

#[test]
fn all_compressed_objects_of_a_packet_have_one_limit() {
    let bomb = bomb();
    let mut damaged = bomb.clone();
    let at = damaged.len() - 8; // within the checksum and the length
    damaged[at] ^= 1;
    // So far the objects of a packet may go; what is damaged counts as far as it was decompressed.
    for (first, read) in [(&bomb, 3), (&damaged, 2)] {
        for is_client in [true, false] {
            let mut config = quiet();
            config.max_unpacked_bytes = 3 * MIB + 100;
            let (mut session, mut peer) = match is_client {
                true => {
                    let client = client_with(config);
                    let peer = Peer::of(&client);
                    (client, peer)
                }
                false => {
                    let server = server_with(config);
                    let peer = Peer::client_of(&server);
                    (server, peer)
                }
            };
            let bits = if is_client { 3 } else { 0 };
            for _ in 0..2 {
                let messages: Vec<Message> = [first]
                    .into_iter()
                    .chain([&bomb; 5])
                    .map(|body| peer.message(NOW, bits, true, body.clone()))
                    .collect();
                let packet = peer.message(NOW, bits, false, container(&messages));
                peer.send(&mut session, NOW, &packet).unwrap();
                let told = events(&mut session);
                let is_read =
                    |event: &&Event| matches!(event, Event::Update { .. } | Event::Call { .. });
                assert_eq!(told.iter().filter(is_read).count(), read);
                let is_refused = |event: &&Event| {
                    let Event::Discarded { error } = event else {
                        return false;
                    };
                    matches!(
                        error,
                        SessionError::Gzip {
                            error: GzipError::TooLong { .. },
                            ..
                        }
                    )
                };
                assert_eq!(told.iter().filter(is_refused).count(), 3);
                // What runs there is answered, to leave room.
                for event in told {
                    if let Event::Call { msg_id, .. } = event {
                        session.respond(msg_id, object(1)).unwrap();
                    }
                }
                packets(&mut session, NOW);
            }
        }
    }
}

/// A client that calls, a server that answers and can't send.
#[test]
fn a_server_takes_no_calls_while_it_has_answers_to_send() {
    let mut config = quiet();
    config.max_pending = 4;
    let mut server = server_with(config);
    let mut peer = Peer::client_of(&server);
    for number in 0..4 {
        let call = peer.call(NOW, object(number));
        peer.send(&mut server, NOW, &call).unwrap();
        events(&mut server);
        server.respond(call.msg_id, object(number)).unwrap();
    }
    let call = peer.call(NOW, object(5));
    let mut packet = peer.packet(&call);
    let waiting = SessionError::CallsWaiting {
        unanswered: 0,
        unsent: 4,
    };
    assert_eq!(server.handle_input(NOW, &mut packet), Err(waiting));
    assert_eq!(server.pending().0, 4);
    packets(&mut server, NOW);
    assert_eq!(server.handle_input(NOW, &mut packet), Ok(()));
}

#[test]
fn as_many_old_answers_go_as_a_large_one_needs_room() {
    let mut config = quiet();
    config.max_pending_bytes = 1000;
    config.gzip_min_bytes = usize::MAX;
    let mut server = server_with(config);
    let mut peer = Peer::client_of(&server);
    for (number, len) in [100, 100, 100, 100, 100, 100, 100, 900, 900]
        .iter()
        .enumerate()
    {
        let call = peer.call(NOW, object(number as u32));
        peer.send(&mut server, NOW, &call).unwrap();
        events(&mut server);
        server.respond(call.msg_id, vec![1; *len]).unwrap();
        packets(&mut server, NOW);
        assert!(server.pending().1 <= 1000, "{:?}", server.pending());
    }
}

#[test]
fn a_client_that_can_t_send_bounds_what_it_asks_for() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    for _ in 0..3000 {
        let info = types::MsgNewDetailedInfo {
            answer_msg_id: peer.id(NOW, 3),
            bytes: 8,
            status: 0,
        };
        let info = peer.notice(NOW, boxed(&info));
        peer.send(&mut client, NOW, &info).unwrap();
        events(&mut client);
    }
    assert!(client.messages() < 1100, "{}", client.messages());
}

#[test]
fn a_server_without_a_connection_does_not_repeat_its_reminders() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let call = peer.call(NOW, object(1));
    peer.send(&mut server, NOW, &call).unwrap();
    events(&mut server);
    server.respond(call.msg_id, object(2)).unwrap();
    packets(&mut server, NOW);
    for minutes in 1..100 {
        server.handle_timeout(later(60 * minutes));
    }
    assert!(server.messages() < 8, "{}", server.messages());
}

/// Each comes after the one before, and the first fails: an answer that leads to the next, two hundred deep.
#[test]
fn a_row_of_calls_fails_without_a_stack_as_long() {
    let row = || {
        let mut server = server();
        let mut peer = Peer::client_of(&server);
        let first = peer.call(NOW, object(0));
        peer.send(&mut server, NOW, &first).unwrap();
        let mut before = first.msg_id;
        for number in 1..=200 {
            let mut body = 0xcb9f_372d_u32.to_le_bytes().to_vec();
            body.extend(before.to_le_bytes());
            body.extend(object(number));
            let call = peer.call(NOW, body);
            peer.send(&mut server, NOW, &call).unwrap();
            before = call.msg_id;
        }
        events(&mut server);
        let error = RpcError::new(400, "NO");
        server.respond_error(first.msg_id, &error).unwrap();
        assert_eq!(server.pending().0, 201);
        assert!(events(&mut server).is_empty(), "none was started");
    };
    let thread = std::thread::Builder::new().stack_size(96 << 10);
    thread.spawn(row).unwrap().join().unwrap();
}

#[test]
fn what_waits_for_others_is_bounded_in_bytes() {
    let mut config = quiet();
    config.max_unpacked_bytes = 10_000;
    let mut server = server_with(config);
    let mut peer = Peer::client_of(&server);
    for number in 0..20 {
        let mut body = 0xcb9f_372d_u32.to_le_bytes().to_vec();
        // It never comes.
        body.extend((peer.id(NOW, 0) + 4000).to_le_bytes());
        body.extend(object(number));
        body.resize(1000, 0);
        let call = peer.call(NOW, body);
        peer.send(&mut server, NOW, &call).unwrap();
    }
    // Those for which there was no room are told to come again.
    assert_eq!(server.pending().0, 10);
}

#[test]
fn containers_stay_within_what_peers_take_whatever_the_config_says() {
    for (max, most) in [(0, 1), (1, 1), (5000, 1020)] {
        let mut config = quiet();
        config.max_container_messages = max;
        let mut client = client_with(config);
        let peer = Peer::of(&client);
        for number in 0..1500 {
            client
                .invoke_raw(object(number), InvokeOptions::default())
                .unwrap();
        }
        let sent = peer.packets(&mut client, NOW);
        let longest = sent.iter().map(|packet| packet.messages().len()).max();
        assert_eq!(longest, Some(most), "{max}");
    }
}

/// A machine slept, and its monotonic clock with it: the server is two minutes ahead, and nothing says so.
#[test]
fn a_client_whose_clock_stood_still_finds_its_time_again() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let ahead = |secs: u64| later(120 + secs);
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let mut is_answered = false;
    for secs in 0..200 {
        let now = later(secs);
        client.handle_timeout(now);
        for message in peer.messages(&mut client, now) {
            if message.id() == 0x1234_5678 {
                let answer = peer.answer(ahead(secs), rpc_result(message.msg_id, &object(2)));
                let _ = peer.send(&mut client, now, &answer);
            }
        }
        is_answered |= events(&mut client)
            .iter()
            .any(|event| matches!(event, Event::Result { .. }) && event.handle() == Some(handle));
        if is_answered {
            let distance = client.server_time().since(ahead(secs));
            assert!(distance.as_secs() < 2, "{distance:?}");
            return;
        }
    }
    panic!("{client:?} waits for ever");
}

/// A session of an earlier run that the server has forgotten meanwhile: nobody knows what it did not tell.
#[test]
fn a_session_that_went_on_and_was_forgotten_has_a_gap() {
    let before = {
        let mut client = client();
        let _ = client.invoke_raw(object(1), InvokeOptions::default());
        packets(&mut client, NOW);
        client.export()
    };
    let gaps = |state: &mtproto_runtime::session::ClientState| {
        let mut client = Session::client(quiet(), key(), state, NOW, &mut rng(3));
        let mut peer = Peer::of(&client);
        let created = types::NewSessionCreated {
            first_msg_id: NOW.msg_id_bits() as i64,
            unique_id: 9,
            server_salt: SALT,
        };
        let created = peer.message(NOW, 3, true, boxed(&created));
        peer.send(&mut client, NOW, &created).unwrap();
        events(&mut client)
            .iter()
            .filter(|event| **event == Event::Gap)
            .count()
    };
    assert_eq!(gaps(&before), 1);
    let mut fresh = before.clone();
    fresh.session = None;
    assert_eq!(gaps(&fresh), 0, "a new session has missed nothing");
}
