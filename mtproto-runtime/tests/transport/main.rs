//! Transports: against published vectors, client against server in any pieces, and against peers that break the rules.

#![cfg(feature = "transport")]
#![expect(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod corpus;
mod detection;
mod fake_tls;
mod framing;
mod fuzzing;
mod hostile;
mod http;
mod obfuscation;
mod peers;
mod round_trip;
mod secrets;
mod websocket;

use mtproto_runtime::transport::{Decoder, Encoder, Error, Frame, HEAD_ROOM, TransportError};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Bytes from hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// 0, 1, 2 and so on.
fn counting(len: usize) -> Vec<u8> {
    (0..len).map(|index| index as u8).collect()
}

/// A packet without encryption, of so many bytes: 20 at least.
fn plain_packet(len: usize) -> Vec<u8> {
    let mut packet = counting(len);
    packet[..8].fill(0);
    packet[16..20].copy_from_slice(&(len as u32 - 20).to_le_bytes());
    packet
}

/// Bytes that look like an encrypted packet of so many blocks.
fn encrypted_packet(blocks: usize) -> Vec<u8> {
    counting(24 + 16 * blocks)
        .iter()
        .map(|byte| byte ^ 0xa5)
        .collect()
}

/// What the encoder makes of a packet.
fn encode(encoder: &mut Encoder, payload: &[u8], quick_ack: bool) -> Result<Vec<u8>, Error> {
    let mut buffer = vec![0xcc; HEAD_ROOM];
    buffer.extend(payload);
    let bytes = encoder.encode(&mut buffer, quick_ack, &mut rng(payload.len() as u8))?;
    Ok(bytes.to_vec())
}

/// A frame that owns what is in it.
#[derive(Debug, PartialEq, Eq)]
enum Owned {
    Packet(Vec<u8>, bool),
    QuickAck(u32),
    Error(i32),
    Nop,
}

fn owned(frame: Frame<'_>) -> Owned {
    match frame {
        Frame::Packet { payload, quick_ack } => Owned::Packet(payload.to_vec(), quick_ack),
        Frame::QuickAck(token) => Owned::QuickAck(token),
        Frame::Error(error) => Owned::Error(error.code()),
        Frame::Nop => Owned::Nop,
        _ => unreachable!("there is no other"),
    }
}

/// All frames that are there.
fn frames(decoder: &mut Decoder) -> Result<Vec<Owned>, Error> {
    let mut frames = Vec::new();
    while let Some(frame) = decoder.next_frame()? {
        frames.push(owned(frame));
    }
    Ok(frames)
}

fn error(code: i32) -> TransportError {
    TransportError::new(code).unwrap()
}

/// How bytes are cut on their way.
#[derive(Clone, Debug)]
enum Cut {
    Whole,
    Bytes,
    Random(Box<ChaCha20Rng>),
}

impl Cut {
    fn all() -> [Self; 4] {
        let random = |seed| Self::Random(Box::new(rng(seed)));
        [Self::Whole, Self::Bytes, random(1), random(2)]
    }

    fn pieces<'a>(&mut self, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            let len = match self {
                Self::Whole => bytes.len(),
                Self::Bytes => 1,
                Self::Random(rng) => {
                    let most = 1 << (rng.next_u32() % 14);
                    bytes.len().min(1 + (rng.next_u32() % most) as usize)
                }
            };
            let (piece, rest) = bytes.split_at(len);
            pieces.push(piece);
            bytes = rest;
        }
        pieces
    }
}
