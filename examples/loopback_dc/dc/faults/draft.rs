//! An encrypted message as the server has made it, open to changes, and sealed again:
//! <https://core.telegram.org/mtproto/description#encrypted-message>.

use getrandom::SysRng;
use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::kdf::{self, Side};
use mtproto_runtime::crypto::{aes_ige, message};
use mtproto_runtime::plain_message;
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::envelope::{self, Version};
use mtproto_runtime::wire::{Combinator, RawObject, TlRead, encode_boxed};
use rand_core::{Rng as _, UnwrapErr};

/// Between a message and one that is slipped in before it, in units of msg_id: a quarter of a millisecond.
const BEFORE: i64 = 1 << 20;
const BLOCK_BYTES: usize = 16;

/// A message, and how it is sealed.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) salt: i64,
    pub(super) session_id: i64,
    pub(super) msg_id: i64,
    pub(super) seq_no: i32,
    pub(super) body: Vec<u8>,
    /// What is said of the length; the truth, if `None`.
    pub(super) length: Option<i32>,
    /// The least padding; that of an honest server is 12.
    pub(super) padding: usize,
    pub(super) seal: Seal,
}

/// What is done with the plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seal {
    Honest,
    /// With the keys of the other direction.
    Reflected,
    /// As MTProto 1.0 does it.
    Version1,
    /// One bit of `msg_key` is another.
    OtherMsgKey,
    /// One bit of `auth_key_id` is another.
    OtherKeyId,
    /// Not encrypted at all.
    Plain,
}

impl Draft {
    /// What an honest server has sealed.
    pub(super) fn open(key: &AuthKey, mut packet: Vec<u8>) -> Option<Self> {
        let opened = envelope::open(key, Side::Server, Version::V2, &mut packet).ok()?;
        Some(Self {
            salt: opened.salt,
            session_id: opened.session_id,
            msg_id: opened.msg_id,
            seq_no: opened.seq_no,
            body: opened.body.to_vec(),
            length: None,
            padding: 12,
            seal: Seal::Honest,
        })
    }

    /// Another message, as if it were sent shortly before.
    pub(super) fn before(&self, body: Vec<u8>) -> Self {
        Self {
            // The low bits are those of answers, the seq_no that of a message to be acknowledged.
            msg_id: ((self.msg_id - BEFORE) & !3) | 1,
            seq_no: self.seq_no | 1,
            body,
            ..self.clone()
        }
    }

    /// The messages in it: itself, or those of a container.
    pub(super) fn messages(&self) -> Vec<types::Message> {
        if let Ok(container) = decode_boxed::<types::MsgContainer>(&self.body) {
            return container.messages;
        }
        let own = RawObject::new(self.body.clone()).map(|body| types::Message {
            msg_id: self.msg_id,
            seqno: self.seq_no,
            body,
        });
        Vec::from_iter(own.ok())
    }

    pub(super) fn seal(&self, key: &AuthKey) -> Vec<u8> {
        if self.seal == Seal::Plain {
            return plain_message::write(self.msg_id, &self.body).unwrap_or_default();
        }
        let mut plaintext = Vec::new();
        for long in [self.salt, self.session_id, self.msg_id] {
            plaintext.extend(long.to_le_bytes());
        }
        let length = self.length.unwrap_or(self.body.len() as i32);
        for int in [self.seq_no, length] {
            plaintext.extend(int.to_le_bytes());
        }
        plaintext.extend(&self.body);
        let unpadded = plaintext.len();
        plaintext.resize((unpadded + self.padding).next_multiple_of(BLOCK_BYTES), 0);
        UnwrapErr(SysRng).fill_bytes(&mut plaintext[unpadded..]);

        let mut msg_key = match self.seal {
            Seal::Version1 => encrypt_version_1(key, &mut plaintext, unpadded),
            Seal::Reflected => encrypt(key, Side::Client, &mut plaintext),
            _ => encrypt(key, Side::Server, &mut plaintext),
        };
        let mut key_id = key.id();
        match self.seal {
            Seal::OtherMsgKey => msg_key[15] ^= 1,
            Seal::OtherKeyId => key_id ^= 1,
            _ => {}
        }
        [&key_id.to_le_bytes()[..], &msg_key, &plaintext].concat()
    }
}

/// Reads a boxed object that takes up all of the bytes.
pub(super) fn decode_boxed<T>(bytes: &[u8]) -> Result<T, ()>
where
    T: Combinator + for<'r> TlRead<'r>,
{
    let object = RawObject::new(bytes.to_vec()).map_err(|_| ())?;
    object.decode_boxed().map_err(|_| ())
}

/// A container of these.
pub(super) fn container(messages: Vec<types::Message>) -> Vec<u8> {
    encode_boxed(&types::MsgContainer { messages }).unwrap_or_default()
}

/// A message in a container.
pub(super) fn inner(msg_id: i64, seqno: i32, body: &[u8]) -> Vec<types::Message> {
    let message = RawObject::new(body.to_vec()).map(|body| types::Message {
        msg_id,
        seqno,
        body,
    });
    Vec::from_iter(message.ok())
}

fn encrypt(key: &AuthKey, side: Side, plaintext: &mut [u8]) -> [u8; 16] {
    // It is whole blocks.
    message::encrypt(key, side, plaintext).unwrap_or_default()
}

fn encrypt_version_1(key: &AuthKey, plaintext: &mut Vec<u8>, unpadded: usize) -> [u8; 16] {
    plaintext.truncate(unpadded.next_multiple_of(BLOCK_BYTES));
    let msg_key = kdf::v1_msg_key(&plaintext[..unpadded]);
    let keys = kdf::v1_message_keys(key, &msg_key, Side::Server);
    let _ = aes_ige::encrypt(&keys.key, &keys.iv, plaintext);
    msg_key
}
