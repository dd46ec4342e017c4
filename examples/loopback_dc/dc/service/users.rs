//! `users.*` and `contacts.*`: everybody here knows everybody.

use telegram_tl::api::{enums, functions, server, types};

use super::super::world::access_hash;
use super::{Asked, Refusal};

/// Since then a `user` has been written as in this layer.
const SAME_USER_SINCE_LAYER: i32 = 228;

impl Asked<'_> {
    /// The user that a client means.
    pub(super) fn user_id(&self, user: &enums::InputUser) -> Result<i64, Refusal> {
        match user {
            enums::InputUser::Self_ => Ok(self.me),
            enums::InputUser::InputUser(user) => self.known(user.user_id, user.access_hash),
            _ => Err(Refusal::invalid("USER_ID_INVALID")),
        }
    }

    /// The user that a client writes to. There are no groups and channels.
    pub(super) fn peer_id(&self, peer: &enums::InputPeer) -> Result<i64, Refusal> {
        match peer {
            enums::InputPeer::Self_ => Ok(self.me),
            enums::InputPeer::User(user) => self.known(user.user_id, user.access_hash),
            _ => Err(Refusal::invalid("PEER_ID_INVALID")),
        }
    }

    fn known(&self, user_id: i64, hash: i64) -> Result<i64, Refusal> {
        match self.world.knows(user_id) && hash == access_hash(user_id) {
            true => Ok(user_id),
            false => Err(Refusal::invalid("USER_ID_INVALID")),
        }
    }

    /// As clients are shown a user: of a layer that has other users, they are shown an id.
    pub(super) fn show(&mut self, id: i64) -> enums::User {
        if !self.is_of_layer(SAME_USER_SINCE_LAYER) {
            return enums::User::Empty(types::UserEmpty { id });
        }
        let user = types::User::new(id)
            .self_(id == self.me)
            .access_hash(access_hash(id))
            .first_name(format!("User {id}"))
            .status(enums::UserStatus::Empty);
        enums::User::User(Box::new(user))
    }
}

impl server::Users for Asked<'_> {
    fn get_users(&mut self, call: functions::users::GetUsers) -> Result<Vec<enums::User>, Refusal> {
        let ids: Vec<i64> = call
            .id
            .iter()
            .filter_map(|user| self.user_id(user).ok())
            .collect();
        Ok(ids.into_iter().map(|id| self.show(id)).collect())
    }

    fn get_full_user(
        &mut self,
        call: functions::users::GetFullUser,
    ) -> Result<enums::users::UserFull, Refusal> {
        self.check_layer()?;
        let id = self.user_id(&call.id)?;
        let settings = enums::PeerSettings::PeerSettings(Box::new(types::PeerSettings::new()));
        let full_user = types::UserFull::new(id, settings, notify_settings(), 0);
        let full = types::users::UserFull {
            full_user: enums::UserFull::UserFull(Box::new(full_user)),
            chats: Vec::new(),
            users: vec![self.show(id)],
        };
        Ok(enums::users::UserFull::UserFull(full))
    }
}

impl server::Contacts for Asked<'_> {
    fn get_statuses(
        &mut self,
        _: functions::contacts::GetStatuses,
    ) -> Result<Vec<enums::ContactStatus>, Refusal> {
        let others = self.world.user_ids().filter(|id| *id != self.me);
        let statuses = others.map(|user_id| {
            enums::ContactStatus::ContactStatus(types::ContactStatus {
                user_id,
                status: enums::UserStatus::Empty,
            })
        });
        Ok(statuses.collect())
    }
}

pub(super) fn notify_settings() -> enums::PeerNotifySettings {
    enums::PeerNotifySettings::PeerNotifySettings(Box::new(types::PeerNotifySettings::new()))
}
