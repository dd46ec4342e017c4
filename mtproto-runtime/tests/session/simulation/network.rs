//! The network of a simulation: connections with a real transport at both ends, between which bytes travel in pieces of any
//! size, in order, until a connection is cut.

use std::time::Duration;

use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Connection, Connector, DcId, Frame, Framing, HEAD_ROOM,
    ProxySecret, TransportError,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

/// What comes out of a connection.
pub(super) enum Received {
    Packet { packet: Vec<u8>, quick_ack: bool },
    QuickAck(u32),
    Error(TransportError),
}

/// What goes into a connection.
#[derive(Clone)]
pub(super) enum Sent {
    Packet { packet: Vec<u8>, quick_ack: bool },
    QuickAck(u32),
    UnknownKey,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the server.
    Up,
    /// To the client.
    Down,
}

pub(super) struct Link {
    /// Full framing has none.
    has_quick_acks: bool,
    client: End<Connector>,
    server: End<Acceptor>,
    up: Pipe,
    down: Pipe,
    buffer: Vec<u8>,
}

/// One end, which may have to be set up first.
enum End<S> {
    Starting(Box<S>),
    Ready(Box<Connection>),
}

/// Bytes on their way.
#[derive(Default)]
struct Pipe {
    bytes: Vec<u8>,
    /// Whether the next piece has a time at which it arrives.
    is_moving: bool,
}

impl Link {
    /// A connection with any transport.
    pub(super) fn connect(rng: &mut ChaCha20Rng) -> Self {
        let framing = [
            Framing::Abridged,
            Framing::Intermediate,
            Framing::PaddedIntermediate,
        ][rng.next_u32() as usize % 3];
        let secret = ProxySecret::parse("dd000102030405060708090a0b0c0d0e0f").expect("a secret");
        let kind = rng.next_u32() % 6;
        let connector = match kind {
            0 => Connector::plain(Framing::Full),
            1 | 2 => Connector::plain(framing),
            3 => Connector::obfuscated(framing, rng).expect("a transport"),
            4 => Connector::proxy(framing, &secret, DcId::new(2), 0, rng).expect("a transport"),
            _ => Connector::web_socket(framing, "localhost", "/apiws", rng).expect("a transport"),
        };
        let mut options = AcceptOptions::default();
        options.secrets.push(secret);
        let mut link = Self {
            has_quick_acks: kind != 0,
            client: End::Starting(Box::new(connector)),
            server: End::Starting(Box::new(Acceptor::new(options))),
            up: Pipe::default(),
            down: Pipe::default(),
            buffer: Vec::new(),
        };
        if let End::Starting(connector) = &link.client {
            link.up.bytes.extend(connector.outgoing());
        }
        link.start_client();
        link
    }

    /// Whether the client may send.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.client, End::Ready(_))
    }

    /// Puts something on its way.
    pub(super) fn send(&mut self, way: Way, what: Sent, rng: &mut ChaCha20Rng) {
        let (connection, pipe) = match (way, &mut self.client, &mut self.server) {
            (Way::Up, End::Ready(client), _) => (client, &mut self.up),
            (Way::Down, _, End::Ready(server)) => (server, &mut self.down),
            _ => return,
        };
        let encoder = &mut connection.encoder;
        let buffer = &mut self.buffer;
        let bytes = match what {
            Sent::Packet { packet, quick_ack } => {
                buffer.clear();
                buffer.resize(HEAD_ROOM, 0);
                buffer.extend(packet);
                let quick_ack = quick_ack && self.has_quick_acks;
                let bytes = encoder.encode(buffer, quick_ack, rng);
                bytes.expect("a packet")
            }
            Sent::QuickAck(token) => encoder
                .encode_quick_ack(token, buffer, rng)
                .expect("the client asked for it"),
            Sent::UnknownKey => {
                let error = TransportError::new(-404).expect("a code");
                encoder.encode_error(error, buffer, rng).expect("an error")
            }
        };
        pipe.bytes.extend_from_slice(bytes);
    }

    /// When the next piece of what is on its way arrives, if that is not planned yet.
    pub(super) fn next_piece(&mut self, way: Way, rng: &mut ChaCha20Rng) -> Option<Duration> {
        let pipe = self.pipe(way);
        if pipe.is_moving || pipe.bytes.is_empty() {
            return None;
        }
        pipe.is_moving = true;
        Some(Duration::from_millis((rng.next_u32() % 40).into()))
    }

    /// A piece arrives: all that is on its way, or the first part of it.
    pub(super) fn arrive(&mut self, way: Way, rng: &mut ChaCha20Rng) -> Vec<Received> {
        let pipe = self.pipe(way);
        pipe.is_moving = false;
        let len = pipe.bytes.len();
        let piece = match rng.next_u32() % 10 {
            _ if len == 0 => 0,
            0 => 1,
            1..4 => 1 + rng.next_u32() as usize % len,
            _ => len,
        };
        let rest = pipe.bytes.split_off(piece);
        let bytes = std::mem::replace(&mut pipe.bytes, rest);
        match way {
            Way::Up => self.at_server(&bytes, rng),
            Way::Down => self.at_client(&bytes),
        }
    }

    fn at_server(&mut self, bytes: &[u8], rng: &mut ChaCha20Rng) -> Vec<Received> {
        match &mut self.server {
            End::Starting(acceptor) => {
                acceptor.push(bytes);
                let accepted = acceptor
                    .poll(0, &mut self.down.bytes, rng)
                    .expect("a client of ours");
                match accepted {
                    Some(Accepted::Packets { connection, .. }) => {
                        self.server = End::Ready(Box::new(connection));
                    }
                    Some(_) => panic!("nobody speaks HTTP here"),
                    None => return Vec::new(),
                }
                self.at_server(&[], rng)
            }
            End::Ready(connection) => frames(connection, bytes),
        }
    }

    fn at_client(&mut self, bytes: &[u8]) -> Vec<Received> {
        match &mut self.client {
            End::Starting(connector) => {
                connector.push(bytes);
                match self.start_client() {
                    true => self.at_client(&[]),
                    false => Vec::new(),
                }
            }
            End::Ready(connection) => frames(connection, bytes),
        }
    }

    /// Goes on with setting up the client's end; returns whether that is done.
    fn start_client(&mut self) -> bool {
        if let End::Starting(connector) = &mut self.client
            && let Some(connection) = connector.poll().expect("the server is ours")
        {
            self.client = End::Ready(Box::new(connection));
        }
        self.is_ready()
    }

    fn pipe(&mut self, way: Way) -> &mut Pipe {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }
}

/// What can be read now that these bytes are there.
fn frames(connection: &mut Connection, bytes: &[u8]) -> Vec<Received> {
    let decoder = &mut connection.decoder;
    decoder.push(bytes);
    let mut received = Vec::new();
    while let Some(frame) = decoder.next_frame().expect("the stream is whole") {
        received.push(match frame {
            Frame::Packet { payload, quick_ack } => Received::Packet {
                packet: payload.to_vec(),
                quick_ack,
            },
            Frame::QuickAck(token) => Received::QuickAck(token),
            Frame::Error(error) => Received::Error(error),
            other => panic!("nobody sends {other:?}"),
        });
    }
    received
}
