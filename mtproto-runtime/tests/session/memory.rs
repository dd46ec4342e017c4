//! What a session takes of memory, whatever comes in.

use allocation_counter::measure;
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{Event, InvokeOptions, Session};

use crate::support::*;

const FLOOD: usize = 5_000;

/// Gives many packets to a session without ever sending what it wants to send, and returns by how much it grew.
fn growth(session: &mut Session, mut packets: Vec<Vec<u8>>) -> i64 {
    let mut flood = || {
        for packet in &mut packets {
            let _ = session.handle_input(NOW, packet);
            while session.poll_event().is_some() {}
        }
    };
    measure(&mut flood).bytes_current
}

#[test]
fn a_flood_of_bad_packets_takes_no_memory() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let mut flood = Vec::new();
    for number in 0..FLOOD {
        let message = peer.answer(NOW, object(1));
        let mut packet = peer.packet(&message);
        packet[30] ^= 1;
        packet.truncate(packet.len() - number % 3);
        flood.push(packet);
    }
    assert_eq!(growth(&mut client, flood), 0);
}

#[test]
fn a_flood_of_old_sessions_and_duplicates_takes_no_memory() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let update = peer.message(NOW, 3, true, object(1));
    peer.send(&mut client, NOW, &update).unwrap();
    let mut other = Peer::of(&client);
    other.session_id ^= 1;
    let mut flood = vec![peer.packet(&update); FLOOD];
    for _ in 0..FLOOD {
        let message = other.message(NOW, 3, true, object(1));
        flood.push(other.packet(&message));
    }
    assert!(growth(&mut client, flood) < 4096);
}

#[test]
fn a_flood_of_messages_takes_what_the_config_allows() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let mut flood = |count: usize| -> Vec<Vec<u8>> {
        let updates = (0..count)
            .map(|_| peer.message(NOW, 3, true, object(1)))
            .collect::<Vec<_>>();
        updates.iter().map(|update| peer.packet(update)).collect()
    };
    // 2048 ids and 8192 acknowledgments at most.
    assert!(growth(&mut client, flood(20_000)) < 256 << 10);
    assert!(growth(&mut client, flood(20_000)) < 4096);
}

#[test]
fn a_server_that_can_t_send_bounds_what_it_wants_to_say() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    peer.salt ^= 1;
    let mut flood = Vec::new();
    // Refused for their salts, each with a notification.
    for _ in 0..FLOOD {
        let message = peer.call(NOW, object(1));
        flood.push(peer.packet(&message));
    }
    peer.salt ^= 1;
    // Asking for the states of 8192 messages each.
    let request = boxed(&types::MsgsStateReq {
        msg_ids: vec![1; 8192],
    });
    for _ in 0..64 {
        let message = peer.message(NOW, 0, false, request.clone());
        flood.push(peer.packet(&message));
    }
    let grown = growth(&mut server, flood);
    assert!(grown < 2 << 20, "{grown}");
}

#[test]
fn answers_that_nobody_acknowledges_make_room() {
    let mut config = quiet();
    config.max_pending = 100;
    let mut server = server_with(config);
    let mut peer = Peer::client_of(&server);
    for number in 0..2000 {
        let call = peer.call(NOW, object(number));
        peer.send(&mut server, NOW, &call).unwrap();
        while server.poll_event().is_some() {}
        server.respond(call.msg_id, object(number)).unwrap();
        packets(&mut server, NOW);
        assert!(server.pending().0 <= 100, "{:?}", server.pending());
        assert!(server.messages() <= 100 + 65, "{}", server.messages());
    }
}

#[test]
fn an_idle_session_is_small() {
    let mut session = None;
    for make in [client, server] {
        let heap = measure(|| session = Some(make())).bytes_current;
        assert!(heap < 512, "{heap} bytes of heap");
    }
    assert!(size_of::<Session>() < 1408, "{}", size_of::<Session>());
}

#[test]
fn a_session_that_has_worked_keeps_what_it_may_be_asked_for_and_little_else() {
    // What the thread keeps for writing is no session's.
    drop(worked(16, 16));
    let mut pair = None;
    let heap = measure(|| pair = Some(worked(2_000, 16))).bytes_current;
    let (client, server) = pair.unwrap();
    assert_eq!((client.pending(), server.pending().1 / 8), ((0, 0), 0));
    // Both remember 2048 ids of 16 bytes, in room for 4096, and the last things they said.
    assert!(
        heap < 2 * (4096 * 16 + (24 << 10)),
        "{heap} bytes of heap for both"
    );
}

/// A client and its server after so many calls, some of which went together.
fn worked(calls: u32, at_once: u32) -> (Session, Session) {
    let mut client = client();
    let id = client.session_id();
    let mut server = Session::server(quiet(), key(), id, server_salts(), NOW, &mut rng(2));
    for first in (0..calls).step_by(at_once as usize) {
        for number in first..first + at_once {
            client
                .invoke_raw(object(number), InvokeOptions::default())
                .unwrap();
        }
        exchange(&mut client, &mut server, NOW);
        for event in events(&mut server) {
            if let Event::Call { msg_id, body } = event {
                server.respond(msg_id, body).unwrap();
            }
        }
        exchange(&mut client, &mut server, NOW);
        let is_result = |event: &Event| matches!(event, Event::Result { .. });
        let results = events(&mut client).into_iter().filter(is_result).count();
        assert_eq!(results, at_once as usize);
    }
    (client, server)
}

#[test]
fn in_the_long_run_an_answer_costs_a_client_one_allocation() {
    let mut client = client();
    let mut peer = Peer::of(&client);
    let mut packet = Vec::with_capacity(4096);
    let mut round = |client: &mut Session, peer: &mut Peer| {
        client
            .invoke_raw(object(1), InvokeOptions::default())
            .unwrap();
        packet.clear();
        client.poll_transmit(NOW, &mut packet).unwrap();
        let call = peer.open(&packet).messages().pop().unwrap();
        let answer = peer.answer(NOW, rpc_result(call.msg_id, &object(2)));
        let mut answer = peer.packet(&answer);
        let received = measure(|| {
            client.handle_input(NOW, &mut answer).unwrap();
        });
        while client.poll_event().is_some() {}
        received.count_total
    };
    for _ in 0..3000 {
        round(&mut client, &mut peer);
    }
    let total: u64 = (0..1000).map(|_| round(&mut client, &mut peer)).sum();
    assert!(total <= 1000, "{total} allocations for 1000 messages");
}

#[test]
fn in_the_long_run_a_call_costs_a_server_one_allocation() {
    let mut server = server();
    let mut peer = Peer::client_of(&server);
    let mut answered = None;
    let mut round = |server: &mut Session, number: u32| {
        // What was answered is acknowledged in a packet of its own: that is a list of ids to be read.
        let mut words = Vec::new();
        if let Some(msg_id) = answered.take() {
            let msg_ids = vec![msg_id];
            let ack = peer.message(NOW, 0, false, boxed(&types::MsgsAck { msg_ids }));
            words.push(peer.packet(&ack));
        }
        let call = peer.call(NOW, object(number));
        words.push(peer.packet(&call));
        let received = words.len() as u64;
        let counts = words.iter_mut().map(|packet| {
            measure(|| {
                server.handle_input(NOW, packet).unwrap();
            })
            .count_total
        });
        let count: u64 = counts.sum();
        let called = events(server);
        assert!(called.contains(&Event::Call {
            msg_id: call.msg_id,
            body: object(number)
        }));
        server.respond(call.msg_id, object(number)).unwrap();
        for packet in packets(server, NOW) {
            let last = peer.open(&packet).messages().pop().unwrap();
            answered = Some(last.msg_id);
        }
        (received, count)
    };
    for number in 0..3000 {
        round(&mut server, number);
    }
    let (mut received, mut allocations) = (0, 0);
    for number in 0..1000 {
        let (more, count) = round(&mut server, number);
        received += more;
        allocations += count;
    }
    assert_eq!(received, 2000);
    assert!(
        allocations <= received,
        "{allocations} allocations for {received} messages"
    );
}
