//! A chat that is open, and a peer, a server or a disk that is not to be trusted.
//!
//! The fuzz target `secret_chat` drives chats in the same way; what it has found is in `tests/corpus`.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::DhSecret;
use mtproto_runtime::crypto::{aes_ige, kdf};
use mtproto_runtime::secret_chat::{
    Agreement, Chat, Effect, Identity, Input, LayerMessage, Options,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Whatever is exchanged, the key is the same.
struct OneKey;

impl Agreement for OneKey {
    fn from_parameters(_: i32, _: &[u8]) -> Option<Self> {
        Some(Self)
    }

    fn parameters(&self) -> (i32, Vec<u8>) {
        (3, vec![])
    }

    fn public(&self, _: &DhSecret) -> Box<[u8; 256]> {
        Box::new([9; 256])
    }

    fn shared(&self, _: &DhSecret, public: &[u8]) -> Option<AuthKey> {
        (public.len() == 256).then(key)
    }
}

fn key() -> AuthKey {
    AuthKey::new(std::array::from_fn(|index| index as u8))
}

/// Does with a chat what the input says. The first byte tells what the others are: a stored chat, a message of a layer, or
/// messages, each behind a byte with its length in words of four bytes.
pub(crate) fn drive(input: &[u8]) {
    let Some((&mode, mut rest)) = input.split_first() else {
        return;
    };
    if mode == 0 {
        let _ = Chat::<OneKey>::restore(Options::default(), rest, None);
        return;
    }
    if mode == 1 {
        let _ = LayerMessage::read(144, rest);
        return;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(mode));
    let (mut chat, identity) = open(mode & 8 != 0, &mut rng);
    let mut now = 1_800_000_000;
    while let Some((&length, after)) = rest.split_first() {
        let length = usize::from(length) * 4;
        let (message, after) = after.split_at(length.min(after.len()));
        rest = after;
        now += u64::from(mode) * 100;
        // What only the peer could send, or what anyone can.
        let data = if mode & 4 == 0 {
            sealed(message, mode & 8 != 0)
        } else {
            message.to_vec()
        };
        let at = UnixTime::from_secs(now);
        let encrypted = Input::Encrypted {
            data: &data,
            file: None,
            qts: 1,
        };
        let effects = chat.handle(at, encrypted, &mut rng);
        for effect in effects.expect("messages may come at any time") {
            // What is stored is read again.
            if let Effect::Persist(stored) = effect {
                let restored =
                    Chat::restore(Options::default(), stored.as_bytes(), Some(&identity));
                chat = restored.expect("it was stored");
            }
        }
    }
}

fn open(is_originator: bool, rng: &mut ChaCha8Rng) -> (Chat<OneKey>, Identity) {
    let now = UnixTime::from_secs(1_800_000_000);
    let options = Options::default();
    let g_b = [9; 256];
    let mut chat = if is_originator {
        let mut chat = Chat::request(options, 1, 2, OneKey, &[], rng).0;
        let key_fingerprint = key().id() as i64;
        let accepted = Input::Accepted {
            g_b: &g_b,
            key_fingerprint,
        };
        chat.handle(now, accepted, rng).expect("it was asked for");
        chat
    } else {
        let identity = Identity {
            chat_id: 1,
            access_hash: 2,
            own_user_id: 2,
            peer_user_id: 1,
            is_originator: false,
        };
        let mut chat = Chat::offered(options, identity, OneKey, &g_b).0;
        let accept = Input::Accept { server_random: &[] };
        chat.handle(now, accept, rng).expect("it was offered");
        chat.handle(now, Input::AcceptConfirmed, rng)
            .expect("it was accepted");
        chat
    };
    let _ = chat.resume(now, 0, rng);
    let identity = *chat.identity();
    (chat, identity)
}

fn sealed(message: &[u8], to_originator: bool) -> Vec<u8> {
    let side = if to_originator {
        kdf::Side::Server
    } else {
        kdf::Side::Client
    };
    let mut plaintext = (message.len() as u32).to_le_bytes().to_vec();
    plaintext.extend(message);
    let padding = 12 + (16 - (plaintext.len() + 12) % 16) % 16;
    plaintext.resize(plaintext.len() + padding, 0);
    let msg_key = kdf::msg_key(&key(), side, &plaintext);
    let keys = kdf::message_keys(&key(), &msg_key, side);
    aes_ige::encrypt(&keys.key, &keys.iv, &mut plaintext).expect("whole blocks");
    [&key().id().to_le_bytes()[..], &msg_key, &plaintext].concat()
}
