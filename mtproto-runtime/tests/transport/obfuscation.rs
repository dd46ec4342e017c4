//! Obfuscation, against the suites of gotd, mtcute and mtg.

use core::convert::Infallible;

use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Connector, DcId, DetectionError, Error, FrameError, Framing,
    ProxySecret, obfuscated::INIT_LEN,
};
use rand_chacha::rand_core::{TryCryptoRng, TryRng};

use crate::{Owned, encode, encrypted_packet, frames, hex, plain_packet, rng};

/// A generator of given bytes, over and over.
struct Fixed(Vec<u8>, usize);

impl Fixed {
    fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec(), 0)
    }
}

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut word = [0; 4];
        self.try_fill_bytes(&mut word)?;
        Ok(u32::from_le_bytes(word))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_le_bytes(word))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for byte in dst {
            *byte = self.0[self.1 % self.0.len()];
            self.1 += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

/// What a client sends, of which the first 64 bytes are the initialization payload.
fn sent(connector: Result<Connector, Error>, packet: &[u8]) -> Vec<u8> {
    let mut client = connector.unwrap().poll().unwrap().unwrap();
    encode(&mut client.encoder, packet, false).unwrap()
}

fn secret(digits: &str) -> ProxySecret {
    ProxySecret::parse(digits).unwrap()
}

/// gotd: `mtproxy/obfuscated2`, `Test_generateKeys` and `TestEncrypt`.
#[test]
fn gotd_vectors() {
    let mut generator = Fixed::new(&[b'a'; 64]);
    let secret_a = secret(&"a".repeat(32));
    let padded = Framing::PaddedIntermediate;
    let connector = Connector::proxy(padded, &secret_a, DcId::new(2), 0, &mut generator);
    let bytes = sent(connector, &plain_packet(40));
    assert_eq!(bytes[..56], [b'a'; 56]);
    assert_eq!(bytes[56..64], [171, 65, 98, 66, 79, 102, 253, 220]);

    let random = [
        245, 118, 143, 80, 183, 49, 38, 10, 70, 190, 16, 39, 194, 238, 170, 57, 53, 6, 36, 240,
        182, 218, 89, 235, 165, 108, 129, 254, 69, 16, 194, 224, 182, 29, 61, 211, 35, 238, 2, 56,
        134, 51, 227, 131, 122, 12, 28, 36, 250, 111, 41, 204, 215, 36, 190, 111, 65, 111, 247,
        176, 38, 246, 204, 230,
    ];
    let mut generator = Fixed::new(&random);
    let secret_b = secret("8a96ef6e42a18c21837580cd1c91c5a8");
    let connector = Connector::proxy(padded, &secret_b, DcId::new(2), 0, &mut generator);
    let mut client = connector.unwrap().poll().unwrap().unwrap();
    let packet = encrypted_packet(1);
    let bytes = encode(&mut client.encoder, &packet, false).unwrap();
    assert_eq!(bytes[..56], random[..56]);
    assert_eq!(bytes[56..64], [190, 162, 221, 225, 109, 197, 157, 210]);
    // The first four bytes of either keystream, of which the vector has what they make of "abcd".
    let length = (bytes.len() as u32 - 68).to_le_bytes();
    let keystream = [202 ^ b'a', 122 ^ b'b', 130 ^ b'c', 38 ^ b'd'];
    let expected: Vec<_> = keystream.iter().zip(length).map(|(a, b)| a ^ b).collect();
    assert_eq!(bytes[64..68], expected);
    // The keystream of the other direction, so that the length becomes 0.
    client
        .decoder
        .push(&[143 ^ b'a', 113 ^ b'b', 25 ^ b'c', 130 ^ b'd']);
    let kind = FrameError::Empty;
    assert_eq!(
        client.decoder.next_frame(),
        Err(Error::Frame { offset: 0, kind })
    );
}

/// mtcute: `transports/obfuscated.test.ts`.
#[test]
fn mtcute_vectors() {
    let intermediate = Framing::Intermediate;
    let bytes = sent(
        Connector::obfuscated(intermediate, &mut Fixed::new(&[0xff; 64])),
        &plain_packet(40),
    );
    assert_eq!(bytes[..56], [0xff; 56]);
    assert_eq!(bytes[56..64], hex("fce8ab2203db2bff"));

    let zeros = secret(&"0".repeat(32));
    for (dc, expected) in [
        (DcId::new(1), "ecec4cbda8bb188b"),
        (DcId::new(1).test(), "ecec4cbdb89c188b"),
        (DcId::new(1).media(), "ecec4cbd5644188b"),
    ] {
        let connector = Connector::proxy(intermediate, &zeros, dc, 0, &mut Fixed::new(&[0xff; 64]));
        let bytes = sent(connector, &plain_packet(40));
        assert_eq!(bytes[56..64], hex(expected), "{dc:?}");
    }
}

/// mtcute's default entropy: what its client deciphers, with its keys.
#[test]
fn mtcute_streams() {
    let entropy = hex(
        "29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8\
         a990c9b8b980c343936b33fa7f97bae025102532233abb269c489920ef99021b",
    );
    let connector = Connector::obfuscated(Framing::Intermediate, &mut Fixed::new(&entropy));
    let mut client = connector.unwrap().poll().unwrap().unwrap();
    for message in ["e8027df708ab3b5c", "1854be76d2df4949"] {
        client.decoder.push(&hex(message));
        assert_eq!(frames(&mut client.decoder), Ok(vec![Owned::Error(-404)]));
    }
    // What it sends has the keystream of `a1020630a410e940`, which is the frame of the word -404.
    let bytes = encode(&mut client.encoder, &plain_packet(40), false).unwrap();
    let keystream: Vec<_> = hex("a1020630")
        .iter()
        .zip([4, 0, 0, 0])
        .map(|(a, b)| a ^ b)
        .collect();
    let length: Vec<_> = bytes[64..68]
        .iter()
        .zip(keystream)
        .map(|(a, b)| a ^ b)
        .collect();
    assert_eq!(length, [40, 0, 0, 0]);
}

/// mtg: `mtglib/internal/obfuscation/testdata`. Both connections want data center 2, and both streams go on.
#[test]
fn mtg_vectors() {
    for (init, plain_out, sent, received, plain_in) in [
        (
            "803717c1a318e11c2547e9c9c3e20b0ebd76dd42471e38c4fd4e691789bf634e\
             00987ee512910be946119c86036c394e1d20f17354e8ce23ef36524987c44ca3",
            "01020304",
            "c195774d",
            "61626364",
            "e30663ea",
        ),
        (
            "3365b2c5e8b021007e64e17137348d1edbbd39d11291fc6fdc990a162982c54a\
             18037043fd097d9d707f388a2708a2d4282712d15cd9d8febffb9a10f4623c60",
            "01020304",
            "b73030ac",
            "61626364",
            "42422fc0",
        ),
    ] {
        let mut acceptor = Acceptor::new(AcceptOptions {
            secrets: vec![secret("367a189aee18fa31c190054efd4a8e95")],
            without_secret: false,
            ..AcceptOptions::default()
        });
        acceptor.push(&hex(init));
        let accepted = acceptor.poll(0, &mut Vec::new(), &mut rng(0)).unwrap();
        let Some(Accepted::Packets {
            mut connection,
            arrival,
        }) = accepted
        else {
            panic!("the payload is complete");
        };
        assert_eq!((arrival.dc, arrival.secret), (Some(DcId::new(2)), Some(0)));
        // Under the keystream of what the server sends lies the head of a frame.
        let xor = |a: &[u8], b: &[u8]| -> Vec<u8> { a.iter().zip(b).map(|(a, b)| a ^ b).collect() };
        let keystream = xor(&hex(plain_out), &hex(sent));
        let bytes = encode(&mut connection.encoder, &plain_packet(40), false).unwrap();
        let head = xor(&bytes, &keystream);
        match arrival.framing {
            Framing::Abridged => assert_eq!(head, [10, 0, 0, 0]),
            Framing::Intermediate => assert_eq!(head, [40, 0, 0, 0]),
            framing => assert_eq!(
                (framing, &head[1..]),
                (Framing::PaddedIntermediate, &[0; 3][..])
            ),
        }
        // And what comes with the keystream of the client is zeros: an empty frame.
        connection
            .decoder
            .push(&xor(&hex(received), &hex(plain_in)));
        let kind = FrameError::Empty;
        assert_eq!(
            connection.decoder.next_frame(),
            Err(Error::Frame { offset: 0, kind })
        );
    }
}

/// The page's and TDLib's words, and the second word 0.
#[test]
fn payloads_that_look_like_something_else_are_not_sent() {
    let mut words: Vec<Vec<u8>> = [b"HEAD", b"POST", b"GET ", b"OPTI"]
        .map(|word| word.to_vec())
        .into();
    words.extend(
        [
            "dddddddd",
            "eeeeeeee",
            "16030102",
            "ef",
            "ef123456",
            "1122334400000000",
        ]
        .map(hex),
    );
    for word in words {
        let mut bytes = [&*word, &[0x77; 64]].concat();
        bytes.truncate(64);
        // First the forbidden payload, then another.
        bytes.extend([0x99; 64]);
        let connector = Connector::obfuscated(Framing::Abridged, &mut Fixed::new(&bytes));
        let sent = sent(connector, &plain_packet(40));
        assert_eq!(sent[..56], [0x99; 56], "{word:02x?}");
        // Nothing but the forbidden: the generator is broken.
        let connector = Connector::obfuscated(Framing::Abridged, &mut Fixed::new(&bytes[..64]));
        let attempts = 32;
        assert_eq!(connector.err(), Some(Error::Randomness { attempts }));
    }
    let connector = Connector::obfuscated(Framing::Abridged, &mut Fixed::new(&[0x16, 3, 1, 3]));
    assert!(connector.is_ok(), "TDLib sends these");
}

#[test]
fn full_framing_is_not_obfuscated() {
    let full = Framing::Full;
    let connector = Connector::obfuscated(full, &mut rng(0));
    assert_eq!(connector.err(), Some(Error::ObfuscatedFull));
    let plain = secret(&"1".repeat(32));
    let connector = Connector::proxy(full, &plain, DcId::new(1), 0, &mut rng(0));
    assert_eq!(connector.err(), Some(Error::ObfuscatedFull));
}

fn accept(options: AcceptOptions, bytes: &[u8]) -> Result<Option<Accepted>, Error> {
    let mut acceptor = Acceptor::new(options);
    acceptor.push(bytes);
    acceptor.poll(0, &mut Vec::new(), &mut rng(0))
}

#[test]
fn only_known_secrets_are_accepted() {
    let [known, unknown] = [secret(&"1".repeat(32)), secret(&"2".repeat(32))];
    let proxy = || AcceptOptions {
        secrets: vec![secret(&"3".repeat(32)), known.clone()],
        without_secret: false,
        ..AcceptOptions::default()
    };
    let come = |secret| {
        let connector = Connector::proxy(Framing::Abridged, secret, DcId::new(1), 0, &mut rng(5));
        sent(connector, &plain_packet(40))
    };
    let accepted = accept(proxy(), &come(&known)).unwrap().unwrap();
    assert!(matches!(accepted, Accepted::Packets { arrival, .. } if arrival.secret == Some(1)));
    let refused = Some(Error::Detection(DetectionError::Secret));
    assert_eq!(accept(proxy(), &come(&unknown)).err(), refused);
    let none = sent(
        Connector::obfuscated(Framing::Abridged, &mut rng(5)),
        &plain_packet(40),
    );
    assert_eq!(accept(proxy(), &none).err(), refused);
    for tag in [
        &[0xef][..],
        &[0xee; 4],
        &[0xdd; 4],
        &hex("2000000000000000"),
    ] {
        let refused = Some(Error::Detection(DetectionError::NotAccepted));
        assert_eq!(accept(proxy(), tag).err(), refused);
    }
    assert_eq!(
        accept(proxy(), b"POST /api HTTP/1.1\r\n").err(),
        Some(Error::Detection(DetectionError::NotAccepted))
    );
    // Without secrets, a data center does not accept clients of a proxy.
    assert_eq!(
        accept(AcceptOptions::default(), &come(&known)).err(),
        refused
    );
}

/// A `dd` secret is for padded framing alone, and an `ee` secret for TLS alone.
#[test]
fn secrets_are_good_for_their_form_alone() {
    let digits = "1".repeat(32);
    let plain = secret(&digits);
    for (form, framing, is_accepted) in [
        ("", Framing::Abridged, true),
        ("dd", Framing::PaddedIntermediate, true),
        ("dd", Framing::Intermediate, false),
        ("ee", Framing::PaddedIntermediate, false),
    ] {
        let domain = if form == "ee" { "61" } else { "" };
        let options = AcceptOptions {
            secrets: vec![secret(&[form, &digits, domain].concat())],
            without_secret: false,
            ..AcceptOptions::default()
        };
        let connector = Connector::proxy(framing, &plain, DcId::new(1), 0, &mut rng(5));
        let accepted = accept(options, &sent(connector, &plain_packet(40)));
        assert_eq!(accepted.is_ok(), is_accepted, "{form} in {framing:?}");
    }
}

#[test]
fn numbers_of_data_centers() {
    for (dc, number, parts) in [
        (DcId::new(2), 2, (2, false, false)),
        (DcId::new(4).media(), -4, (4, false, true)),
        (DcId::new(1).test(), 10_001, (1, true, false)),
        (DcId::new(203).test().media(), -10_203, (203, true, true)),
        (DcId::new(203).media().test(), -10_203, (203, true, true)),
    ] {
        assert_eq!(dc.to_wire(), number);
        assert_eq!((dc.id(), dc.is_test(), dc.is_media()), parts);
        assert_eq!(DcId::from_wire(number), dc);
    }
    for number in i16::MIN..=i16::MAX {
        let dc = DcId::from_wire(number);
        assert!(dc.test().is_test() && dc.test().id() == dc.id());
        assert!(dc.media().is_media() || number == 0);
        assert_eq!(dc.media().id(), dc.id());
    }
}

/// Nothing of the keystream is lost or used twice, wherever the bytes are cut: gotd's `TestReadPartialChunks`.
#[test]
fn the_keystream_keeps_step_with_the_bytes() {
    let mut client = Connector::obfuscated(Framing::Intermediate, &mut rng(6)).unwrap();
    let mut client = client.poll().unwrap().unwrap();
    let packet = plain_packet(50_000);
    let bytes = encode(&mut client.encoder, &packet, false).unwrap();
    for size in [1, 7, 63, 64, 65, 4096, 16_384] {
        let mut acceptor = Acceptor::new(AcceptOptions::default());
        let (first, rest) = bytes.split_at(INIT_LEN + size);
        acceptor.push(first);
        let accepted = acceptor.poll(0, &mut Vec::new(), &mut rng(0)).unwrap();
        let Some(Accepted::Packets { mut connection, .. }) = accepted else {
            panic!("the payload is complete");
        };
        for piece in rest.chunks(size) {
            assert_eq!(connection.decoder.next_frame(), Ok(None));
            connection.decoder.push(piece);
        }
        let expected = Owned::Packet(packet.clone(), false);
        assert_eq!(frames(&mut connection.decoder), Ok(vec![expected]));
    }
}
