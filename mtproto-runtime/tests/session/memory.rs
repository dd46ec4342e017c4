//! What a session takes of memory, whatever comes in.

use allocation_counter::measure;
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{InvokeOptions, Session};

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
    let idle = measure(|| session = Some(client())).bytes_current;
    assert!(idle < 2048, "{idle} bytes of heap");
    assert!(size_of::<Session>() < 1536, "{}", size_of::<Session>());
}

#[test]
fn in_the_long_run_a_received_message_costs_one_allocation() {
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
