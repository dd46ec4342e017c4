//! Checks 19 to 22: the msg_ids of both sides.

use mtproto_runtime::session::{BadMsg, Event, InvokeOptions, SessionError};
use mtproto_runtime::time::UnixTime;

use crate::support::*;

#[test]
fn check_19_msg_ids_have_the_parity_of_their_sender() {
    // A client refuses even ids: of updates, of answers, and inside of containers.
    let mut client = client();
    let mut peer = Peer::of(&client);
    client
        .invoke_raw(object(1), InvokeOptions::default())
        .unwrap();
    let call = peer.messages(&mut client, NOW)[0].msg_id;
    for body in [object(2), rpc_result(call, &object(3))] {
        for bits in [0, 2] {
            let message = peer.message(NOW, bits, true, body.clone());
            let refused = peer.send(&mut client, NOW, &message);
            assert_eq!(
                refused,
                Err(SessionError::Parity {
                    msg_id: message.msg_id
                })
            );
            let inner = peer.message(NOW, bits, true, body.clone());
            let outer = peer.notice(NOW, container(&[inner]));
            let refused = peer.send(&mut client, NOW, &outer);
            assert_eq!(
                refused,
                Err(SessionError::Container {
                    msg_id: outer.msg_id
                })
            );
        }
    }
    assert_eq!(events(&mut client), []);
    // A server refuses what is not divisible by four.
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    for bits in [1, 2, 3] {
        let message = peer.message(NOW, bits, true, object(1));
        let refused = peer.send(&mut server, NOW, &message);
        let reason = BadMsg::MsgIdBits;
        assert_eq!(
            refused,
            Err(SessionError::Refused {
                msg_id: message.msg_id,
                reason
            })
        );
        let inner = peer.message(NOW, bits, true, object(1));
        let outer = peer.message(NOW, 0, false, container(&[inner]));
        let refused = peer.send(&mut server, NOW, &outer);
        let reason = BadMsg::Container;
        assert_eq!(
            refused,
            Err(SessionError::Refused {
                msg_id: outer.msg_id,
                reason
            })
        );
    }
    assert_eq!(events(&mut server), []);
}

#[test]
fn check_20_messages_are_accepted_for_300_seconds_and_30_ahead() {
    let mut client = client();
    let at = |offset: i64| UnixTime::from_secs((1_750_000_000 + offset) as u64);
    for (offset, is_accepted) in [(-302, false), (-299, true), (29, true), (32, false)] {
        let mut peer = Peer::of(&client);
        let update = peer.message(at(offset), 3, true, object(1));
        let outcome = peer.send(&mut client, NOW, &update);
        assert_eq!(outcome.is_ok(), is_accepted, "{offset}: {outcome:?}");
        assert_eq!(events(&mut client).len(), usize::from(is_accepted));
    }
    // Notices of a wrong salt or time are for clients whose time is wrong.
    for code in [48, 17] {
        let mut client = crate::support::client();
        let mut peer = Peer::of(&client);
        client
            .invoke_raw(object(1), InvokeOptions::default())
            .unwrap();
        let call = peer.messages(&mut client, NOW)[0].msg_id;
        let notice = match code {
            48 => boxed(&bad_server_salt(call, 99)),
            _ => boxed(&bad_msg(call, code)),
        };
        let notice = peer.notice(at(-4000), notice);
        assert_eq!(peer.send(&mut client, NOW, &notice), Ok(()));
        assert_eq!(
            peer.messages(&mut client, NOW).len(),
            if code == 17 { 2 } else { 1 }
        );
    }
    // While the time is not known it is no reason to refuse anything.
    let state = mtproto_runtime::session::ClientState::default();
    let mut client =
        mtproto_runtime::session::Session::client(quiet(), key(), &state, NOW, &mut rng(3));
    let mut peer = Peer::of(&client);
    let update = peer.message(at(-4000), 3, true, object(1));
    assert_eq!(peer.send(&mut client, NOW, &update), Ok(()));
}

#[test]
fn check_21_duplicates_and_ids_below_a_full_set_are_ignored() {
    let mut config = quiet();
    config.max_received_ids = 4;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    let early = peer.message(NOW, 3, true, object(0));
    let update = peer.message(NOW, 3, true, object(1));
    assert_eq!(peer.send(&mut client, NOW, &update), Ok(()));
    let duplicate = Err(SessionError::Duplicate {
        msg_id: update.msg_id,
    });
    assert_eq!(peer.send(&mut client, NOW, &update), duplicate);
    assert_eq!(events(&mut client).len(), 1);
    // Inside of a container as well.
    let outer = peer.notice(NOW, container(&[update.clone(), update]));
    assert_eq!(peer.send(&mut client, NOW, &outer), Ok(()));
    assert_eq!(events(&mut client), []);
    for number in 2..5 {
        let message = peer.message(NOW, 3, true, object(number));
        peer.send(&mut client, NOW, &message).unwrap();
    }
    assert_eq!(events(&mut client).len(), 3);
    let too_old = Err(SessionError::Duplicate {
        msg_id: early.msg_id,
    });
    assert_eq!(peer.send(&mut client, NOW, &early), too_old);
    let outer = peer.notice(NOW, container(&[early]));
    assert_eq!(peer.send(&mut client, NOW, &outer), Ok(()));
    let told = events(&mut client);
    assert!(matches!(told[..], [Event::Discarded { .. }]), "{told:?}");
}

#[test]
fn check_22_own_msg_ids_grow_and_tell_who_made_them() {
    let (mut client, mut server) = (client(), server());
    let (peer, servers_peer) = (Peer::of(&client), Peer::client_of(&server));
    let mut last = 0;
    // The clock goes back by an hour, and on again.
    for (round, now) in [NOW, NOW, UnixTime::from_secs(1_749_996_400), NOW, later(1)]
        .into_iter()
        .enumerate()
    {
        for number in 0..3 {
            client
                .invoke_raw(object(number), InvokeOptions::default())
                .unwrap();
        }
        let packet = peer.packets(&mut client, now).pop().unwrap();
        assert_eq!(packet.message.id(), MSG_CONTAINER);
        for message in packet.messages().into_iter().chain([packet.message]) {
            assert!(
                message.msg_id > last,
                "round {round}: {:x} after {last:x}",
                message.msg_id
            );
            assert_eq!(message.msg_id & 3, 0);
            assert_ne!(message.msg_id & 0xffff_ffff, 0, "no fraction of a second");
            last = message.msg_id;
        }
    }
    // A server's ids are 1 modulo 4 in answers, 3 in what it sends by itself.
    let mut caller = Peer::client_of(&server);
    let call = caller.call(NOW, object(1));
    caller.send(&mut server, NOW, &call).unwrap();
    server.respond(call.msg_id, object(2)).unwrap();
    server.send_update(object(3)).unwrap();
    let packet = servers_peer.packets(&mut server, NOW).pop().unwrap();
    assert_eq!(packet.message.msg_id & 3, 3);
    let mut last = 0;
    for message in packet.messages() {
        let bits = if message.id() == 0xf35c_6d01 { 1 } else { 3 };
        assert_eq!(message.msg_id & 3, bits, "{:08x}", message.id());
        assert!(message.msg_id > last && message.msg_id < packet.message.msg_id);
        last = message.msg_id;
    }
}
