//! Calls: what they return, and how.

use std::time::Duration;

use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::session::{
    ClientState, Event, Failure, GzipError, InvokeError, InvokeOptions, Remedy, RpcError, Session,
    SessionError, StateError,
};

use crate::support::*;

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
