//! Temporary keys: checks 30 to 34, and what happens to calls while keys change.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::session::{
    BindEnvelope, ClientState, Event, Handle, InvokeError, InvokeOptions, MakeBinding, PfsSession,
    RpcError, SessionError,
};
use mtproto_runtime::time::UnixTime;

use crate::support::*;

const BIND: u32 = 0xcdd4_2a05;
const BOOL_TRUE: u32 = 0x9972_75b5;
const LIFETIME: Duration = Duration::from_secs(8000);

fn temporary_key(number: u8) -> AuthKey {
    AuthKey::new(std::array::from_fn(|at| at as u8 ^ number))
}

fn init_connection() -> Vec<u8> {
    [0xda9b_0d0d_u32, 230].map(u32::to_le_bytes).concat()
}

/// A client whose permanent key is so many seconds old.
fn session(permanent_key_age: u64) -> PfsSession {
    let created = UnixTime::from_secs(NOW.as_secs() - permanent_key_age);
    let mut session = PfsSession::new(quiet(), created, init_connection(), NOW);
    session.handle_timeout(NOW);
    assert_eq!(session.poll_event(), Some(Event::TemporaryKeyWanted));
    assert_eq!(
        session.invoke_raw(object(0), InvokeOptions::default()),
        Err(InvokeError::NoKey)
    );
    session
}

/// Gives a key to the session; returns its server, and where the calls that bind it were made.
fn give_key(
    session: &mut PfsSession,
    number: u8,
    now: UnixTime,
) -> (Peer, Arc<Mutex<Vec<BindEnvelope>>>) {
    let envelopes = Arc::new(Mutex::new(Vec::new()));
    let made = Arc::clone(&envelopes);
    let make: MakeBinding = Box::new(move |envelope, _| {
        made.lock().unwrap().push(envelope);
        let mut call = BIND.to_le_bytes().to_vec();
        call.extend(envelope.msg_id.to_le_bytes());
        call
    });
    let state = ClientState::from_handshake(SALT, 0, now);
    session.temporary_key(
        temporary_key(number),
        &state,
        LIFETIME,
        make,
        now,
        &mut rng(number.into()),
    );
    let mut peer = Peer::with_key(temporary_key(number));
    peer.salt = SALT;
    (peer, envelopes)
}

fn sent(session: &mut PfsSession, now: UnixTime) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    loop {
        let mut packet = Vec::new();
        if session.poll_transmit(now, &mut packet).is_none() {
            return packets;
        }
        packets.push(packet);
    }
}

/// The messages that went under the key of a peer, which learns the session by them.
fn messages(peer: &mut Peer, packets: &[Vec<u8>]) -> Vec<Message> {
    let of_key = packets
        .iter()
        .filter(|packet| long(packet) as u64 == peer.key.id());
    let packets: Vec<Packet> = of_key.map(|packet| peer.open(packet)).collect();
    if let Some(packet) = packets.last() {
        peer.session_id = packet.session_id;
    }
    packets.iter().flat_map(Packet::messages).collect()
}

fn answer(session: &mut PfsSession, peer: &mut Peer, now: UnixTime, msg_id: i64, result: &[u8]) {
    let answer = peer.answer(now, rpc_result(msg_id, result));
    session
        .handle_input(now, &mut peer.packet(&answer))
        .unwrap();
}

/// Binds the key that was given last.
fn bind(session: &mut PfsSession, peer: &mut Peer, now: UnixTime) {
    let packets = sent(session, now);
    let call = messages(peer, &packets)
        .into_iter()
        .find(|message| message.id() == BIND)
        .unwrap();
    answer(session, peer, now, call.msg_id, &BOOL_TRUE.to_le_bytes());
    let auth_key_id = peer.key.id();
    assert_eq!(
        session.poll_event(),
        Some(Event::TemporaryKeyBound { auth_key_id })
    );
}

fn events(session: &mut PfsSession) -> Vec<Event> {
    std::iter::from_fn(|| session.poll_event()).collect()
}

fn call(session: &mut PfsSession, number: u32) -> Handle {
    session
        .invoke_raw(object(number), InvokeOptions::default())
        .unwrap()
}

#[test]
fn check_30_nothing_goes_under_any_but_a_bound_temporary_key() {
    let mut session = session(1000);
    let (mut peer, _) = give_key(&mut session, 1, NOW);
    let handle = call(&mut session, 1);
    // Before the key is bound, it carries the call that binds it and no other.
    let packets = sent(&mut session, NOW);
    assert!(
        packets
            .iter()
            .all(|packet| long(packet) as u64 == temporary_key(1).id())
    );
    let before = messages(&mut peer, &packets);
    assert_eq!(before.iter().map(Message::id).collect::<Vec<_>>(), [BIND]);
    answer(
        &mut session,
        &mut peer,
        NOW,
        before[0].msg_id,
        &BOOL_TRUE.to_le_bytes(),
    );
    let packets = sent(&mut session, NOW);
    assert!(
        packets
            .iter()
            .all(|packet| long(packet) as u64 == temporary_key(1).id())
    );
    let after = messages(&mut peer, &packets).pop().unwrap();
    assert!(after.body.ends_with(&object(1)));
    answer(&mut session, &mut peer, NOW, after.msg_id, &object(2));
    assert!(events(&mut session).contains(&Event::Result {
        handle,
        body: object(2)
    }));
    // Packets under other keys, such as the permanent one, are no packets of it.
    let mut permanent = Peer::with_key(key());
    permanent.session_id = peer.session_id;
    let update = permanent.message(NOW, 3, true, object(3));
    assert!(
        session
            .handle_input(NOW, &mut permanent.packet(&update))
            .is_err()
    );
}

#[test]
fn check_31_the_binding_is_made_for_the_msg_id_it_is_sent_under() {
    let mut session = session(1000);
    let (mut peer, envelopes) = give_key(&mut session, 1, NOW);
    let packets = sent(&mut session, NOW);
    let first = messages(&mut peer, &packets).pop().unwrap();
    let made = |peer: &Peer, message: &Message| BindEnvelope {
        msg_id: message.msg_id,
        session_id: peer.session_id,
    };
    assert_eq!(*envelopes.lock().unwrap(), [made(&peer, &first)]);
    assert_eq!(long(&first.body[4..]), first.msg_id);
    // Sent again under a fresh id, it is made anew for that.
    let notice = mtproto_runtime::schema::mtproto::types::BadServerSalt {
        bad_msg_id: first.msg_id,
        bad_msg_seqno: first.seq_no,
        error_code: 48,
        new_server_salt: 99,
    };
    let notice = peer.notice(NOW, boxed(&notice));
    session
        .handle_input(NOW, &mut peer.packet(&notice))
        .unwrap();
    let packets = sent(&mut session, NOW);
    let second = messages(&mut peer, &packets).pop().unwrap();
    assert_ne!(second.msg_id, first.msg_id);
    assert_eq!(long(&second.body[4..]), second.msg_id);
    assert_eq!(
        *envelopes.lock().unwrap(),
        [made(&peer, &first), made(&peer, &second)]
    );
}

/// The binding of the handshake: its message, encrypted the way of MTProto 1.0 under the permanent key, holds for the msg_id
/// and session it is sent under, and for no other.
#[cfg(feature = "handshake")]
#[test]
fn check_31_the_binding_of_the_handshake_is_one_that_a_server_accepts() {
    use mtproto_runtime::handshake::bind_temp_key::{BindError, BindTempAuthKey, Envelope, verify};
    use mtproto_runtime::handshake::{PermanentKey, TemporaryKey};
    use mtproto_runtime::session::handshake_binding;

    let permanent = PermanentKey::from_storage([9; 256], UnixTime::from_secs(1));
    let temporary = TemporaryKey::new(temporary_key(1), NOW.after(LIFETIME));
    let mut session = session(1000);
    let state = ClientState::from_handshake(SALT, 0, NOW);
    let binding = handshake_binding(permanent.clone(), temporary.clone());
    session.temporary_key(
        temporary_key(1),
        &state,
        LIFETIME,
        binding,
        NOW,
        &mut rng(1),
    );
    let mut peer = Peer::with_key(temporary_key(1));
    let packets = sent(&mut session, NOW);
    let message = messages(&mut peer, &packets).pop().unwrap();
    let call: BindTempAuthKey = mtproto_runtime::wire::decode(&message.body).unwrap();
    let envelope = Envelope {
        msg_id: message.msg_id,
        session_id: peer.session_id,
    };
    assert_eq!(verify(&permanent, &temporary, envelope, &call, NOW), Ok(()));
    let other = Envelope {
        msg_id: message.msg_id + 4,
        ..envelope
    };
    let refused = verify(&permanent, &temporary, other, &call, NOW);
    assert!(
        matches!(refused, Err(BindError::MsgId { .. })),
        "{refused:?}"
    );
}

#[test]
fn check_32_the_connection_is_initialised_again_after_each_binding() {
    let mut session = session(1000);
    let mut now = NOW;
    for number in 1..3 {
        let (mut peer, _) = give_key(&mut session, number, now);
        bind(&mut session, &mut peer, now);
        // Until a call has a result, because any of them may be lost.
        for (call_number, is_initialised) in [(1, false), (2, false), (3, true)] {
            call(&mut session, call_number);
            let packets = sent(&mut session, now);
            let message = messages(&mut peer, &packets).pop().unwrap();
            let expected = match is_initialised {
                false => [init_connection(), object(call_number)].concat(),
                true => object(call_number),
            };
            assert_eq!(message.body, expected, "key {number}, call {call_number}");
            if call_number == 1 {
                let error = mtproto_runtime::schema::mtproto::types::RpcError {
                    error_code: 400,
                    error_message: "CONNECTION_LAYER_INVALID".into(),
                };
                answer(&mut session, &mut peer, now, message.msg_id, &boxed(&error));
            } else {
                answer(&mut session, &mut peer, now, message.msg_id, &object(9));
            }
        }
        events(&mut session);
        now = later(7900);
    }
}

#[test]
fn check_33_a_permanent_key_is_given_up_only_when_it_is_old_enough() {
    for (age, is_given_up) in [(59, false), (61, true)] {
        let mut session = session(age);
        let (mut peer, _) = give_key(&mut session, 1, NOW);
        let waiting = call(&mut session, 1);
        let packets = sent(&mut session, NOW);
        let binding = messages(&mut peer, &packets).pop().unwrap();
        let error = RpcError::new(400, "ENCRYPTED_MESSAGE_INVALID");
        let error = mtproto_runtime::schema::mtproto::types::RpcError {
            error_code: error.code,
            error_message: error.message,
        };
        answer(&mut session, &mut peer, NOW, binding.msg_id, &boxed(&error));
        assert_eq!(
            events(&mut session).contains(&Event::PermanentKeyInvalid),
            is_given_up
        );
        if is_given_up {
            continue;
        }
        // Otherwise it is tried again, and the call that waits is made then.
        let at = session.poll_timeout().unwrap();
        session.handle_timeout(at);
        assert_eq!(events(&mut session), [Event::TemporaryKeyWanted]);
        let (mut peer, _) = give_key(&mut session, 2, at);
        bind(&mut session, &mut peer, at);
        let packets = sent(&mut session, at);
        let message = messages(&mut peer, &packets).pop().unwrap();
        answer(&mut session, &mut peer, at, message.msg_id, &object(2));
        assert_eq!(
            events(&mut session),
            [Event::Result {
                handle: waiting,
                body: object(2)
            }]
        );
    }
}

#[test]
fn check_34_a_key_is_renewed_before_it_expires_and_calls_under_way_are_answered() {
    let mut session = session(1000);
    let (mut old, _) = give_key(&mut session, 1, NOW);
    bind(&mut session, &mut old, NOW);
    let mut now;
    loop {
        now = session.poll_timeout().expect("it will want a key");
        session.handle_timeout(now);
        if events(&mut session).contains(&Event::TemporaryKeyWanted) {
            break;
        }
    }
    assert!(now >= later(6000) && now < later(8000), "{now:?}");
    let under_way = call(&mut session, 1);
    let packets = sent(&mut session, now);
    let first = messages(&mut old, &packets).pop().unwrap();
    let (mut new, _) = give_key(&mut session, 2, now);
    // While the next key is being bound, the old one is used.
    let between = call(&mut session, 2);
    let packets = sent(&mut session, now);
    let second = messages(&mut old, &packets).pop().unwrap();
    let binding = messages(&mut new, &packets).pop().unwrap();
    answer(
        &mut session,
        &mut new,
        now,
        binding.msg_id,
        &BOOL_TRUE.to_le_bytes(),
    );
    // Then the new one is, while the old one gets its answers.
    let after = call(&mut session, 3);
    let mut options = InvokeOptions::default();
    options.after = vec![between];
    let ordered = session.invoke_raw(object(4), options).unwrap();
    let packets = sent(&mut session, now);
    let third = messages(&mut new, &packets).pop().unwrap();
    assert!(third.body.ends_with(&object(3)));
    let fourth = messages(&mut old, &packets).pop().unwrap();
    assert_eq!(
        id_of(&fourth.body),
        0xcb9f_372d,
        "order holds within a session alone"
    );
    answer(&mut session, &mut old, now, first.msg_id, &object(11));
    answer(&mut session, &mut old, now, second.msg_id, &object(12));
    answer(&mut session, &mut new, now, third.msg_id, &object(13));
    let results: Vec<Option<Handle>> = events(&mut session)
        .iter()
        .map(Event::handle)
        .filter(Option::is_some)
        .collect();
    assert_eq!(results, [under_way, between, after].map(Some));
    // What the old key leaves unanswered when it expires goes under the new one.
    while now < later(8000) {
        now = session.poll_timeout().unwrap();
        session.handle_timeout(now);
    }
    let packets = sent(&mut session, now);
    let again = messages(&mut new, &packets)
        .into_iter()
        .find(|message| message.body.ends_with(&object(4)))
        .unwrap();
    answer(&mut session, &mut new, now, again.msg_id, &object(14));
    assert!(events(&mut session).contains(&Event::Result {
        handle: ordered,
        body: object(14)
    }));
}

#[test]
fn a_temporary_key_that_the_server_lost_is_replaced() {
    let mut session = session(1000);
    let (mut old, _) = give_key(&mut session, 1, NOW);
    bind(&mut session, &mut old, NOW);
    let handle = call(&mut session, 1);
    sent(&mut session, NOW);
    session.handle_transport_error(NOW, -404);
    session.handle_timeout(NOW);
    let told = events(&mut session);
    assert_eq!(
        told,
        [
            Event::TransportError { code: 404 },
            Event::TemporaryKeyWanted
        ]
    );
    let (mut new, _) = give_key(&mut session, 2, NOW);
    bind(&mut session, &mut new, NOW);
    let packets = sent(&mut session, NOW);
    let again = messages(&mut new, &packets).pop().unwrap();
    answer(&mut session, &mut new, NOW, again.msg_id, &object(2));
    assert_eq!(
        events(&mut session),
        [Event::Result {
            handle,
            body: object(2)
        }]
    );
}

#[test]
fn events_that_are_not_fetched_hold_packets_back() {
    let mut config = quiet();
    config.max_events = 2;
    let created = UnixTime::from_secs(NOW.as_secs() - 1000);
    let mut session = PfsSession::new(config, created, init_connection(), NOW);
    session.handle_timeout(NOW);
    assert_eq!(events(&mut session), [Event::TemporaryKeyWanted]);
    let (mut peer, _) = give_key(&mut session, 1, NOW);
    bind(&mut session, &mut peer, NOW);
    for number in 0..2 {
        let update = peer.message(NOW, 3, true, object(number));
        session
            .handle_input(NOW, &mut peer.packet(&update))
            .unwrap();
    }
    let update = peer.message(NOW, 3, true, object(2));
    let mut packet = peer.packet(&update);
    let waiting = SessionError::EventsWaiting { waiting: 2 };
    assert_eq!(session.handle_input(NOW, &mut packet), Err(waiting));
    assert_eq!(events(&mut session).len(), 2);
    assert_eq!(session.handle_input(NOW, &mut packet), Ok(()));
}
