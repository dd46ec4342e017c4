//! The server's side of setting up a connection: whatever a client speaks, the same connection comes out.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::encoder::Opening;
use super::http::HeadScan;
use super::stream::{self, Stream};
use super::{
    Connection, DcId, Decoder, Detection, DetectionError, Encoder, Error, Framing, Limits,
    ProxySecret, detect, encoder, fake_tls, http, obfuscated, websocket,
};
use crate::crypto::kdf::Side;

/// What a server accepts.
#[derive(Clone, Debug)]
pub struct AcceptOptions {
    /// What connections allow.
    pub limits: Limits,
    /// The secrets that clients may know, if the server is a proxy.
    pub secrets: Vec<ProxySecret>,
    /// Whether clients need no secret: true by default, false for proxies.
    pub without_secret: bool,
}

impl Default for AcceptOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            secrets: Vec::new(),
            without_secret: true,
        }
    }
}

/// A server's connection that is being set up.
///
/// Put in what comes, send what [`poll`](Self::poll) writes, until it gives the connection.
///
/// ```
/// use mtproto_runtime::transport::{Accepted, Acceptor, AcceptOptions, Framing};
/// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// # let (mut rng, unix_time) = (ChaCha20Rng::from_seed([0; 32]), 0);
///
/// let mut acceptor = Acceptor::new(AcceptOptions::default());
/// acceptor.push(&[0xdd, 0xdd, 0xdd, 0xdd]);
/// let mut to_send = Vec::new();
/// let Some(Accepted::Packets { arrival, .. }) = acceptor.poll(unix_time, &mut to_send, &mut rng)? else {
///     unreachable!("the tag is enough");
/// };
/// assert_eq!(arrival.framing, Framing::PaddedIntermediate);
/// # Ok::<_, mtproto_runtime::transport::Error>(())
/// ```
pub struct Acceptor {
    stream: Stream,
    options: AcceptOptions,
    state: State,
    arrival: Arrival,
}

enum State {
    /// Nothing is known.
    First,
    /// A hello of TLS is coming.
    Hello,
    /// The head of a GET is coming, which should open a WebSocket.
    Upgrade(HeadScan),
    /// An initialization payload is coming, as these layers have nothing else in them.
    Init,
    /// The connection was given away.
    Done,
}

/// How a client came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The framing of its packets.
    pub framing: Framing,
    /// Whether it is [obfuscated](super::obfuscated).
    pub obfuscated: bool,
    /// The place of the secret it knows among [those of the server](AcceptOptions::secrets).
    pub secret: Option<usize>,
    /// The data center it wants, if it came as clients of proxies do. Others send random bytes there.
    pub dc: Option<DcId>,
    /// The hello of its TLS.
    pub tls_hello: Option<TlsHello>,
    /// Whether it came through a WebSocket.
    pub web_socket: bool,
}

/// What a proxy remembers of a hello, lest somebody use it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsHello {
    /// The digest, under the secret, of all else in the hello; the time lies over its end.
    pub random: [u8; 32],
    /// When it was made, by the client's clock, in seconds of Unix time; or what somebody says who uses it again.
    pub timestamp: u32,
}

impl TlsHello {
    /// What no other hello has: those with one that was seen before should be refused, as many as can be remembered. The end
    /// of `random` is not in it: nothing guards the time there, so that an old hello can be told to be new.
    pub fn digest(&self) -> [u8; 28] {
        core::array::from_fn(|at| self.random[at])
    }
}

/// What a client turned out to speak.
#[derive(Debug)]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "one is made for each connection, and taken apart"
)]
pub enum Accepted {
    /// Packets on a stream.
    Packets {
        /// Both halves.
        connection: Connection,
        /// How the client came.
        arrival: Arrival,
    },
    /// Packets in requests of HTTP.
    Http(http::Requests),
}

impl Acceptor {
    /// A connection of which nothing has come.
    pub fn new(options: AcceptOptions) -> Self {
        Self {
            stream: Stream::new(),
            options,
            state: State::First,
            arrival: Arrival {
                framing: Framing::Full,
                obfuscated: false,
                secret: None,
                dc: None,
                tls_hello: None,
                web_socket: false,
            },
        }
    }

    /// Appends bytes that came from the client.
    pub fn push(&mut self, bytes: &[u8]) {
        self.stream.push(bytes);
    }

    /// Room to read into from a socket: see [`Decoder::spare`].
    pub fn spare(&mut self) -> &mut [u8] {
        self.stream.spare()
    }

    /// The first so many bytes of the room have come from the client.
    pub fn filled(&mut self, len: usize) {
        self.stream.filled(len);
    }

    /// The bytes that have come and are of no use yet: all of them, up to the first answer. A proxy passes them on to the domain
    /// it pretends to be when they are of no client of its.
    pub fn pending(&self) -> &[u8] {
        self.stream.bytes()
    }

    /// The hello of fake TLS, as soon as [`poll`](Self::poll) has taken it. Before the answer to one goes out that was seen before,
    /// a proxy goes its way: who sends it knows no secret, and wants to find out who is there.
    pub fn tls_hello(&self) -> Option<&TlsHello> {
        self.arrival.tls_hello.as_ref()
    }

    /// Goes on as far as the bytes go, and appends to `out` what is to be sent. Once it has given something, it is done.
    ///
    /// # Errors
    ///
    /// If no transport starts like this, or not one that is accepted. The connection is of no use then.
    pub fn poll(
        &mut self,
        unix_time: u32,
        out: &mut Vec<u8>,
        rng: &mut dyn CryptoRng,
    ) -> Result<Option<Accepted>, Error> {
        loop {
            let bytes = self.stream.bytes();
            self.state = match &mut self.state {
                State::First => match detect(bytes, &self.options.limits)? {
                    Detection::NeedMore(_) => return Ok(None),
                    Detection::Plain(framing) => return self.plain(framing).map(Some),
                    Detection::Obfuscated => State::Init,
                    Detection::FakeTls => State::Hello,
                    Detection::Http if bytes.starts_with(b"GET ") => {
                        State::Upgrade(HeadScan::default())
                    }
                    Detection::Http if self.options.without_secret => {
                        return Ok(Some(self.http()));
                    }
                    Detection::Http => return Err(DetectionError::NotAccepted.into()),
                },
                State::Hello => {
                    let secrets = &self.options.secrets;
                    let Some(hello) = fake_tls::accept(bytes, secrets, unix_time, rng)? else {
                        return Ok(None);
                    };
                    out.extend(hello.answer);
                    self.arrival.secret = Some(hello.secret);
                    self.arrival.tls_hello = Some(hello.hello);
                    self.stream.consume(hello.len);
                    self.stream
                        .open(stream::Envelope::Tls(fake_tls::RecordReader::default()));
                    State::Init
                }
                State::Upgrade(scan) => {
                    let Some(len) = scan.end(bytes)? else {
                        return Ok(None);
                    };
                    out.extend(websocket::accept(&bytes[..len])?);
                    self.arrival.web_socket = true;
                    self.stream.consume(len);
                    let reader = websocket::FrameReader::new(Side::Client);
                    self.stream.open(stream::Envelope::WebSocket(reader));
                    State::Init
                }
                State::Init => {
                    return match bytes.first_chunk() {
                        Some(&init) => self.obfuscated(&init).map(Some),
                        None => self
                            .stream
                            .failure()
                            .map_or(Ok(None), |error| Err(error.clone())),
                    };
                }
                State::Done => return Ok(None),
            };
        }
    }

    fn plain(&mut self, framing: Framing) -> Result<Accepted, Error> {
        if !self.options.without_secret {
            return Err(DetectionError::NotAccepted.into());
        }
        self.stream.consume(framing.tag().len());
        self.arrival.framing = framing;
        Ok(self.packets(None))
    }

    fn obfuscated(&mut self, init: &[u8; obfuscated::INIT_LEN]) -> Result<Accepted, Error> {
        let within_tls = self.arrival.secret;
        let mut opened = None;
        for (index, secret) in self.options.secrets.iter().enumerate() {
            // Within TLS the secret is known, and outside of it those of TLS are not accepted.
            let is_candidate = match within_tls {
                Some(known) => index == known,
                None => secret.domain().is_none(),
            };
            if is_candidate
                && let Some(accepted) = obfuscated::accept(init, Some(secret))
                && (!secret.is_padded() || accepted.framing == Framing::PaddedIntermediate)
            {
                opened = Some((accepted, Some(index)));
                break;
            }
        }
        if opened.is_none() && within_tls.is_none() && self.options.without_secret {
            opened = obfuscated::accept(init, None).map(|accepted| (accepted, None));
        }
        let (accepted, secret) = opened.ok_or(DetectionError::Secret)?;
        self.stream.consume(obfuscated::INIT_LEN);
        self.stream.decipher(accepted.keys.receive);
        self.arrival.obfuscated = true;
        self.arrival.framing = accepted.framing;
        self.arrival.secret = secret;
        self.arrival.dc = secret.map(|_| accepted.dc);
        Ok(self.packets(Some(accepted.keys.send)))
    }

    fn packets(&mut self, cipher: Option<crate::crypto::aes_ctr::AesCtr>) -> Accepted {
        let envelope = if self.arrival.tls_hello.is_some() {
            encoder::Envelope::Tls(fake_tls::server_writer())
        } else if self.arrival.web_socket {
            encoder::Envelope::WebSocket(websocket::FrameWriter::new(Side::Server))
        } else {
            encoder::Envelope::None
        };
        let arrival = self.arrival.clone();
        let (framing, limits) = (arrival.framing, self.options.limits);
        let opening = Opening::NONE;
        let encoder = Encoder::new(framing, Side::Server, limits, opening, cipher, envelope);
        let decoder = Decoder::new(self.take_stream(), framing, Side::Client, limits);
        Accepted::Packets {
            connection: Connection { encoder, decoder },
            arrival,
        }
    }

    fn http(&mut self) -> Accepted {
        let limits = self.options.limits;
        Accepted::Http(http::Requests::new(self.take_stream(), limits))
    }

    fn take_stream(&mut self) -> Stream {
        self.state = State::Done;
        core::mem::replace(&mut self.stream, Stream::new())
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor")
            .field("options", &self.options)
            .field("buffered", &self.stream.bytes().len())
            .finish_non_exhaustive()
    }
}
