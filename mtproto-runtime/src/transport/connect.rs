//! The client's side of setting up a connection.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::encoder::Opening;
use super::http::HeadScan;
use super::obfuscated::{INIT_LEN, Keys};
use super::stream::{self, Stream};
use super::{
    Connection, DcId, Decoder, Encoder, Error, Framing, Limits, ProxySecret, encoder, fake_tls,
    obfuscated, websocket,
};
use crate::crypto::kdf::Side;

/// A client's connection that is being set up.
///
/// Send [what it starts with](Self::outgoing), then put in what comes until [`poll`](Self::poll) gives the connection. Only fake
/// TLS and WebSocket have anything to send before packets: the others are ready at once.
///
/// ```
/// use mtproto_runtime::transport::{Connector, DcId, Framing, ProxySecret};
/// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// # let (mut rng, unix_time) = (ChaCha20Rng::from_seed([0; 32]), 0);
///
/// let secret = ProxySecret::parse("dd000102030405060708090a0b0c0d0e0f")?;
/// let framing = Framing::PaddedIntermediate;
/// let mut connector = Connector::proxy(framing, &secret, DcId::new(2), unix_time, &mut rng)?;
/// assert!(connector.outgoing().is_empty());
/// assert!(connector.poll()?.is_some());
/// # Ok::<_, mtproto_runtime::transport::Error>(())
/// ```
pub struct Connector {
    stream: Stream,
    outgoing: Vec<u8>,
    framing: Framing,
    limits: Limits,
    /// The initialization payload and the keys it makes.
    init: Option<([u8; INIT_LEN], Keys)>,
    state: State,
}

enum State {
    /// Packets can be sent at once.
    Ready,
    /// The proxy's hello is coming.
    Hello(fake_tls::Client),
    /// The answer to the upgrade is coming.
    Upgrade { key: String, scan: HeadScan },
    /// The connection was given away.
    Done,
}

impl Connector {
    /// A connection without obfuscation, to a data center.
    pub fn plain(framing: Framing) -> Self {
        Self::new(framing, None, Vec::new(), State::Ready)
    }

    /// An obfuscated connection to a data center.
    ///
    /// # Errors
    ///
    /// For full framing, which can't be announced, and if the generator is broken.
    pub fn obfuscated(framing: Framing, rng: &mut dyn CryptoRng) -> Result<Self, Error> {
        let init = obfuscated::start(framing, None, None, rng)?;
        Ok(Self::new(framing, Some(init), Vec::new(), State::Ready))
    }

    /// A connection to a proxy, which passes packets on to a data center. All but plain secrets take padded intermediate framing,
    /// whichever is asked for.
    ///
    /// The time, in seconds of Unix time, goes into the hello of fake TLS, and proxies don't accept a wrong one.
    ///
    /// # Errors
    ///
    /// For full framing with a plain secret, and if the generator is broken.
    pub fn proxy(
        framing: Framing,
        secret: &ProxySecret,
        dc: DcId,
        unix_time: u32,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, Error> {
        let framing = if secret.is_padded() {
            Framing::PaddedIntermediate
        } else {
            framing
        };
        let init = obfuscated::start(framing, Some(dc), Some(secret), rng)?;
        let (outgoing, state) = match fake_tls::Client::start(secret, unix_time, rng)? {
            Some((hello, client)) => (hello, State::Hello(client)),
            None => (Vec::new(), State::Ready),
        };
        Ok(Self::new(framing, Some(init), outgoing, state))
    }

    /// A connection through a [WebSocket](websocket): to this host (with the port, if it is not the usual one) and path.
    ///
    /// # Errors
    ///
    /// For full framing, which can't be announced, and if the generator is broken.
    pub fn web_socket(
        framing: Framing,
        host: &str,
        path: &str,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, Error> {
        let init = obfuscated::start(framing, None, None, rng)?;
        let (outgoing, key) = websocket::request(host, path, rng)?;
        let scan = HeadScan::default();
        let state = State::Upgrade { key, scan };
        Ok(Self::new(framing, Some(init), outgoing, state))
    }

    fn new(
        framing: Framing,
        init: Option<([u8; INIT_LEN], Keys)>,
        outgoing: Vec<u8>,
        state: State,
    ) -> Self {
        Self {
            stream: Stream::new(),
            outgoing,
            framing,
            limits: Limits::default(),
            init,
            state,
        }
    }

    /// The same, with these limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// What is to be sent first.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// Appends bytes that came from the server.
    pub fn push(&mut self, bytes: &[u8]) {
        self.stream.push(bytes);
    }

    /// Room to read into from a socket: see [`Decoder::spare`].
    pub fn spare(&mut self) -> &mut [u8] {
        self.stream.spare()
    }

    /// The first so many bytes of the room have come from the server.
    pub fn filled(&mut self, len: usize) {
        self.stream.filled(len);
    }

    /// Goes on as far as the bytes go. Once it has given the connection, it is done.
    ///
    /// # Errors
    ///
    /// If the server does not know the secret, or does not agree to the upgrade.
    pub fn poll(&mut self) -> Result<Option<Connection>, Error> {
        let bytes = self.stream.bytes();
        let envelope = match &mut self.state {
            State::Ready => encoder::Envelope::None,
            State::Hello(client) => {
                let Some(len) = client.finish(bytes)? else {
                    return Ok(None);
                };
                self.stream.consume(len);
                self.stream
                    .open(stream::Envelope::Tls(fake_tls::RecordReader::default()));
                encoder::Envelope::Tls(fake_tls::Client::writer())
            }
            State::Upgrade { key, scan } => {
                let Some(len) = scan.end(bytes)? else {
                    return Ok(None);
                };
                websocket::check_answer(&bytes[..len], key)?;
                self.stream.consume(len);
                let reader = websocket::FrameReader::new(Side::Server);
                self.stream.open(stream::Envelope::WebSocket(reader));
                encoder::Envelope::WebSocket(websocket::FrameWriter::new(Side::Client))
            }
            State::Done => return Ok(None),
        };
        self.state = State::Done;
        let mut stream = core::mem::replace(&mut self.stream, Stream::new());
        let (opening, cipher) = match self.init.take() {
            Some((init, keys)) => {
                stream.decipher(keys.receive);
                (Opening::new(&init), Some(keys.send))
            }
            None => (Opening::new(self.framing.tag()), None),
        };
        let (framing, limits) = (self.framing, self.limits);
        Ok(Some(Connection {
            encoder: Encoder::new(framing, Side::Client, limits, opening, cipher, envelope),
            decoder: Decoder::new(stream, framing, Side::Server, limits),
        }))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("framing", &self.framing)
            .field("buffered", &self.stream.bytes().len())
            .finish_non_exhaustive()
    }
}
