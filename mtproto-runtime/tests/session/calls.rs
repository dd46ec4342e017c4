//! Calls and what surrounds them, with both sides and with one.

use std::time::Duration;

use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::session::{
    ClientState, Config, EnvelopeError, Event, Failure, GzipError, InvokeError, InvokeOptions,
    Remedy, RpcError, Session, SessionError, StateError, Version, envelope,
};

use crate::support::*;

/// A client and a server that have met.
fn pair() -> (Session, Session) {
    let mut client = client();
    let mut server = Session::server(
        quiet(),
        key(),
        client.session_id(),
        server_salts(),
        NOW,
        &mut rng(2),
    );
    let handle = client
        .invoke(functions::Ping { ping_id: 1 })
        .unwrap()
        .handle();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut client);
    assert!(
        told.iter()
            .any(|event| matches!(event, Event::Result { handle: of, .. } if *of == handle)),
        "{told:?}"
    );
    // The acknowledgment of new_session_created goes with the next message.
    client.invoke(functions::Ping { ping_id: 2 }).unwrap();
    exchange(&mut client, &mut server, NOW);
    events(&mut client);
    events(&mut server);
    (client, server)
}

fn the_call(server: &mut Session) -> (i64, Vec<u8>) {
    match &events(server)[..] {
        [Event::Call { msg_id, body }] => (*msg_id, body.clone()),
        told => panic!("{told:?}"),
    }
}

#[test]
fn typed_calls_decode_what_they_return() {
    let (mut client, mut server) = pair();
    let call = client.invoke(functions::Ping { ping_id: 42 }).unwrap();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut client);
    let [Event::Result { handle, body }] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(*handle, call.handle());
    let enums::Pong::Pong(pong) = call.decode(body).unwrap() else {
        panic!()
    };
    assert_eq!(pong.ping_id, 42);
    // A constructor that the schema does not have is an error of the decoding, not of the session.
    assert!(call.decode(&object(1)).is_err());
}

#[test]
fn an_answer_with_an_unknown_constructor_does_not_hurt() {
    let (mut client, mut server) = pair();
    let first = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    let (msg_id, _) = the_call(&mut server);
    let unknown = 0xdead_beef_u32.to_le_bytes().to_vec();
    server.respond(msg_id, unknown.clone()).unwrap();
    exchange(&mut client, &mut server, NOW);
    assert_eq!(
        events(&mut client),
        [Event::Result {
            handle: first,
            body: unknown
        }]
    );
    let second = client.invoke(functions::Ping { ping_id: 1 }).unwrap();
    exchange(&mut client, &mut server, NOW);
    assert_eq!(events(&mut client)[0].handle(), Some(second.handle()));
}

#[test]
fn errors_are_told_with_their_remedy() {
    let (mut client, mut server) = pair();
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    let (msg_id, _) = the_call(&mut server);
    let error = RpcError::new(420, "FLOOD_WAIT_31");
    server.respond_error(msg_id, &error).unwrap();
    assert_eq!(
        server.respond(msg_id, object(1)),
        Err(InvokeError::NoCall { msg_id })
    );
    exchange(&mut client, &mut server, NOW);
    assert_eq!(error.remedy(), Remedy::Wait(Duration::from_secs(31)));
    assert_eq!(events(&mut client), [Event::Error { handle, error }]);
}

#[test]
fn large_bodies_are_compressed_both_ways() {
    let (mut client, mut server) = pair();
    let mut body = object(1);
    body.resize(100_000, 7);
    let handle = client
        .invoke_raw(body.clone(), InvokeOptions::default())
        .unwrap();
    let mut packet = packets(&mut client, NOW).pop().unwrap();
    assert!(packet.len() < 2000, "{}", packet.len());
    server.handle_input(NOW, &mut packet).unwrap();
    let (msg_id, arrived) = the_call(&mut server);
    assert_eq!(arrived, body);
    server.respond(msg_id, body.clone()).unwrap();
    let mut packet = packets(&mut server, NOW).pop().unwrap();
    assert!(packet.len() < 2000, "{}", packet.len());
    client.handle_input(NOW, &mut packet).unwrap();
    assert_eq!(events(&mut client), [Event::Result { handle, body }]);
}

#[test]
fn a_result_that_can_t_be_decompressed_fails_its_call_alone() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let call = peer.messages(&mut client, NOW)[0].msg_id;
    let packed = boxed(&types::GzipPacked {
        packed_data: vec![0x1f; 40],
    });
    let answer = peer.answer(NOW, rpc_result(call, &packed));
    let refused = peer.send(&mut client, NOW, &answer);
    assert_eq!(
        refused,
        Err(SessionError::Gzip {
            msg_id: answer.msg_id,
            error: GzipError::Header
        })
    );
    assert_eq!(
        events(&mut client),
        [Event::Failed {
            handle,
            failure: Failure::Gzip
        }]
    );
}

#[test]
fn a_server_that_forgot_the_session_gets_the_calls_again() {
    let (mut client, mut server) = pair();
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    the_call(&mut server);
    // The server starts anew; the next message of the client makes it create the session.
    let mut server = Session::server(
        quiet(),
        key(),
        client.session_id(),
        server_salts(),
        NOW,
        &mut rng(7),
    );
    client.invoke(functions::Ping { ping_id: 1 }).unwrap();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut client);
    assert!(told.contains(&Event::Gap), "{told:?}");
    let (msg_id, body) = the_call(&mut server);
    assert_eq!(body, object(1));
    server.respond(msg_id, object(2)).unwrap();
    exchange(&mut client, &mut server, NOW);
    assert_eq!(
        events(&mut client),
        [Event::Result {
            handle,
            body: object(2)
        }]
    );
}

#[test]
fn a_lost_call_is_asked_after_and_sent_again() {
    let (mut client, mut server) = pair();
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    packets(&mut client, NOW);
    let at = client.poll_timeout().unwrap();
    assert_eq!(at, later(15));
    client.handle_timeout(at);
    exchange(&mut client, &mut server, at);
    let (msg_id, _) = the_call(&mut server);
    server.respond(msg_id, object(2)).unwrap();
    exchange(&mut client, &mut server, at);
    assert!(events(&mut client).contains(&Event::Result {
        handle,
        body: object(2)
    }));
}

#[test]
fn a_lost_answer_is_asked_for() {
    let (mut client, mut server) = pair();
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    let (msg_id, _) = the_call(&mut server);
    server.respond(msg_id, object(2)).unwrap();
    packets(&mut server, NOW);
    let at = client.poll_timeout().unwrap();
    client.handle_timeout(at);
    exchange(&mut client, &mut server, at);
    assert_eq!(events(&mut server), [], "it is not executed again");
    let told = events(&mut client);
    assert_eq!(
        told,
        [
            Event::Acknowledged { handle },
            Event::Result {
                handle,
                body: object(2)
            }
        ]
    );
}

#[test]
fn a_lost_update_is_announced_and_fetched() {
    let (mut client, mut server) = pair();
    let update = server.send_update(object(5)).unwrap();
    packets(&mut server, NOW);
    let at = server.poll_timeout().unwrap();
    server.handle_timeout(at);
    exchange(&mut client, &mut server, at);
    let told = events(&mut client);
    assert!(
        matches!(&told[..], [Event::Update { body, .. }] if *body == object(5)),
        "{told:?}"
    );
    exchange(&mut client, &mut server, at.after(Duration::from_secs(30)));
    assert_eq!(
        events(&mut server),
        [Event::Acknowledged { handle: update }]
    );
}

#[test]
fn a_repeated_call_gets_its_answer_again_and_is_not_executed() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    for (number, len) in [(1, 8), (2, 5000)] {
        let call = peer.call(NOW, object(number));
        peer.send(&mut server, NOW, &call).unwrap();
        the_call(&mut server);
        let noise: Vec<u8> = (0..len as u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        server.respond(call.msg_id, noise).unwrap();
        let answer = peer
            .messages(&mut server, NOW)
            .into_iter()
            .find(|message| message.id() == 0xf35c_6d01)
            .unwrap();
        // By itself, and in a container.
        let outer = peer.message(NOW, 0, false, container(std::slice::from_ref(&call)));
        for again in [call, outer] {
            let _ = peer.send(&mut server, NOW, &again);
            assert_eq!(events(&mut server), []);
            let sent = peer.packets(&mut server, NOW);
            let message = sent
                .iter()
                .flat_map(Packet::messages)
                .find(|message| message.id() != 0x62d6_b459)
                .unwrap();
            if len == 8 {
                // Under its id it must be in a container.
                assert_eq!((&message, sent[0].message.id()), (&answer, MSG_CONTAINER));
            } else {
                assert_eq!(message.id(), 0x276d_3ec6, "msg_detailed_info");
                assert_eq!(long(&message.body[12..]), answer.msg_id);
            }
        }
    }
}

#[test]
fn states_are_told_of_every_message() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let missing = peer.id(NOW, 0);
    let first = peer.call(NOW, object(1));
    let between = peer.id(NOW, 0);
    let second = peer.call(NOW, object(2));
    for call in [&first, &second] {
        peer.send(&mut server, NOW, call).unwrap();
    }
    server.respond(first.msg_id, object(3)).unwrap();
    let own = peer.messages(&mut server, NOW)[0].msg_id;
    let request = types::MsgsStateReq {
        msg_ids: vec![
            missing,
            first.msg_id,
            between,
            second.msg_id,
            second.msg_id + 400,
            own,
        ],
    };
    let request = peer.message(NOW, 0, false, boxed(&request));
    peer.send(&mut server, NOW, &request).unwrap();
    let told = peer.messages(&mut server, NOW).pop().unwrap();
    let info = types::MsgsStateInfo {
        req_msg_id: request.msg_id,
        info: vec![2, 4 | 32 | 64, 2, 4 | 32, 3, 1],
    };
    assert_eq!(told.body, boxed(&info));
    assert_eq!(told.seq_no & 1, 0);
}

#[test]
fn messages_are_sent_again_on_demand_and_states_told_of_those_that_are_gone() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let call = peer.call(NOW, object(1));
    peer.send(&mut server, NOW, &call).unwrap();
    server.respond(call.msg_id, object(3)).unwrap();
    let sent = peer.messages(&mut server, NOW);
    let ask = |peer: &mut Peer, msg_ids: Vec<i64>| {
        peer.message(NOW, 0, false, boxed(&types::MsgResendReq { msg_ids }))
    };
    let request = ask(&mut peer, vec![sent[0].msg_id, sent[1].msg_id]);
    peer.send(&mut server, NOW, &request).unwrap();
    let again = peer.packets(&mut server, NOW).pop().unwrap();
    assert_eq!(
        (again.message.id(), again.messages()),
        (MSG_CONTAINER, sent.clone())
    );
    let request = ask(&mut peer, vec![sent[0].msg_id, 77]);
    peer.send(&mut server, NOW, &request).unwrap();
    let told = peer.messages(&mut server, NOW);
    assert!(
        told.iter().any(|message| message.id() == 0x04de_b57d),
        "{told:?}"
    );
}

#[test]
fn voluntary_states_are_heeded() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let first = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    client
        .invoke_raw(object(2), InvokeOptions::default())
        .unwrap();
    let sent = peer.messages(&mut client, NOW);
    let info = types::MsgsAllInfo {
        msg_ids: sent.iter().map(|message| message.msg_id).collect(),
        info: vec![4 | 32, 2],
    };
    let info = peer.notice(NOW, boxed(&info));
    peer.send(&mut client, NOW, &info).unwrap();
    assert_eq!(events(&mut client), [Event::Acknowledged { handle: first }]);
    let again = peer.messages(&mut client, NOW);
    assert_eq!(
        again
            .iter()
            .map(|message| message.body.clone())
            .collect::<Vec<_>>(),
        [object(2)]
    );
}

#[test]
fn copies_are_read_as_what_they_copy_and_only_once() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let update = peer.message(NOW, 3, true, object(1));
    let copy = |peer: &mut Peer, of: &Message| {
        let mut body = 0xe060_46b2_u32.to_le_bytes().to_vec();
        body.extend(0x5bb8_e511_u32.to_le_bytes());
        body.extend(&container(std::slice::from_ref(of))[8..]);
        peer.notice(NOW, body)
    };
    for expected in [1, 0] {
        let copied = copy(&mut peer, &update);
        assert_eq!(peer.send(&mut client, NOW, &copied), Ok(()));
        assert_eq!(events(&mut client).len(), expected);
    }
    let twice = copy(&mut peer, &update);
    let twice = copy(&mut peer, &twice);
    assert!(peer.send(&mut client, NOW, &twice).is_err());
    let mut later_one = update;
    later_one.msg_id += 1 << 32;
    let above = copy(&mut peer, &later_one);
    assert!(peer.send(&mut client, NOW, &above).is_err());
}

#[test]
fn dropped_answers() {
    // While the call runs.
    let (mut client, mut server) = pair();
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    let (msg_id, _) = the_call(&mut server);
    assert!(client.cancel(handle) && !client.cancel(handle));
    exchange(&mut client, &mut server, NOW);
    assert_eq!(events(&mut server), [Event::Dropped { msg_id }]);
    server.respond(msg_id, object(2)).unwrap();
    exchange(&mut client, &mut server, NOW);
    assert_eq!(events(&mut client), [], "it was cancelled");
    // Before it was sent, there is nothing to drop.
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    assert!(client.cancel(handle));
    assert!(
        packets(&mut client, NOW)
            .iter()
            .all(|packet| packet.len() < 100)
    );
    // What a server says, by the state of the call: answered and not acknowledged, and unknown.
    let mut server = crate::support::server();
    let mut peer = Peer::client_of(&server);
    let call = peer.call(NOW, object(1));
    peer.send(&mut server, NOW, &call).unwrap();
    server.respond(call.msg_id, object(2)).unwrap();
    let answer = peer
        .messages(&mut server, NOW)
        .into_iter()
        .find(|message| message.id() == 0xf35c_6d01)
        .unwrap();
    for expected in [0xa43a_d8b7_u32, 0x5e2a_d36e] {
        let mut body = 0x58e4_a740_u32.to_le_bytes().to_vec();
        body.extend(call.msg_id.to_le_bytes());
        let request = peer.call(NOW, body);
        peer.send(&mut server, NOW, &request).unwrap();
        let told = peer.messages(&mut server, NOW).pop().unwrap();
        assert_eq!(
            (told.id(), long(&told.body[4..])),
            (0xf35c_6d01, request.msg_id)
        );
        assert_eq!(id_of(&told.body[12..]), expected);
        if expected == 0xa43a_d8b7 {
            assert_eq!(long(&told.body[16..]), answer.msg_id);
            assert_eq!(int(&told.body[28..]) as usize, answer.body.len());
        }
    }
}

#[test]
fn sessions_and_keys_are_destroyed_on_request() {
    let (mut client, mut server) = pair();
    let call = client
        .invoke(functions::DestroySession { session_id: 99 })
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut server);
    let [
        Event::DestroySession {
            msg_id,
            session_id: 99,
        },
    ] = told[..]
    else {
        panic!("{told:?}")
    };
    server
        .respond(msg_id, boxed(&types::DestroySessionNone { session_id: 99 }))
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut client);
    let [Event::Result { handle, body }] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(*handle, call.handle());
    assert!(matches!(
        call.decode(body),
        Ok(enums::DestroySessionRes::DestroySessionNone(_))
    ));

    let call = client.invoke(functions::DestroyAuthKey).unwrap();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut server);
    let [Event::DestroyAuthKey { msg_id }] = told[..] else {
        panic!("{told:?}")
    };
    server
        .respond(msg_id, 0xf660_e1d4_u32.to_le_bytes().to_vec())
        .unwrap();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut client);
    let [Event::Result { body, .. }] = &told[..] else {
        panic!("{told:?}")
    };
    assert!(matches!(
        call.decode(body),
        Ok(enums::DestroyAuthKeyRes::DestroyAuthKeyOk)
    ));
}

#[test]
fn pings_keep_the_connection_and_a_silent_client_loses_it() {
    let mut config = quiet();
    config.ping_interval = Some(Duration::from_secs(60));
    let mut client = client_with(config);
    let mut server = Session::server(
        quiet(),
        key(),
        client.session_id(),
        server_salts(),
        NOW,
        &mut rng(2),
    );
    let mut now = NOW;
    while now < later(125) {
        now = client.poll_timeout().unwrap();
        client.handle_timeout(now);
        server.handle_timeout(now);
        exchange(&mut client, &mut server, now);
    }
    assert!(!events(&mut server).contains(&Event::Disconnect));
    server.handle_timeout(now.after(Duration::from_secs(80)));
    assert!(events(&mut server).contains(&Event::Disconnect));
}

#[test]
fn a_server_that_says_nothing_is_reported_and_calls_are_sent_again() {
    let mut client = client();
    let peer = Peer::of(&client);
    client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let first = peer.messages(&mut client, NOW)[0].msg_id;
    let mut told = Vec::new();
    let mut sent = Vec::new();
    for _ in 0..4 {
        let now = client.poll_timeout().unwrap();
        client.handle_timeout(now);
        told.extend(events(&mut client));
        sent.extend(peer.messages(&mut client, now));
    }
    assert!(told.contains(&Event::Unresponsive), "{told:?}");
    assert!(
        sent.iter()
            .any(|message| message.body == object(1) && message.msg_id > first),
        "{sent:?}"
    );
}

#[test]
fn quick_acknowledgments() {
    let (mut client, mut server) = pair();
    let mut options = InvokeOptions::default();
    options.quick_ack = true;
    let handle = client.invoke_raw(object(1), options).unwrap();
    let mut packet = Vec::new();
    let token = client
        .poll_transmit(NOW, &mut packet)
        .unwrap()
        .quick_ack_token
        .unwrap();
    assert_eq!(token >> 31, 1);
    let opened = envelope::open(&key(), Side::Client, Version::V2, &mut packet).unwrap();
    assert_eq!(opened.quick_ack_token(&key(), Side::Client), token);
    server.handle_message(NOW, &opened).unwrap();
    assert!(client.handle_quick_ack(token));
    assert_eq!(events(&mut client), [Event::Acknowledged { handle }]);
    assert!(!client.handle_quick_ack(token));
}

#[test]
fn http_wait_reaches_the_server() {
    let (mut client, mut server) = pair();
    client.http_wait(1, 2, 25_000);
    exchange(&mut client, &mut server, NOW);
    let wait = Event::HttpWait {
        max_delay: 1,
        wait_after: 2,
        max_wait: 25_000,
    };
    assert_eq!(events(&mut server), [wait]);
}

#[test]
fn future_salts_keep_calls_from_being_refused() {
    let mut config = quiet();
    config.future_salts = 8;
    let mut client = client_with(config);
    let mut server = Session::server(
        quiet(),
        key(),
        client.session_id(),
        server_salts(),
        NOW,
        &mut rng(2),
    );
    client.handle_timeout(NOW);
    let refused = exchange(&mut client, &mut server, NOW);
    assert_eq!(
        refused.len(),
        1,
        "the salt of the handshake is another one here: {refused:?}"
    );
    // A day of calls, across dozens of salts: none is refused, and the server is asked a few times only.
    let mut now = NOW;
    let mut questions = 0;
    while now < later(86_400) {
        now = client
            .poll_timeout()
            .map_or(later(600), |at| at.max(now))
            .min(now.after(Duration::from_secs(600)));
        client.handle_timeout(now);
        client.invoke(functions::Ping { ping_id: 1 }).unwrap();
        assert_eq!(exchange(&mut client, &mut server, now), []);
        questions += events(&mut client)
            .iter()
            .filter(|event| **event == Event::SaltsChanged)
            .count();
        events(&mut server);
    }
    assert!((5..40).contains(&questions), "{questions}");
}

#[test]
fn a_client_goes_on_from_its_stored_state() {
    let (mut client, mut server) = pair();
    client.invoke(functions::Ping { ping_id: 1 }).unwrap();
    exchange(&mut client, &mut server, later(40));
    let bytes = client.export().to_bytes();
    let state = ClientState::from_bytes(&bytes).unwrap();
    assert_eq!(state, client.export());
    let mut resumed = Session::client(quiet(), key(), &state, later(50), &mut rng(9));
    assert_eq!(resumed.session_id(), client.session_id());
    resumed.invoke(functions::Ping { ping_id: 1 }).unwrap();
    assert_eq!(exchange(&mut resumed, &mut server, later(50)), []);
    assert!(
        events(&mut resumed)
            .iter()
            .any(|event| matches!(event, Event::Result { .. }))
    );
    // Ids that are ahead of time, because the clock was wrong when they were made, end with the session.
    let state = ClientState::from_bytes(&bytes).unwrap();
    let early = Session::client(
        quiet(),
        key(),
        &state,
        mtproto_runtime::time::UnixTime::from_secs(NOW.as_secs() - 9000),
        &mut rng(9),
    );
    assert_ne!(early.session_id(), client.session_id());
    // Damage is told.
    for len in 0..bytes.len() {
        assert!(ClientState::from_bytes(&bytes[..len]).is_err());
    }
    assert_eq!(
        ClientState::from_bytes(b"tlss\x02\0\0\0"),
        Err(StateError::Format { found: 2 })
    );
    assert_eq!(
        ClientState::from_bytes(b"else\x01\0\0\0"),
        Err(StateError::Magic)
    );
}

#[test]
fn the_queue_of_calls_is_bounded() {
    let mut config = quiet();
    config.max_pending = 10;
    config.max_pending_bytes = 1000;
    let mut client = client_with(config);
    for number in 0..10 {
        client
            .invoke_raw(object(number), InvokeOptions::default())
            .unwrap();
    }
    let full = client.invoke_raw(object(10), InvokeOptions::default());
    assert_eq!(
        full,
        Err(InvokeError::Full {
            pending: 10,
            bytes: 80
        })
    );
    let mut config = quiet();
    config.max_pending_bytes = 1000;
    let mut client = client_with(config);
    let mut options = InvokeOptions::default();
    options.incompressible = true;
    assert!(client.invoke_raw(vec![1; 996], options).is_ok());
    assert!(matches!(
        client.invoke_raw(object(1), InvokeOptions::default()),
        Err(InvokeError::Full { .. })
    ));
    assert_eq!(
        client.invoke_raw(vec![1; 7], InvokeOptions::default()),
        Err(InvokeError::NoObject { len: 7 })
    );
    assert_eq!(
        server().invoke_raw(object(1), InvokeOptions::default()),
        Err(InvokeError::WrongSide)
    );
    assert_eq!(client.send_update(object(1)), Err(InvokeError::WrongSide));
}

#[test]
fn what_the_session_says_by_itself_takes_no_room_from_calls() {
    let mut config = Config::default();
    config.max_pending = 4;
    config.max_pending_bytes = 100;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    // Updates are acknowledged, pings are sent and not answered, salts are asked for.
    for number in 0..200 {
        let now = later(number * 61);
        let update = peer.message(now, 3, true, object(1));
        peer.send(&mut client, now, &update).unwrap();
        client.handle_timeout(now);
        peer.messages(&mut client, now);
    }
    assert!(client.messages() > 4, "{client:?}");
    assert_eq!(client.pending(), (0, 0));
    for number in 1..=4 {
        client
            .invoke_raw(object(number), InvokeOptions::default())
            .unwrap();
    }
    assert_eq!(client.pending(), (4, 32));
    let full = client.invoke_raw(object(5), InvokeOptions::default());
    assert!(matches!(full, Err(InvokeError::Full { .. })));
}

#[test]
fn events_that_are_not_fetched_hold_packets_back_unharmed() {
    let mut config = quiet();
    config.max_events = 2;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    for number in 0..2 {
        let update = peer.message(NOW, 3, true, object(number));
        peer.send(&mut client, NOW, &update).unwrap();
    }
    let update = peer.message(NOW, 3, true, object(2));
    let mut packet = peer.packet(&update);
    let before = packet.clone();
    assert_eq!(
        client.handle_input(NOW, &mut packet),
        Err(SessionError::EventsWaiting { waiting: 2 })
    );
    assert_eq!(packet, before);
    assert_eq!(events(&mut client).len(), 2);
    assert_eq!(client.handle_input(NOW, &mut packet), Ok(()));
    // A server that does not answer is held back as well.
    let mut config = quiet();
    config.max_pending = 3;
    let mut server = server_with(config);
    let mut peer = Peer::client_of(&server);
    for number in 0..3 {
        let call = peer.call(NOW, object(number));
        peer.send(&mut server, NOW, &call).unwrap();
    }
    let call = peer.call(NOW, object(3));
    let refused = peer.send(&mut server, NOW, &call);
    assert_eq!(refused, Err(SessionError::CallsWaiting { unanswered: 3 }));
}

#[cfg(feature = "legacy")]
#[test]
fn mtproto_1_0_between_two_that_agree_on_it() {
    let mut client = client();
    let mut server = Session::server(
        quiet(),
        key(),
        client.session_id(),
        server_salts(),
        NOW,
        &mut rng(2),
    );
    client.set_version(Version::V1);
    server.set_version(Version::V1);
    let call = client.invoke(functions::Ping { ping_id: 1 }).unwrap();
    let packet = packets(&mut client, NOW).pop().unwrap();
    let opened = |version| {
        envelope::open(&key(), Side::Client, version, &mut packet.clone()).map(|_| version)
    };
    assert_eq!(opened(Version::V2), Err(EnvelopeError::Unauthentic));
    assert_eq!(opened(Version::V1), Ok(Version::V1));
    let _ = server.handle_input(NOW, &mut packet.clone());
    exchange(&mut client, &mut server, NOW);
    assert!(
        events(&mut client)
            .iter()
            .any(|event| event.handle() == Some(call.handle()))
    );
}

/// Whichever the client speaks, it gets its answer in that, and the same server serves the next connection in the other.
#[cfg(feature = "legacy")]
#[test]
fn a_server_finds_out_which_version_a_client_speaks() {
    for versions in [
        [Version::V1, Version::V2],
        [Version::V2, Version::V1],
        [Version::V1, Version::V1],
    ] {
        let mut config = quiet();
        config.allow_legacy = true;
        let mut client = client();
        let session_id = client.session_id();
        let salts = server_salts();
        let mut server = Session::server(config, key(), session_id, salts, NOW, &mut rng(2));
        for version in versions {
            server.reconnected(NOW);
            client.set_version(version);
            let call = client.invoke(functions::Ping { ping_id: 1 }).unwrap();
            exchange(&mut client, &mut server, NOW);
            let is_answered = events(&mut client)
                .iter()
                .any(|event| event.handle() == Some(call.handle()));
            assert!(is_answered, "{version:?} of {versions:?}");
        }
    }
}

/// What a server takes is for its owner to say, and within a connection nobody changes the version.
#[cfg(feature = "legacy")]
#[test]
fn mtproto_1_0_is_taken_only_where_it_is_allowed() {
    let unauthentic = Err(SessionError::Envelope(EnvelopeError::Unauthentic));
    let mut client = client();
    client.set_version(Version::V1);
    client.invoke(functions::Ping { ping_id: 1 }).unwrap();
    let packet = packets(&mut client, NOW).pop().unwrap();
    let session_id = client.session_id();
    let server =
        |config| Session::server(config, key(), session_id, server_salts(), NOW, &mut rng(2));
    assert_eq!(
        server(quiet()).handle_input(NOW, &mut packet.clone()),
        unauthentic
    );
    let mut config = quiet();
    config.allow_legacy = true;
    let mut server = server(config);
    let mut changed = packet.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(server.handle_input(NOW, &mut changed), unauthentic);
    client.set_version(Version::V2);
    client.invoke(functions::Ping { ping_id: 2 }).unwrap();
    let mut as_v2 = packets(&mut client, NOW).pop().unwrap();
    assert_ne!(server.handle_input(NOW, &mut as_v2), unauthentic);
    assert_eq!(server.handle_input(NOW, &mut packet.clone()), unauthentic);
}
