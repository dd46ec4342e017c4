//! Peers that break the rules: told from others, at the first byte that shows it, at no cost.

use allocation_counter::measure;
use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Connection, Connector, Error, FrameError, Framing, Limits,
};
use rand_chacha::rand_core::Rng;

use crate::peers::{Kind, connect};
use crate::{Cut, Owned, encode, encrypted_packet, frames, hex, plain_packet, rng};

/// What a server answers to frames of a client, after a good one.
fn refusal(framing: Framing, bytes: &[u8]) -> (u64, FrameError) {
    let good = encode(
        &mut Connection::server(framing).encoder,
        &plain_packet(40),
        false,
    )
    .unwrap();
    let mut all = good.clone();
    all.extend(bytes);
    let mut last = None;
    for mut cut in Cut::all() {
        let mut server = Connection::server(framing);
        let mut outcome = Ok(());
        for piece in cut.pieces(&all) {
            server.decoder.push(piece);
            outcome = frames(&mut server.decoder).map(|_| ());
        }
        let Err(Error::Frame { offset, kind }) = outcome else {
            panic!("{bytes:02x?} of {framing:?}: {outcome:?}");
        };
        assert_eq!(offset, good.len() as u64);
        // It stays so.
        server.decoder.push(&good);
        assert_eq!(
            server.decoder.next_frame(),
            Err(Error::Frame { offset, kind })
        );
        assert!(
            last.replace((offset, kind))
                .is_none_or(|last| last == (offset, kind))
        );
    }
    last.unwrap()
}

#[test]
fn bad_lengths_are_refused_by_the_head_alone() {
    let limit = 1 << 24;
    for (framing, bytes, expected) in [
        (Framing::Abridged, "00", FrameError::Empty),
        (Framing::Abridged, "80", FrameError::Empty),
        (
            Framing::Abridged,
            "7f7e0000",
            FrameError::Overlong { bytes: 504 },
        ),
        (
            Framing::Abridged,
            "ff000000",
            FrameError::Overlong { bytes: 0 },
        ),
        (
            Framing::Abridged,
            "7f010040",
            FrameError::TooLong {
                bytes: limit + 4,
                limit,
            },
        ),
        (Framing::Intermediate, "00000000", FrameError::Empty),
        (Framing::Intermediate, "00000080", FrameError::Empty),
        (
            Framing::Intermediate,
            "29000000",
            FrameError::Unaligned { bytes: 41 },
        ),
        (
            Framing::Intermediate,
            "04000001",
            FrameError::TooLong {
                bytes: limit + 4,
                limit,
            },
        ),
        (Framing::PaddedIntermediate, "00000000", FrameError::Empty),
        (
            Framing::PaddedIntermediate,
            "10000001",
            FrameError::TooLong {
                bytes: limit + 16,
                limit: limit + 15,
            },
        ),
        (
            Framing::Full,
            "0b000000",
            FrameError::TooShort { bytes: 11 },
        ),
        (Framing::Full, "0c000000", FrameError::Empty),
        (
            Framing::Full,
            "29000000",
            FrameError::Unaligned { bytes: 29 },
        ),
        (
            Framing::Full,
            "10000001",
            FrameError::TooLong {
                bytes: limit + 4,
                limit,
            },
        ),
        (
            Framing::Full,
            "ffffffff",
            FrameError::TooLong {
                bytes: u32::MAX - 12,
                limit,
            },
        ),
        (
            Framing::Full,
            "1000000000000000",
            FrameError::SequenceNumber {
                found: 0,
                expected: 1,
            },
        ),
        (
            Framing::Full,
            "1000000002000000",
            FrameError::SequenceNumber {
                found: 2,
                expected: 1,
            },
        ),
    ] {
        let (_, kind) = refusal(framing, &hex(bytes));
        assert_eq!(kind, expected, "{bytes} of {framing:?}");
    }
}

#[test]
fn what_is_too_short_for_a_packet_is_refused() {
    let four = FrameError::TooShort { bytes: 4 };
    assert_eq!(refusal(Framing::Abridged, &hex("016cfeffff")).1, four);
    assert_eq!(
        refusal(Framing::Intermediate, &hex("040000006cfeffff")).1,
        four
    );
    assert_eq!(
        refusal(Framing::PaddedIntermediate, &hex("040000006cfeffff")).1,
        four
    );
    for bytes in [1, 2, 3, 7, 8, 19, 23_u32] {
        let mut frame = bytes.to_le_bytes().to_vec();
        frame.extend(vec![0xff; bytes as usize]);
        let expected = FrameError::TooShort { bytes };
        assert_eq!(refusal(Framing::PaddedIntermediate, &frame).1, expected);
    }
    // The second frame of a full connection, and its checksum.
    let frame = hex("1000000001000000aaaaaaaa");
    let frame = [&*frame, &crc32(&frame).to_le_bytes()].concat();
    assert_eq!(refusal(Framing::Full, &frame).1, four);
    // A server's word that is positive.
    let mut client = Connection::client(Framing::Intermediate);
    client.decoder.push(&hex("0400000004000000"));
    let kind = FrameError::TooShort { bytes: 4 };
    assert_eq!(
        client.decoder.next_frame(),
        Err(Error::Frame { offset: 0, kind })
    );
}

/// CRC-32 bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ ((crc & 1) * 0xedb8_8320)
        })
    })
}

#[test]
fn padding_that_does_not_fit_the_packet_is_refused() {
    for (bytes, message_len) in [
        (60_u32, 0_i32),
        (60, 24),
        (60, -4),
        // As long as the frame leaves room for, but not in whole words.
        (60, 39),
        (60, 38),
        (60, 44),
        (60, i32::MAX),
        (60, i32::MIN),
        // Shorter than its own head.
        (24, -4),
        (20, -4),
    ] {
        let mut packet = plain_packet(bytes as usize);
        packet[16..20].copy_from_slice(&message_len.to_le_bytes());
        let frame = [&bytes.to_le_bytes()[..], &packet].concat();
        let expected = FrameError::Padding {
            bytes,
            packet_bytes: 20 + i64::from(message_len),
        };
        assert_eq!(refusal(Framing::PaddedIntermediate, &frame).1, expected);
    }
}

#[test]
fn every_flipped_byte_of_a_full_frame_is_noticed() {
    let mut client = Connection::client(Framing::Full);
    let frame = encode(&mut client.encoder, &encrypted_packet(4), false).unwrap();
    for at in 0..frame.len() {
        for bit in 0..8 {
            let mut flipped = frame.clone();
            flipped[at] ^= 1 << bit;
            let mut server = Connection::server(Framing::Full);
            server.decoder.push(&flipped);
            match (at, server.decoder.next_frame()) {
                // The frame has become longer, and may be complete some day.
                (0..4, Ok(None)) => {
                    server.decoder.push(&vec![0; 1 << 24]);
                    assert!(server.decoder.next_frame().is_err());
                }
                (
                    4..8,
                    Err(Error::Frame {
                        kind: FrameError::SequenceNumber { .. },
                        ..
                    }),
                ) => {}
                (
                    8..,
                    Err(Error::Frame {
                        kind: FrameError::Checksum { .. },
                        ..
                    }),
                ) => {}
                (0..4, Err(_)) => {}
                (_, outcome) => panic!("byte {at}: {outcome:?}"),
            }
        }
    }
}

#[test]
fn a_frame_repeated_or_left_out_is_noticed() {
    let mut client = Connection::client(Framing::Full);
    let [first, second, third] =
        [40, 44, 48].map(|len| encode(&mut client.encoder, &plain_packet(len), false).unwrap());
    for (bytes, found, expected) in [
        ([&*first, &first].concat(), 0, 1),
        ([&*first, &third].concat(), 2, 1),
        ([&*second, &first].concat(), 1, 0),
    ] {
        let mut server = Connection::server(Framing::Full);
        server.decoder.push(&bytes);
        let outcome = frames(&mut server.decoder);
        let kind = FrameError::SequenceNumber { found, expected };
        assert!(matches!(outcome, Err(Error::Frame { kind: found, .. }) if found == kind));
    }
}

/// Nothing comes of part of a frame, and nothing of it is lost.
#[test]
fn every_beginning_of_a_frame_waits_for_the_rest() {
    for kind in Kind::all() {
        for packet in [plain_packet(40), encrypted_packet(40)] {
            let mut peers = connect(kind, &mut Cut::Whole);
            let bytes = encode(&mut peers.client.encoder, &packet, false).unwrap();
            for (at, byte) in bytes.iter().enumerate() {
                assert_eq!(
                    peers.server.decoder.next_frame(),
                    Ok(None),
                    "{kind:?}, byte {at}"
                );
                peers.server.decoder.push(&[*byte]);
            }
            let expected = Owned::Packet(packet, false);
            assert_eq!(frames(&mut peers.server.decoder), Ok(vec![expected]));
        }
    }
}

#[test]
fn limits_are_of_the_payload_and_exact() {
    let limits = Limits {
        max_frame_bytes: 1000,
    };
    for kind in Kind::all() {
        let options = AcceptOptions {
            limits,
            ..crate::peers::options()
        };
        if kind.connector().outgoing().is_empty() {
            let mut client = kind.connector().poll().unwrap().unwrap();
            let mut acceptor = Acceptor::new(options);
            acceptor.push(&encode(&mut client.encoder, &plain_packet(1000), false).unwrap());
            let accepted = acceptor.poll(0, &mut Vec::new(), &mut rng(0)).unwrap();
            let Some(Accepted::Packets { mut connection, .. }) = accepted else {
                panic!("the client has sent all");
            };
            let expected = Owned::Packet(plain_packet(1000), false);
            assert_eq!(frames(&mut connection.decoder), Ok(vec![expected]));
            let long = encode(&mut client.encoder, &plain_packet(1016), false).unwrap();
            connection.decoder.push(&long);
            let outcome = frames(&mut connection.decoder);
            let is_too_long = |error| {
                matches!(
                    error,
                    Error::Frame {
                        kind: FrameError::TooLong { .. },
                        ..
                    }
                )
            };
            assert!(outcome.is_err_and(is_too_long), "{kind:?}");
        }
        let mut small = kind.connector().with_limits(limits);
        if let Some(mut client) = small.poll().unwrap() {
            assert!(encode(&mut client.encoder, &plain_packet(1000), false).is_ok());
            assert!(encode(&mut client.encoder, &plain_packet(1004), false).is_err());
        }
    }
}

/// A head that promises 16 MiB takes no memory for them.
#[test]
fn memory_is_taken_for_bytes_that_have_come() {
    for (framing, head) in [
        (Framing::Abridged, "7f000040"),
        (Framing::Intermediate, "00000001"),
        (Framing::PaddedIntermediate, "00000001"),
        (Framing::Full, "0c00000100000000"),
    ] {
        let head = hex(head);
        let info = measure(|| {
            let mut server = Connection::server(framing);
            server.decoder.push(&head);
            assert_eq!(server.decoder.next_frame(), Ok(None));
            assert!(server.decoder.spare().len() < 10_000);
        });
        assert!(info.bytes_max < 20_000, "{} bytes", info.bytes_max);
        let piece = [0x55; 1000];
        let info = measure(|| {
            let mut server = Connection::server(framing);
            server.decoder.push(&head);
            for _ in 0..1000 {
                server.decoder.push(&piece);
                assert_eq!(server.decoder.next_frame(), Ok(None));
            }
        });
        assert!(info.bytes_max < 4_000_000, "{} bytes", info.bytes_max);
        // It grows by doubling, so that filling it copies no byte more than a few times.
        assert!(info.count_total < 25, "{} allocations", info.count_total);
    }
}

/// The room to read into grows with what has come, so that a large frame takes few reads.
#[test]
fn large_frames_take_few_reads() {
    let mut client = Connection::client(Framing::Intermediate);
    let bytes = encode(&mut client.encoder, &plain_packet(1 << 20), false).unwrap();
    let (mut rest, mut reads) = (&bytes[4..], 0);
    let mut server = Connection::server(Framing::Intermediate);
    while !rest.is_empty() {
        let spare = server.decoder.spare();
        let len = spare.len().min(rest.len());
        spare[..len].copy_from_slice(&rest[..len]);
        server.decoder.filled(len);
        rest = &rest[len..];
        reads += 1;
    }
    assert!(reads < 12, "{reads} reads");
    assert_eq!(frames(&mut server.decoder).unwrap().len(), 1);
}

/// A connection that never has all frames at their end takes no more memory for it.
#[test]
fn what_was_read_makes_room() {
    let mut client = Connection::client(Framing::Intermediate);
    client
        .encoder
        .encode(&mut vec![0; 200], false, &mut rng(0))
        .unwrap();
    let frame = encode(&mut client.encoder, &plain_packet(1000), false).unwrap();
    let stream = frame.repeat(1000);
    let info = measure(|| {
        let (mut server, mut read) = (Connection::server(Framing::Intermediate), 0);
        for piece in stream.chunks(1500) {
            server.decoder.push(piece);
            while server.decoder.next_frame().unwrap().is_some() {
                read += 1;
            }
        }
        assert_eq!(read, 1000);
    });
    assert!(info.bytes_max < 20_000, "{} bytes", info.bytes_max);
}

/// Once the buffers are there, packets come and go without allocations.
#[test]
fn a_steady_connection_allocates_nothing() {
    for kind in Kind::all() {
        let mut peers = connect(kind, &mut Cut::Whole);
        let (packet, mut buffer) = (encrypted_packet(50), Vec::with_capacity(4096));
        let mut rng = rng(0);
        let mut exchange = || {
            buffer.clear();
            buffer.resize(mtproto_runtime::transport::HEAD_ROOM, 0);
            buffer.extend(&packet);
            let bytes = peers
                .client
                .encoder
                .encode(&mut buffer, false, &mut rng)
                .unwrap();
            let spare = peers.server.decoder.spare();
            spare[..bytes.len()].copy_from_slice(bytes);
            peers.server.decoder.filled(bytes.len());
            let frame = peers.server.decoder.next_frame().unwrap();
            assert!(frame.is_some());
        };
        exchange();
        let info = measure(|| (0..100).for_each(|_| exchange()));
        assert_eq!(info.count_total, 0, "{kind:?}");
    }
}

/// A connection that was busy gives its memory back.
#[test]
fn memory_of_large_frames_is_given_back() {
    let mut client = Connection::client(Framing::Intermediate);
    let bytes = encode(&mut client.encoder, &plain_packet(1 << 20), false).unwrap();
    let mut server = Connection::server(Framing::Intermediate);
    let info = measure(|| {
        server.decoder.push(&bytes[4..]);
        server.decoder.push(&bytes[4..100]);
        assert_eq!(frames(&mut server.decoder).unwrap().len(), 1);
        server.decoder.shrink();
    });
    assert!(info.bytes_current < 1000, "{} bytes", info.bytes_current);
    server.decoder.push(&bytes[100..]);
    assert_eq!(frames(&mut server.decoder).unwrap().len(), 1);
}

/// Random bytes after a good start: an answer or an error, and always the same one for the same bytes.
#[test]
fn noise_has_the_same_outcome_in_any_pieces() {
    let mut noise = rng(11);
    for round in 0..300 {
        for kind in Kind::all() {
            if round % 10 != 0 && !matches!(kind, Kind::Plain(_)) {
                continue;
            }
            let mut bytes = vec![0; (noise.next_u32() % 600) as usize];
            noise.fill_bytes(&mut bytes);
            if round % 2 == 0 && bytes.len() > 4 {
                // A length that may be one.
                bytes[1..4].fill(0);
            }
            let mut outcomes = Vec::new();
            for mut cut in Cut::all() {
                let mut server = connect(kind, &mut Cut::Whole).server;
                let (mut received, mut outcome) = (Vec::new(), Ok(()));
                for piece in cut.pieces(&bytes) {
                    server.decoder.push(piece);
                    while outcome.is_ok() {
                        match server.decoder.next_frame() {
                            Ok(Some(frame)) => received.push(crate::owned(frame)),
                            Ok(None) => break,
                            Err(error) => outcome = Err(error),
                        }
                    }
                }
                outcomes.push((received, outcome));
            }
            assert!(
                outcomes.windows(2).all(|pair| pair[0] == pair[1]),
                "{kind:?}: {outcomes:?}"
            );
        }
    }
}

/// Connectors that wait for an answer refuse noise, and never panic at it.
#[test]
fn noise_sets_up_no_connection() {
    let mut noise = rng(12);
    for kind in Kind::all() {
        let mut connector: Connector = kind.connector();
        if connector.outgoing().is_empty() {
            continue;
        }
        let mut bytes = vec![0; 70_000];
        noise.fill_bytes(&mut bytes);
        connector.push(&bytes);
        assert!(connector.poll().is_err(), "{kind:?}");
    }
}
