//! Calls, answers and updates that get lost on their way: who asks for them, who sends them again.

use std::time::Duration;

use mtproto_runtime::schema::mtproto::functions;
use mtproto_runtime::session::{Event, InvokeOptions, Session};

use crate::support::*;

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
