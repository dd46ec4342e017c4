//! A peer that sends what a test wants, and two sessions that talk to each other.

use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::kdf::{self, Side};
use mtproto_runtime::schema::mtproto::{functions, types};
use mtproto_runtime::session::{ClientState, Config, Event, ServerSalts, Session, SessionError};
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::wire::{Combinator, TlWrite, encode_boxed};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_750_000_000);
pub(crate) const SALT: i64 = 77;
pub(crate) const SALT_PERIOD: Duration = Duration::from_secs(1800);

pub(crate) fn later(secs: u64) -> UnixTime {
    NOW.after(Duration::from_secs(secs))
}

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn key() -> AuthKey {
    AuthKey::new(std::array::from_fn(|at| (at * 7 + 3) as u8))
}

/// Nothing is sent that the test did not ask for.
pub(crate) fn quiet() -> Config {
    let mut config = Config::default();
    config.future_salts = 0;
    config.ping_interval = None;
    config
}

/// A client that knows its salt and the server's time.
pub(crate) fn client() -> Session {
    client_with(quiet())
}

pub(crate) fn client_with(config: Config) -> Session {
    let state = ClientState::from_handshake(SALT, 0, NOW);
    Session::client(config, key(), &state, NOW, &mut rng(1))
}

pub(crate) fn server_salts() -> ServerSalts {
    ServerSalts::new([9; 32], SALT_PERIOD)
}

pub(crate) fn server() -> Session {
    server_with(quiet())
}

pub(crate) fn server_with(config: Config) -> Session {
    Session::server(config, key(), 5, server_salts(), NOW, &mut rng(2))
}

/// A message, as it is inside of a packet or container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) msg_id: i64,
    pub(crate) seq_no: i32,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn id(&self) -> u32 {
        id_of(&self.body)
    }
}

/// What is inside of a packet.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) salt: i64,
    pub(crate) session_id: i64,
    pub(crate) message: Message,
}

impl Packet {
    /// The messages, without the container around them.
    pub(crate) fn messages(&self) -> Vec<Message> {
        if self.message.id() != MSG_CONTAINER {
            return vec![self.message.clone()];
        }
        let mut rest = &self.message.body[8..];
        let mut messages = Vec::new();
        while !rest.is_empty() {
            let len = int(&rest[12..]) as usize;
            messages.push(Message {
                msg_id: long(rest),
                seq_no: int(&rest[8..]),
                body: rest[16..16 + len].to_vec(),
            });
            rest = &rest[16 + len..];
        }
        messages
    }
}

pub(crate) const MSG_CONTAINER: u32 = 0x73f1_f8dc;

pub(crate) fn id_of(body: &[u8]) -> u32 {
    int(body) as u32
}

pub(crate) fn int(bytes: &[u8]) -> i32 {
    i32::from_le_bytes(bytes[..4].try_into().unwrap())
}

pub(crate) fn long(bytes: &[u8]) -> i64 {
    i64::from_le_bytes(bytes[..8].try_into().unwrap())
}

/// `msg_container`.
pub(crate) fn container(messages: &[Message]) -> Vec<u8> {
    let mut body = MSG_CONTAINER.to_le_bytes().to_vec();
    body.extend((messages.len() as u32).to_le_bytes());
    for message in messages {
        body.extend(message.msg_id.to_le_bytes());
        body.extend(message.seq_no.to_le_bytes());
        body.extend((message.body.len() as i32).to_le_bytes());
        body.extend(&message.body);
    }
    body
}

pub(crate) fn rpc_result(req_msg_id: i64, result: &[u8]) -> Vec<u8> {
    let mut body = 0xf35c_6d01_u32.to_le_bytes().to_vec();
    body.extend(req_msg_id.to_le_bytes());
    body.extend(result);
    body
}

pub(crate) fn boxed<T: TlWrite + Combinator>(value: &T) -> Vec<u8> {
    encode_boxed(value).unwrap()
}

/// An object that no schema has.
pub(crate) fn object(number: u32) -> Vec<u8> {
    let mut body = 0x1234_5678_u32.to_le_bytes().to_vec();
    body.extend(number.to_le_bytes());
    body
}

/// The other side, under the control of the test.
pub(crate) struct Peer {
    pub(crate) key: AuthKey,
    pub(crate) side: Side,
    pub(crate) salt: i64,
    pub(crate) session_id: i64,
    last: i64,
    content_related: i32,
}

impl Peer {
    /// The server of a client.
    pub(crate) fn of(client: &Session) -> Self {
        Self::new(Side::Server, client.session_id())
    }

    /// A server under another key, of a session that is not known yet.
    pub(crate) fn with_key(key: AuthKey) -> Self {
        Self {
            key,
            ..Self::new(Side::Server, 0)
        }
    }

    /// The client of a server, with the right salt.
    pub(crate) fn client_of(server: &Session) -> Self {
        let mut peer = Self::new(Side::Client, server.session_id());
        peer.salt = first_server_salt();
        peer
    }

    fn new(side: Side, session_id: i64) -> Self {
        Self {
            key: key(),
            side,
            salt: SALT,
            session_id,
            last: 0,
            content_related: 0,
        }
    }

    /// The next id at that time; `bits` are the lowest two.
    pub(crate) fn id(&mut self, now: UnixTime, bits: i64) -> i64 {
        let by_time = now.msg_id_bits() as i64 & !3;
        self.last = (by_time.max(self.last & !3) + 4) | bits;
        self.last
    }

    pub(crate) fn seq_no(&mut self, content_related: bool) -> i32 {
        let seq_no = self.content_related * 2 + i32::from(content_related);
        self.content_related += i32::from(content_related);
        seq_no
    }

    /// A message that keeps the rules.
    pub(crate) fn message(
        &mut self,
        now: UnixTime,
        bits: i64,
        content_related: bool,
        body: Vec<u8>,
    ) -> Message {
        Message {
            msg_id: self.id(now, bits),
            seq_no: self.seq_no(content_related),
            body,
        }
    }

    /// A call of a client.
    pub(crate) fn call(&mut self, now: UnixTime, body: Vec<u8>) -> Message {
        self.message(now, 0, true, body)
    }

    /// An answer of a server.
    pub(crate) fn answer(&mut self, now: UnixTime, body: Vec<u8>) -> Message {
        self.message(now, 1, true, body)
    }

    /// Something of a server that is neither an answer nor content-related.
    pub(crate) fn notice(&mut self, now: UnixTime, body: Vec<u8>) -> Message {
        self.message(now, 3, false, body)
    }

    /// A packet with that message.
    pub(crate) fn packet(&self, message: &Message) -> Vec<u8> {
        let padding = 12 + (12 + message.body.len()).wrapping_neg() % 16;
        self.packet_with(message, message.body.len() as i32, padding)
    }

    /// A packet with any length and padding.
    pub(crate) fn packet_with(&self, message: &Message, length: i32, padding: usize) -> Vec<u8> {
        let plaintext = self.plaintext(message, length, padding);
        let msg_key = kdf::msg_key(&self.key, self.side, &plaintext);
        self.encrypt(plaintext, msg_key)
    }

    pub(crate) fn plaintext(&self, message: &Message, length: i32, padding: usize) -> Vec<u8> {
        let mut plaintext = Vec::new();
        plaintext.extend(self.salt.to_le_bytes());
        plaintext.extend(self.session_id.to_le_bytes());
        plaintext.extend(message.msg_id.to_le_bytes());
        plaintext.extend(message.seq_no.to_le_bytes());
        plaintext.extend(length.to_le_bytes());
        plaintext.extend(&message.body);
        plaintext.resize(plaintext.len() + padding, 0x5a);
        plaintext
    }

    pub(crate) fn encrypt(&self, mut plaintext: Vec<u8>, msg_key: [u8; 16]) -> Vec<u8> {
        let keys = kdf::message_keys(&self.key, &msg_key, self.side);
        aes_ige::encrypt(&keys.key, &keys.iv, &mut plaintext).unwrap();
        let mut packet = self.key.id().to_le_bytes().to_vec();
        packet.extend(msg_key);
        packet.extend(plaintext);
        packet
    }

    /// Gives a message to a session.
    pub(crate) fn send(
        &self,
        to: &mut Session,
        now: UnixTime,
        message: &Message,
    ) -> Result<(), SessionError> {
        to.handle_input(now, &mut self.packet(message))
    }

    /// All packets that a session has to send.
    pub(crate) fn packets(&self, from: &mut Session, now: UnixTime) -> Vec<Packet> {
        packets(from, now)
            .iter()
            .map(|packet| self.open(packet))
            .collect()
    }

    /// All messages that a session has to send, without their containers.
    pub(crate) fn messages(&self, from: &mut Session, now: UnixTime) -> Vec<Message> {
        self.packets(from, now)
            .iter()
            .flat_map(Packet::messages)
            .collect()
    }

    /// Decrypts a packet to this side.
    pub(crate) fn open(&self, packet: &[u8]) -> Packet {
        let sender = self.side.other();
        assert_eq!(long(packet) as u64, self.key.id());
        let msg_key: [u8; 16] = packet[8..24].try_into().unwrap();
        let keys = kdf::message_keys(&self.key, &msg_key, sender);
        let mut plaintext = packet[24..].to_vec();
        aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).unwrap();
        assert_eq!(kdf::msg_key(&self.key, sender, &plaintext), msg_key);
        let length = int(&plaintext[28..]) as usize;
        let padding = plaintext.len() - 32 - length;
        assert!((12..=1024).contains(&padding) && length.is_multiple_of(4));
        Packet {
            salt: long(&plaintext),
            session_id: long(&plaintext[8..]),
            message: Message {
                msg_id: long(&plaintext[16..]),
                seq_no: int(&plaintext[24..]),
                body: plaintext[32..32 + length].to_vec(),
            },
        }
    }
}

/// The salt that [`server`] has at [`NOW`], as a client learns it.
pub(crate) fn first_server_salt() -> i64 {
    let mut server = server();
    let peer = Peer::new(Side::Client, server.session_id());
    let message = Message {
        msg_id: NOW.msg_id_bits() as i64 + 4,
        seq_no: 0,
        body: object(1),
    };
    let _ = peer.send(&mut server, NOW, &message);
    let told = peer.messages(&mut server, NOW);
    assert_eq!(told[0].id(), 0xedab_447b);
    long(&told[0].body[20..])
}

/// All packets that a session has to send.
pub(crate) fn packets(from: &mut Session, now: UnixTime) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    loop {
        let mut packet = Vec::new();
        match from.poll_transmit(now, &mut packet) {
            Some(transmit) => assert_eq!(transmit.len, packet.len()),
            None => return packets,
        }
        packets.push(packet);
    }
}

pub(crate) fn events(of: &mut Session) -> Vec<Event> {
    std::iter::from_fn(|| of.poll_event()).collect()
}

/// Carries packets both ways until there are none; returns what was refused.
pub(crate) fn exchange(
    client: &mut Session,
    server: &mut Session,
    now: UnixTime,
) -> Vec<SessionError> {
    let mut refused = Vec::new();
    loop {
        let (up, down) = (packets(client, now), packets(server, now));
        if up.is_empty() && down.is_empty() {
            return refused;
        }
        for mut packet in up {
            refused.extend(server.handle_input(now, &mut packet).err());
        }
        for mut packet in down {
            refused.extend(client.handle_input(now, &mut packet).err());
        }
    }
}

/// A client and a server that have met.
pub(crate) fn pair() -> (Session, Session) {
    let mut client = client();
    let mut server = Session::server(
        quiet(),
        key(),
        client.session_id(),
        server_salts(),
        NOW,
        &mut rng(2),
    );
    let handle = client
        .invoke(functions::Ping { ping_id: 1 })
        .unwrap()
        .handle();
    exchange(&mut client, &mut server, NOW);
    let told = events(&mut client);
    assert!(
        told.iter()
            .any(|event| matches!(event, Event::Result { handle: of, .. } if *of == handle)),
        "{told:?}"
    );
    // The acknowledgment of new_session_created goes with the next message.
    client.invoke(functions::Ping { ping_id: 2 }).unwrap();
    exchange(&mut client, &mut server, NOW);
    events(&mut client);
    events(&mut server);
    (client, server)
}

pub(crate) fn the_call(server: &mut Session) -> (i64, Vec<u8>) {
    match &events(server)[..] {
        [Event::Call { msg_id, body }] => (*msg_id, body.clone()),
        told => panic!("{told:?}"),
    }
}

pub(crate) fn bad_server_salt(bad_msg_id: i64, new_server_salt: i64) -> types::BadServerSalt {
    types::BadServerSalt {
        bad_msg_id,
        bad_msg_seqno: 1,
        error_code: 48,
        new_server_salt,
    }
}

pub(crate) fn bad_msg(bad_msg_id: i64, error_code: i32) -> types::BadMsgNotification {
    types::BadMsgNotification {
        bad_msg_id,
        bad_msg_seqno: 1,
        error_code,
    }
}
