//! Fake TLS: hellos of others, and both of ours.

use mtproto_runtime::transport::{
    AcceptOptions, Acceptor, Connection, Connector, DcId, Error, Framing, ProxySecret, TlsError,
    fake_tls,
};

use crate::peers::{Kind, NOW, PADDED_SECRET, TLS_SECRET, connect, options};
use crate::{Cut, encode, encrypted_packet, frames, hex, plain_packet, rng};

/// mtg's recorded hellos, `mtglib/internal/tls/fake/testdata`: whether it takes them, when they were made, the random bytes
/// and the whole record.
fn mtg_hellos() -> Vec<(bool, u32, Vec<u8>, Vec<u8>)> {
    include_str!("vectors/mtg_client_hellos.txt")
        .lines()
        .map(|line| {
            let [verdict, time, random, hello] = *line.split(' ').collect::<Vec<_>>() else {
                panic!("{line}");
            };
            (
                verdict == "ok",
                time.parse().unwrap(),
                hex(random),
                hex(hello),
            )
        })
        .collect()
}

fn acceptor(secret: &str) -> Acceptor {
    Acceptor::new(AcceptOptions {
        secrets: vec![ProxySecret::parse(secret).unwrap()],
        without_secret: false,
        ..AcceptOptions::default()
    })
}

const MTG_SECRET: &str =
    "ee367a189aee18fa31c190054efd4a8e9573746f726167652e676f6f676c65617069732e636f6d";

/// The error of a hello at the start of a connection.
fn refusal(kind: TlsError) -> Option<Error> {
    Some(Error::Tls { offset: 0, kind })
}

#[test]
fn hellos_of_real_clients() {
    let hellos = mtg_hellos();
    assert_eq!(hellos.len(), 7);
    for (is_good, time, random, hello) in hellos {
        for mut cut in Cut::all() {
            let (mut acceptor, mut answer) = (acceptor(MTG_SECRET), Vec::new());
            let mut outcome = Ok(None);
            for piece in cut.pieces(&hello) {
                assert!(answer.is_empty() && matches!(outcome, Ok(None)));
                acceptor.push(piece);
                outcome = acceptor.poll(time, &mut answer, &mut rng(1));
            }
            if !is_good {
                assert_eq!(outcome.err(), refusal(TlsError::Digest));
                continue;
            }
            assert!(matches!(outcome, Ok(None)), "there is no packet yet");
            // The session id and the first cipher suite come back.
            assert_eq!(answer[..11], hex("160303007a020000760303"));
            assert_eq!(answer[43..76], hello[43..76]);
            assert_eq!(answer[76..78], [0x13, 0x03]);
            assert_ne!(answer[11..43], random);
        }
    }
}

/// What the proxy has to be told by its clock: as MTProxy has it, ten minutes late at most, and three seconds early.
#[test]
fn hellos_of_other_times_are_refused() {
    let (_, time, _, hello) = mtg_hellos().swap_remove(1);
    for (now, is_good) in [
        (time, true),
        (time + fake_tls::MAX_AGE_SECS, true),
        (time + fake_tls::MAX_AGE_SECS + 1, false),
        (time - fake_tls::MAX_LEAD_SECS, true),
        (time - fake_tls::MAX_LEAD_SECS - 1, false),
        (0, false),
        (u32::MAX, false),
    ] {
        let mut acceptor = acceptor(MTG_SECRET);
        acceptor.push(&hello);
        let outcome = acceptor.poll(now, &mut Vec::new(), &mut rng(1));
        let expected = if is_good {
            None
        } else {
            refusal(TlsError::Timestamp { timestamp: time })
        };
        assert_eq!(outcome.err(), expected, "{now}");
    }
}

/// Every byte of the hello counts: flipped, it is another hello, that no secret has made.
#[test]
fn every_flipped_byte_of_a_hello_is_refused() {
    let mut hellos = mtg_hellos();
    let ours = Kind::Proxy(Framing::Abridged, TLS_SECRET).connector();
    hellos.push((true, NOW, Vec::new(), ours.outgoing().to_vec()));
    for (secret, (_, time, _, hello)) in [(MTG_SECRET, &hellos[1]), (TLS_SECRET, &hellos[7])] {
        for at in 0..hello.len() {
            let mut flipped = hello.clone();
            flipped[at] ^= 0x10;
            let (mut acceptor, mut answer) = (acceptor(secret), Vec::new());
            acceptor.push(&flipped);
            acceptor.push(&[0; 8192]);
            let outcome = acceptor.poll(*time, &mut answer, &mut rng(1));
            // The last four bytes of the random are the time alone: the first of them changes it by seconds.
            let is_time = matches!(
                outcome,
                Err(Error::Tls {
                    kind: TlsError::Timestamp { .. },
                    ..
                })
            );
            assert!(
                at == 39 || is_time == (40..43).contains(&at),
                "byte {at}: {outcome:?}"
            );
            let is_refused = outcome.is_err() && answer.is_empty();
            assert!(is_refused || at == 39, "byte {at}: {outcome:?}");
        }
    }
}

#[test]
fn hellos_for_another_domain_are_refused() {
    let (_, time, _, hello) = mtg_hellos().swap_remove(1);
    let secret = "ee367a189aee18fa31c190054efd4a8e95676f6f676c652e636f6d";
    let mut acceptor = acceptor(secret);
    acceptor.push(&hello);
    let outcome = acceptor.poll(time, &mut Vec::new(), &mut rng(1));
    assert_eq!(outcome.err(), refusal(TlsError::Domain));
}

/// The client's hello in the parts that TLS has, as MTProxy and others read it.
#[test]
fn our_hello_is_one_of_tls() {
    for seed in 0..8 {
        let secret = ProxySecret::parse(TLS_SECRET).unwrap();
        let connector = Connector::proxy(
            Framing::Abridged,
            &secret,
            DcId::new(2),
            NOW,
            &mut rng(seed),
        )
        .unwrap();
        let hello = connector.outgoing();
        // Chrome's hello is this long, with X25519MLKEM768 and one of the lengths of an ECH.
        assert!((1650..1850).contains(&hello.len()), "{} bytes", hello.len());
        let length = |at: usize| usize::from(u16::from_be_bytes([hello[at], hello[at + 1]]));
        assert_eq!(hello[..3], [0x16, 3, 1]);
        assert_eq!(length(3), hello.len() - 5);
        assert_eq!(hello[5..7], [1, 0]);
        assert_eq!(length(7), hello.len() - 9);
        assert_eq!(hello[9..11], [3, 3]);
        assert_eq!(hello[43], 32);
        assert_eq!(length(76), 32);
        assert_eq!(hello[78], hello[79]);
        assert_eq!(hello[78] & 0x0f, 0x0a);
        assert_eq!(hello[80..86], [0x13, 1, 0x13, 2, 0x13, 3]);
        assert_eq!(hello[110..112], [1, 0]);
        assert_eq!(length(112), hello.len() - 114);
        let (mut at, mut numbers) = (114, Vec::new());
        while at < hello.len() {
            numbers.push(length(at));
            if length(at) == 0 {
                assert_eq!(hello[at + 4..at + 9], [0, 13, 0, 0, 10]);
                assert_eq!(&hello[at + 9..at + 19], b"google.com");
            }
            at += 4 + length(at + 2);
        }
        assert_eq!(at, hello.len(), "the extensions fill it");
        let is_grease = |number: usize| number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff;
        assert!(is_grease(numbers[0]) && is_grease(numbers[17]) && numbers[0] != numbers[17]);
        let mut middle = numbers[1..17].to_vec();
        middle.sort_unstable();
        let expected = [
            0x0000, 0x0005, 0x000a, 0x000b, 0x000d, 0x0010, 0x0012, 0x0017, 0x001b, 0x0023, 0x002b,
            0x002d, 0x0033, 0x44cd, 0xfe0d, 0xff01,
        ];
        assert_eq!(middle, expected);
        assert_ne!(numbers[1..17], expected, "their order is random");
    }
}

/// The server's answer is what a real client of gotd's has: see the tests of the module for theirs.
#[test]
fn a_flipped_byte_of_the_answer_is_refused() {
    let kind = Kind::Proxy(Framing::Abridged, TLS_SECRET);
    let (mut acceptor, mut answer) = (Acceptor::new(options()), Vec::new());
    acceptor.push(kind.connector().outgoing());
    assert!(
        acceptor
            .poll(NOW, &mut answer, &mut rng(2))
            .unwrap()
            .is_none()
    );
    for at in (0..answer.len()).filter(|at| *at < 200 || at % 50 == 0) {
        let (mut connector, mut flipped) = (kind.connector(), answer.clone());
        flipped[at] ^= 0x20;
        connector.push(&flipped);
        connector.push(&[0; 1 << 15]);
        assert!(connector.poll().is_err(), "byte {at}");
    }
    let mut connector = kind.connector();
    connector.push(&answer);
    assert!(connector.poll().unwrap().is_some());
}

/// TDLib and MTProxy: the `ChangeCipherSpec` comes first, once, and records have what each of them has.
#[test]
fn records() {
    let peers = connect(Kind::Proxy(Framing::Abridged, TLS_SECRET), &mut Cut::Whole);
    let Connection { mut encoder, .. } = peers.server;
    let bytes = encode(&mut encoder, &encrypted_packet(200), false).unwrap();
    let (mut at, mut lengths) = (0, Vec::new());
    while at < bytes.len() {
        assert_eq!(bytes[at..at + 3], [0x17, 3, 3]);
        let len = u16::from_be_bytes([bytes[at + 3], bytes[at + 4]]);
        lengths.push(len);
        at += 5 + usize::from(len);
    }
    assert_eq!(at, bytes.len());
    assert_eq!(lengths[..2], [1425, 1425]);

    let mut connector = Kind::Proxy(Framing::Abridged, TLS_SECRET).connector();
    let (mut acceptor, mut answer) = (Acceptor::new(options()), Vec::new());
    acceptor.push(connector.outgoing());
    acceptor.poll(NOW, &mut answer, &mut rng(2)).unwrap();
    connector.push(&answer);
    let mut client = connector.poll().unwrap().unwrap();
    let first = encode(&mut client.encoder, &encrypted_packet(200), false).unwrap();
    assert_eq!(first[..11], hex("1403030001011703030b3e"));
    let second = encode(&mut client.encoder, &encrypted_packet(200), false).unwrap();
    assert_eq!(second[..5], hex("1703030b3e"));
}

/// A connection within TLS, whose client has sent its first packet.
fn established() -> Connection {
    connect(Kind::Proxy(Framing::Abridged, TLS_SECRET), &mut Cut::Whole).server
}

#[test]
fn other_records_are_refused() {
    for (record, kind) in [
        (
            "1503030002022a",
            TlsError::Record {
                record_type: 0x15,
                version: 0x0303,
            },
        ),
        (
            "1703010001ff",
            TlsError::Record {
                record_type: 0x17,
                version: 0x0301,
            },
        ),
        (
            "160303000100",
            TlsError::Record {
                record_type: 0x16,
                version: 0x0303,
            },
        ),
        ("14030300020101", TlsError::ChangeCipherSpec),
        ("140303000102", TlsError::ChangeCipherSpec),
        ("1403030000", TlsError::ChangeCipherSpec),
    ] {
        for mut cut in Cut::all() {
            let mut server = established();
            // Empty records and a change are passed over.
            for piece in cut.pieces(&hex(&["1703030000", "140303000101", record].concat())) {
                server.decoder.push(piece);
            }
            let Err(Error::Tls { kind: found, .. }) = server.decoder.next_frame() else {
                panic!("{record} is none");
            };
            assert_eq!(found, kind, "{record}");
        }
    }
}

/// A frame that was complete before the bad record arrives is still given.
#[test]
fn an_error_comes_after_all_that_came_before_it() {
    let mut peers = connect(Kind::Proxy(Framing::Abridged, TLS_SECRET), &mut Cut::Whole);
    let mut bytes = encode(&mut peers.client.encoder, &plain_packet(40), false).unwrap();
    bytes.extend(hex("1503030002022a"));
    peers.server.decoder.push(&bytes);
    assert!(peers.server.decoder.next_frame().unwrap().is_some());
    assert!(peers.server.decoder.next_frame().is_err());
    assert!(frames(&mut peers.server.decoder).is_err());
}

/// Nothing but an obfuscated connection with the same secret goes on within TLS: neither one without, nor another's.
#[test]
fn the_secret_within_is_the_one_of_the_hello() {
    let padded = Framing::PaddedIntermediate;
    for other in [Kind::Obfuscated(padded), Kind::Proxy(padded, PADDED_SECRET)] {
        let (mut acceptor, mut answer) = (Acceptor::new(options()), Vec::new());
        let hello = Kind::Proxy(Framing::Abridged, TLS_SECRET).connector();
        acceptor.push(hello.outgoing());
        let outcome = acceptor.poll(NOW, &mut answer, &mut rng(2));
        assert!(outcome.unwrap().is_none());
        let mut other = other.connector().poll().unwrap().unwrap();
        let bytes = encode(&mut other.encoder, &plain_packet(40), false).unwrap();
        acceptor.push(&[0x17, 3, 3, 0, bytes.len() as u8]);
        acceptor.push(&bytes);
        let outcome = acceptor.poll(NOW, &mut answer, &mut rng(2));
        assert!(matches!(outcome, Err(Error::Detection(_))));
    }
}

/// The same key in a secret of another form does not open TLS.
#[test]
fn plain_secrets_are_not_for_tls() {
    for form in ["", "dd"] {
        let mut acceptor = acceptor(&[form, &TLS_SECRET[2..34]].concat());
        let hello = Kind::Proxy(Framing::Abridged, TLS_SECRET).connector();
        acceptor.push(hello.outgoing());
        let outcome = acceptor.poll(NOW, &mut Vec::new(), &mut rng(2));
        assert_eq!(outcome.err(), refusal(TlsError::Digest));
    }
}

#[test]
fn accepted_hellos_are_told() {
    let peers = connect(Kind::Proxy(Framing::Abridged, TLS_SECRET), &mut Cut::Whole);
    let hello = Kind::Proxy(Framing::Abridged, TLS_SECRET).connector();
    let told = peers.arrival.tls_hello.unwrap();
    assert_eq!(told.timestamp, NOW);
    assert_eq!(told.random[..], hello.outgoing()[11..43]);
}

#[test]
fn hellos_too_long_or_malformed_are_refused() {
    let (mut acceptor, mut out) = (acceptor(TLS_SECRET), Vec::new());
    acceptor.push(&hex("160301200001001ffc0303"));
    let outcome = acceptor.poll(NOW, &mut out, &mut rng(0));
    assert_eq!(outcome.err(), refusal(TlsError::TooLong { limit: 8192 }));
    // A record that has no room for random bytes.
    let mut acceptor = self::acceptor(TLS_SECRET);
    acceptor.push(&hex("1603010006010000020303"));
    let outcome = acceptor.poll(NOW, &mut out, &mut rng(0));
    assert_eq!(outcome.err(), refusal(TlsError::Hello));
}
