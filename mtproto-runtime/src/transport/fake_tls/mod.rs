//! Fake TLS: obfuscated connections to proxies that look like TLS 1.3 to the domain in an `ee` [secret](super::ProxySecret).
//!
//! ```text
//! client                                        proxy
//!   hello, random = HMAC of the hello  ────────▶
//!              ◀────────  hello, ChangeCipherSpec, random bytes; random = HMAC of both randoms and all that
//!   ChangeCipherSpec, records          ◀───────▶  records
//! ```
//!
//! Each side shows that it knows the secret: where TLS has 32 random bytes, there is HMAC-SHA256, keyed with the secret, of
//! the record with zeros in that place. Over the last four bytes of the client's lies the time, by exclusive or. From then on
//! [obfuscated](super::obfuscated) packets travel as application data.
//!
//! No official page has this; the facts are those of TDLib (`TlsInit.cpp`, `TcpTransport.cpp`) and MTProxy
//! (`net-tcp-rpc-ext-server.c`), and gotd and mtg agree with them.
//!
//! A proxy should do more than this module can: pass connections with other hellos on to the domain, so that those who probe
//! it find what they expect, and remember the [randoms](super::TlsHello::random) of hellos, so that none is used twice.

mod hello;
mod record;
mod shares;

use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub(super) use record::{RecordReader, RecordWriter};

use self::hello::{RANDOM_AT, RANDOM_LEN};
use super::{Error, ProxySecret, TlsError, TlsHello};

/// How far the time in a hello may lie behind that of the proxy, in seconds: as MTProxy has it.
pub const MAX_AGE_SECS: u32 = 600;
/// How far the time in a hello may lie before that of the proxy, in seconds: as MTProxy has it.
pub const MAX_LEAD_SECS: u32 = 3;

/// The longest hello of a client; that of a browser has about 1,700 bytes.
const MAX_CLIENT_HELLO: usize = 8192;
/// The longest answer to it: TLS allows 16 KiB a record.
const MAX_SERVER_HELLO: usize = 1 << 15;
/// The most records an answer has, by gotd's measure.
const MAX_RECORDS: usize = 18;
/// What the header of a record takes.
const RECORD_HEADER: usize = 5;
/// How much of the random bytes is the digest alone, without the time.
const PURE_DIGEST: usize = RANDOM_LEN - 4;

/// A client that waits for the proxy's hello.
pub(super) struct Client {
    secret: ProxySecret,
    random: [u8; RANDOM_LEN],
}

impl Client {
    /// Makes the hello. Nothing for secrets of other connections.
    pub(super) fn start(
        secret: &ProxySecret,
        unix_time: u32,
        rng: &mut dyn CryptoRng,
    ) -> Result<Option<(Vec<u8>, Self)>, Error> {
        let Some(domain) = secret.domain() else {
            return Ok(None);
        };
        let mut hello = hello::client(domain, rng)?;
        let mut random = digest(secret, &[&hello]);
        xor(&mut random, unix_time);
        hello[RANDOM_AT..][..RANDOM_LEN].copy_from_slice(&random);
        let secret = secret.clone();
        Ok(Some((hello, Self { secret, random })))
    }

    /// Checks the proxy's hello, if it has come as a whole, and tells how long it is.
    pub(super) fn finish(&self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        match self.check(bytes) {
            Ok(len) => Ok(len),
            Err((offset, kind)) => Err(Error::Tls {
                offset: offset as u64,
                kind,
            }),
        }
    }

    fn check(&self, bytes: &[u8]) -> Result<Option<usize>, (usize, TlsError)> {
        let mut len = 0;
        // Some proxies answer with more records of the handshake (gotd allows for them).
        let mut expected: &[u8] = &[0x16];
        for index in 0.. {
            let Some(&header) = bytes.get(len..).and_then(|rest| rest.first_chunk()) else {
                return Ok(None);
            };
            let (record_type, version, record_len) = record::parse_header(header);
            if version != 0x0303 || !expected.contains(&record_type) {
                return Err((
                    len,
                    TlsError::Record {
                        record_type,
                        version,
                    },
                ));
            }
            let is_short = index == 0 && record_len < RANDOM_AT - RECORD_HEADER + RANDOM_LEN;
            if is_short || index == MAX_RECORDS {
                return Err((len, TlsError::Hello));
            }
            let start = len;
            len += RECORD_HEADER + record_len;
            if len > MAX_SERVER_HELLO {
                let limit = MAX_SERVER_HELLO;
                return Err((start, TlsError::TooLong { limit }));
            }
            expected = match record_type {
                0x16 => &[0x16, 0x14],
                0x14 if record_len != 1 => return Err((start, TlsError::ChangeCipherSpec)),
                0x14 => &[0x17],
                _ => break,
            };
        }
        let Some(bytes) = bytes.get(..len) else {
            return Ok(None);
        };
        let expected = digest_with_gap(&self.secret, &self.random, bytes);
        if !bool::from(expected.ct_eq(random_of(bytes))) {
            return Err((0, TlsError::Digest));
        }
        Ok(Some(len))
    }

    /// Puts bytes into records, from the first on.
    pub(super) fn writer() -> RecordWriter {
        RecordWriter::client()
    }
}

/// A hello that one of the secrets has made, and the answer.
pub(super) struct Accepted {
    /// How long the hello is.
    pub(super) len: usize,
    pub(super) secret: usize,
    pub(super) hello: TlsHello,
    pub(super) answer: Vec<u8>,
}

/// Checks a client's hello, if it has come as a whole, and answers it.
pub(super) fn accept(
    bytes: &[u8],
    secrets: &[ProxySecret],
    unix_time: u32,
    rng: &mut dyn CryptoRng,
) -> Result<Option<Accepted>, Error> {
    let error = |kind| Error::Tls { offset: 0, kind };
    let Some(&header) = bytes.first_chunk() else {
        return Ok(None);
    };
    let (_, _, record_len) = record::parse_header(header);
    let len = RECORD_HEADER + record_len;
    if len > MAX_CLIENT_HELLO {
        let limit = MAX_CLIENT_HELLO;
        return Err(error(TlsError::TooLong { limit }));
    }
    let Some(bytes) = bytes.get(..len) else {
        return Ok(None);
    };
    if len < RANDOM_AT + RANDOM_LEN {
        return Err(error(TlsError::Hello));
    }
    let (secret, timestamp) = secrets
        .iter()
        .enumerate()
        .filter(|(_, secret)| secret.domain().is_some())
        .find_map(|(index, secret)| Some((index, timestamp(secret, bytes)?)))
        .ok_or(error(TlsError::Digest))?;
    let is_old = timestamp < unix_time.saturating_sub(MAX_AGE_SECS);
    if is_old || timestamp > unix_time.saturating_add(MAX_LEAD_SECS) {
        return Err(error(TlsError::Timestamp { timestamp }));
    }
    let parsed = hello::parse_client(bytes).map_err(error)?;
    if secrets[secret].domain() != Some(parsed.domain) {
        return Err(error(TlsError::Domain));
    }
    // As long as the certificates of usual sites, by MTProxy's measure.
    let certificate_len = 2500 + (rng.next_u32() % 1120) as usize;
    let mut answer = hello::server(&parsed, certificate_len, rng)?;
    let random = *random_of(bytes);
    let server_random = digest(&secrets[secret], &[&random, &answer]);
    answer[RANDOM_AT..][..RANDOM_LEN].copy_from_slice(&server_random);
    Ok(Some(Accepted {
        len,
        secret,
        hello: TlsHello { random, timestamp },
        answer,
    }))
}

/// Puts bytes into records, as a server does.
pub(super) fn server_writer() -> RecordWriter {
    RecordWriter::server()
}

/// The time in a client's hello, if it was made with this secret.
fn timestamp(secret: &ProxySecret, hello: &[u8]) -> Option<u32> {
    let mut random = digest_with_gap(secret, &[], hello);
    let found = random_of(hello);
    if !bool::from(random[..PURE_DIGEST].ct_eq(&found[..PURE_DIGEST])) {
        return None;
    }
    let &sent = found.last_chunk()?;
    xor(&mut random, u32::from_le_bytes(sent));
    random.last_chunk().map(|&time| u32::from_le_bytes(time))
}

/// The random bytes of a hello, which is long enough for them.
fn random_of(hello: &[u8]) -> &[u8; RANDOM_LEN] {
    hello
        .get(RANDOM_AT..)
        .and_then(|rest| rest.first_chunk())
        .unwrap_or(&[0; RANDOM_LEN])
}

/// Lays a number over the end of the random bytes.
fn xor(random: &mut [u8; RANDOM_LEN], number: u32) {
    for (byte, over) in random[PURE_DIGEST..].iter_mut().zip(number.to_le_bytes()) {
        *byte ^= over;
    }
}

/// The digest of something and of a hello with zeros in place of its random bytes.
fn digest_with_gap(secret: &ProxySecret, before: &[u8], hello: &[u8]) -> [u8; RANDOM_LEN] {
    let (start, rest) = hello.split_at(RANDOM_AT);
    digest(
        secret,
        &[before, start, &[0; RANDOM_LEN], &rest[RANDOM_LEN..]],
    )
}

fn digest(secret: &ProxySecret, parts: &[&[u8]]) -> [u8; RANDOM_LEN] {
    // A key of any length will do, so that there is no error.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.key()) else {
        return [0; RANDOM_LEN];
    };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const SECRET: &str = "ee00000000000000000000000000000001676f6f676c652e636f6d";

    fn hex(digits: &str) -> Vec<u8> {
        let digits: Vec<_> = digits
            .trim()
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .collect();
        digits
            .chunks(2)
            .map(|pair| (pair[0] * 16 + pair[1]) as u8)
            .collect()
    }

    /// What two proxies answered to gotd: `mtproxy/faketls/testdata/server_hello`.
    fn gotd_vectors() -> [(Client, Vec<u8>); 2] {
        [
            (
                "a132e3916083b314c1b974d05785e8ee70456e5f866d9657d50a5c08ea38318e",
                include_str!("../../../tests/transport/vectors/gotd_server_hello_alexbers.hex"),
            ),
            (
                "ca36bba833809a33aa627ebb5a32a10102d1a61e1e6c58a461d934574d2e2ea3",
                include_str!("../../../tests/transport/vectors/gotd_server_hello_mtgv2.hex"),
            ),
        ]
        .map(|(random, answer)| {
            let random = hex(random).try_into().unwrap_or_default();
            let secret = ProxySecret::parse(SECRET).expect("it is one");
            (Client { secret, random }, hex(answer))
        })
    }

    #[test]
    fn answers_of_real_proxies_are_accepted() {
        for (client, answer) in gotd_vectors() {
            assert_eq!(client.finish(&answer), Ok(Some(answer.len())));
            let followed = [&*answer, b"more"].concat();
            assert_eq!(client.finish(&followed), Ok(Some(answer.len())));
            for len in 0..answer.len() {
                assert_eq!(client.finish(&answer[..len]), Ok(None), "{len} bytes");
            }
        }
    }

    #[test]
    fn a_flipped_byte_anywhere_is_refused() {
        for (client, answer) in gotd_vectors() {
            for at in 0..answer.len() {
                let mut flipped = answer.clone();
                flipped[at] ^= 0x40;
                // A changed length can make the answer longer, or leave something behind it.
                assert_ne!(client.finish(&flipped), Ok(Some(answer.len())), "byte {at}");
                let endless = [&*flipped, &[0; MAX_SERVER_HELLO]].concat();
                assert!(client.finish(&endless).is_err(), "byte {at}");
            }
        }
    }

    /// gotd's test of the same name: `Test_readServerHello_AllowsAdditionalHandshakeRecords`.
    #[test]
    fn additional_handshake_records() {
        let [(client, _), _] = gotd_vectors();
        let mut answer = [&[0x16, 3, 3, 0, 38][..], &[0; 38]].concat();
        answer.extend([
            0x16, 3, 3, 0, 4, 0x0b, 0, 0, 0, 0x16, 3, 3, 0, 4, 0x0c, 0, 0, 0,
        ]);
        answer.extend([0x14, 3, 3, 0, 1, 1, 0x17, 3, 3, 0, 4, 0x14, 0, 0, 0]);
        let random = digest(&client.secret, &[&client.random, &answer]);
        answer[RANDOM_AT..][..RANDOM_LEN].copy_from_slice(&random);
        assert_eq!(client.finish(&answer), Ok(Some(answer.len())));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let [(client, answer), _] = gotd_vectors();
        let told = |bytes: &[u8]| client.finish(bytes).map_err(|error| error.to_string());
        let mut other = answer.clone();
        other[200] ^= 1;
        assert_eq!(
            told(&other),
            Err("the peer's TLS at byte 0 has a digest that none of the secrets makes".into())
        );
        assert_eq!(
            told(b"HTTP/1.1 400 Bad Request"),
            Err("the peer's TLS at byte 0 is a record of type 72 and version 5454".into())
        );
        assert_eq!(
            told(&[0x16, 3, 1, 0, 122]),
            Err("the peer's TLS at byte 0 is a record of type 22 and version 0301".into())
        );
        assert_eq!(
            told(&[0x16, 3, 3, 0, 10]),
            Err("the peer's TLS at byte 0 is a malformed hello".into())
        );
        other = answer[..127].to_vec();
        other.extend([0x16, 3, 3, 0, 0].repeat(17));
        assert_eq!(told(&other), Ok(None));
        other.extend([0x16, 3, 3, 0, 0]);
        assert_eq!(
            told(&other),
            Err("the peer's TLS at byte 212 is a malformed hello".into())
        );
        other = answer[..127].to_vec();
        other.extend([0x14, 3, 3, 0, 2]);
        assert_eq!(
            told(&other),
            Err("the peer's TLS at byte 127 is a malformed ChangeCipherSpec".into())
        );
        other[127..].copy_from_slice(&[0x17, 3, 3, 0, 2]);
        assert_eq!(
            told(&other),
            Err("the peer's TLS at byte 127 is a record of type 23 and version 0303".into())
        );
        other[127..].copy_from_slice(&[0x16, 3, 3, 0xff, 0xff]);
        assert_eq!(
            told(&other),
            Err("the peer's TLS at byte 127 is a hello of more than 32768 bytes".into())
        );
    }
}
