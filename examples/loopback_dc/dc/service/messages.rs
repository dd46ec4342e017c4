//! `messages.*`: texts between users. What is about secret chats is in `secret_chats`.

use std::collections::BTreeMap;

use telegram_tl::api::{enums, functions, server, types};

use super::super::world::Delivery;
use super::users::notify_settings;
use super::{Asked, Refusal};

/// As the configuration says.
const MAX_TEXT_CHARS: usize = 4096;
/// So many messages are returned at most.
const MAX_MESSAGES: usize = 100;

impl Asked<'_> {
    /// Puts a text into the box of one side, and returns the message with its pts.
    fn keep(&mut self, whose: i64, peer: i64, out: bool, text: &str) -> (i32, types::Message) {
        let from_id = if out { whose } else { peer };
        let date = self.world.now();
        let user = self.world.user(whose);
        user.pts += 1;
        let id = user.messages.len() as i32 + 1;
        let message = types::Message::new(id, peer_user(peer), date, text.into())
            .out(out)
            .from_id(peer_user(from_id));
        user.messages.push((user.pts, message.clone()));
        (user.pts, message)
    }

    fn users_of(&mut self, messages: &[types::Message]) -> Vec<enums::User> {
        let mut ids: Vec<i64> = messages.iter().filter_map(peer_of).collect();
        ids.push(self.me);
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| self.show(id)).collect()
    }

    pub(super) fn send_text(
        &mut self,
        call: &functions::messages::SendMessage,
    ) -> Result<enums::Updates, Refusal> {
        let peer = self.peer_id(&call.peer)?;
        match call.message.chars().count() {
            0 => return Err(Refusal::invalid("MESSAGE_EMPTY")),
            1..=MAX_TEXT_CHARS => {}
            _ => return Err(Refusal::invalid("MESSAGE_TOO_LONG")),
        }
        let (pts, sent) = self.keep(self.me, peer, true, &call.message);
        if peer != self.me {
            let (pts, received) = self.keep(peer, self.me, false, &call.message);
            let new_message = types::UpdateNewMessage {
                message: enums::Message::Message(Box::new(received)),
                pts,
                pts_count: 1,
            };
            let updates = types::Updates {
                updates: vec![enums::Update::NewMessage(new_message)],
                users: vec![self.show(self.me)],
                chats: Vec::new(),
                date: sent.date,
                seq: 0,
            };
            self.deliveries.push(Delivery {
                to: peer,
                updates: enums::Updates::Updates(updates),
                all_layers: false,
            });
        }
        Ok(enums::Updates::UpdateShortSentMessage(
            types::UpdateShortSentMessage {
                out: true,
                id: sent.id,
                pts,
                pts_count: 1,
                date: sent.date,
                media: None,
                entities: None,
                ttl_period: None,
            },
        ))
    }

    pub(super) fn history(
        &mut self,
        call: &functions::messages::GetHistory,
    ) -> Result<enums::messages::Messages, Refusal> {
        self.check_layer()?;
        let peer = self.peer_id(&call.peer)?;
        let limit = usize::try_from(call.limit).unwrap_or(0).min(MAX_MESSAGES);
        let is_older =
            |message: &&types::Message| call.offset_id <= 0 || message.id < call.offset_id;
        let newest_first = self
            .user()
            .messages
            .iter()
            .rev()
            .map(|(_, message)| message);
        let messages: Vec<_> = newest_first
            .filter(|message| peer_of(message) == Some(peer))
            .filter(is_older)
            .take(limit)
            .cloned()
            .collect();
        let users = self.users_of(&messages);
        Ok(enums::messages::Messages::Messages(
            types::messages::Messages {
                messages: boxed(messages),
                topics: Vec::new(),
                chats: Vec::new(),
                users,
            },
        ))
    }

    pub(super) fn dialogs(&mut self) -> Result<enums::messages::Dialogs, Refusal> {
        self.check_layer()?;
        let mut last = BTreeMap::new();
        for (_, message) in &self.user().messages {
            last.insert(peer_of(message), message.clone());
        }
        let mut messages: Vec<_> = last.into_values().collect();
        messages.sort_by_key(|message| std::cmp::Reverse(message.id));
        let dialogs = messages.iter().map(|message| {
            enums::Dialog::Dialog(types::Dialog {
                pinned: false,
                unread_mark: false,
                view_forum_as_messages: false,
                peer: message.peer_id.clone(),
                top_message: message.id,
                read_inbox_max_id: message.id,
                read_outbox_max_id: message.id,
                unread_count: 0,
                unread_mentions_count: 0,
                unread_reactions_count: 0,
                unread_poll_votes_count: 0,
                notify_settings: notify_settings(),
                pts: None,
                draft: None,
                folder_id: None,
                ttl_period: None,
            })
        });
        let dialogs = dialogs.collect();
        let users = self.users_of(&messages);
        Ok(enums::messages::Dialogs::Dialogs(
            types::messages::Dialogs {
                dialogs,
                messages: boxed(messages),
                chats: Vec::new(),
                users,
            },
        ))
    }
}

impl server::Messages for Asked<'_> {
    fn send_message(
        &mut self,
        call: functions::messages::SendMessage,
    ) -> Result<enums::Updates, Refusal> {
        self.send_text(&call)
    }

    fn get_history(
        &mut self,
        call: functions::messages::GetHistory,
    ) -> Result<enums::messages::Messages, Refusal> {
        self.history(&call)
    }

    fn get_dialogs(
        &mut self,
        _: functions::messages::GetDialogs,
    ) -> Result<enums::messages::Dialogs, Refusal> {
        self.dialogs()
    }

    fn get_dh_config(
        &mut self,
        call: functions::messages::GetDhConfig,
    ) -> Result<enums::messages::DhConfig, Refusal> {
        self.dh_config(&call)
    }

    fn request_encryption(
        &mut self,
        call: functions::messages::RequestEncryption,
    ) -> Result<enums::EncryptedChat, Refusal> {
        self.request_chat(call)
    }

    fn accept_encryption(
        &mut self,
        call: functions::messages::AcceptEncryption,
    ) -> Result<enums::EncryptedChat, Refusal> {
        self.accept_chat(call)
    }

    fn discard_encryption(
        &mut self,
        call: functions::messages::DiscardEncryption,
    ) -> Result<bool, Refusal> {
        self.discard_chat(&call)
    }

    fn send_encrypted(
        &mut self,
        call: functions::messages::SendEncrypted,
    ) -> Result<enums::messages::SentEncryptedMessage, Refusal> {
        self.relay(&call.peer, call.random_id, call.data, None)
    }

    fn send_encrypted_file(
        &mut self,
        call: functions::messages::SendEncryptedFile,
    ) -> Result<enums::messages::SentEncryptedMessage, Refusal> {
        let file = self.encrypted_file(&call.file)?;
        self.relay(&call.peer, call.random_id, call.data, Some(file))
    }

    fn send_encrypted_service(
        &mut self,
        call: functions::messages::SendEncryptedService,
    ) -> Result<enums::messages::SentEncryptedMessage, Refusal> {
        self.relay_service(&call.peer, call.random_id, call.data)
    }

    fn received_queue(
        &mut self,
        call: functions::messages::ReceivedQueue,
    ) -> Result<Vec<i64>, Refusal> {
        Ok(self.acknowledge_queue(call.max_qts))
    }
}

pub(super) fn peer_user(user_id: i64) -> enums::Peer {
    enums::Peer::User(types::PeerUser { user_id })
}

fn peer_of(message: &types::Message) -> Option<i64> {
    match &message.peer_id {
        enums::Peer::User(user) => Some(user.user_id),
        _ => None,
    }
}

fn boxed(messages: Vec<types::Message>) -> Vec<enums::Message> {
    let messages = messages.into_iter();
    messages
        .map(|message| enums::Message::Message(Box::new(message)))
        .collect()
}
