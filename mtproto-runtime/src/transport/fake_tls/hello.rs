//! The hellos: what a browser and a server of TLS 1.3 say first, with a digest in place of the random bytes.
//!
//! The client's is the one of a recent Chrome, extension by extension, as TDLib and mtcute imitate it: values of GREASE
//! (RFC 8701) at the same places, extensions in random order, shares of X25519MLKEM768 and X25519, an ECH of random bytes.
//! The server's is that of MTProxy.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::record::{self, CHANGE_CIPHER_SPEC_RECORD};
use super::shares;
use crate::transport::{Error, TlsError};

/// Where both hellos have their random bytes: after the headers of record and message, and a version.
pub(super) const RANDOM_AT: usize = 11;
/// How long they are.
pub(super) const RANDOM_LEN: usize = 32;
/// Where the length of the session id is.
const SESSION_ID_AT: usize = RANDOM_AT + RANDOM_LEN;
/// How long a client's session id is, in the compatibility mode of TLS 1.3.
const SESSION_ID_LEN: usize = 32;

/// What a client's hello says that matters here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientHello<'a> {
    pub(super) session_id: &'a [u8; SESSION_ID_LEN],
    /// The first cipher suite of TLS 1.3.
    pub(super) cipher_suite: [u8; 2],
    /// The host it asks for.
    pub(super) domain: &'a [u8],
}

/// A client's hello, a whole record, with zeros in place of the random bytes.
pub(super) fn client(domain: &[u8], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, Error> {
    let grease = grease(rng);
    let mut hello = Vec::with_capacity(2048);
    hello.extend([0x16, 3, 1]);
    scope(&mut hello, |hello| {
        hello.extend([1, 0]);
        scope(hello, |hello| {
            hello.extend([3, 3]);
            hello.extend([0; RANDOM_LEN]);
            hello.push(SESSION_ID_LEN as u8);
            random(hello, SESSION_ID_LEN, rng);
            scope(hello, |hello| {
                hello.extend([grease[0]; 2]);
                for suite in CIPHER_SUITES {
                    hello.extend(suite.to_be_bytes());
                }
                Ok(())
            })?;
            // One compression method: none.
            hello.extend([1, 0]);
            scope(hello, |hello| {
                client_extensions(hello, domain, &grease, rng)
            })
        })
    })?;
    Ok(hello)
}

/// AES and ChaCha20 of TLS 1.3, then those of 1.2.
const CIPHER_SUITES: [u16; 15] = [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
];

/// Extensions of a client that are the same in every hello: number and content.
const FIXED_EXTENSIONS: [(u16, &[u8]); 11] = [
    // status_request: OCSP.
    (0x0005, &[1, 0, 0, 0, 0]),
    // ec_point_formats: uncompressed.
    (0x000b, &[1, 0]),
    // signature_algorithms.
    (
        0x000d,
        &[0, 16, 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1],
    ),
    // application_layer_protocol_negotiation: h2, http/1.1.
    (0x0010, b"\0\x0c\x02h2\x08http/1.1"),
    // signed_certificate_timestamp.
    (0x0012, &[]),
    // extended_master_secret.
    (0x0017, &[]),
    // compress_certificate: brotli.
    (0x001b, &[2, 0, 2]),
    // session_ticket.
    (0x0023, &[]),
    // psk_key_exchange_modes: with (EC)DHE.
    (0x002d, &[1, 1]),
    // application_settings: h2.
    (0x44cd, b"\0\x03\x02h2"),
    // renegotiation_info.
    (0xff01, &[0]),
];

fn client_extensions(
    hello: &mut Vec<u8>,
    domain: &[u8],
    grease: &[u8; 7],
    rng: &mut dyn CryptoRng,
) -> Result<(), Error> {
    let group = [grease[4]; 2];
    let mut extensions = Vec::with_capacity(16);
    for (number, content) in FIXED_EXTENSIONS {
        let mut bytes = Vec::with_capacity(4 + content.len());
        extension(&mut bytes, number, |bytes| {
            bytes.extend(content);
            Ok(())
        })?;
        extensions.push(bytes);
    }
    let mut variable = |number: u16, content: &mut Content<'_>| {
        let mut bytes = Vec::new();
        extension(&mut bytes, number, content)?;
        extensions.push(bytes);
        Ok::<_, Error>(())
    };
    // server_name: a list of one name, of the type host.
    variable(0x0000, &mut |bytes| {
        scope(bytes, |bytes| {
            bytes.push(0);
            scope(bytes, |bytes| {
                bytes.extend(domain);
                Ok(())
            })
        })
    })?;
    // supported_groups: X25519MLKEM768, X25519, P-256, P-384.
    variable(0x000a, &mut |bytes| {
        bytes.extend([0, 10]);
        bytes.extend(group);
        bytes.extend([0x11, 0xec, 0, 0x1d, 0, 0x17, 0, 0x18]);
        Ok(())
    })?;
    // supported_versions: 1.3 and 1.2.
    variable(0x002b, &mut |bytes| {
        bytes.push(6);
        bytes.extend([grease[6]; 2]);
        bytes.extend([3, 4, 3, 3]);
        Ok(())
    })?;
    // key_share.
    variable(0x0033, &mut |bytes| {
        scope(bytes, |bytes| {
            bytes.extend(group);
            bytes.extend([0, 1, 0]);
            bytes.extend([0x11, 0xec]);
            scope(bytes, |bytes| {
                shares::ml_kem_768(bytes, rng);
                bytes.extend(shares::x25519(rng)?);
                Ok(())
            })?;
            bytes.extend([0, 0x1d]);
            scope(bytes, |bytes| {
                bytes.extend(shares::x25519(rng)?);
                Ok(())
            })
        })
    })?;
    // encrypted_client_hello: of the outer kind, HKDF-SHA256 and AES-128-GCM, all random.
    variable(0xfe0d, &mut |bytes| {
        bytes.extend([0, 0, 1, 0, 1]);
        random(bytes, 1, rng);
        scope(bytes, |bytes| {
            random(bytes, 32, rng);
            Ok(())
        })?;
        scope(bytes, |bytes| {
            let len = 144 + 32 * (rng.next_u32() % 4) as usize;
            random(bytes, len, rng);
            Ok(())
        })
    })?;
    for last in (1..extensions.len()).rev() {
        extensions.swap(last, (rng.next_u32() % (last as u32 + 1)) as usize);
    }
    hello.extend([grease[2], grease[2], 0, 0]);
    for extension in extensions {
        hello.extend(extension);
    }
    hello.extend([grease[3], grease[3], 0, 1, 0]);
    Ok(())
}

/// What an extension contains.
type Content<'a> = dyn FnMut(&mut Vec<u8>) -> Result<(), Error> + 'a;

fn extension(
    bytes: &mut Vec<u8>,
    number: u16,
    content: impl FnMut(&mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    bytes.extend(number.to_be_bytes());
    scope(bytes, content)
}

/// Writes something after its length in two bytes.
fn scope(
    bytes: &mut Vec<u8>,
    mut content: impl FnMut(&mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = bytes.len();
    bytes.extend([0; 2]);
    content(bytes)?;
    // A hello is a few kilobytes: domains have 182 bytes at most.
    let len = (bytes.len() - start - 2) as u16;
    bytes[start..start + 2].copy_from_slice(&len.to_be_bytes());
    Ok(())
}

/// Bytes of the form `xA`, of which neighbours of a pair differ.
fn grease(rng: &mut dyn CryptoRng) -> [u8; 7] {
    let mut grease = [0; 7];
    rng.fill_bytes(&mut grease);
    grease = grease.map(|byte| byte & 0xf0 | 0x0a);
    for second in [1, 3, 5] {
        if grease[second] == grease[second - 1] {
            grease[second] ^= 0x10;
        }
    }
    grease
}

fn random(bytes: &mut Vec<u8>, len: usize, rng: &mut dyn CryptoRng) {
    let start = bytes.len();
    bytes.resize(start + len, 0);
    rng.fill_bytes(&mut bytes[start..]);
}

/// A server's answer to the hello, with zeros in place of the random bytes: its hello, a `ChangeCipherSpec`, and a record of
/// random bytes that could be its certificate.
pub(super) fn server(
    client: &ClientHello<'_>,
    certificate_len: usize,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<u8>, Error> {
    let mut hello = Vec::with_capacity(138 + certificate_len);
    hello.extend([0x16, 3, 3]);
    scope(&mut hello, |hello| {
        hello.extend([2, 0]);
        scope(hello, |hello| {
            hello.extend([3, 3]);
            hello.extend([0; RANDOM_LEN]);
            hello.push(SESSION_ID_LEN as u8);
            hello.extend(client.session_id);
            hello.extend(client.cipher_suite);
            hello.push(0);
            scope(hello, |hello| {
                extension(hello, 0x0033, |bytes| {
                    bytes.extend([0, 0x1d]);
                    scope(bytes, |bytes| {
                        bytes.extend(shares::x25519(rng)?);
                        Ok(())
                    })
                })?;
                extension(hello, 0x002b, |bytes| {
                    bytes.extend([3, 4]);
                    Ok(())
                })
            })
        })
    })?;
    hello.extend(CHANGE_CIPHER_SPEC_RECORD);
    hello.extend(record::header(certificate_len));
    random(&mut hello, certificate_len, rng);
    Ok(hello)
}

/// Reads a client's hello, a whole record.
pub(super) fn parse_client(hello: &[u8]) -> Result<ClientHello<'_>, TlsError> {
    parse(hello).ok_or(TlsError::Hello)
}

fn parse(hello: &[u8]) -> Option<ClientHello<'_>> {
    let (&[SESSION_ID_LEN_BYTE, ..], rest) = hello.get(SESSION_ID_AT..)?.split_at_checked(1)?
    else {
        return None;
    };
    let (session_id, mut rest) = rest.split_first_chunk()?;
    let suites = take_scope(&mut rest)?;
    let cipher_suite = suites
        .chunks_exact(2)
        // GREASE comes first, then those of TLS 1.3.
        .find(|suite| suite.iter().any(|byte| byte & 0x0f != 0x0a))
        .and_then(|suite| <[u8; 2]>::try_from(suite).ok())
        .filter(|suite| matches!(suite, [0x13, 1..=3]))?;
    let compression_methods = usize::from(*rest.first()?);
    rest = rest.get(1 + compression_methods..)?;
    let mut extensions = take_scope(&mut rest)?;
    while !extensions.is_empty() {
        let (&number, tail) = extensions.split_first_chunk::<2>()?;
        extensions = tail;
        let mut content = take_scope(&mut extensions)?;
        if number == [0, 0] {
            let mut names = take_scope(&mut content)?;
            let (&[0], tail) = names.split_first_chunk()? else {
                return None;
            };
            names = tail;
            let domain = take_scope(&mut names)?;
            return Some(ClientHello {
                session_id,
                cipher_suite,
                domain,
            });
        }
    }
    None
}

const SESSION_ID_LEN_BYTE: u8 = SESSION_ID_LEN as u8;

/// Takes what follows its length in two bytes.
fn take_scope<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (&len, rest) = bytes.split_first_chunk()?;
    let (content, rest) = rest.split_at_checked(u16::from_be_bytes(len).into())?;
    *bytes = rest;
    Some(content)
}
