//! Two sides of a chat, and what is between them.

use std::collections::VecDeque;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::DhSecret;
use mtproto_runtime::crypto::hash::sha256;
use mtproto_runtime::crypto::{aes_ige, kdf};
use mtproto_runtime::schema::end_to_end::{layer_8, layer_17, layer_45, layer_66, layer_73};
use mtproto_runtime::secret_chat::{
    Agreement, Chat, Delivery, DiscardReason, Effect, Identity, Input, LayerMessage, Notice,
    Options, Outgoing, Sending,
};
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::wire::{encode, encode_by};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(crate) const START: u64 = 1_800_000_000;

/// A group far too small to be safe, and fast.
#[derive(Clone)]
pub(crate) struct Toy;

const TOY_PRIME: u64 = (1 << 61) - 1;

fn power(base: u64, secret: &DhSecret) -> u64 {
    let mut exponent = u64::from_be_bytes(*secret.as_bytes().last_chunk().expect("256 bytes"));
    let multiply = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(TOY_PRIME)) as u64;
    let (mut base, mut result) = (base % TOY_PRIME, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}

fn padded(number: u64) -> [u8; 256] {
    let mut bytes = [0; 256];
    bytes[248..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// A key that is not mostly zeros.
fn stretched(number: u64) -> [u8; 256] {
    let mut bytes = [0; 256];
    for (index, part) in bytes.as_chunks_mut().0.iter_mut().enumerate() {
        *part = sha256(&[&number.to_be_bytes(), &[index as u8]]);
    }
    bytes
}

impl Agreement for Toy {
    fn from_parameters(g: i32, p: &[u8]) -> Option<Self> {
        (g == 37 && p == TOY_PRIME.to_be_bytes()).then_some(Self)
    }

    fn parameters(&self) -> (i32, Vec<u8>) {
        (37, TOY_PRIME.to_be_bytes().to_vec())
    }

    fn public(&self, secret: &DhSecret) -> Box<[u8; 256]> {
        Box::new(padded(power(37, secret)))
    }

    fn shared(&self, secret: &DhSecret, public: &[u8]) -> Option<AuthKey> {
        let (zeros, number) = public.split_at_checked(248)?;
        let number = u64::from_be_bytes(number.try_into().ok()?);
        let is_in_range =
            zeros.iter().all(|&zero| zero == 0) && (2..TOY_PRIME - 1).contains(&number);
        is_in_range.then(|| AuthKey::new(stretched(power(number, secret))))
    }
}

/// One side, and the application around it.
pub(crate) struct Side {
    pub(crate) chat: Chat<Toy>,
    pub(crate) options: Options,
    pub(crate) rng: ChaCha8Rng,
    /// What the chat was stored as last.
    pub(crate) stored: Vec<u8>,
    /// For the server, in order.
    pub(crate) outbox: VecDeque<Sending>,
    pub(crate) delivered: Vec<Delivery>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) acknowledged: Vec<i32>,
    pub(crate) discarded: Option<DiscardReason>,
    pub(crate) now: u64,
}

impl Side {
    pub(crate) fn handle(&mut self, input: Input<'_>) {
        let now = UnixTime::from_secs(self.now);
        let effects = self.chat.handle(now, input, &mut self.rng);
        let effects = effects.expect("the input is one for this state");
        self.carry_out(effects);
    }

    pub(crate) fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Persist(stored) => self.stored = stored.as_bytes().to_vec(),
                Effect::Send(sending) => self.outbox.push_back(sending),
                Effect::Deliver(delivery) | Effect::UpdateNeeded(delivery) => {
                    let number = delivery.number;
                    self.delivered.push(delivery);
                    self.handle(Input::Delivered { number });
                }
                Effect::Notify(notice) => self.notices.push(notice),
                Effect::AcknowledgeQueue { qts } => self.acknowledged.push(qts),
                Effect::Discarded { reason, .. } => self.discarded = Some(reason),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Sends a text in the newest layer that both know.
    pub(crate) fn say(&mut self, text: &str) -> i64 {
        let random_id = self.rng.next_u64() as i64;
        let message = text_message(self.chat.layer(), random_id, text);
        let file = None;
        self.handle(Input::Send(Outgoing { message, file }));
        random_id
    }

    pub(crate) fn receive(&mut self, data: &[u8]) {
        let qts = self.acknowledged.len() as i32 + 1;
        let file = None;
        self.handle(Input::Encrypted { data, file, qts });
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.delivered.iter().map(text_of).collect()
    }

    /// Forgets all that was not stored, and starts again.
    pub(crate) fn crash(&mut self) {
        let identity = *self.chat.identity();
        let chat = Chat::restore(self.options, &self.stored, Some(&identity));
        self.chat = chat.expect("it was stored");
        self.outbox.clear();
        let delivered = self.delivered.last().map_or(0, |delivery| delivery.number);
        let now = UnixTime::from_secs(self.now);
        let effects = self.chat.resume(now, delivered, &mut self.rng);
        self.carry_out(effects);
    }
}

/// Both sides of an open chat.
pub(crate) struct Pair {
    pub(crate) a: Side,
    pub(crate) b: Side,
}

impl Pair {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(seed, Options::default(), Options::default())
    }

    pub(crate) fn with(seed: u64, options_a: Options, options_b: Options) -> Self {
        let mut rng_a = ChaCha8Rng::seed_from_u64(seed);
        let rng_b = ChaCha8Rng::seed_from_u64(!seed);
        let (chat, effects) = Chat::request(options_a, 1, 2, Toy, &[7; 256], &mut rng_a);
        let [Effect::Persist(_), Effect::RequestEncryption { g_a, .. }] = &effects[..] else {
            panic!("{effects:?}")
        };
        let identity = Identity {
            chat_id: 77,
            access_hash: -5,
            own_user_id: 2,
            peer_user_id: 1,
            is_originator: false,
        };
        let (offered, _) = Chat::offered(options_b, identity, Toy, &g_a[..]);
        let mut a = Side::new(chat, options_a, rng_a);
        let mut b = Side::new(offered, options_b, rng_b);
        a.handle(Input::Waiting {
            chat_id: 77,
            access_hash: -5,
        });
        let now = UnixTime::from_secs(START);
        let accept = Input::Accept { server_random: &[] };
        let effects = b
            .chat
            .handle(now, accept, &mut b.rng)
            .expect("it was offered");
        let [
            Effect::Persist(_),
            Effect::AcceptEncryption {
                g_b,
                key_fingerprint,
            },
        ] = &effects[..]
        else {
            panic!("{effects:?}")
        };
        b.handle(Input::AcceptConfirmed);
        a.handle(Input::Accepted {
            g_b: &g_b[..],
            key_fingerprint: *key_fingerprint,
        });
        Self { a, b }
    }

    /// Carries all messages over, in order, until there are none.
    pub(crate) fn settle(&mut self) {
        while !(self.a.outbox.is_empty() && self.b.outbox.is_empty()) {
            while let Some(sending) = self.a.outbox.pop_front() {
                self.a.handle(Input::Sent {
                    random_id: sending.random_id,
                });
                self.b.receive(&sending.data);
            }
            while let Some(sending) = self.b.outbox.pop_front() {
                self.b.handle(Input::Sent {
                    random_id: sending.random_id,
                });
                self.a.receive(&sending.data);
            }
        }
    }

    pub(crate) fn advance(&mut self, secs: u64) {
        self.a.now += secs;
        self.b.now += secs;
    }
}

impl Side {
    fn new(chat: Chat<Toy>, options: Options, rng: ChaCha8Rng) -> Self {
        Self {
            chat,
            options,
            rng,
            stored: Vec::new(),
            outbox: VecDeque::new(),
            delivered: Vec::new(),
            notices: Vec::new(),
            acknowledged: Vec::new(),
            discarded: None,
            now: START,
        }
    }
}

/// Makes messages of the originator or the acceptor that the code under test would never make.
pub(crate) struct Forger {
    pub(crate) key: AuthKey,
    pub(crate) from_originator: bool,
}

impl Forger {
    /// That of the originator of `Pair::new(seed)`, which draws its exponent first.
    pub(crate) fn originator(seed: u64) -> Self {
        let own = DhSecret::generate(&[7; 256], &mut ChaCha8Rng::seed_from_u64(seed));
        let peers = DhSecret::generate(&[], &mut ChaCha8Rng::seed_from_u64(!seed));
        let key = Toy.shared(&own, &Toy.public(&peers)[..]);
        Self {
            key: key.expect("both are in range"),
            from_originator: true,
        }
    }

    pub(crate) fn acceptor(seed: u64) -> Self {
        Self {
            from_originator: false,
            ..Self::originator(seed)
        }
    }

    /// A message with numbers, in MTProto 2.0; raw numbers, which get the bits of this side.
    pub(crate) fn numbered(
        &self,
        layer: i32,
        in_seq: u32,
        out_seq: u32,
        content: &[u8],
    ) -> Vec<u8> {
        let [in_seq_no, out_seq_no] = self.doubled(in_seq, out_seq);
        self.v2(&wrapped(layer, in_seq_no, out_seq_no, content))
    }

    pub(crate) fn doubled(&self, in_seq: u32, out_seq: u32) -> [i32; 2] {
        let bit = u32::from(self.from_originator);
        [(2 * in_seq + 1 - bit) as i32, (2 * out_seq + bit) as i32]
    }

    pub(crate) fn v2(&self, data: &[u8]) -> Vec<u8> {
        let padding = 12 + (16 - (4 + data.len() + 12) % 16) % 16;
        self.v2_with(data.len() as u32, data, padding)
    }

    pub(crate) fn v2_with(&self, length: u32, data: &[u8], padding: usize) -> Vec<u8> {
        let side = match self.from_originator {
            true => kdf::Side::Client,
            false => kdf::Side::Server,
        };
        let plaintext = [&length.to_le_bytes()[..], data, &vec![3; padding]].concat();
        let msg_key = kdf::msg_key(&self.key, side, &plaintext);
        self.sealed(
            &msg_key,
            &kdf::message_keys(&self.key, &msg_key, side),
            plaintext,
        )
    }

    pub(crate) fn v1(&self, data: &[u8]) -> Vec<u8> {
        self.v1_with(data, (16 - (4 + data.len()) % 16) % 16)
    }

    pub(crate) fn v1_with(&self, data: &[u8], padding: usize) -> Vec<u8> {
        let mut plaintext = [&(data.len() as u32).to_le_bytes()[..], data].concat();
        let msg_key = kdf::v1_msg_key(&plaintext);
        plaintext.extend(vec![3; padding]);
        let keys = kdf::v1_message_keys(&self.key, &msg_key, kdf::Side::Client);
        self.sealed(&msg_key, &keys, plaintext)
    }

    fn sealed(&self, msg_key: &[u8; 16], keys: &kdf::KeyIv, mut plaintext: Vec<u8>) -> Vec<u8> {
        aes_ige::encrypt(&keys.key, &keys.iv, &mut plaintext).expect("whole blocks");
        [&self.key.id().to_le_bytes()[..], msg_key, &plaintext].concat()
    }
}

/// `decryptedMessageLayer`.
pub(crate) fn wrapped(layer: i32, in_seq_no: i32, out_seq_no: i32, content: &[u8]) -> Vec<u8> {
    wrapped_with(&[8; 15], layer, in_seq_no, out_seq_no, content)
}

pub(crate) fn wrapped_with(
    random_bytes: &[u8],
    layer: i32,
    in_seq_no: i32,
    out_seq_no: i32,
    content: &[u8],
) -> Vec<u8> {
    let bytes = encode_by(|w| {
        w.id(0x1be3_1789);
        w.bytes(random_bytes);
        w.int(layer);
        w.int(in_seq_no);
        w.int(out_seq_no);
        w.raw(content);
    });
    bytes.expect("it can be written")
}

/// The content of a text message of layer 73.
pub(crate) fn text(text: &str) -> Vec<u8> {
    encode(&text_message(73, 1, text)).expect("it can be written")
}

pub(crate) type Action = layer_66::enums::DecryptedMessageAction;

/// The content of a service message of layer 17.
pub(crate) fn service(action: &Action) -> Vec<u8> {
    let bytes = encode_by(|w| {
        w.id(0x7316_4160);
        w.long(2);
        w.write(action);
    });
    bytes.expect("it can be written")
}

/// A text, as a layer writes it.
pub(crate) fn text_message(layer: i32, random_id: i64, text: &str) -> LayerMessage {
    let message = text.to_owned();
    match layer {
        ..17 => layer_8::enums::DecryptedMessage::DecryptedMessage(Box::new(
            layer_8::types::DecryptedMessage {
                random_id,
                random_bytes: vec![9; 15],
                message,
                media: layer_8::enums::DecryptedMessageMedia::Empty,
            },
        ))
        .into(),
        17..45 => layer_17::enums::DecryptedMessage::DecryptedMessage(Box::new(
            layer_17::types::DecryptedMessage {
                random_id,
                ttl: 0,
                message,
                media: layer_17::enums::DecryptedMessageMedia::Empty,
            },
        ))
        .into(),
        45..73 => {
            layer_45::enums::DecryptedMessage::DecryptedMessage(layer_45::types::DecryptedMessage {
                random_id,
                ttl: 0,
                message,
                media: None,
                entities: None,
                via_bot_name: None,
                reply_to_random_id: None,
            })
            .into()
        }
        _ => {
            layer_73::enums::DecryptedMessage::DecryptedMessage(layer_73::types::DecryptedMessage {
                no_webpage: false,
                silent: false,
                random_id,
                ttl: 0,
                message,
                media: None,
                entities: None,
                via_bot_name: None,
                reply_to_random_id: None,
                grouped_id: None,
            })
            .into()
        }
    }
}

/// The text of a message, or the name of what else it is.
pub(crate) fn text_of(delivery: &Delivery) -> String {
    use mtproto_runtime::schema::end_to_end as e2e;
    let message = delivery.message().expect("a known layer");
    match message {
        LayerMessage::Layer8(e2e::layer_8::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer17(e2e::layer_17::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer20(e2e::layer_20::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer23(e2e::layer_23::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer45(e2e::layer_45::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer46(e2e::layer_46::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer66(e2e::layer_66::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer73(e2e::layer_73::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer101(e2e::layer_101::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer143(e2e::layer_143::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        LayerMessage::Layer144(e2e::layer_144::enums::DecryptedMessage::DecryptedMessage(m)) => {
            m.message
        }
        other => format!("{other:?}"),
    }
}
