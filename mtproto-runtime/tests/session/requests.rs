//! Requests that the protocol itself answers.

use std::time::Duration;

use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::session::{Event, InvokeOptions, Session};

use crate::support::*;

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
