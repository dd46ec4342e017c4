//! Calling: from a function to a message in the queue.

use alloc::vec::Vec;

use super::outgoing::{self, Purpose};
use super::pfs::{BindEnvelope, MakeBinding};
use super::{Handle, InvokeError, InvokeOptions, Role, Session, TypedHandle, gzip, ids};
use crate::schema::mtproto::{functions, types};
use crate::wire::{Function, encode, encode_boxed};

/// The largest body that is sent; transports accept little more.
pub(super) const MAX_BODY_BYTES: usize = (16 << 20) - 1024;

/// Calls.
impl Session {
    /// Calls a function. The handle reads what it returns: [`TypedHandle::decode`].
    ///
    /// # Errors
    ///
    /// As [`invoke_raw`](Self::invoke_raw); also if the function has no form on the wire.
    pub fn invoke<F: Function>(&mut self, function: F) -> Result<TypedHandle<F>, InvokeError> {
        self.invoke_with(function, InvokeOptions::default())
    }

    /// Calls a function in a certain way.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub fn invoke_with<F: Function>(
        &mut self,
        function: F,
        options: InvokeOptions,
    ) -> Result<TypedHandle<F>, InvokeError> {
        let handle = self.invoke_raw(encode(&function)?, options)?;
        Ok(TypedHandle::new(handle, function))
    }

    /// Calls a function that is TL already. Service requests, such as `ping`, are called in the same way.
    ///
    /// # Errors
    ///
    /// When too much is queued or unanswered, or when the body is no TL object or too large.
    pub fn invoke_raw(
        &mut self,
        body: Vec<u8>,
        options: InvokeOptions,
    ) -> Result<Handle, InvokeError> {
        let Role::Client(_) = self.role else {
            return Err(InvokeError::WrongSide);
        };
        self.check_body(&body)?;
        self.check_pending(body.len())?;
        let id = ids::id_of(&body);
        let content_related = ids::is_content_related_request(id);
        let body = match options.incompressible || ids::is_service_request(id) {
            true => body,
            false => self.pack(body),
        };
        let mut message = outgoing::Message::new(Purpose::Call, body, content_related);
        message.after = options.after;
        message.quick_ack = options.quick_ack;
        Ok(self.outgoing.push(message))
    }

    /// Gives up a call: there will be no event of it any more. Returns whether it was not done yet.
    ///
    /// If it may have been sent, the server is asked not to answer it; it may be executed all the same.
    pub fn cancel(&mut self, handle: Handle) -> bool {
        if self
            .outgoing
            .get(handle)
            .is_none_or(|message| message.purpose != Purpose::Call)
        {
            return false;
        }
        if let Some(call) = self.finish(handle)
            && call.is_sent()
        {
            let drop_answer = functions::RpcDropAnswer {
                req_msg_id: call.msg_id,
            };
            self.ask(Purpose::DropAnswer, &drop_answer, true);
        }
        true
    }

    /// Initialises the connection with the calls to come, until one of them has a result: [saving client info].
    ///
    /// `around` is what stands before a call: `invokeWithLayer`, `initConnection`, both without their `query`, which is their
    /// last field.
    ///
    /// [saving client info]: https://core.telegram.org/api/invoking#saving-client-info
    pub fn set_init_connection(&mut self, around: Vec<u8>) {
        if let Role::Client(client) = &mut self.role {
            client.init_connection = Some(around);
        }
    }

    /// Binds the key of this session before any other call is made. `make` makes the call, whose content depends on its
    /// msg_id.
    pub(super) fn bind(&mut self, make: MakeBinding) -> Handle {
        let handle = self
            .outgoing
            .push(outgoing::Message::new(Purpose::Call, Vec::new(), true));
        if let Role::Client(client) = &mut self.role {
            client.binding = Some((handle, make));
        }
        handle
    }

    /// Whether a call has to wait until the key is bound.
    pub(super) fn waits_for_binding(&self, handle: Handle, purpose: &Purpose) -> bool {
        match &self.role {
            Role::Client(client) => client.binding.as_ref().is_some_and(|(binding, _)| {
                *purpose == Purpose::Call
                    && handle != *binding
                    && self.outgoing.get(*binding).is_some()
            }),
            Role::Server(_) => false,
        }
    }

    /// Makes the call that binds the key, when its msg_id is known.
    pub(super) fn make_binding(&mut self, handle: Handle, msg_id: i64) {
        let envelope = BindEnvelope {
            msg_id,
            session_id: self.session_id,
        };
        if let Role::Client(client) = &mut self.role
            && let Some((binding, make)) = &mut client.binding
            && *binding == handle
        {
            let body = make(envelope, &mut self.random);
            self.outgoing.set_body(handle, body);
        }
    }

    /// What initialises the connection, if this call has to.
    pub(super) fn init_connection(&self, message: &outgoing::Message) -> Option<&[u8]> {
        let Role::Client(client) = &self.role else {
            return None;
        };
        let is_of_api = message.purpose == Purpose::Call
            && !ids::is_service_request(ids::id_of(&message.body))
            && ids::id_of(&message.body) != ids::BIND_TEMP_AUTH_KEY;
        client.init_connection.as_deref().filter(|_| is_of_api)
    }

    /// Says over HTTP how long the server may hold back its response, in milliseconds: [http_wait].
    ///
    /// [http_wait]: https://core.telegram.org/mtproto/service_messages#http-wait-long-poll
    pub fn http_wait(&mut self, max_delay: i32, wait_after: i32, max_wait: i32) {
        self.say(&types::HttpWait {
            max_delay,
            wait_after,
            max_wait,
        });
    }

    pub(super) fn check_body(&self, body: &[u8]) -> Result<(), InvokeError> {
        let (len, limit) = (body.len(), MAX_BODY_BYTES);
        if len < 4 || !len.is_multiple_of(4) {
            Err(InvokeError::NoObject { len })
        } else if len > limit {
            Err(InvokeError::TooLarge { len, limit })
        } else {
            Ok(())
        }
    }

    pub(super) fn check_pending(&self, more_bytes: usize) -> Result<(), InvokeError> {
        let (pending, bytes) = self.outgoing.payloads();
        let is_full = pending >= self.config.max_pending
            || bytes.saturating_add(more_bytes) > self.config.max_pending_bytes;
        match is_full {
            true => Err(InvokeError::Full { pending, bytes }),
            false => Ok(()),
        }
    }

    /// Compresses an object, if that is worth it.
    pub(super) fn pack(&self, object: Vec<u8>) -> Vec<u8> {
        let packed = match object.len() >= self.config.gzip_min_bytes {
            true => gzip::pack(&object),
            false => None,
        };
        let wrapped =
            packed.and_then(|packed_data| encode_boxed(&types::GzipPacked { packed_data }).ok());
        wrapped.unwrap_or(object)
    }

    /// Asks the server something on behalf of the session itself.
    pub(super) fn ask<F: Function>(
        &mut self,
        purpose: Purpose,
        function: &F,
        content_related: bool,
    ) -> Option<Handle> {
        let body = encode(function).ok()?;
        Some(
            self.outgoing
                .push(outgoing::Message::new(purpose, body, content_related)),
        )
    }
}
