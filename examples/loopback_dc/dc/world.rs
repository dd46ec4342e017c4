//! What the data center knows, all in memory: users, and what they sent each other.
//!
//! Whoever comes with a new permanent key is a new user. That is all the logging in there is.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use telegram_tl::api::{enums, types};

use super::unix_time;

/// Of the first user.
const FIRST_USER_ID: i64 = 1001;

pub(super) struct World {
    pub(super) dc_id: i32,
    clock_offset_secs: i64,
    address: Arc<OnceLock<SocketAddr>>,
    /// By permanent key.
    ids: BTreeMap<u64, i64>,
    users: BTreeMap<i64, User>,
    /// Parts of files that are being uploaded, by user, file and number.
    pub(super) parts: BTreeMap<(i64, i64), BTreeMap<i32, Vec<u8>>>,
    /// Encrypted files, by their id.
    pub(super) files: BTreeMap<i64, StoredFile>,
    pub(super) chats: BTreeMap<i32, SecretChat>,
}

#[derive(Default)]
pub(super) struct User {
    /// Sessions, by authorization key and id.
    pub(super) devices: BTreeMap<(u64, i64), Device>,
    /// The message box, with the pts that each message came with.
    pub(super) messages: Vec<(i32, types::Message)>,
    /// What came over secret chats and is not acknowledged, by qts.
    pub(super) encrypted: BTreeMap<i32, enums::EncryptedMessage>,
    pub(super) pts: i32,
    pub(super) qts: i32,
    pub(super) calls: u32,
}

pub(super) struct Device {
    pub(super) layer: i32,
    pub(super) wants_updates: bool,
}

pub(super) struct StoredFile {
    pub(super) bytes: Vec<u8>,
    pub(super) key_fingerprint: i32,
}

pub(super) struct SecretChat {
    pub(super) admin: i64,
    pub(super) participant: i64,
    pub(super) g_a: Vec<u8>,
    pub(super) state: ChatState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ChatState {
    Requested,
    Open,
    Discarded,
}

/// Updates for a user, to be sent when the call is done.
pub(super) struct Delivery {
    pub(super) to: i64,
    pub(super) updates: enums::Updates,
    /// Whether clients of all layers know the updates; others are told to ask.
    pub(super) all_layers: bool,
}

impl World {
    pub(super) fn new(
        dc_id: i32,
        clock_offset_secs: i64,
        address: Arc<OnceLock<SocketAddr>>,
    ) -> Self {
        Self {
            dc_id,
            clock_offset_secs,
            address,
            ids: BTreeMap::new(),
            users: BTreeMap::new(),
            parts: BTreeMap::new(),
            files: BTreeMap::new(),
            chats: BTreeMap::new(),
        }
    }

    pub(super) fn now(&self) -> i32 {
        unix_time(self.clock_offset_secs)
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    pub(super) fn user_of_key(&mut self, key: u64) -> i64 {
        let next = FIRST_USER_ID + self.ids.len() as i64;
        let id = *self.ids.entry(key).or_insert(next);
        self.users.entry(id).or_default();
        id
    }

    pub(super) fn user(&mut self, id: i64) -> &mut User {
        self.users.entry(id).or_default()
    }

    pub(super) fn knows(&self, user_id: i64) -> bool {
        self.users.contains_key(&user_id)
    }

    pub(super) fn user_ids(&self) -> impl Iterator<Item = i64> {
        self.users.keys().copied()
    }

    /// An update that clients of all layers know.
    pub(super) fn status_of_somebody(&self, to: i64) -> Delivery {
        let was_online = self.now();
        let status = enums::UserStatus::Offline(types::UserStatusOffline { was_online });
        let update = types::UpdateUserStatus {
            user_id: to,
            status,
        };
        self.delivery(to, enums::Update::UserStatus(update))
    }

    /// One update that clients of all layers know.
    pub(super) fn delivery(&self, to: i64, update: enums::Update) -> Delivery {
        let short = types::UpdateShort {
            update,
            date: self.now(),
        };
        Delivery {
            to,
            updates: enums::Updates::UpdateShort(Box::new(short)),
            all_layers: true,
        }
    }
}

/// What shows that a client was told of something: the same for all who ask, for there is nothing to hide here.
pub(super) fn access_hash(id: i64) -> i64 {
    // An odd factor takes no two numbers to one.
    id.wrapping_mul(0x5851_f42d_4c95_7f2d)
}
