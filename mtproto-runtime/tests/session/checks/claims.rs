//! Checks 23, 24 and 27: what is said about messages, salts and keys counts only where it can be true.

use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{Event, InvokeOptions, SessionError};

use crate::support::*;

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
