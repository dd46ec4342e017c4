//! How much of calls and events there may be.

use mtproto_runtime::session::{Config, InvokeError, InvokeOptions, SessionError};

use crate::support::*;

#[test]
fn the_queue_of_calls_is_bounded() {
    let mut config = quiet();
    config.max_pending = 10;
    config.max_pending_bytes = 1000;
    let mut client = client_with(config);
    for number in 0..10 {
        client
            .invoke_raw(object(number), InvokeOptions::default())
            .unwrap();
    }
    let full = client.invoke_raw(object(10), InvokeOptions::default());
    assert_eq!(
        full,
        Err(InvokeError::Full {
            pending: 10,
            bytes: 80
        })
    );
    let mut config = quiet();
    config.max_pending_bytes = 1000;
    let mut client = client_with(config);
    let mut options = InvokeOptions::default();
    options.incompressible = true;
    assert!(client.invoke_raw(vec![1; 996], options).is_ok());
    assert!(matches!(
        client.invoke_raw(object(1), InvokeOptions::default()),
        Err(InvokeError::Full { .. })
    ));
    assert_eq!(
        client.invoke_raw(vec![1; 7], InvokeOptions::default()),
        Err(InvokeError::NoObject { len: 7 })
    );
    assert_eq!(
        server().invoke_raw(object(1), InvokeOptions::default()),
        Err(InvokeError::WrongSide)
    );
    assert_eq!(client.send_update(object(1)), Err(InvokeError::WrongSide));
}

#[test]
fn what_the_session_says_by_itself_takes_no_room_from_calls() {
    let mut config = Config::default();
    config.max_pending = 4;
    config.max_pending_bytes = 100;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    // Updates are acknowledged, pings are sent and not answered, salts are asked for.
    for number in 0..200 {
        let now = later(number * 61);
        let update = peer.message(now, 3, true, object(1));
        peer.send(&mut client, now, &update).unwrap();
        client.handle_timeout(now);
        peer.messages(&mut client, now);
    }
    assert!(client.messages() > 4, "{client:?}");
    assert_eq!(client.pending(), (0, 0));
    for number in 1..=4 {
        client
            .invoke_raw(object(number), InvokeOptions::default())
            .unwrap();
    }
    assert_eq!(client.pending(), (4, 32));
    let full = client.invoke_raw(object(5), InvokeOptions::default());
    assert!(matches!(full, Err(InvokeError::Full { .. })));
}

#[test]
fn events_that_are_not_fetched_hold_packets_back_unharmed() {
    let mut config = quiet();
    config.max_events = 2;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    for number in 0..2 {
        let update = peer.message(NOW, 3, true, object(number));
        peer.send(&mut client, NOW, &update).unwrap();
    }
    let update = peer.message(NOW, 3, true, object(2));
    let mut packet = peer.packet(&update);
    let before = packet.clone();
    assert_eq!(
        client.handle_input(NOW, &mut packet),
        Err(SessionError::EventsWaiting { waiting: 2 })
    );
    assert_eq!(packet, before);
    assert_eq!(events(&mut client).len(), 2);
    assert_eq!(client.handle_input(NOW, &mut packet), Ok(()));
    // A server that does not answer is held back as well.
    let mut config = quiet();
    config.max_pending = 3;
    let mut server = server_with(config);
    let mut peer = Peer::client_of(&server);
    for number in 0..3 {
        let call = peer.call(NOW, object(number));
        peer.send(&mut server, NOW, &call).unwrap();
    }
    let call = peer.call(NOW, object(3));
    let refused = peer.send(&mut server, NOW, &call);
    let waiting = SessionError::CallsWaiting {
        unanswered: 3,
        unsent: 0,
    };
    assert_eq!(refused, Err(waiting));
}
