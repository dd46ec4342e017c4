//! Answers and updates that can't be had any more.

use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{Event, Failure, Handle, InvokeOptions, Session};

use crate::support::*;

const MSG_RESEND_ANS_REQ: u32 = 0x8610_baeb;

/// A client that remembers four messages, with a call whose answer went astray, and five updates since.
struct Late {
    client: Session,
    peer: Peer,
    call: Message,
    handle: Handle,
    answer: Message,
}

impl Late {
    fn new() -> Self {
        let mut config = quiet();
        config.max_received_ids = 4;
        let mut client = client_with(config);
        let mut peer = Peer::of(&client);
        let handle = client
            .invoke_raw(object(1), InvokeOptions::default())
            .unwrap();
        let call = peer.messages(&mut client, NOW).pop().unwrap();
        let answer = peer.answer(NOW, rpc_result(call.msg_id, &object(2)));
        for number in 0..5 {
            let update = peer.message(NOW, 3, true, object(number));
            peer.send(&mut client, NOW, &update).unwrap();
        }
        events(&mut client);
        Self {
            client,
            peer,
            call,
            handle,
            answer,
        }
    }

    /// What the client is sent, in a container, and what it tells then.
    fn get(&mut self, message: Message) -> Vec<Event> {
        let packet = self.peer.notice(NOW, container(&[message]));
        self.peer.send(&mut self.client, NOW, &packet).unwrap();
        let mut told = events(&mut self.client);
        told.retain(|event| !matches!(event, Event::Discarded { .. }));
        told
    }

    fn is_acknowledged(&mut self, msg_id: i64) -> bool {
        let sent = self.peer.messages(&mut self.client, later(60));
        let is_ack = |message: &&Message| message.id() == 0x62d6_b459;
        let acks = sent.iter().find(is_ack).unwrap();
        acks.body[12..].chunks_exact(8).any(|id| long(id) == msg_id)
    }

    fn lost(&self) -> Vec<Event> {
        vec![Event::Failed {
            handle: self.handle,
            failure: Failure::AnswerLost,
        }]
    }
}

#[test]
fn an_answer_that_comes_too_late_fails_its_call() {
    let mut late = Late::new();
    assert_eq!(late.get(late.answer.clone()), late.lost());
    assert!(late.is_acknowledged(late.answer.msg_id));
    assert_eq!(late.client.pending().0, 0);
    assert_eq!(late.get(late.answer.clone()), [], "it is not told twice");
}

#[test]
fn an_answer_of_which_is_told_too_late_fails_its_call() {
    let mut late = Late::new();
    let info = types::MsgDetailedInfo {
        msg_id: late.call.msg_id,
        answer_msg_id: late.answer.msg_id,
        bytes: 20,
        status: 0,
    };
    let info = late.peer.notice(NOW, boxed(&info));
    assert_eq!(late.get(info), late.lost());
    assert!(late.is_acknowledged(late.answer.msg_id));
}

#[test]
fn an_update_of_which_is_told_too_late_leaves_a_gap() {
    let mut late = Late::new();
    let info = types::MsgNewDetailedInfo {
        answer_msg_id: late.answer.msg_id | 3,
        bytes: 8,
        status: 0,
    };
    let info = late.peer.notice(NOW, boxed(&info));
    assert_eq!(late.get(info), [Event::Gap]);
    assert!(late.is_acknowledged(late.answer.msg_id | 3));
}

#[test]
fn an_old_message_that_answers_nothing_is_ignored() {
    let mut late = Late::new();
    let other = Message {
        body: rpc_result(late.call.msg_id - 4, &object(2)),
        ..late.answer.clone()
    };
    assert_eq!(late.get(other), []);
    let update = Message {
        body: object(7),
        ..late.answer.clone()
    };
    assert_eq!(late.get(update), []);
    assert_eq!(late.client.pending().0, 1, "the call goes on");
}

#[test]
fn an_answer_that_a_server_only_talks_of_is_not_asked_for_for_ever() {
    let mut config = quiet();
    config.max_attempts = 3;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    let handle = client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let call = peer.messages(&mut client, NOW).pop().unwrap();
    let mut requests = 0;
    for round in 0..10 {
        let now = later(round * 20);
        let states = types::MsgsAllInfo {
            msg_ids: vec![call.msg_id],
            info: vec![4 | 64],
        };
        let states = peer.notice(now, boxed(&states));
        peer.send(&mut client, now, &states).unwrap();
        let sent = peer.messages(&mut client, now);
        requests += sent
            .iter()
            .filter(|message| message.id() == MSG_RESEND_ANS_REQ)
            .count();
    }
    assert_eq!(requests, 3);
    let failures: Vec<Event> = events(&mut client)
        .into_iter()
        .filter(|event| matches!(event, Event::Failed { .. }))
        .collect();
    let failure = Failure::AnswerLost;
    assert_eq!(failures, [Event::Failed { handle, failure }]);
}
