//! Messages about messages: states, copies, resending on demand, quick acknowledgments.

use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{Event, InvokeOptions, Version, envelope};

use crate::support::*;

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
