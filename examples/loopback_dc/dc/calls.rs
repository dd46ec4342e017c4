//! From the driver to the service: a call, what the script wants to happen with it, and the updates that come of it.

use std::sync::Mutex;

use mtproto_runtime::net::server::ServerHandle;
use mtproto_runtime::net::{Call, CallHandler};
use mtproto_runtime::session::RpcError;
use telegram_tl::api::{registry, server};
use telegram_tl::wire;

use super::service::{Asked, LAYER};
use super::world::{Delivery, World};
use super::{Log, lock};

/// What happens by itself, counted in calls of a client: of all its sessions under one permanent key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) update_after: Option<u32>,
    pub(crate) disconnect_after: Option<u32>,
    pub(crate) rotate_salts_after: Option<u32>,
}

/// Answers all calls, one after the other.
pub(super) struct Calls {
    world: Mutex<World>,
    server: ServerHandle,
    script: Script,
    log: Log,
}

impl CallHandler for Calls {
    fn call(&self, call: Call) -> impl Future<Output = Result<Vec<u8>, RpcError>> + Send {
        std::future::ready(self.answer(&call))
    }
}

impl Calls {
    pub(super) fn new(world: World, server: ServerHandle, script: Script, log: Log) -> Self {
        Self {
            world: Mutex::new(world),
            server,
            script,
            log,
        }
    }

    fn answer(&self, call: &Call) -> Result<Vec<u8>, RpcError> {
        // Under a temporary key that is not bound nobody knows who calls.
        let Some(key) = call.permanent_key_id else {
            return Err(RpcError::new(401, "AUTH_KEY_PERM_EMPTY"));
        };
        let device = (call.auth_key_id, call.session_id);
        let world = &mut *lock(&self.world);
        let me = world.user_of_key(key);
        let mut asked = Asked::new(world, me, device, wire::call_id(&call.body));
        let answer = server::dispatch(&mut asked, &call.body);
        let (id, deliveries) = asked.finish();
        match registry::name(id) {
            Some(name) => self.log.line(&format!("call {name}")),
            None => self.log.line(&format!("call of unknown function {id:08x}")),
        }
        for delivery in &deliveries {
            self.deliver(world, delivery);
        }
        self.play(world, me, device);
        answer.map_err(RpcError::from)
    }

    /// Does what the script wants upon this call.
    fn play(&self, world: &mut World, me: i64, device: (u64, i64)) {
        let user = world.user(me);
        user.calls += 1;
        let calls = Some(user.calls);
        if self.script.rotate_salts_after == calls {
            self.log.line("salts rotated");
            self.server.rotate_salts();
        }
        if self.script.update_after == calls {
            let delivery = world.status_of_somebody(me);
            self.deliver(world, &delivery);
        }
        if self.script.disconnect_after == calls {
            self.log.line("disconnected");
            self.server.disconnect(device.0, device.1);
        }
    }

    /// Sends updates to all sessions of a user that want them, each in a form that it knows.
    fn deliver(&self, world: &mut World, delivery: &Delivery) {
        let devices = &mut world.user(delivery.to).devices;
        devices.retain(|(auth_key_id, session_id), device| {
            if !device.wants_updates {
                return true;
            }
            let known = delivery.all_layers || device.layer == LAYER;
            let bytes = match known {
                true => wire::encode(&delivery.updates),
                false => wire::encode(&telegram_tl::api::enums::Updates::TooLong),
            };
            let sent = bytes.is_ok_and(|bytes| {
                let sent = self
                    .server
                    .send_update_to(*auth_key_id, *session_id, &bytes);
                sent.unwrap_or(false)
            });
            if sent {
                self.log.line(&format!("update to {}", delivery.to));
            }
            sent
        });
    }
}
