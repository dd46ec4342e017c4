//! Checks 25, 26 and 28: how messages are sent, again, in order, and with which numbers.

use std::time::Duration;

use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{BadMsg, Event, InvokeOptions, SessionError};

use crate::support::*;

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
