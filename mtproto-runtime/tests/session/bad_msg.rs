//! Every code of `bad_msg_notification`, from both sides: what a client does about it, and what a server gives it for.

use mtproto_runtime::schema::mtproto::{functions, types};
use mtproto_runtime::session::{BadMsg, Event, Failure, InvokeOptions, Session, SessionError};
use mtproto_runtime::time::UnixTime;

use crate::support::*;

const DESTROY_SESSION: u32 = 0xe751_2126;
const MSG_COPY: u32 = 0xe060_46b2;

/// A client with calls under way, whose server refuses them.
struct Refused {
    client: Session,
    peer: Peer,
    sent: Packet,
}

impl Refused {
    fn after(bodies: &[Vec<u8>]) -> Self {
        let mut client = client();
        let peer = Peer::of(&client);
        for body in bodies {
            client
                .invoke_raw(body.clone(), InvokeOptions::default())
                .unwrap();
        }
        let sent = peer.packets(&mut client, NOW).pop().unwrap();
        Self { client, peer, sent }
    }

    /// The server's notification, at that time; returns what the client sends then.
    fn with(&mut self, code: i32, now: UnixTime) -> Vec<Packet> {
        let bad_msg_id = self.sent.message.msg_id;
        let bad_msg_seqno = self.sent.message.seq_no;
        let body = match code {
            48 => boxed(&types::BadServerSalt {
                bad_msg_id,
                bad_msg_seqno,
                error_code: code,
                new_server_salt: 99,
            }),
            _ => boxed(&types::BadMsgNotification {
                bad_msg_id,
                bad_msg_seqno,
                error_code: code,
            }),
        };
        let notice = self.peer.notice(now, body);
        assert_eq!(self.peer.send(&mut self.client, NOW, &notice), Ok(()));
        self.peer.packets(&mut self.client, NOW)
    }
}

fn secs_of(msg_id: i64) -> i64 {
    msg_id >> 32
}

#[test]
fn code_16_sets_the_clock_and_sends_under_an_id_of_that_time() {
    let mut refused = Refused::after(&[object(1)]);
    let again = refused.with(16, later(5000)).pop().unwrap();
    assert_eq!(again.message.body, object(1));
    assert_eq!(again.session_id, refused.sent.session_id);
    assert_eq!(secs_of(again.message.msg_id), later(5000).as_secs() as i64);
    assert!(
        events(&mut refused.client)
            .iter()
            .any(|event| matches!(event, Event::TimeSynchronised { .. }))
    );
}

#[test]
fn code_17_sets_the_clock_and_leaves_a_session_with_ids_ahead_of_time() {
    let mut refused = Refused::after(&[object(1)]);
    let past = UnixTime::from_secs(NOW.as_secs() - 5000);
    let again = refused.with(17, past).pop().unwrap();
    assert_ne!(again.session_id, refused.sent.session_id);
    let messages = again.messages();
    assert_eq!(
        messages.iter().map(Message::id).collect::<Vec<_>>(),
        [DESTROY_SESSION, 0x1234_5678]
    );
    assert_eq!(long(&messages[0].body[4..]), refused.sent.session_id);
    assert_eq!(secs_of(messages[1].msg_id), past.as_secs() as i64);
    let told = events(&mut refused.client);
    assert!(
        told.iter()
            .any(|event| matches!(event, Event::NewSession { .. })),
        "{told:?}"
    );
    assert!(told.contains(&Event::Gap));
    // A little ahead is no reason to leave: ids go on from where they are.
    let mut refused = Refused::after(&[object(1)]);
    let past = UnixTime::from_secs(NOW.as_secs() - 10);
    let again = refused.with(17, past).pop().unwrap();
    assert_eq!(again.session_id, refused.sent.session_id);
    assert!(again.message.msg_id > refused.sent.message.msg_id);
}

#[test]
fn codes_18_19_and_20_send_under_a_fresh_id() {
    for code in [18, 19, 20, 7] {
        let mut refused = Refused::after(&[object(1), object(2)]);
        let again = refused.with(code, NOW).pop().unwrap();
        assert_eq!(again.session_id, refused.sent.session_id);
        assert_eq!(again.salt, refused.sent.salt);
        let (before, after) = (refused.sent.messages(), again.messages());
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.body, after.body);
            assert!(after.msg_id > refused.sent.message.msg_id && after.seq_no > before.seq_no);
        }
        assert_eq!(after.len(), 2);
    }
}

#[test]
fn codes_32_and_33_go_on_in_a_new_session_from_seq_no_0() {
    for code in [32, 33] {
        let mut refused = Refused::after(&[object(1), object(2)]);
        let again = refused.with(code, NOW).pop().unwrap();
        assert_ne!(again.session_id, refused.sent.session_id);
        let seq_nos: Vec<i32> = again
            .messages()
            .iter()
            .map(|message| message.seq_no)
            .collect();
        assert_eq!((seq_nos, again.message.seq_no), (vec![1, 3, 5], 6));
        assert_eq!(
            again.messages()[1..]
                .iter()
                .map(|message| message.body.clone())
                .collect::<Vec<_>>(),
            [object(1), object(2)]
        );
    }
}

#[test]
fn codes_34_and_35_turn_the_seq_no_around() {
    let mut refused = Refused::after(&[object(1)]);
    let again = refused.with(34, NOW).pop().unwrap();
    assert_eq!(
        (refused.sent.message.seq_no & 1, again.message.seq_no & 1),
        (1, 0)
    );
    let mut client = client();
    let mut peer = Peer::of(&client);
    client.invoke(functions::Ping { ping_id: 3 }).unwrap();
    let sent = peer.messages(&mut client, NOW).pop().unwrap();
    let notice = types::BadMsgNotification {
        bad_msg_id: sent.msg_id,
        bad_msg_seqno: sent.seq_no,
        error_code: 35,
    };
    let notice = peer.notice(NOW, boxed(&notice));
    peer.send(&mut client, NOW, &notice).unwrap();
    let again = peer.messages(&mut client, NOW).pop().unwrap();
    assert_eq!((sent.seq_no & 1, again.seq_no & 1), (0, 1));
}

#[test]
fn code_48_sends_with_the_new_salt() {
    let mut refused = Refused::after(&[object(1), object(2)]);
    let again = refused.with(48, NOW).pop().unwrap();
    assert_eq!((refused.sent.salt, again.salt), (SALT, 99));
    assert_eq!(again.messages().len(), 2);
    assert!(again.messages()[0].msg_id > refused.sent.message.msg_id);
    assert_eq!(events(&mut refused.client), [Event::SaltsChanged]);
}

#[test]
fn code_64_sends_what_was_in_the_container_one_by_one() {
    let mut refused = Refused::after(&[object(1), object(2), object(3)]);
    assert_eq!(refused.sent.message.id(), MSG_CONTAINER);
    let again = refused.with(64, NOW);
    let bodies: Vec<Vec<u8>> = again
        .into_iter()
        .map(|packet| packet.message.body)
        .collect();
    assert_eq!(bodies, [object(1), object(2), object(3)]);
}

#[test]
fn a_call_that_is_refused_for_ever_fails() {
    for code in [16, 17, 18, 19, 20, 32, 33, 34, 35, 48, 64] {
        let mut config = quiet();
        config.max_attempts = 3;
        let mut client = client_with(config);
        let call = client
            .invoke_raw(object(1), InvokeOptions::default())
            .unwrap();
        let mut attempts = 0;
        let mut now = NOW;
        let failure = loop {
            let mut peer = Peer::of(&client);
            let sent = peer.messages(&mut client, now);
            let Some(sent) = sent.iter().find(|message| message.id() == 0x1234_5678) else {
                let told = events(&mut client);
                break told.into_iter().find(|event| event.handle() == Some(call));
            };
            attempts += 1;
            now = now.after(std::time::Duration::from_secs(1));
            // For code 17 the server's clock is further behind each time.
            let server_time = match code {
                17 => UnixTime::from_secs(NOW.as_secs() - 5000 * attempts),
                _ => now,
            };
            let notice = match code {
                48 => boxed(&types::BadServerSalt {
                    bad_msg_id: sent.msg_id,
                    bad_msg_seqno: sent.seq_no,
                    error_code: code,
                    new_server_salt: 99,
                }),
                _ => boxed(&types::BadMsgNotification {
                    bad_msg_id: sent.msg_id,
                    bad_msg_seqno: sent.seq_no,
                    error_code: code,
                }),
            };
            let notice = peer.notice(server_time, notice);
            assert_eq!(peer.send(&mut client, now, &notice), Ok(()));
        };
        let failure_of = Failure::Attempts {
            last: Some(BadMsg::from(code)),
        };
        assert_eq!(
            failure,
            Some(Event::Failed {
                handle: call,
                failure: failure_of
            }),
            "code {code}"
        );
        assert_eq!(attempts, 3);
    }
}

/// Gives a message to a server and returns the code it is refused with, after a look at the notification.
fn refusal(server: &mut Session, peer: &Peer, message: &Message) -> Option<i32> {
    let outcome = peer.send(server, NOW, message);
    let told = peer.messages(server, NOW);
    let Err(SessionError::Refused { msg_id, reason }) = outcome else {
        assert!(
            told.iter()
                .all(|message| !matches!(message.id(), 0xa7ef_f811 | 0xedab_447b))
        );
        return None;
    };
    assert_eq!(
        events(server),
        [],
        "nothing comes of a message that is refused"
    );
    let notice = told
        .iter()
        .find(|message| message.id() != 0x62d6_b459)
        .unwrap();
    assert_eq!(
        notice.id(),
        if reason == BadMsg::ServerSalt {
            0xedab_447b
        } else {
            0xa7ef_f811
        }
    );
    assert_eq!((notice.msg_id & 3, notice.seq_no & 1), (1, 0));
    assert_eq!(
        (long(&notice.body[4..]), int(&notice.body[12..])),
        (message.msg_id, message.seq_no)
    );
    assert_eq!(
        (msg_id, int(&notice.body[16..])),
        (message.msg_id, reason.code())
    );
    Some(reason.code())
}

#[test]
fn a_server_tells_16_and_17_to_clients_whose_time_is_wrong() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let past = UnixTime::from_secs(NOW.as_secs() - 302);
    let message = peer.call(past, object(1));
    assert_eq!(refusal(&mut server, &peer, &message), Some(16));
    let message = peer.call(later(32), object(1));
    assert_eq!(refusal(&mut server, &peer, &message), Some(17));
}

#[test]
fn a_server_tells_18_of_ids_that_no_client_makes() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    for bits in 1..4 {
        let message = peer.message(NOW, bits, true, object(1));
        assert_eq!(refusal(&mut server, &peer, &message), Some(18));
    }
}

#[test]
fn a_server_tells_19_of_a_container_with_the_id_of_a_message() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let inner = peer.call(NOW, object(2));
    let first = peer.call(NOW, object(1));
    assert_eq!(refusal(&mut server, &peer, &first), None);
    events(&mut server);
    let outer = Message {
        msg_id: first.msg_id,
        seq_no: 4,
        body: container(&[inner]),
    };
    assert_eq!(refusal(&mut server, &peer, &outer), Some(19));
}

#[test]
fn a_server_tells_20_of_what_is_older_than_all_it_remembers() {
    let mut config = quiet();
    config.max_received_ids = 4;
    let mut server = server_with(config);
    let mut peer = Peer::client_of(&server);
    let early = peer.call(NOW, object(0));
    for number in 1..6 {
        let message = peer.call(NOW, object(number));
        assert_eq!(refusal(&mut server, &peer, &message), None);
    }
    events(&mut server);
    assert_eq!(refusal(&mut server, &peer, &early), Some(20));
}

#[test]
fn a_server_tells_32_and_33_of_seq_nos_that_do_not_grow_with_ids() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let mut ids = || peer.id(NOW, 0);
    let [first, between, second, last] = [ids(), ids(), ids(), ids()];
    let with = |msg_id, seq_no| Message {
        msg_id,
        seq_no,
        body: object(1),
    };
    assert_eq!(refusal(&mut server, &peer, &with(first, 5)), None);
    assert_eq!(refusal(&mut server, &peer, &with(second, 9)), None);
    events(&mut server);
    for (msg_id, seq_no, code) in [
        (last, 7, 32),
        (last, 9, 32),
        (between, 3, 32),
        (between, 5, 32),
        (between, 9, 33),
        (between, 11, 33),
    ] {
        assert_eq!(
            refusal(&mut server, &peer, &with(msg_id, seq_no)),
            Some(code),
            "{seq_no}"
        );
        // In a container as well.
        let outer = Message {
            msg_id: last + 8,
            seq_no: 20,
            body: container(&[with(msg_id, seq_no)]),
        };
        assert_eq!(refusal(&mut server, &peer, &outer), Some(code), "{seq_no}");
    }
    assert_eq!(refusal(&mut server, &peer, &with(between, 7)), None);
    // Between the messages of one container, too.
    let outer = Message {
        msg_id: last + 12,
        seq_no: 20,
        body: container(&[with(last, 13), with(last + 4, 11)]),
    };
    events(&mut server);
    assert_eq!(refusal(&mut server, &peer, &outer), Some(32));
}

#[test]
fn a_server_tells_34_and_35_of_seq_nos_with_the_wrong_lowest_bit() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let copy = MSG_COPY.to_le_bytes().to_vec();
    let message = peer.message(NOW, 0, true, copy);
    assert_eq!(refusal(&mut server, &peer, &message), Some(34));
    let message = peer.message(NOW, 0, false, object(1));
    assert_eq!(refusal(&mut server, &peer, &message), Some(35));
}

#[test]
fn a_server_tells_48_and_the_salt_it_wants() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let right = std::mem::replace(&mut peer.salt, 0);
    let message = peer.call(NOW, object(1));
    assert_eq!(refusal(&mut server, &peer, &message), Some(48));
    assert!(peer.send(&mut server, NOW, &message).is_err());
    let notice = peer.messages(&mut server, NOW).pop().unwrap();
    assert_eq!(long(&notice.body[20..]), right);
    peer.salt = right;
    let message = peer.call(NOW, object(1));
    assert_eq!(refusal(&mut server, &peer, &message), None);
    // The salt of the period before is still accepted, and no longer.
    for (periods, is_accepted) in [(1, true), (2, false)] {
        let now = later(periods * SALT_PERIOD.as_secs());
        let message = peer.call(now, object(1));
        assert_eq!(
            peer.send(&mut server, now, &message).is_ok(),
            is_accepted,
            "{periods}"
        );
    }
}

#[test]
fn a_server_tells_64_of_containers_it_can_t_take() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let inner = peer.call(NOW, object(1));
    let nested = peer.message(NOW, 0, false, container(&[]));
    let odd_copy = Message {
        body: MSG_COPY.to_le_bytes().to_vec(),
        ..inner.clone()
    };
    let mut lying = container(std::slice::from_ref(&inner));
    lying[20] = 0xff;
    for body in [
        container(&[nested]),
        container(&[inner.clone(), inner.clone()]),
        container(&[odd_copy]),
        lying,
        container(&[])[..4].to_vec(),
    ] {
        let message = peer.message(NOW, 0, false, body);
        assert_eq!(refusal(&mut server, &peer, &message), Some(64));
    }
    // None of it was used: what was in it can still be sent.
    assert_eq!(refusal(&mut server, &peer, &inner), None);
}

/// What follows a notification in its container was sent in the session that it ends.
#[test]
fn nothing_of_a_session_that_was_left_reaches_the_next() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let call = peer.messages(&mut client, NOW).pop().unwrap();
    let before = peer.message(NOW, 3, true, object(2));
    let bad = types::BadMsgNotification {
        bad_msg_id: call.msg_id,
        bad_msg_seqno: call.seq_no,
        error_code: 32,
    };
    let bad = peer.notice(NOW, boxed(&bad));
    let after = peer.message(NOW, 3, true, object(3));
    let packet = peer.notice(NOW, container(&[before, bad, after]));
    peer.send(&mut client, NOW, &packet).unwrap();
    let updates: Vec<Vec<u8>> = events(&mut client)
        .into_iter()
        .filter_map(|event| match event {
            Event::Update { body, .. } => Some(body),
            _ => None,
        })
        .collect();
    assert_eq!(updates, [object(2)]);
    assert_ne!(client.session_id(), peer.session_id);
    // Nor is anything of it acknowledged there.
    peer.session_id = client.session_id();
    let sent = peer.messages(&mut client, later(60));
    assert!(sent.iter().all(|message| message.id() != 0x62d6_b459));
}
