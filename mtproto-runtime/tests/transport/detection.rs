//! What servers make of first bytes.

use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Detection, DetectionError, Error, Framing, Limits, detect,
};
use rand_chacha::rand_core::Rng;

use crate::peers::{Kind, NOW, PLAIN_SECRET, TLS_SECRET};
use crate::{encode, hex, plain_packet, rng};

fn first_bytes(kind: Kind) -> Vec<u8> {
    let mut connector = kind.connector();
    let outgoing = connector.outgoing().to_vec();
    if !outgoing.is_empty() {
        return outgoing;
    }
    let mut client = connector.poll().unwrap().unwrap();
    encode(&mut client.encoder, &plain_packet(40), false).unwrap()
}

/// How many bytes it takes to know, and what is known then: of every kind of connection, byte by byte.
#[test]
fn every_kind_is_known_as_soon_as_it_can_be() {
    let limits = Limits::default();
    let mut cases = vec![(b"POST /api HTTP/1.1\r\n".to_vec(), 4, Detection::Http)];
    for method in [
        "HEAD / HTTP/1.1\r\n",
        "OPTIONS /api HTTP/1.1\r\n",
        "GET /apiws HTTP/1.1\r\n",
    ] {
        cases.push((method.into(), 4, Detection::Http));
    }
    for kind in Kind::all() {
        let (certain, expected) = match kind {
            Kind::Plain(Framing::Abridged) => (1, Detection::Plain(Framing::Abridged)),
            Kind::Plain(Framing::Full) => (8, Detection::Plain(Framing::Full)),
            Kind::Plain(framing) => (4, Detection::Plain(framing)),
            Kind::WebSocket(_) => (4, Detection::Http),
            Kind::Proxy(_, TLS_SECRET) => (11, Detection::FakeTls),
            _ => (64, Detection::Obfuscated),
        };
        cases.push((first_bytes(kind), certain, expected));
    }
    for (bytes, certain, expected) in cases {
        for len in 0..=bytes.len() {
            let detection = detect(&bytes[..len], &limits).unwrap();
            if len >= certain {
                assert_eq!(detection, expected, "{len} bytes of {bytes:02x?}");
            } else {
                let more = matches!(detection, Detection::NeedMore(n) if n > len && n <= certain);
                assert!(more, "{detection:?} at {len} bytes of {bytes:02x?}");
            }
        }
    }
}

/// No byte that follows changes an answer, whatever the bytes.
#[test]
fn answers_are_final() {
    let limits = Limits::default();
    let mut noise = rng(1);
    let starts = [
        "",
        "ef",
        "ee",
        "eeeeee",
        "dddd",
        "dddddddd",
        "1603",
        "160301",
        "16030102",
        "1603010200010001fc0303",
        "1603010200010001fb0303",
        "16030106000100",
        "504f53",
        "504f5354",
        "47455420",
        "4f505449",
        "4f505441",
        "2800000000000000",
        "28000000000000",
        "0000000000000000",
        "ffffffff00000000",
    ];
    for start in starts {
        for _ in 0..50 {
            let mut bytes = hex(start);
            let fixed = bytes.len();
            bytes.resize(80, 0);
            noise.fill_bytes(&mut bytes[fixed..]);
            let last = detect(&bytes, &limits);
            assert!(!matches!(last, Ok(Detection::NeedMore(_))));
            let mut needed = 0;
            for len in 0..bytes.len() {
                match detect(&bytes[..len], &limits) {
                    Ok(Detection::NeedMore(more)) => {
                        assert!(more > len, "{more} bytes after {len}");
                        needed = more;
                    }
                    answer => {
                        assert_eq!(answer, last, "{len} bytes of {bytes:02x?}");
                        assert!(len >= needed, "it took less than it needed");
                    }
                }
            }
        }
    }
}

/// By elimination: the number 0, and a length that may be one.
#[test]
fn full_frames_have_plausible_lengths() {
    let limits = Limits::default();
    let full = Ok(Detection::Plain(Framing::Full));
    for (length, expected) in [
        (16, full),
        (52, full),
        ((1 << 24) + 12, full),
        (12, Err(12)),
        (0, Err(0)),
        (54, Err(54)),
        ((1 << 24) + 16, Err((1 << 24) + 16)),
        (u32::MAX, Err(u32::MAX)),
    ] {
        let bytes = u64::from(length).to_le_bytes();
        let expected = expected.map_err(|length| Error::from(DetectionError::Unknown { length }));
        assert_eq!(detect(&bytes, &limits), expected, "{length}");
    }
}

/// Payloads that start like TLS, but for the lengths, are obfuscated.
#[test]
fn obfuscated_connections_may_start_like_tls() {
    let limits = Limits::default();
    for start in [
        "16030103",
        "160301060001000001",
        "1603010604010006030303",
        "1603010604010006000302",
    ] {
        let mut bytes = hex(start);
        bytes.resize(64, 0x77);
        assert_eq!(
            detect(&bytes, &limits),
            Ok(Detection::Obfuscated),
            "{start}"
        );
    }
    let mut bytes = hex("1603010604010006000303");
    bytes.resize(64, 0x77);
    assert_eq!(detect(&bytes, &limits), Ok(Detection::FakeTls));
}

/// Whatever follows the first bytes in the same read is of the connection.
#[test]
fn nothing_after_the_first_bytes_is_lost() {
    for kind in Kind::all() {
        let mut connector = kind.connector();
        if !connector.outgoing().is_empty() {
            continue;
        }
        let mut client = connector.poll().unwrap().unwrap();
        let bytes: Vec<_> = [40, 1000, 20_000]
            .iter()
            .flat_map(|&len| encode(&mut client.encoder, &plain_packet(len), false).unwrap())
            .collect();
        let mut acceptor = Acceptor::new(crate::peers::options());
        let spare = acceptor.spare();
        let room = spare.len();
        spare.copy_from_slice(&bytes[..room]);
        acceptor.filled(room);
        let accepted = acceptor.poll(NOW, &mut Vec::new(), &mut rng(0)).unwrap();
        let Some(Accepted::Packets { mut connection, .. }) = accepted else {
            panic!("the client has sent all");
        };
        connection.decoder.push(&bytes[room..]);
        let received = crate::frames(&mut connection.decoder).unwrap();
        let expected = [40, 1000, 20_000].map(|len| crate::Owned::Packet(plain_packet(len), false));
        assert!(received == expected, "{kind:?}");
    }
}

/// A proxy passes on what is of no client of its.
#[test]
fn what_is_refused_can_be_passed_on() {
    let hello = first_bytes(Kind::Proxy(Framing::Abridged, TLS_SECRET));
    let mut acceptor = Acceptor::new(AcceptOptions {
        secrets: crate::peers::options().secrets[..1].to_vec(),
        without_secret: false,
        ..AcceptOptions::default()
    });
    acceptor.push(&hello);
    let mut out = Vec::new();
    assert!(acceptor.poll(NOW, &mut out, &mut rng(0)).is_err());
    assert!(out.is_empty());
    assert_eq!(acceptor.pending(), hello);
}

#[test]
fn a_done_acceptor_gives_nothing_more() {
    let mut acceptor = Acceptor::new(AcceptOptions::default());
    acceptor.push(&[0xef]);
    let poll = |acceptor: &mut Acceptor| acceptor.poll(0, &mut Vec::new(), &mut rng(0));
    assert!(poll(&mut acceptor).unwrap().is_some());
    acceptor.push(&[0xef]);
    assert!(poll(&mut acceptor).unwrap().is_none());
    let mut connector = Kind::Proxy(Framing::Abridged, PLAIN_SECRET).connector();
    assert!(connector.poll().unwrap().is_some());
    assert!(connector.poll().unwrap().is_none());
}
