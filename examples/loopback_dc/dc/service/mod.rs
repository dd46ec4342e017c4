//! The methods of the API that are served, by the generated traits: a file for each namespace.
//!
//! Clients of other layers come here, too. Where an object is not the same in all of them, they get one that is (`userEmpty`), or an
//! error that says so.

mod files;
mod help;
mod messages;
mod secret_chats;
mod updates;
mod users;

use mtproto_runtime::session::RpcError;
use telegram_tl::api::{functions, server};
use telegram_tl::wire::{CallError, RawObjectRef, Service};

use super::world::{Delivery, Device, User, World};

pub(super) use telegram_tl::api::LAYER;

/// A call, and all that it may change.
pub(super) struct Asked<'w> {
    world: &'w mut World,
    me: i64,
    device: (u64, i64),
    /// The function that is called, inside of all that is wrapped around it.
    called: u32,
    deliveries: Vec<Delivery>,
}

/// Why a call has no result.
pub(super) struct Refusal(RpcError);

impl<'w> Asked<'w> {
    pub(super) fn new(world: &'w mut World, me: i64, device: (u64, i64), called: u32) -> Self {
        let known = world.user(me).devices.entry(device).or_insert(Device {
            layer: 0,
            wants_updates: true,
        });
        known.wants_updates = true;
        Self {
            world,
            me,
            device,
            called,
            deliveries: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> (u32, Vec<Delivery>) {
        (self.called, self.deliveries)
    }

    fn user(&mut self) -> &mut User {
        self.world.user(self.me)
    }

    fn device(&mut self) -> Option<&mut Device> {
        let device = self.device;
        self.user().devices.get_mut(&device)
    }

    /// Whether the client reads the objects of this schema.
    fn is_of_this_layer(&mut self) -> bool {
        self.device().is_some_and(|device| device.layer == LAYER)
    }

    /// Whether the client reads the objects of that layer or of a later one.
    fn is_of_layer(&mut self, layer: i32) -> bool {
        self.device().is_some_and(|device| device.layer >= layer)
    }

    /// For methods whose results are other ones in other layers.
    fn check_layer(&mut self) -> Result<(), Refusal> {
        match self.is_of_this_layer() {
            true => Ok(()),
            false => Err(Refusal::new(400, "CONNECTION_LAYER_INVALID")),
        }
    }
}

impl Refusal {
    fn new(code: i32, message: impl Into<String>) -> Self {
        Self(RpcError::new(code, message))
    }

    fn invalid(message: &str) -> Self {
        Self::new(400, message)
    }
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        match error {
            CallError::UnknownFunction { id } => {
                Self::new(400, format!("INPUT_METHOD_INVALID_{id:08x}"))
            }
            CallError::NotImplemented { .. } => Self::new(501, "NOT_IMPLEMENTED"),
            CallError::Decode(_) => Self::new(400, "INPUT_REQUEST_INVALID"),
            _ => Self::new(500, "INTERNAL"),
        }
    }
}

impl From<Refusal> for RpcError {
    fn from(refusal: Refusal) -> Self {
        refusal.0
    }
}

impl Service for Asked<'_> {
    type Error = Refusal;
}

/// What is wrapped around calls.
impl server::Functions for Asked<'_> {
    fn invoke_with_layer(
        &mut self,
        call: &functions::InvokeWithLayer<RawObjectRef<'_>>,
    ) -> Result<(), Refusal> {
        self.called = call.query.id();
        if let Some(device) = self.device() {
            device.layer = call.layer;
        }
        Ok(())
    }

    fn init_connection(
        &mut self,
        call: &functions::InitConnection<RawObjectRef<'_>>,
    ) -> Result<(), Refusal> {
        self.called = call.query.id();
        Ok(())
    }

    fn invoke_without_updates(
        &mut self,
        call: &functions::InvokeWithoutUpdates<RawObjectRef<'_>>,
    ) -> Result<(), Refusal> {
        self.called = call.query.id();
        if let Some(device) = self.device() {
            device.wants_updates = false;
        }
        Ok(())
    }
}

/// Namespaces of which nothing is served.
macro_rules! not_served {
    ($($namespace:ident)*) => {
        $(impl server::$namespace for Asked<'_> {})*
    };
}

not_served! {
    Account Aicompose Auth Bots Channels Chatlists Communities Ephemeral Folders Fragment Langpack Payments Phone Photos
    Premium Smsjobs Stats Stickers Stories Toncenter Wallet
}
