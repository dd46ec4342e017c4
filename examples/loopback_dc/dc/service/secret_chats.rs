//! The server's part in secret chats: it relays what it can't read. <https://core.telegram.org/api/end-to-end>.

use getrandom::SysRng;
use mtproto_runtime::crypto::dh::TELEGRAM_DH_PRIME;
use rand_core::{Rng as _, UnwrapErr};
use telegram_tl::api::{enums, functions, types};

use super::super::world::{ChatState, SecretChat, access_hash};
use super::{Asked, Refusal};

/// Of the one prime there is.
const DH_VERSION: i32 = 1;
const DH_G: i32 = 3;
/// So many random bytes a client may ask for.
const MAX_RANDOM_BYTES: usize = 1024;
/// Of `g_a` and `g_b`.
const POWER_BYTES: usize = 256;

impl Asked<'_> {
    pub(super) fn dh_config(
        &mut self,
        call: &functions::messages::GetDhConfig,
    ) -> Result<enums::messages::DhConfig, Refusal> {
        let length = usize::try_from(call.random_length).ok();
        let length = length.filter(|length| *length <= MAX_RANDOM_BYTES);
        let mut random = vec![0; length.ok_or_else(|| Refusal::invalid("RANDOM_LENGTH_INVALID"))?];
        UnwrapErr(SysRng).fill_bytes(&mut random);
        Ok(match call.version {
            DH_VERSION => {
                enums::messages::DhConfig::NotModified(types::messages::DhConfigNotModified {
                    random,
                })
            }
            _ => enums::messages::DhConfig::DhConfig(types::messages::DhConfig {
                g: DH_G,
                p: TELEGRAM_DH_PRIME.to_vec(),
                version: DH_VERSION,
                random,
            }),
        })
    }

    pub(super) fn request_chat(
        &mut self,
        call: functions::messages::RequestEncryption,
    ) -> Result<enums::EncryptedChat, Refusal> {
        let participant = self.user_id(&call.user_id)?;
        if participant == self.me {
            return Err(Refusal::invalid("USER_ID_INVALID"));
        }
        if call.g_a.len() != POWER_BYTES {
            return Err(Refusal::invalid("DH_G_A_INVALID"));
        }
        let id = call.random_id;
        if self.world.chats.contains_key(&id) {
            return Err(Refusal::new(500, "RANDOM_ID_DUPLICATE"));
        }
        let (date, admin) = (self.world.now(), self.me);
        self.world.chats.insert(
            id,
            SecretChat {
                admin,
                participant,
                g_a: call.g_a.clone(),
                state: ChatState::Requested,
            },
        );
        let requested = types::EncryptedChatRequested {
            folder_id: None,
            id,
            access_hash: access_hash(id.into()),
            date,
            admin_id: admin,
            participant_id: participant,
            g_a: call.g_a,
        };
        self.tell_chat(participant, enums::EncryptedChat::Requested(requested));
        Ok(enums::EncryptedChat::Waiting(types::EncryptedChatWaiting {
            id,
            access_hash: access_hash(id.into()),
            date,
            admin_id: admin,
            participant_id: participant,
        }))
    }

    pub(super) fn accept_chat(
        &mut self,
        call: functions::messages::AcceptEncryption,
    ) -> Result<enums::EncryptedChat, Refusal> {
        let (id, me, date) = (chat_id(&call.peer)?, self.me, self.world.now());
        if call.g_b.len() != POWER_BYTES {
            return Err(Refusal::invalid("DH_G_B_INVALID"));
        }
        let chat = self.world.chats.get_mut(&id);
        let chat = chat.filter(|chat| chat.participant == me);
        let chat = chat.ok_or_else(|| Refusal::invalid("CHAT_ID_INVALID"))?;
        match chat.state {
            ChatState::Requested => chat.state = ChatState::Open,
            ChatState::Open => return Err(Refusal::invalid("ENCRYPTION_ALREADY_ACCEPTED")),
            ChatState::Discarded => return Err(Refusal::invalid("ENCRYPTION_ALREADY_DECLINED")),
        }
        let open = types::EncryptedChat {
            id,
            access_hash: access_hash(id.into()),
            date,
            admin_id: chat.admin,
            participant_id: me,
            g_a_or_b: chat.g_a.clone(),
            key_fingerprint: call.key_fingerprint,
        };
        let (admin, for_admin) = (
            chat.admin,
            types::EncryptedChat {
                g_a_or_b: call.g_b,
                ..open.clone()
            },
        );
        self.tell_chat(admin, enums::EncryptedChat::EncryptedChat(for_admin));
        Ok(enums::EncryptedChat::EncryptedChat(open))
    }

    pub(super) fn discard_chat(
        &mut self,
        call: &functions::messages::DiscardEncryption,
    ) -> Result<bool, Refusal> {
        let (other, chat) = self.side_of(call.chat_id)?;
        if chat.state == ChatState::Discarded {
            return Err(Refusal::invalid("ENCRYPTION_ALREADY_DECLINED"));
        }
        chat.state = ChatState::Discarded;
        let discarded = types::EncryptedChatDiscarded {
            history_deleted: call.delete_history,
            id: call.chat_id,
        };
        self.tell_chat(other, enums::EncryptedChat::Discarded(discarded));
        Ok(true)
    }

    pub(super) fn relay(
        &mut self,
        peer: &enums::InputEncryptedChat,
        random_id: i64,
        bytes: Vec<u8>,
        file: Option<types::EncryptedFile>,
    ) -> Result<enums::messages::SentEncryptedMessage, Refusal> {
        let (chat_id, date) = (chat_id(peer)?, self.world.now());
        let encrypted_file = match &file {
            Some(file) => enums::EncryptedFile::EncryptedFile(file.clone()),
            None => enums::EncryptedFile::Empty,
        };
        let message = types::EncryptedMessage {
            random_id,
            chat_id,
            date,
            bytes,
            file: encrypted_file.clone(),
        };
        self.queue(chat_id, enums::EncryptedMessage::EncryptedMessage(message))?;
        Ok(match file {
            Some(_) => enums::messages::SentEncryptedMessage::SentEncryptedFile(
                types::messages::SentEncryptedFile {
                    date,
                    file: encrypted_file,
                },
            ),
            None => sent(date),
        })
    }

    pub(super) fn relay_service(
        &mut self,
        peer: &enums::InputEncryptedChat,
        random_id: i64,
        bytes: Vec<u8>,
    ) -> Result<enums::messages::SentEncryptedMessage, Refusal> {
        let (chat_id, date) = (chat_id(peer)?, self.world.now());
        let message = types::EncryptedMessageService {
            random_id,
            chat_id,
            date,
            bytes,
        };
        self.queue(chat_id, enums::EncryptedMessage::Service(message))?;
        Ok(sent(date))
    }

    /// `messages.receivedQueue`: forgets what is acknowledged, and returns its random ids.
    pub(super) fn acknowledge_queue(&mut self, max_qts: i32) -> Vec<i64> {
        let user = self.user();
        let left = user.encrypted.split_off(&max_qts.saturating_add(1));
        let done = std::mem::replace(&mut user.encrypted, left);
        let random_id = |message| match message {
            enums::EncryptedMessage::EncryptedMessage(message) => Some(message.random_id),
            enums::EncryptedMessage::Service(message) => Some(message.random_id),
            _ => None,
        };
        done.into_values().filter_map(random_id).collect()
    }

    /// Puts a message into the queue of the other side, which gets it until it acknowledges it.
    fn queue(&mut self, chat_id: i32, message: enums::EncryptedMessage) -> Result<(), Refusal> {
        let (other, chat) = self.side_of(chat_id)?;
        if chat.state != ChatState::Open {
            return Err(Refusal::invalid("ENCRYPTION_DECLINED"));
        }
        let user = self.world.user(other);
        user.qts += 1;
        let qts = user.qts;
        user.encrypted.insert(qts, message.clone());
        let update = types::UpdateNewEncryptedMessage { message, qts };
        let update = enums::Update::NewEncryptedMessage(update);
        self.deliveries.push(self.world.delivery(other, update));
        Ok(())
    }

    /// The other side of a chat of this user.
    fn side_of(&mut self, chat_id: i32) -> Result<(i64, &mut SecretChat), Refusal> {
        let me = self.me;
        let chat = self.world.chats.get_mut(&chat_id);
        let chat = chat.filter(|chat| chat.admin == me || chat.participant == me);
        let chat = chat.ok_or_else(|| Refusal::invalid("CHAT_ID_INVALID"))?;
        let other = match chat.admin == me {
            true => chat.participant,
            false => chat.admin,
        };
        Ok((other, chat))
    }

    fn tell_chat(&mut self, to: i64, chat: enums::EncryptedChat) {
        let date = self.world.now();
        let update = enums::Update::Encryption(types::UpdateEncryption { chat, date });
        self.deliveries.push(self.world.delivery(to, update));
    }
}

fn chat_id(peer: &enums::InputEncryptedChat) -> Result<i32, Refusal> {
    match peer {
        enums::InputEncryptedChat::InputEncryptedChat(chat)
            if chat.access_hash == access_hash(chat.chat_id.into()) =>
        {
            Ok(chat.chat_id)
        }
        _ => Err(Refusal::invalid("CHAT_ID_INVALID")),
    }
}

fn sent(date: i32) -> enums::messages::SentEncryptedMessage {
    let sent = types::messages::SentEncryptedMessage { date };
    enums::messages::SentEncryptedMessage::SentEncryptedMessage(sent)
}
