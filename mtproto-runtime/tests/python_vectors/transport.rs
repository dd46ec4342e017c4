//! Frames of both sides, plain and obfuscated, and the openings of obfuscated connections.

use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Arrival, Connection, Connector, DcId, Decoder, Frame,
    Framing, HEAD_ROOM, ProxySecret,
};

use crate::{Case, Drawn, cases};

#[test]
fn frames() {
    for case in cases("frames") {
        let packets = ["first", "second"].map(|name| case.bytes(name));
        let (arrival, mut server) = accept(AcceptOptions::default(), case.bytes("sent"));
        assert_eq!(arrival.framing, framing(&case));
        let mut client = Connection::client(framing(&case));
        client.decoder.push(case.bytes("received"));
        for packet in packets {
            assert_eq!(next(&mut server.decoder), packet);
            assert_eq!(next(&mut client.decoder), packet);
        }
        if framing(&case) == Framing::PaddedIntermediate {
            continue;
        }
        let sent = packets
            .map(|packet| send(&mut client, packet, &mut Drawn(Vec::new())))
            .concat();
        assert_eq!(sent, case.bytes("sent"));
        let sent = packets
            .map(|packet| send(&mut server, packet, &mut Drawn(Vec::new())))
            .concat();
        assert_eq!(sent, case.bytes("received"));
    }
}

#[test]
fn obfuscation() {
    for case in cases("obfuscation") {
        let (framing, dc) = (framing(&case), i16::from_le_bytes(case.array("dc")));
        let mut drawn = Drawn(case.bytes("init").to_vec());
        let mut options = AcceptOptions::default();
        let connector = if case.bytes("secret").is_empty() {
            Connector::obfuscated(framing, &mut drawn)
        } else {
            let secret = ProxySecret::from_bytes(case.bytes("secret")).unwrap();
            options.secrets.push(secret.clone());
            options.without_secret = false;
            Connector::proxy(framing, &secret, DcId::from_wire(dc), 0, &mut drawn)
        };
        let mut client = connector.unwrap().poll().unwrap().unwrap();
        client.decoder.push(case.bytes("received"));
        assert_eq!(next(&mut client.decoder), case.bytes("answer"));

        let sent = [case.bytes("opening"), case.bytes("sent")].concat();
        let (arrival, mut server) = accept(options, &sent);
        assert_eq!(arrival.framing, framing);
        assert!(arrival.obfuscated);
        if !case.bytes("secret").is_empty() {
            assert_eq!(arrival.dc.map(DcId::to_wire), Some(dc));
        }
        assert_eq!(next(&mut server.decoder), case.bytes("packet"));
        if framing == Framing::PaddedIntermediate {
            continue;
        }
        assert_eq!(send(&mut client, case.bytes("packet"), &mut drawn), sent);
        let received = send(&mut server, case.bytes("answer"), &mut drawn);
        assert_eq!(received, case.bytes("received"));
    }
}

fn framing(case: &Case) -> Framing {
    let tag = case.bytes("tag");
    let all = [
        Framing::Abridged,
        Framing::Intermediate,
        Framing::PaddedIntermediate,
        Framing::Full,
    ];
    all.into_iter()
        .find(|framing| framing.tag() == tag)
        .unwrap()
}

/// A server's connection, from what a client sent.
fn accept(options: AcceptOptions, sent: &[u8]) -> (Arrival, Connection) {
    let mut acceptor = Acceptor::new(options);
    acceptor.push(sent);
    let mut out = Vec::new();
    match acceptor.poll(0, &mut out, &mut Drawn(Vec::new())).unwrap() {
        Some(Accepted::Packets {
            connection,
            arrival,
        }) => (arrival, connection),
        other => panic!("{other:?}"),
    }
}

fn next(decoder: &mut Decoder) -> Vec<u8> {
    match decoder.next_frame().unwrap() {
        Some(Frame::Packet { payload, .. }) => payload.to_vec(),
        other => panic!("{other:?}"),
    }
}

fn send(connection: &mut Connection, packet: &[u8], drawn: &mut Drawn) -> Vec<u8> {
    let mut buffer = [&[0; HEAD_ROOM], packet].concat();
    connection
        .encoder
        .encode(&mut buffer, false, drawn)
        .unwrap()
        .to_vec()
}
