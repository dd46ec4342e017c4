//! Ours with ours: every connection, in any pieces.

use mtproto_runtime::transport::{
    Connection, Control, DcId, Decoder, Encoder, Framing, HEAD_ROOM, PacketError,
};

use crate::peers::{Kind, PADDED_SECRET, PLAIN_SECRET, TLS_SECRET, connect};
use crate::{Cut, Owned, encode, encrypted_packet, error, frames, plain_packet, rng};

/// Packets around every length at which something changes: short and long forms, records of TLS, lengths of WebSocket.
fn packets() -> Vec<Vec<u8>> {
    let lengths = [
        20, 24, 28, 124, 128, 500, 504, 508, 512, 1420, 1424, 1428, 2868, 2872, 2876, 2880, 5752,
        65_524, 65_528, 65_532, 65_536, 100_000,
    ];
    let mut packets: Vec<_> = lengths.map(plain_packet).into();
    packets.extend([1, 2, 30, 31, 100, 5000].map(encrypted_packet));
    packets
}

/// Sends all packets, and expects them to arrive.
fn send(encoder: &mut Encoder, decoder: &mut Decoder, cut: &mut Cut, kind: Kind) {
    let mut packets = packets();
    // All lengths, where it is not too slow.
    let most = match (cut.clone(), kind) {
        (Cut::Bytes, _) => 3000,
        (_, Kind::Plain(_) | Kind::WebSocket(Framing::Intermediate)) => usize::MAX,
        _ => 6000,
    };
    packets.retain(|packet| packet.len() < most);
    for batch in packets.chunks(5) {
        let bytes: Vec<_> = batch
            .iter()
            .flat_map(|packet| encode(encoder, packet, false).unwrap())
            .collect();
        let mut received = Vec::new();
        for piece in cut.pieces(&bytes) {
            decoder.push(piece);
            received.extend(frames(decoder).unwrap());
        }
        let sent: Vec<_> = batch
            .iter()
            .map(|packet| Owned::Packet(packet.clone(), false))
            .collect();
        assert!(received == sent, "{kind:?} in pieces by {cut:?}");
    }
}

#[test]
fn every_connection_carries_packets_both_ways_in_any_pieces() {
    for kind in Kind::all() {
        for mut cut in Cut::all() {
            let mut peers = connect(kind, &mut cut);
            let (client, server) = (&mut peers.client, &mut peers.server);
            send(&mut client.encoder, &mut server.decoder, &mut cut, kind);
            send(&mut server.encoder, &mut client.decoder, &mut cut, kind);
        }
    }
}

#[test]
fn servers_know_how_a_client_came() {
    for kind in Kind::all() {
        let arrival = connect(kind, &mut Cut::Whole).arrival;
        assert_eq!(arrival.framing, kind.framing());
        let (secret, is_tls) = match kind {
            Kind::Proxy(_, PLAIN_SECRET) => (Some(0), false),
            Kind::Proxy(_, PADDED_SECRET) => (Some(1), false),
            Kind::Proxy(_, TLS_SECRET) => (Some(2), true),
            _ => (None, false),
        };
        assert_eq!(arrival.secret, secret);
        assert_eq!(arrival.tls_hello.is_some(), is_tls);
        assert_eq!(arrival.dc, secret.map(|_| DcId::from_wire(-10002)));
        assert_eq!(arrival.obfuscated, !matches!(kind, Kind::Plain(_)));
        assert_eq!(arrival.web_socket, matches!(kind, Kind::WebSocket(_)));
    }
}

#[test]
fn quick_acknowledgments_go_both_ways() {
    let tokens = [
        0x8000_0000,
        0xffff_ffff,
        0xef12_3456,
        0x8000_007f,
        0xfedc_ba98,
    ];
    for kind in Kind::all() {
        for mut cut in Cut::all() {
            let mut peers = connect(kind, &mut cut);
            let (client, server) = (&mut peers.client, &mut peers.server);
            let mut buffer = Vec::new();
            if kind.framing() == Framing::Full {
                let packet = plain_packet(40);
                let refused = Err(PacketError::QuickAck.into());
                assert_eq!(encode(&mut client.encoder, &packet, true), refused);
                let answer = server
                    .encoder
                    .encode_quick_ack(tokens[0], &mut buffer, &mut rng(0));
                assert_eq!(answer.map(|bytes| bytes.to_vec()), refused);
                continue;
            }
            let (mut received, mut expected) = (Vec::new(), Vec::new());
            for (index, token) in tokens.into_iter().enumerate() {
                let packet = plain_packet(40 + 400 * index);
                let asking = encode(&mut client.encoder, &packet, true).unwrap();
                for piece in cut.pieces(&asking) {
                    server.decoder.push(piece);
                }
                let asked = frames(&mut server.decoder).unwrap();
                assert_eq!(asked, [Owned::Packet(packet.clone(), true)]);

                // The acknowledgment comes between packets.
                let mut rng = rng(index as u8);
                let answer = server
                    .encoder
                    .encode_quick_ack(token, &mut buffer, &mut rng);
                let mut answer = answer.unwrap().to_vec();
                answer.extend(encode(&mut server.encoder, &packet, false).unwrap());
                for piece in cut.pieces(&answer) {
                    client.decoder.push(piece);
                    received.extend(frames(&mut client.decoder).unwrap());
                }
                expected.extend([Owned::QuickAck(token), Owned::Packet(packet, false)]);
            }
            assert_eq!(received, expected, "{kind:?}");
            let token = 0x7fff_ffff;
            assert_eq!(
                server
                    .encoder
                    .encode_quick_ack(token, &mut buffer, &mut rng(0)),
                Err(PacketError::QuickAckToken { token }.into())
            );
        }
    }
}

#[test]
fn transport_errors_are_told_apart_from_packets() {
    for kind in Kind::all() {
        for mut cut in Cut::all() {
            let mut peers = connect(kind, &mut cut);
            let (client, server) = (&mut peers.client, &mut peers.server);
            let (mut received, mut expected) = (Vec::new(), Vec::new());
            for code in [-404, -429, -444, -403, -1, -2, i32::MIN] {
                let (mut buffer, mut rng) = (Vec::new(), rng(code as u8));
                let bytes = server
                    .encoder
                    .encode_error(error(code), &mut buffer, &mut rng);
                let mut bytes = bytes.unwrap().to_vec();
                bytes.extend(encode(&mut server.encoder, &encrypted_packet(2), false).unwrap());
                for piece in cut.pieces(&bytes) {
                    client.decoder.push(piece);
                    received.extend(frames(&mut client.decoder).unwrap());
                }
                expected.extend([
                    Owned::Error(code),
                    Owned::Packet(encrypted_packet(2), false),
                ]);
            }
            assert_eq!(received, expected, "{kind:?}");
        }
    }
}

#[test]
fn only_servers_send_errors_and_acknowledgments() {
    let (mut client, mut buffer) = (Connection::client(Framing::Abridged), Vec::new());
    let error = client
        .encoder
        .encode_error(error(-404), &mut buffer, &mut rng(0));
    assert_eq!(error, Err(PacketError::TransportError.into()));
    let token = client
        .encoder
        .encode_quick_ack(1 << 31, &mut buffer, &mut rng(0));
    assert_eq!(token, Err(PacketError::QuickAck.into()));
    let mut server = Connection::server(Framing::Abridged);
    let asking = encode(&mut server.encoder, &plain_packet(40), true);
    assert_eq!(asking, Err(PacketError::QuickAck.into()));
}

/// Reading into the decoder is the same as pushing, whatever the lengths of the reads.
#[test]
fn bytes_can_be_read_into_the_decoder() {
    for kind in Kind::all() {
        let mut peers = connect(kind, &mut Cut::Whole);
        let (encoder, decoder) = (&mut peers.client.encoder, &mut peers.server.decoder);
        let sent = packets();
        let bytes: Vec<_> = sent
            .iter()
            .flat_map(|packet| encode(encoder, packet, false).unwrap())
            .collect();
        let (mut rest, mut received, mut reads) = (&*bytes, Vec::new(), 0);
        while !rest.is_empty() {
            let spare = decoder.spare();
            assert!(spare.len() >= 4096);
            let len = spare.len().min(rest.len()).min(3000 + 7000 * (reads % 4));
            spare[..len].copy_from_slice(&rest[..len]);
            decoder.filled(len);
            rest = &rest[len..];
            reads += 1;
            received.extend(frames(decoder).unwrap());
        }
        let sent: Vec<_> = sent
            .into_iter()
            .map(|packet| Owned::Packet(packet, false))
            .collect();
        assert!(received == sent, "{kind:?}");
    }
}

/// A packet is made into bytes where it is: nothing moves unless a record of TLS ends within it.
#[test]
fn packets_are_encoded_in_place() {
    for kind in Kind::all() {
        let mut peers = connect(kind, &mut Cut::Whole);
        for encoder in [&mut peers.client.encoder, &mut peers.server.encoder] {
            let mut buffer = Vec::with_capacity(HEAD_ROOM + 1000 + 16);
            buffer.resize(HEAD_ROOM, 0);
            buffer.extend(encrypted_packet(60));
            let before = buffer.as_ptr();
            let bytes = encoder.encode(&mut buffer, false, &mut rng(9)).unwrap();
            assert!(bytes.len() >= 24 + 16 * 60);
            assert_eq!(buffer.as_ptr(), before, "{kind:?}");
        }
    }
}

#[test]
fn a_failed_packet_leaves_the_connection_as_it_was() {
    for kind in Kind::all() {
        let mut peers = connect(kind, &mut Cut::Whole);
        let (encoder, decoder) = (&mut peers.client.encoder, &mut peers.server.decoder);
        for bytes in [0, 21, 22, 23] {
            let refused = match bytes {
                0 => PacketError::Empty,
                _ => PacketError::Unaligned { bytes },
            };
            let packet = vec![1; bytes];
            assert_eq!(encode(encoder, &packet, false), Err(refused.into()));
        }
        let (bytes, limit) = ((1 << 24) + 4, 1 << 24);
        let too_long = PacketError::TooLong { bytes, limit };
        assert_eq!(
            encode(encoder, &vec![1; bytes], false),
            Err(too_long.into())
        );
        let (found, needed) = (HEAD_ROOM - 1, HEAD_ROOM);
        let refused = PacketError::HeadRoom { found, needed };
        assert_eq!(
            encoder.encode(&mut vec![0; found], false, &mut rng(0)),
            Err(refused.into())
        );
        decoder.push(&encode(encoder, &plain_packet(40), false).unwrap());
        assert_eq!(
            frames(decoder),
            Ok(vec![Owned::Packet(plain_packet(40), false)])
        );
    }
}

#[test]
fn web_sockets_are_pinged_and_closed() {
    for mut cut in Cut::all() {
        let mut peers = connect(Kind::WebSocket(Framing::Intermediate), &mut cut);
        // A ping of a server, and the answer of the client.
        for piece in cut.pieces(b"\x89\x05Hello") {
            assert_eq!(peers.client.decoder.control(), None);
            peers.client.decoder.push(piece);
        }
        let Some(Control::Ping(ping)) = peers.client.decoder.control() else {
            panic!("there was a ping");
        };
        assert_eq!(ping, b"Hello");
        assert_eq!(peers.client.decoder.control(), None);
        let mut buffer = Vec::new();
        let pong = peers
            .client
            .encoder
            .encode_pong(&ping, &mut buffer, &mut rng(0));
        assert_eq!(pong[..2], [0x8a, 0x85]);
        let mask: Vec<_> = pong[2..6].to_vec();
        let text: Vec<_> = pong[6..]
            .iter()
            .zip(mask.iter().cycle())
            .map(|(a, b)| a ^ b)
            .collect();
        assert_eq!(text, b"Hello");
        peers.server.decoder.push(pong);
        assert_eq!(peers.server.decoder.control(), None);
        let (encoder, decoder) = (&mut peers.client.encoder, &mut peers.server.decoder);
        send(
            encoder,
            decoder,
            &mut cut,
            Kind::WebSocket(Framing::Abridged),
        );

        let close = peers
            .server
            .encoder
            .encode_close(&mut buffer, &mut rng(0))
            .to_vec();
        assert_eq!(close, [0x88, 2, 3, 0xe8]);
        for piece in cut.pieces(&close) {
            peers.client.decoder.push(piece);
        }
        assert_eq!(peers.client.decoder.control(), Some(Control::Close));
        peers.client.decoder.push(b"anything");
        assert_eq!(peers.client.decoder.next_frame(), Ok(None));
    }
    // Others have no such messages.
    let mut plain = Connection::server(Framing::Abridged);
    assert!(
        plain
            .encoder
            .encode_close(&mut Vec::new(), &mut rng(0))
            .is_empty()
    );
}
