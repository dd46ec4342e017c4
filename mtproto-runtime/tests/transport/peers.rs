//! Client and server of all kinds of connections.

use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Arrival, Connection, Connector, DcId, Framing, Limits,
    ProxySecret, websocket,
};

use crate::{Cut, Owned, encode, frames, plain_packet, rng};

pub(crate) const NOW: u32 = 1_700_000_000;
pub(crate) const PLAIN_SECRET: &str = "000102030405060708090a0b0c0d0e0f";
pub(crate) const PADDED_SECRET: &str = "dd100102030405060708090a0b0c0d0e0f";
pub(crate) const TLS_SECRET: &str = "ee200102030405060708090a0b0c0d0e0f676f6f676c652e636f6d";
const STREAMED: [Framing; 3] = [
    Framing::Abridged,
    Framing::Intermediate,
    Framing::PaddedIntermediate,
];

/// How a client comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain(Framing),
    Obfuscated(Framing),
    Proxy(Framing, &'static str),
    WebSocket(Framing),
}

impl Kind {
    pub(crate) fn all() -> Vec<Self> {
        let mut kinds = vec![Self::Plain(Framing::Full)];
        kinds.extend(STREAMED.map(Self::Plain));
        kinds.extend(STREAMED.map(Self::Obfuscated));
        kinds.extend(STREAMED.map(|framing| Self::Proxy(framing, PLAIN_SECRET)));
        kinds.push(Self::Proxy(Framing::Abridged, PADDED_SECRET));
        kinds.push(Self::Proxy(Framing::Abridged, TLS_SECRET));
        kinds.extend(STREAMED.map(Self::WebSocket));
        kinds
    }

    pub(crate) fn framing(self) -> Framing {
        match self {
            Self::Plain(framing) | Self::Obfuscated(framing) | Self::WebSocket(framing) => framing,
            Self::Proxy(framing, PLAIN_SECRET) => framing,
            Self::Proxy(..) => Framing::PaddedIntermediate,
        }
    }

    pub(crate) fn connector(self) -> Connector {
        let mut rng = rng(3);
        match self {
            Self::Plain(framing) => Connector::plain(framing),
            Self::Obfuscated(framing) => Connector::obfuscated(framing, &mut rng).unwrap(),
            Self::Proxy(framing, secret) => {
                let secret = ProxySecret::parse(secret).unwrap();
                let dc = DcId::new(2).test().media();
                Connector::proxy(framing, &secret, dc, NOW, &mut rng).unwrap()
            }
            Self::WebSocket(framing) => {
                let (host, path) = ("venus.web.telegram.org", websocket::PATH);
                Connector::web_socket(framing, host, path, &mut rng).unwrap()
            }
        }
    }
}

/// A server that accepts everything.
pub(crate) fn options() -> AcceptOptions {
    let secrets = [PLAIN_SECRET, PADDED_SECRET, TLS_SECRET];
    AcceptOptions {
        limits: Limits::default(),
        secrets: secrets.map(|text| ProxySecret::parse(text).unwrap()).into(),
        without_secret: true,
    }
}

/// What is there after the client's first packet has arrived.
pub(crate) struct Peers {
    pub(crate) client: Connection,
    pub(crate) server: Connection,
    pub(crate) arrival: Arrival,
}

/// Sets up both sides of a connection, and sends a first packet.
pub(crate) fn connect(kind: Kind, cut: &mut Cut) -> Peers {
    let (mut connector, mut acceptor) = (kind.connector(), Acceptor::new(options()));
    let (mut answer, mut server_rng) = (Vec::new(), rng(4));
    for piece in cut.pieces(connector.outgoing()) {
        acceptor.push(piece);
        let accepted = acceptor
            .poll(NOW + 1, &mut answer, &mut server_rng)
            .unwrap();
        assert!(accepted.is_none(), "the client has not sent the framing");
    }
    let mut client = connector.poll().unwrap();
    for piece in cut.pieces(&answer) {
        assert!(client.is_none(), "there is more of the answer");
        connector.push(piece);
        client = connector.poll().unwrap();
    }
    let mut client = client.expect("the answer is complete");
    let first = plain_packet(40);
    let bytes = encode(&mut client.encoder, &first, true)
        .or_else(|_| encode(&mut client.encoder, &first, false));
    let bytes = bytes.unwrap();
    let (mut server, mut received) = (None, Vec::new());
    answer.clear();
    for piece in cut.pieces(&bytes) {
        if server.is_none() {
            acceptor.push(piece);
            match acceptor
                .poll(NOW + 2, &mut answer, &mut server_rng)
                .unwrap()
            {
                None => continue,
                Some(Accepted::Packets {
                    connection,
                    arrival,
                }) => server = Some((connection, arrival)),
                Some(other) => panic!("{other:?}"),
            }
            assert!(acceptor.pending().is_empty(), "all went to the connection");
        } else if let Some((connection, _)) = &mut server {
            connection.decoder.push(piece);
        }
        if let Some((connection, _)) = &mut server {
            received.extend(frames(&mut connection.decoder).unwrap());
        }
    }
    assert!(answer.is_empty(), "nothing is to be sent at that");
    let (server, arrival) = server.expect("the client has sent all");
    let quick_ack = kind.framing() != Framing::Full;
    assert_eq!(received, [Owned::Packet(first, quick_ack)]);
    Peers {
        client,
        server,
        arrival,
    }
}
