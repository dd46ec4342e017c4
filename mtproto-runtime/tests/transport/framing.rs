//! The bytes of frames, as the page and the suites of others have them.

use mtproto_runtime::transport::{Connection, FrameError, Framing};

use crate::{Owned, counting, encode, error, frames, hex, plain_packet, rng};

/// What a client and a server make of packets, one after another.
fn encoded(framing: Framing, packets: &[Vec<u8>]) -> [Vec<u8>; 2] {
    [Connection::client(framing), Connection::server(framing)].map(|mut connection| {
        packets
            .iter()
            .flat_map(|packet| encode(&mut connection.encoder, packet, false).unwrap())
            .collect()
    })
}

/// What a client reads.
fn read(framing: Framing, bytes: &[u8]) -> Vec<Owned> {
    let mut client = Connection::client(framing);
    client.decoder.push(bytes);
    frames(&mut client.decoder).unwrap()
}

/// grammers' tests of its `transport::abridged`, gotd's `TestAbridged`.
#[test]
fn abridged_vectors() {
    let [client, server] = encoded(Framing::Abridged, &[counting(128), counting(1024)]);
    assert_eq!(client[..2], [0xef, 32]);
    assert_eq!(server[0], 32);
    assert_eq!(client[2..130], counting(128));
    assert_eq!(client[130..134], [127, 0, 1, 0]);
    assert_eq!(client[134..], counting(1024));
    assert_eq!(client[1..], server);
    let [_, server] = encoded(Framing::Abridged, &[b"a".repeat(124)]);
    assert_eq!(server, [&[31][..], &[b'a'; 124]].concat());
}

/// The long form starts where the short one ends, as the page has it.
#[test]
fn abridged_forms() {
    for (len, head) in [
        (4, &[1][..]),
        (504, &[126]),
        (508, &[127, 127, 0, 0]),
        (512, &[127, 128, 0, 0]),
        (1 << 18, &[127, 0, 0, 1]),
    ] {
        let [_, server] = encoded(Framing::Abridged, &[counting(len)]);
        assert_eq!(server[..head.len()], *head, "{len} bytes");
        let mut client = Connection::client(Framing::Abridged);
        let asking = encode(&mut client.encoder, &counting(len), true).unwrap();
        assert_eq!(asking[1], head[0] | 0x80, "{len} bytes");
        assert_eq!(asking[2..=head.len()], head[1..], "{len} bytes");
    }
}

/// mtcute's `IntermediatePacketCodec` and grammers' `transport::intermediate`.
#[test]
fn intermediate_vectors() {
    let [client, _] = encoded(Framing::Intermediate, &[counting(128)]);
    assert_eq!(client[..8], [0xee, 0xee, 0xee, 0xee, 128, 0, 0, 0]);
    assert_eq!(client[8..], counting(128));
    let read = read(Framing::Intermediate, &hex("040000006cfeffff"));
    assert_eq!(read, [Owned::Error(-404)]);
}

/// mtcute's tests have packets of five bytes, which MTProto has not.
#[test]
fn intermediate_frames_are_aligned() {
    let mut client = Connection::client(Framing::Intermediate);
    client.decoder.push(&hex("050000000501020304"));
    let offset = 0;
    let kind = FrameError::Unaligned { bytes: 5 };
    assert_eq!(
        frames(&mut client.decoder),
        Err(mtproto_runtime::transport::Error::Frame { offset, kind })
    );
}

/// grammers' tests of its `transport::full`.
#[test]
fn full_vectors() {
    let packets = [counting(128), counting(128)];
    for bytes in encoded(Framing::Full, &packets) {
        let (first, second) = bytes.split_at(140);
        assert_eq!(first[..8], [140, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(first[8..136], counting(128));
        assert_eq!(first[136..], [134, 115, 149, 55]);
        assert_eq!(second[..8], [140, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(second[136..], [150, 9, 240, 74]);
        let expected = packets.clone().map(|packet| Owned::Packet(packet, false));
        assert_eq!(read(Framing::Full, &bytes), expected);
    }
}

/// gotd's `TestFull` has the number 1 and three bytes: the checksum is what it should be, the length is not.
#[test]
fn full_frames_are_aligned_and_numbered_from_0() {
    let bytes = [15, 0, 0, 0, 1, 0, 0, 0, 97, 98, 99, 78, 214, 109, 148];
    let mut client = Connection::client(Framing::Full);
    client.decoder.push(&bytes);
    let error = client.decoder.next_frame().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the peer's frame at byte 0 has 3 bytes, which is not a multiple of 4"
    );
    let mut client = Connection::client(Framing::Full);
    client.decoder.push(&[16, 0, 0, 0, 1, 0, 0, 0]);
    let error = client.decoder.next_frame().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the peer's frame at byte 0 has the number 1 instead of 0"
    );
}

/// The page: the token backwards in abridged framing, as it is in the others, in a frame of its own if that is padded.
#[test]
fn quick_acknowledgments_have_the_bytes_of_the_page() {
    let token = u32::from_le_bytes([1, 2, 3, 0x84]);
    let (mut buffer, mut rng) = (Vec::new(), rng(0));
    for (framing, expected) in [
        (Framing::Abridged, [0x84, 3, 2, 1]),
        (Framing::Intermediate, [1, 2, 3, 0x84]),
    ] {
        let mut server = Connection::server(framing);
        let bytes = server
            .encoder
            .encode_quick_ack(token, &mut buffer, &mut rng);
        assert_eq!(bytes.unwrap(), expected);
        assert_eq!(read(framing, &expected), [Owned::QuickAck(token)]);
    }
    let mut server = Connection::server(Framing::PaddedIntermediate);
    let mut lengths = [false; 9];
    for _ in 0..200 {
        let bytes = server
            .encoder
            .encode_quick_ack(token, &mut buffer, &mut rng);
        let bytes = bytes.unwrap();
        let len = bytes.len() - 4;
        assert_eq!(bytes[..4], (len as u32).to_le_bytes());
        assert_eq!(bytes[4..12], [0xff, 0xff, 0xff, 0xff, 1, 2, 3, 0x84]);
        lengths[len - 8] = true;
        assert_eq!(
            read(Framing::PaddedIntermediate, bytes),
            [Owned::QuickAck(token)]
        );
    }
    assert_eq!(lengths, [true; 9], "0 to 8 bytes of padding");
    // TDLib takes this form in padded framing, too.
    let read = read(Framing::PaddedIntermediate, &[1, 2, 3, 0x84]);
    assert_eq!(read, [Owned::QuickAck(token)]);
}

/// The page: 0 to 15 bytes. Servers send 0 to 3, as MTProxy does, for the clients that only cut those.
#[test]
fn padding_is_of_all_lengths_and_random() {
    for (mut connection, most) in [
        (Connection::client(Framing::PaddedIntermediate), 15),
        (Connection::server(Framing::PaddedIntermediate), 3),
    ] {
        let mut rng = rng(0);
        let mut lengths = [0; 16];
        let mut last = Vec::new();
        for _ in 0..300 {
            let mut buffer = vec![0; mtproto_runtime::transport::HEAD_ROOM];
            buffer.extend(plain_packet(40));
            let bytes = connection
                .encoder
                .encode(&mut buffer, false, &mut rng)
                .unwrap();
            let bytes = bytes.strip_prefix(&[0xdd; 4]).unwrap_or(bytes);
            let padding = &bytes[44..];
            assert_eq!(bytes[..4], (40 + padding.len() as u32).to_le_bytes());
            assert!(padding.len() < 3 || last != padding, "it repeats");
            last = padding.to_vec();
            lengths[padding.len()] += 1;
        }
        assert_eq!(lengths.iter().rposition(|&count| count > 0), Some(most));
        assert!(lengths[..=most].iter().all(|&count| count > 0));
    }
}

/// mtcute's `PaddedIntermediatePacketCodec` frames the number of an error with six bytes behind it.
#[test]
fn padded_errors() {
    let read = read(
        Framing::PaddedIntermediate,
        &hex("0a0000006cfeffff29afd26df40f"),
    );
    assert_eq!(read, [Owned::Error(-404)]);
}

/// The page: 16 bytes at most. What is longer, and too short for a packet, is an error of this number.
#[test]
fn padded_quick_acknowledgments_have_16_bytes_at_most() {
    for (bytes, expected) in [
        (7, Owned::Error(-1)),
        (8, Owned::QuickAck(u32::MAX)),
        (16, Owned::QuickAck(u32::MAX)),
        (17, Owned::Error(-1)),
        (19, Owned::Error(-1)),
    ] {
        let frame = [&[bytes, 0, 0, 0][..], &[0xff; 20][..bytes.into()]].concat();
        assert_eq!(read(Framing::PaddedIntermediate, &frame), [expected]);
    }
}

/// All 16 lengths of padding, behind packets of either kind.
#[test]
fn padding_is_cut_to_the_byte() {
    for packet in [
        plain_packet(20),
        plain_packet(84),
        crate::encrypted_packet(3),
    ] {
        for padding in 0..=15 {
            let mut server = Connection::server(Framing::PaddedIntermediate);
            let len = (packet.len() + padding) as u32;
            server.decoder.push(&len.to_le_bytes());
            server.decoder.push(&packet);
            server.decoder.push(&[0xee; 15][..padding]);
            let read = frames(&mut server.decoder);
            assert_eq!(
                read,
                Ok(vec![Owned::Packet(packet.clone(), false)]),
                "{padding}"
            );
        }
    }
}

/// Telethon's issue 4042: the same number instead of length, number and content.
#[test]
fn floods_in_full_framing() {
    let word = (-429_i32).to_le_bytes();
    assert_eq!(read(Framing::Full, &word.repeat(3)), [Owned::Error(-429)]);
    for len in 0..12 {
        assert_eq!(read(Framing::Full, &word.repeat(3)[..len]), []);
    }
    let mut bytes = word.repeat(3);
    bytes[9] ^= 1;
    let mut client = Connection::client(Framing::Full);
    client.decoder.push(&bytes);
    assert!(client.decoder.next_frame().is_err());
    // Clients don't send such things.
    let mut server = Connection::server(Framing::Full);
    server.decoder.push(&word.repeat(3));
    assert!(server.decoder.next_frame().is_err());
}

#[test]
fn errors_have_their_meaning() {
    for (code, text) in [
        (-403, "forbidden (-403)"),
        (-404, "auth key not found (-404)"),
        (-429, "transport flood (-429)"),
        (-444, "invalid DC (-444)"),
        (-500, "transport error (-500)"),
    ] {
        assert_eq!(error(code).to_string(), text);
    }
    for none in [0, 4, i32::MAX] {
        assert_eq!(mtproto_runtime::transport::TransportError::new(none), None);
    }
}

/// TDLib passes over the word 0.
#[test]
fn nops() {
    for (framing, bytes) in [
        (Framing::Abridged, "0100000000"),
        (Framing::Intermediate, "0400000000000000"),
        (Framing::PaddedIntermediate, "050000000000000099"),
    ] {
        assert_eq!(read(framing, &hex(bytes)), [Owned::Nop]);
    }
}
