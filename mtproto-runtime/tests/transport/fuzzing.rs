//! What holds for any bytes: the body of the fuzz targets `transport_decode` and `detect`, which tests run on their corpora.

use mtproto_runtime::transport::http::Answers;
use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Connection, Connector, DcId, Decoder, Detection, Error,
    Frame, Framing, Limits, ProxySecret, detect,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const FRAMINGS: [Framing; 4] = [
    Framing::Abridged,
    Framing::Intermediate,
    Framing::PaddedIntermediate,
    Framing::Full,
];
const LIMITS: Limits = Limits {
    max_frame_bytes: 1 << 16,
};
/// When recorded hellos were made.
const NOW: u32 = 1_617_181_365;

/// What came of bytes: what was read, and the error at the end.
#[derive(Debug, PartialEq)]
struct Outcome(Vec<String>, Option<Error>);

/// Whatever a peer sends, in whatever pieces, the same frames and the same error come of it, and no packet has more bytes
/// than were sent. The first byte chooses the decoder, the second how the bytes are cut.
pub(crate) fn transport_decode(bytes: &[u8]) {
    let [kind, cut, rest @ ..] = bytes else {
        return;
    };
    let whole = decode(*kind, &[rest]);
    let size = usize::from(*cut) + 1;
    let pieces: Vec<_> = rest.chunks(size).collect();
    assert_eq!(decode(*kind, &pieces), whole, "in pieces of {size}");
}

fn decode(kind: u8, pieces: &[&[u8]]) -> Outcome {
    let framing = FRAMINGS[usize::from(kind) % 4];
    match kind / 4 % 4 {
        0 => read(Connection::server(framing).decoder, &[], pieces),
        1 => read(Connection::client(framing).decoder, &[], pieces),
        2 => answers(pieces),
        _ => connect(framing, kind, pieces),
    }
}

/// What a decoder reads that has something of the bytes before these.
fn read(mut decoder: Decoder, before: &[&[u8]], pieces: &[&[u8]]) -> Outcome {
    let mut read = Vec::new();
    let mut sent = before.iter().map(|piece| piece.len()).sum::<usize>();
    for piece in pieces {
        decoder.push(piece);
        sent += piece.len();
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => {
                    let len = match &frame {
                        Frame::Packet { payload, .. } => payload.len(),
                        _ => 4,
                    };
                    assert!(len <= sent && len >= 4 && len % 4 == 0, "{len} of {sent}");
                    read.push(format!("{frame:?}"));
                }
                Ok(None) => break,
                Err(error) => return Outcome(read, Some(error)),
            }
        }
    }
    Outcome(read, None)
}

fn answers(pieces: &[&[u8]]) -> Outcome {
    let (mut answers, mut read) = (Answers::new(LIMITS), Vec::new());
    for piece in pieces {
        answers.push(piece);
        loop {
            match answers.next_answer() {
                Ok(Some(frame)) => read.push(format!("{frame:?}")),
                Ok(None) => break,
                Err(error) => return Outcome(read, Some(error)),
            }
        }
    }
    Outcome(read, None)
}

/// A client whose server says anything.
fn connect(framing: Framing, kind: u8, pieces: &[&[u8]]) -> Outcome {
    let mut rng = ChaCha20Rng::from_seed([kind; 32]);
    let connector = if kind & 16 == 0 {
        Connector::web_socket(framing, "host", "/apiws", &mut rng)
    } else {
        let secret = &secrets()[2];
        Connector::proxy(framing, secret, DcId::new(2), NOW, &mut rng)
    };
    let Ok(mut connector) = connector else {
        return Outcome(Vec::new(), None);
    };
    for (index, piece) in pieces.iter().enumerate() {
        connector.push(piece);
        match connector.poll() {
            Ok(Some(connection)) => {
                // What the first pieces left is in the decoder.
                let mut rest = vec![&[][..]];
                rest.extend(&pieces[index + 1..]);
                return read(connection.decoder, &pieces[..=index], &rest);
            }
            Ok(None) => {}
            Err(error) => return Outcome(Vec::new(), Some(error)),
        }
    }
    Outcome(Vec::new(), None)
}

fn secrets() -> Vec<ProxySecret> {
    [
        "000102030405060708090a0b0c0d0e0f",
        "dd100102030405060708090a0b0c0d0e0f",
        "ee367a189aee18fa31c190054efd4a8e9573746f726167652e676f6f676c65617069732e636f6d",
    ]
    .iter()
    .filter_map(|text| ProxySecret::parse(text).ok())
    .collect()
}

/// Whatever a client starts with: what it speaks is the same in any pieces, what is known at some byte is not taken back,
/// and what follows is read like that. The first byte tells how the bytes are cut and whether secrets are needed.
pub(crate) fn detection(bytes: &[u8]) {
    let [cut, rest @ ..] = bytes else {
        return;
    };
    let last = detect(rest, &LIMITS);
    for len in 0..rest.len().min(80) {
        match detect(&rest[..len], &LIMITS) {
            Ok(Detection::NeedMore(needed)) => assert!(needed > len),
            answer => assert_eq!(answer, last, "at {len}"),
        }
    }
    let without_secret = cut & 1 == 0;
    let whole = accept(&[rest], without_secret);
    let size = usize::from(cut / 2) + 1;
    let pieces: Vec<_> = rest.chunks(size).collect();
    assert_eq!(
        accept(&pieces, without_secret),
        whole,
        "in pieces of {size}"
    );
}

fn accept(pieces: &[&[u8]], without_secret: bool) -> (Vec<u8>, Outcome) {
    let mut acceptor = Acceptor::new(AcceptOptions {
        limits: LIMITS,
        secrets: secrets(),
        without_secret,
    });
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let mut answer = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        acceptor.push(piece);
        let accepted = match acceptor.poll(NOW, &mut answer, &mut rng) {
            Ok(None) => continue,
            Ok(Some(accepted)) => accepted,
            Err(error) => return (answer, Outcome(Vec::new(), Some(error))),
        };
        let mut rest = vec![&[][..]];
        rest.extend(&pieces[index + 1..]);
        let outcome = match accepted {
            Accepted::Packets {
                connection,
                arrival,
            } => {
                let mut outcome = read(connection.decoder, &pieces[..=index], &rest);
                outcome.0.insert(0, format!("{arrival:?}"));
                outcome
            }
            Accepted::Http(mut requests) => {
                let mut read = Vec::new();
                let mut failed = None;
                'pieces: for piece in rest {
                    requests.push(piece);
                    loop {
                        match requests.next_request() {
                            Ok(Some(request)) => read.push(format!("{request:?}")),
                            Ok(None) => break,
                            Err(error) => {
                                failed = Some(error);
                                break 'pieces;
                            }
                        }
                    }
                }
                Outcome(read, failed)
            }
            _ => unreachable!("there is nothing else"),
        };
        return (answer, outcome);
    }
    (answer, Outcome(Vec::new(), None))
}
