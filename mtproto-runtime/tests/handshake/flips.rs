//! Every byte of every message flipped in turn: who refuses it, and with which error.
//!
//! A flip that the receiver cannot see shows at the next message. What nothing in the protocol protects is the `msg_id` of a
//! plain message above its two lowest bits: such a flip changes nothing, and the same key comes out.

use mtproto_runtime::crypto::dh::DhPrimeCache;
use mtproto_runtime::handshake::{
    ClientHandshake, ClientStep, HandshakeError, InvalidMessage, Message, PeerIncompatible,
    PeerMisbehaved, ServerHandshake, ServerStep,
};
use mtproto_runtime::plain_message::PlainMessageError;

use crate::support::{NOW, SERVER, Transcript, client_config, handshake, rng};

const SEED: u64 = 7;
const FLIPS: [u8; 3] = [0x01, 0x80, 0xFF];

/// The handshake of [`SEED`] once more, with one byte of one message flipped on its way.
///
/// # Errors
///
/// What the first side that refuses says.
fn with_flip(honest: &Transcript, index: usize, at: usize, flip: u8) -> Result<(), HandshakeError> {
    let (mut rng_c, mut rng_s) = (rng(SEED), rng(!SEED));
    let mut primes = DhPrimeCache::default();
    let mut sent = 0;
    let mut deliver = |mut payload: Vec<u8>| {
        if sent < index {
            assert_eq!(payload, honest.messages[sent]);
        }
        if sent == index {
            payload[at] ^= flip;
        }
        sent += 1;
        payload
    };
    let (mut client, query) = ClientHandshake::start(client_config(), NOW, &mut rng_c)?;
    let (mut server, answer) = ServerHandshake::start(&SERVER, NOW, &deliver(query), &mut rng_s)?;
    let mut answer = deliver(answer);
    let mut accepted = None;
    loop {
        let query = match client.handle(NOW, &answer, &mut primes, &mut rng_c)? {
            ClientStep::Send(query) => deliver(query),
            ClientStep::Done(done) => {
                assert_eq!(Some(done.key), accepted);
                return Ok(());
            }
            ClientStep::Wait => panic!("no message comes twice"),
        };
        answer = match server.handle(&SERVER, NOW, &query, &mut rng_s) {
            ServerStep::Send(answer) => deliver(answer),
            ServerStep::CheckAuthKeyId(_) => {
                let (done, answer) = server.accept(NOW)?;
                assert_eq!(done.key, honest.server.key);
                accepted = Some(done.key);
                deliver(answer)
            }
            ServerStep::Refuse { code: -404, error } => return Err(error),
            step => panic!("{step:?}"),
        };
    }
}

/// What may come of a flip, and where it shows.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The `auth_key_id` is no longer zero.
    AuthKeyId,
    /// One of the two lowest bits tells who may have made a `msg_id`; the rest of it is free.
    MsgId,
    /// `message_length` is not the length.
    Length,
    /// The id of the constructor, or a length or a count within the object; or the object is not in its one form.
    Form,
    /// This field, as this message's reader finds.
    Field(Message, fn(&PeerMisbehaved) -> bool),
    /// The only fingerprint, or the count of fingerprints.
    Fingerprints,
    /// `pq`: not in its form, or with other factors, which the server does not take.
    Pq,
    /// The length of a string: the object ends elsewhere, or the string has other bytes.
    FormOr(fn(&PeerMisbehaved) -> bool),
}

fn nonce(error: &PeerMisbehaved) -> bool {
    *error == PeerMisbehaved::Nonce
}

fn server_nonce(error: &PeerMisbehaved) -> bool {
    *error == PeerMisbehaved::ServerNonce
}

fn pq(error: &PeerMisbehaved) -> bool {
    matches!(error, PeerMisbehaved::Pq(_))
}

fn factors(error: &PeerMisbehaved) -> bool {
    *error == PeerMisbehaved::Factors
}

fn fingerprint(error: &PeerMisbehaved) -> bool {
    matches!(error, PeerMisbehaved::Fingerprint { .. })
}

fn rsa(error: &PeerMisbehaved) -> bool {
    *error == PeerMisbehaved::EncryptedData
}

fn aes(error: &PeerMisbehaved) -> bool {
    matches!(
        error,
        PeerMisbehaved::DataHash | PeerMisbehaved::BlockLength { .. }
    )
}

fn hash1(error: &PeerMisbehaved) -> bool {
    *error == PeerMisbehaved::NewNonceHash { number: 1 }
}

/// Where the fields of each message end, after the envelope, and what a flip in them leads to.
fn fields(index: usize) -> Vec<(usize, Expected)> {
    use Expected::*;
    let mut fields = vec![(8, AuthKeyId), (16, MsgId), (20, Length), (24, Form)];
    match index {
        // The server takes any nonce, and the client gets back another one.
        0 => fields.push((40, Field(Message::ResPq, nonce))),
        1 => fields.extend([
            (40, Field(Message::ResPq, nonce)),
            // It is news to the client. The server misses it in the next query.
            (56, Field(Message::ReqDhParams, server_nonce)),
            (57, FormOr(pq)),
            (65, Pq),
            (68, Form),
            (72, Form),
            (76, Fingerprints),
            (84, Fingerprints),
        ]),
        2 => fields.extend([
            (40, Field(Message::ReqDhParams, nonce)),
            (56, Field(Message::ReqDhParams, server_nonce)),
            (57, FormOr(factors)),
            (61, Field(Message::ReqDhParams, factors)),
            (64, Form),
            (65, FormOr(factors)),
            (69, Field(Message::ReqDhParams, factors)),
            (72, Form),
            (80, Field(Message::ReqDhParams, fingerprint)),
            (84, FormOr(rsa)),
            (340, Field(Message::ReqDhParams, rsa)),
        ]),
        3 => fields.extend([
            (40, Field(Message::ServerDhParams, nonce)),
            (56, Field(Message::ServerDhParams, server_nonce)),
            (60, FormOr(aes)),
            (652, Field(Message::ServerDhInnerData, aes)),
        ]),
        4 => fields.extend([
            (40, Field(Message::SetClientDhParams, nonce)),
            (56, Field(Message::SetClientDhParams, server_nonce)),
            (60, FormOr(aes)),
            (396, Field(Message::ClientDhInnerData, aes)),
        ]),
        _ => fields.extend([
            (40, Field(Message::DhGen, nonce)),
            (56, Field(Message::DhGen, server_nonce)),
            (72, Field(Message::DhGen, hash1)),
        ]),
    }
    fields
}

/// Whether that is what was to come. `flip` is in byte `at` of message number `index`.
fn is_expected(
    expected: Expected,
    outcome: &Result<(), HandshakeError>,
    at: usize,
    flip: u8,
) -> bool {
    use HandshakeError::*;
    use PlainMessageError as Envelope;
    match (expected, outcome) {
        (Expected::AuthKeyId, Err(InvalidMessage { error, .. })) => matches!(
            error,
            self::InvalidMessage::Envelope(Envelope::Encrypted { auth_key_id }) if *auth_key_id != 0
        ),
        // A client's is divisible by four, a server's odd: the lowest bit is always seen.
        (Expected::MsgId, Err(InvalidMessage { error, .. })) => {
            at == 8
                && flip & 1 == 1
                && matches!(
                    error,
                    self::InvalidMessage::Envelope(Envelope::MsgId { .. })
                )
        }
        (Expected::MsgId, Ok(())) => at > 8 || flip & 1 == 0,
        (Expected::Length, Err(InvalidMessage { error, .. })) => matches!(
            error,
            self::InvalidMessage::Envelope(Envelope::Length { .. })
        ),
        (Expected::Form, Err(InvalidMessage { error, .. }))
        | (Expected::FormOr(_), Err(InvalidMessage { error, .. }))
        | (Expected::Fingerprints, Err(InvalidMessage { error, .. })) => matches!(
            error,
            self::InvalidMessage::Object(_) | self::InvalidMessage::NotCanonical
        ),
        (Expected::Fingerprints, Err(PeerIncompatible { message, error })) => {
            *message == Message::ResPq
                && matches!(error, self::PeerIncompatible::NoKnownFingerprint { .. })
        }
        (Expected::Pq, Err(PeerMisbehaved { message, error })) => {
            *message == Message::ResPq && pq(error)
                || *message == Message::ReqDhParams && factors(error)
        }
        (Expected::Field(by, matches), Err(PeerMisbehaved { message, error })) => {
            *message == by && matches(error)
        }
        (Expected::FormOr(matches), Err(PeerMisbehaved { error, .. })) => matches(error),
        _ => false,
    }
}

fn flip_every_byte(index: usize) {
    let honest = handshake(SEED, client_config());
    let length = honest.messages[index].len();
    let fields = fields(index);
    assert_eq!(fields.last().unwrap().0, length);
    for at in 0..length {
        let (_, expected) = *fields.iter().find(|(end, _)| at < *end).unwrap();
        // The large messages are one field for the most part.
        let flips = if at < 88 { &FLIPS[..] } else { &FLIPS[..1] };
        for &flip in flips {
            let outcome = with_flip(&honest, index, at, flip);
            assert!(
                is_expected(expected, &outcome, at, flip),
                "message {index}, byte {at} ^ {flip:#04x}: {outcome:?} for {expected:?}"
            );
        }
    }
}

#[test]
fn of_req_pq_multi() {
    flip_every_byte(0);
}

#[test]
fn of_res_pq() {
    flip_every_byte(1);
}

#[test]
fn of_req_dh_params() {
    flip_every_byte(2);
}

#[test]
fn of_server_dh_params_ok() {
    flip_every_byte(3);
}

#[test]
fn of_set_client_dh_params() {
    flip_every_byte(4);
}

#[test]
fn of_dh_gen_ok() {
    flip_every_byte(5);
}
