//! WebSocket: the examples of RFC 6455, and peers that break its rules.

use mtproto_runtime::transport::{
    AcceptOptions, Acceptor, Connector, Error, Framing, HttpError, WebSocketError, websocket,
};

use crate::peers::{Kind, connect};
use crate::{Cut, Owned, encode, frames, hex, plain_packet, rng};

/// An upgrade with the key of the RFC, section 1.3, and these changes: a header left out, another put in.
fn upgrade(without: &str, with: &str) -> Vec<u8> {
    let headers = [
        "Host: venus.web.telegram.org",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: binary",
    ];
    let mut request = String::from("GET /apiws HTTP/1.1\r\n");
    for header in headers {
        if without.is_empty() || !header.starts_with(without) {
            request += header;
            request += "\r\n";
        }
    }
    (request + with + "\r\n").into_bytes()
}

fn accept(request: &[u8], cut: &mut Cut) -> Result<String, Error> {
    let (mut acceptor, mut answer) = (Acceptor::new(AcceptOptions::default()), Vec::new());
    for piece in cut.pieces(request) {
        acceptor.push(piece);
        let accepted = acceptor.poll(0, &mut answer, &mut rng(0))?;
        assert!(accepted.is_none());
    }
    Ok(String::from_utf8(answer).unwrap())
}

#[test]
fn the_upgrade_of_the_rfc() {
    for mut cut in Cut::all() {
        let answer = accept(&upgrade("", ""), &mut cut).unwrap();
        assert_eq!(
            answer,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
        );
    }
    let more =
        "Sec-WebSocket-Protocol: other, binary\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
    assert!(accept(&upgrade("Sec-WebSocket-Protocol", more), &mut Cut::Whole).is_ok());
}

#[test]
fn incomplete_upgrades_are_refused() {
    let incomplete = HttpError::UpgradeRequest;
    for (without, with, kind) in [
        ("Upgrade", "", HttpError::Request),
        ("Connection", "", incomplete),
        ("Sec-WebSocket-Key", "", incomplete),
        (
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ===\r\n",
            incomplete,
        ),
        (
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Key: c2hvcnQ=\r\n",
            incomplete,
        ),
        (
            "",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            incomplete,
        ),
        ("Sec-WebSocket-Version", "", incomplete),
        (
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Version: 8\r\n",
            incomplete,
        ),
        ("Sec-WebSocket-Protocol", "", incomplete),
        (
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Protocol: text\r\n",
            incomplete,
        ),
        ("", "no header\r\n", HttpError::Head),
    ] {
        let outcome = accept(&upgrade(without, with), &mut Cut::Whole);
        assert_eq!(
            outcome,
            Err(Error::Http { offset: 0, kind }),
            "{without} {with}"
        );
    }
}

/// What our client asks for, and what answers it takes.
#[test]
fn answers_to_upgrades() {
    let connector = |framing| {
        let (host, path) = ("pluto.web.telegram.org", websocket::TEST_PATH);
        Connector::web_socket(framing, host, path, &mut rng(1)).unwrap()
    };
    let request = String::from_utf8(connector(Framing::Abridged).outgoing().to_vec()).unwrap();
    assert!(request.starts_with("GET /apiws_test HTTP/1.1\r\nHost: pluto.web.telegram.org\r\n"));
    let good = accept(request.as_bytes(), &mut Cut::Whole).unwrap();
    for (from, to) in [
        ("101", "200"),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Connection: Upgrade", "Connection: close"),
        ("Accept: ", "Accept: A"),
        ("Sec-WebSocket-Accept", "X"),
        ("Protocol: binary", "Protocol: text"),
        (
            "\r\n\r\n",
            "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        ),
    ] {
        let mut connector = connector(Framing::Abridged);
        connector.push(good.replacen(from, to, 1).as_bytes());
        let status = if to == "200" { 200 } else { 101 };
        let (offset, kind) = (0, HttpError::Upgrade { status });
        assert_eq!(
            connector.poll().err(),
            Some(Error::Http { offset, kind }),
            "{to}"
        );
    }
    let mut connector = connector(Framing::Abridged);
    connector.push(
        good.replacen("Sec-WebSocket-Protocol: binary\r\n", "", 1)
            .as_bytes(),
    );
    assert!(
        connector.poll().unwrap().is_some(),
        "servers need not repeat the protocol"
    );
}

/// A server behind a WebSocket, whose client has sent its first packet.
fn server() -> mtproto_runtime::transport::Decoder {
    connect(Kind::WebSocket(Framing::Abridged), &mut Cut::Whole)
        .server
        .decoder
}

#[test]
fn frames_that_break_the_rules_are_refused() {
    for (frame, kind) in [
        ("c28000000000", WebSocketError::Reserved),
        ("a28000000000", WebSocketError::Reserved),
        ("928000000000", WebSocketError::Reserved),
        ("8200", WebSocketError::Mask),
        ("818000000000", WebSocketError::Opcode(1)),
        ("838000000000", WebSocketError::Opcode(3)),
        ("8b8000000000", WebSocketError::Opcode(11)),
        ("808000000000", WebSocketError::Fragment),
        ("028000000000828000000000", WebSocketError::Fragment),
        ("098000000000", WebSocketError::Control),
        ("89fe007e00000000", WebSocketError::Control),
        ("82fe007d00000000", WebSocketError::Length),
        ("82ff000000000000ffff00000000", WebSocketError::Length),
        ("82ff800000000000000000000000", WebSocketError::Length),
    ] {
        for mut cut in Cut::all() {
            let mut server = server();
            let mut outcome = Ok(());
            for piece in cut.pieces(&hex(frame)) {
                server.push(piece);
                outcome = server.next_frame().map(|_| ());
            }
            let Err(Error::WebSocket { kind: found, .. }) = &outcome else {
                panic!("{frame}: {outcome:?}");
            };
            assert_eq!(*found, kind, "{frame}");
            // Frames that follow are of no meaning.
            server.push(&hex("828500000000"));
            server.push(&[0x77; 100]);
            assert_eq!(server.next_frame().map(|_| ()), outcome);
        }
    }
    let mut client = connect(Kind::WebSocket(Framing::Abridged), &mut Cut::Whole).client;
    client.decoder.push(&hex("828000000000"));
    let outcome = client.decoder.next_frame();
    let kind = WebSocketError::Mask;
    assert!(matches!(outcome, Err(Error::WebSocket { kind: found, .. }) if found == kind));
}

/// The limits of packets have nothing to do with those of messages: the page's rule.
#[test]
fn packets_may_be_cut_into_frames_anywhere() {
    for mut cut in Cut::all() {
        let peers = connect(Kind::WebSocket(Framing::Intermediate), &mut Cut::Whole);
        let (mut encoder, mut decoder) = (peers.server.encoder, peers.client.decoder);
        let packet = plain_packet(3000);
        let framed = encode(&mut encoder, &packet, false).unwrap();
        // A head of two bytes and the length in two.
        let content = &framed[4..];
        let mut bytes = Vec::new();
        for (index, piece) in content.chunks(100).enumerate() {
            // Messages of one frame, messages of three, empty frames, and pings between.
            let head = match index % 4 {
                0 => 0x82,
                1 => 0x02,
                2 => 0x00,
                _ => 0x80,
            };
            bytes.extend([head, piece.len() as u8]);
            bytes.extend(piece);
            bytes.extend(hex("8900"));
            if index % 4 == 2 {
                bytes.extend(hex("0000"));
            }
        }
        let mut received = Vec::new();
        for piece in cut.pieces(&bytes) {
            decoder.push(piece);
            received.extend(frames(&mut decoder).unwrap());
        }
        assert_eq!(received, [Owned::Packet(packet, false)]);
    }
}

/// The RFC, section 5.7: a pong that is masked, which nobody has asked for.
#[test]
fn unasked_pongs_are_passed_over() {
    let mut server = server();
    server.push(&hex("8a8537fa213d7f9f4d5158"));
    assert_eq!(server.next_frame(), Ok(None));
    assert_eq!(server.control(), None);
}

/// Only obfuscated connections come through a WebSocket.
#[test]
fn what_is_within_is_obfuscated() {
    let mut acceptor = Acceptor::new(AcceptOptions::default());
    acceptor.push(&upgrade("", ""));
    let mut bytes = hex("82c100000000");
    bytes.extend([0xef; 65]);
    acceptor.push(&bytes);
    let outcome = acceptor.poll(0, &mut Vec::new(), &mut rng(0));
    assert!(matches!(outcome, Err(Error::Detection(_))));
}
